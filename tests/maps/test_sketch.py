"""A household's land as one small SVG."""

import re

import shapely

from maps.sketch import sketch


def test_every_shape_lies_in_the_frame_and_north_is_up():
    south, north = shapely.box(0, 0, 40, 20), shapely.box(0, 30, 40, 50)
    drawn = sketch([south, north])
    _, _, width, height = (float(n) for n in drawn.view_box.split())
    for shape in drawn.shapes:
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", shape.path)]
        assert all(0 <= x <= width for x in numbers[::2])
        assert all(0 <= y <= height for y in numbers[1::2])
    assert float(drawn.shapes[0].y) > float(drawn.shapes[1].y)


def test_areas_keep_their_proportion_and_the_bar_its_length():
    drawn = sketch([shapely.box(0, 0, 40, 20)])
    assert drawn.shapes[0].path == "M448.0 255.0L448.0 55.0L48.0 55.0L48.0 255.0Z"
    assert drawn.bar_m == 10
    assert f"h{drawn.bar_m * 10}v" in drawn.bar


def test_a_hole_stays_open():
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    assert sketch([ring]).shapes[0].path.count("M") == 2


def test_land_without_a_boundary_is_left_blank():
    drawn = sketch([None, shapely.box(0, 0, 1, 1)])
    assert drawn.shapes[0].path == ""
    assert sketch([None]) is None
    assert sketch([]) is None
