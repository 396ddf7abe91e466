"""/giao-van-ban/: which paper reached whom; delivered by officers of the project alone."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.land.models import Service
from tests.factories import (
    FIRST_DAY,
    CaseFactory,
    DocumentFactory,
    ProjectFactory,
    UserFactory,
)
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db
ON = {"on": "05/09/2022", "manner": "signed", "evidence": ""}


def login(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def noticed(project, number: int = 1):
    """Cases under one notice."""
    paper = DocumentFactory(kind="notice", signed_on=FIRST_DAY)
    cases = [CaseFactory(project=project, takings=0) for _ in range(number)]
    for case in cases:
        case.advance("notice", on=FIRST_DAY, by=None, document=paper)
    return paper, cases


@pytest.fixture
def officer(today):
    return UserFactory()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_serve_void_and_redate_whose(today, role):
    users = {each: UserFactory(role=each) for each in ROLES}
    client = login(users[role])
    told = dict.fromkeys(("listed", "serve", "serve in case", "void", "dates"), "")
    for whose in WHOSE:
        mine = [users["officer"]] if whose == "own" else [UserFactory()]
        project = ProjectFactory(officers=mine)
        paper, (first, second) = noticed(project, 2)
        listed = client.get(reverse("services"))
        told["listed"] += "o" if paper.number in listed.content.decode() else "-"
        data = ON | {"parties": [first.parties.get().pk]}
        client.post(reverse("serve", args=[paper.ref]), data)
        told["serve"] += "o" if paper.services.count() == 1 else "-"
        paper.services.all().delete()
        data = ON | {"paper": paper_ref(paper), "parties": [str(second.parties.get().ref)]}
        client.post(reverse("serve_in_case", args=[second.ref]), data)
        told["serve in case"] += "o" if paper.services.count() == 1 else "-"
        paper.services.all().delete()
        row = Service.objects.create(
            document=paper, party=first.parties.get(), on=FIRST_DAY, manner="signed"
        )
        client.post(reverse("service_void", args=[row.ref]), {"reason": "ghi nhầm"})
        row.refresh_from_db()
        told["void"] += "o" if row.voided_at else "-"
        dates = {"signed_on": "01/09/2022", "effective_on": "10/09/2022"}
        client.post(reverse("document_dates", args=[paper.ref]), dates)
        paper.refresh_from_db()
        told["dates"] += "o" if paper.effective_on else "-"
    works = {"officer": "o--"}.get(role, "---")
    reads = {"officer": "o--", "finance": "ooo", "administrator": "ooo"}.get(role, "---")
    assert told == {
        "listed": reads,
        **dict.fromkeys(("serve", "serve in case", "void", "dates"), works),
    }


def paper_ref(paper) -> str:
    return str(paper.ref)


def test_the_list_says_who_is_still_waiting(officer):
    paper, cases = noticed(ProjectFactory(officers=[officer]), 3)
    Service.objects.create(
        document=paper, party=cases[0].parties.get(), on=FIRST_DAY, manner="posted"
    )
    client = login(officer)
    (row,) = client.get(reverse("services")).context["rows"]
    assert (row["held"], row["reached"], row["waiting"]) == (3, 1, 2)
    assert client.get(reverse("services"), {"state": "served"}).context["rows"] == []


def test_many_holders_are_served_at_once_and_the_clock_moves(officer):
    paper, cases = noticed(ProjectFactory(officers=[officer]), 2)
    data = ON | {"parties": [case.parties.get().pk for case in cases], "manner": "posted"}
    page = login(officer).post(reverse("serve", args=[paper.ref]), data, follow=True)
    assert "Đã ghi giao văn bản cho 2 người" in page.content.decode()
    for case in cases:
        case.refresh_from_db()
        assert case.notice_served_on == dt.date(2022, 9, 5)


def test_a_refusal_without_a_record_says_what_to_do(officer):
    paper, (case,) = noticed(ProjectFactory(officers=[officer]))
    data = ON | {"parties": [case.parties.get().pk], "manner": "refused"}
    page = login(officer).post(reverse("serve", args=[paper.ref]), data).content.decode()
    assert "Ghi số biên bản" in page
    assert not Service.objects.exists()


def test_the_case_page_shows_its_deliveries_to_those_who_know_the_household(officer):
    paper, (case,) = noticed(ProjectFactory(officers=[officer]))
    Service.objects.create(
        document=paper,
        party=case.parties.get(),
        on=FIRST_DAY,
        manner="absent",
        evidence="77/BB-UBND",
    )
    page = reverse("case", args=[case.ref])
    assert "77/BB-UBND" in login(officer).get(page).content.decode()
    assert "77/BB-UBND" not in login(UserFactory(leader=True)).get(page).content.decode()


def test_the_list_asks_the_same_for_3_and_30_rows(officer):
    project = ProjectFactory(officers=[officer])
    client, counts = login(officer), []
    for number in (3, 27):
        for _ in range(number):
            noticed(project)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("services"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
