"""What a row of a printed list is: data, a group, a total, column numbers, a signature."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gpmb.importing.cells import Cell, text
from gpmb.importing.columns import fold
from gpmb.importing.lists.columns import Column, L
from gpmb.importing.lists.understood import ListSheet, Row

LAND = (L.NUMBER, L.SHEET_NUMBER, L.SHEET)
_FIGURES = (*LAND, L.ORDER, L.PARCEL_AREA, L.RECOVERED_AREA, L.LAND_VND, L.TOTAL_VND)
_LETTERS = "ABCDE"
_INDEX = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?")
_TOTAL_OF = re.compile(r"tổng (?:cộng|số)\b|cộng\b(?! đồng)", re.IGNORECASE)
_TOTAL = re.compile(r"(tong|cong)(cong|so|hop)?(tatca|nhom|khu|thon|xom|to|trang)?[\divx]*")


def kind_of(sheet: ListSheet, row: Row) -> str:
    """Tell data from what a printed list also holds. Most rows are data: seen at a glance."""
    if _is_index(row.cells):
        return "index"
    numbered = text(sheet.value(row, L.ORDER)).isdigit()
    if numbered and any(_has_digit(sheet.value(row, name)) for name in LAND):
        return "data"
    filled = [words for cell in row.cells if (words := text(cell))]
    if not filled:
        return "blank"
    if numbered:
        return "data"
    if any(_is_total(words) for words in filled[:2]):
        return "total"
    if any(text(sheet.value(row, name)) for name in LAND):
        return "data"
    if text(sheet.value(row, L.CODE)):
        alone = len(filled) == 1 + bool(text(sheet.value(row, L.ORDER)))
        return "group" if alone else "data"
    return "group" if len(filled) <= 3 else "data"


def _has_digit(cell: Cell) -> bool:
    return isinstance(cell, int | float) or any(map(str.isdigit, text(cell)))


def _is_total(words: str) -> bool:
    """ "Cộng", "Tổng cộng toàn dự án": no household is called so; "Cộng đồng dân cư" is."""
    return bool(_TOTAL.fullmatch(fold(words)) or _TOTAL_OF.match(words))


def _is_index(cells: Sequence[Cell]) -> bool:
    """Whether a row counts its columns: (1) (2) (3) …, or A B 1 2 3=1+2."""
    counted: list[int] = []
    letters = 0
    for cell in cells:
        words = text(cell)
        if not words:
            continue
        if not counted and letters < len(_LETTERS) and words.strip("()") == _LETTERS[letters]:
            letters += 1  # A, B before the figures: (A) (B) (1) (2) …
            continue
        match = _INDEX.fullmatch(words)
        if match is None or (counted and int(match[1]) != counted[-1] + 1):
            return False
        counted.append(int(match[1]))
    return len(counted) >= 3


def names_of(columns: Sequence[Column]) -> list[tuple[int, set[str]]]:
    """What the heading of each known column says, whole and its last tier."""
    return [(c.index, {c.title, c.title.split(" / ")[-1]}) for c in columns if c.field]


def is_header_again(names: Sequence[tuple[int, set[str]]], row: Row) -> bool:
    same = 0
    for index, words in names:
        cell = row.cells[index] if index < len(row.cells) else None
        if cell and not isinstance(cell, str):
            return False  # nearly every row: titles are text
        same += text(cell) in words
    return same >= 4


def cut_signatures(sheet: ListSheet, left_out: dict[str, list[int]], rows: list[Row]) -> None:
    """Take rows without any figure from the end: many signatories fill as many columns."""
    if not any(sheet.of(name) for name in _FIGURES):
        return  # no column is known yet
    last = len(rows)
    while last and not any(_has_digit(sheet.value(rows[last - 1], name)) for name in _FIGURES):
        if text(sheet.value(rows[last - 1], L.CODE)):
            break
        last -= 1
    if cut := [row.number for row in rows[last:]]:
        left_out["group"] = sorted([*left_out.get("group", ()), *cut])
        del rows[last:]


def tell_signatures(left_out: dict[str, list[int]], rows: Sequence[Row]) -> None:
    """What looks like a group below the last row of data is place, date and signatures."""
    last = rows[-1].number if rows else 0
    groups = left_out.pop("group", [])
    if above := [number for number in groups if number < last]:
        left_out["group"] = above
    if below := [number for number in groups if number > last]:
        left_out["signature"] = below
