"""GeoJSON and Esri JSON files as layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.files import esrijson, geojson
from geo.files.jsonstream import Members
from geo.files.model import MAX_COLUMNS, Chunk, FileError, Layer, Problem, Value

_Feature = tuple[BaseGeometry | None, dict[str, Any], geojson.Notes]
_PARSERS: dict[str, Callable[[Any], _Feature]] = {
    "GeoJSON": geojson.feature,
    "Esri JSON": esrijson.feature,
}


def describe(path: Path, layer: str | None) -> Layer:
    """Look through the whole file: structure, columns, count, coordinate system."""
    members = Members(path)
    columns: dict[str, None] = {}
    count = 0
    esri = False
    for value in members.features():
        count += 1
        if isinstance(value, dict):
            esri = esri or "attributes" in value
            found = value.get("attributes" if esri else "properties")
            if isinstance(found, dict):
                columns.update(dict.fromkeys(map(str, found)))
            if len(columns) > MAX_COLUMNS:
                raise FileError("too_many_columns", f"Tệp có hơn {MAX_COLUMNS} cột thuộc tính.")
    top = members.others
    if esri or ("type" not in top and ("geometryType" in top or "spatialReference" in top)):
        return _esri(path, members, tuple(columns), count)
    return _geojson(path, members, tuple(columns), count)


def _esri(path: Path, members: Members, columns: tuple[str, ...], count: int) -> Layer:
    if not members.seen:
        raise FileError("features_missing", "Tệp Esri JSON thiếu danh sách features.")
    reference = members.others.get("spatialReference")
    code = esrijson.srid(reference)
    problem = None
    if isinstance(reference, dict) and code is None:
        problem = f"Tệp ghi spatialReference {reference!r:.60}, không phải mã EPSG."
    return Layer(path, "Esri JSON", path.stem, columns, count, code, problem)


def _geojson(path: Path, members: Members, columns: tuple[str, ...], count: int) -> Layer:
    top = members.others
    kind = top.get("type")
    if kind == "FeatureCollection":
        if not members.seen:
            what = "không phải danh sách" if "features" in top else "bị thiếu"
            raise FileError("features_missing", f"FeatureCollection có features {what}.")
    elif kind == "Feature":
        properties = top.get("properties")
        columns = tuple(map(str, properties)) if isinstance(properties, dict) else ()
        count = 1
    elif members.seen or not isinstance(kind, str):
        raise FileError("geojson_type", f"type của tệp là {kind!r}, phải là 'FeatureCollection'.")
    elif "coordinates" in top or kind in geojson.OTHER_TYPES | {
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }:
        count = 1
    else:
        raise FileError("geojson_type", f"type {kind!r} không có trong GeoJSON.")
    notes: geojson.Notes = []
    code, problem = _declared(top.get("crs"))
    if "crs" in top:
        notes.append(("crs_member", f"tệp tự ghi hệ tọa độ EPSG:{code} (kiểu cũ)", "warning"))
    return Layer(
        path,
        "GeoJSON",
        path.stem,
        columns,
        count,
        code,
        problem,
        notes=tuple((code, message) for code, message, _ in notes if problem is None),
    )


def _declared(member: Any) -> tuple[int | None, str | None]:
    """EPSG code of the 2008 ``crs`` member; without one RFC 7946 says WGS 84."""
    if member is None:
        return crs.WGS84, None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str):
        if name.upper().endswith("CRS84"):
            return crs.WGS84, None
        parts = name.upper().replace("URN:OGC:DEF:CRS:", "").replace("::", ":").split(":")
        try:
            return crs.epsg(":".join([parts[0], parts[-1]])), None
        except crs.CrsError:
            pass
    return None, f"Tệp ghi crs {member!r:.80}, không phải mã EPSG."


def chunks(layer: Layer, size: int) -> Iterator[Chunk]:
    """Stream the features of a described layer."""
    parse = _PARSERS[layer.format]
    members = Members(layer.path)
    batch: list[_Feature] = []
    first = 1
    for value in members.features():
        batch.append(parse(value))
        if len(batch) == size:
            yield _chunk(layer, batch, first)
            first += size
            batch = []
    if not members.seen and layer.count:
        batch = [parse(members.others)]
    if batch:
        yield _chunk(layer, batch, first)


def _chunk(layer: Layer, batch: list[_Feature], first: int) -> Chunk:
    shapes: npt.NDArray[np.object_] = np.full(len(batch), None, dtype=object)
    columns: dict[str, list[Value]] = {name: [None] * len(batch) for name in layer.columns}
    problems = []
    for index, (shape, properties, notes) in enumerate(batch):
        shapes[index] = shape
        for name, value in properties.items():
            columns[name][index] = _plain(value)
        problems += [Problem(first + index, *note) for note in notes]
    return Chunk(first, shapes, columns, problems)


def _plain(value: Any) -> Value:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value  # type: ignore[no-any-return]
