"""The map's pages: whose land is on them, and counts that equal the database's."""

import datetime as dt
import gzip
import re
from collections import defaultdict

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon
from django.core.management import call_command
from django.urls import reverse

from gpmb import refs
from gpmb.accounts.models import User
from gpmb.analysis import counting, outlines
from gpmb.analysis import since as words
from gpmb.analysis.selection import DEADLINES, Colouring, Selection
from gpmb.analysis.tile_models import Piece
from gpmb.clearance.models import CaseParty, Project, Review, Taking
from gpmb.complaints.models import Complaint
from gpmb.law.deadlines import Due, State, state
from gpmb.reference.loading import load
from gpmb.reference.models import PriorityCategory
from tests.analysis.test_tiles import tile_of
from tests.complaining import letter
from tests.factories import (
    FIRST_DAY,
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    ParcelFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    walk,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def signed_in(client, **kwargs):
    client.force_login(UserFactory(**kwargs))
    return client


@pytest.fixture
def viewer(client):
    return signed_in(client, viewer=True)


def side(client, **params) -> str:
    response = client.get(reverse("map_legend"), params)
    assert response.status_code == 200
    return response.content.decode()


def legend(client, **params) -> dict[str, str]:
    """Legend code → its count, and "total"."""
    page = side(client, **params)
    rows = re.findall(r'<tr data-class="(\w+)".*?<td class="r">([\d.,]+)</td>', page, re.DOTALL)
    (total,) = re.findall(r'id="legend-total">([\d.,]+)<', page)
    return dict(rows) | {"total": total}


def get_tile(client, taking, z=15, **params):
    address = reverse("map_tile", args=tile_of(taking, z))
    return client.get(address, params, headers=params.pop("headers", {}))


def features(response) -> list[dict]:
    layers = mapbox_vector_tile.decode(response.content) if response.content else {}
    return [feature for layer in layers.values() for feature in layer["features"]]


# Counts


def test_the_legend_counts_what_the_database_holds(viewer) -> None:
    for step in ("notice", "inventory", "inventory", "approval", "handover"):
        CaseFactory(at=step, takings=2)
    TakingFactory()
    counts = legend(viewer)
    assert counts == {
        "0": "1", "1": "2", "2": "4", "3": "0", "4": "2", "5": "0", "6": "2",
        "o": "0", "total": "11",
    }  # fmt: skip


def test_the_legend_follows_every_filter(viewer) -> None:
    officer = UserFactory()
    case = CaseFactory(at="inventory", officer=officer)
    ObstacleFactory(case=case)
    CaseFactory(at="notice")
    taking = case.takings.get()
    for params in (
        {"project": case.project.code},
        {"unit": taking.parcel.unit.code},
        {"stage": "2"},
        {"officer": officer.username},
    ):
        counts = legend(viewer, **params)
        assert (counts["2"], counts["o"], counts["total"]) == ("1", "1", "1"), params


def test_a_filter_that_nothing_passes_draws_and_counts_nothing(viewer) -> None:
    taking = CaseFactory(at="inventory").takings.get()
    for params in ({"project": "khong-co"}, {"unit": "00000"}):
        assert legend(viewer, **params)["total"] == "0"
        for z in (10, 15):
            response = get_tile(viewer, taking, z, **params)
            assert (response.status_code, features(response)) == (200, [])


def test_the_legend_of_a_past_day(viewer) -> None:
    CaseFactory(at="approval")
    assert legend(viewer)["4"] == "1"
    assert legend(viewer, on=(FIRST_DAY + dt.timedelta(days=40)).isoformat())["2"] == "1"


def test_a_day_after_the_data_date_is_the_data_date(viewer) -> None:
    CaseFactory(at="approval")
    assert legend(viewer, on="2031-01-01") == legend(viewer)


def test_the_legend_of_the_view_counts_the_box_alone(viewer) -> None:
    taking = TakingFactory()
    west, south, east, north = viewer.get(reverse("map_place", args=["thua", taking.ref])).json()[
        "bounds"
    ]
    TakingFactory(parcel=ParcelFactory())
    inside = f"{west + 2e-5},{south + 2e-5},{east - 2e-5},{north - 2e-5}"
    assert legend(viewer, in_view="1", box=inside)["total"] == "1"
    assert legend(viewer, in_view="1", box="105,20,105.1,20.1")["total"] == "0"


def test_the_legend_counts_hectares_and_households(viewer) -> None:
    case = CaseFactory(takings=4, at="notice")
    CaseFactory(takings=1, at="notice", party=case.parties.get())
    assert legend(viewer, count="area")["1"] == "0,25"  # five tiles of 500 m²
    assert legend(viewer, count="households")["total"] == "1"


def test_groups_partition_the_projects_and_carry_their_share(viewer) -> None:
    first = PriorityCategoryFactory(code="tai-dinh-cu", name="Tái định cư đi đầu", order=1)
    project = ProjectFactory(category=first)
    CaseFactory(project=project, at="handover")
    CaseFactory(project=project, at="notice")
    ProjectFactory()
    page = side(viewer)
    (row,) = re.findall(r'<label for="g-tai-dinh-cu">.*?</li>', page, re.DOTALL)
    assert "Tái định cư đi đầu" in row
    assert "50%" in row
    for grouping in ("category", "origin", "readiness"):
        page = side(viewer, group=grouping)
        counts = re.findall(r'<span class="r muted">(\d+)</span>', page)
        assert sum(map(int, counts)) == Project.objects.count(), grouping


def test_a_hidden_group_leaves_the_legend_and_the_tiles(viewer) -> None:
    hidden = PriorityCategoryFactory(code="ha-tang", name="Hạ tầng", order=3)
    taking = TakingFactory(project=ProjectFactory(category=hidden))
    other = TakingFactory()
    assert legend(viewer, hide="ha-tang")["total"] == "1"
    shown = {f["id"] for f in features(get_tile(viewer, taking, hide="ha-tang"))}
    assert shown == {other.ref}
    unit = taking.parcel.unit.code
    assert legend(viewer, group="unit", hide=unit)["total"] == "1"


def test_what_moved_since_the_last_review_is_said(viewer) -> None:
    Review.objects.create(on=FIRST_DAY + dt.timedelta(days=230), title="Giao ban")
    CaseFactory(at="handover", takings=2)
    assert "+2 thửa bàn giao" in side(viewer)


# Who sees what


def test_nothing_opens_without_login(client) -> None:
    taking = TakingFactory()
    z, x, y = tile_of(taking, 15)
    for address in (
        reverse("map"),
        reverse("map_legend"),
        reverse("map_tile", args=[z, x, y]),
        reverse("map_outlines"),
        reverse("map_hexagons"),
        reverse("map_plain") + "?box=107,21,109,22",
        reverse("map_search") + "?q=hai",
        reverse("map_place", args=["thua", taking.ref]),
    ):
        response = client.get(address)
        assert response.status_code == 302, address
        assert response.headers["Location"].startswith("/dang-nhap/")


def test_a_restricted_project_is_behind_no_door_of_the_map(viewer) -> None:
    project = ProjectFactory(
        restricted=True, name="Thao trường bí mật", code="QP-01", category=None
    )
    taking = TakingFactory(project=project)
    box = "106,20,110,22"
    assert features(get_tile(viewer, taking)) == []
    assert legend(viewer)["total"] == "0"
    page = side(viewer, project="QP-01")
    assert "Thao trường" not in page
    assert "Không gồm 1 dự án hạn chế" in page
    for address in (
        reverse("map"),
        reverse("map_outlines"),
        reverse("map_plain") + f"?box={box}",
        reverse("map_search") + "?q=thao truong",
    ):
        content = viewer.get(address).content.decode()
        assert "Thao trường" not in content, address
        assert str(taking.ref) not in content, address
    for kind, ref in (("thua", taking.ref), ("du-an", project.ref)):
        assert viewer.get(reverse("map_place", args=[kind, ref])).status_code == 404


def test_those_cleared_see_the_restricted_project(client) -> None:
    taking = TakingFactory(project=ProjectFactory(restricted=True))
    signed_in(client, leader=True, cleared=True)
    assert [f["id"] for f in features(get_tile(client, taking))] == [taking.ref]
    assert legend(client)["total"] == "1"


def complain(case, serial, **fields) -> Complaint:
    return letter(serial, cases=[case], received_on=dt.date(2023, 5, 1), **fields)


@pytest.mark.parametrize(
    ("role", "c"), [("viewer", 0), ("leader", 0), ("finance", 0), ("petitions", 2)]
)
def test_a_parcels_complaint_is_for_the_petition_officer(client, role, c) -> None:
    case = CaseFactory()
    complain(case, "1")
    signed_in(client, **{role: True})
    (feature,) = features(get_tile(client, case.takings.get(), colour="complaint"))
    assert feature["properties"]["complaint"] == c


def test_a_parcels_complaint_is_for_the_cases_officers_not_for_others(client) -> None:
    officer = UserFactory()
    case = CaseFactory(project=ProjectFactory(officers=[officer]))
    complain(case, "1")
    taking = case.takings.get()
    client.force_login(officer)
    assert (
        features(get_tile(client, taking, colour="complaint"))[0]["properties"]["complaint"] == 2
    )
    client.force_login(UserFactory())
    assert (
        features(get_tile(client, taking, colour="complaint"))[0]["properties"]["complaint"] == 0
    )
    assert legend(client, colour="complaint")["2"] == "0"


def test_others_see_hexagons_of_three_households_or_more(client) -> None:
    viewer = UserFactory(viewer=True)
    client.force_login(viewer)
    for number in range(2):
        complain(CaseFactory(), str(number))
    hexagons = reverse("map_hexagons") + "?colour=complaint"
    assert client.get(hexagons).json()["features"] == []
    for number in range(2, 30):
        complain(CaseFactory(), str(number))
    found = client.get(hexagons).json()["features"]
    assert found
    assert all(feature["properties"]["n"] >= 3 for feature in found)
    assert set(found[0]["properties"]) == {"n"}
    client.force_login(UserFactory(petitions=True))
    assert client.get(hexagons).json()["features"] == []


def test_three_cases_of_one_household_are_no_three_households(client) -> None:
    signed_in(client, viewer=True)
    cases = [CaseFactory() for _ in range(30)]
    for number, case in enumerate(cases):
        complain(case, str(number))
    address = reverse("map_hexagons") + "?colour=complaint"
    assert client.get(address).json()["features"]
    side = client.get(reverse("map_legend") + "?colour=complaint").content.decode()
    assert "ô có đơn" in side
    only = cases[0].case_parties.get().party
    CaseParty.objects.filter(case__in=cases).update(party=only)
    assert client.get(address).json()["features"] == []


def test_the_first_view_holds_the_wards_of_the_projects(client) -> None:
    signed_in(client, viewer=True)
    taking = TakingFactory()
    around = taking.boundary.buffer(3000)
    unit = AdministrativeUnitFactory(boundary=MultiPolygon(around, srid=around.srid))
    taking.project.units.add(unit)
    call_command("refresh_tiles", verbosity=0)
    assert Piece.objects.filter(size_m=0).exists()
    around.transform(4326)
    found = outlines.city(UserFactory(), on=FIRST_DAY)
    assert found == pytest.approx(around.extent, abs=1e-4)


def test_a_tile_names_nobody(client) -> None:
    case = CaseFactory(at="payment")
    signed_in(client, administrator=True)
    content = get_tile(client, case.takings.get()).content
    assert case.parties.get().name.encode() not in content
    assert case.code.encode() not in content


# Caching


def test_an_unchanged_tile_is_not_sent_again(viewer) -> None:
    case = CaseFactory(at="notice")
    taking = case.takings.get()
    first = get_tile(viewer, taking)
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = viewer.get(reverse("map_tile", args=tile_of(taking, 15)), headers=known)
    assert (again.status_code, again.content) == (304, b"")
    walk(case, to="inventory")
    moved = viewer.get(reverse("map_tile", args=tile_of(taking, 15)), headers=known)
    assert moved.status_code == 200
    assert [f["properties"]["step"] for f in features(moved)] == [2]


def test_a_tile_is_packed_for_those_who_can_unpack(viewer) -> None:
    taking = TakingFactory()
    packed = get_tile(viewer, taking, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == get_tile(viewer, taking).content
    assert {"Cookie", "Accept-Encoding"} <= set(packed.headers["Vary"].split(", "))


def test_a_tile_outside_the_pyramid_is_not_found(viewer) -> None:
    assert viewer.get(reverse("map_tile", args=[3, 8, 0])).status_code == 404


@pytest.mark.parametrize("z", [8, 12, 15])
def test_queries_of_a_tile_do_not_grow(viewer, django_assert_num_queries, z) -> None:
    taking = TakingFactory()
    get_tile(viewer, taking, z)

    def count(expected=None):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            assert get_tile(viewer, taking, z, stage="0" if expected is None else "").status_code
        return len(caught)

    few = count()
    for _ in range(27):
        TakingFactory(project=taking.project)
    get_tile(viewer, taking, z)
    assert count() <= few


def test_queries_of_the_side_are_the_same_for_3_and_for_30(viewer, monkeypatch) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr(counting, "KEPT", counting.Kept(limit=0))

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            side(viewer)
        return len(caught)

    for _ in range(3):
        TakingFactory()
    side(viewer)
    few = count()
    for _ in range(27):
        TakingFactory()
    assert count() == few


# The rest of the page


def test_the_page_asks_for_nothing_from_elsewhere_and_has_no_bare_inline_code(viewer) -> None:
    TakingFactory()
    content = viewer.get(reverse("map")).content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', content)
    nonces = set(re.findall(r'nonce="([^"]*)"', content))
    assert len(nonces) == 1
    assert "" not in nonces
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", content):
        assert "nonce=" in tag or 'type="application/json"' in tag, tag
    assert " style=" not in content
    assert " onclick=" not in content


def test_plain_geojson_serves_browsers_without_webgl(viewer) -> None:
    taking = CaseFactory(at="approval").takings.get()
    answer = viewer.get(reverse("map_plain"), {"box": "106,20,110,22"}).json()
    (feature,) = answer["features"]
    assert feature["id"] == taking.ref
    assert feature["properties"] == {"c": 4, "o": 0}
    assert answer["truncated"] is False
    assert viewer.get(reverse("map_plain"), {"box": "không phải số"}).status_code == 400


@pytest.mark.parametrize(
    "text", ["cum cong nghiep hai hoa", "Hải Hòa", "5/85", "tờ 5 thửa 85", "HH-0007"]
)
def test_search_needs_no_diacritics(client, text) -> None:
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa")
    case = CaseFactory(project=project, code="HH-0007", takings=0)
    taking = TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    signed_in(client, viewer=True)
    content = client.get(reverse("map_search"), {"q": text}).content.decode()
    places = re.findall(r'data-place="([^"]+)"', content)
    assert places
    answer = client.get(places[0]).json()
    assert len(answer["bounds"]) == 4
    assert answer["taking"] in (None, refs.encode(taking.ref))


def test_an_empty_search_says_what_to_type(viewer) -> None:
    content = viewer.get(reverse("map_search"), {"q": "không có gì"}).content.decode()
    assert "Không có kết quả" in content
    assert "5/85" in content


def test_chips_name_the_filters_in_force(viewer) -> None:
    unit = AdministrativeUnitFactory(name="Hải Hòa")
    page = side(viewer, unit=unit.code, stage="5")
    assert "phường Hải Hòa<button" in page
    assert "Chi trả<button" in page
    assert 'data-drop="unit"' in page


def test_nonsense_in_the_address_counts_as_absent(viewer) -> None:
    TakingFactory()
    plain = legend(viewer)
    nonsense = {"colour": "red", "group": "x", "count": "x", "on": "31/02/2023", "stage": "99"}
    assert legend(viewer, **nonsense)["total"] == plain["total"]


def test_an_empty_city_says_how_to_begin(viewer) -> None:
    PriorityCategory.objects.all().delete()
    assert "Chưa có dự án nào" in side(viewer)


def test_the_deadline_of_a_case_that_moved_later_is_not_known(viewer) -> None:
    CaseFactory(at="approval")
    early = (FIRST_DAY + dt.timedelta(days=10)).isoformat()
    assert legend(viewer, colour="deadline", on=early)["6"] == "1"


@pytest.mark.parametrize("colouring", Colouring)
def test_every_colouring_counts_every_taking_once(viewer, colouring) -> None:
    user = UserFactory(petitions=True)
    CaseFactory(at="payment")
    CaseFactory(at="inventory", resettlement_need="plot")
    TakingFactory()
    rows = counting.counts(Selection(user=user, on=TODAY, today=TODAY, colouring=colouring))
    assert sum(row["takings"] for row in rows) == 3


def test_the_legend_of_deadlines_counts_what_the_law_says(viewer) -> None:
    """The map's class is the pure function's state of the stored dates."""
    load()
    case = CaseFactory(at="approval")
    case.refresh_from_db()
    due = Due(case.next_step, case.due_on, lapses_on=case.lapses_on)
    days = (case.due_on - dt.timedelta(days=31), case.due_on, case.due_on + dt.timedelta(days=1))
    for on, expected in zip(days, (State.IN_TIME, State.DUE_7, State.LATE), strict=True):
        assert state(due, on) is expected
        shown = legend(viewer, colour="deadline", on=on.isoformat())
        assert shown[str(DEADLINES.index(expected))] == "1", on


def around(client) -> dict[str, list[dict]]:
    found = defaultdict(list)
    for feature in client.get(reverse("map_outlines")).json()["features"]:
        found[feature["properties"]["kind"]].append(feature)
    return found


@pytest.mark.parametrize(
    ("role", "told"), [("own", True), ("other", False), ("leader", True), ("viewer", False)]
)
def test_obstacles_on_the_ground_are_drawn_and_named_to_those_who_may_know(
    client, role, told
) -> None:
    officer = UserFactory()
    taking = TakingFactory(project=ProjectFactory(officers=[officer]))
    project, ground = taking.project, taking.boundary
    project.boundary = ground
    project.save()
    cause = ObstacleCauseFactory(name="Đường điện 110 kV")
    ObstacleFactory(case=None, project=project, area=ground, cause=cause)
    line = MultiLineString(LineString(*ground[0][0].coords[:2]), srid=ground.srid)
    ObstacleFactory(case=None, project=project, line=line, cause=cause)
    ObstacleFactory(case=None, project=project, cause=cause)
    ObstacleFactory(case=None, project=project, line=line, closed_on=TODAY)
    users = {"own": officer, "other": UserFactory()}
    client.force_login(users.get(role) or UserFactory(role=role))
    found = around(client)
    words = "Vướng mắc: Đường điện 110 kV" if told else "Vướng mắc"
    assert [f["geometry"]["type"] for f in found["obstacle"]] == ["Polygon", "LineString"]
    assert {f["properties"]["name"] for f in found["obstacle"]} == {words}
    assert {f["properties"].get("stuck") for f in found["project"]} == {words}
    side = client.get(reverse("map_legend")).content.decode()
    assert "2 đoạn tuyến, khu vực vướng; 1 dự án vướng toàn bộ" in side


def test_obstacles_of_a_restricted_project_are_drawn_to_those_cleared(client) -> None:
    taking = TakingFactory(project=ProjectFactory(restricted=True))
    ObstacleFactory(case=None, project=taking.project, area=taking.boundary)
    signed_in(client, leader=True)
    assert not around(client)["obstacle"]
    assert "đoạn tuyến, khu vực vướng" not in client.get(reverse("map_legend")).content.decode()
    signed_in(client, leader=True, cleared=True)
    assert len(around(client)["obstacle"]) == 1


# What changed between two days


def day(n: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=n)


@pytest.fixture
def moving(viewer):
    """Since day 40 two takings went from inventory to approval and one was noticed; one stood
    still at inventory, one never began."""
    project = ProjectFactory(name="Đường có thay đổi")
    CaseFactory(project=project, takings=2, at="approval")
    walk(CaseFactory(takings=1), to="notice", start=day(90))
    CaseFactory(takings=1, at="inventory")
    TakingFactory()
    return {"colour": "change", "since": day(40).isoformat()}


def moves(client, **params) -> dict[str, str]:
    page = side(client, **params)
    (table,) = re.findall(r'<table class="side-moves">.*?</table>', page, re.DOTALL)
    return dict(re.findall(r'<th scope="row">([^<]+)</th><td class="r"[^>]*>([\d.,]+)<', table))


def test_the_map_tints_what_changed_since_a_day_and_counts_it(viewer, moving) -> None:
    counts = legend(viewer, **moving)
    assert counts == {
        "0": "2", "1": "1", "2": "0", "3": "0", "4": "2", "5": "0", "6": "0",
        "o": "0", "total": "5",
    }  # fmt: skip
    told = moves(viewer, **moving)
    assert told.pop("Đổi bước") == "3"
    assert told == {
        "Chưa thực hiện → Thông báo thu hồi đất": "1",
        "Kiểm đếm → Phê duyệt phương án": "2",
    }
    assert moves(viewer, **moving, count="area")["Đổi bước"] == "0,15"


def test_a_tile_of_changes_carries_the_new_stage_or_nought(viewer, moving) -> None:
    drawn = {}
    for taking in Taking.objects.all():
        for feature in features(get_tile(viewer, taking, **moving)):
            drawn[feature["id"]] = feature["properties"]["change"]
    assert sorted(drawn.values()) == [0, 0, 1, 4, 4]
    far = features(get_tile(viewer, Taking.objects.first(), 12, **moving))
    assert {f["properties"]["change"] for f in far} >= {4}


def test_a_piece_with_one_changed_parcel_is_tinted(viewer) -> None:
    project, unit = ProjectFactory(), AdministrativeUnitFactory()
    still = CaseFactory(project=project, at="notice", takings=3, takings__parcel__unit=unit)
    CaseFactory(project=project, at="approval", takings=1, takings__parcel__unit=unit)
    asked = {"colour": "change", "since": day(40).isoformat()}
    tile = features(get_tile(viewer, still.takings.first(), 10, **asked))
    assert [f["properties"]["change"] for f in tile] == [4]
    assert tile[0]["properties"]["s0"] == 75


def test_changes_of_a_past_day_and_since_an_unsaid_one(viewer, moving) -> None:
    Review.objects.create(on=day(100), title="Giao ban")
    page = legend(viewer, colour="change")
    assert (page["0"], page["4"]) == ("3", "2")
    assert f'value="{day(100).isoformat()}" selected' in side(viewer, colour="change")
    past = moving | {"on": day(60).isoformat()}
    assert legend(viewer, **past)["0"] == "5"
    assert legend(viewer, **moving | {"since": "2031-01-01"})["0"] == "5"


def test_what_a_void_took_back_never_changed_anything(viewer) -> None:
    case = CaseFactory(at="inventory")
    since = {"colour": "change", "since": (case.stepped_on - dt.timedelta(days=1)).isoformat()}
    assert moves(viewer, **since)["Đổi bước"] == "1"
    case.void(case.events.get(step="inventory"), on=TODAY, by=None, reason="ghi nhầm hồ sơ")
    assert moves(viewer, **since) == {}


def test_the_changes_equal_the_words_and_the_stored_sums(viewer, moving) -> None:
    CaseFactory(at="handover", takings=2)
    for since, on in ((day(40), TODAY), (day(10), day(130)), (day(200), day(240))):
        found = words.read(
            User.objects.get(pk=viewer.session["_auth_user_id"]), on, since=since, today=TODAY
        )
        asked = {"colour": "change", "since": since.isoformat(), "on": on.isoformat()}
        counts = {k: int(v) for k, v in legend(viewer, **asked).items()}
        assert found.moved_takings == counts["total"] - counts["0"]
        by_stage = dict.fromkeys(range(1, 7), 0)
        for move in found.moves:
            by_stage[move.after] += move.takings
        assert by_stage == {k: counts[str(k)] for k in range(1, 7)}
        assert by_stage[6] == found.whole.change.handed_over_takings
        page = viewer.get(
            reverse("since_review"), {"on": on.isoformat(), "since": since.isoformat()}
        ).content.decode()
        assert f"{found.moved_takings} thửa, " in page
        for move in found.moves:
            assert f"{move.words}: <b>{move.takings} thửa</b>" in page


def test_a_restricted_project_changes_nothing_on_the_map_of_others(viewer, moving) -> None:
    before = legend(viewer, **moving)
    CaseFactory(project=ProjectFactory(restricted=True), at="approval")
    assert legend(viewer, **moving) == before


def test_queries_of_the_changes_are_the_same_for_3_and_for_30(viewer, moving) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            side(viewer, **moving)
        return len(caught)

    few = count()
    for _ in range(27):
        CaseFactory(at="approval")
    assert count() == few


def test_a_link_to_a_project_begins_at_its_land(viewer) -> None:
    taking = CaseFactory().takings.get()
    TakingFactory()
    hidden = TakingFactory(project=ProjectFactory(restricted=True))
    place = reverse("map_place", args=["du-an", taking.project.ref])
    page = viewer.get(reverse("map"), {"project": taking.project.code})
    assert page.context["settings"]["start"] == tuple(viewer.get(place).json()["bounds"])
    for asked in ({}, {"project": hidden.project.code}):
        assert viewer.get(reverse("map"), asked).context["settings"]["start"] is None
