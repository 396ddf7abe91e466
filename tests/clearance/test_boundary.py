"""A clearance boundary: what it proposes, that nothing signed moves, that undo brings all back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geo.clearance import Relation
from gpmb.clearance import boundary as land
from gpmb.clearance.models import ClearanceBoundary, Taking
from gpmb.reference.models import MinimumPlot
from tests.factories import (
    TODAY,
    CaseFactory,
    LandClassFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    tile,
    walk,
)

pytestmark = pytest.mark.django_db


def around(first, last, share=1.0):
    """A boundary over tiles first … last of a row, `share` of the last tile's width."""
    west, south, _, north = tile(first).extent
    x, _, east, _ = tile(last).extent
    box = Polygon.from_bbox((west, south, x + (east - x) * share, north))
    return MultiPolygon(box, srid=settings.SRID)


@pytest.fixture
def officer(today):
    return UserFactory()


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer])


def parcel(at, **fields):
    return ParcelFactory(boundary=tile(at), number=f"7/{at}", **fields)


def record(project, officer, shape):
    return ClearanceBoundary.objects.create(
        project=project, boundary=shape, source="file", on=TODAY, by=officer
    )


def proposed(project, officer, shape):
    return {row.key: row for row in land.propose(project, shape, user=officer, on=TODAY).rows}


def test_parcels_lie_inside_partly_or_outside(project, officer):
    for at in (100, 101, 103):
        parcel(at)
    rows = proposed(project, officer, around(100, 101, 0.25))
    assert set(rows) == {"7/100", "7/101"}, "a parcel out of reach is no row"
    assert rows["7/100"].relation == Relation.INSIDE
    assert rows["7/100"].recovered_m2 == 500
    assert rows["7/101"].relation == Relation.PARTLY
    assert (rows["7/101"].recovered_m2, rows["7/101"].remainder_m2) == (125, 375)
    assert {row.action for row in rows.values()} == {"new"}
    assert not Taking.objects.exists(), "a proposal writes nothing"


def test_a_whole_parcel_is_taken_by_its_papers_area(project, officer):
    parcel(100, registered_area_m2=Decimal("498.7"))
    assert proposed(project, officer, around(100, 100))["7/100"].recovered_m2 == Decimal("498.7")


def test_applying_makes_changes_and_withdraws(project, officer):
    parcel(100)
    partly = TakingFactory(project=project, parcel=parcel(101))
    gone = TakingFactory(project=project, parcel=parcel(105))
    shape = around(100, 101, 0.25)
    given = record(project, officer, shape)
    preview = land.propose(project, shape, user=officer, on=TODAY)
    land.apply(given, digest=preview.digest, by=officer, on=TODAY)
    partly.refresh_from_db()
    gone.refresh_from_db()
    project.refresh_from_db()
    assert partly.recovered_area_m2 == 125
    assert partly.parts.get().area_m2 == 125
    assert partly.boundary.area == pytest.approx(125)
    assert gone.withdrawn_on == TODAY
    assert Taking.objects.filter(project=project, withdrawn_on=None).count() == 2
    assert project.boundary.equals(shape)
    again = land.propose(project, shape, user=officer, on=TODAY)
    assert set(again.actions) == {"same"}, "the same boundary again changes nothing"


def test_undo_brings_everything_back(project, officer):
    parcel(100)
    partly = TakingFactory(project=project, parcel=parcel(101))
    gone = TakingFactory(project=project, parcel=parcel(105))
    before = {
        t.pk: (t.recovered_area_m2, t.boundary.wkt, t.withdrawn_on, t.parts.get().area_m2)
        for t in Taking.objects.all()
    }
    given = record(project, officer, around(100, 101, 0.25))
    digest = land.propose(project, given.boundary, user=officer, on=TODAY).digest
    land.apply(given, digest=digest, by=officer, on=TODAY)
    assert land.undo(given, by=officer) == []
    after = {
        t.pk: (t.recovered_area_m2, t.boundary.wkt, t.withdrawn_on, t.parts.get().area_m2)
        for t in Taking.objects.all()
    }
    assert after == before
    assert {partly.pk, gone.pk} == set(after)
    project.refresh_from_db()
    assert project.boundary is None
    with pytest.raises(land.BoundaryRefused):
        land.undo(given, by=officer)


def test_applying_and_undoing_ask_as_often_for_ten_parcels_as_for_two(project, officer):
    def asked(first, count):
        for at in range(first, first + count):
            TakingFactory(project=project, parcel=parcel(at))  # partly inside: changed
            TakingFactory(project=project, parcel=parcel(at + 50))  # outside: withdrawn
            parcel(at + 100)  # new
        shapes = [around(at, at, 0.25) for at in range(first, first + count)]
        shapes += [around(at + 100, at + 100) for at in range(first, first + count)]
        shape = MultiPolygon([part for each in shapes for part in each], srid=settings.SRID)
        given = record(project, officer, shape)
        digest = land.propose(project, shape, user=officer, on=TODAY).digest
        with CaptureQueriesContext(connection) as queries:
            land.apply(given, digest=digest, by=officer, on=TODAY)
            assert land.undo(given, by=officer) == []
        return len(queries)

    asked(300, 1)
    two = asked(400, 2)
    assert asked(500, 10) == two


