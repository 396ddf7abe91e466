"""Long lists as workbooks: openpyxl lays the page out, the rows are written as text behind it.

For each cell openpyxl builds an object and asks the style table and lxml: 16 µs. Of a city's
242,000 takings × 16 columns that is a minute; the text of the same cells takes a few seconds.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

MAX_ROWS = 1_048_576
"""Of one sheet, by the format."""
MAX_TEXT = 32_767
"""Characters of one cell, by the format."""
_PART = "xl/worksheets/sheet1.xml"
_EPOCH = dt.date(1899, 12, 30)
_BATCH = 2000
# Characters that XML or a workbook may not hold, and those that XML gives a meaning.
_ODD = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SAFE = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True)
class Formula:
    """A formula of ours, and its value for readers that compute nothing."""

    text: str
    value: Decimal | int


class TooManyRows(ValueError):
    """More rows than a sheet can hold."""


def save(
    book: Workbook, looks: Mapping[str, int], rows: Iterable[tuple[str, Sequence[Any]]], path: Path
) -> None:
    """Save a book of one sheet with `rows` from its first model row on.

    A model row is an empty row whose cells wear a look; `looks` names them, and each row says
    which it wears. Values are text, whole and decimal numbers, days, `Formula` or None; text
    never runs as a formula. Raises `TooManyRows`.
    """
    laid_out = io.BytesIO()
    book.save(laid_out)
    first = min(looks.values())
    with (
        zipfile.ZipFile(laid_out) as model,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in model.namelist():
            if name != _PART:
                out.writestr(name, model.read(name))
        page = re.sub(r"<dimension [^>]*/>", "", model.read(_PART).decode())  # not known yet
        begin, end = page.index(f'<row r="{first}"'), page.index("</sheetData>")
        writers = {name: _writer(page, row) for name, row in looks.items()}
        with out.open(_PART, "w", force_zip64=True) as part:
            part.write(page[:begin].encode())
            waiting: list[str] = []
            for number, (look, values) in enumerate(rows, first):
                if number > MAX_ROWS:
                    raise TooManyRows(f"Nhiều hơn {MAX_ROWS} dòng: chia theo dự án hoặc xã.")
                waiting.append(writers[look](number, values))
                if len(waiting) == _BATCH:
                    part.write("".join(waiting).encode())
                    waiting.clear()
            part.write("".join([*waiting, page[end:]]).encode())


def _writer(page: str, row: int) -> Callable[[int, Sequence[Any]], str]:
    """Return what writes a row in the look of a model row."""
    found = re.findall(rf'<c r="([A-Z]+){row}" s="(\d+)"', page)
    starts = [(letter, f'" s="{style}"') for letter, style in found]

    def write(number: int, values: Sequence[Any]) -> str:
        cells = [
            f'<c r="{letter}{number}{style}{_AS_TEXT[type(value)](value)}'
            for (letter, style), value in zip(starts, values, strict=True)
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    return write


def _text(value: str) -> str:
    if not value:
        return "/>"
    value = value[:MAX_TEXT]
    if _ODD.search(value):
        value = _ODD.sub(lambda odd: _SAFE.get(odd[0], ""), value)
    return f' t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def _formula(value: Formula) -> str:
    return f"><f>{value.text}</f><v>{value.value}</v></c>"


def _number(value: Decimal | float) -> str:
    return f"><v>{value}</v></c>"


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "/>",
    str: _text,
    int: _number,
    float: _number,
    Decimal: _number,
    dt.date: lambda day: f"><v>{(day - _EPOCH).days}</v></c>",
    Formula: _formula,
}
