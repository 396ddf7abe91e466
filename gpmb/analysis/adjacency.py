"""Compute and keep which takings of a project share a boundary.

Called by `manage.py adjacency`, which an import calls when it has committed; never in a request.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import AsWKB
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from numpy.typing import NDArray

from geo import adjacency as geo_adjacency
from gpmb.analysis.blocking_models import Adjacency, AdjacencyState
from gpmb.clearance.models import Project, Taking

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
    ids, shapes = boundaries(Taking.objects.filter(project=project))
    edges = geo_adjacency.adjacency(shapes)
    lanes = geo_adjacency.across_lanes(shapes)
    Adjacency.objects.filter(project=project).delete()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for found, lane in ((edges, False), (lanes, True)):
            for (first, second), shared_m in zip(
                ids[found.pairs].tolist(), found.shared_m.tolist(), strict=True
            ):
                copy.write_row((project.pk, first, second, shared_m, lane))
    return len(edges.pairs)


def boundaries(takings: QuerySet[Taking]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return ids and polygons (N,) of takings, by id; a parcel's polygon where none of its own."""
    rows = list(
        takings.filter(Q(boundary__isnull=False) | Q(parcel__boundary__isnull=False))
        .order_by("pk")
        .values_list("pk", AsWKB(Coalesce("boundary", "parcel__boundary")))
    )
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
