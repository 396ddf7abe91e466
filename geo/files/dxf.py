"""DXF drawings: polygons closed from lines, the texts that stand in them joined as their columns.

A drawing has no table and no coordinate system. Boundaries are the lines of one layer (the
cadastral standard's layer 10, the only layer with lines, or the one that was named); each text
layer becomes a column of the polygon its texts stand in. What is taken and what is left out is
counted and said in the layer's notes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import numpy.typing as npt
import shapely
from ezdxf import recover as ezdxf_recover
from ezdxf.document import Drawing
from ezdxf.entities import DXFEntity
from ezdxf.lldxf.const import DXFError
from ezdxf.path import make_path

from geo import tcvn3
from geo.crs import vn
from geo.files.model import MAX_COLUMNS, Chunk, FileError, Layer, LayerChoice, Problem, Value

SNAP_M = 0.05
"""Ends of lines closer than this are one point: the gap a hand leaves at 1:500."""
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
COLUMN_OF = {NUMBER: "so_thua", CLASS: "loai_dat", AREA: "dien_tich"}
SHEET_NUMBER = "to_thua"

_LEVEL = re.compile(r"(?:level|lv|lop|layer)?[\s_-]*0*(\d{1,2})", re.IGNORECASE)
_PAIR = re.compile(r"(?:t[oờ]?\.?\s*)?\w+\s*(?:/|-|,?\s*th[uử]?[aả]?\.?)\s*\w+", re.IGNORECASE)
_PART = re.compile(r"(.+?) \((\d{1,3})/(\d{1,3})\)")
_NUMERIC = re.compile(r"\d+[A-Za-z]?|\d+\s*/\s*\d+[A-Za-z]?")
_LINES = {"LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE"}
_TEXTS = {"TEXT", "MTEXT", "ATTRIB"}


@dataclass(frozen=True)
class DxfLayer(Layer):
    """A drawing read whole: its polygons and labels live as long as the layer."""

    shapes: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    values: tuple[dict[str, str], ...] = field(default=(), repr=False, compare=False)
    problems: tuple[Problem, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class _Line:
    points: npt.NDArray[np.float64]
    closed: bool


@dataclass(frozen=True)
class _Text:
    layer: str
    text: str
    at: tuple[float, float]


@dataclass
class _Content:
    """What the drawing holds, by layer; `left_out` counts elements by their reason."""

    lines: dict[str, list[_Line]] = field(default_factory=dict)
    texts: list[_Text] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    read: int = 0


def describe(path: Path, layer: str | None, *, recover: bool = False) -> DxfLayer:
    """Read the drawing, close its polygons and join its labels.

    `layer` names the layer of the boundaries. Raises `FileError`, or `LayerChoice` where several
    layers have lines and none is the cadastral boundary layer.
    """
    document = _open(path, recover=recover)
    content = _content(document)
    name = _choose(content, layer)
    notes: list[tuple[str, str]] = []
    left_out = content.left_out
    for other, lines in content.lines.items():
        if other != name:
            left_out[f"đường trên lớp {other}"] += len(lines)
    closed = all(line.closed for line in content.lines[name])
    shapes = _rings(content.lines[name]) if closed else _faces(content.lines[name], notes)
    shapes, values, problems = _labelled(shapes, content, notes)
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


# The drawing


def _open(path: Path, *, recover: bool) -> Drawing:
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


def _content(document: Drawing) -> _Content:
    content = _Content()
    for entity in document.modelspace():
        _take(entity, content, 0, "0")
    return content


def _take(entity: DXFEntity, content: _Content, depth: int, within: str) -> None:
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
            line = _line(entity)
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


def _take_block(insert: Any, content: _Content, depth: int, layer: str) -> None:
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


def _take_text(entity: Any, content: _Content, layer: str) -> None:
    text = " ".join(entity.plain_text().split()).replace("\0", "")
    if entity.dxftype() == "MTEXT":
        x, y = entity.dxf.insert.x, entity.dxf.insert.y
    else:
        _, first, second = entity.get_placement()
        x, y = (second or first).x, (second or first).y
        if second is not None and first is not None and first != second:
            x, y = (first.x, first.y) if entity.dxf.halign in (3, 5) else (second.x, second.y)
    if not text or not _sane(np.array([[x, y]])):
        content.left_out["chữ trống hoặc sai vị trí"] += 1
        return
    content.texts.append(_Text(layer, text[:300], (float(x), float(y))))


def _line(entity: Any) -> _Line | None:
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
        return None
    gap = float(np.hypot(*(points[0] - points[-1])))
    closed = len(points) > 3 and gap == 0.0
    return _Line(points, closed)


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


def _choose(content: _Content, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in content.lines:
            known = ", ".join(sorted(content.lines)) or "(không lớp nào)"
            raise FileError(
                "layer_unknown", f"Không có đường nào trên lớp {wanted!r}; có: {known}."
            )
        return wanted
    if not content.lines:
        raise FileError("layer_missing", "Bản vẽ không có đường nào để khép thành thửa đất.")
    standard = [name for name in content.lines if level(name) == BOUNDARY]
    if len(standard) == 1:
        return standard[0]
    if len(content.lines) > 1:
        raise LayerChoice(sorted(content.lines))
    return next(iter(content.lines))


# Polygons


def _rings(lines: Iterable[_Line]) -> list[Any]:
    """Polygons as drawn: each closed line its own; a ring drawn twice counts once."""
    rings = shapely.polygons([shapely.linearrings(line.points) for line in lines])
    canonical = shapely.to_wkb(shapely.normalize(rings))
    _, first = np.unique(canonical, return_index=True)
    return list(rings[np.sort(first)])


def _faces(lines: Iterable[_Line], notes: list[tuple[str, str]]) -> list[Any]:
    """The faces that lines close, gaps of at most `SNAP_M` bridged, what hangs loose reported."""
    edges = _noded(shapely.linestrings(line.points) for line in lines)
    bridges = _bridges(edges)
    if bridges:
        edges = _noded([*edges, *bridges])
        notes.append(
            (
                "gaps_snapped",
                f"Đã nối {vn(len(bridges), 0)} chỗ hở không quá {vn(SNAP_M * 100, 0)} cm",
            )
        )
    polygons, cuts, dangles, broken = shapely.polygonize_full(edges)
    loose = [
        part
        for part in (*dangles.geoms, *cuts.geoms, *broken.geoms)
        if shapely.length(part) > SNAP_M
    ]
    if loose:
        at = shapely.get_coordinates(loose[0])[0]
        notes.append(
            (
                "dangles",
                f"{vn(len(loose), 0)} đoạn đường không khép thành thửa (hở quá "
                f"{vn(SNAP_M * 100, 0)} cm), đoạn đầu ở tọa độ {vn(at[0], 2)}; {vn(at[1], 2)}: "
                "xem lại bản vẽ",
            )
        )
    return list(polygons.geoms)


def _noded(lines: Iterable[Any]) -> list[Any]:
    """Lines cut at every crossing, points within 1 mm one."""
    union = shapely.union_all(list(lines), grid_size=0.001)
    parts = shapely.get_parts(union)
    return list(parts[shapely.get_type_id(parts) == 1])


def _bridges(edges: list[Any]) -> list[Any]:
    """A short line from each loose end to what lies nearest within `SNAP_M`."""
    if not edges:
        return []
    counts = np.fromiter((shapely.get_num_coordinates(edge) for edge in edges), dtype=np.int64)
    coordinates = shapely.get_coordinates(edges)
    last = np.cumsum(counts) - 1
    ends = np.concatenate([coordinates[last - counts + 1], coordinates[last]])
    owner = np.tile(np.arange(len(edges)), 2)
    _, place, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(times[place.ravel()] == 1)
    if not len(loose):
        return []
    points = shapely.points(ends[loose])
    tree, other_ends = shapely.STRtree(edges), shapely.STRtree(points)
    found: dict[int, tuple[float, Any]] = {}
    # First to another loose end, then to any other line; an edge's own far end may be met.
    for a, b in other_ends.query(points, predicate="dwithin", distance=SNAP_M).T:
        if a != b:
            _nearer(found, int(a), points[a], points[b])
    for a, edge in tree.query(points, predicate="dwithin", distance=SNAP_M).T:
        if a not in found and owner[loose[a]] != edge:
            target = shapely.get_point(shapely.shortest_line(edges[edge], points[a]), 0)
            _nearer(found, int(a), points[a], target)
    return [
        shapely.linestrings([*points[at].coords, *target.coords])
        for at, (_, target) in found.items()
    ]


def _nearer(found: dict[int, tuple[float, Any]], at: int, point: Any, target: Any) -> None:
    distance = float(shapely.distance(point, target))
    if distance > 0 and (at not in found or distance < found[at][0]):
        found[at] = (distance, target)


# Labels


def _labelled(
    shapes: list[Any], content: _Content, notes: list[tuple[str, str]]
) -> tuple[list[Any], list[dict[str, str]], list[Problem]]:
    """Give each polygon the texts that stand in it (the smallest that holds them), then settle
    rings within rings, parts of one parcel, and faces that nobody labelled."""
    if not shapes:
        return [], [], []
    areas = shapely.area(shapes)
    found: list[dict[str, list[str]]] = [{} for _ in shapes]
    points = shapely.points([text.at for text in content.texts]) if content.texts else []
    owner: dict[int, int] = {}
    if content.texts:
        tree = shapely.STRtree(shapes)
        for at, shape in tree.query(points, predicate="intersects").T:
            if at not in owner or areas[shape] < areas[owner[at]]:
                owner[int(at)] = int(shape)
    fractions = _are_fractions(content.texts, owner, areas)
    for at, text in enumerate(content.texts):
        if at not in owner:
            content.left_out["chữ ngoài mọi thửa"] += 1
            continue
        column = _column(text)
        if column == SHEET_NUMBER and fractions:
            content.left_out["chữ dạng số thửa/diện tích"] += 1
            continue
        found[owner[at]].setdefault(column, []).append(text.text)
    shapes, found = _with_holes(shapes, found)
    shapes, found = _with_parts(shapes, found)
    if any(found) and not all(found):
        kept = [index for index, labels in enumerate(found) if labels]
        gone = [index for index, labels in enumerate(found) if not labels]
        at = shapely.point_on_surface(shapes[gone[0]])
        content.left_out["vùng không có nhãn"] += len(gone)
        notes.append(
            (
                "faces_without_label",
                f"{vn(len(gone), 0)} vùng khép kín không có nhãn bị bỏ (đường, mương, kẽ hở…), "
                f"vùng đầu ở tọa độ {vn(at.x, 2)}; {vn(at.y, 2)}",
            )
        )
        shapes, found = [shapes[i] for i in kept], [found[i] for i in kept]
    problems: list[Problem] = []
    values = [_settled(row, labels, problems) for row, labels in enumerate(found, 1)]
    return shapes, values, problems


def _column(text: _Text) -> str:
    number = level(text.layer)
    if number in (CLASS, AREA):
        return COLUMN_OF[number]
    if _PAIR.fullmatch(_PART.sub(r"\1", text.text)) and any(
        letter.isdigit() for letter in text.text
    ):
        return SHEET_NUMBER
    return COLUMN_OF.get(number or 0, text.layer)


def _are_fractions(
    texts: Iterable[_Text], owner: dict[int, int], areas: npt.NDArray[np.float64]
) -> bool:
    """Whether this drawing writes "number/area": most of its pairs end in their polygon's area.

    One pair alone may do so by chance: parcel 342 of 342 m².
    """
    said = [
        _is_area(text.text, areas[owner[at]])
        for at, text in enumerate(texts)
        if at in owner and _column(text) == SHEET_NUMBER
    ]
    return sum(said) * 2 > len(said)


def _is_area(text: str, area_m2: float) -> bool:
    """Whether "85/576" says number over area: its second part is the polygon's own area."""
    _, slash, second = text.partition("/")
    return (
        bool(slash) and second.isdecimal() and abs(int(second) - area_m2) <= max(1, 0.01 * area_m2)
    )


