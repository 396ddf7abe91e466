"""The ground of the demo city: a bent lattice of blocks, and curved corridors through it.

A block is a rectangle of the lattice, in metres (s, t) before bending; lanes are left between
blocks. Bending is smooth and one-to-one, so what touches on the lattice touches on the ground and
what is apart stays apart. All results are EPSG:5899 metres, rounded to the centimetre.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from shapely import LineString, Polygon

from gpmb.management.demo.wards import Ward

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CENTRE = np.array([515_000.0, 2_380_000.0])
REACH_M = 26_000.0
TILT = 0.31  # radians between the lattice and the grid north
LANE_M = 2.6  # half a lane, at least
RESERVED = (523_600.0, 2_379_000.0, 527_100.0, 2_381_900.0)  # left empty for real input
MARGIN_M = 20.0  # between demo parcels and the reserved rectangle or a ward's outline
CORRIDOR_SIDE_M = 80.0  # land that a corridor keeps to itself on each side
LEAST_CORRIDOR_M = 40.0


@dataclass(frozen=True, slots=True)
class Blocks:
    """Usable blocks: rectangles (s0, t0, s1, t1) on the lattice, their centres and wards."""

    rects: Floats  # (n, 4)
    centres: Floats  # (n, 2) on the ground
    ward: Ints  # (n,) index into the wards
    outlines: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Corridor:
    """A smooth alignment: u is the chainage in metres, v the offset to the left."""

    chainage: Floats
    points: Floats
    normals: Floats

    @property
    def length(self) -> float:
        return float(self.chainage[-1])

    @property
    def line(self) -> LineString:
        return LineString(np.round(self.points[::5], 2))

    def place(self, local: Floats) -> Floats:
        """Map (u, v) to the ground."""
        u, v = local[:, 0], local[:, 1]
        columns = [
            np.interp(u, self.chainage, self.points[:, k])
            + v * np.interp(u, self.chainage, self.normals[:, k])
            for k in (0, 1)
        ]
        placed: Floats = np.round(np.stack(columns, 1), 2).astype(np.float64)
        return placed


def place(lattice: Floats) -> Floats:
    """Map lattice points (s, t) to the ground."""
    cos, sin = np.cos(TILT), np.sin(TILT)
    turned = lattice @ np.array([[cos, sin], [-sin, cos]]) + CENTRE
    x, y = turned[:, 0] - CENTRE[0], turned[:, 1] - CENTRE[1]
    dx = 230 * np.sin(y / 1_350 + 0.7) + 75 * np.sin((x + 0.6 * y) / 560 + 2.1)
    dy = 230 * np.sin(x / 1_350 + 1.9) + 75 * np.sin((y - 0.5 * x) / 520 + 0.3)
    # Close by, lanes and fields bend too.
    dx += 5.5 * np.sin(y / 47 + x / 83)
    dy += 5.5 * np.sin(x / 53 - y / 91)
    bent: Floats = np.round(turned + np.stack([dx, dy], 1), 2)
    return bent


def lattice(rng: Generator, wards: list[Ward]) -> Blocks:
    """Return every block that lies wholly in one ward and outside the reserved rectangle."""
    rects = _rectangles(rng)
    s0, t0, s1, t1 = rects.T
    centres = place(np.stack([(s0 + s1) / 2, (t0 + t1) / 2], 1))
    outlines = np.array([ward.outline for ward in wards])
    own = home(outlines, centres)
    rects, centres, own = rects[own >= 0], centres[own >= 0], own[own >= 0]
    polygons = _polygons(rects)
    inner = shapely.buffer(outlines, -MARGIN_M)
    shapely.prepare(inner)
    keep = ~shapely.intersects(polygons, shapely.box(*RESERVED).buffer(MARGIN_M))
    for number, area in enumerate(inner):
        mine = own == number
        keep[mine] &= shapely.contains(area, polygons[mine])
    return Blocks(rects[keep], centres[keep], own[keep], polygons[keep])


def _rectangles(rng: Generator) -> Floats:
    """Lay bands of random height, each with its own column breaks; every fourth lane is wider."""
    bands = []
    for south, north in _breaks(rng, 92, 138):
        columns = np.array(list(_breaks(rng, 90, 150)))
        ones = np.ones(len(columns))
        bands.append(np.stack([columns[:, 0], ones * south, columns[:, 1], ones * north], 1))
    return np.concatenate(bands)


def _breaks(rng: Generator, least: float, most: float) -> Iterable[tuple[float, float]]:
    at, count = -REACH_M + float(rng.uniform(0, most)), 0
    while at < REACH_M:
        end = at + float(rng.uniform(least, most))
        count += 1
        yield at + LANE_M, end - LANE_M
        at = end + (5.0 if count % 4 == 0 else 0.0)


def home(outlines: NDArray[np.object_], points: Floats) -> Ints:
    """Return the index of the outline that holds each point, -1 where none does."""
    index = np.full(len(points), -1, dtype=np.int64)
    found = shapely.STRtree(outlines).query(shapely.points(points), predicate="within")
    index[found[0]] = found[1]
    return index


def _polygons(rects: Floats) -> NDArray[np.object_]:
    """Return the bent outlines of lattice rectangles, eight points each."""
    s0, t0, s1, t1 = rects.T
    sm, tm = (s0 + s1) / 2, (t0 + t1) / 2
    ring = [(s0, t0), (sm, t0), (s1, t0), (s1, tm), (s1, t1), (sm, t1), (s0, t1), (s0, tm)]
    local = np.stack([np.stack(corner, 1) for corner in ring], 1)
    polygons: NDArray[np.object_] = shapely.polygons(place(local.reshape(-1, 2)).reshape(-1, 8, 2))
    return polygons


def corridor(
    rng: Generator, start: tuple[float, float], heading: float, length: float
) -> Corridor:
    """Draw an alignment from a point (metres) along a heading (radians, counter-clockwise)."""
    chainage = np.arange(0.0, length + 4.0, 4.0)
    phase, bend = rng.uniform(0, 6.28, 2), rng.uniform(0.18, 0.34)
    swing = bend * np.sin(chainage / 420 + phase[0]) + 0.07 * np.sin(chainage / 150 + phase[1])
    angle = heading + swing - swing[0]
    steps = np.stack([np.cos(angle), np.sin(angle)], 1) * 4.0
    points = np.array(start) + np.concatenate([np.zeros((1, 2)), np.cumsum(steps[:-1], 0)])
    return Corridor(chainage, points, np.stack([-np.sin(angle), np.cos(angle)], 1))


def fitting_corridor(
    rng: Generator,
    start: tuple[float, float],
    heading: float,
    length: float,
    land: Polygon,
    avoid: list[Polygon],
) -> Corridor:
    """Return the longest alignment near the wished heading that stays on free land."""
    state = rng.bit_generator.state
    length = max(length, 2 * LEAST_CORRIDOR_M)
    while length > LEAST_CORRIDOR_M:
        for turn in (0, 8, -8, 16, -16, 26, -26, 38, -38):
            rng.bit_generator.state = state
            found = corridor(rng, start, heading + np.radians(turn), length)
            ground = found.line.buffer(CORRIDOR_SIDE_M)
            if land.contains(ground) and not any(ground.intersects(other) for other in avoid):
                return found
        length *= 0.9
    raise ValueError(f"no room for a corridor at {start}")
