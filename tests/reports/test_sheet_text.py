"""Rows written as text are the cells openpyxl would have written; what was typed stays text."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from python_calamine import CalamineWorkbook

from gpmb.reports import sheet_text
from gpmb.reports.sheet_text import Formula, TooManyRows

WIDTH = 3


def written(tmp_path: Path, *rows: tuple[str, list[Any]]) -> Path:
    """A book with a heading, its rows from the second on; the day column wears a format."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["Họ tên", "Ngày", "Số"])
    for at in range(1, WIDTH + 1):
        for row in (2, 3):
            page.cell(row, at).number_format = "dd/mm/yyyy" if at == 2 else "#,##0.00"
    page.cell(3, 1).font = Font(bold=True)
    path = tmp_path / "x.xlsx"
    sheet_text.save(book, {"line": 2, "total": 3}, rows, path)
    return path


def test_each_kind_of_value_comes_back_as_it_was(tmp_path):
    values = ["Hộ & <Minh Họa> ", dt.date(2023, 6, 30), Decimal("120.50")]
    page = load_workbook(written(tmp_path, ("line", values), ("line", [None, None, 7]))).active
    name, day, number = [cell.value for cell in page[2]]
    assert (name, day.date(), number) == ("Hộ & <Minh Họa> ", dt.date(2023, 6, 30), 120.5)
    assert [cell.value for cell in page[3]] == [None, None, 7]
    assert page["B2"].number_format == "dd/mm/yyyy"


def test_each_row_wears_the_look_it_asks_for(tmp_path):
    path = written(tmp_path, ("line", ["a", None, 1]), ("total", ["Cộng", None, 1]))
    page = load_workbook(path).active
    assert [page[row][0].font.bold for row in (2, 3)] == [False, True]
    assert page.max_row == 3


@pytest.mark.parametrize("typed", ["=1+1", "+84", "@SUM(A1)", "-2"])
def test_what_people_typed_never_runs(tmp_path, typed):
    cell = load_workbook(written(tmp_path, ("line", [typed, None, None]))).active["A2"]
    assert (cell.value, cell.data_type) == (typed, "s")


def test_characters_that_xml_cannot_hold_are_left_out(tmp_path):
    path = written(tmp_path, ("line", ["Hộ\x0b\x01 một\uffff\r\nKhu 1", None, None]))
    assert load_workbook(path).active["A2"].value == "Hộ một\nKhu 1"


def test_a_text_longer_than_a_cell_is_cut_and_the_file_opens(tmp_path):
    path = written(tmp_path, ("line", ["&" * 40_000, None, None]))
    assert load_workbook(path).active["A2"].value == "&" * 32_767


def test_a_sum_is_a_formula_that_also_holds_its_value(tmp_path):
    path = written(
        tmp_path,
        ("line", ["a", None, Decimal("1.25")]),
        ("total", ["Cộng", None, Formula("SUM(C2:C2)", Decimal("1.25"))]),
    )
    assert load_workbook(path).active["C3"].value == "=SUM(C2:C2)"
    assert load_workbook(path, data_only=True).active["C3"].value == 1.25
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[-1][2] == 1.25


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_text, "MAX_ROWS", 3)
    with pytest.raises(TooManyRows, match="chia theo"):
        written(tmp_path, *[("line", ["a", None, 1])] * 3)
