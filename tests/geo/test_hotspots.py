"""The exact local excess test: every worked number of the method, and its rules at the border."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from geo import cells, hotspots
from geo.hotspots import Agreement, Verdict

TINY_N = [20, 20, 20, 40, 40, 30, 30]
TINY_C = [5, 0, 1, 1, 2, 0, 1]


def apart(n, c):
    """Cells that share no window."""
    q = np.arange(len(n)) * 10
    return hotspots.find(q, np.zeros_like(q), n, c)


def planted(seed=3, households=30, radius=6, at=(0, 0), rate=0.02, cluster_rate=0.5):
    """A disc of cells with a cluster in the seven cells round one."""
    rng = np.random.default_rng(seed)
    q, r = cells.disc(radius).T
    n = np.full(q.size, households)
    near = cells.distance(q, r, *at) <= 1
    return q, r, n, rng.binomial(n, np.where(near, cluster_rate, rate)), near


def test_the_tail_of_nine_cases_among_sixty_households():
    n = np.append([60], np.full(100, 79)), np.append([9], np.full(100, 2))
    n[0][-1] += 8_000 - n[0].sum()
    n[1][-1] += 240 - n[1].sum()
    run = apart(*n)
    assert (run.households, run.cases) == (8_000, 240)
    assert run.windows.p[0] == pytest.approx(6.586204413698886e-05, rel=1e-12)


def test_the_tiny_example():
    run = apart(TINY_N, TINY_C)
    single = run.windows.ring == 0
    assert run.windows.p[single].round(6).tolist() == [
        0.001105, 1, 0.660226, 0.898711, 0.630394, 1, 0.811059,
    ]  # fmt: skip
    assert run.windows.ratio[single].round(3).tolist() == [5, 0, 1, 0.5, 1, 0, 0.667]
    assert run.windows.hot[single].tolist() == [True, *[False] * 6]
    assert run.verdict is Verdict.HOT


def test_benjamini_hochberg_steps_up():
    p = [0.001105, 1, 0.660226, 0.898711, 0.630394, 1, 0.811059]
    assert hotspots.benjamini_hochberg(p).tolist() == [True, *[False] * 6]
    # .02 fails its own threshold (.0167) but is carried by .03 <= .0333.
    assert hotspots.benjamini_hochberg([0.02, 0.03, 0.9]).tolist() == [True, True, False]
    assert not hotspots.benjamini_hochberg([]).size


def test_benjamini_hochberg_rejects_one_of_the_fifteen_published_values():
    p = [
        .001, .008, .039, .041, .042, .06, .074, .205, .212, .216, .222, .251, .269, .275, .34,
    ]  # fmt: skip
    assert hotspots.benjamini_hochberg(p).nonzero()[0].tolist() == [0]


@pytest.mark.parametrize(
    ("totals", "critical", "power"),
    [
        ((8000, 240, 620), [5, 6, 7, 9, 13, 18], [0.01, 0.07, 0.15, 0.56, 0.93, 1.00]),
        ((1500, 45, 176), [4, 5, 6, 8, 12, 16], [0.05, 0.17, 0.29, 0.70, 0.96, 1.00]),
        ((8000, 80, 620), [4, 4, 5, 6, 8, 10], [0.00, 0.02, 0.02, 0.08, 0.25, 0.55]),
        ((300, 9, 30), [4, 4, 5, 7, 9, None], [0.05, 0.35, 0.48, 0.82, 1.00, 0.00]),
        ((8000, 800, 620), [7, 9, 12, 17, 27, 38], [0.17, 0.75, 0.90, 1.00, 1.00, 1.00]),
    ],
)
def test_cases_needed_and_power_to_prove_a_fivefold_excess(totals, critical, power):
    n = np.array([10, 20, 30, 60, 120, 200])
    found = hotspots.critical_count(n, *totals)
    expected = [n_ + 1 if k is None else k for n_, k in zip(n, critical, strict=True)]
    assert found.tolist() == expected
    assert hotspots.power(n, *totals[:2], found).round(2).tolist() == power


@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 500))
def test_the_critical_count_is_the_smallest(n, cases, tested):
    households = 400
    k = int(hotspots.critical_count([n], households, cases, tested)[0])
    alpha = 0.05 / tested
    if k <= n:
        assert hypergeom.sf(k - 1, households, cases, n) <= alpha
        assert hypergeom.sf(k - 2, households, cases, n) > alpha
    else:
        assert hypergeom.sf(min(n, cases) - 1, households, cases, n) > alpha


def test_a_threefold_excess_needs_about_200_households():
    k = hotspots.critical_count([200], 8000, 240, 620)
    assert hotspots.power([200], 8000, 240, k, ratio=3)[0] == pytest.approx(0.54, abs=0.005)


def test_windows_hold_the_populated_cells_within_two_steps():
    q, r = cells.disc(3).T
    n = np.arange(1, q.size + 1)
    n[5] = 0
    run = hotspots.find(q, r, n, np.minimum(n, 2))
    for window in range(len(run.windows)):
        cell = run.windows.cell[window]
        near = cells.distance(q, r, run.q[cell], run.r[cell]) <= run.windows.ring[window]
        assert run.windows.at_risk[window] == n[near].sum()
        assert run.windows.observed[window] == np.minimum(n, 2)[near].sum()
        assert run.at_risk[hotspots.members(run, window)].sum() == n[near].sum()


def test_cells_without_households_do_not_exist():
    run = hotspots.find([0, 1, 9], [0, 0, 0], [50, 0, 60], [1, 0, 2])
    assert run.q.tolist() == [0, 9]


def test_a_planted_cluster_is_hot_and_only_there():
    q, r, n, c, _ = planted()
    run = hotspots.find(q, r, n, c)
    assert run.verdict is Verdict.HOT
    (area,) = hotspots.areas(run)
    assert cells.distance(run.q[area], run.r[area], 0, 0).max() <= 3
    assert 0 in cells.distance(run.q[area], run.r[area], 0, 0)


def test_two_clusters_make_two_areas_the_stronger_first():
    q, r, n, c, _ = planted()
    east = cells.distance(q, r, 6, 0) <= 1
    c[east] = n[east]
    first, second = hotspots.areas(run := hotspots.find(q, r, n, c))
    assert run.q[first].mean() > 3 > run.q[second].mean()


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_the_order_of_rows_does_not_matter(random, seed):
    q, r, n, c, _ = planted(seed=seed, radius=4)
    rows = list(range(q.size))
    random.shuffle(rows)
    one, two = hotspots.find(q, r, n, c), hotspots.find(q[rows], r[rows], n[rows], c[rows])
    assert one.verdict is two.verdict
    for field in ("cell", "ring", "at_risk", "observed", "p", "hot", "watch", "enough"):
        assert (getattr(one.windows, field) == getattr(two.windows, field)).all()


@pytest.mark.parametrize(
    ("n", "c"),
    [
        ([60] * 20, [1] * 9 + [0] * 11),  # nine cases
        ([4] * 24, [1] * 12 + [0] * 12),  # ninety-six households
        ([100] * 3, [30, 0, 0]),  # nine windows
        ([60] * 20, [0] * 20),  # no case
        ([60] * 20, [60] * 20),  # nothing but cases
        ([], []),
    ],
)
def test_a_run_too_small_is_not_enough_data_and_flags_nothing(n, c):
    run = apart(n, c)
    assert run.verdict is Verdict.NOT_ENOUGH_DATA
    assert not run.windows.hot.any()
    assert not run.windows.watch.any()
    assert not run.windows.enough.any()
    assert run.windows.p.shape == (3 * len(n),)


def test_ten_cases_a_hundred_households_and_ten_windows_are_enough():
    assert apart([25] * 4, [10, 0, 0, 0]).verdict is Verdict.HOT


def test_two_cases_are_never_hot_however_unlikely():
    run = apart([10, *[1_000] * 20], [2, *[1] * 20])
    assert run.windows.p[0] < 0.05
    assert run.windows.ratio[0] > 50
    assert not run.windows.hot.any()


def test_a_small_excess_is_not_hot_however_certain():
    run = apart([20_000, 20_000, 20_000, 20_000], [1_400, 1_000, 1_000, 1_000])
    assert run.windows.p[0] < 1e-20
    assert run.windows.ratio[0] < 1.5
    assert not run.windows.hot.any()


def test_a_window_of_nine_households_is_listed_but_not_tested():
    run = apart([9, *[60] * 20], [9, *[1] * 20])
    assert not run.windows.tested[0]
    assert run.windows.p[0] < 1e-9
    assert not run.windows.hot[0]
    assert run.windows.verdict(0) is Verdict.NOT_ENOUGH_DATA


def test_watch_needs_one_in_a_thousand_and_twice_the_expected():
    # p about 5e-4 among 620 cells: too weak for the whole map, worth an eye.
    run = apart([60] * 133, [8, *[2] * 116, *[0] * 16])
    first = run.windows
    assert 1e-4 < first.p[0] <= 1e-3
    assert not first.hot.any()
    assert first.watch.nonzero()[0].tolist() == [0, 1, 2]
    assert run.verdict is Verdict.WATCH
    assert first.verdict(0) is Verdict.WATCH
    (area,) = hotspots.areas(run, Verdict.WATCH)
    assert area.tolist() == [0]
    assert hotspots.areas(run) == []


def test_a_calm_map_says_none_only_where_a_cluster_would_have_been_seen():
    run = apart([*[20] * 50, *[200] * 35], [*[0] * 50, *[6] * 34, 7])
    assert run.verdict is Verdict.NONE
    decisive = hotspots.cell_windows(run)
    said = [run.windows.verdict(int(w)) for w in decisive]
    assert said == [Verdict.NOT_ENOUGH_DATA] * 50 + [Verdict.NONE] * 35


def test_a_map_without_any_power_is_not_enough_data():
    run = apart([20] * 400, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] * 40)
    assert not run.windows.enough.any()
    assert run.verdict is Verdict.NOT_ENOUGH_DATA


def test_the_strongest_window_decides_a_cell():
    q, r, n, c, _ = planted()
    run = hotspots.find(q, r, n, c)
    decisive = hotspots.cell_windows(run)
    assert run.windows.cell[decisive].tolist() == list(range(run.q.size))
    for cell, window in enumerate(decisive):
        own = run.windows.cell == cell
        if run.windows.hot[own].any():
            assert run.windows.hot[window]
            assert run.windows.p[window] == run.windows.p[own & run.windows.hot].min()


def test_an_excess_of_the_whole_project_is_told_from_one_inside_it():
    q, r, n, c, near = planted(radius=5)
    run = hotspots.find(q, r, n, c)
    at_centre = (run.windows.cell == cells.Index(run.q, run.r).find(0, 0)) & (
        run.windows.ring == 1
    )
    own_project = np.where(near, "A", "B")
    one_project = np.full(q.size, "A")
    assert hotspots.own_rate_ratio(run, q, r, own_project, n, c)[at_centre] == pytest.approx(1)
    wide = hotspots.own_rate_ratio(run, q, r, one_project, n, c)
    assert wide == pytest.approx(run.windows.ratio)


def test_agreement_names_what_each_method_saw():
    q, r, n, c, _ = planted()
    run = hotspots.find(q, r, n, c)
    index = cells.Index(run.q, run.r)
    here, far = index.find([0], [0]), index.find([-6], [0])
    assert hotspots.agreement(run, hotspots.areas(run), [here, far]) == (
        [Agreement.BOTH],
        [Agreement.BOTH, Agreement.ONLY_SCAN],
    )
    assert hotspots.agreement(run, hotspots.areas(run), []) == ([Agreement.ONLY_EXACT], [])


@pytest.mark.parametrize(("n", "c"), [([5], [6]), ([-1], [0]), ([5], [-1])])
def test_impossible_counts_are_refused(n, c):
    with pytest.raises(ValueError, match="with_case"):
        hotspots.find([0], [0], n, c)
