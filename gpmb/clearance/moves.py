"""Many cases at once: what their moves are decided by, read together; what they decide, written
together.

What a move is stays in `Case.decide` and `Case.void`; this module only reads and writes sets, and
asks once of the cases that are alike.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.contrib.postgres.aggregates import ArrayAgg, StringAgg
from django.db import connection
from django.db.models import Func, TextField, Value
from django.db.models.functions import Coalesce

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
from gpmb.many import among, array, update_alike, update_many


@dataclass(frozen=True)
class _Known:
    """What was read of many cases, by case; cases that went the same way share one log."""

    logs: Mapping[int, list[Logged]]
    groups: Mapping[int, frozenset[str]]
    acts: Mapping[int, list[Act]]
    waiting: Mapping[int, list[Taking]]

    def of(self, case: int) -> Standing:
        return Standing(
            self.logs.get(case, ()),
            self.groups.get(case, frozenset()),
            self.acts.get(case, ()),
            self.waiting.get(case, ()),
        )


def standings(
    cases: Collection[int], *, handover_on: dt.date | None = None
) -> dict[int, Standing]:
    """Return the standing of each case (primary keys), by four queries for any number of them.

    The takings a handover concerns are read when its day is given.
    """
    known = _known(cases, handover_on)
    return {case: known.of(case) for case in cases}


def _known(cases: Collection[int], handover_on: dt.date | None) -> _Known:
    wanted = among(cases)
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in Act.objects.standing().filter(case=wanted):
        acts[act.case_id].append(act)
    waiting: dict[int, list[Taking]] = defaultdict(list)
    if handover_on is not None:
        land = Taking.objects.live(on=handover_on).filter(case=wanted, handed_over_on__isnull=True)
        for row in land.defer("boundary", "boundary_web").order_by("pk"):
            waiting[row.case_id or 0].append(row)
    return _Known(_logs(wanted), _groups(wanted), acts, waiting)


def _groups(wanted: Value) -> dict[int, frozenset[str]]:
    """The land groups of each case's living takings."""
    parts = TakingPart.objects.filter(taking__case=wanted, taking__withdrawn_on__isnull=True)
    groups: dict[int, frozenset[str]] = {}
    for case, group in parts.values_list("taking__case", "land_class__group").distinct():
        groups[case] = groups.get(case, frozenset()) | {group}
    return groups


def _logs(wanted: Value) -> dict[int, list[Logged]]:
    """The living events of each case in order.

    A log travels as one text, parsed once for all the cases that went the same way: JSON would
    cost the server twice as much.
    """
    effective = Coalesce("document__effective_on", "document__signed_on")
    columns = ["step", "on", "kind", "taking_id", effective]
    separated = [part for column in columns for part in (column, Value("|"))][:-1]
    line = Func(*separated, function="CONCAT", output_field=TextField())  # NULL: nothing
    rows = (
        CaseEvent.objects.living()
        .filter(case=wanted)
        .values("case_id")
        .annotate(log=StringAgg(line, delimiter=";", order_by=("on", "recorded_at", "pk")))
        .values_list("case_id", "log")
    )
    read: dict[str, list[Logged]] = {}
    logs = {}
    for case, text in rows:
        if text not in read:
            read[text] = [_logged(*event.split("|")) for event in text.split(";")]
        logs[case] = read[text]
    return logs


def _logged(step: str, on: str, kind: str, taking: str, effective: str) -> Logged:
    day = dt.date.fromisoformat
    return Logged(
        step, day(on), kind, int(taking) if taking else None, day(effective) if effective else None
    )


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

    def within(self, cases: Container[int]) -> Alike:
        """Those of the group that are among `cases`, with the same answer."""
        return replace(self, keys=[key for key in self.keys if key in cases])

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
    known = _known(cases, handover_on)
    rows = Case.objects.filter(pk=among(cases)).order_by()
    states = rows.values(*DECIDING_FIELDS, *STATE_FIELDS).annotate(keys=ArrayAgg("pk"))
    groups: dict[Hashable, list[int]] = {}
    for state, keys in enumerate(states.values_list("keys", flat=True)):
        for case in keys:
            alone = case if case in known.acts or case in known.waiting else None
            # Equal logs are one list (`_logs`), told apart by where it is.
            key = (state, alone, id(known.logs.get(case)), known.groups.get(case))
            groups.setdefault(key, []).append(case)
    first = {
        case.pk: case for case in Case.objects.filter(pk=among([k[0] for k in groups.values()]))
    }
    return [Alike(first[keys[0]], keys, known.of(keys[0])) for keys in groups.values()]


def write_moves(decided: Sequence[Alike]) -> tuple[dict[int, int | None], dict[int, list[int]]]:
    """Save what one move was decided to be, refusals left out: land, events, state.

    The cases must have been locked before they were decided. Returns their new versions, and the
    keys of the events each was given.
    """
    moving = [group for group in decided if group.refused is None and group.keys]
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
    cases, takings, voided = (array(column) for column in zip(*of, strict=True))
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
    return derive_states(cases, law)


def open_many(openings: Sequence[CaseEvent], law: Law) -> dict[int, int | None]:
    """Record where locked cases that are carried over stand, each by its own opening (unsaved),
    without inventing the moves before it; return their new versions.

    A case that opens as handed over gives all the land it has on that day.

    Raises:
        MoveRefused: a case has living events; nothing is written.
    """
    cases = [event.case_id for event in openings]
    if CaseEvent.objects.living().filter(case=among(cases)).exists():
        raise MoveRefused(
            "Hồ sơ đã có diễn biến, không ghi số liệu chuyển tiếp được nữa.",
            "Ghi bước tiếp theo, hoặc hủy bước đã ghi sai.",
        )
    handed = {event.case_id: event.on for event in openings if event.step == "handover"}
    land = Taking.objects.filter(case=among(handed), handed_over_on=None)
    given = []
    for taking in land.defer("boundary", "boundary_web").order_by("pk"):
        on = handed[taking.case_id or 0]
        if taking.withdrawn_on is None or taking.withdrawn_on > on:
            taking.handed_over_area_m2, taking.handed_over_on = taking.recovered_area_m2, on
            given.append(taking)
    update_many(given, HANDOVER_FIELDS)
    CaseEvent.objects.bulk_create(openings)
    return derive_states(cases, law)


def derive_states(cases: Collection[int], law: Law) -> dict[int, int | None]:
    """Derive the state columns of locked cases anew from their logs, land and acts; return their
    versions."""
    groups = alike(cases)
    for group in groups:
        now = group.standing
        group.first.refresh_state(law, now.log, now.groups, now.acts)
    return update_alike([(group.first, group.keys) for group in groups], STATE_FIELDS)
