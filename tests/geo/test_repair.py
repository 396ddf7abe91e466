"""Repair says what it did, and doing it twice changes nothing."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from geo.repair import LABELS, REFUSALS, repair


def one(text):
    result = repair(np.array([wkt.loads(text) if text else None], dtype=object))
    return result.geometry[0], result.actions[0], result.refusal[0]


SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"


def test_a_good_polygon_becomes_a_multipolygon_without_a_word():
    shape, actions, refusal = one(SQUARE)
    assert shape.geom_type == "MultiPolygon"
    assert (shape.area, actions, refusal) == (100, (), None)


def test_the_way_a_ring_runs_is_no_defect():
    shape, actions, _ = one("POLYGON ((0 0, 0 10, 10 10, 10 0, 0 0))")
    assert actions == ()
    assert shapely.is_ccw(shapely.get_exterior_ring(shape.geoms[0]))


@pytest.mark.parametrize(
    ("text", "area", "action"),
    [
        ("POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))", 50, "made_valid"),
        ("POLYGON ((0 0, 10 0, 10 0, 10 10, 0 10, 0 0))", 100, "repeated_points"),
        ("POLYGON Z ((0 0 1, 10 0 1, 10 10 1, 0 10 1, 0 0 1))", 100, "height_dropped"),
        (f"GEOMETRYCOLLECTION ({SQUARE})", 100, "unwrapped"),
        ("POLYGON ((0 0, 10 0, 10 20, 10 10, 0 10, 0 0))", 100, "made_valid"),
    ],
)
def test_a_repair_is_said(text, area, action):
    shape, actions, refusal = one(text)
    assert shape.area == pytest.approx(area)
    assert shape.is_valid
    assert action in actions
    assert refusal is None


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (None, "no_geometry"),
        ("POLYGON EMPTY", "no_geometry"),
        ("POINT (1 1)", "not_polygon"),
        (f"GEOMETRYCOLLECTION ({SQUARE}, POINT (1 1))", "not_polygon"),
        ("POLYGON ((0 0, 10 0, 0 0, 0 0))", "collapsed"),
        ("POLYGON ((0 0, 10 0, 10 inf, 0 10, 0 0))", "not_finite"),
    ],
)
def test_what_is_no_area_is_refused_with_its_reason(text, refusal):
    shape, _, why = one(text)
    assert shape is None
    assert why == refusal


coordinate = st.integers(0, 12).map(float)
rings = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=9)


@given(st.lists(rings, min_size=1, max_size=3))
def test_repair_is_idempotent_and_valid(parts):
    shapes = np.array([shapely.MultiPolygon([shapely.Polygon(ring) for ring in parts])])
    first = repair(shapes)
    again = repair(first.geometry)
    if first.refusal[0]:
        assert first.refusal[0] in REFUSALS
        assert first.geometry[0] is None
        return
    assert set(first.actions[0]) <= set(LABELS)
    assert first.geometry[0].is_valid
    assert again.actions[0] == ()
    assert shapely.equals_exact(first.geometry[0], again.geometry[0])
