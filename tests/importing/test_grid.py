"""What a workbook hides from a reader of values: formulas, hidden rows, blocks; and pastes."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gpmb.importing.asides import spans
from gpmb.importing.findings import Report
from gpmb.importing.grid import NotAList, pasted_grid, read_grids
from gpmb.importing.lists.sheet import find_list, understand
from gpmb.importing.lists.understood import warn_of_left_out
from tests.importing.test_workbook import HEADERS, row, workbook


def with_formulas(path: Path, cached: str) -> Path:
    """Give the total of the first row a formula, with or without a stored value."""
    book = load_workbook(path)
    book.worksheets[0]["K5"] = "=H5+I5+J5"
    book.save(path)
    if cached:
        value = cached.encode()
        rewrite(path, lambda xml: xml.replace(b"<v></v>", value).replace(b"<v />", value))
    return path


def rewrite(path: Path, change: Callable[[bytes], bytes], part: str = "sheets/sheet1") -> None:
    """Change one part of a workbook as another program would have written it."""
    with zipfile.ZipFile(path) as inside:
        parts = {name: inside.read(name) for name in inside.namelist()}
    name = f"xl/{part.replace('sheets', 'worksheets')}.xml"
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w") as out:
        for part_name, content in parts.items():
            out.writestr(part_name, content)


def test_formulas_are_read_by_their_stored_value_and_said(tmp_path: Path):
    sheet = find_list(with_formulas(workbook(tmp_path, row()), "<v>1500</v>"))
    assert (sheet.formulas, sheet.no_value) == (1, {})
    assert sheet.rows[0].cells[10] == 1500
    report = Report()
    warn_of_left_out(sheet, report)
    assert [finding.code for finding in report.findings] == ["formulas"]


def test_a_formula_without_a_stored_value_is_named(tmp_path: Path):
    sheet = find_list(with_formulas(workbook(tmp_path, row()), ""))
    assert sheet.no_value == {5: ["K5"]}


def test_hidden_rows_are_left_out_and_said_unless_asked_for(tmp_path: Path):
    path = workbook(tmp_path, row(85), row(86), row(87))
    book = load_workbook(path)
    book.worksheets[0].row_dimensions[6].hidden = True
    book.save(path)
    sheet = find_list(path)
    assert [r.number for r in sheet.rows] == [5, 7]
    assert sheet.left_out["hidden"] == (6,)
    assert len(find_list(path, hidden=True).rows) == 3


def test_a_workbook_as_libreoffice_writes_it_reads_the_same(tmp_path: Path):
    path = with_formulas(workbook(tmp_path, row(85), row(86)), "<v>1500</v>")
    words = ' customFormat="false" ht="12.8" hidden="false" customHeight="false" '

    def as_written(xml: bytes) -> bytes:
        xml = re.sub(rb'<row r="(\d+)"', rb'<row r="\1"' + words.encode(), xml)
        return xml.replace(b"<f>", b'<f aca="false">')

    rewrite(path, as_written)
    sheet = find_list(path)
    assert (len(sheet.rows), sheet.formulas, sheet.no_value) == (2, 1, {})
    assert "hidden" not in sheet.left_out


def test_groups_totals_and_signatures_are_told_apart(tmp_path: Path):
    path = workbook(tmp_path, ["I", "Khu 1"], row(85), ["", "Cộng"], ["II", "Khu 2"], row(86))
    book = load_workbook(path)
    page = book.worksheets[0]
    page.append(["", "TỔNG CỘNG"])
    page.append([])
    page.append([None] * 10 + ["NGƯỜI LẬP BIỂU"])
    book.save(path)
    sheet = find_list(path)
    assert dict(sheet.left_out) == {
        "index": (4,), "group": (5, 8), "total": (7, 10), "signature": (12,),
    }  # fmt: skip


def test_a_plan_of_one_block_a_household_is_refused_with_the_reason(tmp_path: Path):
    book = Workbook()
    page = book.worksheets[0]
    for name in ("Nguyễn Văn Minh Họa", "Trần Thị Thí Dụ"):
        page.append([f"Họ và tên chủ hộ: {name}"])
        page.append(["I", "Bồi thường về đất", 100])
        page.append(["II", "Tài sản", 20])
        page.append(["", "Tổng cộng", 120])
    book.save(tmp_path / "pa.xlsx")
    with pytest.raises(NotAList) as refused:
        find_list(tmp_path / "pa.xlsx")
    assert refused.value.code == "block_layout"
    assert "mỗi hộ một khối (2 khối)" in refused.value.message


def test_blocks_that_repeat_the_heading_are_refused_and_page_breaks_are_not(tmp_path: Path):
    blocks = workbook(tmp_path, row(80), HEADERS, row(81), HEADERS, row(82))
    with pytest.raises(NotAList) as refused:
        find_list(blocks)
    assert refused.value.code == "block_layout"
    pages: list[list[Any]] = [row(100 + n) for n in range(30)]
    sheet = find_list(workbook(tmp_path, *pages[:15], HEADERS, *pages[15:], HEADERS))
    assert len(sheet.rows) == 30
    assert len(sheet.left_out["header"]) == 2


def test_a_pasted_block_keeps_quoted_line_breaks_and_its_own_row_numbers():
    grid = pasted_grid('Mã hồ sơ\tBước\r\nHS-1\t"Kiểm\nđếm"\r\n\r\n')
    assert list(map(list, grid.cells)) == [["Mã hồ sơ", "Bước"], ["HS-1", "Kiểm\nđếm"]]
    sheet = understand(grid, {})
    assert sheet is not None
    assert [r.number for r in sheet.rows] == [2]


@pytest.mark.parametrize(
    ("copied", "cells"),
    [
        ('HS-1\t"Hộ A" đã ký\nHS-2\tx', [["HS-1", '"Hộ A" đã ký'], ["HS-2", "x"]]),
        ('HS-1\t"chưa đóng\nHS-2\tx', [["HS-1", '"chưa đóng'], ["HS-2", "x"]]),
        ('HS-1\tống 5"\r\nHS-2\tx', [["HS-1", 'ống 5"'], ["HS-2", "x"]]),
        ('HS-1\t"dòng\n""hai"""\nHS-2\tx', [["HS-1", 'dòng\n"hai"'], ["HS-2", "x"]]),
        ("HS-1\ta\rHS-2\tx\r", [["HS-1", "a"], ["HS-2", "x"]]),
        ("HS-1\t" + "x" * 140_000, [["HS-1", "x" * 140_000]]),
    ],
)
def test_a_quote_of_a_pasted_cell_takes_no_row_with_it(copied: str, cells: list[list[str]]):
    assert list(map(list, pasted_grid(copied).cells)) == cells


def test_a_pasted_heading_stands_below_blank_lines_a_title_and_over_two_rows():
    block = "\n\nDANH SÁCH\t\t\nMã hồ sơ\tThửa đất\t\n\tTờ\tThửa\nHS-1\t5\t85\n"
    sheet = understand(pasted_grid(block), {})
    assert sheet is not None
    assert (sheet.header_rows, [row.number for row in sheet.rows]) == ((4, 5), [6])
    assert [str(column.field) for column in sheet.columns] == ["code", "sheet", "number"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("  \n", "empty"), ("1\n" * 5001, "too_many"), ("\t".join("x" * 201), "too_wide")],
)
def test_a_block_of_nothing_or_too_much_is_refused(text: str, code: str):
    with pytest.raises(NotAList) as refused:
        pasted_grid(text)
    assert refused.value.code == code


def test_an_entity_bomb_is_no_workbook(tmp_path: Path):
    path = workbook(tmp_path, row())
    rewrite(path, lambda xml: b'<!DOCTYPE x [<!ENTITY a "a">]>' + xml, part="workbook")
    with pytest.raises(NotAList):
        read_grids(path)


def test_row_numbers_are_said_as_spans():
    assert spans([9, 12, 13, 14, 20]) == "9, 12–14, 20"
