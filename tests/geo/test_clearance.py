"""What a boundary takes: parts sum to the parcel, play of drawings makes no slivers."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.clearance import Relation, cut

BOX = shapely.MultiPolygon([shapely.box(0, 0, 100, 100)])


def parcels(*boxes):
    return np.array([shapely.MultiPolygon([shapely.box(*b)]) for b in boxes], dtype=object)


def test_inside_partly_outside_with_their_areas():
    found = cut(parcels((10, 10, 30, 30), (90, 0, 110, 20), (200, 0, 220, 20)), BOX)
    assert found.relation.tolist() == [Relation.INSIDE, Relation.PARTLY, Relation.OUTSIDE]
    assert found.recovered_m2.tolist() == [400, 200, 0]
    assert found.remainder_m2.tolist() == [0, 200, 400]
    assert found.recovered[2] is None
    assert found.recovered[1].geom_type == "MultiPolygon"


def test_the_play_of_two_drawings_leaves_no_sliver():
    """A parcel 5 cm over the line is in, one 5 cm within it is out."""
    found = cut(parcels((80, 10, 100.05, 30), (99.95, 40, 120, 60)), BOX)
    assert found.relation.tolist() == [Relation.INSIDE, Relation.OUTSIDE]
    assert found.remainder_m2[0] == 0
    assert found.recovered_m2[1] == 0


def test_a_parcel_cut_into_two_remainders():
    ring = shapely.MultiPolygon([shapely.box(40, -10, 60, 110)])
    found = cut(parcels((0, 0, 100, 10)), ring)
    assert found.recovered_m2.tolist() == [200]
    assert found.remainder_m2.tolist() == [800]


def test_touching_along_an_edge_is_outside():
    assert cut(parcels((100, 0, 120, 20)), BOX).relation.tolist() == [Relation.OUTSIDE]


def test_a_hole_of_the_boundary_is_not_taken():
    holed = shapely.MultiPolygon([shapely.box(0, 0, 100, 100) - shapely.box(40, 40, 60, 60)])
    found = cut(parcels((30, 30, 70, 70)), holed)
    assert found.recovered_m2.tolist() == [1200]


@given(st.floats(-50, 150), st.floats(-50, 150), st.floats(1, 80), st.floats(1, 80))
def test_recovered_and_remainder_are_the_parcel(x, y, width, height):
    one = parcels((x, y, x + width, y + height))
    found = cut(one, BOX)
    assert found.recovered_m2[0] + found.remainder_m2[0] == pytest.approx(one[0].area)
    assert -1e-6 <= found.recovered_m2[0] <= one[0].area + 1e-6
