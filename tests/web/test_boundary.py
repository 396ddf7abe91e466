"""/du-an/…/ranh-gpmb/: load or draw, preview, write, undo; the project's officer alone."""

import json

import ezdxf
import geopandas
import numpy as np
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from geo import crs
from gpmb.clearance.models import ClearanceBoundary, Taking
from tests.factories import ParcelFactory, ProjectFactory, UserFactory, tile

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")


@pytest.fixture
def world(today):
    officer = UserFactory()
    project = ProjectFactory(officers=[officer])
    for at in (100, 101):
        ParcelFactory(boundary=tile(at), number=f"7/{at}")
    return officer, project


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def box():
    west, south, _, north = tile(100).extent
    return shapely.box(west, south, tile(101).extent[0] + 5, north)


def drawn():
    turned = crs.transform(np.array([box()], dtype=object), settings.SRID, crs.WGS84)
    return shapely.to_geojson(turned[0])


def send(client, project, **data):
    values = {"on": "30/06/2023", "drawn": "", "crs": "", "layer": "", "number": ""}
    return client.post(reverse("boundary", args=[project.ref]), values | data)


def test_drawn_previewed_written_and_undone(world):
    officer, project = world
    client = as_(officer)
    answer = send(client, project, drawn=drawn(), number="12/QĐ-UBND")
    record = ClearanceBoundary.objects.get()
    assert answer.url == reverse("boundary_preview", args=[project.ref, record.ref])
    assert (record.source, str(record.document), record.applied_at) == (
        "drawn",
        "12/QĐ-UBND",
        None,
    )
    page = client.get(answer.url).content.decode()
    assert "Xem trước: chưa ghi gì" in page
    assert "625,0" in page
    assert "Chưa có quy định về diện tích tối thiểu" in page
    assert not Taking.objects.exists()
    digest = page.split('name="digest" value="')[1].split('"')[0]
    client.post(reverse("boundary_apply", args=[project.ref, record.ref]), {"digest": digest})
    areas = sorted(float(t.recovered_area_m2) for t in Taking.objects.all())
    assert areas == pytest.approx([125, 500], abs=0.05)
    assert "Hoàn tác" in client.get(answer.url).content.decode()
    client.post(reverse("boundary_undo", args=[project.ref, record.ref]))
    assert not Taking.objects.exists()
    assert "đã hoàn tác" in client.get(reverse("boundary", args=[project.ref])).content.decode()


@pytest.mark.parametrize("name", ["ranh.geojson", "ranh.gpkg"])
def test_a_file_is_read(world, tmp_path, name):
    officer, project = world
    geopandas.GeoDataFrame(geometry=[box()], crs=settings.SRID).to_file(tmp_path / name)
    file = SimpleUploadedFile(name, (tmp_path / name).read_bytes())
    assert send(as_(officer), project, file=file).status_code == 302
    record = ClearanceBoundary.objects.get()
    assert record.file_name == name
    assert record.boundary.area == pytest.approx(625, abs=0.1)


def dxf(tmp_path):
    doc = ezdxf.new()
    doc.modelspace().add_lwpolyline(list(box().exterior.coords), close=True)
    doc.saveas(tmp_path / "ranh.dxf")
    return SimpleUploadedFile("ranh.dxf", (tmp_path / "ranh.dxf").read_bytes())


def test_a_file_without_a_coordinate_system_is_asked_about(world, tmp_path):
    officer, project = world
    asked = send(as_(officer), project, file=dxf(tmp_path))
    assert "không ghi hệ tọa độ" in asked.content.decode()
    assert not ClearanceBoundary.objects.exists()
    told = send(as_(officer), project, file=dxf(tmp_path), crs=f"EPSG:{settings.SRID}")
    assert told.status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"drawn": "{"},
        {"drawn": "[" * 100_000},
        {"drawn": json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]})},
        {"drawn": json.dumps({"type": "LineString", "coordinates": [[107.9, 21.5], [108, 21.5]]})},
        {"file": SimpleUploadedFile("x.dxf", b"khong phai ban ve")},
    ],
)  # fmt: skip
def test_what_is_no_boundary_is_refused_with_words(world, data):
    officer, project = world
    answer = send(as_(officer), project, **data)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "field-error" in text or "is-danger" in text
    assert not ClearanceBoundary.objects.exists()


