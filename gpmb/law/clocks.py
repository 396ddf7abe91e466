"""Which clocks run in a case: what they count from, floors, ceilings, the life of the notice.

A clock is a rule row and the day it counts from. Nothing here knows the order of steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gpmb.law.calendar import Calendar, extended
from gpmb.law.regimes import R2_FROM, REISSUE_FROM, Facts, Regime, transition_lapse_on
from gpmb.law.rules import (
    Rule,
    RuleBook,
    RuleType,
    ceiling_on,
    end_on,
    floor_on,
    pick,
)

TRANSITION_ARTICLE = "điểm c khoản 13 Điều 3 Nghị quyết 254/2025/QH15"


@dataclass(frozen=True, slots=True)
class Event:
    """A step that happened; an `opening` vouches for every step before it, without their dates."""

    step: str
    on: date
    kind: Literal["opening", "move"] = "move"


@dataclass(frozen=True, slots=True)
class Clock:
    """A rule counted from a day: `on` is the first lawful, last lawful or last valid day.

    `pauses` are the SUSPEND rules that lengthened it; `stopped` says why it stands still, and then
    `on` is no ceiling.
    """

    rule: Rule
    event: str
    start: date
    on: date
    pauses: tuple[Rule, ...] = ()
    stopped: str = ""

    @property
    def verified(self) -> bool:
        return self.rule.verified and all(pause.verified for pause in self.pauses)


@dataclass(frozen=True, slots=True)
class Lapse:
    """The first day without a valid notice and why; `rule` is None for the lapse by transition."""

    on: date
    notice_on: date
    rule: Rule | None
    article: str


def decision(regime: Regime) -> str:
    """Return the step that carries the land-recovery decision."""
    return "approval" if regime is Regime.R1 else "recovery"


def anchors(
    regime: Regime,
    events: Sequence[Event],
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> dict[str, date]:
    """Return the day of everything a rule may count from, by its name in `Rule.from_event`.

    The latest event of a step counts: a reissued notice starts its wait anew. Derived are the
    effective days of decisions, the trigger of art. 87.5, and the end of each persuasion.
    """
    found = dict(facts.other)
    if facts.notice_on is not None:
        found["notice"] = facts.notice_on
    for event in sorted(events, key=lambda each: each.on):
        found[event.step] = event.on
    if "notice" in found:
        # A delivery before the latest notice was of an earlier one.
        served = facts.notice_served_on
        found["notice_served"] = max(found["notice"], served) if served else found["notice"]
    approved = found.get("approval", facts.approval_on)
    recovered = found.get("recovery", facts.recovery_on)
    recovery_effective = facts.recovery_effective_on
    if regime is Regime.R1:  # one day, one decision's effect (art. 69.3a)
        recovered = recovered or approved
        recovery_effective = recovery_effective or facts.approval_effective_on
    effective = {
        "approval_effective": facts.approval_effective_on or approved,
        "recovery_effective": recovery_effective or recovered,
        "recovery_trigger": (facts.ready_on or found.get("resettlement"))
        if facts.resettlement_needed
        else approved,
    }
    found |= {name: on for name, on in effective.items() if on is not None}
    for rule in RuleBook.of(rules).periods:
        start = found.get(rule.from_event)
        if start is None or rule.to_event in found:
            continue
        if pick(rules, rule.code, start, regime=regime) == rule:
            found[rule.to_event] = end_on(rule, start, calendar)
    return found


def running(
    kind: RuleType,
    regime: Regime,
    events: Sequence[Event],
    to: str,
    on: date | None,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Clock]:
    """Return the clocks of one kind that govern step `to`, by rule code.

    `on` is the intended day of the step: it picks the version of a rule picked by its `to_event`;
    None picks by the day the clock starts.
    """
    book = RuleBook.of(rules)
    # In the 2013 law the approval is the recovery decision too.
    acts = {to, "recovery"} if to == decision(regime) else {to}
    codes = sorted({code for act in acts for code in book.by_act.get((kind, act), ())})
    if not codes:
        return []
    starts = anchors(regime, events, facts, book, calendar)
    found = []
    for code in codes:
        for name in sorted(book.starts[code] & starts.keys()):
            start = starts[name]
            by_act = on if book.by_code[code][0].picked_by == "to" else None
            rule = pick(book, code, by_act or start, regime=regime)
            if rule is None or name not in rule.from_event.split():
                continue
            if acts.isdisjoint(rule.to_event.split()) or not _concerns(rule, start, facts, events):
                continue
            if kind is RuleType.MIN_WAIT:
                found.append(Clock(rule, name, start, floor_on(rule, start, calendar)))
            else:
                found.append(_ceiling(rule, name, start, acts, facts, book, calendar))
    return found


def _ceiling(
    rule: Rule,
    event: str,
    start: date,
    acts: set[str],
    facts: Facts,
    book: RuleBook,
    calendar: Calendar,
) -> Clock:
    """Return a ceiling with the days that a suspension of its act took out of it."""
    last, pauses, stopped = end_on(rule, start, calendar), [], ""
    for code in sorted({c for act in acts for c in book.by_act.get((RuleType.SUSPEND, act), ())}):
        for row in book.by_code[code]:
            spans = [
                span
                for span in facts.pauses.get(row.from_event, ())
                if row.valid_on(span.start) and (span.end is None or span.end > start)
            ]
            if spans:
                last, why = extended(last, start, spans)
                stopped = stopped or why
                pauses.append(row)
    if not pauses:
        return Clock(rule, event, start, ceiling_on(rule, start, calendar))
    return Clock(rule, event, start, calendar.next_working_day(last), tuple(pauses), stopped)


def floors(
    regime: Regime,
    events: Sequence[Event],
    to: str,
    on: date | None,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Clock]:
    """Return the minimum waits before step `to`; each clock's `on` is the first lawful day."""
    return running(RuleType.MIN_WAIT, regime, events, to, on, facts, rules, calendar)


