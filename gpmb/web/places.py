"""Places typed as numbers: degrees, or metres of the province's plane, one point a line."""

from __future__ import annotations

import numpy as np
from django.conf import settings
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.core.exceptions import ValidationError

from geo import crs
from gpmb.importing.numbers import number as vietnamese_number

WGS84 = 4326


def read_point(text: str) -> Point:
    """Return the point of "107,97; 21,53" or "522594; 2381647" in the legal plane.

    Raises:
        ValidationError: not two numbers, or outside the province.
    """
    try:
        x, y = (float(vietnamese_number(part)) for part in text.split(";"))
    except ValueError as error:
        raise ValidationError(
            "Vị trí là hai số cách nhau bằng dấu chấm phẩy, ví dụ 107,97; 21,53."
        ) from error
    if x < 180:
        x, y = crs.transform_points(np.array([[x, y]]), WGS84, settings.SRID)[0]
    west, south, east, north = settings.PROVINCE.bounds
    if not (west <= x <= east and south <= y <= north):
        raise ValidationError(
            f"Vị trí nằm ngoài {settings.PROVINCE.name}: kiểm tra thứ tự hai số và hệ tọa độ."
        )
    return Point(float(x), float(y), srid=settings.SRID)


def write_point(point: Point | None) -> str:
    """Return a point as `read_point` reads it, to 0.01 m."""
    return f"{point.x:.2f}; {point.y:.2f}".replace(".", ",") if point else ""


def read_points(text: str, *, least: int) -> list[Point]:
    """Return the points of a text, one a line; an error says in which line."""
    points = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        try:
            points.append(read_point(line))
        except ValidationError as error:
            raise ValidationError(f"Dòng {number}: {error.message}") from error
    if len(points) < least:
        raise ValidationError(f"Cần ít nhất {least} điểm, mỗi dòng một điểm.")
    return points


def read_line(text: str) -> MultiLineString:
    """Return the line through at least two points."""
    points = read_points(text, least=2)
    return MultiLineString(LineString([p.coords for p in points]), srid=settings.SRID)


def read_area(text: str) -> MultiPolygon:
    """Return the area around at least three corners; one that crosses itself is refused."""
    corners = [p.coords for p in read_points(text, least=3)]
    area = Polygon([*corners, corners[0]], srid=settings.SRID)
    if not area.valid or not area.area:
        raise ValidationError("Khu vực tự cắt: hãy gõ các đỉnh theo thứ tự đi vòng quanh.")
    return MultiPolygon(area, srid=settings.SRID)


def write_points(shape: MultiLineString | MultiPolygon | None) -> str:
    """Return the points of a line or an area as `read_points` reads them, to 0.01 m."""
    if shape is None:
        return ""
    first = shape[0][0] if isinstance(shape, MultiPolygon) else shape[0]
    coords = list(first.coords)[: -1 if isinstance(shape, MultiPolygon) else None]
    return "\n".join(f"{x:.2f}; {y:.2f}".replace(".", ",") for x, y in coords)
