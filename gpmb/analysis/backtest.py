"""How past forecasts fared: at each past month, what was forecast against what happened.

Beside every forecast stands the naive one, "each step takes its full legal time". A quantile's
coverage is judged on the forecasts whose date has come, chosen by the forecast alone: choosing
by the outcome would favour the early. The pinball loss takes all of them, both sides cut off at
the data date, which keeps it proper.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpmb.analysis import durations, forecast
from gpmb.analysis.durations import Log
from gpmb.analysis.forecast import QUANTILES, SEED, Pending
from gpmb.analysis.survival import days_to_share, pinball_loss
from gpmb.clearance.models import Project
from gpmb.law.regimes import regime_on
from gpmb.law.rules import Rule, pick
from gpmb.reference.models import Rule as RuleRow

Floats = NDArray[np.float64]

MONTHS = 12
PATHS = 400
SHARES = (0.8, 1.0)
NAIVE = "naive"


@dataclass
class _Score:
    """Forecast and actual days of one share of the area, cut off `horizon` days ahead."""

    forecast: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in (*QUANTILES, NAIVE)}
    )
    actual: list[float] = field(default_factory=list)
    horizon: list[float] = field(default_factory=list)

    def add(self, days: dict[str, float], actual: float, horizon: float) -> None:
        for name, each in days.items():
            self.forecast[name].append(each)
        self.actual.append(actual)
        self.horizon.append(horizon)

    def summary(self) -> dict[str, Any]:
        """Coverage, how many it rests on, and mean pinball loss in days, ours and the naive."""
        actual, horizon = np.array(self.actual), np.array(self.horizon)
        quantiles = {}
        for name, quantile in QUANTILES.items():
            days, naive = np.array(self.forecast[name]), np.array(self.forecast[NAIVE])
            quantiles[name] = {
                "nominal": quantile,
                **_coverage(days, actual, horizon),
                "pinball_days": _loss(days, actual, horizon, quantile),
                "naive_pinball_days": _loss(naive, actual, horizon, quantile),
            }
        legal = _coverage(np.array(self.forecast[NAIVE]), actual, horizon)
        return {"forecasts": len(actual), "quantiles": quantiles, "naive": legal}


def run(
    *, on: dt.date, months: int = MONTHS, seed: int = SEED, paths: int = PATHS
) -> dict[str, Any]:
    """Forecast every unrestricted project at the end of each past month and score it on `on`."""
    log = durations.read()
    rules = RuleRow.objects.as_law()
    scores = {share: _Score() for share in SHARES}
    refused = 0
    projects = list(Project.objects.filter(restricted=False).values_list("pk", "kind"))
    for then in month_ends(on, months):
        known = log.durations(then)
        horizon = float((on - then).days)
        for project, kind in projects:
            left = forecast.pending(log, project, then)
            if left is None or left.finished_on:
                continue
            curves, _ = forecast.pool(known, kind)
            if forecast.missing(curves, left, then):
                refused += 1
                continue
            total = forecast.draw(known, curves, left, project, seed=seed, paths=paths)
            legal = naive_days(log, left, rules, then)
            for share, score in scores.items():
                days = forecast.quantile_days(total, left, share)
                days[NAIVE] = float(
                    days_to_share(legal[None, :], left.cases.area_m2, left.done_m2, share)[0]
                )
                score.add(days, actual_days(log, project, then, share), horizon)
    return {
        "as_of": on.isoformat(),
        "months": months,
        "seed": seed,
        "paths": paths,
        "not_enough_data": refused,
        "by_share": {str(round(share * 100)): score.summary() for share, score in scores.items()},
    }


def month_ends(on: dt.date, count: int) -> Iterator[dt.date]:
    """Yield the last days of the `count` months before the month of `on`, oldest first."""
    ends = []
    first = on.replace(day=1)
    for _ in range(count):
        end = first - dt.timedelta(days=1)
        ends.append(end)
        first = end.replace(day=1)
    yield from reversed(ends)


def actual_days(log: Log, project: int, then: dt.date, share: float) -> float:
    """Return the days after `then` at which a share of the area it then had was handed over."""
    day = then.toordinal()
    mine = (log.taking_project == project) & (log.taking_withdrawn > day)
    # Land that left the project later no longer stands in the way from that day.
    ends = np.minimum(log.handed_over[mine], log.taking_withdrawn[mine])
    return float(max(0.0, days_to_share(ends[None, :] - day, log.area_m2[mine], 0.0, share)[0]))


def naive_days(log: Log, left: Pending, rules: Sequence[Rule], then: dt.date) -> Floats:
    """Return the days left if every step took its full legal time, (cases,).

    The notice wait runs from the notice to the decisions, payment has its ceiling, and what the
    law gives no term (handover under the 2013 law) takes none.
    """
    regime, day = regime_on(then), then.toordinal()

    def term(code: str) -> float:
        rule = pick(rules, code, then, regime=regime)
        return float(rule.value) if rule else 0.0

    known = left.case >= 0
    stage = left.cases.step + 1
    non_agri = np.zeros(len(known), dtype=bool)
    non_agri[known] = log.non_agri[left.case[known]]
    wait = np.where(non_agri, term("NOTICE_WAIT_NONAGRI"), term("NOTICE_WAIT_AGRI"))
    noticed = np.full(len(known), float(day))
    noticed[known] = np.minimum(log.reached[left.case[known], 1], day)
    before = np.where(stage < 4, np.maximum(0.0, wait - (day - noticed)), 0.0)
    pay = term("PAYMENT")
    paying = np.where(stage < 4, pay, np.where(stage == 4, pay - left.cases.age, 0.0))
    handing = term("ENFORCE_HANDOVER")
    after = np.where(stage < 5, handing, handing - left.cases.age)
    days: Floats = before + np.maximum(0.0, paying) + np.maximum(0.0, after)
    return days


def _coverage(days: Floats, actual: Floats, horizon: Floats) -> dict[str, Any]:
    come = days <= horizon
    share = float((actual[come] <= days[come]).mean()) if come.any() else None
    return {"judged": int(come.sum()), "coverage": share}


def _loss(days: Floats, actual: Floats, horizon: Floats, quantile: float) -> float | None:
    if not len(days):
        return None
    return pinball_loss(np.minimum(actual, horizon), np.minimum(days, horizon), quantile)
