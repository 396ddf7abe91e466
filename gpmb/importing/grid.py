"""A file or a pasted block as grids of cells, with what a program may not pass over in silence.

Formulas come by the value their program last stored; rows that are hidden are known as hidden.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar
from xml.etree import ElementTree

from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from gpmb.importing import old_fonts
from gpmb.importing.cells import Cell

HEADER_WITHIN = 40
"""Rows from the top of a sheet in which a heading is looked for."""
MAX_BYTES = 40_000_000
MAX_UNPACKED = 800_000_000
MAX_CELLS = 30_000_000
"""From the first cell to the last: a reader makes room for all between, empty or not."""
MAX_PASTED_ROWS = 5_000
MAX_PASTED_COLUMNS = 200
PASTED = ".tsv"
"""What a pasted block is kept as."""

_SHOWN = SheetVisibleEnum.Visible
_HIDDEN = re.compile(rb"<row\b[^>]*?\br=\"(\d+)\"[^>]*?\bhidden=\"(?:1|true)\"")
_FORMULA = re.compile(
    rb"<c\b([^>]*?)\br=\"([A-Z]{1,3}\d+)\"([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)(\s*<v>[^<])?"
)
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\n]|\Z)')
_PLAIN = re.compile(r"[^\t\n]*")
_FAR = re.compile(rb"\sr=[\"']([A-Z]*)(\d+)")
_FAR_ROW = re.compile(rb' r="[A-Z]*(\d{6,})')
_FAR_COLUMN = re.compile(rb' r="([A-Z]{2,})')
# In .ods a repeated row or cell that holds something stands for as many.
_REPEATED = re.compile(
    rb"<table:table-(?:row|cell)\b[^>]*number-(?:rows|columns)-repeated=\"(\d{4,})\"[^>]*>"
)
_ERROR = re.compile(
    rb"<c\b(?=[^>]*\bt=\"e\")[^>]*?\br=\"([A-Z]{1,3}\d+)\"[^>]*>(?:\s*<f\b[^>]*?(?:/>|>[^<]*</f>))?"
    rb"\s*<v>([^<]*)"
)
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NotAList(Exception):
    """The file is no readable list: code and reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands: rows from the first, every row of the sheet's own number - 1."""

    name: str
    cells: Sequence[list[Cell]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    """Merged ranges as ((top, left), (bottom, right)), counted from 0."""
    hidden: frozenset[int] = frozenset()
    """Hidden rows by the sheet's own number, from 1."""
    formulas: int = 0
    no_value: dict[int, list[str]] = field(default_factory=dict)
    """Row → addresses of formulas whose program stored no value."""
    errors: dict[int, list[str]] = field(default_factory=dict)
    """Row → cells whose value is an error, as "G5 (#REF!)"."""
    pasted: bool = False
    visible: bool = True
    """Whether the sheet itself is shown."""
    tells_hidden: bool = True
    """Whether the format lets us see hidden rows and formulas: .xls and .ods don't."""
    days_from_1904: bool = False
    """Day numbers without a date format count from 1904, as old Macs did."""
    old_font_columns: int = 0
    """Columns whose TCVN3 letters were rewritten as Unicode."""


Pages = tuple[tuple[str, int], ...]
"""The sheets of a file that hold a list, with how many rows each."""


class Page(Protocol):
    """A sheet understood as a list of some kind."""

    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> Sequence[Any]: ...


P = TypeVar("P", bound=Page)


def choose(found: Sequence[P], page: str, best: Callable[[P], Any]) -> tuple[P, Pages]:
    """Return the sheet that was asked for, else the best, and all that could be asked for.

    Raises `NotAList` where no sheet of that name holds a list. `found` is not empty.
    """
    pages = tuple((sheet.name, len(sheet.rows)) for sheet in found)
    if not page:
        return max(found, key=best), pages
    for sheet in found:
        if sheet.name == page:
            return sheet, pages
    names = ", ".join(f"“{name}”" for name, _ in pages)
    raise NotAList(
        "no_page", f"Trang “{page}” không có hoặc không có dòng tiêu đề. Chọn trong: {names}."
    )


def read_grids(path: Path) -> list[Grid]:
    """Open a workbook (xlsx, xls, ods) or a kept paste. Raises `NotAList`."""
    if path.suffix == PASTED:
        try:
            return [pasted_grid(path.read_text(encoding="utf-8-sig"))]
        except UnicodeDecodeError as error:
            raise NotAList(
                "unreadable", "Tệp không phải là chữ UTF-8. Lưu thành .xlsx."
            ) from error
    if path.stat().st_size > MAX_BYTES:
        raise NotAList(
            "too_large", f"Tệp lớn hơn {MAX_BYTES // 1_000_000} MB. Chia nhỏ danh sách."
        )
    try:
        parts = _Parts.of(path)
        # By its content: a workbook under another extension is still a workbook.
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        shown = {sheet.name: sheet.visible for sheet in book.sheets_metadata}
        return [
            _grid(book, name, parts, shown.get(name) in (None, _SHOWN))
            for name in book.sheet_names
        ]
    except (CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise NotAList("unreadable", _why_unreadable(path)) from error


def _why_unreadable(path: Path) -> str:
    """Say what a file is that is no workbook, as far as its content tells."""
    head = path.read_bytes()[:200_000]
    if not head:
        return "Tệp rỗng. Lưu lại danh sách thành .xlsx rồi chọn tệp đó."
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return (
            "Tệp có mật khẩu mở. Mở bằng Excel, bỏ mật khẩu (Tệp, Thông tin, Bảo vệ sổ làm việc) "
            "rồi lưu lại."
        )
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        return "Tệp là PDF hoặc ảnh, không phải bảng tính. Cần tệp Excel của danh sách."
    if b"\x00" not in head and not head.startswith(b"PK"):
        return (
            "Tệp là chữ (CSV, trang web…), không phải là bảng tính. Mở bằng Excel rồi lưu thành "
            ".xlsx, hoặc chép các ô rồi dán."
        )
    return "Tệp không phải là bảng tính Excel hoặc đã hỏng. Mở bằng Excel, lưu lại."


def pasted_grid(text: str) -> Grid:
    """Read what Excel, LibreOffice and Google Sheets put on the clipboard.

    They part cells by tabs and quote a cell for nothing but a tab or line break within it: every
    other quote is the cell's own.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[Cell]] = [[]]
    at = 0
    while at <= len(text):
        cell, at = _pasted_cell(text, at)
        rows[-1].append(cell)
        if text.startswith("\n", at):
            rows.append([])
        at += 1
    while rows and not any(str(cell or "").strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise NotAList("empty", "Chưa dán gì. Chọn vùng trong Excel, chép (Ctrl+C) rồi dán vào ô.")
    if len(rows) > MAX_PASTED_ROWS:
        raise NotAList(
            "too_many",
            f"Khối dán có {len(rows)} dòng, nhiều hơn {MAX_PASTED_ROWS}. Lưu thành tệp Excel rồi "
            "nhập tệp đó.",
        )
    width = max(len(row) for row in rows)
    if width > MAX_PASTED_COLUMNS:
        raise NotAList(
            "too_wide",
            f"Khối dán có {width} cột, nhiều hơn {MAX_PASTED_COLUMNS}. Chọn đúng vùng có số liệu "
            "rồi chép lại.",
        )
    return Grid("khối dán", [[*row, *[""] * (width - len(row))] for row in rows], pasted=True)


def _pasted_cell(text: str, at: int) -> tuple[str, int]:
    """The cell that begins at `at`, and where it ends."""
    quoted = _QUOTED.match(text, at) if text.startswith('"', at) else None
    if quoted and ("\n" in quoted[1] or "\t" in quoted[1]):
        return quoted[1].replace('""', '"'), quoted.end()
    plain = _PLAIN.match(text, at)
    end = plain.end() if plain else at
    return text[at:end], end


def _grid(book: CalamineWorkbook, name: str, parts: _Parts, visible: bool) -> Grid:
    looked = parts.look(name)  # before its cells are read: it refuses what would fill the memory
    sheet = book.get_sheet_by_name(name)
    cells = sheet.to_python(skip_empty_area=False)
    rewritten = old_fonts.decode(cells)
    return Grid(
        name,
        cells,
        sheet.merged_cell_ranges or (),
        looked.hidden,
        looked.formulas,
        looked.no_value,
        looked.errors,
        visible=visible,
        tells_hidden=bool(parts.of_sheet),
        days_from_1904=parts.days_from_1904,
        old_font_columns=rewritten,
    )


@dataclass(frozen=True)
class _Looked:
    """What the XML of a sheet says beside its values."""

    hidden: frozenset[int] = frozenset()
    formulas: int = 0
    no_value: dict[int, list[str]] = field(default_factory=dict)
    errors: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Parts:
    """The XML parts of an .xlsx by sheet name, searched for what the cell reader leaves out."""

    path: Path
    of_sheet: dict[str, str]
    days_from_1904: bool = False

    @classmethod
    def of(cls, path: Path) -> _Parts:
        if not zipfile.is_zipfile(path):
            return cls(path, {})
        with zipfile.ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > MAX_UNPACKED:
                raise NotAList(
                    "too_large",
                    f"Tệp bung ra lớn hơn {MAX_UNPACKED // 1_000_000} MB. Chia nhỏ danh sách.",
                )
            names = set(book.namelist())
            if "content.xml" in names:
                _refuse_repeated(book.read("content.xml"))
            if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
                return cls(path, {})
            try:
                tree = _tree(book, "xl/workbook.xml")
                links = {
                    link.get("Id"): link.get("Target", "")
                    for link in _tree(book, "xl/_rels/workbook.xml.rels")
                }
            except ElementTree.ParseError:
                return cls(path, {})
        found = {}
        for sheet in tree.iter(f"{_NS}sheet"):
            target = links.get(sheet.get(_REL), "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                found[sheet.get("name", "")] = part
        settings = tree.find(f"{_NS}workbookPr")
        old = settings is not None and settings.get("date1904") in ("1", "true")
        return cls(path, found, old)

    def look(self, name: str) -> _Looked:
        """Return hidden rows, formulas, formulas without a value and errors, by row."""
        part = self.of_sheet.get(name)
        if part is None:
            return _Looked()
        with zipfile.ZipFile(self.path) as book:
            xml = book.read(part)
        rows, columns = _extent(xml)
        if rows * columns > MAX_CELLS:
            raise NotAList(
                "too_large",
                f"Trang “{name}” trải tới dòng {rows}, cột {get_column_letter(columns)}: có ô ghi "
                "ở rất xa. Xóa các dòng, cột thừa rồi lưu lại.",
            )
        hidden = frozenset(int(match[1]) for match in _HIDDEN.finditer(xml))
        errors = dict[int, list[str]]()
        for match in _ERROR.finditer(xml) if b't="e"' in xml else ():
            address = match[1].decode()
            errors.setdefault(_row(address), []).append(f"{address} ({match[2].decode()})")
        formulas, no_value = 0, dict[int, list[str]]()
        for match in _FORMULA.finditer(xml) if b"<f" in xml else ():
            formulas += 1
            empty_text = b't="str"' in match[1] or b't="str"' in match[3]
            if not match[4] and not empty_text:
                address = match[2].decode()
                no_value.setdefault(_row(address), []).append(address)
        return _Looked(hidden, formulas, no_value, errors)


def _refuse_repeated(xml: bytes) -> None:
    """Refuse an .ods whose rows or cells with content are repeated thousands of times."""
    for match in _REPEATED.finditer(xml):
        closed = match[0].endswith(b"/>")
        end = b"</table:table-row>" if b"table-row" in match[0][:20] else b"</table:table-cell>"
        inside = b"" if closed else xml[match.end() : xml.find(end, match.end())]
        if b"office:value" in match[0] or b"office:value" in inside or b"<text:p" in inside:
            raise NotAList(
                "too_large",
                f"Tệp có dòng hoặc ô lặp lại {int(match[1])} lần. Xóa các dòng, cột thừa rồi "
                "lưu lại.",
            )


def _extent(xml: bytes) -> tuple[int, int]:
    """The last row and column of a sheet's cells, or more: exact where that would be too much."""
    plain = not any(odd in xml for odd in (b"r='", b"\tr=", b"\nr=", b"\rr="))
    rows = max(map(int, _FAR_ROW.findall(xml)), default=99_999)
    columns = max(map(_column, set(_FAR_COLUMN.findall(xml))), default=26)
    if plain and rows * columns <= MAX_CELLS:
        return rows, columns
    found = {(letters, int(digits)) for letters, digits in _FAR.findall(xml)}
    return (
        max((row for _, row in found), default=0),
        max((_column(letters) for letters, _ in found if letters), default=0),
    )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


def _row(address: str) -> int:
    return int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _tree(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    xml = book.read(part)
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise NotAList("unreadable", "Tệp có khai báo lạ, không nhận. Mở bằng Excel, lưu lại.")
    return ElementTree.fromstring(xml)  # noqa: S314  (no entities: looked for above)
