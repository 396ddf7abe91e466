"""/diem-nong/: what each role sees of concentrations, and who opens and closes a hot spot."""

import datetime as dt

import pytest
from django.urls import reverse

from gpmb.analysis import hotspots
from gpmb.analysis.hotspot_models import Hotspot
from gpmb.clearance.clock import today as stands_at
from tests.complaining import Q0, R0, complaining_city, settle
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    DocumentFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(today):
    return complaining_city()


@pytest.fixture
def leader(today, client):
    user = UserFactory(leader=True)
    client.force_login(user)
    return user


def as_role(client, role):
    user = UserFactory(role=role)
    client.force_login(user)
    return user


def opened(**fields):
    values = {
        "name": "Khu 2, phường Hải Hòa",
        "owner": OrganisationFactory(),
        "opened_on": dt.date(2023, 5, 1),
        "opened_by": UserFactory(leader=True),
        "open_document": DocumentFactory(),
    }
    return Hotspot.objects.create(**(values | fields))


def test_a_visitor_is_sent_to_the_entrance(client, today):
    assert client.get("/diem-nong/").status_code == 302


def test_the_page_says_a_sentence_that_can_be_read_out(city, client):
    as_role(client, "viewer")
    text = client.get("/diem-nong/").content.decode()
    assert "18 trong 444 hộ" in text
    assert "10 trong 12 hộ có đơn thư, gấp 20,6 lần" in text
    assert "không gồm dự án hạn chế" in text.lower()


def test_a_day_without_data_says_so_and_not_none_found(city, client):
    as_role(client, "viewer")
    text = client.get("/diem-nong/?on=28/02/2023").content.decode()
    assert "Không đủ dữ liệu để kết luận" in text


def test_a_day_to_come_is_shown_as_today(city, client):
    as_role(client, "viewer")
    assert client.get("/diem-nong/?on=2030-01-01").context["on"] == TODAY
    assert client.get("/diem-nong/?on=xyz").context["on"] == TODAY


def test_hexagons_carry_place_and_verdict_alone(city, client):
    as_role(client, "viewer")
    record = hotspots.run(on=TODAY)
    answer = client.get(reverse("hotspot_cells", args=[record.ref])).json()
    assert len(answer["features"]) == 37
    first = next(
        f for f in answer["features"] if (f["properties"]["q"], f["properties"]["r"]) == (Q0, R0)
    )
    assert first["properties"] == {"q": Q0, "r": R0, "verdict": "hot"}
    lon, lat = first["geometry"]["coordinates"][0][0]
    assert 106 < lon < 109
    assert 20 < lat < 22


def cell(client, q, r):
    record = hotspots.run(on=stands_at())
    return client.get(reverse("hotspot_cell", args=[record.ref]), {"q": q, "r": r})


def test_the_matters_behind_a_hexagon_are_for_those_allowed(city, client):
    as_role(client, "leader")
    text = cell(client, Q0, R0).content.decode()
    assert "10, bình thường 0,5" in text
    assert "DT-" not in text
    as_role(client, "petitions")
    text = cell(client, Q0, R0).content.decode()
    assert "DT-0" in text
    assert "đang giải quyết 10, lâu nhất từ 01/03/2023" in text


def test_fewer_than_three_households_are_withheld_from_all_but_the_petition_officer(
    city,
    client,
):
    _, _, _, others = city
    place = others[0].takings.get().boundary.centroid
    q, r = (int(v) for v in hotspots.cells.cell_of(place.x, place.y))
    assert hotspots.run(on=TODAY).outcome
    as_role(client, "leader")
    answer = cell(client, q, r)
    shown = answer.context
    if shown["few"]:
        assert "dưới 3 hộ" in answer.content.decode()
        assert "Xác suất" not in answer.content.decode()
    as_role(client, "petitions")
    assert not cell(client, q, r).context["few"]


def test_a_hexagon_of_two_households_is_not_shown(city, client):
    settle(ProjectFactory(), AdministrativeUnitFactory(), [(9, 0), (9, 0)])
    as_role(client, "viewer")
    record = hotspots.run(on=TODAY)
    features = client.get(reverse("hotspot_cells", args=[record.ref])).json()["features"]
    assert Q0 + 9 not in [f["properties"]["q"] for f in features]
    assert cell(client, Q0 + 9, R0).status_code == 404
    as_role(client, "petitions")
    assert cell(client, Q0 + 9, R0).status_code == 200


