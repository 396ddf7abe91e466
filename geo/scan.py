"""Kulldorff's Poisson scan in circles: the cross-check of the exact test.

Zones are true circles round each cell: all cells up to a distance, as long as they hold at most a
tenth of the households and reach at most 1 km. With O cases, E expected in the zone, C in all:

    LLR = O·ln(O/E) + (C-O)·ln((C-O)/(C-E))     if O > E and O >= 3, else 0

(Kulldorff 1997; values of SaTScan stand in tests/geo/test_scan.py). Replicates deal the C cases
out by households; p = (1 + #{max LLR of a replicate >= LLR}) / (1 + replicates).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from geo import cells

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

MIN_CASES = 3


@dataclass(frozen=True)
class Cluster:
    """A circle with more cases than expected."""

    llr: float
    p: float
    rows: IntArray  # of its cells in the table given
    at_risk: int
    observed: int
    expected: float


@dataclass(frozen=True)
class _Zones:
    """Circles in compressed rows: cell i's neighbours, nearest first, and where shells end."""

    start: IntArray  # (n + 1,) into neighbour
    neighbour: IntArray
    at_risk: IntArray  # households of the circle that ends here, 0 where none ends
    log_expected: FloatArray
    log_outside: FloatArray  # ln(C - E)


def log_likelihood_ratio(observed: float, expected: float, total: float) -> float:
    """Return the LLR of one zone; 0 where there are fewer than 3 cases or no excess.

    >>> round(log_likelihood_ratio(85, 95249 * 552 / 1057673, 552), 6)
    11.577255
    """
    if observed <= expected or observed < MIN_CASES:
        return 0.0
    outside = total - observed
    llr = observed * np.log(observed / expected)
    if outside > 0:
        llr += outside * np.log(outside / (total - expected))
    return float(llr)