@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_the_projects_officer_alone_finds_these_pages(world, role):
    officer, project = world
    user = {"officer": officer, "stranger": None}.get(role) or UserFactory(
        role="officer" if role == "stranger" else role
    )
    record = ClearanceBoundary.objects.create(
        project=project, boundary=tile(100), source="drawn", on="2023-06-30", by=officer
    )
    client, allowed = as_(user), role == "officer"
    for name in ("boundary", "boundary_around"):
        answer = client.get(reverse(name, args=[project.ref]), {"box": "107,21,108,22"})
        assert answer.status_code == (200 if allowed else 404), name
    for name in ("boundary_preview", "boundary_shapes"):
        answer = client.get(reverse(name, args=[project.ref, record.ref]))
        assert answer.status_code == (200 if allowed else 404), name
    for name in ("boundary_apply", "boundary_undo"):
        answer = client.post(reverse(name, args=[project.ref, record.ref]))
        assert answer.status_code == (302 if allowed else 404), name
    assert send(client, project).status_code == (200 if allowed else 404)
    page = client.get(reverse("project", args=[project.ref])).content.decode()
    assert ("Ranh GPMB" in page) == allowed


def test_a_record_of_another_project_is_not_here(world):
    officer, project = world
    other = ProjectFactory()
    record = ClearanceBoundary.objects.create(
        project=other, boundary=tile(100), source="drawn", on="2023-06-30", by=officer
    )
    answer = as_(officer).get(reverse("boundary_preview", args=[project.ref, record.ref]))
    assert answer.status_code == 404


def test_the_preview_draws_the_pieces(world):
    officer, project = world
    client = as_(officer)
    send(client, project, drawn=drawn())
    record = ClearanceBoundary.objects.get()
    found = client.get(reverse("boundary_shapes", args=[project.ref, record.ref])).json()
    assert [f["properties"]["partly"] for f in found["features"]] == [False, True]


def test_questions_stay_as_many_for_thirty_parcels(world):
    officer, project = world
    client = as_(officer)
    row = (*tile(100).extent[:2], *tile(135).extent[2:])
    record = ClearanceBoundary.objects.create(
        project=project,
        boundary=MultiPolygon(Polygon.from_bbox(row), srid=settings.SRID),
        source="drawn",
        on="2023-06-30",
        by=officer,
    )
    url = reverse("boundary_preview", args=[project.ref, record.ref])

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    client.get(url)
    few = queries()
    for at in range(102, 132):
        ParcelFactory(boundary=tile(at), number=f"7/{at}")
    assert queries() == few


def of_file(tmp_path, shape):
    path = tmp_path / "ranh.gpkg"
    geopandas.GeoDataFrame(geometry=[shape], crs=settings.SRID).to_file(path)
    return SimpleUploadedFile("ranh.gpkg", path.read_bytes())


def test_a_boundary_elsewhere_is_refused_in_words_of_the_form(world, tmp_path):
    officer, project = world
    west, south, east, north = box().bounds
    far = shapely.box(west + 300_000, south, east + 300_000, north)
    answer = send(as_(officer), project, file=of_file(tmp_path, far))
    (said,) = answer.context["form"].errors["file"]
    code = said.rpartition("chọn hệ tọa độ ")[2].rstrip(".")
    assert code in dict(answer.context["form"].fields["crs"].choices)
    assert "--" not in said


def test_a_boundary_that_was_repaired_says_so(world, tmp_path):
    officer, project = world
    west, south, east, north = box().bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    client = as_(officer)
    answer = client.get(send(client, project, file=of_file(tmp_path, bow)).url)
    (said,) = answer.context["messages"]
    assert str(said).startswith("Ranh tự cắt")
