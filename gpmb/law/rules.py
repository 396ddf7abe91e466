"""A rule row, how one is picked, and the three dates it gives: earliest, due, lapsing.

Convention: n days from D end on D + n. A floor with bound `ge` is lawful from D + n, with `gt`
from D + n + 1; months keep the day of the month. A ceiling that ends on a day off moves to the
next working day (Civil Code 2015 art. 148.5), a floor does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from gpmb.law.calendar import Calendar, add_months
from gpmb.law.regimes import Regime


class RuleType(StrEnum):
    MIN_WAIT = "MIN_WAIT"
    MAX = "MAX"
    VALIDITY = "VALIDITY"
    BLACKOUT = "BLACKOUT"
    SUSPEND = "SUSPEND"
    RATE = "RATE"


class Unit(StrEnum):
    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"
    PERCENT_A_DAY = "percent_a_day"


class Bound(StrEnum):
    GE = "ge"
    GT = "gt"


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of the law with its article, its validity and how sure we are of it.

    `from_event` starts the clock and `to_event` is the act it governs (step codes, or the events
    named in the fixtures). `regime` lists the regimes that use the row ("R2 R3"), empty for all.
    `picked_by` names the event whose date picks the row among its versions: "from" or "to".
    """

    code: str
    value: Decimal
    unit: Unit
    type: RuleType
    article: str
    valid_from: date
    bound: Bound = Bound.GE
    from_event: str = ""
    to_event: str = ""
    land_group: str = ""
    remote: bool = False
    valid_to: date | None = None
    regime: str = ""
    verified: bool = False
    note: str = ""
    picked_by: str = "from"

    def valid_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class RuleBook(tuple[Rule, ...]):
    """Rule rows with the indexes that make a hundred thousand questions cheap."""

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> "RuleBook":
        return rules if isinstance(rules, cls) else cls(rules)

    @cached_property
    def by_code(self) -> dict[str, tuple[Rule, ...]]:
        codes = dict.fromkeys(rule.code for rule in self)
        return {code: tuple(rule for rule in self if rule.code == code) for code in codes}

    @cached_property
    def starts(self) -> dict[str, frozenset[str]]:
        """The events that any version of a rule counts from, by its code."""
        return {
            code: frozenset(event for rule in rules for event in rule.from_event.split())
            for code, rules in self.by_code.items()
        }

    @cached_property
    def by_act(self) -> dict[tuple[RuleType, str], tuple[str, ...]]:
        """Codes that govern an act, by (type, act), in alphabetical order."""
        found: dict[tuple[RuleType, str], set[str]] = {}
        for rule in self:
            for act in rule.to_event.split():
                found.setdefault((rule.type, act), set()).add(rule.code)
        return {key: tuple(sorted(codes)) for key, codes in found.items()}

    @cached_property
    def periods(self) -> tuple[Rule, ...]:
        """Floors whose end is itself an event that other rules count from ("…_end")."""
        return tuple(
            rule
            for rule in self
            if rule.type is RuleType.MIN_WAIT and rule.to_event.endswith("_end")
        )


def pick(
    rules: Sequence[Rule], code: str, on: date, *, regime: Regime | None = None
) -> Rule | None:
    """Return the version of a rule that governs `on`, or None.

    With a regime, only its rows count, and a case that continues under its old law keeps the
    last version of it after the version's validity ended.
    """
    rows = RuleBook.of(rules).by_code.get(code, ())
    if regime is not None:
        rows = tuple(rule for rule in rows if not rule.regime or regime in rule.regime.split())
    valid = [rule for rule in rows if rule.valid_on(on)]
    if not valid and regime is not None:
        valid = [rule for rule in rows if rule.valid_from <= on and rule.regime]
    return max(valid, key=lambda rule: rule.valid_from, default=None)


def end_on(rule: Rule, start: date, calendar: Calendar) -> date:
    """Return the day a rule's period ends, counted from the day of the event."""
    count = int(rule.value)
    if rule.unit is Unit.MONTH:
        return add_months(start, count)
    if rule.unit is Unit.WORKING_DAY:
        return calendar.add_working_days(start, count)
    return start + timedelta(days=count)


def floor_on(rule: Rule, start: date, calendar: Calendar) -> date:
    """Return the first lawful day after a period seen as a floor."""
    end = end_on(rule, start, calendar)
    return end + timedelta(days=1) if rule.bound is Bound.GT else end


def ceiling_on(rule: Rule, start: date, calendar: Calendar) -> date:
    """Return the last lawful day of a period seen as a ceiling."""
    return calendar.next_working_day(end_on(rule, start, calendar))


def earliest_on(rule: Rule, start: date, calendar: Calendar) -> date | None:
    """Return the first lawful day of the act that a floor holds back; None for other types."""
    return floor_on(rule, start, calendar) if rule.type is RuleType.MIN_WAIT else None


def due_on(rule: Rule, start: date, calendar: Calendar) -> date | None:
    """Return the last lawful day of the act that a ceiling limits; None for other types."""
    return ceiling_on(rule, start, calendar) if rule.type is RuleType.MAX else None


def lapses_on(rule: Rule, start: date, calendar: Calendar) -> date | None:
    """Return the last day on which something is valid; None for other types.

    Twelve months from 10/02/2025 end on 10/02/2026.
    """
    return end_on(rule, start, calendar) if rule.type is RuleType.VALIDITY else None
