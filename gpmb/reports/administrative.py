"""A Word paper in the administrative layout of Decree 30/2020/NĐ-CP, annex I.

National name and motto at the right, the issuing body at the left, number and date below them,
kind and abstract in the middle, recipients and the signer at the end. What is written by hand is
left as dots: a draft never invents a number or a name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOTS = "…………"
FONT = "Times New Roman"
BODY = 13


class Paper:
    """One paper, written from the top down; `save` returns the bytes of the file."""

    def __init__(self) -> None:
        self._doc = Document()
        normal = self._doc.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(BODY)
        # Word asks for the font of East Asian letters apart; without it some versions swap it.
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
        normal.paragraph_format.space_after = Pt(4)
        section = self._doc.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(18)
        section.top_margin = section.bottom_margin = Mm(20)

    def head(self, *, above: str, issuer: str, mark: str, place: str, on: dt.date | None) -> None:
        """Write the letterhead; `mark` follows the number ("TB-UBND"), no `on` leaves dots.

        `above` may be two lines.
        """
        table = self._doc.add_table(rows=2, cols=2)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _widths(table, (66, 96))
        left, right = table.rows[0].cells
        for words in above.upper().splitlines():
            _line(left, words, size=12)
        _line(left, issuer.upper(), size=12, bold=True)
        _line(left, "_______", size=8)
        _line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
        _line(right, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True)
        _line(right, "_______________________", size=8)
        left, right = table.rows[1].cells
        _line(left, f"Số: {DOTS}/{mark}", size=13)
        day = (
            f"ngày {on.day:02} tháng {on.month:02} năm {on.year}"
            if on
            else "ngày …… tháng …… năm ………"
        )
        _line(right, f"{place}, {day}", size=13, italic=True)

    def title(self, kind: str, about: str) -> None:
        """Write the kind of paper ("THÔNG BÁO") and its abstract."""
        self._centred(kind.upper(), size=14, bold=True, before=10)
        self._centred(about, size=14, bold=True)
        self._centred("_______________", size=8)

    def text(self, words: str) -> None:
        """Write a paragraph with the first line set in."""
        paragraph = self._doc.add_paragraph(words)
        paragraph.paragraph_format.first_line_indent = Mm(12)
        paragraph.alignment = ALIGN.JUSTIFY

    def heading(self, words: str) -> None:
        """Write a heading within the text."""
        paragraph = self._doc.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Mm(12)
        paragraph.paragraph_format.space_before = Pt(6)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run(words).bold = True

    def note(self, words: str) -> None:
        """Write a small remark."""
        self._doc.add_paragraph().add_run(words).italic = True

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths_mm: Sequence[float],
        last_is_total: bool = False,
        size: int = 11,
        right: Sequence[int] = (),
    ) -> None:
        """Write a table of ready texts; numeric ones and the columns `right` are set right."""
        body = [list(row) for row in rows]
        table = self._doc.add_table(rows=1, cols=len(headings), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _repeat_on_each_page(table.rows[0])
        for cell, words in zip(table.rows[0].cells, headings, strict=True):
            _fill(cell, words, size=size, bold=True, align=ALIGN.CENTER)
        for at, row in enumerate(body):
            total = last_is_total and at == len(body) - 1
            for column, (cell, words) in enumerate(zip(table.add_row().cells, row, strict=True)):
                align = ALIGN.RIGHT if column in right or _numeric(words) else ALIGN.LEFT
                _fill(cell, words, size=size, bold=total, align=align)
        _widths(table, widths_mm)
        self._doc.add_paragraph().paragraph_format.space_after = Pt(2)

    def picture(self, png: bytes, *, width_mm: float) -> None:
        """Set a picture in the middle."""
        self._doc.add_picture(BytesIO(png), width=Mm(width_mm))
        self._doc.paragraphs[-1].alignment = ALIGN.CENTER

    def annex(self, title: str) -> None:
        """Begin an annex on a wide page of its own."""
        section = self._doc.add_section()
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin, section.right_margin = Mm(20), Mm(15)
        self._centred(title, size=13, bold=True)

    def end(self, *, recipients: Sequence[str], signer: Sequence[str]) -> None:
        """Write who receives the paper and who signs it."""
        table = self._doc.add_table(rows=1, cols=2)
        _widths(table, (84, 78))
        left, right = table.rows[0].cells
        paragraph = left.paragraphs[0]
        _run(paragraph, "Nơi nhận:", size=12, bold=True, italic=True)
        for words in recipients:
            end = "." if words == recipients[-1] else ";"
            paragraph = left.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            _run(paragraph, f"- {words}{end}", size=11)
        for words in signer:
            _line(right, words, size=13, bold=True)
        _line(right, "", size=13)
        _line(right, "(Ký, ghi rõ họ tên, đóng dấu)", size=11, italic=True)
        for cell in (left, right):
            cell.paragraphs[0].paragraph_format.space_before = Pt(10)

    def signatures(self, *signers: str) -> None:
        """Write who signs minutes, side by side, with room to sign."""
        table = self._doc.add_table(rows=1, cols=len(signers))
        _widths(table, [162 / len(signers)] * len(signers))
        for cell, words in zip(table.rows[0].cells, signers, strict=True):
            _line(cell, words, size=13, bold=True)
            cell.paragraphs[0].paragraph_format.space_before = Pt(10)
            _line(cell, "(Ký, ghi rõ họ tên)", size=11, italic=True)
            for _ in range(3):
                _line(cell, "", size=13)

    def save(self) -> bytes:
        """Return the file."""
        out = BytesIO()
        self._doc.save(out)
        return out.getvalue()

    def _centred(self, words: str, *, size: int, bold: bool = False, before: int = 0) -> None:
        paragraph = self._doc.add_paragraph()
        paragraph.alignment = ALIGN.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, words, size=size, bold=bold)


def _run(
    paragraph: Any, words: str, *, size: int, bold: bool = False, italic: bool = False
) -> None:
    run = paragraph.add_run(words)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _line(cell: Any, words: str, *, size: int, bold: bool = False, italic: bool = False) -> None:
    """Add a centred line to a cell; the empty paragraph a cell is born with is the first."""
    first = cell.paragraphs[0]
    paragraph = first if not first.runs and len(cell.paragraphs) == 1 else cell.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, words, size=size, bold=bold, italic=italic)


def _fill(cell: Any, words: str, *, size: int, bold: bool, align: Any) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, words, size=size, bold=bold)


def _numeric(words: str) -> bool:
    return bool(words) and words.strip("%–-—").replace(".", "").replace(",", "").isdigit()


def _widths(table: Any, widths_mm: Sequence[float]) -> None:
    table.autofit = False
    # Word reads the cells, LibreOffice the grid.
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)


def _repeat_on_each_page(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
