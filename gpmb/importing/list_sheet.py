"""A list understood: its columns and rows, what was left out of it, what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gpmb.importing.cells import Cell
from gpmb.importing.findings import Report
from gpmb.importing.grid import Pages
from gpmb.importing.list_columns import LABELS, Column, ListField


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
    tells_hidden: bool = True
    """Whether the format says which rows are hidden and which cells formulas."""
    old_font_columns: int = 0
    """Columns rewritten from TCVN3."""
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
    if sheet.formulas:
        report.warning(
            "formulas",
            f"Trang có {sheet.formulas} ô công thức: đọc theo giá trị lưu trong tệp. "
            "Nếu vừa sửa số liệu thì mở bằng Excel và lưu lại trước khi nhập.",
        )
    for code, message in asides(sheet):
        report.warning(code, message)
    if sheet.households:
        lines = sum(map(len, sheet.households.values()))
        report.warning(
            "merged_households",
            f"{len(sheet.households)} hộ gộp ô qua {lines} dòng: mỗi hộ một hồ sơ, gồm các thửa "
            "của các dòng ấy.",
        )
    if rows := sheet.left_out.get("hidden"):
        report.warning(
            "hidden_rows",
            f"Bỏ qua {len(rows)} dòng đang ẩn (dòng {spans(rows)}). Muốn nhập thì bỏ lọc, bỏ ẩn "
            "rồi lưu lại, hoặc chọn đọc cả dòng ẩn.",
        )


def asides(sheet: ListSheet) -> list[tuple[str, str]]:
    """Codes and words of what a person should know of the file before anything else."""
    said = []
    if words := other_pages(sheet.name, sheet.pages):
        said.append(("other_lists", words))
    if not sheet.visible:
        said.append(("hidden_sheet", f"Trang “{sheet.name}” đang ẩn trong tệp mà vẫn đọc."))
    if not sheet.tells_hidden and not sheet.pasted:
        said.append(
            (
                "hidden_unknown",
                "Tệp .xls, .ods không cho biết dòng nào đang ẩn, ô nào là công thức: đọc cả. "
                "Muốn bỏ dòng ẩn thì lưu thành .xlsx.",
            )
        )
    if sheet.old_font_columns:
        said.append(
            (
                "old_font",
                f"{sheet.old_font_columns} cột gõ bằng phông .VnTime (mã TCVN3): đã chuyển sang "
                "Unicode. Xem lại tên người, địa chỉ trước khi ghi.",
            )
        )
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


def other_pages(name: str, pages: Pages) -> str:
    """Say which sheets of a file are not read; nothing where there is no other."""
    others = ", ".join(f"“{page}” ({rows} dòng)" for page, rows in pages if page != name)
    if not others:
        return ""
    return (
        f"Chỉ đọc trang “{name}”. Tệp còn danh sách ở trang {others}: mỗi lần nhập một trang, "
        "trang khác thì chạy lại với --sheet."
    )


def spans(rows: Sequence[int], most: int = 8) -> str:
    """Row numbers as "9, 12–15, …"."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    words = [str(a) if a == b else f"{a}–{b}" for a, b in found[:most]]
    return ", ".join([*words, "…"] if len(found) > most else words)
