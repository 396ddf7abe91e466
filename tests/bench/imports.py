"""Speed and memory of importing parcels, beside its peers: python tests/bench/imports.py

Makes a tiling of parcels with numbers, areas and land classes, and times on the same file

- bare COPY of the ready geometries into a table without indexes: the floor;
- ogr2ogr into a table with its spatial index: what people use (pyogrio writing an SQL dump that
  psycopg runs, where ogr2ogr is not installed);
- one INSERT … SELECT of the rows that were written into empty copies of their four tables, with
  the indexes and checks, without keys, history, or anything read from a file: the floor of the
  tables themselves;
- `import_parcels` with every check, history, indexes and numbers, and the same file again.

and a land-recovery list of 20,000 rows × 18 columns from file to preview (`import_workbook
--dry-run`: every cell read, every rule checked, compared with the project) beside bare calamine
reading the same sheet; then the same list written. Then a list of 1,000 of its rows with other
money, areas and notes, half of them at another step, beside what as many new rows cost, and its
undo.

Each import is a process of its own, so that its peak memory is its own; a file of a quarter of
the size shows that memory doesn't grow with the file. Works in a database of its own
(GPMB_DB=gpmb_bench_imports), made anew. Exits 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ["GPMB_DB"] = "gpmb_bench_imports"
os.environ |= {"GPMB_DEBUG": "0", "GPMB_SECRET_KEY": "bench"}  # debugging keeps every query
os.environ["DJANGO_SETTINGS_MODULE"] = "gpmb.settings"

import geopandas  # noqa: E402  (after the database is chosen)
import numpy as np  # noqa: E402
import pyogrio  # noqa: E402
import shapely  # noqa: E402

LIMIT = 3.0
"""Times ogr2ogr."""
LIST_LIMIT = 8.0
"""Times bare calamine, for a list from file to preview."""
STEP = ("Kiểm đếm", "05/06/2023")
TABLES = ("land_parcel", "land_parcelnumber", "clearance_taking", "clearance_takingpart")
CHANGED_ROWS = 1000
CHANGE_SECONDS = 5.0
"""For a list that changes `CHANGED_ROWS` cases, and for its undo."""
GROWTH = 1.5
"""Peak memory of the whole file by that of a quarter of it."""


def tiling(count: int, seed: int = 1) -> geopandas.GeoDataFrame:
    """`count` touching parcels of about 20 × 25 m, with as many vertices as real ones have.

    A real sheet's parcels have 20 coordinates on average and these columns; theirs have 21.
    """
    from django.conf import settings

    side, edge = int(np.ceil(np.sqrt(count))), 5
    many = edge * side + 1
    shake = np.random.default_rng(seed).uniform(-1.2, 1.2, (2, many, many))
    x, y = np.meshgrid(np.arange(many) * 20.0 / edge, np.arange(many) * 25.0 / edge)
    west, south = settings.PROVINCE.bounds[:2]
    points = np.stack([x + shake[0] + west + 60_000, y + shake[1] + south + 40_000], axis=-1)
    along = range(edge)
    around = (
        [(0, at) for at in along]
        + [(at, edge) for at in along]
        + [(edge, edge - at) for at in along]
        + [(edge - at, 0) for at in along]
        + [(0, 0)]
    )
    rings = np.stack(
        [points[r : r + edge * side : edge, c : c + edge * side : edge] for r, c in around], 2
    )
    shapes = shapely.polygons(rings.reshape(-1, len(around), 2))[:count]
    index = np.arange(count)
    return geopandas.GeoDataFrame(
        {
            "to": 1 + index // 500,
            "thua": (1 + index % 500).astype(str),
            "dien_tich": shapely.area(shapes).round(1),
            "loai_dat": np.array(["LUC", "ODT", "CLN"])[index % 3],
            "chu_sd": "Chủ sử dụng minh họa",
            "dia_chi": "Khu 1, phường minh họa",
        },
        geometry=shapes,
        crs=settings.SRID,
    )


def run(command: list[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of a process; its failure is ours.

    The peak is its own (VmHWM, asked for while it runs): the kernel's ``ru_maxrss`` begins with
    that of the parent.
    """
    start = time.perf_counter()
    peak = float("nan")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            peak = np.fmax(peak, _high_water_mb(child.pid))
            time.sleep(0.05)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {child.returncode}")
    return time.perf_counter() - start, peak


def _high_water_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan")
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else float("nan")


def import_parcels(path: Path) -> tuple[float, float]:
    """The import in a process of its own, without what follows its commit (see `neighbours`)."""
    return run([sys.executable, __file__, "--import", str(path)])


def import_here(path: Path) -> None:
    import django

    django.setup()
    from unittest import mock

    from django.core.management import call_command

    with mock.patch("gpmb.importing.survey.run.call_command"):
        call_command("import_parcels", str(path), project="BENCH", stdout=sys.stderr)


