"""A project's cases × the law's steps: when each was done, what is due next, how late.

Everything here is a public fact of a case (code, step, day); names are the caller's matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gpmb.clearance.models import Case, Law, Standing, as_law
from gpmb.clearance.moves import standings
from gpmb.law import steps
from gpmb.law.deadlines import NEAR_DAYS, SOON_DAYS, standing_regime
from gpmb.law.regimes import Facts, Regime, regime_on
from gpmb.law.timeline import days_late

AGES = (30, 90, 180)
"""Days since a step was done that part the bands of "recently done"."""


class Look(StrEnum):
    """How a cell stands; its colour when the matrix shows lateness."""

    DONE = "done"  # in time, or without a ceiling
    LATE = "late"  # done, past its ceiling
    OPENING = "opening"  # số liệu chuyển tiếp: where the case stood when it came in
    VOUCHED = "vouched"  # before an opening: done, on a day nobody knows
    OVERDUE = "overdue"  # next, past its ceiling
    DUE_7 = "due_7"
    DUE_30 = "due_30"
    NEXT = "next"  # next required step, no ceiling near
    OPEN = "open"  # may be recorded, not required next
    WAITING = "waiting"  # not its turn
    ABSENT = "absent"  # the case's law has no such step


LOOK_WORDS = {
    Look.DONE: "đã ghi, đúng hạn",
    Look.LATE: "đã ghi, chậm so với hạn",
    Look.OPENING: "số liệu chuyển tiếp",
    Look.VOUCHED: "xong trước khi chuyển tiếp",
    Look.OVERDUE: "bước tiếp theo, quá hạn",
    Look.DUE_7: f"đến hạn trong {SOON_DAYS} ngày",
    Look.DUE_30: f"đến hạn trong {NEAR_DAYS} ngày",
    Look.NEXT: "bước tiếp theo",
    Look.OPEN: "làm được ngay",
    Look.ABSENT: "luật áp dụng không có bước này",
}
_DONE = (Look.DONE, Look.LATE, Look.OPENING, Look.VOUCHED)
_FREE = (Look.OVERDUE, Look.DUE_7, Look.DUE_30, Look.NEXT, Look.OPEN)


@dataclass(slots=True)
class Cell:
    """One step of one case. `days` past a ceiling; `age` the band of AGES a done step is in."""

    step: str
    look: Look
    on: dt.date | None = None
    days: int = 0
    age: int | None = None

    @property
    def done(self) -> bool:
        return self.look in _DONE

    @property
    def free(self) -> bool:
        """Whether the order of the law lets the step be recorded now."""
        return self.look in _FREE

    @property
    def text(self) -> str:
        if self.on and (self.done or self.look in (Look.DUE_7, Look.DUE_30, Look.NEXT)):
            day = f"{self.on:%d/%m/%y}"
            return f"{day} +{self.days}" if self.days else day if self.done else f"hạn {day}"
        if self.look is Look.OVERDUE:
            return f"quá {self.days} ngày"
        return {Look.VOUCHED: "✓", Look.NEXT: "tiếp", Look.ABSENT: "–"}.get(self.look, "")

    @property
    def said(self) -> str:
        """The cell in words, for a reader who doesn't see its colour."""
        words = LOOK_WORDS.get(self.look, "chưa đến lượt")
        if self.look is Look.LATE:
            words = f"đã ghi, chậm {self.days} ngày"
        if self.look is Look.OVERDUE:
            words += f" {self.days} ngày"
        if self.on:
            words += f", {'' if self.done else 'hạn '}{self.on:%d/%m/%Y}"
        return words


@dataclass(slots=True)
class Row:
    case: Case
    regime: Regime
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A step with its label in the law of most rows, and how many rows have done it."""

    step: str
    label: str
    stage: int
    done: int
    rows: int


@dataclass(frozen=True, slots=True)
class Matrix:
    columns: list[Column]
    rows: list[Row]


def matrix(cases: Sequence[Case], on: dt.date, law: Law | None = None) -> Matrix:
    """Return the matrix of cases as they stand, judged on day `on`; the queries don't grow."""
    law = law or Law.read()
    known = standings([case.pk for case in cases])
    judged = [_judge(case, known[case.pk], law, on) for case in cases]
    regimes = {regime for regime, *_ in judged} or {regime_on(on)}
    shown = [row for row in steps.STEPS if row.regimes & regimes]
    rows = [
        Row(case, told[0], [_cell(row, case, *told, known[case.pk], on) for row in shown])
        for case, told in zip(cases, judged, strict=True)
    ]
    common = max(regimes, key=[regime for regime, *_ in judged].count)
    columns = [
        Column(
            row.code,
            steps.label(row.code, common),
            row.stage,
            sum(each.cells[at].done for each in rows),
            len(rows),
        )
        for at, row in enumerate(shown)
    ]
    return Matrix(columns, rows)


def _judge(
    case: Case, standing: Standing, law: Law, on: dt.date
) -> tuple[Regime, frozenset[str], frozenset[str], dict[str, int]]:
    """The case's regime, the steps done, those open, and how late the done ones were."""
    own = as_law([event for event in standing.log if event.taking_id is None])
    facts: Facts = case.facts(standing.log, standing.groups, standing.acts)
    # A case not begun follows the law of the day.
    regime = standing_regime(facts, own) if own else facts.override or regime_on(on)
    free = frozenset(row.code for row in steps.next_steps(regime, own, facts=facts))
    late = days_late(facts, own, law.rules, law.calendar)
    return regime, steps.done(regime, own), free, late


def _cell(
    row: steps.Step,
    case: Case,
    regime: Regime,
    had: frozenset[str],
    free: frozenset[str],
    late: dict[str, int],
    standing: Standing,
    on: dt.date,
) -> Cell:
    if regime not in row.regimes:
        return Cell(row.code, Look.ABSENT)
    if row.code in had:
        events = [e for e in standing.log if e.step == row.code and e.taking_id is None]
        if not events:
            return Cell(row.code, Look.VOUCHED, age=len(AGES))
        last = events[-1]
        age = sum((on - last.on).days > days for days in AGES)
        if last.kind == "opening":
            return Cell(row.code, Look.OPENING, last.on, age=age)
        days = late.get(row.code, 0)
        return Cell(row.code, Look.LATE if days else Look.DONE, last.on, days, age)
    if row.code == case.next_step and row.code in free:
        return _next(row.code, case.due_on, on)
    return Cell(row.code, Look.OPEN if row.code in free else Look.WAITING)


def _next(code: str, due_on: dt.date | None, on: dt.date) -> Cell:
    if due_on is None:
        return Cell(code, Look.NEXT)
    left = (due_on - on).days
    if left < 0:
        return Cell(code, Look.OVERDUE, due_on, -left)
    if left <= SOON_DAYS:
        return Cell(code, Look.DUE_7, due_on)
    return Cell(code, Look.DUE_30 if left <= NEAR_DAYS else Look.NEXT, due_on)
