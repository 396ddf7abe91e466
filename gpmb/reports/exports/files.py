"""Write a layer: GeoPackage with its style, Shapefile, DXF in VN-2000; GeoJSON, KML in WGS 84."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from django.conf import settings
from ezdxf.addons.r12writer import r12writer

from geo import crs
from gpmb.law.steps import STAGE_LABELS
from gpmb.reports.exports import lists, styles
from gpmb.reports.exports.content import Content, Line, Shape
from gpmb.reports.models import ExportLog

F = ExportLog.Format
EXTENSION = {
    F.LIST: "xlsx",
    F.TEMPLATE: "xlsx",
    F.GEOPACKAGE: "gpkg",
    F.SHAPEFILE: "zip",
    F.DXF: "dxf",
    F.GEOJSON: "geojson",
    F.KML: "kml",
}
# The whitelist of a layer, in names that a Shapefile holds (10 letters) and an import reads.
COLUMNS: dict[str, Callable[[Line], Any]] = {
    "du_an": lambda line: line.project,
    "ma_xa": lambda line: line.unit_code,
    "xa_phuong": lambda line: line.unit,
    "so_to": lambda line: line.sheet,
    "so_thua": lambda line: line.number,
    "dien_tich": lambda line: _float(line.registered_m2),
    "dt_do": lambda line: _float(line.measured_m2),
    "dt_thuhoi": lambda line: _float(line.recovered_m2),
    "loai_dat": lambda line: line.land_class,
    "co_cau": lambda line: line.class_shares,
    "ma_ho_so": lambda line: line.case or None,
    "giai_doan": lambda line: line.stage,
    "ten_gd": lambda line: STAGE_LABELS[line.stage],
    "buoc": lambda line: line.step,
    "ngay_buoc": lambda line: line.stepped_on.isoformat() if line.stepped_on else None,
    "ngay_bg": lambda line: line.handed_over_on.isoformat() if line.handed_over_on else None,
}
_AREAS = ("dien_tich", "dt_do", "dt_thuhoi")
Batches = Iterator[list[Line]]


def write(content: Content, form: ExportLog.Format, shape: Shape, path: Path) -> int:
    """Write the export to `path` and return how many rows it holds."""
    if form == F.LIST:
        return lists.write_list(content, path)
    counted = _Counted(content.layer(shape))
    name = shape.value.replace("-", "_")
    layer = f"ranh_{name}" if shape == Shape.PARCEL else f"phan_{name}"
    {
        F.GEOPACKAGE: _geopackage,
        F.SHAPEFILE: _shapefile,
        F.DXF: _dxf,
        F.GEOJSON: _geojson,
        F.KML: _kml,
    }[form](counted, layer, path)
    return counted.rows


class _Counted:
    """Batches as they pass, their rows counted."""

    def __init__(self, batches: Batches) -> None:
        self._batches, self.rows = batches, 0

    def __iter__(self) -> Batches:
        for batch in self._batches:
            self.rows += len(batch)
            yield batch


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _table(lines: list[Line]) -> tuple[list[npt.NDArray[Any]], npt.NDArray[np.object_]]:
    """Columns as arrays that GDAL takes, and the geometries as WKB."""
    fields: list[npt.NDArray[Any]] = []
    for name, value in COLUMNS.items():
        kind: Any = object
        if name in _AREAS:
            kind = np.float64
        elif name == "giai_doan":
            kind = np.int32
        fields.append(np.array([value(line) for line in lines], dtype=kind))
    return fields, np.array([line.boundary for line in lines], dtype=object)


def _gdal(batches: _Counted, path: Path, driver: str, layer: str, **options: Any) -> None:
    for at, lines in enumerate(batches):
        fields, shapes = _table(lines)
        pyogrio.raw.write(
            path,
            geometry=shapes,
            field_data=fields,
            fields=np.array(list(COLUMNS), dtype=object),
            layer=layer,
            driver=driver,
            geometry_type="MultiPolygon" if driver == "GPKG" else "Polygon",
            promote_to_multi=driver == "GPKG",
            crs=f"EPSG:{settings.SRID}",
            append=at > 0,
            **options,
        )


def _geopackage(batches: _Counted, layer: str, path: Path) -> None:
    _gdal(batches, path, "GPKG", layer)
    if path.exists():
        with sqlite3.connect(path) as database:
            styles.add_to(database, layer)
        database.close()


def _shapefile(batches: _Counted, layer: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        _gdal(batches, Path(folder) / f"{layer}.shp", "ESRI Shapefile", layer, encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _dxf(batches: _Counted, layer: str, path: Path) -> None:
    """Rings on layer 10, labels on 13 ("5/85"), class on 2, areas on 4 and DT_THU_HOI.

    Parts of one parcel are labelled "5/85 (1/2)"; a ring within a parcel is its hole. Release 12
    text is plain: what a code page can't hold is written as \\U+XXXX.
    """
    with r12writer(path) as drawing:
        for line in chain.from_iterable(batches):
            parts = shapely.get_parts(shapely.from_wkb(line.boundary))
            for number, part in enumerate(parts, 1):
                for ring in (part.exterior, *part.interiors):
                    points = [(round(x, 4), round(y, 4)) for x, y in ring.coords[:-1]]
                    drawing.add_polyline_2d(points, closed=True, layer="10")
                at = shapely.point_on_surface(part)
                if line.sheet and line.number:
                    label = f"{line.sheet}/{line.number}"
                    label += f" ({number}/{len(parts)})" if len(parts) > 1 else ""
                    drawing.add_text(_plain(label), (at.x, at.y), 1.5, layer="13")
                if number == 1:
                    _dxf_facts(drawing, line, at)


def _dxf_facts(drawing: Any, line: Line, at: Any) -> None:
    facts = (
        ("2", line.land_class),
        ("4", f"{line.registered_m2:f}" if line.registered_m2 is not None else None),
        ("DT_THU_HOI", f"{line.recovered_m2:f}"),
        ("GIAI_DOAN", str(line.stage)),
    )
    for layer, text in facts:
        if text:
            drawing.add_text(_plain(text), (at.x, at.y), 1.0, layer=layer)


def _plain(text: str) -> str:
    return "".join(c if c.isascii() else f"\\U+{ord(c):04X}" for c in text)


def _degrees(lines: list[Line]) -> npt.NDArray[np.object_]:
    """Shapes in WGS 84, to 9 decimals (0.1 mm), so that they come back as they went."""
    shapes = shapely.from_wkb(np.array([line.boundary for line in lines], dtype=object))
    turned = crs.transform(shapes, settings.SRID, crs.WGS84)
    rounded: npt.NDArray[np.object_] = shapely.transform(turned, lambda xy: np.round(xy, 9))
    return rounded


def _geojson(batches: _Counted, layer: str, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(f'{{"type": "FeatureCollection", "name": {json.dumps(layer)}, "features": [\n')
        comma = ""
        for lines in batches:
            for line, shape in zip(lines, _degrees(lines), strict=True):
                feature = {
                    "type": "Feature",
                    "properties": {name: value(line) for name, value in COLUMNS.items()},
                    "geometry": shapely.geometry.mapping(shapely.orient_polygons(shape)),
                }
                out.write(comma + json.dumps(feature, ensure_ascii=False))
                comma = ",\n"
        out.write("\n]}\n")


def _kml(batches: _Counted, layer: str, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
            f"<name>{escape(layer)}</name>\n{styles.kml()}\n"
        )
        for lines in batches:
            for line, shape in zip(lines, _degrees(lines), strict=True):
                out.write(_placemark(line, shape))
        out.write("</Document></kml>\n")


def _placemark(line: Line, shape: Any) -> str:
    name = f"{line.sheet}/{line.number}" if line.sheet and line.number else ""
    data = "".join(
        f"<Data name={quoteattr(column)}><value>{escape(str(found))}</value></Data>"
        for column, value in COLUMNS.items()
        if (found := value(line)) is not None
    )
    parts = shapely.get_parts(shape)
    polygons = "".join(
        f"<Polygon><outerBoundaryIs>{_ring(part.exterior)}</outerBoundaryIs>"
        + "".join(f"<innerBoundaryIs>{_ring(r)}</innerBoundaryIs>" for r in part.interiors)
        + "</Polygon>"
        for part in parts
    )
    if len(parts) > 1:
        polygons = f"<MultiGeometry>{polygons}</MultiGeometry>"
    return (
        f"<Placemark><name>{escape(name)}</name><styleUrl>#gd{line.stage}</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>{polygons}</Placemark>\n"
    )


def _ring(ring: Any) -> str:
    points = " ".join(f"{x:.9f},{y:.9f}" for x, y in ring.coords)
    return f"<LinearRing><coordinates>{points}</coordinates></LinearRing>"
