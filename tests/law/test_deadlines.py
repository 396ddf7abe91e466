"""The next due step of a case, whatever today is, and how it stands on a day."""

import datetime as dt
from dataclasses import replace

import pytest

from gpmb.law.calendar import Calendar, Suspension
from gpmb.law.deadlines import Due, State, first_lawful_day, next_due, state
from gpmb.law.regimes import Facts, Regime
from gpmb.law.rules import RuleBook
from gpmb.law.steps import Event
from gpmb.law.timeline import acted_early, days_late, next_lawful_act, timeline

D = dt.date


def walk(**days: dt.date) -> list[Event]:
    return [Event(step, on) for step, on in days.items()]


APPROVED_R1 = walk(
    notice=D(2023, 1, 4),
    inventory=D(2023, 2, 1),
    posting=D(2023, 3, 1),
    appraisal=D(2023, 4, 3),
    approval=D(2023, 6, 2),
)
CONSULTED_R2 = walk(
    notice=D(2024, 9, 4),
    inventory=D(2024, 9, 20),
    posting=D(2024, 10, 1),
    consultation=D(2024, 11, 4),
)
APPROVED_R2 = [*CONSULTED_R2, *walk(appraisal=D(2024, 11, 20), approval=D(2025, 1, 6))]


def due(events: list[Event], rules: RuleBook, calendar: Calendar, **facts: object) -> Due | None:
    return next_due(Facts(**facts), events, rules, calendar)  # type: ignore[arg-type]


def test_nothing_done_yet_waits_for_a_notice(rules: RuleBook, calendar: Calendar) -> None:
    assert due([], rules, calendar) == Due("notice")


def test_a_notice_starts_the_wait_and_its_own_life(rules: RuleBook, calendar: Calendar) -> None:
    found = due(walk(notice=D(2025, 2, 10)), rules, calendar)
    assert found == Due("inventory", lapses_on=D(2026, 2, 11))


def test_payment_is_due_thirty_days_after_the_decision_takes_effect(
    rules: RuleBook, calendar: Calendar
) -> None:
    found = due(APPROVED_R1, rules, calendar)
    assert found == Due("payment", D(2023, 7, 3), "PAYMENT")
    later = due(APPROVED_R1, rules, calendar, recovery_effective_on=D(2023, 6, 5))
    assert later == Due("payment", D(2023, 7, 5), "PAYMENT")


def test_the_2013_approval_waits_for_the_notice_and_has_no_ceiling(
    rules: RuleBook, calendar: Calendar
) -> None:
    found = due(APPROVED_R1[:4], rules, calendar)
    assert found == Due("approval", earliest_on=D(2023, 4, 4), lapses_on=D(2026, 1, 1))


def test_recovery_comes_before_payment_when_it_is_due_first(
    rules: RuleBook, calendar: Calendar
) -> None:
    """Art. 87.5a: ten days from the approval; the notice wait ended on 03/12/2024."""
    found = due(APPROVED_R2, rules, calendar)
    assert found == Due(
        "recovery", D(2025, 1, 16), "RECOVERY_DECISION", D(2024, 12, 3), D(2025, 9, 5)
    )
    recovered = [*APPROVED_R2, Event("recovery", D(2025, 1, 10))]
    assert due(recovered, rules, calendar) == Due("payment", D(2025, 2, 5), "PAYMENT")


def test_a_ceiling_before_the_end_of_the_wait_is_due_when_the_wait_has_run(
    rules: RuleBook, calendar: Calendar
) -> None:
    found = due(APPROVED_R2, rules, calendar, agri=False, non_agri=True)
    assert found is not None
    # 180 days from 04/09/2024 end on 03/03/2025: payment, 30 days from 06/01, comes first.
    assert (found.step, found.due_on) == ("payment", D(2025, 2, 5))
    paid = [*APPROVED_R2, Event("payment", D(2025, 1, 20))]
    found = due(paid, rules, calendar, agri=False, non_agri=True)
    assert found is not None
    assert (found.step, found.due_on, found.earliest_on) == (
        "recovery",
        D(2025, 3, 3),
        D(2025, 3, 3),
    )


def test_with_resettlement_the_clock_starts_when_the_household_has_its_place(
    rules: RuleBook, calendar: Calendar
) -> None:
    waiting = due(APPROVED_R2, rules, calendar, resettlement_needed=True)
    assert waiting is not None
    assert (waiting.step, waiting.due_on) == ("payment", D(2025, 2, 5))
    paid = [*APPROVED_R2, Event("payment", D(2025, 1, 20))]
    found = due(paid, rules, calendar, resettlement_needed=True)
    assert found is not None
    assert (found.step, found.due_on) == ("resettlement", None)
    settled = [*paid, Event("resettlement", D(2025, 3, 4))]
    found = due(settled, rules, calendar, resettlement_needed=True)
    assert found is not None
    assert (found.step, found.due_on) == ("recovery", D(2025, 3, 14))
    earlier = due(settled, rules, calendar, resettlement_needed=True, ready_on=D(2025, 3, 3))
    assert earlier is not None
    assert earlier.due_on == D(2025, 3, 13)


