"""Complaints by hexagon, for those who may not see whose they are: 3 households or more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import PointOnSurface
from django.db.models import BigIntegerField, F, Field, OuterRef, Subquery
from django.db.models.functions import Coalesce

from geo import cells, crs
from gpmb.clearance.models import CaseParty, Project, Taking
from gpmb.complaints.models import Complaint, ComplaintCase

if TYPE_CHECKING:
    from gpmb.analysis.selection import Selection

LEAST_HOUSEHOLDS = 3
WGS84 = 4326
IDENTITY: Field[int, int] = BigIntegerField()


def complaints(selection: Selection) -> list[dict[str, Any]]:
    """GeoJSON features (EPSG:4326) of the hexagons with complaints of at least 3 households.

    Households are counted, each once in a hexagon whatever the number of letters, signatures and
    cases: one is in by a case that a counted matter (no denunciation, no repeat) received up to
    the day names, in the hexagon of the case's largest taking. Its holder stands for a case; one
    without a holder counts as a household. Property `n`: how many. The test of concentrations
    counts otherwise: one matter, one household (`hotspot_sql`).
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
    holder = (
        CaseParty.objects.current(on=selection.on)
        .filter(case=OuterRef("case"), role=CaseParty.Role.HOLDER)
        .order_by("pk")
        .values("party")[:1]
    )
    rows = [
        (*point.coords, household)
        for point, household in takings.filter(case__in=named, boundary__isnull=False)
        .order_by("case_id", "-recovered_area_m2", "pk")
        .distinct("case_id")
        .annotate(point=PointOnSurface("boundary"))
        .annotate(household=Coalesce(Subquery(holder), -F("case"), output_field=IDENTITY))
        .values_list("point", "household")
    ]
    if len(rows) < LEAST_HOUSEHOLDS:
        return []
    x, y, households = np.asarray(rows, float).T
    standing = np.stack([*cells.cell_of(x, y), households.astype(int)], axis=1)
    each_once = np.unique(standing, axis=0)
    keys, counts = np.unique(each_once[:, :2], axis=0, return_counts=True)
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
