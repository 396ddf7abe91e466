"""A project's money: needed, allocated, moved, spent, on deposit, missing; who lacks it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Funding, Project
from gpmb.compensation import funds
from gpmb.land.models import Document
from gpmb.web.city_plan_forms import FundingForm
from gpmb.web.city_tables import Kind, beside
from gpmb.web.days import Days
from gpmb.web.http import Request
from gpmb.web.views.projects import left_out


@require_GET
def page(request: Request) -> HttpResponse:
    days = Days.read(request.GET)
    projects = list(Project.objects.visible_to(request.user).order_by("code"))
    money = funds.by_project([p.pk for p in projects], on=days.on)
    rows: list[dict[str, Any]] = [
        {"project": project, "funds": money[project.pk]} for project in projects
    ]
    return render(
        request,
        "plan/funding.html",
        {
            "days": days,
            "rows": rows,
            "total": sum(money.values(), funds.Funds()),
            # Only what a project lacks is missing: another's surplus doesn't pay for it.
            "missing": sum((f.missing for f in money.values()), funds.ZERO),
            "lacking": sum((f.short for f in money.values()), funds.ZERO),
            "short": [row for row in rows if row["funds"].short],
            "unknown": sum(not row["funds"].known for row in rows),
            "left_out": left_out(request.user),
        }
        | ({} if days.past else beside(request.user, Kind.FUNDING)),
    )


@require_http_methods(["GET", "POST"])
def project_money(request: Request, ref: int) -> HttpResponse:
    """One project's ledger of funding; finance and administrators add to it."""
    on = today()
    project = get_object_or_404(Project.objects.visible_to(request.user), ref=ref)
    records = access.can_record_funding(request.user, project)
    if request.method == "POST" and not records:
        raise Http404
    form = FundingForm(request.POST or None, today=on)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        paper = Document.objects.numbered(said["paper"], said["on"], Document.Kind.DECISION)
        Funding.record(
            project, said["kind"], on=said["on"], amount_vnd=said["amount_trieu"], document=paper
        )
        funds.settle_obstacles(on=on, projects=[project.pk])
        messages.success(request, "Đã ghi kinh phí.")
        return redirect("project_money", ref)
    return render(
        request,
        "plan/project_money.html",
        {
            "project": project,
            "on": on,
            "funds": funds.by_project([project.pk], on=on)[project.pk],
            "lines": project.fundings.select_related("document").order_by("on", "pk"),
            "records": records,
            "form": form,
        }
        | beside(request.user, Kind.FUNDING, project.code),
        status=422 if form.is_bound else 200,
    )
