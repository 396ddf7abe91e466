"""Speed of one change made to many cases, beside its peers: python tests/bench/updates.py

Makes cases that stand before the appraisal, each with a history of its own days, and times

- the bare SQL that updates the row and inserts its event, on copies of the two tables with their
  indexes and checks but without triggers, history or law: the floor;
- the same SQL on the real tables, whose triggers keep the history;
- a bulk run of the program: choosing, previewing and writing the same step of the same cases, each
  judged by the law, with its event, its derived state, its history and its receipt; then its undo.

Works in a database of its own (GPMB_DB=gpmb_bench_updates), made anew. Exits 1 when the
written run takes longer than LIMIT times the floor, or 5.000 cases longer than ten seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ["GPMB_DB"] = "gpmb_bench_updates"
os.environ |= {"GPMB_DEBUG": "0", "GPMB_SECRET_KEY": "bench"}  # debugging keeps every query
os.environ["DJANGO_SETTINGS_MODULE"] = "gpmb.settings"

LIMIT = 4.0
"""Times the bare SQL."""
TEN_SECONDS = 10.0
"""For choosing, previewing and writing 5.000 cases."""
PROJECTS = 10
TODAY = dt.date(2023, 6, 30)
TABLES = ("clearance_case", "clearance_caseevent")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def sql(statement: str, values: Any = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def prepare(count: int) -> Any:
    """An officer with `count` cases in ten projects, in an empty, migrated database."""
    import django
    from django.core.management import call_command

    django.setup()
    from tests.databases import fresh_database

    fresh_database()
    with open(os.devnull, "w") as nowhere:
        call_command("load_reference", stdout=nowhere)
    from gpmb.accounts.models import Assignment, User
    from gpmb.clearance.models import Project

    officer = User.objects.create(username="bench", role="officer")
    for number in range(PROJECTS):
        project = Project.objects.create(
            code=f"BENCH-{number}", name="Đo tốc độ", kind="other", origin="new", plan_year=2023
        )
        Assignment.objects.create(user=officer, project=project, valid_from=dt.date(2022, 1, 1))
    _cases(count)
    sql("ANALYZE")
    return officer


def _cases(count: int, seed: int = 1) -> None:
    """Cases after their posting, one taking of rice land each, inventory days drawn at random."""
    from gpmb.clearance.deadlines import refresh
    from gpmb.clearance.models import Case, CaseEvent, Project, Taking, TakingPart
    from gpmb.land.models import Parcel
    from gpmb.reference.models import LandClass
    from tests.factories import AdministrativeUnitFactory, tile

    draw = random.Random(seed)
    unit = AdministrativeUnitFactory()
    rice = LandClass.objects.filter(code="LUC").earliest("valid_from")
    projects = list(Project.objects.order_by("pk"))
    land = Parcel.objects.bulk_create(
        Parcel(unit=unit, boundary=tile(n), measured_area_m2=500) for n in range(count)
    )
    cases = Case.objects.bulk_create(
        Case(project=projects[n % PROJECTS], code=f"HS-{n:06}") for n in range(count)
    )
    takings = Taking.objects.bulk_create(
        Taking(project=c.project, case=c, parcel=p, boundary=p.boundary, recovered_area_m2=500)
        for c, p in zip(cases, land, strict=True)
    )
    TakingPart.objects.bulk_create(
        TakingPart(taking=taking, land_class=rice, area_m2=500) for taking in takings
    )
    noticed = [dt.date(2022, 9, 1) + dt.timedelta(days=draw.randrange(60)) for _ in projects]
    events = []
    for number, case in enumerate(cases):
        # Noticed and posted by batch, inventoried household by household.
        on = noticed[number % PROJECTS]
        days = {"notice": 0, "inventory": 30 + draw.randrange(45), "posting": 90}
        events += [
            CaseEvent(case=case, kind="move", step=step, on=on + dt.timedelta(days=day))
            for step, day in days.items()
        ]
    CaseEvent.objects.bulk_create(events)
    refresh(Case.objects.all())


def bare(names: dict[str, str]) -> float:
    """One UPDATE of the state columns and one INSERT of the events, in one transaction."""
    from django.db import transaction

    case, event = names["clearance_case"], names["clearance_caseevent"]

    def work() -> None:
        with transaction.atomic():
            sql(
                f"UPDATE {case} SET step = 'appraisal', stage = 3, stepped_on = %s,"
                " next_step = 'approval', due_on = %s, due_rule = 'X', earliest_on = %s",
                [TODAY, TODAY, TODAY],
            )
            sql(
                f'INSERT INTO {event} (case_id, kind, step, "on", recorded_at, reason)'
                f" SELECT id, 'move', 'appraisal', %s, now(), 'đo' FROM {case}",
                [TODAY],
            )

    return timed(work)[0]


def copies() -> dict[str, str]:
    """The two tables copied with their rows, indexes and checks, without triggers."""
    names = {}
    for table in TABLES:
        names[table] = f"bench_{table}"
        sql(f"DROP TABLE IF EXISTS bench_{table}")
        sql(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        columns = 'id, case_id, kind, step, "on", recorded_at, reason'
        if table == "clearance_case":
            columns = _columns(table)
        sql(
            f"INSERT INTO bench_{table} ({columns}) OVERRIDING SYSTEM VALUE"
            f" SELECT {columns} FROM {table}"
        )
        sql(f"ANALYZE bench_{table}")
    sql(
        "SELECT setval(pg_get_serial_sequence('bench_clearance_caseevent', 'id'),"
        " (SELECT max(id) FROM bench_clearance_caseevent))"
    )
    return names


def _columns(table: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        return str(cursor.fetchone()[0])


def with_triggers() -> float:
    """The bare SQL on the real tables, taken back afterwards."""
    from django.db import transaction

    with transaction.atomic():
        seconds = bare({table: table for table in TABLES})
        transaction.set_rollback(True)
    return seconds


def bulk_run(officer: Any, limit: int | None = None) -> dict[str, float]:
    """Choose, preview, write, undo; seconds of each."""
    from django.utils import timezone

    from gpmb.clearance import bulk
    from gpmb.clearance.models import BulkRun, Case

    cases = Case.objects.all()
    if limit is not None:
        keys = cases.order_by("pk").values_list("pk", flat=True)[:limit]
        cases = Case.objects.filter(pk__in=list(keys))
    took: dict[str, float] = {}
    took["chọn"], run = timed(
        lambda: bulk.choose(cases, by=officer, on=TODAY, selected_by="đo tốc độ")
    )
    values = {"step": "appraisal", "on": TODAY.isoformat(), "number": "1/TTr"}
    took["xem trước"], _ = timed(lambda: bulk.preview(run, "step", values, on=TODAY))
    run.claim("running", timezone.now(), reason="đo tốc độ")
    took["ghi"], _ = timed(lambda: bulk.write(run, on=TODAY))
    assert run.counts()["written"] == run.total, run.counts()
    run.claim("undoing", timezone.now(), undo_reason="đo tốc độ", undone_by=officer)
    took["hoàn tác"], _ = timed(lambda: bulk.undo(run, on=TODAY))
    assert run.counts()["undone"] == run.total
    assert BulkRun.objects.filter(state="undone").exists()
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true", help="where the time of writing goes")
    options = parser.parse_args()
    officer = prepare(options.count)
    floor = bare(copies())
    triggers = with_triggers()
    if options.profile:
        import cProfile
        import pstats

        profile = cProfile.Profile()
        profile.runcall(bulk_run, officer)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
        return 0
    half = bulk_run(officer, options.count // 2)
    whole = bulk_run(officer)
    sql("DROP TABLE IF EXISTS bench_clearance_case, bench_clearance_caseevent")
    print(f"{options.count} hồ sơ")
    lines = [("SQL trần (UPDATE + INSERT)", floor), ("SQL trần, trigger lịch sử", triggers)]
    lines += [(f"cập nhật hàng loạt: {name}", seconds) for name, seconds in whole.items()]
    for label, seconds in lines:
        per = 1e6 * seconds / options.count
        print(f"{label:34} {seconds:7.2f} s {seconds / floor:6.2f} × SQL trần {per:7.0f} µs/hồ sơ")
    wait = sum(seconds for name, seconds in half.items() if name != "hoàn tác")
    print(f"{options.count // 2} hồ sơ, từ chọn đến phiếu: {wait:.1f} s")
    good = whole["ghi"] <= LIMIT * floor and wait * 10_000 / options.count <= TEN_SECONDS
    told = f"ghi {LIMIT} × SQL trần, 5.000 hồ sơ {TEN_SECONDS} s"
    print(f"giới hạn: {told}: {'đạt' if good else 'TRƯỢT'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
