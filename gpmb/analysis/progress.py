"""The state of the city as of any day, from stored daily deltas.

The event log is the truth; `DailyDelta` is its sum by project, ward, stage and day, `DayState` the
running total, both rebuilt for a project whenever its data version moved. Stages only grow (a
voided event never happened), so the stage on D is the highest one reached by D. Without an entry
date of its own a taking counts from the beginning of time in stage 0, and leaves on the day it is
withdrawn.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from gpmb.analysis import lateness
from gpmb.analysis.models import DailyDelta, DayState
from gpmb.analysis.progress_models import EVER
from gpmb.clearance.models import Project, ProjectVersion
from gpmb.law import steps

_STAGE_OF_STEP = ", ".join(f"('{row.code}', {row.stage})" for row in steps.STEPS)

# Case-level living events → the days a case reached a higher stage than ever before.
_CASE_RUNS = f"""
stage_of (step, stage) AS (VALUES {_STAGE_OF_STEP}),
reached AS (
    SELECT e.case_id, e."on", max(s.stage) AS stage
      FROM clearance_caseevent e
      JOIN clearance_case c ON c.id = e.case_id AND c.project_id = ANY(%(projects)s)
      JOIN stage_of s ON s.step = e.step
      LEFT JOIN clearance_caseevent v ON v.voids_id = e.id
     WHERE e.kind <> 'void' AND v.id IS NULL AND e.taking_id IS NULL
     GROUP BY e.case_id, e."on"
),
case_runs AS (
    SELECT case_id, "on", stage FROM (
        SELECT case_id, "on", stage, coalesce(max(stage) OVER earlier, 0) AS before
          FROM reached
        WINDOW earlier AS (PARTITION BY case_id ORDER BY "on"
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) r WHERE stage > before
),
case_place AS (
    SELECT c.id AS case_id, c.project_id, c.withdrawn_on, coalesce(
        (SELECT p.unit_id FROM clearance_taking t JOIN land_parcel p ON p.id = t.parcel_id
          WHERE t.case_id = c.id ORDER BY t.id LIMIT 1),
        (SELECT min(u.administrativeunit_id) FROM clearance_project_units u
          WHERE u.project_id = c.project_id)) AS unit_id
      FROM clearance_case c WHERE c.project_id = ANY(%(projects)s)
)"""  # noqa: S608  (the step table of gpmb.law, nothing from outside)

# (thing, day, stage): all things enter stage 0 on EVER; their runs follow; they leave withdrawn.
# `moves` turns that into +1 / -1, weighted by the thing's own measures.
_MOVES = """
spans AS (
    SELECT thing, "on", stage,
           lag(stage) OVER (PARTITION BY thing ORDER BY "on", stage) AS before
      FROM steps_of WHERE withdrawn_on IS NULL OR "on" < withdrawn_on
),
moves AS (
    SELECT thing, "on", stage, 1 AS sign FROM spans
    UNION ALL
    SELECT thing, "on", before, -1 FROM spans WHERE before IS NOT NULL
    UNION ALL
    (SELECT DISTINCT ON (thing) thing, withdrawn_on, stage, -1
       FROM steps_of WHERE withdrawn_on IS NOT NULL AND "on" < withdrawn_on
      ORDER BY thing, "on" DESC, stage DESC)
)"""

MEASURES = (
    "takings",
    "area_m2",
    "cases",
    "households",
    "organisations",
    "approved_vnd",
    "paid_vnd",
    "late",
    "obstacles",
    "investor_m2",
    "unwritten",
)
KEYS = ("project", "unit", "stage", "restricted")

_COLUMNS = ", ".join(MEASURES)
_ZEROS = ", ".join("0" for _ in MEASURES)
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in MEASURES)
_MERGE = """
ON CONFLICT (project_id, unit_id, stage, restricted, "on") DO UPDATE SET
""" + ", ".join(f"{name} = analysis_dailydelta.{name} + excluded.{name}" for name in MEASURES)


def _insert(*measures: str) -> str:
    """The beginning of an INSERT of some measures; the others are 0."""
    zero = [name for name in MEASURES if name not in measures]
    return f"""
INSERT INTO analysis_dailydelta
    (project_id, unit_id, stage, restricted, "on", {", ".join([*zero, *measures])})
SELECT project_id, unit_id, stage, restricted, "on", {", ".join(["0"] * len(zero))},
       {", ".join(f"sum({name})" for name in measures)}
  FROM found GROUP BY 1, 2, 3, 4, 5
{_MERGE}"""  # noqa: S608  (our own column names)


_TAKINGS = f"""
WITH {_CASE_RUNS},
taking_days AS (
    SELECT t.id AS thing, t.withdrawn_on, %(ever)s::date AS "on", 0 AS stage
      FROM clearance_taking t WHERE t.project_id = ANY(%(projects)s)
    UNION ALL
    SELECT t.id, t.withdrawn_on, r."on", r.stage
      FROM clearance_taking t JOIN case_runs r ON r.case_id = t.case_id
     WHERE t.handed_over_on IS NULL OR r."on" < t.handed_over_on
    UNION ALL
    SELECT t.id, t.withdrawn_on, t.handed_over_on, 6
      FROM clearance_taking t
     WHERE t.project_id = ANY(%(projects)s) AND t.handed_over_on IS NOT NULL
),
steps_of AS (SELECT DISTINCT thing, withdrawn_on, "on", stage FROM taking_days),
{_MOVES},
found AS (
    SELECT t.project_id, p.unit_id, m.stage, p.restricted, m."on", m.sign AS takings,
           m.sign * t.recovered_area_m2 AS area_m2
      FROM moves m
      JOIN clearance_taking t ON t.id = m.thing
      JOIN land_parcel p ON p.id = t.parcel_id
)
{_insert("takings", "area_m2")}"""  # noqa: S608

_CASES = f"""
WITH {_CASE_RUNS},
steps_of AS (
    SELECT case_id AS thing, withdrawn_on, %(ever)s::date AS "on", 0 AS stage FROM case_place
    UNION ALL
    SELECT case_id, withdrawn_on, "on", stage FROM case_runs JOIN case_place USING (case_id)
),
{_MOVES},
found AS (
    SELECT c.project_id, c.unit_id, m.stage, false AS restricted, m."on", m.sign AS cases
      FROM moves m JOIN case_place c ON c.case_id = m.thing
)
{_insert("cases")}"""  # noqa: S608

# A party with several cases in a project counts once, at the stage of its slowest case.
_PARTIES = f"""
WITH {_CASE_RUNS},
held AS (
    SELECT cp.party_id, c.project_id, c.case_id, c.unit_id, cp.valid_from,
           least(c.withdrawn_on, cp.valid_to) AS withdrawn_on
      FROM clearance_caseparty cp JOIN case_place c USING (case_id)
     WHERE cp.role <> 'representative'
),
days AS (
    SELECT h.party_id, h.project_id, r."on" FROM held h JOIN case_runs r USING (case_id)
     UNION SELECT party_id, project_id, %(ever)s::date FROM held
     UNION SELECT party_id, project_id, withdrawn_on FROM held WHERE withdrawn_on IS NOT NULL
     UNION SELECT party_id, project_id, valid_from FROM held WHERE valid_from IS NOT NULL
),
state AS (
    SELECT party_id, project_id, "on", min(stage) AS stage FROM (
        SELECT d.party_id, d.project_id, d."on", h.case_id,
               CASE WHEN h.case_id IS NOT NULL THEN coalesce(max(r.stage), 0) END AS stage
          FROM days d
          LEFT JOIN held h ON h.party_id = d.party_id AND h.project_id = d.project_id
                          AND (h.withdrawn_on IS NULL OR h.withdrawn_on > d."on")
                          AND (h.valid_from IS NULL OR h.valid_from <= d."on")
          LEFT JOIN case_runs r ON r.case_id = h.case_id AND r."on" <= d."on"
         GROUP BY 1, 2, 3, 4) each_case
     GROUP BY 1, 2, 3
),
changes AS (
    SELECT *, lag(stage) OVER (PARTITION BY party_id, project_id ORDER BY "on") AS before
      FROM state
),
moves AS (
    SELECT party_id, project_id, "on", stage, 1 AS sign FROM changes
     WHERE stage IS NOT NULL AND stage IS DISTINCT FROM before
    UNION ALL
    SELECT party_id, project_id, "on", before, -1 FROM changes
     WHERE before IS NOT NULL AND stage IS DISTINCT FROM before
),
home AS (
    SELECT DISTINCT ON (party_id, project_id) party_id, project_id, unit_id
      FROM held ORDER BY party_id, project_id, case_id
),
found AS (
    SELECT m.project_id, h.unit_id, m.stage, false AS restricted, m."on",
           CASE WHEN p.kind IN ('household', 'individual') THEN m.sign ELSE 0 END AS households,
           CASE WHEN p.kind IN ('organisation', 'community') THEN m.sign ELSE 0 END
               AS organisations
      FROM moves m JOIN home h USING (party_id, project_id) JOIN land_party p ON p.id = m.party_id
)
{_insert("households", "organisations")}"""  # noqa: S608

# Money stands in the stage where it belongs (4 approved, 5 paid), whatever the case's stage.
# A superseded plan counted from its approval until the next one's.
_MONEY = f"""
WITH {_CASE_RUNS},
approved AS (
    SELECT p.case_id, p.approved_on AS "on", p.total_vnd - coalesce(
               lag(p.total_vnd) OVER (PARTITION BY p.case_id ORDER BY p.approved_on, p.number), 0)
               AS amount
      FROM compensation_plan p JOIN case_place c USING (case_id)
     WHERE p.status IN ('approved', 'amended')
),
found AS (
    SELECT c.project_id, c.unit_id, 4 AS stage, false AS restricted, a."on",
           a.amount AS approved_vnd, 0 AS paid_vnd
      FROM approved a JOIN case_place c USING (case_id)
    UNION ALL
    SELECT c.project_id, c.unit_id, 5, false, p."on", 0, p.amount_vnd
      FROM compensation_payment p JOIN case_place c USING (case_id)
     WHERE p.approved_by_id IS NOT NULL AND p.kind IN ('payment', 'deposit')
)
{_insert("approved_vnd", "paid_vnd")}"""  # noqa: S608

# A span of lateness begins the day after its ceiling and ends with the next event.
_LATE = f"""
WITH {_CASE_RUNS},
spans AS (
    SELECT c.project_id, c.unit_id, greatest(s.since, s.due_on + 1) AS begun,
           least(s.until, c.withdrawn_on) AS ended
      FROM analysis_duespan s JOIN case_place c USING (case_id)
),
found AS (
    SELECT project_id, unit_id, 0 AS stage, false AS restricted, m."on", m.sign AS late
      FROM spans, LATERAL (VALUES (begun, 1), (ended, -1)) AS m ("on", sign)
     WHERE m."on" IS NOT NULL AND (ended IS NULL OR begun < ended)
)
{_insert("late")}"""  # noqa: S608

_OBSTACLES = f"""
WITH {_CASE_RUNS},
found AS (
    SELECT o.project_id, coalesce(p.unit_id, c.unit_id, (
               SELECT min(u.administrativeunit_id) FROM clearance_project_units u
                WHERE u.project_id = o.project_id)) AS unit_id,
           0 AS stage, coalesce(p.restricted, false) AS restricted, m."on", m.sign AS obstacles
      FROM clearance_obstacle o
      LEFT JOIN case_place c USING (case_id)
      LEFT JOIN land_parcel p ON p.id = o.parcel_id,
           LATERAL (VALUES (o.opened_on, 1), (o.closed_on, -1)) AS m ("on", sign)
     WHERE o.project_id = ANY(%(projects)s) AND m."on" IS NOT NULL
)
{_insert("obstacles")}"""  # noqa: S608

_INVESTOR = f"""
WITH found AS (
    SELECT h.project_id, (SELECT min(u.administrativeunit_id) FROM clearance_project_units u
                           WHERE u.project_id = h.project_id) AS unit_id,
           6 AS stage, false AS restricted, h."on", h.area_m2 AS investor_m2
      FROM clearance_sitehandover h WHERE h.project_id = ANY(%(projects)s)
)
{_insert("investor_m2")}"""  # noqa: S608

# What had happened and was not yet recorded at the end of a day: what nobody knew then.
_UNWRITTEN = f"""
WITH {_CASE_RUNS},
found AS (
    SELECT c.project_id, c.unit_id, 0 AS stage, false AS restricted, m."on", m.sign AS unwritten
      FROM clearance_caseevent e JOIN case_place c USING (case_id),
           LATERAL (VALUES (e."on", 1),
                           ((e.recorded_at AT TIME ZONE %(zone)s)::date, -1)) AS m ("on", sign)
     WHERE e.taking_id IS NULL AND (e.recorded_at AT TIME ZONE %(zone)s)::date > e."on"
)
{_insert("unwritten")}"""  # noqa: S608

_STATES = f"""
INSERT INTO analysis_daystate (project_id, unit_id, stage, restricted, "on", {_COLUMNS})
SELECT project_id, unit_id, stage, restricted, "on",
       {", ".join(f"sum(sum({name})) OVER so_far" for name in MEASURES)}
  FROM (SELECT project_id, unit_id, stage, restricted, "on", {_COLUMNS}
          FROM analysis_dailydelta WHERE project_id = ANY(%(projects)s)
         UNION ALL
        SELECT DISTINCT project_id, unit_id, stage, restricted, %(ever)s::date, {_ZEROS}
          FROM analysis_dailydelta WHERE project_id = ANY(%(projects)s)) changed
 GROUP BY project_id, unit_id, stage, restricted, "on"
WINDOW so_far AS (PARTITION BY project_id, unit_id, stage, restricted ORDER BY "on")"""  # noqa: S608

_VERSIONS = """
INSERT INTO analysis_deltastate (project_id, number)
SELECT project_id, number FROM clearance_projectversion WHERE project_id = ANY(%(projects)s)
ON CONFLICT (project_id) DO UPDATE SET number = excluded.number"""


def rebuild_deltas(projects: Sequence[int] | None = None, *, wait: bool = True) -> int:
    """Rebuild the daily deltas of the given projects (primary keys; None: all); return how many.

    The projects' version rows are locked meanwhile. Without `wait` a project that somebody is
    writing to is left for later: a reader never waits for an import.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        versions = ProjectVersion.objects.select_for_update(skip_locked=not wait)
        versions = versions.order_by("project_id")
        if projects is not None:
            versions = versions.filter(project_id__in=projects)
        keys = list(versions.values_list("project_id", flat=True))
        if not keys:
            return 0
        lateness.refresh(keys)
        DailyDelta.objects.filter(project_id__in=keys).delete()
        DayState.objects.filter(project_id__in=keys).delete()
        arguments: dict[str, Any] = {"projects": keys, "ever": EVER, "zone": settings.TIME_ZONE}
        for query in _QUERIES:
            cursor.execute(query, arguments)
    return len(keys)


# Of a project: its data moved since its deltas were built.
STALE = Q(delta_state__isnull=True) | ~Q(delta_state__number=F("data_version__number"))


def refresh_deltas(stale: Sequence[int] | None = None) -> int:
    """Rebuild the deltas of the projects whose data moved since; return how many.

    `stale` are their primary keys, where the caller asked for STALE with its projects already.
    """
    if stale is None:
        stale = list(Project.objects.filter(STALE).order_by().values_list("pk", flat=True))
    return rebuild_deltas(stale, wait=False) if stale else 0


_QUERIES = (
    _TAKINGS,
    _CASES,
    _PARTIES,
    _MONEY,
    _LATE,
    _OBSTACLES,
    _INVESTOR,
    _UNWRITTEN,
    _STATES,
    _VERSIONS,
)

# Each key's latest row up to the day.
_AS_OF = f"""
SELECT %(columns)s, {_SUMS}
  FROM unnest(%%(days)s::date[]) AS d (day)
 CROSS JOIN (SELECT project_id, unit_id, stage, restricted FROM analysis_daystate
              WHERE "on" = '{EVER}' AND project_id = ANY(%%(projects)s)
                AND stage = ANY(%%(stages)s) AND (%%(cleared)s OR NOT restricted)) k
 CROSS JOIN LATERAL (
     SELECT {_COLUMNS} FROM analysis_daystate s
      WHERE s.project_id = k.project_id AND s.stage = k.stage AND s.restricted = k.restricted
        AND coalesce(s.unit_id, 0) = coalesce(k.unit_id, 0) AND s."on" <= d.day
      ORDER BY s."on" DESC LIMIT 1) state
 GROUP BY %(columns)s ORDER BY %(columns)s"""  # noqa: S608


def as_of(
    on: dt.date | Sequence[dt.date],
    *group_by: str,
    projects: Sequence[int],
    cleared: bool = True,
    stages: Sequence[int] = range(7),
) -> list[dict[str, Any]]:
    """Return the state on a day as rows of `group_by` (of KEYS) and MEASURES.

    Several days are answered at once, each row with its `day`. `projects` are the primary keys
    the person may see, `cleared` whether restricted land counts, `stages` those that count;
    deltas must be fresh (`refresh_deltas`).
    """
    if unknown := set(group_by) - set(KEYS):
        raise ValueError(f"no such group: {unknown}")
    days = [on] if isinstance(on, dt.date) else sorted(set(on))
    keys = [*([] if isinstance(on, dt.date) else ["day"]), *group_by]
    names = [f"{name}_id" if name in ("project", "unit") else name for name in keys]
    query = _AS_OF % {"columns": ", ".join(names)}
    asked: dict[str, Any] = {
        "days": days,
        "projects": list(projects),
        "cleared": cleared,
        "stages": list(stages),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return [dict(zip((*keys, *MEASURES), row, strict=True)) for row in cursor.fetchall()]
