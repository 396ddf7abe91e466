"""How fast the map is, beside what it could be: run from the repository's root.

    GPMB_DB=gpmb_bench ./manage.py make_demo --scale 40
    GPMB_DB=gpmb_bench python -m tests.bench.tiles [--tiles 40] [--no-browser]

Everything in one run on one database, so that ratios mean something whatever the machine: the
tile endpoint (whole middleware) against its SQL alone, with its own processor time beside (a busy
machine changes that least), ready tiles and 304 against a constant body, django-vectortiles on
the same tiles, the whole city with shares by stage, the counts of each legend, and what a
browser draws first beside Folium's own GeoJson. Exit code 1 when a limit is missed.
"""

# ruff: noqa: E402  (settings are configured before models are imported)
from __future__ import annotations

import argparse
import datetime as dt
import gzip
import io
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
# As deployed: debugging keeps every query.
os.environ |= {"GPMB_DEBUG": "0", "GPMB_SECRET_KEY": "bench"}
os.environ |= {"GPMB_HOSTS": "127.0.0.1", "GPMB_HTTPS": "0"}
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from vectortiles.backends.postgis import VectorLayer

from gpmb.accounts.models import User
from gpmb.analysis import counting, pieces, tiles
from gpmb.analysis.selection import Colouring, Selection
from gpmb.clearance.clock import today
from gpmb.clearance.models import Taking
from gpmb.web.views import map_tiles
from tests.bench import first_drawing

SEED = 20230131
TURNS = 5
MOST_ABOVE_SQL_MS = 4.0
CITY_KB, CITY_SQL_MS = 60.0, 20.0
FIRST_PARCELS_S = 2.5

Tile = tuple[int, int, int]


def milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def p50(values: Iterable[float]) -> float:
    return statistics.median(values)


def per_second(work: Callable[[], object], seconds: float = 2.0) -> float:
    count, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < seconds:
        work()
        count += 1
    return count / spent


class Site:
    """The application called as a WSGI server calls it, signed in as one user."""

    def __init__(self, user: User) -> None:
        self.application = get_wsgi_application()
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def get(self, path: str, query: str = "", etag: str = "") -> tuple[int, dict[str, str], bytes]:
        answered: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_COOKIE": self.cookie,
            "HTTP_ACCEPT_ENCODING": "gzip",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
        } | ({"HTTP_IF_NONE_MATCH": etag} if etag else {})
        response = self.application(environ, lambda *head: answered.append(head))
        body = b"".join(response)
        response.close()
        (status, headers) = answered[0]
        return int(status.split()[0]), dict(headers), body


def tiles_at(z: int, count: int) -> list[Tile]:
    """Tiles with land in them, the same ones in every run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Centroid(boundary_web) AS p, id"
            " FROM clearance_taking WHERE boundary_web IS NOT NULL) t ORDER BY id"
        )
        points = cursor.fetchall()
    side = 2 * tiles.HALF_WORLD_M / 2**z
    found = sorted(
        {
            (z, int((x + tiles.HALF_WORLD_M) / side), int((tiles.HALF_WORLD_M - y) / side))
            for x, y in points
        }
    )
    return random.Random(SEED).sample(found, min(count, len(found)))


def sql_alone(selection: Selection, tile: Tile) -> float:
    """Milliseconds of the tile's statement and nothing else, in a transaction that is open."""
    sql, values = tiles.takings_sql(selection, *tile)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(sql, values)
        bytes(cursor.fetchone()[0] or b"")
        return 1000 * (time.perf_counter() - begun)


class Theirs(VectorLayer):
    """What django-vectortiles makes of the legal geometry and the same two facts."""

    model = Taking
    id = "taking"
    geom_field = "boundary"
    tile_fields = ("ref", "case__stage")
    queryset_limit = None

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return Taking.objects.filter(withdrawn_on=None, project__restricted=False)


def near_tiles(site: Site, selection: Selection, count: int) -> list[str]:
    missed = []
    print(
        f"\n{'z':>3} {'SQL p50':>9} {'endpoint p50':>13} {'above':>7} {'processor':>10}"
        f" {'vectortiles':>12}   ms"
    )
    for z in (14, 15, 16):
        chosen = tiles_at(z, count)
        alone, whole, own, theirs = [], [], [], []
        for tile in chosen:  # in turn, so that a busy moment hits all alike
            path = "/ban-do/o/{}/{}/{}.pbf".format(*tile)
            map_tiles.CACHE = tiles.TileCache(0)
            assert site.get(path)[0] == 200
            asked, begun = [], time.process_time()
            for _ in range(TURNS):
                asked.append(milliseconds(lambda path=path: site.get(path)))
            own.append(1000 * (time.process_time() - begun) / TURNS)
            whole.append(p50(asked))
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
                alone.append(p50([sql_alone(selection, tile) for _ in range(TURNS)]))
            layer = Theirs()
            theirs.append(
                milliseconds(
                    lambda t=tile, layer=layer: gzip.compress(
                        layer.get_tile(t[1], t[2], t[0]), map_tiles.GZIP_LEVEL
                    )
                )
            )
        above = p50([one - other for one, other in zip(whole, alone, strict=True)])
        print(
            f"{z:>3} {p50(alone):>9.1f} {p50(whole):>13.1f} {above:>7.1f} {p50(own):>10.1f}"
            f" {p50(theirs):>12.1f}"
        )
        if above > MOST_ABOVE_SQL_MS:
            missed.append(f"z{z}: {above:.1f} ms above the SQL, limit {MOST_ABOVE_SQL_MS}")
    return missed


