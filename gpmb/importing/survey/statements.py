"""The SQL of a parcel import: every statement works on the whole staging table.

`incoming` holds the file's rows and is only read once it is filled; `found` says of each row what
it is to the land already known (narrow, so that nothing copies a boundary twice).

Parameters: project, unit, run (ids), same (metres). Values never enter the text.
"""
# ruff: noqa: S608  (texts are put together from the constants of this module only)

from django.conf import settings

from gpmb.importing.survey.parcels import ParcelRow
from gpmb.importing.survey.undo import PARTS_OF

STAGE = f"""
DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.found, pg_temp.remembered;
SET LOCAL work_mem = '64MB';
CREATE TEMPORARY TABLE incoming (
    row integer, sheet text, number text, key text,
    boundary geometry(MultiPolygon, {settings.SRID}),
    registered_m2 numeric(13, 2), measured_m2 numeric(13, 2), recovered_m2 numeric(13, 2),
    land_class bigint, note text, parcel_ref bigint, taking_ref bigint
) ON COMMIT DROP
"""
COLUMNS = ", ".join(ParcelRow._fields)
# The planner asks nothing of the shapes, and their statistics are the dear ones.
ANALYZE = "ANALYZE incoming (row, key)"


# A number given twice: the same row again is refused from the second on; two different rows with
# one number are both refused, for the file doesn't say which is right. Only rows that share their
# number, or their shape where they have none, are looked at closely.
TWINS = """
    SELECT row, min(row) OVER twin AS first, key,
           row_number() OVER (PARTITION BY key, boundary, registered_m2, recovered_m2,
                              land_class, note ORDER BY row) AS copy,
           count(*) OVER twin AS alike,
           count(*) OVER (PARTITION BY key, boundary, registered_m2, recovered_m2, land_class,
                          note) AS copies,
           max(row) OVER twin AS last
      FROM incoming
     WHERE key IN (SELECT key FROM incoming GROUP BY key HAVING count(*) > 1)
        OR key IS NULL AND boundary IN (SELECT boundary FROM incoming WHERE key IS NULL
                                         GROUP BY boundary HAVING count(*) > 1)
    WINDOW twin AS (PARTITION BY key, CASE WHEN key IS NULL THEN boundary END)
"""
DUPLICATES = f"""
SELECT row, CASE WHEN row = first THEN last ELSE first END, key, copies = alike
  FROM ({TWINS}) AS twins
 WHERE alike > 1 AND (copies < alike OR copy > 1) ORDER BY row
"""
DROP_DUPLICATES = f"""
DELETE FROM incoming USING ({TWINS}) AS twins
 WHERE incoming.row = twins.row AND alike > 1 AND (copies < alike OR copy > 1)
"""

