"""Split a parcel by a line, and check that parts are the whole: nothing lost, nothing added."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import shapely
from shapely import ops
from shapely.geometry.base import BaseGeometry

from geo import checks

REACH_M = 2.0
"""A line drawn by hand that ends this short of the boundary is taken to reach it."""


class NotSplit(ValueError):
    """The line doesn't cut the parcel, or parts aren't the whole: why, in Vietnamese."""


def split_by_line(parcel: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Cut a MultiPolygon by a LineString of the same metric plane; MultiPolygons, west first.

    Raises `NotSplit` where fewer than two parts come out, or one of them is a sliver.
    """
    parts = [
        piece
        for polygon in shapely.get_parts(parcel)
        for piece in ops.split(polygon, _reaching(line)).geoms
    ]
    if len(parts) < len(shapely.get_parts(parcel)) + 1:
        raise NotSplit("Đường vẽ không cắt qua thửa: vẽ từ ngoài ranh này sang ngoài ranh kia.")
    if checks.slivers(shapely.from_wkb(shapely.to_wkb(parts))).any():
        raise NotSplit("Đường vẽ cắt ra mảnh vụn (dưới 1 m² hoặc hẹp hơn 20 cm). Vẽ lại.")
    parts.sort(key=lambda part: (part.centroid.x, part.centroid.y))
    return [shapely.orient_polygons(shapely.MultiPolygon([part])) for part in parts]


def _reaching(line: BaseGeometry) -> BaseGeometry:
    """The line, its first and last stretch longer by `REACH_M`."""
    points = list(line.coords)
    for end, inner in ((0, 1), (-1, -2)):
        (x, y), (a, b) = points[end][:2], points[inner][:2]
        length = ((x - a) ** 2 + (y - b) ** 2) ** 0.5
        if length:
            points[end] = (x + (x - a) / length * REACH_M, y + (y - b) / length * REACH_M)
    return shapely.LineString(points)


def check_parts(whole: BaseGeometry, parts: Sequence[BaseGeometry]) -> None:
    """Raise `NotSplit` unless the parts cover the whole and each other's ground nowhere.

    The tolerance is that of declared against measured area (`checks.AREA_TOLERANCE`, at least
    `checks.AREA_TOLERANCE_M2`): two surveys of one parcel differ by so much.
    """
    limit = max(checks.AREA_TOLERANCE * whole.area, checks.AREA_TOLERANCE_M2)
    union = shapely.union_all(list(parts))
    overlap = sum(part.area for part in parts) - union.area
    missing = shapely.difference(whole, union).area
    beyond = shapely.difference(union, whole).area
    for area, words in (
        (overlap, "các thửa mới chồng lên nhau"),
        (missing, "các thửa mới thiếu so với thửa cũ"),
        (beyond, "các thửa mới vượt ra ngoài thửa cũ"),
    ):
        if area > limit:
            raise NotSplit(
                f"Không khớp: {words} {_vn(area)} m², quá mức cho phép {_vn(limit)} m². "
                "Sửa ranh rồi làm lại."
            )


def _vn(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def share_out(total: Decimal, weights: Sequence[float]) -> list[Decimal]:
    """Divide a figure of two decimals by weights so that the parts sum to it to the cent.

    >>> share_out(Decimal("10.00"), [1, 1, 1])
    [Decimal('3.33'), Decimal('3.34'), Decimal('3.33')]
    """
    whole = sum(weights)
    shares: list[Decimal] = []
    run, given = 0.0, Decimal(0)
    for weight in weights:
        run += weight
        upto = (total * Decimal(str(run / whole))).quantize(Decimal("0.01"), ROUND_HALF_UP)
        shares.append(upto - given)
        given = upto
    return shares
