"""manage.py make_demo on a database: what it writes, what it refuses, what adds up."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.models import Count, F, Min, Q, Sum
from pytest_django import DjangoDbBlocker

from gpmb.accounts.models import Assignment, Role, User
from gpmb.analysis import freeze, progress
from gpmb.analysis.models import DailyDelta
from gpmb.clearance import clock
from gpmb.clearance.models import (
    STATE_FIELDS,
    Case,
    CaseEvent,
    Deployment,
    Law,
    Obstacle,
    Project,
    SiteHandover,
    Taking,
    TakingPart,
)
from gpmb.compensation import funds
from gpmb.compensation.models import Plan
from gpmb.complaints.models import Complaint
from gpmb.land.models import AdministrativeUnit, Parcel, ParcelNumber, Party
from gpmb.management.demo.ground import RESERVED
from gpmb.resettlement.models import Allocation, Plot
from tests.demo import event_log

TODAY = dt.date(2023, 6, 30)
PASSWORD = "mat-khau-minh-hoa-1"


def make(**options: object) -> str:
    out = StringIO()
    call_command("make_demo", scale=0.06, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Write the city once for the module; what a test changes is rolled back."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPMB_DEMO_PASSWORD", PASSWORD)
        said = make()
    yield said
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def demo(made: str, db: None) -> str:
    return made


def test_the_demo_stands_at_its_data_date_and_says_it_is_illustrative(demo: str) -> None:
    row = Deployment.objects.get()
    assert (row.data_date, row.illustrative) == (TODAY, True)
    assert clock.today() == TODAY
    assert not Project.objects.exclude(illustrative=True).exists()
    assert "30/06/2023" in demo
    assert PASSWORD not in demo


def test_projects_partition_on_the_data_date(demo: str) -> None:
    projects = Project.objects.with_category(on=TODAY)
    by_origin = dict(Project.objects.values_list("origin").annotate(n=Count("pk")))
    assert by_origin == {"carried_over": 21, "new": 20, "added": 3}
    by_group = [projects.filter(category_order=order).count() for order in (1, 2, 3, 4)]
    assert by_group == [6, 11, 15, 12]
    assert Project.objects.get(restricted=True).kind == "defence"


def test_every_login_works_with_the_common_password(demo: str) -> None:
    roles = {user.username: user.role for user in User.objects.all()}
    assert roles == {
        "canbo": Role.OFFICER,
        "canbo2": Role.OFFICER,
        "ketoan": Role.FINANCE,
        "donthu": Role.PETITIONS,
        "lanhdao": Role.LEADER,
        "quantri": Role.ADMINISTRATOR,
    }
    assert all(user.check_password(PASSWORD) for user in User.objects.all())


def test_each_project_has_one_officer_and_two_share_hai_hoa(demo: str) -> None:
    pairs = Assignment.objects.values_list("project__code", "user__username")
    assert len(dict(pairs)) == len(pairs) - 1 == 44
    assert {user for code, user in pairs if code == "CCN-01"} == {"canbo", "canbo2"}
    assert set(Case.objects.filter(project__code="CCN-01").values_list("officer__username")) == {
        ("canbo",)
    }
    assert {user for _, user in pairs} == {"canbo", "canbo2"}


def test_stored_state_is_what_the_log_says(demo: str) -> None:
    law = Law.read()
    for case in Case.objects.all():
        stored = [getattr(case, name) for name in STATE_FIELDS]
        case.refresh_state(law)
        assert [getattr(case, name) for name in STATE_FIELDS] == stored, case.code


def test_a_case_is_handed_over_with_its_last_living_taking(demo: str) -> None:
    waiting = Count(
        "takings",
        filter=Q(takings__handed_over_on__isnull=True, takings__withdrawn_on__isnull=True),
    )
    cases = Case.objects.annotate(waiting=waiting)
    assert cases.filter(stage=6).count() > 20
    assert not cases.filter(stage=6, waiting__gt=0).exists()
    assert not cases.filter(stage__lt=6, waiting=0).exists()


def test_sums_hold(demo: str) -> None:
    parts = TakingPart.objects.aggregate(total=Sum("area_m2"))["total"]
    assert parts == Taking.objects.aggregate(total=Sum("recovered_area_m2"))["total"]
    wrong = Taking.objects.annotate(total=Sum("parts__area_m2")).exclude(
        total=F("recovered_area_m2")
    )
    assert not wrong.exists()
    unequal = Plan.objects.annotate(total=Sum("items__amount_vnd")).exclude(total=F("total_vnd"))
    assert not unequal.exists()
    paid = Plan.objects.annotate(
        paid=Sum("payments__amount_vnd", filter=Q(payments__kind__in=("payment", "deposit")))
    )
    assert paid.filter(paid__gt=0).exists()
    assert not paid.filter(paid__gt=F("total_vnd")).exists()
    for handover in SiteHandover.objects.all():
        total = handover.takings.aggregate(total=Sum("recovered_area_m2"))["total"]
        assert handover.area_m2 == total


def test_deltas_add_up_to_the_takings(demo: str) -> None:
    rows = DailyDelta.objects.filter(on__lte=TODAY).aggregate(
        takings=Sum("takings"), area=Sum("area_m2")
    )
    living = Taking.objects.live(on=TODAY)
    assert rows["takings"] == living.count()
    assert rows["area"] == living.aggregate(total=Sum("recovered_area_m2"))["total"]


@pytest.fixture(scope="module")
def days(made: str, django_db_blocker: DjangoDbBlocker) -> list[dt.date]:
    """Every day of the demo, from the one before its first event to its data date."""
    with django_db_blocker.unblock():
        first = CaseEvent.objects.aggregate(first=Min("on"))["first"] - dt.timedelta(days=1)
    return [first + dt.timedelta(days=n) for n in range((TODAY - first).days + 1)]


def test_on_every_day_the_stored_sums_are_what_the_event_log_says(
    demo: str, days: list[dt.date]
) -> None:
    progress.refresh_deltas()
    stored = progress.as_of(days, "project", "stage", projects=keys_of())
    for measure in event_log.QUERIES:
        slow = event_log.of_every_day(measure, days[0], days[-1])
        fast = {
            (row["day"], row["project"], row["stage"]): row[measure]
            for row in stored
            if row[measure]
        }
        assert fast == slow, measure
        # The obstacles and payments of a small city begin late; everything else is there early.
        assert len({day for day, *_ in slow}) > 100, measure


def test_every_day_rebuilt_later_gives_the_same_figures(demo: str, days: list[dt.date]) -> None:
    said = freeze.build_days(days)
    assert freeze.digest(said[TODAY]) == freeze.Freeze.objects.get(on=TODAY).sha256
    first = {day: freeze.digest(rows) for day, rows in said.items()}
    assert len(set(first.values())) > 100
    for case in Case.objects.filter(stage=1, withdrawn_on=None)[:10]:
        case.advance("inventory", on=TODAY, by=None)
    progress.rebuild_deltas()
    then = {day: freeze.digest(rows) for day, rows in freeze.build_days(days).items()}
    assert [day for day in days if then[day] != first[day]] == [TODAY]


def test_a_day_asked_alone_is_what_it_is_among_many(demo: str, days: list[dt.date]) -> None:
    some = days[:: len(days) // 7]
    assert {day: freeze.build(day) for day in some} == freeze.build_days(some)


def test_the_city_stands_as_after_its_own_night(demo: str) -> None:
    short = [p for p, money in funds.by_project(keys_of(), on=TODAY).items() if money.short]
    stuck = Obstacle.objects.open(on=TODAY).filter(cause__code=funds.CAUSE, case=None)
    assert set(short) <= set(stuck.values_list("project", flat=True))
    assert short
    assert freeze.close_day(TODAY, today=TODAY)[1] is False
    assert funds.settle_obstacles(on=TODAY) == 0


def keys_of() -> list[int]:
    return list(Project.objects.values_list("pk", flat=True))


def test_deferred_checks_pass(demo: str) -> None:
    connection.check_constraints()


def test_sheets_begin_at_101_and_the_rectangle_is_empty(demo: str) -> None:
    assert {int(sheet) for sheet in ParcelNumber.objects.values_list("sheet", flat=True)} <= set(
        range(101, 999)
    )
    west, south, east, north = RESERVED
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM land_parcel WHERE boundary && ST_MakeEnvelope(%s,%s,%s,%s,5899)",
            [west, south, east, north],
        )
        assert cursor.fetchone()[0] == 0


def test_people_are_fictional(demo: str) -> None:
    assert not Party.objects.exclude(name__contains="minh họa").exists()
    # No province has code 999 and no CCCD begins with a 9.
    assert not Party.objects.exclude(id_number__startswith="999").exists()
    assert not Party.objects.exclude(phone__startswith="0000 ").exists()


def test_wards_of_2023_end_where_those_of_2025_begin(demo: str) -> None:
    units = AdministrativeUnit.objects
    assert units.valid(on=TODAY).count() == 17
    assert units.valid(on=dt.date(2025, 7, 1)).count() == 6
    old = units.get(code="06742", valid_to__isnull=False)
    assert [str(link.new) for link in old.successions.all()] == ["phường Móng Cái 1"]
    assert set(units.values_list("boundary_source", flat=True)) == {"illustrative"}


def test_a_plot_goes_to_one_case_and_never_above_its_entitlement(demo: str) -> None:
    given = Allocation.objects.values("case").annotate(n=Count("plot")).values_list("case", "n")
    entitled = dict(Case.objects.values_list("pk", "entitled_plots"))
    assert all(count <= entitled[case] for case, count in given)
    assert Plot.objects.filter(status="handed_over").count() == Allocation.objects.count()


def test_events_cannot_be_rewritten(demo: str) -> None:
    with pytest.raises(DatabaseError, match="clearance_caseevent"):
        CaseEvent.objects.update(reason="sửa")


def test_a_database_with_data_is_refused_and_says_what_to_do(demo: str) -> None:
    with pytest.raises(CommandError, match="--replace"):
        make()


def test_replace_builds_the_same_city_again(demo: str) -> None:
    def picture() -> list[object]:
        return [
            list(Case.objects.order_by("code").values_list("code", "step", "stepped_on")),
            Parcel.objects.aggregate(total=Sum("measured_area_m2"))["total"],
            Plan.objects.aggregate(total=Sum("total_vnd"))["total"],
            list(Complaint.objects.order_by("serial").values_list("serial", "received_on")),
            list(Project.objects.order_by("code").values_list("code", "ref")),
        ]

    before = picture()
    make(replace=True)
    assert picture() == before
    assert User.objects.count() == 6


def test_a_real_project_is_never_cleared(demo: str) -> None:
    Project.objects.filter(code="HT-04").update(illustrative=False)
    with pytest.raises(CommandError, match="dự án thật"):
        make(replace=True)
    assert Case.objects.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [("2999-01-01", "sau hôm nay"), ("2020-01-01", "bắt đầu từ"), ("hôm qua", "không phải ngày")],
)
def test_an_impossible_data_date_is_refused_with_the_reason(db: None, text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        make(as_of=text)


def test_a_made_up_password_is_shown_once(demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPMB_DEMO_PASSWORD", raising=False)
    shown = make(replace=True).rsplit(": ", 1)[1].strip()
    assert User.objects.get(username="lanhdao").check_password(shown)


def test_2026_has_lapsed_notices_and_its_date_stored(
    demo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPMB_DEMO_PASSWORD", PASSWORD)
    out = StringIO()
    call_command("make_demo", scale=0.2, as_of="30/06/2026", replace=True, stdout=out)
    day = dt.date(2026, 6, 30)
    assert clock.today() == day
    lapsed = Case.objects.filter(lapses_on__lte=day, stage__lt=6)
    assert lapsed.count() >= 2
    assert CaseEvent.objects.filter(on__gte=dt.date(2026, 1, 1)).exists()
    assert Decimal(Case.objects.filter(stage=6).count()) / Case.objects.count() > Decimal("0.7")
