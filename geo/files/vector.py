"""GeoPackage and Shapefile layers, through GDAL (pyogrio), a chunk at a time."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo import crs, tcvn3
from geo.files.model import Chunk, FileError, Layer, LayerChoice, Problem, Value

_ERRORS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ValueError)
_DRIVERS = {"GPKG": "GeoPackage", "ESRI Shapefile": "Shapefile"}
_CPG: dict[str, tcvn3.Encoding] = {"UTF-8": "utf-8", "UTF8": "utf-8", "65001": "utf-8"}
_CPG |= {"1258": "cp1258", "CP1258": "cp1258", "WINDOWS-1258": "cp1258", "TCVN3": "tcvn3"}
_SAMPLE = 2000


def describe(path: Path, layer: str | None) -> Layer:
    """Columns, count, declared CRS and text encoding of a layer."""
    if path.suffix.lower() == ".shp":
        _check_shapefile(path)
    try:
        with _gdal_warnings() as said:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
            name = _choose(layers, layer)
            info: dict[str, Any] = pyogrio.read_info(path, layer=name, force_feature_count=True)
    except _ERRORS as error:
        raise _unreadable(path, error) from error
    if info["driver"] not in _DRIVERS:
        raise FileError("unknown_format", f"Kiểu tệp {info['driver']!r} không được nhận.")
    srid, problem = None, None
    try:
        srid = crs.declared(info["crs"])
    except crs.CrsError as error:
        problem = str(error)
    found = Layer(
        path,
        _DRIVERS[info["driver"]],
        name,
        tuple(map(str, info["fields"])),
        int(info["features"]),
        srid,
        problem,
        notes=tuple(("gdal_warning", f"GDAL báo: {text}") for text in said),
        raw_text=info["driver"] == "ESRI Shapefile",
    )
    return _with_encoding(found) if found.format == "Shapefile" else found


def chunks(layer: Layer, size: int) -> Iterator[Chunk]:
    """Stream the features; fewer than promised is `FileError`, never a shorter layer."""
    done = 0
    while done < layer.count:
        geometry, said, columns = _read(layer, done, size)
        count = len(geometry)
        if not count:
            raise FileError(
                "truncated", f"Tệp ghi {layer.count} đối tượng nhưng chỉ đọc được {done}: hỏng."
            )
        shapes, problems = _shapes(geometry, done + 1)
        yield Chunk(done + 1, shapes, columns, said + problems)
        done += count


@contextmanager
def _gdal_warnings() -> Iterator[list[str]]:
    """Collect GDAL's warnings (an error raised from one would be lost in GDAL's callback)."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
        said += dict.fromkeys(str(warning.message)[:200] for warning in caught)


def _read(layer: Layer, skip: int, size: int) -> tuple[Any, list[Problem], dict[str, list[Value]]]:
    latin = {"encoding": "ISO-8859-1"} if layer.format == "Shapefile" else {}
    try:
        with _gdal_warnings() as said:
            meta, _, geometry, fields = pyogrio.raw.read(
                layer.path,
                layer=layer.name,
                skip_features=skip,
                max_features=size,
                datetime_as_string=True,
                **latin,
            )
    except _ERRORS as error:
        raise _unreadable(layer.path, error) from error
    names = [str(name) for name in meta["fields"]]
    problems = [Problem(skip + 1, "gdal_warning", f"GDAL báo: {text}", "warning") for text in said]
    return geometry, problems, {name: _plain(f) for name, f in zip(names, fields, strict=True)}


def _plain(values: Any) -> list[Value]:
    if values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]
    return [value if not isinstance(value, bytes) else None for value in values.tolist()]


def _shapes(blobs: Any, first: int) -> tuple[Any, list[Problem]]:
    """Shapely geometries of WKB; what can't be read becomes None and a problem."""
    try:
        return shapely.from_wkb(blobs), []
    except (shapely.GEOSException, TypeError):
        pass
    shapes: npt.NDArray[np.object_] = np.full(len(blobs), None, dtype=object)
    problems = []
    for index, blob in enumerate(blobs):
        try:
            shapes[index] = shapely.from_wkb(blob)
        except (shapely.GEOSException, TypeError) as error:
            message = f"hình hỏng, không đọc được ({str(error).strip()})"
            problems.append(Problem(first + index, "geometry_unreadable", message))
    return shapes, problems


def _choose(layers: list[str], wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in layers:
            raise FileError(
                "layer_unknown", f"Không có lớp {wanted!r}; tệp có: {', '.join(layers)}."
            )
        return wanted
    if not layers:
        raise FileError("layer_missing", "Tệp không có lớp bản đồ nào.")
    if len(layers) > 1:
        raise LayerChoice(layers)
    return layers[0]


def _check_shapefile(path: Path) -> None:
    """Refuse a Shapefile whose parts are missing or shorter than their headers say."""
    parts = {part.suffix.lower(): part for part in path.parent.glob(f"{_escaped(path.stem)}.*")}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in parts]
    if missing:
        raise FileError("shapefile_incomplete", f"Shapefile thiếu tệp {', '.join(missing)}.")
    for suffix in (".shp", ".shx"):
        part = parts[suffix]
        head = _head(part, 28)
        if len(head) < 28 or struct.unpack(">i", head[:4])[0] != 9994:
            raise FileError("shapefile_damaged", f"Tệp {suffix} không phải Shapefile.")
        if struct.unpack(">i", head[24:28])[0] * 2 > part.stat().st_size:
            raise FileError("truncated", f"Tệp {suffix} ngắn hơn độ dài nó ghi (bị cắt cụt).")
    head = _head(parts[".dbf"], 12)
    if len(head) < 12:
        raise FileError("truncated", "Tệp .dbf bị cắt cụt.")
    count, header, width = struct.unpack("<IHH", head[4:12])
    if header + count * width > parts[".dbf"].stat().st_size:
        raise FileError("truncated", "Tệp .dbf ngắn hơn số dòng nó ghi (bị cắt cụt).")
    shapes = (parts[".shx"].stat().st_size - 100) // 8
    if shapes != count:
        raise FileError(
            "shapefile_damaged", f"Shapefile có {shapes} hình nhưng {count} dòng thuộc tính."
        )


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _escaped(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _with_encoding(layer: Layer) -> Layer:
    """The .cpg's encoding, or a guess from the bytes (said by ``encoding_guessed``)."""
    names = {part.suffix.lower(): part for part in layer.path.parent.iterdir() if part.is_file()}
    if ".cpg" in names:
        declared = _CPG.get(_head(names[".cpg"], 64).decode("latin-1").strip().upper())
        if declared:
            return _replace(layer, declared, guessed=False)
    texts = []
    if layer.count:
        _, _, columns = _read(layer, 0, _SAMPLE)
        texts = [v for column in columns.values() for v in column if isinstance(v, str)]
    guess = tcvn3.guess(text.encode("latin-1", errors="replace") for text in texts)
    ascii_only = all(text.isascii() for text in texts)
    return _replace(layer, guess, guessed=not ascii_only and guess not in (None, "utf-8"))


def _replace(layer: Layer, encoding: tcvn3.Encoding | None, *, guessed: bool) -> Layer:

    return replace(layer, encoding=encoding, encoding_guessed=guessed)


def _unreadable(path: Path, error: Exception) -> FileError:
    reason = str(error).replace(str(path.parent), "…")
    return FileError(
        "unreadable",
        f"Tệp hỏng hoặc bị cắt cụt, GDAL không đọc được: {reason:.200}. Xuất lại tệp.",
    )
