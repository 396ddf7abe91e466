"""The hexagonal grid: addresses, centres, outlines, neighbours."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import cells

METRES = st.floats(-3e6, 3e6)
INDEX = st.integers(-20_000, 20_000)


def test_the_example_of_the_docstring():
    q, r = cells.cell_of([0.0, 173.3, 86.7], [0.0, 0.0, 150.0])
    assert (q.tolist(), r.tolist()) == ([0, 1, 0], [0, 0, 1])


@given(INDEX, INDEX)
def test_a_centre_lies_in_its_cell(q, r):
    x, y = cells.centre_of(q, r)
    assert tuple(int(v) for v in cells.cell_of(x, y)) == (q, r)


@given(METRES, METRES)
def test_a_point_lies_in_the_outline_of_its_cell(x, y):
    outline = cells.polygon_of(*cells.cell_of([x], [y]))[0]
    assert shapely.distance(outline, shapely.Point(x, y)) < 1e-6


def test_a_cell_of_100_m_has_2_598_ha():
    assert shapely.area(cells.polygon_of(3, -7)[0]) == pytest.approx(25_980.762, abs=0.001)


def test_outlines_of_a_disc_tile_without_gap_or_overlap():
    q, r = cells.disc(4).T
    hexagons = cells.polygon_of(q, r)
    whole = shapely.union_all(hexagons, grid_size=1e-6)
    assert whole.geom_type == "Polygon"
    assert whole.area == pytest.approx(shapely.area(hexagons).sum(), rel=1e-9)


def test_no_cell_is_nearer_to_a_point_than_its_own():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-5_000, 5_000, (2, 2_000))
    q, r = cells.cell_of(x, y)
    own = np.hypot(*(np.array([x, y]) - cells.centre_of(q, r)))
    for dq, dr in cells.DIRECTIONS:
        other = np.hypot(*(np.array([x, y]) - cells.centre_of(q + dq, r + dr)))
        assert (own <= other + 1e-6).all()


def test_distance_counts_steps():
    assert cells.distance([0, 0, 2], [0, 0, -1], [1, 2, -1], [-1, 1, 1]).tolist() == [1, 3, 3]


def test_neighbours_are_all_173_m_away():
    x, y = cells.centre_of(*np.array(cells.DIRECTIONS).T)
    assert np.hypot(x, y) == pytest.approx(np.full(6, 173.2050808))


def test_a_disc_grows_by_six_cells_a_ring():
    assert [len(cells.disc(k)) for k in range(5)] == [1, 7, 19, 37, 61]


def test_a_circle_lists_centres_by_distance_with_ties_in_one_shell():
    offsets, shell = cells.circle(1_000)
    x, y = cells.centre_of(*offsets.T)
    far = np.hypot(x, y)
    assert len(offsets) == 121
    assert (np.diff(far) > -1e-6).all()
    assert (np.bincount(shell)[:5] == [1, 6, 6, 6, 12]).all()
    assert far.max() <= 1_000
    everything = np.hypot(*cells.centre_of(*cells.disc(9).T))
    assert (everything <= 1_000).sum() == len(offsets)


def test_an_index_finds_rows_and_says_what_is_missing():
    index = cells.Index([5, -3, 0], [-2, 8, 0])
    assert index.find([0, -3, 1, 5], [0, 8, 1, -2]).tolist() == [2, 1, -1, 0]
    assert index.around(cells.disc(0)).ravel().tolist() == [0, 1, 2]


def test_an_empty_index_finds_nothing():
    assert cells.Index([], []).find([1], [1]).tolist() == [-1]


def test_a_cell_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        cells.Index([1, 1], [2, 2])
