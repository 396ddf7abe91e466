"""The case page: everything about one household, for each reader what they may know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.compensation.models import Invitation
from tests.factories import (
    TODAY,
    CaseFactory,
    ObstacleFactory,
    PaymentFactory,
    PlanFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(today, client):
    user = UserFactory()
    client.force_login(user)
    client.project = ProjectFactory(officers=[user])
    return client


def page_of(case, client):
    return client.get(reverse("case", args=[case.ref])).content.decode()


def grown(project, count):
    """A case with `count` rows of everything a case may have."""
    plan = PlanFactory(case__project=project, at="approved", amount=count * 1_000)
    case = plan.case
    for number in range(count):
        PaymentFactory(plan=plan, amount_vnd=1_000)
        Invitation.objects.create(
            case=case, plan=plan, number=number + 1, on=TODAY, pay_on=TODAY, place="UBND"
        )
        TakingFactory(project=project, case=case)
        ObstacleFactory(case=case)
    return case


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_takes_fewer_than_twelve_queries_whatever_its_size(officer, count):
    case = grown(officer.project, count)
    with CaptureQueriesContext(connection) as caught:
        page = page_of(case, officer)
    assert f"{count + 1} thửa" in page
    assert len(caught) < 12, [query["sql"][:80] for query in caught]


def test_the_land_is_drawn_and_summed_by_class(officer):
    case = CaseFactory(project=officer.project, takings=2)
    page = page_of(case, officer)
    assert page.count('class="taking fill-0"') == 2
    assert "LUC 1.000,0" in page


def test_history_says_who_changed_what_and_hides_what_is_masked(officer):
    case = CaseFactory(project=officer.project)
    party = case.parties.get()
    party.name, party.id_number = "Hộ đổi tên", "912345678901"
    party.save()
    page = page_of(case, officer)
    assert "họ tên, tên tổ chức" in page
    assert "912345678901" not in page
