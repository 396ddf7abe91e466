"""Projects: the list that adds up, and one project's page."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis import figures
from gpmb.analysis.standing import Standing
from gpmb.clearance.clock import today
from gpmb.clearance.models import Obstacle, Project, Readiness, with_readiness
from gpmb.law import steps
from gpmb.reference.models import PriorityCategory
from gpmb.web.days import Days
from gpmb.web.filters import ProjectCaseFilter, ProjectFilter
from gpmb.web.http import Request
from gpmb.web.import_forms import paste_form
from gpmb.web.listing import case_rows, page_of, sort_key
from gpmb.web.panels import panels

# Column of the list → how a row is compared.
SORTS: dict[str, Any] = {
    "code": lambda row: row["project"].code,
    "name": lambda row: row["project"].folded,
    "cases": lambda row: row["figures"].cases,
    "area": lambda row: row["figures"].area_m2,
    "paid": lambda row: row["figures"].paid_vnd,
    "done": lambda row: row["figures"].handed_over_share or -1,
    "overdue": lambda row: row["figures"].overdue,
    "obstacles": lambda row: row["figures"].obstacles,
}


def visible_projects(user: User, on: dt.date) -> Any:
    """The projects `user` may know of, with `category_id` and `readiness` of the day."""
    projects = Project.objects.visible_to(user).with_category(on=on)
    return with_readiness(projects, on=on)


def left_out(user: User) -> int:
    """How many restricted projects this user's totals don't hold."""
    return 0 if user.cleared else Project.objects.filter(restricted=True).count()


@require_GET
def project_list(request: Request) -> HttpResponse:
    on = today()
    chosen = ProjectFilter(request.GET, visible_projects(request.user, on), request=request, on=on)
    projects = chosen.qs.select_related("investor").order_by("category_order", "code")
    numbers = figures.by_project(request.user, on=on, projects=projects)
    names = dict(PriorityCategory.objects.values_list("pk", "name"))
    rows = [
        {
            "project": project,
            "figures": numbers[project.pk],
            "category": names.get(project.category_id, "Chưa xếp nhóm"),
            "readiness": Readiness(project.readiness).label,
        }
        for project in projects
    ]
    sort, descending = sort_key(request, SORTS)
    if sort:
        rows.sort(key=SORTS[sort], reverse=descending)
    return render(
        request,
        "projects/list.html",
        {
            "filter": chosen,
            "rows": rows,
            "total": figures.total(row["figures"] for row in rows),
            "sort": sort,
            "descending": descending,
            "grouped": not sort,
            "left_out": left_out(request.user),
        },
    )


@require_GET
def project_page(request: Request, ref: int) -> HttpResponse:
    on = today()
    project = get_object_or_404(
        visible_projects(request.user, on).select_related("investor"), ref=ref
    )
    days = Days.read(request.GET)
    standing = Standing.read(
        request.user, on=days.on, since=days.since, projects=Project.objects.filter(pk=project.pk)
    )
    numbers = standing.now[project.pk]
    chosen = ProjectCaseFilter(
        request.GET, case_rows(request.user, on).filter(project=project), request=request, on=on
    )
    current = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return render(
        request,
        "projects/page.html",
        {
            "project": project,
            "figures": numbers,
            "stages": [
                {"stage": s, "label": steps.STAGE_LABELS[s], "cases": numbers.stages[s]}
                for s in figures.STAGES
            ],
            "category": project.categories.filter(current).select_related("category").first(),
            "readiness": Readiness(project.readiness).label,
            "checklist": project.readiness_items.select_related("document", "owner"),
            "people": project.responsibilities.filter(current, valid_from__lte=on).select_related(
                "organisation", "user"
            ),
            "marks": project.marks.all(),
            "units": project.units.all(),
            "reads_case_files": access.can_read_case_files(request.user),
            "knows_households": access.can_know_households(request.user),
            "obstacles": Obstacle.objects.open(on=on)
            .filter(project=project)
            .select_related("cause", "owner", "case")
            .order_by("due_on", "opened_on")[:20],
            "sites": project.resettlement_sites.with_stock(),
            "handovers": project.site_handovers.select_related("receiver", "document"),
            "works_here": access.works_on(request.user, project, on=on),
            "sees_scores": access.can_open_reviews(request.user),
            "paste_form": paste_form(request.user, on, project),
            "filter": chosen,
            "days": days,
            "at": days.query(),
            "link": f"project={project.code}",
            **panels(request, standing, days, project.name),
            **page_of(request, chosen.qs, on),
            "bulk_query": f"{request.GET.urlencode()}&project={project.code}",
        },
    )
