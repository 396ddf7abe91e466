"""Plan against actual: earned schedule, points ahead or behind, lights with their thresholds.

Pure functions. Earned schedule after Lipke (the time at which the plan meant to reach what is
done): PV planned cumulative by period, EV actual, AT actual time, PD planned duration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

LEAST_PERIODS = 3
# Percentage points of area behind the plan; data older than this says nothing about today.
WARN_POINTS, DANGER_POINTS = 2, 10
STALE_DAYS = 45


@dataclass(frozen=True, slots=True)
class Earned:
    """`es` in periods, SV(t) = ES − AT, SPI(t) = ES / AT, IEAC(t) = PD / SPI(t) in periods,
    TSPI = (PD − ES) / (PD − AT); None where undefined."""

    es: float
    sv: float
    spi: float | None
    ieac: float | None
    tspi: float | None


def earned(planned: Sequence[float], value: float, at: float) -> Earned:
    """Return the earned-schedule figures of `value` done by period `at`.

    `planned[t]` is the cumulative plan at the end of period t, `planned[0]` at the start;
    it never falls. IEAC is given after LEAST_PERIODS periods only.

    >>> round(earned([0, 50, 120, 210, 320, 420, 500], 150, 4).es, 6)
    2.333333
    """
    duration = len(planned) - 1
    es = _reached(planned, value)
    spi = es / at if at > 0 and es > 0 else None
    return Earned(
        es=es,
        sv=es - at,
        spi=spi,
        ieac=duration / spi if spi and at >= LEAST_PERIODS else None,
        tspi=(duration - es) / (duration - at) if at < duration else None,
    )


def _reached(planned: Sequence[float], value: float) -> float:
    whole = planned[-1]
    if value >= whole:
        return float(next(t for t, planned_by in enumerate(planned) if planned_by >= whole))
    if value < planned[0]:
        return 0.0
    # The last period the plan had reached no more than this: on a flat stretch its end.
    last = max(t for t, planned_by in enumerate(planned) if planned_by <= value)
    step = planned[last + 1] - planned[last]
    return last + (value - planned[last]) / step


class Light(StrEnum):
    """How a group or project stands; every light is shown with its word."""

    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Points ahead (+) or behind (−) of the plan, the light and the words for it."""

    points: Decimal | None
    light: Light
    words: str


def verdict(actual: Decimal | None, planned: Decimal | None, *, stale: bool = False) -> Verdict:
    """Compare two shares 0..1 of the same area; nothing is claimed without plan or fresh data."""
    if actual is None:
        return Verdict(None, Light.UNKNOWN, "chưa có dữ liệu")
    if planned is None:
        return Verdict(None, Light.UNKNOWN, "chưa có chỉ tiêu")
    points = round((actual - planned) * 100)
    words = "đúng tiến độ"
    if points:
        words = f"chậm {-points} điểm" if points < 0 else f"vượt {points} điểm"
    if stale:
        return Verdict(Decimal(points), Light.UNKNOWN, f"{words}, số liệu cũ")
    if points <= -DANGER_POINTS:
        light = Light.DANGER
    elif points <= -WARN_POINTS:
        light = Light.WARNING
    else:
        light = Light.GOOD
    return Verdict(Decimal(points), light, words)


def month_end(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def planned_on(targets: Sequence[tuple[dt.date, Decimal]], on: dt.date) -> Decimal | None:
    """Read a plan between its month ends, in proportion to the days.

    `targets` are (first day of a month, cumulative value at its end), by month. Before the first
    month the plan says nothing.

    >>> planned_on([(dt.date(2023, 5, 1), Decimal(100)), (dt.date(2023, 6, 1), Decimal(160))],
    ...            dt.date(2023, 6, 15))
    Decimal('130')
    """
    before: Decimal | None = None
    for month, value in targets:
        last = month_end(month)
        if on >= last:
            before = value
            continue
        if on < month:
            break
        if before is None:
            return value
        return before + (value - before) * on.day / last.day
    return before
