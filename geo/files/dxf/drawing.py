"""What a drawing holds: its lines and texts by layer, blocks taken apart, the rest counted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import numpy.typing as npt
from ezdxf import recover as ezdxf_recover
from ezdxf.document import Drawing
from ezdxf.entities import DXFEntity
from ezdxf.lldxf.const import DXFError
from ezdxf.path import make_path

from geo import tcvn3
from geo.crs import vn
from geo.files.model import FileError, LayerChoice

FLATTEN_M = 0.01
"""Arcs become chords that leave them by at most this."""
MAX_BYTES = 48 * 1024**2
"""ezdxf holds about 21 times the file in memory (measured), so this bounds it near 1 GB."""
MAX_ELEMENTS = 500_000
MAX_DEPTH = 8
"""Blocks within blocks."""
MAX_COORDINATE = 1e8

# Circular 26/2024/TT-BTNMT, appendix 21, in use before it: numbers of MicroStation levels.
BOUNDARY, NUMBER, CLASS, AREA = 10, 13, 2, 4

_LEVEL = re.compile(r"(?:level|lv|lop|layer)?[\s_-]*0*(\d{1,2})", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r"\d+[A-Za-z]?[ \t]*\n[ \t]*\d+(?:[.,]\d+)?[A-Za-z]?")
_LINES = {"LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE"}
_TEXTS = {"TEXT", "MTEXT", "ATTRIB"}


@dataclass(frozen=True)
class Line:
    points: npt.NDArray[np.float64]
    closed: bool


@dataclass(frozen=True)
class Text:
    layer: str
    text: str
    at: tuple[float, float]


@dataclass
class Content:
    """What the drawing holds, by layer; `left_out` counts elements by their reason."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    read: int = 0
    too_far: int = 0
    """Lines left out for coordinates that no drawing in metres has."""


def open_drawing(path: Path, *, recover: bool) -> Drawing:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileError(
            "dxf_too_large",
            f"Bản vẽ {vn(size / 1024**2, 0)} MB, quá {vn(MAX_BYTES / 1024**2, 0)} MB: tách theo "
            "tờ bản đồ, hoặc xuất ra GeoPackage, Shapefile.",
        )
    try:
        if recover:
            document, _ = ezdxf_recover.readfile(path)
            return document
        return ezdxf.readfile(path)
    # A drawing that is no drawing breaks ezdxf in many ways: whatever it raises, it can't be read.
    except Exception as error:
        cure = (
            "Mở bằng AutoCAD, chạy lệnh AUDIT rồi lưu lại."
            if recover
            else "Mở bằng AutoCAD, chạy lệnh AUDIT rồi lưu lại; hoặc chạy lại với --recover."
        )
        raise FileError("dxf_damaged", f"Bản vẽ DXF hỏng hoặc bị cắt cụt. {cure}") from error


def content_of(document: Drawing) -> Content:
    content = Content()
    for entity in document.modelspace():
        _take(entity, content, 0, "0")
    return _with_names_read(content)


def _with_names_read(content: Content) -> Content:
    """Names of layers written in an ABC font, as people read them."""
    names = {name: name for name in (*content.lines, *(text.layer for text in content.texts))}
    latin = {name: data for name in names if (data := _as_latin(name)) is not None}
    if tcvn3.guess(latin.values()) != "tcvn3":
        return content
    names |= {name: tcvn3.decode(data) for name, data in latin.items()}
    lines: dict[str, list[Line]] = {}
    for name, found in content.lines.items():
        lines.setdefault(names[name], []).extend(found)
    content.lines = lines
    content.texts = [replace(text, layer=names[text.layer]) for text in content.texts]
    return content


def _as_latin(name: str) -> bytes | None:
    try:
        return name.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _take(entity: DXFEntity, content: Content, depth: int, within: str) -> None:
    """Sort one element; a block's elements count as if drawn where it stands."""
    content.read += 1
    if content.read > MAX_ELEMENTS:
        raise FileError(
            "dxf_too_many",
            f"Bản vẽ có hơn {vn(MAX_ELEMENTS, 0)} đối tượng (kể cả trong khối): tách nhỏ bản vẽ.",
        )
    kind = entity.dxftype()
    layer = entity.dxf.get("layer", "0")
    # What a block draws on layer 0 belongs to the layer the block stands on.
    layer = within if layer == "0" and depth else layer
    try:
        if kind in _LINES:
            line = _line(entity, content)
            if line is None:
                content.left_out[f"{kind} không hợp lệ"] += 1
            else:
                content.lines.setdefault(layer, []).append(line)
        elif kind in _TEXTS:
            _take_text(entity, content, layer)
        elif kind == "INSERT":
            _take_block(entity, content, depth, layer)
        else:
            content.left_out[kind] += 1
    except (DXFError, ValueError, TypeError, ArithmeticError, AttributeError, KeyError):
        content.left_out[f"{kind} hỏng"] += 1


def _take_block(insert: Any, content: Content, depth: int, layer: str) -> None:
    if depth >= MAX_DEPTH:
        content.left_out[f"khối lồng quá {MAX_DEPTH} lớp"] += 1
        return
    for attribute in insert.attribs:
        content.read += 1
        _take_text(attribute, content, attribute.dxf.get("tag", "") or layer)
    copies = max(1, insert.mcount)
    if content.read + copies > MAX_ELEMENTS:
        content.read += copies
        raise FileError(
            "dxf_too_many",
            f"Một khối được chèn {vn(copies, 0)} lần: quá số đối tượng đọc được.",
        )
    for single in insert.multi_insert() if copies > 1 else (insert,):
        for inner in single.virtual_entities():
            if inner.dxftype() != "ATTDEF":
                _take(inner, content, depth + 1, layer)


