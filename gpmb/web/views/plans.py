"""A compensation plan: its page with checks and changes, its lines, its moves, a new version."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case
from gpmb.compensation.checks import findings
from gpmb.compensation.models import Plan, PlanItem, PlanRefused, UnitPrice
from gpmb.compensation.models.plan import amount_of
from gpmb.law.steps import MoveRefused
from gpmb.web import case_file
from gpmb.web.case_file.money import version_facts
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.plan_forms import AmendForm, LineFormSet, MovePlanForm, save_lines
from gpmb.web.views.cases import editable_case


def find_plan(request: Request, ref: int, on: dt.date) -> Plan:
    """A plan of a household this user knows; for everyone else it doesn't exist."""
    opened = Case.objects.household_open_to(request.user, on=on)
    plans = Plan.objects.filter(case__in=opened).select_related("case__project", "document")
    return get_object_or_404(plans, ref=ref)


def editable_plan(request: Request, ref: int) -> Plan:
    on = today()
    plan = find_plan(request, ref, on)
    if not access.can_edit_case(request.user, plan.case, on=on):
        raise Http404
    return plan


def plan_context(request: Request, found: Plan, on: dt.date) -> dict[str, Any]:
    """The case's file seen from one version: lines, checks, changes, moves."""
    context = case_file.read(found.case, request.user, on)
    plan = next(row for row in context["plans"] if row.pk == found.pk)
    context |= version_facts(plan, context["plans"]) | {
        "this": plan,
        "project": found.case.project,
        "findings": findings(
            plan.lines,
            recovered_m2={
                row["land_class"].code: row["area_m2"] for row in context["land_total"]["classes"]
            },
            on=on,
            shares=[row.share_percent for row in context["holders"]],
        ),
        "can_edit": context["rights"].edit,
    }
    if context["can_edit"] and context["next_move"]:
        initial = {"on": f"{on:%d/%m/%Y}", "to": context["next_move"].target}
        context["move_form"] = MovePlanForm(today=on, initial=initial)
    if context["can_edit"] and plan.frozen and plan is context["plans"][-1]:
        context["amend_form"] = AmendForm(today=on)
    return context


@require_GET
def plan_page(request: Request, ref: int) -> HttpResponse:
    on = today()
    return render(
        request, "plans/page.html", plan_context(request, find_plan(request, ref, on), on)
    )


@require_POST
@transaction.atomic
def plan_add(request: Request, ref: int) -> HttpResponse:
    """Open the first version of a case: its land lines by class, priced where the list knows."""
    case = editable_case(request, ref)
    Case.objects.select_for_update().get(pk=case.pk)
    plan = case.plans.order_by("number").last()
    if plan is None:
        plan = Plan.objects.create(case=case)
        _prefill(plan, case_file.read(case, request.user, today()), today())
    return redirect("plan_edit" if not plan.frozen else "plan", plan.ref)


def _prefill(plan: Plan, context: dict[str, Any], on: dt.date) -> None:
    prices = {p.code: p for p in UnitPrice.objects.serving(plan.case.project, on=on)}
    for order, row in enumerate(context["land_total"]["classes"], 1):
        code, area = row["land_class"].code, row["area_m2"]
        price = prices.get(f"D-{code}")
        amount = amount_of("land", area, price.price_vnd, None) if price else 0
        PlanItem.objects.create(
            plan=plan,
            order=order,
            block="land",
            description=f"Bồi thường về đất {code}",
            land_code=code,
            quantity=area,
            unit="m²",
            price=price,
            unit_price_vnd=price.price_vnd if price else None,
            amount_vnd=amount,
            basis=price.source[:250] if price else "",
        )
        plan.total_vnd += amount
    plan.save(update_fields=["total_vnd"])


@require_http_methods(["GET", "POST"])
def plan_edit(request: Request, ref: int) -> HttpResponse:
    """Enter and change the lines of a draft."""
    plan = editable_plan(request, ref)
    if plan.frozen:
        messages.error(request, "Phương án đã chốt không sửa được: lập lần điều chỉnh.")
        return redirect("plan", plan.ref)
    prices = UnitPrice.objects.serving(plan.case.project, on=today()).select_related("document")
    formset: Any = LineFormSet(
        request.POST or None,
        instance=plan,
        prices=prices,
        queryset=plan.items.select_related("price").order_by("order", "pk"),
    )
    moved = request.method == "POST" and request.POST.get("seen") != formset.seen
    if request.method == "POST" and formset.is_valid() and not moved:
        save_lines(formset)
        messages.success(request, "Đã lưu phương án.")
        return redirect("plan", plan.ref)
    pasting = paste_form(request.user, today(), plan.case.project, Kind.PLAN_ITEMS)
    context = {"plan": plan, "formset": formset, "moved": moved, "paste_form": pasting}
    return render(request, "plans/edit.html", context)


@require_POST
def plan_move(request: Request, ref: int) -> HttpResponse:
    """Post, appraise or approve; the case's step is recorded with it."""
    plan = editable_plan(request, ref)
    form = MovePlanForm(request.POST, today=today())
    if form.is_valid():
        try:
            event = form.save(plan, by=request.user)
        except (PlanRefused, MoveRefused) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Đã ghi: {event.get_status_display().lower()}.")
            return redirect("plan", plan.ref)
    form.mark_invalid()
    context = plan_context(request, find_plan(request, ref, today()), today())
    return render(request, "plans/page.html", context | {"move_form": form})


@require_POST
def plan_amend(request: Request, ref: int) -> HttpResponse:
    """Open the next version with the same lines."""
    plan = editable_plan(request, ref)
    form = AmendForm(request.POST, today=today())
    if form.is_valid():
        try:
            draft = plan.amend(by=request.user, reason=form.cleaned_data["reason"])
        except PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("plan_edit", draft.ref)
    form.mark_invalid()
    context = plan_context(request, plan, today())
    return render(request, "plans/page.html", context | {"amend_form": form})
