"""Who may do what: role × action × {own, same unit, other's}.

`own`: a case of a project assigned to the officer. `same unit`: a project in the same ward,
assigned to somebody else. `other`: a project elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from gpmb.clearance.models import Case, Disclosure, Obstacle, Taking
from gpmb.compensation.models import Plan, PlanItem
from tests.factories import (
    AdministrativeUnitFactory,
    CaseFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")
WHOSE = ("own", "same_unit", "other")


@dataclass
class World:
    """One case for each `whose`, and a user for each role; the officer works on `own` alone."""

    users: dict[str, Any]
    cases: dict[str, Case]
    takings: dict[str, Taking]
    obstacles: dict[str, Obstacle]


@pytest.fixture
def world(today) -> World:
    users = {role: UserFactory(role=role) for role in ROLES}
    here, elsewhere = AdministrativeUnitFactory(), AdministrativeUnitFactory()
    colleague = UserFactory()
    cases, takings, obstacles = {}, {}, {}
    for whose, unit, officer in (
        ("own", here, users["officer"]),
        ("same_unit", here, colleague),
        ("other", elsewhere, colleague),
    ):
        project = ProjectFactory(officers=[officer])
        project.units.add(unit)
        cases[whose] = CaseFactory(
            project=project, takings=0, at="notice", party__name=f"Bí Mật {whose}"
        )
        takings[whose] = TakingFactory(
            project=project, case=cases[whose], parcel=ParcelFactory(unit=unit)
        )
        obstacles[whose] = ObstacleFactory(case=cases[whose])
        plan = Plan.objects.create(case=cases[whose], total_vnd=123_456_000)
        PlanItem.objects.create(
            plan=plan, block="land", description="đất", amount_vnd=plan.total_vnd
        )
    return World(users, cases, takings, obstacles)


def as_role(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.users[role])
    return client


# Which of own, same unit, other's each role may: "ooo" all three, "o--" own alone, "---" none.
ALL, OWN, NONE = "ooo", "o--", "---"
MATRIX: dict[str, dict[str, str]] = {
    "see the public facts": dict.fromkeys(ROLES, ALL),
    "open the case": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": ALL,
        "viewer": NONE,
        "administrator": ALL,
    },
    "read the name": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": NONE,
        "viewer": NONE,
        "administrator": ALL,
    },
    "read the amounts": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": NONE,
        "viewer": NONE,
        "administrator": ALL,
    },
    "read the name in the panel": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": NONE,
        "viewer": NONE,
        "administrator": ALL,
    },
    "find the name": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": NONE,
        "viewer": NONE,
        "administrator": ALL,
    },
    "reveal": {
        "officer": OWN,
        "finance": ALL,
        "petitions": NONE,
        "leader": ALL,
        "viewer": NONE,
        "administrator": ALL,
    },
    "read why it is stuck in the panel": {
        "officer": OWN,
        "finance": ALL,
        "leader": ALL,
        "administrator": ALL,
    },
    "advance on the map": {"officer": OWN},
    "advance on the page": {"officer": OWN},
    "take back a step": {"officer": OWN},
    "add an obstacle": {"officer": OWN},
    "close an obstacle": {"officer": OWN},
}

Try = Callable[[Client, World, str], bool]


def _see(client: Client, world: World, whose: str) -> bool:
    answer = client.get(reverse("panel", args=[world.takings[whose].ref]))
    return answer.status_code == 200 and world.cases[whose].code in answer.content.decode()


def _open(client: Client, world: World, whose: str) -> bool:
    return client.get(reverse("case", args=[world.cases[whose].ref])).status_code == 200


def _name(client: Client, world: World, whose: str) -> bool:
    answer = client.get(reverse("case", args=[world.cases[whose].ref]))
    listed = client.get(reverse("cases"), {"q": world.cases[whose].code})
    told = {f"Bí Mật {whose}" in page.content.decode() for page in (answer, listed)}
    assert len(told) == 1, "the list and the page disagree about the name"
    return told.pop()


def _amounts(client: Client, world: World, whose: str) -> bool:
    answer = client.get(reverse("case", args=[world.cases[whose].ref]))
    return "123.456.000" in answer.content.decode()


def _panel_name(client: Client, world: World, whose: str) -> bool:
    answer = client.get(reverse("panel", args=[world.takings[whose].ref]))
    return f"Bí Mật {whose}" in answer.content.decode()


def _panel_cause(client: Client, world: World, whose: str) -> bool:
    page = client.get(reverse("panel", args=[world.takings[whose].ref])).content.decode()
    named = str(world.obstacles[whose].cause) in page
    assert named or "</span> Có" in page, "that it is stuck is told to everyone"
    return named


def _find(client: Client, world: World, whose: str) -> bool:
    answer = client.get(reverse("search"), {"q": f"bi mat {whose}", "format": "json"})
    return any(row["kind"] == "Hộ" for row in answer.json()["results"])


def _reveal(client: Client, world: World, whose: str) -> bool:
    case = world.cases[whose]
    party = case.parties.get()
    answer = client.post(
        reverse("reveal", args=[case.ref]), {"party": party.ref, "reason": "trả lời công dân"}
    )
    logged = Disclosure.objects.filter(case=case).exists()
    shown = any(text in answer.content.decode() for text in (party.id_number, party.name))
    assert (answer.status_code == 200 and shown) == logged, "shown and logged go together"
    return logged


STEP = {"step": "inventory", "on": "15/06/2023", "number": "1/BB", "note": ""}


def _advance(name: str) -> Try:
    def attempt(client: Client, world: World, whose: str) -> bool:
        case = world.cases[whose]
        row = world.takings[whose] if name == "advance" else case
        client.post(reverse(name, args=[row.ref]), STEP | {"version": case.version})
        case.refresh_from_db()
        return case.step == "inventory"

    return attempt


def _void(client: Client, world: World, whose: str) -> bool:
    case = world.cases[whose]
    data = {"reason": "ghi nhầm hồ sơ", "version": case.version}
    client.post(reverse("case_void", args=[case.ref]), data)
    case.refresh_from_db()
    return case.step == "planned"


def _add_obstacle(client: Client, world: World, whose: str) -> bool:
    case = world.cases[whose]
    data = {"cause": ObstacleCauseFactory().pk, "opened_on": "10/06/2023"}
    client.post(reverse("obstacle_add", args=[case.ref]), data)
    return case.obstacles.count() == 2


def _close_obstacle(client: Client, world: World, whose: str) -> bool:
    obstacle = world.obstacles[whose]
    data = {"closed_on": "20/06/2023", "close_note": "đã đo lại", "version": obstacle.version}
    client.post(reverse("obstacle_close", args=[obstacle.ref]), data)
    obstacle.refresh_from_db()
    return obstacle.closed_on is not None


TRIES: dict[str, Try] = {
    "see the public facts": _see,
    "open the case": _open,
    "read the name": _name,
    "read the amounts": _amounts,
    "read the name in the panel": _panel_name,
    "read why it is stuck in the panel": _panel_cause,
    "find the name": _find,
    "reveal": _reveal,
    "advance on the map": _advance("advance"),
    "advance on the page": _advance("case_advance"),
    "take back a step": _void,
    "add an obstacle": _add_obstacle,
    "close an obstacle": _close_obstacle,
}


@pytest.mark.parametrize("role", ROLES)
def test_matrix(world, role):
    client = as_role(world, role)
    told = {}
    for action in MATRIX:
        before = transaction.savepoint()
        told[action] = "".join(
            "o" if TRIES[action](client, world, whose) else "-" for whose in WHOSE
        )
        transaction.savepoint_rollback(before)
        for row in (*world.cases.values(), *world.obstacles.values()):
            row.refresh_from_db()
    assert told == {action: row.get(role, NONE) for action, row in MATRIX.items()}


@pytest.mark.parametrize("role", ["officer", "petitions", "viewer"])
@pytest.mark.parametrize("name", ["case", "case_advance", "reveal", "obstacle_add"])
def test_what_is_not_yours_does_not_exist(world, role, name):
    """404, not 403, and the same 404 as for a case that never was."""
    client = as_role(world, role)
    method = client.get if name == "case" else client.post
    hidden = method(reverse(name, args=[world.cases["other"].ref]))
    never = method(reverse(name, args=[1]))
    assert hidden.status_code == never.status_code == 404
    assert "Bí Mật" not in hidden.content.decode()


def test_a_restricted_project_exists_only_for_those_cleared(today):
    project = ProjectFactory(restricted=True, name="Công trình quốc phòng thử nghiệm")
    case = CaseFactory(project=project)
    taking = case.takings.get()
    doors = [
        reverse("project", args=[project.ref]),
        reverse("case", args=[case.ref]),
        reverse("panel", args=[taking.ref]),
    ]
    for role in ROLES:
        for cleared in (False, True):
            client = Client()
            client.force_login(UserFactory(role=role, cleared=cleared))
            listed = client.get(reverse("projects")).content.decode()
            found = client.get(reverse("search"), {"q": "quoc phong", "format": "json"}).json()
            assert ("Công trình quốc phòng" in listed) is cleared
            assert bool(found["results"]) is cleared
            assert client.get(doors[0]).status_code == (200 if cleared else 404)
            assert client.get(doors[2]).status_code == (200 if cleared else 404)
            if not cleared:
                assert client.get(doors[1]).status_code == 404
                assert "chưa gồm 1 dự án hạn chế" in listed
