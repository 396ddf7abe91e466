"""A project's checklist starts from templates; who decides follows the day and the holders."""

import datetime as dt

import pytest

from gpmb.clearance.authority import deciding_authority
from gpmb.clearance.models import CaseParty, Project, Readiness, ReadinessItem, with_readiness
from gpmb.clearance.readiness import start_checklist
from gpmb.reference.loading import load
from gpmb.reference.models import DecidingAuthority
from tests.factories import TODAY, CaseFactory, PartyFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def readiness(project: Project) -> str:
    return with_readiness(Project.objects.filter(pk=project.pk), on=TODAY).get().readiness


def test_a_checklist_holds_the_procedures_of_the_projects_kind() -> None:
    load()
    road = ProjectFactory(kind=Project.Kind.ROAD)
    site = ProjectFactory(kind=Project.Kind.RESETTLEMENT)
    assert readiness(road) == Readiness.NOT_REVIEWED
    assert start_checklist(road) == 7
    assert start_checklist(site) == 6, "a resettlement site needs no resettlement site"
    codes = set(road.readiness_items.values_list("code", flat=True))
    assert {"land_use_plan", "council_list", "land_price", "resettlement_site"} <= codes
    assert readiness(road) == Readiness.NO_ROADMAP


def test_a_line_that_is_there_stays_as_it_is() -> None:
    load()
    project = ProjectFactory()
    ReadinessItem.objects.create(project=project, code="funding", name="Vốn", done_on=TODAY)
    start_checklist(project)
    assert start_checklist(project) == 0
    assert project.readiness_items.get(code="funding").name == "Vốn"
    project.readiness_items.filter(done_on=None).update(due_on=TODAY + dt.timedelta(days=30))
    assert readiness(project) == Readiness.ROADMAP
    project.readiness_items.update(done_on=TODAY)
    assert readiness(project) == Readiness.COMPLETE


@pytest.mark.parametrize(
    ("kinds", "on", "body"),
    [
        (["household"], TODAY, "district_committee"),
        (["household", "individual"], TODAY, "district_committee"),
        (["organisation"], TODAY, "province_committee"),
        (["household", "organisation"], TODAY, "province_committee"),
        (["household"], dt.date(2025, 9, 1), "commune_chair"),
    ],
)
def test_who_decides_on_a_case(kinds: list[str], on: dt.date, body: str) -> None:
    load()
    case = CaseFactory(party__kind=kinds[0])
    for kind in kinds[1:]:
        CaseParty.objects.create(case=case, party=PartyFactory(kind=kind), role="co_owner")
    found = deciding_authority(case, on)
    assert found is not None
    assert found.body == body


def test_without_a_row_nobody_is_guessed() -> None:
    assert deciding_authority(CaseFactory(), TODAY) is None
    assert not DecidingAuthority.objects.exists()
