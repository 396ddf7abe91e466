"""Speed of what blocks and when it is done, against its limits: python tests/bench/blocking.py

A made-up city of rectangular parcels; no database. Each figure is the best of three runs, so
that other work on the machine counts less. Exits 1 when a limit is missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parents[2]))

from geo.adjacency import adjacency
from gpmb.analysis.blocking import Land
from gpmb.analysis.survival import (
    PATHS,
    OpenCases,
    days_to_share,
    kaplan_meier,
    project_speed,
    simulate,
)

RUNS = 3


def city(count: int, seed: int = 1) -> np.ndarray:
    """About `count` parcels of five to nine vertices that tile a plain without gaps."""
    side = int(np.ceil(np.sqrt(count)))
    x, y = np.meshgrid(np.arange(side + 1) * 18.0, np.arange(side + 1) * 14.0)
    shift = np.random.default_rng(seed).uniform(-4, 4, (2, side + 1, side + 1))
    x, y = 522_000 + x + shift[0], 2_381_000 + y + shift[1]
    corners = [
        np.stack([x[a, b], y[a, b]], axis=-1).reshape(-1, 2)
        for a, b in (
            (slice(0, -1), slice(0, -1)),
            (slice(0, -1), slice(1, None)),
            (slice(1, None), slice(1, None)),
            (slice(1, None), slice(0, -1)),
        )
    ]
    return shapely.polygons(np.stack(corners, axis=1))[:count]


def best(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the shortest time of `runs`, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def land_of(polygons: np.ndarray) -> Land:
    count, rng = len(polygons), np.random.default_rng(2)
    return Land(
        ids=[str(index) for index in range(count)],
        area_m2=shapely.area(polygons),
        cleared=rng.random(count) < 0.55,
        households=rng.integers(1, 4, count),
        pairs=adjacency(polygons).pairs,
    )


def blocking(land: Land) -> None:
    """Blocks, every gain, and the ten first picks: what the page and the map show."""
    land.blocks()
    land.gains()
    land.order(picks=10)


def forecast() -> None:
    """One project of 500 open cases and six steps, from fitting to P90."""
    rng = np.random.default_rng(3)
    curves = [
        kaplan_meier(rng.integers(1, 200, 20_000).astype(float), rng.random(20_000) < 0.8)
        for _ in range(6)
    ]
    cases = OpenCases(rng.integers(0, 6, 500), rng.uniform(0, 90, 500), rng.uniform(50, 3000, 500))
    step = rng.integers(0, 6, 2000)
    speed = project_speed(
        curves, step, rng.uniform(1, 200, 2000), rng.random(2000) < 0.8, PATHS, rng
    )
    total = simulate(curves, cases, speed, rng)
    for share in (0.8, 0.9, 0.95, 1.0):
        np.quantile(days_to_share(total, cases.area_m2, 0.0, share), [0.5, 0.8, 0.9])


def main() -> int:
    small, large = city(5_000), city(200_000)
    lands = land_of(small), land_of(large)
    rows = [
        ("đất cản trở, 5.000 thửa", best(lambda: blocking(lands[0])), 0.2),
        ("đất cản trở, 200.000 thửa", best(lambda: blocking(lands[1])), 1.0),
        ("ranh giới chung, 200.000 thửa", best(lambda: adjacency(large), 1), 60.0),
        ("dự báo một dự án, 500 hồ sơ", best(forecast), 2.0),
    ]
    for name, seconds, limit in rows:
        print(f"{name:<32}{seconds:>9.3f} s   giới hạn {limit:g} s")
    return int(any(seconds > limit for _, seconds, limit in rows))


if __name__ == "__main__":
    raise SystemExit(main())
