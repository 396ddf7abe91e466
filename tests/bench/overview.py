"""How fast the leader's page is: run from the repository's root.

    GPMB_DB=gpmb_bench ./manage.py make_demo --scale 40
    GPMB_DB=gpmb_bench python -m tests.bench.overview

The overview's queries today and as of past days, from the stored sums, beside a plain GROUP BY of
the takings and cases in the same run. Exit code 1 when a limit is missed.
"""

# ruff: noqa: E402  (settings are configured before models are imported)
from __future__ import annotations

import datetime as dt
import os
import statistics
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
os.environ.setdefault("GPMB_DEBUG", "1")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gpmb.accounts.models import User
from gpmb.analysis import progress
from gpmb.clearance.clock import today
from gpmb.clearance.models import Taking

TODAY_MS, PAST_MS, QUERIES = 30.0, 100.0, 15
ROUNDS = 7
PLAIN = """
SELECT t.project_id, count(*), sum(t.recovered_area_m2), sum(t.handed_over_area_m2),
       count(DISTINCT t.case_id), count(DISTINCT cp.party_id)
  FROM clearance_taking t LEFT JOIN clearance_case c ON c.id = t.case_id
  LEFT JOIN clearance_caseparty cp ON cp.case_id = c.id
 WHERE t.withdrawn_on IS NULL GROUP BY 1"""


def page(client: Client, on: dt.date) -> tuple[float, int]:
    """Milliseconds spent in queries, and how many."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get("/", {"on": on.isoformat()}).status_code == 200
    return 1000 * sum(float(q["time"]) for q in caught), len(caught)


def main() -> int:
    settings.ALLOWED_HOSTS = ["*"]
    progress.refresh_deltas()
    client = Client()
    client.force_login(User.objects.get(username="lanhdao"))
    now = today()
    page(client, now)  # the first drawing of a process starts the chart library
    current = [page(client, now) for _ in range(ROUNDS)]
    past = [page(client, now - dt.timedelta(days=40 * n)) for n in range(1, ROUNDS)]
    with CaptureQueriesContext(connection) as caught, connection.cursor() as cursor:
        for _ in range(ROUNDS):
            cursor.execute(PLAIN)
    plain = statistics.median(1000 * float(q["time"]) for q in caught)
    today_ms = statistics.median(ms for ms, _ in current)
    past_ms = statistics.median(ms for ms, _ in past)
    asked = max(count for _, count in [*current, *past])
    print(f"{Taking.objects.count()} phần thu hồi")
    print(
        f"hôm nay: {today_ms:.0f} ms trong {asked} truy vấn (giới hạn {TODAY_MS:.0f}, {QUERIES})"
    )
    print(f"ngày đã qua: {past_ms:.0f} ms (giới hạn {PAST_MS:.0f})")
    print(f"GROUP BY thẳng trên phần thu hồi: {plain:.0f} ms, gấp {plain / today_ms:.1f} lần")
    return int(today_ms > TODAY_MS or past_ms > PAST_MS or asked >= QUERIES)


if __name__ == "__main__":
    sys.exit(main())