# The parcel of a row is the one with its number in the unit, else one without a number that the
# project takes already and that has the very same shape.
MATCHED = """
    SELECT i.row, known.parcel
      FROM incoming i LEFT JOIN (
           SELECT n.key, min(n.parcel_id) AS parcel
             FROM land_parcelnumber n JOIN land_parcel p ON p.id = n.parcel_id
            WHERE n.unit_id = %(unit)s AND n.kind = 'current' AND n.valid_to IS NULL
              AND p.retired_on IS NULL
            GROUP BY n.key) AS known USING (key)
     WHERE i.key IS NOT NULL
     UNION ALL
    SELECT i.row, known.parcel
      FROM incoming i LEFT JOIN (
           SELECT p.boundary, min(p.id) AS parcel
             FROM clearance_taking t JOIN land_parcel p ON p.id = t.parcel_id
            WHERE t.project_id = %(project)s AND p.retired_on IS NULL
              AND NOT EXISTS (SELECT FROM land_parcelnumber n WHERE n.parcel_id = p.id)
            GROUP BY p.boundary) AS known USING (boundary)
     WHERE i.key IS NULL
"""
# The area taken is the one the file states, else the parcel's by document, else by survey.
COMPARED = f"""
    SELECT i.row, p.id AS parcel, t.id AS taking, area.recovered_m2,
           coalesce(shape.differs, false) AS new_boundary,
           p.id IS NOT NULL AND (shape.differs
               OR i.registered_m2 IS NOT NULL
                  AND i.registered_m2 IS DISTINCT FROM p.registered_area_m2) AS changes_parcel,
           t.id IS NULL AND NOT (p.id IS NOT NULL AND EXISTS (
               SELECT FROM clearance_taking c
                WHERE c.parcel_id = p.id AND c.project_id = %(project)s
                  AND c.case_id IS NOT NULL AND c.withdrawn_on IS NULL)) AS new_taking,
           t.id IS NOT NULL AND (shape.differs
               OR t.recovered_area_m2 <> area.recovered_m2
               OR i.note <> '' AND t.note <> i.note
               OR i.land_class IS NOT NULL AND part.count <= 1
                  AND i.land_class IS DISTINCT FROM part.land_class) AS changes_taking
      FROM incoming i JOIN ({MATCHED}) AS matched USING (row)
      CROSS JOIN LATERAL (SELECT coalesce(i.recovered_m2, i.registered_m2, i.measured_m2))
           AS area (recovered_m2)
      LEFT JOIN land_parcel p ON p.id = matched.parcel
      LEFT JOIN clearance_taking t
             ON t.parcel_id = matched.parcel AND t.project_id = %(project)s
            AND t.case_id IS NULL AND t.withdrawn_on IS NULL
      LEFT JOIN LATERAL (SELECT p.boundary IS NULL OR NOT (p.boundary = i.boundary
               OR ST_NPoints(ST_RemoveRepeatedPoints(p.boundary)) = ST_NPoints(i.boundary)
                  AND ST_HausdorffDistance(p.boundary, i.boundary) < %(same)s))
           AS shape (differs) ON p.id IS NOT NULL
      LEFT JOIN LATERAL (SELECT count(*), min(a.land_class_id) FROM clearance_takingpart a
                          WHERE a.taking_id = t.id)
           AS part (count, land_class) ON t.id IS NOT NULL
"""
COMPARE = f"""
CREATE TEMPORARY TABLE found ON COMMIT DROP AS
SELECT row, recovered_m2, parcel IS NULL AS new_parcel, new_taking, new_boundary,
       changes_parcel, changes_taking,
       coalesce(parcel, nextval(pg_get_serial_sequence('land_parcel', 'id'))) AS parcel,
       CASE WHEN new_taking THEN nextval(pg_get_serial_sequence('clearance_taking', 'id'))
            ELSE taking END AS taking
  FROM (SELECT * FROM ({COMPARED}) AS compared ORDER BY row) AS in_order
"""
INDEX = (
    "CREATE UNIQUE INDEX ON found (row)",
    "CREATE INDEX ON found (parcel)",
    "ANALYZE found",
)
KNOWN_AROUND = f"""
SELECT (SELECT min(n.key) FROM land_parcelnumber n
               WHERE n.parcel_id = p.id AND n.kind = 'current' AND n.valid_to IS NULL),
       ST_AsBinary(p.boundary)
  FROM land_parcel p
 WHERE p.boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {settings.SRID})
   AND p.retired_on IS NULL AND NOT p.restricted
   AND NOT EXISTS (SELECT FROM found WHERE found.parcel = p.id)
"""
CENTRES = """
SELECT ST_X(ST_Centroid(p.boundary)), ST_Y(ST_Centroid(p.boundary)),
       ST_X(ST_Centroid(i.boundary)), ST_Y(ST_Centroid(i.boundary))
  FROM found f JOIN incoming i USING (row) JOIN land_parcel p ON p.id = f.parcel
 WHERE f.new_boundary AND p.boundary IS NOT NULL ORDER BY row LIMIT 2000
"""
MIXED_ROWS = """
    SELECT f.row FROM found f JOIN clearance_taking t ON t.id = f.taking
     WHERE f.changes_taking AND t.recovered_area_m2 <> f.recovered_m2
       AND (SELECT count(*) FROM clearance_takingpart a WHERE a.taking_id = t.id) > 1
"""
MIXED = MIXED_ROWS + " ORDER BY f.row"
DROP_MIXED = f"DELETE FROM found WHERE row IN ({MIXED_ROWS})"
HAS_CASE = """
SELECT row FROM found WHERE taking IS NULL AND changes_parcel ORDER BY row
"""
COUNT = """
SELECT count(*) FILTER (WHERE new_parcel OR new_taking),
       count(*) FILTER (WHERE NOT new_parcel AND NOT new_taking
                          AND (changes_parcel OR changes_taking)),
       count(*) FILTER (WHERE NOT (new_parcel OR new_taking OR changes_parcel OR changes_taking))
  FROM found
"""

