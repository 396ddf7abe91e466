"""The ledger: proposed by one, approved by another, never more than the plan, never deleted."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from gpmb.compensation.models import Payment, PaymentRefused
from tests.factories import PaymentFactory, PlanFactory, UserFactory

pytestmark = pytest.mark.django_db


def sql(text, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)


def test_parts_that_complete_the_plan_to_the_dong_move_the_case():
    plan = PlanFactory(at="approved", amount=1_000_001)
    PaymentFactory(plan=plan, amount_vnd=700_000, approved=True)
    plan.case.refresh_from_db()
    assert plan.case.step == "approval"
    PaymentFactory(plan=plan, amount_vnd=300_001, approved=True)
    plan.case.refresh_from_db()
    assert (plan.case.step, plan.case.paid_on) == ("payment", Payment.objects.last().on)


def test_a_deposit_that_completes_the_plan_is_the_deposit_step():
    payment = PaymentFactory(kind="deposit", account="Kho bạc", refused=True, approved=True)
    payment.case.refresh_from_db()
    assert payment.case.step == "deposit"


def test_nobody_approves_their_own_proposal():
    payment = PaymentFactory()
    with pytest.raises(ValidationError, match="phải khác người đề nghị"):
        payment.approve(by=payment.proposed_by)
    with pytest.raises(IntegrityError, match="payment_two_people"):
        sql("UPDATE compensation_payment SET approved_by_id = proposed_by_id")


def test_a_second_approval_is_refused():
    payment = PaymentFactory(approved=True)
    with pytest.raises(PaymentRefused, match="đã được duyệt"):
        payment.approve(by=UserFactory(finance=True))


def test_a_returned_proposal_stays_with_its_reason_and_frees_its_amount():
    payment = PaymentFactory()
    with pytest.raises(PaymentRefused, match="lý do"):
        payment.give_back(by=UserFactory(), reason=" ")
    payment.give_back(by=UserFactory(), reason="sai số tài khoản")
    with pytest.raises(PaymentRefused, match="trả lại"):
        payment.approve(by=UserFactory(finance=True))
    again = Payment(case=payment.case, amount_vnd=payment.amount_vnd, on=payment.on)
    again.propose(by=payment.proposed_by)
    assert again.waits


def test_what_waits_for_approval_counts_when_the_next_is_proposed():
    payment = PaymentFactory(amount_vnd=600_000)
    more = Payment(case=payment.case, amount_vnd=400_001, on=payment.on)
    with pytest.raises(PaymentRefused, match=r"chỉ còn 400\.000 đồng"):
        more.propose(by=payment.proposed_by)
    more.amount_vnd = 400_000
    more.propose(by=payment.proposed_by)


def test_nothing_is_proposed_before_approval():
    plan = PlanFactory(at="appraised")
    payment = Payment(case=plan.case, amount_vnd=1, on=dt.date(2023, 6, 1))
    with pytest.raises(PaymentRefused, match="chưa có phương án"):
        payment.propose(by=UserFactory())
    approved = PlanFactory(at="approved")
    early = approved.approved_on - dt.timedelta(days=1)
    with pytest.raises(PaymentRefused, match="trước ngày phê duyệt"):
        Payment(case=approved.case, amount_vnd=1, on=early).propose(by=UserFactory())


INSERT = """
    INSERT INTO compensation_payment (ref, case_id, plan_id, kind, amount_vnd, "on", refused,
        account, note, proposed_by_id, approved_by_id, returned_reason, version, deposit_id)
    SELECT 1 + max(ref), %s, %s, %s, %s, '2023-06-01', false, 'x', '', min(proposed_by_id),
        %s, '', 0, %s FROM compensation_payment"""


def test_the_database_refuses_to_pay_more_than_the_plan():
    payment = PaymentFactory(amount_vnd=999_999, approved=True)
    other = UserFactory(finance=True).pk
    with pytest.raises(IntegrityError, match="vượt số tiền được duyệt"):
        sql(INSERT, payment.case_id, payment.plan_id, "payment", 2, other, None)
    sql(INSERT, payment.case_id, payment.plan_id, "payment", 1, other, None)


def test_the_database_refuses_a_payment_by_another_case_s_plan_or_one_not_approved():
    payment, other = PaymentFactory(amount_vnd=1), PlanFactory(at="appraised")
    finance = UserFactory(finance=True).pk
    with pytest.raises(IntegrityError, match="phương án đã phê duyệt"):
        sql(INSERT, other.case_id, payment.plan_id, "payment", 1, finance, None)
    with pytest.raises(IntegrityError, match="phương án đã phê duyệt"):
        sql(INSERT, other.case_id, other.pk, "payment", 1, finance, None)


def test_what_is_released_never_exceeds_the_deposit_and_its_interest():
    deposit = PaymentFactory(kind="deposit", account="Kho bạc", approved=True)
    finance = UserFactory(finance=True).pk
    whole = deposit.amount_vnd
    args = deposit.case_id, deposit.plan_id
    with pytest.raises(IntegrityError, match="vượt số tiền được duyệt"):
        sql(INSERT, *args, "release", whole + 500, finance, deposit.pk)
    sql(INSERT, *args, "deposit_interest", 500, finance, deposit.pk)
    sql(INSERT, *args, "release", whole + 500, finance, deposit.pk)
    with pytest.raises(IntegrityError, match="payment_from_a_deposit"):
        sql(INSERT, *args, "release", 1, finance, None)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM compensation_payment", "không xóa"),
        ("UPDATE compensation_payment SET amount_vnd = 1", "đã duyệt không sửa"),
        ("UPDATE compensation_payment SET approved_by_id = NULL", "đã duyệt không sửa"),
    ],
)
def test_the_ledger_keeps_what_it_says(statement, words):
    PaymentFactory(approved=True)
    with pytest.raises(IntegrityError, match=words):
        sql(statement)


def test_a_plan_worth_less_than_what_was_paid_can_t_take_over():
    payment = PaymentFactory(approved=True)
    later = payment.plan.amend(by=None, reason="tính lại")
    sql("UPDATE compensation_plan SET status = 'amended' WHERE id = %s", payment.plan_id)
    approve = (
        "UPDATE compensation_plan SET status = 'approved', total_vnd = 1, digest = 'x',"
        " approved_on = '2023-06-01', document_id = %s WHERE id = %s"
    )
    with pytest.raises(IntegrityError, match="thấp hơn số tiền đã chi trả"):
        sql(approve, payment.plan.document_id, later.pk)


def test_a_withdrawn_household_keeps_its_payments():
    payment = PaymentFactory(approved=True)
    case = payment.case
    case.withdrawn_on, case.withdrawn_reason = dt.date(2023, 6, 20), "điều chỉnh ranh giới"
    case.save()
    assert case.payments.settled().total_vnd() == payment.amount_vnd
