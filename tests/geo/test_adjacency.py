"""Shared boundaries: edges make neighbours, corners do not, 5 cm is closed."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import measure
from geo.adjacency import across_lanes, adjacency, surroundings

E, N = 522_000.0, 2_381_000.0


def square(x: float, y: float, width: float = 10.0, height: float = 10.0) -> shapely.Polygon:
    return shapely.box(E + x, N + y, E + x + width, N + y + height)


def pairs(*polygons: shapely.Geometry) -> list[list[int]]:
    return adjacency(np.array(polygons, dtype=object)).pairs.tolist()


def test_a_common_edge_makes_neighbours_and_is_measured():
    found = adjacency(np.array([square(0, 0), square(10, 4)]))
    assert found.pairs.tolist() == [[0, 1]]
    assert found.shared_m == pytest.approx([6.0])


def test_a_corner_does_not():
    assert pairs(square(0, 0), square(10, 10)) == []


@pytest.mark.parametrize(
    ("shared_m", "neighbours"), [(0.49, False), (0.5, True), (0.51, True)], ids=str
)
def test_half_a_metre_is_enough(shared_m: float, neighbours: bool):
    assert bool(pairs(square(0, 0), square(10, 10 - shared_m))) is neighbours


@pytest.mark.parametrize(
    ("gap_m", "neighbours"),
    [(-0.06, False), (-0.05, True), (-0.03, True), (0.03, True), (0.05, True), (0.06, False)],
    ids=str,
)
def test_gaps_and_overlaps_up_to_five_centimetres_are_closed(gap_m: float, neighbours: bool):
    assert bool(pairs(square(0, 0), square(10 + gap_m, 0))) is neighbours


def test_boundaries_that_diverge_from_a_corner_share_nothing():
    wedge = shapely.Polygon([(E, N + 10), (E + 10, N + 10.4), (E, N + 20)])
    assert pairs(square(0, 0), wedge) == []


def test_vertices_need_not_coincide():
    half = shapely.Polygon(
        [(E + x, N + y) for x, y in ((10, 0), (20, 0), (20, 10), (10, 10), (10.03, 7), (9.98, 2))]
    )
    found = adjacency(np.array([square(0, 0), half]))
    assert found.shared_m == pytest.approx([10.0], abs=0.01)


def test_a_parcel_in_a_hole_is_a_neighbour():
    ring = square(0, 0).difference(square(3, 3, 2, 2))
    found = adjacency(np.array([ring, square(3, 3, 2, 2)]))
    assert found.shared_m == pytest.approx([8.0])


def test_parts_of_a_multipolygon_add_up():
    split = shapely.union_all([square(10, 0, height=0.3), square(10, 5, height=0.3)])
    found = adjacency(np.array([square(0, 0), split]))
    assert found.shared_m == pytest.approx([0.6])


def test_a_neighbour_thinner_than_the_snap_counts_once():
    strip = square(10.01, 0, width=0.03)
    assert adjacency(np.array([square(0, 0), strip])).shared_m == pytest.approx([10.0])


def test_empty_missing_and_no_polygons_have_no_neighbours():
    assert pairs() == []
    assert pairs(None, shapely.Polygon(), square(0, 0)) == []
    assert pairs(None, square(0, 0), square(10, 0)) == [[1, 2]]


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.integers(0, 10_000))
def test_order_of_the_parcels_does_not_matter(order: list[int], seed: int):
    spread = np.random.default_rng(seed).uniform(-0.02, 0.02, 12)
    tiles = np.array([square(10 * (i % 4) + spread[i], 10 * (i // 4)) for i in range(12)])
    shuffled = {frozenset(order[i] for i in pair) for pair in adjacency(tiles[order]).pairs}
    assert shuffled == {frozenset(pair) for pair in adjacency(tiles).pairs.tolist()}
    assert len(shuffled) == 17


def test_real_parcels_agree_with_snapping_each_pair(real_parcels: np.ndarray):
    """The oracle: GEOS snaps one boundary to the other, both ways, and intersects them."""
    found = adjacency(real_parcels)
    shared = dict(zip(map(tuple, found.pairs.tolist()), found.shared_m, strict=True))
    first, second = shapely.STRtree(real_parcels).query(real_parcels, "dwithin", distance=0.05)
    checked = 0
    for a, b in zip(first[first < second], second[first < second], strict=True):
        lines = real_parcels[a].boundary, real_parcels[b].boundary
        other = shapely.snap(lines[1], lines[0], 0.05)
        expected_m = shapely.intersection(shapely.snap(lines[0], other, 0.05), other).length
        assert shared.get((a, b), 0.0) == pytest.approx(
            expected_m if expected_m >= 0.5 else 0.0, abs=0.1
        )
        checked += 1
    assert len(found.pairs) > 500
    assert checked >= len(found.pairs)


def over(*polygons: shapely.Geometry) -> list[list[int]]:
    return across_lanes(np.array(polygons, dtype=object)).pairs.tolist()


@pytest.mark.parametrize(("lane_m", "faces"), [(0.2, True), (3, True), (6, True), (6.1, False)])
def test_parcels_face_each_other_over_a_lane(lane_m: float, faces: bool):
    assert bool(over(square(0, 0), square(10 + lane_m, 4))) is faces


def test_neighbours_and_diagonals_do_not_face_over_a_lane():
    assert over(square(0, 0), square(10, 0)) == []
    assert over(square(0, 0), square(13, 13)) == []
    assert over(square(0, 0), square(13, 9.6)) == []


def test_a_parcel_between_blocks_the_way():
    assert over(square(0, 0), square(11, 0, width=2), square(14, 0)) == [[0, 1], [1, 2]]


def test_a_lane_between_two_rows_joins_the_parcels_that_face():
    rows = [square(x, y) for y in (0, 14) for x in (0, 10, 20)]
    assert over(*rows) == [[0, 3], [1, 4], [2, 5]]


def test_no_polygons_have_no_lanes():
    assert over() == []
    assert over(square(0, 0)) == []


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_tile_by_tile_finds_the_pairs_of_the_whole(seed: int):
    """Rows of parcels with lanes between, some merged into long ones, some missing."""
    rng = np.random.default_rng(seed)
    rows = np.cumsum(rng.choice([10.0, 10.03, 13.0], 6))
    columns = np.cumsum(rng.choice([8.0, 8.02, 12.0], 9))
    polygons = []
    for y in rows:
        skip = 0
        for at, x in enumerate(columns[:-1]):
            if skip:
                skip -= 1
            elif rng.random() > 0.15:
                skip = int(rng.integers(0, 4)) if rng.random() < 0.2 else 0
                end = columns[min(at + skip, len(columns) - 1)]
                polygons.append(square(x, y, end - x + 8.0, 10.0))
    given = np.array(polygons, dtype=object)[rng.permutation(len(polygons))]
    boxes = shapely.bounds(given)
    for find in (adjacency, across_lanes):
        whole = find(given)
        found: list[tuple[int, int]] = []
        shared: list[float] = []
        for tile in measure.tiles(boxes, 5):
            near = surroundings(boxes, tile)
            part = find(given[near])
            own = np.isin(near[part.pairs[:, 0]], tile)
            found += map(tuple, near[part.pairs[own]].tolist())
            shared += part.shared_m[own].tolist()
        order = sorted(range(len(found)), key=found.__getitem__)
        assert [found[at] for at in order] == [tuple(pair) for pair in whole.pairs.tolist()]
        assert [shared[at] for at in order] == pytest.approx(whole.shared_m.tolist())
