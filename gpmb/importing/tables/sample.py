"""An empty workbook of a table: its headings, those it needs marked, and what they mean."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from gpmb.importing.tables.table import Table

_NEEDED = PatternFill("solid", fgColor="EAF0F2")
WIDTH = 18


def empty_table(table: Table) -> bytes:
    """Return a workbook whose first sheet `sheet.read_table` reads without a question."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Nhập"
    help_ = book.create_sheet("Hướng dẫn")
    help_["A1"], help_["A2"] = f"Cách điền: {table.title}", table.hint
    help_["A1"].font = Font(bold=True, size=13)
    help_["A2"].alignment = Alignment(wrap_text=True, vertical="top")
    help_.column_dimensions["A"].width = 90
    help_.append([])
    for at, (name, field) in enumerate(table.fields.items(), start=1):
        title = field.label[0].upper() + field.label[1:]
        cell = page.cell(1, at, title)
        needed = name in table.needed
        cell.font = Font(bold=needed)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        if needed:
            cell.fill = _NEEDED
        page.column_dimensions[get_column_letter(at)].width = max(WIDTH, len(title) + 2)
        help_.append([f"{title}: {'cần có' if needed else 'có thể để trống'}"])
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
