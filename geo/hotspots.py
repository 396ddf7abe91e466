"""Where cases gather more than the households at risk explain: an exact test with honest alarms.

For each populated cell i and k = 0, 1, 2 the window (i, k) holds the cells within k steps of i.
With n households at risk in the window, O of them with a case, N and C the totals of the run:

    E = n·C/N    SMR = O/E    p = P(X >= O), X ~ Hypergeometric(N, C, n)

Benjamini-Hochberg at q = 0.05 runs over every window with n >= 10 of the run (one city, period
and kind; never the viewport). Counts alone would find where people live and permutation tests
cannot resolve a p small enough; the exact tail does, without a seed. Simulated false alarms and
power stand in tests/bench/hotspots.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `stats` takes a second to load: at the first test, not at every start
from scipy.sparse import coo_array, csgraph

from geo import cells

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]


class Verdict(StrEnum):
    """What may be said of a window, a cell or a run."""

    HOT = "hot"
    WATCH = "watch"
    NONE = "none"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Rules:
    """The parameters of a run; the defaults were chosen by simulation."""

    rings: int = 2
    false_discovery_rate: float = 0.05
    min_at_risk: int = 10
    min_cases: int = 3
    hot_ratio: float = 1.5
    # At p <= 0.01 a watch would appear on 84 of 100 maps without any cluster; at 0.001 on 17.
    watch_p: float = 0.001
    watch_ratio: float = 2.0
    power_ratio: float = 5.0
    min_power: float = 0.5
    run_min_cases: int = 10
    run_min_at_risk: int = 100
    run_min_windows: int = 10


@dataclass(frozen=True)
class Windows:
    """The windows (w,) of a run, by cell and ring."""

    cell: IntArray  # row of the centre in the run's cells
    ring: IntArray
    at_risk: IntArray
    observed: IntArray
    expected: FloatArray
    ratio: FloatArray  # observed / expected; 0 where nothing is expected
    p: FloatArray
    tested: BoolArray  # at least `min_at_risk` households
    hot: BoolArray
    watch: BoolArray
    enough: BoolArray  # a five-fold excess would be proven at least half the time

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.cell)

    def verdict(self, window: int) -> Verdict:
        """Return what may be said of one window."""
        if self.hot[window]:
            return Verdict.HOT
        if self.watch[window]:
            return Verdict.WATCH
        return Verdict.NONE if self.enough[window] else Verdict.NOT_ENOUGH_DATA


@dataclass(frozen=True)
class Run:
    """A tested map: cells in the order of (q, r), their windows, and the verdict."""

    q: IntArray
    r: IntArray
    at_risk: IntArray
    with_case: IntArray
    windows: Windows
    verdict: Verdict
    rules: Rules

    @property
    def households(self) -> int:
        """N, households at risk."""
        return int(self.at_risk.sum())

    @property
    def cases(self) -> int:
        """C, households with a case."""
        return int(self.with_case.sum())

    @property
    def tested(self) -> int:
        """m, windows tested."""
        return int(self.windows.tested.sum())


def critical_count(
    n: ArrayLike, households: int, cases: int, tested: int, rate: float = 0.05
) -> IntArray:
    """Return the fewest cases that a window of n households needs to reach alpha* = rate/tested.

    O_crit(n) = min{k: P(X >= k) <= alpha*}; n + 1, which cannot occur, where there is none.
    """
    n = np.asarray(n, np.int64)
    alpha = rate / max(tested, 1)
    low, high = np.zeros_like(n), n + 1  # the answer lies in (low, high]
    while (high - low > 1).any():
        middle = (low + high) // 2
        rare = scipy.stats.hypergeom.sf(middle - 1, households, cases, n) <= alpha
        high = np.where(rare & (high - low > 1), middle, high)
        low = np.where(~rare & (high - low > 1), middle, low)
    # Beyond what the window can hold the tail is empty, hence "rare": that is no proof of it.
    return np.where(high > np.minimum(n, cases), n + 1, high)


def power(
    n: ArrayLike, households: int, cases: int, critical: ArrayLike, ratio: float = 5.0
) -> FloatArray:
    """Return P(Bin(n, min(1, ratio·C/N)) >= critical), the chance to prove such an excess."""
    risk = min(1.0, ratio * cases / households) if households else 0.0
    chance: FloatArray = scipy.stats.binom.sf(np.asarray(critical) - 1, np.asarray(n), risk)
    return chance


def benjamini_hochberg(p: ArrayLike, rate: float = 0.05) -> BoolArray:
    """Return which of the p values (m,) the step-up procedure rejects at a false discovery rate.

    Benjamini and Hochberg (1995): with p(1) <= ... <= p(m), reject all up to the largest i with
    p(i) <= i·rate/m.
    """
    p = np.asarray(p, float)
    if not p.size:
        return np.zeros(0, bool)
    ordered = np.sort(p)
    passing = ordered <= np.arange(1, p.size + 1) * rate / p.size
    if not passing.any():
        return np.zeros(p.size, bool)
    return np.asarray(p <= ordered[passing.nonzero()[0][-1]])


def window_sums(index: cells.Index, rings: int, *values: ArrayLike) -> list[FloatArray]:
    """Sum values (n,) of cells over the windows: for each one an array (n, rings + 1)."""
    offsets = cells.disc(rings)
    step = cells.distance(offsets[:, 0], offsets[:, 1], 0, 0)
    neighbours = index.around(offsets)
    sums = []
    for value in values:
        padded = np.append(np.asarray(value, float), 0)  # row -1: no such cell
        by_ring = [padded[neighbours[:, step == k]].sum(axis=1) for k in range(rings + 1)]
        sums.append(np.cumsum(by_ring, axis=0).T)
    return sums


def find(
    q: ArrayLike,
    r: ArrayLike,
    at_risk: ArrayLike,
    with_case: ArrayLike,
    rules: Rules | None = None,
) -> Run:
    """Test every window of a map and say where cases gather.

    Parameters
    ----------
    q, r : (n,) axial coordinates of cells, each cell once (see geo.cells).
    at_risk : (n,) households at risk; cells without any are left out, they do not exist.
    with_case : (n,) households of them with at least one case. Cases, not signatures: a
        collective letter is one case, repeated letters on one matter are one case.

    Raises
    ------
    ValueError : a cell comes twice, a count is negative, or there are more cases than households.
    """
    rules = rules or Rules()
    q, r, n, c = (np.asarray(v, np.int64) for v in (q, r, at_risk, with_case))
    if (n < 0).any() or (c < 0).any() or (c > n).any():
        raise ValueError("0 <= with_case <= at_risk does not hold in every cell")
    cells.Index(q, r)  # refuses a cell that comes twice, populated or not
    order = np.lexsort((r, q))
    order = order[n[order] > 0]
    q, r, n, c = q[order], r[order], n[order], c[order]

    windows = _test(cells.Index(q, r), n, c, rules)
    return Run(q, r, n, c, windows, _verdict(windows, int(n.sum()), int(c.sum()), rules), rules)


def _test(index: cells.Index, n: IntArray, c: IntArray, rules: Rules) -> Windows:
    households, cases = int(n.sum()), int(c.sum())
    window_n, window_c = (
        v.ravel().astype(np.int64) for v in window_sums(index, rules.rings, n, c)
    )
    expected = np.asarray(window_n * (cases / max(households, 1)), np.float64)
    ratio = _ratio(window_c, expected)
    p = np.asarray(scipy.stats.hypergeom.sf(window_c - 1, households, cases, window_n), float)

    tested = window_n >= rules.min_at_risk
    rejected = np.zeros(tested.shape, bool)
    rejected[tested] = benjamini_hochberg(p[tested], rules.false_discovery_rate)
    m = int(tested.sum())
    enough_run = not _too_small(households, cases, m, rules)
    common = tested & (window_c >= rules.min_cases) & enough_run
    hot = common & rejected & (ratio >= rules.hot_ratio)
    watch = common & ~hot & (p <= rules.watch_p) & (ratio >= rules.watch_ratio)

    sizes, back = np.unique(window_n, return_inverse=True)
    critical = critical_count(sizes, households, cases, m, rules.false_discovery_rate)
    chance = power(sizes, households, cases, critical, rules.power_ratio)
    enough = tested & enough_run & (chance >= rules.min_power)[back]

    return Windows(
        cell=np.repeat(np.arange(n.size), rules.rings + 1),
        ring=np.tile(np.arange(rules.rings + 1), n.size),
        at_risk=window_n,
        observed=window_c,
        expected=expected,
        ratio=ratio,
        p=p,
        tested=tested,
        hot=hot,
        watch=watch,
        enough=enough,
    )


def _too_small(households: int, cases: int, tested: int, rules: Rules) -> bool:
    return (
        cases < rules.run_min_cases
        or households < rules.run_min_at_risk
        or tested < rules.run_min_windows
        or cases == households
    )


def _verdict(windows: Windows, households: int, cases: int, rules: Rules) -> Verdict:
    if _too_small(households, cases, int(windows.tested.sum()), rules):
        return Verdict.NOT_ENOUGH_DATA
    if windows.hot.any():
        return Verdict.HOT
    if windows.watch.any():
        return Verdict.WATCH
    return Verdict.NONE if windows.enough.any() else Verdict.NOT_ENOUGH_DATA


def cell_windows(run: Run) -> IntArray:
    """Return for each cell (n,) the window that decides what is painted there.

    The strongest verdict wins; among equals the smallest p, then the smallest ring.
    """
    windows = run.windows
    rank = np.select([windows.hot, windows.watch, windows.enough], [0, 1, 2], 3)
    order = np.lexsort((windows.ring, windows.p, rank, windows.cell))
    first = np.unique(windows.cell[order], return_index=True)[1]
    return order[first]


def members(run: Run, window: int) -> IntArray:
    """Return the rows of the cells in a window."""
    cell, ring = run.windows.cell[window], int(run.windows.ring[window])
    dq, dr = cells.disc(ring).T
    rows = cells.Index(run.q, run.r).find(run.q[cell] + dq, run.r[cell] + dr)
    return rows[rows >= 0]


def areas(run: Run, verdict: Verdict = Verdict.HOT) -> list[IntArray]:
    """Group cells of one verdict that touch: the rows of each area, the smallest p first."""
    decisive = cell_windows(run)
    flags = run.windows.hot if verdict is Verdict.HOT else run.windows.watch
    painted = flags[decisive].nonzero()[0]
    if not painted.size:
        return []
    near = cells.Index(run.q[painted], run.r[painted]).around(np.array(cells.DIRECTIONS))
    a, b = (near >= 0).nonzero()
    links = coo_array((np.ones(a.size), (a, near[a, b])), shape=(painted.size, painted.size))
    count, label = csgraph.connected_components(links, directed=False)
    groups = [painted[label == i] for i in range(count)]
    return sorted(groups, key=lambda rows: run.windows.p[decisive[rows]].min())


class Agreement(StrEnum):
    """Whether the exact test and the scan point at the same place."""

    BOTH = "both"
    ONLY_EXACT = "only_exact"
    ONLY_SCAN = "only_scan"


def footprint(run: Run, area: IntArray) -> IntArray:
    """Return the rows of all cells in the windows that decided an area's cells."""
    decisive = cell_windows(run)
    return np.unique(np.concatenate([members(run, int(w)) for w in decisive[area]]))


