"""Durations and forecasts: worked examples, lifelines as oracle, coverage on simulated worlds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpmb.analysis.survival import (
    NotEnoughEvents,
    OpenCases,
    days_to_share,
    earned_schedule,
    kaplan_meier,
    pinball_loss,
    project_speed,
    simulate,
)

DAYS = np.array([10, 12, 12, 15, 20, 20, 25, 30, 40, 40], dtype=float)
FINISHED = np.array([1, 1, 1, 1, 1, 0, 1, 0, 1, 0], dtype=bool)
CURVE = kaplan_meier(DAYS, FINISHED)


def test_worked_example_of_the_curve():
    assert CURVE.times.tolist() == [10, 12, 15, 20, 25, 40]
    assert CURVE.survival_at([10, 12, 15, 20, 25, 30, 40]) == pytest.approx(
        [0.9, 0.7, 0.6, 0.5, 0.375, 0.375, 0.1875]
    )
    assert CURVE.median == 20


def test_worked_example_conditional_on_age():
    assert 1 - CURVE.done_within(8, age=12) == pytest.approx(0.714286, abs=5e-7)
    assert 1 - CURVE.done_within(13, age=12) == pytest.approx(0.535714, abs=5e-7)
    within = CURVE.done_within(20, age=np.array([0.0, 12, 20]))
    assert within == pytest.approx([0.5, 0.464286, 0.625], abs=5e-7)
    assert within.prod() == pytest.approx(0.145089, abs=5e-7)


def test_published_leukaemia_curve():
    """Freireich 1963, 6-MP arm: the textbook's curve."""
    days = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier(np.array(days), np.arange(21) < 9)
    assert curve.survival.round(3).tolist() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]
    assert curve.median == 23


@pytest.mark.filterwarnings("ignore")  # lifelines warns about pandas, not about numbers
def test_curve_agrees_with_lifelines():
    from lifelines import KaplanMeierFitter, NelsonAalenFitter

    rng = np.random.default_rng(5)
    days, finished = rng.integers(1, 60, 200).astype(float), rng.random(200) < 0.7
    curve, at = kaplan_meier(days, finished), np.arange(0, 59)
    fitted = KaplanMeierFitter().fit(days, finished).survival_function_at_times(at)
    assert curve.survival_at(at) == pytest.approx(fitted.to_numpy())
    hazard = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(days, finished)
    assert curve.hazard_at(at) == pytest.approx(hazard.cumulative_hazard_at_times(at).to_numpy())


def test_beyond_the_last_event_the_tail_is_exponential():
    rate = 7 / DAYS.sum()
    assert CURVE.tail_rate == pytest.approx(rate)
    assert CURVE.survival_at(50) == pytest.approx(0.1875 * math.exp(-10 * rate))
    assert CURVE.done_within(10, age=60) == pytest.approx(1 - math.exp(-10 * rate))


def test_a_step_older_than_all_that_ended_still_ends():
    ended = kaplan_meier(np.array([5.0, 8.0]), np.array([True, True]))
    assert ended.survival_at(9) == 0
    assert ended.done_within(10, age=9) == pytest.approx(1 - math.exp(-10 * 2 / 13))
    draws = ended.remaining(np.array([9.0]), np.ones(4000), np.random.default_rng(1))
    assert draws.mean() == pytest.approx(6.5, rel=0.1)
    assert np.isfinite(draws).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 60), st.integers(0, 100))
def test_draws_follow_the_conditional_curve(age: float, seed: int):
    draws = CURVE.remaining(np.array([age]), np.ones(4000), np.random.default_rng(seed)).ravel()
    assert (draws >= 0).all()
    for days in (5, 20, 45):
        assert (draws <= days + 1e-9).mean() == pytest.approx(
            float(CURVE.done_within(days, age)), abs=0.04
        )


def test_faster_projects_finish_sooner():
    rng = np.random.default_rng(2)
    slow = CURVE.remaining(np.zeros(200), np.full(200, 0.5), rng).mean()
    assert slow > CURVE.remaining(np.zeros(200), np.full(200, 2.0), rng).mean()


def test_project_speed_follows_its_own_events():
    rng = np.random.default_rng(3)
    step = np.zeros(60, dtype=np.intp)
    quick = project_speed([CURVE], step, np.full(60, 5.0), np.ones(60, dtype=bool), 2000, rng)
    stuck = project_speed([CURVE], step, np.full(60, 60.0), np.zeros(60, dtype=bool), 2000, rng)
    unknown = project_speed([CURVE], step[:0], DAYS[:0], FINISHED[:0], 20_000, rng)
    assert np.median(quick) > 5
    assert np.median(stuck) < 0.2
    assert unknown.mean() == pytest.approx(1, abs=0.02)


def test_fewer_than_twenty_finished_events_is_refused():
    cases = OpenCases(np.array([0]), np.array([0.0]), np.array([1.0]))
    with pytest.raises(NotEnoughEvents):
        simulate([CURVE], cases, np.ones(10), np.random.default_rng(0))


