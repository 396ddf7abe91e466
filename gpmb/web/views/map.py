"""The map page, its side, its search. What is drawn comes from map_tiles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Min, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gpmb.access import can_change_many
from gpmb.analysis import outlines, pieces
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseEvent, Project, Review, Taking
from gpmb.land.models import AdministrativeUnit
from gpmb.refs import decode, encode
from gpmb.web import canvas, map_layers
from gpmb.web.finding import find
from gpmb.web.http import Request
from gpmb.web.map_filters import MapQuery
from gpmb.web.map_legend import side
from maps.document import Parts
from maps.layers import VectorTiles

SLIDER_DAYS = 730
PLACES = {
    "Thửa đất": "thua",
    "Dự án": "du-an",
    "Hồ sơ": "ho-so",
    "Hộ": "ho-so",
    "Xã, phường": "phuong",
}


@require_GET
def page(request: Request) -> HttpResponse:
    on = today()
    query = MapQuery.read(request.GET, request.user, on)
    pieces.refresh_stale()
    bounds = outlines.city(request.user, on=on)
    may_choose = can_change_many(request.user)
    context = {
        "parts": drawn(query, bounds, str(request.csp_nonce)),
        "tools": map_layers.TOOLS + (map_layers.CHOOSING if may_choose else ()),
        "may_choose": may_choose,
        "time": time_line(query),
        "settings": page_settings(query, bounds),
        **side(query),
    }
    return render(request, "map/page.html", context)


@require_GET
def legend(request: Request) -> HttpResponse:
    """The side of the map anew, for the form as it stands."""
    query = MapQuery.read(request.GET, request.user, today())
    return render(request, "map/side.html", side(query))


@require_GET
def search(request: Request) -> HttpResponse:
    """What the words may mean, each a button that leads the map there."""
    text = request.GET.get("q", "")
    results = [
        result
        | {"place": reverse("map_place", args=[PLACES[result["kind"]], decode(result["ref"])])}
        for result in find(request.user, text, today())
        if result["kind"] in PLACES
    ]
    return render(request, "map/found.html", {"text": text.strip(), "results": results})


@require_GET
def place(request: Request, kind: str, ref: int) -> JsonResponse:
    """Where something is: its box in degrees, and the taking to select when it is one."""
    takings: QuerySet[Taking] = Taking.objects.visible_to(request.user).live(on=today())
    chosen = None
    match kind:
        case "thua":
            takings = takings.filter(ref=ref)
            chosen = ref
        case "ho-so":
            case = Case.objects.counted_for(request.user).filter(ref=ref).first()
            takings = takings.filter(case=case) if case else takings.none()
            chosen = takings.values_list("ref", flat=True).first()
        case "du-an":
            takings = takings.filter(project__ref=ref)
        case _:
            units = AdministrativeUnit.objects.filter(ref=ref, boundary__isnull=False)
            if units.exists():
                return JsonResponse({"bounds": outlines.extent(units), "taking": None})
            takings = takings.filter(parcel__unit__ref=ref)
    bounds = outlines.extent(takings)
    if bounds is None and kind == "du-an":
        bounds = outlines.extent(Project.objects.visible_to(request.user).filter(ref=ref))
    if bounds is None:
        raise Http404("Không có hình trên bản đồ.")
    return JsonResponse({"bounds": bounds, "taking": encode(chosen) if chosen else None})


def drawn(query: MapQuery, bounds: outlines.Bounds, nonce: str) -> Parts:
    """Folium's map with the vector layer, ready for a page with a strict policy."""
    chart = canvas.chart("gpmb", bounds, zoom=12, max_zoom=20, zoom_control=False, zoom_delta=1)
    # Added by the page's script once the view is known: no tile is asked for in vain.
    style = map_layers.style(query.tile_address())
    layer = VectorTiles(style, name="Thửa đất", show=False)
    layer._id = "takings"
    layer.add_to(chart)
    return canvas.parts(chart, nonce)


def page_settings(query: MapQuery, bounds: outlines.Bounds) -> dict[str, Any]:
    """What the page's script is told: addresses, the plane to measure in, how to colour."""
    panel = reverse("panel", args=[0]).replace(encode(0), "REF")
    place_of = reverse("map_place", args=["thua", 0]).replace(encode(0), "REF")
    blocks = reverse("blocking_geojson", args=[0]).replace(encode(0), "REF")
    chosen = Taking.objects.visible_to(query.user).live(on=query.on)
    start = outlines.extent(chosen.filter(project__code=query.project)) if query.project else None
    return map_layers.drawing() | {
        "start": start,
        "tiles": map_layers.tile_path(),
        "outlines": reverse("map_outlines"),
        "hexagons": reverse("map_hexagons"),
        "plainUrl": reverse("map_plain"),
        "area": reverse("bulk_area"),
        "panel": panel,
        "place": place_of,
        "blocks": blocks,
        "bounds": bounds,
        "today": query.today.isoformat(),
        "shown": query.tile_address(),
        "plane": {"meridian": settings.PROVINCE.central_meridian, "scale": 0.9999},
    }


def time_line(query: MapQuery) -> dict[str, Any]:
    """The date slider: its ends, its value in days, the reviews marked on it (percent)."""
    last = query.today
    first = last - dt.timedelta(days=SLIDER_DAYS)
    if not CaseEvent.objects.filter(on__lte=first).exists():  # a young city: all of its history
        begun = CaseEvent.objects.aggregate(first=Min("on"))["first"]
        begun = begun or last - dt.timedelta(days=365)
        first = min(begun, last - dt.timedelta(days=30))
    days = (last - first).days
    reviews = Review.objects.filter(on__gte=first, on__lte=last).order_by("on")
    return {
        "first": first,
        "last": last,
        "on": query.on,
        "days": days,
        "value": max(0, (query.on - first).days),
        "reviews": [
            {
                "on": review.on,
                "title": review.get_kind_display(),
                "at": (review.on - first).days,
            }
            for review in reviews
        ],
    }
