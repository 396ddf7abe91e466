"""Households at risk and the matters they raised, as the database knows them.

A household is the holder of a case, else the case, else a taking without a case. It is at risk
from the first event of its case (of its project, where it has no case) until it is withdrawn or
its project is closed, and it stands where its largest taking lies. Restricted projects and
parcels are left out: a run is shown to people who may not know of them.

A matter is a counted complaint (no denunciation, no repeat) and counts once, at one household:
not once a signature, nor once a case or parcel that it names. A letter that many neighbours sign
would otherwise make a concentration by itself. It is placed by its cases (the one its
representative holds, else the first named), else its first parcel, else the taking nearest to its
place on the map within 50 m.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any

from gpmb.analysis.cell_sql import count_by_cell

NEAR_M = 50
PERIOD_MONTHS = 12


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


@dataclass(frozen=True)
class Period:
    """The days of a run, both included; `kind` of complaint, or "" for all that count."""

    start: dt.date
    end: dt.date
    kind: str = ""

    @classmethod
    def months_to(cls, end: dt.date, months: int = PERIOD_MONTHS, kind: str = "") -> Period:
        """Return the months that end with a day."""
        return cls(add_months(end, -months) + dt.timedelta(days=1), end, kind)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of this module's SQL."""
        return {"start": self.start, "end": self.end, "kind": self.kind, "near": NEAR_M}


LAND = """
    began AS (
        SELECT e.case_id, min(e."on") AS "on"
        FROM clearance_caseevent e
        WHERE e.kind <> 'void'
          AND NOT EXISTS (SELECT FROM clearance_caseevent v WHERE v.voids_id = e.id)
        GROUP BY e.case_id
    ),
    project_began AS (
        SELECT c.project_id, min(b."on") AS "on"
        FROM began b JOIN clearance_case c ON c.id = b.case_id
        GROUP BY c.project_id
    ),
    holder AS (
        SELECT DISTINCT ON (case_id) case_id, party_id
        FROM clearance_caseparty WHERE role = 'holder'
        ORDER BY case_id, valid_to DESC NULLS FIRST, id
    ),
    land AS MATERIALIZED (
        SELECT t.id, t.project_id, t.parcel_id, t.case_id, l.unit_id,
            t.recovered_area_m2 AS area_m2,
            coalesce('p' || h.party_id, 'c' || t.case_id, 't' || t.id) AS household,
            coalesce(b."on", pb."on") AS entered_on,
            least(t.withdrawn_on, c.withdrawn_on, p.closed_on) AS left_on,
            ST_Centroid(coalesce(t.boundary, l.boundary)) AS point
        FROM clearance_taking t
        JOIN clearance_project p ON p.id = t.project_id AND NOT p.restricted
        JOIN land_parcel l ON l.id = t.parcel_id AND NOT l.restricted
        LEFT JOIN clearance_case c ON c.id = t.case_id
        LEFT JOIN began b ON b.case_id = t.case_id
        LEFT JOIN project_began pb ON pb.project_id = t.project_id
        LEFT JOIN holder h ON h.case_id = t.case_id
        WHERE coalesce(t.boundary, l.boundary) IS NOT NULL
          AND coalesce(b."on", pb."on") <= %(end)s
          AND coalesce(least(t.withdrawn_on, c.withdrawn_on, p.closed_on) >= %(start)s, true)
    ),
    home AS (
        SELECT DISTINCT ON (household) household, project_id, unit_id, point
        FROM land ORDER BY household, area_m2 DESC, id
    ),
    counted AS (
        SELECT c.* FROM complaints_complaint c
        LEFT JOIN clearance_project p ON p.id = c.project_id
        WHERE c.kind <> 'denunciation' AND c.repeats_id IS NULL
          AND (%(kind)s = '' OR c.kind = %(kind)s)
          AND c.received_on BETWEEN %(start)s AND %(end)s
          AND NOT coalesce(p.restricted, false)
    ),
    by_case AS (
        SELECT DISTINCT ON (c.id) c.id, l.household
        FROM counted c
        JOIN complaints_complaintcase k ON k.complaint_id = c.id
        JOIN land l ON l.case_id = k.case_id
        ORDER BY c.id, EXISTS (
            SELECT FROM complaints_complaintparty s
            JOIN clearance_caseparty o ON o.party_id = s.party_id AND o.case_id = k.case_id
            WHERE s.complaint_id = c.id AND s.representative
        ) DESC, k.id, l.id
    ),
    by_parcel AS (
        SELECT DISTINCT ON (c.id) c.id, l.household
        FROM counted c
        JOIN complaints_complaintparcel k ON k.complaint_id = c.id
        JOIN land l ON l.parcel_id = k.parcel_id
            AND l.project_id = coalesce(c.project_id, l.project_id)
        WHERE NOT EXISTS (SELECT FROM complaints_complaintcase o WHERE o.complaint_id = c.id)
        ORDER BY c.id, k.id, l.id
    ),
    by_place AS (
        SELECT DISTINCT ON (c.id) c.id, l.household
        FROM counted c
        JOIN clearance_taking t
            ON t.boundary_web && ST_Transform(ST_Expand(c.location, %(near)s + 1), 3857)
            AND ST_DWithin(t.boundary, c.location, %(near)s)
        JOIN land l ON l.id = t.id
        WHERE NOT EXISTS (SELECT FROM complaints_complaintcase o WHERE o.complaint_id = c.id)
          AND NOT EXISTS (SELECT FROM complaints_complaintparcel o WHERE o.complaint_id = c.id)
        ORDER BY c.id, t.boundary <-> c.location, l.id
    ),
    matter AS (
        SELECT c.id, c.received_on,
            coalesce(k.household, p.household, n.household) AS household
        FROM counted c
        LEFT JOIN by_case k ON k.id = c.id
        LEFT JOIN by_parcel p ON p.id = c.id
        LEFT JOIN by_place n ON n.id = c.id
    )
"""

