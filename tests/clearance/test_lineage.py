"""Split, merge, change of holder: sums conserved, lineage kept, takings follow, the log stays."""

import datetime as dt
from decimal import Decimal

import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon

from geo.split import NotSplit, share_out, split_by_line
from gpmb.clearance import lineage
from gpmb.clearance.lineage import LineageRefused, NewParcel
from gpmb.clearance.models import CaseParty, StaleCase, Taking, TakingPart
from gpmb.land.models import Parcel, ParcelLineage, ParcelNumber
from gpmb.law import steps
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    LandClassFactory,
    ObstacleFactory,
    ParcelFactory,
    PartyFactory,
    TakingFactory,
    UserFactory,
    tile,
)

pytestmark = pytest.mark.django_db


def parcel(at=200, **fields):
    return ParcelFactory(boundary=tile(at), number=f"5/{at}", **fields)


def halves(of, *, at=0.4, numbers=("301", "302")):
    west, south, east, north = of.boundary.extent
    cut = west + (east - west) * at
    shapes = [shapely.box(west, south, cut, north), shapely.box(cut, south, east, north)]
    return [NewParcel("5", number, shape) for number, shape in zip(numbers, shapes, strict=True)]


def split(of, children=None, on=TODAY):
    return lineage.split(
        of, children or halves(of), on=on, document=DocumentFactory(), by=UserFactory()
    )


def test_a_split_retires_the_parcel_and_forms_its_parts(today):
    old = parcel(registered_area_m2=Decimal("501.01"))
    formed = split(old)
    old.refresh_from_db()
    assert old.retired_on == TODAY
    assert [p.measured_area_m2 for p in formed] == [200, 300]
    assert sum(p.registered_area_m2 for p in formed) == Decimal("501.01"), "to the cent"
    links = ParcelLineage.objects.filter(parent=old)
    assert {(link.child, link.reason) for link in links} == {(p, "split") for p in formed}
    assert all(link.document for link in links)


def test_the_old_number_is_kept_as_old_and_free_of_the_current_ones(today):
    old = parcel()
    formed = split(old)
    numbers = ParcelNumber.objects.filter(key="5/200")
    assert {(n.parcel, n.kind, n.valid_to) for n in numbers} == {
        (old, "current", TODAY),
        *((p, "old", TODAY) for p in formed),
    }
    current = ParcelNumber.objects.filter(kind="current", valid_to=None)
    assert {n.key for n in current} == {"5/301", "5/302"}


def test_takings_follow_and_add_up_on_every_day(today):
    old = parcel()
    case = CaseFactory(takings=0, at=None)
    taking = TakingFactory(
        project=case.project, case=case, parcel=old, recovered_area_m2=Decimal("333.33")
    )
    past = TODAY - dt.timedelta(days=100)

    def recovered(on):
        return sum(t.recovered_area_m2 for t in Taking.objects.live(on=on))

    assert recovered(past) == Decimal("333.33")
    formed = split(old)
    rows = Taking.objects.order_by("pk")
    assert [t.parcel for t in rows] == formed
    assert {t.case for t in rows} == {case}
    assert rows[0] == taking, "the first part keeps the row, with its events"
    assert recovered(past) == recovered(TODAY) == Decimal("333.33")
    assert {t.recovered_area_m2 for t in rows} == {Decimal("133.33"), Decimal("200.00")}
    assert all(
        t.boundary.area == pytest.approx(p.boundary.area)
        for t, p in zip(rows, formed, strict=True)
    )


def test_classes_of_land_add_up_too(today):
    taking = TakingFactory(parcel=parcel(), recovered_area_m2=Decimal("499.99"))
    taking.parts.update(area_m2=Decimal("333.33"))
    taking.parts.create(land_class=LandClassFactory(code="ONT"), area_m2=Decimal("166.66"))
    split(taking.parcel)
    for row in Taking.objects.all():
        assert sum(p.area_m2 for p in row.parts.all()) == row.recovered_area_m2
    by_class = {}
    for part in TakingPart.objects.select_related("land_class"):
        by_class[part.land_class.code] = by_class.get(part.land_class.code, 0) + part.area_m2
    assert by_class == {"LUC": Decimal("333.33"), "ONT": Decimal("166.66")}