def office_list(
    frame: geopandas.GeoDataFrame, rows: int, path: Path, *, corrected: bool = False
) -> None:
    """A list in the shape of the sample the program hands out, one parcel a row.

    `corrected`: the same rows with less land, twice the money, another note, half a step back.
    """
    from openpyxl import Workbook

    from gpmb.importing.lists.template import COLUMNS

    book = Workbook(write_only=True)
    page = book.create_sheet("DS")
    page.append([upper if not lower else f"{upper} {lower}" for upper, lower, _ in COLUMNS])
    page.append([lower or upper for upper, lower, _ in COLUMNS])
    values = zip(frame["to"], frame["thua"], frame["dien_tich"], frame["loai_dat"], strict=True)
    for at, (sheet, number, area, land_class) in enumerate(values, start=1):
        if at > rows:
            break
        step, on = ("Thông báo", "01/06/2023") if corrected and at % 2 else STEP
        times = 2 if corrected else 1
        page.append(
            [
                at,
                None,
                f"Hộ minh họa {at}",
                None,
                "Khu 1",
                int(sheet),
                number,
                area,
                land_class,
                round(area * (0.8 if corrected else 0.9), 1),
                *(amount * at * times for amount in (1000, 10, 5, 1015)),
                step,
                on,
                "Không",
                "số liệu sửa lại" if corrected else "số liệu đo tốc độ",
            ]
        )
    book.save(path)


def preview(path: Path) -> tuple[float, float, int]:
    """Seconds of bare calamine and of the preview of the same list, best of three, and rows."""
    from python_calamine import CalamineWorkbook

    from gpmb.clearance.models import Project
    from gpmb.importing.lists.run import import_workbook

    project = Project.objects.get(code="BENCH")
    bare, seen = [], []
    for _ in range(3):  # by turns, so that both meet the same load
        start = time.perf_counter()
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        bare.append(time.perf_counter() - start)
        start = time.perf_counter()
        report = import_workbook(path, project, dry_run=True)
        seen.append(time.perf_counter() - start)
    return min(bare), min(seen), report.saved


def write_list(path: Path) -> float:
    """Seconds of writing a list: cases, people, land, plans, openings, with their history."""
    from gpmb.clearance.models import Project
    from gpmb.importing.lists.run import import_workbook

    start = time.perf_counter()
    report = import_workbook(path, Project.objects.get(code="BENCH"))
    if not report.applied:
        raise SystemExit(str(report))
    return time.perf_counter() - start


def undo_list() -> float:
    """Seconds of taking the last list back."""
    from gpmb.accounts.models import User
    from gpmb.clearance.clock import today
    from gpmb.importing.models import ImportRun
    from gpmb.importing.undo import undo

    by = User.objects.create(username="bench", role="officer")
    run = ImportRun.objects.filter(kind="workbook", applied=True).latest("pk")
    start = time.perf_counter()
    done = undo(run, by=by, today=today())
    if done.kept or done.undone != run.rows.count():
        raise SystemExit(f"undo: {done}")
    return time.perf_counter() - start


def neighbours() -> tuple[float, float]:
    """Shared boundaries, computed after the commit: no part of an import, but of the wait."""
    return run([sys.executable, __file__, "--neighbours"])


def neighbours_here() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("adjacency", project="BENCH")


def ogr2ogr(path: Path, database: dict[str, Any]) -> tuple[float, float]:
    """ogr2ogr into its own table, or the nearest that pyogrio can do."""
    sql("DROP TABLE IF EXISTS bench_peer")
    keys = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    target = " ".join(f"{word}={database[key]}" for key, word in keys.items() if database[key])
    if shutil.which("ogr2ogr"):
        command = ["ogr2ogr", "-f", "PostgreSQL", f"PG:{target}", str(path), "-nln", "bench_peer"]
        return run([*command, "-nlt", "MULTIPOLYGON", "--config", "PG_USE_COPY", "YES"])
    start = time.perf_counter()
    dump = path.with_suffix(".sql")
    frame = pyogrio.read_dataframe(path)
    pyogrio.write_dataframe(frame, dump, layer="bench_peer", driver="PGDUMP")
    sql(dump.read_text(encoding="utf-8"))
    return time.perf_counter() - start, float("nan")


def bare_copy(frame: geopandas.GeoDataFrame) -> float:
    from django.conf import settings
    from django.db import connection, transaction

    blobs = shapely.to_wkb(
        shapely.set_srid(frame.geometry.to_numpy(), settings.SRID), hex=True, include_srid=True
    )
    lines = zip(
        frame["to"], frame["thua"], frame["dien_tich"], frame["loai_dat"], blobs, strict=True
    )
    text = "".join("\t".join(map(str, line)) + "\n" for line in lines).encode()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute(
            "CREATE TABLE bench_copy (sheet text, number text, area numeric, class text,"
            f" g geometry(Polygon, {settings.SRID}))"
        )
        start = time.perf_counter()
        with cursor.cursor.copy("COPY bench_copy FROM STDIN") as copy:
            copy.write(text)
    return time.perf_counter() - start


