"""What was typed is never lost and never saved twice: the server's half of drafts.js."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from gpmb.accounts.models import Submission
from gpmb.clearance.models import CaseEvent, Obstacle
from tests.factories import (
    PASSWORD,
    CaseFactory,
    ObstacleCauseFactory,
    ProjectFactory,
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
    return CaseFactory(project=ProjectFactory(officers=[officer]), at="notice")


def obstacle(key=None, **fields):
    form = {"cause": ObstacleCauseFactory().pk, "opened_on": "10/06/2023"} | fields
    return form | ({"draft_key": key} if key else {})


def saved(client, key):
    return client.get(reverse("draft_saved", args=[key])).json()["saved"]


def test_a_form_sent_again_under_its_key_is_not_saved_again(client, case):
    key = str(uuid.uuid4())
    address = reverse("obstacle_add", args=[case.ref])
    assert not saved(client, key)
    first = client.post(address, obstacle(key))
    assert first["Draft-Saved"] == "1"
    page = reverse("case", args=[case.ref])
    again = client.post(address, obstacle(key, draft_page=page), follow=True)
    assert Obstacle.objects.count() == 1
    assert again.redirect_chain == [(page, 302)]
    assert "không ghi lần thứ hai" in again.content.decode()
    assert saved(client, key)


def test_forms_without_a_key_or_with_another_are_saved_each(client, case):
    address = reverse("obstacle_add", args=[case.ref])
    for key in (None, None, str(uuid.uuid4()), str(uuid.uuid4())):
        client.post(address, obstacle(key))
    client.post(address, obstacle("not a key"))
    assert Obstacle.objects.count() == 5


def test_a_form_with_a_mistake_keeps_its_key_for_the_next_try(client, case):
    key = str(uuid.uuid4())
    address = reverse("obstacle_add", args=[case.ref])
    wrong = client.post(address, obstacle(key, opened_on="6/31/2023"))
    assert "Draft-Saved" not in wrong
    assert not saved(client, key)
    client.post(address, obstacle(key))
    assert (Obstacle.objects.count(), saved(client, key)) == (1, True)


def test_what_is_refused_as_unknown_leaves_no_key(client, case):
    key = str(uuid.uuid4())
    client.force_login(UserFactory())
    assert client.post(reverse("obstacle_add", args=[case.ref]), obstacle(key)).status_code == 404
    assert not Submission.objects.exists()


def test_one_persons_key_says_nothing_to_another(client, case):
    key = str(uuid.uuid4())
    client.post(reverse("obstacle_add", args=[case.ref]), obstacle(key))
    client.force_login(UserFactory())
    assert not saved(client, key)


def test_a_step_on_the_map_is_saved_once_however_often_it_is_sent(client, case):
    key = str(uuid.uuid4())
    taking = case.takings.get()
    step = {"step": "inventory", "on": "05/06/2023", "number": "1/BB", "version": case.version}
    address = reverse("advance", args=[taking.ref])
    htmx = {"HX-Request": "true"}
    first = client.post(address, step | {"draft_key": key}, headers=htmx)
    again = client.post(address, step | {"draft_key": key}, headers=htmx)
    assert first["Draft-Saved"] == again["Draft-Saved"] == "1"
    assert again["HX-Redirect"] == "/"
    assert CaseEvent.objects.filter(case=case, step="inventory").count() == 1


def test_a_form_whose_session_ended_leads_through_the_login_to_its_page(client, officer, case):
    client.logout()
    page = reverse("case", args=[case.ref])
    answer = client.post(reverse("obstacle_add", args=[case.ref]), obstacle(draft_page=page))
    assert answer.status_code == 302
    login = answer["Location"]
    assert login.startswith(reverse("account_login"))
    form = {"login": officer.username, "password": PASSWORD, "next": page}
    assert page in client.get(login).content.decode()
    assert client.post(login, form)["Location"] == page


@pytest.mark.parametrize(
    ("said", "referrer", "page"),
    [
        ("/ho-so/?q=x", "", "/ho-so/?q=x"),
        ("", "http://testserver/ban-do/?on=2023-01-01", "/ban-do/?on=2023-01-01"),
        ("https://example.com/lay-het", "https://example.com/", "/"),
    ],
)
def test_the_way_back_never_leaves_the_site(client, today, said, referrer, page):
    answer = client.post(
        reverse("filter_save"), {"draft_page": said}, headers={"Referer": referrer}
    )
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [page]


def test_the_address_of_a_form_asked_by_itself_leads_to_its_page(client, officer, case):
    answer = client.get(reverse("case_advance", args=[case.ref]))
    assert (answer.status_code, answer.url) == (302, reverse("case", args=[case.ref]))
    assert client.get(reverse("bulk_choose")).url == reverse("bulk_runs")
    assert client.get(reverse("filter_save")).url == "/"
