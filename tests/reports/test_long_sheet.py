"""A long list comes back as it was written; what was typed stays text."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from gpmb.reports import long_sheet
from gpmb.reports.long_sheet import LongSheet, TooManyRows

COLUMNS = (("Họ tên", 20, ""), ("Ngày", 11, "dd/mm/yyyy"), ("Số", 12, "#,##0.00"))


def written(tmp_path: Path, *rows: list[Any]) -> Path:
    path = tmp_path / "x.xlsx"
    with LongSheet(path, "Danh sách", COLUMNS) as sheet:
        sheet.heading(frozen=1)
        for values in rows:
            sheet.add(values)
    return path


def test_each_kind_of_value_comes_back_as_it_was(tmp_path):
    values = ["Hộ & <Minh Họa> ", dt.date(2023, 6, 30), Decimal("120.50")]
    page = load_workbook(written(tmp_path, values, [None, None, 7])).active
    name, day, number = [cell.value for cell in page[2]]
    assert (name, day.date(), number) == ("Hộ & <Minh Họa> ", dt.date(2023, 6, 30), 120.5)
    assert [cell.value for cell in page[3]] == [None, None, 7]
    assert page["B2"].number_format == "dd/mm/yyyy"


def test_the_heading_stays_in_view_and_prints_on_each_page(tmp_path):
    path = tmp_path / "x.xlsx"
    with LongSheet(path, "Danh sách", COLUMNS) as sheet:
        sheet.letterhead("DANH SÁCH", "Số liệu đến ngày 30/06/2023", "Lọc: không lọc")
        sheet.heading(frozen=2)
        sheet.add(["a", None, 1])
    page = load_workbook(path).active
    assert [page.cell(row, 1).value for row in range(1, 7)] == [
        "DANH SÁCH", "Số liệu đến ngày 30/06/2023", "Lọc: không lọc", None, "Họ tên", "a",
    ]  # fmt: skip
    assert (page.freeze_panes, page.print_title_rows) == ("C6", "$5:$5")
    setup = page.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)


@pytest.mark.parametrize("typed", ["=1+1", "+84", "@SUM(A1)", "-2", "{=1}", "http://a.vn"])
def test_what_people_typed_never_runs(tmp_path, typed):
    cell = load_workbook(written(tmp_path, [typed, None, None])).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (typed, "s", None)


def test_characters_that_xml_cannot_hold_are_left_out(tmp_path):
    path = written(tmp_path, ["Hộ\x0b\x01 một\uffff\r\nKhu 1", None, None])
    assert load_workbook(path).active["A2"].value == "Hộ một\nKhu 1"


def test_a_text_longer_than_a_cell_is_cut_and_the_file_opens(tmp_path):
    path = written(tmp_path, ["&" * 40_000, None, None])
    assert load_workbook(path).active["A2"].value == "&" * 32_767


def test_a_sum_is_a_formula_that_also_holds_its_value(tmp_path):
    path = tmp_path / "x.xlsx"
    with LongSheet(path, "Danh sách", COLUMNS) as sheet:
        sheet.heading(frozen=1)
        sheet.add(["a", None, Decimal("1.25")])
        sheet.add(["Cộng", None, sheet.total(2, 1, Decimal("1.25"))], bold=True)
    page = load_workbook(path).active
    assert (page["C3"].value, page["C3"].font.bold, page["C2"].font.bold) == (
        "=SUM(C2:C2)", True, False,
    )  # fmt: skip
    assert load_workbook(path, data_only=True).active["C3"].value == 1.25
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[-1][2] == 1.25


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(long_sheet, "MAX_ROWS", 3)
    with pytest.raises(TooManyRows, match="chia theo"):
        written(tmp_path, *[["a", None, 1]] * 3)
