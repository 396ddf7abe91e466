"""The state of the city as of any day, from stored daily deltas.

The event log is the truth; `DailyDelta` is its sum by project, ward, stage and day, rebuilt for a
project whenever its data version moved. Stages only grow (a voided event never happened), so the
stage on D is the highest one reached by D. Without an entry date of its own a taking counts from
the beginning of time in stage 0, and leaves on the day it is withdrawn.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, Sum

from gpmb.analysis.models import DailyDelta, DeltaState
from gpmb.clearance.models import ProjectVersion
from gpmb.law import steps

EVER = dt.date(1900, 1, 1)

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

_INSERT = """
INSERT INTO analysis_dailydelta
    (project_id, unit_id, stage, "on", takings, area_m2, cases, households, organisations,
     approved_vnd, paid_vnd)
"""
_MERGE = """
ON CONFLICT (project_id, unit_id, stage, "on") DO UPDATE SET
    takings = analysis_dailydelta.takings + excluded.takings,
    area_m2 = analysis_dailydelta.area_m2 + excluded.area_m2,
    cases = analysis_dailydelta.cases + excluded.cases,
    households = analysis_dailydelta.households + excluded.households,
    organisations = analysis_dailydelta.organisations + excluded.organisations,
    approved_vnd = analysis_dailydelta.approved_vnd + excluded.approved_vnd,
    paid_vnd = analysis_dailydelta.paid_vnd + excluded.paid_vnd
"""

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
{_MOVES}
{_INSERT}
SELECT t.project_id, p.unit_id, m.stage, m."on", sum(m.sign), sum(m.sign * t.recovered_area_m2),
       0, 0, 0, 0, 0
  FROM moves m JOIN clearance_taking t ON t.id = m.thing JOIN land_parcel p ON p.id = t.parcel_id
 GROUP BY 1, 2, 3, 4
{_MERGE}"""  # noqa: S608

_CASES = f"""
WITH {_CASE_RUNS},
steps_of AS (
    SELECT case_id AS thing, withdrawn_on, %(ever)s::date AS "on", 0 AS stage FROM case_place
    UNION ALL
    SELECT case_id, withdrawn_on, "on", stage FROM case_runs JOIN case_place USING (case_id)
),
{_MOVES}
{_INSERT}
SELECT c.project_id, c.unit_id, m.stage, m."on", 0, 0, sum(m.sign), 0, 0, 0, 0
  FROM moves m JOIN case_place c ON c.case_id = m.thing
 GROUP BY 1, 2, 3, 4
{_MERGE}"""  # noqa: S608

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
)
{_INSERT}
SELECT m.project_id, h.unit_id, m.stage, m."on", 0, 0, 0,
       sum(CASE WHEN p.kind IN ('household', 'individual') THEN m.sign ELSE 0 END),
       sum(CASE WHEN p.kind IN ('organisation', 'community') THEN m.sign ELSE 0 END), 0, 0
  FROM moves m JOIN home h USING (party_id, project_id) JOIN land_party p ON p.id = m.party_id
 GROUP BY 1, 2, 3, 4
{_MERGE}"""  # noqa: S608

# Money stands in the stage where it belongs (4 approved, 5 paid), whatever the case's stage.
_MONEY = f"""
WITH {_CASE_RUNS}
{_INSERT}
SELECT project_id, unit_id, stage, "on", 0, 0, 0, 0, 0, sum(approved), sum(paid) FROM (
    SELECT c.project_id, c.unit_id, 4 AS stage, p.approved_on AS "on",
           p.total_vnd AS approved, 0 AS paid
      FROM compensation_plan p JOIN case_place c USING (case_id) WHERE p.status = 'approved'
    UNION ALL
    SELECT c.project_id, c.unit_id, 5, p."on", 0, p.amount_vnd
      FROM compensation_payment p JOIN case_place c USING (case_id)
     WHERE p.approved_by_id IS NOT NULL AND p.kind IN ('payment', 'deposit')
) money GROUP BY 1, 2, 3, 4
{_MERGE}"""  # noqa: S608


def rebuild_deltas(projects: Sequence[int] | None = None) -> int:
    """Rebuild the daily deltas of the given projects (primary keys; None: all); return how many.

    Safe beside other writers: the projects' version rows are locked meanwhile.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        versions = ProjectVersion.objects.select_for_update().order_by("project_id")
        if projects is not None:
            versions = versions.filter(project_id__in=projects)
        numbers = dict(versions.values_list("project_id", "number"))
        if not numbers:
            return 0
        DailyDelta.objects.filter(project_id__in=numbers).delete()
        arguments: dict[str, Any] = {"projects": list(numbers), "ever": EVER}
        for query in (_TAKINGS, _CASES, _PARTIES, _MONEY):
            cursor.execute(query, arguments)
        DeltaState.objects.bulk_create(
            [DeltaState(project_id=key, number=number) for key, number in numbers.items()],
            update_conflicts=True,
            unique_fields=["project"],
            update_fields=["number"],
        )
    return len(numbers)


def refresh_deltas() -> int:
    """Rebuild the deltas of the projects whose data moved since; return how many."""
    stale = list(
        ProjectVersion.objects.filter(
            Q(project__delta_state__isnull=True) | ~Q(project__delta_state__number=F("number"))
        ).values_list("project_id", flat=True)
    )
    return rebuild_deltas(stale) if stale else 0


MEASURES = (
    "takings",
    "area_m2",
    "cases",
    "households",
    "organisations",
    "approved_vnd",
    "paid_vnd",
)


def as_of(on: dt.date, *group_by: str, projects: Sequence[int]) -> list[dict[str, object]]:
    """Return the state on a day as rows of `group_by` ("project", "unit", "stage") and MEASURES.

    `projects` are the primary keys the person may see; deltas must be fresh (`refresh_deltas`).
    """
    return list(
        DailyDelta.objects.filter(on__lte=on, project_id__in=projects)
        .values(*group_by)
        .annotate(**{name: Sum(name) for name in MEASURES})
        .order_by(*group_by)
    )
