"""Mann-Kendall to the digit, slices that do not overlap, and the gate."""

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import cells, trend
from geo.trend import Direction


def test_the_worked_series():
    test = trend.mann_kendall([5, 3, 6, 6, 2, 7, 8, 9, 7, 10])
    assert (test.s, test.variance) == (29, 123)
    assert test.z == pytest.approx(2.524675, abs=5e-7)
    assert test.p == pytest.approx(0.0115805, abs=5e-8)
    assert test.tau == pytest.approx(0.644444, abs=5e-7)
    assert test.slope == pytest.approx(0.571429, abs=5e-7)


def test_one_to_ten():
    test = trend.mann_kendall(range(1, 11))
    assert (test.s, test.variance) == (45, 125)
    assert test.z == pytest.approx(3.935480, abs=5e-7)
    assert test.p == pytest.approx(8.303070e-05, rel=1e-6)


@pytest.mark.parametrize(
    ("values", "p"),
    [
        (range(1, 6), 0.0274863),
        (range(1, 5), 0.0894294),
        ([0] * 8, 1),
        ([0, 0, 0, 0, 0, 1, 2, 3], 0.0148148),
    ],
)
def test_small_series(values, p):
    assert trend.mann_kendall(list(values)).p == pytest.approx(p, abs=5e-8)


def test_ties_lower_the_variance():
    assert trend.mann_kendall([0, 0, 0, 0, 0, 1, 2, 3]).s == 18


@given(st.lists(st.integers(0, 9), min_size=3, max_size=30))
def test_the_public_implementation_agrees(values):
    theirs = pymannkendall.original_test(values)
    ours = trend.mann_kendall(values)
    assert (ours.s, ours.variance) == (theirs.s, pytest.approx(theirs.var_s))
    assert (ours.p, ours.tau) == (pytest.approx(theirs.p), pytest.approx(theirs.Tau))
    assert ours.slope == pytest.approx(theirs.slope)


def test_one_value_has_no_trend():
    with pytest.raises(ValueError, match="two values"):
        trend.mann_kendall([1])


def test_a_direction_is_up_down_not_proven_or_not_enough_periods():
    rising = list(range(10))
    assert trend.direction(rising) is Direction.UP
    assert trend.direction(rising[::-1]) is Direction.DOWN
    assert trend.direction([5, 6] * 6) is Direction.NOT_PROVEN
    assert trend.direction(rising[:9]) is Direction.NOT_ENOUGH_PERIODS


def test_the_shortest_slice_with_thirty_cases_and_ten_slices_is_taken():
    assert trend.slice_months([30] * 10) == 1
    assert trend.slice_months([29] * 10) is None
    assert trend.slice_months([29] * 30) == 3
    assert trend.slice_months([10] * 29) is None
    assert trend.slice_months([5] * 60) == 6
    assert trend.slice_months([4] * 60) is None


def test_slices_that_do_not_overlap_keep_the_false_alarms_at_the_level():
    series = np.random.default_rng(5).poisson(4, (1_500, 12))
    alarms = np.mean([trend.mann_kendall(s).p <= 0.05 for s in series])
    assert 0.025 < alarms < 0.06
    moving = np.stack([series[:, i : i + 3].sum(axis=1) for i in range(10)], axis=1)
    assert np.mean([trend.mann_kendall(s).p <= 0.05 for s in moving]) > 0.15


def test_the_gate_lets_a_place_through_that_is_hot_only_lately():
    rng = np.random.default_rng(2)
    q, r = cells.disc(5).T
    n = np.full((q.size, 12), 30)
    near = cells.distance(q, r, 0, 0) <= 1
    c = rng.binomial(n, 0.02)
    c[near, -1] = 9
    runs = trend.gate(q, r, n, c)
    assert list(runs) == ["period", "last_slices", "last_slice"]
    assert runs["period"].households == 12 * 30 * q.size
    assert runs["last_slices"].households == 3 * 30 * q.size
    assert runs["last_slice"].rules.false_discovery_rate == pytest.approx(0.05 / 3)
    assert runs["last_slice"].windows.hot.any()
    c[near, -1] = 0
    assert not any(run.windows.hot.any() for run in trend.gate(q, r, n, c).values())


def test_the_rate_of_an_area_not_its_count_has_the_direction():
    n = np.array([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
    assert trend.rate_direction(n, n // 20) is Direction.NOT_PROVEN
    assert trend.rate_direction(n, np.full(10, 20)) is Direction.DOWN
    assert trend.rate_direction(np.append(0, n[1:]), n // 20) is Direction.NOT_ENOUGH_PERIODS
