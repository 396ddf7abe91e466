"""Interest on late payment."""

import datetime as dt
from decimal import Decimal

import pytest

from gpmb.law.money import late_interest
from gpmb.law.rules import RuleBook

D = dt.date


def test_nothing_is_owed_up_to_the_due_day(rules: RuleBook) -> None:
    owed = late_interest(Decimal(1_000_000), D(2023, 7, 3), D(2023, 7, 3), rules)
    assert (owed.days, owed.amount_vnd) == (0, 0)
    early = late_interest(Decimal(1_000_000), D(2023, 7, 3), D(2023, 6, 1), rules)
    assert (early.days, early.amount_vnd) == (0, 0)


def test_the_sum_is_rounded_once(rules: RuleBook) -> None:
    # 333 333 × 0.03 % × 7 days = 699.9993
    assert late_interest(
        Decimal(333_333), D(2023, 7, 3), D(2023, 7, 10), rules
    ).amount_vnd == Decimal(700)


def test_each_day_counts_at_its_own_rate(rules: RuleBook) -> None:
    owed = late_interest(Decimal(10_000_000), D(2026, 6, 28), D(2026, 7, 3), rules)
    assert (owed.days, owed.amount_vnd, owed.verified) == (5, Decimal(15_000), False)


def test_a_day_without_a_rate_is_an_error(rules: RuleBook) -> None:
    with pytest.raises(LookupError, match="02/01/2019"):
        late_interest(Decimal(1), D(2019, 1, 1), D(2019, 2, 1), rules)
