"""Data out over HTTP: the same filter as the page, the same rights, every file in the log."""

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from gpmb.reports.models import ExportLog
from tests.factories import CaseFactory, ProjectFactory, TakingFactory, UserFactory

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")


@pytest.fixture
def world(today):
    officer = UserFactory(username="canbo")
    mine, other = ProjectFactory(officers=[officer]), ProjectFactory()
    for project in (mine, other):
        for at in ("notice", "payment"):
            CaseFactory(project=project, at=at, party__name=f"Bí Mật {project.code}")
        TakingFactory(project=project)
    secret = ProjectFactory(restricted=True)
    CaseFactory(project=secret)
    return officer, mine, other, secret


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def take(client, dang, hinh="thua", xa="", **query):
    address = "&".join(f"{name}={value}" for name, value in query.items())
    answer = client.post(
        reverse("export_file"), {"dia_chi": address, "dang": dang, "hinh": hinh, "xa": xa}
    )
    answer.file = b"".join(answer) if answer.streaming else b""
    return answer


def features(answer):
    return json.loads(answer.file)["features"]


def names_in(answer):
    sheet = load_workbook(io.BytesIO(answer.file)).active
    return {str(c.value) for row in sheet.iter_rows() for c in row if "Bí Mật" in str(c.value)}


def test_the_list_exports_what_it_filters(world):
    officer, *_ = world
    found = features(take(as_(officer), "geojson", nguon="ho-so", stage="1"))
    assert len(found) == 2
    assert {f["properties"]["giai_doan"] for f in found} == {1}


def test_a_project_exports_its_land_also_without_a_case(world):
    officer, mine, *_ = world
    found = features(take(as_(officer), "geojson", nguon="du-an", du_an=mine.code))
    assert len(found) == 3
    assert {f["properties"]["du_an"] for f in found} == {mine.code}
    some = features(take(as_(officer), "geojson", nguon="du-an", du_an=mine.code, stage="5"))
    assert len(some) == 1


def test_the_map_exports_its_selection(world):
    officer, mine, *_ = world
    found = features(take(as_(officer), "geojson", nguon="ban-do", project=mine.code, stage="0"))
    assert [f["properties"]["buoc"] for f in found] == ["Chưa lập hồ sơ"]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_public_facts_and_never_a_restricted_project(world, role):
    *_, secret = world
    found = features(take(as_(UserFactory(role=role)), "geojson", nguon="ho-so"))
    assert len(found) == 4
    answer = as_(UserFactory(role=role)).get(
        reverse("export"), {"nguon": "du-an", "du_an": secret.code}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        ("officer", True, False),
        ("finance", True, True),
        ("petitions", False, False),
        ("leader", False, False),
        ("viewer", False, False),
        ("administrator", True, True),
    ],
)
def test_names_leave_in_lists_for_those_who_see_them(world, role, own, others):
    officer, mine, other, _ = world
    user = officer if role == "officer" else UserFactory(role=role)
    names = names_in(take(as_(user), "xlsx", nguon="ho-so"))
    assert (f"Bí Mật {mine.code}" in names) == own
    assert (f"Bí Mật {other.code}" in names) == others


@pytest.mark.parametrize("role", ROLES)
def test_the_template_is_for_the_projects_officer_alone(world, role):
    officer, mine, other, _ = world
    user = officer if role == "officer" else UserFactory(role=role)
    case = mine.cases.first()
    unit = case.takings.get().parcel.unit
    answer = take(as_(user), "mau", xa=str(unit.ref), nguon="du-an", du_an=mine.code)
    assert answer.status_code == (200 if role == "officer" else 404)
    assert take(as_(user), "mau", nguon="du-an", du_an=other.code).status_code == 404


def test_a_template_holds_only_the_cases_that_are_filtered(world):
    officer, mine, *_ = world
    unit = mine.takings.get(case__step="payment").parcel.unit
    asked = {"xa": str(unit.ref), "nguon": "du-an", "du_an": mine.code}
    assert take(as_(officer), "mau", **asked).status_code == 200
    assert take(as_(officer), "mau", **asked, stage="1").status_code == 302, "nothing to hold"


def test_every_file_is_logged_and_the_log_can_only_grow(world):
    officer, mine, *_ = world
    take(as_(officer), "xlsx", nguon="ho-so", stage="1")
    take(as_(officer), "gpkg", nguon="du-an", du_an=mine.code)
    spatial, listed = ExportLog.objects.all()
    assert (listed.by, listed.format, listed.rows, listed.personal) == (officer, "xlsx", 2, True)
    assert listed.filters.startswith("Giai đoạn: ")
    assert "1" not in listed.filters, "the page's words, not its codes"
    assert (spatial.source, spatial.rows, spatial.personal) == ("du-an", 3, False)
    page = as_(UserFactory(administrator=True)).get("/quan-tri/reports/exportlog/")
    assert "Giai đoạn" in page.content.decode()
    assert as_(officer).get("/quan-tri/reports/exportlog/").status_code == 404


def test_nothing_to_export_is_said_and_not_logged(world):
    officer, *_ = world
    answer = take(as_(officer), "xlsx", nguon="ho-so", q="khongco")
    assert answer.status_code == 302
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("query", [{}, {"nguon": "x"}, {"nguon": "du-an"}])
def test_a_question_nobody_asks_does_not_exist(world, query):
    officer, *_ = world
    assert as_(officer).get(reverse("export"), query).status_code == 404
    assert take(as_(officer), "xlsx", **query).status_code == 404


def test_the_page_says_what_leaves(world):
    officer, mine, *_ = world
    answer = as_(officer).get(reverse("export"), {"nguon": "du-an", "du_an": mine.code})
    text = answer.content.decode()
    assert "3 phần thu hồi" in text
    assert "mẫu nhập lại" in text
    viewer = as_(UserFactory(viewer=True)).get(
        reverse("export"), {"nguon": "du-an", "du_an": mine.code}
    )
    assert 'value="mau"' not in viewer.content.decode()


@pytest.mark.parametrize("page", ["cases", "map"])
def test_the_pages_lead_here_with_their_filter(world, page):
    officer, *_ = world
    text = as_(officer).get(reverse(page), {"stage": "1"}).content.decode()
    assert "/xuat-du-lieu/?nguon=" in text
    assert "stage=1" in text.split("/xuat-du-lieu/?nguon=")[1][:80]


def test_a_layer_of_one_ward_holds_its_land_alone_and_says_so(world):
    officer, mine, other, _ = world
    unit = mine.takings.first().parcel.unit
    asked = {"nguon": "du-an", "du_an": mine.code}
    every, one = take(as_(officer), "geojson", **asked), None
    one = take(as_(officer), "geojson", xa=str(unit.ref), **asked)
    assert {row["properties"]["ma_xa"] for row in features(one)} == {unit.code}
    assert len(features(one)) < len(features(every))
    assert f"Xã, phường: {unit}" in ExportLog.objects.latest("pk").filters
    elsewhere = other.takings.first().parcel.unit
    assert take(as_(officer), "geojson", xa=str(elsewhere.ref), **asked).status_code == 404
    assert take(as_(officer), "mau", **asked).status_code == 302, "of which ward isn't said"
    assert take(as_(officer), "dxf", **asked).status_code == 302, "a drawing can't say it"
    assert take(as_(officer), "dxf", xa=str(unit.ref), **asked).status_code == 200
