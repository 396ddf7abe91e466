"""What real offices' lists do to a reader, one oddity a test: nothing guessed, nothing lost."""

import datetime as dt
import unicodedata
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from gpmb.clearance.models import Case, Project, Taking
from gpmb.importing.cells import CellError, area, day, text
from gpmb.importing.findings import WrongUsage
from gpmb.importing.grid import NotAList, pasted_grid, read_grids
from gpmb.importing.lists.parcel_words import parcels_in
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.lists.sheet import find_list, understand
from gpmb.importing.models import ImportRun
from gpmb.importing.undo import undo
from gpmb.land.models import Parcel, Party
from tests.factories import TODAY, ParcelFactory, UserFactory
from tests.importing.test_workbook import HEADERS, codes, land, project, row, workbook

__all__ = ["land", "project"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
FOLDER = Path(__file__).parent / "lists"


def warned(report: Any) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity == "warning"]


def change(path: Path, how: Callable[[Any, Any], Any]) -> Path:
    book = load_workbook(path)
    how(book, book.worksheets[0])
    book.save(path)
    return path


# Files


def test_a_workbook_that_calc_wrote_is_read_as_it_was_typed():
    sheet = find_list(FOLDER / "calc.xlsx")
    assert sheet.header_rows == (3, 4)
    assert dict(sheet.left_out) == {
        "index": (5,), "hidden": (10,), "total": (12,), "group": (9,), "signature": (13,),
    }  # fmt: skip
    assert (sheet.formulas, sheet.no_value, dict(sheet.households)) == (2, {}, {6: (6, 7)})
    assert [r.number for r in sheet.rows] == [6, 7, 8, 11]
    first, second, third, last = [r.cells for r in sheet.rows]
    assert first[13] == 1500, "the sum that Calc computed"
    assert first[15] == dt.date(2023, 6, 9)
    assert second[2] == "Nguyễn Văn Minh Họa", "the name merged over both rows"
    assert third[5:7] == ["5", "87"], "numbers typed as text"
    assert third[9] == "1.234,5"
    assert last[15] == dt.date(2023, 5, 1)


def test_a_list_that_calc_wrote_is_imported(project: Project):
    report = import_workbook(FOLDER / "calc.xlsx", project, accept_partial=True)
    assert codes(report) == ["recovered_exceeds_parcel"]
    assert (report.read, report.saved, report.refused) == (4, 3, 1)
    assert sorted(Taking.objects.values_list("recovered_area_m2", flat=True)) == [
        Decimal("20.25"), Decimal("300.50"), Decimal("400.00"),
    ]  # fmt: skip
    assert Case.objects.get(step="inventory").note == "ghi"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"", "rỗng"),
        ("b.xlsx", b"STT,Ho ten\n1,A\n", "CSV"),
        ("c.xls", b"<html><table></table></html>", "trang web"),
        ("d.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("e.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        ("f.xlsx", b"PK\x03\x04 broken", "hỏng"),
    ],
)
def test_a_file_that_is_no_workbook_says_what_it_is(
    tmp_path: Path, name: str, content: bytes, words: str
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NotAList, match=words):
        read_grids(tmp_path / name)


@pytest.mark.parametrize("name", ["ds.xls", "ds.ods", "DS.XLSX", "ds.txt"])
def test_a_workbook_under_a_wrong_extension_is_read(tmp_path: Path, name: str):
    path = workbook(tmp_path, row())
    path.rename(tmp_path / name)
    assert len(find_list(tmp_path / name).rows) == 1


@pytest.mark.parametrize("address", ["XFD1048576", "ZZ100000"])
def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path, address: str):
    path = change(workbook(tmp_path, row()), lambda book, page: page.__setitem__(address, "x"))
    with pytest.raises(NotAList, match="xa"):
        read_grids(path)


def test_a_cell_to_the_right_of_a_short_list_is_read(tmp_path: Path):
    path = change(workbook(tmp_path, row()), lambda book, page: page.__setitem__("XFD5", "x"))
    assert len(find_list(path).rows) == 1


