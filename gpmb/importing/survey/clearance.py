"""Read a project's clearance boundary from a file, or from what was drawn on the map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from shapely.errors import ShapelyError

from geo import crs, repair
from geo.files import FileError
from gpmb.importing.findings import Report
from gpmb.importing.survey.spatial import Answers, open_spatial

MAX_PARTS = 1000
MAX_POINTS = 20_000


def read_file(path: Path, answers: Answers, report: Report) -> MultiPolygon | None:
    """Return the areas of a layer as one MultiPolygon in the province's plane.

    None where the report holds an error. Raises `Question` (coordinate system, layer…) and
    `WrongUsage` as the other imports do.
    """
    try:
        with open_spatial(path, answers, report) as file:
            if file.source.layer.count > MAX_PARTS:
                report.error(
                    "too_many_parts",
                    f"Lớp có {file.source.layer.count} vùng, quá {MAX_PARTS}: ranh dự án chỉ gồm "
                    "một hoặc vài vùng. Chọn đúng lớp ranh.",
                )
                return None
            shapes = [s for _, chunk in file.chunks(report) for s in chunk if s is not None]
    except FileError as error:
        report.error(error.code, error.message)
        return None
    if report.has_errors:
        return None
    if not shapes:
        report.error("no_features", "Lớp không có vùng nào.")
        return None
    return _legal(shapely.union_all(shapes))


def read_drawn(text: str, report: Report) -> MultiPolygon | None:
    """Return a polygon drawn on the map (GeoJSON, degrees on WGS 84) in the province's plane."""
    try:
        given = shapely.from_geojson(json.dumps(json.loads(text)))
    except (ValueError, RecursionError, ShapelyError):
        given = None
    if given is None or shapely.get_num_coordinates(given) > MAX_POINTS:
        report.error("drawing_unreadable", "Hình vẽ không đọc được. Vẽ lại trên bản đồ.")
        return None
    moved = crs.transform(np.array([given], dtype=object), crs.WGS84, settings.SRID)
    result = repair.repair(moved)
    if refusal := result.refusal[0]:
        report.error(refusal, "Hình vẽ không thành vùng: bấm ít nhất ba điểm rồi khép lại.")
        return None
    shape = result.geometry[0]
    west, south, east, north = settings.PROVINCE.bounds
    if not shapely.box(west, south, east, north).contains(shape):
        report.error("outside_province", f"Hình vẽ ra ngoài tỉnh {settings.PROVINCE.name}.")
        return None
    return _legal(shape)


def _legal(shape: object) -> MultiPolygon:
    multi = repair.repair(np.array([shape], dtype=object)).geometry[0]
    found = GEOSGeometry(memoryview(shapely.to_wkb(multi)))
    found.srid = settings.SRID
    return cast("MultiPolygon", found)
