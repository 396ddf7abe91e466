"""A case's timeline: what happened, what is due or lapses; the next lawful act in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gpmb.law import steps
from gpmb.law.calendar import Calendar
from gpmb.law.clocks import (
    Clock,
    Event,
    blackout,
    ceilings,
    floors,
    notice_lapse,
    suspended,
)
from gpmb.law.deadlines import first_lawful_day, next_due, standing_regime
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.law.rules import Rule, RuleBook, RuleType
from gpmb.law.steps import event_label, label, period_words, wait_words

UNVERIFIED = "chưa đối chiếu văn bản"


class Kind(StrEnum):
    HAPPENED = "happened"
    LATE = "late"
    TOO_EARLY = "too_early"
    DUE = "due"
    EARLIEST = "earliest"
    LAPSES = "lapses"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what, on which day, and why (rule, article, counted from what).

    `late_days` counts the days past a ceiling, until the step or until the day asked. A line whose
    rule or whose year's days off were never confirmed says so (`verified`, `calendar_confirmed`).
    """

    kind: Kind
    step: str
    what: str
    on: date
    rule_code: str = ""
    article: str = ""
    counted_from: str = ""
    counted_from_on: date | None = None
    verified: bool = True
    calendar_confirmed: bool = True
    late_days: int = 0

    @property
    def why(self) -> str:
        """The reason in one sentence, empty for a plain event."""
        if not self.article:
            return ""
        since = ""
        if self.counted_from_on:
            since = f"tính từ {self.counted_from} ngày {self.counted_from_on:%d/%m/%Y}"
        parts = [since, self.article, "" if self.verified else UNVERIFIED]
        if not self.calendar_confirmed:
            parts.append(f"lịch nghỉ năm {self.on.year} chưa được xác nhận")
        return "; ".join(part for part in parts if part)


def timeline(
    facts: Facts,
    events: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
    on: date,
) -> list[Item]:
    """Return what happened up to `on` (late or too early noted), then what lies ahead, by day.

    Only events up to `on` count, so the timeline of a past day is the one of that day.
    """
    log = sorted((event for event in events if event.on <= on), key=lambda event: event.on)
    past: list[Item] = []
    for index, event in enumerate(log):
        past += _happened(event, facts, log[:index], rules, calendar)
    return past + sorted(_ahead(facts, log, rules, calendar, on), key=lambda item: item.on)


def next_lawful_act(
    facts: Facts,
    events: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
    on: date,
) -> str:
    """Return one sentence: what comes next by law, from when, until when, and how that stands."""
    due = next_due(facts, events, rules, calendar)
    if due is None:
        return "Hồ sơ đã bàn giao mặt bằng; không còn bước nào theo quy định."
    regime = standing_regime(facts, events)
    lapse = notice_lapse(events, facts, rules, calendar)
    if lapse is not None and lapse.on <= on:
        return (
            f"Ban hành thông báo thu hồi đất mới: thông báo ngày {_day(lapse.notice_on)} "
            f"đã hết hiệu lực từ ngày {_day(lapse.on)} ({lapse.article})."
        )
    parts = [f"Bước tiếp theo: {label(due.step, regime)}"]
    floor = first_lawful_day(due.step, facts, events, rules, calendar)
    if floor is not None and floor[0] > on:
        rule = floor[1].rule
        parts.append(f"sớm nhất ngày {_day(floor[0])} ({wait_words(rule)}, {rule.article})")
    parts += [
        _due_words(due.due_on, clock, on)
        for clock in ceilings(regime, events, due.step, facts, rules, calendar)
        if clock.rule.code == due.rule_code and due.due_on is not None
    ]
    parts += [
        f"tạm dừng tính hạn {period_words(clock.rule)} ({clock.stopped})"
        for clock in suspended(regime, events, due.step, facts, rules, calendar)
    ]
    if lapse is not None and lapse.on > on:
        parts.append(f"thông báo thu hồi đất hết hiệu lực từ ngày {_day(lapse.on)}")
    return "; ".join(parts) + "."


def acted_early(
    facts: Facts, events: Sequence[Event], rules: Sequence[Rule], calendar: Calendar
) -> bool:
    """Say whether any recorded step came before its wait had run, or on a forbidden day."""
    log = sorted(events, key=lambda event: event.on)
    return any(
        _early(event, facts, log[:index], rules, calendar)
        for index, event in enumerate(log)
        if event.kind != "opening"
    )


def days_late(
    facts: Facts, events: Sequence[Event], rules: Sequence[Rule], calendar: Calendar
) -> dict[str, int]:
    """Return the days by which recorded steps came past a ceiling, the longest; in time: left out.

    An opening is never late: its earlier dates are unknown.
    """
    log = sorted(events, key=lambda event: event.on)
    late: dict[str, int] = {}
    for index, event in enumerate(log):
        if event.kind == "opening":
            continue
        regime = regime_of(facts, event.on)
        for clock in ceilings(regime, log[:index], event.step, facts, rules, calendar):
            days = (event.on - clock.on).days
            if days > late.get(event.step, 0):
                late[event.step] = days
    return late


def _due_words(due_on: date, clock: Clock, on: date) -> str:
    late = (on - due_on).days
    article = clock.rule.article
    why = article if clock.verified else f"{article}, {UNVERIFIED}"
    words = f"hạn ngày {_day(due_on)} ({why})"
    return f"{words}, đã quá hạn {late} ngày" if late > 0 else words


