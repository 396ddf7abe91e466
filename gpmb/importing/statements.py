"""The SQL of a parcel import: every statement works on the whole staging table.

Parameters: project, unit, run (ids), same (metres). Values never enter the text.
"""
# ruff: noqa: S608  (texts are put together from the constants of this module only)

from django.conf import settings

from gpmb.importing.parcels import ParcelRow
from gpmb.importing.undo_land import PARTS_OF

STAGE = f"""
DROP TABLE IF EXISTS pg_temp.incoming;
CREATE TEMPORARY TABLE incoming (
    row integer, sheet text, number text, key text,
    boundary geometry(MultiPolygon, {settings.SRID}),
    registered_m2 numeric(13, 2), measured_m2 numeric(13, 2), recovered_m2 numeric(13, 2),
    land_class bigint, note text, parcel_ref bigint, taking_ref bigint,
    parcel bigint, taking bigint,
    new_parcel boolean NOT NULL DEFAULT false, new_taking boolean NOT NULL DEFAULT false,
    new_boundary boolean NOT NULL DEFAULT false,
    changes_parcel boolean NOT NULL DEFAULT false, changes_taking boolean NOT NULL DEFAULT false,
    parcel_before jsonb, taking_before jsonb
) ON COMMIT DROP
"""
COLUMNS = ", ".join(ParcelRow._fields)
# The planner asks nothing of the shapes, and their statistics are the dear ones.
ANALYZE = "ANALYZE incoming (row, key, parcel, taking, new_parcel, new_taking, changes_parcel)"


# A number given twice: the same row again is refused from the second on; two different rows with
# one number are both refused, for the file doesn't say which is right.
TWINS = """
    SELECT row, min(row) OVER twin AS first, key,
           row_number() OVER (PARTITION BY key, boundary, registered_m2, recovered_m2,
                              land_class, note ORDER BY row) AS copy,
           count(*) OVER twin AS alike,
           count(*) OVER (PARTITION BY key, boundary, registered_m2, recovered_m2, land_class,
                          note) AS copies,
           max(row) OVER twin AS last
      FROM incoming
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

MATCH_BY_NUMBER = """
UPDATE incoming SET parcel = known.parcel
  FROM (SELECT n.key, min(n.parcel_id) AS parcel
          FROM land_parcelnumber n JOIN land_parcel p ON p.id = n.parcel_id
         WHERE n.unit_id = %(unit)s AND n.kind = 'current' AND n.valid_to IS NULL
           AND p.retired_on IS NULL
         GROUP BY n.key) AS known
 WHERE incoming.key = known.key
"""
MATCH_BY_SHAPE = """
UPDATE incoming SET parcel = known.parcel
  FROM (SELECT p.boundary, min(p.id) AS parcel
          FROM clearance_taking t JOIN land_parcel p ON p.id = t.parcel_id
         WHERE t.project_id = %(project)s AND p.retired_on IS NULL
           AND NOT EXISTS (SELECT FROM land_parcelnumber n WHERE n.parcel_id = p.id)
         GROUP BY p.boundary) AS known
 WHERE incoming.key IS NULL AND incoming.boundary = known.boundary
"""
MATCH_TAKINGS = """
UPDATE incoming SET taking = t.id
  FROM clearance_taking t
 WHERE t.parcel_id = incoming.parcel AND t.project_id = %(project)s
   AND t.case_id IS NULL AND t.withdrawn_on IS NULL
"""
KNOWN_AROUND = f"""
SELECT p.id, (SELECT min(n.key) FROM land_parcelnumber n
               WHERE n.parcel_id = p.id AND n.kind = 'current' AND n.valid_to IS NULL),
       ST_AsBinary(p.boundary), false
  FROM land_parcel p
 WHERE p.boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {settings.SRID})
   AND p.retired_on IS NULL AND NOT p.restricted
   AND NOT EXISTS (SELECT FROM incoming WHERE incoming.parcel = p.id)
"""

COMPARE_PARCELS = """
UPDATE incoming SET
    new_parcel = known.id IS NULL,
    parcel = coalesce(known.id, nextval(pg_get_serial_sequence('land_parcel', 'id'))),
    new_boundary = known.differs,
    changes_parcel = known.id IS NOT NULL AND (
        known.differs
        OR incoming.registered_m2 IS NOT NULL
           AND incoming.registered_m2 IS DISTINCT FROM known.registered_area_m2)
  FROM (SELECT i.row, p.id, p.registered_area_m2,
               p.id IS NOT NULL AND (p.boundary IS NULL OR NOT (p.boundary = i.boundary
                   OR ST_NPoints(p.boundary) = ST_NPoints(i.boundary)
                      AND ST_HausdorffDistance(p.boundary, i.boundary) < %(same)s)) AS differs
          FROM incoming i LEFT JOIN land_parcel p ON p.id = i.parcel) AS known
 WHERE incoming.row = known.row
