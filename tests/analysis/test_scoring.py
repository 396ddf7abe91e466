"""The scorecard's worked example to the digit, and the rules around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpmb.analysis.scoring import (
    CAP,
    DEFAULT_WEIGHTS,
    Count,
    Criterion,
    points,
    score,
    wilson,
)

WORKED = dict(
    zip(
        Criterion,
        (
            Count(168, 200),
            Count(45, 50),
            Count(27, 30),
            Count(24, 30),  # 6 of 30 answers came back
            Count(value=1),
            Count(18, 20),
            Count(value=0.583333),
            Count(190, 200),
        ),
        strict=True,
    )
)


def test_the_worked_example_to_the_digit():
    found = score(WORKED)
    assert [round(line.points, 4) for line in found.lines] == [
        84, 90, 90, 60, 75, 90, 58.3333, 95,
    ]  # fmt: skip
    assert round(found.total, 5) == 79.88333
    assert found.band == "khá"
    assert found.coverage == 1


def test_what_does_not_apply_leaves_its_weight_to_the_others():
    found = score(WORKED | {Criterion.RESETTLEMENT: Count(0, 0)})
    assert round(found.total, 5) == 78.75926
    assert found.coverage == 0.90


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [(27, 30, 0.74379, 0.96540), (3, 3, 0.43849, 1), (168, 200, 0.78286, 0.88433)],
)
def test_wilson_interval(good, of, low, high):
    assert [round(end, 5) for end in wilson(good, of)] == [low, high]


def test_few_are_shown_with_their_interval_and_not_scored():
    few = Count(3, 3)
    assert points(Criterion.PAYMENT, few) is None
    assert few.applies
    assert few.interval is not None
    assert round(few.interval[0], 5) == 0.43849
    assert points(Criterion.PAYMENT, Count(5, 5)) == 100


def test_below_the_coverage_there_is_no_score():
    nothing = Count(0, 0)
    some = WORKED | dict.fromkeys(
        (Criterion.STEPS, Criterion.SCHEDULE), nothing
    )  # 30 points of weight are missing: 0.70, just enough
    assert score(some).total is not None
    found = score(some | {Criterion.DATA: nothing})
    assert (found.total, found.band) == (None, "")
    assert round(found.coverage, 2) == 0.65


def test_land_taken_by_force_before_resettlement_caps_the_total():
    assert score(WORKED, forced_before_resettlement=True).total == CAP
    assert score(WORKED, forced_before_resettlement=True).capped
    poor = WORKED | {Criterion.STEPS: Count(0, 200)}
    found = score(poor, forced_before_resettlement=True)
    assert found.total < CAP
    assert not found.capped


def test_half_of_the_answers_coming_back_is_worth_nothing():
    assert points(Criterion.REPEATS, Count(15, 30)) == 0
    assert points(Criterion.REPEATS, Count(0, 30)) == 0
    assert points(Criterion.REPEATS, Count(30, 30)) == 100


def test_a_schedule_ahead_of_plan_gives_no_more_than_all():
    assert points(Criterion.SCHEDULE, Count(value=1.4)) == 100
    assert points(Criterion.COLLECTIVE, Count(value=5)) == 0


def test_the_default_weights_are_a_hundred():
    assert sum(DEFAULT_WEIGHTS.values()) == 100


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share(pair):
    good, of = pair
    low, high = wilson(good, of)
    assert 0 <= low <= good / of <= high <= 1