def test_a_row_repeated_a_billion_times_is_refused(tmp_path: Path):
    path = tmp_path / "x.ods"
    with zipfile.ZipFile(FOLDER / "calc.ods") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "content.xml":
                assert b"<table:table-row " in content
                many = b'<table:table-row table:number-rows-repeated="999999999" '
                content = content.replace(b"<table:table-row ", many, 1)
            new.writestr(name, content)
    with pytest.raises(NotAList, match="lặp lại 999999999 lần"):
        read_grids(path)


def test_lists_on_other_sheets_are_not_passed_over_in_silence(project: Project, tmp_path: Path):
    def second(book: Any, page: Any) -> None:
        other = book.create_sheet("Đợt 2")
        other.append(HEADERS)
        other.append(row(86))

    path = change(workbook(tmp_path, row(85), row(87)), second)
    report = import_workbook(path, project, dry_run=True)
    assert warned(report) == ["other_lists"]
    assert "“Đợt 2” (1 dòng)" in report.findings[0].message

    assert import_workbook(path, project, dry_run=True, page="Đợt 2").created == 1
    wrong = import_workbook(path, project, dry_run=True, page="Đợt 3")
    assert wrong.findings[0].code == "no_page"
    assert "“Đợt 2”" in wrong.findings[0].message
    call_command("import_workbook", str(path), project=project.code, sheet="Đợt 2")
    assert Case.objects.count() == 1


def test_a_list_that_is_shown_comes_before_one_that_is_hidden(tmp_path: Path):
    def hide(book: Any, page: Any) -> None:
        page.sheet_state = "hidden"
        other = book.create_sheet("Bản mới")
        other.append(HEADERS)
        other.append(row(86))
        book.active = 1

    assert find_list(change(workbook(tmp_path, row(85), row(87)), hide)).name == "Bản mới"


