"""Where complaints gather (/diem-nong/): verdicts on a map, hot spots that leaders declare."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Min, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access
from gpmb.analysis import hotspots, outlines
from gpmb.analysis.hotspot_models import Hotspot, HotspotArea, HotspotMeasure, HotspotRun
from gpmb.analysis.hotspot_sql import Period
from gpmb.clearance.clock import today
from gpmb.complaints import process
from gpmb.complaints.models import Complaint
from gpmb.web import canvas, hotspot_map
from gpmb.web.days import day_asked
from gpmb.web.hotspot_forms import (
    CloseHotspotForm,
    MeasureDoneForm,
    MeasureForm,
    OpenHotspotForm,
)
from gpmb.web.http import Request

HISTORY_DAYS = 730


@require_GET
def page(request: Request) -> HttpResponse:
    on, last = day_asked(request.GET.get("on", "")), today()
    record = hotspots.run(on=on)
    first = _first_day(last)
    open_now = declared(request).open(on=on)
    return render(
        request,
        "hotspots/page.html",
        {
            "parts": canvas.empty("hotspots", str(request.csp_nonce), max_zoom=19),
            "run": record,
            "on": on,
            "first": first,
            "last": last,
            "days": (last - first).days,
            "value": max((on - first).days, 0),
            "legend": hotspot_map.legend(record, request.user),
            "areas": _areas(record, open_now),
            "provable": hotspots.provable_households(record),
            "hotspots": open_now,
            "closed": declared(request).filter(closed_on__lte=on),
            "can_declare": access.can_declare_hotspot(request.user),
            "settings": {
                "cells": reverse("hotspot_cells", args=[record.ref]),
                "cell": reverse("hotspot_cell", args=[record.ref]),
                "outlines": reverse("map_outlines"),
                "bounds": outlines.known(request.user, on=on),
                "styles": hotspot_map.styles(),
            },
        },
    )


def _first_day(last: dt.date) -> dt.date:
    begun = Complaint.objects.counted().aggregate(first=Min("received_on"))["first"] or last
    return min(max(begun, last - dt.timedelta(days=HISTORY_DAYS)), last - dt.timedelta(days=30))


def declared(request: Request) -> Any:
    """Return the hot spots this user may know of: not those of restricted projects."""
    rows = Hotspot.objects.select_related(
        "owner", "opened_by", "open_document", "closed_by", "close_document", "project"
    ).prefetch_related("measures__owner")
    return rows if request.user.cleared else rows.exclude(project__restricted=True)


def _areas(record: HotspotRun, open_now: QuerySet[Hotspot]) -> list[dict[str, Any]]:
    """Return the run's areas, each with the hot spot a leader has declared there, if any."""
    shaped = [hotspot for hotspot in open_now if hotspot.boundary]
    return [
        {
            "area": area,
            "hotspot": next((h for h in shaped if h.boundary.intersects(area.boundary)), None),
        }
        for area in record.areas.select_related("project", "unit")
    ]


@require_GET
def cells(request: Request, ref: int) -> JsonResponse:
    """The hexagons of a run with their verdicts, as GeoJSON."""
    record = get_object_or_404(HotspotRun, ref=ref)
    return JsonResponse(hotspot_map.hexagons(record, request.user))


@require_GET
def cell(request: Request, ref: int) -> HttpResponse:
    """What the verdict of one hexagon rests on, and the matters behind it for those allowed."""
    record = get_object_or_404(HotspotRun, ref=ref)
    on = record.as_of
    try:
        place = int(request.GET["q"]), int(request.GET["r"])
    except (KeyError, ValueError) as error:
        raise Http404 from error
    found = [
        i
        for i in hotspot_map.shown_cells(record, request.user)
        if tuple(record.cells[i][:2]) == place
    ]
    if not found:
        raise Http404
    verdict, ring, observed, at_risk, expected, p, own_ratio = record.outcome[found[0]]
    few = 0 < observed < hotspot_map.LEAST_HOUSEHOLDS and not hotspot_map.sees_few(request.user)
    context = {
        "on": on,
        "verdict": verdict,
        "label": hotspot_map.CLASSES[verdict][1],
        "ring": ring,
        "at_risk": at_risk,
        "few": few,
    }
    if not few:
        context |= {
            "observed": observed,
            "expected": expected,
            "ratio": observed / expected if expected else None,
            "p": "dưới 0,0001" if p < 1e-4 else f"{p:.4f}".replace(".", ","),
            "project_wide": own_ratio < 1.5,
            **_summary(_matters(request, record, place, ring, on), on),
        }
    return render(request, "hotspots/cell.html", context)


