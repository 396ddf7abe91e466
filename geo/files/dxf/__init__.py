"""DXF drawings: polygons closed from lines, the texts that stand in them joined as their columns.

A drawing has no table and no coordinate system. Boundaries are the lines of one layer (the
cadastral standard's layer 10, the only layer with lines, or the one that was named); each text
layer becomes a column of the polygon its texts stand in. What is taken and what is left out is
counted and said in the layer's notes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ezdxf.document import Drawing

from geo import tcvn3
from geo.crs import vn
from geo.files.dxf.drawing import Content, boundary_layer, content_of, open_drawing
from geo.files.dxf.labels import labelled
from geo.files.dxf.polygons import polygons_of
from geo.files.model import MAX_COLUMNS, Chunk, FileError, Layer, Problem, Value


@dataclass(frozen=True)
class DxfLayer(Layer):
    """A drawing read whole: its polygons and labels live as long as the layer."""

    shapes: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    values: tuple[dict[str, str], ...] = field(default=(), repr=False, compare=False)
    problems: tuple[Problem, ...] = field(default=(), repr=False, compare=False)


def describe(path: Path, layer: str | None, *, recover: bool = False) -> DxfLayer:
    """Read the drawing, close its polygons and join its labels.

    `layer` names the layer of the boundaries. Raises `FileError`, or `LayerChoice` where several
    layers have lines and none is the cadastral boundary layer.
    """
    document = open_drawing(path, recover=recover)
    content = content_of(document)
    name = boundary_layer(content, layer)
    notes: list[tuple[str, str]] = []
    left_out = content.left_out
    for other, lines in content.lines.items():
        if other != name:
            left_out[f"đường trên lớp {other}"] += len(lines)
    shapes = polygons_of(content.lines[name], notes)
    shapes, values, problems = labelled(shapes, content, notes, name)
    columns = tuple(dict.fromkeys(column for row in values for column in row))
    if len(columns) > MAX_COLUMNS:
        raise FileError("too_many_columns", f"Bản vẽ có hơn {MAX_COLUMNS} lớp chữ.")
    notes.insert(0, ("dxf_read", _said(name, content, len(shapes))))
    encoding, guessed, raw = _encoding(document, values)
    return DxfLayer(
        path,
        "DXF",
        name,
        columns,
        len(shapes),
        None,
        "Bản vẽ DXF không ghi hệ tọa độ.",
        encoding,
        guessed,
        tuple(notes),
        raw,
        tuple(shapes),
        tuple(values),
        tuple(problems),
    )


def chunks(layer: Layer, size: int) -> Iterator[Chunk]:
    """Hand on the polygons of a described drawing."""
    assert isinstance(layer, DxfLayer)  # noqa: S101  (made by describe alone)
    for first in range(0, layer.count, size):
        part = slice(first, first + size)
        shapes: npt.NDArray[np.object_] = np.array(layer.shapes[part], dtype=object)
        rows = layer.values[part]
        columns: dict[str, list[Value]] = {
            name: [row.get(name) for row in rows] for name in layer.columns
        }
        problems = [p for p in layer.problems if first < p.row <= first + size]
        yield Chunk(first + 1, shapes, columns, problems)


def _said(name: str, content: Content, polygons: int) -> str:
    parts = [f"{count} {what}" for what, count in sorted(content.left_out.items())]
    left = sum(content.left_out.values())
    lines = len(content.lines[name])
    return (
        f"Đọc {vn(content.read, 0)} đối tượng: {vn(lines, 0)} đường trên lớp {name} khép thành "
        f"{vn(polygons, 0)} thửa, {vn(len(content.texts), 0)} chữ; bỏ {vn(left, 0)}"
        + (f" ({', '.join(parts[:12])})" if parts else "")
    )


def _encoding(
    document: Drawing, values: list[dict[str, str]]
) -> tuple[tcvn3.Encoding | None, bool, bool]:
    """(encoding, guessed, whether the values are bytes as Latin-1), values made ready in place.

    Before 2007 a drawing holds bytes of a code page, which for ABC fonts is a lie; from 2007 on
    it is UTF-8, in which ABC text stands as Latin-1 letters.
    """
    texts = [(row, name) for row in values for name, text in row.items() if not text.isascii()]
    unicode = document.encoding.lower() in ("utf8", "utf-8") or any(
        ord(max(row[name])) > 0x2122 or "\u1e00" <= max(row[name]) <= "\u1eff"
        for row, name in texts
    )
    if not texts:
        return "utf-8", False, False
    if unicode:
        for row, name in texts:
            row[name] = unicodedata.normalize("NFC", row[name])
        if any(ord(max(row[name])) > 0xFF for row, name in texts):
            return "utf-8", False, False
        guess = tcvn3.guess(row[name].encode("latin-1") for row, name in texts)
        return ("tcvn3", True, False) if guess == "tcvn3" else ("utf-8", False, False)
    for row, name in texts:
        data = row[name].encode(document.encoding, errors="surrogateescape")
        row[name] = data.decode("latin-1")
    found = tcvn3.guess(row[name].encode("latin-1") for row, name in texts)
    return found, found not in (None, "utf-8"), True
