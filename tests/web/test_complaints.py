"""/don-thu/: intake, the list and its filters, one letter, exports, and who may do what."""

import datetime as dt
from io import BytesIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as Paper
from openpyxl import load_workbook

from gpmb.analysis.selection import Colouring, Selection
from gpmb.complaints.models import Complaint, ComplaintParty
from gpmb.reports.letters import samples
from gpmb.reports.models import ExportLog
from tests.complaining import letter
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    ParcelFactory,
    PartyFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db

DAY = {"received_on": "20/06/2023", "people_count": "1"}


@pytest.fixture
def petitions(today, client):
    user = UserFactory(petitions=True)
    client.force_login(user)
    return user


def take_in(client, **values):
    return client.post(reverse("complaint_intake"), {"kind": "complaint", **DAY, **values})


def test_a_letter_is_taken_in_with_its_case_people_and_place(client, petitions):
    case = CaseFactory(code="HS-77")
    name = case.parties.get().name
    answer = take_in(
        client,
        channel="reception",
        people_count="6",
        people=f"{name}\nNgười thứ hai",
        topic="price",
        cases="HS-77",
        parcels=case.takings.get().parcel.numbers.get().key,
        place="107,97; 21,53",
        content="Xem lại đơn giá",
    )
    c = Complaint.objects.get()
    assert answer.url == reverse("complaint", args=[c.ref])
    assert c.serial == "2023-00001"
    assert (c.cases.get(), c.project) == (case, case.project)
    assert c.parcels.get() == case.takings.get().parcel
    assert (round(c.location.x), round(c.location.y)) == (522594, 2381648)
    assert c.location.srid == settings.SRID
    assert c.parties.count() == 2
    assert case.parties.get() in c.parties.all()
    assert c.events.get().by == petitions
    take_in(client)
    assert Complaint.objects.filter(serial="2023-00002").exists()
    page = client.get(answer.url).content.decode()
    assert "đông người: 6 người" in page
    assert "Người thứ hai" in page


def test_a_letter_names_several_cases_and_parcels(client, petitions):
    project = ProjectFactory()
    one, two = CaseFactory(project=project, code="HS-1"), CaseFactory(project=project, code="HS-2")
    keys = [case.takings.get().parcel.numbers.get().key for case in (one, two)]
    answer = take_in(client, people_count="2", cases="HS-2; HS-1, HS-2", parcels="\n".join(keys))
    c = Complaint.objects.get()
    assert c.case_codes == ["HS-2", "HS-1"]
    assert c.parcel_numbers == keys
    assert c.project == project
    page = client.get(answer.url).content.decode()
    assert "Hồ sơ (2)" in page
    assert "Thửa đất (2)" in page
    for code in ("HS-1", "HS-2"):
        assert [row.serial for row in client.get(f"/don-thu/?q={code}").context["page"]] == [
            c.serial
        ]


def test_cases_of_two_projects_make_two_letters(client, petitions):
    CaseFactory(code="HS-1"), CaseFactory(code="HS-2")
    assert "thuộc nhiều dự án" in take_in(client, cases="HS-1, HS-2").content.decode()
    assert not Complaint.objects.exists()


