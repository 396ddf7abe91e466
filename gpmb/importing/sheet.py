"""What an office's list says where: its header, columns, data rows, and what is left out.

A list is laid out for print: letterhead, a header of one to three merged rows, a row "(1) (2) …",
groups, subtotals, signatures. Nothing of that is data, and what is left out is counted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from openpyxl.utils import column_index_from_string

from gpmb.importing.blocks import blocks, is_page_break, refuse_blocks
from gpmb.importing.cells import Cell, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import Question, Report
from gpmb.importing.grid import Grid, NotAList, read_grids
from gpmb.importing.list_columns import (
    LABELS,
    Column,
    L,
    ListField,
    Told,
    check_answers,
    columns_of,
)

HEADER_WITHIN = 40
HEADER_TIERS = 3
PASTED_HEADER_WITHIN = 6
DAYS_TO_1904 = 1462
_LETTERS = "ABCDE"
_INDEX = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?")
_TOTAL_OF = re.compile(r"tổng (?:cộng|số)\b|cộng\b(?! đồng)", re.IGNORECASE)

_TOTAL = re.compile(r"(tong|cong)(cong|so|hop)?(tatca|nhom|khu|thon|xom|to|trang)?[\divx]*")


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own row number."""

    number: int
    cells: list[Cell]


LEFT_OUT = {
    "index": "dòng đánh số cột (1) (2) …",
    "group": "dòng tên nhóm",
    "total": "dòng cộng",
    "signature": "dòng ký tên, ghi chú cuối bảng",
    "header": "dòng lặp lại tiêu đề",
    "hidden": "dòng đang ẩn",
}
"""Kinds of rows that are no data, in the words of the page."""


@dataclass(frozen=True)
class ListSheet:
    """A sheet understood: columns, data rows, and which rows of which kind were left out."""

    name: str
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    formulas: int = 0
    no_value: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with formulas that have no stored value: their addresses."""
    errors: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Data rows with cells whose value is an error, as "G5 (#REF!)"."""
    pasted: bool = False
    visible: bool = True
    tells_hidden: bool = True
    """Whether the format says which rows are hidden and which cells formulas."""
    old_font_columns: int = 0
    """Columns rewritten from TCVN3."""
    others: tuple[str, ...] = ()
    """Other sheets of the file that hold a list, with their rows: not read."""
    households: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """First row → all rows of a household whose name is one cell merged over them."""
    unnamed: tuple[int, ...] = ()
    """Rows of land right below a household's, without a name of their own."""

    def by_household(self) -> Iterator[tuple[Row, ...]]:
        """The data rows, those of one merged household together."""
        if not self.households:
            yield from ((row,) for row in self.rows)
            return
        waiting: list[Row] = []
        last = 0
        for row in self.rows:
            if waiting and row.number > last:
                yield tuple(waiting)
                waiting = []
            if row.number in self.households:
                last = self.households[row.number][-1]
            if row.number > last:
                yield (row,)
            else:
                waiting.append(row)
        if waiting:
            yield tuple(waiting)

    @cached_property
    def by_field(self) -> dict[ListField, Column]:
        return {column.field: column for column in self.columns if column.field}

    def of(self, wanted: ListField) -> Column | None:
        return self.by_field.get(wanted)

    def value(self, row: Row, wanted: ListField) -> Cell:
        column = self.by_field.get(wanted)
        return row.cells[column.index] if column and column.index < len(row.cells) else None


def read_list(
    path: Path,
    told: Mapping[str, Told] | None = None,
    *,
    hidden: bool = False,
    together: bool = False,
) -> ListSheet:
    """Open a workbook or a kept paste and return its first sheet that holds a list.

    Hidden rows are left out unless `hidden`; rows without a name belong to the household right
    above where `together`. Raises `NotAList` where there is no list, `Question`
    where a needed column can't be told,
    `WrongUsage` where an answer is about no column of the list.
    """
    sheet = find_list(path, told, hidden=hidden, together=together)
    check_answers(sheet.columns, told or {})
    require_columns(sheet)
    return sheet