def test_same_seed_same_forecast():
    curve = kaplan_meier(np.arange(1.0, 31), np.ones(30, dtype=bool))
    cases = OpenCases(np.array([0, 0]), np.array([0.0, 4.0]), np.array([1.0, 2.0]))
    first, second = (
        simulate([curve], cases, np.ones(50), np.random.default_rng(9)) for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_days_until_a_share_of_the_area_is_done():
    total = np.array([[10.0, 30.0, 20.0]])
    area = np.array([50.0, 10.0, 40.0])
    assert days_to_share(total, area, 0, 0.5) == [10]
    assert days_to_share(total, area, 0, 0.8) == [20]
    assert days_to_share(total, area, 0, 0.95) == [30]
    assert days_to_share(total, area, 0, 1.0) == [30]
    assert days_to_share(total, area, 900, 0.8) == [0]
    assert days_to_share(total[:, :0], area[:0], 100, 1.0) == [0]


PLAN = [0, 50, 120, 210, 320, 420, 500]


def test_worked_example_of_earned_schedule():
    found = earned_schedule(PLAN, 150, 4)
    assert found.earned == pytest.approx(2.333333, abs=5e-7)
    assert found.variance == pytest.approx(-1.666667, abs=5e-7)
    assert found.index == pytest.approx(0.583333, abs=5e-7)
    assert found.at_completion == pytest.approx(10.285714, abs=5e-7)
    assert found.to_complete == pytest.approx(1.833333, abs=5e-7)
    assert found.cost_index == pytest.approx(0.46875)
    assert found.cost_variance == -170


def test_edges_of_earned_schedule():
    assert earned_schedule(PLAN, 0, 0).index is None
    assert earned_schedule(PLAN, 0, 2).index is None
    assert earned_schedule(PLAN, 600, 4).earned == 6
    assert earned_schedule([0, 50, 100, 100], 100, 1).earned == 2
    assert earned_schedule([0, 50, 50, 50, 100], 50, 4).earned == 3
    assert earned_schedule(PLAN, 150, 6).to_complete is None
    assert earned_schedule(PLAN, 150, 9).cost_index == pytest.approx(0.3)
    assert earned_schedule(PLAN, 60, 2).at_completion is None
    assert earned_schedule(PLAN, 60, 3).at_completion is not None


def test_pinball_loss_charges_late_and_early_as_the_quantile_says():
    assert pinball_loss(np.array([10.0]), np.array([6.0]), 0.8) == pytest.approx(3.2)
    assert pinball_loss(np.array([10.0]), np.array([14.0]), 0.8) == pytest.approx(0.8)
    assert pinball_loss(np.array([10.0, 10.0]), np.array([6.0, 14.0]), 0.5) == pytest.approx(2)


@pytest.mark.parametrize(
    ("effect_sd", "published"), [(0.0, (0.55, 0.83)), (0.3, (0.66, 0.86))], ids=["same", "differ"]
)
def test_coverage_on_simulated_worlds_is_as_published(
    effect_sd: float, published: tuple[float, float]
):
    """Worlds of 41 projects with 4 lognormal steps; share of projects done by P50 and P80.

    Published with the project factor: .55/.83 for like projects, .66/.86 when they differ, each
    over 8 worlds (standard error about .07 and .04 between worlds).
    """
    covered = np.concatenate([_covered(seed, effect_sd) for seed in range(16)])
    assert len(covered) > 500
    p50, p80 = covered.mean(axis=0)
    assert p50 == pytest.approx(published[0], abs=0.14)
    assert p80 == pytest.approx(published[1], abs=0.08)


def _covered(seed: int, effect_sd: float) -> list[list[bool]]:
    """Forecast every unfinished project of one world; did it end by its P50, by its P80?"""
    rng = np.random.default_rng(seed)
    projects, steps, today = 41, 4, 260.0
    scale = np.array([40.0, 60.0, 30.0, 50.0])
    sizes = rng.integers(10, 60, projects)
    owner = np.repeat(np.arange(projects), sizes)
    slowness = np.exp(rng.normal(0, effect_sd, projects))[owner]
    begun = rng.uniform(0, 300, projects)[owner] * 0.8
    spans = rng.lognormal(np.log(scale), 0.6, (len(owner), steps)) * slowness[:, None]
    ends = begun[:, None] + np.cumsum(spans, axis=1)
    starts = np.c_[begun, ends[:, :-1]]
    seen = starts < today
    days, finished = np.minimum(ends, today) - starts, ends <= today
    curves = [kaplan_meier(days[seen[:, k], k], finished[seen[:, k], k]) for k in range(steps)]
    results = []
    for project in range(projects):
        mine = (owner == project)[:, None] & seen
        pending = np.flatnonzero((owner == project) & (ends[:, -1] > today) & (begun < today))
        if not len(pending):
            continue
        step = np.argmax(ends[pending] > today, axis=1)
        cases = OpenCases(step, today - starts[pending, step], np.ones(len(pending)))
        speed = project_speed(curves, np.nonzero(mine)[1], days[mine], finished[mine], 400, rng)
        forecast = simulate(curves, cases, speed, rng).max(axis=1)
        actual = ends[pending, -1].max() - today
        results.append([bool(actual <= np.quantile(forecast, q)) for q in (0.5, 0.8)])
    return results