def test_dialogue_is_due_when_someone_disagreed(rules: RuleBook, calendar: Calendar) -> None:
    found = due(CONSULTED_R2, rules, calendar, disagreement=True)
    assert found is not None
    # 60 days from 04/11/2024 end on 03/01/2025
    assert (found.step, found.due_on, found.rule_code) == ("dialogue", D(2025, 1, 3), "DIALOGUE")
    assert due(CONSULTED_R2, rules, calendar) == Due("appraisal", lapses_on=D(2025, 9, 5))


def test_appraisal_is_due_thirty_days_after_the_complete_file(
    rules: RuleBook, calendar: Calendar
) -> None:
    found = due(CONSULTED_R2, rules, calendar, other={"appraisal_file": D(2024, 11, 6)})
    assert found is not None
    assert (found.due_on, found.rule_code) == (D(2024, 12, 6), "APPRAISAL")


def test_days_waiting_for_a_supplement_do_not_count_and_the_answer_is_not_verified(
    rules: RuleBook, calendar: Calendar
) -> None:
    file = {"appraisal_file": D(2024, 11, 6)}
    waited = {
        "supplement_asked": (Suspension(D(2024, 11, 11), D(2024, 11, 21), "thiếu trích đo"),)
    }
    found = due(CONSULTED_R2, rules, calendar, other=file, pauses=waited)
    assert found is not None
    # 06/12/2024 and ten days: 16/12/2024, a Monday
    assert (found.due_on, found.rule_code, found.verified) == (D(2024, 12, 16), "APPRAISAL", False)
    too_late = {"supplement_asked": (Suspension(D(2024, 12, 9), D(2024, 12, 20), "thiếu"),)}
    same = due(CONSULTED_R2, rules, calendar, other=file, pauses=too_late)
    assert same is not None
    assert same.due_on == D(2024, 12, 6)


def test_a_stopped_clock_has_no_due_day_and_says_why(rules: RuleBook, calendar: Calendar) -> None:
    stopped = {
        "other": {"appraisal_file": D(2024, 11, 6)},
        "pauses": {"supplement_asked": (Suspension(D(2024, 11, 11), None, "thiếu trích đo"),)},
    }
    found = due(CONSULTED_R2, rules, calendar, **stopped)
    assert found is not None
    assert (found.step, found.due_on) == ("appraisal", None)
    facts = Facts(**stopped)
    lines = timeline(facts, CONSULTED_R2, rules, calendar, D(2025, 1, 10))
    assert [
        (item.kind, item.step, item.late_days) for item in lines if "thiếu trích đo" in item.what
    ] == [("suspended", "appraisal", 0)]
    assert "tạm dừng tính hạn 30 ngày (thiếu trích đo)" in next_lawful_act(
        facts, CONSULTED_R2, rules, calendar, D(2025, 1, 10)
    )


def test_an_enforcement_that_was_served_is_due_in_ten_days(
    rules: RuleBook, calendar: Calendar
) -> None:
    served = Facts(other={"enforcement_received": D(2025, 6, 3)})
    log = [*APPROVED_R2, Event("enforcement", D(2025, 6, 2))]
    (line,) = [
        item
        for item in timeline(served, log, rules, calendar, D(2025, 6, 20))
        if item.rule_code == "ENFORCE_EXECUTE"
    ]
    assert (line.on, line.late_days) == (D(2025, 6, 13), 7)
    early = timeline(served, log, rules, calendar, D(2025, 6, 5))
    (line,) = [item for item in early if item.rule_code == "ENFORCE_EXECUTE"]
    assert (line.late_days, "quá hạn" in line.what) == (0, False)
    done = Facts(other=dict(served.other) | {"enforcement_executed": D(2025, 6, 10)})
    assert not [
        item
        for item in timeline(done, log, rules, calendar, D(2025, 6, 20))
        if item.rule_code == "ENFORCE_EXECUTE"
    ]


def test_a_step_before_its_wait_had_run_was_too_early(rules: RuleBook, calendar: Calendar) -> None:
    posted = [Event("posting", D(2025, 3, 3)), Event("consultation", D(2025, 3, 20))]
    assert acted_early(Facts(), posted, rules, calendar)
    in_time = [Event("posting", D(2025, 3, 3)), Event("consultation", D(2025, 4, 2))]
    assert not acted_early(Facts(), in_time, rules, calendar)
    carried = [Event("posting", D(2025, 3, 3)), Event("consultation", D(2025, 3, 20), "opening")]
    assert not acted_early(Facts(), carried, rules, calendar)