def test_the_land_of_a_letter_is_corrected_and_its_history_kept(client, petitions):
    history = apps.get_model("complaints", "ComplaintCaseHistoryEvent").objects
    project = ProjectFactory()
    wrong, right = CaseFactory(project=project, code="A"), CaseFactory(project=project, code="B")
    hidden = ParcelFactory(restricted=True)
    c = letter(cases=[wrong], parcels=[hidden])
    address = reverse("complaint_concern", args=[c.ref])
    refused = client.post(address, {"cases": "X"}).content.decode()
    assert "Mã hồ sơ X không có" in refused
    key = right.takings.get().parcel.numbers.get().key
    client.post(address, {"cases": "B", "parcels": key, "place": "107,97; 21,53"})
    c = Complaint.objects.get()
    assert c.case_codes == ["B"]
    # What this person may not know of stays with the letter.
    assert set(c.parcels.all()) == {hidden, right.takings.get().parcel}
    assert c.location
    assert wrong.complaint_cases.count() == 0
    assert history.filter(pgh_label="delete", case=wrong).exists()
    page = client.get(reverse("complaint", args=[c.ref]))
    assert page.context["concern_form"].initial["parcels"] == key
    plain = letter("TC", kind="denunciation")
    assert client.post(reverse("complaint_concern", args=[plain.ref])).status_code == 404


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cases": "HS-0"}, "Mã hồ sơ HS-0 không có"),
        ({"parcels": "9/9"}, "Thửa 9/9 không có"),
        ({"place": "ở đầu làng"}, "hai số cách nhau bằng dấu chấm phẩy"),
        ({"place": "21,53; 107,97"}, "nằm ngoài Quảng Ninh"),
        ({"serial": "DT-1"}, "Số tiếp nhận DT-1 đã có"),
        ({"received_on": "01/01/2030"}, "sau ngày số liệu"),
        ({"people": "A\nB"}, "nhiều nhất 1 người đại diện"),
        ({"people_count": "7", "people": "A\nB\nC"}, "nhiều nhất 2 người đại diện"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, petitions, values, message):
    letter()
    assert message in take_in(client, **values).content.decode()
    assert Complaint.objects.count() == 1


def test_a_code_in_two_projects_asks_for_the_project(client, petitions):
    one, _ = CaseFactory(code="HS-1"), CaseFactory(code="HS-1")
    assert "hãy chọn dự án" in take_in(client, cases="HS-1").content.decode()
    take_in(client, cases="HS-1", project=one.project.pk)
    assert Complaint.objects.get().cases.get() == one


def test_a_denunciation_is_a_number_and_a_day_and_refuses_more(client, petitions):
    values = {"kind": "denunciation", "content": "về ông A", "project": ProjectFactory().pk}
    text = take_in(client, **values).content.decode()
    assert "Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái" in text
    assert not Complaint.objects.exists()
    take_in(client, kind="denunciation")
    c = Complaint.objects.get()
    assert (c.content, c.project, c.parties.count()) == ("", None, 0)
    page = client.get(reverse("complaint", args=[c.ref])).content.decode()
    for hidden in ("Nội dung", "Dự án</dt>", "Người đại diện", "Có thể cùng một việc", "In phiếu"):
        assert hidden not in page
    assert client.get(reverse("complaint_letter", args=[c.ref, "thu-ly"])).status_code == 404


def test_a_move_is_recorded_and_a_refused_one_says_why(client, petitions):
    c = letter()
    address = reverse("complaint_move", args=[c.ref])
    client.post(address, {"to": "classified", "on": "10/05/2023"})
    refused = client.post(address, {"to": "not_accepted", "on": "11/05/2023"})
    assert "phải ghi lý do" in refused.content.decode()
    early = client.post(address, {"to": "accepted", "on": "01/05/2023"})
    assert "trước ngày của trạng thái hiện tại" in early.content.decode()
    client.post(address, {"to": "accepted", "on": "11/05/2023"})
    client.post(address, {"to": "verifying", "on": "12/05/2023"})
    values = {"to": "decided", "on": "01/06/2023", "number": "12/QĐ-UBND", "result": "partly"}
    client.post(address, values)
    c.refresh_from_db()
    assert (c.status, c.result, c.document.number) == ("decided", "partly", "12/QĐ-UBND")
    page = client.get(reverse("complaint", args=[c.ref])).content.decode()
    assert "12/QĐ-UBND: đúng một phần" in page


def test_a_letter_is_assigned_and_a_complex_one_has_a_longer_term(client, petitions):
    call_command("load_reference", verbosity=0)
    c = letter(accepted_on=dt.date(2023, 5, 8), due_on=dt.date(2023, 6, 7))
    officer = UserFactory()
    address = reverse("complaint_handle", args=[c.ref])
    client.post(address, {"officer": officer.pk, "is_complex": "on"})
    c.refresh_from_db()
    assert (c.officer, c.is_complex, c.due_on) == (officer, True, dt.date(2023, 6, 22))
    d = letter("TC", kind="denunciation", accepted_on=dt.date(2023, 5, 8))
    client.post(reverse("complaint_handle", args=[d.ref]), {"extensions": "1"})
    d.refresh_from_db()
    assert d.due_on == dt.date(2023, 7, 7)
    client.post(reverse("complaint_handle", args=[d.ref]), {"extensions": "7"})
    d.refresh_from_db()
    assert d.extensions == 1


