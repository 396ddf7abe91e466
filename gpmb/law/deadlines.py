"""What is due, what is too early, what lapses: the deadlines of a case and its next lawful act.

`next_due` does not know today, so its answer is stored with the case at each event; `state`
compares the stored answer with a day, and the map's SQL says the same (a test compares them).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gpmb.law import steps
from gpmb.law.calendar import Calendar
from gpmb.law.clocks import Clock, Event, ceilings, floors, notice_lapse
from gpmb.law.regimes import Facts, Regime, regime_of, regime_on
from gpmb.law.rules import Rule, RuleBook, RuleType, due_on, earliest_on, lapses_on, pick

__all__ = [
    "Due",
    "Rule",
    "State",
    "due_on",
    "earliest_on",
    "lapses_on",
    "next_due",
    "pick",
    "state",
]

SOON_DAYS, NEAR_DAYS = 7, 30


class State(StrEnum):
    """How a case stands against its next deadline on a day: the map's deadline colours."""

    NONE = "none"
    IN_TIME = "in_time"
    DUE_30 = "due_30"
    DUE_7 = "due_7"
    LATE = "late"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Due:
    """The next required step: its last lawful day and rule, first lawful day, the notice's end.

    `lapses_on` is the first day without a valid notice.
    """

    step: str
    due_on: date | None = None
    rule_code: str = ""
    earliest_on: date | None = None
    lapses_on: date | None = None
    verified: bool = True


def next_due(
    facts: Facts, events: Sequence[Event], rules: Sequence[Rule], calendar: Calendar
) -> Due | None:
    """Return the next required step with its dates, None after handover, whatever today is.

    Where several steps are open (payment and the recovery decision), the one due first wins.
    A ceiling that ends before the wait has run is due on the first lawful day.
    """
    regime = standing_regime(facts, events)
    choices = [
        _due(row.code, regime, facts, events, rules, calendar)
        for row in steps.required_steps(regime, events, facts)
    ]
    # Stable: without a due date the law's order decides.
    return min(choices, key=lambda due: due.due_on or date.max, default=None)


def state(due: Due | None, on: date) -> State:
    """Return how a case stands on a day; a notice about to lapse counts as a deadline."""
    if due is None:
        return State.NONE
    if due.lapses_on is not None and on >= due.lapses_on:
        return State.LAPSED
    last_valid = due.lapses_on - timedelta(days=1) if due.lapses_on else None
    ends = [end for end in (due.due_on, last_valid) if end is not None]
    if not ends:
        return State.NONE
    left = (min(ends) - on).days
    if left < 0:
        return State.LATE
    if left <= SOON_DAYS:
        return State.DUE_7
    return State.DUE_30 if left <= NEAR_DAYS else State.IN_TIME


def first_lawful_day(
    to: str, facts: Facts, events: Sequence[Event], rules: Sequence[Rule], calendar: Calendar
) -> tuple[date, Clock] | None:
    """Return the first day on which every verified wait before step `to` has run, and the last.

    The version of a wait may depend on the day of the act itself (Resolution 254 shortened it for
    decisions from 1/1/2026), so each version is asked from the day it starts: the earliest day
    that satisfies the version in force on it wins.
    """
    book = RuleBook.of(rules)
    codes = {
        code for act in {to, "recovery"} for code in book.by_act.get((RuleType.MIN_WAIT, act), ())
    }
    last_event = max((event.on for event in events), default=date.min)
    starts = {rule.valid_from for code in codes for rule in book.by_code[code]}
    best: tuple[date, Clock] | None = None
    for asked in sorted({last_event, *(start for start in starts if start > last_event)}):
        regime = regime_of(facts, asked)
        clocks = floors(regime, events, to, asked, facts, book, calendar)
        last = max(
            (clock for clock in clocks if clock.rule.verified),
            key=lambda clock: clock.on,
            default=None,
        )
        if last is None:
            continue
        day = max(asked, last.on) if asked > last_event else last.on
        if best is None or day < best[0]:
            best = (day, last)
    return best


def standing_regime(facts: Facts, events: Sequence[Event]) -> Regime:
    """Return the regime a case stands under: that of its latest event, else of its notice."""
    if not events:
        return facts.override or regime_on(facts.notice_on or date.max)
    return regime_of(facts, max(event.on for event in events))


def _due(
    to: str,
    regime: Regime,
    facts: Facts,
    events: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
) -> Due:
    ceiling = min(
        ceilings(regime, events, to, facts, rules, calendar),
        key=lambda clock: clock.on,
        default=None,
    )
    floor = first_lawful_day(to, facts, events, rules, calendar)
    lapse = notice_lapse(events, facts, rules, calendar)
    earliest = floor[0] if floor else None
    return Due(
        step=to,
        due_on=max(ceiling.on, earliest or ceiling.on) if ceiling else None,
        rule_code=ceiling.rule.code if ceiling else "",
        earliest_on=earliest,
        lapses_on=lapse.on if lapse else None,
        verified=ceiling.verified if ceiling else True,
    )
