"""The household × step matrix as a workbook: as seen, with colours, frozen panes and legend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from gpmb.analysis.matrix import AGES, LOOK_WORDS, Cell, Look, Matrix
from gpmb.reports.long_sheet import as_text

# The colours of static/gpmb/matrix.css; a test compares them.
LOOK_FILLS = {
    Look.DONE: "d8efe2",
    Look.LATE: "fbe0b5",
    Look.OPENING: "e6eaef",
    Look.VOUCHED: "eef1f4",
    Look.OVERDUE: "f6c6c2",
    Look.DUE_7: "fdf1df",
    Look.DUE_30: "fff9e8",
    Look.NEXT: "e4f1f2",
    Look.OPEN: "ffffff",
    Look.WAITING: "ffffff",
    Look.ABSENT: "f4f6f8",
}
AGE_FILLS = ("2c7fb8", "7fcdbb", "c7e9d0", "edf8f2")
AGE_WORDS = (
    f"ghi trong {AGES[0]} ngày qua",
    f"{AGES[0] + 1}–{AGES[1]} ngày",
    f"{AGES[1] + 1}–{AGES[2]} ngày",
    f"trước đó hơn {AGES[2]} ngày",
)
_LINE = Side(style="thin", color="c3cbd4")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(vertical="center", wrap_text=True)


@dataclass(frozen=True)
class Sheet:
    """What is on the page: `names` (case → households) is None for readers who see no names."""

    title: str
    on: dt.date
    filters: Sequence[str]
    colour: str
    matrix: Matrix
    names: Mapping[int, Sequence[str]] | None
    stuck: Collection[int]


def write(content: Sheet) -> bytes:
    """Return the workbook; a day is a day, so that Excel sorts and filters it."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Ma trận")
    frozen = 2 if content.names is not None else 1
    header = 5
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{header + 1}"
    for at in range(1, frozen + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 14 if at == 1 else 26
    for at in range(len(content.matrix.columns)):
        sheet.column_dimensions[get_column_letter(frozen + 1 + at)].width = 12
    sheet.print_title_rows = f"{header}:{header}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    title = WriteOnlyCell(sheet, as_text(f"MA TRẬN HỘ × BƯỚC: {content.title}"))
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    sheet.append([f"Số liệu đến ngày {content.on:%d/%m/%Y}"])
    sheet.append([as_text(f"Lọc: {'; '.join(content.filters) or 'không lọc'}")])
    sheet.append(_legend(sheet, content.colour))
    sheet.append(_header(sheet, content))
    for row in content.matrix.rows:
        case = row.case
        code = f"{case.code} ▨" if case.pk in content.stuck else case.code
        lead = [_cell(sheet, code, align=_LEFT)]
        if content.names is not None:
            held = ", ".join(content.names.get(case.pk, ()))
            lead.append(_cell(sheet, held, align=_LEFT))
        sheet.append([*lead, *(_step(sheet, cell, content.colour) for cell in row.cells)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _header(sheet: Any, content: Sheet) -> list[WriteOnlyCell]:
    lead = ["Mã hồ sơ", "Hộ"] if content.names is not None else ["Mã hồ sơ"]
    labels = [f"{c.label}\n{c.done}/{c.rows}" for c in content.matrix.columns]
    return [_cell(sheet, text, "e6eef0", bold=True) for text in (*lead, *labels)]


def _legend(sheet: Any, colour: str) -> list[WriteOnlyCell]:
    if colour == "ngay":
        pairs = list(zip(AGE_WORDS, AGE_FILLS, strict=True))
    else:
        pairs = [(words, LOOK_FILLS[look]) for look, words in LOOK_WORDS.items()]
    note = _cell(sheet, "Chú giải (▨ đang vướng mắc)", align=_LEFT)
    return [note, *(_cell(sheet, words, fill) for words, fill in pairs)]


def _step(sheet: Any, cell: Cell, colour: str) -> WriteOnlyCell:
    # A late step keeps its days in words; the others are days that Excel can sort.
    plain_day = cell.on and cell.look in (Look.DONE, Look.OPENING)
    value: Any = cell.on if plain_day else cell.text
    made = _cell(sheet, value, fill_of(cell, colour))
    if plain_day:
        made.number_format = "dd/mm/yyyy"
    if colour == "ngay" and cell.age == 0:
        made.font = Font(color="ffffff")
    return made


def fill_of(cell: Cell, colour: str) -> str:
    """The colour of a cell as RRGGBB, in either colouring."""
    if colour != "ngay":
        return LOOK_FILLS[cell.look]
    if cell.age is not None:
        return AGE_FILLS[cell.age]
    return LOOK_FILLS[Look.ABSENT] if cell.look is Look.ABSENT else "ffffff"


def _cell(
    sheet: Any, value: Any, fill: str = "", *, bold: bool = False, align: Alignment = _MIDDLE
) -> WriteOnlyCell:
    made = WriteOnlyCell(sheet, as_text(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        made.data_type = "s"  # a name that begins with "=" is no formula
    made.border, made.alignment = _BOX, align
    if fill:
        made.fill = PatternFill("solid", fgColor=fill.upper())
    if bold:
        made.font = Font(bold=True)
    return made
