"""False alarms, power and speed of the hotspot test; run from the repository's root.

    python -m tests.bench.hotspots [--maps 200] [--no-database]

Simulated cities: 41 projects (a third of them corridors) on 16 x 9 km, 3 % of the households with
a case. The exact test, which makes the verdict, must flag null maps at most 5 times in 100, the
scan at its 5 % level within two standard errors; planted clusters must be found at the power
measured when the method was chosen, within three standard errors. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass

import numpy as np

from geo import cells, hotspots
from geo.scan import scan

SEED = 20230131
RISK = 0.03
SIZE = {8_000: 0.8, 1_500: 0.25}
LEVEL = 0.05


@dataclass(frozen=True)
class Scenario:
    households: int
    cluster: int  # households in the planted cluster, 0 for a null map
    ratio: float
    exact: float  # share of maps with a flag (null) or a flag in the cluster
    scanned: float


# Measured when the method was chosen: 200-300 maps a row, exact rings 0-2 and the scan.
PUBLISHED = (
    Scenario(8_000, 0, 1, 0.015, 0.037),
    Scenario(1_500, 0, 1, 0.010, 0.017),
    Scenario(8_000, 60, 3, 0.05, 0.07),
    Scenario(8_000, 60, 5, 0.39, 0.42),
    Scenario(8_000, 60, 8, 0.88, 0.90),
    Scenario(8_000, 200, 3, 0.36, 0.46),
    Scenario(8_000, 200, 5, 0.98, 1.00),
    Scenario(1_500, 60, 5, 0.45, 0.55),
)


def city(rng: np.random.Generator, households: int) -> tuple[np.ndarray, np.ndarray]:
    """Scatter households over 41 projects, blocks and corridors 40-80 m wide.

    Lengths are scaled so that as many cells are populated as when the method was measured: about
    620 for 8,000 households, 176 for 1,500. Power depends on how many share a cell.
    """
    size = SIZE[households]
    project = rng.integers(0, 41, households)
    corridor = rng.random(41) < 1 / 3
    length = size * np.where(corridor, rng.uniform(1_500, 4_000, 41), rng.uniform(300, 900, 41))
    width = np.where(corridor, rng.uniform(40, 80, 41), size * rng.uniform(300, 900, 41))
    angle = rng.uniform(0, np.pi, 41)
    along = (rng.random(households) - 0.5) * length[project]
    across = (rng.random(households) - 0.5) * width[project]
    cos, sin = np.cos(angle)[project], np.sin(angle)[project]
    x = rng.uniform(0, 16_000, 41)[project] + along * cos - across * sin
    y = rng.uniform(0, 9_000, 41)[project] + along * sin + across * cos
    return x, y


def table(q, r, case):
    """Count households and cases by cell."""
    pairs, row = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    row = row.ravel()
    return (*pairs.T, np.bincount(row), np.bincount(row, case).astype(int))


def simulate(scenario: Scenario, maps: int, replicates: int) -> tuple[float, float]:
    """Return the share of maps that the exact test and the scan flag (in the cluster, if any)."""
    exact = scanned = 0
    for number in range(maps):
        rng = np.random.default_rng([SEED, scenario.households, scenario.cluster, number])
        x, y = city(rng, scenario.households)
        risk = np.full(x.size, RISK)
        inside = np.zeros(x.size, bool)
        if scenario.cluster:
            centre = rng.integers(x.size)
            far = np.hypot(x - x[centre], y - y[centre])
            inside[np.argsort(far)[: scenario.cluster]] = True
            risk[inside] *= scenario.ratio
        q, r = cells.cell_of(x, y)
        counts = table(q, r, rng.random(x.size) < risk)
        wanted = set(zip(q[inside].tolist(), r[inside].tolist(), strict=True))

        run = hotspots.find(*counts)
        hot = np.unique(run.windows.cell[run.windows.hot])
        exact += _found(counts, hot, wanted)
        clusters = scan(*counts, seed=number, replicates=replicates)
        rows = [cluster.rows for cluster in clusters if cluster.p <= 0.05]
        scanned += any(_found(counts, one, wanted) for one in rows)
    return exact / maps, scanned / maps


def _found(counts, rows, wanted) -> bool:
    flagged = zip(counts[0][rows].tolist(), counts[1][rows].tolist(), strict=True)
    return any(cell in wanted for cell in flagged) if wanted else len(rows) > 0


def check_power(maps: int) -> bool:
    """Print measured against published figures; return whether all are inside their bounds."""
    fine = True
    print("households  cluster  RR  exact    was   scan    was")
    for scenario in PUBLISHED:
        exact, scanned = simulate(scenario, maps, replicates=199)
        for measured, published in ((exact, scenario.exact), (scanned, scenario.scanned)):
            # Of 200 maps "all" is no certainty: a share of 1.00 has an error too.
            share = min(published, 1 - 1 / 200)
            error = np.sqrt(share * (1 - share) * (1 / maps + 1 / 200))
            if scenario.cluster:
                fine &= bool(measured >= published - 3 * error)
        # The verdict rests on the exact test: it must stay below the level. The scan is a test at
        # that level, so that its share of null maps may stray above by the error of `maps` maps.
        if not scenario.cluster:
            fine &= exact <= LEVEL
            fine &= bool(scanned <= LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / maps))
        print(
            f"{scenario.households:>10} {scenario.cluster:>8} {scenario.ratio:>3} {exact:>6.3f} "
            f"{scenario.exact:>6.3f} {scanned:>6.3f} {scenario.scanned:>6.3f}",
            flush=True,
        )
    return fine


def check_scan_speed() -> bool:
    """Time 999 replicates on 6,000 cells."""
    rng = np.random.default_rng(SEED)
    q, r = cells.disc(45).T[:, :6_000]
    n = rng.integers(1, 66, q.size)
    c = rng.binomial(n, RISK)
    scan(q[:50], r[:50], n[:50], c[:50], seed=1, replicates=9)  # compiled before the clock starts
    took = float("inf")
    for _ in range(3):  # the best of three: a shared machine only ever adds
        start = time.perf_counter()
        scan(q, r, n, c, seed=1)
        took = min(took, time.perf_counter() - start)
    print(f"scan, 999 replicates, {q.size} cells: {took:.1f} s (limit 10)")
    return took < 10


def check_counting_speed(households: int = 2_000_000) -> bool:
    """Time PostGIS counting of households by cell, and the verdicts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
    import django

    django.setup()
    from django.db import connection

    from gpmb.analysis.cell_sql import count_by_cell

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE household (point geometry, has_case boolean)")
        cursor.execute(
            "INSERT INTO household SELECT ST_SetSRID(ST_MakePoint(500000 + 45000 * random(), "
            "2360000 + 34000 * random()), 5899), random() < %s FROM generate_series(1, %s)",
            [RISK, households],
        )
        cursor.execute("ANALYZE household")
        best = (float("inf"), float("inf"))
        for _ in range(3):  # the best of three: a shared machine only ever adds
            start = time.perf_counter()
            cursor.execute(count_by_cell("SELECT point, has_case FROM household"))
            counts = np.array(cursor.fetchall(), np.int64).T
            counted = time.perf_counter() - start
            run = hotspots.find(*counts)
            best = min(best, (time.perf_counter() - start, counted))
    took, counted = best
    print(
        f"{households} households, {run.q.size} cells: counted in {counted:.1f} s, "
        f"verdicts in {took:.1f} s (limit 5), {run.verdict}"
    )
    return took < 5


def main() -> int:
    """Run all checks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--no-database", action="store_true")
    options = parser.parse_args()
    results = [check_scan_speed()]
    if not options.no_database:
        results.append(check_counting_speed())
    results.append(check_power(options.maps))
    print("ok" if all(results) else "FAILED: a figure is outside its bound")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
