"""The map of a report or page: land by stage in the province's own plane, drawn once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB, Transform
from django.db.models import OuterRef, Subquery
from numpy.typing import NDArray

from gpmb.analysis import pieces
from gpmb.analysis.selection import Colouring, Selection
from gpmb.analysis.tile_models import Piece, PieceState
from gpmb.clearance.models import Project
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from maps import palette, plan

if TYPE_CHECKING:
    from gpmb.accounts.models import User

SIZE = (340, 225)
# From so many parcels on their edges would hide the colours: land of one stage is one shape.
MANY = 400
GRID_M = 0.05
# From so many on even that takes seconds: the map's dissolved pieces (gpmb.analysis.pieces) stand
# for them, each in the stage of most of its land.
DISSOLVED = 4000
PIECE_M = 250
STILL = "#e3e7ec"
NEAR = 3  # so many projects still fill the drawing


@dataclass(frozen=True)
class Plan:
    """The drawing, and its legend: stage, colour, parcels, m²."""

    svg: str
    legend: list[tuple[str, str, int, float]]


@dataclass(frozen=True)
class _Land:
    """Shapes with the stage each is drawn in; takings and m² by stage, for the legend."""

    shapes: Any
    stages: NDArray[np.intp]
    takings: list[int]
    area_m2: list[float]


def plan_of(
    user: User,
    projects: Sequence[int],
    *,
    on: dt.date,
    today: dt.date,
    since: dt.date | None = None,
) -> Plan:
    """Draw the public land of some projects on a day, coloured by stage, with its wards.

    With `since` only the land whose stage changed after that day is coloured, the rest is pale.
    """
    takings = Selection(user, on, today, projects=frozenset(projects)).takings()
    takings = takings.filter(boundary__isnull=False)
    outlines = _outlines(projects)
    layers = [_wards(on)]
    if len(projects) > NEAR:  # seen from far their dashes would hide the land
        layers.append(plan.Layer(outlines, None, palette.WARD_OUTLINE, 0.4))
    else:
        layers.append(plan.Layer(outlines, None, palette.PROJECT_OUTLINE, 0.8, "4 2"))
    frame: list[Any] = []
    if since is not None or takings.count() > DISSOLVED:
        pieces.refresh_stale(projects)
        land = _pieces(user, projects, on)
        frame += list(land.shapes)
    if since is not None:
        layers.append(plan.Layer(land.shapes, STILL, "#c3cbd4", 0.6))
        wanted = Selection(
            user, on, today, Colouring.CHANGE, frozenset(projects), since=min(since, on)
        )
        land = _takings(wanted.takings().filter(boundary__isnull=False, c__gt=0))
    elif not frame:
        land = _takings(takings)
        frame += list(land.shapes)
    if since is not None and len(projects) > NEAR:
        layers.append(plan.Layer(land.shapes, None, palette.INK, 4.4))
        layers += _coloured(land, bold=3.2)
    else:
        bold = 2.2 if len(projects) > NEAR else 1.4 if len(land.shapes) > MANY else 0
        layers += _coloured(land, bold=bold)
    what = "Bản đồ thu hồi đất theo bước thực hiện"
    drawing = plan.svg(
        layers,
        size=SIZE,
        title=f"{what}: thay đổi sau ngày {since:%d/%m/%Y}" if since else what,
        frame=[*frame, *outlines],
    )
    legend = [
        (STAGE_LABELS[stage], fill.colour, land.takings[stage], land.area_m2[stage])
        for stage, fill in enumerate(palette.STAGES)
    ]
    return Plan(drawing, legend)


def _coloured(land: _Land, *, bold: float) -> Iterator[plan.Layer]:
    """A layer a stage; with `bold` no edges of parcels but the land itself drawn wider by it."""
    for stage, fill in enumerate(palette.STAGES):
        drawn = land.shapes[land.stages == stage]
        if not len(drawn):
            continue
        edge, width = palette.OUTLINE, 0.4
        if bold:
            drawn = [shapely.union_all(drawn, grid_size=GRID_M)]
            edge, width = (fill.colour, bold) if stage else (palette.OUTLINE, min(bold, 1.4))
        yield plan.Layer(drawn, fill.colour, edge, width)


def _takings(takings: Any) -> _Land:
    rows = list(
        takings.annotate(shape=AsWKB("boundary"))
        .order_by("pk")
        .values_list("reached", "shape", "recovered_area_m2")
    )
    stages = np.array([row[0] for row in rows], dtype=np.intp)
    areas = np.array([float(row[2]) for row in rows])
    each = range(len(palette.STAGES))
    return _Land(
        np.array(shapely.from_wkb([bytes(row[1]) for row in rows]), dtype=object),
        stages,
        [int((stages == stage).sum()) for stage in each],
        [float(areas[stages == stage].sum()) for stage in each],
    )


def _pieces(user: User, projects: Sequence[int], on: dt.date) -> _Land:
    """The dissolved pieces that had land on the day."""
    states = PieceState.objects.filter(piece=OuterRef("pk"), on__lte=on).order_by("-on")
    rows = (
        Piece.objects.visible_to(user)
        .filter(size_m=PIECE_M, project__in=projects)
        .annotate(
            shape=AsWKB(Transform("web", settings.SRID)),
            takings=Subquery(states.values("takings")[:1]),
            areas=Subquery(states.values("area_m2")[:1]),
        )
        .values_list("shape", "takings", "areas")
    )
    found = [row for row in rows if row[1] and sum(row[1])]
    takings = np.array([row[1] for row in found], dtype=int).reshape(-1, len(palette.STAGES))
    areas = np.array([row[2] for row in found], dtype=float).reshape(takings.shape)
    # Of two equal shares the later stage, as the map has it.
    last = takings.shape[1] - 1
    return _Land(
        np.array(shapely.from_wkb([bytes(row[0]) for row in found]), dtype=object),
        last - np.argmax(areas[:, ::-1], axis=1) if found else np.array([], dtype=np.intp),
        takings.sum(axis=0).tolist(),
        areas.sum(axis=0).tolist(),
    )


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
