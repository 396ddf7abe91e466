"""The scorecard (/danh-gia/): figures first, each opening its cases; no ranking of anyone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.analysis import scorecard, subject
from gpmb.analysis.scorecard import LABELS, Period
from gpmb.analysis.scoring import MIN_COUNT, Criterion, Line
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project
from gpmb.complaints.models import Complaint
from gpmb.web.days import day_asked
from gpmb.web.http import Request
from gpmb.web.views.reviews import readers_only

COMPLAINTS = tuple(scorecard.MATTERS)
OPENS: dict[str, str] = {
    Criterion.SCHEDULE: "xem dự án",
    Criterion.DATA: "xem lượt ghi",
    **dict.fromkeys(COMPLAINTS, "xem vụ việc"),
}
# Complaint figures of fewer than three stay with those who read the register.
LEAST = 3
PAGE_SIZE = 50
PERIODS = {"quy": "Quý", "thang": "Tháng"}


def _period(request: Request) -> tuple[str, Period]:
    """Read `?ky=quy|thang&den=30/06/2023`; a day nobody understands is today."""
    asked = day_asked(request.GET.get("den", ""))
    kind = request.GET.get("ky", "quy")
    make = scorecard.month if kind == "thang" else scorecard.quarter
    return ("thang" if kind == "thang" else "quy"), make(asked)


def _about(request: Request, on: dt.date) -> subject.Subject:
    try:
        return subject.find(request.GET.get("scope", subject.CITY), request.user, on)
    except subject.UnknownSubject as error:
        raise Http404 from error


@require_GET
@readers_only
def page(request: Request) -> HttpResponse:
    """Eight criteria of a scope in a period, with their weights, intervals and the score."""
    kind, period = _period(request)
    about = _about(request, period.last)
    card = scorecard.read(request.user, about.projects, period)
    return render(
        request,
        "scorecard/page.html",
        {
            "card": card,
            "lines": [_shown(line) for line in card.score.lines],
            "about": about,
            "scopes": subject.choices(request.user, period.last),
            "kind": kind,
            "periods": PERIODS,
            "today": today(),
            "min_count": MIN_COUNT,
        },
    )


def _shown(line: Line) -> dict[str, Any]:
    """A criterion as the page says it: its figure, interval, points, and whether cases open."""
    count = line.count
    label, rule = LABELS[line.criterion]
    few = line.criterion in COMPLAINTS and count.of is not None and 0 < count.of < LEAST
    return {
        "line": line,
        "code": line.criterion.value,
        "label": label,
        "rule": rule,
        "few": few,
        "interval": None if few else count.interval,
        "opens": OPENS.get(line.criterion, "xem hồ sơ") if count.applies else "",
        "is_schedule": line.criterion is Criterion.SCHEDULE,
    }


@require_GET
@readers_only
def behind(request: Request, criterion: str) -> HttpResponse:
    """The cases behind a figure, failures first; for the schedule, the projects."""
    if criterion not in set(Criterion):
        raise Http404
    _, period = _period(request)
    about = _about(request, period.last)
    keys = list(about.projects.values_list("pk", flat=True))
    context: dict[str, Any] = {
        "about": about,
        "period": period,
        "label": LABELS[Criterion(criterion)][0],
        "rule": LABELS[Criterion(criterion)][1],
    }
    if criterion in COMPLAINTS:
        context |= _matters(request, keys, period, criterion)
        return render(request, "scorecard/matters.html", context)
    if criterion == Criterion.SCHEDULE:
        paces = sorted(scorecard.paces(request.user, keys, period.last), key=lambda pace: pace.spi)
        projects = Project.objects.in_bulk([pace.project for pace in paces])
        context["paces"] = [(projects[pace.project], pace) for pace in paces]
    else:
        context |= _items(request, keys, period, criterion)
    return render(request, "scorecard/cases.html", context)


def _items(request: Request, keys: list[int], period: Period, criterion: str) -> dict[str, Any]:
    found = scorecard.items(request.user, keys, period, criterion)
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    cases = Case.objects.select_related("project").in_bulk([item.case for item in shown])
    opened = set(
        Case.objects.visible_to(request.user, on=today())
        .filter(pk__in=cases)
        .values_list("pk", flat=True)
    )
    return {
        "page": shown,
        "rows": [(cases[item.case], item, item.case in opened) for item in shown],
        "failed": sum(not item.good for item in found),
        "entries": criterion == Criterion.DATA,
    }


def _matters(request: Request, keys: list[int], period: Period, criterion: str) -> dict[str, Any]:
    """By project for everyone, few of them never told; the letters for who reads the register."""
    rows = scorecard.matters(keys, period, criterion)
    # A collective matter has five people or more: its count tells of no household.
    least = 1 if criterion == Criterion.COLLECTIVE else LEAST
    shares = scorecard.by_project(rows, least)
    projects = Project.objects.in_bulk([share.project for share in shares if share.project])
    mine = rows.filter(pk__in=Complaint.objects.visible_to(request.user, on=today()).values("pk"))
    return {
        "shares": [(projects.get(share.project), share) for share in shares],
        "least": least,
        "reads": access.can_read_register(request.user),
        "page": Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page")),
        "months": access.can_read_complaint_totals(request.user),
        "only_late": criterion == Criterion.COLLECTIVE,
    }
