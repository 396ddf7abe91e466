"""What happened to each case: a life from notice to handover in the law's order, cut at a day.

A life does not depend on the day it is looked at: the city of 2026 is that of 2023, three years
on. Days are proleptic ordinals (`date.toordinal`). The waits kept here are the law's own numbers
or a few days more; the tests put every life through `gpmb.law.steps.check_move`.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.random import Generator

from gpmb.law import steps
from gpmb.law.calendar import add_months
from gpmb.law.regimes import R2_FROM, R4_FROM
from gpmb.management.demo.holders import CaseRow
from gpmb.management.demo.parameters import ProjectRow

R2, R4 = R2_FROM.toordinal(), R4_FROM.toordinal()
OPENING_CUT = date(2022, 7, 1).toordinal()  # before it, some projects know only a state
COMPLETE_FROM = date(2023, 10, 1).toordinal()  # first approvals of projects with a roadmap
LATE_NOTICE = date(2023, 8, 7).toordinal()  # first notices where none had gone out by mid-2023

# Coercion that can't be logged where the persuasion before it is not in the log.
FOLLOWS = {"persuasion_inventory": "compulsory_inventory", "persuasion_handover": "enforcement"}

# Causes of obstacles by the step they hold up (codes of gpmb.reference.ObstacleCause).
CAUSES = {
    "inventory": ("origin_unconfirmed", "undivided_inheritance", "no_heir", "file_incomplete"),
    "approval": ("no_land_price", "area_or_price_disagreed", "no_certificate", "mixed_land"),
    "payment": ("no_funding", "mortgaged", "disputed"),
    "handover": ("graves", "utilities", "refuses_to_sign", "remainder_below_minimum"),
}


@dataclass(frozen=True, slots=True)
class Hold:
    """An obstacle of one case: the step it held up, its cause, the days it was open."""

    cause: str
    opened: int
    closed: int
    step: str


@dataclass(slots=True)
class Life:
    """One case's whole life. `moves` are (step, day) in order; `hold` is its obstacle, if any."""

    moves: list[tuple[str, int]] = field(default_factory=list)
    hold: Hold | None = None
    waiting_plot: bool = False
    approval: int | None = None

    def day(self, step: str) -> int | None:
        return next((day for code, day in self.moves if code == step), None)


class Days:
    """Working days of the demo: every act is dated on one."""

    def __init__(self, off: frozenset[date]) -> None:
        self._off = frozenset(day.toordinal() for day in off)

    def next(self, day: float) -> int:
        """Return the working day on or after a day."""
        at = int(day)
        while (at - 1) % 7 >= 5 or at in self._off:
            at += 1
        return at

    def clear_of_tet(self, day: int) -> int:
        """Return a working day for an enforcement: never from January to mid-March (Tết)."""
        on = date.fromordinal(day)
        if on.month in (1, 2) or (on.month, on.day) < (3, 15):
            day = date(on.year, 3, 15).toordinal()
        elif on.month == 12:
            day = date(on.year + 1, 3, 15).toordinal()
        return self.next(day)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of a project: when its notices went out and its plans were posted."""

    notice: int
    posting: int


def batches(rng: Generator, row: ProjectRow, count: int, days: Days) -> list[Batch]:
    """Date the notices and postings of a project's batches."""
    if row.notice_on is None:
        first = LATE_NOTICE + int(rng.integers(0, 430))
    else:
        first = row.notice_on.toordinal() + int(rng.integers(0, 12))
    gap = min(105.0, 480.0 / count) * row.pace
    result = []
    for number in range(count):
        notice = days.next(first + number * gap + int(rng.integers(0, 10)))
        result.append(
            Batch(notice, days.next(notice + (85 + int(rng.integers(0, 70))) * row.pace))
        )
    return result


def live(
    row: ProjectRow,
    case: CaseRow,
    batch: Batch,
    luck: list[float],
    days: Days,
    *,
    plot_ready: int | None,
) -> Life:
    """Return a case's life. `plot_ready`: the day its plot can be given, None where none is left.

    `luck` holds 16 uniform draws.
    """
    teller = _Teller(row, case, batch, luck, days, plot_ready)
    with suppress(_Ended):  # its notice lapsed, or it waits for a plot that does not exist
        teller.tell()
    return teller.life


class _Ended(Exception):
    """Nothing more happens to the case."""


