"""An office's list becomes cases, or says row by row why not; nothing is guessed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from gpmb.clearance.models import Case, CaseEvent, Project, Taking
from gpmb.compensation.models import Plan
from gpmb.importing.lists.run import import_workbook
from gpmb.land.models import Parcel, ParcelNumber, Party
from gpmb.reference.models import LandClass
from tests.factories import AdministrativeUnitFactory, ParcelFactory, ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

HEADERS = [
    "STT", "Họ và tên chủ sử dụng đất", "Địa chỉ", "Tờ bản đồ", "Số thửa", "Loại đất",
    "Diện tích thu hồi (m2)", "Về đất", "Tài sản", "Hỗ trợ", "Tổng cộng", "Bước", "Ngày",
    "Tái định cư",
]  # fmt: skip


@pytest.fixture
def project(land: list[Parcel]) -> Project:
    project = ProjectFactory(code="CCN")
    project.units.set([land[0].unit])
    return project


@pytest.fixture
def land(db: None) -> list[Parcel]:
    unit = AdministrativeUnitFactory()
    LandClass.objects.create(
        code="LUC", circular="t", name="lúa", group="agri", valid_from="2014-01-01", source="t"
    )
    return [ParcelFactory(unit=unit, number=f"5/{n}") for n in range(80, 90)]


def workbook(path: Path, *rows: list[Any], headers: list[str] = HEADERS) -> Path:
    book = Workbook()
    page = book.worksheets[0]
    page.append(["UBND THÀNH PHỐ"])
    page.append([])
    page.append(headers)
    page.append([f"({n})" for n in range(1, len(headers) + 1)])
    for row in rows:
        page.append(row)
    path = path / "ds.xlsx"
    book.save(path)
    return path


def row(
    number: Any = 85, area: Any = 500, step: Any = None, on: Any = None, **more: Any
) -> list[Any]:
    return [
        more.get("order", 1), more.get("holder", "Hộ minh họa 1"), more.get("address", "Khu 1"),
        more.get("sheet", 5), number, more.get("land_class", "LUC"), area,
        more.get("land", 1000), more.get("assets", 0), more.get("support", 500),
        more.get("total", 1500), step, on, more.get("resettlement"),
    ]  # fmt: skip


def codes(report: Any) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity == "error"]


def test_a_row_becomes_a_case_with_land_money_and_an_opening(project: Project, tmp_path: Path):
    path = workbook(tmp_path, row(85, 400, "Đã chi trả", "09/06/2023", resettlement="1 lô"))
    report = import_workbook(path, project)
    assert (report.read, report.created, report.applied) == (1, 1, True)
    case = Case.objects.get()
    assert (case.step, case.stage, case.resettlement_need) == ("payment", 5, "plot")
    assert [e.kind for e in case.events.all()] == ["opening"]
    assert case.takings.get().recovered_area_m2 == 400
    assert case.takings.get().parts.get().area_m2 == 400
    plan = Plan.objects.get()
    assert (plan.status, plan.total_vnd, plan.items.count()) == ("draft", 1500, 2)
    assert case.parties.get().name == "Hộ minh họa 1"


def test_the_same_list_twice_changes_nothing(project: Project, tmp_path: Path):
    path = workbook(
        tmp_path, row(85, 400, "Kiểm đếm", "09/06/2023"), row("86+87", 1000), row(88, 20)
    )
    import_workbook(path, project)
    again = import_workbook(path, project)
    assert (again.created, again.changed, again.unchanged, again.refused) == (0, 0, 3, 0)
    assert (Case.objects.count(), Party.objects.count(), CaseEvent.objects.count()) == (3, 3, 1)


def test_a_long_list_says_how_far_the_writing_is(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gpmb.importing.lists.apply.BATCH", 2)
    path = workbook(tmp_path, *[row(number) for number in range(80, 85)])
    told: list[tuple[str, int, int]] = []
    import_workbook(path, project, progress=lambda *step: told.append(step))
    writing = [(done, total) for what, done, total in told if what == "Ghi vào cơ sở dữ liệu"]
    assert writing == [(0, 5), (2, 5), (4, 5)]


def test_a_changed_row_changes_its_case_only(project: Project, tmp_path: Path):
    import_workbook(workbook(tmp_path, row(85, 400), row(86, 300)), project)
    later = workbook(tmp_path, row(85, 450, "Kiểm đếm", "01/06/2023"), row(86, 300))
    report = import_workbook(later, project)
    assert (report.changed, report.unchanged) == (1, 1)
    case = Case.objects.get(takings__parcel__numbers__key="5/85")
    assert (case.step, case.takings.get().recovered_area_m2) == ("inventory", 450)


def test_a_case_that_moved_since_is_left_where_it_is(project: Project, tmp_path: Path):
    path = workbook(tmp_path, row(85, 400, "Kiểm đếm", "01/02/2023"))
    import_workbook(path, project)
    case = Case.objects.get()
    case.advance("posting", on=case.stepped_on, by=None)
    report = import_workbook(workbook(tmp_path, row(85, 400, "Thông báo", "01/01/2023")), project)
    assert "case_moved_on" in [finding.code for finding in report.findings]
    case.refresh_from_db()
    assert case.step == "posting"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (row(area="12o,5"), "not_a_number"),
        (row(area="20.000"), "ambiguous_number"),
        (row(area=500.5), "recovered_exceeds_parcel"),
        (row(area=None), "no_recovered_area"),
        (row(9999), "unknown_parcel"),
        (row(holder=None), "no_holder"),
        (row(total=1501), "parts_do_not_add_up"),
        (row(step="Kiểm đếm", on="31/02/2023"), "impossible_date"),
        (row(step="Kiểm đếm", on="1/2/23"), "ambiguous_date"),
        (row(step="Kiểm đếm"), "no_step_date"),
        (row(step="Kiểm đếm", on="01/07/2023"), "future_date"),
        (row(step="Giao nhà xong rồi", on="01/06/2023"), "unknown_step"),
        (row(land_class="XYZ"), "unknown_land_class"),
        (row("85+85"), "parcel_twice"),
        (row(sheet=None), "no_sheet"),
        (row(land=1000.5), "fraction_of_dong"),
    ],
)
def test_a_faulty_row_is_refused_and_says_why(
    project: Project, tmp_path: Path, given: list[Any], code: str
):
    report = import_workbook(workbook(tmp_path, given, row(80, 10)), project)
    assert codes(report) == [code]
    assert (report.read, report.saved, report.refused, report.applied) == (2, 1, 1, False)
    assert report.findings[0].row == 5
    assert report.findings[0].column
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "parcels"),
    [
        ("85", ["5/85"]),
        ("5/85", ["5/85"]),
        ("tờ 5 thửa 85", ["5/85"]),
        (85.0, ["5/85"]),
        ("86+87", ["5/86", "5/87"]),
        ("86; 87", ["5/86", "5/87"]),
        ("5/086 và 87", ["5/86", "5/87"]),
        ("thửa 85", ["5/85"]),
        ("thửa số 86 + thửa 87", ["5/86", "5/87"]),
    ],
)
def test_parcels_are_read_as_offices_write_them(
    project: Project, tmp_path: Path, given: Any, parcels: list[str]
):
    import_workbook(workbook(tmp_path, row(given, 500 * len(parcels))), project)
    found = ParcelNumber.objects.filter(parcel__takings__project=project)
    assert sorted(found.values_list("key", flat=True)) == parcels


@pytest.mark.parametrize("sheet", ["tờ 5", "Tờ bản đồ số 05", "TBĐ 5"])
def test_a_sheet_may_be_written_with_its_word(project: Project, tmp_path: Path, sheet: str):
    report = import_workbook(workbook(tmp_path, row("thửa 85", 100, sheet=sheet)), project)
    assert codes(report) == []
    assert Taking.objects.get().parcel.numbers.get().key == "5/85"


def test_an_ambiguous_column_is_read_as_answered(project: Project, tmp_path: Path):
    path = workbook(tmp_path, row(area="20.000"))
    report = import_workbook(
        path, project, answers=["Diện tích thu hồi (m2)=recovered_area:decimal"]
    )
    assert report.applied
    assert Taking.objects.get().recovered_area_m2 == 20


def test_several_parcels_with_one_area_are_split_and_said(project: Project, tmp_path: Path):
    report = import_workbook(workbook(tmp_path, row("86+87", Decimal("100.01"))), project)
    assert [finding.code for finding in report.findings] == ["area_split_by_share"]
    areas = sorted(Taking.objects.values_list("recovered_area_m2", flat=True))
    assert areas == [Decimal("50.00"), Decimal("50.01")]


def test_two_dossiers_fit_on_one_parcel_only_as_far_as_it_reaches(
    project: Project, tmp_path: Path
):
    fits = workbook(tmp_path, row(85, 300), row(85, 200, holder="Hộ minh họa 2"))
    report = import_workbook(fits, project, dry_run=True)
    assert (codes(report), report.saved) == ([], 2)
    over = workbook(tmp_path, row(85, 300), row(85, 201, holder="Hộ minh họa 2"))
    assert codes(import_workbook(over, project, dry_run=True)) == ["parcel_taken_twice"]


def test_partial_import_saves_the_good_rows_and_gives_the_others_back(
    project: Project, tmp_path: Path
):
    path = workbook(tmp_path, row(85, 100), row(86, "12o"), row(9999, 10))
    target = tmp_path / "loi.xlsx"
    report = import_workbook(path, project, accept_partial=True, errors_to=target)
    assert (report.applied, report.created, report.refused) == (True, 1, 2)
    page = load_workbook(target).worksheets[0]
    header, *rows = [[c.value for c in r] for r in page.iter_rows(min_row=3)]
    assert header[-1] == "Lỗi"
    assert [r[4] for r in rows] == [86, 9999]
    assert "không phải là số" in rows[-2][-1]
    fixed = import_workbook(target, project, dry_run=True)
    assert (fixed.read, fixed.refused) == (2, 2)


def test_a_waiting_taking_of_the_survey_gets_the_case(
    project: Project, land: list[Parcel], tmp_path: Path
):
    survey = Taking.objects.create(
        project=project, parcel=land[5], boundary=land[5].boundary, recovered_area_m2=500
    )
    import_workbook(workbook(tmp_path, row(85, 120)), project)
    survey.refresh_from_db()
    assert (survey.case, survey.recovered_area_m2) == (Case.objects.get(), 120)
    assert Taking.objects.count() == 1


def test_a_file_that_is_no_list_is_refused_without_a_traceback(project: Project, tmp_path: Path):
    for name, content in (("a.xlsx", b"PK\x03\x04 broken"), ("b.xlsx", b""), ("c.txt", b"x")):
        path = tmp_path / name
        path.write_bytes(content)
        assert codes(import_workbook(path, project)) == ["unreadable"]


def test_the_command_asks_for_a_column_it_cannot_tell(project: Project, tmp_path: Path):
    headers = [h if h != "Diện tích thu hồi (m2)" else "S (tổng)" for h in HEADERS]
    path = workbook(tmp_path, row(), headers=headers)
    with pytest.raises(CommandError, match="--map") as asked:
        call_command("import_workbook", str(path), project="CCN")
    assert asked.value.returncode == 3
    call_command("import_workbook", str(path), project="CCN", map=["S (tổng)=recovered_area"])
    assert Case.objects.count() == 1
