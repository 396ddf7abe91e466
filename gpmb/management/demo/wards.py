"""Illustrative ward outlines: a power diagram of each hand-drawn landmass, shaken into curves.

Lines are shaken before they become polygons, so neighbours share every vertex: no gap, no overlap.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely import Polygon

Floats = NDArray[np.float64]

STEP_M = 180.0  # between vertices of an outline
SAMPLE_M = 150.0  # raster on which the diagram is fitted
TURNS = 150


@dataclass(frozen=True, slots=True)
class Ward:
    """One unit of 2023 with its illustrative outline (EPSG:5899) and its published area."""

    code: str
    name: str
    kind: str
    km2: float
    outline: Polygon


def build(parameters: dict[str, Any]) -> list[Ward]:
    """Return the wards of `fixtures/demo/wards.json`, in its order."""
    outlines: dict[str, Polygon] = {}
    for number, land in enumerate(parameters["landmasses"]):
        rows = [row for row in parameters["wards"] if row["land"] == number]
        outlines |= _partition(_smooth(np.array(land["outline_km"]) * 1000), rows)
    return [
        Ward(row["code"], row["name"], row["kind"], row["km2"], outlines[row["code"]])
        for row in parameters["wards"]
    ]


def _smooth(ring: Floats) -> Polygon:
    """Round the corners of a closed ring (Chaikin's corner cutting, three times)."""
    for _ in range(3):
        after = np.roll(ring, -1, axis=0)
        ring = np.stack([0.75 * ring + 0.25 * after, 0.25 * ring + 0.75 * after], 1).reshape(-1, 2)
    return Polygon(ring)


def _partition(land: Polygon, rows: list[dict[str, Any]]) -> dict[str, Polygon]:
    land = _resize(land, 1e6 * sum(row["km2"] for row in rows))
    owner = np.array([n for n, row in enumerate(rows) for _ in row.get("seeds_km", [0])])
    seeds, weights = _fit(land, rows, owner)
    cells = [_cell(land, seeds, weights, n) for n in range(len(seeds))]
    kept, whole = [_kept(row) for row in rows], shapely.union_all(cells)
    merged = [
        shapely.union_all(
            [
                shapely.difference(cells[n], shapely.union_all(kept))
                for n in np.flatnonzero(owner == at)
            ]
            + [shapely.intersection(kept[at], whole)],
            grid_size=0.01,
        )
        for at in range(len(rows))
    ]
    lines = shapely.segmentize(shapely.union_all(shapely.boundary(merged), grid_size=0.01), STEP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    home = [int(np.argmax(shapely.contains(merged, shapely.point_on_surface(f)))) for f in faces]
    home = _adopt(faces, home)
    shaken = shapely.transform(faces, _shake)
    return {
        row["code"]: shapely.coverage_union_all(
            [f for f, at in zip(shaken, home, strict=True) if at == n]
        )
        for n, row in enumerate(rows)
    }


def _adopt(faces: NDArray[np.object_], home: list[int]) -> list[int]:
    """Give the splinters of a ward to the neighbour along their longest edge."""
    home = list(home)
    main = {
        at: max(
            (n for n, h in enumerate(home) if h == at), key=lambda n: float(shapely.area(faces[n]))
        )
        for at in set(home)
    }
    for number, face in enumerate(faces):
        if number != main[home[number]]:
            shared = {
                at: face.intersection(faces[n]).length
                for at, n in main.items()
                if at != home[number]
            }
            home[number] = max(shared, key=lambda at: shared[at])
    return home


def _kept(row: dict[str, Any]) -> Polygon:
    """Return the piece of land that a ward has whatever the diagram says (may be empty)."""
    return Polygon(np.array(row["keep_km"]) * 1000) if "keep_km" in row else Polygon()


def _resize(land: Polygon, area_m2: float) -> Polygon:
    factor = float(np.sqrt(area_m2 / land.area))
    return shapely.affinity.scale(land, factor, factor, origin="centroid")


def _fit(
    land: Polygon, rows: list[dict[str, Any]], owner: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Move seeds and weights until cells have about the published areas and centres."""
    centre = np.array([row["centre_km"] for row in rows]) * 1000
    seeds = np.array([s for row in rows for s in row.get("seeds_km", [row["centre_km"]])]) * 1000
    west, south, east, north = land.bounds
    grid = np.stack(
        np.meshgrid(np.arange(west, east, SAMPLE_M), np.arange(south, north, SAMPLE_M)), -1
    ).reshape(-1, 2)
    grid = grid[shapely.contains_xy(land, grid)]
    km2 = np.array([row["km2"] for row in rows])
    wanted = km2 / km2.sum()
    fixed = np.full(len(grid), -1)
    for number, row in enumerate(rows):
        fixed[shapely.contains_xy(_kept(row), grid)] = number
    weight = np.zeros(len(rows))
    start, drift = seeds, np.zeros_like(centre)
    reach = 500 * np.sqrt(km2)[:, None]
    for turn in range(TURNS):
        distance = ((grid[:, None, :] - seeds[None, :, :]) ** 2).sum(-1)
        nearest = owner[np.argmin(distance - weight[owner], axis=1)]
        nearest = np.where(fixed >= 0, fixed, nearest)
        count = np.maximum(np.bincount(nearest, minlength=len(rows)), 1)
        weight += (wanted - count / len(grid)) * land.area * 0.25
        if TURNS * 0.3 < turn < TURNS * 0.8:  # first the areas, then the centres, then areas again
            mean = np.stack(
                [np.bincount(nearest, grid[:, k], len(rows)) / count for k in (0, 1)], 1
            )
            known = (count >= 5)[:, None]  # the centre of a cell of few samples says nothing
            drift += np.where(known, 0.05 * (centre - mean), 0.0)
            drift = np.clip(drift, -reach, reach)
            seeds = start + drift[owner]
    return seeds, weight[owner]


def _cell(land: Polygon, seeds: Floats, weights: Floats, number: int) -> Polygon:
    """Cut a landmass by the half-planes nearer to one seed than to any other (power distance)."""
    far = 2e5
    own, cell = seeds[number], land
    for other in range(len(seeds)):
        if other == number:
            continue
        towards = seeds[other] - own
        length = float(np.hypot(*towards))
        unit = towards / length
        reach = (length**2 + weights[number] - weights[other]) / (2 * length)
        side = np.array([-unit[1], unit[0]])
        base = own + unit * reach
        corners = [base + side * far, base - side * far]
        cell = shapely.intersection(
            cell, Polygon([*corners, corners[1] - unit * far, corners[0] - unit * far])
        )
    return cell


def _shake(points: Floats) -> Floats:
    """Displace points by a smooth field under 130 m, so that straight cuts look like brooks."""
    x, y = points[:, 0], points[:, 1]
    dx = 70 * np.sin(y / 430 + 1.3) + 45 * np.sin(x / 610 + y / 290)
    dy = 70 * np.sin(x / 470 + 0.4) + 45 * np.sin(y / 540 - x / 310)
    shaken: Floats = np.round(points + np.stack([dx, dy], 1), 2)
    return shaken
