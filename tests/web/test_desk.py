"""The desk: counts that open their list, letters that wait, cases passed on and back."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.accounts.models import SavedFilter
from gpmb.clearance.models import Case, Inquiry, Reassignment
from tests.factories import (
    PASSWORD,
    TODAY,
    CaseFactory,
    InquiryFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(today, client):
    user = UserFactory(username="canbo", display_name="Nguyễn Thị Minh Họa")
    client.force_login(user)
    return user


@pytest.fixture
def colleague(today):
    return UserFactory(username="canbo2", display_name="Trần Văn Thí Dụ")


@pytest.fixture
def project(officer, colleague):
    return ProjectFactory(code="DA-MOT", officers=[officer, colleague])


def case_due(project, officer, days, **fields):
    """A case whose next step is due `days` after today."""
    case = CaseFactory(project=project, officer=officer, takings=0, at="notice", **fields)
    Case.objects.filter(pk=case.pk).update(due_on=TODAY + dt.timedelta(days=days))
    return case


@pytest.fixture
def busy(project, officer, colleague):
    """Two late cases, one due in a week, two in a month, one blocked, one that waits, one done."""
    for days in (-30, -1, 5, 20, 25):
        case_due(project, officer, days)
    ObstacleFactory(case=CaseFactory(project=project, officer=officer, takings=0))
    InquiryFactory(case=CaseFactory(project=project, officer=officer, takings=0))
    CaseFactory(project=project, officer=officer, at="handover")
    case_due(project, colleague, -3)


def test_every_count_opens_a_list_of_as_many(client, officer, busy):
    page = client.get(reverse("desk"))
    totals = page.context["totals"]
    assert {k: totals[k] for k in ("open", "overdue", "due_7", "due_30")} == {
        "open": 7,
        "overdue": 2,
        "due_7": 1,
        "due_30": 2,
    }
    assert (totals["obstacle"], totals["inquiry"]) == (1, 1)
    for state, count in totals.items():
        listed = client.get(reverse("cases"), {"officer": officer.username, "state": state})
        assert listed.context["page"].paginator.count == count, state


def test_counts_by_project_and_by_officer_open_their_lists(client, officer, colleague, busy):
    page = client.get(reverse("desk"))
    (row,) = page.context["projects"]
    for state in ("open", "overdue", "due_7", "obstacle"):
        asked = {"project": "DA-MOT", "officer": "canbo", "state": state}
        listed = client.get(reverse("cases"), asked)
        assert listed.context["page"].paginator.count == row["own"][state], state
    whole = client.get(reverse("cases"), {"project": "DA-MOT", "state": "open"})
    assert whole.context["page"].paginator.count == row["every"] == 8
    assert [(r["officer"], r["open"], r["overdue"]) for r in page.context["officers"]] == [
        (officer, 7, 2),
        (colleague, 1, 1),
    ]


def test_the_most_urgent_case_stands_first(client, officer, busy):
    rows = client.get(reverse("desk")).context["urgent"]
    assert [row["days_late"] for row in rows] == [30, 1, 0, 0, 0]


def test_the_desk_asks_as_often_for_30_cases_as_for_3(client, officer, project):
    def add(count):
        for _ in range(count):
            case = case_due(project, officer, -3)
            ObstacleFactory(case=case)
            InquiryFactory(case=case)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("desk")).status_code == 200
        return len(caught)

    add(3)
    client.get(reverse("desk"))
    few = queries()
    add(27)
    assert queries() == few <= 28


def test_an_officer_lands_on_the_desk_and_a_leader_on_the_overview(client, officer):
    client.logout()
    for user, address in ((officer, reverse("desk")), (UserFactory(leader=True), "/")):
        form = {"login": user.username, "password": PASSWORD}
        assert client.post(reverse("account_login"), form)["Location"] == address
        client.logout()


ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")


@pytest.mark.parametrize("role", ROLES)
def test_which_role_opens_what(client, today, role):
    client.force_login(UserFactory(role=role))
    opened = {
        name: client.get(reverse(name)).status_code == 200
        for name in ("desk", "inquiry_add", "inquiries", "reassign")
    }
    assert opened == {
        "desk": role == "officer",
        "inquiry_add": role == "officer",
        "inquiries": role in ("officer", "leader", "administrator"),
        "reassign": role in ("officer", "administrator"),
    }
    menu = client.get(reverse("overview")).content.decode()
    assert ("Việc của tôi" in menu) == (role == "officer")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["own", "other", "restricted"])
def test_who_reads_and_who_closes_a_letter(client, today, role, whose):
    user = UserFactory(role=role)
    project = ProjectFactory(
        officers=[user] if whose != "other" else [], restricted=whose == "restricted"
    )
    inquiry = InquiryFactory(case=CaseFactory(project=project), subject="Xác minh hộ Bí Mật")
    client.force_login(user)
    page = client.get(reverse("inquiry", args=[inquiry.ref]))
    reads = (role == "officer" and whose == "own") or (
        role in ("leader", "administrator") and whose != "restricted"
    )
    assert page.status_code == (200 if reads else 404)
    assert ("Bí Mật" in page.content.decode()) == (reads and role != "leader")
    assert (inquiry.number in client.get(reverse("inquiries")).content.decode()) == reads
    reply = {"reply_number": "9/TNMT", "replied_on": "20/06/2023"}
    client.post(reverse("inquiry", args=[inquiry.ref]), reply)
    client.post(reverse("inquiry_withdraw", args=[inquiry.ref]), {"reason": "đã xong"})
    inquiry.refresh_from_db()
    assert bool(inquiry.replied_on) == (role == "officer" and whose == "own")
    assert inquiry.withdrawn_on is None


def test_a_letter_is_written_down_from_its_case_and_the_reply_closes_it(client, officer, project):
    case = CaseFactory(project=project, code="HS-7", officer=officer)
    to = OrganisationFactory(name="Phòng TN&MT")
    address = reverse("inquiry_add") + f"?ho-so={case.ref}"
    page = client.get(address)
    assert page.context["form"].initial["case_code"] == "HS-7"
    letter = {
        "to": to.pk,
        "number": "45/TTPTQĐ",
        "sent_on": "01/06/2023",
        "due_on": "15/06/2023",
        "project": project.pk,
        "case_code": "hs-7",
        "subject": "Xác nhận nguồn gốc đất",
    }
    shown = client.post(address, letter, follow=True).content.decode()
    assert "45/TTPTQĐ" in shown
    assert "đã chờ 29 ngày" in shown
    inquiry = Inquiry.objects.get()
    assert (inquiry.case, inquiry.by) == (case, officer)

    early = {"reply_number": "9/TNMT", "replied_on": "30/05/2023"}
    refused = client.post(reverse("inquiry", args=[inquiry.ref]), early)
    assert "trước ngày gửi 01/06/2023" in refused.content.decode()
    assert 'value="9/TNMT"' in refused.content.decode()
    client.post(reverse("inquiry", args=[inquiry.ref]), early | {"replied_on": "20/06/2023"})
    inquiry.refresh_from_db()
    assert (inquiry.reply_number, inquiry.replied_on) == ("9/TNMT", dt.date(2023, 6, 20))
    assert inquiry.days_waiting(on=TODAY) == 19
    assert not Inquiry.objects.open(on=TODAY).exists()
    assert Inquiry.objects.open(on=dt.date(2023, 6, 19)).exists()
    again = client.post(reverse("inquiry", args=[inquiry.ref]), early)
    assert "đã có trả lời 9/TNMT" in again.content.decode()


def test_a_letter_about_a_case_that_is_not_of_the_project_is_refused(client, officer, project):
    elsewhere = CaseFactory(code="KHAC-1")
    letter = {"to": OrganisationFactory().pk, "number": "1", "sent_on": "01/06/2023"}
    letter |= {"project": project.pk, "case_code": "KHAC-1", "subject": "hỏi"}
    page = client.post(reverse("inquiry_add"), letter)
    assert "không có hồ sơ mã “KHAC-1”" in page.content.decode()
    assert not Inquiry.objects.exists()

    @transaction.atomic
    def write_past_the_form():
        InquiryFactory(case=elsewhere, project=project)
        connection.check_constraints()

    with pytest.raises(IntegrityError):
        write_past_the_form()


def pass_on(client, taker, **fields):
    form = {"taker": taker.pk, "on": "30/06/2023", "reason": "nghỉ phép", "which": "all"}
    return client.post(reverse("reassign"), form | fields, follow=True)


def test_cases_are_passed_on_and_handed_back_with_their_history(
    client, officer, colleague, project
):
    cases = [CaseFactory(project=project, officer=officer, takings=0) for _ in range(3)]
    done = CaseFactory(project=project, officer=officer, at="handover")
    page = pass_on(client, colleague, which="ticked", case=[cases[0].ref, cases[1].ref])
    assert "Đã chuyển 2 hồ sơ cho Trần Văn Thí Dụ" in page.content.decode()
    assert set(Case.objects.filter(officer=colleague)) == set(cases[:2])
    passed = Reassignment.objects.get()
    assert (passed.giver, passed.taker, passed.by) == (officer, colleague, officer)

    # One of the two goes on to somebody else: it stays there.
    third = UserFactory()
    Case.objects.filter(pk=cases[1].pk).update(officer=third)
    back = reverse("hand_back", args=[passed.ref])
    assert "Hãy ghi lý do" in client.post(back, {}, follow=True).content.decode()
    shown = client.post(back, {"reason": "đi làm lại"}, follow=True).content.decode()
    assert "Đã trả lại 1 hồ sơ" in shown
    assert "1 hồ sơ đã sang người khác" in shown
    assert set(Case.objects.filter(officer=officer)) == {cases[0], cases[2], done}
    again = client.post(back, {"reason": "lần nữa"}, follow=True).content.decode()
    assert "đã được trả lại" in again
    assert Reassignment.objects.count() == 2
    assert Reassignment.objects.get(undoes=passed).giver == colleague


def test_all_cases_listed_go_at_once_and_a_project_narrows_them(
    client, officer, colleague, project
):
    other = ProjectFactory(code="DA-HAI", officers=[officer, colleague])
    CaseFactory(project=project, officer=officer)
    kept = CaseFactory(project=other, officer=officer)
    form = {"taker": colleague.pk, "on": "30/06/2023", "reason": "chia việc", "which": "all"}
    client.post(reverse("reassign") + "?project=DA-MOT", form)
    assert list(Case.objects.filter(officer=officer)) == [kept]


def test_a_colleague_without_the_project_gets_nothing_and_the_refusal_says_why(
    client, officer, project
):
    stranger = UserFactory(display_name="Lê Thị Ngoài")
    mine = CaseFactory(project=project, officer=officer)
    secret = ProjectFactory(restricted=True, officers=[stranger])
    CaseFactory(project=secret, officer=officer)
    page = pass_on(client, stranger).content.decode()
    assert "chưa được phân công 1 dự án" in page
    assert "Nhờ quản trị phân công" in page
    assert 'value="nghỉ phép"' in page
    assert Case.objects.get(pk=mine.pk).officer == officer
    assert not Reassignment.objects.exists()


def test_the_administrator_passes_on_the_cases_of_an_officer_who_left(
    client, officer, colleague, project
):
    CaseFactory(project=project, officer=officer)
    client.force_login(UserFactory(administrator=True))
    form = {"taker": colleague.pk, "on": "30/06/2023", "reason": "chuyển công tác", "which": "all"}
    client.post(reverse("reassign") + "?cua=canbo", form)
    assert Case.objects.filter(officer=colleague).count() == 1


def test_nobody_hands_back_what_passed_between_others(client, officer, colleague, project):
    CaseFactory(project=project, officer=officer)
    pass_on(client, colleague)
    passed = Reassignment.objects.get()
    client.force_login(UserFactory())
    address = reverse("hand_back", args=[passed.ref])
    assert client.post(address, {"reason": "xem thử"}).status_code == 404
    client.force_login(UserFactory(leader=True))
    assert client.post(address, {"reason": "xem thử"}).status_code == 404


def test_a_filter_is_kept_under_a_name_and_forgotten(client, officer):
    kept = {"name": "Quá hạn Hải Hòa", "page": "cases", "query": "state=overdue&page=3&unit="}
    answer = client.post(reverse("filter_save"), kept)
    assert answer["Location"] == "/ho-so/?state=overdue"
    client.post(reverse("filter_save"), kept | {"query": "?state=due_7"})
    row = SavedFilter.objects.get()
    assert row.query == "state=due_7"
    assert "Quá hạn Hải Hòa" in client.get(reverse("desk")).content.decode()
    assert "Quá hạn Hải Hòa" in client.get(reverse("cases")).content.decode()
    assert "Quá hạn Hải Hòa" not in client.get(reverse("projects")).content.decode()

    client.force_login(UserFactory())
    assert "Quá hạn Hải Hòa" not in client.get(reverse("cases")).content.decode()
    assert client.post(reverse("filter_drop", args=[row.ref])).status_code == 404
    client.force_login(officer)
    client.post(reverse("filter_drop", args=[row.ref]))
    assert not SavedFilter.objects.exists()


def test_a_filter_without_a_name_or_for_no_page_is_not_kept(client, officer):
    for wrong in ({"name": ""}, {"page": "admin:index"}):
        client.post(reverse("filter_save"), {"name": "x", "page": "cases", "query": ""} | wrong)
    assert not SavedFilter.objects.exists()


def test_a_number_without_end_in_the_address_is_no_fault(client, project):
    assert client.get(f"{reverse('inquiry_add')}?ho-so={'9' * 5000}").status_code == 200
    ticked = {"which": "ticked", "case": ["9" * 5000], "on": "01/06/2023", "reason": "x"}
    assert client.post(reverse("reassign"), ticked).status_code == 200


def test_the_list_of_a_colleague_with_another_role_opens_their_cases(client, project):
    helper = UserFactory(username="ho-tro", role="finance")
    CaseFactory(project=project, officer=helper)
    CaseFactory(project=project)
    page = client.get(f"{reverse('cases')}?officer=ho-tro&state=open")
    assert page.context["page"].paginator.count == 1


def test_ticks_beside_all_are_asked_about_rather_than_passed_over(client, project, officer):
    colleague = UserFactory(display_name="Trần Văn Thí Dụ")
    project.assignment_set.create(user=colleague, valid_from="2023-01-01")
    ticked, other = (CaseFactory(project=project, officer=officer) for _ in range(2))
    data = {"taker": colleague.pk, "on": "01/06/2023", "reason": "nghỉ phép", "which": "all"}
    page = client.post(reverse("reassign"), data | {"case": [ticked.ref], "seen": 2})
    assert "Đã đánh dấu 1 hồ sơ nhưng chọn chuyển cả 2" in page.content.decode()
    page = client.post(reverse("reassign"), data | {"seen": 1})
    assert "Danh sách vừa đổi, nay có 2 hồ sơ" in page.content.decode()
    assert not Reassignment.objects.exists()
    client.post(reverse("reassign"), data | {"seen": 2})
    assert set(Case.objects.filter(officer=colleague)) == {ticked, other}
