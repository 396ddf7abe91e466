"""A plan on paper: shapes in a metre plane drawn as one SVG, for a page, a PDF or a Word file.

No network, no style attributes, no identifiers: geometry and fills alone. Coordinates are metres
in the province's own plane, north up; the drawing keeps their proportions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import vl_convert

from maps import escape, fonts, palette

# What a millimetre of paper can't show is left out of the paths (units of the drawing).
TOLERANCE = 0.25
PADDING = 6.0
SCALE_LENGTHS_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


@dataclass(frozen=True)
class Layer:
    """Shapes of one look: `fill` None draws the outline alone; `dash` as in SVG."""

    shapes: Sequence[Any]
    fill: str | None = None
    stroke: str = palette.OUTLINE
    width: float = 0.4
    dash: str = ""


def svg(
    layers: Sequence[Layer], *, size: tuple[int, int], title: str, frame: Sequence[Any] = ()
) -> str:
    """Draw layers from the bottom up into `size` (width, height), with a scale bar and north.

    `frame`: the shapes that decide what is shown; all of them without it. No shape: an empty
    sheet that says so.
    """
    width, height = size
    chosen = [s for s in frame or [s for layer in layers for s in layer.shapes] if not s.is_empty]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="{fonts.FAMILY}">'
        f"<title>{escape.text(title)}</title>"
        f'<rect width="{width}" height="{height}" fill="{palette.GROUND}"/>'
    )
    if not chosen:
        words = "Chưa có ranh giới để vẽ bản đồ."
        return (
            f'{opening}<text x="{width / 2:.0f}" y="{height / 2:.0f}" text-anchor="middle" '
            f'font-size="12" fill="{palette.MUTED}">{words}</text></svg>'
        )
    place = _Place.fitting(np.asarray(chosen, dtype=object), size)
    drawn = "".join(_layer(layer, place) for layer in layers)
    return f"{opening}{drawn}{_scale_bar(place, height)}{_north(width)}</svg>"


def png(drawing: str, *, scale: float = 2.0) -> bytes:
    """Return an SVG of this module as PNG, `scale` pixels a unit."""
    if folder := fonts.folder():
        vl_convert.register_font_directory(str(folder))
    made: bytes = vl_convert.svg_to_png(drawing, scale=scale)
    return made


@dataclass(frozen=True)
class _Place:
    """Where the plane lies in the drawing: units a metre, and the shift of both axes."""

    scale: float
    left: float
    top: float

    @classmethod
    def fitting(cls, shapes: Any, size: tuple[int, int]) -> _Place:
        west, south, east, north = shapely.total_bounds(shapes)
        wide, high = (side - 2 * PADDING for side in size)
        scale = min(wide / max(east - west, 1.0), high / max(north - south, 1.0))
        left = size[0] / 2 - scale * (west + east) / 2
        top = size[1] / 2 + scale * (south + north) / 2
        return cls(scale, left, top)

    def flat(self, shapes: Sequence[Any]) -> Any:
        """Return shapes in the units of the drawing, without what can't be seen."""
        moved = shapely.transform(
            np.asarray(shapes, dtype=object),
            lambda xy: np.column_stack(
                [self.left + self.scale * xy[:, 0], self.top - self.scale * xy[:, 1]]
            ),
        )
        return shapely.simplify(moved, TOLERANCE)


def _layer(layer: Layer, place: _Place) -> str:
    if not len(layer.shapes):
        return ""
    paths = "".join(path(shape) for shape in place.flat(layer.shapes))
    dash = f' stroke-dasharray="{layer.dash}"' if layer.dash else ""
    return (
        f'<path fill="{layer.fill or "none"}" fill-rule="evenodd" stroke="{layer.stroke}" '
        f'stroke-width="{layer.width}" stroke-linejoin="round"{dash} d="{paths}"/>'
    )


def path(shape: Any) -> str:
    """Return a (multi)polygon or line as SVG path data with one decimal.

    >>> path(shapely.box(0, 0, 1, 1))
    'M1 0L1 1 0 1 0 0Z'
    """
    words = []
    for part in shapely.get_parts(shape):
        closed = part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors) if closed else (part,):
            points = shapely.get_coordinates(ring)
            text = [
                f"{x:.1f} {y:.1f}".replace(".0", "") for x, y in points[: -1 if closed else None]
            ]
            words.append(f"M{text[0]}L{' '.join(text[1:])}{'Z' if closed else ''}")
    return "".join(words)


def _scale_bar(place: _Place, height: int) -> str:
    """A bar of a round length, at most a quarter as wide as a sheet of 480."""
    length = max(
        (m for m in SCALE_LENGTHS_M if m * place.scale <= 120), default=SCALE_LENGTHS_M[0]
    )
    wide = length * place.scale
    words = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    y = height - 10
    return (
        f'<path d="M10 {y - 4}V{y}H{10 + wide:.1f}V{y - 4}" fill="none" stroke="{palette.INK}"/>'
        f'<text x="{10 + wide / 2:.1f}" y="{y - 3}" text-anchor="middle" font-size="9" '
        f'fill="{palette.INK}">{words}</text>'
    )


def _north(width: int) -> str:
    x = width - 16
    return (
        f'<path d="M{x} 10L{x + 5} 24L{x} 20L{x - 5} 24Z" fill="{palette.INK}"/>'
        f'<text x="{x}" y="34" text-anchor="middle" font-size="9" fill="{palette.INK}">B</text>'
    )
