"""A Word letter as plain blocks that a page can show."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from docx import Document
from docx.table import Table

ALIGNS = {0: "start", 1: "center", 2: "end", 3: "start"}


@dataclass(frozen=True)
class Line:
    """A paragraph: its runs (text, bold, italic) and where it stands."""

    runs: list[tuple[str, bool, bool]]
    align: str


@dataclass(frozen=True)
class Grid:
    """A table: rows of cells, each a list of lines; `drawn` with borders."""

    rows: list[list[list[Line]]]
    drawn: bool


def blocks(content: bytes) -> list[Line | Grid]:
    """Return what a letter says, from the top down."""
    return [
        _grid(each) if isinstance(each, Table) else _line(each)
        for each in Document(BytesIO(content)).iter_inner_content()
    ]


def _grid(table: Any) -> Grid:
    drawn = table.style is not None and table.style.name == "Table Grid"
    rows = [[[_line(p) for p in cell.paragraphs] for cell in row.cells] for row in table.rows]
    return Grid(rows, drawn)


def _line(paragraph: Any) -> Line:
    runs = [(run.text, bool(run.bold), bool(run.italic)) for run in paragraph.runs]
    align = ALIGNS.get(paragraph.alignment, "start")
    return Line(runs, align)
