"""Sizes of shapes, in metres and square metres of the plane they are in.

Legal areas are areas of the VN-2000 / TM-3 plane (0.99981 of the ellipsoid's at Móng Cái), never
of Web Mercator (1.16). Every function takes an array of shapely geometries in a metric CRS and
returns a float array of the same length; a missing geometry measures nan.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Geometries: TypeAlias = npt.NDArray[np.object_]
Floats: TypeAlias = npt.NDArray[np.float64]


def area_m2(geometries: Geometries) -> Floats:
    """Plane area."""
    return np.asarray(shapely.area(geometries), dtype=np.float64)


def perimeter_m(geometries: Geometries) -> Floats:
    """Length of all rings."""
    return np.asarray(shapely.length(geometries), dtype=np.float64)


def mean_width_m(geometries: Geometries) -> Floats:
    """Twice area by perimeter: the width of a long strip, half the side of a square.

    >>> mean_width_m(np.array([shapely.box(0, 0, 1000, 0.2)])).round(2).tolist()
    [0.2]
    """
    perimeter = perimeter_m(geometries)
    width = np.full(len(perimeter), np.nan)
    np.divide(2 * area_m2(geometries), perimeter, out=width, where=perimeter > 0)
    return width


def bounds(geometries: Geometries) -> Floats:
    """(n, 4) min x, min y, max x, max y; nan where a geometry is missing or empty."""
    return np.asarray(shapely.bounds(geometries), dtype=np.float64)


def total_bounds(boxes: Floats) -> tuple[float, float, float, float] | None:
    """The box around (n, 4) boxes, or None when none is finite."""
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(finite):
        return None
    west, south = finite[:, :2].min(axis=0)
    east, north = finite[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def distance_outside_m(boxes: Floats, limits: tuple[float, float, float, float]) -> Floats:
    """How far each box reaches beyond `limits`: 0 inside, infinite where not finite."""
    west, south, east, north = limits
    with np.errstate(invalid="ignore"):
        over = np.column_stack(
            [west - boxes[:, 0], south - boxes[:, 1], boxes[:, 2] - east, boxes[:, 3] - north]
        )
    far = np.maximum(over.max(axis=1), 0.0)
    return np.where(np.isfinite(boxes).all(axis=1), far, np.inf)


def tiles(boxes: Floats, limit: int) -> list[npt.NDArray[np.intp]]:
    """Split box indices into groups of neighbours of at most `limit` (k-d split by centres).

    Work on one group at a time keeps memory bounded however many shapes there are.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    done: list[npt.NDArray[np.intp]] = []
    todo = [np.flatnonzero(np.isfinite(boxes).all(axis=1))]
    while todo:
        group = todo.pop()
        if len(group) <= limit:
            if len(group):
                done.append(group)
            continue
        spread = np.ptp(centres[group], axis=0)
        order = np.argpartition(centres[group, int(spread.argmax())], len(group) // 2)
        todo += [group[order[: len(group) // 2]], group[order[len(group) // 2 :]]]
    return done
