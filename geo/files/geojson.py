"""GeoJSON (RFC 7946) geometries, read strictly: every oddity has a code."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.files.model import Severity

Notes = list[tuple[str, str, Severity]]
"""(code, message, severity) of one feature."""

OTHER_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString"})
_MAX_DEPTH = 20


class GeometryError(Exception):
    """A geometry that can't be read: code and Vietnamese message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def feature(value: Any) -> tuple[BaseGeometry | None, dict[str, Any], Notes]:
    """Geometry, properties and notes of a Feature (or of a bare geometry)."""
    notes: Notes = []
    if not isinstance(value, dict):
        return _refused(notes, "feature_invalid", "phần tử của features không phải một đối tượng")
    if value.get("type") == "Feature":
        properties = _properties(value, notes)
        if properties is None:
            return None, {}, notes
        if "id" in value and not isinstance(value["id"], str | int | float):
            notes.append(("id_invalid", "id phải là chữ hoặc số; đã bỏ qua", "warning"))
        if "geometry" not in value:
            notes.append(("geometry_missing", "thiếu thành phần geometry", "error"))
            return None, properties, notes
        _check_bbox(value, notes)
        given = value["geometry"]
    elif value.get("type") in OTHER_TYPES | {"Polygon", "MultiPolygon", "GeometryCollection"}:
        notes.append(
            ("bare_geometry", "hình không bọc trong Feature nên không có thuộc tính", "warning")
        )
        properties, given = {}, value
    else:
        return _refused(notes, "feature_type", f"type là {value.get('type')!r}, phải là 'Feature'")
    if given is None:
        return None, properties, notes
    try:
        shape = geometry(given, notes)
    except GeometryError as error:
        notes.append((error.code, error.message, "error"))
        return None, properties, notes
    _check_bbox_around(value, shape, notes)
    return shape, properties, notes


def geometry(value: Any, notes: Notes, depth: int = 0) -> BaseGeometry:
    """The shapely geometry of a GeoJSON geometry object; `GeometryError` where it is broken."""
    if not isinstance(value, dict):
        raise GeometryError(
            "geometry_invalid", f"geometry là {value!r:.40}, phải là một đối tượng"
        )
    kind = value.get("type")
    _check_bbox(value, notes)
    if kind == "GeometryCollection":
        parts = value.get("geometries")
        if not isinstance(parts, list):
            raise GeometryError(
                "geometries_missing", "GeometryCollection thiếu danh sách geometries"
            )
        if depth >= _MAX_DEPTH:
            raise GeometryError("geometry_too_deep", "GeometryCollection lồng nhau quá sâu")
        return shapely.GeometryCollection([geometry(part, notes, depth + 1) for part in parts])
    if kind in OTHER_TYPES:
        raise GeometryError("not_polygon", f"hình là {kind}, thửa đất phải là vùng (Polygon)")
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeometryError("geometry_type", f"loại hình {kind!r} không có trong GeoJSON")
    coordinates = value.get("coordinates")
    if not isinstance(coordinates, list):
        raise GeometryError("coordinates_invalid", "thiếu coordinates hoặc không phải danh sách")
    if kind == "Polygon":
        return _polygon(coordinates, notes)
    if not all(isinstance(part, list) for part in coordinates):
        raise GeometryError(
            "coordinates_depth", "coordinates thiếu một cấp ngoặc của MultiPolygon"
        )
    return shapely.MultiPolygon([_polygon(part, notes) for part in coordinates])


def _polygon(rings: list[Any], notes: Notes) -> BaseGeometry:
    if not rings:
        return shapely.Polygon()
    arrays = [ring_array(ring, notes, hole=index > 0) for index, ring in enumerate(rings)]
    return shapely.polygons(
        shapely.linearrings(arrays[0]),
        holes=[shapely.linearrings(array) for array in arrays[1:]] or None,
    )


def ring_array(positions: Any, notes: Notes, *, hole: bool) -> npt.NDArray[np.float64]:
    if not isinstance(positions, list):
        raise GeometryError("coordinates_depth", "coordinates thiếu một cấp ngoặc của Polygon")
    for position in positions:
        if type(position) is not list or len(position) < 2:
            raise GeometryError("position_invalid", "có đỉnh không đủ hai tọa độ")
        if type(position[0]) not in (float, int) or type(position[1]) not in (float, int):
            nested = isinstance(position[0], list)
            raise GeometryError(
                "coordinates_depth" if nested else "position_invalid",
                "coordinates thừa một cấp ngoặc" if nested else "tọa độ đỉnh không phải số",
            )
    if len(positions) < 3:
        raise GeometryError("ring_too_short", "vòng ranh có ít hơn ba đỉnh khác nhau")
    if len(positions[0]) > 3:
        _note(notes, "extra_dimensions", "đỉnh có hơn ba giá trị, chỉ giữ hai tọa độ phẳng")
    elif len(positions[0]) == 3:
        _note(notes, "height_dropped", "đỉnh có độ cao, chỉ giữ hai tọa độ phẳng")
    try:
        array: npt.NDArray[np.float64] = np.array([p[:2] for p in positions], dtype=np.float64)
    except OverflowError:
        raise GeometryError("position_invalid", "tọa độ đỉnh quá lớn") from None
    if (array[0] != array[-1]).any():
        _note(notes, "ring_unclosed", "vòng ranh chưa khép kín, đã nối đỉnh cuối về đỉnh đầu")
        array = np.vstack([array, array[:1]])
    if len(np.unique(array, axis=0)) < 3:
        raise GeometryError("ring_too_short", "vòng ranh có ít hơn ba đỉnh khác nhau")
    if (signed_area(array) < 0) is not hole:
        _note(notes, "ring_order", "chiều vòng không theo quy ước GeoJSON, đã xếp lại")
    return array


def signed_area(ring: npt.NDArray[np.float64]) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def _properties(value: dict[str, Any], notes: Notes) -> dict[str, Any] | None:
    if "properties" not in value:
        notes.append(("properties_missing", "thiếu thành phần properties", "warning"))
    properties = value.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        notes.append(("properties_invalid", "properties phải là một đối tượng", "error"))
        return None
    return properties


def _check_bbox(value: dict[str, Any], notes: Notes) -> None:
    if "bbox" not in value:
        return
    box = value["bbox"]
    if (
        not isinstance(box, list)
        or len(box) not in (4, 6)
        or not all(type(number) in (int, float) for number in box)
    ):
        _note(notes, "bbox_invalid", "bbox phải gồm 4 hoặc 6 số; đã bỏ qua")


def _check_bbox_around(value: dict[str, Any], shape: BaseGeometry, notes: Notes) -> None:
    box = value.get("bbox")
    if not box or shape.is_empty or any(code == "bbox_invalid" for code, _, _ in notes):
        return
    half = len(box) // 2
    west, south, east, north = shape.bounds
    slack = 1e-4
    if (
        west < box[0] - slack
        or south < box[1] - slack
        or east > box[half] + slack
        or north > box[half + 1] + slack
    ):
        _note(notes, "bbox_wrong", "bbox không bao hình (có thể ghi ngược thứ tự); đã bỏ qua")


def _note(notes: Notes, code: str, message: str) -> None:
    if all(code != noted for noted, _, _ in notes):
        notes.append((code, message, "warning"))


def _refused(notes: Notes, code: str, message: str) -> tuple[None, dict[str, Any], Notes]:
    notes.append((code, message, "error"))
    return None, {}, notes
