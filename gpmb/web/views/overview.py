"""The first page: six figures, and groups by origin, each opening the list behind it."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis import figures
from gpmb.clearance.clock import today
from gpmb.clearance.models import CaseParty, Obstacle, Project
from gpmb.law import steps
from gpmb.reference.models import PriorityCategory
from gpmb.web.http import Request
from gpmb.web.views.projects import left_out


def by_category(user: User, on: dt.date) -> dict[str, Any]:
    """Rows group × origin with their figures; the last line is the sum of the rows."""
    projects = Project.objects.visible_to(user).with_category(on=on)
    numbers = figures.by_project(user, on=on)
    rows = []
    for category in PriorityCategory.objects.all():
        mine = [p for p in projects if p.category_id == category.pk]
        rows.append(_row(category, mine, numbers))
    loose = [p for p in projects if p.category_id is None]
    if loose:
        rows.append(_row(None, loose, numbers))
    everything = {
        "projects": sum(row["projects"] for row in rows),
        "origins": [sum(row["origins"][i] for row in rows) for i, _ in enumerate(Project.Origin)],
        "figures": figures.total(row["figures"] for row in rows),
    }
    return {"rows": rows, "everything": everything}


def _row(
    category: PriorityCategory | None,
    projects: list[Project],
    numbers: dict[int, figures.Figures],
) -> dict[str, Any]:
    return {
        "category": category,
        "projects": len(projects),
        "origins": [sum(p.origin == origin for p in projects) for origin in Project.Origin],
        "figures": figures.total(numbers[p.pk] for p in projects),
    }


@require_GET
def overview(request: Request) -> HttpResponse:
    on = today()
    holders = CaseParty.objects.current(on=on).filter(
        case__project__in=Project.objects.visible_to(request.user), case__withdrawn_on=None
    )
    people = (
        holders.order_by().values("party__kind").distinct().values_list("party", "party__kind")
    )
    kinds = [kind for _, kind in people]
    waiting = (
        Obstacle.objects.open(on=on)
        .filter(project__in=Project.objects.visible_to(request.user))
        .select_related("project", "cause", "owner")
        .order_by("due_on", "opened_on")
    )
    return render(
        request,
        "overview.html",
        {
            **by_category(request.user, on),
            "stage_labels": steps.STAGE_LABELS.values(),
            "origins": list(zip(Project.Origin.values, Project.Origin.labels, strict=True)),
            "short_origins": ["c.tiếp", "mới", "b.sung"],
            "organisations": kinds.count("organisation"),
            "households": len(kinds) - kinds.count("organisation"),
            "obstacles": waiting[:8],
            "reads_case_files": access.can_read_case_files(request.user),
            "obstacle_count": waiting.count(),
            "left_out": left_out(request.user),
        },
    )
