"""A case moves by its log: refused moves write nothing, voided ones never happened."""

import datetime as dt

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import F

from gpmb.clearance.models import Case, CaseEvent, ProjectVersion, StaleCase, Taking, TakingPart
from gpmb.compensation.models import Plan, PlanItem
from gpmb.law.steps import MoveRefused
from tests.factories import (
    FIRST_DAY,
    CaseFactory,
    DocumentFactory,
    LandClassFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    open_at,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def commit() -> None:
    """Check the deferred constraints now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_move_stands_in_the_log_and_on_the_case():
    case = CaseFactory()
    officer = UserFactory()
    paper = DocumentFactory(signed_on=FIRST_DAY)
    event = case.advance("notice", on=FIRST_DAY, by=officer, document=paper)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.step, stored.stage, stored.stepped_on) == ("notice", 1, FIRST_DAY)
    assert (event.by, event.document, event.kind) == (officer, paper, "move")
    assert stored.next_step == "inventory"


def test_payment_before_approval_is_refused_and_names_what_comes_first():
    case = CaseFactory(at="inventory")
    with pytest.raises(MoveRefused) as refused:
        case.advance("payment", on=dt.date(2023, 5, 1), by=None)
    assert "Niêm yết" in refused.value.first
    assert Case.objects.get(pk=case.pk).step == "inventory"
    assert case.events.count() == 2


def test_a_double_click_is_refused_not_done_twice():
    case = CaseFactory(at="notice")
    with pytest.raises(MoveRefused):
        case.advance("notice", on=FIRST_DAY, by=None)
    assert case.events.count() == 1


def test_a_form_opened_before_another_change_is_stale():
    case = CaseFactory(at="notice")
    opened_with = case.version
    case.advance("inventory", on=FIRST_DAY + 30 * DAY, by=None)
    with pytest.raises(StaleCase):
        case.advance("posting", on=FIRST_DAY + 60 * DAY, by=None, version=opened_with)
    assert case.events.count() == 2


def test_a_case_is_handed_over_with_its_last_taking():
    case = CaseFactory(at="payment", takings=2)
    first, second = case.takings.order_by("pk")
    on = FIRST_DAY + 240 * DAY
    case.advance("handover", on=on, by=None, takings=[first])
    assert (case.step, [t.stage for t in case.takings.order_by("pk")]) == ("payment", [6, 5])
    case.advance("handover", on=on + DAY, by=None, takings=[second])
    assert (case.step, case.stage, case.stepped_on) == ("handover", 6, on + DAY)
    assert case.takings.filter(handed_over_on=None).count() == 0


def test_a_voided_step_never_happened_but_stays_in_the_log():
    case = CaseFactory(at="inventory")
    event = case.events.get(step="inventory")
    case.void(event, on=FIRST_DAY + 40 * DAY, by=UserFactory(), reason="Ghi nhầm hồ sơ")
    assert (case.step, case.next_step) == ("notice", "inventory")
    assert case.events.count() == 3
    with pytest.raises(MoveRefused, match="đã được hủy"):
        case.void(event, on=FIRST_DAY, by=None, reason="lần nữa")


def test_voiding_without_a_reason_is_refused():
    case = CaseFactory(at="notice")
    with pytest.raises(MoveRefused, match="lý do"):
        case.void(case.events.get(), on=FIRST_DAY, by=None, reason=" ")


def test_voiding_a_handover_takes_the_land_back():
    case = CaseFactory(at="handover")
    for event in case.events.filter(step="handover"):
        case.void(event, on=dt.date(2023, 6, 1), by=None, reason="Biên bản sai thửa")
    taking = case.takings.get()
    assert (case.stage, taking.handed_over_on, taking.stage) == (5, None, 5)


def test_an_opening_vouches_for_the_steps_before_it():
    case = CaseFactory()
    open_at(case, "approval", dt.date(2021, 3, 1))
    assert (case.step, case.next_step) == ("approval", "payment")
    with pytest.raises(MoveRefused, match="chuyển tiếp"):
        open_at(case, "payment", dt.date(2021, 3, 1))


def test_a_case_that_opens_as_handed_over_gives_the_land_it_had_on_that_day():
    case = CaseFactory(takings=3)
    kept, gone, later = case.takings.order_by("pk")
    on, left = dt.date(2021, 3, 1), {"withdrawn_reason": "ngoài ranh giới"}
    Taking.objects.filter(pk=gone.pk).update(withdrawn_on=on, **left)
    Taking.objects.filter(pk=later.pk).update(withdrawn_on=on + DAY, **left)
    open_at(case, "handover", on)
    assert case.stage == 6
    given = case.takings.filter(handed_over_on=on, handed_over_area_m2=F("recovered_area_m2"))
    assert set(given) == {kept, later}


@pytest.mark.parametrize(
    "change",
    ["UPDATE clearance_caseevent SET step = 'payment'", "DELETE FROM clearance_caseevent"],
)
def test_the_log_can_only_grow(change):
    CaseFactory(at="notice")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert CaseEvent.objects.count() == 1


def test_a_taking_and_its_case_share_the_project():
    taking = TakingFactory()
    other = CaseFactory(takings=0)
    Taking.objects.filter(pk=taking.pk).update(case=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        commit()
    taking.save()


def test_parts_that_do_not_add_up_are_refused_at_commit():
    taking = TakingFactory()
    part = taking.parts.get()
    taking.parts.update(area_m2=1)
    with pytest.raises(IntegrityError, match="Tổng diện tích"), transaction.atomic():
        commit()
    part.save()


def _break_the_sum(taking: Taking, door: str) -> None:
    if door == "add":
        TakingPart.objects.create(
            taking=taking, land_class=LandClassFactory(code="RSX"), area_m2=1
        )
    elif door == "raise":
        taking.parts.filter(land_class__code="NTS").update(area_m2=taking.recovered_area_m2)
    elif door == "remove":
        taking.parts.filter(land_class__code="NTS").delete()
    elif door == "move":
        taking.parts.filter(land_class__code="NTS").update(taking=TakingFactory())
    else:
        Taking.objects.filter(pk=taking.pk).update(recovered_area_m2=1)
    commit()


@pytest.mark.parametrize("door", ["add", "raise", "remove", "move", "taking"])
def test_whatever_door_breaks_the_sum_of_the_parts_is_refused_at_commit(door: str):
    taking = TakingFactory()
    whole, half = taking.recovered_area_m2, taking.recovered_area_m2 / 2
    # One statement each: wrong in between, right at the end.
    taking.parts.update(area_m2=half)
    TakingPart.objects.create(
        taking=taking, land_class=LandClassFactory(code="NTS"), area_m2=whole - half
    )
    commit()
    with pytest.raises(IntegrityError, match="Tổng diện tích"), transaction.atomic():
        _break_the_sum(taking, door)
    taking.parts.all().delete()
    commit()  # a taking without parts says nothing yet


def test_a_plan_that_is_not_the_sum_of_its_lines_is_refused_at_commit():
    plan = Plan.objects.create(case=CaseFactory())
    PlanItem.objects.create(plan=plan, block="land", description="Đất lúa", amount_vnd=500)
    with pytest.raises(IntegrityError, match="Tổng phương án"), transaction.atomic():
        commit()
    plan.total_vnd = 500
    plan.save()
    commit()


def test_every_change_of_a_project_raises_its_data_version():
    case = CaseFactory()

    def number() -> int:
        return ProjectVersion.objects.get(project=case.project).number

    before = number()
    case.advance("notice", on=FIRST_DAY, by=None)
    moved = number()
    TakingFactory(project=case.project)
    assert before < moved < number()
    other = ProjectFactory()
    seen = number()
    TakingFactory(project=other)
    assert number() == seen


def test_restricting_a_parcel_raises_the_data_version_of_its_projects():
    taking = TakingFactory()
    before = ProjectVersion.objects.get(project=taking.project).number
    taking.parcel.restricted = True
    taking.parcel.save()
    assert ProjectVersion.objects.get(project=taking.project).number > before


def test_one_live_number_a_parcel_and_one_parcel_a_number():
    parcel = ParcelFactory(number="5/85")
    with pytest.raises(IntegrityError), transaction.atomic():
        ParcelFactory(unit=parcel.unit, number="5/85")


def test_history_keeps_who_changed_what():
    case = CaseFactory()
    case.officer = UserFactory()
    case.save()
    kept = Case.pgh_event_model.objects.filter(pgh_obj_id=case.pk).order_by("pgh_id")
    assert [row.pgh_label for row in kept] == ["insert", "update"]
    assert [row.officer_id for row in kept] == [None, case.officer_id]