"""
CENTRES = """
SELECT ST_X(ST_Centroid(p.boundary)), ST_Y(ST_Centroid(p.boundary)),
       ST_X(ST_Centroid(i.boundary)), ST_Y(ST_Centroid(i.boundary))
  FROM incoming i JOIN land_parcel p ON p.id = i.parcel
 WHERE i.new_boundary AND p.boundary IS NOT NULL ORDER BY i.row LIMIT 2000
"""
# The area taken is the one the file states, else the parcel's by document, else by survey.
RECOVERED = "coalesce(i.recovered_m2, i.registered_m2, i.measured_m2)"
COMPARE_TAKINGS = f"""
UPDATE incoming SET
    new_taking = known.id IS NULL AND NOT known.in_case,
    taking = CASE WHEN known.id IS NULL AND NOT known.in_case
                  THEN nextval(pg_get_serial_sequence('clearance_taking', 'id'))
                  ELSE known.id END,
    recovered_m2 = known.recovered,
    changes_taking = known.id IS NOT NULL AND (
        incoming.new_boundary
        OR known.recovered_area_m2 <> known.recovered
        OR incoming.note <> '' AND known.note <> incoming.note
        OR incoming.land_class IS NOT NULL AND known.parts <= 1
           AND incoming.land_class IS DISTINCT FROM known.land_class)
  FROM (SELECT i.row, t.id, t.recovered_area_m2, t.note, {RECOVERED} AS recovered,
               EXISTS (SELECT FROM clearance_taking c
                        WHERE c.parcel_id = i.parcel AND c.project_id = %(project)s
                          AND c.case_id IS NOT NULL AND c.withdrawn_on IS NULL) AS in_case,
               (SELECT count(*) FROM clearance_takingpart a WHERE a.taking_id = t.id) AS parts,
               (SELECT min(a.land_class_id) FROM clearance_takingpart a
                 WHERE a.taking_id = t.id) AS land_class
          FROM incoming i LEFT JOIN clearance_taking t ON t.id = i.taking) AS known
 WHERE incoming.row = known.row
"""
MIXED_ROWS = """
    SELECT i.row FROM incoming i JOIN clearance_taking t ON t.id = i.taking
     WHERE i.changes_taking AND t.recovered_area_m2 <> i.recovered_m2
       AND (SELECT count(*) FROM clearance_takingpart a WHERE a.taking_id = t.id) > 1
"""
MIXED = MIXED_ROWS + " ORDER BY i.row"
DROP_MIXED = f"DELETE FROM incoming WHERE row IN ({MIXED_ROWS})"
HAS_CASE = """
SELECT row FROM incoming WHERE taking IS NULL AND changes_parcel ORDER BY row
"""
COUNT = """
SELECT count(*) FILTER (WHERE new_parcel OR new_taking),
       count(*) FILTER (WHERE NOT new_parcel AND NOT new_taking
                          AND (changes_parcel OR changes_taking)),
       count(*) FILTER (WHERE NOT (new_parcel OR new_taking OR changes_parcel OR changes_taking))
  FROM incoming
"""

REMEMBER_PARCELS = """
UPDATE incoming SET parcel_before = jsonb_build_object(
           'boundary', ST_AsHEXEWKB(p.boundary), 'registered_area_m2', p.registered_area_m2,
           'measured_area_m2', p.measured_area_m2)
  FROM land_parcel p WHERE p.id = incoming.parcel AND incoming.changes_parcel
"""
REMEMBER_TAKINGS = """
UPDATE incoming SET taking_before = jsonb_build_object(
           'boundary', ST_AsHEXEWKB(t.boundary), 'recovered_area_m2', t.recovered_area_m2,
           'note', t.note, 'parts', (SELECT jsonb_object_agg(a.land_class_id, a.area_m2)
                                       FROM clearance_takingpart a WHERE a.taking_id = t.id))
  FROM clearance_taking t WHERE t.id = incoming.taking AND incoming.changes_taking
"""
INSERT_PARCELS = """
INSERT INTO land_parcel (id, ref, unit_id, boundary, registered_area_m2, measured_area_m2,
                         restricted, note, version)
SELECT parcel, parcel_ref, %(unit)s, boundary, registered_m2, measured_m2, false, '', 0
  FROM incoming WHERE new_parcel ORDER BY row
"""
INSERT_NUMBERS = """
INSERT INTO land_parcelnumber (parcel_id, unit_id, sheet, number, kind)
SELECT parcel, %(unit)s, sheet, number, 'current'
  FROM incoming WHERE new_parcel AND key IS NOT NULL ORDER BY row
