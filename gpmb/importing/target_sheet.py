"""The sheet of targets: where its heading is, which column says what, and the one we hand out."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gpmb.clearance.models import (
    TARGET_LINES,
    PlanEntry,
    PlanVersion,
    TargetLine,
    TargetMeasure,
)
from gpmb.importing import asides
from gpmb.importing.cells import READINGS, Cell, Reading, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import Report
from gpmb.importing.grid import HEADER_WITHIN, Grid, NotAList, Pages, choose, read_grids
from gpmb.law.steps import STAGE_LABELS


class TargetField(StrEnum):
    """What a column of a sheet of targets may say; m1 to m12 are the months of the year."""

    PROJECT = "project"
    NAME = "name"
    STEP = "step"
    MEASURE = "measure"
    M1 = "m1"
    M2 = "m2"
    M3 = "m3"
    M4 = "m4"
    M5 = "m5"
    M6 = "m6"
    M7 = "m7"
    M8 = "m8"
    M9 = "m9"
    M10 = "m10"
    M11 = "m11"
    M12 = "m12"


F = TargetField
MONTHS = tuple(F(f"m{number}") for number in range(1, 13))
LABELS: Mapping[TargetField, str] = {
    F.PROJECT: "mã dự án",
    F.NAME: "tên dự án",
    F.STEP: "bước",
    F.MEASURE: "đơn vị",
    **{month: f"tháng {number}" for number, month in enumerate(MONTHS, start=1)},
}
_SYNONYMS: Mapping[str, TargetField] = {
    **dict.fromkeys(("maduan", "ma", "maso", "masoduan", "mada"), F.PROJECT),
    **dict.fromkeys(("tenduan", "duan", "congtrinh", "tencongtrinh", "duancongtrinh"), F.NAME),
    **dict.fromkeys(("buoc", "buocthuchien", "giaidoan"), F.STEP),
    **dict.fromkeys(("donvi", "donvitinh", "dvt"), F.MEASURE),
}
STEPS: Mapping[str, int] = {
    **{fold(words): stage for stage, words in STAGE_LABELS.items() if stage},
    **{str(stage): stage for stage in STAGE_LABELS if stage},
    "thongbao": 1,
    "niemyet": 3,
    "layykien": 3,
    "pheduyet": 4,
    "chitratien": 5,
    "chitraboithuong": 5,
    "bangiao": 6,
    "bangiaodat": 6,
}
"""Words of a step, folded, and its number on the map."""
MEASURES: Mapping[str, TargetMeasure] = {
    **{fold(measure.label): measure for measure in TargetMeasure},
    **dict.fromkeys(("hecta", "dientichha"), TargetMeasure.AREA),
    **dict.fromkeys(("trieu", "trd", "trieuvnd"), TargetMeasure.AMOUNT),
    "sohoso": TargetMeasure.CASES,
}
_MONTH = re.compile(r"\b(?:thang|t)\.?\s*0?(\d{1,2})(?:\s*(?:[/.\-]|nam)?\s*(\d{4}))?\b")
_SLASHED = re.compile(r"(?:\d{1,2}[/.\-])?0?(\d{1,2})[/.\-](\d{4})")
_TOTAL = re.compile(r"(tong|cong)(cong|so)?((nhom|toan|tatca).*)?\d*")
LEAST_KNOWN = 2
"""Headings a row must name to be taken for the heading, one of them a month."""


@dataclass(frozen=True)
class Column:
    """A column as printed, what it was understood as, and how its ambiguous numbers read."""

    index: int
    title: str
    field: TargetField | None
    reading: Reading = ""


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own row number."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class TargetSheet:
    """A sheet understood: its heading (0: none), columns, data rows, rows left out by kind."""

    name: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    formulas: int = 0
    pasted: bool = False
    pages: Pages = ()
    """All sheets of the file that hold targets."""

    @cached_property
    def by_field(self) -> dict[TargetField, Column]:
        return {column.field: column for column in self.columns if column.field}

    def of(self, wanted: TargetField) -> Column | None:
        return self.by_field.get(wanted)

    def value(self, row: Row, wanted: TargetField) -> Cell:
        column = self.by_field.get(wanted)
        return row.cells[column.index] if column else None


def find_targets(
    path: Path,
    year: int,
    told: Mapping[str, str],
    projects: set[str],
    *,
    hidden: bool = False,
    page: str = "",
) -> TargetSheet:
    """Open a workbook or a kept paste; return `page`, or the sheet with the most targets.

    `told` says by title which field a column is ("Cột C" → "m1:decimal"); `projects` are the
    folded codes and names by which a block without heading is understood. Raises `NotAList`.
    """
    found = [
        sheet
        for grid in read_grids(path)
        if (sheet := _understand(grid, year, told, projects, hidden=hidden))
    ]
    if not found:
        raise NotAList(
            "no_header",
            f"Không tìm thấy dòng tiêu đề có cột mã dự án và các tháng của năm {year}. "
            "Tải bảng chỉ tiêu ở trang Kế hoạch làm mẫu.",
        )
    sheet, pages = choose(found, page, lambda sheet: len(sheet.rows))
    return replace(sheet, pages=pages)


def warn_of_left_out(sheet: TargetSheet, report: Report) -> None:
    """Say what was read otherwise than it looks: formulas, rows that are hidden."""
    asides.warn_of_formulas(sheet.formulas, report)
    asides.warn_of_hidden(sheet.left_out.get("hidden", ()), report)


def _understand(
    grid: Grid, year: int, told: Mapping[str, str], projects: set[str], *, hidden: bool
) -> TargetSheet | None:
    cells = _filled(grid)
    header, columns = _header(cells, year, told)
    if header is None:
        if not grid.pasted:
            return None
        columns = _by_content(cells, told, projects)
    rows: list[Row] = []
    left_out: dict[str, list[int]] = {}
    for at in range(0 if header is None else header + 1, len(cells)):
        row = Row(at + 1, cells[at])
        kind = "hidden" if row.number in grid.hidden and not hidden else _kind(columns, row)
        if kind == "data":
            rows.append(row)
        elif kind:
            left_out.setdefault(kind, []).append(row.number)
    return TargetSheet(
        grid.name,
        0 if header is None else header + 1,
        columns,
        tuple(rows),
        {kind: tuple(numbers) for kind, numbers in left_out.items()},
        grid.formulas,
        grid.pasted,
    )


def _filled(grid: Grid) -> list[list[Cell]]:
    """The cells with each merged range holding its value everywhere, all rows equally wide."""
    width = max(map(len, grid.cells), default=0)
    cells = [[*row, *[None] * (width - len(row))] for row in grid.cells]
    for (top, left), (bottom, right) in grid.merged:
        for r in range(top, min(bottom + 1, len(cells))):
            for c in range(left, min(right + 1, width)):
                cells[r][c] = grid.cells[top][left]
    return cells


def _header(
    cells: list[list[Cell]], year: int, told: Mapping[str, str]
) -> tuple[int | None, tuple[Column, ...]]:
    """The row that names the most fields; what stands above an empty heading belongs to it."""
    best: tuple[int | None, tuple[Column, ...]] = (None, ())
    most = LEAST_KNOWN - 1
    for at, row in enumerate(cells[:HEADER_WITHIN]):
        above = cells[at - 1] if at else [None] * len(row)
        head = [cell if text(cell) else over for cell, over in zip(row, above, strict=True)]
        columns = _columns(head, year, told)
        fields = {column.field for column in columns if column.field}
        if len(fields) > most and fields & set(MONTHS):
            best, most = (at, columns), len(fields)
    return best


def _columns(head: Sequence[Cell], year: int, told: Mapping[str, str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    taken: set[TargetField] = set()
    answers = {fold(title): answer for title, answer in told.items()}
    for index, cell in enumerate(head):
        title = f"{cell:%m/%Y}" if isinstance(cell, dt.date) else text(cell)
        answer = answers.get(fold(title)) if title else None
        name, reading = _told(answer) if answer is not None else (_guess(cell, year), "")
        if name in taken:
            name = None
        if name:
            taken.add(name)
        columns.append(Column(index, title, name, reading))  # type: ignore[arg-type]
    return tuple(columns)


def _told(answer: str) -> tuple[TargetField | None, str]:
    name, _, reading = answer.partition(":")
    known = next((field for field in F if field == name), None)
    return known, reading if reading in READINGS else ""


def _guess(cell: Cell, year: int) -> TargetField | None:
    if isinstance(cell, dt.date):
        return MONTHS[cell.month - 1] if cell.year == year else None
    words = text(cell)
    if known := _SYNONYMS.get(fold(words)):
        return known
    plain = " ".join(_plain(words).split())
    match = _MONTH.search(plain) or _SLASHED.fullmatch(plain)
    if match is None:
        return None
    number, stated = int(match[1]), match[2]
    if not 1 <= number <= 12 or (stated and int(stated) != year):
        return None
    return MONTHS[number - 1]


def _plain(words: str) -> str:
    """Words without diacritics, with their signs and spaces."""
    return "".join(fold(sign) or sign for sign in unicodedata.normalize("NFC", words.lower()))


def _by_content(
    cells: list[list[Cell]], told: Mapping[str, str], projects: set[str]
) -> tuple[Column, ...]:
    """Understand a block without heading: a column of projects, of steps, of units, 12 months."""
    width = max(map(len, cells), default=0)
    titles = [f"Cột {chr(65 + at) if at < 26 else at + 1}" for at in range(width)]
    guesses: list[TargetField | None] = []
    for at in range(width):
        words = [fold(text(row[at])) for row in cells if text(row[at])]
        known = (
            (F.PROJECT, projects), (F.STEP, STEPS.keys() - {*map(str, range(10))}),
            (F.MEASURE, MEASURES.keys()),
        )  # fmt: skip
        half = max(1, len(words) / 2)
        guesses.append(
            next((f for f, said in known if sum(word in said for word in words) >= half), None)
        )
    last = max((at for at, guess in enumerate(guesses) if guess), default=-1)
    if width - last - 1 == len(MONTHS):
        guesses[last + 1 :] = MONTHS
    answers = {fold(title): answer for title, answer in told.items()}
    columns, taken = [], set[TargetField]()
    for at, title in enumerate(titles):
        answer = answers.get(fold(title))
        name, reading = _told(answer) if answer is not None else (guesses[at], "")
        if name in taken:
            name = None
        if name:
            taken.add(name)
        columns.append(Column(at, title, name, reading))  # type: ignore[arg-type]
    return tuple(columns)


def _kind(columns: Sequence[Column], row: Row) -> str:
    """ "data", what else the row is, or nothing for an empty one."""
    filled = [text(cell) for cell in row.cells if text(cell)]
    if not filled:
        return ""
    named = [text(row.cells[c.index]) for c in columns if c.field in (F.PROJECT, F.NAME)]
    months = [text(row.cells[c.index]) for c in columns if c.field in MONTHS]
    if all(re.fullmatch(r"\(\d{1,2}\)", word) for word in filled):
        return "index"
    if any(_TOTAL.fullmatch(fold(word)) for word in filled[:2]):
        return "total"
    if len(set(filled)) == 1:  # a title merged over the whole width, a lone word
        return "group"
    return "data" if any(named) or sum(map(bool, months)) > 1 else "group"


# The sheet handed out

_LINE = Border(*[Side(style="thin", color="C9D1DA")] * 4)
_FORMATS = {
    TargetMeasure.CASES: "#,##0",
    TargetMeasure.AREA: "#,##0.00####",
    TargetMeasure.AMOUNT: "#,##0.0#####",
}
_WIDTHS = (14, 44, 26, 12, *[11] * 12)


def write_targets(version: PlanVersion, entries: Sequence[PlanEntry]) -> bytes:
    """Return the workbook of a version's targets: imported again it changes nothing.

    Every project has the rows of all lines that the version uses, and the land handed over.
    """
    values = {entry.pk: entry.values() for entry in entries}
    used = {line for of in values.values() for line in of}
    used.add(TargetLine(6, TargetMeasure.AREA))
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Chỉ tiêu"
    page["A1"] = f"CHỈ TIÊU LŨY KẾ THEO THÁNG — {version.name}"
    page["A1"].font = Font(bold=True, size=13)
    page["A2"] = "Ô trống là chưa đặt chỉ tiêu. Thêm dòng cho bước khác theo trang “Hướng dẫn”."
    page["A2"].font = Font(italic=True, color="5B6675")
    titles = ["Mã dự án", "Tên dự án", "Bước", "Đơn vị"]
    titles += [f"{month:02}/{version.year}" for month in range(1, 13)]
    _write_row(page, 4, titles, Font(bold=True), PatternFill("solid", fgColor="EAF0F2"))
    at = 5
    for entry in entries:
        for line in TARGET_LINES:
            if line not in used:
                continue
            of = values[entry.pk].get(line, {})
            months = [of.get(dt.date(version.year, month, 1)) for month in range(1, 13)]
            cells: list[Cell] = [
                entry.project.code,
                entry.project.name,
                STAGE_LABELS[line.stage],
                line.measure.label,
                *(None if value is None else float(line.typed(value)) for value in months),
            ]
            _write_row(page, at, cells, Font())
            for column in range(5, 17):
                page.cell(at, column).number_format = _FORMATS[line.measure]
            at += 1
    for column, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "E5"
    page.auto_filter.ref = f"A4:P{at - 1}"
    page.page_setup.orientation, page.page_setup.fitToWidth = "landscape", 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    _write_help(book.create_sheet("Hướng dẫn"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_row(
    page: Worksheet, at: int, cells: Sequence[Cell], font: Font, fill: PatternFill | None = None
) -> None:
    for column, value in enumerate(cells, start=1):
        cell = page.cell(at, column, value)
        cell.font, cell.border = font, _LINE
        if fill:
            cell.fill = fill
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _write_help(page: Worksheet) -> None:
    lines = [(STAGE_LABELS[line.stage], line.measure.label) for line in TARGET_LINES]
    rows = [("Bước", "Đơn vị"), *lines]
    for at, (step, unit) in enumerate(rows, start=1):
        page.cell(at, 1, step).font = page.cell(at, 2, unit).font = Font(bold=at == 1)
    page.column_dimensions["A"].width = 30
    page.column_dimensions["B"].width = 16