def test_undo_leaves_and_names_what_moved_since(project, officer):
    parcel(100)
    parcel(101)
    given = record(project, officer, around(100, 101))
    digest = land.propose(project, given.boundary, user=officer, on=TODAY).digest
    land.apply(given, digest=digest, by=officer, on=TODAY)
    moved = Taking.objects.get(parcel__numbers__key="7/101")
    moved.case = CaseFactory(project=project, takings=0)
    moved.save()
    assert land.undo(given, by=officer) == ["7/101: đã vào hồ sơ"]
    assert Taking.objects.get() == moved


@pytest.mark.parametrize(
    ("at", "why"),
    [("inventory", "kiểm đếm"), ("approval", "phê duyệt"), ("handover", "bàn giao")],
)
def test_a_signed_area_stays_and_the_difference_is_shown(project, officer, at, why):
    case = CaseFactory(project=project, takings=0)
    taking = TakingFactory(project=project, case=case, parcel=parcel(100))
    walk(case, to=at)
    shape = around(100, 100, 0.5)
    row = proposed(project, officer, shape)["7/100"]
    assert row.action == land.KEPT
    assert why in row.why
    assert row.difference_m2 == -250
    given = record(project, officer, shape)
    digest = land.propose(project, shape, user=officer, on=TODAY).digest
    land.apply(given, digest=digest, by=officer, on=TODAY)
    taking.refresh_from_db()
    assert taking.recovered_area_m2 == 500


def test_a_case_not_yet_inventoried_follows_the_boundary(project, officer):
    case = CaseFactory(project=project, takings=0, at="notice")
    TakingFactory(project=project, case=case, parcel=parcel(100))
    assert proposed(project, officer, around(100, 100, 0.5))["7/100"].action == "changed"
    outside = proposed(project, officer, around(110, 111))["7/100"]
    assert (outside.action, outside.relation) == (land.KEPT, Relation.OUTSIDE)


def test_mixed_land_and_shared_parcels_are_left_to_their_pages(project, officer):
    mixed = TakingFactory(project=project, parcel=parcel(100))
    mixed.parts.update(area_m2=300)
    mixed.parts.create(land_class=LandClassFactory(code="ONT"), area_m2=200)
    shared = parcel(101)
    for _ in range(2):
        case = CaseFactory(project=project, takings=0)
        TakingFactory(project=project, case=case, parcel=shared, recovered_area_m2=200)
    rows = proposed(project, officer, around(100, 101, 0.5))
    assert "nhiều hồ sơ" in rows["7/101"].why
    rows = proposed(project, officer, around(100, 100, 0.5))
    assert "nhiều loại đất" in rows["7/100"].why


def test_what_was_not_previewed_is_not_written(project, officer):
    parcel(100)
    given = record(project, officer, around(100, 102))
    digest = land.propose(project, given.boundary, user=officer, on=TODAY).digest
    parcel(101)
    with pytest.raises(land.BoundaryRefused, match="đã đổi"):
        land.apply(given, digest=digest, by=officer, on=TODAY)
    assert not Taking.objects.exists()


# The remainder


def limit(use="agri", area=100, **fields):
    return MinimumPlot.objects.create(
        use=use, area_m2=area, valid_from=dt.date(2020, 1, 1), article="Điều 5 QĐ thử", **fields
    )


def test_no_limit_no_warning(project, officer):
    parcel(100)
    proposal = land.propose(project, around(100, 100, 0.9), user=officer, on=TODAY)
    assert (proposal.warnings, dict(proposal.limits)) == (0, {})


@pytest.mark.parametrize(("share", "warned"), [(0.9, True), (0.5, False)])
def test_a_remainder_below_the_limit_is_warned_of(project, officer, share, warned):
    limit()
    TakingFactory(project=project, parcel=parcel(100))
    row = proposed(project, officer, around(100, 100, share))["7/100"]
    assert bool(row.warning) == warned
    if warned:
        assert "chưa đối chiếu văn bản" in row.warning
        assert "Điều 5 QĐ thử" in row.warning


def test_the_limit_is_that_of_the_lands_use_and_day(project, officer):
    limit("residential", 400, verified=True)
    limit("agri", 20)
    TakingFactory(project=project, parcel=parcel(100))
    assert not proposed(project, officer, around(100, 100, 0.9))["7/100"].warning
    home = LandClassFactory(code="ODT", group="non_agri", residential=True)
    TakingFactory(project=project, parcel=parcel(101), land_class=home)
    row = proposed(project, officer, around(101, 101, 0.5))["7/101"]
    assert "chưa đối chiếu" not in row.warning
    assert "400" in row.warning
    MinimumPlot.objects.update(valid_to=dt.date(2021, 1, 1))
    assert not proposed(project, officer, around(101, 101, 0.5))["7/101"].warning


def test_unknown_use_warns_only_below_every_limit(project, officer):
    limit("residential", 400)
    limit("agri", 100)
    parcel(100)
    parcel(101)
    assert not proposed(project, officer, around(100, 100, 0.5))["7/100"].warning
    assert proposed(project, officer, around(101, 101, 0.9))["7/101"].warning


def test_restricted_land_is_no_row_for_who_may_not_see_it(project, officer):
    parcel(100, restricted=True)
    assert not proposed(project, officer, around(100, 100))
