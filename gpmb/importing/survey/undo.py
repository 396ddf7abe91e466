"""Take back what an import wrote of parcels and takings: statements over whole sets.

Every row of the run is compared with what the import left (version, and a taking's parts); what
moved since stays. Parameters never enter the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from django.db import connection

from gpmb.importing.models import ImportRun

Kept = tuple[int, str, str]
"""Row, what, why."""
Keep = Callable[[int, str, str], None]

_ROWS = """
CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
SELECT r.row, r.action, r.object_id AS id, r.before, r.after, r.version_after
  FROM importing_importrow r WHERE r.run_id = %(run)s AND r.model = %(model)s
 UNION ALL
SELECT u.row, 'created', u.id, NULL,
       CASE WHEN c.areas_m2 IS NOT NULL THEN jsonb_build_object('parts',
            CASE WHEN u.land_class IS NOT NULL
                 THEN jsonb_build_object(u.land_class, u.area_m2) END) END, 0
  FROM importing_createdrows c,
       unnest(c.rows, c.object_ids, c.land_classes, c.areas_m2) AS u (row, id, land_class, area_m2)
 WHERE c.run_id = %(run)s AND c.model = %(model)s
"""
_KEY = """(SELECT min(n.key) FROM land_parcelnumber n
            WHERE n.parcel_id = {parcel} AND n.kind = 'current' AND n.valid_to IS NULL)"""
PARTS_OF = """(SELECT jsonb_object_agg(a.land_class_id, a.area_m2)
                 FROM clearance_takingpart a WHERE a.taking_id = t.id)"""
_MOVED_TAKINGS = f"""
SELECT u.row, u.id, coalesce({_KEY.format(parcel="t.parcel_id")}, ''),
       CASE WHEN t.id IS NULL THEN 'không còn'
            WHEN t.case_id IS NOT NULL AND u.action = 'created' THEN 'đã vào hồ sơ'
            ELSE 'đã sửa sau khi nhập' END
  FROM undoing u LEFT JOIN clearance_taking t ON t.id = u.id
 WHERE t.id IS NULL OR t.version <> u.version_after
    OR u.after -> 'parts' IS DISTINCT FROM coalesce({PARTS_OF}, 'null'::jsonb)
"""  # noqa: S608  (constants of this module)
_MOVED_PARCELS = f"""
SELECT u.row, u.id, coalesce({_KEY.format(parcel="u.id")}, ''),
       CASE WHEN p.id IS NULL THEN 'không còn' ELSE 'đã sửa sau khi nhập' END
  FROM undoing u LEFT JOIN land_parcel p ON p.id = u.id
 WHERE p.id IS NULL OR p.version <> u.version_after
"""  # noqa: S608  (constants of this module)
_LEAVE = "DELETE FROM undoing WHERE id = ANY(%(ids)s)"
_UNDO_TAKINGS = (
    """DELETE FROM clearance_takingpart a USING undoing u WHERE a.taking_id = u.id""",
    """DELETE FROM clearance_taking t USING undoing u
        WHERE t.id = u.id AND u.action = 'created'""",
    """UPDATE clearance_taking t
          SET boundary = (u.before ->> 'boundary')::geometry,
              recovered_area_m2 = (u.before ->> 'recovered_area_m2')::numeric,
              note = u.before ->> 'note'
         FROM undoing u WHERE t.id = u.id AND u.action = 'changed'""",
    """INSERT INTO clearance_takingpart (taking_id, land_class_id, area_m2)
       SELECT u.id, p.key::bigint, p.value::numeric
         FROM undoing u, jsonb_each_text(u.before -> 'parts') p
        WHERE u.action = 'changed' AND jsonb_typeof(u.before -> 'parts') = 'object'""",
)
_UNDO_PARCELS = (
    """DELETE FROM land_parcelnumber n USING undoing u
        WHERE n.parcel_id = u.id AND u.action = 'created'""",
    """DELETE FROM land_parcel p USING undoing u WHERE p.id = u.id AND u.action = 'created'""",
    """UPDATE land_parcel p
          SET boundary = (u.before ->> 'boundary')::geometry,
              registered_area_m2 = (u.before ->> 'registered_area_m2')::numeric,
              measured_area_m2 = (u.before ->> 'measured_area_m2')::numeric
         FROM undoing u WHERE p.id = u.id AND u.action = 'changed'""",
)


def made_by(run: ImportRun, model: str) -> list[int]:
    """Return the rows of a model that the run created."""
    rows = run.rows.filter(model=model, action="created")
    many = run.created.filter(model=model).values_list("object_ids", flat=True)
    return [*rows.values_list("object_id", flat=True), *chain.from_iterable(many)]


def rows_of(run: ImportRun) -> set[int]:
    """Return the file's rows that the run wrote."""
    many = run.created.values_list("rows", flat=True)
    return {*run.rows.values_list("row", flat=True), *chain.from_iterable(many)}


def takings(run: ImportRun, held: Mapping[int, str], keep: Keep) -> None:
    """Take the run's takings back, except those that moved or are `held`."""
    with connection.cursor() as cursor:
        _begin(cursor, run, "clearance.Taking")
        _leave(cursor, _MOVED_TAKINGS, held, keep)
        for statement in _UNDO_TAKINGS:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DROP TABLE undoing")


def parcels(run: ImportRun, held: Mapping[int, str]) -> list[Kept]:
    """Take the run's parcels back; return those that stay."""
    kept: list[Kept] = []
    with connection.cursor() as cursor:
        _begin(cursor, run, "land.Parcel")
        _leave(cursor, _MOVED_PARCELS, held, lambda *row: kept.append(row))
        for statement in _UNDO_PARCELS:
            cursor.execute(statement)
        cursor.execute("DROP TABLE undoing")
    return kept


def _begin(cursor: Any, run: ImportRun, model: str) -> None:
    cursor.execute(_ROWS, {"run": run.pk, "model": model})
    cursor.execute("CREATE INDEX ON undoing (id)")
    cursor.execute("ANALYZE undoing")


def _leave(cursor: Any, moved: str, held: Mapping[int, str], keep: Keep) -> None:
    """Drop from the undo what moved or is referred to, and say why."""
    cursor.execute(moved)
    left = {pk: (row, key, why) for row, pk, key, why in cursor.fetchall()}
    if held:
        cursor.execute("SELECT row, id FROM undoing WHERE id = ANY(%(ids)s)", {"ids": list(held)})
        for row, pk in cursor.fetchall():
            left.setdefault(pk, (row, "", f"đã có {held[pk]}"))
    for row, key, why in left.values():
        keep(row, f"Thửa {key}" if key else "", why)
    cursor.execute(_LEAVE, {"ids": list(left)})
