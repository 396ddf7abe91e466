"""The city's plan in versions: targets by project and month, what "on schedule" means."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, vn
from gpmb.analysis import figures, schedule
from gpmb.analysis import targets as lines
from gpmb.clearance.clock import today
from gpmb.clearance.models import (
    TARGET_LINE,
    TARGET_LINES,
    PlanEntry,
    PlanFrozen,
    PlanVersion,
    Project,
    Target,
    TargetLine,
    TargetMeasure,
)
from gpmb.importing.models import ImportRun
from gpmb.land.models import Document
from gpmb.web.city_plan_forms import (
    DecideForm,
    TargetBlockForm,
    TargetFileForm,
    TargetForm,
    VersionForm,
)
from gpmb.web.city_tables import beside
from gpmb.web.days import day_of
from gpmb.web.history import target_lines
from gpmb.web.http import Request


def version_of(request: Request, on: dt.date) -> PlanVersion | None:
    """The version of the address (`?ban=` its day), else the one in force."""
    known = PlanVersion.objects.filter(on__lte=on).select_related("document").order_by("on", "pk")
    if asked := day_of(request.GET.get("ban", "")):
        return known.filter(on=asked).last()
    return PlanVersion.objects.in_force(on=on).select_related("document").last() or known.last()


# What "on schedule" is judged by.
HANDED_OVER = TargetLine(6, TargetMeasure.AREA)


RUNS = 10


def line_of(request: Request) -> TargetLine:
    """The step and measure of the address (`?muc=5-ho-so`), else the land handed over."""
    return TARGET_LINE.get(request.GET.get("muc", ""), HANDED_OVER)


@require_GET
def page(request: Request) -> HttpResponse:
    on = today()
    version = version_of(request, on)
    if version is None and "ban" in request.GET:
        return redirect("city_plan")
    return render(
        request,
        "plan/page.html",
        {
            "on": on,
            "version": version,
            "versions": PlanVersion.objects.filter(on__lte=on).order_by("on", "pk"),
            "keeps": access.can_keep_plan(request.user),
            "runs": runs_of(request, version, on) if version else (),
            "file_form": TargetFileForm(today=on),
            "block_form": TargetBlockForm(today=on),
            "version_form": VersionForm(today=on, initial={"on": vn.day(on)}),
            "decide_form": DecideForm(today=on, initial={"on": vn.day(on)}),
            "outside": Project.objects.visible_to(request.user)
            .exclude(plan_entries__version=version)
            .order_by("code")
            if version and version.editable
            else (),
            **(table(request, version, on) if version else {}),
            **(_entries(request, version) if version and version.editable else {}),
        },
    )


def _entries(request: Request, version: PlanVersion) -> dict[str, Any]:
    """The box for the list of projects of a draft, for who keeps the plan."""
    return beside(request.user, ImportRun.Kind.PLAN_ENTRIES, version.on.isoformat())


def runs_of(request: Request, version: PlanVersion, on: dt.date) -> Any:
    """The tables that were brought into a version, for those who may open their receipts."""
    rows = ImportRun.objects.visible_to(request.user, on=on).filter(
        kind=ImportRun.Kind.TARGETS, applied=True, options__version=version.pk
    )
    return rows.select_related("by")[:RUNS]


def table(request: Request, version: PlanVersion, on: dt.date) -> dict[str, Any]:
    """A row a project of the version: one line of targets by month, plan on the day, actual."""
    line = line_of(request)
    projects = Project.objects.visible_to(request.user).filter(plan_entries__version=version)
    numbers = figures.by_project(request.user, on=on, projects=projects)
    done = lines.reached(list(numbers), line, on=on, cleared=request.user.cleared)
    targets, filled = targets_of(version, line)
    mine = set(Project.objects.assigned_to(request.user, on=on).values_list("pk", flat=True))
    months = [dt.date(version.year, month, 1) for month in range(1, 13)]
    notes = dict(version.entries.exclude(note="").values_list("project", "note"))
    rows: list[dict[str, Any]] = []
    for project in projects.order_by("code"):
        of = targets.get(project.pk, {})
        planned = schedule.planned_on(sorted(of.items()), on)
        now = numbers[project.pk]
        share = planned / now.area_m2 if planned is not None and now.area_m2 else None
        rows.append(
            {
                "project": project,
                "note": notes.get(project.pk, ""),
                "months": [of.get(month) for month in months],
                "planned": planned,
                "done": done[project.pk],
                "verdict": schedule.verdict(now.handed_over_share, share)
                if line == HANDED_OVER
                else None,
                "edits": version.editable
                and (request.user.is_administrator or project.pk in mine),
            }
        )
    columns = [
        [value for row in rows if (value := row["months"][at]) is not None] for at in range(12)
    ]
    return {
        "line": line,
        "choices": [(choice, choice in filled) for choice in TARGET_LINES],
        "judged": line == HANDED_OVER,
        "lines": rows,
        "months": months,
        "sums": [sum(column) if column else None for column in columns],
        "done": sum(row["done"] for row in rows),
        "planned": sum(row["planned"] or 0 for row in rows),
        "edits": any(row["edits"] for row in rows),
    }


def targets_of(
    version: PlanVersion, line: TargetLine
) -> tuple[dict[int, dict[dt.date, Any]], set[TargetLine]]:
    """Return a line's targets by project and month, and which lines have any."""
    targets: dict[int, dict[dt.date, Any]] = {}
    filled = set()
    rows = Target.objects.filter(entry__version=version).select_related("entry")
    for row in rows:
        for measure in TargetMeasure:
            if (value := getattr(row, measure)) is None:
                continue
            filled.add(TargetLine(row.stage, measure))
            if (row.stage, measure) == (line.stage, line.measure):
                targets.setdefault(row.entry.project_id, {})[row.month] = Decimal(value)
    return targets, filled


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
    form = TargetForm(request.POST or None, entry=entry, year=version.year)
    if request.method == "POST" and form.is_valid():
        try:
            changed = entry.set_targets(form.values())
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi {changed} ô chỉ tiêu của {project.name}.")
            return redirect(f"{reverse('city_plan')}?{request.GET.urlencode()}")
    context = {
        "project": project,
        "version": version,
        "form": form,
        "rows": form.rows(),
        "history": target_lines(entry),
    }
    return render(request, "plan/targets.html", context)


