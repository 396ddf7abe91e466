"""The search box: kinds with counts, each only for those who may know."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.complaints.models import Complaint
from gpmb.land.models import ParcelNumber
from gpmb.web.finding import LIMIT, Parcels
from tests import complaining
from tests.factories import (
    CaseFactory,
    DocumentFactory,
    InquiryFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(today, client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def case(officer):
    """HS-7 of the officer's project; its notice is 45/TB-UBND."""
    project = ProjectFactory(officers=[officer], name="Cụm công nghiệp Hải Hòa")
    case = CaseFactory(project=project, code="HS-7", takings=0, party__name="Nguyễn Văn Thử")
    notice = DocumentFactory(number="45/TB-UBND", signed_on=dt.date(2022, 9, 1))
    case.advance("notice", on=dt.date(2022, 9, 1), by=officer, document=notice)
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="17/5"))
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="9/175"))
    return case


def kinds(client, text):
    found = client.get(reverse("search"), {"q": text, "format": "json"}).json()
    return found["counts"]


@pytest.mark.parametrize(
    ("text", "sheet", "numbers"),
    [
        ("5/85", "5", ("85",)),
        ("05/085", "05", ("085",)),
        ("tờ 5 thửa 85", "5", ("85",)),
        ("to so 5 thua so 85", "5", ("85",)),
        ("thửa 85 tờ 5", "5", ("85",)),
        ("thửa 85, tờ 5", "5", ("85",)),
        ("Thửa đất số 85, tờ bản đồ số 5", "5", ("85",)),
        ("to ban do 5, thua dat 85", "5", ("85",)),
        ("TỜ SỐ 5, THỬA SỐ 85", "5", ("85",)),
        ("thửa đất số 85", None, ("85",)),
        ("5, 85a", "5", ("85a",)),
        ("thửa 263A", None, ("263A",)),
        ("17+175", None, ("17", "175")),
        ("tờ 5 thửa 17 + 175", "5", ("17", "175")),
        ("5/17+175", "5", ("17", "175")),
    ],
)
def test_parcels_are_read_as_people_write_them(text, sheet, numbers):
    assert Parcels.read(text) == Parcels(sheet, numbers)


@pytest.mark.parametrize("text", ["hai hoa", "HS-7", "45/TB-UBND", "85", "thửa", "+"])
def test_other_words_are_no_parcel(text):
    assert Parcels.read(text) is None


def test_a_number_alone_and_several_find_their_parcels(client, case):
    elsewhere = TakingFactory(parcel=ParcelFactory(number="3/175"))
    assert kinds(client, "thửa 175") == {"Thửa đất": "2"}
    # Parcels of one case that has them all.
    ParcelNumber.objects.filter(number="5").update(number="17")
    assert kinds(client, "17+175") == {"Thửa đất": "2"}
    found = client.get(reverse("search"), {"q": "17+175", "format": "json"}).json()["results"]
    assert reverse("parcel_map", args=[elsewhere.ref]) not in {row["url"] for row in found}


def test_documents_are_found_by_number_and_open_their_cases(client, case):
    found = client.get(reverse("search"), {"q": "45/tb", "format": "json"}).json()["results"]
    (row,) = [row for row in found if row["kind"] == "Văn bản"]
    assert row["label"] == "45/TB-UBND"
    listed = client.get(row["url"])
    assert [r["case"] for r in listed.context["rows"]] == [case]


def test_a_letter_that_waits_is_found_by_its_number(client, case):
    InquiryFactory(case=case, number="88/TTPTQĐ")
    assert kinds(client, "88/ttptqđ")["Văn bản chờ trả lời"] == "1"


@pytest.mark.parametrize(
    "role", ["officer", "finance", "petitions", "leader", "viewer", "administrator"]
)
@pytest.mark.parametrize("whose", ["own", "other", "restricted"])
def test_each_role_finds_what_it_may_know_and_no_more(today, role, whose):
    user = UserFactory(role=role)
    project = ProjectFactory(
        name="Dự án Tìm Thử",
        officers=[] if whose == "other" else [user],
        restricted=whose == "restricted",
    )
    case = CaseFactory(project=project, code="TIM-1", takings=0, party__name="Trần Bí Mật")
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="77/88"))
    notice = DocumentFactory(number="99/TB-UBND")
    case.advance("notice", on=dt.date(2022, 9, 1), by=user, document=notice)
    letter = complaining.letter("321/2023", cases=[case])
    client = Client()
    client.force_login(user)
    told = {
        kind: kind in kinds(client, text)
        for kind, text in (
            ("Dự án", "tim thu"),
            ("Thửa đất", "77/88"),
            ("Hồ sơ", "tim-1"),
            ("Hộ", "bi mat"),
            ("Văn bản", "99/tb"),
            ("Đơn thư", letter.serial),
        )
    }
    public = whose != "restricted"
    own = role == "officer" and whose == "own"
    assert told == {
        "Dự án": public,
        "Thửa đất": public,
        "Hồ sơ": public,
        "Hộ": public and (own or role in ("finance", "administrator")),
        "Văn bản": public and (own or role in ("finance", "leader", "administrator")),
        "Đơn thư": public and (own or role == "petitions"),
    }
    for kind in ("thua", "du-an", "ho-so", "ho", "van-ban", "don-thu"):
        page = client.get(reverse("search"), {"q": "bi mat", "kind": kind}).content.decode()
        assert ("Trần Bí Mật" in page) == (kind == "ho" and told["Hộ"])


def test_a_denunciation_is_found_by_its_number_alone_and_by_petition_officers(client, officer):
    project = ProjectFactory(officers=[officer])
    Complaint.objects.create(
        serial="12/2023", kind="denunciation", received_on=dt.date(2023, 5, 1)
    )
    assert "Đơn thư" not in kinds(client, "12/2023")
    client.force_login(UserFactory(petitions=True))
    assert kinds(client, "12/2023")["Đơn thư"] == "1"
    assert project.pk


def test_more_than_the_box_holds_is_counted_and_listed_on_a_page(client, officer):
    project = ProjectFactory(officers=[officer])
    for number in range(LIMIT + 3):
        CaseFactory(project=project, code=f"NHIEU-{number:02}", takings=0)
    box = client.get(reverse("search"), {"q": "nhieu"}, headers={"HX-Request": "true"})
    shown = box.content.decode()
    assert f"Xem tất cả {LIMIT + 3} hồ sơ" in shown
    page = client.get(reverse("search"), {"q": "nhieu", "kind": "ho-so"})
    assert page.context["page"].paginator.count == LIMIT + 3
    assert "NHIEU-10" in page.content.decode()


def test_the_search_asks_as_often_for_many_results_as_for_one(client, case):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("search"), {"q": "HS-"})
        return len(caught)

    few = queries()
    for number in range(10):
        CaseFactory(project=case.project, code=f"HS-9{number}", takings=0)
    assert queries() == few
