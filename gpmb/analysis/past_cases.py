"""Cases as they stood on a past day, from the event log: for a list, never to be saved.

Two readings of one log. *As it was*: what happened up to the day, by what is known today. *As it
was known*: what had been written down by the end of that day; a step recorded later, or voided
later, makes the two differ.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gpmb.analysis.progress_models import DueSpan
from gpmb.clearance.models import Case, CaseEvent
from gpmb.law import steps

# Dates of a case that a later event set: unknown on the day.
DATES = ("notice_on", "approval_on", "recovery_on", "paid_on", "deposited_on", "resettled_on")


@dataclass(frozen=True)
class _Event:
    """What both readings need of an event. `on` of a void is the day somebody took back."""

    pk: int
    kind: str
    step: str
    on: dt.date
    recorded_on: dt.date
    voids: int | None


def put_back(cases: Sequence[Case], on: dt.date) -> dict[int, str]:
    """Set step, stage, dates and ceiling of `cases` to those of a past day; don't save them.

    Returns, by primary key, the step that was known then where it differs from what is now known
    of that day. Nothing was known of any of them: the program came later, and nothing is returned.
    """
    logs = _logs(cases)
    spans = _ceilings(cases, on)
    known_then: dict[int, str] = {}
    for case in cases:
        log = logs[case.pk]
        told = [e for e in log if e.recorded_on <= on]
        now, then = _living(log, on), _living(told, on)
        case.step = steps.current([steps.Event(e.step, e.on) for e in now])
        case.stage = 0 if case.step == steps.PLANNED else steps.step(case.step).stage
        case.stepped_on = max((e.on for e in now if e.step == case.step), default=None)
        case.due_on, case.next_step = spans.get(case.pk), ""
        for name in DATES:
            value = getattr(case, name)
            setattr(case, name, value if value and value <= on else None)
        known = steps.current([steps.Event(e.step, e.on) for e in then])
        if known != case.step:
            known_then[case.pk] = known
    recorded = any(e.recorded_on <= on for log in logs.values() for e in log)
    return known_then if recorded else {}


def _logs(cases: Iterable[Case]) -> dict[int, list[_Event]]:
    rows: Any = CaseEvent.objects.filter(case__in=[case.pk for case in cases], taking=None)
    logs: dict[int, list[_Event]] = defaultdict(list)
    for key, pk, kind, step, on, at, voids in rows.in_order().values_list(
        "case_id", "pk", "kind", "step", "on", "recorded_at", "voids_id"
    ):
        recorded_on = timezone.localtime(at).date()
        logs[key].append(_Event(pk, kind, step, on, recorded_on, voids))
    return logs


def _living(log: Iterable[_Event], on: dt.date) -> list[_Event]:
    """The events of up to the day that nothing in this log takes back."""
    rows = list(log)
    gone = {event.voids for event in rows if event.voids is not None}
    return [e for e in rows if e.kind != "void" and e.on <= on and e.pk not in gone]


def _ceilings(cases: Iterable[Case], on: dt.date) -> dict[int, dt.date]:
    """The legal ceiling that ran on the day, by case."""
    running = DueSpan.objects.filter(
        Q(until=None) | Q(until__gt=on), case__in=[case.pk for case in cases], since__lte=on
    )
    return dict(running.values_list("case_id", "due_on"))
