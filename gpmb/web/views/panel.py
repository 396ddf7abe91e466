"""The panel beside the map: the facts of one taking, and the first edit."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from gpmb import access, refs
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Obstacle, StaleCase, Taking
from gpmb.complaints.models import Complaint
from gpmb.law import steps
from gpmb.law.regimes import regime_of
from gpmb.reference.models import Rule
from gpmb.web.drafts import mark_saved
from gpmb.web.forms import AdvanceForm
from gpmb.web.history import lines_of
from gpmb.web.http import Request

STEP_FIELDS = {"step", "stepped_on"}


def find_taking(request: Request, ref: int, on: dt.date) -> Taking:
    takings = Taking.objects.visible_to(request.user).live(on=on)
    return get_object_or_404(
        takings.select_related("project", "parcel__unit", "case__officer", "case__project"),
        ref=ref,
    )


def case_facts(case: Case, on: dt.date) -> dict[str, Any]:
    """Where a case stands by law: last event, next step, ceiling, days late, rule."""
    log = case.log()
    facts = case.facts(log)
    last = next((event for event in reversed(log) if event.step == case.step), None)
    regime = regime_of(facts, last.on if last else on)
    late = (on - case.due_on).days if case.due_on and case.due_on < on else 0
    rule = case.due_rule and Rule.objects.filter(code=case.due_rule)
    return {
        "case": case,
        "facts": facts,
        "log": log,
        "last": last,
        "stage": case.stage,
        "step_label": steps.label(case.step, regime),
        "next_label": steps.label(case.next_step, regime) if case.next_step else "",
        "regime": regime,
        "days_late": late,
        "rule": rule.valid(case.stepped_on or on).first() if rule else None,
    }


def panel_context(request: Request, taking: Taking, on: dt.date) -> dict[str, Any]:
    """Everything the panel shows this user, and nothing else."""
    case = taking.case
    stuck = Obstacle.objects.open(on=on).holding(taking)
    seen = stuck.visible_to(request.user, on=on).select_related("cause", "owner")
    context: dict[str, Any] = {
        "taking": taking,
        "project": taking.project,
        "today": on,
        "number": taking.parcel.numbers.filter(kind="current", valid_to=None).first(),
        "parts": taking.parts.select_related("land_class"),
        "obstacles": list(seen.order_by("opened_on", "pk")),
        "stuck": stuck.exists(),
    }
    if access.sees_complaints(request.user, taking.project, on=on):
        letters = Complaint.objects.visible_to(request.user, on=on).about(taking)
        context["letters"] = letters.order_by("-received_on", "-pk")
    if case is None:
        return context | {"stage": taking.stage, "step_label": "Chưa lập hồ sơ"}
    context |= case_facts(case, on) | {"stage": taking.stage}
    rights = access.rights_in(request.user, case, on=on)
    if rights.household:
        context["household"] = case.case_parties.current(on=on).select_related("party")
    context["can_edit"] = rights.edit
    context["can_open"] = Case.objects.visible_to(request.user, on=on).filter(pk=case.pk).exists()
    return context


@require_GET
def panel(request: Request, ref: int) -> HttpResponse:
    on = today()
    context = panel_context(request, find_taking(request, ref, on), on)
    if context.get("can_edit"):
        context["form"] = AdvanceForm(case=context["case"], today=on, log=context["log"])
    return render(request, "panel/panel.html", context)


@require_POST
def advance(request: Request, ref: int) -> HttpResponse:
    """Record a step from the panel; the answer is the panel as it now stands."""
    on = today()
    taking = find_taking(request, ref, on)
    if taking.case is None or not access.can_edit_case(request.user, taking.case, on=on):
        raise Http404
    form = AdvanceForm(request.POST, case=taking.case, today=on)
    outcome = record(form, request)
    if outcome["saved"]:
        taking = find_taking(request, ref, on)
        form = AdvanceForm(case=form.case, today=on)
    context = panel_context(request, taking, on) | {"form": form} | outcome
    response = render(request, "panel/panel.html", context)
    if outcome["saved"]:
        trigger_client_event(response, "taking-changed", _changed(taking))
        mark_saved(response)
    return response


def record(form: AdvanceForm, request: Request) -> dict[str, Any]:
    """Try to save the posted form; say what stood in the way. What was typed stays in it."""
    outcome: dict[str, Any] = {"saved": False, "editing": True}
    if not form.is_valid():
        form.mark_invalid()
        return outcome
    seen = form.cleaned_data["version"]
    try:
        try:
            form.save(by=request.user)
        except StaleCase:
            if step_changed(form.case, since=seen):
                raise
            # Others changed the officer, the note: fields this form doesn't touch.
            form.cleaned_data["version"] = None
            form.save(by=request.user)
    except StaleCase:
        # Confirming sends the version just shown, so that a third change is noticed again.
        form.case.refresh_from_db()
        form.data = {**dict(form.data.items()), "version": str(form.case.version)}
        return outcome | {"changes": lines_of(form.case, since=seen)}
    except steps.MoveRefused as refused:
        return outcome | {"refused": refused}
    return {"saved": True, "editing": False}


def step_changed(case: Case, *, since: int) -> bool:
    """Whether a step was recorded or taken back after a version of the case."""
    return any(line.name in STEP_FIELDS for line in lines_of(case, since=since))


def _changed(taking: Taking) -> dict[str, Any]:
    """What the map needs to redraw: public ids and the stage, no names."""
    return {
        "ref": taking.ref,
        "refs": list(taking.case.takings.values_list("ref", flat=True)) if taking.case else [],
        "project": taking.project.ref,
        "stage": taking.stage,
    }


@require_GET
def parcel(request: Request, ref: int) -> HttpResponse:
    """A short address to give away: opens the map on that taking."""
    taking = find_taking(request, ref, today())
    return redirect(f"{reverse('map')}?thua={refs.encode(taking.ref)}")