def scan(
    q: ArrayLike,
    r: ArrayLike,
    at_risk: ArrayLike,
    with_case: ArrayLike,
    *,
    seed: int,
    replicates: int = 999,
    max_share: float = 0.10,
    max_households: int = 3_000,
    radius_m: float = 1_000.0,
    edge_m: float = cells.EDGE_M,
    most: int = 10,
) -> list[Cluster]:
    """Find the circles with the most unlikely excess, none overlapping another, at most `most`.

    Parameters
    ----------
    q, r, at_risk, with_case : (n,) as in geo.hotspots.find; the order of rows does not matter.
    seed : of the replicates; the same seed gives the same p.

    Returns
    -------
    Clusters by falling LLR, secondary ones against the same maxima as the first.
    """
    q, r, n, c = (np.asarray(v, np.int64) for v in (q, r, at_risk, with_case))
    order = np.lexsort((r, q))
    order = order[n[order] > 0]
    n, c = n[order], c[order]
    households, cases = int(n.sum()), int(c.sum())
    if cases < MIN_CASES or cases == households:
        return []
    limit = min(max_share * households, max_households)
    zones = _zones(q[order], r[order], n, cases, limit, radius_m, edge_m)
    if not (zones.at_risk > 0).any():
        return []
    logs = np.log(np.maximum(np.arange(cases + 1), 1))
    arrays = (zones.start, zones.neighbour, zones.at_risk, zones.log_expected, zones.log_outside)

    llr = _zone_llr(c, cases, households, logs, *arrays)
    # Zones with the same LLR: the smaller, then the first in the order of (q, r).
    ranking = np.lexsort((np.arange(llr.size), zones.at_risk, -llr))
    best = _disjoint(ranking[llr[ranking] > 0], zones.start, zones.neighbour, n.size, most)

    rng = np.random.default_rng(seed)
    maxima = np.empty(replicates)
    block = max(1, 4_000_000 // n.size)
    for first in range(0, replicates, block):
        size = min(block, replicates - first)
        dealt = rng.multinomial(cases, n / households, size=size)
        maxima[first : first + size] = _maxima(dealt, cases, households, logs, *arrays)

    clusters = []
    for at in best:
        centre = int(np.searchsorted(zones.start, at, side="right")) - 1
        rows = zones.neighbour[zones.start[centre] : at + 1]
        clusters.append(
            Cluster(
                llr=float(llr[at]),
                p=float((1 + (maxima >= llr[at]).sum()) / (1 + replicates)),
                rows=order[rows],
                at_risk=int(n[rows].sum()),
                observed=int(c[rows].sum()),
                expected=float(n[rows].sum() * cases / households),
            )
        )
    return clusters


def _zones(
    q: IntArray,
    r: IntArray,
    n: IntArray,
    cases: int,
    limit: float,
    radius_m: float,
    edge_m: float,
) -> _Zones:
    offsets, shell = cells.circle(radius_m, edge_m)
    around = cells.Index(q, r).around(offsets)
    inside = np.append(n, 0)[around].cumsum(axis=1)
    # A circle ends with the last cell of a shell; what lies beyond the limit belongs to none.
    last = np.append(shell[1:] != shell[:-1], True)
    total_of_shell = inside[:, last][:, shell]
    kept = (around >= 0) & (total_of_shell <= limit)
    row, column = kept.nonzero()
    final = np.append((row[1:] != row[:-1]) | (shell[column][1:] != shell[column][:-1]), True)
    if not row.size:
        final = np.zeros(0, bool)
    zone_n = np.where(final, inside[row, column], 0)
    expected = zone_n * (cases / n.sum())
    return _Zones(
        start=np.append(0, kept.sum(axis=1).cumsum()).astype(np.int64),
        neighbour=around[row, column],
        at_risk=zone_n,
        log_expected=np.log(np.where(final, expected, 1.0)),
        log_outside=np.log(np.where(final, cases - expected, 1.0)),
    )


_jit: Any = numba.njit(cache=True, nogil=True)


@_jit
def _llr(  # type: ignore[no-untyped-def]
    observed, at_risk, cases, households, logs, log_expected, log_outside
):
    # "observed > expected" in integers; no circle ends where at_risk is 0.
    if observed < MIN_CASES or at_risk == 0 or observed * households <= at_risk * cases:
        return 0.0
    out = cases - observed
    return observed * (logs[observed] - log_expected) + out * (logs[out] - log_outside)


@_jit
def _zone_llr(  # type: ignore[no-untyped-def]
    c, cases, households, logs, start, neighbour, at_risk, log_expected, log_outside
):
    llr = np.zeros(neighbour.size)
    for i in range(start.size - 1):
        observed = 0
        for j in range(start[i], start[i + 1]):
            observed += c[neighbour[j]]
            llr[j] = _llr(
                observed, at_risk[j], cases, households, logs, log_expected[j], log_outside[j]
            )
    return llr


@_jit
def _maxima(  # type: ignore[no-untyped-def]
    dealt, cases, households, logs, start, neighbour, at_risk, log_expected, log_outside
):
    best = np.zeros(dealt.shape[0])
    for k in range(dealt.shape[0]):
        c = dealt[k]
        for i in range(start.size - 1):
            observed = 0
            for j in range(start[i], start[i + 1]):
                observed += c[neighbour[j]]
                llr = _llr(
                    observed, at_risk[j], cases, households, logs, log_expected[j], log_outside[j]
                )
                best[k] = max(best[k], llr)
    return best


@_jit
def _disjoint(ranking, start, neighbour, size, most):  # type: ignore[no-untyped-def]
    taken = np.zeros(size, np.bool_)
    chosen = np.empty(most, np.int64)
    count = 0
    for at in ranking:
        if count == most:
            break
        first = start[np.searchsorted(start, at, side="right") - 1]
        free = True
        for j in range(first, at + 1):
            if taken[neighbour[j]]:
                free = False
                break
        if free:
            chosen[count] = at
            count += 1
            for j in range(first, at + 1):
                taken[neighbour[j]] = True
    return chosen[:count]
