"""A sheet or block understood as rows of a table: where its heading is, what a column says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gpmb.importing import asides, cells
from gpmb.importing.cells import READINGS, Cell, Reading
from gpmb.importing.columns import fold
from gpmb.importing.findings import Question, Report, WrongUsage
from gpmb.importing.grid import HEADER_WITHIN, Grid, NotAList, Pages, choose, read_grids
from gpmb.importing.tables.table import Table

LEAST_KNOWN = 2
"""Headings a row must name to be taken for the heading; of a single column its one."""


@dataclass(frozen=True)
class Column:
    """A column as printed, what it was understood as, how its dates or numbers read."""

    index: int
    title: str
    field: str
    reading: Reading = ""


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class TableSheet:
    """A sheet understood: its heading (0: none), columns, data rows."""

    name: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pasted: bool
    pages: Pages = ()
    """All sheets of the file that hold such a table."""
    hidden: tuple[int, ...] = ()
    """Rows left out because the sheet hides them."""
    formulas: int = 0
    no_value: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with formulas that have no stored value: their addresses."""
    errors: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with cells whose value is an error."""
    visible: bool = True
    said: Sequence[tuple[str, str]] = ()
    """Codes and words of how the sheet itself was read."""


def read_table(
    path: Path,
    table: Table,
    answers: Mapping[str, str],
    page: str = "",
    *,
    hidden: bool = False,
) -> TableSheet:
    """Find `page`, or the longest sheet with headings the table knows. Raises `NotAList`.

    `answers` say by title which field a column is ("Cột C" → "opened_on:dmy"); `hidden`: rows
    that the sheet hides are read too.
    """
    understood = (_understand(grid, table, answers, hidden) for grid in read_grids(path))
    found = [sheet for sheet in understood if sheet]
    if not found:
        labels = ", ".join(table.fields[name].label for name in table.needed)
        raise NotAList("no_header", f"Không tìm thấy dòng tiêu đề có các cột {labels}.")
    sheet, pages = choose(found, page, lambda sheet: (sheet.visible, len(sheet.rows)))
    others = asides.other_pages(sheet.name, pages)
    said = [("other_lists", others)] if others else []
    return replace(sheet, pages=pages, said=[*said, *sheet.said])


def warn_of_left_out(sheet: TableSheet, report: Report) -> None:
    """Say what was read otherwise than it looks: formulas, rows that are hidden, other sheets."""
    asides.warn_of_formulas(sheet.formulas, report)
    for code, message in sheet.said:
        report.warning(code, message)
    asides.warn_of_hidden(sheet.hidden, report)


def _understand(
    grid: Grid, table: Table, answers: Mapping[str, str], hidden: bool
) -> TableSheet | None:
    header, columns = 0, tuple[Column, ...]()
    told = {fold(title) for title in answers}
    least = min(LEAST_KNOWN, max(map(len, grid.cells), default=1) or 1)
    for at, head in enumerate(grid.cells[:HEADER_WITHIN], start=1):
        found = _columns([cells.text(cell) for cell in head], table, answers)
        # A heading stays one where its columns were answered to be left out.
        if sum(bool(one.field) or fold(one.title) in told for one in found) >= least:
            header, columns = at, found
            break
    if not header:
        if not grid.pasted:
            return None
        width = max(map(len, grid.cells))
        letters = [f"Cột {chr(65 + at) if at < 26 else at + 1}" for at in range(width)]
        columns = _columns(letters, table, answers)
    filled = [
        Row(at + 1, row)
        for at, row in enumerate(grid.cells)
        if at >= header and any(cells.text(cell) for cell in row)
    ]
    left_out = tuple(row.number for row in filled if row.number in grid.hidden and not hidden)
    rows = tuple(row for row in filled if row.number not in left_out)
    data = {row.number for row in rows}
    known = {column.index for column in columns if column.field}
    return TableSheet(
        grid.name,
        header,
        columns,
        rows,
        grid.pasted,
        hidden=left_out,
        formulas=grid.formulas,
        no_value=asides.of_data(grid.no_value, data, known),
        errors=asides.of_data(grid.errors, data, known),
        visible=grid.visible,
        said=asides.of_file(grid),
    )


def _columns(
    titles: Sequence[str], table: Table, answers: Mapping[str, str]
) -> tuple[Column, ...]:
    told = {fold(title): said for title, said in answers.items()}
    answered = {said.partition(":")[0] for said in told.values()}
    taken = set[str]()
    columns = []
    for index, title in enumerate(titles):
        if (said := told.get(fold(title))) is not None:
            name, _, reading = said.partition(":")
        else:
            name, reading = _guess(title, table), ""
            name = "" if name in answered else name
        if name not in table.fields or name in taken:
            name = ""
        taken.add(name)
        kept: Any = reading if reading in READINGS else ""
        columns.append(Column(index, title, name, kept))
    return tuple(columns)


def _guess(title: str, table: Table) -> str:
    folded = fold(title)
    known = {fold(one.label): name for name, one in table.fields.items()}
    if folded in known:
        return known[folded]
    return next((name for name, one in table.fields.items() if folded in one.headings), "")


def parse_answers(given: Sequence[str], table: Table) -> dict[str, str]:
    """Read ``CỘT=field[:reading]`` answers of a command as `read_table` takes them.

    Raises `WrongUsage` for a field or a reading that the table doesn't know.
    """
    answers: dict[str, str] = {}
    for answer in given:
        title, _, said = answer.rpartition("=")
        name, _, reading = said.partition(":")
        if not title or name not in (*table.fields, "skip") or reading not in ("", *READINGS):
            known = ", ".join(f"{name} ({one.label})" for name, one in table.fields.items())
            raise WrongUsage(
                f"--map {answer!r} không hiểu được. Ghi CỘT=trường hoặc CỘT=trường:cách đọc; "
                f"trường là {known}, skip (bỏ qua); cách đọc là {', '.join(READINGS)}."
            )
        answers[title] = said
    return answers


def require_columns(sheet: TableSheet, table: Table) -> None:
    """Ask for what every row needs."""
    have = {column.field for column in sheet.columns}
    missing = [[name] for name in table.needed if name not in have]
    if table.either and not have.intersection(table.either):
        missing.append([*table.either])
    if missing:
        labels = [[table.fields[name].label for name in names] for names in missing]
        words = ", ".join(" hoặc ".join(of) for of in labels)
        titles = [column.title for column in sheet.columns if not column.field and column.title]
        raise Question(
            "column_missing", f"Không thấy cột {words}.", f"--map CỘT={missing[0][0]}", titles
        )