def test_a_part_outside_the_recovered_ground_gets_no_taking(today):
    old = parcel()
    west, south, east, north = old.boundary.extent
    ground = Polygon.from_bbox((west, south, west + (east - west) * 0.3, north))
    TakingFactory(
        parcel=old, boundary=MultiPolygon(ground, srid=settings.SRID), recovered_area_m2=150
    )
    formed = split(old)
    taking = Taking.objects.get()
    assert (taking.parcel, taking.recovered_area_m2) == (formed[0], 150)


def test_events_payments_and_handover_stay(today):
    case = CaseFactory(takings=0)
    TakingFactory(project=case.project, case=case, parcel=parcel())
    from tests.factories import walk

    walk(case, to="handover")
    log = list(case.events.values_list("pk", "step", "on"))
    split(Parcel.objects.get(numbers__key="5/200"))
    case.refresh_from_db()
    assert list(case.events.values_list("pk", "step", "on")) == log
    assert case.stage == 6
    assert all(t.handed_over_area_m2 == t.recovered_area_m2 for t in case.takings.all())


def test_an_open_obstacle_stands_on_the_ground_of_all_parts(today):
    old = parcel()
    taking = TakingFactory(parcel=old)
    obstacle = ObstacleFactory(case=None, project=taking.project, parcel=old)
    formed = split(old)
    obstacle.refresh_from_db()
    assert all(obstacle.area.intersects(p.boundary) for p in formed)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda c: c[:1], "ít nhất hai"),
        (
            lambda c: [c[0], NewParcel("5", "302", shapely.affinity.scale(c[1].shape, 0.8))],
            "thiếu",
        ),
        (lambda c: [c[0], NewParcel("5", "302", shapely.buffer(c[1].shape, 2))], "vượt|chồng"),
        (lambda c: [c[0], NewParcel("5", "301", c[1].shape)], "trùng số"),
        (lambda c: [c[0], NewParcel("5", "", c[1].shape)], "số tờ và số thửa"),
        (lambda c: [NewParcel("5", "301", c[0].shape, Decimal(200)), c[1]], "để trống cả"),
        (
            lambda c: [
                NewParcel("5", "301", c[0].shape, Decimal(200)),
                NewParcel("5", "302", c[1].shape, Decimal(350)),
            ],
            "lệch quá",
        ),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_reason(today, change, why):
    old = parcel()
    with pytest.raises(LineageRefused, match=why):
        split(old, change(halves(old)))
    old.refresh_from_db()
    assert old.retired_on is None
    assert Parcel.objects.count() == 1


def test_a_number_in_use_and_a_retired_parcel_are_refused(today):
    old = parcel()
    ParcelFactory(unit=old.unit, number="5/301", boundary=tile(210))
    with pytest.raises(LineageRefused, match="đã có ở"):
        split(old)
    other = parcel(220)
    split(other, halves(other, numbers=("401", "402")))
    other.refresh_from_db()
    with pytest.raises(LineageRefused, match="hết tồn tại"):
        split(other, halves(other, numbers=("501", "502")))


def test_a_parcel_may_keep_its_number_in_one_part(today):
    old = parcel()
    formed = split(old, halves(old, numbers=("200", "302")))
    assert formed[0].numbers.get(kind="current").key == "5/200"


# Merge


def merge(*parcels, number="400"):
    return lineage.merge(
        parcels, "5", number, on=TODAY, document=DocumentFactory(), by=UserFactory()
    )


