"""What a project's page shows as of a day: facts, who answers for it, papers, land, its cases."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from gpmb import access
from gpmb.analysis import figures
from gpmb.analysis.standing import Standing
from gpmb.clearance.models import (
    Obstacle,
    Project,
    ProjectCategory,
    ReadinessItem,
    Responsibility,
    SiteHandover,
)
from gpmb.land.models import AdministrativeUnit
from gpmb.law import steps
from gpmb.reference.models import Mark
from gpmb.together import together
from gpmb.web.days import Days
from gpmb.web.filters import PastCaseFilter, ProjectCaseFilter
from gpmb.web.http import Request
from gpmb.web.import_forms import paste_into
from gpmb.web.listing import case_rows, page_of
from gpmb.web.panels import known_then, panels

OBSTACLES = 20


def read(request: Request, project: Project, days: Days) -> dict[str, Any]:
    """The context of projects/page.html."""
    standing = Standing.of(request.user, [project], on=days.on, since=days.since)
    numbers = standing.now[project.pk]
    may = rights(request, project, days)
    return {
        "figures": numbers,
        "stages": [
            {"stage": s, "label": steps.STAGE_LABELS[s], "cases": numbers.stages[s]}
            for s in figures.STAGES
        ],
        **facts(request, project, days),
        **may,
        **known_then(standing, days),
        **panels(request, standing, days, project.name),
        **cases(request, project, days, works=may["works_here"]),
    }


def facts(request: Request, project: Project, days: Days) -> dict[str, Any]:
    """The rows that belong to the project itself, in one statement."""
    on = days.on
    current = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    stuck = Obstacle.objects.open(on=on).filter(project=project)
    if not request.user.cleared:
        stuck = stuck.exclude(parcel__restricted=True)
    found = together(
        categories=ProjectCategory.objects.filter(current, project=project).select_related(
            "category"
        ),
        items=ReadinessItem.objects.filter(project=project)
        .select_related("document", "owner")
        .order_by("pk"),
        people=Responsibility.objects.filter(current, project=project)
        .select_related("organisation", "user")
        .order_by("pk"),
        marks=Mark.objects.filter(project=project),
        units=AdministrativeUnit.objects.filter(project=project),
        obstacles=stuck.select_related("cause", "owner", "case").order_by("due_on", "opened_on")[
            :OBSTACLES
        ],
        handovers=SiteHandover.objects.filter(project=project, on__lte=on)
        .select_related("receiver", "document")
        .order_by("on", "pk"),
    )
    return found | {
        "category": next(iter(found.pop("categories")), None),
        "checklist": [
            {"item": item, "done": item.done_on is not None and item.done_on <= on}
            for item in found.pop("items")
        ],
    }


def rights(request: Request, project: Project, days: Days) -> dict[str, Any]:
    """What this user may open and do from the page; nothing is written into a past day."""
    works = access.works_on(request.user, project, on=days.today)
    pastes = works and not days.past
    return {
        "reads_case_files": access.can_read_case_files(request.user),
        "knows_households": access.can_know_households(request.user),
        "works_here": works,
        "paste_form": paste_into(request.user, days.today, project) if pastes else None,
    }


def cases(request: Request, project: Project, days: Days, *, works: bool) -> dict[str, Any]:
    """The page of its cases as of the day, filtered by the address.

    Who works on the project may change every one of them, and nobody else any.
    """
    kind = PastCaseFilter if days.past else ProjectCaseFilter
    rows = case_rows(request.user, days.on).filter(project=project)
    chosen = kind(request.GET, rows, request=request, on=days.on)
    return {
        "filter": chosen,
        **page_of(request, chosen.qs, days.on, today=days.today, editable=works),
        "bulk_query": f"{request.GET.urlencode()}&project={project.code}",
    }
