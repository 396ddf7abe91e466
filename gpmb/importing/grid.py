"""A file or a pasted block as grids of cells, with what a program may not pass over in silence.

Formulas come by the value their program last stored; rows that are hidden are known as hidden.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gpmb.importing.cells import Cell

MAX_BYTES = 40_000_000
MAX_UNPACKED = 800_000_000
MAX_PASTED_ROWS = 5_000
MAX_PASTED_COLUMNS = 200
PASTED = ".tsv"
"""What a pasted block is kept as."""

_HIDDEN = re.compile(rb"<row\b[^>]*?\br=\"(\d+)\"[^>]*?\bhidden=\"(?:1|true)\"")
_FORMULA = re.compile(
    rb"<c\b([^>]*?)\br=\"([A-Z]{1,3}\d+)\"([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)(\s*<v>[^<])?"
)
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\n]|\Z)')
_PLAIN = re.compile(r"[^\t\n]*")
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
    pasted: bool = False


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
        book = CalamineWorkbook.from_path(str(path))
        return [_grid(book.get_sheet_by_name(name), name, parts) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise NotAList(
            "unreadable", "Tệp không phải là bảng tính Excel hoặc đã hỏng. Mở bằng Excel, lưu lại."
        ) from error


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


def _grid(sheet: CalamineSheet, name: str, parts: _Parts) -> Grid:
    cells = sheet.to_python(skip_empty_area=False)
    hidden, formulas, no_value = parts.look(name)
    return Grid(name, cells, sheet.merged_cell_ranges or (), hidden, formulas, no_value)


@dataclass(frozen=True)
class _Parts:
    """The XML parts of an .xlsx by sheet name, searched for what the cell reader leaves out."""

    path: Path
    of_sheet: dict[str, str]

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
            if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
                return cls(path, {})
            try:
                sheets = _tree(book, "xl/workbook.xml").iter(f"{_NS}sheet")
                links = {
                    link.get("Id"): link.get("Target", "")
                    for link in _tree(book, "xl/_rels/workbook.xml.rels")
                }
            except ElementTree.ParseError:
                return cls(path, {})
        found = {}
        for sheet in sheets:
            target = links.get(sheet.get(_REL), "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                found[sheet.get("name", "")] = part
        return cls(path, found)

    def look(self, name: str) -> tuple[frozenset[int], int, dict[int, list[str]]]:
        """Return hidden rows, the number of formulas, and formulas without a value by row."""
        part = self.of_sheet.get(name)
        if part is None:
            return frozenset(), 0, {}
        with zipfile.ZipFile(self.path) as book:
            xml = book.read(part)
        hidden = frozenset(int(match[1]) for match in _HIDDEN.finditer(xml))
        if b"<f" not in xml:
            return hidden, 0, {}
        formulas, no_value = 0, dict[int, list[str]]()
        for match in _FORMULA.finditer(xml):
            formulas += 1
            empty_text = b't="str"' in match[1] or b't="str"' in match[3]
            if not match[4] and not empty_text:
                address = match[2].decode()
                row = int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
                no_value.setdefault(row, []).append(address)
        return hidden, formulas, no_value


def _tree(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    xml = book.read(part)
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise NotAList("unreadable", "Tệp có khai báo lạ, không nhận. Mở bằng Excel, lưu lại.")
    return ElementTree.fromstring(xml)  # noqa: S314  (no entities: looked for above)
