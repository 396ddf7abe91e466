"""A project's cases × the law's steps: when each was done, what is due next, how late; and last,
when the centre handed the land on to the investor.

Everything here is a public fact of a case (code, step, day); names are the caller's matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Max, Q

from gpmb.clearance.models import Case, Law, Standing, Taking, as_law
from gpmb.clearance.moves import standings
from gpmb.law import steps
from gpmb.law.deadlines import NEAR_DAYS, SOON_DAYS, standing_regime
from gpmb.law.regimes import Facts, Regime, regime_on
from gpmb.law.timeline import days_late
from gpmb.many import among

SITE = "site_handover"
"""The last column is no step of a case: the centre hands its land to the investor, by batch."""
SITE_LABEL = "Bàn giao cho chủ đầu tư"
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
    """One step of one case. `days` past a ceiling; `age` the band of AGES a done step is in.

    `words` say how it stands where its look doesn't; `part` is what of it is done.
    """

    step: str
    look: Look
    on: dt.date | None = None
    days: int = 0
    age: int | None = None
    words: str = ""
    part: str = ""

    @property
    def done(self) -> bool:
        return self.look in _DONE

    @property
    def free(self) -> bool:
        """Whether the order of the law lets the step be recorded now."""
        return self.look in _FREE

    @property
    def text(self) -> str:
        if self.part:
            return self.part
        if self.on and (self.done or self.look in (Look.DUE_7, Look.DUE_30, Look.NEXT)):
            day = f"{self.on:%d/%m/%y}"
            return f"{day} +{self.days}" if self.days else day if self.done else f"hạn {day}"
        if self.look is Look.OVERDUE:
            return f"quá {self.days} ngày"
        return {Look.VOUCHED: "✓", Look.NEXT: "tiếp", Look.ABSENT: "–"}.get(self.look, "")

    @property
    def said(self) -> str:
        """The cell in words, for a reader who doesn't see its colour."""
        words = self.words or LOOK_WORDS.get(self.look, "chưa đến lượt")
        if self.look is Look.LATE:
            words = f"đã ghi, chậm {self.days} ngày"
        if self.look is Look.OVERDUE:
            words += f" {self.days} ngày"
        if self.on:
            words += f", {'' if self.done or self.part else 'hạn '}{self.on:%d/%m/%Y}"
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
    sites = _sites(cases, on)
    rows = [
        Row(
            case,
            told[0],
            [*(_cell(row, case, *told, known[case.pk], on) for row in shown), sites[case.pk]],
        )
        for case, told in zip(cases, judged, strict=True)
    ]
    common = max(regimes, key=[regime for regime, *_ in judged].count)
    heads = [(row.code, steps.label(row.code, common), row.stage) for row in shown]
    heads.append((SITE, SITE_LABEL, shown[-1].stage))
    columns = [
        Column(*head, sum(each.cells[at].done for each in rows), len(rows))
        for at, head in enumerate(heads)
    ]
    return Matrix(columns, rows)


def _sites(cases: Sequence[Case], on: dt.date) -> dict[int, Cell]:
    """How much of each case's land the investor has by a day: all of it, or so many parcels."""
    handed = Q(site_handovers__on__lte=on)
    land = Taking.objects.live(on=on).filter(case=among([case.pk for case in cases])).order_by()
    rows = land.values("case").annotate(
        land=Count("pk", distinct=True),
        handed=Count("pk", distinct=True, filter=handed),
        last=Max("site_handovers__on", filter=handed),
    )
    found = {case: told for case, *told in rows.values_list("case", "land", "handed", "last")}
    return {case.pk: _site(on, *found.get(case.pk, (0, 0, None))) for case in cases}


def _site(on: dt.date, land: int, handed: int, last: dt.date | None) -> Cell:
    words = SITE_LABEL.lower()
    if last is None:
        return Cell(SITE, Look.WAITING, words=f"chưa {words}")
    if handed < land:
        part = f"{handed}/{land} thửa"
        return Cell(SITE, Look.WAITING, last, words=f"đã {words} {part}", part=part)
    age = _age(last, on)
    return Cell(SITE, Look.DONE, last, age=age, words=f"đã {words}")


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
        age = _age(last.on, on)
        if last.kind == "opening":
            return Cell(row.code, Look.OPENING, last.on, age=age)
        days = late.get(row.code, 0)
        return Cell(row.code, Look.LATE if days else Look.DONE, last.on, days, age)
    if row.code == case.next_step and row.code in free:
        return _next(row.code, case.due_on, on)
    return Cell(row.code, Look.OPEN if row.code in free else Look.WAITING)


def _age(done_on: dt.date, on: dt.date) -> int:
    return sum((on - done_on).days > days for days in AGES)


def _next(code: str, due_on: dt.date | None, on: dt.date) -> Cell:
    if due_on is None:
        return Cell(code, Look.NEXT)
    left = (due_on - on).days
    if left < 0:
        return Cell(code, Look.OVERDUE, due_on, -left)
    if left <= SOON_DAYS:
        return Cell(code, Look.DUE_7, due_on)
    return Cell(code, Look.DUE_30 if left <= NEAR_DAYS else Look.NEXT, due_on)
