"""A plan keeps proportions, leaves nothing out and says when there is nothing."""

import re
import xml.etree.ElementTree as ET

import pytest
import shapely

from maps import plan
from maps.plan import Layer

BOX = shapely.box(500_000, 2_380_000, 500_400, 2_380_200)


def points(drawing: str) -> list[tuple[float, float]]:
    paths = [p.attrib["d"] for p in ET.fromstring(drawing).iter() if p.tag.endswith("path")]
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", paths[0])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_proportions_are_kept_and_north_is_up():
    drawing = plan.svg([Layer([BOX], "#123456")], size=(420, 300), title="Bản đồ")
    xs, ys = zip(*points(drawing), strict=True)
    assert (max(xs) - min(xs)) / (max(ys) - min(ys)) == pytest.approx(2, abs=0.02)
    north = shapely.box(500_000, 2_380_150, 500_400, 2_380_200)
    drawing = plan.svg([Layer([north]), Layer([BOX])], size=(420, 300), title="Bản đồ")
    assert max(y for _, y in points(drawing)) < 150


def test_every_shape_is_drawn_with_its_holes():
    holed = BOX.difference(shapely.box(500_100, 2_380_050, 500_200, 2_380_150))
    drawing = plan.svg([Layer([holed, BOX], "#123456")], size=(420, 300), title="Bản đồ")
    assert drawing.count("Z") == 3 + 1  # the north arrow's too
    assert 'fill-rule="evenodd"' in drawing


def test_the_scale_bar_is_a_round_length():
    drawing = plan.svg([Layer([BOX])], size=(420, 300), title="Bản đồ")
    assert ">100 m<" in drawing


def test_a_title_is_escaped_and_nothing_carries_a_style():
    drawing = plan.svg([Layer([BOX])], size=(420, 300), title="<b>&")
    assert "<title>&lt;b&gt;&amp;</title>" in drawing
    assert "style=" not in drawing


def test_an_empty_plan_says_so():
    assert "Chưa có ranh giới" in plan.svg([Layer([])], size=(420, 300), title="Bản đồ")


def test_a_plan_becomes_a_picture():
    made = plan.png(plan.svg([Layer([BOX], "#123456")], size=(420, 300), title="Bản đồ"))
    assert made.startswith(b"\x89PNG")
