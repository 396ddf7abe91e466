"""/vuong-mac/: what is stuck, filtered; kept by the project's officers alone."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.clearance.models import Obstacle
from tests.factories import (
    CORNER,
    CaseFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    OrganisationFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db
X, Y = CORNER
LINE = f"{X}; {Y}\n{X + 100}; {Y}"
AREA = f"{LINE}\n{X + 100}; {Y + 80}"


@pytest.fixture
def officer(today):
    return UserFactory(display_name="Cán bộ")


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer])


def login(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def save(client: Client, project, where: str = "project", place: str = "", **fields):
    data = {
        "project": project.pk,
        "where": where,
        "place": place,
        "cause": ObstacleCauseFactory().pk,
        "opened_on": "10/05/2023",
    }
    return client.post(reverse("obstacle_new"), data | fields)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_add_and_change_whose(today, role):
    users = {each: UserFactory(role=each) for each in ROLES}
    client = login(users[role])
    told = dict.fromkeys(("read", "listed", "add", "edit", "close"), "")
    for whose in WHOSE:
        mine = [users["officer"]] if whose == "own" else [UserFactory()]
        project = ProjectFactory(officers=mine, name=f"Dự án {whose}")
        row = ObstacleFactory(case=None, project=project)
        told["read"] += "o" if client.get(url("obstacle", row)).status_code == 200 else "-"
        page = client.get(reverse("obstacles"))
        listed = page.status_code == 200 and f"Dự án {whose}</a>" in page.content.decode()
        told["listed"] += "o" if listed else "-"
        save(client, project)
        told["add"] += "o" if project.obstacles.count() == 2 else "-"
        data = {"where": "project", "cause": row.cause_id, "opened_on": "01/05/2023"}
        client.post(url("obstacle_edit", row), data)
        row.refresh_from_db()
        told["edit"] += "o" if row.opened_on == dt.date(2023, 5, 1) else "-"
        done = {"closed_on": "20/06/2023", "close_note": "xong"}
        client.post(url("obstacle_close", row), done)
        row.refresh_from_db()
        told["close"] += "o" if row.closed_on else "-"
    reads = {"officer": "o--", "finance": "ooo", "leader": "ooo", "administrator": "ooo"}
    works = {"officer": "o--"}
    assert told == {
        "read": reads.get(role, "---"),
        "listed": reads.get(role, "---"),
        **{action: works.get(role, "---") for action in ("add", "edit", "close")},
    }


def url(name: str, row: Obstacle) -> str:
    return reverse(name, args=[row.ref])


@pytest.mark.parametrize("where", ["project", "case", "parcel", "line", "area"])
def test_an_obstacle_sits_on_a_case_a_parcel_a_line_an_area_or_the_project(
    officer, project, where
):
    case = CaseFactory(project=project, takings=0)
    TakingFactory(project=project, parcel=ParcelFactory(number="7/21"))
    place = {"case": case.code, "parcel": "07/21", "line": LINE, "area": AREA}.get(where, "")
    answer = save(login(officer), project, where, place)
    row = Obstacle.objects.get()
    assert answer["Location"] == url("obstacle", row)
    places = [name for name in ("case", "parcel", "line", "area") if getattr(row, name)]
    assert places == ([] if where == "project" else [where])
    page = login(officer).get(url("obstacle_edit", row)).content.decode()
    if place:
        assert place.splitlines()[0].lstrip("0")[:4] in page, "the form shows what was typed"


@pytest.mark.parametrize(
    ("where", "place", "message"),
    [
        ("case", "HS-999", "HS-999"),
        ("parcel", "9/999", "không có trong dự án"),
        ("line", f"{X}; {Y}", "ít nhất 2 điểm"),
        ("line", f"{X}; {Y}\n1; 2", "Dòng 2"),
        ("area", f"{X}; {Y}\n{X + 9}; {Y + 9}\n{X + 9}; {Y}\n{X}; {Y + 9}", "tự cắt"),
        ("area", "", "Hãy gõ vị trí"),
    ],
)
def test_a_wrong_place_says_what_is_wrong_and_keeps_what_was_typed(
    officer, project, where, place, message
):
    page = save(login(officer), project, where, place, description="đã gõ").content.decode()
    assert message in page
    assert "đã gõ" in page
    assert not Obstacle.objects.exists()


def test_the_database_refuses_two_places(project):
    case = CaseFactory(project=project)
    with pytest.raises(IntegrityError), transaction.atomic():
        ObstacleFactory(case=case, parcel=case.takings.get().parcel)


def test_the_filters_find_by_cause_owner_age_project_and_state(officer, project):
    owner = OrganisationFactory(name="Điện lực thử nghiệm")
    young = ObstacleFactory(case=None, project=project, opened_on=dt.date(2023, 6, 20), owner=None)
    old = ObstacleFactory(
        case=None,
        project=project,
        owner=owner,
        cause=ObstacleCauseFactory(code="mo-ma", name="Mồ mả"),
        opened_on=dt.date(2023, 1, 1),
        due_on=dt.date(2023, 3, 1),
    )
    closed = ObstacleFactory(case=None, project=project, closed_on=dt.date(2023, 6, 1))
    client = login(officer)

    def found(**asked) -> set[Obstacle]:
        page = client.get(reverse("obstacles"), asked)
        return {row for row, _, _ in page.context["rows"]}

    assert found() == {young, old}
    assert found(cause="mo-ma") == found(owner=owner.pk) == found(age=90) == {old}
    assert found(state="late") == {old}
    assert found(state="unowned") == {young}
    assert found(state="closed") == {closed}
    assert found(project=ProjectFactory().code) == set()


def test_days_stuck_and_lateness_are_said(officer, project):
    row = ObstacleFactory(
        case=None, project=project, opened_on=dt.date(2023, 6, 10), due_on=dt.date(2023, 6, 20)
    )
    page = login(officer).get(url("obstacle", row)).content.decode()
    assert "đã vướng 20 ngày" in page
    assert "quá hạn xử lý 20/06/2023" in page


def test_the_history_says_who_changed_what(officer, project):
    row = ObstacleFactory(case=None, project=project, next_step="Mời họp")
    data = {
        "where": "project",
        "cause": row.cause_id,
        "opened_on": "15/05/2023",
        "next_step": "Trình UBND",
    }
    client = login(officer)
    client.post(url("obstacle_edit", row), data)
    page = client.get(url("obstacle", row)).content.decode()
    assert "Mời họp → Trình UBND" in page
    assert "Cán bộ" in page


def test_an_obstacle_is_not_settled_before_it_arose(officer, project):
    row = ObstacleFactory(case=None, project=project)
    data = {"closed_on": "01/05/2023", "close_note": "x"}
    page = login(officer).post(url("obstacle_close", row), data).content.decode()
    assert "không được trước ngày phát sinh" in page


def test_restricted_projects_hide_their_obstacles(today):
    row = ObstacleFactory(case=None, project=ProjectFactory(restricted=True))
    for cleared in (False, True):
        client = login(UserFactory(leader=True, cleared=cleared))
        assert (client.get(url("obstacle", row)).status_code == 200) is cleared
        assert len(client.get(reverse("obstacles")).context["rows"]) == cleared


def test_the_list_asks_the_same_for_3_and_30_rows(officer, project):
    client, counts = login(officer), []
    for number in (3, 27):
        for _ in range(number):
            ObstacleFactory(case=CaseFactory(project=project, takings=0))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("obstacles"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
