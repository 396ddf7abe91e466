"""Which pending land blocks: the answer on any set of parcels, a project's or a file's.

No database here: `gpmb.analysis.project_land` and `gpmb.analysis.parcel_file` bring the land.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.contiguity import (
    MIN_BLOCK_M2,
    Blocks,
    Gains,
    Pick,
    blocks,
    gains,
    unlocking_order,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

# So many gains are taken anew, one pick after the other; nobody reads further down the list.
PICKS = 100

NOTHING_PENDING = "Toàn bộ diện tích đã bàn giao: không còn phần đất nào cản trở."
NOTHING_CLEARED = (
    "Chưa có phần đất nào bàn giao: mức mở thông là diện tích của chính từng phần đất."
)
NO_LAND = "Chưa có phần đất nào có ranh giới: hãy nhập thửa đất của dự án trước."


@dataclass(frozen=True)
class Land:
    """Parcels with what is cleared among them; arrays of one length N, `pairs` (E, 2).

    `ids` name the parcels to the reader; `due` is the next legal deadline (ordinal day, infinity
    for none). With lanes, `lane_pairs` (F, 2) face each other over ground without a parcel, and
    `lanes` (N,) are parcels of roads, driven through though not handed over.
    """

    ids: Sequence[str]
    area_m2: Floats
    cleared: Bools
    households: Ints
    pairs: Ints
    due: Floats | None = None
    lanes: Bools | None = None
    lane_pairs: Ints | None = None

    def clearing(self, chosen: Bools) -> Land:
        """Return the same land with `chosen` (N,) cleared too."""
        return replace(self, cleared=self.cleared | chosen)

    def blocks(self, *, with_lanes: bool = False) -> Blocks:
        return blocks(self.area_m2, self.cleared, *self._joints(with_lanes))

    def gains(self, *, min_block_m2: float = MIN_BLOCK_M2, with_lanes: bool = False) -> Gains:
        pairs, passable = self._joints(with_lanes)
        return gains(
            self.area_m2, self.cleared, pairs, min_block_m2=min_block_m2, passable=passable
        )

    def order(
        self,
        *,
        picks: int = PICKS,
        min_block_m2: float = MIN_BLOCK_M2,
        with_lanes: bool = False,
    ) -> list[Pick]:
        """Return the pending parcels, those that unlock most for each household first."""
        pairs, passable = self._joints(with_lanes)
        return unlocking_order(
            self.area_m2,
            self.cleared,
            pairs,
            households=self.households,
            deadline=self.due,
            picks=picks,
            min_block_m2=min_block_m2,
            passable=passable,
        )

    def _joints(self, with_lanes: bool) -> tuple[Ints, Bools | None]:
        """Return what joins cleared parcels: the pairs, and the parcels that are passable."""
        if not with_lanes or self.lane_pairs is None:
            return self.pairs, self.lanes if with_lanes else None
        return np.concatenate([self.pairs, self.lane_pairs]), self.lanes

    @property
    def reason(self) -> str | None:
        """Why the figures are poor, in a sentence; None when they speak for themselves."""
        if not len(self.area_m2):
            return NO_LAND
        if self.cleared.all():
            return NOTHING_PENDING
        return None if self.cleared.any() else NOTHING_CLEARED


def answer(
    land: Land,
    *,
    project: str | None,
    as_of: dt.date | None,
    min_block_m2: float = MIN_BLOCK_M2,
) -> dict[str, Any]:
    """Return the figures and the pending parcels as the commands write them.

    Rows stand in the greedy order; a row's gains are those of clearing it alone, today.
    """
    found = land.blocks()
    alone = land.gains(min_block_m2=min_block_m2)
    order = land.order(min_block_m2=min_block_m2)
    return {
        "project": project,
        "as_of": as_of.isoformat() if as_of else None,
        "cleared_m2": _round(found.cleared_m2),
        "largest_m2": _round(found.largest_m2),
        "usable_m2": _round(found.usable_m2(min_block_m2)),
        "fragmentation": found.fragmentation,
        "rows": [
            {
                "taking": land.ids[pick.parcel],
                "gain_m2": _round(alone.largest_m2[pick.parcel]),
                "usable_gain_m2": _round(alone.usable_m2[pick.parcel]),
                "households": int(land.households[pick.parcel]),
            }
            for pick in order
        ],
        "reason": land.reason,
    }


def _round(area_m2: float) -> float:
    """Areas are documented to 0.01 m²."""
    return round(float(area_m2), 2)
