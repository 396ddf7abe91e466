"""Where complaints gather in the city: PostGIS counts, geo judges, the run is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection, transaction
from django.db.models import Sum

from geo import cells, hotspots, scan
from gpmb.analysis import cell_table, hotspot_sql, hotspot_trend
from gpmb.analysis.hotspot_models import HotspotArea, HotspotRun
from gpmb.analysis.hotspot_sql import PERIOD_MONTHS, Period
from gpmb.clearance.models.project import ProjectVersion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Counts:
    """Households by cell, project and unit: (m,) each, the order of (q, r, project, unit)."""

    q: IntArray
    r: IntArray
    project: IntArray
    unit: IntArray
    at_risk: IntArray
    with_case: IntArray

    def by_cell(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Return (q, r, at_risk, with_case), each cell once."""
        pairs, row = np.unique(np.column_stack([self.q, self.r]), axis=0, return_inverse=True)
        row = row.ravel()
        at_risk = np.bincount(row, self.at_risk, minlength=len(pairs)).astype(np.int64)
        with_case = np.bincount(row, self.with_case, minlength=len(pairs)).astype(np.int64)
        return pairs[:, 0], pairs[:, 1], at_risk, with_case


def count(period: Period) -> Counts:
    """Count households at risk and those with a case, in PostGIS."""
    with connection.cursor() as cursor:
        cursor.execute(hotspot_sql.COUNTS, period.parameters())
        table = np.array(cursor.fetchall(), np.int64).reshape(-1, 6)
    return Counts(*table.T)


def not_located(period: Period) -> int:
    """Count the period's matters that stand at no household at risk."""
    with connection.cursor() as cursor:
        cursor.execute(hotspot_sql.NOT_LOCATED, period.parameters())
        return int(cursor.fetchone()[0])


def matters_in(period: Period, wanted: set[tuple[int, int]]) -> list[int]:
    """Return the ids of the complaints whose households stand in some cells."""
    with connection.cursor() as cursor:
        cursor.execute(hotspot_sql.MATTERS, period.parameters())
        rows = cursor.fetchall()
    if not rows:
        return []
    ids, x, y = zip(*rows, strict=True)
    places = zip(*(v.tolist() for v in cells.cell_of(x, y)), strict=True)
    return [number for number, place in zip(ids, places, strict=True) if place in wanted]


def window_cells(q: int, r: int, ring: int) -> set[tuple[int, int]]:
    """Return the cells of the window round one."""
    return {(q + dq, r + dr) for dq, dr in cells.disc(ring).tolist()}


def run(
    *,
    on: dt.date,
    months: int = PERIOD_MONTHS,
    kind: str = "",
    seed: int = cell_table.SCAN_SEED,
    replicates: int = cell_table.SCAN_REPLICATES,
) -> HotspotRun:
    """Test the city as of a day and keep the run; the same data and parameters give the same row.

    The household counts of the run are the record; with its rules and seed `repeat` reproduces
    the outcome without the database.
    """
    period = Period.months_to(on, months, kind)
    counts = count(period)
    tested = hotspots.find(*counts.by_cell())
    table = np.column_stack([tested.q, tested.r, tested.at_risk, tested.with_case]).tolist()
    lost = not_located(period)
    key = {
        "as_of": period.end,
        "period_from": period.start,
        "kind": kind,
        "seed": seed,
        "replicates": replicates,
        "fingerprint": _fingerprint([table, counts.project.tolist(), counts.unit.tolist(), lost]),
    }
    kept = HotspotRun.objects.filter(**key).first()
    if kept:
        return kept
    clusters = cell_table.scan_run(tested, seed=seed, replicates=replicates)
    own_ratio = hotspots.own_rate_ratio(
        tested, counts.q, counts.r, counts.project, counts.at_risk, counts.with_case
    )
    with transaction.atomic():
        record, created = HotspotRun.objects.get_or_create(
            **key,
            defaults={
                "rules": asdict(tested.rules),
                "households": tested.households,
                "cases": tested.cases,
                "tested": tested.tested,
                "not_located": lost,
                "verdict": tested.verdict.value,
                "data_version": ProjectVersion.objects.aggregate(n=Sum("number"))["n"] or 0,
                "cells": table,
                "outcome": outcome(tested, own_ratio),
                "clusters": cell_table.as_json(tested, clusters)["scan"],
            },
        )
        if created:
            HotspotArea.objects.bulk_create(
                _areas(record, tested, clusters, own_ratio, counts, period)
            )
    return record


def outcome(tested: hotspots.Run, own_ratio: NDArray[np.float64]) -> list[list[Any]]:
    """Return for each cell [verdict, ring, O, n, E, p, ratio by own rates] of what decides it."""
    windows = tested.windows
    return [
        [
            windows.verdict(w).value,
            int(windows.ring[w]),
            int(windows.observed[w]),
            int(windows.at_risk[w]),
            round(float(windows.expected[w]), 6),
            float(windows.p[w]),
            round(float(own_ratio[w]), 6),
        ]
        for w in hotspots.cell_windows(tested).tolist()
    ]


