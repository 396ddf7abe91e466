"""A list understood: its columns and rows, what was left out of it, what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gpmb.importing import asides
from gpmb.importing.cells import Cell
from gpmb.importing.findings import Report
from gpmb.importing.grid import Pages
from gpmb.importing.lists.columns import LABELS, Column, ListField


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own row number."""

    number: int
    cells: list[Cell]


LEFT_OUT = {
    "index": "dòng đánh số cột (1) (2) …",
    "group": "dòng tên nhóm",
    "total": "dòng cộng",
    "signature": "dòng ký tên, ghi chú cuối bảng",
    "header": "dòng lặp lại tiêu đề",
    "hidden": "dòng đang ẩn",
}
"""Kinds of rows that are no data, in the words of the page."""


@dataclass(frozen=True)
class ListSheet:
    """A sheet understood: columns, data rows, and which rows of which kind were left out."""

    name: str
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    formulas: int = 0
    no_value: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with formulas that have no stored value: their addresses."""
    errors: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with cells whose value is an error, as "G5 (#REF!)"."""
    pasted: bool = False
    visible: bool = True
    said: Sequence[tuple[str, str]] = ()
    """Codes and words of how the sheet itself was read."""
    pages: Pages = ()
    """All sheets of the file that hold a list."""
    households: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """First row → all rows of a household whose name is one cell merged over them."""
    unnamed: tuple[int, ...] = ()
    """Rows of land right below a household's, without a name of their own."""

    def by_household(self) -> Iterator[tuple[Row, ...]]:
        """The data rows, those of one merged household together."""
        if not self.households:
            yield from ((row,) for row in self.rows)
            return
        waiting: list[Row] = []
        last = 0
        for row in self.rows:
            if waiting and row.number > last:
                yield tuple(waiting)
                waiting = []
            if row.number in self.households:
                last = self.households[row.number][-1]
            if row.number > last:
                yield (row,)
            else:
                waiting.append(row)
        if waiting:
            yield tuple(waiting)

    @cached_property
    def by_field(self) -> dict[ListField, Column]:
        return {column.field: column for column in self.columns if column.field}

    def of(self, wanted: ListField) -> Column | None:
        return self.by_field.get(wanted)

    def value(self, row: Row, wanted: ListField) -> Cell:
        column = self.by_field.get(wanted)
        return row.cells[column.index] if column and column.index < len(row.cells) else None


def warn_of_left_out(sheet: ListSheet, report: Report) -> None:
    """Say what was read otherwise than it looks: formulas, rows that are hidden."""
    asides.warn_of_formulas(sheet.formulas, report)
    for code, message in said_of(sheet):
        report.warning(code, message)
    if sheet.households:
        lines = sum(map(len, sheet.households.values()))
        report.warning(
            "merged_households",
            f"{len(sheet.households)} hộ gộp ô qua {lines} dòng: mỗi hộ một hồ sơ, gồm các thửa "
            "của các dòng ấy.",
        )
    asides.warn_of_hidden(sheet.left_out.get("hidden", ()), report)


def said_of(sheet: ListSheet) -> list[tuple[str, str]]:
    """Codes and words of what a person should know of the file before anything else."""
    said = list(sheet.said)
    if words := asides.other_pages(sheet.name, sheet.pages):
        said.insert(0, ("other_lists", words))
    said += [
        (
            "column_repeated",
            f"Cột “{column.title}” cũng có thể là {LABELS[column.could_be]}: đã lấy cột "
            f"“{sheet.by_field[column.could_be].title}”, bỏ cột này. Nếu nhầm thì chọn lại cột.",
        )
        for column in sheet.columns
        if column.could_be
    ]
    return said
