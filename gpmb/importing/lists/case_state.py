"""A print of what a case consists of, part by part: an undo must see what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

PARTS = {
    "holders": "chủ sử dụng",
    "land": "phần thu hồi",
    "money": "phương án",
    "events": "diễn biến",
}
_STATES = """
SELECT c.id, c.version,
       (SELECT md5(string_agg(concat_ws('|', p.id, p.name, p.address, p.id_number), ';'
                              ORDER BY cp.id))
          FROM clearance_caseparty cp JOIN land_party p ON p.id = cp.party_id
         WHERE cp.case_id = c.id),
       (SELECT md5(string_agg(concat_ws('|', t.id, t.recovered_area_m2, t.handed_over_on,
                                        t.withdrawn_on, t.note,
                              (SELECT string_agg(concat_ws(':', a.land_class_id, a.area_m2), ','
                                                 ORDER BY a.land_class_id)
                                 FROM clearance_takingpart a WHERE a.taking_id = t.id)), ';'
                              ORDER BY t.id))
          FROM clearance_taking t WHERE t.case_id = c.id),
       (SELECT md5(string_agg(concat_ws('|', l.id, l.status, l.total_vnd,
                              (SELECT string_agg(concat_ws(':', i.block, i.amount_vnd), ','
                                                 ORDER BY i.id)
                                 FROM compensation_planitem i WHERE i.plan_id = l.id)), ';'
                              ORDER BY l.id))
          FROM compensation_plan l WHERE l.case_id = c.id),
       (SELECT md5(string_agg(e.id::text, ';' ORDER BY e.id))
          FROM clearance_caseevent e WHERE e.case_id = c.id)
  FROM clearance_case c WHERE c.id = ANY(%s)
"""


def states_of(cases: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return by case its version and one checksum for each of `PARTS`."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [list(cases)])
        return {
            pk: {"version": version} | dict(zip(PARTS, parts, strict=True))
            for pk, version, *parts in cursor.fetchall()
        }
