"""A name merged over rows is one household with the land of them all, as offices mean it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project, Taking, TakingPart
from gpmb.compensation.models import Plan
from gpmb.importing import undo
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.lists.sheet import read_list
from gpmb.importing.models import ImportRun
from tests.factories import LandClassFactory, UserFactory
from tests.importing.test_workbook import HEADERS, codes, land, project  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

FIRST = 3
"""Row of the first data of `merged`."""


def line(number: Any, area: Any, **more: Any) -> list[Any]:
    """A row; what the household says once is None on its later rows."""
    return [
        more.get("order"), more.get("holder"), more.get("address"), more.get("sheet", 5), number,
        more.get("land_class", "LUC"), area, more.get("land"), None, None, more.get("total"),
        more.get("step"), more.get("on"), None,
    ]  # fmt: skip


def merged(folder: Path, rows: list[list[Any]], *ranges: str) -> Path:
    """A sheet with the heading in row 2, data from row 3, and these ranges merged."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["DANH SÁCH THU HỒI ĐẤT"])
    page.append(HEADERS)
    for row in rows:
        page.append(row)
    for each in ranges:
        page.merge_cells(each)
    path = folder / "gop.xlsx"
    book.save(path)
    return path


def two_households(folder: Path) -> Path:
    return merged(
        folder,
        [
            line(80, 100, order=1, holder="Hộ minh họa 1", address="Khu 1", land=900, total=1500,
                 step="Kiểm đếm", on="09/06/2023"),
            line(81, 200, land=600),
            line(82, 300, order=2, holder="Hộ minh họa 2"),
        ],
        "A3:A4", "B3:B4", "C3:C4", "K3:K4", "L3:L4", "M3:M4",
    )  # fmt: skip


def areas(case: Case) -> dict[str, Decimal]:
    rows = case.takings.values_list("parcel__numbers__key", "recovered_area_m2")
    return dict(rows)


