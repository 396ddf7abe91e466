"""/van-dong/: talks recorded by officers; a persuasion moves the case in the same act."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.clearance.models import Case, Outreach, Training, never_met
from gpmb.papers.models import Attachment
from tests.factories import TODAY, CaseFactory, DocumentFactory, ProjectFactory, UserFactory
from tests.papers import samples
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db


def login(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, *cases, **fields):
    data = {
        "project": cases[0].project_id,
        "codes": ", ".join(case.code for case in cases),
        "kind": "explain",
        "form": "visit",
        "on": "15/06/2023",
        "participants": ["ward", "front"],
        "explained": "Giải thích đơn giá bồi thường",
        "answer": "condition",
        "note": "đề nghị đo lại",
    }
    return client.post(reverse("outreach_new"), data | fields)


def answer_all(client: Client, talk: Outreach, answer: str):
    rows = talk.households.order_by("pk")
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows)}
    for at, row in enumerate(rows):
        data |= {f"form-{at}-id": row.pk, f"form-{at}-answer": answer, f"form-{at}-note": "hẹn"}
    return client.post(reverse("outreach_answers", args=[talk.ref]), data)


def record(case, **fields) -> Outreach:
    talk = Outreach(
        project=case.project, on=TODAY, participants=["ward"], explained="đơn giá", **fields
    )
    return Outreach.record(talk, {case: ("agrees", "")}, by=None)


@pytest.fixture
def officer(today):
    return UserFactory()


@pytest.fixture
def case(officer):
    return CaseFactory(project=ProjectFactory(officers=[officer]), at="notice")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_record_cancel_and_attach_whose(today, role):
    users = {each: UserFactory(role=each) for each in ROLES}
    client = login(users[role])
    told = dict.fromkeys(
        ("read", "listed", "record", "answer", "cancel", "minutes", "never met"), ""
    )
    for whose in WHOSE:
        mine = [users["officer"]] if whose == "own" else [UserFactory()]
        case = CaseFactory(project=ProjectFactory(officers=mine), at="notice")
        other = CaseFactory(project=case.project, at="notice")
        talk = record(case)
        kept = Attachment.attach(samples.PDF, "bb.pdf", to=talk, by=None)
        page = client.get(reverse("outreach_page", args=[talk.ref]))
        told["read"] += "o" if page.status_code == 200 else "-"
        listed = client.get(reverse("outreach"))
        shown = listed.status_code == 200 and talk in listed.context["page"].object_list
        told["listed"] += "o" if shown else "-"
        missing = client.get(reverse("never_met"), {"project": case.project.code})
        shown = missing.status_code == 200 and other.code in missing.content.decode()
        told["never met"] += "o" if shown else "-"
        answer = client.get(reverse("attachment", args=[kept.ref]))
        told["minutes"] += "o" if answer.status_code == 200 else "-"
        send(client, case)
        told["record"] += "o" if case.project.outreach.count() == 2 else "-"
        answer_all(client, talk, "refuses")
        told["answer"] += "o" if talk.households.get().answer == "refuses" else "-"
        client.post(reverse("outreach_cancel", args=[talk.ref]), {"reason": "ghi nhầm"})
        talk.refresh_from_db()
        told["cancel"] += "o" if talk.cancelled_at else "-"
    reads = {"officer": "o--", "finance": "ooo", "leader": "ooo", "administrator": "ooo"}
    works = {"officer": "o--"}
    assert told == {
        "read": reads.get(role, "---"),
        "listed": reads.get(role, "---"),
        "never met": reads.get(role, "---"),
        "minutes": (reads | {"leader": "---"}).get(role, "---"),
        "record": works.get(role, "---"),
        "answer": works.get(role, "---"),
        "cancel": works.get(role, "---"),
    }


def test_a_talk_with_several_households(officer, case):
    other = CaseFactory(project=case.project, at="notice")
    answer = send(login(officer), case, other)
    talk = Outreach.objects.get()
    assert answer["Location"] == reverse("outreach_page", args=[talk.ref])
    assert {row.case for row in talk.households.all()} == {case, other}
    page = login(officer).get(reverse("case", args=[case.ref])).content.decode()
    assert "Giải thích đơn giá bồi thường" in page
    assert "đề nghị đo lại" in page


def test_a_persuasion_moves_the_case(officer, case):
    send(login(officer), case, kind="persuade_inventory", number="05/BB-VĐ")
    case.refresh_from_db()
    assert case.step == "persuasion_inventory"


def test_a_persuasion_without_a_paper_is_refused(officer, case):
    page = send(login(officer), case, kind="persuade_inventory").content.decode()
    assert "phải có số biên bản" in page
    assert "Giải thích đơn giá bồi thường" in page, "nothing typed is lost"


def test_a_persuasion_the_law_refuses_says_why(officer, case):
    data = {"kind": "persuade_handover", "number": "05/BB-VĐ"}
    page = send(login(officer), case, **data).content.decode()
    assert f"Hồ sơ {case.code}: Chưa thể ghi bước" in page
    assert not Outreach.objects.exists()


def test_a_persuasion_recorded_as_a_step_is_a_talk_too(officer, case):
    data = {
        "step": "persuasion_inventory",
        "on": "15/06/2023",
        "number": "05/BB-VĐ",
        "note": "hộ không cho đo",
        "version": case.version,
    }
    login(officer).post(reverse("case_advance", args=[case.ref]), data)
    talk = Outreach.objects.get()
    assert (talk.kind, talk.explained) == ("persuade_inventory", "hộ không cho đo")
    row = talk.households.get()
    assert (row.event.step, row.answer) == ("persuasion_inventory", "unrecorded")
    page = login(officer).get(reverse("outreach_page", args=[talk.ref])).content.decode()
    assert "1 hộ chưa ghi ý kiến" in page
    assert case in never_met(Case.objects.all())
    answer_all(login(officer), talk, "agrees")
    assert case not in never_met(Case.objects.all())


def test_a_persuasion_about_the_plan_noted_as_an_act_is_a_talk_too(officer, case):
    data = {"kind": "persuasion_plan", "on": "20/06/2023", "version": case.version}
    address = reverse("act_note", args=[case.ref])
    refused = login(officer).post(address, data).content.decode()
    assert "phải có số biên bản" in refused
    assert not Outreach.objects.exists()
    login(officer).post(address, data | {"number": "07/BB-VĐ", "note": "hộ chưa đồng ý giá"})
    talk = Outreach.objects.get()
    assert (talk.kind, talk.explained) == ("persuade_plan", "hộ chưa đồng ý giá")
    assert talk.households.get().act.kind == "persuasion_plan"


def test_an_unknown_code_is_named(officer, case):
    page = send(login(officer), case, codes=f"{case.code}, HS-KHONG").content.decode()
    assert "không có hồ sơ: HS-KHONG" in page


def test_a_household_once_met_leaves_the_list_of_the_unmet(officer, case):
    client = login(officer)
    assert case.code in client.get(reverse("never_met")).content.decode()
    send(client, case)
    assert case.code not in client.get(reverse("never_met")).content.decode()


def test_an_appointment_that_is_due_is_found(officer, case):
    record(case, next_step="Gặp lại", next_on=TODAY)
    record(case)
    page = login(officer).get(reverse("outreach"), {"state": "due"})
    assert page.context["page"].paginator.count == 1


@pytest.mark.parametrize(
    ("role", "opens", "adds"),
    [
        ("officer", True, True),
        ("administrator", True, True),
        ("leader", True, False),
        ("viewer", False, False),
        ("petitions", False, False),
    ],
)
def test_trainings_are_a_simple_list(today, role, opens, adds):
    user = UserFactory(role=role)
    ProjectFactory(officers=[user])
    client = login(user)
    data = {"on": "01/06/2023", "topic": "Tập huấn Luật Đất đai", "people_count": 40}
    client.post(reverse("trainings"), data)
    assert Training.objects.exists() is adds
    assert (client.get(reverse("trainings")).status_code == 200) is opens


def test_the_lists_ask_the_same_for_3_and_30_rows(officer, case):
    client, counts = login(officer), {}
    for number in (3, 27):
        for _ in range(number):
            record(CaseFactory(project=case.project, takings=0))
            CaseFactory(project=case.project, at="notice", takings=0)
            Training.objects.create(on=TODAY, topic="x", people_count=1)
        for name in ("outreach", "never_met", "trainings"):
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse(name))
            counts.setdefault(name, []).append(len(asked))
    assert all(few == many for few, many in counts.values()), counts


def test_minutes_are_attached_on_the_page_of_the_talk(officer, case):
    talk = record(case, kind="persuade_plan", document=DocumentFactory())
    Attachment.attach(samples.PDF, "biên bản.pdf", to=talk, by=officer)
    client = login(officer)
    assert "biên bản.pdf" in client.get(reverse("outreach_page", args=[talk.ref])).content.decode()
    assert "biên bản.pdf" in client.get(reverse("case", args=[case.ref])).content.decode()
