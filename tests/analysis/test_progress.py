"""The sum of the daily deltas up to a day is what the event log says of that day."""

import datetime as dt
from decimal import Decimal

import pytest

from gpmb.analysis import progress
from gpmb.analysis.models import DailyDelta
from gpmb.clearance.models import Case, CaseParty, Project, Taking
from gpmb.law import steps
from tests.factories import (
    FIRST_DAY,
    CaseFactory,
    PartyFactory,
    ProjectFactory,
    TakingFactory,
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
    CaseFactory(project=ProjectFactory(), at="approval")
    assert progress.refresh_deltas() == 2


@pytest.mark.parametrize("after", [-1, 0, 29, 30, 31, 99, 100, 189, 190, 205, 236, 240, 400])
def test_any_day_equals_the_event_log(city: None, after: int):
    on = FIRST_DAY + dt.timedelta(days=after)
    rows = stored(on)
    takings = {r["stage"]: (r["takings"], r["area_m2"]) for r in rows if r["takings"]}
    assert takings == slow_takings(on)
    assert {r["stage"]: r["cases"] for r in rows if r["cases"]} == slow_cases(on)


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
    assert DailyDelta.objects.filter(on__gt=on).count() == 0