def _take_text(entity: Any, content: Content, layer: str) -> None:
    said = entity.plain_text().replace("\0", "")
    text = " ".join(said.split())
    if entity.dxftype() == "MTEXT":
        if _TWO_NUMBERS.fullmatch(said.strip()):
            text = "/".join(said.split())  # one label of two lines, as if a stroke were between
        x, y = entity.dxf.insert.x, entity.dxf.insert.y
    else:
        _, first, second = entity.get_placement()
        x, y = (second or first).x, (second or first).y
        if second is not None and first is not None and first != second:
            x, y = (first.x, first.y) if entity.dxf.halign in (3, 5) else (second.x, second.y)
    if not text or not _sane(np.array([[x, y]])):
        content.left_out["chữ trống hoặc sai vị trí"] += 1
        return
    content.texts.append(Text(layer, text[:300], (float(x), float(y))))


def _line(entity: Any, content: Content) -> Line | None:
    """The element as plane coordinates; None where it has none."""
    if entity.dxftype() == "LINE":
        start, end = entity.dxf.start, entity.dxf.end
        points = np.array([[start.x, start.y], [end.x, end.y]])
    elif entity.dxftype() == "POLYLINE" and not (entity.is_2d_polyline or entity.is_3d_polyline):
        return None
    else:
        reach = _reach(entity)
        if not 0 <= reach < MAX_COORDINATE:
            return None
        # A circle needs about pi·sqrt(r / 2s) chords: bounded, for `reach` is.
        sagitta = max(FLATTEN_M, reach * 1e-6)
        points = np.array([[p.x, p.y] for p in make_path(entity).flattening(sagitta, 4)])
    if len(points) < 2 or not _sane(points):
        content.too_far += bool(np.isfinite(points).all())
        return None
    gap = float(np.hypot(*(points[0] - points[-1])))
    closed = len(points) > 3 and gap == 0.0
    return Line(points, closed)


def _reach(entity: Any) -> float:
    """How far an element's arcs may bend, metres: what their chords are counted by."""
    if entity.dxftype() in ("LWPOLYLINE", "POLYLINE"):
        if not entity.has_arc:
            return 0.0
        if entity.dxftype() == "LWPOLYLINE":
            rows = np.array(entity.get_points("xyb"), dtype=np.float64)
        else:
            rows = np.array(
                [[v.dxf.location.x, v.dxf.location.y, v.dxf.bulge] for v in entity.vertices]
            )
        width = float(np.ptp(rows[:, :2], axis=0).max())
        return width * max(1.0, float(np.abs(rows[:, 2]).max()))
    if entity.dxftype() == "SPLINE":
        points = np.array([tuple(p) for p in (*entity.control_points, *entity.fit_points)])
        return float(np.ptp(points[:, :2], axis=0).max())
    radius = entity.dxf.get("radius")
    if radius is not None:
        return abs(float(radius))
    axis = entity.dxf.get("major_axis")
    return float(axis.magnitude) if axis is not None else 0.0


def _sane(points: npt.NDArray[np.float64]) -> bool:
    return bool(np.isfinite(points).all() and (np.abs(points) < MAX_COORDINATE).all())


def level(name: str) -> int | None:
    """Number of a cadastral level as exporters write it.

    >>> level("10"), level("Level 13"), level("LV_2"), level("RANH")
    (10, 13, 2, None)
    """
    match = _LEVEL.fullmatch(name.strip())
    return int(match[1]) if match else None


def _nothing_to_close(content: Content) -> FileError:
    """No line could be read: because of the drawing's unit, or because there is none; what is."""
    if content.too_far:
        return FileError(
            "dxf_units",
            f"{vn(content.too_far, 0)} đường có tọa độ lớn hơn bất cứ điểm nào của lưới VN-2000: "
            "bản vẽ có lẽ dùng mi-li-mét. Trong AutoCAD chạy SCALE 0,001 từ gốc 0,0 cho toàn bộ "
            "bản vẽ, lưu lại rồi nhập.",
        )
    there = [f"{vn(n, 0)} {what}" for what, n in sorted(content.left_out.items())]
    there += [f"{vn(len(content.texts), 0)} chữ"] if content.texts else []
    return FileError(
        "layer_missing",
        "Bản vẽ không có đường nào trong không gian mô hình (Model) để khép thành thửa đất"
        + (f"; có: {', '.join(there[:12])}." if there else ", cũng không có gì khác."),
    )


def boundary_layer(content: Content, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in content.lines:
            known = ", ".join(sorted(content.lines)) or "(không lớp nào)"
            raise FileError(
                "layer_unknown", f"Không có đường nào trên lớp {wanted!r}; có: {known}."
            )
        return wanted
    if not content.lines:
        raise _nothing_to_close(content)
    standard = [name for name in content.lines if level(name) == BOUNDARY]
    if len(standard) == 1:
        return standard[0]
    if len(content.lines) > 1:
        raise LayerChoice(sorted(content.lines))
    return next(iter(content.lines))