@require_POST
def version_new(request: Request) -> HttpResponse:
    """Begin a draft from the version shown; the very first one with every project."""
    on, version = today(), version_of(request, today())
    if not access.can_keep_plan(request.user):
        raise Http404
    form = VersionForm(request.POST, today=on)
    back = reverse("city_plan") + (f"?ban={version.on.isoformat()}" if version else "")
    if not form.is_valid():
        messages.error(request, "Chưa lập được: " + _why(form))
        return redirect(back)
    name, day = form.cleaned_data["name"], form.cleaned_data["on"]
    if PlanVersion.objects.filter(on=day).exists():
        messages.error(request, "Ngày này đã có một phiên bản; chọn ngày khác.")
        return redirect(back)
    if version:
        made = version.copy(name=name, on=day)
    else:
        made = PlanVersion.objects.create(year=day.year, name=name, on=day)
        made.put_in(Project.objects.visible_to(request.user))
    messages.success(request, f"Đã lập dự thảo “{made}”; sửa chỉ tiêu từng dự án ở cột cuối.")
    return redirect(f"{reverse('city_plan')}?ban={made.on.isoformat()}")


@require_POST
def version_projects(request: Request) -> HttpResponse:
    """Put a project into a draft (`add`), or take it out (`remove`), by its code."""
    version = version_of(request, today())
    if version is None or not version.editable or not access.can_keep_plan(request.user):
        raise Http404
    said = request.POST
    project = get_object_or_404(
        Project.objects.visible_to(request.user), code=said.get("add") or said.get("remove")
    )
    if "add" in said:
        version.put_in([project])
        messages.success(request, f"Đã đưa {project.name} vào dự thảo; hãy đặt chỉ tiêu.")
    else:
        version.take_out(project)
        messages.success(request, f"Đã bỏ {project.name} khỏi dự thảo.")
    return redirect(f"{reverse('city_plan')}?{request.GET.urlencode()}")


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
        paper = Document.objects.numbered(said["paper"], said["on"], Document.Kind.DECISION)
    try:
        version.decide(said["kind"], on=said["on"], document=paper)
    except PlanFrozen as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, "Chưa ghi được: " + " ".join(error.messages))
    else:
        messages.success(request, f"“{version}” nay là: {version.get_kind_display()}.")
    return redirect(f"{reverse('city_plan')}?ban={version.on.isoformat()}")


def _why(form: Any) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
