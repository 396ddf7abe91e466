"""Keep the map's far views in step with the data: dissolve takings, tell their state by day.

A project is refreshed when its data version has moved: cells of changed takings, shapes of changed
pieces, then the days on which its pieces changed. All of it in SQL, one project at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction

from gpmb.analysis.tile_models import PieceVersion
from gpmb.clearance.models import ProjectVersion
from gpmb.law.steps import STEPS

CELL_M = 250
# Edge of the cell (m) → closing and simplifying distance (m): the farther, the coarser.
LEVELS = {250: (6.0, 3.0), 1000: (15.0, 12.0), 0: (25.0, 10.0)}
GRID_M = 0.05  # OverlayNG's precision: plain unions of cadastral shapes fail
LOCK = 0x67706D62

STAGE_OF_STEP = "CASE e.step {} END".format(
    " ".join(f"WHEN '{row.code}' THEN {row.stage}" for row in STEPS)
)

_CELLS = """
INSERT INTO analysis_takingcell
       (taking_id, project_id, unit_id, restricted, cell_x, cell_y, version)
SELECT t.id, t.project_id, p.unit_id, p.restricted OR pr.restricted,
       floor(ST_X(c.inner_point) / %(cell)s), floor(ST_Y(c.inner_point) / %(cell)s), t.version
  FROM clearance_taking t
  JOIN land_parcel p ON p.id = t.parcel_id
  JOIN clearance_project pr ON pr.id = t.project_id
  LEFT JOIN analysis_takingcell old ON old.taking_id = t.id
 CROSS JOIN LATERAL (SELECT ST_PointOnSurface(t.boundary) AS inner_point) c
 WHERE t.project_id = %(project)s AND t.boundary IS NOT NULL
   AND (old.taking_id IS NULL OR old.version <> t.version OR old.unit_id <> p.unit_id
        OR old.restricted <> (p.restricted OR pr.restricted))
ON CONFLICT (taking_id) DO UPDATE
   SET project_id = excluded.project_id, unit_id = excluded.unit_id,
       restricted = excluded.restricted, cell_x = excluded.cell_x, cell_y = excluded.cell_y,
       version = excluded.version
"""

# S608: the SQL below is put together from constants; values are parameters.
# What a piece is made of: takings for the finest level, its pieces for the others.
_SOURCES = {
    "takings": """
        SELECT c.unit_id, c.restricted, c.cell_x, c.cell_y, t.id AS part,
               t.version::text AS version, t.boundary AS shape
          FROM analysis_takingcell c JOIN clearance_taking t ON t.id = c.taking_id
         WHERE c.project_id = %(project)s AND t.withdrawn_on IS NULL
    """,
    "pieces": f"""
        SELECT unit_id, restricted,
               CASE WHEN %(size)s = 0 THEN 0
                    ELSE floor(cell_x * {CELL_M} / %(size)s::float)::int END AS cell_x,
               CASE WHEN %(size)s = 0 THEN 0
                    ELSE floor(cell_y * {CELL_M} / %(size)s::float)::int END AS cell_y,
               id AS part, fingerprint AS version, ST_Transform(web, %(srid)s) AS shape
          FROM analysis_piece WHERE project_id = %(project)s AND size_m = {CELL_M}
    """,  # noqa: S608
}

_SHAPES = f"""
WITH part AS MATERIALIZED ({{source}}),
wanted AS (
    SELECT unit_id, restricted, cell_x, cell_y,
           md5(string_agg(part || ':' || version, ',' ORDER BY part)) AS fingerprint,
           array_agg(part) AS parts
      FROM part
     GROUP BY 1, 2, 3, 4
),
gone AS (
    DELETE FROM analysis_piece p
     WHERE p.project_id = %(project)s AND p.size_m = %(size)s
       AND NOT EXISTS (SELECT FROM wanted w
                        WHERE (w.unit_id, w.restricted, w.cell_x, w.cell_y)
                            = (p.unit_id, p.restricted, p.cell_x, p.cell_y))
),
changed AS MATERIALIZED (
    SELECT w.* FROM wanted w
      LEFT JOIN analysis_piece p
        ON p.project_id = %(project)s AND p.size_m = %(size)s
       AND (w.unit_id, w.restricted, w.cell_x, w.cell_y)
         = (p.unit_id, p.restricted, p.cell_x, p.cell_y)
     WHERE p.fingerprint IS DISTINCT FROM w.fingerprint
)
INSERT INTO analysis_piece
       (project_id, unit_id, restricted, size_m, cell_x, cell_y, web, fingerprint)
SELECT %(project)s, c.unit_id, c.restricted, %(size)s, c.cell_x, c.cell_y,
       ST_Multi(ST_Transform(ST_SimplifyPreserveTopology(
           ST_Buffer(ST_Buffer(d.shape, %(closing)s, 'join=mitre mitre_limit=2'),
                     -%(closing)s, 'join=mitre mitre_limit=2'), %(simplify)s), 3857)),
       c.fingerprint
  FROM changed c
 CROSS JOIN LATERAL (
       SELECT ST_UnaryUnion(ST_Collect(p.shape), {GRID_M}) AS shape
         FROM part p WHERE p.part = ANY (c.parts)
 ) d
 WHERE NOT ST_IsEmpty(d.shape)
