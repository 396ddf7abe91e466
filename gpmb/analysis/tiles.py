"""Vector tiles: SQL in, Mapbox Vector Tile bytes out, with a key that says when they change.

Near (zoom 14 and more) a tile holds takings with their public number and two codes, nothing else.
Farther out it holds dissolved pieces with the shares of each class. Cost follows what is in the
tile: an index on the stored 3857 column, few attributes, no parallel workers (they cost more than
they bring here).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.contrib.gis.db.models.functions import GeoFunc
from django.contrib.gis.geos import Polygon
from django.db import connection, models
from django.db.models import F

from gpmb.analysis import pieces
from gpmb.analysis.selection import Colouring, Selection
from gpmb.analysis.tile_models import Piece
from gpmb.clearance.models import Project, ProjectVersion
from gpmb.fields import WEB_MERCATOR

TAKINGS_FROM = 14
MAX_ZOOM = 16
EXTENT, BUFFER = 4096, 64
HALF_WORLD_M = 20037508.342789244
FORMAT = "2"  # grows when a tile's content changes its meaning, so that caches let go

Statement = tuple[str, tuple[Any, ...]]


def size_at(z: int) -> int:
    """Edge in metres of the cells whose pieces a zoom shows; 0 is a whole project."""
    return 250 if z >= 12 else 1000 if z >= 10 else 0


def envelope(z: int, x: int, y: int, *, buffered: bool = False) -> Polygon:
    """The tile's square in EPSG:3857; ValueError for a tile outside the pyramid."""
    if not (0 <= z <= 24 and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError(f"No tile {z}/{x}/{y}")
    side = 2 * HALF_WORLD_M / 2**z
    margin = side * BUFFER / EXTENT if buffered else 0
    west, north = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    square = Polygon.from_bbox(
        (west - margin, north - side - margin, west + side + margin, north + margin)
    )
    square.srid = WEB_MERCATOR
    return square


class TileGeometry(GeoFunc):
    """`ST_AsMVTGeom` of a 3857 column for one tile."""

    function = "ST_AsMVTGeom"
    output_field = models.BinaryField()
    geom_param_pos = (0,)

    def __init__(self, column: str, z: int, x: int, y: int) -> None:
        super().__init__(F(column))
        self.tile = (z, x, y)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        z, x, y = self.tile
        return super().as_sql(
            compiler,
            connection,
            template=(
                f"ST_AsMVTGeom(%(expressions)s, ST_TileEnvelope({z:d}, {x:d}, {y:d}),"
                f" {EXTENT}, {BUFFER}, true)"
            ),
        )


def key(selection: Selection) -> str:
    """A digest that changes when any tile of the selection may: data, viewer, day, filters."""
    text = f"{FORMAT}|{selection.key()}|{versions(selection)}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def versions(selection: Selection) -> str:
    """The data versions of the projects looked at: `project:number`, joined by commas."""
    if selection.is_empty:
        return ""
    sql, values = _compiled(("versions", *selection.sees()), lambda: _versions(selection))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (state,) = cursor.fetchone()
    return state or ""


def _versions(selection: Selection) -> Statement:
    versions = ProjectVersion.objects.filter(
        project__in=Project.objects.visible_to(selection.user)
    )
    if selection.projects is not None:
        versions = versions.filter(project__in=selection.projects)
    inner, values = versions.order_by().values("project_id", "number").query.sql_with_params()
    return (
        "SELECT string_agg(project_id || ':' || number, ',' ORDER BY project_id)"  # noqa: S608
        f" FROM ({inner}) v",
        values,
    )


def tile(selection: Selection, z: int, x: int, y: int) -> bytes:
    """The tile as MVT bytes, empty when nothing of the selection is in it.

    Layer `taking` has id = public number, the class under the colouring's name (`step`: 2), and
    `o` 1 for an obstacle. Layer `piece` has `p` project's public number, under the colouring's
    name the class with the largest area, `n` takings, `a` m², and `s0` … `s6`, the percentage of
    its area in each class. Where the colours tell what changed, a piece has the largest class
    that changed, if anything in it did.
    """
    if selection.is_empty:
        return b""
    sql, values = (
        takings_sql(selection, z, x, y) if z >= TAKINGS_FROM else _far(selection, z, x, y)
    )
    with connection.cursor() as cursor:
        # Two statements in one message are one transaction: the setting ends with it.
        cursor.execute(f"SET LOCAL max_parallel_workers_per_gather = 0; {sql}", values)
        cursor.nextset()
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""


class _Shape(models.Func):
    """A geometry column handed on as it is, for SQL around the ORM's statement."""

    template = "%(expressions)s"
    output_field = models.BinaryField()


_kept: dict[tuple[str, ...], Statement] = {}
KEPT_LIMIT = 256


def _compiled(name: tuple[str, ...], write: Callable[[], Statement]) -> Statement:
    """A statement by what it depends on: the ORM takes longer to write one than PostgreSQL to
    answer it."""
    statement = _kept.get(name)
    if statement is None:
        if len(_kept) >= KEPT_LIMIT:
            _kept.clear()
        statement = _kept[name] = write()
    return statement


def takings_sql(selection: Selection, z: int, x: int, y: int) -> Statement:
    """The statement behind a near tile, for the tile and for the benchmark alike.

    PostgreSQL pushes the tile's box down to the index of the shape.
    """
    sql, values = _compiled(("takings", selection.key()), lambda: _takings(selection))
    return sql, (z, x, y, *values, z, x, y, BUFFER / EXTENT)


def _takings(selection: Selection) -> Statement:
    takings = selection.takings().annotate(shape=_Shape(F("boundary_web"))).order_by()
    inner, values = takings.values("ref", "c", "o", "shape").query.sql_with_params()
    return (
        f"SELECT ST_AsMVT(t, 'taking', {EXTENT}, 'g', 'ref') FROM ("  # noqa: S608
        f'SELECT ref, c AS "{selection.colouring.value}", o, '
        f"ST_AsMVTGeom(shape, ST_TileEnvelope(%s, %s, %s), {EXTENT}, {BUFFER}) AS g "
        f"FROM ({inner}) q WHERE shape && ST_TileEnvelope(%s, %s, %s, margin => %s)"
        ") t WHERE g IS NOT NULL",
        values,
    )


def _far(selection: Selection, z: int, x: int, y: int) -> Statement:
    pieces.refresh_stale(selection.projects)
    return pieces_sql(selection, z, x, y)


def pieces_sql(selection: Selection, z: int, x: int, y: int) -> Statement:
    """The statement behind a far tile: pieces with the shares of each class."""
    seen = (
        Piece.objects.visible_to(selection.user)
        .filter(size_m=size_at(z), web__bboverlaps=envelope(z, x, y, buffered=True))
        .annotate(g=TileGeometry("web", z, x, y), number=F("project__ref"))
        .order_by()
    )
    if selection.projects is not None:
        seen = seen.filter(project__in=selection.projects)
    if selection.units is not None:
        seen = seen.filter(unit__in=selection.units)
    inner, values = seen.values(
        "id", "number", "g", "project_id", "unit_id", "restricted", "cell_x", "cell_y"
    ).query.sql_with_params()
    shares, more = _stored_shares(selection) if selection.by_stage_only else _shares(selection, z)
    first = "c = 0, " if selection.colouring == Colouring.CHANGE else ""
    columns = ", ".join(
        f"nullif(round(100 * sum(area) FILTER (WHERE c = {c}) / sum(area))::int, 0) AS s{c}"
        for c in range(7)
    )
    return (
        f"WITH seen AS MATERIALIZED ({inner}), share AS ({shares}), "  # noqa: S608
        f"told AS (SELECT id, (array_agg(c ORDER BY {first}area DESC, c DESC))[1] AS c, "
        f"sum(n)::int AS n, round(sum(area))::bigint AS a, {columns} "
        "FROM share WHERE n > 0 AND area > 0 GROUP BY id) "
        f"SELECT ST_AsMVT(t, 'piece', {EXTENT}, 'g') FROM ("
        f'SELECT number AS p, c AS "{selection.colouring.value}", n, a, '
        "s0, s1, s2, s3, s4, s5, s6, g "
        "FROM seen JOIN told USING (id) WHERE g IS NOT NULL) t",
        (*values, *more),
    )


def _stored_shares(selection: Selection) -> Statement:
    wanted = range(7) if selection.stages is None else sorted(selection.stages)
    return (
        "SELECT seen.id, u.c - 1 AS c, u.n, u.area FROM seen CROSS JOIN LATERAL ("
        'SELECT takings, area_m2 FROM analysis_piecestate WHERE piece_id = seen.id AND "on" <= %s '
        'ORDER BY "on" DESC LIMIT 1) s '
        "CROSS JOIN LATERAL unnest(s.takings, s.area_m2) WITH ORDINALITY u(n, area, c) "
        "WHERE u.c - 1 = ANY (%s::int[])",
        (selection.on, list(wanted)),
    )


def _shares(selection: Selection, z: int) -> Statement:
    """Shares counted from the takings themselves: every colouring and filter but the plain one."""
    size = size_at(z)
    inner, values = (
        selection.takings()
        .order_by()
        .values("pk", "c", "recovered_area_m2")
        .query.sql_with_params()
    )

    def cell(axis: str) -> str:
        if not size:
            return "0"
        return f"floor(k.cell_{axis} * {pieces.CELL_M} / {size}::float)::int"

    return (
        "SELECT seen.id, t.c, count(*) AS n, sum(t.recovered_area_m2)::float AS area "  # noqa: S608
        f"FROM ({inner}) t JOIN analysis_takingcell k ON k.taking_id = t.pk "
        "JOIN seen ON seen.project_id = k.project_id AND seen.unit_id = k.unit_id "
        "AND seen.restricted = k.restricted "
        f"AND seen.cell_x = {cell('x')} AND seen.cell_y = {cell('y')} GROUP BY 1, 2",
        values,
    )


class TileCache:
    """Ready gzip tiles of this process, the least used let go first.

    Keys carry the data's version, so nothing is ever stale and nothing has to be invalidated.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._held = 0
        self._tiles: OrderedDict[tuple[str, int, int, int], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, name: tuple[str, int, int, int]) -> bytes | None:
        with self._lock:
            found = self._tiles.get(name)
            if found is not None:
                self._tiles.move_to_end(name)
            return found

    def put(self, name: tuple[str, int, int, int], content: bytes) -> None:
        with self._lock:
            self._held += len(content) - len(self._tiles.pop(name, b""))
            self._tiles[name] = content
            while self._held > self.limit_bytes and self._tiles:
                self._held -= len(self._tiles.popitem(last=False)[1])
