"""The city's plan in versions: targets by project and month, what "on schedule" means."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, vn
from gpmb.analysis import figures, schedule
from gpmb.analysis.standing import HANDOVER
from gpmb.clearance.clock import today
from gpmb.clearance.models import PlanEntry, PlanFrozen, PlanVersion, Project, Target
from gpmb.land.models import Document
from gpmb.web.city_plan_forms import DecideForm, TargetForm, VersionForm
from gpmb.web.days import day_of
from gpmb.web.http import Request


def version_of(request: Request, on: dt.date) -> PlanVersion | None:
    """The version of the address (`?ban=` its day), else the one in force."""
    known = PlanVersion.objects.filter(on__lte=on).select_related("document").order_by("on", "pk")
    if asked := day_of(request.GET.get("ban", "")):
        return known.filter(on=asked).last()
    return PlanVersion.objects.in_force(on=on).select_related("document").last() or known.last()


@require_GET
def page(request: Request) -> HttpResponse:
    on = today()
    version = version_of(request, on)
    return render(
        request,
        "plan/page.html",
        {
            "on": on,
            "version": version,
            "versions": PlanVersion.objects.filter(on__lte=on).order_by("on", "pk"),
            "keeps": access.can_keep_plan(request.user),
            "version_form": VersionForm(today=on, initial={"on": vn.day(on)}),
            "decide_form": DecideForm(today=on, initial={"on": vn.day(on)}),
            **(table(request, version, on) if version else {}),
        },
    )


def table(request: Request, version: PlanVersion, on: dt.date) -> dict[str, Any]:
    """A row a project of the version: hectares by month, plan on the day, actual, points."""
    projects = Project.objects.visible_to(request.user).filter(plan_entries__version=version)
    numbers = figures.by_project(request.user, on=on, projects=projects)
    targets: dict[int, dict[dt.date, Any]] = {}
    rows = Target.objects.filter(entry__version=version, stage=HANDOVER, area_m2__isnull=False)
    for key, month, area in rows.values_list("entry__project", "month", "area_m2"):
        targets.setdefault(key, {})[month] = area
    mine = set(Project.objects.assigned_to(request.user, on=on).values_list("pk", flat=True))
    months = [dt.date(version.year, month, 1) for month in range(1, 13)]
    lines: list[dict[str, Any]] = []
    for project in projects.order_by("code"):
        of = targets.get(project.pk, {})
        planned = schedule.planned_on(sorted(of.items()), on)
        now = numbers[project.pk]
        share = planned / now.area_m2 if planned is not None and now.area_m2 else None
        lines.append(
            {
                "project": project,
                "months": [of.get(month) for month in months],
                "figures": now,
                "planned_m2": planned,
                "verdict": schedule.verdict(now.handed_over_share, share),
                "edits": version.editable
                and (request.user.is_administrator or project.pk in mine),
            }
        )
    sums = [[line["months"][at] for line in lines] for at in range(12)]
    return {
        "lines": lines,
        "months": months,
        "sums": [sum(v for v in column if v is not None) for column in sums],
        "done_m2": sum(line["figures"].handed_over_m2 for line in lines),
        "planned_m2": sum(line["planned_m2"] or 0 for line in lines),
    }


@require_http_methods(["GET", "POST"])
def targets(request: Request, ref: int) -> HttpResponse:
    """Type a project's targets into a draft; a version past the draft is not there to edit."""
    on = today()
    project = get_object_or_404(Project.objects.visible_to(request.user), ref=ref)
    version = version_of(request, on)
    if (
        version is None
        or not version.editable
        or not access.can_set_targets(request.user, project, on=on)
    ):
        raise Http404
    entry = get_object_or_404(PlanEntry, version=version, project=project)
    kept = dict(entry.targets.filter(stage=HANDOVER).values_list("month", "area_m2"))
    initial = {f"m{month.month}": vn.ha(area, 4) for month, area in kept.items() if area}
    form = TargetForm(request.POST or None, year=version.year, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = entry.set_areas(HANDOVER, form.areas())
        except (ValueError, ValidationError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi {changed} tháng của {project.name}.")
            return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")
    status = 422 if request.method == "POST" else 200
    context = {"project": project, "version": version, "form": form}
    return render(request, "plan/targets.html", context, status=status)


@require_POST
def version_new(request: Request) -> HttpResponse:
    """Begin a draft from the version shown."""
    on, version = today(), version_of(request, today())
    if version is None or not access.can_keep_plan(request.user):
        raise Http404
    form = VersionForm(request.POST, today=on)
    if not form.is_valid():
        messages.error(request, "Chưa lập được: " + _why(form))
        return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")
    if PlanVersion.objects.filter(on=form.cleaned_data["on"]).exists():
        messages.error(request, "Ngày này đã có một phiên bản; chọn ngày khác.")
        return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")
    made = version.copy(name=form.cleaned_data["name"], on=form.cleaned_data["on"])
    messages.success(request, f"Đã lập dự thảo “{made}”; sửa chỉ tiêu từng dự án ở cột cuối.")
    return redirect(f"{reverse('city_plan')}?ban={made.on.isoformat()}")


@require_POST
def version_decide(request: Request) -> HttpResponse:
    """A draft becomes the plan after the meeting, or the issued one."""
    on, version = today(), version_of(request, today())
    if version is None or not access.can_keep_plan(request.user):
        raise Http404
    form = DecideForm(request.POST, today=on)
    if not form.is_valid():
        messages.error(request, "Chưa ghi được: " + _why(form))
        return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")
    said = form.cleaned_data
    paper = None
    if said["paper"]:
        paper, _ = Document.objects.get_or_create(
            kind=Document.Kind.DECISION, number=said["paper"], signed_on=said["on"]
        )
    try:
        version.decide(said["kind"], on=said["on"], document=paper)
    except PlanFrozen as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{version}” nay là: {version.get_kind_display()}.")
    return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")


def _why(form: Any) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