def ceilings(
    regime: Regime,
    events: Sequence[Event],
    to: str,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Clock]:
    """Return the ceilings on step `to` that run; each clock's `on` is the last lawful day."""
    clocks = running(RuleType.MAX, regime, events, to, None, facts, rules, calendar)
    return [clock for clock in clocks if not clock.stopped]


def suspended(
    regime: Regime,
    events: Sequence[Event],
    to: str,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Clock]:
    """Return the ceilings on step `to` that stand still; `stopped` says why."""
    clocks = running(RuleType.MAX, regime, events, to, None, facts, rules, calendar)
    return [clock for clock in clocks if clock.stopped]


def _concerns(rule: Rule, start: date, facts: Facts, events: Sequence[Event]) -> bool:
    """Say whether a rule about land of one group concerns the case's land, and is not waived.

    The notice wait is waived by consent of every holder (art. 85.2) and for a notice issued again
    since Decree 49/2026 (Decree 102 art. 28.3).
    """
    if not rule.land_group:
        return True
    again = facts.notice_reissued or sum(each.step == "notice" for each in events) > 1
    if facts.all_agree or (again and start >= REISSUE_FROM):
        return False
    return facts.agri if rule.land_group == "agri" else facts.non_agri


def notice_lapse(
    events: Sequence[Event], facts: Facts, rules: Sequence[Rule], calendar: Calendar
) -> Lapse | None:
    """Return when the latest notice lapses, or None: no notice, or one that led to recovery."""
    issued = max((each.on for each in events if each.step == "notice"), default=facts.notice_on)
    if issued is None:
        return None
    recovered = min(
        (
            event.on
            for event in events
            if event.step in ("recovery", "handover")
            or (event.step == "approval" and event.on < R2_FROM)
        ),
        default=facts.recovery_on,
    )
    old = transition_lapse_on(issued, recovered)
    if old is not None:
        return Lapse(old, issued, None, TRANSITION_ARTICLE)
    rule = pick(rules, "NOTICE_VALIDITY", issued)
    if rule is None or recovered is not None:
        return None
    last = end_on(rule, issued, calendar)
    return Lapse(last + timedelta(days=1), issued, rule, rule.article)


def blackout(on: date, rules: Sequence[Rule], calendar: Calendar) -> tuple[str, Rule] | None:
    """Return why no enforcement may take place on a day (art. 89.1b) and the rule, or None.

    Days off count, and the days around the Tết holiday; nights and ethnic festivals are not dates
    that a calendar knows.
    """
    rule = pick(rules, "TET_BLACKOUT", on)
    if rule is None:
        return None
    span = timedelta(days=int(rule.value))
    for year in (on.year, on.year + 1):
        tet = calendar.tet_holiday(year)
        if tet is not None and tet[0] - span <= on <= tet[1] + span:
            first, last = tet[0] - span, tet[1] + span
            return (f"trong khoảng {first:%d/%m/%Y}–{last:%d/%m/%Y} quanh kỳ nghỉ Tết", rule)
    if calendar.is_off(on):
        return ("là ngày nghỉ", rule)
    return None
