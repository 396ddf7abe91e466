"""When a project's land will be handed over: P50, P80, P90, never one date.

The stages still to come are drawn from the city's own durations (gpmb.analysis.durations), the
current one given its age, at the project's own speed; P80 is the date to commit to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpmb.analysis import durations
from gpmb.analysis.durations import DONE, Durations, Log
from gpmb.analysis.survival import (
    MIN_EVENTS,
    PATHS,
    Curve,
    EarnedSchedule,
    OpenCases,
    days_to_share,
    earned_schedule,
    project_speed,
    simulate,
)
from gpmb.clearance.models import PlanVersion, Project, Target
from gpmb.law import steps
from gpmb.law.regimes import regime_on

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHARES = (0.8, 0.9, 0.95, 1.0)
QUANTILES = {"p50": 0.5, "p80": 0.8, "p90": 0.9}
SEED = 2023

NO_LAND = "Chưa có phần đất nào trong dự án: chưa đủ dữ liệu để dự báo. Hãy nhập thửa đất trước."


@dataclass(frozen=True)
class Pending:
    """What is left of a project on a day: `cases` and `done_m2`; `unstarted` have no notice yet.

    `finished_on` is the last handover when nothing is left.
    """

    cases: OpenCases
    case: NDArray[np.int64]  # position in the log, -1 for land without a case
    done_m2: float
    unstarted: int
    finished_on: dt.date | None


@dataclass(frozen=True)
class Forecast:
    """Dates by share of the area and by quantile; empty with a `reason` when there are none."""

    status: str
    dates: dict[float, dict[str, dt.date]]
    reason: str | None

    @property
    def finish(self) -> dict[str, dt.date]:
        """Dates of the whole area."""
        return self.dates.get(1.0, {})


def forecast(
    project: Project, *, on: dt.date, seed: int = SEED, paths: int = PATHS, log: Log | None = None
) -> Forecast:
    """Forecast one project as of a day, from what was known that day."""
    log = log or durations.read(project)
    left = pending(log, project.pk, on)
    if left is None:
        return Forecast("not_enough_data", {}, NO_LAND)
    if left.finished_on:
        each = dict.fromkeys(QUANTILES, left.finished_on)
        reason = f"Đã bàn giao toàn bộ diện tích, xong ngày {left.finished_on:%d/%m/%Y}."
        return Forecast("ok", dict.fromkeys(SHARES, each), reason)
    known = log.durations(on)
    curves, pooled = pool(known, project.kind)
    if fault := missing(curves, left, on):
        return Forecast("not_enough_data", {}, fault)
    total = draw(known, curves, left, project.pk, seed=seed, paths=paths)
    return Forecast("ok", _dates(total, left, on), _notes(left, pooled))


def pending(log: Log, project: int, on: dt.date) -> Pending | None:
    """Return what is left of a project on a day; None if it had no land."""
    day = on.toordinal()
    mine = (log.taking_project == project) & (log.taking_withdrawn > day)
    if not mine.any():
        return None
    done = mine & (log.handed_over <= day)
    rest = mine & ~done
    done_m2 = float(log.area_m2[done].sum())
    if not rest.any():
        finished_on = dt.date.fromordinal(int(log.handed_over[done].max()))
        empty = OpenCases(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
        return Pending(empty, np.empty(0, dtype=np.int64), done_m2, 0, finished_on)
    # One row a case; land without a case stands alone, each as if its notice went out today.
    alone = log.case_of[rest] < 0
    key = np.where(alone, -1 - np.arange(len(alone)), log.case_of[rest])
    keys, inverse = np.unique(key, return_inverse=True)
    area = np.bincount(inverse, weights=log.area_m2[rest], minlength=len(keys))
    known = keys >= 0
    stage = np.zeros(len(keys), dtype=np.intp)
    stage[known] = log.stage_on(on)[keys[known]].clip(max=DONE - 1)
    since = np.full(len(keys), float(day))
    begun = known & (stage > 0)
    since[begun] = log.reached[keys[begun], stage[begun]]
    cases = OpenCases((stage - 1).clip(min=0), day - since, area.astype(float))
    return Pending(cases, np.where(known, keys, -1), done_m2, int((stage == 0).sum()), None)


def pool(known: Durations, kind: str) -> tuple[list[Curve], list[int]]:
    """Return a curve for each step: of projects of this kind, of all where those are too few.

    The second list names the steps that fell back.
    """
    own, city = known.of(known.kind == kind).curves(), known.curves()
    chosen = [a if a.events >= MIN_EVENTS else b for a, b in zip(own, city, strict=True)]
    return chosen, [k for k, curve in enumerate(own) if curve.events < MIN_EVENTS]


def missing(curves: Sequence[Curve], left: Pending, on: dt.date) -> str | None:
    """Say which step ahead has ended too seldom to be forecast; None if all are known."""
    first = int(left.cases.step.min())
    faults = [
        f"“{steps.stage_label(k + 1, regime_on(on))}” mới xong {curve.events} lần"
        for k, curve in enumerate(curves)
        if k >= first and curve.events < MIN_EVENTS
    ]
    if not faults:
        return None
    return (
        f"Chưa đủ dữ liệu để dự báo: giai đoạn {', '.join(faults)} trong toàn thành phố, "
        f"cần ít nhất {MIN_EVENTS}."
    )


def draw(
    known: Durations,
    curves: Sequence[Curve],
    left: Pending,
    project: int,
    *,
    seed: int,
    paths: int = PATHS,
) -> Floats:
    """Draw the days until each pending case is done, (paths, cases)."""
    rng = np.random.default_rng(seed)
    own = known.of(known.project == project)
    speed = project_speed(curves, own.step, own.days, own.finished, paths, rng)
    return simulate(curves, left.cases, speed, rng)


def quantile_days(total: Floats, left: Pending, share: float) -> dict[str, float]:
    """Return the quantiles of the days until a share of the area is done."""
    days = days_to_share(total, left.cases.area_m2, left.done_m2, share)
    found = np.quantile(days, list(QUANTILES.values()))
    return dict(zip(QUANTILES, found.tolist(), strict=True))


def _dates(total: Floats, left: Pending, on: dt.date) -> dict[float, dict[str, dt.date]]:
    return {
        share: {
            name: on + dt.timedelta(days=int(np.ceil(days)))
            for name, days in quantile_days(total, left, share).items()
        }
        for share in SHARES
    }


def _notes(left: Pending, pooled: list[int]) -> str | None:
    notes = []
    if left.unstarted:
        notes.append(
            f"{left.unstarted} hồ sơ hoặc phần đất chưa có thông báo thu hồi, "
            "tính như được thông báo hôm nay."
        )
    if pooled:
        notes.append("Có giai đoạn dùng số liệu của mọi loại dự án, vì cùng loại còn ít.")
    return " ".join(notes) or None


def as_json(project: Project, on: dt.date, found: Forecast) -> dict[str, Any]:
    """Return the forecast as the command writes it: dates of the whole area, and by share."""
    blank = dict.fromkeys(QUANTILES, None)
    return {
        "project": project.code,
        "as_of": on.isoformat(),
        "status": found.status,
        **(_iso(found.finish) or blank),
        "by_share": {str(round(share * 100)): _iso(each) for share, each in found.dates.items()},
        "reason": found.reason,
    }


def _iso(dates: dict[str, dt.date]) -> dict[str, str]:
    return {name: date.isoformat() for name, date in dates.items()}


def schedule(project: Project, *, on: dt.date, log: Log) -> EarnedSchedule | None:
    """Return the earned schedule of the handed-over area against the plan's monthly targets.

    Months are the periods, the first one before the first target; None without such targets.
    """
    version = (
        PlanVersion.objects.in_force(on=on)
        .filter(entries__project=project)
        .order_by("-on")
        .first()
    )
    targets = list(
        Target.objects.filter(
            entry__version=version, entry__project=project, stage=DONE, area_m2__isnull=False
        )
        .order_by("month")
        .values_list("month", "area_m2")
    )
    if version is None or not targets:
        return None
    first, last = _month(targets[0][0]), _month(targets[-1][0])
    by_month = {_month(month): float(area or 0) for month, area in targets}
    plan = [0.0]
    for month in range(first, last + 1):
        plan.append(max(plan[-1], by_month.get(month, plan[-1])))
    day = on.toordinal()
    mine = (log.taking_project == project.pk) & (log.taking_withdrawn > day)
    earned_m2 = float(log.area_m2[mine & (log.handed_over <= day)].sum())
    at = _month(on + dt.timedelta(days=1)) - first  # months that have ended
    return earned_schedule(plan, earned_m2, at) if at >= 0 and plan[-1] > 0 else None


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month
