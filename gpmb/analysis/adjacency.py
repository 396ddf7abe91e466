"""Compute and keep which takings of a project share a boundary.

Called by `manage.py adjacency`, which an import calls when it has committed; never in a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import AsWKB
from django.db import connection, transaction
from django.db.models import Exists, FloatField, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from numpy.typing import NDArray

from geo import adjacency as geo_adjacency
from geo import measure
from gpmb.analysis.blocking_models import Adjacency, AdjacencyState
from gpmb.clearance.models import Project, Taking
from gpmb.many import among

TILE = 5000
"""Takings whose pairs are computed at a time: about 20 kB of memory each."""
_COPY = """
COPY analysis_adjacency (project_id, first_id, second_id, shared_m, lane) FROM STDIN
"""


def stale_projects() -> QuerySet[Project]:
    """Return the projects with land whose pairs don't fit their boundaries, or were never made."""
    fresh = AdjacencyState.objects.filter(project=OuterRef("pk"), stale=False)
    return Project.objects.filter(
        ~Exists(fresh), Exists(Taking.objects.filter(project=OuterRef("pk")))
    )


def is_stale(project: Project) -> bool:
    return stale_projects().filter(pk=project.pk).exists()


@transaction.atomic
def refresh(project: Project) -> int:
    """Compute the project's pairs anew and return how many share a boundary.

    The state's row is locked first: an import that commits meanwhile waits, then marks it stale.
    """
    AdjacencyState.objects.get_or_create(project=project)
    AdjacencyState.objects.select_for_update().filter(project=project).update(
        stale=False, computed_at=timezone.now()
    )
    Adjacency.objects.filter(project=project).delete()
    takings = Taking.objects.filter(project=project)
    ids, boxes = _boxes(takings)
    edges = 0
    for tile in measure.tiles(boxes, TILE):
        near = geo_adjacency.surroundings(boxes, tile)
        around, shapes = boundaries(takings.filter(pk=among(ids[near].tolist())))
        own = np.isin(around, ids[tile])
        edges += _keep(project, around, own, geo_adjacency.adjacency(shapes), lane=False)
        _keep(project, around, own, geo_adjacency.across_lanes(shapes), lane=True)
    return edges


def _keep(
    project: Project,
    ids: NDArray[np.int64],
    own: NDArray[np.bool_],
    found: geo_adjacency.Adjacency,
    *,
    lane: bool,
) -> int:
    """Store the pairs whose first taking is the tile's own; return how many."""
    mine = own[found.pairs[:, 0]]
    pairs, shared_m = ids[found.pairs[mine]].tolist(), found.shared_m[mine].tolist()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for (first, second), metres in zip(pairs, shared_m, strict=True):
            copy.write_row((project.pk, first, second, metres, lane))
    return len(pairs)


def _boxes(takings: QuerySet[Taking]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return ids and boxes (N, 4) of the takings that have a polygon, by id."""
    shape = Coalesce("boundary", "parcel__boundary")
    sides = [
        Func(shape, function=name, output_field=FloatField())
        for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
    ]
    rows = _with_polygon(takings).values_list("pk", *sides)
    numbers: Any = np.dtype((np.float64, 5))
    read = np.fromiter(rows.iterator(chunk_size=TILE), dtype=numbers)
    return read[:, 0].astype(np.int64), read[:, 1:]


def _with_polygon(takings: QuerySet[Taking]) -> QuerySet[Taking]:
    known = Q(boundary__isnull=False) | Q(parcel__boundary__isnull=False)
    return takings.filter(known).order_by("pk")


def boundaries(takings: QuerySet[Taking]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return ids and polygons (N,) of takings, by id; a parcel's polygon where none of its own."""
    shape = AsWKB(Coalesce("boundary", "parcel__boundary"))
    rows = list(_with_polygon(takings).values_list("pk", shape))
    ids = np.array([pk for pk, _ in rows], dtype=np.int64)
    wkb = np.array([bytes(shape) for _, shape in rows], dtype=object)
    return ids, shapely.from_wkb(wkb)


def pairs_of(project: Project, ids: Iterable[int], *, lane: bool = False) -> NDArray[np.intp]:
    """Return the stored pairs among `ids` (sorted ascending) as positions in them, (E, 2).

    Those that share a boundary; with `lane`, those that face each other over a lane.
    """
    wanted = np.fromiter(ids, dtype=np.int64)
    stored = Adjacency.objects.filter(project=project, lane=lane).values_list(
        "first_id", "second_id"
    )
    pairs = np.fromiter(stored, dtype=np.dtype((np.int64, 2)))
    if not len(wanted) or not len(pairs):
        return np.empty((0, 2), dtype=np.intp)
    places = np.searchsorted(wanted, pairs).clip(max=len(wanted) - 1)
    known = (wanted[places] == pairs).all(axis=1)
    return np.asarray(places[known], dtype=np.intp)
