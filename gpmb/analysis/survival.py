"""How long legal steps take, and when a project will be done: pure numbers, no Django.

Days throughout. A case's step that has ended is an event; one still open is censored at today.
Source of the method: Kaplan & Meier 1958; Nelson-Aalen for the hazard; a gamma frailty for the
project; earned schedule after Lipke 2003. Calibration is checked by simulation in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

# Fewer finished events than this and a step's durations say nothing: no forecast is given.
MIN_EVENTS = 20
# The project's own speed is believed as if it had shown this many events at the common speed.
PRIOR_EVENTS = 4.0
PATHS = 1000
# A product of ten ratios that is exactly a half comes out one bit above it.
ROUNDING = 1e-12
# Earned schedule's estimate at completion is published from this many periods on.
MIN_PERIODS = 3


class NotEnoughEvents(ValueError):
    """A step has no curve: fewer than MIN_EVENTS finished durations."""


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: `survival` and cumulative `hazard` just after each event time.

    Beyond the last event the hazard is constant: events over total exposure (`tail_rate`).
    """

    times: Floats
    survival: Floats
    hazard: Floats
    events: int
    tail_rate: float

    @property
    def median(self) -> float:
        """First time at which half have finished; infinite if the curve stays above a half."""
        below = np.flatnonzero(self.survival <= 0.5 + ROUNDING)
        return float(self.times[below[0]]) if len(below) else math.inf

    def survival_at(self, days: Floats | float) -> Floats:
        """Return S(t) = P(T > t)."""
        t = np.asarray(days, dtype=float)
        at = np.searchsorted(self.times, t, side="right")
        value = np.r_[1.0, self.survival][at]
        late: Floats = value * np.exp(-self.tail_rate * self._beyond(t))
        return late

    def hazard_at(self, days: Floats | float) -> Floats:
        """Return the cumulative hazard H(t) (Nelson-Aalen)."""
        t = np.asarray(days, dtype=float)
        at = np.searchsorted(self.times, t, side="right")
        total: Floats = np.r_[0.0, self.hazard][at] + self.tail_rate * self._beyond(t)
        return total

    def done_within(self, days: Floats | float, age: Floats | float = 0.0) -> Floats:
        """Return P(T <= age + days | T > age)."""
        now, then = self.survival_at(age), self.survival_at(np.add(age, days))
        tail = np.exp(-self.tail_rate * np.asarray(days, dtype=float))
        kept = np.divide(then, now, out=np.broadcast_to(tail, then.shape).copy(), where=now > 0)
        chance: Floats = 1.0 - kept
        return chance

    def remaining(self, age: Floats, speed: Floats, rng: np.random.Generator) -> Floats:
        """Draw the days left for steps of `age` (C,) at the hazard ratios `speed` (P,): (P, C).

        Inverse transform of S(t)^speed given T > age.
        """
        draw = rng.random((len(speed), len(age))) ** (1.0 / speed[:, None])
        now = self.survival_at(age)
        target = draw * now
        # S falls with the index: searching -S finds the first time at which S <= target.
        at = np.searchsorted(-self.survival, -target, side="left")
        days = np.r_[self.times, 0.0][at] - age
        last = self.times[-1] if len(self.times) else 0.0
        floor = self.survival[-1] if len(self.survival) else 1.0
        beyond = at == len(self.times)
        if beyond.any():
            # Past the last event, S = floor * exp(-rate * (t - last)); where the curve has
            # reached 0 there, an older step waits at the tail's rate from its own age.
            with np.errstate(divide="ignore", invalid="ignore"):
                tail = last + np.log(floor / target) / self.tail_rate - age
                own = -np.log(draw) / self.tail_rate
            days = np.where(beyond, np.where(now > 0, tail, own), days)
        if floor == 0:
            exhausted = np.broadcast_to(now <= 0, days.shape)
            days = np.where(exhausted, -np.log(draw) / self.tail_rate, days)
        left: Floats = np.maximum(days, 0.0)
        return left

    def _beyond(self, t: Floats) -> Floats:
        last = self.times[-1] if len(self.times) else 0.0
        past: Floats = np.maximum(0.0, t - last)
        return past


def kaplan_meier(days: Floats, finished: Bools) -> Curve:
    """Fit a curve to durations `days` (n,), `finished` (n,) False where still open.

    >>> curve = kaplan_meier(np.array([10.0, 12, 12, 15]), np.array([True, True, True, False]))
    >>> curve.survival.round(2).tolist()
    [0.75, 0.25]
    """
    days, finished = np.asarray(days, dtype=float), np.asarray(finished, dtype=bool)
    times, ended = np.unique(days[finished], return_counts=True)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    share = ended / np.maximum(at_risk, 1)
    exposure = float(days.sum())
    events = int(finished.sum())
    # All on the day they began: the tail is then a day long rather than undefined.
    rate = events / max(exposure, 1.0)
    hazard: Floats = np.cumsum(share).astype(float)
    survival: Floats = np.cumprod(1.0 - share).astype(float)
    return Curve(times, survival, hazard, events, rate)


