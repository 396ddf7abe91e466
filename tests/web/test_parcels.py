"""/thua/…/: the parcel's page, split and merge with preview, change of holder; who may."""

import json

import geopandas
import numpy as np
import pytest
import shapely
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from geo import crs
from gpmb.land.models import Parcel, ParcelLineage
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    ParcelFactory,
    PartyFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    tile,
)

pytestmark = pytest.mark.django_db
ROLES = ("officer", "stranger", "finance", "petitions", "leader", "viewer", "administrator")
PAPER = {"on": "30/06/2023", "paper": "12/BC-VPĐK"}


@pytest.fixture
def world(today):
    officer = UserFactory()
    project = ProjectFactory(officers=[officer])
    parcel = ParcelFactory(boundary=tile(300), number="5/300")
    case = CaseFactory(project=project, takings=0, party__name="Bí Mật")
    TakingFactory(project=project, case=case, parcel=parcel)
    other = ParcelFactory(boundary=tile(301), number="5/301", unit=parcel.unit)
    TakingFactory(project=project, parcel=other)
    return officer, parcel, case


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def line(parcel):
    west, south, east, north = parcel.boundary.extent
    drawn = shapely.LineString([((west + east) / 2, south - 5), ((west + east) / 2, north + 5)])
    (turned,) = crs.transform(np.array([drawn], dtype=object), settings.SRID, crs.WGS84)
    return shapely.to_geojson(turned)


def hidden(page, name):
    from html import unescape

    return unescape(page.split(f'name="{name}" value="')[1].split('"')[0])


def test_a_line_is_drawn_previewed_and_written(world):
    officer, parcel, case = world
    client, url = as_(officer), reverse("parcel_split", args=[parcel.ref])
    data = PAPER | {"drawn": line(parcel), "numbers": "5/401, 5/402"}
    page = client.post(url, data).content.decode()
    assert "Xem trước: chưa ghi gì" in page
    assert case.code in page
    assert not ParcelLineage.objects.exists()
    confirm = PAPER | {"parts": hidden(page, "parts"), "confirmed": "1"}
    assert client.post(url, confirm).status_code == 302
    assert sorted(t.parcel.numbers.get(kind="current").key for t in case.takings.all()) == [
        "5/401",
        "5/402",
    ]
    page = client.get(reverse("parcel", args=[parcel.ref])).content.decode()
    assert "hết tồn tại" in page
    assert "5/401" in page
    assert "12/BC-VPĐK" in page


