"""Plan against actual: the worked example of earned schedule, and its edges."""

import datetime as dt
from decimal import Decimal

import pytest

from gpmb.analysis.schedule import earned, planned_on, verdict

PLAN = [0, 50, 120, 210, 320, 420, 500]


def test_the_worked_example():
    found = earned(PLAN, 150, 4)
    assert found.es == pytest.approx(2.333333, abs=1e-6)
    assert found.sv == pytest.approx(-1.666667, abs=1e-6)
    assert found.spi == pytest.approx(0.583333, abs=1e-6)
    assert found.ieac == pytest.approx(10.285714, abs=1e-6)
    assert found.tspi == pytest.approx(1.833333, abs=1e-6)


def test_before_the_start_nothing_is_defined():
    assert earned(PLAN, 0, 4).spi is None
    assert earned(PLAN, 0, 0).spi is None


def test_done_early_counts_as_the_first_period_that_plans_it_all():
    assert earned([0, 100, 500, 500, 500], 500, 2).es == 2


def test_a_flat_stretch_counts_to_its_end():
    assert earned([0, 100, 100, 100, 200], 100, 2).es == 3


def test_past_the_plan_there_is_no_pace_to_keep():
    assert earned(PLAN, 400, 6).tspi is None


def test_an_end_is_named_after_three_periods_only():
    assert earned(PLAN, 50, 2).ieac is None
    assert earned(PLAN, 150, 3).ieac is not None


@pytest.mark.parametrize(
    ("day", "area"),
    [
        (dt.date(2023, 4, 30), None),
        (dt.date(2023, 5, 10), 100),
        (dt.date(2023, 5, 31), 100),
        (dt.date(2023, 6, 15), 130),
        (dt.date(2023, 6, 30), 160),
        (dt.date(2023, 9, 1), 160),
    ],
)
def test_a_plan_is_read_between_month_ends_by_the_days(day, area):
    targets = [(dt.date(2023, 5, 1), Decimal(100)), (dt.date(2023, 6, 1), Decimal(160))]
    assert planned_on(targets, day) == area


@pytest.mark.parametrize(
    ("actual", "planned", "words", "light"),
    [
        ("0.51", "0.58", "chậm 7 điểm", "warning"),
        ("0.57", "0.58", "chậm 1 điểm", "good"),
        ("0.40", "0.58", "chậm 18 điểm", "danger"),
        ("0.60", "0.58", "vượt 2 điểm", "good"),
        ("0.58", "0.58", "đúng tiến độ", "good"),
        ("0.58", None, "chưa có chỉ tiêu", "unknown"),
        (None, "0.58", "chưa có dữ liệu", "unknown"),
    ],
)
def test_the_light_has_its_words(actual, planned, words, light):
    found = verdict(actual and Decimal(actual), planned and Decimal(planned))
    assert (found.words, found.light) == (words, light)
