"""Kulldorff's scan: the values of SaTScan, a slow second implementation, and the seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cells
from geo.scan import log_likelihood_ratio, scan


@pytest.mark.parametrize(
    ("observed", "households", "llr"),
    [(85, 95_249, 11.577255), (38, 34_083, 9.019716), (11, 8_839, 3.209485)],
)
def test_the_ratio_that_satscan_gives_for_new_york_leukemia(observed, households, llr):
    expected = households * 552 / 1_057_673
    assert log_likelihood_ratio(observed, expected, 552) == pytest.approx(llr, abs=5e-7)


def test_no_excess_and_fewer_than_three_cases_count_nothing():
    assert log_likelihood_ratio(10, 10.0, 100) == 0
    assert log_likelihood_ratio(2, 0.01, 100) == 0
    assert log_likelihood_ratio(4, 1.0, 4) == pytest.approx(4 * np.log(4))


def city(seed, radius=6, at_most=40):
    rng = np.random.default_rng(seed)
    q, r = cells.disc(radius).T
    n = rng.integers(0, at_most, q.size)
    near = cells.distance(q, r, 2, -1) <= 1
    return q, r, n, rng.binomial(n, np.where(near, 0.4, 0.03))


def slow_best(q, r, n, c):
    """The most likely circle by shapely-free brute force over distances in metres."""
    x, y = cells.centre_of(q, r)
    best = (0.0, 0)
    for i in (n > 0).nonzero()[0]:
        far = np.hypot(x - x[i], y - y[i])
        for radius in np.unique(far[far <= 1_000].round(3)):
            inside = far <= radius + 0.001
            if n[inside].sum() <= 0.1 * n.sum():
                expected = n[inside].sum() * c.sum() / n.sum()
                llr = log_likelihood_ratio(c[inside].sum(), expected, c.sum())
                best = max(best, (llr, int(c[inside].sum())))
    return best


@pytest.mark.parametrize("seed", range(5))
def test_the_most_likely_circle_is_the_one_of_brute_force(seed):
    q, r, n, c = city(seed)
    first = scan(q, r, n, c, seed=1, replicates=9)[0]
    llr, observed = slow_best(q, r, n, c)
    assert first.llr == pytest.approx(llr, rel=1e-9)
    assert first.observed == observed
    assert n[first.rows].sum() == first.at_risk <= 0.1 * n.sum()
    assert c[first.rows].sum() == first.observed


def test_a_planted_cluster_is_significant_and_stands_first():
    q, r, n, c = city(1)
    first = scan(q, r, n, c, seed=7)[0]
    assert first.p == 0.001
    assert cells.distance(q[first.rows], r[first.rows], 2, -1).min() <= 1


def test_clusters_do_not_overlap_and_fall():
    found = scan(*city(2), seed=7, replicates=99)
    rows = np.concatenate([cluster.rows for cluster in found])
    assert len(found) > 1
    assert np.unique(rows).size == rows.size
    assert [c.llr for c in found] == sorted((c.llr for c in found), reverse=True)
    assert [c.p for c in found] == sorted(c.p for c in found)


def test_a_seed_repeats_the_run():
    one, two = (scan(*city(4), seed=11, replicates=199) for _ in range(2))
    assert [c.p for c in one] == [c.p for c in two]
    assert [c.p for c in one] != [c.p for c in scan(*city(4), seed=12, replicates=199)]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random):
    q, r, n, c = city(3)
    rows = list(range(q.size))
    random.shuffle(rows)
    one = scan(q, r, n, c, seed=5, replicates=19)
    two = scan(q[rows], r[rows], n[rows], c[rows], seed=5, replicates=19)
    assert [(x.llr, x.p) for x in one] == [(x.llr, x.p) for x in two]
    assert [set(x.rows) for x in one] == [{rows[i] for i in x.rows} for x in two]


@pytest.mark.parametrize(
    ("n", "c"),
    [([50] * 5, [1, 1, 0, 0, 0]), ([5] * 5, [5] * 5), ([], []), ([50] * 2, [5, 0])],
)
def test_too_few_cases_or_cells_give_no_cluster(n, c):
    q = np.arange(len(n))
    assert scan(q, q * 0, n, c, seed=1, replicates=9) == []
