"""What an office's list says where: its header, columns, data rows, and what is left out.

A list is laid out for print: letterhead, a header of one to three merged rows, a row "(1) (2) …",
groups, subtotals, signatures. Nothing of that is data, and what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gpmb.importing import asides
from gpmb.importing.cells import Cell, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import Question
from gpmb.importing.grid import HEADER_WITHIN, Grid, NotAList, choose, read_grids
from gpmb.importing.lists.blocks import blocks, is_page_break, refuse_blocks
from gpmb.importing.lists.columns import (
    LABELS,
    L,
    ListField,
    Told,
    check_answers,
    columns_of,
)
from gpmb.importing.lists.households import (
    fill_down,
    households_of,
    name_from_above,
    spanned,
    unnamed_rows,
)
from gpmb.importing.lists.rows import (
    LAND,
    cut_signatures,
    is_header_again,
    kind_of,
    names_of,
    tell_signatures,
)
from gpmb.importing.lists.understood import ListSheet, Row

HEADER_TIERS = 3
PASTED_HEADER_WITHIN = 6
DAYS_TO_1904 = 1462


def read_list(
    path: Path,
    told: Mapping[str, Told] | None = None,
    *,
    hidden: bool = False,
    together: bool = False,
    page: str = "",
) -> ListSheet:
    """Open a workbook or a kept paste and return `page`, or the sheet with the longest list.

    Hidden rows are left out unless `hidden`; rows without a name belong to the household right
    above where `together`. Raises `NotAList` where there is no list, `Question`
    where a needed column can't be told,
    `WrongUsage` where an answer is about no column of the list.
    """
    sheet = find_list(path, told, hidden=hidden, together=together, page=page)
    check_answers(sheet.columns, told or {})
    require_columns(sheet)
    return sheet


def find_list(
    path: Path,
    told: Mapping[str, Told] | None = None,
    *,
    hidden: bool = False,
    together: bool = False,
    page: str = "",
) -> ListSheet:
    """As `read_list`, whatever columns it has."""
    grids = read_grids(path)
    found = [
        sheet
        for grid in grids
        if (sheet := understand(grid, told or {}, hidden=hidden, together=together))
    ]
    if not found:
        raise NotAList(
            "no_header",
            "Không tìm thấy dòng tiêu đề có các cột tờ bản đồ, số thửa, chủ sử dụng, diện tích "
            f"thu hồi trong {HEADER_WITHIN} dòng đầu của trang tính nào.",
        )
    sheet, pages = choose(found, page, lambda sheet: (sheet.visible, len(sheet.rows)))
    return replace(sheet, pages=pages)


def require_columns(sheet: ListSheet) -> None:
    """Ask for what a new case needs; a list with case codes may change fewer columns."""
    if sheet.of(L.CODE):
        return
    parcel = sheet.of(L.SHEET_NUMBER) or sheet.of(L.NUMBER) or sheet.of(L.SHEET)
    missing = [L.NUMBER] if parcel is None else []
    missing += [f for f in (L.HOLDER, L.RECOVERED_AREA) if sheet.of(f) is None]
    if missing:
        titles = [column.title for column in sheet.columns if column.field is None]
        raise Question(
            "column_missing",
            f"Không thấy cột {', '.join(LABELS[f] for f in missing)} trên trang “{sheet.name}”.",
            f"--map CỘT={missing[0]}",
            titles,
        )


def understand(
    grid: Grid, told: Mapping[str, Told], *, hidden: bool = False, together: bool = False
) -> ListSheet | None:
    """Tell header, columns and data of a grid apart; None where it holds no list."""
    cells = grid.cells
    head = [list(row) for row in cells[:HEADER_WITHIN]]
    for (top, left), (bottom, right) in grid.merged:
        for r in range(top, min(bottom + 1, len(head))):
            for c in range(left, min(right + 1, len(head[r]))):
                head[r][c] = cells[top][left]
    header = _pasted_header(head, told) if grid.pasted else _find_header(head, told)
    if header is None:
        refuse_blocks(grid)
        return None
    first, tiers = header
    titles = head[first : first + tiers] or [_letters(max(map(len, head)))]
    columns = columns_of(titles, told)
    if not any(column.field is L.HOLDER for column in columns):
        refuse_blocks(grid)
    spans_of = fill_down(grid, columns, first + tiers)
    rows: list[Row] = []
    left_out: dict[str, list[int]] = {}
    draft = ListSheet(grid.name, (), columns, (), pasted=grid.pasted)
    names = names_of(columns)
    for at in range(first + tiers, len(cells)):
        row = Row(at + 1, cells[at])
        kind = "hidden" if row.number in grid.hidden and not hidden else kind_of(draft, row)
        if kind == "data" and is_header_again(names, row):
            kind = "header"
        if kind == "data":
            rows.append(row)
        elif kind != "blank" and not (kind == "group" and spanned(row.number, spans_of)):
            left_out.setdefault(kind, []).append(row.number)
    if len(left_out.get("header", ())) >= 2 and not is_page_break(left_out["header"], rows):
        raise blocks(grid.name, len(left_out["header"]) + 1)
    cut_signatures(draft, left_out, rows)
    tell_signatures(left_out, rows)
    if grid.days_from_1904:
        _shift_days(draft, rows)
    known = {column.index for column in columns if column.field}
    data = {row.number for row in rows}
    unnamed = unnamed_rows(draft, rows)
    if together:
        spans_of = sorted([*spans_of, *name_from_above(draft, rows, unnamed)])
    return ListSheet(
        grid.name,
        tuple(range(first + 1, first + tiers + 1)),
        columns,
        tuple(rows),
        {kind: tuple(numbers) for kind, numbers in left_out.items()},
        grid.formulas,
        asides.of_data(grid.no_value, data, known),
        asides.of_data(grid.errors, data, known),
        pasted=grid.pasted,
        visible=grid.visible,
        said=asides.of_file(grid),
        households=households_of(draft, rows, spans_of),
        unnamed=unnamed,
    )


def _shift_days(sheet: ListSheet, rows: Sequence[Row]) -> None:
    """Turn day numbers that count from 1904 into those that count from 1900."""
    column = sheet.of(L.STEP_DATE)
    for row in rows if column else ():
        if column and column.index < len(row.cells):
            cell = row.cells[column.index]
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                row.cells[column.index] = cell + DAYS_TO_1904


def _letters(width: int) -> list[Cell]:
    return [f"Cột {chr(65 + at) if at < 26 else at + 1}" for at in range(width)]


def _pasted_header(head: list[list[Cell]], told: Mapping[str, Told]) -> tuple[int, int]:
    """A block may come with its heading, below a title perhaps; else its columns are A, B, C."""
    best = (0, 0, 0)
    for at in range(min(len(head), PASTED_HEADER_WITHIN)):
        if not any(text(cell) for cell in head[at]):
            continue
        for tiers in range(1, HEADER_TIERS + 1):
            columns = columns_of(head[at : at + tiers], told)
            titled = [column for column in columns if column.title]
            # A heading stays one where its columns were answered to be left out.
            known = sum(bool(c.field) or fold(c.title) in told for c in titled)
            mostly = not best[0] and 0 < 2 * known >= len(titled)
            if (known, -tiers) > (best[0], -best[2]) and (known >= 2 or mostly):
                best = (known, at, tiers)
    return best[1], best[2]


def _find_header(head: list[list[Cell]], told: Mapping[str, Told]) -> tuple[int, int] | None:
    """Return (first row, number of tiers) of the block that names the most fields."""
    best: tuple[int, int, int] | None = None
    said = [{words for cell in row if (words := text(cell))} for row in head]
    for at in range(len(head)):
        if len(said[at]) < 2:
            continue  # blank, or a title over the table
        for tiers in range(1, HEADER_TIERS + 1):
            if not all(said[at : at + tiers]):
                break
            columns = columns_of(head[at : at + tiers], told)
            fields = {c.field for c in columns if c.field}
            known = len(fields)
            if _may_be_header(fields) and (best is None or known > best[0]):
                best = (known, at, tiers)
    return (best[1], best[2]) if best else None


def _may_be_header(fields: set[ListField]) -> bool:
    """Four known columns, or three when they are enough to read a list by."""
    if len(fields) >= 4:
        return True
    of_new = {L.HOLDER, L.RECOVERED_AREA} <= fields and not fields.isdisjoint(LAND)
    return len(fields) == 3 and (of_new or L.CODE in fields)
