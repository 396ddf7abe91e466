"""Is it getting better? Mann-Kendall on slices of time that do not overlap.

A place gets a trend only when it passes the gate: hot over the whole period, over the last three
slices or in the last one, each by the exact test of geo.hotspots at a third of the false
discovery rate. Moving windows would overlap and reject a true null three times too often; at a
city's counts the usual pattern names ("intensifying", "historical", ...) are almost unreachable
and are not used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from geo import hotspots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike


MIN_SLICES = 10
MIN_CASES_PER_SLICE = 30
LEVEL = 0.05
GATE_LAST_SLICES = 3
# Months in a slice, the shortest first.
SLICES = {"month": 1, "quarter": 3, "half_year": 6}


class Direction(StrEnum):
    """What may be said of a trend; "not proven" does not mean "no trend"."""

    UP = "up"
    DOWN = "down"
    NOT_PROVEN = "not_proven"
    NOT_ENOUGH_PERIODS = "not_enough_periods"


@dataclass(frozen=True)
class MannKendall:
    """Mann-Kendall's test with ties, normal approximation, two-sided, and Sen's slope."""

    s: int
    variance: float
    z: float
    p: float
    tau: float
    slope: float


def mann_kendall(values: ArrayLike) -> MannKendall:
    """Test a series (n,), n >= 2, for a monotone trend.

    S = Σ sign(x_j - x_i) over i < j;  Var S = [n(n-1)(2n+5) - Σ t(t-1)(2t+5)] / 18 over groups of
    t ties;  z = (S ∓ 1)/√Var (Mann 1945, Kendall 1975). The slope is the median of
    (x_j - x_i)/(j - i), per slice (Sen 1968).

    >>> mann_kendall([5, 3, 6, 6, 2, 7, 8, 9, 7, 10]).s
    29
    """
    x = np.asarray(values, float)
    n = x.size
    if n < 2:
        raise ValueError("a trend needs two values or more")
    i, j = np.triu_indices(n, 1)
    s = int(np.sign(x[j] - x[i]).sum())
    ties = np.unique(x, return_counts=True)[1]
    variance = float(n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    z = (s - np.sign(s)) / variance**0.5 if variance else 0.0
    return MannKendall(
        s=s,
        variance=variance,
        z=float(z),
        p=float(2 * ndtr(-abs(z))),
        tau=s / (n * (n - 1) / 2),
        slope=float(np.median((x[j] - x[i]) / (j - i))),
    )


def direction(values: ArrayLike) -> Direction:
    """Say where a series (n,) of slices goes; it takes at least 10 of them to say anything."""
    x = np.asarray(values, float)
    if x.size < MIN_SLICES:
        return Direction.NOT_ENOUGH_PERIODS
    test = mann_kendall(x)
    if test.p > LEVEL:
        return Direction.NOT_PROVEN
    return Direction.UP if test.s > 0 else Direction.DOWN


def slice_months(cases_by_month: ArrayLike) -> int | None:
    """Choose the length of a slice in months: 1, 3 or 6, or None where there is not enough.

    The shortest that leaves at least 10 whole slices, counted back from the last month, with 30
    cases each on average in the whole run.
    """
    cases = np.asarray(cases_by_month, np.int64)
    for months in SLICES.values():
        count = cases.size // months
        if count < MIN_SLICES:
            continue
        if cases[cases.size - count * months :].sum() >= MIN_CASES_PER_SLICE * count:
            return months
    return None


def gate(
    q: ArrayLike,
    r: ArrayLike,
    at_risk: ArrayLike,
    with_case: ArrayLike,
    rules: hotspots.Rules | None = None,
) -> Mapping[str, hotspots.Run]:
    """Test the whole period, the last three slices and the last one at a third of the rate each.

    Parameters
    ----------
    at_risk, with_case : (cells, slices) household-slices at risk and with a case.

    Returns
    -------
    The runs "period", "last_slices", "last_slice": a place passes where one of them is hot.
    """
    n, c = np.asarray(at_risk, np.int64), np.asarray(with_case, np.int64)
    rules = rules or hotspots.Rules()
    third = replace(rules, false_discovery_rate=rules.false_discovery_rate / 3)
    spans = {"period": n.shape[1], "last_slices": GATE_LAST_SLICES, "last_slice": 1}
    return {
        name: hotspots.find(q, r, n[:, -span:].sum(axis=1), c[:, -span:].sum(axis=1), third)
        for name, span in spans.items()
    }


def rate_direction(at_risk: ArrayLike, with_case: ArrayLike) -> Direction:
    """Say where the rate of an area goes, from its counts (slices,) at risk and with a case.

    Slices in which nobody was at risk have no rate and are left out.
    """
    n, c = np.asarray(at_risk, float), np.asarray(with_case, float)
    return direction(c[n > 0] / n[n > 0])