ON CONFLICT (project_id, size_m, unit_id, restricted, cell_x, cell_y) DO UPDATE
   SET web = excluded.web, fingerprint = excluded.fingerprint
"""  # noqa: S608

# A taking rises from stage to stage; it enters at stage 0 long ago and leaves when withdrawn.
_STATES = f"""
WITH taking AS MATERIALIZED (
    SELECT p.id AS piece_id, t.id, t.case_id, t.recovered_area_m2::float AS area,
           t.handed_over_on, coalesce(t.withdrawn_on, 'infinity'::date) AS leaves_on
      FROM analysis_takingcell c
      JOIN clearance_taking t ON t.id = c.taking_id
      JOIN analysis_piece p
        ON p.project_id = c.project_id AND p.unit_id = c.unit_id
       AND p.restricted = c.restricted AND p.size_m = %(size)s
       AND (%(size)s = 0
            OR (p.cell_x, p.cell_y) = (floor(c.cell_x * {CELL_M} / %(cell)s::float)::int,
                                       floor(c.cell_y * {CELL_M} / %(cell)s::float)::int))
     WHERE c.project_id = %(project)s
),
reached AS MATERIALIZED (
    SELECT t.piece_id, t.id, t.area, t.leaves_on, e."on", {STAGE_OF_STEP} AS stage
      FROM taking t
      JOIN clearance_caseevent e ON e.case_id = t.case_id
     WHERE e.taking_id IS NULL AND e.kind <> 'void' AND e."on" < t.leaves_on
       AND NOT EXISTS (SELECT FROM clearance_caseevent v WHERE v.voids_id = e.id)
    UNION ALL
    SELECT piece_id, id, area, leaves_on, handed_over_on, 6
      FROM taking WHERE handed_over_on < leaves_on
    UNION ALL
    SELECT piece_id, id, area, leaves_on, '0001-01-01'::date, 0 FROM taking
),
risen AS MATERIALIZED (
    SELECT *, max(stage) OVER (PARTITION BY id ORDER BY "on", stage
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM reached
),
step AS (
    SELECT piece_id, "on", stage, 1 AS sign, area
      FROM risen WHERE before IS NULL OR stage > before
    UNION ALL
    SELECT piece_id, "on", before, -1, area FROM risen WHERE stage > before
    UNION ALL
    SELECT piece_id, leaves_on, max(stage), -1, area
      FROM reached WHERE leaves_on <> 'infinity' GROUP BY id, piece_id, leaves_on, area
),
day AS (
    SELECT piece_id, "on", {{days}} FROM step GROUP BY 1, 2
)
INSERT INTO analysis_piecestate (piece_id, "on", takings, area_m2)
SELECT piece_id, "on", ARRAY[{{takings}}]::int[], ARRAY[{{areas}}]::float[]
  FROM day WINDOW w AS (PARTITION BY piece_id ORDER BY "on")
""".format(  # noqa: S608
    days=", ".join(
        f"coalesce(sum(sign) FILTER (WHERE stage = {s}), 0) AS n{s}, "
        f"coalesce(sum(sign * area) FILTER (WHERE stage = {s}), 0) AS a{s}"
        for s in range(7)
    ),
    takings=", ".join(f"sum(n{s}) OVER w" for s in range(7)),
    areas=", ".join(f"greatest(sum(a{s}) OVER w, 0)" for s in range(7)),
)


def stale(projects: Iterable[int] | None = None) -> list[int]:
    """Ids of the projects (all, or among `projects`) whose pieces lag behind their data."""
    rows = ProjectVersion.objects.all()
    if projects is not None:
        rows = rows.filter(project_id__in=projects)
    made = dict(PieceVersion.objects.values_list("project_id", "number"))
    return [
        project
        for project, number in rows.order_by("project_id").values_list("project_id", "number")
        if made.get(project) != number
    ]


@transaction.atomic
def refresh(project: int) -> None:
    """Bring the pieces of one project up to its data version; the second of two waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, project])
        # Read after the lock: whoever held it may have done the work.
        if not stale([project]):
            return
        number = ProjectVersion.objects.values_list("number", flat=True).get(project=project)
        cursor.execute(
            "DELETE FROM analysis_takingcell c USING clearance_taking t WHERE t.id = c.taking_id "
            "AND c.project_id = %s AND (t.boundary IS NULL OR t.project_id <> c.project_id)",
            [project],
        )
        cursor.execute(_CELLS, {"project": project, "cell": CELL_M})
        cursor.execute(
            "DELETE FROM analysis_piecestate s USING analysis_piece p "
            "WHERE p.id = s.piece_id AND p.project_id = %s",
            [project],
        )
        for size, (closing, simplify) in LEVELS.items():
            values = {
                "project": project,
                "size": size,
                "cell": size or 1,
                "closing": closing,
                "simplify": simplify,
                "srid": settings.SRID,
            }
            source = _SOURCES["takings" if size == CELL_M else "pieces"]
            cursor.execute(_SHAPES.format(source=source), values)
            cursor.execute(_STATES, values)
    PieceVersion.objects.update_or_create(project_id=project, defaults={"number": number})


def refresh_stale(projects: Iterable[int] | None = None) -> int:
    """Refresh every project that lags; return how many did."""
    behind = stale(projects)
    for project in behind:
        refresh(project)
    return len(behind)
