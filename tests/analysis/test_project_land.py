"""The blocking figures of a project: stored neighbours, staleness, as-of, rights, corridors."""

import datetime as dt
import json

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gpmb import refs
from gpmb.analysis import adjacency, project_land
from gpmb.analysis.models import Adjacency, AdjacencyState
from gpmb.clearance.models import Project, Taking
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 6, 1)


def cell(row: int, column: int, size: float = 20.0) -> MultiPolygon:
    west, south = factories.CORNER[0] + column * size, factories.CORNER[1] + row * size
    box = Polygon.from_bbox((west, south, west + size, south + size))
    return MultiPolygon(box, srid=box.srid or factories.settings.SRID)


def moved(shape: MultiPolygon, east_m: float) -> MultiPolygon:
    (west, south, east, north) = shape.extent
    box = Polygon.from_bbox((west + east_m, south, east + east_m, north))
    return MultiPolygon(box, srid=shape.srid)


def grid(project: Project, rows: int, columns: int) -> list[list[Taking]]:
    """Takings of 400 m² in rows and columns that touch."""
    return [
        [
            factories.TakingFactory(
                project=project,
                parcel__boundary=cell(row, column),
                parcel__measured_area_m2=400,
                boundary=cell(row, column),
            )
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def hand_over(*takings: Taking, on: dt.date = DAY) -> None:
    for taking in takings:
        taking.handed_over_on, taking.handed_over_area_m2 = on, taking.recovered_area_m2
        taking.save()


@pytest.fixture
def project() -> Project:
    return factories.ProjectFactory(code="CUM-01")


@pytest.fixture
def takings(project: Project) -> list[list[Taking]]:
    """Three rows of three, the middle row pending."""
    rows = grid(project, 3, 3)
    hand_over(*rows[0], *rows[2])
    adjacency.refresh(project)
    return rows


def answer(tmp_path, *options: str) -> dict:
    call_command("blocking", "--json", str(tmp_path / "ra.json"), *options)
    return json.loads((tmp_path / "ra.json").read_text())


def test_command_answers_for_a_project(tmp_path, today, takings):
    found = answer(tmp_path, "--project", "CUM-01")
    assert found["project"] == "CUM-01"
    assert found["as_of"] == "2023-06-30"
    assert (found["cleared_m2"], found["largest_m2"]) == (2400, 1200)
    assert {row["taking"] for row in found["rows"]} == {refs.encode(t.ref) for t in takings[1]}
    assert {row["gain_m2"] for row in found["rows"]} == {1600}


def test_the_past_is_as_it_was(tmp_path, today, takings):
    found = answer(tmp_path, "--project", "CUM-01", "--as-of", "2023-05-31")
    assert (found["as_of"], found["cleared_m2"], found["fragmentation"]) == ("2023-05-31", 0, None)
    assert len(found["rows"]) == 9


def test_unknown_project_is_said(today):
    with pytest.raises(CommandError, match="Không có dự án mã “KHONG”"):
        call_command("blocking", "--project", "KHONG")


def test_nothing_stored_is_stale_and_the_command_computes_it(tmp_path, today, project):
    grid(project, 1, 2)
    assert adjacency.is_stale(project)
    answer(tmp_path, "--project", "CUM-01")
    assert not adjacency.is_stale(project)
    assert Adjacency.objects.filter(project=project).count() == 1


def test_new_land_and_moved_boundaries_mark_stale_but_handover_does_not(project, takings):
    hand_over(takings[1][0])
    assert not adjacency.is_stale(project)
    takings[1][1].boundary = cell(9, 9)
    takings[1][1].save()
    assert adjacency.is_stale(project)
    assert project_land.read(project, on=DAY).notes
    adjacency.refresh(project)
    factories.TakingFactory(project=project)
    assert adjacency.is_stale(project)


def test_a_parcel_boundary_marks_the_takings_that_borrow_it(project, takings):
    borrowed = factories.TakingFactory(project=project, boundary=None)
    adjacency.refresh(project)
    borrowed.parcel.boundary = cell(1, 3)
    borrowed.parcel.save()
    assert adjacency.is_stale(project)
    adjacency.refresh(project)
    assert Adjacency.objects.filter(project=project, second=borrowed).count() == 1


def test_other_projects_stay_fresh(project, takings):
    other = factories.ProjectFactory()
    grid(other, 1, 2)
    assert adjacency.is_stale(other)
    assert not adjacency.is_stale(project)
    call_command("adjacency")
    assert not adjacency.stale_projects()
    assert AdjacencyState.objects.get(project=other).computed_at


def test_an_import_computes_the_pairs_once_it_has_committed(
    tmp_path, today, project, django_capture_on_commit_callbacks
):
    unit = factories.AdministrativeUnitFactory()
    project.units.add(unit)
    factories.LandClassFactory()
    shapes = [shapely.from_wkt(cell(0, column).wkt) for column in (0, 1)]
    layer = {"so_to": [5, 5], "so_thua": ["1", "2"], "dien_tich": [400.0, 400.0]}
    path = tmp_path / "thua.gpkg"
    geopandas.GeoDataFrame(layer, geometry=shapes, crs="EPSG:5899").to_file(path)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_parcels", str(path), project=project.code)
        assert not Adjacency.objects.exists()
    assert Adjacency.objects.filter(project=project, lane=False).count() == 1
    assert not adjacency.is_stale(project)


def test_withdrawn_and_restricted_takings_are_left_out(project, takings):
    viewer = factories.UserFactory(viewer=True)
    parcel = takings[1][1].parcel
    parcel.restricted = True
    parcel.save()
    assert len(project_land.read(project, on=DAY, user=viewer).takings) == 8
    assert len(project_land.read(project, on=DAY).takings) == 9
    Taking.objects.filter(pk=takings[0][0].pk).update(withdrawn_on=DAY, withdrawn_reason="thử")
    assert len(project_land.read(project, on=DAY).takings) == 8
    assert len(project_land.read(project, on=DAY - dt.timedelta(days=1)).takings) == 9


def test_households_are_the_distinct_holders_of_the_case(project):
    case = factories.CaseFactory(project=project, takings=0)
    factories.CaseParty.objects.create(case=case, party=factories.PartyFactory(), role="co_owner")
    factories.CaseParty.objects.create(
        case=case, party=factories.PartyFactory(), role="representative"
    )
    factories.CaseParty.objects.create(
        case=case, party=factories.PartyFactory(kind="organisation"), role="co_owner"
    )
    factories.TakingFactory(project=project, case=case)
    factories.TakingFactory(project=project)
    assert project_land.read(project, on=DAY).land.households.tolist() == [2, 0]


def test_a_road_not_yet_handed_over_joins_its_sides_when_lanes_count(project):
    road = factories.LandClassFactory(code="DGT", name="Đất giao thông", group="non_agri")
    left, right = (
        factories.TakingFactory(project=project, boundary=cell(0, column)) for column in (0, 2)
    )
    factories.TakingFactory(project=project, boundary=cell(0, 1), land_class=road)
    hand_over(left, right)
    adjacency.refresh(project)
    land = project_land.read(project, on=DAY).land
    assert land.blocks().largest_m2 == left.recovered_area_m2
    assert land.blocks(with_lanes=True).largest_m2 == left.recovered_area_m2 * 2


def test_ground_without_a_parcel_joins_its_sides_when_lanes_count(project):
    near, over, far = (
        factories.TakingFactory(
            project=project, boundary=cell(0, column, size=20), recovered_area_m2=400
        )
        for column in (0, 2, 5)
    )
    over.boundary = moved(over.boundary, -15)
    over.save()
    hand_over(near, over, far)
    adjacency.refresh(project)
    land = project_land.read(project, on=DAY).land
    assert land.blocks().largest_m2 == 400
    assert land.blocks(with_lanes=True).largest_m2 == 800


def test_blocks_and_picks_for_the_map(project, takings):
    viewer = factories.UserFactory(viewer=True)
    blocks = project_land.map_blocks(project, on=DAY, user=viewer)
    assert sorted(blocks.values()) == [0, 0, 0, 1, 1, 1]
    picks = project_land.most_unlocking(project, on=DAY, user=viewer, count=2)
    assert [gain for _, gain in picks] == [1600, 400]


def test_reading_takes_as_many_queries_for_many_takings(project):
    grid(project, 1, 2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        project_land.read(project, on=DAY)
    factories.TakingFactory.create_batch(10, project=project)
    with CaptureQueriesContext(connection) as many:
        project_land.read(project, on=DAY)
    assert len(few) == len(many) == 4


def line(*points: tuple[float, float]) -> MultiLineString:
    moved = [(factories.CORNER[0] + x, factories.CORNER[1] + y) for x, y in points]
    return MultiLineString(LineString(moved), srid=factories.settings.SRID)


def test_a_road_by_chainage(project, takings):
    assert project_land.corridor(project_land.read(project, on=DAY)) is None
    project.alignment = line((10, 0), (10, 60))
    found = project_land.corridor(project_land.read(project, on=DAY))
    assert found.line.clear_ratio == pytest.approx(2 / 3)
    assert [stretch.tolist() for stretch in found.stretches] == [[[20, 40]]]
    assert found.marginals[0].longest_m == pytest.approx(40)
    assert found.passage.cost == 1
    assert (found.must, found.broken) == ([], False)


def test_must_clear_and_broken_corridors(project):
    row = grid(project, 1, 3)[0]
    adjacency.refresh(project)
    project.alignment = line((0, 10), (60, 10))
    found = project_land.corridor(project_land.read(project, on=DAY))
    assert found.must == [0, 1, 2]
    row[1].delete()
    assert project_land.corridor(project_land.read(project, on=DAY)).broken
