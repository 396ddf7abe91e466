"""The state of every day of a city, read straight from its rows: no stored sum, no window.

Slow on purpose: each case, taking and household is looked at again on each day. What it says is
what gpmb.analysis.progress must say. Only the ceilings of `late` come from stored spans, which
tests/analysis/test_progress.py holds against the law.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from gpmb.law.steps import STEPS

_STAGES = ", ".join(f"('{row.code}', {row.stage})" for row in STEPS)

# Where a case stands on each day: the furthest stage among its events that nobody voided.
_CASE_DAYS = f"""
days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d),
stage_of (step, stage) AS (VALUES {_STAGES}),
living AS (
    SELECT e.case_id, e."on", s.stage FROM clearance_caseevent e JOIN stage_of s USING (step)
     WHERE e.kind <> 'void' AND e.taking_id IS NULL
       AND NOT EXISTS (SELECT FROM clearance_caseevent v WHERE v.voids_id = e.id)
),
case_days AS (
    SELECT d.day, c.id AS case_id, c.project_id, coalesce(max(l.stage), 0) AS stage,
           c.withdrawn_on IS NULL OR c.withdrawn_on > d.day AS live
      FROM days d CROSS JOIN clearance_case c
      LEFT JOIN living l ON l.case_id = c.id AND l."on" <= d.day
     GROUP BY d.day, c.id
)"""

QUERIES = {
    "cases": f"""
WITH {_CASE_DAYS}
SELECT day, project_id, stage, count(*) FROM case_days WHERE live GROUP BY 1, 2, 3""",
    "takings": f"""
WITH {_CASE_DAYS}, standing AS (
    SELECT d.day, t.project_id, CASE WHEN t.handed_over_on <= d.day THEN 6
                                     ELSE coalesce(c.stage, 0) END AS stage
      FROM days d CROSS JOIN clearance_taking t
      LEFT JOIN case_days c ON c.day = d.day AND c.case_id = t.case_id
     WHERE t.withdrawn_on IS NULL OR t.withdrawn_on > d.day
)
SELECT day, project_id, stage, count(*) FROM standing GROUP BY 1, 2, 3""",
    "area_m2": f"""
WITH {_CASE_DAYS}, standing AS (
    SELECT d.day, t.project_id, t.recovered_area_m2,
           CASE WHEN t.handed_over_on <= d.day THEN 6 ELSE coalesce(c.stage, 0) END AS stage
      FROM days d CROSS JOIN clearance_taking t
      LEFT JOIN case_days c ON c.day = d.day AND c.case_id = t.case_id
     WHERE t.withdrawn_on IS NULL OR t.withdrawn_on > d.day
)
SELECT day, project_id, stage, sum(recovered_area_m2) FROM standing GROUP BY 1, 2, 3""",
    "households": f"""
WITH {_CASE_DAYS}, parties AS (
    SELECT c.day, c.project_id, p.id, min(c.stage) AS stage
      FROM case_days c JOIN clearance_caseparty cp USING (case_id)
      JOIN land_party p ON p.id = cp.party_id AND p.kind IN ('household', 'individual')
     WHERE c.live AND cp.role <> 'representative'
       AND (cp.valid_from IS NULL OR cp.valid_from <= c.day)
       AND (cp.valid_to IS NULL OR cp.valid_to > c.day)
     GROUP BY 1, 2, 3
)
SELECT day, project_id, stage, count(*) FROM parties GROUP BY 1, 2, 3""",
    "paid_vnd": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d)
SELECT d.day, c.project_id, 5, sum(p.amount_vnd)
  FROM days d JOIN compensation_payment p ON p."on" <= d.day
  JOIN clearance_case c ON c.id = p.case_id
 WHERE p.approved_by_id IS NOT NULL AND p.kind IN ('payment', 'deposit') GROUP BY 1, 2, 3""",
    "approved_vnd": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d),
newest AS (
    SELECT DISTINCT ON (d.day, p.case_id) d.day, p.case_id, p.total_vnd
      FROM days d JOIN compensation_plan p ON p.approved_on <= d.day
     WHERE p.status IN ('approved', 'amended')
     ORDER BY d.day, p.case_id, p.approved_on DESC, p.number DESC
)
SELECT n.day, c.project_id, 4, sum(n.total_vnd)
  FROM newest n JOIN clearance_case c ON c.id = n.case_id GROUP BY 1, 2, 3""",
    "obstacles": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d)
SELECT d.day, o.project_id, 0, count(*)
  FROM days d JOIN clearance_obstacle o
    ON o.opened_on <= d.day AND (o.closed_on IS NULL OR o.closed_on > d.day) GROUP BY 1, 2, 3""",
    "late": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d)
SELECT d.day, c.project_id, 0, count(*)
  FROM days d JOIN analysis_duespan s
    ON s.since <= d.day AND s.due_on < d.day AND (s.until IS NULL OR s.until > d.day)
  JOIN clearance_case c ON c.id = s.case_id AND (c.withdrawn_on IS NULL OR c.withdrawn_on > d.day)
 GROUP BY 1, 2, 3""",
    "unwritten": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d)
SELECT d.day, c.project_id, 0, count(*)
  FROM days d JOIN clearance_caseevent e
    ON e."on" <= d.day AND (e.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date > d.day
  JOIN clearance_case c ON c.id = e.case_id
 WHERE e.taking_id IS NULL GROUP BY 1, 2, 3""",
    "investor_m2": """
WITH days AS (SELECT d::date AS day FROM generate_series(%(first)s::date, %(last)s, '1 day') AS d)
SELECT d.day, h.project_id, 6, sum(h.area_m2)
  FROM days d JOIN clearance_sitehandover h ON h."on" <= d.day GROUP BY 1, 2, 3""",
}


def of_every_day(measure: str, first: dt.date, last: dt.date) -> dict[tuple[Any, ...], Any]:
    """Return {(day, project, stage): amount} of one measure, without zeros."""
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[measure], {"first": first, "last": last})
        return {(day, project, stage): n for day, project, stage, n in cursor.fetchall() if n}
