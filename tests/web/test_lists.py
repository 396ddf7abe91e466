"""Lists and pages: sums that add up, filters in the address, a constant number of queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.analysis import figures
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    ParcelFactory,
    PaymentFactory,
    PlanFactory,
    PriorityCategoryFactory,
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


def pay(case, amount=1_000_000):
    """A payment of the whole approved plan of a case that walked its steps already."""
    plan = PlanFactory(case=case, amount=amount)
    for status, step in (("posted", "posting"), ("appraised", "appraisal")):
        plan.move(status, on=case.events.get(step=step).on, by=None)
    plan.move("approved", on=case.approval_on, by=None, document=DocumentFactory())
    return PaymentFactory(plan=plan, on=case.paid_on, approved=True)


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def grow(project, count):
    for number in range(count):
        case = CaseFactory(project=project, at="notice" if number % 2 else None)
        ObstacleFactory(case=case)


@pytest.mark.parametrize("name", ["overview", "projects", "cases"])
def test_a_list_asks_as_often_for_30_rows_as_for_3(client, officer, name):
    for _ in range(3):
        grow(ProjectFactory(officers=[officer]), 1)
    client.get(reverse(name))
    few = queries(client, reverse(name))
    for _ in range(27):
        grow(ProjectFactory(officers=[officer]), 1)
    client.get(reverse(name))  # the first look after a change brings the stored sums up to date
    assert queries(client, reverse(name)) == few <= 20


def test_a_project_page_asks_as_often_for_30_cases_as_for_3(client, officer):
    project = ProjectFactory(officers=[officer])
    grow(project, 3)
    address = reverse("project", args=[project.ref])
    client.get(address)
    few = queries(client, address)
    grow(project, 27)
    client.get(address)
    assert queries(client, address) == few <= 32


def test_a_case_page_asks_as_often_for_12_takings_as_for_1(client, officer):
    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, at="payment", takings=1)
    pay(case)
    address = reverse("case", args=[case.ref])
    client.get(address)
    few = queries(client, address)
    for _ in range(11):
        TakingFactory(project=project, case=case)
    assert queries(client, address) == few


def test_the_search_asks_as_often_for_16_results_as_for_8(client, officer):
    """A count is asked for only where there is more than is shown: two questions, once."""
    project = ProjectFactory(officers=[officer], name="Đường thử")
    address = reverse("search") + "?q=tim"
    asked = []
    for group, many in enumerate((1, 7, 8)):
        for number in range(many):
            code = f"TIM-{group}{number}"
            CaseFactory(project=project, code=code, party__name="Hộ Tìm Kiếm")
        client.get(address)
        asked.append(queries(client, address))
    one, eight, sixteen = asked
    assert sixteen == eight <= one + 2


def test_figures_by_project_add_up_to_the_database(officer):
    first, second = ProjectFactory(), ProjectFactory()
    paid = CaseFactory(project=first, at="payment", takings=2)
    pay(paid, 2_500_000)
    CaseFactory(project=first, at="handover")
    CaseFactory(project=second, at="notice", takings=3)
    TakingFactory(project=second)
    numbers = figures.by_project(officer, on=TODAY)
    total = figures.total(numbers.values())
    assert (total.cases, total.takings, total.area_m2) == (3, 7, Decimal(7 * 500))
    assert numbers[first.pk].handed_over_m2 == Decimal(500)
    assert numbers[first.pk].handed_over_share == Decimal(500) / Decimal(1500)
    assert (total.approved_vnd, total.paid_vnd) == (2_500_000, 2_500_000)
    assert total.stages == (0, 1, 0, 0, 0, 1, 1)
    assert sum(total.stages) == total.cases


def test_a_project_without_land_has_no_share_handed_over(officer):
    project = ProjectFactory()
    assert figures.by_project(officer, on=TODAY)[project.pk].handed_over_share is None


def test_the_project_list_filters_and_its_total_follows(client, officer):
    group = PriorityCategoryFactory(code="mot", name="Nhóm một", order=901)
    CaseFactory(project=ProjectFactory(category=group, name="Cụm công nghiệp Hải Hòa"))
    CaseFactory(project=ProjectFactory(name="Kè sông"), takings=2)
    for asked in ({"category": "mot"}, {"q": "hai hoa"}):
        page = client.get(reverse("projects"), asked)
        assert [row["project"].name for row in page.context["rows"]] == ["Cụm công nghiệp Hải Hòa"]
        assert page.context["total"].area_m2 == 500
    page = client.get(reverse("projects"), {"sort": "-area"})
    assert next(row["project"].name for row in page.context["rows"]) == "Kè sông"
    assert "Không có dự án nào" in client.get(reverse("projects"), {"q": "zzz"}).content.decode()


def test_the_case_list_filters_by_stage_ward_state_and_parcel(client, officer):
    ward = AdministrativeUnitFactory(code="06742")
    project = ProjectFactory(officers=[officer])
    noticed = CaseFactory(project=project, at="notice", takings=0)
    TakingFactory(project=project, case=noticed, parcel=ParcelFactory(unit=ward, number="05/085"))
    stuck = CaseFactory(project=project)
    ObstacleFactory(case=stuck)

    def listed(**asked):
        return [row["case"] for row in client.get(reverse("cases"), asked).context["rows"]]

    assert listed(stage=1) == [noticed]
    assert listed(unit="06742") == [noticed]
    assert listed(q="5/85") == [noticed]
    assert listed(state="obstacle") == [stuck]
    assert listed(project=project.code) == [noticed, stuck]


def test_a_withdrawn_case_is_not_counted(client, officer):
    case = CaseFactory(withdrawn_on=TODAY, withdrawn_reason="ngoài ranh giới")
    assert figures.by_project(officer, on=TODAY)[case.project.pk].cases == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hai hoa", "Dự án"),
        ("CỤM công nghiệp", "Dự án"),
        ("hh-00", "Hồ sơ"),
        ("nguyen van thu", "Hộ"),
        ("5/85", "Thửa đất"),
        ("tờ 5 thửa 85", "Thửa đất"),
        ("ka long", "Xã, phường"),
    ],
)
def test_the_search_finds_without_diacritics(client, officer, text, kind):
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    ward = AdministrativeUnitFactory(name="Ka Long")
    case = CaseFactory(project=project, code="HH-001", takings=0, party__name="Nguyễn Văn Thử")
    TakingFactory(project=project, case=case, parcel=ParcelFactory(unit=ward, number="5/85"))
    found = client.get(reverse("search"), {"q": text, "format": "json"}).json()["results"]
    assert kind in {row["kind"] for row in found}
    for row in found:
        assert client.get(row["url"]).status_code in (200, 302)


def test_the_search_says_what_to_try_when_it_finds_nothing(client, officer):
    page = client.get(reverse("search"), {"q": "không có đâu"})
    assert "không cần gõ dấu" in page.content.decode()


@pytest.mark.parametrize(
    "query", ["state=typo", "stage=9", "project=KHONG-CO", "officer=da-nghi", "unit=99999"]
)
def test_a_condition_nobody_knows_lists_nothing_and_says_so(client, officer, query):
    CaseFactory(project=ProjectFactory(officers=[officer]))
    page = client.get(f"{reverse('cases')}?{query}")
    text = page.content.decode()
    assert page.context["page"].paginator.count == 0
    assert f"“{query.split('=')[1]}”" in text
    assert "nên danh sách để trống" in text
    assert "khớp bộ lọc" not in text.split("nên danh sách")[0]


def test_a_ward_whose_code_was_used_before_still_filters(client, officer):
    old = AdministrativeUnitFactory(code="06709", valid_from="1999-01-01", valid_to="2020-12-31")
    new = AdministrativeUnitFactory(code="06709", valid_from="2021-01-01")
    for unit in (old, new):
        parcel = ParcelFactory(unit=unit)
        case = CaseFactory(takings=0)
        TakingFactory(project=case.project, case=case, parcel=parcel)
    CaseFactory()
    page = client.get(f"{reverse('cases')}?unit=06709")
    assert page.context["page"].paginator.count == 2
    assert client.get(f"{reverse('projects')}?unit=06709").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/ban-do/?stage=" + "9" * 5000, "/ban-do/?on=0001-01-01", "/so-lieu/ho/?stage=" + "9" * 5000],
)
def test_a_number_or_day_without_end_counts_as_absent(client, officer, address):
    assert client.get(address).status_code < 500


def test_an_address_with_a_nul_in_it_is_not_found(client, officer):
    assert client.get("/ban-do/?project=%00").status_code == 404
    assert client.get(f"{reverse('search')}?q=a%00").status_code == 404
