"""Read what surveyors send: GeoPackage, zipped Shapefile, GeoJSON, Esri JSON, KML, DXF.

    with open_layer(path) as source:
        source.layer            # columns, count, CRS, encoding
        for chunk in source.chunks(): ...

The format is told by the content, not by the name. Memory is bounded by a chunk. A damaged or
hostile file raises `FileError` with a code; an odd feature comes with a `Problem`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from geo import tcvn3
from geo.files import archive, dxf, jsonlayer, kml, vector
from geo.files.model import CHUNK, Chunk, FileError, Layer, LayerChoice, Problem, Value

__all__ = [
    "CHUNK", "Chunk", "FileError", "Layer", "LayerChoice", "Problem", "Source", "Value",
    "open_layer",
]  # fmt: skip

_INSIDE = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".dxf")
_READERS: dict[str, ModuleType] = {
    "GeoPackage": vector,
    "Shapefile": vector,
    "GeoJSON": jsonlayer,
    "Esri JSON": jsonlayer,
    "KML": kml,
    "DXF": dxf,
}
_DRAWINGS = {
    b"AC10": "DWG",
    b"\x08\x09\xfe\x02": "DGN V7",
    b"\xd0\xcf\x11\xe0": "DGN V8",
}
_DXF = re.compile(rb"\s*(?:999\s*?\n[^\n]*\n\s*)*0\s*?\n\s*SECTION")


@dataclass(frozen=True)
class Source:
    """An open layer."""

    layer: Layer

    def chunks(self, size: int = CHUNK) -> Iterator[Chunk]:
        """Stream the features, text decoded by ``layer.encoding`` (which must be known)."""
        encoding = self.layer.encoding
        if encoding is None:
            raise ValueError("the encoding of the layer is not known: replace it first")
        for chunk in _READERS[self.layer.format].chunks(self.layer, size):
            _decode(chunk, encoding, raw=self.layer.raw_text)
            yield chunk

    def with_encoding(self, encoding: tcvn3.Encoding) -> Source:
        """The same layer, its text read another way."""
        return Source(replace(self.layer, encoding=encoding, encoding_guessed=False))


@contextmanager
def open_layer(path: Path, layer: str | None = None, *, recover: bool = False) -> Iterator[Source]:
    """Open one layer of a file; a zip is unpacked to a temporary folder for as long.

    `recover` takes what can be had of a damaged DXF; other formats are never mended.
    """
    if not path.is_file():
        raise FileError("file_missing", f"Không có tệp {path.name!r}.")
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        inner = path
        if _starts(path)[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            inner = _unpacked(path, Path(folder))
        reader = _reader(inner)
        if reader is dxf:
            yield Source(dxf.describe(inner, layer, recover=recover))
        else:
            yield Source(reader.describe(inner, layer))


def _unpacked(path: Path, folder: Path) -> Path:
    found = [file for file in archive.unpack(path, folder) if file.suffix.lower() in _INSIDE]
    if not found:
        raise FileError(
            "zip_without_layer",
            "Tệp zip không có lớp nào (.shp, .gpkg, .geojson, .json, .kml, .dxf).",
        )
    if len(found) > 1:
        names = ", ".join(sorted(file.name for file in found))
        raise FileError(
            "zip_several", f"Tệp zip có {len(found)} lớp ({names}): nén riêng từng lớp."
        )
    return found[0]


def _starts(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _reader(path: Path) -> ModuleType:
    start = _starts(path)
    if not start:
        raise FileError("file_empty", "Tệp rỗng: xuất hoặc gửi lại.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"SQLite format 3\0") or start[:4] == b"\x00\x00\x27\x0a":
        return vector
    if text[:1] in (b"{", b"["):
        return jsonlayer
    if text[:1] == b"<":
        return kml
    if start.startswith(b"AutoCAD Binary DXF") or _DXF.match(text):
        return dxf
    if drawing := _DRAWINGS.get(start[:4]):
        raise FileError(
            "drawing_not_dxf", f"Tệp là bản vẽ {drawing}. Lưu ra DXF (AutoCAD 2007) rồi gửi lại."
        )
    raise FileError(
        "unknown_format",
        "Không nhận ra kiểu tệp. Nhận GeoPackage, Shapefile nén zip, GeoJSON, Esri JSON, KML, "
        "DXF.",
    )


def _decode(chunk: Chunk, encoding: tcvn3.Encoding, *, raw: bool) -> None:
    """Decode text read as Latin-1 bytes, or mistaken for Latin-1 by an exporter."""
    if not raw and encoding == "utf-8":
        return
    for name, values in chunk.columns.items():
        chunk.columns[name] = [
            tcvn3.from_latin1(value, encoding)
            if isinstance(value, str) and not value.isascii()
            else value
            for value in values
        ]