@dataclass(frozen=True)
class OpenCases:
    """Cases not done: `step` (C,) the index of the step each is in, `age` (C,) days in it."""

    step: Ints
    age: Floats
    area_m2: Floats


def project_speed(
    curves: Sequence[Curve],
    step: Ints,
    days: Floats,
    finished: Bools,
    paths: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw the project's hazard ratio: Gamma(4 + events, 4 + hazard lived through), (paths,).

    `step`, `days`, `finished` (n,) are the project's own durations, ended and open.
    """
    lived = sum(
        float(curve.hazard_at(days[step == index]).sum()) for index, curve in enumerate(curves)
    )
    speed: Floats = rng.gamma(
        PRIOR_EVENTS + float(finished.sum()), 1.0 / (PRIOR_EVENTS + lived), size=paths
    )
    return speed


def simulate(
    curves: Sequence[Curve], cases: OpenCases, speed: Floats, rng: np.random.Generator
) -> Floats:
    """Draw the days until each case is done with its last step, (paths, cases)."""
    total = np.zeros((len(speed), len(cases.step)))
    for index, curve in enumerate(curves):
        inside = cases.step <= index
        if not inside.any():
            continue
        if curve.events < MIN_EVENTS:
            raise NotEnoughEvents
        age = np.where(cases.step == index, cases.age, 0.0)[inside]
        total[:, inside] += curve.remaining(age, speed, rng)
    return total


def days_to_share(total: Floats, area_m2: Floats, done_m2: float, share: float) -> Floats:
    """Return, for each path, the days until `share` of the area is done, (paths,).

    `total` (paths, cases) from `simulate`; `done_m2` is done today. The full share waits for
    every case, those without an area too.
    """
    if total.shape[1] == 0:
        return np.zeros(total.shape[0])
    if share >= 1:
        return np.asarray(total.max(axis=1), dtype=float)
    goal = share * (done_m2 + float(area_m2.sum())) - done_m2
    if goal <= 0:
        return np.zeros(total.shape[0])
    order = np.argsort(total, axis=1)
    reached = np.cumsum(area_m2[order], axis=1) >= goal - 1e-6
    first = reached.argmax(axis=1)
    rows = np.arange(len(total))
    days: Floats = total[rows, order[rows, first]]
    return days


@dataclass(frozen=True)
class EarnedSchedule:
    """Earned schedule of a plan (Lipke), in periods; None where undefined."""

    earned: float
    variance: float
    index: float | None
    at_completion: float | None
    to_complete: float | None
    cost_index: float | None
    cost_variance: float


def earned_schedule(planned: Sequence[float], earned: float, at: int) -> EarnedSchedule:
    """Compare the `earned` value at period `at` with the cumulative plan `planned`.

    `planned[t]` for t = 0..PD ends at the whole plan. ES = C + (EV - PV_C)/(PV_{C+1} - PV_C) with
    C the last period whose plan is reached; the plan done, ES is the first period that holds all.
    IEAC is published from the third period on; TSPI not past the plan's end.
    """
    plan = np.asarray(planned, dtype=float)
    duration = len(plan) - 1
    if earned >= plan[-1]:
        es = float(np.argmax(plan >= plan[-1]))
    else:
        reached = np.flatnonzero(plan <= earned)
        last = int(reached[-1]) if len(reached) else 0
        es = last + (max(earned, plan[last]) - plan[last]) / (plan[last + 1] - plan[last])
    defined = at > 0 and es > 0
    index = es / at if defined else None
    value = float(plan[min(at, duration)])
    return EarnedSchedule(
        earned=es,
        variance=es - at,
        index=index,
        at_completion=duration / index if index and at >= MIN_PERIODS else None,
        to_complete=(duration - es) / (duration - at) if at < duration else None,
        cost_index=earned / value if value > 0 else None,
        cost_variance=earned - value,
    )


def pinball_loss(actual: Floats, forecast: Floats, quantile: float) -> float:
    """Return the mean pinball loss of a quantile's forecasts, in the unit of `actual`.

    max(q (y - f), (q - 1)(y - f)): early and late are charged as the quantile says.
    """
    miss = np.asarray(actual, dtype=float) - np.asarray(forecast, dtype=float)
    return float(np.mean(np.maximum(quantile * miss, (quantile - 1) * miss)))
