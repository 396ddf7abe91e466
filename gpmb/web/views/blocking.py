"""What blocks a project and when it will be done (/du-an/…/can-tro/)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from geo import crs
from gpmb import access
from gpmb.analysis import adjacency, project_land
from gpmb.analysis.project_land import ProjectLand
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project, Taking
from gpmb.web import blocking_board
from gpmb.web.days import day_asked
from gpmb.web.http import Request

WGS84 = 4326


def _asked(request: Request, ref: int) -> ProjectLand:
    """Return the project's land as this user may see it, on the day in the address or today."""
    on = day_asked(request.GET.get("on", ""))
    project = get_object_or_404(Project.objects.visible_to(request.user), ref=ref)
    return project_land.read(project, on=on, user=request.user)


@require_GET
def page(request: Request, ref: int) -> HttpResponse:
    """The page; for htmx its board alone, as if the chosen takings were cleared, or (`?phan=…`)
    what the project page says of it. Saves nothing.
    """
    found = _asked(request, ref)
    at = blocking_board.board(
        found, set(request.GET.getlist("chon")), with_lanes="duong" in request.GET
    )
    listed = blocking_board.rows(at, request.user, on=found.on)
    context = {
        "project": found.project,
        "on": found.on,
        "last": today(),
        "figures": at.figures,
        "drawing": at.drawing,
        "also_chosen": at.chosen_ids - {row["ref"] for row in listed},
    }
    if request.htmx and "phan" not in request.GET:
        return render(request, "blocking/board.html", context)
    return render(
        request,
        "blocking/summary.html" if request.htmx else "blocking/page.html",
        context
        | {
            "rows": listed,
            "sentence": at.sentence,
            "notes": found.notes,
            "reason": found.land.reason,
            "sees_complaints": access.sees_complaints(request.user, found.project, on=found.on),
            "strip": blocking_board.strip(found, project_land.corridor(found)),
            "dates": blocking_board.dates(found.project, on=found.on),
        },
    )


@require_GET
def geojson(request: Request, ref: int) -> JsonResponse:
    """For the map: every cleared block dissolved, and the ten takings that unlock most."""
    found = _asked(request, ref)
    land = found.land
    ids = found.takings.tolist()
    _, shapes = adjacency.boundaries(Taking.objects.filter(pk__in=ids))
    blocks = land.blocks()
    features: list[dict[str, Any]] = []
    for number in range(len(blocks.block_m2)):
        inside = (blocks.label == number) & land.cleared
        whole = shapely.union_all(shapes[inside], grid_size=0.05)
        features.append(_feature(whole, kind="block", area_m2=blocks.block_m2[number]))
    for place, pick in enumerate(land.order()[: blocking_board.MARKED], start=1):
        point = shapely.point_on_surface(shapes[pick.parcel])
        features.append(
            _feature(
                point,
                kind="pick",
                place=place,
                taking=land.ids[pick.parcel],
                gain_m2=round(pick.largest_m2, 2),
            )
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _feature(shape: shapely.Geometry, **properties: Any) -> dict[str, Any]:
    (moved,) = crs.transform(np.array([shape], dtype=object), settings.SRID, WGS84)
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(moved),
        "properties": properties,
    }
