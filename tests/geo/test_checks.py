"""Where a layer lies, and what lies on what."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import checks, crs, measure

QUANG_NINH = crs.province("22")
HAI_HOA = (523629.0, 2379018.0, 527094.0, 2381850.0)


def turned(box):
    return (box[1], box[0], box[3], box[2])


@pytest.mark.parametrize(
    ("srid", "kilometres"), [(5898, "25,9"), (9210, "207,2"), (3405, "284,9"), (5897, "285,0")]
)
def test_a_wrong_zone_is_named_with_its_distance(srid, kilometres):
    cause = checks.cause_outside(HAI_HOA, srid, QUANG_NINH)
    assert (cause.code, cause.srid) == ("wrong_zone", 5899)
    assert f"lệch {kilometres} km" in cause.message
    assert "--crs EPSG:5899" in cause.message


def test_swapped_axes_are_named():
    cause = checks.cause_outside(turned(HAI_HOA), 5899, QUANG_NINH)
    assert (cause.code, cause.srid) == ("swapped_axes", 5899)


def test_swapped_degrees_are_named():
    cause = checks.cause_outside((21.52, 107.97, 21.54, 107.99), 4326, QUANG_NINH)
    assert (cause.code, cause.srid) == ("swapped_axes", 4326)


def test_metres_read_as_degrees_are_named():
    cause = checks.cause_outside(HAI_HOA, 4326, QUANG_NINH)
    assert (cause.code, cause.srid) == ("metres_as_degrees", 5899)


def test_degrees_read_as_metres_are_named_with_both_datums():
    cause = checks.cause_outside((107.97, 21.52, 107.99, 21.54), 5899, QUANG_NINH)
    assert cause.code == "degrees_as_metres"
    assert "EPSG:4756" in cause.message


def test_another_country_has_no_explanation_but_a_distance():
    cause = checks.cause_outside((13.0, 52.0, 13.1, 52.1), 4326, QUANG_NINH)
    assert (cause.code, cause.srid) == ("outside_province", None)
    assert "km" in cause.message


def grid(columns, rows, size=20.0):
    return np.array(
        [
            shapely.box(x * size, y * size, (x + 1) * size, (y + 1) * size)
            for y in range(rows)
            for x in range(columns)
        ]
    )


def test_neighbours_that_touch_do_not_overlap():
    first, _, _ = checks.overlaps(grid(10, 10))
    assert len(first) == 0


def test_a_neighbour_with_more_vertices_on_the_shared_edge_does_not_overlap():
    shapes = np.array([shapely.box(0, 0, 20, 20), shapely.box(20, 5, 40, 12)])
    assert len(checks.overlaps(shapes)[0]) == 0


def test_overlaps_are_found_with_their_area():
    shapes = grid(5, 5)
    shapes[7] = shapely.buffer(shapes[7], 1, join_style="mitre")
    first, second, area = checks.overlaps(shapes)
    beside = dict(zip(zip(first.tolist(), second.tolist(), strict=True), area, strict=True))
    assert set(beside) == {(7, 8), (6, 7), (2, 7), (7, 12), (1, 7), (3, 7), (7, 11), (7, 13)}
    assert beside[6, 7] == pytest.approx(20)
    assert beside[1, 7] == pytest.approx(1)


def test_a_shape_inside_another_overlaps():
    shapes = np.array([shapely.box(0, 0, 20, 20), shapely.box(5, 5, 8, 8)])
    assert checks.overlaps(shapes)[2].tolist() == [9]


@given(st.integers(0, 2**32 - 1))
def test_overlaps_agree_with_every_pair(seed):
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 20, (12, 2)) * 2
    shapes = np.array([shapely.box(x, y, x + 8, y + 8) for x, y in corners])
    first, second, _ = checks.overlaps(shapes)
    slow = {
        (i, j)
        for i in range(12)
        for j in range(i + 1, 12)
        if (area := shapely.intersection(shapes[i], shapes[j])).area > checks.OVERLAP_AREA_M2
        and 2 * area.area / area.length > checks.OVERLAP_WIDTH_M
    }
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == slow


def test_slivers_are_thin_or_tiny():
    shapes = np.array(
        [shapely.box(0, 0, 100, 0.1), shapely.box(0, 0, 0.5, 0.5), shapely.box(0, 0, 2, 2)]
    )
    assert checks.slivers(shapes).tolist() == [True, True, False]


def test_areas_differ_beyond_one_percent_and_one_square_metre():
    measured = np.array([1000.0, 1000.0, 10.0, 10.0, 10.0])
    declared = np.array([1009.0, 1011.0, 10.9, 11.1, np.nan])
    assert checks.area_differs(declared, measured).tolist() == [False, True, False, True, False]


def test_a_lost_datum_shift_is_recognised_against_known_parcels():
    known = np.random.default_rng(1).uniform(0, 1000, (20, 2)) + HAI_HOA[:2]
    degrees = crs.transform_points(known, 5899, crs.VN2000)
    found = crs.transform_points(degrees, crs.WGS84, 5899)
    shift = checks.common_shift(known, found)
    assert shift is not None
    assert shift.metres == pytest.approx(crs.DATUM_SHIFT_M, abs=1)
    assert "VN-2000" in shift.cause


def test_parcels_that_moved_each_their_own_way_share_no_shift():
    rng = np.random.default_rng(1)
    known = rng.uniform(0, 1000, (20, 2))
    assert checks.common_shift(known, known + rng.normal(0, 5, (20, 2))) is None


def test_tiles_hold_every_shape_once_and_are_small():
    boxes = measure.bounds(grid(30, 20))
    groups = measure.tiles(boxes, 50)
    assert max(map(len, groups)) <= 50
    assert sorted(np.concatenate(groups).tolist()) == list(range(600))


def test_mean_width_of_a_strip_is_its_width():
    assert measure.mean_width_m(np.array([shapely.box(0, 0, 1000, 0.2)]))[0] == pytest.approx(
        0.2, rel=1e-3
    )


def test_distance_outside_is_zero_inside_and_infinite_for_nonsense():
    boxes = np.array([[1, 1, 2, 2], [-5, 0, 1, 1], [np.nan] * 4], dtype=float)
    assert measure.distance_outside_m(boxes, (0, 0, 10, 10)).tolist() == [0, 5, np.inf]
