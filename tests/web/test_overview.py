"""The leader's page: rows that add up, a list behind every figure, any day, a few queries."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from gpmb.analysis import freeze
from gpmb.clearance.models import Project, Review, SiteHandover
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    PartyFactory,
    PlanVersionFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
    walk,
)

pytestmark = pytest.mark.django_db
PAST = FIRST_DAY + dt.timedelta(days=236)


@pytest.fixture
def leader(today, client):
    user = UserFactory(leader=True)
    client.force_login(user)
    return user


@pytest.fixture
def city(leader):
    """Two groups, three projects, every stage; some handed over before PAST and some after."""
    call_command("load_reference", verbosity=0)
    first = PriorityCategoryFactory(code="mot", name="Nhóm một", order=901)
    second = PriorityCategoryFactory(code="hai", name="Nhóm hai", order=902)
    one = ProjectFactory(category=first, origin="carried_over", planned_to=dt.date(2023, 4, 1))
    two = ProjectFactory(category=first, origin="new")
    three = ProjectFactory(category=second, origin="added")
    for at in (None, "notice", "inventory", "posting", "approval", "payment", "handover"):
        CaseFactory(project=one, at=at, takings=2)
    shared = PartyFactory()
    CaseFactory(project=two, party=shared, at="approval")
    CaseFactory(project=two, party=shared, at="notice")
    early = CaseFactory(project=two, takings=3)
    walk(early, to="handover", start=FIRST_DAY - dt.timedelta(days=30))
    CaseFactory(project=three, party=PartyFactory(kind="organisation"), at="inventory")
    TakingFactory(project=three)
    ObstacleFactory(case=shared.cases.first())
    ObstacleFactory(case=None, project=three, opened_on=dt.date(2023, 6, 1))
    SiteHandover.objects.create(
        project=two,
        on=FIRST_DAY + dt.timedelta(days=220),
        area_m2=1200,
        receiver=two.investor,
        document=DocumentFactory(),
    )
    return one, two, three


def plan(projects, area, month=6, kind="issued", on=dt.date(2023, 2, 20)):
    return PlanVersionFactory(
        name=f"Kế hoạch {kind}",
        on=on,
        targets={p: {"6-ha": {dt.date(2023, month, 1): area}} for p in projects},
        decided=kind,
    )


# Figure of a row → the list behind it, and how the list is counted.
BEHIND = {
    "households": "ho",
    "organisations": "to-chuc",
    "cases": "ho-so",
    "takings": "thua",
    "handed_over_takings": "ban-giao",
    "overdue": "qua-han-luat",
    "obstacles": "vuong-mac",
}


@pytest.mark.parametrize("on", [TODAY, PAST, dt.date(2023, 6, 10), dt.date(2022, 10, 15)])
def test_every_figure_has_a_list_of_as_many_rows_on_any_day(client, city, on):
    page = client.get("/", {"on": f"{on:%d/%m/%Y}"})
    seen = 0
    for group in [*page.context["rows"], {"code": "", "row": page.context["everything"]}]:
        row, asked = group["row"], {"on": on.isoformat(), "category": group["code"]}

        def count(what, asked=asked, **more):
            answer = client.get(reverse("behind", args=[what]), asked | more)
            return answer.context["page"].paginator.count

        for name, what in BEHIND.items():
            assert count(what) == getattr(row.figures, name), (group["code"], name)
            seen += getattr(row.figures, name)
        assert count("du-an") == count("tien") == row.projects
        assert count("cham-ke-hoach") == row.plan_late
        for origin, number in zip(Project.Origin.values, row.origins, strict=True):
            assert count("du-an", origin=origin) == number
    assert seen > 40


@pytest.mark.parametrize(("since", "on"), [(PAST, TODAY), (dt.date(2022, 10, 15), PAST)])
def test_a_change_opens_what_moved_and_adds_up_to_it(client, city, since, on):
    asked = {"on": on.isoformat(), "since": since.isoformat()}
    page = client.get("/", asked)
    change = page.context["everything"].change
    assert f"since={since.isoformat()}" in page.content.decode()

    def column(what, at, **more):
        answer = client.get(reverse("behind", args=[what]), asked | more)
        return [row[at][0] for row in answer.context["rows"]]

    late = column("qua-han-thay-doi", 3)
    assert late.count("mới quá hạn") - late.count("hết quá hạn") == change.overdue
    households = column("ho-thay-doi", 3)
    done, undone = (households.count(words) for words in ("bàn giao xong", "không còn xong"))
    assert done - undone == change.done_households
    stuck = column("vuong-mac-thay-doi", 4)
    assert stuck.count("mới phát sinh") - stuck.count("đã gỡ") == change.obstacles
    area = sum(Decimal(v.replace(".", "").replace(",", ".")) for v in column("ban-giao", -2))
    assert area == change.handed_over_m2
    for group in page.context["rows"]:
        area = sum(
            Decimal(v.replace(".", "").replace(",", "."))
            for v in column("ban-giao", -2, category=group["code"])
        )
        assert area == group["row"].change.handed_over_m2
    seen = change.handed_over_m2, *late, *stuck, *households
    assert len(seen) > 1


def test_money_that_moved_opens_by_project(client, city):
    asked = {"on": TODAY.isoformat(), "since": "2022-10-15"}
    change = client.get("/", asked).context["everything"].change
    rows = client.get(reverse("behind", args=["tien-thay-doi"]), asked).context["rows"]
    for at, name in ((2, "approved_vnd"), (3, "paid_vnd")):
        told = sum(Decimal(r[at][0].replace(".", "").replace(",", ".")) for r in rows)
        assert told == getattr(change, name) / 1_000_000


def test_the_areas_of_a_list_add_up_to_its_figure(client, city):
    page = client.get("/")
    figures = page.context["everything"].figures
    lists = {
        "thua": (figures.area_m2, -2),
        "ban-giao": (figures.handed_over_m2, -2),
        "ban-giao-chu-dau-tu": (figures.investor_m2, -1),
    }
    for what, (area, column) in lists.items():
        rows = client.get(reverse("behind", args=[what])).context["rows"]
        told = sum(Decimal(r[column][0].replace(".", "").replace(",", ".")) for r in rows)
        assert told == area > 0, what


def test_groups_and_origins_add_up_to_the_city(client, city):
    page = client.get("/")
    rows = [group["row"] for group in page.context["rows"]]
    everything = page.context["everything"]
    assert everything.projects == 3
    assert everything.origins == (1, 1, 1)
    for row in rows:
        assert sum(row.origins) == row.projects
    for name in ("cases", "takings", "households", "organisations", "area_m2", "investor_m2"):
        assert sum(getattr(row.figures, name) for row in rows) == getattr(everything.figures, name)


def test_households_cases_and_parcels_are_three_counts(client, city):
    figures = client.get("/").context["everything"].figures
    # Two cases of one household; a taking without a case; an organisation.
    assert (figures.households, figures.organisations) == (9, 1)
    assert (figures.cases, figures.takings) == (11, 21)


def test_a_city_without_data_says_so(client, leader):
    page = client.get("/").content.decode()
    assert "chưa có dữ liệu" in page
    assert not re.search(r">\s*(0|100)%", page)
    assert "Chưa có kế hoạch năm 2023" in page


def stir(*projects):
    """Something happens in June, so that the data are fresh."""
    for project in projects:
        project.cases.filter(stage=1).get().advance("inventory", on=dt.date(2023, 6, 15), by=None)


def test_behind_the_plan_is_said_in_points_with_its_light(client, city):
    one, two, _ = city
    plan([one, two], 2500)
    stir(one, two)
    page = client.get("/")
    group = next(g["row"] for g in page.context["rows"] if g["code"] == "mot")
    # 2.500 of 7.000 + 2.500 m² recovered by plan, 2.500 handed over.
    assert group.figures.handed_over_m2 == 2500
    assert group.planned_share == Decimal(5000) / Decimal(9500)
    assert group.verdict.words == "chậm 26 điểm"
    assert group.verdict.light == "danger"
    assert "chậm 26 điểm" in page.content.decode()
    other = next(g["row"] for g in page.context["rows"] if g["code"] == "hai")
    assert other.verdict.words == "chưa có chỉ tiêu"
    assert other.verdict.light == "unknown"


def test_a_light_is_grey_when_nothing_moved_for_long(client, city):
    one, two, _ = city
    plan([one, two], 2500)
    stir(one, two)
    group = next(g["row"] for g in client.get("/").context["rows"] if g["code"] == "mot")
    assert group.verdict.light == "danger"
    deployment(dt.date(2023, 9, 30))
    group = next(g["row"] for g in client.get("/").context["rows"] if g["code"] == "mot")
    assert group.verdict.light == "unknown"
    assert "số liệu cũ" in group.verdict.words


def test_the_first_plan_is_kept_when_the_plan_is_revised(client, city):
    plan(city, 3000, kind="draft", on=dt.date(2023, 1, 16))
    plan(city, 2000, kind="issued", on=dt.date(2023, 2, 20))
    plan(city, 1000, kind="issued", on=dt.date(2023, 5, 20))
    june = next(r for r in client.get("/").context["curve_table"] if r["on"] == TODAY)
    assert (june["plan"], june["baseline"]) == (3000, 6000)
    april = client.get("/", {"on": "30/04/2023"}).context["plan"]
    assert (april.on, april.baseline) == (dt.date(2023, 2, 20), {})


def test_since_the_last_review_is_told_in_words(client, city):
    Review.objects.create(on=dt.date(2023, 4, 20), title="Giao ban tháng 4")
    page = client.get("/")
    assert page.context["days"].since == dt.date(2023, 4, 20)
    assert page.context["everything"].change.handed_over_takings == 2
    assert "2 thửa, 0,10 ha" in page.content.decode()
    behind = client.get(reverse("behind", args=["ban-giao"]), {"since": "2023-04-20"})
    assert behind.context["page"].paginator.count == 2


def test_a_late_entry_shows_what_was_known_then_and_what_is_known_now(client, city):
    row, new = freeze.take(PAST)
    assert new
    page = client.get("/", {"on": PAST.isoformat()})
    assert page.context["frozen"].differences == ()
    assert "Trùng với số đã chốt" in page.content.decode()
    late = city[1].cases.filter(stage=1).get()
    late.advance("inventory", on=PAST - dt.timedelta(days=1), by=None)
    partly = city[0].cases.filter(stage=5).get()
    partly.advance("handover", on=PAST, by=None)
    page = client.get("/", {"on": PAST.isoformat()})
    told = {d.name: (d.then, d.now) for d in page.context["frozen"].differences}
    assert told["handed_over_takings"] == ("3", "5")
    assert "khi chốt 3, nay tính lại 5" in page.content.decode()
    assert freeze.intact(row)
    # Tests write today, so every event of that day came in later than the day itself.
    rows = client.get(reverse("behind", args=["ghi-sau"]), {"on": PAST.isoformat()})
    assert rows.context["page"].paginator.count == page.context["later"] > 0


def test_the_page_asks_less_than_fifteen_times(client, city):
    plan(city, 2000)
    Review.objects.create(on=dt.date(2023, 5, 20), title="Giao ban tháng 5")
    client.get("/")
    with CaptureQueriesContext(connection) as caught:
        client.get("/")
    assert len(caught) < 15, [q["sql"][:90] for q in caught]


def test_restricted_projects_are_counted_for_the_cleared_alone(client, city):
    CaseFactory(project=ProjectFactory(restricted=True), takings=2)
    before = client.get("/")
    assert before.context["everything"].projects == 3
    assert "Chưa gồm 1 dự án hạn chế" in before.content.decode()
    for what in ("du-an", "ho-so", "thua", "ho"):
        assert (
            client.get(reverse("behind", args=[what])).context["page"].paginator.count
            == {
                "du-an": 3,
                "ho-so": 11,
                "thua": 21,
                "ho": 9,
            }[what]
        )
    client.force_login(UserFactory(leader=True, cleared=True))
    assert client.get("/").context["everything"].projects == 4


def test_a_list_behind_a_figure_names_no_household(client, city):
    name = city[0].cases.first().parties.first().name
    for what in ("ho", "ho-so", "thua", "tien", "vuong-mac"):
        assert name not in client.get(reverse("behind", args=[what])).content.decode()


@pytest.mark.parametrize("role", ["viewer", "officer", "finance", "petitions"])
def test_files_are_linked_for_those_who_may_open_them(client, city, role):
    client.force_login(UserFactory(role=role))
    page = client.get(reverse("behind", args=["ho-so"])).content.decode()
    assert ('href="/ho-so/' in page.split("<tbody>")[1]) == (role == "finance")


def test_an_unknown_list_is_not_found(client, leader):
    assert client.get(reverse("behind", args=["khong-co"])).status_code == 404


def test_figures_of_a_groups_projects_open_their_lists(client, city):
    category = next(row["code"] for row in client.get("/").context["rows"] if row["row"].projects)
    page = client.get(reverse("group", args=[category]))
    line = page.context["rows"][0]
    code, figures = line["project"].code, line["row"].figures
    for what, number in (("ho", figures.households), ("ho-so", figures.cases)):
        assert number, "the list has something to show"
        query = "&".join(filter(None, [page.context["at"], f"project={code}"]))
        address = f"{reverse('behind', args=[what])}?{query}"
        assert escape(address) in page.content.decode()
        rows = client.get(address).context["page"].paginator.count
        assert rows == number