# (q, r, project, unit, households, with a case), the whole city.
COUNTS = count_by_cell(
    f"""
    WITH {LAND}
    SELECT home.point, home.project_id, home.unit_id, raised.household IS NOT NULL AS has_case
    FROM home LEFT JOIN (SELECT DISTINCT household FROM matter) AS raised USING (household)
    """,  # noqa: S608  (constants of this module)
    by="project_id, unit_id",
)

# Matters of the period that stand at no household at risk.
NOT_LOCATED = f"WITH {LAND} SELECT count(*) FROM matter WHERE household IS NULL"  # noqa: S608

# (id, q, r cell's point, household): which matter stands where, for those who may see it.
MATTERS = f"""
    WITH {LAND}
    SELECT matter.id, ST_X(home.point), ST_Y(home.point)
    FROM matter JOIN home USING (household) ORDER BY matter.id
"""  # noqa: S608

# Households with their time at risk, and the days of their matters: what a trend is made of.
HOUSEHOLDS = f"""
    WITH {LAND},
    stay AS (
        SELECT household, min(entered_on) AS entered_on,
            max(coalesce(left_on, 'infinity'::date)) AS left_on
        FROM land GROUP BY household
    ),
    raised AS (
        SELECT household, array_agg(received_on ORDER BY received_on) AS days
        FROM matter WHERE household IS NOT NULL GROUP BY household
    )
    SELECT ST_X(point), ST_Y(point), entered_on - %(start)s::date,
        CASE WHEN left_on = 'infinity' THEN %(end)s::date - %(start)s::date + 1
             ELSE left_on - %(start)s::date END,
        ARRAY(SELECT d - %(start)s::date FROM unnest(days) AS d)
    FROM home JOIN stay USING (household) LEFT JOIN raised USING (household)
    ORDER BY household
"""  # noqa: S608
