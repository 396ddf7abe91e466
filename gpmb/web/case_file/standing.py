"""Where a case stands by law, what comes next, and the log of what happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F

from gpmb.clearance.authority import kind_of_holder
from gpmb.clearance.models import Act, CaseEvent, CaseParty, Law, TakingPart, as_law
from gpmb.law import steps, timeline
from gpmb.law.authority import deciding
from gpmb.law.calendar import Calendar
from gpmb.law.regimes import Facts, regime_of
from gpmb.law.rules import RuleBook
from gpmb.reference.models import DecidingAuthority, Holiday, Rule
from gpmb.web.case_file.part import Context, Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    case = reader.case
    parts = TakingPart.objects.filter(taking__case=case)
    log = CaseEvent.objects.filter(case=case).select_related(
        "document", "by", "voided_by", "voids", "taking"
    )
    return {
        "events": log.order_by("-on", "-recorded_at", "-id"),
        "acts": Act.objects.filter(case=case).select_related("document"),
        "parts": parts.select_related("land_class", "taking").order_by("land_class__code", "pk"),
        "obstacles": case.obstacles.select_related("cause", "owner", "owner_user").order_by(
            "-opened_on"
        ),
        "holders": CaseParty.objects.filter(case=case)
        .select_related("party", "document")
        .order_by(F("valid_to").desc(nulls_first=True), "pk"),
        "rules": Rule.objects.order_by("code", "valid_from"),
        "holidays": Holiday.objects.order_by("on"),
        "authorities": DecidingAuthority.objects.order_by("valid_from", "pk"),
    }


def shape(context: Context, reader: Reader) -> Context:
    case, on = reader.case, reader.on
    law = Law(
        RuleBook(row.as_law() for row in context["rules"]),
        Calendar(row.as_law() for row in context["holidays"]),
    )
    log = [e for e in reversed(context["events"]) if e.kind != "void" and not voided(e)]
    groups = {p.land_class.group for p in context["parts"] if p.taking.withdrawn_on is None}
    facts = case.facts(log, groups, [a for a in context["acts"] if a.taken_back_on is None])
    last = next((event for event in reversed(log) if event.step == case.step), None)
    regime = regime_of(facts, last.on if last else on)
    rule = next((r for r in reversed(law.rules) if r.code == case.due_rule), None)
    return {
        "log": log,
        "law_rows": law,
        "facts": facts,
        "last": last,
        "stage": case.stage,
        "regime": regime,
        "step_label": steps.label(case.step, regime),
        "next_label": steps.label(case.next_step, regime) if case.next_step else "",
        "days_late": (on - case.due_on).days if case.due_on and case.due_on < on else 0,
        "rule": rule,
        "law": _law_of(context, facts, log, law, on),
        "open_obstacles": [row for row in context["obstacles"] if row.closed_on is None],
        "events": [_told(event, facts) for event in context["events"]],
    }


def voided(event: CaseEvent) -> bool:
    return getattr(event, "voided_by", None) is not None


def _law_of(
    context: Context, facts: Facts, log: list[CaseEvent], law: Law, on: dt.date
) -> dict[str, Any]:
    """What the law says on the day: the next act, what was late, what lies ahead, who decides."""
    own = as_law([event for event in log if event.taking_id is None])
    items = timeline.timeline(facts, own, law.rules, law.calendar, on)
    rows = {row.as_law(): row for row in context["authorities"]}
    found = deciding(
        rows,
        on,
        kind_of_holder(row.party.kind for row in context["holders"] if row.valid_to is None),
    )
    return {
        "next_act": timeline.next_lawful_act(facts, own, law.rules, law.calendar, on),
        "items": [item for item in items if item.kind is not timeline.Kind.HAPPENED],
        "authority": rows[found] if found else None,
    }


def _told(event: CaseEvent, facts: Facts) -> dict[str, Any]:
    """An event in the words of the law it was taken under."""
    step = event.voids.step if event.voids else event.step
    return {"event": event, "label": steps.label(step, regime_of(facts, event.on))}


PART = Part(questions, shape)
