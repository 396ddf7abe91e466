"""What lies around the takings: wards, projects, sites, obstacles, as small GeoJSON."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import AsGeoJSON, GeomOutputGeoFunc, Transform
from django.contrib.gis.geos import Polygon
from django.db.models import Value

from gpmb.analysis.tile_models import Piece
from gpmb.clearance.models import Obstacle, Project
from gpmb.fields import WEB_MERCATOR
from gpmb.land.models import AdministrativeUnit
from gpmb.resettlement.models import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def features(user: User, *, on: dt.date, today: dt.date) -> list[dict[str, Any]]:
    """What `user` may see around the takings on a day: EPSG:4326, 5 decimals.

    Properties: `kind` ward | project | site | obstacle, `name`; of a project its public number
    `ref` and, where all of it is stuck, `stuck`: in words. A project without a boundary of its own
    is outlined by what is dissolved of its takings. An obstacle is drawn where it is a line or an
    area; its cause is named to those who may read it `today`, to others it is an obstacle.
    """
    units = AdministrativeUnit.objects.valid(on=on).filter(boundary__isnull=False)
    projects = Project.objects.visible_to(user)
    bounded = projects.filter(boundary__isnull=False)
    dissolved = Piece.objects.visible_to(user).filter(
        size_m=0, project__in=projects.filter(boundary__isnull=True)
    )
    sites = Site.objects.visible_to(user).filter(boundary__isnull=False)
    obstacles = Obstacle.objects.open(on=on).filter(project__in=projects)
    told = Obstacle.objects.visible_to(user, on=today).filter(pk__in=obstacles.values("pk"))
    causes = dict(told.values_list("pk", "cause__name"))
    stuck = _stuck_as_a_whole(obstacles, causes)
    shaped = [
        *((p, p.shape) for p in _shaped(bounded, "boundary")),
        *((x.project, x.shape) for x in _shaped(dissolved.select_related("project"), "web")),
    ]
    return [
        *(_feature("ward", u.shape, str(u)) for u in _shaped(units, "boundary")),
        *(
            _feature("project", shape, p.name, ref=p.ref, stuck=stuck.get(p.pk))
            for p, shape in shaped
        ),
        *(
            _feature("site", s.shape, f"{s.name} · {s.get_status_display()}")
            for s in _shaped(sites, "boundary")
        ),
        *(
            _feature("obstacle", o.shape, _words(causes.get(o.pk)))
            for column in ("area", "line")
            for o in _shaped(obstacles.filter(**{f"{column}__isnull": False}), column)
        ),
    ]


def _stuck_as_a_whole(obstacles: QuerySet[Obstacle], causes: Mapping[int, str]) -> dict[int, str]:
    """Say of each project that is stuck as a whole by what, to those who may know it."""
    found: dict[int, list[str]] = {}
    rows = obstacles.whole_project().order_by("opened_on", "pk")  # type: ignore[attr-defined]
    for project, pk in rows.values_list("project", "pk"):
        found.setdefault(project, []).append(_words(causes.get(pk)))
    return {key: ", ".join(dict.fromkeys(words)) for key, words in found.items()}


def _words(cause: str | None) -> str:
    return f"Vướng mắc: {cause}" if cause else "Vướng mắc"


def _shaped(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    shaped: QuerySet[Any] = rows.annotate(shape=as_geojson(column)).defer(column)
    return shaped


def _feature(kind: str, shape: str, name: str, **more: Any) -> dict[str, Any]:
    properties = {"kind": kind, "name": name} | {k: v for k, v in more.items() if v is not None}
    return {"type": "Feature", "geometry": json.loads(shape), "properties": properties}


def extent(rows: QuerySet[Any], column: str = "boundary_web") -> Bounds | None:
    """West, south, east, north in degrees of a 3857 column; None when there is no shape."""
    found = rows.order_by().aggregate(box=Extent(column))["box"]
    if found is None:
        return None
    # The plane's axes are the degrees' own: the corners alone say it, not every vertex.
    box = Polygon.from_bbox(found)
    box.srid = WEB_MERCATOR
    bounds: Bounds = box.transform(WGS84, clone=True).extent
    return bounds


def city(user: User, *, on: dt.date) -> Bounds:
    """The box of what there is to see: takings and their projects' wards, else the province."""
    units = AdministrativeUnit.objects.valid(on=on)
    return known(user, on=on) or extent(units) or settings.PROVINCE.lonlat_bounds


def known(user: User, *, on: dt.date) -> Bounds | None:
    """The box of the takings and their projects' wards, as far as they have a shape."""
    dissolved = Piece.objects.visible_to(user).filter(size_m=0)
    projects = Project.objects.visible_to(user)
    wards = AdministrativeUnit.objects.valid(on=on).filter(pk__in=projects.values("units"))
    boxes = [box for box in (extent(dissolved, "web"), extent(wards)) if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