def test_day_numbers_of_a_mac_workbook_count_from_1904(project: Project, tmp_path: Path):
    def mac(book: Any, page: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        page["M5"] = 43624 - 1462

    path = change(workbook(tmp_path, row(step="Kiểm đếm", on="x")), mac)
    import_workbook(path, project)
    assert Case.objects.get().stepped_on == dt.date(2019, 6, 8)


def test_an_error_value_is_named_where_it_matters(project: Project, tmp_path: Path):
    def broken(book: Any, page: Any) -> None:
        for address, value in (("G5", "#REF!"), ("P5", "#N/A")):
            page[address] = value
            page[address].data_type = "e"

    report = import_workbook(change(workbook(tmp_path, row()), broken), project)
    assert codes(report) == ["error_value"]
    assert "G5 (#REF!)" in report.findings[0].message
    assert "P5" not in report.findings[0].message, "a column that means nothing"


def test_text_of_old_fonts_becomes_unicode_and_is_said(project: Project, tmp_path: Path):
    path = workbook(tmp_path, row(holder="NguyÔn V¨n Hßa", address="Khu 1, ph­êng H¶i Hßa"))
    report = import_workbook(path, project)
    assert warned(report) == ["old_font"]
    party = Party.objects.get()
    assert (party.name, party.address) == ("Nguyễn Văn Hòa", "Khu 1, phường Hải Hòa")


def test_unicode_names_of_latin_letters_are_left_alone(project: Project, tmp_path: Path):
    report = import_workbook(workbook(tmp_path, row(holder="Tô Hà", address="Xóm Lê")), project)
    assert warned(report) == []
    assert Party.objects.get().name == "Tô Hà"


# Headings and rows


def titles(*rows: list[Any]) -> Callable[[Path], Any]:
    def read(folder: Path) -> Any:
        book = Workbook()
        for cells in rows:
            book.worksheets[0].append(cells)
        book.save(folder / "x.xlsx")
        return find_list(folder / "x.xlsx")

    return read


def test_the_upper_tier_tells_two_areas_apart(tmp_path: Path):
    sheet = titles(
        ["TT", "Họ tên chủ sử dụng", "Thửa đất", "Thửa đất", "Thửa đất", "Thu hồi", "Bồi thường"],
        [None, None, "Tờ BĐ", "Thửa số", "Diện tích", "Diện tích", "Đất"],
        ["A", "B", 1, 2, 3, 4, "5=3x4"],
        [1, "Hộ A", 5, 85, 500, 400, 1000],
    )(tmp_path)
    assert {c.title.split(" / ")[0]: str(c.field) for c in sheet.columns[4:]} == {
        "Thửa đất": "area", "Thu hồi": "recovered_area", "Bồi thường": "land_vnd",
    }  # fmt: skip
    assert sheet.left_out == {"index": (3,)}
    assert len(sheet.rows) == 1


def test_three_columns_are_enough_where_they_say_enough(tmp_path: Path):
    sheet = titles(["Họ và tên", "Tờ thửa", "Diện tích thu hồi"], ["Hộ A", "5/85", 400])(tmp_path)
    assert len(sheet.rows) == 1


def test_a_title_over_the_table_is_no_part_of_its_heading(tmp_path: Path):
    assert find_list(workbook(tmp_path, row())).columns[0].title == "STT"


def test_a_second_column_of_one_meaning_is_said(project: Project, tmp_path: Path):
    path = workbook(tmp_path, [*row(), 300], headers=[*HEADERS, "Thu hồi"])
    report = import_workbook(path, project)
    assert warned(report) == ["column_repeated"]
    assert Taking.objects.get().recovered_area_m2 == 500


@pytest.mark.parametrize(
    "answers",
    [
        ["Không có=holder"],
        ["Bước=note", "Tái định cư=note"],
        ["Ngày=step_date:thousands"],
        ["Tổng cộng=total_vnd:dmy"],
    ],
)
def test_an_answer_that_fits_nothing_is_wrong_usage(
    project: Project, tmp_path: Path, answers: list[str]
):
    with pytest.raises(WrongUsage):
        import_workbook(workbook(tmp_path, row()), project, answers=answers)
    assert not ImportRun.objects.exists()


def test_many_signatures_and_long_totals_are_no_data(tmp_path: Path):
    signed: list[list[Any]] = [
        ["Cộng 2 hộ", None, None, "1 tờ", "2 thửa", None, 800, 1, 2, 3, 6],
        [None, "Tổng cộng toàn dự án", None, None, None, None, 800, 1, 2, 3, 6],
        ["NGƯỜI LẬP", None, None, "TRƯỞNG PHÒNG", None, None, None, "GIÁM ĐỐC", None, "CHỦ TỊCH"],
        [None, "(ký)", None, "(ký)", None, None, None, "(ký)", None, "(ký)"],
        ["Nguyễn A", None, None, "Trần B", None, None, None, "Lê C", None, "Vũ D"],
    ]
    sheet = find_list(workbook(tmp_path, row(85), row(86), *signed))
    assert [r.number for r in sheet.rows] == [5, 6]
    assert sheet.left_out["total"] == (7, 8)
    assert sheet.left_out["signature"] == (9, 10, 11)


@pytest.mark.parametrize(
    "named",
    ["1. Hộ ông {}", "Chủ sử dụng đất: {}", "Hộ: {}", "II. Họ và tên chủ hộ {}"],
)
def test_blocks_are_known_however_their_households_are_headed(tmp_path: Path, named: str):
    table: list[list[Any]] = [
        ["STT", "Nội dung", "ĐVT", "Khối lượng", "Thành tiền"],
        ["I", "Đất", "m2", 100, 1000],
        ["", "Cộng", None, None, 1000],
    ]
    book = Workbook()
    for name in ("Nguyễn Văn A", "Trần Thị B"):
        for cells in ([named.format(name)], *table):
            book.worksheets[0].append(cells)
    book.save(tmp_path / "pa.xlsx")
    with pytest.raises(NotAList, match="mỗi hộ một khối \\(2 khối\\)"):
        find_list(tmp_path / "pa.xlsx")


def test_households_pasted_without_a_heading_are_no_blocks():
    sheet = understand(pasted_grid("Hộ ông A\t5\t85\t400\nHộ bà B\t5\t86\t300\n"), {})
    assert sheet is not None
    assert len(sheet.rows) == 2


@pytest.mark.parametrize(
    ("order", "holder"),
    [(1, "Công"), (None, "Cộng đồng dân cư thôn 3"), (None, "Tổng công ty Minh Họa")],
)
def test_holders_whose_names_begin_like_a_total_are_data(tmp_path: Path, order: Any, holder: str):
    assert len(find_list(workbook(tmp_path, row(order=order, holder=holder))).rows) == 1


def test_a_group_in_the_column_of_codes_is_a_group(tmp_path: Path):
    path = workbook(
        tmp_path,
        ["I", "Khu 3"],
        ["1", "HS-1", *row()[1:]],
        headers=["STT", "Mã hồ sơ", *HEADERS[1:]],
    )
    sheet = find_list(path)
    assert (sheet.left_out["group"], len(sheet.rows)) == ((5,), 1)


# Cells


@pytest.mark.parametrize(
    ("given", "sheet", "keys"),
    [
        ("17+175", 5, ["5/17", "5/175"]),
        ("5/85", None, ["5/85"]),
        ("tờ 5 thửa 85", None, ["5/85"]),
        ("Tờ số 5, thửa số 85", None, ["5/85"]),
        ("Thửa số 85, tờ bản đồ số 5", None, ["5/85"]),
        ("thửa 85 tờ 5; thửa 12 tờ 6", None, ["5/85", "6/12"]),
        ("tờ 5 thửa 17, 175", None, ["5/17", "5/175"]),
        ("85\n86", 5, ["5/85", "5/86"]),
        ("85; 12", "5; 6", ["5/85", "6/12"]),
        ("05/085", "5", ["5/85"]),
    ],
)
def test_parcels_are_read_as_they_are_written(given: Any, sheet: Any, keys: list[str]):
    assert [one.key for one in parcels_in(given, None, sheet)] == keys


@pytest.mark.parametrize("given", ["85-86", "6/85", "5/85 + 6/12"])
def test_a_parcel_of_another_sheet_than_its_column_says_is_refused(given: str):
    with pytest.raises(CellError) as refused:
        parcels_in(given, None, 5)
    assert refused.value.code == "sheet_differs"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("06/05/2023 08:00", dt.date(2023, 5, 6)),
        ("2023-05-06 08:30:00", dt.date(2023, 5, 6)),
        ("ngày 6 tháng 5 năm 2023", dt.date(2023, 5, 6)),
    ],
)
def test_a_day_is_read_as_people_and_programs_write_it(given: str, expected: dt.date):
    assert day(given) == expected


