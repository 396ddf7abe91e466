"""The stored due date and its SQL say what the pure functions say, case by case."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from gpmb.clearance.deadlines import (
    STATE_LABELS,
    deadline_state,
    effect_of,
    next_act,
    refresh,
    timeline_of,
)
from gpmb.clearance.models import Case, Law, Taking, as_law
from gpmb.law.deadlines import Due, State, next_due, state
from gpmb.reference.loading import load
from gpmb.reference.models import Holiday, Rule
from tests.factories import FIRST_DAY, CaseFactory, TakingFactory, walk

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
STEPS = ["planned", "notice", "inventory", "posting", "appraisal", "approval", "payment"]
DAYS = [
    *(dt.date(2023, 3, 1) + n * 3 * DAY for n in range(60)),
    *(dt.date(2025, 11, 1) + n * 5 * DAY for n in range(30)),
]


@pytest.fixture
def cases(db: None) -> list[Case]:
    """Cases at every step of the 2013 law, begun in 2022, 2024 and 2025 (2024 law)."""
    load()
    made = [CaseFactory(at=step) for step in STEPS[1:]]
    made += [CaseFactory(), CaseFactory(at="handover"), CaseFactory(resettlement_need="plot")]
    walk(made[-1], to="approval", start=dt.date(2023, 3, 1))
    for start in (dt.date(2024, 2, 1), dt.date(2025, 2, 10)):
        case = CaseFactory()
        for number, step in enumerate(("notice", "inventory", "posting")):
            case.advance(step, on=start + number * 10 * DAY, by=None)
        made.append(case)
    consulted = made[-1]
    for step, on in (
        ("consultation", dt.date(2025, 4, 2)),
        ("appraisal", dt.date(2025, 4, 20)),
        ("approval", dt.date(2025, 5, 20)),
    ):
        consulted.advance(step, on=on, by=None)
    # A case without an event has not asked the law yet.
    assert refresh(Case.objects.all()) == 1
    return made


def pure(case: Case, law: Law) -> Due | None:
    log = case.log()
    own = [event for event in log if event.taking_id is None]
    return next_due(case.facts(log), as_law(own), law.rules, law.calendar)


def test_every_stored_date_is_the_pure_functions_answer(cases: list[Case]) -> None:
    law = Law.read()
    seen = Counter()
    for case in Case.objects.all():
        due = pure(case, law)
        stored = (case.next_step, case.due_on, case.due_rule, case.earliest_on, case.lapses_on)
        if due is None:
            assert stored == ("", None, "", None, None)
        else:
            expected = (due.step, due.due_on, due.rule_code, due.earliest_on, due.lapses_on)
            assert stored == expected
        seen[case.next_step] += 1
    assert {"notice", "approval", "payment", "recovery", ""} <= set(seen)


def test_the_sql_state_is_the_pure_state_on_every_day(cases: list[Case]) -> None:
    law = Law.read()
    answers = {case.pk: pure(case, law) for case in Case.objects.all()}
    seen = set()
    for on in DAYS:
        asked = Case.objects.annotate(deadline=deadline_state(on)).values_list("pk", "deadline")
        for pk, deadline in asked:
            assert deadline == state(answers[pk], on), (answers[pk], on)
            seen.add(deadline)
    assert seen == set(State)
    assert set(STATE_LABELS) == set(State)


def test_a_taking_stands_as_its_case_does_and_none_without_one(cases: list[Case]) -> None:
    loose = TakingFactory()
    on = dt.date(2023, 6, 30)
    states = dict(Taking.objects.annotate(d=deadline_state(on, "case__")).values_list("pk", "d"))
    assert states.pop(loose.pk) == "none"
    by_case = dict(Case.objects.annotate(d=deadline_state(on)).values_list("pk", "d"))
    for pk, case_id in Taking.objects.exclude(case=None).values_list("pk", "case_id"):
        assert states[pk] == by_case[case_id]


def test_an_edited_rule_moves_the_cases_it_concerns_and_says_so_first(
    cases: list[Case],
) -> None:
    assert refresh(Case.objects.all()) == 0, "nothing to do before the change"
    rule = Rule.objects.get(code="PAYMENT", regime="R1")
    law = Law.read()
    changed = [
        row if row.code != "PAYMENT" or row.regime != "R1" else replace(row, value=rule.value + 10)
        for row in law.rules
    ]
    waiting = Case.objects.filter(due_rule="PAYMENT", approval_on__lt=dt.date(2024, 8, 1))
    effect = effect_of(Law(type(law.rules)(changed), law.calendar))
    assert effect.asked == Case.objects.exclude(step="handover").count()
    assert effect.moved == waiting.count() > 0
    assert "hạn mới" in effect.examples[0]
    assert refresh(Case.objects.all()) == 0, "asking wrote nothing"

    before = {case.pk: case.due_on for case in waiting}
    rule.value += 10
    rule.save()
    assert refresh(Case.objects.all()) == effect.moved
    for case in Case.objects.filter(pk__in=before):
        assert case.due_on > before[case.pk]
    assert effect_of(Law.read()).moved == 0


def test_a_new_day_off_moves_a_ceiling_that_ends_on_it(cases: list[Case]) -> None:
    case = Case.objects.filter(due_on__isnull=False).first()
    assert case is not None
    Holiday.objects.update_or_create(
        on=case.due_on, defaults={"name": "Nghỉ", "source": "thử", "confirmed": True}
    )
    assert refresh(Case.objects.all()) >= 1
    moved = Case.objects.get(pk=case.pk)
    assert moved.due_on > case.due_on
    assert moved.version > case.version


def test_a_voided_step_takes_its_deadline_with_it(cases: list[Case]) -> None:
    case = Case.objects.get(
        step="approval", approval_on__lt=dt.date(2023, 8, 1), resettlement_need="none"
    )
    assert case.due_rule == "PAYMENT"
    last = case.log()[-1]
    case.void(last, on=case.stepped_on, by=None, reason="ghi nhầm")
    case.refresh_from_db()
    assert (case.step, case.next_step, case.due_on) == ("appraisal", "approval", None)
    assert case.earliest_on == FIRST_DAY + 90 * DAY


def test_a_case_tells_its_timeline_and_its_next_act(cases: list[Case]) -> None:
    case = Case.objects.get(step="approval", due_rule="PAYMENT", project=cases[4].project)
    on = dt.date(2023, 7, 31)
    items = timeline_of(case, on)
    assert [item.step for item in items[:5]] == STEPS[1:6]
    assert items[-1].rule_code == "PAYMENT"
    assert items[-1].late_days == (on - case.due_on).days
    assert f"đã quá hạn {items[-1].late_days} ngày" in next_act(case, on)
