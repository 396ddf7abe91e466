"""The refused rows of a list as a workbook of the same shape, with a column "Lỗi"."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from gpmb.importing.findings import Report
from gpmb.importing.grid import read_grids

TITLE = "Lỗi"
_MARK = PatternFill("solid", fgColor="FBE3E1")


def write_errors(
    source: Path,
    name: str,
    last: int,
    report: Report,
    target: Path,
    households: Mapping[int, Sequence[int]] | None = None,
    titles: Sequence[str] = (),
) -> int:
    """Write the letterhead, the header and the refused rows of a sheet; return how many rows.

    `last` is the last row of the header; `households` are rows that stand together under one
    merged name: of one refused all go back, merged as they were. Once corrected, the file
    imports as it is, a block pastes as it is: the column "Lỗi" is passed over. A block without
    header (`last` 0) goes back under `titles`, what its columns were understood as.
    """
    errors = {row: " ".join(words) for row, words in report.by_row.items()}
    page = _page(source, name)
    if not last:
        page.insert_rows(1)
        for at, title in enumerate(titles, start=1):
            page.cell(1, at, title).font = Font(bold=True)
        errors = {row + 1: words for row, words in errors.items()}
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
    for letter, dimension in page.column_dimensions.items():
        fresh.column_dimensions[letter].width = dimension.width
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
    if grid.pasted:
        for index, column in enumerate(zip(*grid.cells, strict=True), start=1):
            longest = max(len(str(value or "")) for value in column)
            page.column_dimensions[get_column_letter(index)].width = min(max(longest + 2, 10), 40)
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
    fresh.column_dimensions[get_column_letter(column)].width = 60
    fresh.freeze_panes = fresh.cell(header + 1, 1)
