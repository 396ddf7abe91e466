"""An import is taken back: as if it had not been, except what someone worked on since."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gpmb.clearance.models import Case, CaseParty, Project, Taking
from gpmb.compensation.models import Plan
from gpmb.importing import undo
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.models import ImportRun
from gpmb.land.models import Parcel, ParcelNumber, Party
from tests.factories import TODAY, ProjectFactory, UserFactory
from tests.importing.conftest import layer, square
from tests.importing.test_workbook import land, row, workbook  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def project(land: list[Parcel]) -> Project:  # noqa: F811
    project = ProjectFactory(code="CCN")
    project.units.set([land[0].unit])
    return project


def take_back(run: ImportRun | None = None) -> undo.Undone:
    run = run or ImportRun.objects.filter(applied=True).order_by("-pk")[0]
    return undo.undo(run, by=UserFactory(), today=TODAY)


def bring(project: Project, path: Path, *rows: Any) -> None:
    report = import_workbook(workbook(path, *rows), project)
    assert report.applied, [str(f) for f in report.findings]


def test_cases_without_events_go_with_their_people_land_and_plans(project, tmp_path):
    bring(project, tmp_path, row(85, 400), row("86+87", 1000))
    done = take_back()
    assert (done.undone, done.kept) == (2, [])
    for model in (Case, Party, CaseParty, Taking, Plan):
        assert model.objects.count() == 0, model


def test_a_case_with_an_opening_is_withdrawn_and_its_code_free_again(project, tmp_path):
    one = row(85, 400, "Đã bàn giao MB", "09/06/2023")
    bring(project, tmp_path, one)
    code = Case.objects.get().code
    take_back()
    case = Case.objects.get()
    assert (case.stage, case.takings.count(), Plan.objects.count()) == (0, 0, 0)
    assert case.withdrawn_on is not None
    assert not Case.objects.live(on=TODAY).exists()
    bring(project, tmp_path, one)
    assert Case.objects.live(on=TODAY).get().code == code


def test_a_taking_that_waited_waits_again_as_it_was(project, land, tmp_path):  # noqa: F811
    survey = Taking.objects.create(project=project, parcel=land[5], recovered_area_m2=500)
    bring(project, tmp_path, row(85, 120))
    take_back()
    survey.refresh_from_db()
    assert (survey.case, survey.recovered_area_m2, survey.parts.count()) == (None, 500, 0)


def test_changed_fields_get_their_old_values(project, tmp_path):
    bring(project, tmp_path, row(85, 400, "Kiểm đếm", "01/02/2023", holder="Hộ cũ"))
    bring(
        project,
        tmp_path,
        row(85, 450, "Đã chi trả", "01/06/2023", holder="Hộ mới", land=2000, total=2500),
    )
    case = Case.objects.get()
    assert (case.step, case.takings.get().recovered_area_m2) == ("payment", 450)
    done = take_back()
    case.refresh_from_db()
    assert (done.undone, case.step) == (1, "inventory")
    assert case.takings.get().recovered_area_m2 == 400
    assert case.takings.get().parts.get().area_m2 == 400
    assert case.parties.get().name == "Hộ cũ"
    assert case.plans.get().total_vnd == Decimal(1500)


def test_rows_changed_since_stay_and_are_named(project, tmp_path):
    bring(project, tmp_path, row(85, 400, "Kiểm đếm", "01/02/2023"), row(86, 10), row(87, 10))
    moved, renamed, _ = Case.objects.order_by("code")
    moved.advance("posting", on=moved.stepped_on, by=None)
    party = renamed.parties.get()
    party.name = "Tên đã sửa"
    party.save()
    done = take_back()
    assert done.undone == 1
    assert {(row, why) for row, _, why in done.kept} == {
        (5, "đã sửa sau khi nhập: diễn biến"),
        (6, "đã sửa sau khi nhập: chủ sử dụng"),
    }
    assert Case.objects.live(on=TODAY).count() == 2


def test_an_undo_happens_once(project, tmp_path):
    bring(project, tmp_path, row(85, 400))
    run = ImportRun.objects.get(applied=True)
    take_back(run)
    with pytest.raises(undo.UndoRefused):
        take_back(run)


class TestParcels:
    """By the command that imports survey files."""

    @pytest.fixture
    def project(self, land: list[Parcel]) -> Project:  # noqa: F811
        project = ProjectFactory(code="CCN-01")
        project.units.set([land[0].unit])
        return project

    def test_new_parcels_go_and_changed_ones_get_their_boundary_back(self, import_layer):
        import_layer(layer(3, dien_tich_thu_hoi=[100.0, 100.0, 100.0]))
        before = list(Parcel.objects.order_by("pk").values_list("pk", "boundary"))
        moved = [square(0), square(1), square(2, side=18), square(3)]
        out = import_layer(layer(4, geometry=moved, dien_tich_thu_hoi=[100.0, 100.0, 90.0, 50.0]))
        assert out.counts == (1, 1, 2, 0)
        done = take_back()
        assert (done.undone, done.kept) == (2, [])
        after = list(Parcel.objects.order_by("pk").values_list("pk", "boundary"))
        assert [(pk, shape.wkt) for pk, shape in after] == [(pk, s.wkt) for pk, s in before]
        areas = Taking.objects.order_by("pk").values_list("recovered_area_m2", flat=True)
        assert list(areas) == [100, 100, 100]

    def test_land_that_entered_a_case_since_stays(self, import_layer, project):
        import_layer(layer(3))
        case = Case.objects.create(project=project, code="HS-1")
        made = ImportRun.objects.get().created.get(model="clearance.Taking")
        first = made.object_ids[made.rows.index(1)]
        Taking.objects.filter(pk=first).update(case=case)
        done = take_back()
        assert done.undone == 2
        assert [(row, why) for row, _, why in done.kept] == [(1, "đã vào hồ sơ")]
        numbers = ParcelNumber.objects.filter(parcel__takings__project=project)
        assert numbers.count() == Taking.objects.count() == 1
