"""Speed of one change made to many cases, beside its peers: python tests/bench/updates.py

Makes cases that stand before the appraisal, each with a history of its own days, and times

- the bare SQL that updates the row and inserts its event, on copies of the two tables with their
  indexes and checks but without triggers, history or law: the floor;
- the same SQL on the real tables, whose triggers keep the history;
- a bulk run of the program: choosing, previewing and writing the same step of the same cases, each
  judged by the law, with its event, its derived state, its history and its receipt; then its undo.

Works in a database of its own (GPMB_DB=gpmb_bench_updates), made anew, and measures ROUNDS times,
each in a fresh copy of it: what is judged are medians by the clock. Beside them stands the
processor time of this program and its server, which other work on the machine doesn't lengthen.
Exits 1 when the written run takes longer than LIMIT times the floor, or 5.000 cases longer than
ten seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
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
ROUNDS = 3
PROJECTS = 10
READY = "gpmb_bench_updates_ready"
TODAY = dt.date(2023, 6, 30)
FLOOR = "SQL trần (UPDATE + INSERT)"
TABLES = ("clearance_case", "clearance_caseevent")


class Took:
    """Seconds by the clock, and of processor: this program's and its server's."""

    def __init__(self) -> None:
        self.clock, self.processor = time.perf_counter(), time.process_time() + _server()

    def stop(self) -> Took:
        self.clock = time.perf_counter() - self.clock
        self.processor = time.process_time() + _server() - self.processor
        return self


def _server() -> float:
    """Processor seconds of the server process of this connection; nan where it can't be seen."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    try:
        if "postgres" not in Path(f"/proc/{pid}/comm").read_text():
            return float("nan")
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return float("nan")


def timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    took = Took()
    answer = work()
    return took.stop(), answer


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
    _copy(READY, "gpmb_bench_updates")
    return officer


def _copy(name: str, template: str) -> None:
    """Make a database anew as a copy of another."""
    from django.db import connection

    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")


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


def bare(names: dict[str, str]) -> Took:
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


def with_triggers() -> Took:
    """The bare SQL on the real tables, taken back afterwards."""
    from django.db import transaction

    with transaction.atomic():
        took = bare({table: table for table in TABLES})
        transaction.set_rollback(True)
    return took


def bulk_run(officer: Any, limit: int | None = None) -> dict[str, Took]:
    """Choose, preview, write, undo: what each took."""
    from django.utils import timezone

    from gpmb.clearance import bulk
    from gpmb.clearance.models import BulkRun, Case

    cases = Case.objects.all()
    if limit is not None:
        keys = cases.order_by("pk").values_list("pk", flat=True)[:limit]
        cases = Case.objects.filter(pk__in=list(keys))
    took: dict[str, Took] = {}
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
    if options.profile:
        import cProfile
        import pstats

        profile = cProfile.Profile()
        profile.runcall(bulk_run, officer)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
        return 0
    rounds = []
    for _ in range(ROUNDS):
        _copy("gpmb_bench_updates", READY)
        took = {FLOOR: bare(copies()), "SQL trần, trigger lịch sử": with_triggers()}
        took |= {f"cập nhật hàng loạt: {name}": t for name, t in bulk_run(officer).items()}
        rounds.append(took)
    _copy("gpmb_bench_updates", READY)
    half = bulk_run(officer, options.count // 2)
    written = _table(rounds, options.count)
    wait = sum(took.clock for name, took in half.items() if name != "hoàn tác")
    print(f"{options.count // 2} hồ sơ, từ chọn đến phiếu: {wait:.1f} s")
    good = written <= LIMIT and wait * 10_000 / options.count <= TEN_SECONDS
    told = f"ghi {LIMIT} × SQL trần, 5.000 hồ sơ {TEN_SECONDS} s"
    print(f"giới hạn: {told}: {'đạt' if good else 'TRƯỢT'}")
    return 0 if good else 1


def _table(rounds: list[dict[str, Took]], count: int) -> float:
    """Print the medians; return how many times the bare SQL the writing took by the clock."""
    print(f"{count} hồ sơ, trung vị {len(rounds)} lượt{'':8}đồng hồ{'':23}bộ xử lý")
    times = 0.0
    for name in rounds[0]:
        clock, processor = (
            [getattr(took[name], kind) for took in rounds] for kind in ("clock", "processor")
        )
        floors = [[getattr(t[FLOOR], k) for t in rounds] for k in ("clock", "processor")]
        shown = ""
        for seconds, floor in zip((clock, processor), floors, strict=True):
            middle = statistics.median(seconds)
            ratio = statistics.median(s / f for s, f in zip(seconds, floor, strict=True))
            shown += f"{1e6 * middle / count:7.0f} µs/hồ sơ {ratio:6.2f} × SQL trần   "
            if name.endswith(": ghi") and seconds is clock:
                times = ratio
        print(f"{name:34}{shown}")
    return times


if __name__ == "__main__":
    sys.exit(main())
