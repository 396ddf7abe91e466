"""Rows of a list read cell by cell; a fault is said at its row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, Reading, text
from gpmb.importing.findings import Report
from gpmb.importing.lists.columns import LABELS, Column, ListField
from gpmb.importing.lists.understood import ListSheet, Row

T = TypeVar("T")


@dataclass
class RowReader:
    """Reads cells of one sheet into a report."""

    sheet: ListSheet
    report: Report

    def of(self, row: Row, name: ListField, read: Callable[[Cell, Reading], T | None]) -> T | None:
        """Read one cell; a fault is said at its row and column."""
        column = self.columns.get(name)
        try:
            if column is None or column.index >= len(row.cells):
                return read(None, "")
            return read(row.cells[column.index], column.reading)
        except CellError as error:
            self.error(row, name, error.code, error.message)
            return None

    @cached_property
    def columns(self) -> Mapping[ListField, Column]:
        return self.sheet.by_field

    def sum_of(self, rows: Sequence[Row], name: ListField) -> Decimal | None:
        """The money of a household: one merged cell, or a sum of each row."""
        amounts = [self.of(row, name, cells.money) for row in rows]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if known else None

    def common(
        self, rows: Sequence[Row], name: ListField, read: Callable[[Cell, Reading], T | None]
    ) -> T | None:
        """What the rows of a household say once: where two differ, neither is taken."""
        if len(rows) == 1:
            return self.of(rows[0], name, read)
        said = [row for row in rows if text(self.sheet.value(row, name))] or rows[:1]
        first = self.of(said[0], name, read)
        for row in said[1:]:
            if text(self.sheet.value(row, name)) != text(self.sheet.value(said[0], name)):
                self.error(
                    row,
                    name,
                    "household_differs",
                    f"Một hộ gộp nhiều dòng mà {LABELS[name]} khác dòng {said[0].number}. Một hộ "
                    "một hồ sơ thì ghi giống nhau; hai hồ sơ thì tách ô họ tên.",
                )
        return first

    def error(self, row: Row, name: ListField, code: str, message: str) -> None:
        self.report.refuse(code, message, row.number, self.title(name))

    def title(self, name: ListField) -> str:
        column = self.sheet.of(name)
        return column.title if column else LABELS[name]