def test_days_late_are_those_past_the_longest_ceiling_of_a_recorded_step(
    rules: RuleBook, calendar: Calendar
) -> None:
    # 30 days from the approval of 06/01/2025 end on 05/02/2025
    late = [*APPROVED_R2, Event("payment", D(2025, 2, 15))]
    assert days_late(Facts(), late, rules, calendar) == {"payment": 10}
    in_time = [*APPROVED_R2, Event("payment", D(2025, 2, 5))]
    assert days_late(Facts(), in_time, rules, calendar) == {}
    carried = [*APPROVED_R2, Event("payment", D(2025, 2, 15), "opening")]
    assert days_late(Facts(), carried, rules, calendar) == {}


def test_after_handover_nothing_is_due(rules: RuleBook, calendar: Calendar) -> None:
    events = [*APPROVED_R1, *walk(payment=D(2023, 6, 20), handover=D(2023, 6, 28))]
    assert due(events, rules, calendar) is None
    assert state(None, D(2024, 1, 1)) is State.NONE


def test_an_unverified_ceiling_says_so(rules: RuleBook, calendar: Calendar) -> None:
    doubtful = RuleBook(
        replace(rule, verified=False) if rule.code == "PAYMENT" else rule for rule in rules
    )
    found = due(APPROVED_R1, doubtful, calendar)
    assert found is not None
    assert not found.verified


def test_the_notice_wait_of_a_decision_in_2026_is_the_shorter_one(
    rules: RuleBook, calendar: Calendar
) -> None:
    """A notice of December 2025: 90 days by the old wait, 60 by the one in force in 2026."""
    events = walk(
        notice=D(2025, 12, 1),
        inventory=D(2025, 12, 3),
        posting=D(2025, 12, 4),
        consultation=D(2026, 1, 5),
        appraisal=D(2026, 1, 6),
        approval=D(2026, 1, 7),
    )
    first = first_lawful_day("recovery", Facts(), events, rules, calendar)
    assert first is not None
    assert (first[0], first[1].rule.value) == (D(2026, 1, 30), 60)
    # Asked before any step of 2026 the answer is the same: the decision itself would be of 2026.
    early = first_lawful_day("recovery", Facts(), events[:1], rules, calendar)
    assert early is not None
    assert early[0] == D(2026, 1, 30)
    # A plan approved in 2025 keeps the 2024 law: 90 days (Resolution 254 art. 3.13a).
    kept = [*events[:3], *walk(consultation=D(2025, 12, 29), approval=D(2025, 12, 31))]
    facts = Facts(approval_on=D(2025, 12, 31))
    first = first_lawful_day("recovery", facts, kept, rules, calendar)
    assert first is not None
    assert (first[0], first[1].rule.value) == (D(2026, 3, 1), 90)
    # The wait in force counts only from the day it is in force.
    ripe = first_lawful_day("recovery", Facts(), walk(notice=D(2025, 10, 20)), rules, calendar)
    assert ripe is not None
    assert ripe[0] == D(2026, 1, 1)


def test_the_override_decides_for_a_case_without_steps(
    rules: RuleBook, calendar: Calendar
) -> None:
    assert due([], rules, calendar, override=Regime.R1) == Due("notice")
    noticed = due([], rules, calendar, notice_on=D(2023, 3, 1))
    assert noticed is not None
    assert noticed.lapses_on == D(2026, 1, 1)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (D(2023, 6, 2), "in_time"),
        (D(2023, 6, 3), "due_30"),
        (D(2023, 6, 25), "due_30"),
        (D(2023, 6, 26), "due_7"),
        (D(2023, 7, 3), "due_7"),
        (D(2023, 7, 4), "late"),
    ],
)
def test_the_state_counts_the_days_left(on: dt.date, expected: str) -> None:
    assert state(Due("payment", D(2023, 7, 3)), on) == expected


def test_a_lapsed_notice_outranks_a_late_step() -> None:
    step = Due("recovery", D(2025, 1, 16), lapses_on=D(2025, 9, 5))
    assert state(step, D(2025, 9, 4)) is State.LATE
    assert state(step, D(2025, 9, 5)) is State.LAPSED


def test_a_notice_about_to_lapse_is_a_deadline() -> None:
    step = Due("approval", lapses_on=D(2025, 9, 5))
    assert state(step, D(2025, 1, 1)) is State.IN_TIME
    assert state(step, D(2025, 9, 4)) is State.DUE_7
    assert state(Due("approval"), D(2025, 9, 4)) is State.NONE
