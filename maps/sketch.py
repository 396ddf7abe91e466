"""A small map drawn as one SVG: a household's land on its page and on paper, without JavaScript.

Shapes come in metres of one plane; what leaves is path data in a y-down frame of whole decimetres
around them, for a template to draw. Names and classes of the shapes are the caller's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

# Lengths a scale bar may stand for, metres.
BARS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True)
class Shape:
    """One geometry: its SVG path, and where its label stands. Numbers are text as SVG wants it."""

    path: str
    x: str
    y: str


@dataclass(frozen=True)
class Sketch:
    """Path data of the shapes, the frame they stand in, and a scale bar.

    `view_box` is 0 0 width height in units of 0.1 m; `text` is a fitting height of labels; the
    path `bar` is `bar_m` metres long and its words stand at (`bar_x`, `bar_y`).
    """

    shapes: tuple[Shape, ...]
    view_box: str
    text: str
    bar_m: int
    bar: str
    bar_x: str
    bar_y: str


def sketch(
    geometries: Sequence[object] | NDArray[np.object_], *, ratio: float = 1.6, margin: float = 0.12
) -> Sketch | None:
    """Return polygons (shapely, metres) drawn in a frame of width : height = `ratio`.

    Empty and missing ones get an empty path; None when there is nothing to draw.

    >>> drawn = sketch([shapely.box(0, 0, 40, 20)])
    >>> drawn.shapes[0].path, drawn.bar_m
    ('M448.0 255.0L448.0 55.0L48.0 55.0L48.0 255.0Z', 10)
    """
    rows = np.asarray(geometries, dtype=object)
    if not any(row is not None and not row.is_empty for row in rows):
        return None
    west, south, east, north = shapely.total_bounds(rows)
    span_x, span_y = max(east - west, 1.0), max(north - south, 1.0)
    width = max(span_x, span_y * ratio) * (1 + 2 * margin)
    height = max(span_y, span_x / ratio) * (1 + 2 * margin)
    left, top = (west + east - width) / 2, (south + north + height) / 2
    length = max((bar for bar in BARS_M if bar <= width / 4), default=BARS_M[0])
    text, bar_x, bar_y = height * 0.6, width * 0.3, height * 9.7
    return Sketch(
        shapes=tuple(_shape(row, left, top) for row in rows),
        view_box=f"0 0 {width * 10:.1f} {height * 10:.1f}",
        text=f"{text:.1f}",
        bar_m=length,
        bar=f"M{bar_x:.1f} {bar_y - text / 2:.1f}V{bar_y:.1f}h{length * 10}v{-text / 2:.1f}",
        bar_x=f"{bar_x + length * 10 + text / 2:.1f}",
        bar_y=f"{bar_y:.1f}",
    )


def _shape(geometry: shapely.Geometry | None, left: float, top: float) -> Shape:
    if geometry is None or geometry.is_empty:
        return Shape("", "", "")
    rings = [
        ring
        for polygon in shapely.get_parts(geometry)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    path = "".join(_ring(shapely.get_coordinates(ring), left, top) for ring in rings)
    at = shapely.point_on_surface(geometry)
    return Shape(path, f"{(at.x - left) * 10:.1f}", f"{(top - at.y) * 10:.1f}")


def _ring(xy: NDArray[np.float64], left: float, top: float) -> str:
    x, y = (xy[:-1, 0] - left) * 10, (top - xy[:-1, 1]) * 10
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z"
