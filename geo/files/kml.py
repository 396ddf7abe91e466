"""KML, streamed placemark by placemark. KML is longitude and latitude on WGS 84 by definition.

No external entity is ever loaded, and a document that defines entities is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.files.geojson import GeometryError, Notes, ring_array
from geo.files.model import MAX_COLUMNS, Chunk, FileError, Layer, Problem, Value

_HEAD = 64 * 1024
_SHAPES = ("Polygon", "MultiGeometry", "Point", "LineString", "LinearRing", "Model", "Track")


def describe(path: Path, layer: str | None) -> Layer:
    """Look through the file: columns and number of placemarks."""
    with path.open("rb") as file:
        if b"<!ENTITY" in file.read(_HEAD):
            raise FileError("xml_entities", "Tệp KML định nghĩa thực thể XML (ENTITY): không mở.")
    columns: dict[str, None] = {}
    count = 0
    for mark in _placemarks(path):
        count += 1
        columns.update(dict.fromkeys(_attributes(mark)))
        if len(columns) > MAX_COLUMNS:
            raise FileError("too_many_columns", f"Tệp có hơn {MAX_COLUMNS} cột thuộc tính.")
    return Layer(path, "KML", path.stem, tuple(columns), count, crs.WGS84)


def chunks(layer: Layer, size: int) -> Iterator[Chunk]:
    """Stream the placemarks of a described file."""
    first = 1
    batch: list[tuple[BaseGeometry | None, dict[str, str], Notes]] = []
    for mark in _placemarks(layer.path):
        batch.append(_feature(mark))
        if len(batch) == size:
            yield _chunk(layer, batch, first)
            first += size
            batch = []
    if batch:
        yield _chunk(layer, batch, first)


def _placemarks(path: Path) -> Iterator[ElementTree.Element]:
    depth = 0
    open_marks = 0
    parents: list[ElementTree.Element] = []
    try:
        for event, element in ElementTree.iterparse(path, events=("start", "end")):  # noqa: S314
            if event == "start":
                depth += 1
                if depth == 1 and _tag(element) != "kml":
                    raise FileError("not_kml", f"Tệp XML là <{_tag(element)}>, không phải <kml>.")
                if depth > 200:
                    raise FileError("xml_too_deep", "Tệp KML lồng nhau quá sâu: không đọc.")
                open_marks += _tag(element) == "Placemark"
                parents.append(element)
                continue
            depth -= 1
            parents.pop()
            if _tag(element) == "Placemark":
                open_marks -= 1
                yield element
            if not open_marks:  # what has been read is let go: memory stays bounded
                element.clear()
                if parents:
                    parents[-1].remove(element)
    except ElementTree.ParseError as error:
        cut = error.code in (
            expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
            expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        )
        line = error.position[0]
        raise FileError(
            "truncated" if cut else "xml_broken",
            f"Tệp KML hỏng hoặc bị cắt cụt ở dòng {line}. Xuất lại tệp.",
        ) from error


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attributes(mark: ElementTree.Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in mark:
        tag = _tag(child)
        if tag in ("name", "description") and child.text:
            found[tag] = child.text.strip()
        elif tag == "ExtendedData":
            for item in child.iter():
                if _tag(item) == "SimpleData":
                    found[item.get("name", "")] = (item.text or "").strip()
                elif _tag(item) == "Data":
                    value = next((leaf.text for leaf in item if _tag(leaf) == "value"), None)
                    found[item.get("name", "")] = (value or "").strip()
    return found


def _feature(
    mark: ElementTree.Element,
) -> tuple[BaseGeometry | None, dict[str, str], Notes]:
    notes: Notes = []
    attributes = _attributes(mark)
    try:
        shapes = [_shape(child, notes) for child in mark if _tag(child) in _SHAPES]
    except GeometryError as error:
        notes.append((error.code, error.message, "error"))
        return None, attributes, notes
    if not shapes:
        return None, attributes, notes
    return (
        (shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes)),
        attributes,
        notes,
    )


def _shape(element: ElementTree.Element, notes: Notes) -> BaseGeometry:
    tag = _tag(element)
    if tag == "MultiGeometry":
        parts = [_shape(child, notes) for child in element if _tag(child) in _SHAPES]
        return shapely.GeometryCollection(parts)
    if tag != "Polygon":
        raise GeometryError("not_polygon", f"hình là {tag}, thửa đất phải là vùng (Polygon)")
    outer = [_ring(ring, notes) for ring in _rings(element, "outerBoundaryIs")]
    inner = [_ring(ring, notes) for ring in _rings(element, "innerBoundaryIs")]
    if len(outer) != 1:
        raise GeometryError("ring_missing", "Polygon phải có đúng một outerBoundaryIs")
    return shapely.Polygon(outer[0], inner)


def _rings(polygon: ElementTree.Element, side: str) -> Iterator[str]:
    for boundary in polygon:
        if _tag(boundary) == side:
            for leaf in boundary.iter():
                if _tag(leaf) == "coordinates":
                    yield leaf.text or ""


def _ring(text: str, notes: Notes) -> npt.NDArray[np.float64]:
    try:
        positions = [[float(part) for part in item.split(",")] for item in text.split()]
    except ValueError:
        raise GeometryError("position_invalid", "tọa độ đỉnh không phải số") from None
    own: Notes = []  # KML leaves the direction free, and nearly always carries a height of 0
    ring: npt.NDArray[np.float64] = ring_array(positions, own, hole=False)
    notes += [note for note in own if note[0] == "ring_unclosed" and note not in notes]
    return ring


def _chunk(
    layer: Layer, batch: list[tuple[BaseGeometry | None, dict[str, str], Notes]], first: int
) -> Chunk:
    shapes: npt.NDArray[np.object_] = np.full(len(batch), None, dtype=object)
    columns: dict[str, list[Value]] = {name: [None] * len(batch) for name in layer.columns}
    problems = []
    for index, (shape, attributes, notes) in enumerate(batch):
        shapes[index] = shape
        for name, value in attributes.items():
            columns[name][index] = value
        problems += [Problem(first + index, *note) for note in notes]
    return Chunk(first, shapes, columns, problems)