def test_a_proposed_duplicate_is_joined(client, petitions):
    case = CaseFactory()
    first = letter("DT-1", cases=[case])
    second = letter("DT-2", cases=[case], received_on=dt.date(2023, 5, 20))
    page = client.get(reverse("complaint", args=[second.ref])).content.decode()
    assert "cùng người, cùng hồ sơ" in page
    address = reverse("complaint_join", args=[second.ref])
    client.post(address, {"first": "không có"})
    client.post(address, {"first": "DT-1"})
    second.refresh_from_db()
    assert second.repeats == first
    page = client.get(reverse("complaint", args=[second.ref])).content.decode()
    assert "đơn lặp của DT-1" in page
    client.post(reverse("complaint_join", args=[first.ref]), {"first": "DT-2"})
    first.refresh_from_db()
    assert first.repeats is None


@pytest.mark.parametrize(
    ("query", "serials"),
    [
        ("kind=petition", {"P"}),
        ("topic=price", {"PRICE"}),
        ("status=decided", {"LATE"}),
        ("state=overdue", {"OVERDUE"}),
        ("state=answered", {"LATE"}),
        ("state=collective", {"MANY"}),
        ("state=repeated", {"AGAIN"}),
        ("q=pric", {"PRICE"}),
        ("state=open&kind=petition", {"P"}),
    ],
)
def test_filters_live_in_the_address(client, petitions, query, serials):
    letter("P", kind="petition")
    first = letter("PRICE", topic="price")
    letter("OVERDUE", due_on=dt.date(2023, 6, 1))
    letter("LATE", status="decided", answered_on=dt.date(2023, 6, 1))
    letter("MANY", people_count=9)
    letter("AGAIN", repeats=first)
    page = client.get(reverse("complaints") + "?" + query).context["page"]
    assert {c.serial for c in page} == serials


def test_the_export_is_the_filtered_list_without_names(client, petitions):
    c = letter("=1+1", topic="price", content="bí mật")
    ComplaintParty.objects.create(complaint=c, party=PartyFactory(name="Hộ Kín"))
    case, hidden = CaseFactory(code="HS-5"), ParcelFactory(restricted=True)
    parcel = case.takings.get().parcel
    letter("DT-3", cases=[case], parcels=[parcel, hidden])
    letter("DT-2", kind="petition")
    answer = client.get(reverse("complaints_export") + "?kind=complaint&q=DT-3")
    row = next(
        load_workbook(BytesIO(answer.content)).active.iter_rows(min_row=2, values_only=True)
    )
    assert row[7:9] == ("HS-5", parcel.numbers.get().key)
    answer = client.get(reverse("complaints_export") + "?kind=complaint&q=%3D1")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][0] == "=1+1"
    assert sheet["A2"].data_type == "s"
    assert "Hộ Kín" not in str(rows)
    assert "bí mật" not in str(rows)


def test_the_reception_book_holds_who_came_and_is_the_petition_officers(client, petitions):
    came = letter(channel="reception", content="hỏi giá đất", people_count=3)
    ComplaintParty.objects.create(complaint=came, party=PartyFactory(name="Bà Thử Nghiệm"))
    letter("DT-2", channel="post")
    answer = client.get(reverse("reception_book"))
    log = ExportLog.objects.get()
    assert (log.by, log.source, log.rows, log.personal) == (petitions, "don-thu", 1, True)
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][0] == 1
    assert rows[1][2:4] == ("DT-1", "Bà Thử Nghiệm")
    assert rows[1][5:7] == (3, "hỏi giá đất")
    for role in ("officer", "finance", "leader", "viewer", "administrator"):
        client.force_login(UserFactory(role=role))
        assert client.get(reverse("reception_book")).status_code == 404


def test_a_letter_says_which_step_it_complains_of(client, petitions):
    take_in(client, target="QĐ 12/QĐ-UBND", target_step="approval")
    c = Complaint.objects.get()
    assert c.target_step == "approval"
    page = client.get(reverse("complaint", args=[c.ref])).content.decode()
    assert "QĐ 12/QĐ-UBND; bước phê duyệt phương án" in page
    refused = take_in(client, kind="denunciation", target_step="approval").content.decode()
    assert "Tố cáo không lưu mục này" in refused