def test_a_survey_file_names_the_new_parcels(world, tmp_path):
    officer, parcel, _ = world
    west, south, east, north = parcel.boundary.extent
    shapes = [shapely.box(west, south, west + 8, north), shapely.box(west + 8, south, east, north)]
    frame = geopandas.GeoDataFrame(
        {"so_to": [5, 5], "so_thua": ["401", "402"]}, geometry=shapes, crs=settings.SRID
    )
    frame.to_file(tmp_path / "x.gpkg")
    file = SimpleUploadedFile("x.gpkg", (tmp_path / "x.gpkg").read_bytes())
    url = reverse("parcel_split", args=[parcel.ref])
    page = as_(officer).post(url, PAPER | {"file": file}).content.decode()
    assert "5/402" in page
    assert "Ghi tách thửa" in page


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"numbers": "5/401"}, "bạn gõ 1 số thửa"),
        ({"numbers": ""}, "Gõ tờ/thửa"),
        ({"drawn": ""}, "Vẽ đường tách"),
        ({"drawn": "{}"}, "không đọc được"),
        ({"paper": ""}, "số văn bản"),
        ({"parts": "[[]]"}, "không còn đọc được"),
        ({"parts": "[" * 100_000}, "không còn đọc được"),
        ({"file": SimpleUploadedFile("x.dxf", b"khong")}, "Không nhận ra kiểu tệp"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(world, change, why):
    officer, parcel, _ = world
    data = PAPER | {"drawn": line(parcel), "numbers": "5/401, 5/402"} | change
    page = as_(officer).post(reverse("parcel_split", args=[parcel.ref]), data).content.decode()
    assert why in page
    assert "Ghi tách thửa" not in page
    if data.get("drawn"):
        assert json.loads(data["drawn"]) == json.loads(hidden(page, "drawn"))


def test_a_tampered_preview_is_checked_again(world):
    officer, parcel, _ = world
    half = shapely.box(*parcel.boundary.extent)
    parts = json.dumps([["5", "401", "", shapely.to_wkb(half, hex=True)]] * 2)
    answer = as_(officer).post(
        reverse("parcel_split", args=[parcel.ref]), PAPER | {"parts": parts, "confirmed": "1"}
    )
    assert answer.status_code == 200
    assert not ParcelLineage.objects.exists()


def test_neighbours_are_merged_after_a_preview(world):
    officer, parcel, _ = world
    client, url = as_(officer), reverse("parcel_merge", args=[parcel.ref])
    other = Parcel.objects.get(numbers__key="5/301")
    assert "5/301" in client.get(url).content.decode()
    data = PAPER | {"others": [str(other.ref)], "number": "5/500"}
    page = client.post(url, data).content.decode()
    assert "Xem trước: chưa ghi gì" in page
    assert not ParcelLineage.objects.exists()
    assert client.post(url, data | {"confirmed": "1"}).status_code == 302
    assert Parcel.objects.filter(retired_on=None).get().takings.count() == 2


def test_the_holder_changes_after_a_preview(world):
    officer, _, case = world
    old = case.case_parties.get()
    client = as_(officer)
    page = client.get(reverse("case", args=[case.ref])).content.decode()
    url = reverse("holder_change", args=[case.ref, old.party.ref])
    assert url in page
    data = PAPER | {
        "name": "Người mới",
        "kind": "household",
        "reason": "Thừa kế",
        "version": str(case.version),
    }
    page = client.post(url, data).content.decode()
    assert "Xem trước: chưa ghi gì" in page
    assert case.case_parties.count() == 1
    assert client.post(url, data | {"confirmed": "1"}).status_code == 302
    page = client.get(reverse("case", args=[case.ref])).content.decode()
    assert "Người mới" in page
    assert "đến 30/06/2023" in page
    rows = client.get(reverse("cases")).content.decode()
    assert "Người mới" in rows
    assert "Bí Mật" not in rows


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_and_who_may_reshape(world, role):
    officer, parcel, case = world
    user = (
        officer
        if role == "officer"
        else UserFactory(role="officer" if role == "stranger" else role)
    )
    client, own = as_(user), role == "officer"
    page = client.get(reverse("parcel", args=[parcel.ref]))
    assert page.status_code == 200
    assert "Bí Mật" not in page.content.decode()
    assert ("Tách thửa" in page.content.decode()) == own
    for name in ("parcel_split", "parcel_merge"):
        url = reverse(name, args=[parcel.ref])
        assert client.get(url).status_code == (200 if own else 404)
        assert client.post(url, PAPER).status_code == (200 if own else 404)
    url = reverse("holder_change", args=[case.ref, case.parties.get().ref])
    assert client.get(url).status_code == (200 if own else 404)


def test_a_parcel_also_taken_by_somebody_elses_project_is_not_reshaped(world):
    officer, parcel, _ = world
    TakingFactory(parcel=parcel)
    assert as_(officer).get(reverse("parcel_split", args=[parcel.ref])).status_code == 404


def test_a_restricted_parcel_does_not_exist(world):
    officer, parcel, _ = world
    Parcel.objects.filter(pk=parcel.pk).update(restricted=True)
    assert as_(officer).get(reverse("parcel", args=[parcel.ref])).status_code == 404


def test_a_takings_address_leads_to_its_parcel_and_to_the_map(world):
    officer, _, case = world
    ref = case.takings.get().ref
    assert "Tờ 5 thửa 300" in as_(officer).get(reverse("parcel", args=[ref])).content.decode()
    assert "thua=" in as_(officer).get(reverse("parcel_map", args=[ref])).url


def split_in_two(client, parcel):
    url = reverse("parcel_split", args=[parcel.ref])
    data = PAPER | {"drawn": line(parcel), "numbers": "5/401, 5/402"}
    parts = hidden(client.post(url, data).content.decode(), "parts")
    client.post(url, PAPER | {"parts": parts, "confirmed": "1"})


def test_a_split_is_taken_back_with_a_reason_from_the_parcels_page(world):
    officer, parcel, case = world
    client = as_(officer)
    split_in_two(client, parcel)
    child = case.takings.first().parcel
    url = reverse("parcel_undo", args=[child.ref])
    for shown in (parcel, child):
        page = client.get(reverse("parcel", args=[shown.ref])).content.decode()
        assert "Hoàn tác tách thửa 30/06/2023" in page
    page = client.get(url).content.decode()
    assert "5/300 → 5/401, 5/402" in page
    assert "Hãy ghi lý do hoàn tác" in client.post(url, {"reason": ""}).content.decode()
    assert client.post(url, {"reason": "nhập nhầm"}).status_code == 302
    assert case.takings.get().parcel == parcel
    page = client.get(reverse("parcel", args=[parcel.ref])).content.decode()
    assert "hết tồn tại" not in page
    assert "Tách thửa" in page


def test_an_undo_that_would_lose_work_says_what_stands_in_the_way(world):
    officer, parcel, case = world
    client = as_(officer)
    split_in_two(client, parcel)
    child = case.takings.first().parcel
    TakingFactory(parcel=child, project=case.project)
    page = client.post(reverse("parcel_undo", args=[child.ref]), {"reason": "nhầm"})
    assert "thêm phần thu hồi" in page.content.decode()
    assert case.takings.count() == 2


def test_a_change_of_holder_is_taken_back_from_the_case_page(world):
    officer, _, case = world
    client, old = as_(officer), case.case_parties.get()
    data = PAPER | {"name": "Người mới", "kind": "household", "reason": "Thừa kế"}
    data |= {"version": str(case.version), "confirmed": "1"}
    client.post(reverse("holder_change", args=[case.ref, old.party.ref]), data)
    new = case.case_parties.get(valid_to=None)
    url = reverse("holder_undo", args=[case.ref, new.party.ref])
    assert url in client.get(reverse("case", args=[case.ref])).content.decode()
    assert "Bí Mật → Người mới" in client.get(url).content.decode()
    assert client.post(url, {"reason": "ghi nhầm hồ sơ"}).status_code == 302
    assert case.case_parties.get().valid_to is None


@pytest.mark.parametrize("role", ROLES)
def test_who_may_take_back(world, role):
    officer, parcel, case = world
    split_in_two(as_(officer), parcel)
    case.case_parties.get().change_to(
        PartyFactory(),
        on=TODAY,
        document=DocumentFactory(),
        reason="Thừa kế",
    )
    new = case.case_parties.get(valid_to=None)
    others = UserFactory(role="officer" if role == "stranger" else role)
    client, own = as_(officer if role == "officer" else others), role == "officer"
    for url in (
        reverse("parcel_undo", args=[parcel.ref]),
        reverse("holder_undo", args=[case.ref, new.party.ref]),
    ):
        assert client.get(url).status_code == (200 if own else 404)
        assert client.post(url, {"reason": "nhầm"}).status_code == (302 if own else 404)


def test_what_was_never_reshaped_has_nothing_to_take_back(world):
    officer, parcel, case = world
    client = as_(officer)
    assert client.get(reverse("parcel_undo", args=[parcel.ref])).status_code == 404
    held = case.parties.get()
    assert client.get(reverse("holder_undo", args=[case.ref, held.ref])).status_code == 404


@pytest.mark.parametrize(
    "drawn",
    ["[" * 100_000, '{"type": "LineString", "coordinates": [[1e300, 1e300], [-1e300, 0]]}'],
)
def test_a_line_that_is_none_is_answered_with_what_to_do(world, drawn):
    officer, parcel, _ = world
    data = PAPER | {"drawn": drawn, "numbers": "5/401, 5/402"}
    page = as_(officer).post(reverse("parcel_split", args=[parcel.ref]), data)
    assert "Vẽ lại trên bản đồ" in page.content.decode()