def test_neighbours_become_one_and_takings_of_one_case_add_up(today):
    a = parcel(200)
    b = parcel(201, unit=a.unit)
    case = CaseFactory(takings=0)
    for p in (a, b):
        TakingFactory(project=case.project, case=case, parcel=p)
    formed = merge(a, b)
    taking = case.takings.get()
    assert (taking.parcel, taking.recovered_area_m2) == (formed, 1000)
    assert taking.parts.get().area_m2 == 1000
    assert taking.boundary.area == pytest.approx(1000)
    assert (formed.registered_area_m2, formed.measured_area_m2) == (1000, 1000)
    assert {p.retired_on for p in Parcel.objects.exclude(pk=formed.pk)} == {TODAY}
    assert formed.parent_links.filter(reason="merge").count() == 2
    assert set(formed.numbers.filter(kind="old").values_list("key", flat=True)) == {
        "5/200",
        "5/201",
    }


def test_takings_of_different_cases_stay_apart_on_the_merged_parcel(today):
    a = parcel(200)
    b = parcel(201, unit=a.unit)
    one = TakingFactory(parcel=a)
    case = CaseFactory(project=one.project, takings=0)
    two = TakingFactory(project=one.project, case=case, parcel=b)
    formed = merge(a, b)
    assert set(formed.takings.all()) == {one, two}


def test_parcels_apart_or_handed_over_are_not_merged(today):
    a = parcel(200)
    with pytest.raises(LineageRefused, match="không liền"):
        merge(a, parcel(205, unit=a.unit))
    b = parcel(201, unit=a.unit)
    case = CaseFactory(takings=0)
    for p in (a, b):
        TakingFactory(project=case.project, case=case, parcel=p)
    from tests.factories import walk

    walk(case, to="handover")
    with pytest.raises(LineageRefused, match="bàn giao"):
        merge(a, b)


# Geometry


def test_a_line_cuts_a_parcel_and_reaches_when_drawn_a_little_short():
    box = shapely.MultiPolygon([shapely.box(0, 0, 20, 10)])
    parts = split_by_line(box, shapely.LineString([(5, 0.5), (5, 9.5)]))
    assert [part.area for part in parts] == pytest.approx([50, 150])


@pytest.mark.parametrize("line", [[(5, 3), (5, 6)], [(0, 20), (20, 20)], [(0.05, -1), (0.05, 11)]])
def test_a_line_that_does_not_cut_or_cuts_a_sliver_is_refused(line):
    with pytest.raises(NotSplit):
        split_by_line(shapely.MultiPolygon([shapely.box(0, 0, 20, 10)]), shapely.LineString(line))


def test_shares_sum_to_the_cent():
    shares = share_out(Decimal("100.01"), [1, 1, 1, 0.5, 7])
    assert sum(shares) == Decimal("100.01")


# Change of holder


def change(case, **fields):
    old = case.case_parties.get(valid_to=None)
    values = {"on": TODAY, "document": DocumentFactory(), "reason": "Thừa kế"} | fields
    return old.change_to(PartyFactory(name="Người mới"), **values)


def test_the_new_holder_stands_from_the_day_and_all_else_stays(today):
    case = CaseFactory(at="payment")
    old = case.case_parties.get()
    log = list(case.events.values_list("pk", flat=True))
    row = change(case)
    old.refresh_from_db()
    assert (old.valid_to, row.valid_from, row.reason) == (TODAY, TODAY, "Thừa kế")
    assert (row.role, row.share_percent) == (old.role, old.share_percent)
    assert list(CaseParty.objects.current(on=TODAY)) == [row]
    assert list(CaseParty.objects.current(on=TODAY - dt.timedelta(days=1))) == [old]
    assert list(case.events.values_list("pk", flat=True)) == log


def test_a_change_needs_a_reason_and_a_holder_who_still_stands(today):
    case = CaseFactory()
    with pytest.raises(steps.MoveRefused, match="lý do"):
        change(case, reason=" ")
    old = case.case_parties.get()
    change(case)
    with pytest.raises(steps.MoveRefused, match="thôi đứng tên"):
        old.change_to(PartyFactory(), on=TODAY, document=DocumentFactory(), reason="Nữa")
    with pytest.raises(steps.MoveRefused, match="không được trước"):
        change(case, on=TODAY - dt.timedelta(days=5))


def test_someone_elses_change_is_noticed(today):
    case = CaseFactory()
    with pytest.raises(StaleCase):
        change(case, version=case.version - 1)