def test_letters_are_filled_from_the_register(client, petitions):
    project = ProjectFactory()
    cases = [CaseFactory(project=project, code=code) for code in ("HS-1", "HS-2")]
    c = letter(
        accepted_on=dt.date(2023, 5, 8), due_on=dt.date(2023, 6, 7), topic="price", cases=cases
    )
    ComplaintParty.objects.create(complaint=c, party=PartyFactory(name="Bà Thử Nghiệm"))
    samples.load()
    answer = client.get(reverse("complaint_letter", args=[c.ref, "thu-ly"]))
    text = "\n".join(p.text for p in Paper(BytesIO(answer.content)).paragraphs)
    for part in (
        "thụ lý giải quyết khiếu nại",
        "Bà Thử Nghiệm",
        "DT-1",
        "08/05/2023",
        "07/06/2023",
    ):
        assert part in text
    log = ExportLog.objects.get()
    assert (log.by, log.source, log.format) == (petitions, "don-thu", "docx")
    receipt = client.get(reverse("complaint_letter", args=[c.ref, "bien-nhan"]))
    assert "HS-1, HS-2" in "".join(p.text for p in Paper(BytesIO(receipt.content)).paragraphs)
    for kind in ("bien-nhan", "chuyen-don", "huong-dan"):
        assert client.get(reverse("complaint_letter", args=[c.ref, kind])).status_code == 200
    assert client.get(reverse("complaint_letter", args=[c.ref, "khac"])).status_code == 404


def test_the_months_table_and_its_workbook(client, petitions):
    letter("1", received_on=dt.date(2022, 5, 3))
    letter("2")
    text = client.get(reverse("complaints_monthly")).content.decode()
    assert "năm 2023 so với cùng kỳ 2022" in text
    answer = client.get(reverse("complaints_monthly_export") + "?nam=2023")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][:3] == ("Tháng", "Tiếp nhận 2023", "Tiếp nhận 2022")
    assert rows[5][:3] == (5, 1, 1)
    assert rows[-1][:3] == ("Cộng", 1, 1)
    assert client.get(reverse("complaints_monthly") + "?nam=abc").context["year"] == 2023


def test_a_leader_reads_totals_with_small_figures_withheld(client, today):
    letter("1")
    client.force_login(UserFactory(leader=True))
    text = client.get(reverse("complaints_monthly")).content.decode()
    assert "dưới 3" in text
    assert "Xuất XLSX" not in text
    assert client.get(reverse("complaints")).status_code == 404
    assert client.get(reverse("complaints_monthly_export")).status_code == 404


def test_a_cases_officer_reads_its_letters_and_changes_none(client, today):
    officer = UserFactory()
    case = CaseFactory(project=ProjectFactory(officers=[officer]))
    own, other = letter("1", cases=[case]), letter("2")
    client.force_login(officer)
    assert [c.serial for c in client.get(reverse("complaints")).context["page"]] == ["1"]
    page = client.get(reverse("complaint", args=[own.ref]))
    assert page.status_code == 200
    assert "Việc tiếp theo" not in page.content.decode()
    assert client.get(reverse("complaint", args=[other.ref])).status_code == 404
    assert client.post(reverse("complaint_move", args=[own.ref])).status_code == 404
    assert client.post(reverse("complaint_join", args=[own.ref])).status_code == 404
    assert client.post(reverse("complaint_handle", args=[own.ref])).status_code == 404
    assert client.post(reverse("complaint_concern", args=[own.ref])).status_code == 404
    assert client.get(reverse("complaint_letter", args=[own.ref, "thu-ly"])).status_code == 404
    assert client.get(reverse("complaint_intake")).status_code == 404


@pytest.mark.parametrize("role", ["finance", "leader", "viewer", "administrator"])
def test_for_everyone_else_no_letter_exists(client, today, role):
    c = letter()
    client.force_login(UserFactory(role=role))
    for name in ("complaint", "complaint_move", "complaint_join", "complaint_concern"):
        method = client.get if name == "complaint" else client.post
        assert method(reverse(name, args=[c.ref])).status_code == 404
    for name in ("complaints", "complaints_export", "complaint_intake"):
        assert client.get(reverse(name)).status_code == 404


