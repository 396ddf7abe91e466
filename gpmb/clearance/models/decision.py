"""What a move of a case is decided by: the law's rows, the log, the land."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gpmb.accounts.models import User
from gpmb.clearance.models.act import Act
from gpmb.clearance.models.event import CaseEvent, Logged
from gpmb.clearance.models.taking import Taking
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.law.deadlines import Due, next_due
from gpmb.law.regimes import Facts, Regime
from gpmb.law.timeline import acted_early
from gpmb.reference.models import Holiday, Rule

if TYPE_CHECKING:
    from gpmb.law.calendar import Calendar
    from gpmb.law.rules import Rule as LawRule


class StaleCase(Exception):
    """Someone changed the case since the form was opened; nothing was written."""


@dataclass(frozen=True)
class Law:
    """The rule rows and days off that a decision is judged by, read once.

    Its answers depend on nothing but their arguments, and the cases of a batch share a few
    histories among thousands: each is asked once.
    """

    rules: tuple[LawRule, ...]
    calendar: Calendar
    _answers: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls) -> Law:
        return cls(Rule.objects.as_law(), Holiday.objects.as_law())

    def refusal(
        self, regime: Regime, events: Sequence[steps.Event], to: str, on: dt.date, facts: Facts
    ) -> tuple[str, str] | None:
        """Return why `steps.check_move` refuses a step, and what comes first; None: allowed."""
        key = ("refusal", regime, tuple(events), to, on, facts)
        if key not in self._answers:
            try:
                steps.check_move(
                    regime, events, to, on, facts=facts, rules=self.rules, calendar=self.calendar
                )
            except steps.MoveRefused as refused:
                self._answers[key] = (refused.reason, refused.first)
            else:
                self._answers[key] = None
        answer: tuple[str, str] | None = self._answers[key]
        return answer

    def standing(self, facts: Facts, events: Sequence[steps.Event]) -> tuple[Due | None, bool]:
        """Return `next_due` of a log, and whether a step in it came too early."""
        key = ("standing", tuple(events), facts)
        if key not in self._answers:
            asked = (facts, events, self.rules, self.calendar)
            self._answers[key] = (next_due(*asked), acted_early(*asked))
        answer: tuple[Due | None, bool] = self._answers[key]
        return answer


@dataclass(frozen=True)
class Move:
    """A step to be recorded: which, on what day, by whom, by which paper."""

    to: str
    on: dt.date
    by: User | None = None
    document: Document | None = None
    reason: str = ""


@dataclass
class Standing:
    """What a move is decided by: a case's living events, oldest first, the groups of its land,
    its standing acts, and its living takings not yet handed over (read for a handover alone)."""

    log: Sequence[CaseEvent | Logged]
    groups: Collection[str]
    acts: Sequence[Act]
    waiting: Sequence[Taking] = ()
