"""The search box: kinds with counts, each only for those who may know."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.complaints.models import Complaint
from gpmb.land.models import ParcelNumber
from gpmb.web.finding import LIMIT
from gpmb.web.search_words import NAMED, Parcels, Reading, readings
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
        ("tờ 5, thửa 85", "5", ("85",)),
        ("tờ 5; thửa 85", "5", ("85",)),
        ("tờ 5 - thửa 85", "5", ("85",)),
        ("tờ 5/thửa 85", "5", ("85",)),
        ("Tờ: 5, thửa: 85", "5", ("85",)),
        ("thửa 85 (tờ 5)", "5", ("85",)),
        ("thửa 85/tờ 5", "5", ("85",)),
        ("thửa 85tờ 5", "5", ("85",)),
        ("thửa 17+175", None, ("17", "175")),
        ("thửa số 17 + 175", None, ("17", "175")),
    ],
)
def test_parcels_are_read_as_people_write_them(text, sheet, numbers):
    assert Parcels.read(text) == Parcels(sheet, numbers)


@pytest.mark.parametrize("text", ["hai hoa", "HS-7", "45/TB-UBND", "85", "thửa", "+"])
def test_other_words_are_no_parcel(text):
    assert Parcels.read(text) is None


@pytest.mark.parametrize(
    ("text", "sought", "kinds"),
    [
        ("đơn số 143/2023", "143/2023", "don-thu"),
        ("đơn 143/2023", "143/2023", "don-thu"),
        ("Đơn thư số: 143/2023", "143/2023", "don-thu"),
        ("don so 143/2023", "143/2023", "don-thu"),
        ("đơn khiếu nại số 143/2023", "143/2023", "don-thu"),
        ("khiếu nại 143/2023 của ông A", "143/2023", "don-thu"),
        ("đơn số 143 năm 2023", "143/2023", "don-thu"),
        ("văn bản số 12/QĐ-UBND", "12/QĐ-UBND", "van-ban cho-tra-loi"),
        ("quyết định 12/QĐ-UBND ngày 05/03/2023", "12/QĐ-UBND", "van-ban cho-tra-loi"),
        ("Tờ trình số 12/TTr-TNMT của Phòng", "12/TTr-TNMT", "van-ban cho-tra-loi"),
        ("to trinh 12/ttr-tnmt", "12/ttr-tnmt", "van-ban cho-tra-loi"),
        ("qđ số 12", "12", "van-ban cho-tra-loi"),
        ("số 12/QĐ-UBND", "12/QĐ-UBND", "van-ban cho-tra-loi don-thu ho-so thua"),
        ("hồ sơ số CCN-01/0001", "CCN-01/0001", "ho-so ho thua"),
        ("hồ sơ CCN-01/0001", "CCN-01/0001", "ho-so ho thua"),
        ("ho so ccn-01", "ccn-01", "ho-so ho thua"),
        ("hồ sơ hộ ông Nguyễn Văn Thử", "Nguyễn Văn Thử", "ho ho-so thua"),
        ("hộ Nguyễn Văn Thử", "Nguyễn Văn Thử", "ho ho-so thua"),
        ("Hộ bà: Trần Thị Thử", "Trần Thị Thử", "ho ho-so thua"),
        ("hồ sơ thửa 85 tờ 5", "thửa 85 tờ 5", "thua"),
        ("thửa 85 tờ 5", "thửa 85 tờ 5", "thua"),
        ("tờ 5, thửa 85", "tờ 5, thửa 85", "thua"),
        ("17+175", "17+175", "thua"),
        ("dự án Hải Hòa", "Hải Hòa", "du-an"),
        ("phường Ka Long", "Ka Long", "phuong"),
    ],
)
def test_leading_words_say_what_is_sought(text, sought, kinds):
    first, *others = readings(text)
    assert (first.text, first.kinds) == (sought, tuple(kinds.split()))
    assert others == [Reading(text, NAMED)]  # nothing is hidden


@pytest.mark.parametrize(
    "text",
    ["hai hoa", "đơn dương", "ho van thu", "ba dinh", "5/85", "HS-7", "thông báo", "hồ sơ", "hộ"],
)
def test_words_that_may_be_a_name_are_sought_as_typed(text):
    assert readings(text) == [Reading(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("đơn số 321/2023", "Đơn thư"),
        ("văn bản số 45/TB-UBND", "Văn bản"),
        ("thông báo 45", "Văn bản"),
        ("đơn số 3", "Đơn thư"),
        ("hồ sơ số HS-7", "Hồ sơ"),
        ("hồ sơ ông Văn Thử", "Hộ"),
        ("hộ nguyễn văn thử", "Hộ"),
        ("hộ HS-7", "Hồ sơ"),
        ("hộ 17/5", "Thửa đất"),
        ("thửa 5 tờ 17", "Thửa đất"),
        ("tờ 17, thửa 5", "Thửa đất"),
        ("dự án cụm công nghiệp", "Dự án"),
    ],
)
def test_what_is_sought_is_found_by_the_words_before_it(client, case, text, kind):
    complaining.letter("321/2023", cases=[case])
    assert kinds(client, text) == {kind: "1"}
    code = {"Đơn thư": "don-thu", "Văn bản": "van-ban", "Hồ sơ": "ho-so", "Hộ": "ho"}.get(kind)
    if code:
        listed = client.get(reverse("search"), {"q": text, "kind": code})
        assert listed.context["page"].paginator.count == 1


def test_leading_words_hide_nothing(client, case):
    ProjectFactory(name="Đường số 7 nối dài")
    ProjectFactory(name="Nhà văn hóa xã Bắc Sơn")
    assert kinds(client, "đường số 7") == {"Dự án": "1"}
    assert kinds(client, "xã Bắc") == {"Dự án": "1"}
    assert kinds(client, "số 7 nối dài") == {"Dự án": "1"}
    ProjectFactory(name="Đường từ Km 5+200 đến bến cảng")
    assert kinds(client, "5+200") == {"Dự án": "1"}


def test_a_number_stands_before_those_that_only_hold_it(client, case, officer):
    more = DocumentFactory(number="145/TB-UBND", signed_on=dt.date(2022, 10, 1))
    case.advance("inventory", on=dt.date(2022, 10, 1), by=officer, document=more)
    found = client.get(reverse("search"), {"q": "45/tb", "format": "json"}).json()["results"]
    numbers = [row["label"] for row in found if row["kind"] == "Văn bản"]
    assert numbers == ["45/TB-UBND", "145/TB-UBND"]
    assert kinds(client, "45") == {"Văn bản": "1"}


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

    for number in range(LIMIT):  # from here on they are counted by a query of their own
        CaseFactory(project=case.project, code=f"HS-8{number}", takings=0)
    few = queries()
    for number in range(30):
        CaseFactory(project=case.project, code=f"HS-9{number}", takings=0)
    assert queries() == few
