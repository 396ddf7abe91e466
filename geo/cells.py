"""A hexagonal grid in the metres of a projected CRS.

Hexagons stand on a corner ("pointy top") and are addressed by axial coordinates (q, r): q grows
eastwards, r northwards and half a cell east. The centre of (0, 0) is the origin of the plane, so
that a cell means the same place in every run. H3 is not needed: the grid is ours, flat and exact
in the legal coordinate system.

Formulas: cube coordinates and cube rounding as in Amit Patel's "Hexagonal Grids".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

EDGE_M = 100.0
SQRT3 = 3.0**0.5

# The six neighbours, anticlockwise from the east.
DIRECTIONS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


def cell_of(x: ArrayLike, y: ArrayLike, edge_m: float = EDGE_M) -> tuple[IntArray, IntArray]:
    """Return the axial coordinates of the cells that hold points.

    Parameters
    ----------
    x, y : (n,) easting and northing in metres.
    edge_m : length of a hexagon's side in metres; 100 m makes 2.598 ha.

    Returns
    -------
    q, r : (n,) integers. A point on a border belongs to one cell, never to two.

    >>> [v.tolist() for v in cell_of([0.0, 173.3, 86.7], [0.0, 0.0, 150.0])]
    [[0, 1, 0], [0, 0, 1]]
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    q = (SQRT3 / 3 * x - y / 3) / edge_m
    r = (2 / 3 * y) / edge_m
    s = -q - r
    rq, rr, rs = np.rint(q), np.rint(r), np.rint(s)
    dq, dr, ds = np.abs(rq - q), np.abs(rr - r), np.abs(rs - s)
    q_worst = (dq > dr) & (dq > ds)
    r_worst = ~q_worst & (dr > ds)
    return (
        np.where(q_worst, -rr - rs, rq).astype(np.int64),
        np.where(r_worst, -rq - rs, rr).astype(np.int64),
    )


def centre_of(q: ArrayLike, r: ArrayLike, edge_m: float = EDGE_M) -> tuple[FloatArray, FloatArray]:
    """Return easting and northing (n,) in metres of the centres of cells."""
    q, r = np.asarray(q, float), np.asarray(r, float)
    return edge_m * SQRT3 * (q + r / 2), edge_m * 1.5 * r


def polygon_of(q: ArrayLike, r: ArrayLike, edge_m: float = EDGE_M) -> NDArray[np.object_]:
    """Return the hexagons (n,) as shapely polygons, anticlockwise, in the plane's metres."""
    x, y = centre_of(np.atleast_1d(q), np.atleast_1d(r), edge_m)
    angle = np.deg2rad(np.arange(30, 390, 60))
    corners = np.stack(
        [x[:, None] + edge_m * np.cos(angle), y[:, None] + edge_m * np.sin(angle)], axis=-1
    )
    hexagons: NDArray[np.object_] = shapely.polygons(corners)
    return hexagons


def distance(q1: ArrayLike, r1: ArrayLike, q2: ArrayLike, r2: ArrayLike) -> IntArray:
    """Return the number of steps (n,) between cells."""
    dq = np.asarray(q1, np.int64) - np.asarray(q2, np.int64)
    dr = np.asarray(r1, np.int64) - np.asarray(r2, np.int64)
    steps: IntArray = (np.abs(dq) + np.abs(dr) + np.abs(dq + dr)) // 2
    return steps


def disc(rings: int) -> IntArray:
    """Return the offsets (m, 2) of all cells within `rings` steps, m = 3·rings·(rings+1) + 1.

    >>> len(disc(0)), len(disc(1)), len(disc(2))
    (1, 7, 19)
    """
    span = np.arange(-rings, rings + 1)
    q, r = (v.ravel() for v in np.meshgrid(span, span, indexing="ij"))
    inside = distance(q, r, 0, 0) <= rings
    return np.column_stack([q[inside], r[inside]])


def circle(radius_m: float, edge_m: float = EDGE_M) -> tuple[IntArray, IntArray]:
    """Return the offsets of cells whose centres lie within a radius, nearest first.

    Returns
    -------
    offsets : (m, 2) axial offsets in the order of their distance.
    shell : (m,) number of the distance, 0 for the cell itself; equal numbers are equally far.
    """
    reach = int(radius_m / (1.5 * edge_m)) + 1
    offsets = disc(reach)
    q, r = offsets.T
    # (distance / (√3·edge))², an integer: equal distances compare equal.
    square = q * q + q * r + r * r
    inside = 3 * edge_m**2 * square <= radius_m**2 * (1 + 1e-12)
    offsets, square = offsets[inside], square[inside]
    order = np.lexsort((offsets[:, 1], offsets[:, 0], square))
    return offsets[order], np.unique(square[order], return_inverse=True)[1].astype(np.int64)


class Index:
    """Where the cells of a table stand: looks rows up by (q, r)."""

    def __init__(self, q: ArrayLike, r: ArrayLike) -> None:
        """Take the distinct cells (n,) of a table; raise ValueError where one comes twice."""
        self.q, self.r = np.asarray(q, np.int64), np.asarray(r, np.int64)
        keys = self._key(self.q, self.r)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]
        if (self._keys[1:] == self._keys[:-1]).any():
            raise ValueError("a cell comes twice")

    @staticmethod
    def _key(q: IntArray, r: IntArray) -> IntArray:
        return (q << 32) + r

    def find(self, q: ArrayLike, r: ArrayLike) -> IntArray:
        """Return the rows of cells, -1 where the table has no such cell."""
        q, r = np.asarray(q, np.int64), np.asarray(r, np.int64)
        if not self._keys.size:
            return np.full(np.broadcast(q, r).shape, -1, np.int64)
        keys = self._key(q, r)
        at = np.minimum(np.searchsorted(self._keys, keys), self._keys.size - 1)
        return np.where(self._keys[at] == keys, self._order[at], -1).astype(np.int64)

    def around(self, offsets: IntArray) -> IntArray:
        """Return the rows (n, m) that stand at m offsets from each of the n cells, or -1."""
        return self.find(self.q[:, None] + offsets[:, 0], self.r[:, None] + offsets[:, 1])
