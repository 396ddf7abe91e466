"""Shapes survive the whole numbers they travel as."""

import shapely

from maps.briefing import SCALE, encode


def decode(rings: list[list[int]]) -> list[list[tuple[float, float]]]:
    out = []
    for ring in rings:
        x = y = 0
        points = []
        for dx, dy in zip(ring[::2], ring[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x / SCALE, y / SCALE))
        out.append(points)
    return out


def test_a_polygon_with_a_hole_comes_back_within_a_millionth_of_a_degree():
    shell = [(107.97, 21.53), (107.98, 21.53), (107.98, 21.54), (107.97, 21.5400004)]
    hole = [(107.972, 21.532), (107.974, 21.532), (107.974, 21.534)]
    rings = decode(encode([shapely.Polygon(shell, [hole])])[0])
    assert [len(ring) for ring in rings] == [4, 3]
    for given, got in zip((shell, hole), rings, strict=True):
        for (x, y), (u, v) in zip(given, got, strict=True):
            assert max(abs(x - u), abs(y - v)) <= 0.6 / SCALE


def test_every_part_of_a_multipolygon_is_drawn():
    parts = [shapely.box(107, 21, 107.1, 21.1), shapely.box(108, 21, 108.1, 21.1)]
    assert len(encode([shapely.MultiPolygon(parts)])[0]) == 2
