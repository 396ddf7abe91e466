"""Cases on a past day: as the log has them now, and as it had them then."""

import datetime as dt

import pytest
from django.utils import timezone

from gpmb.analysis.past_cases import put_back
from gpmb.clearance.models import Case, CaseEvent
from gpmb.law import steps
from tests.factories import FIRST_DAY, CaseFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(16)))


def log(case: Case, step: str, on: dt.date, recorded: dt.date) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case, kind="move", step=step, on=on, recorded_at=at(recorded)
    )


def take_back(event: CaseEvent, recorded: dt.date) -> None:
    CaseEvent.objects.create(
        case=event.case,
        kind="void",
        on=recorded,
        voids=event,
        reason="ghi nhầm",
        recorded_at=at(recorded),
    )


@pytest.mark.parametrize("after", [0, 29, 30, 100, 189, 190, 204, 205, 239, 240, 300])
def test_a_case_is_put_back_to_what_its_log_says(after):
    on = FIRST_DAY + after * DAY
    case, begun = CaseFactory(at="handover"), CaseFactory(at="inventory")
    log_then = [e for e in case.events.living().in_order() if e.on <= on and e.taking is None]
    put_back([case, begun], on)
    assert case.step == steps.current([steps.Event(e.step, e.on) for e in log_then])
    assert case.stage == max(steps.step(e.step).stage for e in log_then)
    assert case.stepped_on == max(e.on for e in log_then if e.step == case.step)
    assert (case.approval_on is not None) is (after >= 190)
    assert begun.step == ("notice" if after < 30 else "inventory")


def test_a_step_written_down_later_shows_what_was_known_then_too():
    case = CaseFactory()
    log(case, "notice", FIRST_DAY, FIRST_DAY)
    log(case, "inventory", FIRST_DAY + 30 * DAY, FIRST_DAY + 50 * DAY)
    assert put_back([case], FIRST_DAY + 40 * DAY) == {case.pk: "notice"}
    assert case.step == "inventory"
    assert put_back([case], FIRST_DAY + 50 * DAY) == {}
    assert case.step == "inventory"


def test_a_step_taken_back_later_shows_what_was_known_then_too():
    case = CaseFactory()
    log(case, "notice", FIRST_DAY, FIRST_DAY)
    wrong = log(case, "inventory", FIRST_DAY + 30 * DAY, FIRST_DAY + 30 * DAY)
    take_back(wrong, FIRST_DAY + 60 * DAY)
    assert put_back([case], FIRST_DAY + 40 * DAY) == {case.pk: "inventory"}
    assert case.step == "notice"
    assert put_back([case], FIRST_DAY + 60 * DAY) == {}


def test_before_the_program_nothing_was_known_and_nothing_is_said():
    case = CaseFactory()
    log(case, "notice", FIRST_DAY, FIRST_DAY + 300 * DAY)
    assert put_back([case], FIRST_DAY + DAY) == {}
    assert case.step == "notice"
