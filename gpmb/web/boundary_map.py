"""The map on the boundary and parcel pages: Folium's canvas, what is drawn on it, in degrees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.contrib.gis.geos import Polygon
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from geo import crs
from geo.clearance import Relation
from gpmb import access
from gpmb.analysis import outlines
from gpmb.clearance.boundary import Proposal
from gpmb.clearance.clock import today
from gpmb.clearance.models import ClearanceBoundary, Project, Taking
from gpmb.land.models import Parcel, ParcelNumber
from gpmb.web import canvas
from gpmb.web.http import Request

if TYPE_CHECKING:
    from gpmb.accounts.models import User

WGS84 = crs.WGS84
LIMIT = 3000


def plane() -> dict[str, float]:
    """What the script measures in."""
    return {"meridian": settings.PROVINCE.central_meridian, "scale": 0.9999}


def page(
    request: Request, project: Project, record: ClearanceBoundary | None = None
) -> dict[str, Any]:
    """The canvas and what its script is told."""
    shown = record.boundary if record else project.boundary
    bounds = None
    if shown is not None:
        bounds = shown.transform(WGS84, clone=True).extent
    return {
        "parts": canvas.empty("draw", str(request.csp_nonce)),
        "settings": {
            "bounds": bounds
            or outlines.extent(Taking.objects.visible_to(request.user).filter(project=project))
            or settings.PROVINCE.lonlat_bounds,
            "around": reverse("boundary_around", args=[project.ref]),
            "pieces": reverse("boundary_shapes", args=[project.ref, record.ref])
            if record and record.applied_at is None
            else None,
            "line": degrees(shown) if shown is not None else None,
            "plane": plane(),
        },
    }


def around_shape(request: Request, shape: Any, project: Project | None) -> dict[str, Any]:
    """The canvas about one parcel; its neighbours are drawn for those who work on the project."""
    works = project is not None and access.works_on(request.user, project, on=today())
    return {
        "parts": canvas.empty("draw", str(request.csp_nonce)),
        "settings": {
            "bounds": shape.transform(WGS84, clone=True).extent,
            "around": reverse("boundary_around", args=[project.ref])
            if project and works
            else None,
            "pieces": None,
            "line": degrees(shape),
            "plane": plane(),
        },
    }


def picker(request: Request) -> dict[str, Any]:
    """The canvas on which a place is picked: what this person may see of the city around it."""
    return {
        "parts": canvas.empty("draw", str(request.csp_nonce)),
        "settings": {
            "bounds": outlines.city(request.user, on=today()),
            "outlines": reverse("map_outlines"),
            "land": reverse("map_plain"),
        },
    }


def degrees(shape: Any) -> dict[str, Any]:
    """A legal geometry as a GeoJSON geometry."""
    turned = crs.transform(
        np.array([shapely.from_wkb(bytes(shape.wkb))], dtype=object), settings.SRID, WGS84
    )
    found: dict[str, Any] = shapely.geometry.mapping(
        shapely.transform(turned[0], lambda xy: np.round(xy, 7))
    )
    return found


def parcels(user: User, box: str, on: dt.date) -> HttpResponse:
    """Living parcels that `user` may see in `west,south,east,north`, at most LIMIT."""
    try:
        west, south, east, north = map(float, box.split(","))
        view = Polygon.from_bbox((west, south, east, north))
    except ValueError:
        return JsonResponse({"message": "Thiếu khung nhìn (box=tây,nam,đông,bắc)."}, status=400)
    view.srid = WGS84
    number = ParcelNumber.objects.filter(
        parcel=OuterRef("pk"), kind="current", valid_to=None
    ).values("key")[:1]
    rows = (
        Parcel.objects.visible_to(user)
        .live(on=on)
        .filter(boundary__bboverlaps=view.transform(settings.SRID, clone=True))
        .annotate(key=Subquery(number), shape=AsGeoJSON(Transform("boundary", WGS84), precision=7))
        .order_by("pk")
        .values_list("key", "shape")[:LIMIT]
    )
    features = ",".join(
        f'{{"type":"Feature","properties":{{"key":{_text(key)}}},"geometry":{shape}}}'
        for key, shape in rows
        if shape
    )
    body = f'{{"type":"FeatureCollection","features":[{features}]}}'
    return HttpResponse(body, content_type="application/geo+json")


def _text(key: str | None) -> str:
    return JsonResponse(key or "", safe=False).content.decode()


def pieces(record: ClearanceBoundary, proposal: Proposal) -> JsonResponse:
    """What is recovered of each parcel, as the preview colours it."""
    drawn = [row for row in proposal.rows if row.shape is not None]
    features = []
    if drawn:
        turned = crs.transform(
            np.array([row.shape for row in drawn], dtype=object), settings.SRID, WGS84
        )
        for row, shape in zip(drawn, turned, strict=True):
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "key": row.key,
                        "partly": row.relation == Relation.PARTLY,
                        "warned": bool(row.warning),
                        "kept": row.action == "kept",
                    },
                    "geometry": shapely.geometry.mapping(
                        shapely.transform(shape, lambda xy: np.round(xy, 7))
                    ),
                }
            )
    return JsonResponse({"type": "FeatureCollection", "features": features})
