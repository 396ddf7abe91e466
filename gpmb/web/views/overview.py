"""The first page: where the city stands on a day, each figure opening the list behind it."""

from typing import Any

from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis import behind, freeze, schedule
from gpmb.analysis.standing import Standing
from gpmb.clearance.models import Obstacle, Project
from gpmb.reference.models import PriorityCategory
from gpmb.web.days import Days
from gpmb.web.http import Request
from gpmb.web.panels import curve, panels
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
            "worst": worst(request.user, standing.keys, days),
            "definition": definition(),
            "left_out": left_out(request.user),
            "sees_reviews": access.can_open_reviews(request.user),
            **known_then(request.user, standing, days),
        },
    )


def worst(user: User, projects: list[int], days: Days) -> list[dict[str, Any]]:
    """The open obstacles of a cause in a project, the largest first."""
    rows = Obstacle.objects.open(on=days.on).filter(project__in=projects)
    if not user.cleared:
        rows = rows.exclude(parcel__restricted=True)
    found: Any = (
        rows.values("project__name", "project__ref", "project__code", "cause__name", "cause__code")
        .annotate(
            n=Count("pk"),
            due=Min("due_on"),
            opened=Min("opened_on"),
            short=Min("owner__short_name"),
            long=Min("owner__name"),
            owners=Count("owner", distinct=True),
        )
        .order_by("-n", "due")[:WORST]
    )
    return list(found)


def definition() -> str:
    """What the lights mean, in the words printed under the table."""
    return (
        "Đèn: so % diện tích đã bàn giao với % kế hoạch đến cùng ngày (chỉ tiêu cuối tháng, chia "
        f"theo ngày). Xanh: chậm dưới {schedule.WARN_POINTS} điểm hoặc vượt; vàng: chậm từ "
        f"{schedule.WARN_POINTS} điểm; đỏ: chậm từ {schedule.DANGER_POINTS} điểm; xám: chưa có "
        "chỉ tiêu, hoặc quá nửa số dự án đang làm không có cập nhật trong "
        f"{schedule.STALE_DAYS} ngày."
    )


def known_then(user: User, standing: Standing, days: Days) -> dict[str, Any]:
    """For a past day: what was frozen then beside today's rebuild, and what was written later."""
    if not days.past:
        return {}
    scope = behind.Scope(user, days.on, days.today, frozenset(standing.keys))
    return {
        "frozen": freeze.beside(days.on, standing.now),
        "later": behind.recorded_later(scope).count(),
    }


@require_GET
def group(request: Request, code: str) -> HttpResponse:
    """One priority category: its projects, plan against actual, what is in the way."""
    category = get_object_or_404(PriorityCategory, code=code)
    days = Days.read(request.GET)
    dated: Any = Project.objects.with_category(on=days.on)
    chosen = Project.objects.filter(pk__in=dated.filter(category_id=category.pk).values("pk"))
    standing = Standing.read(request.user, on=days.on, since=days.since, projects=chosen)
    return render(
        request,
        "overview/group.html",
        {
            "category": category,
            "days": days,
            "at": days.query(),
            "link": f"category={category.code}",
            "rows": [{"project": p, "row": standing.row([p])} for p in standing.projects],
            "definition": definition(),
            **panels(request, standing, days, category.name),
        },
    )
