"""A list of many rows is written, and taken back, by as few statements as one of few rows, and
comes to what its rows would come to one by one."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    STATE_FIELDS,
    Case,
    CaseEvent,
    FieldNote,
    Project,
    Taking,
    TakingPart,
)
from gpmb.compensation.models import Plan, PlanItem
from gpmb.importing import undo
from gpmb.importing.findings import Report
from gpmb.importing.lists.compare import Comparison
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.models import ImportRun
from gpmb.land.models import Parcel, ParcelNumber, Party
from gpmb.reference.loading import load
from tests.factories import TODAY, AdministrativeUnitFactory, ProjectFactory, UserFactory, tile
from tests.importing.test_workbook import HEADERS, row, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

STEPS = (
    (None, None),
    ("Thông báo", "01/02/2022"),
    ("Kiểm đếm", "05/06/2022"),
    ("Đã bàn giao MB", "09/06/2022"),
    ("Đã chi trả", "02/06/2022"),
)
ADDED = 500
"""Number of the parcel a later list adds to the household of parcel 0, and so on."""


@pytest.fixture
def by() -> User:
    return UserFactory()


@pytest.fixture
def make(db: None) -> Callable[[int], Project]:
    """A project whose unit has so many parcels, and as many from number `ADDED` on."""
    load()

    def made(count: int) -> Project:
        unit = AdministrativeUnitFactory()
        project = ProjectFactory(code=f"SO-{count}")
        project.units.set([unit])
        land = Parcel.objects.bulk_create(
            Parcel(unit=unit, boundary=tile(n), registered_area_m2=1000) for n in range(2 * count)
        )
        ParcelNumber.objects.bulk_create(
            ParcelNumber(
                parcel=parcel,
                unit=unit,
                sheet="5",
                number=str(n if n < count else n - count + ADDED),
            )
            for n, parcel in enumerate(land)
        )
        return project

    return made


def first(count: int) -> list[list[Any]]:
    """A household a row, at every step."""
    need = ("1 lô", "Không", None)
    return [
        row(n, 400, *STEPS[n % 5], holder=f"Hộ {n}", resettlement=need[n % 3])
        for n in range(count)
    ]


def second(project: Project, count: int) -> list[list[Any]]:
    """The same households by their codes: other steps, people, money, areas, classes, land."""
    code = {case.parties.get().name: case.code for case in Case.objects.filter(project=project)}
    rows = []
    for n in range(count):
        adds = n % 3 == 0 and n % 5 != 3
        step = STEPS[(n * 2 + 1) % 5]
        said = row(
            f"{n} + {ADDED + n}" if adds else n,
            450 if n % 2 and not adds and n % 5 != 3 else 400,
            *step,
            holder=f"Hộ {n} đổi" if n % 4 == 1 else f"Hộ {n}",
            address="Khu 2" if n % 4 else "Khu 1",
            land_class="CLN" if n % 7 == 2 else "LUC",
            land=2000 if n % 2 else 1000,
            total=2500 if n % 2 else 1500,
            resettlement="2 lô" if n % 6 == 1 else None,
        )
        rows.append([code[f"Hộ {n}"], *said, "ghi chú mới" if n % 4 == 0 else None])
    return rows


CODED = ["Mã hồ sơ", *HEADERS, "Ghi chú"]


def bring(
    project: Project,
    folder: Path,
    rows: Sequence[list[Any]],
    by: User,
    headers: list[str] = CODED,
) -> tuple[Report, ImportRun]:
    report = import_workbook(workbook(folder, *rows, headers=headers), project, by=by)
    assert report.applied, [str(finding) for finding in report.findings]
    return report, ImportRun.objects.get(pk=report.run_id)


def everything() -> list[Any]:
    """All that a list may touch, with the history of each table; keys of new rows left out."""
    found = [
        Case.objects.values_list(
            "pk", "code", "note", "resettlement_need", "entitled_plots", *STATE_FIELDS, "version"
        ),
        CaseEvent.objects.values_list(
            "case", "taking", "kind", "step", "on", "by", "reason", "voids__step", "voids__on"
        ),
        Taking.objects.values_list(
            "case", "parcel", "recovered_area_m2", "handed_over_on", "handed_over_area_m2"
        ),
        TakingPart.objects.values_list("taking__parcel", "land_class", "area_m2"),
        Party.objects.values_list("pk", "name", "address", "id_number"),
        Plan.objects.values_list("case", "number", "status", "total_vnd", "version"),
        PlanItem.objects.values_list("plan__case", "order", "block", "description", "amount_vnd"),
    ]
    past = [Case, Taking, TakingPart, Party, Plan, PlanItem]
    columns: dict[type, list[str]] = {
        Case: ["pgh_obj_id", "note", "resettlement_need", *STATE_FIELDS, "version"],
        Taking: ["parcel_id", "case_id", "recovered_area_m2", "handed_over_on", "version"],
        TakingPart: ["land_class_id", "area_m2"],
        Party: ["pgh_obj_id", "name", "address"],
        Plan: ["case_id", "total_vnd", "version"],
        PlanItem: ["block", "amount_vnd"],
    }
    kept = [
        model.pgh_event_model.objects.values_list("pgh_label", *columns[model])  # type: ignore[attr-defined]
        for model in past
    ]
    return [sorted(rows, key=repr) for rows in [*found, *kept]]


def test_a_list_comes_to_what_its_rows_come_to_one_by_one_and_so_does_its_undo(
    make: Callable[[int], Project], by: User, tmp_path: Path
):
    project = make(16)
    bring(project, tmp_path, first(16), by, HEADERS)
    case = Case.objects.get(parties__name="Hộ 2")
    case.note_act("disagreed", on=dt.date(2022, 7, 1), by=by)
    before, rows = everything(), second(project, 16)
    start = transaction.savepoint()
    runs, said, back = [], [], []
    for one in rows:
        report, run = bring(project, tmp_path, [one], by)
        runs.append(run)
        said += [(finding.code, finding.message) for finding in report.findings]
    singly = everything()
    for run in reversed(runs):
        back.append(undo.undo(run, by=by, today=TODAY))
    singly_back = everything()
    transaction.savepoint_rollback(start)
    assert everything() == before != singly != singly_back

    report, run = bring(project, tmp_path, rows, by)
    assert everything() == singly
    assert [(f.code, f.message) for f in report.findings] == said
    done = undo.undo(run, by=by, today=TODAY)
    assert everything() == singly_back
    assert (done.undone, done.kept) == (sum(one.undone for one in back), [])
    assert done.undone == 16 == report.changed


def test_what_stands_after_an_undo_is_what_stood_before_the_list(
    make: Callable[[int], Project], by: User, tmp_path: Path
):
    project = make(16)
    bring(project, tmp_path, first(16), by, HEADERS)

    def now() -> list[Any]:
        return [
            sorted(rows)
            for rows in (
                Case.objects.values_list("pk", "note", "entitled_plots", "step", "stage"),
                Case.objects.values_list("pk", "due_rule", "next_step", "resettlement_need"),
                CaseEvent.objects.living().values_list("case", "kind", "step", "on"),
                Taking.objects.values_list("pk", "case", "recovered_area_m2"),
                Taking.objects.filter(handed_over_on__isnull=False).values_list(
                    "pk", "handed_over_on", "handed_over_area_m2"
                ),
                TakingPart.objects.values_list("taking", "land_class", "area_m2"),
                Party.objects.values_list("pk", "name", "address"),
                PlanItem.objects.values_list("plan__case", "block", "amount_vnd"),
            )
        ]

    before = now()
    _, run = bring(project, tmp_path, second(project, 16), by)
    assert now() != before
    undo.undo(run, by=by, today=TODAY)
    assert now() == before


def test_thirty_changed_cases_and_three_hundred_cost_the_same_number_of_queries(
    make: Callable[[int], Project], by: User, tmp_path: Path
):
    asked = []
    for count in (30, 300):
        project = make(count)
        bring(project, tmp_path, first(count), by, HEADERS)
        rows = second(project, count)
        with CaptureQueriesContext(connection) as written:
            report, run = bring(project, tmp_path, rows, by)
        with CaptureQueriesContext(connection) as undone:
            undo.undo(run, by=by, today=TODAY)
        assert report.changed == run.rows.count() == count
        asked.append((len(written), len(undone)))
    assert asked[0] == asked[1]
    assert max(asked[0]) < 100


class TestOneCase:
    @pytest.fixture
    def project(self, make: Callable[[int], Project], by: User, tmp_path: Path) -> Project:
        project = make(3)
        bring(project, tmp_path, first(3), by, HEADERS)
        return project

    @pytest.fixture
    def case(self, project: Project) -> Case:
        return Case.objects.get(parties__name="Hộ 0")

    def test_land_that_grew_as_it_was_handed_over_shrinks_again(
        self, project: Project, case: Case, by: User, tmp_path: Path
    ):
        said = [case.code, *row(0, 450, "Đã bàn giao MB", "09/06/2022", holder="Hộ 0"), None]
        _, run = bring(project, tmp_path, [said], by)
        assert case.takings.get().handed_over_area_m2 == 450
        assert undo.undo(run, by=by, today=TODAY).undone == 1
        land = case.takings.get()
        assert (land.recovered_area_m2, land.handed_over_on) == (400, None)

    def test_a_case_that_moves_while_its_list_is_read_stops_the_list_whole(
        self,
        project: Project,
        case: Case,
        by: User,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ):
        compare = Comparison.compare

        def and_meanwhile(self: Comparison, dossiers: Any) -> Any:
            changes = compare(self, dossiers)
            Case.objects.filter(pk=case.pk).update(note="người khác vừa ghi")
            return changes

        monkeypatch.setattr(Comparison, "compare", and_meanwhile)
        path = workbook(tmp_path, *second(project, 3), headers=CODED)
        report = import_workbook(path, project, by=by)
        assert not report.applied
        assert report.stale
        assert "changed_since_preview" in [finding.code for finding in report.findings]
        assert not Party.objects.filter(address="Khu 2").exists()

    def test_land_the_list_added_stays_with_what_was_noted_of_it_since(
        self, project: Project, case: Case, by: User, tmp_path: Path
    ):
        _, run = bring(project, tmp_path, second(project, 3), by)
        added = case.takings.get(parcel__numbers__number=str(ADDED))
        FieldNote.objects.create(taking=added, on=TODAY, text="đã cắm mốc", by=by)
        done = undo.undo(run, by=by, today=TODAY)
        assert [(code, why) for _, code, why in done.kept] == [
            (case.code, "đã có ghi chú hiện trường")
        ]
        assert (done.undone, case.takings.count()) == (2, 2)

    def test_two_cases_of_one_holder_each_say_what_they_change_of_him(
        self, project: Project, case: Case, by: User, tmp_path: Path
    ):
        other = Case.objects.get(parties__name="Hộ 1")
        holder = case.parties.get()
        other.case_parties.update(party=holder)
        Party.objects.filter(pk=holder.pk).update(name="Hộ chung")
        named = [case.code, *row(0, 400, holder="Hộ đổi tên"), None]
        moved = [other.code, *row(1, 400, holder="Hộ chung", address="Khu 9"), None]
        _, run = bring(project, tmp_path, [named, moved], by)
        holder.refresh_from_db()
        assert (holder.name, holder.address) == ("Hộ đổi tên", "Khu 9")
        undo.undo(run, by=by, today=TODAY)
        holder.refresh_from_db()
        assert (holder.name, holder.address) == ("Hộ chung", "Khu 1")
