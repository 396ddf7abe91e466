"""In the field: the nearest parcel, a step, a note, a photo; officers alone."""

import uuid

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gpmb.clearance.models import Case, FieldNote
from gpmb.papers.models import Attachment
from tests.factories import CaseFactory, ParcelFactory, ProjectFactory, TakingFactory, UserFactory
from tests.papers import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(today, client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def taking(officer):
    """Sheet 5 parcel 85 of the officer's project, its case notified."""
    ParcelFactory.reset_sequence(500)  # neighbours, whatever was made before: no row of tiles ends
    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, code="HS-7", takings=0, at="notice")
    return TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))


def position(taking, east=0.0):
    spot = Point(*taking.boundary.centroid.coords, srid=settings.SRID)
    spot = Point(spot.x + east, spot.y, srid=settings.SRID)
    spot.transform(4326)
    return {"lat": spot.y, "lon": spot.x, "accuracy": 8}


def test_the_parcel_one_stands_on_comes_first_with_distances(client, taking):
    secret = ProjectFactory(restricted=True)
    TakingFactory(project=secret, parcel=ParcelFactory(number="6/1"))
    far = TakingFactory(project=taking.project, parcel=ParcelFactory(number="5/99"))
    page = client.post(reverse("field_near"), position(taking))
    rows = page.context["rows"]
    assert [row["taking"] for row in rows] == [taking, far]
    assert rows[0]["away_m"] == 0
    assert 0 < rows[1]["away_m"] <= 40
    assert len(page.context["drawn"]["pieces"]) == 2
    assert "tại đây" in page.content.decode()


@pytest.mark.parametrize(
    ("spot", "said"),
    [
        ({"lat": "x", "lon": ""}, "chưa cho biết vị trí"),
        ({"lat": 10.7, "lon": 106.7}, "ở ngoài"),
    ],
)
def test_a_position_that_helps_nobody_says_what_to_do(client, taking, spot, said):
    page = client.post(reverse("field_near"), spot).content.decode()
    assert said in page
    assert "gõ số thửa" in page


def test_nothing_near_says_so(client, taking):
    page = client.post(reverse("field_near"), position(taking, east=9000)).content.decode()
    assert "Không có thửa thu hồi nào trong 500 m" in page


@pytest.mark.parametrize("text", ["5/85", "thửa 85 tờ 5", "85"])
def test_a_number_finds_the_parcel(client, taking, text):
    page = client.get(reverse("field_number"), {"q": text})
    assert [row["taking"] for row in page.context["rows"]] == [taking]


def test_a_step_is_recorded_once_however_often_it_is_sent(client, taking):
    shown = client.get(reverse("field_taking", args=[taking.ref])).content.decode()
    assert "HS-7" in shown
    step = {"step": "inventory", "on": "05/06/2023", "number": "1/BB", "note": ""}
    step |= {"version": taking.case.version, "draft_key": str(uuid.uuid4())}
    address = reverse("field_step", args=[taking.ref])
    refused = client.post(address, step | {"step": "payment"})
    assert "Trước hết phải xong bước" in refused.content.decode()
    for _ in range(2):
        answer = client.post(address, step)
        assert answer["Draft-Saved"] == "1"
    case = Case.objects.get(pk=taking.case.pk)
    assert (case.step, case.events.filter(step="inventory").count()) == ("inventory", 1)


def test_a_note_stays_at_the_parcel_and_on_the_case_page(client, officer, taking):
    address = reverse("field_note", args=[taking.ref])
    empty = client.post(address, {"on": "20/06/2023", "text": ""})
    assert "Hãy gõ nội dung" in empty.content.decode()
    answer = client.post(address, {"on": "20/06/2023", "text": "Hộ hẹn thứ Sáu"})
    assert answer["Draft-Saved"] == "1"
    assert "Hộ hẹn thứ Sáu" in answer.content.decode()
    note = FieldNote.objects.get()
    assert (note.by, note.taking) == (officer, taking)
    case = client.get(reverse("case", args=[taking.case.ref])).content.decode()
    assert "Hộ hẹn thứ Sáu" in case


def test_a_photo_goes_into_the_case_and_anything_else_is_refused(client, taking):
    address = reverse("field_photo", args=[taking.ref])
    assert "Chưa chọn ảnh" in client.post(address).content.decode()
    fake = SimpleUploadedFile("anh.jpg", b"<script>", content_type="image/jpeg")
    assert 'role="alert"' in client.post(address, {"photo": fake}).content.decode()
    photo = SimpleUploadedFile("anh.jpg", samples.picture(), content_type="image/jpeg")
    answer = client.post(address, {"photo": photo, "note": "Nhà cấp 4"})
    assert answer["Draft-Saved"] == "1"
    kept = Attachment.objects.get()
    assert (kept.case, kept.note) == (taking.case, "Nhà cấp 4")


@pytest.mark.parametrize(
    "role", ["officer", "finance", "petitions", "leader", "viewer", "administrator"]
)
def test_only_officers_and_only_in_their_projects(client, taking, role):
    client.force_login(UserFactory(role=role))
    opens = client.get(reverse("field_taking", args=[taking.ref]))
    assert opens.status_code == (200 if role == "officer" else 404)
    assert client.get(reverse("field")).status_code == opens.status_code
    if role == "officer":
        shown = opens.content.decode()
        assert taking.case.parties.get().name not in shown
        assert "chỉ xem được thông tin công khai" in shown
    for name in ("field_step", "field_note", "field_photo"):
        data = {"text": "x", "on": "20/06/2023"}
        assert client.post(reverse(name, args=[taking.ref]), data).status_code == 404