def bare_tables() -> float:
    """Seconds to insert what the import wrote into copies of its tables, already in memory."""
    from django.db import connection

    seconds = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                " WHERE table_name = %s AND is_generated = 'NEVER'",
                [table],
            )
            columns = cursor.fetchone()[0]
            cursor.execute(f"CREATE TEMPORARY TABLE given AS SELECT {columns} FROM {table}")
            cursor.execute(f"CREATE TABLE bare (LIKE {table} INCLUDING ALL)")
            start = time.perf_counter()
            cursor.execute(
                f"INSERT INTO bare ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM given"
            )
            seconds += time.perf_counter() - start
            cursor.execute("DROP TABLE given, bare")
    return seconds


def sql(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def prepare() -> None:
    """A project with its one unit in an empty, migrated database."""
    import datetime as dt

    import django
    from django.core.management import call_command

    django.setup()
    from tests.databases import fresh_database

    fresh_database()
    call_command("load_reference", stdout=open(os.devnull, "w"))  # noqa: SIM115
    from gpmb.clearance.models import Project
    from gpmb.land.models import AdministrativeUnit

    unit = AdministrativeUnit.objects.create(
        code="99999", name="Thử", kind="ward", valid_from=dt.date(2010, 1, 1)
    )
    project = Project.objects.create(
        code="BENCH", name="Đo tốc độ", kind="other", origin="new", plan_year=2023
    )
    project.units.add(unit)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=20_000, help="dòng của danh sách Excel")
    parser.add_argument("--import", type=Path, dest="path", help=argparse.SUPPRESS)
    parser.add_argument("--neighbours", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.neighbours:
        neighbours_here()
        return 0
    if options.path:
        import_here(options.path)
        return 0
    count = options.count
    prepare()
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="gpmb-bench-") as folder:
        path, quarter = Path(folder) / "lop.gpkg", Path(folder) / "phan_tu.gpkg"
        frame = tiling(count)
        pyogrio.write_dataframe(frame, path)
        pyogrio.write_dataframe(tiling(count // 4), quarter)
        floor = bare_copy(frame)
        peer, peer_mb = ogr2ogr(path, settings.DATABASES["default"])
        _, small_mb = import_parcels(quarter)
        prepare()
        first, first_mb = import_parcels(path)
        again, again_mb = import_parcels(path)
        tables = bare_tables()
        beside, beside_mb = neighbours()
        listed = Path(folder) / "danh_sach.xlsx"
        if options.rows > count:  # the list's parcels have to be there
            frame, more = tiling(options.rows), Path(folder) / "them.gpkg"
            pyogrio.write_dataframe(frame, more)
            import_parcels(more)
        office_list(frame, options.rows, listed)
        bare, seen, accepted = preview(listed)
        written = write_list(listed)
        corrected = Path(folder) / "danh_sach_sua.xlsx"
        few = min(CHANGED_ROWS, options.rows)
        office_list(frame, few, corrected, corrected=True)
        changed, undone = write_list(corrected), undo_list()
        # Before and after, the better of two: a moment's load would flatter the import.
        peer = min(peer, ogr2ogr(path, settings.DATABASES["default"])[0])
    sql("DROP TABLE IF EXISTS bench_copy, bench_peer")
    name = "ogr2ogr" if shutil.which("ogr2ogr") else "pyogrio PGDUMP"
    print(f"{count} thửa, {path.name}; so với {name} ghi vào PostGIS có chỉ mục")
    for label, seconds, megabytes in (
        ("COPY trần", floor, float("nan")),
        (name, peer, peer_mb),
        ("các bảng ấy, INSERT trần", tables, float("nan")),
        ("import_parcels", first, first_mb),
        ("import_parcels, cùng tệp lần nữa", again, again_mb),
        ("ranh chung, sau khi ghi", beside, beside_mb),
    ):
        print(f"{label:34} {seconds:7.1f} s {seconds / peer:6.2f} × {name} {megabytes:7.0f} MB")
    print(f"{'đỉnh bộ nhớ với một phần tư tệp':34} {small_mb:42.0f} MB")
    print(f"danh sách Excel {options.rows} dòng, nhận {accepted}")
    print(f"{'calamine trần':34} {bare:7.2f} s")
    print(f"{'đến lúc xem trước':34} {seen:7.2f} s {seen / bare:6.2f} × calamine")
    print(
        f"{'ghi danh sách':34} {written:7.1f} s {written / options.rows * 1000:6.2f} ms một dòng"
    )
    for label, seconds in (("sửa hồ sơ đã có", changed), ("hoàn tác lần sửa ấy", undone)):
        each, new = seconds / few, written / options.rows
        print(
            f"{f'{label}, {few} dòng':34} {seconds:7.1f} s {each * 1000:6.2f} ms một dòng "
            f"{each / new:6.2f} × ghi mới"
        )
    good = first <= LIMIT * peer and first_mb <= GROWTH * small_mb and seen <= LIST_LIMIT * bare
    good = good and max(changed, undone) <= CHANGE_SECONDS
    print(
        f"giới hạn: {LIMIT} × {name}, bộ nhớ {GROWTH} × một phần tư, {LIST_LIMIT} × calamine, "
        f"sửa và hoàn tác {CHANGE_SECONDS} s: {'đạt' if good else 'TRƯỢT'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
