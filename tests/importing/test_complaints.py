"""A batch of letters from a workbook: what is taken in, refused, and twice the same."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from gpmb.complaints.models import Complaint
from gpmb.importing.models import ImportRun
from gpmb.importing.tables.complaint import LETTERS
from gpmb.importing.tables.engine import import_table
from gpmb.importing.undo import undo
from gpmb.land.models import Party
from gpmb.reports.complaints import register
from tests.factories import CaseFactory, UserFactory

pytestmark = pytest.mark.django_db

HEAD = (
    "Số tiếp nhận", "Loại đơn", "Ngày nhận", "Hình thức", "Số người", "Người đại diện",
    "Nội dung", "Mã dự án", "Mã hồ sơ", "Tóm tắt", "Bảo mật",
)  # fmt: skip


def book(tmp_path, *rows, head=HEAD):
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["SỔ TIẾP NHẬN ĐƠN NĂM 2023"])
    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    path = tmp_path / "don.xlsx"
    workbook.save(path)
    return path


def row(serial="1", kind="Khiếu nại", on="15/06/2023", *rest):
    return (serial, kind, on, *rest)


def import_letters(path, **options):
    return import_table(path, None, LETTERS, **options)


@pytest.fixture
def case(today):
    return CaseFactory(code="HS-9")


def test_rows_become_letters_with_people_case_and_log(tmp_path, case):
    name = case.parties.get().name
    people = f"{name}; Người khác"
    path = book(
        tmp_path,
        row("12/2023", "khieu nai", dt.date(2023, 6, 15), "Tiếp công dân", 6, people,
            "Đơn giá bồi thường", None, "HS-9", "Xem lại đơn giá", "x"),
        row("13/2023", "Tố cáo"),
    )  # fmt: skip
    report = import_letters(path)
    assert (report.created, report.refused, report.applied) == (2, 0, True)
    c = Complaint.objects.get(serial="12/2023")
    assert (c.kind, c.channel, c.topic) == ("complaint", "reception", "price")
    assert (c.received_on, c.people_count) == (dt.date(2023, 6, 15), 6)
    assert (c.cases.get(), c.project, c.confidential) == (case, case.project, True)
    assert {p.name for p in c.parties.all()} == {name, "Người khác"}
    assert c.events.get().status == "received"
    assert ImportRun.objects.get().applied


def test_a_row_names_several_cases_and_parcels(tmp_path, case):
    other = CaseFactory(code="HS-10", project=case.project)
    key = other.takings.get().parcel.numbers.get().key
    head = (*HEAD, "Tờ, thửa", "Bước bị khiếu nại")
    given = [None] * 5 + ["HS-10; HS-9", None, None, key, "Phê duyệt phương án"]
    report = import_letters(book(tmp_path, row("7", "Khiếu nại", "15/06/2023", *given), head=head))
    assert (report.created, report.refused) == (1, 0)
    c = Complaint.objects.get()
    assert c.case_codes == ["HS-10", "HS-9"]
    assert (c.parcel_numbers, c.target_step) == ([key], "approval")


def test_a_row_with_cases_of_two_projects_is_refused(tmp_path, case):
    CaseFactory(code="HS-10")
    given = [None] * 5 + ["HS-10, HS-9"]
    report = import_letters(book(tmp_path, row("7", "Khiếu nại", "15/06/2023", *given)))
    assert report.refused == 1
    assert "thuộc nhiều dự án" in str(report.as_json())


def test_importing_twice_changes_nothing(tmp_path, case):
    path = book(tmp_path, row("1"), row("2", "Kiến nghị, phản ánh"))
    import_letters(path)
    report = import_letters(path)
    assert (report.created, report.unchanged, report.read) == (0, 2, 2)
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(""), "Thiếu số tiếp nhận"),
        (row("1", "Thư ngỏ"), "không thuộc danh sách"),
        (row("1", "Khiếu nại", ""), "Thiếu ngày nhận"),
        (row("1", "Khiếu nại", "31/02/2023"), "không có thật"),
        (row("1", "Khiếu nại", "01/07/2023"), "sau ngày số liệu"),
        (row("1", "Khiếu nại", "15/06/2023", "", "hai"), "hai"),
        (row("1", "Khiếu nại", "15/06/2023", "", 0), "số nguyên từ 1"),
        (row("1", "Khiếu nại", "15/06/2023", "", 1, "A; B"), "nhiều nhất 1 đại diện"),
        (row("1", "Khiếu nại", "15/06/2023", "", 1, "", "", "DA-KHONG"), "Không có dự án"),
        (row("1", "Khiếu nại", "15/06/2023", "", 1, "", "", "", "HS-0"), "Mã hồ sơ HS-0 không"),
        (row("1", "Tố cáo", "15/06/2023", "", 1, "Ông A"), "Tố cáo chỉ lưu"),
    ],
)
def test_a_bad_row_is_refused_with_its_number_and_nothing_is_written(tmp_path, case, bad, message):
    report = import_letters(book(tmp_path, row("99"), bad))
    assert (report.refused, report.applied) == (1, False)
    (finding,) = report.findings
    assert finding.row == 4
    assert message in finding.message
    assert not Complaint.objects.exists()
    assert not ImportRun.objects.get().applied


def test_accept_partial_writes_the_good_rows(tmp_path, case):
    report = import_letters(book(tmp_path, row("1"), row("")), accept_partial=True)
    assert (report.created, report.refused, report.applied) == (1, 1, True)
    assert Complaint.objects.get().serial == "1"


def test_a_dry_run_writes_nothing(tmp_path, case):
    assert import_letters(book(tmp_path, row("1")), dry_run=True).created == 1
    assert not Complaint.objects.exists()


def test_a_number_that_stands_with_another_day_is_refused(tmp_path, case):
    import_letters(book(tmp_path, row("1")))
    report = import_letters(book(tmp_path, row("1", "Khiếu nại", "14/06/2023")))
    assert "đã có trong sổ" in report.findings[0].message


def test_a_sheet_without_the_headings_and_a_file_that_is_no_workbook(tmp_path, case):
    report = import_letters(book(tmp_path, row("1"), head=("A", "B", "C")))
    assert [f.code for f in report.findings] == ["no_header"]
    other = tmp_path / "x.xlsx"
    other.write_text("không phải Excel", encoding="utf-8")
    assert [f.code for f in import_letters(other).findings] == ["unreadable"]


def test_the_registers_own_export_comes_back_unchanged(tmp_path, case):
    import_letters(book(tmp_path, row("1"), row("2", "Tố cáo")))
    path = tmp_path / "xuat.xlsx"
    path.write_bytes(register(Complaint.objects.all()))
    report = import_letters(path)
    assert (report.unchanged, report.refused) == (2, 0)


def test_the_command_is_told_which_column_is_what_and_how_its_days_read(tmp_path, case):
    head = ("Ký hiệu sổ", *HEAD[1:])
    path = book(tmp_path, row("1", "Khiếu nại", "1/2/23"), head=head)
    with pytest.raises(CommandError, match="số tiếp nhận") as asked:
        call_command("import_complaints", path)
    assert asked.value.returncode == 3
    told = ["Ký hiệu sổ=serial", "Ngày nhận=received_on:dmy"]
    with pytest.raises(CommandError) as refused:
        call_command("import_complaints", path, map=told[:1])
    assert refused.value.returncode == 1
    call_command("import_complaints", path, map=told)
    assert Complaint.objects.get().received_on == dt.date(2023, 2, 1)
    with pytest.raises(CommandError, match="không hiểu được") as wrong:
        call_command("import_complaints", path, map=["Ký hiệu sổ=serie"])
    assert wrong.value.returncode == 2


def test_letters_that_nobody_touched_leave_the_register_again(tmp_path, case):
    officer = UserFactory(role="petitions")
    people = f"{case.parties.get().name}; Người khác"
    import_letters(
        book(
            tmp_path,
            row("1", "Khiếu nại", "15/06/2023", "", 6, people, "", "", "HS-9"),
            row("2"),
            row("3"),
        )
    )
    touched = Complaint.objects.get(serial="2")
    touched.handle(officer=officer, is_complex=False, extensions=0)
    done = undo(ImportRun.objects.get(), by=officer, today=dt.date(2023, 6, 30))
    assert (done.undone, done.kept) == (2, [(4, "Đơn 2", "đã xử lý sau khi nhập")])
    assert Complaint.objects.get() == touched
    assert not Party.objects.filter(name="Người khác").exists()
    assert case.parties.count() == 1


def test_the_command_reports_and_ends_with_its_code(tmp_path, case, capsys):
    out = tmp_path / "report.json"
    call_command("import_complaints", book(tmp_path, row("1")), report=out)
    assert json.loads(out.read_text(encoding="utf-8"))["saved"] == 1
    with pytest.raises(CommandError) as error:
        call_command("import_complaints", book(tmp_path, row("")))
    assert error.value.returncode == 1