def agreement(
    run: Run, found: list[IntArray], scanned: list[IntArray]
) -> tuple[list[Agreement], list[Agreement]]:
    """Compare areas of the exact test with significant circles of the scan.

    Parameters
    ----------
    found : rows of the cells of each area (see `areas`).
    scanned : rows of the cells of each circle whose p is small enough, of the same run.

    Returns
    -------
    One answer for each area, and one for each circle: BOTH where they share a cell.
    """
    windows = [footprint(run, area) for area in found]

    def meets(rows: IntArray, others: list[IntArray]) -> bool:
        return any(np.isin(rows, other).any() for other in others)

    return (
        [Agreement.BOTH if meets(w, scanned) else Agreement.ONLY_EXACT for w in windows],
        [Agreement.BOTH if meets(c, windows) else Agreement.ONLY_SCAN for c in scanned],
    )


def own_rate_ratio(
    run: Run, q: ArrayLike, r: ArrayLike, project: ArrayLike, n: ArrayLike, c: ArrayLike
) -> FloatArray:
    """Return O/E of every window (w,) with E from the rates of the projects it lies in.

    Below 1.5 the excess is "project-wide": the whole project complains, not this place. It labels
    a finding and never makes one: stratifying by project takes the power away.

    Parameters
    ----------
    q, r, project, n, c : (m,) counts by cell and project; each household in one project.
    """
    index = cells.Index(run.q, run.r)
    rows = index.find(q, r)
    _, group = np.unique(np.asarray(project), return_inverse=True)
    n, c = np.asarray(n, float), np.asarray(c, float)
    group_n, group_c = np.bincount(group, n), np.bincount(group, c)
    rate = np.divide(group_c, group_n, out=np.zeros(group_n.size), where=group_n > 0)
    known = rows >= 0
    cell_expected = np.bincount(rows[known], (n * rate[group])[known], minlength=run.q.size)
    (expected,) = (v.ravel() for v in window_sums(index, run.rules.rings, cell_expected))
    return _ratio(run.windows.observed, expected)


def _ratio(observed: IntArray, expected: FloatArray) -> FloatArray:
    """Return observed / expected, 0 where nothing is expected."""
    return np.divide(observed, expected, out=np.zeros(expected.shape), where=expected > 0)
