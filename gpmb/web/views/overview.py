"""The first page: where the city stands on a day, each figure opening the list behind it."""

from collections import Counter
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.analysis import schedule
from gpmb.analysis.standing import Standing
from gpmb.clearance.models import Obstacle, Project, Readiness, with_readiness
from gpmb.reference.models import PriorityCategory
from gpmb.reports.plan import plan_of
from gpmb.web.days import Days
from gpmb.web.http import Request
from gpmb.web.map_filters import UNGROUPED
from gpmb.web.panels import answerable, curve, known_then, panels
from gpmb.web.views.behind import scope_of
from gpmb.web.views.projects import left_out

WORST = 4
SHORT_ORIGINS = ("c.tiếp", "mới", "b.sung")


def groups(standing: Standing) -> list[dict[str, Any]]:
    """A row for each priority category, and one for what stands in none."""
    mine: dict[int | None, list[Project]] = {}
    for project in standing.projects:
        mine.setdefault(project.category_id, []).append(project)  # type: ignore[attr-defined]
    rows = [
        {
            "code": category.code,
            "name": category.name,
            "row": standing.row(mine.get(category.pk, [])),
        }
        for category in PriorityCategory.objects.order_by("order")
    ]
    if None in mine:
        rows.append({"code": "none", "name": "Chưa xếp nhóm", "row": standing.row(mine[None])})
    return rows


@require_GET
def overview(request: Request) -> HttpResponse:
    days = Days.read(request.GET)
    standing = Standing.read(request.user, on=days.on, since=days.since)
    everything = standing.row()
    curves = standing.curves(request.user.cleared)
    return render(
        request,
        "overview/page.html",
        {
            "days": days,
            "at": days.query(),
            "rows": groups(standing),
            "everything": everything,
            "origins": list(zip(Project.Origin.values, Project.Origin.labels, strict=True)),
            "short_origins": SHORT_ORIGINS,
            "plan": standing.plan,
            "curve": curve(curves, days, "Toàn thành phố"),
            "curve_table": curves.table(),
            "worst": worst(standing, cleared=request.user.cleared),
            "definition": definition(),
            "left_out": left_out(request.user),
            "sees_reviews": access.can_open_reviews(request.user),
            **known_then(standing, days),
        },
    )


def worst(standing: Standing, *, cleared: bool) -> list[dict[str, Any]]:
    """The open obstacles of a cause in a project, the largest first.

    Counted by keys alone, thousands of rows in milliseconds; the few shown are named after.
    """
    projects = {project.pk: project for project in standing.projects}
    rows = Obstacle.objects.open(on=standing.on).filter(project__in=list(projects))
    if not cleared:
        rows = rows.exclude(parcel__restricted=True)
    found: Any = (
        rows.order_by()
        .values("project_id", "cause_id")
        .annotate(
            n=Count("pk"),
            due=Min("due_on"),
            owners=Count("owner_id", distinct=True),
            example=Coalesce(Min("pk", filter=Q(owner__isnull=False)), Min("pk")),
        )
        .order_by("-n", "due", "project_id", "cause_id")[:WORST]
    )
    lines = list(found)
    named = Obstacle.objects.select_related("cause", "owner").defer("line", "area")
    examples = named.in_bulk([line["example"] for line in lines])
    return [
        line
        | {
            "project": projects[line["project_id"]],
            "cause": examples[line["example"]].cause,
            "owner": examples[line["example"]].owner,
        }
        for line in lines
    ]


def definition() -> str:
    """What the lights mean, in the words printed under the table."""
    return (
        "Đèn: so % diện tích đã bàn giao với % kế hoạch đến cùng ngày (chỉ tiêu cuối tháng, chia "
        f"theo ngày). Xanh: chậm dưới {schedule.WARN_POINTS} điểm hoặc vượt; vàng: chậm từ "
        f"{schedule.WARN_POINTS} điểm; đỏ: chậm từ {schedule.DANGER_POINTS} điểm; xám: chưa có "
        "chỉ tiêu, hoặc quá nửa số dự án đang làm không có cập nhật trong "
        f"{schedule.STALE_DAYS} ngày."
    )


@require_GET
def group(request: Request, code: str) -> HttpResponse:
    """One priority category: its projects, who answers for them, what is in the way."""
    category = get_object_or_404(PriorityCategory, code=code)
    days = Days.read(request.GET)
    dated: Any = Project.objects.with_category(on=days.on)
    inside = Project.objects.filter(pk__in=dated.filter(category_id=category.pk).values("pk"))
    chosen = with_readiness(inside, on=days.on)
    standing = Standing.read(request.user, on=days.on, since=days.since, projects=chosen)
    others = PriorityCategory.objects.exclude(pk=category.pk).values_list("code", flat=True)
    return render(
        request,
        "overview/group.html",
        {
            "category": category,
            "days": days,
            "at": days.query(),
            "link": f"category={category.code}",
            "on_map": days.query(hide=[*others, UNGROUPED]),
            "changes_on_map": days.changes(hide=[*others, UNGROUPED]),
            "rows": group_rows(standing),
            "readiness": readiness(standing.projects),
            "definition": definition(),
            "sees_reviews": access.can_open_reviews(request.user),
            **known_then(standing, days),
            **panels(request, standing, days, category.name),
        },
    )


def group_rows(standing: Standing) -> list[dict[str, Any]]:
    """A row a project: its figures, who leads it and which agency, its papers."""
    people = answerable(standing.keys, standing.on)
    return [
        {
            "project": project,
            "row": standing.row([project]),
            "people": people.get(project.pk, {}),
            "readiness": Readiness(project.readiness),  # type: ignore[attr-defined]
        }
        for project in standing.projects
    ]


def readiness(projects: list[Project]) -> list[tuple[Readiness, int]]:
    """How many projects stand in each state of their papers; states of none left out."""
    counts = Counter(project.readiness for project in projects)  # type: ignore[attr-defined]
    return [(state, counts[state]) for state in Readiness if counts[state]]


@require_GET
def sketch(request: Request) -> HttpResponse:
    """The small map of a group, project or the city, asked for by the page that shows it.

    With `since` what changed after that day, on pale land.
    """
    days = Days.read(request.GET)
    scope, _ = scope_of(request, days)
    drawn = plan_of(
        request.user, sorted(scope.projects), on=days.on, today=days.today, since=scope.since
    )
    # Escaped where it was made: maps.plan.
    drawing = mark_safe(drawn.svg)  # noqa: S308
    context = {"drawing": drawing, "legend": drawn.legend, "said": scope.since is not None}
    return render(request, "overview/sketch.html", context)
