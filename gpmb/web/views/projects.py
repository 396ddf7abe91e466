"""Projects: the list that adds up, and one project's page."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis import figures
from gpmb.analysis.standing import dated
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project, Readiness, with_readiness
from gpmb.reference.models import PriorityCategory
from gpmb.web import project_sheet
from gpmb.web.city_tables import Kind, beside
from gpmb.web.days import Days
from gpmb.web.filters import ProjectFilter
from gpmb.web.http import Request
from gpmb.web.listing import sort_key

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
        }
        | beside(request.user, Kind.PROJECTS),
    )


@require_GET
def project_page(request: Request, ref: int) -> HttpResponse:
    """One project as of the day in the address."""
    days = Days.read(request.GET)
    found = dated(visible_projects(request.user, days.on), on=days.on)
    project = get_object_or_404(found.select_related("investor"), ref=ref)
    context = {
        "project": project,
        "readiness": Readiness(project.readiness).label,
        "days": days,
        "at": days.query(),
        "link": urlencode({"project": project.code}),
        "on_map": days.query(project=project.code),
        "changes_on_map": days.changes(project=project.code),
        "sees_scores": access.can_open_reviews(request.user),
        "sees_reviews": access.can_open_reviews(request.user),
    }
    sheet = project_sheet.read(request, project, days)
    return render(request, "projects/page.html", context | sheet)
