"""Targets of the plan from Excel: what is read, what is refused cell by cell, what comes back."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from gpmb.clearance.models import TARGET_LINE, PlanEntry, PlanVersion
from gpmb.importing import undo
from gpmb.importing.findings import Question
from gpmb.importing.models import ImportRun
from gpmb.importing.target_sheet import write_targets
from gpmb.importing.targets import import_targets
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    PlanVersionFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
MAY, JUNE, JULY = (dt.date(2023, month, 1) for month in (5, 6, 7))
HANDED_OVER = TARGET_LINE["6-ha"]


@pytest.fixture
def keeper():
    return UserFactory(administrator=True)


@pytest.fixture
def road():
    return ProjectFactory(code="D-01", name="Đường ven biển")


@pytest.fixture
def school():
    return ProjectFactory(code="T-02", name="Trường học")


@pytest.fixture
def draft(road, school):
    return PlanVersionFactory(
        targets={
            road: {
                "6-ha": {MAY: "12345.67", JUNE: "20000"},
                "5-tien": {JUNE: "1500250000"},
                "2-ho-so": {JUNE: "12"},
            },
            school: {"6-ha": {JUNE: "400"}},
        }
    )


def book(tmp_path: Path, *rows, name="chi-tieu.xlsx", merge=()) -> Path:
    made = Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    for area in merge:
        made.worksheets[0].merge_cells(area)
    path = tmp_path / name
    made.save(path)
    return path


def pasted(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "block.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def of(version, project):
    return PlanEntry.objects.get(version=version, project=project).values()


HEAD = ["Mã dự án", "Bước", "Đơn vị", "Tháng 5", "Tháng 6", "Tháng 7"]


def test_the_sheet_that_is_handed_out_imports_back_unchanged(tmp_path, keeper, draft):
    entries = list(draft.entries.select_related("project").prefetch_related("targets"))
    path = tmp_path / "bang.xlsx"
    path.write_bytes(write_targets(draft, entries))
    report = import_targets(path, draft, by=keeper)
    # Three lines are used, so two projects have three rows each.
    assert (report.read, report.unchanged, report.refused) == (6, 6, 0)
    assert not report.findings


def test_a_cell_changed_in_the_sheet_is_shown_before_and_after_and_written(
    tmp_path, keeper, road, draft
):
    entries = list(draft.entries.select_related("project").order_by("project__code"))
    made = load_workbook(io.BytesIO(write_targets(draft, entries)))
    page = made["Chỉ tiêu"]
    at = next(
        row
        for row in page.iter_rows(min_row=5)
        if (row[0].value, row[2].value) == ("D-01", "Bàn giao mặt bằng")
    )
    at[9].value, at[10].value = 2.5, 3
    path = tmp_path / "bang.xlsx"
    made.save(path)
    preview = import_targets(path, draft, by=keeper, dry_run=True)
    assert of(draft, road)[HANDED_OVER] == {MAY: Decimal("12345.67"), JUNE: 20000}
    (shown,) = preview.shown
    assert shown.label == "D-01 · Bàn giao mặt bằng, ha"
    assert list(shown.fields) == [("06/2023", "2 ha", "2,5 ha"), ("07/2023", "không đặt", "3 ha")]
    report = import_targets(path, draft, by=keeper, agreed=preview.counts)
    assert report.applied
    assert of(draft, road)[HANDED_OVER] == {MAY: Decimal("12345.67"), JUNE: 25000, JULY: 30000}
    again = import_targets(path, draft, by=keeper)
    assert (again.changed, again.unchanged) == (0, 6)


def test_an_empty_cell_takes_its_target_out_and_says_so(tmp_path, keeper, road, draft):
    path = book(tmp_path, HEAD[:4], ["D-01", "Bàn giao mặt bằng", "ha", None])
    report = import_targets(path, draft, by=keeper)
    assert [finding.code for finding in report.findings] == ["cleared"]
    # June has no column: it stays.
    assert of(draft, road)[HANDED_OVER] == {JUNE: 20000}


REFUSED = {
    "unknown_project": (["X-9", "Chi trả", "ha", 1, 2, 3], "Mã dự án"),
    "unknown_step": (["D-01", "Đào móng", "ha", 1, 2, 3], "Bước"),
    "unknown_unit": (["D-01", "Chi trả", "m2", 1, 2, 3], "Đơn vị"),
    "no_such_line": (["D-01", "Kiểm đếm", "triệu đồng", 1, 2, 3], "Đơn vị"),
    "not_a_number": (["D-01", "Chi trả", "ha", 1, "hai", 3], "Tháng 6"),
    "negative": (["D-01", "Chi trả", "ha", 1, -2, 3], "Tháng 6"),
    "ambiguous_number": (["D-01", "Chi trả", "ha", "1", "20.000", "30000"], "Tháng 6"),
    "not_cumulative": (["D-01", "Chi trả", "ha", 3, 2, 3], "Tháng 6"),
    "fraction_of_case": (["D-01", "Chi trả", "hồ sơ", 1, 2.5, 3], "Tháng 6"),
    "too_large": (["D-01", "Chi trả", "ha", 1, 2, 10_000_000], "Tháng 7"),
    "no_project": ([None, "Chi trả", "ha", 1, 2, 3], "Mã dự án"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_row_says_sheet_row_column_and_reason(tmp_path, keeper, road, draft, code):
    row, column = REFUSED[code]
    path = book(tmp_path, HEAD, ["T-02", "Chi trả", "ha", 1, 2, 3], row)
    before = of(draft, road)
    report = import_targets(path, draft, by=keeper)
    errors = [(f.row, f.column, f.code) for f in report.findings if f.severity == "error"]
    assert errors == [(3, column, code)]
    assert (report.read, report.changed, report.refused, report.applied) == (2, 1, 1, False)
    assert of(draft, road) == before  # all or nothing
    assert import_targets(path, draft, by=keeper, accept_partial=True).applied


def test_months_without_a_column_still_bind_the_others(tmp_path, keeper, draft):
    path = book(tmp_path, [*HEAD[:3], "07/2023"], ["D-01", "Bàn giao", "ha", 1.5])
    (error,) = import_targets(path, draft, by=keeper).findings
    assert (error.code, error.column) == ("not_cumulative", "07/2023")


def test_the_refused_rows_come_back_as_a_workbook_that_imports_once_corrected(
    tmp_path, keeper, road, draft
):
    path = book(tmp_path, HEAD, ["D-01", "Chi trả", "ha", 3, 2, 3])
    errors = tmp_path / "loi.xlsx"
    import_targets(path, draft, by=keeper, errors_to=errors)
    made = load_workbook(errors)
    page = made.worksheets[0]
    assert page.cell(1, 7).value == "Lỗi"
    assert "lũy kế" in page.cell(2, 7).value
    page.cell(2, 5).value = 3
    made.save(errors)
    assert import_targets(errors, draft, by=keeper).applied
    assert of(draft, road)[TARGET_LINE["5-ha"]] == {MAY: 30000, JUNE: 30000, JULY: 30000}


def test_an_office_sheet_with_title_groups_merged_names_and_totals_is_read(
    tmp_path, keeper, road, draft
):
    path = book(
        tmp_path,
        ["KẾ HOẠCH GIẢI PHÓNG MẶT BẰNG"],
        ["Tên dự án", "Bước thực hiện", "ĐVT", "Năm 2023", None],
        [None, None, None, "Tháng 6", "Hết tháng 07/2023"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["I. Nhóm trọng điểm"],
        ["Đường ven biển", "Kiểm đếm", "hồ sơ", 20, "1.030"],
        [None, "Bàn giao mặt bằng", "ha", 2, "2,5"],
        ["Cộng", None, "ha", 2, 2.5],
        [None, None, None, "Người lập biểu", None],
        merge=("A2:A3", "B2:B3", "C2:C3", "D2:E2", "A6:A7"),
    )
    report = import_targets(path, draft, by=keeper)
    assert (report.read, report.changed, report.refused) == (2, 2, 0)
    found = of(draft, road)
    assert found[TARGET_LINE["2-ho-so"]] == {JUNE: 20, JULY: 1030}
    assert found[HANDED_OVER][JULY] == 25000


def test_months_of_another_year_are_not_taken_for_this_ones(tmp_path, keeper, draft):
    path = book(tmp_path, [*HEAD[:3], "06/2022", "07/2023"], ["D-01", "Bàn giao", "ha", 9, 3])
    import_targets(path, draft, by=keeper)
    assert PlanEntry.objects.get(version=draft, project__code="D-01").values()[HANDED_OVER] == {
        MAY: Decimal("12345.67"),
        JUNE: 20000,
        JULY: 30000,
    }


def test_a_block_with_codes_and_months_means_the_line_that_was_shown(
    tmp_path, keeper, road, draft
):
    block = pasted(tmp_path, "Mã dự án\tT6\tT7\nD-01\t2,5\t3\nT-02\t0,04\t0,05\n")
    with pytest.raises(Question):
        import_targets(block, draft, by=keeper)
    report = import_targets(block, draft, by=keeper, line=HANDED_OVER)
    assert (report.changed, report.applied) == (2, True)
    assert of(draft, road)[HANDED_OVER][JULY] == 30000


def test_a_block_without_a_heading_is_understood_by_its_twelve_months(
    tmp_path, keeper, road, draft
):
    months = "\t".join(str(number) for number in range(1, 13))
    block = pasted(tmp_path, f"Đường ven biển\tKiểm đếm\thồ sơ\t{months}\n")
    assert import_targets(block, draft, by=keeper).applied
    found = of(draft, road)[TARGET_LINE["2-ho-so"]]
    assert [found[dt.date(2023, month, 1)] for month in range(1, 13)] == list(range(1, 13))


def test_a_column_answered_as_decimal_reads_its_ambiguous_cells(tmp_path, keeper, road, draft):
    block = pasted(tmp_path, "Mã dự án\tT7\nD-01\t20.125\n")
    told = {"T7": "m7:decimal"}
    assert import_targets(block, draft, by=keeper, line=HANDED_OVER, told=told).applied
    assert of(draft, road)[HANDED_OVER][JULY] == 201250


def test_an_officer_speaks_for_the_own_projects_alone(tmp_path, draft, road):
    officer = UserFactory(role="officer")
    mine = ProjectFactory(code="M-03", officers=[officer])
    PlanEntry.objects.create(version=draft, project=mine)
    path = book(
        tmp_path,
        HEAD,
        ["M-03", "Bàn giao mặt bằng", "ha", 1, 2, 3],
        ["D-01", "Bàn giao mặt bằng", "ha", 1.234567, 2, 3],  # July is new
        ["T-02", "Bàn giao mặt bằng", "ha", None, 0.04, None],  # as it is
    )
    report = import_targets(path, draft, by=officer, accept_partial=True)
    assert (report.changed, report.unchanged, report.refused) == (1, 1, 1)
    assert report.findings[0].code == "not_yours"
    assert JULY not in of(draft, road)[HANDED_OVER]


def test_a_restricted_project_is_unknown_to_those_not_cleared(tmp_path, draft):
    secret = ProjectFactory(code="QP-1", restricted=True)
    PlanEntry.objects.create(version=draft, project=secret)
    path = book(tmp_path, HEAD, ["QP-1", "Bàn giao mặt bằng", "ha", 1, 2, 3])
    blind, cleared = (UserFactory(administrator=True, cleared=yes) for yes in (False, True))
    (error,) = import_targets(path, draft, by=blind).findings
    assert error.code == "unknown_project"
    assert import_targets(path, draft, by=cleared).applied
    runs = {
        u: ImportRun.objects.visible_to(u, on=TODAY).filter(applied=True) for u in (blind, cleared)
    }
    assert (runs[blind].count(), runs[cleared].count()) == (0, 1)


def test_more_land_than_the_project_recovers_is_a_warning(tmp_path, keeper, road, draft):
    CaseFactory(project=road)
    path = book(tmp_path, HEAD[:3] + HEAD[5:], ["D-01", "Bàn giao mặt bằng", "ha", 500])
    report = import_targets(path, draft, by=keeper)
    assert [(f.code, f.row) for f in report.findings] == [("more_than_the_land", 2)]


def test_a_version_that_was_decided_meanwhile_takes_nothing(tmp_path, keeper, draft):
    path = book(tmp_path, HEAD, ["D-01", "Chi trả", "ha", 1, 2, 3])
    draft.decide("issued", on=draft.on, document=DocumentFactory())
    report = import_targets(path, PlanVersion.objects.get(), by=keeper)
    assert not report.applied
    assert "đã qua dự thảo" in report.findings[0].message


# Undo


def brought_in(tmp_path, keeper, draft):
    path = book(
        tmp_path,
        HEAD,
        ["D-01", "Bàn giao mặt bằng", "ha", None, 3, 4],
        ["T-02", "Bàn giao mặt bằng", "ha", None, 0.05, 0.06],
    )
    report = import_targets(path, draft, by=keeper)
    return ImportRun.objects.get(pk=report.run_id)


def test_an_undo_gives_every_cell_back(tmp_path, keeper, road, school, draft):
    before = of(draft, road), of(draft, school)
    run = brought_in(tmp_path, keeper, draft)
    assert (of(draft, road), of(draft, school)) != before
    done = undo.undo(run, by=keeper, today=TODAY)
    assert (done.undone, done.kept) == (2, [])
    assert (of(draft, road), of(draft, school)) == before


def test_an_undo_keeps_and_names_what_was_changed_since(tmp_path, keeper, road, school, draft):
    run = brought_in(tmp_path, keeper, draft)
    entry = PlanEntry.objects.get(version=draft, project=road)
    entry.set_targets({HANDED_OVER: {JULY: Decimal(50000)}})
    done = undo.undo(run, by=keeper, today=TODAY)
    assert [(row, why) for row, _, why in done.kept] == [(2, "chỉ tiêu đã sửa sau khi nhập")]
    assert of(draft, road)[HANDED_OVER][JULY] == 50000
    assert of(draft, school)[HANDED_OVER] == {JUNE: 400}


def test_an_undo_of_a_decided_version_is_refused(tmp_path, keeper, draft):
    run = brought_in(tmp_path, keeper, draft)
    draft.decide("issued", on=draft.on, document=DocumentFactory())
    with pytest.raises(undo.UndoRefused, match="đã qua dự thảo"):
        undo.undo(run, by=keeper, today=TODAY)