def rebuild(record: HotspotRun) -> tuple[hotspots.Run, list[scan.Cluster]]:
    """Return the tested run and its circles from a record."""
    q, r, at_risk, with_case = np.array(record.cells, np.int64).reshape(-1, 4).T
    rules = hotspots.Rules(**record.rules)
    tested = hotspots.find(q, r, at_risk, with_case, rules)
    return tested, cell_table.scan_run(tested, seed=record.seed, replicates=record.replicates)


def repeat(record: HotspotRun) -> bool:
    """Run the record's counts again by its rules and seed; say whether the outcome is the same."""
    tested, clusters = rebuild(record)
    # The ratios by project need the projects' counts, which a record shown to all doesn't keep.
    own = np.zeros(len(tested.windows))
    same = [row[:6] for row in outcome(tested, own)] == [row[:6] for row in record.outcome]
    return same and cell_table.as_json(tested, clusters)["scan"] == record.clusters


def outline(q: IntArray, r: IntArray) -> MultiPolygon:
    """Return the union of cells in the legal plane."""
    # Corners computed from two cells differ in the last bits: a millimetre's grid joins them.
    whole = shapely.union_all(cells.polygon_of(q, r), grid_size=0.001)
    shape = GEOSGeometry(memoryview(shapely.to_wkb(whole)), srid=settings.SRID)
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon(shape, srid=settings.SRID)


def _areas(
    record: HotspotRun,
    tested: hotspots.Run,
    clusters: list[scan.Cluster],
    own_ratio: NDArray[np.float64],
    counts: Counts,
    period: Period,
) -> list[HotspotArea]:
    significant = [cluster.rows for cluster in clusters if cluster.p <= SIGNIFICANT]
    found = [
        (verdict, area)
        for verdict in (hotspots.Verdict.HOT, hotspots.Verdict.WATCH)
        for area in hotspots.areas(tested, verdict)
    ]
    groups = [area for _, area in found]
    agreement = hotspots.agreement(tested, groups, significant)[0]
    trends = hotspot_trend.directions(tested, groups, period) if groups else []
    decisive = hotspots.cell_windows(tested)
    windows = tested.windows
    rows = []
    for order, (verdict, area) in enumerate(found, start=1):
        best = int(decisive[area][np.argmin(windows.p[decisive[area]])])
        centre = int(windows.cell[best])
        near = hotspots.members(tested, best)
        project, unit = _most(counts, tested.q[near], tested.r[near])
        rows.append(
            HotspotArea(
                run=record,
                order=order,
                verdict=verdict.value,
                q=int(tested.q[centre]),
                r=int(tested.r[centre]),
                ring=int(windows.ring[best]),
                observed=int(windows.observed[best]),
                at_risk=int(windows.at_risk[best]),
                expected=float(windows.expected[best]),
                p=float(windows.p[best]),
                own_ratio=float(own_ratio[best]),
                agreement=agreement[order - 1].value,
                trend=trends[order - 1].value,
                project_id=project,
                unit_id=unit,
                cells=np.column_stack([tested.q[area], tested.r[area]]).tolist(),
                boundary=outline(tested.q[area], tested.r[area]),
            )
        )
    return rows


def _most(counts: Counts, q: IntArray, r: IntArray) -> tuple[int, int]:
    """Return the project and the unit that most of the complaining households belong to."""
    inside = cells.Index(q, r).find(counts.q, counts.r) >= 0

    def heaviest(groups: IntArray) -> int:
        names, row = np.unique(groups[inside], return_inverse=True)
        return int(names[np.argmax(np.bincount(row, counts.with_case[inside]))])

    return heaviest(counts.project), heaviest(counts.unit)


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def as_json(record: HotspotRun) -> dict[str, Any]:
    """Return a run of the city in the form of `manage.py hotspots --json`."""
    return cell_table.as_json(*rebuild(record)) | {
        "as_of": record.as_of.isoformat(),
        "period_from": record.period_from.isoformat(),
        "kind": record.kind,
        "seed": record.seed,
        "replicates": record.replicates,
        "not_located": record.not_located,
        "fingerprint": record.fingerprint,
        "data_version": record.data_version,
        "areas": [
            {
                "verdict": area.verdict,
                "q": area.q,
                "r": area.r,
                "k": area.ring,
                "O": area.observed,
                "n": area.at_risk,
                "E": area.expected,
                "smr": area.ratio,
                "p": area.p,
                "scope": "project_wide" if area.project_wide else "inside_project",
                "agreement": area.agreement,
                "trend": area.trend,
                "project": area.project.code if area.project else None,
                "unit": area.unit.code if area.unit else None,
                "cells": area.cells,
            }
            for area in record.areas.select_related("project", "unit")
        ],
    }


def provable_households(record: HotspotRun) -> int | None:
    """Return how many households a place needs for a five-fold excess to be proven half the time.

    None where no window of the run would do, or there is nothing to compare.
    """
    if not 0 < record.cases < record.households:
        return None
    rules = hotspots.Rules(**record.rules)
    sizes = np.arange(rules.min_at_risk, min(record.households, 1_000) + 1)
    totals = (record.households, record.cases)
    critical = hotspots.critical_count(sizes, *totals, record.tested, rules.false_discovery_rate)
    enough = hotspots.power(sizes, *totals, critical, rules.power_ratio) >= rules.min_power
    return int(sizes[enough.argmax()]) if enough.any() else None
