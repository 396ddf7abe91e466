"""Passing a road or a canal through the parcels: cheapest passage, must-clear, chainage.

Two views of one corridor. As a graph (numbering as in `geo.contiguity`): from the parcels at one
end, `sources`, to those at the other, `targets`. As a line with chainage: metres from the start
of the alignment, each parcel an interval or several.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, dijkstra

# csgraph reads a weight of 0 as "no edge": every step costs this much more, which also prefers
# the passage of fewer parcels among equals.
STEP_COST = 1e-6
# Chainages closer than this are one point: pieces cut at a shared boundary meet.
SAME_POINT_M = 1e-6

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class CorridorBroken(ValueError):
    """The two ends are not connected through any parcels: the project's geometry has a hole."""


class Passage(NamedTuple):
    """The cheapest way through: its `cost` and the `parcels` to clear on it, in order."""

    cost: float
    parcels: Ints


class Clearance(NamedTuple):
    """A line of `length_m`: its clear stretches, [start, end] metres (S, 2)."""

    length_m: float
    stretches_m: Floats

    @property
    def clear_ratio(self) -> float | None:
        """Share of the line that is clear; None for a line without length."""
        clear = float(np.diff(self.stretches_m, axis=1).sum())
        return clear / self.length_m if self.length_m > 0 else None

    @property
    def longest_m(self) -> float:
        return float(np.diff(self.stretches_m, axis=1).max(initial=0.0))


class Marginal(NamedTuple):
    """What clearing one parcel adds: to the `clear_m` of the line, to its `longest_m` stretch."""

    clear_m: float
    longest_m: float


def cheapest_passage(
    cost: Floats, cleared: Bools, pairs: Ints, sources: Ints, targets: Ints
) -> Passage:
    """Return the passage whose uncleared parcels cost least; cleared ones cost nothing.

    `cost` (N,) is what clearing a parcel takes: households, or days of work left. Raises
    CorridorBroken when the ends aren't connected.
    """
    count = len(cost)
    price = np.where(cleared, 0.0, cost) + STEP_COST
    begin, finish = count, count + 1
    head = np.r_[pairs[:, 0], pairs[:, 1], np.full(len(sources), begin), targets]
    tail = np.r_[pairs[:, 1], pairs[:, 0], sources, np.full(len(targets), finish)]
    weight = np.r_[price, 0.0, STEP_COST][tail]
    graph = coo_array((weight, (head, tail)), shape=(count + 2, count + 2)).tocsr()
    distance, before = dijkstra(graph, indices=begin, return_predecessors=True)
    if not np.isfinite(distance[finish]):
        raise CorridorBroken
    path = _walk(before, begin, finish)[1:-1]
    to_clear = path[~cleared[path]]
    return Passage(float(np.asarray(cost, dtype=float)[to_clear].sum()), to_clear)


def must_clear(cleared: Bools, pairs: Ints, sources: Ints, targets: Ints) -> Ints:
    """Return the uncleared parcels that no passage can avoid, in order from the sources.

    Walks one passage; a parcel of it can be avoided exactly when the rest of the graph, or a
    chord, joins the passage before it to the passage after it. O(V + E).
    """
    count = len(cleared)
    begin, finish = count, count + 1
    first = np.r_[pairs[:, 0], np.full(len(sources), begin), targets]
    second = np.r_[pairs[:, 1], sources, np.full(len(targets), finish)]
    graph = _graph(first, second, count + 2)
    _, before = breadth_first_order(graph, begin, directed=False)
    if before[finish] < 0:
        raise CorridorBroken
    path = _walk(before, begin, finish)
    place = np.full(count + 2, -1, dtype=np.intp)
    place[path] = np.arange(len(path))

    on_path = place >= 0
    chords = on_path[first] & on_path[second]
    low = np.minimum(place[first[chords]], place[second[chords]])
    high = np.maximum(place[first[chords]], place[second[chords]])
    off = ~on_path[first] & ~on_path[second]
    _, piece = connected_components(_graph(first[off], second[off], count + 2), directed=False)
    touching = on_path[first] != on_path[second]
    joint = np.where(on_path[first], first, second)[touching]
    outside = np.where(on_path[first], second, first)[touching]
    lowest = np.full(count + 2, len(path), dtype=np.intp)
    highest = np.full(count + 2, -1, dtype=np.intp)
    np.minimum.at(lowest, piece[outside], place[joint])
    np.maximum.at(highest, piece[outside], place[joint])
    spans = highest > lowest
    low, high = np.r_[low, lowest[spans]], np.r_[high, highest[spans]]

    # +1 just after a detour leaves the path, -1 where it is back: 0 is a parcel without detour.
    detours = np.zeros(len(path) + 1, dtype=np.intp)
    np.add.at(detours, low + 1, 1)
    np.add.at(detours, high, -1)
    needed = path[(np.cumsum(detours)[:-1] == 0) & (path < count)]
    pending: Ints = needed[~cleared[needed]]
    return pending


