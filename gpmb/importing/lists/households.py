"""Rows that are one household: a name merged over them, or rows below it without a name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from gpmb.importing.cells import text
from gpmb.importing.grid import Grid
from gpmb.importing.lists.columns import Column, L
from gpmb.importing.lists.understood import ListSheet, Row

# What a cell merged over rows says of each of them; sums and areas are said once, of all.
_SAID_OF_EACH = (
    L.CODE, L.HOLDER, L.ID_NUMBER, L.ADDRESS, L.SHEET, L.NUMBER, L.SHEET_NUMBER, L.PARCEL_AREA,
    L.LAND_CLASS, L.STEP, L.STEP_DATE, L.RESETTLEMENT, L.NOTE,
)  # fmt: skip
Span = tuple[int, int]
"""First and last row of the sheet, by its own numbers."""


def fill_down(grid: Grid, columns: Sequence[Column], first: int) -> list[Span]:
    """Write merged cells out over their rows; return the spans of names and case codes."""
    of = {column.index: column.field for column in columns}
    found = set[Span]()
    for (top, left), (bottom, right) in grid.merged:
        name = of.get(left)
        if top < first or bottom == top or name not in _SAID_OF_EACH:
            continue
        if any(of.get(at) for at in range(left + 1, right + 1)):
            continue  # a block over several columns is no cell of the list
        said = grid.cells[top][left]
        for row in grid.cells[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = said
        if name in (L.HOLDER, L.CODE) and text(said):
            found.add((top + 1, bottom + 1))
    return sorted(found)


def spanned(number: int, spans_of: Sequence[Span]) -> bool:
    return any(first <= number <= last for first, last in spans_of)


def unnamed_rows(sheet: ListSheet, rows: Sequence[Row]) -> tuple[int, ...]:
    """A merged name that was copied or taken apart leaves its later rows without one."""
    if sheet.of(L.HOLDER) is None:
        return ()
    found: list[int] = []
    above = 0
    for row in rows:
        if text(sheet.value(row, L.HOLDER)):
            above = row.number
        elif row.number == above + 1 and not any(
            text(sheet.value(row, name)) for name in (L.CODE, L.ORDER)
        ):
            found.append(row.number)
            above = row.number
        else:
            above = 0
    return tuple(found)


def name_from_above(sheet: ListSheet, rows: Sequence[Row], unnamed: Sequence[int]) -> list[Span]:
    """Give rows without a name that of the household above; return the spans of each."""
    at = {row.number: row for row in rows}
    found: list[Span] = []
    for number in unnamed:
        row, above = at[number], at[number - 1]
        for name in (L.HOLDER, L.CODE, L.ID_NUMBER, L.ADDRESS, L.SHEET):
            column = sheet.of(name)
            if column and column.index < len(row.cells) and not text(row.cells[column.index]):
                row.cells[column.index] = above.cells[column.index]
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number - 1, number))
    return found


def households_of(
    sheet: ListSheet, rows: Sequence[Row], spans_of: Sequence[Span]
) -> dict[int, tuple[int, ...]]:
    """Group the data rows under one merged name, unless their case codes tell them apart."""
    found: dict[int, tuple[int, ...]] = {}
    numbers = [row.number for row in rows]
    for first, last in spans_of:
        held = rows[bisect_left(numbers, first) : bisect_right(numbers, last)]
        codes = {code for row in held if (code := text(sheet.value(row, L.CODE)))}
        if len(held) > 1 and len(codes) <= 1:
            found.setdefault(held[0].number, tuple(row.number for row in held))
    return found
