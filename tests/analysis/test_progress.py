"""The sum of the daily deltas up to a day is what the event log says of that day."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from gpmb.analysis import behind, progress
from gpmb.analysis.models import DailyDelta
from gpmb.clearance.models import (
    Case,
    CaseEvent,
    CaseParty,
    Law,
    Obstacle,
    Project,
    SiteHandover,
    Taking,
    as_law,
)
from gpmb.law import steps
from gpmb.law.deadlines import next_due
from tests.factories import (
    FIRST_DAY,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    PartyFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def stage_on(case: Case | None, on: dt.date) -> int:
    """Read the log the slow way."""
    log = [] if case is None else case.events.living().filter(on__lte=on, taking=None)
    return max((steps.step(event.step).stage for event in log), default=0)


def slow_takings(on: dt.date) -> dict[int, tuple[int, Decimal]]:
    found: dict[int, tuple[int, Decimal]] = {}
    for taking in Taking.objects.live(on=on).select_related("case"):
        handed_over = taking.handed_over_on is not None and taking.handed_over_on <= on
        stage = 6 if handed_over else stage_on(taking.case, on)
        count, area = found.get(stage, (0, Decimal(0)))
        found[stage] = (count + 1, area + taking.recovered_area_m2)
    return found


def slow_cases(on: dt.date) -> dict[int, int]:
    found: dict[int, int] = {}
    for case in Case.objects.live(on=on):
        stage = stage_on(case, on)
        found[stage] = found.get(stage, 0) + 1
    return found


def stored(on: dt.date) -> list[dict[str, object]]:
    keys = list(Project.objects.values_list("pk", flat=True))
    return progress.as_of(on, "stage", projects=keys)


@pytest.fixture
def city() -> None:
    project = ProjectFactory()
    for at in ("", "notice", "inventory", "posting", "approval", "payment", "handover"):
        CaseFactory(project=project, at=at, takings=2)
    partly = CaseFactory(project=project, at="payment", takings=3)
    partly.advance(
        "handover",
        on=FIRST_DAY + dt.timedelta(days=236),
        by=None,
        takings=[partly.takings.order_by("pk").first()],
    )
    wrong = CaseFactory(project=project, at="inventory")
    wrong.void(wrong.events.get(step="inventory"), on=FIRST_DAY, by=None, reason="ghi nhầm")
    TakingFactory(project=project)
    gone = CaseFactory(project=project, at="posting")
    gone.withdrawn_on = FIRST_DAY + dt.timedelta(days=100)
    gone.withdrawn_reason = "Điều chỉnh ranh giới"
    gone.save()
    gone.takings.update(withdrawn_on=gone.withdrawn_on, withdrawn_reason="Điều chỉnh ranh giới")
    stuck = CaseFactory(project=ProjectFactory(), at="approval")
    ObstacleFactory(
        case=stuck,
        opened_on=FIRST_DAY + dt.timedelta(days=30),
        closed_on=FIRST_DAY + dt.timedelta(days=100),
    )
    ObstacleFactory(case=stuck, opened_on=FIRST_DAY + dt.timedelta(days=99))
    land = project.takings.filter(handed_over_on__isnull=False)
    SiteHandover.objects.create(
        project=project,
        on=FIRST_DAY + dt.timedelta(days=241),
        area_m2=700,
        receiver=project.investor,
        document=DocumentFactory(),
    ).takings.set(land)
    assert progress.refresh_deltas() == 2


@pytest.mark.parametrize("after", [-1, 0, 29, 30, 31, 99, 100, 189, 190, 205, 236, 240, 400])
def test_any_day_equals_the_event_log(city: None, after: int):
    on = FIRST_DAY + dt.timedelta(days=after)
    rows = stored(on)
    takings = {r["stage"]: (r["takings"], r["area_m2"]) for r in rows if r["takings"]}
    assert takings == slow_takings(on)
    assert {r["stage"]: r["cases"] for r in rows if r["cases"]} == slow_cases(on)


DAYS = [-1, 0, 29, 30, 31, 99, 100, 120, 150, 189, 190, 205, 231, 236, 240, 241, 300, 400, 900]


def slow_late(on: dt.date) -> int:
    """Ask the law about every case as its log stood on the day."""
    law = Law.read()
    late = 0
    for case in Case.objects.live(on=on):
        log = [e for e in case.log() if e.on <= on and e.taking_id is None]
        due = next_due(case.facts(log), as_law(log), law.rules, law.calendar) if log else None
        late += due is not None and due.due_on is not None and due.due_on < on
    return late


@pytest.fixture
def rules(db: None) -> None:
    call_command("load_reference", verbosity=0)


def test_on_any_day_the_late_by_law_are_those_the_law_names(rules: None, city: None):
    found = {}
    for after in DAYS:
        on = FIRST_DAY + dt.timedelta(days=after)
        found[on] = slow_late(on)
        assert sum(row["late"] for row in stored(on)) == found[on], on
    assert max(found.values()) > 1


@pytest.mark.parametrize("after", DAYS)
def test_on_any_day_obstacles_and_the_investors_land_are_those_of_their_own_rows(
    city: None, after: int
):
    on = FIRST_DAY + dt.timedelta(days=after)
    rows = stored(on)
    handed = SiteHandover.objects.filter(on__lte=on).values_list("area_m2", flat=True)
    assert sum(row["obstacles"] for row in rows) == Obstacle.objects.open(on=on).count()
    assert sum(row["investor_m2"] for row in rows) == sum(handed)


@pytest.mark.parametrize("after", DAYS)
def test_on_any_day_the_unwritten_are_the_events_recorded_later(city: None, after: int):
    on = FIRST_DAY + dt.timedelta(days=after)
    case = Case.objects.first()
    for step, happened, recorded in (
        ("notice", 3, 20),
        ("inventory", 30, 30),
        ("posting", 80, 81),
    ):
        moment = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=recorded), dt.time(23, 30))
        CaseEvent.objects.create(
            case=case,
            kind="move",
            step=step,
            on=FIRST_DAY + dt.timedelta(days=happened),
            recorded_at=timezone.make_aware(moment),
        )
    progress.rebuild_deltas()
    keys = frozenset(Project.objects.values_list("pk", flat=True))
    scope = behind.Scope(UserFactory(leader=True), on, on, keys)
    listed = behind.recorded_later(scope).count()
    assert sum(row["unwritten"] for row in stored(on)) == listed


def test_a_month_without_events_still_has_its_state(city: None):
    on = dt.date(2030, 1, 1)
    assert sum(row["cases"] for row in stored(on)) == Case.objects.live(on=on).count()
    assert sum(row["cases"] for row in stored(dt.date(2000, 1, 1))) == Case.objects.count()


def test_restricted_land_counts_for_the_cleared_alone():
    taking = TakingFactory()
    taking.parcel.restricted = True
    taking.parcel.save()
    TakingFactory(project=taking.project)
    progress.refresh_deltas()
    keys = [taking.project_id]
    seen = progress.as_of(FIRST_DAY, "project", projects=keys, cleared=False)
    every = progress.as_of(FIRST_DAY, "project", projects=keys, cleared=True)
    assert (seen[0]["takings"], every[0]["takings"]) == (1, 2)


def test_a_household_with_two_cases_counts_once_at_its_slowest():
    project = ProjectFactory()
    party = PartyFactory()
    CaseFactory(project=project, party=party, at="approval")
    slow = CaseFactory(project=project, party=party, at="inventory")
    CaseParty.objects.create(case=slow, party=PartyFactory(kind="organisation"), role="co_owner")
    progress.refresh_deltas()
    now = [r for r in stored(dt.date(2023, 6, 30)) if r["households"] or r["organisations"]]
    assert [(r["stage"], r["households"], r["organisations"]) for r in now] == [(2, 1, 1)]
    first = [r for r in stored(FIRST_DAY) if r["households"]]
    assert [(r["stage"], r["households"]) for r in first] == [(1, 1)]


def test_only_projects_that_moved_are_rebuilt(city: None):
    assert progress.refresh_deltas() == 0
    TakingFactory(project=Project.objects.order_by("pk").first())
    assert progress.refresh_deltas() == 1


def test_the_last_state_counts_every_living_taking(city: None):
    on = dt.date(2024, 1, 1)
    total = sum(int(row["takings"]) for row in stored(on))
    assert total == Taking.objects.live(on=on).count()
    later = DailyDelta.objects.filter(on__gt=on)
    assert not later.exclude(takings=0, cases=0, households=0).exists()
