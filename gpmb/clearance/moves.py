"""Many cases at once: what their moves are decided by, read together; what they decide, written
together.

What a move is stays in `Case.decide` and `Case.void`; this module only reads and writes sets.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    HANDOVER_FIELDS,
    STATE_FIELDS,
    Act,
    Case,
    CaseEvent,
    Law,
    Logged,
    Move,
    Standing,
    Taking,
    TakingPart,
)
from gpmb.law.steps import MoveRefused
from gpmb.many import update_many


def standings(
    cases: Collection[int], *, handover_on: dt.date | None = None
) -> dict[int, Standing]:
    """Return the standing of each case (primary keys), by four queries for any number of them.

    The takings a handover concerns are read when its day is given.
    """
    logs: dict[int, list[Logged]] = defaultdict(list)
    events = CaseEvent.objects.living().filter(case__in=cases).in_order()
    for case, step, on, kind, taking, effective, signed in events.values_list(
        "case_id",
        "step",
        "on",
        "kind",
        "taking_id",
        "document__effective_on",
        "document__signed_on",
    ):
        logs[case].append(Logged(step, on, kind, taking, effective or signed))
    groups: dict[int, set[str]] = defaultdict(set)
    parts = TakingPart.objects.filter(taking__case__in=cases, taking__withdrawn_on__isnull=True)
    for case, group in parts.values_list("taking__case", "land_class__group").distinct():
        groups[case].add(group)
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in Act.objects.standing().filter(case__in=cases):
        acts[act.case_id].append(act)
    waiting: dict[int, list[Taking]] = defaultdict(list)
    if handover_on is not None:
        land = Taking.objects.live(on=handover_on).filter(
            case__in=cases, handed_over_on__isnull=True
        )
        for row in land.defer("boundary", "boundary_web").order_by("pk"):
            waiting[row.case_id or 0].append(row)
    return {case: Standing(logs[case], groups[case], acts[case], waiting[case]) for case in cases}


def decide_many(
    cases: Sequence[Case], move: Move, law: Law
) -> dict[int, list[CaseEvent] | MoveRefused]:
    """Ask `Case.decide` of each case; return primary key → events to insert, or the refusal.

    Nothing is written; the cases that move carry their new state.
    """
    handover_on = move.on if move.to == "handover" else None
    known = standings([case.pk for case in cases], handover_on=handover_on)
    answers: dict[int, list[CaseEvent] | MoveRefused] = {}
    for case in cases:
        try:
            answers[case.pk] = case.decide(move, known[case.pk], law)
        except MoveRefused as refused:
            answers[case.pk] = refused
    return answers


def write_moves(
    cases: Sequence[Case], decided: Mapping[int, list[CaseEvent] | MoveRefused]
) -> dict[int, int | None]:
    """Save what `decide_many` decided for `cases`, all of which move: land, events, state.

    The cases must have been locked before they were decided. Returns their new versions.
    """
    events = [event for case in cases for event in _moved(decided[case.pk])]
    update_many([event.taking for event in events if event.taking], HANDOVER_FIELDS)
    CaseEvent.objects.bulk_create(events)
    return save_states(cases)


def save_states(cases: Sequence[Case]) -> dict[int, int | None]:
    """Write the derived state columns of many cases; return their new versions."""
    return update_many(cases, STATE_FIELDS)


def void_many(
    cases: Sequence[Case],
    events: Iterable[CaseEvent],
    *,
    on: dt.date,
    by: User | None,
    reason: str,
    law: Law,
) -> dict[int, int | None]:
    """Void living events of locked cases and derive their state anew; return their new versions.

    As `Case.void` does for one: a new event says so, the old one stays, land comes back.
    """
    taken_back = list(events)
    Taking.objects.of_handovers(taken_back).update(**dict.fromkeys(HANDOVER_FIELDS))
    CaseEvent.objects.bulk_create(
        event.voiding(on=on, by=by, reason=reason) for event in taken_back
    )
    known = standings([case.pk for case in cases])
    for case in cases:
        now = known[case.pk]
        case.refresh_state(law, now.log, now.groups, now.acts)
    return save_states(cases)


def _moved(answer: list[CaseEvent] | MoveRefused) -> list[CaseEvent]:
    if isinstance(answer, MoveRefused):
        raise answer
    return answer
