"""Deadlines of many cases at once: stored dates compared with a day, and kept up to date.

The law itself is in `gpmb.law`; a case stores the answer of `next_due` at each event. When a rule
or a day off is edited, `refresh` asks again, and `effect_of` tells before saving how many cases
would move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Q, Value, When

from gpmb.clearance.models import STATE_FIELDS, Case, CaseEvent, Law, as_law
from gpmb.clearance.moves import save_states, standings
from gpmb.law import timeline
from gpmb.law.deadlines import NEAR_DAYS, SOON_DAYS, State
from gpmb.law.steps import Event

CHUNK = 2000
DATES = ("next_step", "due_on", "due_rule", "earliest_on", "lapses_on")
STATE_LABELS = {
    State.NONE: "Không có hạn đang chạy",
    State.IN_TIME: "Còn hạn",
    State.DUE_30: f"Đến hạn trong {NEAR_DAYS} ngày",
    State.DUE_7: f"Đến hạn trong {SOON_DAYS} ngày",
    State.LATE: "Quá hạn theo luật",
    State.LAPSED: "Thông báo đã hết hiệu lực",
}


def conditions(on: dt.date, prefix: str = "") -> list[tuple[State, Q]]:
    """Return each state's SQL condition, the gravest first: the first that holds is the state.

    `prefix` reaches the case from another table: "case__" from a taking. Where none holds, no
    deadline runs.
    """

    def by(days: int) -> Q:
        due = on + dt.timedelta(days=days)
        # The last valid day of a notice is the one before it lapses.
        lapse = due + dt.timedelta(days=1)
        return Q(**{f"{prefix}due_on__lte": due}) | Q(**{f"{prefix}lapses_on__lte": lapse})

    some = Q(**{f"{prefix}due_on__isnull": False}) | Q(**{f"{prefix}lapses_on__isnull": False})
    return [
        (State.LAPSED, Q(**{f"{prefix}lapses_on__lte": on})),
        (State.LATE, Q(**{f"{prefix}due_on__lt": on})),
        (State.DUE_7, by(SOON_DAYS)),
        (State.DUE_30, by(NEAR_DAYS)),
        (State.IN_TIME, some),
    ]


def deadline_state(on: dt.date, prefix: str = "") -> models.Case:
    """Return the SQL of `gpmb.law.deadlines.state` on a case's stored dates: a value of State."""
    return models.Case(
        *(When(condition, then=Value(state)) for state, condition in conditions(on, prefix)),
        default=Value(State.NONE),
        output_field=models.CharField(),
    )


def timeline_of(case: Case, on: dt.date, law: Law | None = None) -> list[timeline.Item]:
    """Return what happened in a case up to a day and what the law has in store for it."""
    law = law or Law.read()
    log = case.log()
    acts = [act for act in case.standing_acts() if act.on <= on]
    facts = case.facts(log, acts=acts)
    return timeline.timeline(facts, _own(log), law.rules, law.calendar, on)


def next_act(case: Case, on: dt.date, law: Law | None = None) -> str:
    """Return the next lawful act of a case in one sentence."""
    law = law or Law.read()
    log = case.log()
    return timeline.next_lawful_act(case.facts(log), _own(log), law.rules, law.calendar, on)


def _own(log: list[CaseEvent]) -> list[Event]:
    """Return the events of the case itself; a single taking's handover is not a step of it."""
    return as_law([event for event in log if event.taking_id is None])


def refresh(cases: models.QuerySet[Case], law: Law | None = None) -> int:
    """Derive the state columns of cases anew, in chunks; return how many rows changed."""
    changed = 0
    for chunk in _chunks(cases):
        with transaction.atomic():
            moved = list(_moved(chunk, law or Law.read(), lock=True))
            save_states(moved)
        changed += len(moved)
    return changed


@dataclass(frozen=True)
class Effect:
    """What a change of the law would do to open cases."""

    asked: int
    moved: int
    examples: tuple[str, ...]


def effect_of(law: Law, cases: models.QuerySet[Case] | None = None, examples: int = 5) -> Effect:
    """Return how many open cases would get another next step, due, earliest or lapse date.

    Nothing is written. Stored dates are taken as they are, so a case not refreshed since an
    earlier change counts too.
    """
    open_ = (Case.objects.all() if cases is None else cases).exclude(step="handover")
    asked, moved = 0, 0
    shown: list[str] = []
    for chunk in _chunks(open_):
        asked += len(chunk)
        for case in _moved(chunk, law, fields=DATES):
            moved += 1
            if len(shown) < examples:
                due = f"{case.due_on:%d/%m/%Y}" if case.due_on else "không có"
                shown.append(f"{case.code}: hạn mới {due}")
    return Effect(asked, moved, tuple(shown))


def _chunks(cases: models.QuerySet[Case]) -> Iterator[list[int]]:
    keys = list(cases.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def _moved(
    keys: list[int],
    law: Law,
    *,
    lock: bool = False,
    fields: Sequence[str] = tuple(STATE_FIELDS),
) -> Iterator[Case]:
    """Yield the cases whose derived columns differ from the stored ones, with the new values."""
    known = standings(keys)
    cases = Case.objects.filter(pk__in=keys).order_by("pk")
    for case in cases.select_for_update() if lock else cases:
        before = [getattr(case, name) for name in fields]
        known_of = known[case.pk]
        case.refresh_state(law, known_of.log, known_of.groups, known_of.acts)
        if before != [getattr(case, name) for name in fields]:
            yield case
