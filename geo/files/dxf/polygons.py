"""Polygons closed from the lines of a drawing's boundary layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from geo.crs import vn
from geo.files.dxf.drawing import Line

SNAP_M = 0.05
"""Ends of lines closer than this are one point: the gap a hand leaves at 1:500."""


def polygons_of(lines: list[Line], notes: list[tuple[str, str]]) -> list[Any]:
    """The polygons that `lines` draw or close; what was bridged or hangs loose goes to `notes`."""
    return _rings(lines) if all(line.closed for line in lines) else _faces(lines, notes)


def _rings(lines: Iterable[Line]) -> list[Any]:
    """Polygons as drawn: each closed line its own; a ring drawn twice counts once."""
    rings = shapely.polygons([shapely.linearrings(line.points) for line in lines])
    canonical = shapely.to_wkb(shapely.normalize(rings))
    _, first = np.unique(canonical, return_index=True)
    return list(rings[np.sort(first)])


def _faces(lines: Iterable[Line], notes: list[tuple[str, str]]) -> list[Any]:
    """The faces that lines close, gaps of at most `SNAP_M` bridged, what hangs loose reported."""
    edges = _noded(shapely.linestrings(line.points) for line in lines)
    bridges = _bridges(edges)
    if bridges:
        edges = _noded([*edges, *bridges])
        notes.append(
            (
                "gaps_snapped",
                f"Đã nối {vn(len(bridges), 0)} chỗ hở không quá {vn(SNAP_M * 100, 0)} cm",
            )
        )
    polygons, cuts, dangles, broken = shapely.polygonize_full(edges)
    loose = [
        part
        for part in (*dangles.geoms, *cuts.geoms, *broken.geoms)
        if shapely.length(part) > SNAP_M
    ]
    if loose:
        at = shapely.get_coordinates(loose[0])[0]
        notes.append(
            (
                "dangles",
                f"{vn(len(loose), 0)} đoạn đường không khép thành thửa (hở quá "
                f"{vn(SNAP_M * 100, 0)} cm), đoạn đầu ở tọa độ {vn(at[0], 2)}; {vn(at[1], 2)}: "
                "xem lại bản vẽ",
            )
        )
    return list(polygons.geoms)


def _noded(lines: Iterable[Any]) -> list[Any]:
    """Lines cut at every crossing, points within 1 mm one."""
    union = shapely.union_all(list(lines), grid_size=0.001)
    parts = shapely.get_parts(union)
    return list(parts[shapely.get_type_id(parts) == 1])


def _bridges(edges: list[Any]) -> list[Any]:
    """A short line from each loose end to what lies nearest within `SNAP_M`."""
    if not edges:
        return []
    counts = np.fromiter((shapely.get_num_coordinates(edge) for edge in edges), dtype=np.int64)
    coordinates = shapely.get_coordinates(edges)
    last = np.cumsum(counts) - 1
    ends = np.concatenate([coordinates[last - counts + 1], coordinates[last]])
    owner = np.tile(np.arange(len(edges)), 2)
    _, place, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(times[place.ravel()] == 1)
    if not len(loose):
        return []
    points = shapely.points(ends[loose])
    tree, other_ends = shapely.STRtree(edges), shapely.STRtree(points)
    found: dict[int, tuple[float, Any]] = {}
    # First to another loose end, then to any other line; an edge's own far end may be met.
    for a, b in other_ends.query(points, predicate="dwithin", distance=SNAP_M).T:
        if a != b:
            _nearer(found, int(a), points[a], points[b])
    for a, edge in tree.query(points, predicate="dwithin", distance=SNAP_M).T:
        if a not in found and owner[loose[a]] != edge:
            target = shapely.get_point(shapely.shortest_line(edges[edge], points[a]), 0)
            _nearer(found, int(a), points[a], target)
    return [
        shapely.linestrings([*points[at].coords, *target.coords])
        for at, (_, target) in found.items()
    ]


def _nearer(found: dict[int, tuple[float, Any]], at: int, point: Any, target: Any) -> None:
    distance = float(shapely.distance(point, target))
    if distance > 0 and (at not in found or distance < found[at][0]):
        found[at] = (distance, target)