"""
UPDATE_PARCELS = """
UPDATE land_parcel p
   SET boundary = CASE WHEN i.new_boundary THEN i.boundary ELSE p.boundary END,
       measured_area_m2 = CASE WHEN i.new_boundary THEN i.measured_m2 ELSE p.measured_area_m2 END,
       registered_area_m2 = coalesce(i.registered_m2, p.registered_area_m2)
  FROM incoming i WHERE i.parcel = p.id AND i.changes_parcel
"""
INSERT_TAKINGS = """
INSERT INTO clearance_taking (id, ref, project_id, parcel_id, boundary, recovered_area_m2,
                              withdrawn_reason, note, version)
SELECT taking, taking_ref, %(project)s, parcel, boundary, recovered_m2, '', note, 0
  FROM incoming WHERE new_taking ORDER BY row
"""
UPDATE_TAKINGS = """
UPDATE clearance_taking t
   SET boundary = CASE WHEN i.new_boundary THEN i.boundary ELSE t.boundary END,
       recovered_area_m2 = i.recovered_m2,
       note = CASE WHEN i.note <> '' THEN i.note ELSE t.note END
  FROM incoming i WHERE i.taking = t.id AND i.changes_taking
"""
UPDATE_PARTS = """
UPDATE clearance_takingpart a
   SET area_m2 = i.recovered_m2, land_class_id = coalesce(i.land_class, a.land_class_id)
  FROM incoming i
 WHERE i.taking = a.taking_id AND i.changes_taking
   AND (SELECT count(*) FROM clearance_takingpart b WHERE b.taking_id = i.taking) = 1
"""
# Two statements: "has none yet" asked of each new taking would scan the parts being inserted.
INSERT_PARTS = """
INSERT INTO clearance_takingpart (taking_id, land_class_id, area_m2)
SELECT taking, land_class, recovered_m2
  FROM incoming WHERE land_class IS NOT NULL AND new_taking
"""
ADD_PARTS = """
INSERT INTO clearance_takingpart (taking_id, land_class_id, area_m2)
SELECT taking, land_class, recovered_m2
  FROM incoming
 WHERE land_class IS NOT NULL AND changes_taking
   AND NOT EXISTS (SELECT FROM clearance_takingpart a WHERE a.taking_id = incoming.taking)
"""
# Of what is new everything is known from the staging table: version 0, one part or none.
NOTE_ROWS = f"""
INSERT INTO importing_importrow (run_id, row, action, model, object_id, version_after, before,
                                 after)
SELECT %(run)s, row, 'created', 'land.Parcel', parcel, 0, NULL::jsonb, NULL::jsonb
  FROM incoming WHERE new_parcel
UNION ALL
SELECT %(run)s, row, 'created', 'clearance.Taking', taking, 0, NULL,
       jsonb_build_object('parts', CASE WHEN land_class IS NOT NULL
                                        THEN jsonb_build_object(land_class, recovered_m2) END)
  FROM incoming WHERE new_taking
UNION ALL
SELECT %(run)s, i.row, 'changed', 'land.Parcel', p.id, p.version, i.parcel_before, NULL
  FROM incoming i JOIN land_parcel p ON p.id = i.parcel
 WHERE i.changes_parcel AND NOT i.new_parcel
UNION ALL
SELECT %(run)s, i.row, 'changed', 'clearance.Taking', t.id, t.version, i.taking_before,
       jsonb_build_object('parts', {PARTS_OF})
  FROM incoming i JOIN clearance_taking t ON t.id = i.taking
 WHERE i.changes_taking AND NOT i.new_taking
"""
# What a preview shows, the first rows of each kind: number, before and after.
SHOW = """
SELECT row, kind, key, old_registered, registered_m2, old_recovered, recovered_m2, new_boundary
  FROM (SELECT i.row, i.key, i.registered_m2, i.recovered_m2, i.new_boundary,
               p.registered_area_m2 AS old_registered, t.recovered_area_m2 AS old_recovered,
               w.kind, row_number() OVER (PARTITION BY w.kind ORDER BY i.row) AS place
          FROM incoming i
          CROSS JOIN LATERAL (SELECT CASE WHEN i.new_parcel OR i.new_taking THEN 'created'
                                          WHEN i.changes_parcel OR i.changes_taking
                                          THEN 'changed' END) AS w (kind)
          LEFT JOIN land_parcel p ON p.id = i.parcel AND NOT i.new_parcel
          LEFT JOIN clearance_taking t ON t.id = i.taking AND NOT i.new_taking
         WHERE w.kind IS NOT NULL) AS ranked
 WHERE place <= %(kept)s ORDER BY row
"""
WRITE = (
    REMEMBER_PARCELS,
    REMEMBER_TAKINGS,
    INSERT_PARCELS,
    INSERT_NUMBERS,
    UPDATE_PARCELS,
    INSERT_TAKINGS,
    UPDATE_TAKINGS,
    UPDATE_PARTS,
    ADD_PARTS,
    INSERT_PARTS,
    NOTE_ROWS,
)
