"""Tiles: what is in them, who sees what, and when their key changes."""

import datetime as dt

import mapbox_vector_tile
import pytest
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gpmb.analysis import counting, pieces, tiles
from gpmb.analysis.selection import Colouring, Selection
from gpmb.analysis.tile_models import Piece, PieceState
from gpmb.clearance.models import Taking
from gpmb.web.places import read_area, read_line
from tests.factories import (
    CORNER,
    FIRST_DAY,
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    ObstacleFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    walk,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
NEAR, FAR, COARSE, CITY = 15, 12, 10, 8


@pytest.fixture
def viewer():
    return UserFactory(viewer=True)


def field(number: int, side_m: int = 400) -> MultiPolygon:
    """The `number`-th large square, seen from far: neighbours share an edge."""
    west, south = CORNER[0] + number * side_m, CORNER[1] + 50_000
    box = Polygon.from_bbox((west, south, west + side_m, south + side_m))
    return MultiPolygon(box, srid=settings.SRID)


def select(user, **wanted) -> Selection:
    return Selection(user=user, on=wanted.pop("on", TODAY), today=TODAY, **wanted)


def tile_of(taking: Taking, z: int) -> tuple[int, int, int]:
    """The tile that holds a taking's inner point."""
    taking = Taking.objects.get(pk=taking.pk)
    point = taking.boundary_web.point_on_surface
    side = 2 * tiles.HALF_WORLD_M / 2**z
    x, y = point.x + tiles.HALF_WORLD_M, tiles.HALF_WORLD_M - point.y
    return z, int(x / side), int(y / side)


def drawn(selection: Selection, taking: Taking, z: int) -> list[dict]:
    content = tiles.tile(selection, *tile_of(taking, z))
    layers = mapbox_vector_tile.decode(content) if content else {}
    features = [feature for layer in layers.values() for feature in layer["features"]]
    for feature in features:  # the class stands under the colouring's name
        feature["properties"]["c"] = feature["properties"].pop(selection.colouring)
    return features


def test_a_near_tile_carries_the_public_number_and_codes_alone(viewer) -> None:
    taking = CaseFactory(at="inventory").takings.get()
    (feature,) = drawn(select(viewer), taking, NEAR)
    assert feature["id"] == taking.ref
    assert feature["properties"] == {"c": 2, "o": 0}


def test_the_whole_city_is_one_piece_a_project_and_ward_with_its_shares(viewer) -> None:
    project, ward = ProjectFactory(), AdministrativeUnitFactory()
    for number, step in enumerate(["inventory", "inventory", "inventory", "approval"]):
        case = CaseFactory(project=project, takings=0, at=None)
        parcel = ParcelFactory(unit=ward, boundary=field(number))
        taking = TakingFactory(project=project, parcel=parcel, case=case)
        walk(case, to=step)
    (feature,) = drawn(select(viewer), taking, CITY)
    told = feature["properties"]
    assert (told["n"], told["c"], told["s2"], told["s4"]) == (4, 2, 75, 25)
    assert told["p"] == project.ref
    assert feature["id"] == 0  # the decoder's word for none: no key leaves the server


@pytest.mark.parametrize("z", [NEAR, FAR, COARSE])
def test_a_restricted_project_is_in_no_tile_of_the_uncleared(viewer, z) -> None:
    taking = TakingFactory(project=ProjectFactory(restricted=True))
    assert drawn(select(viewer), taking, z) == []
    assert len(drawn(select(UserFactory(viewer=True, cleared=True)), taking, z)) == 1


@pytest.mark.parametrize("z", [NEAR, FAR, COARSE])
def test_a_restricted_parcel_is_in_no_tile_of_the_uncleared(viewer, z) -> None:
    open_one = TakingFactory()
    parcel = ParcelFactory(unit=open_one.parcel.unit, restricted=True)
    hidden = TakingFactory(project=open_one.project, parcel=parcel)
    assert len(drawn(select(viewer), hidden, z)) == 1
    counted = [f["properties"].get("n", 1) for f in drawn(select(viewer), hidden, z)]
    assert counted == [1]


def test_a_withdrawn_taking_leaves_the_map_on_its_day(viewer) -> None:
    taking = TakingFactory()
    Taking.objects.filter(pk=taking.pk).update(
        withdrawn_on=dt.date(2023, 3, 1), withdrawn_reason="điều chỉnh ranh giới"
    )
    assert drawn(select(viewer), taking, NEAR) == []
    assert len(drawn(select(viewer, on=dt.date(2023, 2, 28)), taking, NEAR)) == 1


@pytest.mark.parametrize("z", [NEAR, FAR, COARSE])
def test_a_past_day_shows_the_stage_of_that_day(viewer, z) -> None:
    case = CaseFactory(at="approval")
    taking = case.takings.get()
    notified = FIRST_DAY + dt.timedelta(days=1)
    assert [f["properties"]["c"] for f in drawn(select(viewer), taking, z)] == [4]
    assert [f["properties"]["c"] for f in drawn(select(viewer, on=notified), taking, z)] == [1]
    before = FIRST_DAY - dt.timedelta(days=1)
    assert [f["properties"]["c"] for f in drawn(select(viewer, on=before), taking, z)] == [0]


def test_every_stored_day_of_the_pieces_equals_the_event_log(viewer) -> None:
    project = ProjectFactory()
    for step in ("notice", "payment", "handover"):
        CaseFactory(project=project, at=step, takings=2)
    TakingFactory(project=project)
    pieces.refresh_stale()
    days = sorted(set(PieceState.objects.values_list("on", flat=True)))
    assert len(days) > 5
    for on in days[1:]:
        counted = dict.fromkeys(range(7), 0)
        for row in counting.counted(select(viewer, on=on)):
            counted[row["c"]] += row["takings"]
        stored = [0] * 7
        for piece in Piece.objects.filter(size_m=250):
            state = piece.states.filter(on__lte=on).order_by("-on").first()
            stored = [a + b for a, b in zip(stored, state.takings, strict=True)]
        assert stored == list(counted.values()), on


def test_filters_leave_out_what_they_say(viewer) -> None:
    case = CaseFactory(at="inventory", officer=UserFactory())
    taking = case.takings.get()
    other = TakingFactory()
    assert drawn(select(viewer, projects=frozenset({other.project_id})), taking, NEAR) == [
        f for f in drawn(select(viewer), taking, NEAR) if f["id"] == other.ref
    ]
    for z in (NEAR, FAR):
        kept = drawn(select(viewer, stages=frozenset({2})), taking, z)
        assert [f["properties"]["c"] for f in kept] == [2]
        assert len(drawn(select(viewer, officer=case.officer_id), taking, z)) == 1
        units = frozenset({taking.parcel.unit_id})
        assert len(drawn(select(viewer, units=units), taking, z)) == 1


def test_an_open_obstacle_is_marked_and_a_closed_one_is_not(viewer) -> None:
    obstacle = ObstacleFactory(opened_on=dt.date(2023, 5, 1))
    taking = obstacle.case.takings.get()
    assert [f["properties"]["o"] for f in drawn(select(viewer), taking, NEAR)] == [1]
    april = select(viewer, on=dt.date(2023, 4, 30))
    assert [f["properties"]["o"] for f in drawn(april, taking, NEAR)] == [0]


@pytest.mark.parametrize("where", ["parcel", "line", "area"])
def test_an_obstacle_in_a_place_marks_the_land_it_touches(viewer, where) -> None:
    taking = CaseFactory().takings.get()
    x, y = taking.boundary.centroid.coords
    place = {
        "parcel": taking.parcel,
        "line": read_line(f"{x - 5}; {y}\n{x + 5}; {y}"),
        "area": read_area(f"{x}; {y}\n{x + 5}; {y}\n{x}; {y + 5}"),
    }
    ObstacleFactory(case=None, project=taking.project, **{where: place[where]})
    assert [f["properties"]["o"] for f in drawn(select(viewer), taking, NEAR)] == [1]


@pytest.mark.parametrize(
    ("step", "c"), [("inventory", 0), ("approval", 1), ("payment", 2), ("deposit", 2)]
)
def test_payment_is_coloured_by_approval_and_payment(viewer, step, c) -> None:
    taking = CaseFactory(at=step).takings.get()
    chosen = select(viewer, colouring=Colouring.PAYMENT)
    assert [f["properties"]["c"] for f in drawn(chosen, taking, NEAR)] == [c]
    assert [f["properties"]["c"] for f in drawn(chosen, taking, FAR)] == [c]


def test_the_key_changes_with_a_move_and_with_nothing_else(viewer) -> None:
    case = CaseFactory(at="notice")
    first = tiles.key(select(viewer))
    assert tiles.key(select(viewer)) == first
    assert tiles.key(select(UserFactory(leader=True))) == first
    assert tiles.key(select(UserFactory(cleared=True))) != first
    assert tiles.key(select(viewer, on=FIRST_DAY)) != first
    assert tiles.key(select(viewer, colouring=Colouring.PAYMENT)) != first
    walk(case, to="inventory")
    assert tiles.key(select(viewer)) != first


def test_the_key_of_one_project_ignores_the_others(viewer) -> None:
    mine, other = CaseFactory(at="notice"), CaseFactory(at="notice")
    chosen = select(viewer, projects=frozenset({mine.project_id}))
    first = tiles.key(chosen)
    walk(other, to="inventory")
    assert tiles.key(chosen) == first


def test_only_the_project_that_changed_is_dissolved_again() -> None:
    taking, other = TakingFactory(), TakingFactory()
    assert pieces.refresh_stale() == 2
    assert pieces.refresh_stale() == 0
    kept = set(Piece.objects.filter(project=other.project).values_list("pk", flat=True))
    Taking.objects.filter(pk=taking.pk).update(note="đo lại")
    assert pieces.stale() == [taking.project_id]
    assert pieces.refresh_stale() == 1
    assert set(Piece.objects.filter(project=other.project).values_list("pk", flat=True)) == kept


def test_pieces_cover_their_takings() -> None:
    case = CaseFactory(takings=3, takings__parcel__unit=AdministrativeUnitFactory())
    pieces.refresh_stale()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(ST_Area(ST_Difference(t.boundary_web, p.web)) "
            "< 0.05 * ST_Area(t.boundary_web)) FROM clearance_taking t "
            "JOIN analysis_piece p ON p.project_id = t.project_id AND p.size_m = 250 "
            "JOIN analysis_takingcell c ON c.taking_id = t.id AND c.cell_x = p.cell_x "
            "AND c.cell_y = p.cell_y WHERE t.case_id = %s",
            [case.pk],
        )
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(("z", "x", "y"), [(25, 0, 0), (3, 8, 0), (3, 0, -1), (-1, 0, 0)])
def test_a_tile_outside_the_pyramid_is_refused(z, x, y) -> None:
    with pytest.raises(ValueError, match="No tile"):
        tiles.envelope(z, x, y)


def test_the_envelope_is_that_of_postgis() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_AsBinary(ST_TileEnvelope(14, 13107, 7189))")
        theirs = GEOSGeometry(memoryview(cursor.fetchone()[0]), srid=3857)
    assert tiles.envelope(14, 13107, 7189).extent == pytest.approx(theirs.extent)


@given(st.lists(st.tuples(st.integers(0, 9), st.binary(max_size=60)), max_size=60))
def test_the_cache_never_holds_more_than_its_limit(puts) -> None:
    cache = tiles.TileCache(limit_bytes=100)
    for number, content in puts:
        cache.put(("key", 0, 0, number), content)
        held = [cache.get(("key", 0, 0, n)) for n in range(10)]
        assert sum(len(tile) for tile in held if tile is not None) <= 100
        assert cache.get(("key", 0, 0, number)) == content