def test_the_list_asks_the_same_number_of_questions_for_3_and_30(
    client, petitions, django_assert_max_num_queries
):
    case = CaseFactory()
    parcel = case.takings.get().parcel
    pages = (reverse("complaints"), reverse("complaints_export"))
    for n in range(3):
        letter(f"A{n}", cases=[case], parcels=[parcel])
    client.get(pages[0])
    few = {}
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        few[page] = len(asked)
    for n in range(30):
        letter(f"B{n}", cases=[case], parcels=[parcel])
    for page in pages:
        with django_assert_max_num_queries(few[page]):
            client.get(page)


def test_one_letters_page_asks_the_same_for_two_cases_and_for_twenty(
    client, petitions, django_assert_max_num_queries
):
    project = ProjectFactory()
    cases = [CaseFactory(project=project) for _ in range(20)]
    few = letter("few", cases=cases[:2], parcels=[cases[0].takings.get().parcel])
    many = letter("many", cases=cases, parcels=[case.takings.get().parcel for case in cases])
    client.get(reverse("complaint", args=[few.ref]))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("complaint", args=[few.ref]))
    with django_assert_max_num_queries(len(asked)):
        client.get(reverse("complaint", args=[many.ref]))


def test_the_parcels_panel_tells_its_letters_to_the_petition_officer_and_the_cases_officers(
    client, today
):
    officer = UserFactory()
    case = CaseFactory(project=ProjectFactory(officers=[officer]))
    other = CaseFactory(project=case.project)
    letter("KN-77", cases=[other, case])
    letter("KN-78", parcels=[case.takings.get().parcel], project=case.project)
    panel = reverse("panel", args=[case.takings.get().ref])
    for user in (officer, UserFactory(petitions=True)):
        client.force_login(user)
        text = client.get(panel).content.decode()
        assert "KN-77" in text
        assert "KN-78" in text
    for user in (UserFactory(), *(UserFactory(role=r) for r in ("leader", "viewer", "finance"))):
        client.force_login(user)
        assert "Đơn thư" not in client.get(panel).content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_work_on_whose_letters(client, today, role):
    user = UserFactory(role=role)
    here, elsewhere = AdministrativeUnitFactory(), AdministrativeUnitFactory()
    told = dict.fromkeys(("read", "listed", "exported", "panel", "map", "land", "move"), "")
    client.force_login(user)
    for whose, unit in zip(WHOSE, (here, here, elsewhere), strict=True):
        project = ProjectFactory(officers=[user] if whose == "own" else [UserFactory()])
        taking = TakingFactory(
            project=project,
            case=CaseFactory(project=project, code=f"HS-{whose}", takings=0),
            parcel=ParcelFactory(unit=unit),
        )
        c = letter(f"KN-{whose}", cases=[taking.case])

        def note(what, allowed):
            told[what] += "o" if allowed else "-"

        note("read", client.get(reverse("complaint", args=[c.ref])).status_code == 200)
        listed = client.get(reverse("complaints"))
        note("listed", listed.status_code == 200 and c.serial in listed.content.decode())
        book = client.get(reverse("complaints_export"))
        rows = load_workbook(BytesIO(book.content)).active if book.status_code == 200 else []
        note("exported", c.serial in {row[0].value for row in rows})
        panel = client.get(reverse("panel", args=[taking.ref])).content.decode()
        note("panel", c.serial in panel)
        seen = Selection(user=user, on=TODAY, today=TODAY, colouring=Colouring.COMPLAINT)
        note("map", seen.takings().get(pk=taking.pk).c == 2)
        client.post(reverse("complaint_concern", args=[c.ref]), {"cases": ""})
        note("land", not c.cases.exists())
        client.post(
            reverse("complaint_move", args=[c.ref]), {"to": "classified", "on": "10/05/2023"}
        )
        c.refresh_from_db()
        note("move", c.status == "classified")
    reads = {"petitions": "ooo", "officer": "o--"}
    works = {"petitions": "ooo"}
    assert told == {
        **dict.fromkeys(("read", "listed", "exported", "panel", "map"), reads.get(role, "---")),
        **dict.fromkeys(("land", "move"), works.get(role, "---")),
    }
