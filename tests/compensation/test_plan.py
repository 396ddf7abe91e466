"""Plans in versions: moves by a table, frozen with a hash, guarded by the database."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gpmb.clearance.models import CaseEvent
from gpmb.compensation import process, seal
from gpmb.compensation.models import (
    Payment,
    PaymentRefused,
    Plan,
    PlanItem,
    PlanRefused,
    UnitPrice,
)
from gpmb.compensation.models.plan import amount_of
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def sql(text, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)


def test_posting_freezes_the_plan_and_records_the_case_s_step():
    plan = PlanFactory(case=CaseFactory(at="inventory"))
    event = plan.move("posted", on=dt.date(2023, 2, 1), by=None)
    assert plan.digest == event.digest == plan.computed_digest()
    assert plan.case.events.get(step="posting").on == dt.date(2023, 2, 1)


def test_approval_is_the_case_s_own_step_on_the_same_day():
    plan = PlanFactory(at="approved")
    plan.case.refresh_from_db()
    assert plan.case.approval_on == plan.approved_on
    assert CaseEvent.objects.filter(case=plan.case, step="approval").count() == 1


def test_a_day_other_than_the_case_s_is_refused():
    plan = PlanFactory(case=CaseFactory(at="posting"))
    day = plan.case.events.get(step="posting").on
    with pytest.raises(PlanRefused, match="Hồ sơ đã ghi bước"):
        plan.move("posted", on=day + dt.timedelta(days=1), by=None)
    plan.move("posted", on=day, by=None)


@pytest.mark.parametrize("status", Plan.Status.values)
@pytest.mark.parametrize("target", Plan.Status.values)
def test_only_the_table_s_moves_pass(status, target):
    plan = PlanFactory()
    if status != "draft":
        sql(
            "UPDATE compensation_plan SET status = %s, digest = %s, approved_on = %s,"
            " document_id = %s WHERE id = %s",
            status,
            plan.computed_digest(),
            TODAY,
            DocumentFactory().pk,
            plan.pk,
        )
    move = process.find(status, target)
    if move is None or move.by_version:
        with pytest.raises(PlanRefused, match="Phương án đang ở trạng thái"):
            plan.move(target, on=TODAY, by=None, document=DocumentFactory())


def test_an_empty_plan_is_not_posted():
    plan = PlanFactory(case=CaseFactory(at="inventory"), amount=0)
    with pytest.raises(PlanRefused, match="chưa có khoản nào"):
        plan.move("posted", on=TODAY, by=None)


def test_approval_needs_its_decision():
    plan = PlanFactory(at="appraised")
    with pytest.raises(PlanRefused, match="quyết định"):
        plan.move("approved", on=TODAY, by=None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compensation_planitem SET description = 'sửa' WHERE plan_id = %s",
        "DELETE FROM compensation_planitem WHERE plan_id = %s",
        "UPDATE compensation_plan SET total_vnd = total_vnd + 1 WHERE id = %s",
        "UPDATE compensation_plan SET digest = '', status = 'draft' WHERE id = %s",
        "DELETE FROM compensation_plan WHERE id = %s",
        'INSERT INTO compensation_planitem (plan_id, "order", block, description, quantity,'
        " unit, amount_vnd, basis, explanation) VALUES (%s, 9, 'land', 'x', 1, '', 0, '', '')",
    ],
)
def test_the_database_refuses_to_change_what_is_frozen(statement):
    plan = PlanFactory(at="posted")
    with pytest.raises(IntegrityError, match="Phương án đã chốt"):
        sql(statement, plan.pk)


def test_a_line_can_t_be_moved_out_of_a_frozen_plan():
    plan, draft = PlanFactory(at="posted"), PlanFactory()
    with pytest.raises(IntegrityError, match="Phương án đã chốt"):
        sql("UPDATE compensation_planitem SET plan_id = %s WHERE plan_id = %s", draft.pk, plan.pk)


def test_tampering_behind_the_triggers_shows_and_stops_the_next_move():
    plan = PlanFactory(at="posted")
    # Deferred checks of the walk must be done before a trigger may be switched off.
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE compensation_planitem DISABLE TRIGGER USER")
    sql("UPDATE compensation_planitem SET description = 'khác' WHERE plan_id = %s", plan.pk)
    sql("ALTER TABLE compensation_planitem ENABLE TRIGGER USER")
    assert plan.computed_digest() != plan.digest
    with pytest.raises(PlanRefused, match="không khớp mã chốt"):
        plan.move("appraised", on=TODAY, by=None)


def test_a_new_version_replaces_a_posted_one_and_amends_an_approved_one():
    first = PlanFactory(at="posted")
    second = first.amend(by=None, reason="sót cây trồng")
    assert (second.number, second.status, second.items.count()) == (2, "draft", 1)
    first.refresh_from_db()
    assert first.status == "posted"
    second.move("posted", on=TODAY, by=None)
    first.refresh_from_db()
    assert first.status == "replaced"

    approved = PlanFactory(at="approved")
    later = approved.amend(by=None, reason="đo lại diện tích")
    for status in ("posted", "appraised"):
        later.move(status, on=TODAY, by=None)
    approved.refresh_from_db()
    assert approved.status == "approved"
    later.move("approved", on=TODAY, by=None, document=DocumentFactory(signed_on=TODAY))
    approved.refresh_from_db()
    assert (approved.status, later.status) == ("amended", "approved")
    assert [e.status for e in approved.events.order_by("pk")][-1] == "amended"


def test_two_drafts_at_once_are_refused():
    plan = PlanFactory(at="posted")
    plan.amend(by=None, reason="sót")
    with pytest.raises(PlanRefused, match="đang có một lần dự thảo"):
        plan.amend(by=None, reason="sót nữa")


def test_the_amount_is_the_formula_to_the_dong():
    plan = PlanFactory(amount=0)
    line = PlanItem(
        plan=plan,
        block="land",
        description="đất",
        quantity=Decimal("120.5"),
        unit="m²",
        unit_price_vnd=Decimal(65_001),
        percent=Decimal(80),
        amount_vnd=Decimal(6_266_096),
    )
    line.full_clean()
    line.amount_vnd += 1
    with pytest.raises(ValidationError, match="khối lượng × đơn giá × tỷ lệ"):
        line.full_clean()


@given(
    quantity=st.decimals("0.001", 99_999, places=3),
    price=st.integers(0, 10**8),
    percent=st.none() | st.decimals("0.01", 400, places=2),
    block=st.sampled_from(["land", "obligation"]),
)
def test_the_program_and_the_database_compute_the_same(quantity, price, percent, block):
    amount = amount_of(block, quantity, Decimal(price), percent)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(%s::numeric * %s * coalesce(%s::numeric, 100) / 100)"
            " * CASE WHEN %s = 'obligation' THEN -1 ELSE 1 END",
            [quantity, price, percent, block],
        )
        assert cursor.fetchone()[0] == amount


def test_the_hash_depends_on_every_field_and_not_on_the_order_of_reading():
    line = {
        "order": 1,
        "block": "land",
        "description": "Đất",
        "land_code": "LUC",
        "quantity": Decimal("1.5"),
        "unit": "m²",
        "unit_price_vnd": 10,
        "percent": None,
        "amount_vnd": 15,
        "basis": "QĐ",
        "explanation": "",
    }
    other = line | {"order": 2}
    whole = seal.digest(1, 1, [line, other])
    assert whole == seal.digest(1, 1, [other, line])
    assert whole == seal.digest(1, 1, [line | {"quantity": 1.5}, other])
    for name, value in {
        **dict.fromkeys(line, "x"),
        **dict.fromkeys(["order", "quantity", "unit_price_vnd", "percent", "amount_vnd"], 7),
    }.items():
        assert seal.digest(1, 1, [line | {name: value}, other]) != whole, name


def price(**fields):
    given = {
        "code": "D-LUC",
        "block": "land",
        "name": "Đất lúa",
        "unit": "m²",
        "price_vnd": 65_000,
        "valid_from": dt.date(2023, 1, 1),
        "document": DocumentFactory(),
    }
    return UnitPrice(**(given | fields))


def test_prices_of_a_code_never_overlap_but_a_project_may_have_its_own():
    price().save()
    with pytest.raises(IntegrityError), transaction.atomic():
        price(valid_from=dt.date(2023, 6, 1)).save()
    with pytest.raises(ValidationError, match="đã có giá trong thời gian đó"):
        price(valid_from=dt.date(2023, 6, 1)).full_clean()
    own, other = ProjectFactory(), ProjectFactory()
    price(project=own, price_vnd=70_000).save()
    assert UnitPrice.objects.serving(own, on=TODAY).count() == 2
    assert UnitPrice.objects.serving(other, on=TODAY).count() == 1
    assert not UnitPrice.objects.serving(other, on=dt.date(2022, 1, 1)).exists()


def test_a_voided_approval_is_told_and_stops_the_money_until_it_is_recorded_again():
    plan = PlanFactory(at="approved")
    case = plan.case
    assert plan.lost_steps() == []
    event = case.log()[-1]
    case.void(event, on=TODAY, by=None, reason="ghi nhầm ngày")
    (lost,) = plan.lost_steps()
    assert "phê duyệt" in lost.lower()
    payment = Payment(case=case, on=TODAY, amount_vnd=1, document=DocumentFactory())
    with pytest.raises(PaymentRefused, match="đã bị hủy"):
        payment.propose(by=UserFactory())
    case.advance("approval", on=event.on, by=None, document=event.document)
    assert plan.lost_steps() == []