def test_a_merged_name_is_one_household_with_the_parcels_of_its_rows(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    report = import_workbook(two_households(tmp_path), project)
    assert codes(report) == []
    assert (report.read, report.created, Case.objects.count()) == (3, 3, 2)
    said = next(f for f in report.findings if f.code == "merged_households")
    assert "1 hộ gộp ô qua 2 dòng" in said.message
    case = Case.objects.get(parties__name="Hộ minh họa 1")
    assert areas(case) == {"5/80": 100, "5/81": 200}
    assert case.step == "inventory"
    assert Plan.objects.get().total_vnd == 1500, "the amounts of its rows, and the merged total"


def test_a_merged_list_read_twice_changes_nothing_and_is_taken_back_by_rows(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    path = two_households(tmp_path)
    import_workbook(path, project)
    run = ImportRun.objects.get()
    again = import_workbook(path, project)
    assert (again.unchanged, again.created, again.changed) == (3, 0, 0)
    done = undo.undo(run, by=UserFactory(), today=today())
    assert (done.undone, done.kept) == (3, [])
    assert not Taking.objects.exists()


def test_one_parcel_on_two_merged_rows_has_two_classes_of_land(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    LandClassFactory(code="ONT", name="Đất ở nông thôn", group="non_agri")
    rows = [
        line(80, 300, holder="Hộ minh họa 1"),
        line(None, 150, sheet=None, land_class="ONT"),
        line(81, 50, land_class="ONT"),
    ]
    path = merged(tmp_path, rows, "B3:B5", "D3:D4", "E3:E4")
    report = import_workbook(path, project)
    assert codes(report) == []
    assert areas(Case.objects.get()) == {"5/80": 450, "5/81": 50}
    parts = TakingPart.objects.values_list(
        "taking__parcel__numbers__key", "land_class__code", "area_m2"
    )
    assert set(parts) == {("5/80", "LUC", 300), ("5/80", "ONT", 150), ("5/81", "ONT", 50)}
    assert import_workbook(path, project).unchanged == 3

    rows[1][6], rows[0][6] = 140, 310
    report = import_workbook(merged(tmp_path, rows, "B3:B5", "D3:D4", "E3:E4"), project)
    assert (report.changed, report.shown[0].fields[0][0]) == (3, "Loại đất")
    assert TakingPart.objects.get(land_class__code="ONT", area_m2=140)


def test_an_area_merged_over_parcels_is_shared_out_and_said(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    rows = [line(80, 800, holder="Hộ minh họa 1"), line(81, None)]
    report = import_workbook(merged(tmp_path, rows, "B3:B4", "G3:G4"), project)
    assert "area_split_by_share" in [finding.code for finding in report.findings]
    assert areas(Case.objects.get()) == {"5/80": 400, "5/81": 400}


def test_one_fault_sends_the_whole_household_back_merged_as_it_was(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    path = merged(
        tmp_path,
        [
            line(82, 100, holder="Hộ minh họa 2"),
            line(80, 100, holder="Hộ minh họa 1"),
            line(9999, 200),
            line(81, 100),
        ],
        "B4:B6",
    )
    back = tmp_path / "loi.xlsx"
    report = import_workbook(path, project, accept_partial=True, errors_to=back)
    assert (report.read, report.created, report.refused) == (4, 1, 3)
    assert {f.row: f.code for f in report.findings if f.severity == "error"} == {
        FIRST + 1: "household_refused",
        FIRST + 2: "unknown_parcel",
        FIRST + 3: "household_refused",
    }
    page = load_workbook(back).worksheets[0]
    assert [str(r) for r in page.merged_cells.ranges] == ["B3:B5"]
    assert [page.cell(row, 5).value for row in (3, 4, 5)] == [80, 9999, 81]
    book = load_workbook(back)
    book.worksheets[0].cell(4, 5).value = 83
    book.save(back)
    again = import_workbook(back, project)
    assert (again.created, again.refused) == (3, 0)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (line(80, 100), "parcel_twice"),
        (line(80, 450, land_class="ONT"), "recovered_exceeds_parcel"),
        (line(81, 100, step="Niêm yết", on="01/06/2023"), "household_differs"),
    ],
)
def test_what_a_household_may_not_say_is_refused(
    project: Project,  # noqa: F811
    tmp_path: Path,
    second: list[Any],
    code: str,
):
    LandClassFactory(code="ONT", name="Đất ở nông thôn", group="non_agri")
    first = line(80, 100, holder="Hộ minh họa 1", step="Kiểm đếm", on="01/06/2023")
    report = import_workbook(merged(tmp_path, [first, second], "B3:B4"), project)
    assert code in codes(report)
    assert not Case.objects.exists()


def test_case_codes_tell_rows_under_one_name_apart(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    headers = ["Mã hồ sơ", *HEADERS[1:]]
    book = Workbook()
    page = book.worksheets[0]
    page.append(headers)
    page.append(["HS-1", *line(80, 100, holder="Hộ minh họa 1")[1:]])
    page.append(["HS-2", *line(81, 100)[1:]])
    page.merge_cells("B2:B3")
    book.save(tmp_path / "hai.xlsx")
    report = import_workbook(tmp_path / "hai.xlsx", project)
    assert codes(report) == []
    assert set(Case.objects.values_list("code", "parties__name")) == {
        ("HS-1", "Hộ minh họa 1"),
        ("HS-2", "Hộ minh họa 1"),
    }


def test_merged_signatures_are_no_household(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    rows = [
        line(80, 100, holder="Hộ minh họa 1"),
        [None] * 14,
        [None, "Người lập biểu", *[None] * 8, "Giám đốc", None, None, None],
        [None] * 14,
    ]
    sheet = read_list(merged(tmp_path, rows, "B5:D6", "K5:M6"))
    assert (len(sheet.rows), sheet.households) == (1, {})
    assert sheet.left_out["signature"] == (5,)


def test_rows_without_a_name_are_refused_until_they_are_said_to_be_the_household_above(
    project: Project,  # noqa: F811
    tmp_path: Path,
):
    rows = [
        line(80, 100, order=1, holder="Hộ minh họa 1", step="Kiểm đếm", on="09/06/2023"),
        line(81, 200, sheet=None),
        line(82, 300, order=2),
        line(83, 50),
    ]
    path = merged(tmp_path, rows)
    report = import_workbook(path, project, dry_run=True)
    assert (report.created, report.refused) == (1, 3)
    report = import_workbook(path, project, together=True, accept_partial=True)
    assert (report.created, report.refused) == (2, 2), "a numbered row is a household of its own"
    assert areas(Case.objects.get()) == {"5/80": 100, "5/81": 200}
    assert {f.row for f in report.findings if f.code == "no_holder"} == {FIRST + 2, FIRST + 3}
