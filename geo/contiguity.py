"""Contiguous clear land: its blocks, and what clearing one more parcel joins.

Parcels are numbered 0..N-1; `pairs` (E, 2) are the neighbours of `geo.adjacency`; `area_m2` (N,)
lies inside the project's boundary; `cleared` (N,) is True where the land has been handed over.
`passable` (N,) marks lanes: they join the cleared land on their sides and add no area.
Corridors are in `geo.corridor`. Definitions: docs/decisions/0005-land-that-blocks.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

MIN_BLOCK_M2 = 1000.0
# Sums of areas made in another order differ by rounding: a gain is compared to the mm2.
AREA_DIGITS = 6

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Blocks(NamedTuple):
    """Cleared land by block: `label` (N,) block of each parcel or -1; `block_m2` (K,) areas."""

    label: Ints
    block_m2: Floats

    @property
    def cleared_m2(self) -> float:
        return float(self.block_m2.sum())

    @property
    def largest_m2(self) -> float:
        return float(self.block_m2.max(initial=0.0))

    @property
    def fragmentation(self) -> float | None:
        """Largest block over all cleared land: 1 is one block; None while nothing is cleared."""
        return self.largest_m2 / self.cleared_m2 if self.cleared_m2 > 0 else None

    def usable_m2(self, min_block_m2: float = MIN_BLOCK_M2) -> float:
        """Return the area of the blocks large enough to start building on."""
        return float(self.block_m2[self.block_m2 >= min_block_m2].sum())


class Gains(NamedTuple):
    """What clearing each parcel alone would add, m2 (N,); 0 for parcels already clear."""

    largest_m2: Floats
    usable_m2: Floats


class Pick(NamedTuple):
    """A parcel in the order of `unlocking_order` and what it adds at its turn, m2."""

    parcel: int
    largest_m2: float
    usable_m2: float


def blocks(area_m2: Floats, cleared: Bools, pairs: Ints, passable: Bools | None = None) -> Blocks:
    """Return the connected components of the cleared parcels.

    >>> import numpy as np
    >>> line = np.array([[0, 1], [1, 2]])
    >>> blocks(np.array([400.0, 50.0, 900.0]), np.array([True, False, True]), line).block_m2
    array([400., 900.])
    """
    joined = cleared if passable is None else cleared | passable
    inside = joined[pairs].all(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
    first, second = pairs[inside].T if len(pairs) else (pairs[:, 0], pairs[:, 1])
    count = len(area_m2)
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    label = np.full(count, -1, dtype=np.intp)
    names, label[joined] = np.unique(component[joined], return_inverse=True)
    counted = np.where(cleared, area_m2, 0.0)
    block_m2: Floats = np.bincount(label[joined], counted[joined], len(names)).astype(float)
    return Blocks(label, block_m2)


def gains(
    area_m2: Floats,
    cleared: Bools,
    pairs: Ints,
    *,
    min_block_m2: float = MIN_BLOCK_M2,
    passable: Bools | None = None,
) -> Gains:
    """Return g(u) = max(L, a_u + cleared blocks touching u) - L and the same of usable area.

    One pass over the pairs. Blocks that touch `u` several times count once.
    """
    return _Board(area_m2, cleared, pairs, min_block_m2, passable).gains()


def unlocking_order(
    area_m2: Floats,
    cleared: Bools,
    pairs: Ints,
    *,
    households: NDArray[np.number] | None = None,
    deadline: NDArray[np.number] | None = None,
    picks: int = 20,
    min_block_m2: float = MIN_BLOCK_M2,
    passable: Bools | None = None,
) -> list[Pick]:
    """Rank the parcels not cleared by gain per household, greedily: each pick is then cleared.

    Effects are not additive, so the gains are taken anew after each of the first `picks`; the
    rest follow by their gain after those. Finding the best set of k parcels is NP-hard: this
    order is a good one, not the best one. Ties: earlier `deadline` (days, any origin; infinity
    for none), fewer `households`, lower number.
    """
    count = len(area_m2)
    homes = np.zeros(count) if households is None else np.asarray(households, dtype=float)
    due = np.full(count, np.inf) if deadline is None else np.asarray(deadline, dtype=float)
    tie = np.empty(count, dtype=np.intp)
    tie[np.lexsort((np.arange(count), homes, due))] = np.arange(count)
    board = _Board(area_m2, cleared, pairs, min_block_m2, passable)
    order: list[Pick] = []
    while board.pending.any():
        gain = board.gains()
        score = np.round(gain.largest_m2, AREA_DIGITS) / np.maximum(1, homes)
        waiting = np.flatnonzero(board.pending)
        if len(order) < picks:
            best = waiting[score[waiting] == score[waiting].max()]
            taken = best[[np.argmin(tie[best])]]
        else:
            taken = waiting[np.lexsort((tie[waiting], -score[waiting]))]
        order += map(
            Pick,
            taken.tolist(),
            gain.largest_m2[taken].tolist(),
            gain.usable_m2[taken].tolist(),
        )
        if len(taken) == len(waiting):
            break
        board.clear(int(taken[0]))
    return order


class _Board:
    """Blocks and the pending parcels that touch them, kept up to date while parcels clear."""

    def __init__(
        self,
        area_m2: Floats,
        cleared: Bools,
        pairs: Ints,
        min_block_m2: float,
        passable: Bools | None,
    ) -> None:
        start = blocks(area_m2, cleared, pairs, passable)
        self.area_m2 = np.asarray(area_m2, dtype=float)
        self.min_block_m2 = min_block_m2
        self.pending = ~cleared
        # A lane is already part of the blocks it joins, with no area, until it is cleared too.
        self.label = start.label.copy()
        self.block_m2 = np.r_[start.block_m2, np.zeros(int(self.pending.sum()))]
        self.used = len(start.block_m2)
        self.largest_m2 = start.largest_m2
        both = np.r_[pairs, pairs[:, ::-1]] if len(pairs) else pairs
        both = both[self.pending[both[:, 0]]]
        self.links = both[np.argsort(both[:, 0], kind="stable")]
        self.first_link = np.searchsorted(self.links[:, 0], np.arange(len(area_m2) + 1))
        own = np.flatnonzero(self.pending & (self.label >= 0))
        touched = self.label[self.links[:, 1]]
        parcel = np.r_[self.links[touched >= 0, 0], own]
        block = np.r_[touched[touched >= 0], self.label[own]]
        self.parcel, self.block = self._distinct(parcel, block)
        self._sum(np.ones(len(self.area_m2), dtype=bool))

    def _distinct(self, parcel: Ints, block: Ints) -> tuple[Ints, Ints]:
        """Return each (pending parcel, block that touches it) once."""
        parcel_, block_ = np.divmod(
            np.unique(parcel * len(self.block_m2) + block), max(len(self.block_m2), 1)
        )
        return parcel_, block_

    def _sum(self, changed: Bools) -> None:
        """Add up, for the parcels `changed`, the blocks that touch them."""
        rows = changed[self.parcel]
        parcel, around = self.parcel[rows], self.block_m2[self.block[rows]]
        count = len(self.area_m2)
        usable = np.where(around >= self.min_block_m2, around, 0.0)
        around_m2 = np.bincount(parcel, around, minlength=count)
        usable_m2 = np.bincount(parcel, usable, minlength=count)
        if changed.all():
            self.around_m2, self.usable_around_m2 = around_m2, usable_m2
        else:
            self.around_m2[changed] = around_m2[changed]
            self.usable_around_m2[changed] = usable_m2[changed]

    def gains(self) -> Gains:
        merged = self.area_m2 + self.around_m2
        largest = np.maximum(merged, self.largest_m2) - self.largest_m2
        usable = np.where(merged >= self.min_block_m2, merged, 0.0) - self.usable_around_m2
        return Gains(np.where(self.pending, largest, 0.0), np.where(self.pending, usable, 0.0))

    def clear(self, parcel: int) -> None:
        """Clear a pending parcel: it and the blocks that touch it become one block."""
        new, self.used = self.used, self.used + 1
        self.block_m2[new] = self.area_m2[parcel] + self.around_m2[parcel]
        self.largest_m2 = max(self.largest_m2, float(self.block_m2[new]))
        self.pending[parcel] = False
        merged = np.zeros(len(self.block_m2), dtype=bool)
        merged[self.block[self.parcel == parcel]] = True
        neighbours = self.links[self.first_link[parcel] : self.first_link[parcel + 1], 1]
        neighbours = neighbours[self.pending[neighbours]]
        touches = merged[self.block]
        changed = np.zeros(len(self.area_m2), dtype=bool)
        changed[self.parcel[touches]] = True
        changed[neighbours] = True
        changed &= self.pending
        stays = ~touches & self.pending[self.parcel]
        joined = np.flatnonzero(changed)
        self.parcel = np.r_[self.parcel[stays], joined]
        self.block = np.r_[self.block[stays], np.full(len(joined), new, dtype=np.intp)]
        self._sum(changed)
