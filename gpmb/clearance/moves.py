"""Many cases at once: what their moves are decided by, read together; what they decide, written
together.

What a move is stays in `Case.decide` and `Case.void`; this module only reads and writes sets, and
asks once of the cases that are alike.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db import connection
from django.db.models import Func, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    DECIDING_FIELDS,
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
from gpmb.many import among, update_alike, update_many


def standings(
    cases: Collection[int], *, handover_on: dt.date | None = None
) -> dict[int, Standing]:
    """Return the standing of each case (primary keys), by four queries for any number of them.

    The takings a handover concerns are read when its day is given.
    """
    wanted = among(cases)
    logs = _logs(wanted)
    nothing: list[Logged] = []
    groups: dict[int, set[str]] = defaultdict(set)
    parts = TakingPart.objects.filter(taking__case__in=wanted, taking__withdrawn_on__isnull=True)
    for case, group in parts.values_list("taking__case", "land_class__group").distinct():
        groups[case].add(group)
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in Act.objects.standing().filter(case__in=wanted):
        acts[act.case_id].append(act)
    waiting: dict[int, list[Taking]] = defaultdict(list)
    if handover_on is not None:
        land = Taking.objects.live(on=handover_on).filter(
            case__in=wanted, handed_over_on__isnull=True
        )
        for row in land.defer("boundary", "boundary_web").order_by("pk"):
            waiting[row.case_id or 0].append(row)
    return {
        case: Standing(logs.get(case, nothing), groups[case], acts[case], waiting[case])
        for case in cases
    }


class _JSONAgg(JSONBAgg):
    """As text, twice as fast as the binary form that nobody looks into."""

    function = "JSON_AGG"


def _logs(wanted: RawSQL) -> dict[int, list[Logged]]:
    """The living events of each case in order; cases that went the same way share one list."""
    line = Func(
        "step",
        "on",
        "kind",
        "taking_id",
        Coalesce("document__effective_on", "document__signed_on"),
        function="json_build_array",
    )
    told = _JSONAgg(line, order_by=("on", "recorded_at", "pk"))
    rows = (
        CaseEvent.objects.living()
        .filter(case__in=wanted)
        .values("case_id")
        .annotate(log=Cast(told, TextField()))
        .values_list("case_id", "log")
    )
    day = dt.date.fromisoformat
    read: dict[str, list[Logged]] = {}
    logs = {}
    for case, text in rows:
        if text not in read:
            read[text] = [
                Logged(step, day(on), kind, taking, day(effective) if effective else None)
                for step, on, kind, taking, effective in json.loads(text)
            ]
        logs[case] = read[text]
    return logs


@dataclass
class Alike:
    """Cases of which everything a move is decided by is the same: the law is asked of the first,
    and its answer is that of all.

    What `Case.decide` answers stays here: the events to insert for each case, or the refusal;
    of these cases the first alone carries the state that follows.
    """

    first: Case
    keys: list[int]
    standing: Standing
    events: list[CaseEvent] = field(default_factory=list)
    refused: MoveRefused | None = None

    def decide(self, move: Move, law: Law) -> None:
        """Ask `Case.decide`, and keep what it answers."""
        try:
            self.events = self.first.decide(move, self.standing, law)
        except MoveRefused as refused:
            self.refused = refused


def alike(cases: Collection[int], *, handover_on: dt.date | None = None) -> list[Alike]:
    """Group cases (primary keys) by what a move is decided by and what they stand at: thousands
    share a few histories, and of each group one case is read. A case with acts, or with land a
    handover waits for, stands alone."""
    known = standings(cases, handover_on=handover_on)
    rows = Case.objects.filter(pk__in=among(cases)).order_by()
    states = rows.values(*DECIDING_FIELDS, *STATE_FIELDS).annotate(keys=ArrayAgg("pk"))
    groups: dict[Hashable, list[int]] = {}
    for state, keys in enumerate(states.values_list("keys", flat=True)):
        for case in keys:
            its = known[case]
            alone = case if its.acts or its.waiting else None
            # Equal logs are one list (`_logs`), told apart by where it is.
            key = (state, alone, id(its.log), frozenset(its.groups))
            groups.setdefault(key, []).append(case)
    first = Case.objects.in_bulk([keys[0] for keys in groups.values()])
    return [Alike(first[keys[0]], keys, known[keys[0]]) for keys in groups.values()]


def write_moves(decided: Sequence[Alike]) -> tuple[dict[int, int | None], dict[int, list[int]]]:
    """Save what one move was decided to be, refusals left out: land, events, state.

    The cases must have been locked before they were decided. Returns their new versions, and the
    keys of the events each was given.
    """
    moving = [group for group in decided if group.refused is None]
    if not moving:
        return {}, {}
    land = [event.taking for group in moving for event in group.events if event.taking]
    update_many(land, HANDOVER_FIELDS)
    made = _insert_events(
        moving[0].events[0],
        [
            (case, event.taking_id, None)
            for group in moving
            for case in group.keys
            for event in group.events
        ],
    )
    return update_alike([(group.first, group.keys) for group in moving], STATE_FIELDS), made


def _insert_events(
    like: CaseEvent, of: Sequence[tuple[int, int | None, int | None]]
) -> dict[int, list[int]]:
    """Insert an event for each (case, taking, event it voids), in all else like `like`, by one
    statement; return the keys of those of each case."""
    made: dict[int, list[int]] = defaultdict(list)
    cases, takings, voided = (list(column) for column in zip(*of, strict=True))
    shared = (like.kind, like.step, like.on, like.by_id, like.document_id, like.reason)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clearance_caseevent"
            ' (case_id, taking_id, voids_id, kind, step, "on", by_id, document_id, reason)'
            " SELECT c, t, v, %s, %s, %s, %s, %s, %s"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
            " WITH ORDINALITY AS made (c, t, v, nth) ORDER BY nth RETURNING case_id, id",
            (*shared, cases, takings, voided),
        )
        for case, event in cursor.fetchall():
            made[case].append(event)
    return made


def save_states(cases: Sequence[Case]) -> dict[int, int | None]:
    """Write the derived state columns of many cases; return their new versions."""
    return update_many(cases, STATE_FIELDS)


def void_many(
    cases: Collection[int],
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
    if taken_back:
        like = taken_back[0].voiding(on=on, by=by, reason=reason)
        _insert_events(like, [(event.case_id, None, event.pk) for event in taken_back])
    groups = alike(cases)
    for group in groups:
        now = group.standing
        group.first.refresh_state(law, now.log, now.groups, now.acts)
    return update_alike([(group.first, group.keys) for group in groups], STATE_FIELDS)
