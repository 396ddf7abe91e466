"""Long lists as workbooks, written row by row: memory doesn't grow with them (XlsxWriter)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

MAX_ROWS = 1_048_576
"""Of one sheet, by the format."""
MAX_TEXT = 32_767
"""Characters of one cell, by the format."""
_BOX = {"border": 1, "border_color": "#999999"}
_HEAD = {"bold": True, "bg_color": "#E6EEF0", "text_wrap": True, "align": "center"}
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Formula:
    """A formula of ours, and its value for readers that compute nothing."""

    text: str
    value: Decimal | int


class TooManyRows(ValueError):
    """More rows than a sheet can hold."""


class LongSheet:
    """A workbook of one sheet laid out for A4 across: letterhead, heading, rows, top to bottom.

    `columns` are title, width and number format. Text never runs as a formula; what a workbook
    can't hold is left out of it. Leaving the context saves the file.
    """

    def __init__(self, path: Path, name: str, columns: Sequence[tuple[str, int, str]]) -> None:
        self._book = Workbook(str(path), {"constant_memory": True})
        self._sheet = self._book.add_worksheet(name)
        self._columns = columns
        self._formats = [self._book.add_format(_look(form)) for _, _, form in columns]
        self._bold = [self._book.add_format(_look(form) | {"bold": True}) for *_, form in columns]
        self.row = 0
        """The next row, counted from 0."""
        for at, (_, width, _) in enumerate(columns):
            self._sheet.set_column(at, at, width)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&CTrang &P/&N")
        self._as: Mapping[type, Callable[..., int]] = {
            type(None): self._sheet.write_blank,
            str: self._write_text,
            int: self._sheet.write_number,
            float: self._sheet.write_number,
            Decimal: self._sheet.write_number,
            dt.date: self._sheet.write_datetime,
            Formula: self._write_formula,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._book.close()

    def letterhead(self, title: str, *lines: str) -> None:
        """What stands above the heading, an empty row behind it."""
        self._write_text(
            self.row, 0, title, self._book.add_format({"bold": True, "font_size": 14})
        )
        for at, line in enumerate(lines, self.row + 1):
            self._write_text(at, 0, line)
        self.row += len(lines) + 2

    def heading(self, *, frozen: int) -> None:
        """The titles: they stay in view with `frozen` columns, and print on each page."""
        head = self._book.add_format(_BOX | _HEAD | {"valign": "vcenter"})
        for at, (title, _, _) in enumerate(self._columns):
            self._sheet.write_string(self.row, at, title, head)
        self._sheet.repeat_rows(self.row)
        self._sheet.freeze_panes(self.row + 1, frozen)
        self.row += 1

    def add(self, values: Sequence[Any], *, bold: bool = False) -> None:
        """Write a row: text, whole and decimal numbers, days, `Formula` or None a column.

        Raises `TooManyRows`.
        """
        if self.row >= MAX_ROWS:
            raise TooManyRows(f"Nhiều hơn {MAX_ROWS} dòng: chia theo dự án hoặc xã.")
        formats = self._bold if bold else self._formats
        for at, (value, form) in enumerate(zip(values, formats, strict=True)):
            self._as[type(value)](self.row, at, value, form)
        self.row += 1

    def total(self, column: int, first: int, value: Decimal) -> Formula:
        """The sum of a column from row `first` (counted from 0) to the last one written."""
        letter = xl_col_to_name(column)
        return Formula(f"=SUM({letter}{first + 1}:{letter}{self.row})", value)

    def _write_text(self, row: int, column: int, value: str, form: Any = None) -> int:
        return int(self._sheet.write_string(row, column, as_text(value), form))

    def _write_formula(self, row: int, column: int, value: Formula, form: Any) -> int:
        return int(self._sheet.write_formula(row, column, value.text, form, value.value))


def as_text(value: str) -> str:
    """What of a text a cell can hold."""
    return _NOT_XML.sub("", value)[:MAX_TEXT]


def _look(form: str) -> dict[str, Any]:
    return _BOX | ({"num_format": form} if form else {})