REMEMBER = """
CREATE TEMPORARY TABLE remembered ON COMMIT DROP AS
SELECT f.row, f.changes_parcel, f.changes_taking, f.parcel, f.taking,
       CASE WHEN f.changes_parcel THEN jsonb_build_object(
           'boundary', ST_AsHEXEWKB(p.boundary), 'registered_area_m2', p.registered_area_m2,
           'measured_area_m2', p.measured_area_m2) END AS parcel_before,
       CASE WHEN f.changes_taking THEN jsonb_build_object(
           'boundary', ST_AsHEXEWKB(t.boundary), 'recovered_area_m2', t.recovered_area_m2,
           'note', t.note, 'parts', (SELECT jsonb_object_agg(a.land_class_id, a.area_m2)
                                       FROM clearance_takingpart a WHERE a.taking_id = t.id))
           END AS taking_before
  FROM found f
  LEFT JOIN land_parcel p ON p.id = f.parcel
  LEFT JOIN clearance_taking t ON t.id = f.taking
 WHERE f.changes_parcel OR f.changes_taking
"""
INSERT_PARCELS = """
INSERT INTO land_parcel (id, ref, unit_id, boundary, registered_area_m2, measured_area_m2,
                         restricted, note, version)
SELECT f.parcel, parcel_ref, %(unit)s, boundary, registered_m2, measured_m2, false, '', 0
  FROM incoming JOIN found f USING (row) WHERE f.new_parcel
"""
INSERT_NUMBERS = """
INSERT INTO land_parcelnumber (parcel_id, unit_id, sheet, number, kind)
SELECT f.parcel, %(unit)s, sheet, number, 'current'
  FROM incoming JOIN found f USING (row) WHERE f.new_parcel AND key IS NOT NULL
"""
UPDATE_PARCELS = """
UPDATE land_parcel p
   SET boundary = CASE WHEN f.new_boundary THEN i.boundary ELSE p.boundary END,
       measured_area_m2 = CASE WHEN f.new_boundary THEN i.measured_m2 ELSE p.measured_area_m2 END,
       registered_area_m2 = coalesce(i.registered_m2, p.registered_area_m2)
  FROM incoming i JOIN found f USING (row) WHERE f.parcel = p.id AND f.changes_parcel
"""
INSERT_TAKINGS = """
INSERT INTO clearance_taking (id, ref, project_id, parcel_id, boundary, recovered_area_m2,
                              withdrawn_reason, note, version)
SELECT f.taking, taking_ref, %(project)s, f.parcel, boundary, f.recovered_m2, '', note, 0
  FROM incoming JOIN found f USING (row) WHERE f.new_taking
"""
UPDATE_TAKINGS = """
UPDATE clearance_taking t
   SET boundary = CASE WHEN f.new_boundary THEN i.boundary ELSE t.boundary END,
       recovered_area_m2 = f.recovered_m2,
       note = CASE WHEN i.note <> '' THEN i.note ELSE t.note END
  FROM incoming i JOIN found f USING (row) WHERE f.taking = t.id AND f.changes_taking
"""
UPDATE_PARTS = """
UPDATE clearance_takingpart a
   SET area_m2 = f.recovered_m2, land_class_id = coalesce(i.land_class, a.land_class_id)
  FROM incoming i JOIN found f USING (row)
 WHERE f.taking = a.taking_id AND f.changes_taking
   AND (SELECT count(*) FROM clearance_takingpart b WHERE b.taking_id = f.taking) = 1
"""
# Two statements: "has none yet" asked of each new taking would scan the parts being inserted.
INSERT_PARTS = """
INSERT INTO clearance_takingpart (taking_id, land_class_id, area_m2)
SELECT f.taking, land_class, f.recovered_m2
  FROM incoming JOIN found f USING (row) WHERE land_class IS NOT NULL AND f.new_taking
"""
ADD_PARTS = """
INSERT INTO clearance_takingpart (taking_id, land_class_id, area_m2)
SELECT f.taking, land_class, f.recovered_m2
  FROM incoming JOIN found f USING (row)
 WHERE land_class IS NOT NULL AND f.changes_taking
   AND NOT EXISTS (SELECT FROM clearance_takingpart a WHERE a.taking_id = f.taking)
"""
# Of what is new everything is known from the staging table: version 0, one part or none.
NOTE_CREATED = """
INSERT INTO importing_createdrows (run_id, model, rows, object_ids, land_classes, areas_m2)
SELECT %(run)s, 'land.Parcel', array_agg(row), array_agg(parcel), NULL::bigint[], NULL::numeric[]
  FROM found WHERE new_parcel GROUP BY row / 5000
 UNION ALL
SELECT %(run)s, 'clearance.Taking', array_agg(row), array_agg(f.taking), array_agg(i.land_class),
       array_agg(f.recovered_m2)
  FROM found f JOIN incoming i USING (row) WHERE f.new_taking GROUP BY row / 5000
"""
NOTE_CHANGED = f"""
INSERT INTO importing_importrow (run_id, row, action, model, object_id, version_after, before,
                                 after)
SELECT %(run)s, r.row, 'changed', 'land.Parcel', p.id, p.version, r.parcel_before, NULL
  FROM remembered r JOIN land_parcel p ON p.id = r.parcel WHERE r.changes_parcel
UNION ALL
SELECT %(run)s, r.row, 'changed', 'clearance.Taking', t.id, t.version, r.taking_before,
       jsonb_build_object('parts', {PARTS_OF})
  FROM remembered r JOIN clearance_taking t ON t.id = r.taking WHERE r.changes_taking
"""
# What a preview shows, the first rows of each kind: number, before and after.
SHOW = """
SELECT row, kind, key, old_registered, registered_m2, old_recovered, recovered_m2, new_boundary
  FROM (SELECT i.row, i.key, i.registered_m2, f.recovered_m2, f.new_boundary,
               p.registered_area_m2 AS old_registered, t.recovered_area_m2 AS old_recovered,
               w.kind, row_number() OVER (PARTITION BY w.kind ORDER BY i.row) AS place
          FROM incoming i JOIN found f USING (row)
          CROSS JOIN LATERAL (SELECT CASE WHEN f.new_parcel OR f.new_taking THEN 'created'
                                          WHEN f.changes_parcel OR f.changes_taking
                                          THEN 'changed' END) AS w (kind)
          LEFT JOIN land_parcel p ON p.id = f.parcel AND NOT f.new_parcel
          LEFT JOIN clearance_taking t ON t.id = f.taking AND NOT f.new_taking
         WHERE w.kind IS NOT NULL) AS ranked
 WHERE place <= %(kept)s ORDER BY row
"""
WRITE = (
    REMEMBER,
    INSERT_PARCELS,
    INSERT_NUMBERS,
    UPDATE_PARCELS,
    INSERT_TAKINGS,
    UPDATE_TAKINGS,
    UPDATE_PARTS,
    ADD_PARTS,
    INSERT_PARTS,
    NOTE_CREATED,
    NOTE_CHANGED,
)
