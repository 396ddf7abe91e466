"""Resettlement on its pages: who may do what, what the database refuses is said in words."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.resettlement.models import Allocation, Arrangement, Draw, DrawEntry, Plot
from tests.factories import (
    TODAY,
    ArrangementFactory,
    CaseFactory,
    DocumentFactory,
    ProjectFactory,
    SiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")
ALL, OWN, NONE = "oo", "o-", "--"
DAY = dt.date(2023, 4, 1)


@pytest.fixture
def users(today):
    return {role: UserFactory(role=role) for role in ROLES}


@pytest.fixture
def world(users):
    """For own and other: a site, a household that waits, one with a plot, a draw."""
    made = {}
    for whose, officer in (("own", users["officer"]), ("other", UserFactory())):
        project = ProjectFactory(officers=[officer])
        site = SiteFactory(serves=[project], ready=4)
        waiting = ArrangementFactory(at="approved", case__project=project)
        holder = ArrangementFactory(
            at="approved", case__project=project, case__party__name=f"Bí Mật {whose}"
        )
        given = holder.give(site.plots.get(number="L1"), on=DAY, by=None, document=None)
        draw = Draw.objects.create(site=site, on=DAY, place="UBND", witnesses="MTTQ")
        draw.plots.set(site.plots.filter(number__in=("L2", "L3")))
        entry = DrawEntry.objects.create(draw=draw, case=waiting.case, order=1)
        made[whose] = {
            "site": site, "waiting": waiting, "holder": holder, "given": given,
            "draw": draw, "entry": entry, "bare": CaseFactory(project=project),
        }  # fmt: skip
    return made


def read_site(client, made):
    return client.get(reverse("resettlement_site", args=[made["site"].ref])).status_code == 200


def read_holder(client, made):
    page = client.get(reverse("resettlement_site", args=[made["site"].ref])).content.decode()
    return made["holder"].case.code in page and "Bí Mật" in page


def read_draw(client, made):
    return client.get(reverse("draw", args=[made["draw"].ref])).status_code == 200


def move_plot(client, made):
    address = reverse("plots_move", args=[made["site"].ref])
    client.post(address, {"plot": ["L4"], "to": "reserved"})
    return made["site"].plots.get(number="L4").status == "reserved"


def prepare_draw(client, made):
    data = {
        "on": "01/06/2023",
        "place": "UBND",
        "witnesses": "MTTQ",
        "plots": [made["site"].plots.get(number="L4").pk],
        "cases": [made["waiting"].case.pk],
    }
    client.post(reverse("draw_add", args=[made["site"].ref]), data)
    return made["site"].draws.count() == 2


def record_draw(client, made):
    plot = made["site"].plots.get(number="L2")
    data = {f"plot_{made['entry'].pk}": plot.pk}
    client.post(reverse("draw_record", args=[made["draw"].ref, "ket-qua"]), data)
    return DrawEntry.objects.get(pk=made["entry"].pk).plot_id == plot.pk


def arrange(client, made):
    case = made["bare"]
    data = {"to": "registered", "on": "01/06/2023", "form": "plot"}
    client.post(reverse("arrange", args=[case.ref]), data)
    return Arrangement.objects.filter(case=case, status="registered").exists()


def allocate(client, made):
    plot = made["site"].plots.get(number="L4")
    data = {"plot": plot.pk, "on": "01/06/2023", "number": "5/QĐ"}
    client.post(reverse("plot_allocate", args=[made["waiting"].case.ref]), data)
    return Allocation.objects.filter(plot=plot).exists()


def hand_over(client, made):
    case = made["holder"].case
    address = reverse("allocation_act", args=[case.ref, 1, "ban-giao"])
    client.post(address, {"on": "01/06/2023", "number": "6/BB"})
    return Allocation.objects.get(pk=made["given"].pk).handed_over_on is not None


def take_back(client, made):
    case = made["holder"].case
    address = reverse("allocation_act", args=[case.ref, 1, "thoi"])
    client.post(address, {"on": "01/06/2023", "reason": "hộ xin đổi"})
    return Allocation.objects.get(pk=made["given"].pk).released_on is not None


def house(client, made):
    case = made["waiting"].case
    data = {"from_on": "01/06/2023", "monthly_vnd": "2.000.000", "place": "nhà trọ"}
    client.post(reverse("temporary_housing", args=[case.ref]), data)
    return case.temporary_housing.exists()


MATRIX = {
    read_site: dict.fromkeys(ROLES, ALL),
    read_holder: {"officer": OWN, "finance": ALL, "administrator": ALL},
    read_draw: {"officer": OWN, "administrator": ALL},
    move_plot: {"officer": OWN},
    prepare_draw: {"officer": OWN},
    record_draw: {"officer": OWN},
    arrange: {"officer": OWN},
    allocate: {"officer": OWN},
    hand_over: {"officer": OWN},
    take_back: {"officer": OWN},
    house: {"officer": OWN},
}


@pytest.mark.parametrize("role", ROLES)
def test_matrix(users, world, role):
    """role × action × {own, other's}."""
    client, told = Client(), {}
    client.force_login(users[role])
    for action in MATRIX:
        before = transaction.savepoint()
        told[action] = "".join("o" if action(client, made) else "-" for made in world.values())
        transaction.savepoint_rollback(before)
    assert told == {action: row.get(role, NONE) for action, row in MATRIX.items()}


@pytest.fixture
def officer(users, world):
    client = Client()
    client.force_login(users["officer"])
    return client


def test_a_refused_move_says_why_and_keeps_what_was_typed(officer, world):
    waiting = world["own"]["waiting"]
    data = {"to": "settled", "on": "01/06/2023", "note": "gõ dở"}
    page = officer.post(reverse("arrange", args=[waiting.case.ref]), data).content.decode()
    assert "gõ dở" in page
    assert waiting.case.arrangement.status == "approved"


def test_a_closed_draw_gives_its_plots_and_shows_its_record(officer, world):
    made = world["own"]
    assert record_draw(officer, made)
    address = reverse("draw_record", args=[made["draw"].ref, "chot"])
    officer.post(address, {"number": "1/BB-BT", "on": "01/04/2023"})
    page = officer.get(reverse("draw", args=[made["draw"].ref])).content.decode()
    assert "Đã chốt biên bản · 1/BB-BT" in page
    assert Allocation.objects.get(case=made["waiting"].case).plot.number == "L2"
    case = officer.get(reverse("case", args=[made["waiting"].case.ref])).content.decode()
    assert "lượt 1: lô L2" in case


def test_more_households_than_plots_is_said_before_the_draw(officer, world):
    made = world["own"]
    other = ArrangementFactory(at="approved", case__project=made["bare"].project)
    data = {
        "on": "01/06/2023", "place": "UBND", "witnesses": "MTTQ",
        "plots": [made["site"].plots.get(number="L4").pk],
        "cases": [made["waiting"].case.pk, other.case.pk],
    }  # fmt: skip
    page = officer.post(reverse("draw_add", args=[made["site"].ref]), data).content.decode()
    assert "Các hộ được 2 lô, mới chọn 1 lô" in page


def test_a_site_asks_as_much_for_30_plots_as_for_3(officer, world):
    site = world["own"]["site"]

    def asked():
        with CaptureQueriesContext(connection) as caught:
            officer.get(reverse("resettlement_site", args=[site.ref]))
        return len(caught)

    few = asked()
    for number in range(30):
        plot = Plot.objects.create(site=site, number=f"M{number}", area_m2=1, status="available")
        case = CaseFactory(project=site.projects.get(), entitled_plots=1)
        plot.allocate(case, on=TODAY, document=DocumentFactory())
    assert asked() == few
