"""What lies around the takings: wards, projects, resettlement sites, as small GeoJSON."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import AsGeoJSON, GeomOutputGeoFunc, Transform
from django.db.models import Value

from gpmb.analysis.tile_models import Piece
from gpmb.clearance.models import Project
from gpmb.land.models import AdministrativeUnit
from gpmb.resettlement.models import Site

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gpmb.accounts.models import User

SIMPLIFY_M = 4.0
DECIMALS = 5  # about 1 m
WGS84 = 4326
Bounds = tuple[float, float, float, float]


class Simplify(GeomOutputGeoFunc):
    """`ST_SimplifyPreserveTopology` in the units of the column."""

    function = "ST_SimplifyPreserveTopology"

    def __init__(self, column: str, tolerance: float) -> None:
        super().__init__(column, Value(tolerance))


def as_geojson(column: str) -> AsGeoJSON:
    """The column as GeoJSON text in EPSG:4326, simplified."""
    return AsGeoJSON(Transform(Simplify(column, SIMPLIFY_M), WGS84), precision=DECIMALS)


def features(user: User, *, on: dt.date) -> list[dict[str, Any]]:
    """Wards valid on a day, projects and sites that `user` may see: EPSG:4326, 5 decimals.

    Properties: `kind` ward | project | site, `name`, for a project its public number `ref`.
    A project without a boundary of its own is outlined by what is dissolved of its takings.
    """
    units = AdministrativeUnit.objects.valid(on=on).filter(boundary__isnull=False)
    projects = Project.objects.visible_to(user)
    bounded = projects.filter(boundary__isnull=False)
    dissolved = Piece.objects.visible_to(user).filter(
        size_m=0, project__in=projects.filter(boundary__isnull=True)
    )
    sites = Site.objects.visible_to(user).filter(boundary__isnull=False)
    return [
        *(_feature("ward", u.shape, str(u)) for u in _shaped(units, "boundary")),
        *(_feature("project", p.shape, p.name, p.ref) for p in _shaped(bounded, "boundary")),
        *(
            _feature("project", piece.shape, piece.project.name, piece.project.ref)
            for piece in _shaped(dissolved.select_related("project"), "web")
        ),
        *(
            _feature("site", s.shape, f"{s.name} · {s.get_status_display()}")
            for s in _shaped(sites, "boundary")
        ),
    ]


def _shaped(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    shaped: QuerySet[Any] = rows.annotate(shape=as_geojson(column)).defer(column)
    return shaped


def _feature(kind: str, shape: str, name: str, ref: int | None = None) -> dict[str, Any]:
    properties: dict[str, Any] = {"kind": kind, "name": name}
    if ref is not None:
        properties["ref"] = ref
    return {"type": "Feature", "geometry": json.loads(shape), "properties": properties}


def extent(rows: QuerySet[Any], column: str = "boundary_web") -> Bounds | None:
    """West, south, east, north in degrees of a 3857 column; None when there is no shape."""
    found = rows.order_by().aggregate(box=Extent(Transform(column, WGS84)))["box"]
    return tuple(found) if found else None