def _happened(
    event: Event,
    facts: Facts,
    before: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Item]:
    """Return the event's line, and one for each limit it broke. An opening broke none: its earlier
    dates are unknown.
    """
    regime = regime_of(facts, event.on)
    name = label(event.step, regime)
    if event.kind == "opening":
        return [Item(Kind.HAPPENED, event.step, f"{name} (số liệu chuyển tiếp)", event.on)]
    items = [
        Item(Kind.HAPPENED, event.step, name, event.on),
        *_early(event, facts, before, rules, calendar),
    ]
    for clock in ceilings(regime, before, event.step, facts, rules, calendar):
        late = (event.on - clock.on).days
        if late > 0:
            what = f"{name} chậm {late} ngày so với hạn {period_words(clock.rule)}"
            items.append(_item(Kind.LATE, event.step, what, clock, calendar, regime, late))
    return items


def _early(
    event: Event,
    facts: Facts,
    before: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
) -> list[Item]:
    """Return a line for each wait that a step did not keep, and for a forbidden day."""
    regime = regime_of(facts, event.on)
    name = label(event.step, regime)
    items = []
    for clock in floors(regime, before, event.step, event.on, facts, rules, calendar):
        if event.on < clock.on:
            what = f"{name} sớm hơn quy định: phải {wait_words(clock.rule)}"
            items.append(_item(Kind.TOO_EARLY, event.step, what, clock, calendar, regime))
    if event.step == "enforcement" and (closed := blackout(event.on, rules, calendar)):
        rule = closed[1]
        items.append(
            Item(
                Kind.TOO_EARLY,
                event.step,
                f"{name}: ngày {_day(event.on)} {closed[0]}",
                event.on,
                rule.code,
                rule.article,
                verified=rule.verified,
            )
        )
    return items


def _ahead(
    facts: Facts,
    log: Sequence[Event],
    rules: Sequence[Rule],
    calendar: Calendar,
    on: date,
) -> list[Item]:
    regime = standing_regime(facts, log)
    items = []
    for row in steps.required_steps(regime, log, facts):
        name = label(row.code, regime)
        floor = first_lawful_day(row.code, facts, log, rules, calendar)
        unverified = [
            clock
            for clock in floors(regime, log, row.code, None, facts, rules, calendar)
            if not clock.rule.verified
        ]
        shown = [(floor[0], floor[1])] if floor else []
        for day, clock in [*shown, *((clock.on, clock) for clock in unverified)]:
            what = f"{name}: sớm nhất, {wait_words(clock.rule)}"
            items.append(_item(Kind.EARLIEST, row.code, what, clock, calendar, regime, on=day))
        for clock in ceilings(regime, log, row.code, facts, rules, calendar):
            day = max(clock.on, floor[0]) if floor else clock.on
            late = max((on - day).days, 0)
            what = f"{name}: hạn {period_words(clock.rule)}"
            if late:
                what += f", đã quá hạn {late} ngày"
            items.append(_item(Kind.DUE, row.code, what, clock, calendar, regime, late, day))
        for clock in suspended(regime, log, row.code, facts, rules, calendar):
            what = f"{name}: tạm dừng tính hạn {period_words(clock.rule)}: {clock.stopped}"
            items.append(_item(Kind.SUSPENDED, row.code, what, clock, calendar, regime))
    for act in sorted(_acts_with_a_ceiling(rules) - facts.other.keys()):
        for clock in ceilings(regime, log, act, facts, rules, calendar):
            late = max((on - clock.on).days, 0)
            what = f"{event_label(act, regime).capitalize()}: hạn {period_words(clock.rule)}"
            if late:
                what += f", đã quá hạn {late} ngày"
            items.append(_item(Kind.DUE, act, what, clock, calendar, regime, late))
    lapse = notice_lapse(log, facts, rules, calendar)
    if lapse is not None:
        items.append(
            Item(
                Kind.LAPSES,
                "notice",
                "Thông báo thu hồi đất hết hiệu lực",
                lapse.on,
                lapse.rule.code if lapse.rule else "",
                lapse.article,
                event_label("notice", regime),
                lapse.notice_on,
                verified=lapse.rule.verified if lapse.rule else True,
            )
        )
    return items


def _acts_with_a_ceiling(rules: Sequence[Rule]) -> set[str]:
    """Return the acts that a ceiling limits and that are no step of their own."""
    book = RuleBook.of(rules)
    acts = {act for kind, act in book.by_act if kind is RuleType.MAX}
    return acts & steps.OTHER_EVENTS.keys()


def _item(
    kind: Kind,
    step: str,
    what: str,
    clock: Clock,
    calendar: Calendar,
    regime: Regime,
    late_days: int = 0,
    on: date | None = None,
) -> Item:
    day = on or clock.on
    return Item(
        kind,
        step,
        what,
        day,
        clock.rule.code,
        clock.rule.article,
        event_label(clock.event, regime),
        clock.start,
        clock.verified,
        # Days off move a ceiling only; a floor doesn't ask the calendar.
        kind in (Kind.EARLIEST, Kind.TOO_EARLY) or calendar.is_confirmed(day.year),
        late_days,
    )


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
