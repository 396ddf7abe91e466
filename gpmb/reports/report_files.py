"""A gathered report as XLSX, DOCX or PDF: the same figures written three times, counted once."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import weasyprint
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from weasyprint.urls import URLFetcher

from gpmb import vn
from gpmb.reports.administrative import DOCX, DOTS, Paper
from gpmb.reports.content import Column, Report, Table
from maps import charts, fonts, palette, plan

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
TYPES = {"pdf": PDF, "docx": DOCX, "xlsx": XLSX}
NUMBERS = {
    "count": "#,##0",
    "ha": "#,##0.00",
    "ty": "#,##0.0",
    "pct": "0.0%",
    "day": "dd/mm/yyyy",
}
SCALES = {"ha": 10_000, "ty": 10**9}


def write(report: Report, form: str) -> bytes:
    """Return the report as "pdf", "docx" or "xlsx"."""
    return {"pdf": pdf, "docx": docx, "xlsx": xlsx}[form](report)


# XLSX


def xlsx(report: Report) -> bytes:
    """One sheet a table; numbers stay numbers, in ha and tỷ as the headings say."""
    book = Workbook()
    first = book.active
    assert first is not None  # noqa: S101  (a new workbook has a sheet)
    first.title = "Báo cáo"
    page = report.pages[0]
    for words in (_title(report), _stamp(report), *report.notices, page.sentence):
        first.append([words])
    first["A1"].font = Font(bold=True, size=14)
    first.append([])
    for fact in page.facts:
        first.append([fact.label, _number(fact.value, fact.kind), fact.note])
        first.cell(first.max_row, 2).number_format = NUMBERS.get(fact.kind, "General")
    for words in page.blocking:
        first.append([words])
    if page.table:
        first.append([])
        _rows(first, page.table)
    _fit(first)
    for table in (page.questions, page.conclusions, *report.annexes):
        sheet = book.create_sheet(_sheet_name(table.title))
        sheet.append([table.title])
        sheet["A1"].font = Font(bold=True)
        _rows(sheet, table)
        _fit(sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: Any, table: Table) -> None:
    sheet.append([column.heading for column in table.columns])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
    for row in [*table.rows, *([table.total] if table.total else [])]:
        sheet.append([_number(value, c.kind) for value, c in zip(row, table.columns, strict=True)])
        for cell, column in zip(sheet[sheet.max_row], table.columns, strict=False):
            cell.number_format = NUMBERS.get(column.kind, "General")
            if cell.data_type == "f":  # what people typed never runs as a formula
                cell.data_type = "s"
    if table.total:
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)


def _number(value: Any, kind: str) -> Any:
    if value is None:
        return vn.NO_DATA if kind != "text" else None
    if kind in SCALES:
        return float(Decimal(value) / SCALES[kind])
    return float(value) if kind == "pct" else value


def _fit(sheet: Any) -> None:
    sheet.column_dimensions["A"].width = 38
    for at in range(2, 20):
        sheet.column_dimensions[get_column_letter(at)].width = 15
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _sheet_name(title: str) -> str:
    """A sheet's name holds 31 characters and none of a few signs."""
    return title.replace("Phụ lục ", "PL").replace(".", "")[:31]


# DOCX


def docx(report: Report) -> bytes:
    """Return the report in the administrative layout, charts and map as pictures."""
    page = report.pages[0]
    paper = Paper()
    place = report.city or DOTS
    paper.head(
        above=f"UBND thành phố {report.city}".strip(),
        issuer="Trung tâm Phát triển quỹ đất",
        mark="BC-TTPTQĐ",
        place=place,
        on=None,
    )
    paper.title("Báo cáo", f"{_title(report)} (số liệu đến ngày {vn.day(report.on)})")
    if page.people:
        paper.note(page.people)
    for words in report.notices:
        paper.note(f"{words}.")
    paper.text(page.sentence)
    for words in page.blocking:
        paper.text(words)
    paper.table(
        [fact.label for fact in page.facts],
        [[fact.text for fact in page.facts], [fact.note for fact in page.facts]],
        widths_mm=[27] * len(page.facts),
        size=10,
    )
    paper.picture(charts.png(page.curve), width_mm=120)
    if page.bars:
        paper.picture(charts.png(page.bars), width_mm=120)
    paper.heading("Bản đồ")
    paper.picture(plan.png(page.plan.svg), width_mm=130)
    paper.table(
        ["Bước", "Thửa", "Diện tích (ha)"],
        [[label, vn.num(n), vn.ha(m2, 2)] for label, _, n, m2 in page.plan.legend],
        widths_mm=(70, 30, 40),
        size=10,
    )
    for table in (page.questions, page.conclusions):
        if table.rows:
            paper.heading(table.title)
            _paper_table(paper, table, 162)
    paper.end(
        recipients=["Thường trực Thành ủy", "Chủ tịch, các PCT UBND", "Lưu: VT"],
        signer=["GIÁM ĐỐC"],
    )
    wide = [page.table] if page.table else []
    for table in (*wide, *report.annexes):
        paper.annex(table.title)
        _paper_table(paper, table, 262)
    return paper.save()


def _paper_table(paper: Paper, table: Table, width_mm: float) -> None:
    shares = [
        3.0 if column.kind == "text" and column.heading != "TT" else 1.0
        for column in table.columns
    ]
    paper.table(
        [column.heading for column in table.columns],
        table.lines,
        widths_mm=[width_mm * share / sum(shares) for share in shares],
        last_is_total=table.total is not None,
        size=9,
    )


# PDF


def html(report: Report) -> str:
    """Return what the PDF is set from."""
    return render_to_string(
        "printed/report.html",
        {
            "report": report,
            "title": _title(report),
            "stamp": _stamp(report),
            "pages": [_drawn(page) for page in report.pages],
            "palette": palette,
            "family": fonts.FAMILY,
            "faces": _faces(),
        },
    )


def pdf(report: Report) -> bytes:
    """Set the report by WeasyPrint; nothing is fetched but the fonts of the program."""
    made: bytes = weasyprint.HTML(string=html(report), url_fetcher=_FontsOnly()).write_pdf()
    return made


def _drawn(page: Any) -> dict[str, Any]:
    """A page with its charts and map as SVG, escaped where they were made (maps)."""

    def safe(drawing: str) -> str:
        return mark_safe(drawing)  # noqa: S308

    return {
        "page": page,
        "curve": safe(charts.svg(page.curve)),
        "bars": safe(charts.svg(page.bars)) if page.bars else "",
        "plan": safe(page.plan.svg),
        "legend": [
            (label, colour, vn.num(count), vn.ha(area, 1))
            for label, colour, count, area in page.plan.legend
        ],
    }


def _faces() -> list[tuple[int, str]]:
    folder = fonts.folder()
    if folder is None:
        return []
    return [(weight, (folder / f"{weight}.ttf").as_uri()) for weight in fonts.WEIGHTS]


class _FontsOnly(URLFetcher):
    """Fetches the program's own font files and nothing else."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url not in {address for _, address in _faces()}:
            raise ValueError("a report fetches nothing")
        return super().fetch(url, headers)


def _title(report: Report) -> str:
    return f"Công tác giải phóng mặt bằng: {report.title}"


def _stamp(report: Report) -> str:
    return f"Số liệu đến ngày {vn.day(report.on)}, so với ngày {vn.day(report.since)}"


__all__ = ["TYPES", "Column", "docx", "html", "pdf", "write", "xlsx"]
