"""Obstacles (/vuong-mac/): what is stuck, why, for how long, who owns it and what comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Obstacle, Project
from gpmb.web.forms import CloseObstacleForm
from gpmb.web.history import lines_of
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.listing import PAGE_SIZE
from gpmb.web.obstacle_forms import ObstacleFilter, PlacedObstacleForm
from gpmb.web.views.attachments import files_of
from gpmb.web.views.editing import saved_beside

TIES = ("project", "case", "parcel", "cause", "owner", "owner_user")


def readable(request: Request) -> Any:
    """The obstacles this user may read; those who may read none have no such page."""
    if not access.can_read_case_files(request.user):
        raise Http404
    return Obstacle.objects.visible_to(request.user, on=today()).select_related(*TIES)


def editable(request: Request, ref: int) -> Obstacle:
    """An obstacle of a project one works on; for everyone else it can't be changed: 404."""
    row: Obstacle = get_object_or_404(readable(request), ref=ref)
    if not access.works_on(request.user, row.project, on=today()):
        raise Http404
    return row


@require_GET
def obstacle_list(request: Request) -> HttpResponse:
    on = today()
    chosen = ObstacleFilter(request.GET, readable(request), request=request, on=on)
    rows = chosen.qs.order_by("opened_on", "pk")
    causes = rows.order_by().values("cause__name", "cause__code").annotate(n=Count("pk"))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "obstacles/list.html",
        {
            "filter": chosen,
            "page": page,
            "rows": [(row, row.days_stuck(on=on), row.late(on=on)) for row in page],
            "causes": causes.order_by("-n", "cause__name")[:6],
            "on": on,
            "paste_form": paste_form(
                request.user, on, chosen.form.cleaned_data.get("project"), Kind.OBSTACLES
            ),
            "can_add": Project.objects.assigned_to(request.user, on=on).exists(),
        },
    )


@require_GET
def obstacle_page(request: Request, ref: int) -> HttpResponse:
    on = today()
    row = get_object_or_404(readable(request), ref=ref)
    return render(
        request,
        "obstacles/page.html",
        {
            "o": row,
            "on": on,
            "days": row.days_stuck(on=on),
            "late": row.late(on=on),
            "numbers": row.parcel.numbers.all() if row.parcel else (),
            "history": lines_of(row),
            "can_edit": access.works_on(request.user, row.project, on=on),
            "attached": files_of(request, row),
        },
    )


@require_http_methods(["GET", "POST"])
def obstacle_new(request: Request) -> HttpResponse:
    """Record an obstacle on a project, a case, a parcel, a line or an area."""
    on = today()
    if not Project.objects.assigned_to(request.user, on=on).exists():
        raise Http404
    code = request.GET.get("project", "")
    chosen = Project.objects.visible_to(request.user).filter(code=code).first()
    initial = {"opened_on": f"{on:%d/%m/%Y}", "project": chosen, "where": "project"}
    form = PlacedObstacleForm(request.POST or None, user=request.user, on=on, initial=initial)
    return saved(request, form, "Đã ghi vướng mắc.", {"chosen": chosen})


@require_http_methods(["GET", "POST"])
def obstacle_edit(request: Request, ref: int) -> HttpResponse:
    """Change what is known of an obstacle; the history keeps what was."""
    row = editable(request, ref)
    form = PlacedObstacleForm(request.POST or None, user=request.user, on=today(), instance=row)
    return saved(request, form, "Đã ghi thay đổi.", {"o": row})


def saved(
    request: Request, form: PlacedObstacleForm, done: str, context: dict[str, Any]
) -> HttpResponse:
    """Save a valid form and go to the obstacle; else show the form with what is wrong."""
    if form.instance.pk:
        if saved_beside(request, form, done):
            return redirect("obstacle", form.instance.ref)
    elif request.method == "POST" and form.is_valid():
        row = form.save()
        messages.success(request, done)
        return redirect("obstacle", row.ref)
    return render(request, "obstacles/form.html", {"form": form, **context})


@require_http_methods(["GET", "POST"])
def obstacle_close(request: Request, ref: int) -> HttpResponse:
    """Settle an obstacle: when, and how."""
    row = editable(request, ref)
    form = CloseObstacleForm(request.POST or None, instance=row, today=today())
    if saved_beside(request, form, "Đã ghi kết quả giải quyết vướng mắc."):
        return redirect("case", row.case.ref) if row.case else redirect("obstacle", row.ref)
    return render(request, "obstacles/close.html", {"o": row, "form": form})
