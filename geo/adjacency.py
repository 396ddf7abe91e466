"""Find which parcels share a boundary.

Two parcels are neighbours when they share at least `min_shared_m` of boundary once vertices
within `snap_m` of the other's boundary are snapped onto it: an edge makes neighbours, a corner
does not (rook contiguity; docs/decisions/0005-land-that-blocks.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

SNAP_M = 0.05
MIN_SHARED_M = 0.5
# A village lane or a dike with its verges; wider ground (a road, a canal) parts the land.
LANE_M = 6.0
# Coordinates of seven digits carry about 1e-9 m of rounding: "exactly 5 cm" must pass.
ROUNDING_M = 1e-6
# Segments looked up at once: bounds the memory of the candidate pairs to some 100 MB.
CHUNK = 200_000

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


class Adjacency(NamedTuple):
    """Neighbouring pairs: `pairs` (E, 2) positions with a < b, sorted; `shared_m` (E,) metres."""

    pairs: Ints
    shared_m: Floats


class _Segments(NamedTuple):
    """Boundary segments: `owner` (S,) position of the polygon, `start` and `end` (S, 2)."""

    owner: Ints
    start: Floats
    end: Floats


def adjacency(
    polygons: NDArray[np.object_],
    *,
    snap_m: float = SNAP_M,
    min_shared_m: float = MIN_SHARED_M,
) -> Adjacency:
    """Return the pairs of `polygons` (N,) that share at least `min_shared_m` of boundary.

    Polygons and multipolygons in a metric CRS; missing and empty ones have no neighbours.
    Holes count: a parcel that fills another's hole is its neighbour. A stretch is shared when
    both its ends are within `snap_m` of the other's boundary, so two boundaries that only
    diverge from a corner share nothing. Parcels overlapping by more than `snap_m` are an error
    of the survey (`geo.checks`), not neighbours.

    >>> grid = shapely.box([0, 10.03, 10.03], [0, 0, 10], [10, 20, 20], [10, 10, 20])
    >>> adjacency(grid).pairs.tolist()   # the 3 cm gap is closed; 0 and 2 only meet in a corner
    [[0, 1], [1, 2]]
    """
    segments = _segments(np.asarray(polygons, dtype=object))
    found = _shared(segments, _candidates(segments, snap_m), snap_m)
    return _pairs(segments, found, len(polygons), min_shared_m)


def across_lanes(
    polygons: NDArray[np.object_],
    *,
    lane_m: float = LANE_M,
    snap_m: float = SNAP_M,
    min_shared_m: float = MIN_SHARED_M,
) -> Adjacency:
    """Return the pairs of `polygons` (N,) that face each other over a lane up to `lane_m` wide.

    A lane is ground without a parcel. Two parcels face each other where `min_shared_m` or more
    of their free boundary (no neighbour's) runs within `lane_m` of the other's, with no third
    parcel between. Pairs that share a boundary are neighbours (`adjacency`), not listed here.
    """
    polygons = np.asarray(polygons, dtype=object)
    segments = _segments(polygons)
    close = list(_candidates(segments, snap_m))
    near = _shared(segments, close, snap_m)
    mirrored = _shared(segments, [(second, first) for first, second in close], snap_m)
    covered = np.zeros(len(segments.owner))
    for part in (near, mirrored):
        np.add.at(covered, part.segment, part.length_m)
    length = np.hypot(*(segments.end - segments.start).T)
    open_ground = length - covered >= min_shared_m - ROUNDING_M
    free = _Segments(*(column[open_ground] for column in segments))
    facing = _shared(free, _candidates(free, lane_m), lane_m)
    count = len(polygons)
    found = _pairs(free, facing, count, min_shared_m)
    shared = _pairs(segments, near, count, min_shared_m)
    keys, known = found.pairs @ [count, 1], shared.pairs @ [count, 1]
    keep = ~np.isin(keys, known) & ~_blocked(polygons, free, facing, found.pairs)
    return Adjacency(found.pairs[keep], found.shared_m[keep])


def surroundings(boxes: Floats, tile: Ints, *, reach_m: float = LANE_M) -> Ints:
    """Return the positions (sorted) of the polygons that decide the pairs of those of a tile.

    `boxes` (N, 4) of all polygons, `tile` positions in them. `adjacency` and `across_lanes` of
    the polygons returned find the same pairs of a polygon of the tile as they find in the whole:
    every polygon in reach of the tile is among them, and every neighbour of one of those, which
    tells how much of its boundary is free.
    """
    near = _touching(boxes, _around(boxes[tile], reach_m + SNAP_M + ROUNDING_M))
    beyond = np.zeros(len(boxes), dtype=bool)
    beyond[near] = True
    candidates = _touching(boxes, _around(boxes[near], SNAP_M + ROUNDING_M))
    candidates = candidates[~beyond[candidates]]
    for position in np.setdiff1d(near, tile):
        box = _around(boxes[[position]], SNAP_M + ROUNDING_M)
        beyond[candidates[_touching(boxes[candidates], box)]] = True
    return np.flatnonzero(beyond)


def _around(boxes: Floats, margin_m: float) -> Floats:
    """The box around (n, 4) boxes, wider by a margin."""
    low, high = boxes[:, :2].min(axis=0) - margin_m, boxes[:, 2:].max(axis=0) + margin_m
    return np.concatenate([low, high])


def _touching(boxes: Floats, box: Floats) -> Ints:
    inside = (boxes[:, 0] <= box[2]) & (boxes[:, 2] >= box[0])
    inside &= (boxes[:, 1] <= box[3]) & (boxes[:, 3] >= box[1])
    return np.flatnonzero(inside)


class _Shared(NamedTuple):
    """Stretches shared: `segment` and the `other` polygon, from `low_m` to `high_m` along it.

    `length_m` is what the stretch adds to those before it, so that sums count no metre twice.
    """

    segment: Ints
    other: Ints
    low_m: Floats
    high_m: Floats
    length_m: Floats


def _shared(
    segments: _Segments, candidates: Iterable[tuple[Ints, Ints]], reach_m: float
) -> _Shared:
    parts = [_overlaps(segments, first, second, reach_m) for first, second in candidates]
    if not parts:
        none = np.empty(0, dtype=np.intp)
        return _Shared(none, none, np.empty(0), np.empty(0), np.empty(0))
    segment, other, low, high = (np.concatenate(column) for column in zip(*parts, strict=True))
    added = _union_lengths(segment, other, low, high)
    return _Shared(segment, other, low, high, added)


def _pairs(segments: _Segments, found: _Shared, count: int, min_shared_m: float) -> Adjacency:
    key = segments.owner[found.segment] * count + found.other
    keys, inverse = np.unique(key, return_inverse=True)
    shared: Floats = np.bincount(inverse, found.length_m, minlength=len(keys)).astype(float)
    keep = shared >= min_shared_m - ROUNDING_M
    pairs = np.column_stack(np.divmod(keys[keep], max(count, 1)))
    return Adjacency(pairs.astype(np.intp), shared[keep])


def _blocked(
    polygons: NDArray[np.object_], segments: _Segments, found: _Shared, pairs: Ints
) -> NDArray[np.bool_]:
    """Say for each pair whether a third polygon stands on the way over the lane.

    The way is the shortest line from the middle of the longest stretch to the other polygon.
    """
    if not len(pairs):
        return np.zeros(0, dtype=bool)
    count = len(polygons)
    key = segments.owner[found.segment] * count + found.other
    by_length = np.lexsort((-found.length_m, key))
    keys, first = np.unique(key[by_length], return_index=True)
    best = by_length[first[np.searchsorted(keys, pairs @ [count, 1])]]
    start, end = segments.start[found.segment[best]], segments.end[found.segment[best]]
    middle = (found.low_m[best] + found.high_m[best]) / 2
    share = (middle / np.hypot(*(end - start).T))[:, None]
    ways = shapely.shortest_line(
        shapely.points(start + (end - start) * share), polygons[pairs[:, 1]]
    )
    way, polygon = shapely.STRtree(polygons).query(ways, predicate="intersects")
    third = (polygon != pairs[way, 0]) & (polygon != pairs[way, 1])
    blocked = np.zeros(len(pairs), dtype=bool)
    blocked[way[third]] = True
    return blocked


def _segments(polygons: NDArray[np.object_]) -> _Segments:
    """Split the rings of every polygon into straight segments of non-zero length."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    same_ring = of_point[1:] == of_point[:-1]
    start, end = points[:-1][same_ring], points[1:][same_ring]
    owner = of_part[of_ring][of_point[:-1][same_ring]] if len(points) else of_point
    real = np.any(start != end, axis=1)
    return _Segments(owner[real].astype(np.intp), start[real], end[real])


def _candidates(segments: _Segments, snap_m: float) -> Iterator[tuple[Ints, Ints]]:
    """Pair each segment with those of later polygons whose box comes within `snap_m`."""
    low = np.minimum(segments.start, segments.end)
    high = np.maximum(segments.start, segments.end)
    reach = snap_m + ROUNDING_M
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    for begin in range(0, len(low), CHUNK):
        rows = slice(begin, begin + CHUNK)
        boxes = shapely.box(
            low[rows, 0] - reach,
            low[rows, 1] - reach,
            high[rows, 0] + reach,
            high[rows, 1] + reach,
        )
        first, second = tree.query(boxes)
        first += begin
        later = segments.owner[first] < segments.owner[second]
        yield first[later], second[later]


def _overlaps(
    segments: _Segments, first: Ints, second: Ints, snap_m: float
) -> tuple[Ints, Ints, Floats, Floats]:
    """Measure, along segment `first`, the stretch it shares with segment `second`.

    Returns the segment, the other polygon and the stretch's two ends in metres from the
    segment's start, for the pairs that share one.
    """
    origin = segments.start[first]
    along = segments.end[first] - origin
    length = np.hypot(along[:, 0], along[:, 1])
    along /= length[:, None]
    here, off = _project(segments.start[second] - origin, along)
    there, off_there = _project(segments.end[second] - origin, along)
    low = np.clip(np.minimum(here, there), 0, length)
    high = np.clip(np.maximum(here, there), 0, length)
    run = there - here
    # A segment standing square on this one projects to a point and shares nothing.
    slope = np.divide(off_there - off, run, out=np.zeros_like(run), where=run != 0)
    reach = snap_m + ROUNDING_M
    shared = (
        (high > low)
        & (np.abs(off + slope * (low - here)) <= reach)
        & (np.abs(off + slope * (high - here)) <= reach)
    )
    return first[shared], segments.owner[second[shared]], low[shared], high[shared]


def _project(points: Floats, along: Floats) -> tuple[Floats, Floats]:
    """Return the distance of `points` (P, 2) along and across unit vectors `along` (P, 2)."""
    forward = points[:, 0] * along[:, 0] + points[:, 1] * along[:, 1]
    across = points[:, 1] * along[:, 0] - points[:, 0] * along[:, 1]
    return forward, across


def _union_lengths(segment: Ints, other: Ints, low: Floats, high: Floats) -> Floats:
    """Return what each stretch adds to those before it on the same segment and neighbour.

    The stretches are sorted in place, group by group: where a neighbour is so thin that both
    its sides snap to one segment, the length is counted once.
    """
    order = np.lexsort((low, other, segment))
    for column in (segment, other, low, high):
        column[:] = column[order]
    if not len(order):
        return low
    new_group = np.r_[True, (np.diff(segment) != 0) | (np.diff(other) != 0)]
    # Shifting each group beyond the one before lets one running maximum serve them all.
    shift = np.cumsum(new_group) * (high.max() + 1)
    reached = np.maximum.accumulate(high + shift)
    before = np.r_[-np.inf, reached[:-1]]
    added: Floats = np.maximum(0, high + shift - np.maximum(low + shift, before))
    return added