def ready_tiles(site: Site) -> None:
    tile = tiles_at(14, 1)[0]
    path = "/ban-do/o/{}/{}/{}.pbf".format(*tile)
    map_tiles.CACHE = tiles.TileCache(64 * 2**20)
    _, headers, body = site.get(path)
    constant = per_second(lambda: site.get("/healthz"))
    print(f"\nrequests/s: constant body {constant:.0f}", end="")
    print(f", ready tile ({len(body)} bytes) {per_second(lambda: site.get(path)):.0f}", end="")
    assert site.get(path, etag=headers["ETag"])[0] == 304
    print(f", 304 {per_second(lambda: site.get(path, etag=headers['ETag'])):.0f}")


def whole_city(selection: Selection) -> list[str]:
    """The tiles of a first view of the city (z10): bytes together, SQL of the slowest."""
    missed = []
    city = tiles_at(10, 99)
    on = selection.on - dt.timedelta(days=151)
    views = {
        "shares by stage": selection,
        "filtered (stage 2-4)": Selection(
            selection.user, selection.on, selection.on, stages=frozenset({2, 3, 4})
        ),
        f"as of {on:%d/%m/%Y}": Selection(selection.user, on, selection.on),
    }
    print(f"\nwhole city, {len(city)} tiles of z10:")
    for name, view in views.items():
        spent, size = [], 0
        for tile in city:
            sql, values = tiles.pieces_sql(view, *tile)
            runs = []
            for _ in range(5):
                with connection.cursor() as cursor:
                    begun = time.perf_counter()
                    cursor.execute(sql, values)
                    content = bytes(cursor.fetchone()[0] or b"")
                    runs.append(1000 * (time.perf_counter() - begun))
            spent.append(p50(runs))
            size += len(gzip.compress(content, map_tiles.GZIP_LEVEL))
        kb = size / 1024
        print(f"  {name:<22} {kb:6.1f} kB gzip, SQL {max(spent):5.1f} ms")
        if kb > CITY_KB or max(spent) > CITY_SQL_MS:
            missed.append(f"whole city {name}: {kb:.1f} kB, {max(spent):.1f} ms")
    return missed


def legends(viewer: User, day: dt.date) -> None:
    """Seconds of the legend's counts: of the whole city, and once they are kept."""
    past = day - dt.timedelta(days=151)
    views = {
        **{
            str(colouring.label): Selection(viewer, day, day, colouring) for colouring in Colouring
        },
        f"{Colouring.STEP.label}, {past:%d/%m/%Y}": Selection(viewer, past, day),
    }
    print(f"\n{'legend':<28} {'city anew':>10} {'kept':>8}   ms")
    for name, view in views.items():
        anew, kept = [], []
        for _ in range(3):
            counting.KEPT = counting.Kept(counting.KEPT.limit)
            anew.append(milliseconds(lambda view=view: counting.counts(view)))
            kept.append(milliseconds(lambda view=view: counting.counts(view)))
        print(f"{name:<28} {min(anew):>10.0f} {min(kept):>8.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiles", type=int, default=40, help="tiles a zoom")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    count = Taking.objects.count()
    if not count:
        print("No city in this database: run ./manage.py make_demo first.")
        return 2
    begun = time.perf_counter()
    pieces.refresh_stale()
    print(f"{count} takings; far views brought up to date in {time.perf_counter() - begun:.1f} s")
    user = User.objects.filter(is_active=True, role="leader").first()
    assert user, "the demo has a leader"
    day = today()
    selection, site = Selection(user, day, day), Site(user)
    missed = near_tiles(site, selection, options.tiles)
    ready_tiles(site)
    missed += whole_city(selection)
    legends(user, day)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this worker: {peak:.0f} MB")
    if not options.no_browser:
        seconds, plain, shapes = first_drawing.measure(site.cookie, user)
        print(
            f"first parcels on screen: {seconds:.2f} s; Folium GeoJson of {shapes}: {plain:.2f} s"
        )
        if seconds > FIRST_PARCELS_S:
            missed.append(f"first parcels after {seconds:.2f} s, limit {FIRST_PARCELS_S}")
    for line in missed:
        print(f"MISSED {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
