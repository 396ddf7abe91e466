"""Esri JSON: features of ``attributes`` and ``rings`` (outer rings clockwise)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.files.geojson import GeometryError, Notes, ring_array, signed_area


def feature(value: Any) -> tuple[BaseGeometry | None, dict[str, Any], Notes]:
    """Geometry, attributes and notes of an Esri feature."""
    notes: Notes = []
    if not isinstance(value, dict):
        notes.append(("feature_invalid", "phần tử của features không phải một đối tượng", "error"))
        return None, {}, notes
    attributes = value.get("attributes")
    if attributes is None:
        attributes = {}
    if not isinstance(attributes, dict):
        notes.append(("properties_invalid", "attributes phải là một đối tượng", "error"))
        return None, {}, notes
    given = value.get("geometry")
    if given is None:
        return None, attributes, notes
    try:
        return geometry(given, notes), attributes, notes
    except GeometryError as error:
        notes.append((error.code, error.message, "error"))
        return None, attributes, notes


def geometry(value: Any, notes: Notes) -> BaseGeometry:
    """The areas of an Esri polygon: a hole goes to the first outer ring around it."""
    if not isinstance(value, dict):
        raise GeometryError(
            "geometry_invalid", f"geometry là {value!r:.40}, phải là một đối tượng"
        )
    if "curveRings" in value:
        raise GeometryError(
            "curves", "ranh có cung tròn; xuất lại với cung đã chia thành đoạn thẳng"
        )
    if "rings" not in value:
        raise GeometryError("not_polygon", "hình không có rings, thửa đất phải là vùng")
    if not isinstance(value["rings"], list):
        raise GeometryError("coordinates_invalid", "rings không phải danh sách")
    own: Notes = []  # the way rings run means outer or hole here: no oddity
    rings = [ring_array(ring, own, hole=False) for ring in value["rings"]]
    notes += [note for note in own if note[0] != "ring_order"]
    outer = [ring for ring in rings if signed_area(ring) < 0]
    holes = [ring for ring in rings if signed_area(ring) >= 0]
    if not outer:
        outer, holes = holes, []
    shells = [shapely.Polygon(ring) for ring in outer]
    inside: list[list[np.ndarray[Any, np.dtype[np.float64]]]] = [[] for _ in shells]
    for hole in holes:
        centre = shapely.Polygon(hole).representative_point()
        around = [index for index, shell in enumerate(shells) if shell.covers(centre)]
        if not around:
            raise GeometryError("hole_outside", "có vòng thủng nằm ngoài mọi vòng ngoài")
        inside[around[0]].append(hole)
    return shapely.MultiPolygon(
        [shapely.Polygon(ring, kept) for ring, kept in zip(outer, inside, strict=True)]
    )


def srid(reference: Any) -> int | None:
    """The EPSG code of a ``spatialReference``, or None (Esri's own codes above 100000 too)."""
    if not isinstance(reference, dict):
        return None
    code = reference.get("latestWkid", reference.get("wkid"))
    if code == 102100:
        return 3857
    return code if isinstance(code, int) and 1024 <= code <= 32767 else None
