"""The page of a priority category, and the small map beside it."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.clearance.models import ReadinessItem, Responsibility, Review
from gpmb.reports import plan
from gpmb.resettlement.models import Plot, Site
from tests.factories import (
    FIRST_DAY,
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    OrganisationFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def leader(client):
    user = UserFactory(leader=True)
    client.force_login(user)
    return user


@pytest.fixture
def category():
    return PriorityCategoryFactory(code="mot", name="Tái định cư đi đầu", order=901)


def answers(project, role, name, user=None):
    return Responsibility.objects.create(
        project=project,
        role=role,
        organisation=OrganisationFactory(name=name),
        user=user,
        valid_from=FIRST_DAY,
    )


def page(client, category, **asked):
    return client.get(reverse("group", args=[category.code]), asked)


def test_a_group_says_who_answers_for_each_project_and_how_its_papers_stand(
    client, leader, category
):
    project, bare = ProjectFactory(category=category), ProjectFactory(category=category)
    chair = UserFactory(display_name="Phó Chủ tịch phụ trách", leader=True)
    answers(project, "leader", "UBND thành phố", chair)
    answers(project, "lead", "TTPTQĐ")
    answers(project, "team", "Tổ công tác số 3")
    ReadinessItem.objects.create(
        project=project, code="a", name="Chủ trương", done_on=FIRST_DAY, document=DocumentFactory()
    )
    shown = page(client, category)
    first, second = shown.context["rows"]
    assert first["people"] == {
        "leader": ["Phó Chủ tịch phụ trách"],
        "lead": ["TTPTQĐ"],
        "team": ["Tổ công tác số 3"],
    }
    assert (second["project"], second["people"]) == (bare, {})
    text = shown.content.decode()
    assert "chưa phân công" in text
    assert [(str(s.label), n) for s, n in shown.context["readiness"]] == [
        ("Đủ thủ tục", 1),
        ("Chưa rà soát", 1),
    ]


def test_a_group_shows_plots_against_the_needs_of_its_projects_alone(client, leader, category):
    project, other = ProjectFactory(category=category), ProjectFactory()
    unit = AdministrativeUnitFactory()
    for number, served in enumerate((project, other)):
        site = Site.objects.create(code=f"K{number}", name=f"Khu {number}", unit=unit)
        site.projects.add(served)
        Plot.objects.create(site=site, number="L1", area_m2=100, status="available")
        CaseFactory(project=served, at="approval", resettlement_need="plot", entitled_plots=3)
    homes = page(client, category).context["homes"]
    (stock,) = homes.sites
    assert (stock.site.name, stock.total, stock.free, stock.wanted) == ("Khu 0", 1, 1, 3)
    assert (homes.plots, homes.short) == (3, 3)


def test_a_group_of_a_past_day_says_what_was_written_later(client, leader, category):
    CaseFactory(project=ProjectFactory(category=category), at="approval")
    shown = page(client, category, on=(FIRST_DAY + 40 * DAY).isoformat())
    assert shown.context["later"] == 2
    assert "khi ấy chưa biết" in shown.content.decode()
    assert "Về hôm nay" in shown.content.decode()


def grow(category, count):
    for _ in range(count):
        project = ProjectFactory(category=category)
        answers(project, "lead", f"Cơ quan {project.code}")
        site = Site.objects.create(
            code=project.code, name=project.code, unit=AdministrativeUnitFactory()
        )
        site.projects.add(project)
        case = CaseFactory(project=project, at="approval", resettlement_need="plot")
        ObstacleFactory(case=case)


def test_a_group_asks_as_often_for_30_projects_as_for_3(client, leader, category):
    def count():
        page(client, category)
        with CaptureQueriesContext(connection) as caught:
            assert page(client, category).status_code == 200
        return len(caught)

    grow(category, 3)
    few = count()
    grow(category, 27)
    assert count() == few <= 32


# The small map


def sketch(client, **asked):
    return client.get(reverse("sketch_map"), asked)


def test_the_small_map_counts_by_stage_what_the_reader_may_see(client, leader, category):
    project = ProjectFactory(category=category)
    CaseFactory(project=project, at="inventory", takings=2)
    CaseFactory(project=project, at="handover")
    CaseFactory(at="notice")
    CaseFactory(project=ProjectFactory(category=category, restricted=True), at="notice")
    for asked in ({"category": "mot"}, {"project": project.code}):
        shown = sketch(client, **asked)
        told = [takings for _, _, takings, _ in shown.context["legend"]]
        assert told == [0, 0, 2, 0, 0, 0, 1]
        assert "<svg" in shown.content.decode()
    past = sketch(client, category="mot", on=(FIRST_DAY + 10 * DAY).isoformat())
    assert [n for _, _, n, _ in past.context["legend"]] == [0, 3, 0, 0, 0, 0, 0]


def test_many_takings_are_drawn_by_the_dissolved_pieces_with_the_same_counts(
    client, leader, category, monkeypatch
):
    project, unit = ProjectFactory(category=category), AdministrativeUnitFactory()
    CaseFactory(project=project, at="inventory", takings=3, takings__parcel__unit=unit)
    CaseFactory(project=project, at="handover", takings=1, takings__parcel__unit=unit)
    asked = {"category": "mot", "on": (FIRST_DAY + 250 * DAY).isoformat()}
    each = sketch(client, **asked).context["legend"]
    monkeypatch.setattr(plan, "DISSOLVED", 1)
    many = sketch(client, **asked)
    assert many.context["legend"] == each
    assert len(re.findall("<path", many.content.decode())) < 12


def test_the_small_map_of_changes_colours_what_moved(client, leader, category):
    Review.objects.create(on=FIRST_DAY + 100 * DAY, title="Giao ban")
    project = ProjectFactory(category=category)
    CaseFactory(project=project, at="approval", takings=2)
    CaseFactory(project=project, at="inventory")
    shown = sketch(client, since=(FIRST_DAY + 100 * DAY).isoformat())
    assert [n for _, _, n, _ in shown.context["legend"]] == [0, 0, 0, 0, 2, 0, 0]
    assert "thay đổi sau ngày" in shown.content.decode()
    words = client.get(reverse("since_review"))
    assert words.context["change"].moved_takings == 2
    assert words.context["change"].on == TODAY


def test_groups_and_projects_lead_to_what_changed_in_them_on_the_map(client, leader, category):
    Review.objects.create(on=FIRST_DAY + 100 * DAY, title="Giao ban")
    PriorityCategoryFactory(code="khac", name="Dự án khác", order=902)
    project = ProjectFactory(category=category)
    CaseFactory(project=project, at="approval", takings=2)
    CaseFactory(at="approval", takings=3)
    for address in (
        reverse("group", args=[category.code]),
        reverse("project", args=[project.ref]),
    ):
        text = client.get(address).content.decode()
        (link,) = re.findall(r'href="(/ban-do/\?[^"]*colour=change[^"]*)"', text)
        asked = link.partition("?")[2].replace("&amp;", "&")
        side = client.get(f"{reverse('map_legend')}?{asked}").content.decode()
        assert re.search(r'id="moves-total">2<', side), address
