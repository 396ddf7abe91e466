"""A row is validated by one query, and what is wrong is said in the words of `full_clean`."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gpmb.cleaning import clean
from gpmb.compensation.models import Payment, Plan
from tests.factories import PlanFactory, UserFactory

pytestmark = pytest.mark.django_db
KNOWN = ("case", "plan", "proposed_by")


@pytest.fixture
def line():
    plan = PlanFactory(at="approved", amount=1000)
    return Payment(
        case=plan.case,
        plan=plan,
        kind="payment",
        amount_vnd=Decimal(400),
        on=dt.date(2023, 6, 1),
        proposed_by=UserFactory(),
    )


def test_a_row_in_order_costs_one_query_however_many_constraints_it_has(line):
    with CaptureQueriesContext(connection) as queries:
        clean(line, known=KNOWN)
    asked = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) == 1
    assert len(Payment._meta.constraints) > 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_vnd": Decimal(0)},
        {"amount_vnd": Decimal("0.5")},
        {"kind": "deposit"},
        {"kind": "release"},
        {"kind": "interest", "amount_vnd": Decimal(-1)},
        {"note": "x" * 301},
        {"on": None, "amount_vnd": Decimal(-1)},
    ],
)
def test_what_is_wrong_is_said_as_full_clean_says_it(line, wrong):
    for name, value in wrong.items():
        setattr(line, name, value)
    with pytest.raises(ValidationError) as one:
        line.full_clean(exclude=KNOWN)
    with pytest.raises(ValidationError) as other:
        clean(line, known=KNOWN)
    assert other.value.message_dict == one.value.message_dict


def test_what_must_be_there_once_is_still_asked(line):
    with pytest.raises(ValidationError):
        clean(Plan(case=line.case, number=1))
