"""The refused rows of a list as a workbook of the same shape, with a column "Lỗi"."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Protocol

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gpmb.importing.findings import Report
from gpmb.importing.grid import read_grids

TITLE = "Lỗi"


class Titled(Protocol):
    """A column as a report names it, and where it stands, counted from 0."""

    @property
    def index(self) -> int: ...

    @property
    def title(self) -> str: ...


_WIDTH = 70
_MARK = PatternFill("solid", fgColor="FBE3E1")


def write_errors(
    source: Path,
    name: str,
    last: int,
    report: Report,
    target: Path,
    households: Mapping[int, Sequence[int]] | None = None,
    titles: Sequence[str] = (),
    columns: Sequence[Titled] = (),
) -> int:
    """Write the letterhead, the header and the refused rows of a sheet; return how many rows.

    `last` is the last row of the header; `households` are rows that stand together under one
    merged name: of one refused all go back, merged as they were. Once corrected, the file
    imports as it is, a block pastes as it is: the column "Lỗi" is passed over. A block without
    header (`last` 0) goes back under `titles`, what its columns were understood as. Faulty
    cells of `columns` are marked; the row's number of before is said, as other rows name it.
    """
    errors = {row: f"Dòng {row}. {' '.join(words)}" for row, words in report.by_row.items()}
    faulty = {row: _faulty(words, columns) for row, words in report.by_row.items()}
    page = _page(source, name)
    if not last:
        page.insert_rows(1)
        for at, title in enumerate(titles, start=1):
            page.cell(1, at, title).font = Font(bold=True)
        errors = {row + 1: words for row, words in errors.items()}
        faulty = {row + 1: cells for row, cells in faulty.items()}
        whole = (households or {}).values()
        households = {at: [row + 1 for row in rows] for at, rows in enumerate(whole)}
        last = 1
    column = page.max_column
    if page.cell(last, column).value != TITLE:  # a corrected file comes back with the column
        column += 1
    out = Workbook()
    out.remove(out.worksheets[0])
    fresh = out.create_sheet(name)
    _copy_rows(page, fresh, {row: row for row in range(1, last + 1)})
    for merged in page.merged_cells.ranges:
        if merged.max_row <= last:
            fresh.merge_cells(str(merged))
    refused = {row for row in errors if row > last}
    for rows in (households or {}).values():
        if not refused.isdisjoint(rows):
            refused.update(rows)
    wanted = sorted(refused)
    places = {row: last + 1 + at for at, row in enumerate(wanted)}
    _copy_rows(page, fresh, places)
    _merge_again(page, fresh, places)
    for row in wanted:
        for index in faulty.get(row, ()):
            fresh.cell(places[row], index + 1).fill = _MARK
    _set_widths(page, fresh, last)
    fresh.page_setup.orientation = "landscape"
    fresh.page_setup.fitToWidth, fresh.page_setup.fitToHeight = 1, 0
    fresh.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    fresh.print_title_rows = f"{last}:{last}"
    _write_column(
        fresh, column, last, {places[row]: errors[row] for row in wanted if row in errors}
    )
    out.save(target)
    return len(wanted)


def _page(source: Path, name: str) -> Worksheet:
    """Open the sheet as it looks; of what openpyxl can't open (.xls, .ods) its values."""
    if zipfile.is_zipfile(source):
        content = io.BytesIO(source.read_bytes())  # by its content: the extension may be wrong
        try:
            found = load_workbook(content, data_only=True)[name]
        except (KeyError, ValueError, TypeError, InvalidFileException):
            pass
        else:
            if isinstance(found, Worksheet):
                return found
    (grid,) = [grid for grid in read_grids(source) if grid.name == name]
    page = Workbook().worksheets[0]
    for at, cells in enumerate(grid.cells, start=1):
        for index, value in enumerate(cells, start=1):
            if value not in (None, ""):
                _write(page, at, index, value)
                if grid.pasted:  # as it was typed: Excel makes no date or number of it anew
                    page.cell(at, index).number_format = "@"
    for (top, left), (bottom, right) in grid.merged:
        page.merge_cells(None, top + 1, left + 1, bottom + 1, right + 1)
    return page


def _copy_rows(page: Worksheet, fresh: Worksheet, rows: Mapping[int, int]) -> None:
    for old, new in rows.items():
        for cell in page[old]:
            if cell.value is None and not cell.has_style:
                continue
            twin = _write(fresh, new, cell.column, cell.value)
            if cell.has_style:
                twin.font, twin.border = copy(cell.font), copy(cell.border)
                twin.number_format = cell.number_format
                twin.alignment = copy(cell.alignment)


def _faulty(words: Sequence[str], columns: Sequence[Titled]) -> list[int]:
    """The columns that the errors of a row are about, counted from 0."""
    return [c.index for c in columns if any(said.startswith(f"{c.title}: ") for said in words)]


def _set_widths(page: Worksheet, fresh: Worksheet, header: int) -> None:
    """As wide as the office made its columns; as wide as their cells where it didn't say."""
    for letter, dimension in page.column_dimensions.items():
        fresh.column_dimensions[letter].width = dimension.width
    for cells in fresh.iter_cols(min_row=header + 1):
        letter = get_column_letter(cells[0].column)
        if letter not in page.column_dimensions:
            longest = max((_length(cell.value) for cell in cells), default=0)
            fresh.column_dimensions[letter].width = min(max(longest + 2, 9), 36)


def _length(value: Any) -> int:
    return len(f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value or ""))


def _write(page: Worksheet, row: int, column: int, value: Any) -> Any:
    """Write a cell; what people typed never runs as a formula in someone's Excel."""
    cell = page.cell(row, column, value)
    if cell.data_type == "f":
        cell.data_type = "s"
    return cell


def _merge_again(page: Worksheet, fresh: Worksheet, places: Mapping[int, int]) -> None:
    """Merge what was merged over the rows that go back, where they all do."""
    for merged in page.merged_cells.ranges:
        rows = [places.get(row) for row in range(merged.min_row, merged.max_row + 1)]
        if None in rows or rows[-1] - rows[0] != len(rows) - 1:  # type: ignore[operator]
            continue
        fresh.merge_cells(
            start_row=rows[0],
            end_row=rows[-1],
            start_column=merged.min_col,
            end_column=merged.max_col,
        )


def _write_column(fresh: Worksheet, column: int, header: int, errors: Mapping[int, str]) -> None:
    fresh.cell(header, column, TITLE).font = Font(bold=True)
    for row, words in errors.items():
        cell = fresh.cell(row, column, words)
        cell.fill, cell.alignment = _MARK, Alignment(wrap_text=True, vertical="top")
        lines = math.ceil(len(words) / (_WIDTH - 8))
        if lines > 1:
            fresh.row_dimensions[row].height = 15 * lines
    fresh.column_dimensions[get_column_letter(column)].width = _WIDTH
    fresh.freeze_panes = fresh.cell(header + 1, 1)