@pytest.mark.parametrize("query", [{}, {"q": "a", "r": "1"}, {"q": "0", "r": "0"}])
def test_a_hexagon_nobody_knows_is_not_found(city, client, query):
    as_role(client, "leader")
    record = hotspots.run(on=TODAY)
    assert client.get(reverse("hotspot_cell", args=[record.ref]), query).status_code == 404


def test_a_leader_opens_a_hot_spot_on_an_area_with_a_document(city, client, leader):
    area = hotspots.run(on=TODAY).areas.get(verdict="hot")
    owner = OrganisationFactory()
    address = reverse("hotspot_open_at", args=[area.ref])
    assert "10 trong 12 hộ" in client.get(address).content.decode()
    values = {
        "name": "Khu 2",
        "opened_on": "15/06/2023",
        "number": "45-TB/TU",
        "owner": owner.pk,
        "reason": "",
    }
    answer = client.post(address, values)
    spot = Hotspot.objects.get()
    assert answer.status_code == 302
    assert (spot.opened_by, spot.owner, spot.open_document.number) == (leader, owner, "45-TB/TU")
    assert spot.boundary.equals(area.boundary)
    text = client.get("/diem-nong/").content.decode()
    assert "45-TB/TU" in text
    assert "0 biện pháp" in text


def test_opening_needs_a_document_and_a_past_day(client, leader):
    values = {"name": "Khu 2", "opened_on": "01/01/2030", "owner": OrganisationFactory().pk}
    text = client.post(reverse("hotspot_open"), values).content.decode()
    assert "Hãy gõ số, ký hiệu văn bản" in text
    assert "sau ngày số liệu" in text
    assert not Hotspot.objects.exists()


def test_a_leader_closes_a_hot_spot_once(client, leader):
    spot = opened()
    address = reverse("hotspot_close", args=[spot.ref])
    early = client.post(address, {"closed_on": "01/04/2023", "number": "9-TB"})
    assert "không được trước ngày mở" in early.content.decode()
    client.post(address, {"closed_on": "20/06/2023", "number": "60-TB/TU"})
    spot.refresh_from_db()
    assert (spot.closed_on, spot.closed_by) == (dt.date(2023, 6, 20), leader)
    client.post(address, {"closed_on": "25/06/2023", "number": "61-TB/TU"})
    spot.refresh_from_db()
    assert spot.closed_on == dt.date(2023, 6, 20)


@pytest.mark.parametrize("role", ["officer", "finance", "petitions", "viewer", "administrator"])
def test_nobody_but_a_leader_opens_or_closes(client, today, role):
    spot = opened()
    as_role(client, role)
    assert client.get(reverse("hotspot_open")).status_code == 404
    assert client.post(reverse("hotspot_close", args=[spot.ref])).status_code == 404
    assert client.get(reverse("hotspot", args=[spot.ref])).status_code == 200


def test_measures_are_added_and_their_result_recorded(client, today):
    spot = opened()
    as_role(client, "petitions")
    values = {
        "on": "10/06/2023",
        "text": "Đối thoại với các hộ",
        "owner": OrganisationFactory().pk,
        "due_on": "15/07/2023",
    }
    client.post(reverse("hotspot_measure", args=[spot.ref]), values)
    measure = spot.measures.get()
    assert measure.due_on == dt.date(2023, 7, 15)
    done = {"done_on": "20/06/2023", "result": "Đã thống nhất đơn giá"}
    client.post(reverse("measure_done", args=[spot.ref, 1]), done)
    measure.refresh_from_db()
    assert measure.result == "Đã thống nhất đơn giá"
    assert client.post(reverse("measure_done", args=[spot.ref, 2]), done).status_code == 404
    as_role(client, "officer")
    assert client.post(reverse("hotspot_measure", args=[spot.ref]), values).status_code == 404
    assert client.post(reverse("measure_done", args=[spot.ref, 1]), done).status_code == 404


def test_a_hot_spot_of_a_restricted_project_exists_only_for_those_cleared(client, today):
    spot = opened(project=ProjectFactory(restricted=True), name="Kín")
    as_role(client, "leader")
    assert client.get(reverse("hotspot", args=[spot.ref])).status_code == 404
    assert "Kín" not in client.get("/diem-nong/").content.decode()
    client.force_login(UserFactory(leader=True, cleared=True))
    assert client.get(reverse("hotspot", args=[spot.ref])).status_code == 200
