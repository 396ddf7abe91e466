"""How fast the search box is, beside what people write: run from the repository's root.

    GPMB_DB=gpmb_bench ./manage.py make_demo --scale 40
    GPMB_DB=gpmb_bench python -m tests.bench.search [--rounds 20] [--explain]

Each text is asked as the box asks it (every kind, counts included), as an officer, and beside it
the peer: plain ILIKE '%text%' over the same columns, no counts. Milliseconds, p50 and p95, one
database, one run. Exit code 1 when a p95 passes LIMIT_MS.
"""

# ruff: noqa: E402  (settings are configured before models are imported)
from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
os.environ.setdefault("GPMB_DEBUG", "1")

import django

django.setup()

from django.conf import settings
from django.db import connection

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project, Taking
from gpmb.land.models import Document, Party
from gpmb.web.finding import KINDS, LIMIT, find_groups, rows_of

LIMIT_MS = 100.0
TEXTS = (
    "hai hoa",
    "cum cong nghiep",
    "ccn-01/00",
    "minh hoa 0123",
    "ho minh hoa",
    "5/85",
    "tờ 5 thửa 85",
    "thửa 85",
    "17+175",
    "103+110",
    "đơn số 143/2023",
    "văn bản số 12/QĐ-UBND",
    "hồ sơ số CCN-01/0001",
    "hộ minh họa 0123",
    "quyết định số 9999/KHONG",
    "12/QĐ-UBND",
    "không có đâu",
    "ka",
)
PEER = (
    (Project, "name"),
    (Case, "code"),
    (Party, "name"),
    (Document, "number"),
)


def times(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of `rounds` runs, in milliseconds."""
    spent = []
    work()
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - begun))
    return statistics.median(spent), sorted(spent)[max(0, round(0.95 * rounds) - 1)]


def peer(text: str) -> None:
    for model, column in PEER:
        list(model.objects.filter(**{f"{column}__icontains": text})[:LIMIT])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--explain", action="store_true", help="print the plans of each kind")
    parser.add_argument("--user", default="canbo")
    options = parser.parse_args()
    settings.DEBUG = False  # DEBUG keeps every query
    connection.force_debug_cursor = False
    user, on = User.objects.get(username=options.user), today()
    out = sys.stdout.write
    out(f"{Taking.objects.count():,} takings, {Case.objects.count():,} cases, as {user}\n")
    out(f"{'text':<26}{'p50':>8}{'p95':>8}{'ILIKE p50':>11}   kinds\n")
    worst = 0.0
    for text in TEXTS:
        groups = find_groups(user, text, on)
        middle, slow = times(lambda text=text: find_groups(user, text, on), options.rounds)
        plain, _ = times(lambda text=text: peer(text), max(3, options.rounds // 4))
        kinds = ", ".join(f"{group.label} {group.shown}" for group in groups)
        out(f"{text:<26}{middle:8.1f}{slow:8.1f}{plain:11.1f}   {kinds}\n")
        worst = max(worst, slow)
        if options.explain:
            for kind in KINDS:
                rows, _ = rows_of(kind, user, text, on)
                if rows is not None:
                    middle, _ = times(lambda rows=rows: list(rows.all()[:LIMIT]), 3)
                    plan = rows[:LIMIT].explain(analyze=True)
                    out(f"--- {kind.label}: {middle:.1f} ms\n{plan}\n")
    return int(worst > LIMIT_MS)


if __name__ == "__main__":
    raise SystemExit(main())
