"""Interest owed on late payment: late amount × days × the tax law's daily rate (art. 94.3b)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from gpmb.law.rules import Rule, pick

RATE = "LATE_RATE"


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Days after the due day up to the day of payment, it included, and their cost in đồng."""

    days: int
    amount_vnd: Decimal
    verified: bool


def late_interest(
    amount_vnd: Decimal, due_on: date, paid_on: date, rules: Sequence[Rule]
) -> LateInterest:
    """Return the interest on an amount paid after its due day; each day at that day's rate.

    The sum is rounded to the đồng once, at the end.

    Raises:
        LookupError: no rate is in force on one of the days.
    """
    days = max((paid_on - due_on).days, 0)
    percent = Decimal(0)
    verified = True
    for offset in range(1, days + 1):
        day = due_on + timedelta(days=offset)
        rule = pick(rules, RATE, day)
        if rule is None:
            raise LookupError(f"Chưa có mức tiền chậm nộp cho ngày {day:%d/%m/%Y}.")
        percent += rule.value
        verified = verified and rule.verified
    owed = (amount_vnd * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return LateInterest(days, owed, verified)
