"""Split, merge and change of holder are taken back whole, or refused with every reason."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from gpmb.clearance import lineage_undo
from gpmb.clearance.lineage import LineageRefused
from gpmb.clearance.lineage_undo import UndoRefused
from gpmb.clearance.models import Case, CaseParty, FieldNote, Obstacle, Reshaping, Taking
from gpmb.land.models import Parcel, ParcelLineage, ParcelNumber, Party
from gpmb.law import steps
from tests.clearance.test_lineage import change, halves, merge, parcel, split
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    LandClassFactory,
    ObstacleFactory,
    ParcelFactory,
    TakingFactory,
    UserFactory,
    tile,
    walk,
)

pytestmark = pytest.mark.django_db


def world() -> dict[str, Any]:
    """Everything a split or merge moves, apart from versions and histories."""
    return {
        "parcels": set(Parcel.objects.values_list("pk", "ref", "retired_on")),
        "numbers": set(ParcelNumber.objects.values_list("parcel", "key", "kind", "valid_to")),
        "links": ParcelLineage.objects.count(),
        "takings": {
            (
                *(t.pk, t.ref, t.parcel_id, t.case_id, t.project_id, t.note),
                *(t.recovered_area_m2, t.handed_over_area_m2, t.handed_over_on),
                round(t.boundary.area, 3),
                tuple(t.parts.order_by("land_class").values_list("land_class", "area_m2")),
            )
            for t in Taking.objects.all()
        },
        "obstacles": set(Obstacle.objects.values_list("pk", "parcel", "area")),
        "cases": set(Case.objects.values_list("pk", "step", "stage")),
    }


def undo(reason: str = "nhập nhầm thửa") -> list[Parcel]:
    return lineage_undo.undo(Reshaping.objects.get(), by=UserFactory(), reason=reason)


def mixed(at: int = 200, **fields: Any) -> Taking:
    """A taking of two classes of land, with a case, on a parcel with an open obstacle."""
    case = fields.pop("case", None) or CaseFactory(takings=0)
    taking = TakingFactory(
        project=case.project,
        case=case,
        parcel=fields.pop("parcel", None) or parcel(at),
        recovered_area_m2=Decimal("499.99"),
        note="giáp mương",
    )
    taking.parts.update(area_m2=Decimal("333.33"))
    taking.parts.create(land_class=LandClassFactory(code="ONT"), area_m2=Decimal("166.66"))
    return taking


def test_a_split_is_taken_back_to_what_was_there(today):
    taking = mixed()
    ObstacleFactory(case=None, project=taking.project, parcel=taking.parcel)
    before = world()
    split(taking.parcel)
    assert world() != before
    assert undo() == [taking.parcel]
    assert world() == before
    kept = Reshaping.objects.get()
    assert (kept.kind, kept.undo_reason) == ("split", "nhập nhầm thửa")
    assert kept.undone_at is not None


def test_a_split_of_land_handed_over_keeps_the_handover_when_taken_back(today):
    taking = mixed()
    walk(taking.case, to="handover")
    before = world()
    split(taking.parcel)
    undo()
    assert world() == before


def test_a_merge_is_taken_back_with_the_taking_it_folded_away(today):
    one = mixed(200)
    two = mixed(parcel=parcel(201, unit=one.parcel.unit), case=one.case)
    before = world()
    merge(one.parcel, two.parcel)
    assert one.case.takings.count() == 1
    undo()
    assert world() == before


def test_a_split_can_be_done_again_after_it_was_taken_back(today):
    taking = mixed()
    split(taking.parcel)
    undo()
    old = Parcel.objects.get(pk=taking.parcel_id)
    split(old)
    assert Reshaping.objects.standing().count() == 1
    with pytest.raises(UndoRefused, match="đã được hoàn tác"):
        lineage_undo.undo(
            Reshaping.objects.exclude(undone_at=None).get(), by=UserFactory(), reason="nữa"
        )


def hand_over(formed: list[Parcel]) -> None:
    walk(formed[0].takings.get().case, to="handover")


def split_again(formed: list[Parcel]) -> None:
    split(formed[0], halves(formed[0], numbers=("501", "502")))


def write_a_note(formed: list[Parcel]) -> None:
    FieldNote.objects.create(
        taking=formed[1].takings.get(), on=TODAY, text="đã đo lại", by=UserFactory()
    )


def change_an_area(formed: list[Parcel]) -> None:
    taking = formed[1].takings.get()
    taking.parts.all().delete()
    taking.recovered_area_m2 = 1
    taking.save()


@pytest.mark.parametrize(
    ("since", "why"),
    [
        (hand_over, "đã bàn giao hoặc sửa"),
        (split_again, "hoàn tác lần sau trước"),
        (write_a_note, "ghi chú hiện trường"),
        (change_an_area, "đã sửa sau khi tách, hợp"),
        (lambda formed: TakingFactory(parcel=formed[0]), "thêm phần thu hồi"),
        (lambda formed: Parcel.objects.update(note="sửa"), "Thửa mới đã được sửa"),
        (
            lambda formed: ObstacleFactory(
                case=None, project=formed[0].takings.get().project, parcel=formed[0]
            ),
            "vướng mắc mới",
        ),
        (
            lambda formed: ParcelFactory(unit=formed[0].unit, number="5/200", boundary=tile(230)),
            "Số 5/200 đã cấp cho thửa khác",
        ),
    ],
)
def test_what_was_done_on_the_new_parcels_refuses_the_undo(today, since, why):
    formed = split(mixed().parcel)
    first = Reshaping.objects.get()
    since(formed)
    before = world()
    with pytest.raises(UndoRefused, match=why):
        lineage_undo.undo(first, by=UserFactory(), reason="nhầm")
    assert world() == before
    first.refresh_from_db()
    assert first.undone_at is None


def test_an_undo_needs_a_reason(today):
    split(mixed().parcel)
    with pytest.raises(UndoRefused, match="lý do"):
        undo(" ")


def test_a_merge_keeps_the_row_that_has_field_notes(today):
    one = mixed(200)
    two = mixed(parcel=parcel(201, unit=one.parcel.unit), case=one.case)
    FieldNote.objects.create(taking=two, on=TODAY, text="bờ thửa đã phá", by=UserFactory())
    merge(one.parcel, two.parcel)
    assert one.case.takings.get().notes.get().text == "bờ thửa đã phá"


def test_two_parcels_with_field_notes_are_not_folded_into_one(today):
    one = mixed(200)
    two = mixed(parcel=parcel(201, unit=one.parcel.unit), case=one.case)
    for taking in (one, two):
        FieldNote.objects.create(taking=taking, on=TODAY, text="đã xem", by=UserFactory())
    with pytest.raises(LineageRefused, match="ghi chú hiện trường"):
        merge(one.parcel, two.parcel)


# Change of holder


def test_a_change_of_holder_is_taken_back(today):
    case = CaseFactory(at="inventory")
    old = case.case_parties.get()
    new = change(case)
    assert new.undo_change(reason="ghi nhầm hồ sơ") == old
    assert list(CaseParty.objects.current(on=TODAY)) == [old]
    assert not Party.objects.filter(name="Người mới").exists()


def test_work_with_the_new_holder_is_not_undone(today):
    case = CaseFactory()
    new = change(case)
    # What is recorded in one transaction has one moment: the change was before.
    CaseParty.objects.filter(pk=new.pk).update(recorded_at=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
    walk(case, to="notice")
    with pytest.raises(steps.MoveRefused, match="Thông báo thu hồi đất"):
        new.undo_change(reason="nhầm")
    assert case.case_parties.count() == 2


def test_a_paper_delivered_to_the_new_holder_refuses_the_undo(today):
    case = CaseFactory()
    new = change(case)
    new.party.services.create(document=DocumentFactory(), on=TODAY, manner="signed")
    with pytest.raises(steps.MoveRefused, match="giao văn bản"):
        new.undo_change(reason="nhầm")


@pytest.mark.parametrize(
    ("at", "reason", "why"),
    [(0, "nhầm", "từ khi lập hồ sơ"), (1, " ", "lý do"), (1, "nhầm", "đổi người lần nữa")],
)
def test_only_the_last_change_is_taken_back_and_for_a_reason(today, at, reason, why):
    case = CaseFactory()
    rows = [case.case_parties.get(), change(case), change(case)]
    with pytest.raises(steps.MoveRefused, match=why):
        rows[at].undo_change(reason=reason)
