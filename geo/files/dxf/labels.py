"""The texts of a drawing joined to the polygons they stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import vn
from geo.files.dxf.drawing import AREA, CLASS, NUMBER, Content, Text, level
from geo.files.model import Problem

COLUMN_OF = {NUMBER: "so_thua", CLASS: "loai_dat", AREA: "dien_tich"}
SHEET_NUMBER = "to_thua"

_PAIR = re.compile(
    r"(?:t[oờ]?\.?\s*)?\w+\s*(?:/|-|,?\s*th[uử]?[aả]?\.?)\s*\w+(?:[.,]\d+)?", re.IGNORECASE
)
_DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,4})?")
_NUMBER = re.compile(r"\d+[A-Za-z]?|\d{1,9}[.,]\d{1,4}")
_PART = re.compile(r"(.+?) \((\d{1,3})/(\d{1,3})\)")
_NUMERIC = re.compile(r"\d+[A-Za-z]?|\d+\s*/\s*\d+[A-Za-z]?")


def labelled(
    shapes: list[Any], content: Content, notes: list[tuple[str, str]], boundary: str
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
    texts = _stacked(content, owner, areas, boundary)
    fractions = _are_fractions(texts, owner, areas)
    for at, text in texts.items():
        if at not in owner:
            content.left_out["chữ ngoài mọi thửa"] += 1
            continue
        labels = {_column(text): text.text}
        if SHEET_NUMBER in labels and fractions:
            number, _, area = text.text.partition("/")
            labels = {COLUMN_OF[NUMBER]: number.strip(), COLUMN_OF[AREA]: area.strip()}
        for column, words in labels.items():
            found[owner[at]].setdefault(column, []).append(words)
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


def _column(text: Text) -> str:
    number = level(text.layer)
    if number in (CLASS, AREA):
        return COLUMN_OF[number]
    if _PAIR.fullmatch(_PART.sub(r"\1", text.text)) and any(
        letter.isdigit() for letter in text.text
    ):
        return SHEET_NUMBER
    return COLUMN_OF.get(number or 0, text.layer)


def _stacked(
    content: Content, owner: dict[int, int], areas: npt.NDArray[np.float64], boundary: str
) -> dict[int, Text]:
    """The texts by their place, two numbers one above the other as one text "upper/lower".

    Two numbers of a layer in one polygon may as well be two parcels whose boundary is missing:
    they are one label where the lower is the polygon's area, or a stroke is drawn between them.
    """
    texts = dict(enumerate(content.texts))
    together: dict[tuple[int, str], list[int]] = {}
    for at, text in texts.items():
        if at in owner and level(text.layer) not in (CLASS, AREA) and _NUMBER.fullmatch(text.text):
            together.setdefault((owner[at], text.layer), []).append(at)
    strokes = shapely.STRtree(
        [
            shapely.linestrings(line.points)
            for layer, lines in content.lines.items()
            for line in lines
            if layer != boundary and len(line.points) == 2
        ]
    )
    for (shape, layer), pair in together.items():
        if len(pair) != 2:
            continue
        lower, upper = sorted(pair, key=lambda at: texts[at].at[1])
        (x, y), (above_x, above_y) = texts[lower].at, texts[upper].at
        if abs(above_x - x) > above_y - y:
            continue
        both = Text(layer, f"{texts[upper].text}/{texts[lower].text}", texts[upper].at)
        between = shapely.linestrings([[x, y], [above_x, above_y]])
        if _is_area(both.text, areas[shape]) or len(strokes.query(between, "intersects")):
            texts[upper] = both
            del texts[lower]
    return texts


def _are_fractions(
    texts: Mapping[int, Text], owner: dict[int, int], areas: npt.NDArray[np.float64]
) -> bool:
    """Whether this drawing writes "number/area": most of its pairs end in their polygon's area.

    One pair alone may do so by chance: parcel 342 of 342 m².
    """
    said = [
        _is_area(text.text, areas[owner[at]])
        for at, text in texts.items()
        if at in owner and _column(text) == SHEET_NUMBER
    ]
    return sum(said) * 2 > len(said)


def _is_area(text: str, area_m2: float) -> bool:
    """Whether "85/576" says number over area: its second part is the polygon's own area."""
    _, _, second = text.partition("/")
    said = second.strip().replace(",", ".")
    return bool(_DECIMAL.fullmatch(said)) and abs(float(said) - area_m2) <= max(1, 0.01 * area_m2)


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