def find_list(
    path: Path,
    told: Mapping[str, Told] | None = None,
    *,
    hidden: bool = False,
    together: bool = False,
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
    best = max(found, key=lambda sheet: (sheet.visible, len(sheet.rows)))
    others = [f"“{sheet.name}” ({len(sheet.rows)} dòng)" for sheet in found if sheet is not best]
    return replace(best, others=tuple(others))


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


def warn_of_left_out(sheet: ListSheet, report: Report) -> None:
    """Say what was read otherwise than it looks: formulas, rows that are hidden."""
    if sheet.formulas:
        report.warning(
            "formulas",
            f"Trang có {sheet.formulas} ô công thức: đọc theo giá trị lưu trong tệp. "
            "Nếu vừa sửa số liệu thì mở bằng Excel và lưu lại trước khi nhập.",
        )
    for code, message in asides(sheet):
        report.warning(code, message)
    if sheet.households:
        lines = sum(map(len, sheet.households.values()))
        report.warning(
            "merged_households",
            f"{len(sheet.households)} hộ gộp ô qua {lines} dòng: mỗi hộ một hồ sơ, gồm các thửa "
            "của các dòng ấy.",
        )
    if rows := sheet.left_out.get("hidden"):
        report.warning(
            "hidden_rows",
            f"Bỏ qua {len(rows)} dòng đang ẩn (dòng {spans(rows)}). Muốn nhập thì bỏ lọc, bỏ ẩn "
            "rồi lưu lại, hoặc chọn đọc cả dòng ẩn.",
        )


def asides(sheet: ListSheet) -> list[tuple[str, str]]:
    """Codes and words of what a person should know of the file before anything else."""
    said = []
    if sheet.others:
        said.append(
            (
                "other_lists",
                f"Chỉ đọc trang “{sheet.name}”. Tệp còn danh sách ở trang "
                f"{', '.join(sheet.others)}: tách mỗi trang thành một tệp rồi nhập.",
            )
        )
    if not sheet.visible:
        said.append(("hidden_sheet", f"Trang “{sheet.name}” đang ẩn trong tệp mà vẫn đọc."))
    if not sheet.tells_hidden and not sheet.pasted:
        said.append(
            (
                "hidden_unknown",
                "Tệp .xls, .ods không cho biết dòng nào đang ẩn, ô nào là công thức: đọc cả. "
                "Muốn bỏ dòng ẩn thì lưu thành .xlsx.",
            )
        )
    if sheet.old_font_columns:
        said.append(
            (
                "old_font",
                f"{sheet.old_font_columns} cột gõ bằng phông .VnTime (mã TCVN3): đã chuyển sang "
                "Unicode. Xem lại tên người, địa chỉ trước khi ghi.",
            )
        )
    said += [
        (
            "column_repeated",
            f"Cột “{column.title}” cũng có thể là {LABELS[column.could_be]}: đã lấy cột "
            f"“{sheet.by_field[column.could_be].title}”, bỏ cột này. Nếu nhầm thì chọn lại cột.",
        )
        for column in sheet.columns
        if column.could_be
    ]
    return said


def spans(rows: Sequence[int], most: int = 8) -> str:
    """Row numbers as "9, 12–15, …"."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    words = [str(a) if a == b else f"{a}–{b}" for a, b in found[:most]]
    return ", ".join([*words, "…"] if len(found) > most else words)


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
    spans_of = _fill_down(grid, columns, first + tiers)
    rows: list[Row] = []
    left_out: dict[str, list[int]] = {}
    draft = ListSheet(grid.name, (), columns, (), pasted=grid.pasted)
    names = _names(columns)
    for at in range(first + tiers, len(cells)):
        row = Row(at + 1, cells[at])
        kind = "hidden" if row.number in grid.hidden and not hidden else _kind(draft, row)
        if kind == "data" and _is_header_again(names, row):
            kind = "header"
        if kind == "data":
            rows.append(row)
        elif kind != "blank" and not (kind == "group" and _spanned(row.number, spans_of)):
            left_out.setdefault(kind, []).append(row.number)
    if len(left_out.get("header", ())) >= 2 and not is_page_break(left_out["header"], rows):
        raise blocks(grid.name, len(left_out["header"]) + 1)
    _cut_signatures(draft, left_out, rows)
    _tell_signatures(left_out, rows)
    if grid.days_from_1904:
        _shift_days(draft, rows)
    known = {column.index for column in columns if column.field}
    data = {row.number for row in rows}
    unnamed = _unnamed(draft, rows)
    if together:
        spans_of = sorted([*spans_of, *_name_from_above(draft, rows, unnamed)])
    return ListSheet(
        grid.name,
        tuple(range(first + 1, first + tiers + 1)),
        columns,
        tuple(rows),
        {kind: tuple(numbers) for kind, numbers in left_out.items()},
        grid.formulas,
        _of_data(grid.no_value, data, known),
        _of_data(grid.errors, data, known),
        pasted=grid.pasted,
        visible=grid.visible,
        tells_hidden=grid.tells_hidden,
        old_font_columns=grid.old_font_columns,
        households=_households(draft, rows, spans_of),
        unnamed=unnamed,
    )


def _of_data(
    cells: Mapping[int, Sequence[str]], rows: Container[int], columns: Container[int]
) -> dict[int, list[str]]:
    """Keep the cells of data rows in columns that mean something: row → addresses."""
    found = dict[int, list[str]]()
    for row, addresses in cells.items():
        if row not in rows:
            continue
        for address in addresses:
            letters = address.split(" ")[0].rstrip("0123456789")
            if column_index_from_string(letters) - 1 in columns:
                found.setdefault(row, []).append(address)
    return found


def _shift_days(sheet: ListSheet, rows: Sequence[Row]) -> None:
    """Turn day numbers that count from 1904 into those that count from 1900."""
    column = sheet.of(L.STEP_DATE)
    for row in rows if column else ():
        if column and column.index < len(row.cells):
            cell = row.cells[column.index]
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                row.cells[column.index] = cell + DAYS_TO_1904


# What a cell merged over rows says of each of them; sums and areas are said once, of all.
_SAID_OF_EACH = (
    L.CODE, L.HOLDER, L.ID_NUMBER, L.ADDRESS, L.SHEET, L.NUMBER, L.SHEET_NUMBER, L.PARCEL_AREA,
    L.LAND_CLASS, L.STEP, L.STEP_DATE, L.RESETTLEMENT, L.NOTE,
)  # fmt: skip
Span = tuple[int, int]
"""First and last row of the sheet, by its own numbers."""


def _fill_down(grid: Grid, columns: Sequence[Column], first: int) -> list[Span]:
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


def _spanned(number: int, spans_of: Sequence[Span]) -> bool:
    return any(first <= number <= last for first, last in spans_of)


def _unnamed(sheet: ListSheet, rows: Sequence[Row]) -> tuple[int, ...]:
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


def _name_from_above(sheet: ListSheet, rows: Sequence[Row], unnamed: Sequence[int]) -> list[Span]:
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


def _households(
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


def _cut_signatures(sheet: ListSheet, left_out: dict[str, list[int]], rows: list[Row]) -> None:
    """Take rows without any figure from the end: many signatories fill as many columns."""
    last = len(rows)
    while last and not any(_has_digit(sheet.value(rows[last - 1], name)) for name in _FIGURES):
        if text(sheet.value(rows[last - 1], L.CODE)):
            break
        last -= 1
    if cut := [row.number for row in rows[last:]]:
        left_out["group"] = sorted([*left_out.get("group", ()), *cut])
        del rows[last:]


def _tell_signatures(left_out: dict[str, list[int]], rows: Sequence[Row]) -> None:
    """What looks like a group below the last row of data is place, date and signatures."""
    last = rows[-1].number if rows else 0
    groups = left_out.pop("group", [])
    if above := [number for number in groups if number < last]:
        left_out["group"] = above
    if below := [number for number in groups if number > last]:
        left_out["signature"] = below


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
    of_new = {L.HOLDER, L.RECOVERED_AREA} <= fields and not fields.isdisjoint(_LAND)
    return len(fields) == 3 and (of_new or L.CODE in fields)


def _kind(sheet: ListSheet, row: Row) -> str:
    """Tell data from what a printed list also holds. Most rows are data: seen at a glance."""
    if _is_index(row.cells):
        return "index"
    numbered = text(sheet.value(row, L.ORDER)).isdigit()
    if numbered and any(_has_digit(sheet.value(row, name)) for name in _LAND):
        return "data"
    filled = [words for cell in row.cells if (words := text(cell))]
    if not filled:
        return "blank"
    if numbered:
        return "data"
    if any(_is_total(words) for words in filled[:2]):
        return "total"
    if any(text(sheet.value(row, name)) for name in _LAND):
        return "data"
    if text(sheet.value(row, L.CODE)):
        alone = len(filled) == 1 + bool(text(sheet.value(row, L.ORDER)))
        return "group" if alone else "data"
    return "group" if len(filled) <= 3 else "data"


_LAND = (L.NUMBER, L.SHEET_NUMBER, L.SHEET)
_FIGURES = (*_LAND, L.ORDER, L.PARCEL_AREA, L.RECOVERED_AREA, L.LAND_VND, L.TOTAL_VND)


def _has_digit(cell: Cell) -> bool:
    return isinstance(cell, int | float) or any(map(str.isdigit, text(cell)))


def _is_total(words: str) -> bool:
    """ "Cộng", "Tổng cộng toàn dự án": no household is called so; "Cộng đồng dân cư" is."""
    return bool(_TOTAL.fullmatch(fold(words)) or _TOTAL_OF.match(words))


def _is_index(cells: Sequence[Cell]) -> bool:
    """Whether a row counts its columns: (1) (2) (3) …, or A B 1 2 3=1+2."""
    counted: list[int] = []
    letters = 0
    for cell in cells:
        words = text(cell)
        if not words:
            continue
        if not counted and letters < len(_LETTERS) and words.strip("()") == _LETTERS[letters]:
            letters += 1  # A, B before the figures: (A) (B) (1) (2) …
            continue
        match = _INDEX.fullmatch(words)
        if match is None or (counted and int(match[1]) != counted[-1] + 1):
            return False
        counted.append(int(match[1]))
    return len(counted) >= 3


def _names(columns: Sequence[Column]) -> list[tuple[int, set[str]]]:
    """What the heading of each known column says, whole and its last tier."""
    return [(c.index, {c.title, c.title.split(" / ")[-1]}) for c in columns if c.field]


def _is_header_again(names: Sequence[tuple[int, set[str]]], row: Row) -> bool:
    same = 0
    for index, words in names:
        cell = row.cells[index] if index < len(row.cells) else None
        if cell and not isinstance(cell, str):
            return False  # nearly every row: titles are text
        same += text(cell) in words
    return same >= 4
