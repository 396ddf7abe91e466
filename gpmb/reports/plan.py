"""The map of a report: land by stage in the province's own plane, drawn once for PDF and Word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import AsWKB

from gpmb.analysis.selection import stage_on
from gpmb.clearance.models import Project, Taking
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from maps import palette, plan

if TYPE_CHECKING:
    from gpmb.accounts.models import User

SIZE = (340, 225)
# From so many parcels on their edges would hide the colours: land of one stage is one shape.
MANY = 400
GRID_M = 0.05


@dataclass(frozen=True)
class Plan:
    """The drawing, and its legend: stage, colour, parcels, m²."""

    svg: str
    legend: list[tuple[str, str, int, float]]


def plan_of(user: User, projects: Sequence[int], *, on: dt.date, today: dt.date) -> Plan:
    """Draw the public land of some projects on a day, coloured by stage, with its wards."""
    rows = list(
        Taking.objects.visible_to(user)
        .live(on=on)
        .filter(project__in=projects, boundary__isnull=False)
        .annotate(reached=stage_on(on, today), shape=AsWKB("boundary"))
        .order_by("pk")
        .values_list("reached", "shape", "recovered_area_m2")
    )
    stages = np.array([row[0] for row in rows], dtype=np.intp)
    shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    areas = np.array([float(row[2]) for row in rows])
    layers = [_wards(on)]
    legend = []
    for stage, fill in enumerate(palette.STAGES):
        mine = stages == stage
        legend.append(
            (STAGE_LABELS[stage], fill.colour, int(mine.sum()), float(areas[mine].sum()))
        )
        if mine.any():
            drawn = shapes[mine]
            edge, width = palette.OUTLINE, 0.4
            if len(rows) > MANY:
                drawn = [shapely.union_all(drawn, grid_size=GRID_M)]
                edge, width = fill.colour if stage else palette.OUTLINE, 1.4
            layers.append(plan.Layer(drawn, fill.colour, edge, width))
    outlines = _outlines(projects)
    layers.append(plan.Layer(outlines, None, palette.PROJECT_OUTLINE, 0.8, "4 2"))
    drawing = plan.svg(
        layers,
        size=SIZE,
        title="Bản đồ thu hồi đất theo bước thực hiện",
        frame=[*shapes, *outlines],
    )
    return Plan(drawing, legend)


def _wards(on: dt.date) -> plan.Layer:
    units = AdministrativeUnit.objects.valid(on=on).filter(boundary__isnull=False)
    found = units.annotate(shape=AsWKB("boundary")).values_list("shape", flat=True)
    shapes = [shapely.from_wkb(bytes(shape)) for shape in found]
    return plan.Layer(shapes, palette.PAPER, palette.WARD_OUTLINE, 0.5)


def _outlines(projects: Sequence[int]) -> list[shapely.Geometry]:
    found = (
        Project.objects.filter(pk__in=projects, boundary__isnull=False)
        .annotate(shape=AsWKB("boundary"))
        .values_list("shape", flat=True)
    )
    return [shapely.from_wkb(bytes(shape)) for shape in found]