@pytest.mark.parametrize(
    ("read", "given", "code"),
    [
        (day, "06/05/0023", "impossible_date"),
        (area, "100\n200\n300", "several_numbers"),
        (area, 10**12, "too_large"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_refused(read: Any, given: Any, code: str):
    with pytest.raises(CellError) as refused:
        read(given)
    assert refused.value.code == code


def test_text_is_composed_and_without_what_nobody_sees():
    assert (
        text(unicodedata.normalize("NFD", " Nguyễn\u200b Thị\x01\nỔn\ufeff ")) == "Nguyễn Thị Ổn"
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (row(holder="A" * 151), "too_long"),
        (row(address="A" * 251), "too_long"),
        (row(land=10**16, total=None), "too_large"),
        (row(resettlement="99999999999 lô"), "impossible_plots"),
        (row(step="Kiểm đếm", on="06/05/1923"), "date_too_old"),
        (row("6/85"), "sheet_differs"),
    ],
)
def test_what_the_database_cannot_hold_is_a_finding_of_its_row(
    project: Project, tmp_path: Path, given: list[Any], code: str
):
    report = import_workbook(workbook(tmp_path, given, row(80, 10)), project, accept_partial=True)
    assert codes(report) == [code]
    assert (report.applied, report.saved, report.refused) == (True, 1, 1)


def test_a_value_the_database_refuses_ends_the_import_without_a_traceback(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gpmb.importing.cells.MAX_AMOUNT_VND", Decimal(10) ** 20)
    path = workbook(tmp_path, row(land=10**17, assets=0, support=0, total=None))
    report = import_workbook(path, project)
    assert (codes(report), report.applied) == (["conflict"], False)
    assert not connection.needs_rollback


@pytest.mark.parametrize(
    ("given", "need", "warnings"),
    [
        ("Tái định cư tại chỗ", "on_site", []),
        ("Không thuộc diện", "none", []),
        ("2 lô", "plot", []),
        ("Có", "unknown", ["unclear_resettlement"]),
        ("-", "unknown", []),
    ],
)
def test_resettlement_is_read_or_said_to_be_unclear(
    project: Project, tmp_path: Path, given: str, need: str, warnings: list[str]
):
    report = import_workbook(workbook(tmp_path, row(resettlement=given)), project)
    assert (Case.objects.get().resettlement_need, warned(report)) == (need, warnings)


def test_a_list_without_money_shows_no_total_of_nought(project: Project, tmp_path: Path):
    given = row(land=None, assets=None, support=None, total=0)
    report = import_workbook(workbook(tmp_path, given), project, dry_run=True)
    assert warned(report) == []
    assert "Tổng cộng (đồng)" not in [name for name, *_ in report.shown[0].fields]


# Cases


def test_a_note_is_kept_compared_and_taken_back(project: Project, tmp_path: Path):
    def noted(words: str) -> Path:
        return workbook(tmp_path, [*row(), words], headers=[*HEADERS, "Ghi chú"])

    import_workbook(noted("đi vắng"), project)
    case = Case.objects.get()
    assert case.note == "đi vắng"
    report = import_workbook(noted("đã về"), project)
    assert report.shown[0].fields == (("Ghi chú", "đi vắng", "đã về"),)
    undo(ImportRun.objects.get(pk=report.run_id), by=UserFactory(), today=TODAY)
    case.refresh_from_db()
    assert case.note == "đi vắng"


def test_two_households_on_the_same_land_keep_their_cases_when_read_again(
    project: Project, tmp_path: Path
):
    path = workbook(tmp_path, row(85, 200, holder="Hộ A"), row(85, 250, holder="Hộ B"))
    import_workbook(path, project)
    again = import_workbook(path, project)
    assert (again.created, again.changed, again.unchanged, again.refused) == (0, 0, 2, 0)
    other = import_workbook(workbook(tmp_path, row(85, 30, holder="Hộ C")), project)
    assert codes(other) == ["several_cases_on_land"]


def test_a_wrong_code_is_offered_the_nearest(project: Project, land: list[Parcel], tmp_path: Path):
    ParcelFactory(unit=land[0].unit, number="6/1")
    import_workbook(workbook(tmp_path, row()), project)
    headers = ["Mã hồ sơ", "Bước", "Ngày"]
    path = workbook(tmp_path, ["ccn-0001", "Kiểm đếm", "01/02/2023"], headers=headers)
    report = import_workbook(path, project)
    assert codes(report) == ["unknown_case"]
    assert "Gần nhất: CCN-0001" in report.findings[0].message


# Errors back


@pytest.mark.parametrize("name", ["calc.ods", "calc.xls", "calc.xlsx"])
def test_the_refused_rows_of_any_workbook_come_back_as_one(
    project: Project, tmp_path: Path, name: str
):
    target = tmp_path / "loi.xlsx"
    first = import_workbook(FOLDER / name, project, dry_run=True, errors_to=target)
    assert first.refused
    page = load_workbook(target).worksheets[0]
    assert page.cell(4, page.max_column).value == "Lỗi"
    second = import_workbook(target, project, dry_run=True)
    assert second.refused == first.refused
    assert set(codes(second)) == set(codes(first))


@pytest.mark.parametrize("option", ["errors_to", "report"])
@pytest.mark.parametrize("where", ["khong/co.xlsx", ".", "ds.xlsx"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(
    project: Project, tmp_path: Path, option: str, where: str
):
    path = workbook(tmp_path, row())
    before = path.read_bytes()
    with pytest.raises(CommandError) as refused:
        call_command("import_workbook", str(path), project="CCN", **{option: tmp_path / where})
    assert refused.value.returncode == 2
    assert not Case.objects.exists()
    assert path.read_bytes() == before
