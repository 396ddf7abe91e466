"""Whether an area of complaints gets better or worse, from slices of up to five years."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection

from geo import cells, hotspots, trend
from gpmb.analysis import hotspot_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gpmb.analysis.hotspot_sql import Period

    IntArray = NDArray[np.int64]

HISTORY_MONTHS = 60


def directions(
    tested: hotspots.Run, areas: list[IntArray], period: Period
) -> list[trend.Direction]:
    """Return the direction of each area (rows of the run's cells) up to the period's last day."""
    edges = _month_edges(period.end)
    start = edges[0] + dt.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(hotspot_sql.HOUSEHOLDS, period.parameters() | {"start": start})
        rows = cursor.fetchall()
    if not rows:
        return [trend.Direction.NOT_ENOUGH_PERIODS] * len(areas)
    x, y, entered, left, days = zip(*rows, strict=True)
    # Days since `start`; slice j of the months ends with day ends[j].
    ends = np.array([(edge - start).days for edge in edges[1:]])
    household = np.repeat(np.arange(len(rows)), [len(d) for d in days])
    day = np.concatenate([np.array(d, np.int64) for d in days])

    by_month = np.bincount(np.searchsorted(ends, day), minlength=ends.size)
    # Years before the register began say nothing: slices start with the first matter.
    first = int(np.argmax(by_month > 0))
    months = trend.slice_months(by_month[first:])
    if months is None:
        return [trend.Direction.NOT_ENOUGH_PERIODS] * len(areas)
    count = (ends.size - first) // months
    slice_ends = np.append(-1, ends)[::-1][::months][: count + 1][::-1]
    first_days, last_days = slice_ends[:-1] + 1, slice_ends[1:]

    q, r = cells.cell_of(x, y)
    pairs, cell = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    cell = cell.ravel()
    at_risk = np.empty((len(pairs), count), np.int64)
    with_case = np.empty((len(pairs), count), np.int64)
    stay = np.array(entered)[:, None] <= last_days
    stay &= np.array(left)[:, None] >= first_days
    for j in range(count):
        raised = np.unique(household[(day >= first_days[j]) & (day <= last_days[j])])
        raised = raised[stay[raised, j]]
        at_risk[:, j] = np.bincount(cell[stay[:, j]], minlength=len(pairs))
        with_case[:, j] = np.bincount(cell[raised], minlength=len(pairs))

    runs = trend.gate(pairs[:, 0], pairs[:, 1], at_risk, with_case)
    index = cells.Index(pairs[:, 0], pairs[:, 1])
    return [_direction(tested, area, index, runs, at_risk, with_case) for area in areas]


def _direction(
    tested: hotspots.Run,
    area: IntArray,
    index: cells.Index,
    runs: Mapping[str, hotspots.Run],
    at_risk: IntArray,
    with_case: IntArray,
) -> trend.Direction:
    place = cells.Index(tested.q[area], tested.r[area])
    passed = any(
        (place.find(run.q[hot], run.r[hot]) >= 0).any()
        for run in runs.values()
        for hot in [run.windows.cell[run.windows.hot]]
    )
    if not passed:
        return trend.Direction.NOT_PROVEN
    near = hotspots.footprint(tested, area)
    rows = index.find(tested.q[near], tested.r[near])
    rows = rows[rows >= 0]
    return trend.rate_direction(at_risk[rows].sum(axis=0), with_case[rows].sum(axis=0))


def _month_edges(end: dt.date) -> list[dt.date]:
    """Return the last days of the months that end on the day `end` of each, oldest first."""
    return [hotspot_sql.add_months(end, -k) for k in range(HISTORY_MONTHS, -1, -1)]