def _with_holes(
    shapes: list[Any], found: list[dict[str, list[str]]]
) -> tuple[list[Any], list[dict[str, list[str]]]]:
    """Cut rings out of the ring around them; a ring within without a label is a hole alone."""
    tree = shapely.STRtree(shapes)
    outer, inner = tree.query(shapes, predicate="contains_properly")
    outer_of: dict[int, int] = {}
    for around, within in zip(outer, inner, strict=True):
        best = outer_of.get(int(within))
        if best is None or shapes[around].area < shapes[best].area:
            outer_of[int(within)] = int(around)
    result = list(shapes)
    for within, around in outer_of.items():
        result[around] = shapely.difference(result[around], shapes[within])
    kept = [i for i in range(len(shapes)) if found[i] or i not in outer_of]
    return [result[i] for i in kept], [found[i] for i in kept]


def _with_parts(
    shapes: list[Any], found: list[dict[str, list[str]]]
) -> tuple[list[Any], list[dict[str, list[str]]]]:
    """Join the polygons labelled "5/85 (1/2)", "5/85 (2/2)": one parcel in several parts."""
    parts: dict[tuple[str, str], list[int]] = {}
    for index, labels in enumerate(found):
        for text in labels.get(SHEET_NUMBER, []):
            if match := _PART.fullmatch(text):
                parts.setdefault((match[1], match[3]), []).append(index)
    gone: set[int] = set()
    for (name, _), members in parts.items():
        first, *others = dict.fromkeys(members)
        shapes[first] = shapely.multipolygons(
            [piece for index in (first, *others) for piece in shapely.get_parts(shapes[index])]
        )
        found[first][SHEET_NUMBER] = [name]
        gone.update(others)
    kept = [i for i in range(len(shapes)) if i not in gone]
    return [shapes[i] for i in kept], [found[i] for i in kept]


def _settled(row: int, labels: dict[str, list[str]], problems: list[Problem]) -> dict[str, str]:
    """One value a column; several numbers in one polygon can't be settled here."""
    values = {}
    for column, texts in labels.items():
        different = list(dict.fromkeys(texts))
        values[column] = "; ".join(different)
        if len(different) > 1 and all(_NUMERIC.fullmatch(text) for text in different):
            problems.append(
                Problem(
                    row,
                    "label_several",
                    f"trong thửa có {len(different)} nhãn {column}: {', '.join(different[:5])} "
                    "(thiếu ranh giữa hai thửa, hoặc nhãn đặt nhầm)",
                )
            )
    return values


def _said(name: str, content: _Content, polygons: int) -> str:
    parts = [f"{count} {what}" for what, count in sorted(content.left_out.items())]
    left = sum(content.left_out.values())
    lines = len(content.lines[name])
    return (
        f"Đọc {vn(content.read, 0)} đối tượng: {vn(lines, 0)} đường trên lớp {name} khép thành "
        f"{vn(polygons, 0)} thửa, {vn(len(content.texts), 0)} chữ; bỏ {vn(left, 0)}"
        + (f" ({', '.join(parts[:12])})" if parts else "")
    )


# Text


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
