"""The list behind a figure: the same day, group, origin or project, as many rows as the figure."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb.analysis import behind as lists
from gpmb.analysis import progress
from gpmb.clearance.models import Project
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from gpmb.reference.models import ObstacleCause, PriorityCategory
from gpmb.web.behind_table import TABLES
from gpmb.web.days import Days, day_of
from gpmb.web.http import Request
from gpmb.web.listing import PAGE_SIZE
from gpmb.web.map_filters import STAGES


@require_GET
def behind(request: Request, what: str) -> HttpResponse:
    table = TABLES.get(what)
    if table is None:
        raise Http404
    days = Days.read(request.GET)
    scope, said = scope_of(request, days, compared=what in lists.CHANGES)
    progress.refresh_deltas()
    rows = lists.LISTS[what](scope)
    if what == "vuong-mac" and (cause := request.GET.get("cause")):
        rows = rows.filter(cause__code=cause)
        said.append(str(ObstacleCause.objects.filter(code=cause).first() or cause))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "overview/behind.html",
        {
            "table": table,
            "headings": [(h.removeprefix("#"), h.startswith("#")) for h in table.headings],
            "page": page,
            "rows": table.cells(scope, page),
            "days": days,
            "at": days.query(),
            "said": said,
        },
    )


def scope_of(
    request: Request, days: Days, *, compared: bool = False
) -> tuple[lists.Scope, list[str]]:
    """Read the filters of the address: the scope, and what they say in words.

    A list `compared` with an earlier day takes the page's when the address names none.
    """
    asked = request.GET
    chosen: Any = Project.objects.visible_to(request.user).with_category(on=days.on)
    said: list[str] = []
    if code := asked.get("category"):
        category = PriorityCategory.objects.filter(code=code).first()
        chosen = chosen.filter(category_id=category.pk if category else None)
        said.append(category.name if category else "Chưa xếp nhóm")
    if asked.get("origin") in Project.Origin.values:
        chosen = chosen.filter(origin=asked["origin"])
        said.append(Project.Origin(asked["origin"]).label)
    if code := asked.get("project"):
        chosen = chosen.filter(code=code)
        said.append(next((p.name for p in chosen), f"{code}: không có"))
    unit = AdministrativeUnit.objects.filter(code=asked.get("unit", "")).first()
    stage = asked.get("stage", "")
    if unit:
        said.append(str(unit))
    if stage in STAGES:
        said.append(STAGE_LABELS[int(stage)])
    since = day_of(asked.get("since", "")) or (days.since if compared else None)
    if since:
        said.append(f"sau ngày {since:%d/%m/%Y}")
    scope = lists.Scope(
        user=request.user,
        on=days.on,
        today=days.today,
        projects=frozenset(chosen.values_list("pk", flat=True)),
        stage=int(stage) if stage in STAGES else None,
        unit=unit.pk if unit else None,
        since=since,
    )
    return scope, said
