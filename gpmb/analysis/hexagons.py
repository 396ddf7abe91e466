"""Complaints by hexagon, for those who may not see whose they are: 3 households or more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import PointOnSurface

from geo import cells, crs
from gpmb.clearance.models import Project, Taking
from gpmb.complaints.models import Complaint, ComplaintCase

if TYPE_CHECKING:
    from gpmb.analysis.selection import Selection

LEAST_HOUSEHOLDS = 3
WGS84 = 4326


def complaints(selection: Selection) -> list[dict[str, Any]]:
    """GeoJSON features (EPSG:4326) of the hexagons with complaints of at least 3 households.

    Cases complained about are counted, each once whatever the number of letters and signatures,
    every case that a letter names: a case is in by a counted matter (no denunciation, no repeat)
    received up to the day, in the hexagon of its largest taking. Property `n`: how many. The
    test of concentrations counts otherwise: one matter, one household (`hotspot_sql`).
    """
    matters = Complaint.objects.counted().filter(
        received_on__lte=selection.on,
        project__in=Project.objects.visible_to(selection.user),
    )
    named = ComplaintCase.objects.filter(complaint__in=matters).values("case")
    takings = Taking.objects.visible_to(selection.user).live(on=selection.on)
    if selection.projects is not None:
        takings = takings.filter(project__in=selection.projects)
    if selection.units is not None:
        takings = takings.filter(parcel__unit__in=selection.units)
    points = [
        point.coords
        for point in takings.filter(case__in=named, boundary__isnull=False)
        .order_by("case_id", "-recovered_area_m2", "pk")
        .distinct("case_id")
        .annotate(point=PointOnSurface("boundary"))
        .values_list("point", flat=True)
    ]
    if len(points) < LEAST_HOUSEHOLDS:
        return []
    x, y = np.asarray(points, float).T
    keys, counts = np.unique(np.stack(cells.cell_of(x, y), axis=1), axis=0, return_counts=True)
    enough = counts >= LEAST_HOUSEHOLDS
    if not enough.any():
        return []
    q, r = keys[enough].T
    shapes = crs.transform(cells.polygon_of(q, r), settings.SRID, WGS84)
    return [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {"n": int(count)},
        }
        for shape, count in zip(shapes, counts[enough], strict=True)
    ]
