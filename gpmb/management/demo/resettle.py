"""Resettlement sites, their plots, and who may expect one: one site has far too few."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.random import Generator
from shapely import Polygon

from gpmb.management.demo import ground
from gpmb.management.demo.holders import CaseRow
from gpmb.management.demo.land import Land
from gpmb.management.demo.parameters import ProjectRow

PLOT_M = (6.0, 16.5)  # frontage and depth
STREET_M = 8.0
LEAST_PLOTS = 16
PRICE_VND = {"ward": 6_200_000, "commune": 2_400_000}  # a square metre


@dataclass(frozen=True, slots=True)
class Site:
    """A site: the project that builds it (index), the projects it serves, its plots."""

    code: str
    name: str
    project: int
    serves: tuple[int, ...]
    ready: int
    plots: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """A plot (site, number from 0) given to a case on a day and handed over on another."""

    case: int
    site: int
    plot: int
    on: int
    handed_over: int


def build(
    rows: list[dict[str, Any]], land: Land, cases: list[CaseRow], projects: list[ProjectRow]
) -> list[Site]:
    """Lay out the sites of fixtures/demo/sites.json; the stock is a share of the need."""
    index = {row.code: number for number, row in enumerate(projects)}
    sites = []
    for row in rows:
        serves = tuple(index[code] for code in row["serves"])
        need = sum(case.plots for case in cases if case.project in serves)
        home = index[row["project"]]
        plots = _plots(land.blocks[home], max(LEAST_PLOTS, round(need * row["stock"])))
        ready = date.fromisoformat(row["ready_on"]).toordinal()
        sites.append(Site(row["code"], row["name"], home, serves, ready, plots))
    return sites


def _plots(blocks: list[tuple[float, float, float, float]], wanted: int) -> tuple[Polygon, ...]:
    """Cut blocks into double rows of plots with streets between, as many as wanted and fit."""
    front, depth = PLOT_M
    rects = []
    for x0, y0, x1, y1 in blocks:
        for row in np.arange(y0 + STREET_M / 2, y1 - 2 * depth, 2 * depth + STREET_M):
            for at in np.arange(x0 + STREET_M / 2, x1 - front - STREET_M / 2, front):
                rects += [_corners(at, low) for low in (row, row + depth)]
    chosen = np.array(rects[:wanted])
    placed = ground.place(chosen.reshape(-1, 2)).reshape(-1, 4, 2)
    return tuple(shapely.polygons(placed))


def _corners(x: float, y: float) -> list[tuple[float, float]]:
    front, depth = PLOT_M
    return [(x, y), (x + front, y), (x + front, y + depth), (x, y + depth)]


def expectations(rng: Generator, sites: list[Site], cases: list[CaseRow]) -> dict[int, int]:
    """Return, for each case that will get a plot, the day its site can give it.

    Where lots are short, lots are drawn: who is left out waits.
    """
    ready: dict[int, int] = {}
    for site in sites:
        stock = len(site.plots)
        waiting = [n for n, c in enumerate(cases) if c.need == "plot" and c.project in site.serves]
        for case in rng.permutation(np.array(waiting, dtype=np.int64)).tolist():
            if cases[case].plots <= stock:
                stock -= cases[case].plots
                ready[case] = site.ready + int(rng.integers(8, 40))
    return ready


def allocate(
    sites: list[Site], cases: list[CaseRow], resettled: dict[int, int], as_of: int
) -> list[Allocation]:
    """Give plots in the order of the cases' resettlement days, up to a day."""
    rows: list[Allocation] = []
    order = sorted((day, case) for case, day in resettled.items() if day <= as_of)
    used = [0] * len(sites)
    home = {project: n for n, site in enumerate(sites) for project in site.serves}
    for day, case in order:
        site = home[cases[case].project]
        for _ in range(cases[case].plots):
            rows.append(Allocation(case, site, used[site], day - 18, day))
            used[site] += 1
    return rows