def chainage(
    alignment: shapely.LineString | shapely.MultiLineString, polygons: NDArray[np.object_]
) -> list[Floats]:
    """Return, for each polygon, the stretches [start, end] (S, 2) of `alignment` inside it.

    Metres from the alignment's start, in the CRS of both; the parts of a MultiLineString follow
    one another without the gap between them. Works segment by segment, so that an alignment
    that crosses itself or turns back is measured rightly.
    """
    points, part = shapely.get_coordinates(shapely.get_parts(alignment), return_index=True)
    same_part = part[1:] == part[:-1]
    begins = points[:-1][same_part]
    legs = shapely.linestrings(np.stack([begins, points[1:][same_part]], axis=1))
    offsets = np.r_[0.0, np.cumsum(shapely.length(legs))]
    polygons = np.asarray(polygons, dtype=object)
    parcel, leg = shapely.STRtree(legs).query(polygons, predicate="intersects")
    pieces, of_piece = shapely.get_parts(
        shapely.intersection(legs[leg], polygons[parcel]), return_index=True
    )
    lines = shapely.get_type_id(pieces) == shapely.GeometryType.LINESTRING
    pieces, of_piece = pieces[lines], of_piece[lines]
    origin, base = begins[leg[of_piece]], offsets[leg[of_piece]]
    ends = [shapely.get_coordinates(shapely.get_point(pieces, at)) for at in (0, -1)]
    metres = np.stack([base + np.hypot(*(end - origin).T) for end in ends], axis=1)
    metres.sort(axis=1)
    owner = parcel[of_piece]
    return [_merge(metres[owner == index]) for index in range(len(polygons))]


def clearance(length_m: float, blocked: list[Floats]) -> Clearance:
    """Return the clear stretches of a line whose uncleared parcels hold the stretches `blocked`.

    >>> clearance(100.0, [np.array([[10.0, 20.0]]), np.array([[15.0, 40.0]])]).stretches_m
    array([[  0.,  10.],
           [ 40., 100.]])
    """
    held = _merge(np.concatenate([np.empty((0, 2)), *blocked]).clip(0, length_m))
    edges = np.column_stack([np.r_[0.0, held[:, 1]], np.r_[held[:, 0], length_m]])
    return Clearance(length_m, edges[edges[:, 1] - edges[:, 0] > SAME_POINT_M])


def marginals(length_m: float, blocked: list[Floats]) -> list[Marginal]:
    """Return what clearing each of the uncleared parcels alone adds to the line.

    Not additive: metres held by two parcels are gained only when both are cleared.
    """
    now = clearance(length_m, blocked)
    clear_m = float(np.diff(now.stretches_m, axis=1).sum())
    result = []
    for index in range(len(blocked)):
        then = clearance(length_m, blocked[:index] + blocked[index + 1 :])
        gained_m = float(np.diff(then.stretches_m, axis=1).sum()) - clear_m
        result.append(Marginal(gained_m, then.longest_m - now.longest_m))
    return result


def _merge(stretches: Floats) -> Floats:
    """Join stretches (S, 2) that overlap or touch, in order."""
    if not len(stretches):
        return stretches.reshape(0, 2)
    stretches = stretches[np.argsort(stretches[:, 0], kind="stable")]
    reached = np.maximum.accumulate(stretches[:, 1])
    starts = np.r_[True, stretches[1:, 0] > reached[:-1] + SAME_POINT_M]
    return np.column_stack([stretches[starts, 0], reached[np.r_[starts[1:], True]]])


def _walk(before: NDArray[np.integer], begin: int, finish: int) -> Ints:
    """Follow predecessors back from `finish` and return the path from `begin`."""
    path = [finish]
    while path[-1] != begin:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], dtype=np.intp)


def _graph(first: Ints, second: Ints, count: int) -> coo_array:
    return coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