def _matters(
    request: Request, record: HotspotRun, place: tuple[int, int], ring: int, on: dt.date
) -> list[Complaint]:
    """Return the complaints behind a window that this user may read."""
    readable = Complaint.objects.visible_to(request.user, on=on)
    if not readable.exists():
        return []
    period = Period(record.period_from, record.as_of, record.kind)
    inside = hotspots.matters_in(period, hotspots.window_cells(*place, ring))
    return list(readable.filter(pk__in=inside).select_related("project").order_by("received_on"))


def _summary(matters: list[Complaint], on: dt.date) -> dict[str, Any]:
    """Say of matters how many are open and late, since when, and what they are about."""
    waiting = [c for c in matters if c.answered_on is None and c.status not in process.ENDED]
    topics = Counter(c.get_topic_display() or "Chưa phân loại" for c in matters)
    return {
        "matters": matters,
        "open_matters": len(waiting),
        "late_matters": sum(c.due_on is not None and c.due_on < on for c in waiting),
        "oldest": min((c.received_on for c in waiting), default=None),
        "topics": topics.most_common(),
    }


@require_http_methods(["GET", "POST"])
def hotspot_open(request: Request, ref: int | None = None) -> HttpResponse:
    """A leader declares a hot spot, on an area of a run or without one."""
    if not access.can_declare_hotspot(request.user):
        raise Http404
    areas = HotspotArea.objects.select_related("project", "unit")
    area = get_object_or_404(areas, ref=ref) if ref else None
    initial = {"name": area.place, "project": area.project} if area else None
    form = OpenHotspotForm(request.POST or None, today=today(), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        hotspot = form.save(by=request.user, area=area)
        messages.success(request, f"Đã mở điểm nóng “{hotspot}”.")
        return redirect("hotspot", hotspot.ref)
    form.mark_invalid()
    return render(request, "hotspots/open.html", {"form": form, "area": area})


@require_GET
def hotspot(request: Request, ref: int) -> HttpResponse:
    """One declared hot spot: who, since when, by which document, what is done."""
    return render(request, "hotspots/hotspot.html", _context(request, _find(request, ref)))


def _find(request: Request, ref: int) -> Hotspot:
    found: Hotspot = get_object_or_404(declared(request), ref=ref)
    return found


def _context(request: Request, spot: Hotspot, **forms: Any) -> dict[str, Any]:
    on = today()
    return {
        "hotspot": spot,
        "measures": spot.measures.select_related("owner", "review"),
        "on": on,
        "can_declare": access.can_declare_hotspot(request.user),
        "can_follow": access.can_follow_hotspot(request.user),
        "close_form": CloseHotspotForm(today=on, hotspot=spot),
        "measure_form": MeasureForm(today=on, initial={"on": f"{on:%d/%m/%Y}"}),
        "done_form": MeasureDoneForm(today=on, auto_id="done_%s"),
    } | forms


@require_POST
def hotspot_close(request: Request, ref: int) -> HttpResponse:
    spot = _find(request, ref)
    if not access.can_declare_hotspot(request.user):
        raise Http404
    form = CloseHotspotForm(request.POST, today=today(), hotspot=spot)
    if form.is_valid():
        form.save(by=request.user)
        messages.success(request, f"Đã kết thúc điểm nóng “{spot}”.")
        return redirect("hotspot", spot.ref)
    form.mark_invalid()
    return render(request, "hotspots/hotspot.html", _context(request, spot, close_form=form))


@require_POST
def hotspot_measure(request: Request, ref: int) -> HttpResponse:
    spot = _find(request, ref)
    if not access.can_follow_hotspot(request.user):
        raise Http404
    form = MeasureForm(request.POST, today=today())
    if form.is_valid():
        form.save(hotspot=spot)
        messages.success(request, "Đã ghi biện pháp.")
        return redirect("hotspot", spot.ref)
    form.mark_invalid()
    return render(request, "hotspots/hotspot.html", _context(request, spot, measure_form=form))


@require_POST
def measure_done(request: Request, ref: int, number: int) -> HttpResponse:
    """Record what came of the `number`-th measure of a hot spot."""
    spot = _find(request, ref)
    if not access.can_follow_hotspot(request.user):
        raise Http404
    measures: list[HotspotMeasure] = list(spot.measures.all())
    if not 1 <= number <= len(measures):
        raise Http404
    form = MeasureDoneForm(request.POST, today=today(), auto_id="done_%s")
    if form.is_valid():
        measure = measures[number - 1]
        measure.done_on, measure.result = form.cleaned_data["done_on"], form.cleaned_data["result"]
        measure.save(update_fields=["done_on", "result"])
        messages.success(request, "Đã ghi kết quả.")
        return redirect("hotspot", spot.ref)
    form.mark_invalid()
    return render(request, "hotspots/hotspot.html", _context(request, spot, done_form=form))