@dataclass(slots=True)
class _Teller:
    row: ProjectRow
    case: CaseRow
    batch: Batch
    luck: list[float]
    days: Days
    plot_ready: int | None
    life: Life = field(default_factory=Life)
    held: str = ""
    notice: int = 0
    lapse: int | None = None  # first day without a valid notice; None once recovered

    def tell(self) -> None:
        self.held = _held_step(self.row, self.luck)
        heard = self._prepare()
        approval = self._approve(heard)
        self.life.approval = approval
        ready = self._settle(approval)
        if approval >= R2:
            day = max(ready + 2 + 7 * self.luck[14], self.notice + self._wait(ready))
            ready = max(ready, self._act("recovery", day, recovers=True))
        self._hand_over(ready)

    def _act(self, step: str, day: float, hold: str = "", *, recovers: bool = False) -> int:
        """Record a step on the working day on or after `day`, later if an obstacle holds it."""
        moves = self.life.moves
        last = moves[-1][1] if moves else 0
        at = self.days.next(max(day, last))
        if hold and hold == self.held:
            opened = max(last, at - 4)
            at = self.days.next(at + int(_held_days(self.luck[2])))
            causes = CAUSES[hold]
            cause = causes[int(self.luck[3] * len(causes))]
            self.life.hold = Hold(cause, opened, at, step)
        if step == "approval" and at < R2:
            recovers = True
        if self.lapse is not None and at >= self.lapse:
            at = self._renew_notice(step, at)
        if recovers:
            self.lapse = None
        moves.append((step, at))
        return at

    def _renew_notice(self, step: str, at: int) -> int:
        """Issue a lapsed notice again, or end the story; return the day of the step after it."""
        if self.luck[15] > 0.4 or self.lapse is None:
            raise _Ended
        again = self.days.next(max(self.lapse + 12 + 50 * self.luck[14], self.life.moves[-1][1]))
        self.life.moves.append(("notice", again))
        self.notice, self.lapse = again, _lapse(again)
        if step == "recovery":
            return self.days.next(max(at, again + self._wait(again + 60) + 3))
        return self.days.next(max(at, again + 5))

    def _prepare(self) -> int:
        """Notice, inventory, posting, consultation, dialogue; return the day of the last."""
        luck, batch = self.luck, self.batch
        self.notice = self._act("notice", batch.notice)
        self.lapse = _lapse(self.notice)
        if luck[4] < 0.022:
            persuaded = self._act("persuasion_inventory", self.notice + 20)
            self._act("compulsory_inventory", persuaded + 31)
        after = 12 + 75 * luck[5] * self.row.pace
        inventory = self._act("inventory", self.notice + after, "inventory")
        posting = self._act("posting", max(batch.posting, inventory + 9))
        heard = posting
        if posting >= R2:
            wait = 32 if posting < R4 else 12
            heard = self._act("consultation", posting + wait + 3 * luck[6])
        if luck[7] < 0.11:
            heard = self._act("dialogue", heard + 8 + 14 * luck[6])
        return max(heard, posting + 18)

    def _approve(self, heard: int) -> int:
        luck = self.luck
        appraisal = self._act("appraisal", heard + 5 + (12 + 30 * luck[8] ** 2) * self.row.pace)
        day = appraisal + 4 + 26 * luck[9] * self.row.pace
        if self.row.readiness != "complete":
            day = max(day, COMPLETE_FROM + 90 * luck[9])
        if day < R2:  # the 2013 law recovers the same day: the notice's wait must have run
            day = max(day, self.notice + self._wait(int(day)))
        return self._act("approval", day, "approval")

    def _wait(self, day: int) -> int:
        """Return the days from notice to recovery, some to spare (67.1; 85.1; R254 art. 3.9a)."""
        if day >= R4:
            return 124 if self.case.non_agri else 63
        return 184 if self.case.non_agri else 93

    def _settle(self, approval: int) -> int:
        """Pay or deposit, and resettle; return the day both are done."""
        luck = self.luck
        if luck[11] < 0.055:
            paid = self._act("deposit", approval + 36 + 40 * luck[12])
        else:
            late = 130 * (luck[10] - 0.82) / 0.18 if luck[10] > 0.82 else 0.0
            paid = self._act("payment", approval + 5 + 23 * luck[12] + late, "payment")
        if self.case.need == "self":
            return self._act("resettlement", paid + 3)
        if self.case.need == "plot":
            if self.plot_ready is None:
                self.life.waiting_plot = True
                raise _Ended
            return self._act("resettlement", max(approval + 24 + 50 * luck[13], self.plot_ready))
        return paid

    def _hand_over(self, ready: int) -> None:
        luck = self.luck
        day = ready + 5 + 150 * luck[14] ** 2
        if self.life.hold is None and luck[0] > 0.975:
            asked = self._act("persuasion_handover", ready + 25)
            day = asked + 20
            if luck[1] < 0.2:
                forced = self.days.clear_of_tet(asked + 24)
                day = self._act("enforcement", forced) + 3
        self._act("handover", day, "handover")


def _held_step(row: ProjectRow, luck: list[float]) -> str:
    if luck[0] >= row.stall:
        return ""
    bounds = (("inventory", 0.22), ("approval", 0.5), ("payment", 0.66), ("handover", 1.0))
    return next(step for step, up_to in bounds if luck[1] < up_to)


def _held_days(draw: float) -> float:
    """Return how long an obstacle holds a case: months for most, years for one in eight."""
    return 50 + 520 * float(draw**1.5) + (900 + 6_000 * (draw - 0.88) if draw > 0.88 else 0)


def _lapse(notice: int) -> int:
    """Return the first day on which a notice without a recovery decision is dead.

    Resolution 254/2025 art. 3.13c for notices before 1/8/2024; Land Law 2024 art. 85.5 after.
    """
    if notice < R2:
        return R4
    return add_months(date.fromordinal(notice), 12).toordinal()


def up_to(life: Life, as_of: int) -> list[tuple[str, int]]:
    """Return the moves that had happened by a day."""
    return [(step, day) for step, day in life.moves if day <= as_of]


def opened(moves: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """Replace what a carried-over project knows only as a state by one opening event.

    Returns (step, day, kind) rows. A resettlement keeps its own date: an opening at payment does
    not vouch for it.
    """
    old = [move for move in moves if move[1] < OPENING_CUT]
    states = [m for m in old if not steps.step(m[0]).optional or m[0] == "deposit"]
    if not states:
        return [(step, day, "move") for step, day in moves]
    rows = [(*states[-1], "opening")]
    rows += [(step, day, "move") for step, day in old if step == "resettlement"]
    if states[-1][0] == "handover":
        return rows[:1]
    forgotten = {FOLLOWS.get(step) for step, _ in old}
    for step, day in moves[len(old) :]:
        if step == "notice":  # a second notice: the first is not in the log to lapse
            break
        if step not in forgotten:
            rows.append((step, day, "move"))
    return rows


def draws(rng: Generator, count: int) -> list[list[float]]:
    """Return 16 uniform draws a case."""
    rows: list[list[float]] = np.round(rng.random((count, 16)), 6).tolist()
    return rows
