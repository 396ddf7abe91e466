"""What one engine does for every table it fills: its columns, its sample, what a sheet hides."""

import datetime as dt

import pytest
from django.core.management import call_command
from openpyxl import Workbook, load_workbook

from gpmb.complaints.models import Complaint
from gpmb.importing.columns import fold
from gpmb.importing.tables.complaint import LETTERS
from gpmb.importing.tables.engine import import_table
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.tables.sample import empty_table
from gpmb.importing.tables.sheet import read_table

EVERY = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@EVERY
def test_the_sample_of_a_table_is_read_without_a_question(table, tmp_path):
    path = tmp_path / "mau.xlsx"
    path.write_bytes(empty_table(table))
    sheet = read_table(path, table, {})
    assert [column.field for column in sheet.columns] == list(table.fields)
    assert (sheet.name, sheet.header_row, len(sheet.rows)) == ("Nhập", 1, 0)
    assert sheet.said == []


@EVERY
def test_no_two_columns_of_a_table_are_known_by_one_heading(table):
    known = [{fold(field.label), *field.headings} for field in table.fields.values()]
    assert sum(map(len, known)) == len(set.union(*known))
    assert all(fold(heading) == heading for headings in known for heading in headings)


def letters(tmp_path, *rows, name="don.xlsx"):
    book = Workbook()
    page = book.active
    page.append(["Số tiếp nhận", "Loại đơn", "Ngày nhận"])
    for row in rows:
        page.append(list(row))
    path = tmp_path / name
    book.save(path)
    return path


@pytest.mark.django_db
def test_rows_that_a_sheet_hides_are_left_out_of_a_table_and_said(tmp_path, today):
    path = letters(
        tmp_path, *[(serial, "Khiếu nại", dt.date(2023, 6, 15)) for serial in ("1", "2", "3")]
    )
    book = load_workbook(path)
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    report = import_table(path, None, LETTERS, dry_run=True)
    assert (report.created, [f.code for f in report.findings]) == (2, ["hidden_rows"])
    assert "dòng 3" in report.findings[0].message
    call_command("import_complaints", path, with_hidden=True)
    assert Complaint.objects.count() == 3


@pytest.mark.django_db
def test_a_formula_without_a_value_is_refused_in_a_table(tmp_path, today):
    path = letters(tmp_path, ("1", "Khiếu nại", dt.date(2023, 6, 15)), ('="2"', "Khiếu nại", None))
    report = import_table(path, None, LETTERS, dry_run=True)
    assert (report.created, report.refused) == (1, 1)
    said = {finding.code: finding for finding in report.findings}
    assert said["formula_without_value"].row == 3
    assert "A3" in said["formula_without_value"].message
    assert "1 ô công thức" in said["formulas"].message
