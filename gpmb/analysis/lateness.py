"""When each case was late by law, on any day: its next legal ceiling after each event, stored.

The law is asked once a day on which a case's log, acts or service changed
(gpmb.law.deadlines.next_due), with what stood on that day, and again only for cases that moved: a
past day is then a comparison of dates.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import F, Q

from gpmb.analysis.progress_models import DueSpan, DueState
from gpmb.clearance.models import Act, Case, CaseEvent, Law, TakingPart, as_law
from gpmb.law.deadlines import next_due

CHUNK = 2000


def refresh(projects: Sequence[int]) -> int:
    """Derive the spans of the projects' cases that moved since; return how many cases."""
    stale = Case.objects.filter(project__in=projects).filter(
        Q(due_state__isnull=True) | ~Q(due_state__version=F("version"))
    )
    keys = list(stale.order_by("pk").values_list("pk", flat=True))
    if keys:
        law = Law.read()
        for start in range(0, len(keys), CHUNK):
            _derive(keys[start : start + CHUNK], law)
    return len(keys)


def _derive(keys: list[int], law: Law) -> None:
    logs: dict[int, list[CaseEvent]] = defaultdict(list)
    events = CaseEvent.objects.living().filter(case__in=keys, taking=None)
    for event in events.select_related("document").in_order():
        logs[event.case_id].append(event)
    groups: dict[int, set[str]] = defaultdict(set)
    parts = TakingPart.objects.filter(taking__case__in=keys, taking__withdrawn_on__isnull=True)
    for case_id, group in parts.values_list("taking__case", "land_class__group").distinct():
        groups[case_id].add(group)
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in Act.objects.standing().filter(case__in=keys):
        acts[act.case_id].append(act)
    spans: list[DueSpan] = []
    states: list[DueState] = []
    for case in Case.objects.filter(pk__in=keys):
        spans += _spans(case, logs[case.pk], acts[case.pk], groups[case.pk], law)
        states.append(DueState(case=case, version=case.version))
    DueSpan.objects.filter(case__in=keys).delete()
    DueSpan.objects.bulk_create(spans, batch_size=CHUNK)
    DueState.objects.bulk_create(
        states, update_conflicts=True, unique_fields=["case"], update_fields=["version"]
    )


def _spans(
    case: Case, log: list[CaseEvent], acts: list[Act], groups: set[str], law: Law
) -> Iterator[DueSpan]:
    served = case.notice_served_on
    changed = {event.on for event in log} | {act.on for act in acts} | {served or dt.date.max}
    days = sorted(day for day in changed if log and log[0].on <= day < dt.date.max)
    ends: list[dt.date | None] = [*days[1:], None]
    for day, end in zip(days, ends, strict=bool(days)):
        known = [event for event in log if event.on <= day]
        facts = case.facts(known, groups, [act for act in acts if act.on <= day])
        if served is not None and served > day:
            facts = replace(facts, notice_served_on=None)
        due = next_due(facts, as_law(known), law.rules, law.calendar)
        if due is not None and due.due_on is not None:
            yield DueSpan(case=case, since=day, until=end, due_on=due.due_on)
