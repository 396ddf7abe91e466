"""The land of the projects: which blocks and corridors they take, parcel by parcel."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from shapely import LineString, Polygon

from gpmb.management.demo import ground, shapes
from gpmb.management.demo.parameters import TAKINGS, ProjectRow
from gpmb.management.demo.wards import Ward

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_SHEET = 101
SHEET_PARCELS = 120
LEAST_M2 = 24.0  # nothing smaller is taken
OTHER_WARD_M = 4_000.0  # a block outside the project's wards counts as that much farther
LONGEST_CORRIDOR_M = 4_200.0
CLUSTER = "CCN-01"  # its boundary covers the rectangle left for real input
CLUSTER_NEAR_M = 600.0
CLOSE_M = 30.0  # notches of a clearance boundary narrower than twice this are filled
LARGE_IN = "TD-01"  # its first block is one parcel of an organisation
LARGE_M2 = 18_525.0
METRES_A_TAKING = {"village": 4.2, "field": 6.4, "mixed": 5.6}  # of a corridor


@dataclass(slots=True)
class Land:
    """Parcels touched by projects, one row a parcel; arrays are aligned.

    `boundary` and `taken` are polygons in EPSG:5899; `taken` is `boundary` where all is taken.
    `near` orders the parcels of a project so that neighbours in it are neighbours on the ground.
    """

    project: Ints
    ward: Ints
    use: list[str]
    sheet: Ints
    number: Ints
    near: Ints
    boundary: NDArray[np.object_]
    taken: NDArray[np.object_]
    area_m2: Floats
    taken_m2: Floats
    outlines: list[Polygon]
    alignments: list[LineString | None]
    blocks: list[list[shapes.Rect]]  # each project's whole blocks on the lattice


@dataclass(slots=True)
class _Draft:
    """What is being collected, before it becomes arrays."""

    rings: list[Floats] = field(default_factory=list)
    taken: list[Floats | None] = field(default_factory=list)
    use: list[str] = field(default_factory=list)
    project: list[int] = field(default_factory=list)
    ward: list[int] = field(default_factory=list)
    ground: dict[int, list[Polygon]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[int, LineString] = field(default_factory=dict)
    blocks: dict[int, list[shapes.Rect]] = field(default_factory=lambda: defaultdict(list))


def build(rng: Generator, wards: list[Ward], projects: list[ProjectRow], scale: float) -> Land:
    """Cut about TAKINGS × scale parcels for the projects, by their share of the cases."""
    blocks = ground.lattice(rng, wards)
    total = sum(row.cases for row in projects)
    wanted = [max(6, round(row.cases / total * TAKINGS * scale)) for row in projects]
    draft = _Draft()
    corridors = _corridors(rng, wards, projects, wanted, draft)
    free = np.ones(len(blocks.rects), dtype=bool)
    if corridors:
        tree = shapely.STRtree(blocks.outlines)
        free[tree.query(corridors, predicate="intersects")[1]] = False
    noise = rng.normal(0, 0.07, len(free))
    codes = np.array([ward.code for ward in wards])
    for number, row in enumerate(projects):
        missing = wanted[number] - draft.project.count(number)
        if missing > 0 and (row.form == "block" or missing > 0.3 * wanted[number]):
            _take_blocks(rng, number, row, missing, blocks, free, noise, codes, draft)
    return _collect(draft, projects)


def _corridors(
    rng: Generator,
    wards: list[Ward],
    projects: list[ProjectRow],
    wanted: list[int],
    draft: _Draft,
) -> list[Polygon]:
    """Lay out the corridor projects; return the ground they keep to themselves."""
    land = shapely.union_all([ward.outline for ward in wards])
    outlines = np.array([ward.outline for ward in wards])
    kept: list[Polygon] = [shapely.box(*ground.RESERVED)]
    for number, row in enumerate(projects):
        if row.form != "corridor":
            continue
        length = min(LONGEST_CORRIDOR_M, wanted[number] * METRES_A_TAKING[row.texture])
        heading = float(np.radians(row.heading_deg))
        way = ground.fitting_corridor(rng, row.at, heading, length, land, kept)
        kept.append(way.line.buffer(ground.CORRIDOR_SIDE_M))
        texture, road = row.texture, row.kind == "road"
        cuts = shapes.along_corridor(rng, way.length, row.width_m, texture, road)
        straight = (row.width_m, -row.width_m)
        rings, taken = shapes.rings(rng, cuts, straight)
        middles = way.place(np.array([_middle(cut.rect) for cut in cuts]))
        homes = np.maximum(ground.home(outlines, middles), 0)
        for cut, ring, part, home in zip(cuts, rings, taken, homes, strict=True):
            whole = way.place(ring)
            piece = None if part is None else way.place(part)
            if _area(whole if piece is None else piece) >= LEAST_M2:
                _add(draft, number, int(home), cut.use, whole, piece)
        draft.lines[number] = way.line
        draft.ground[number].append(way.line.buffer(row.width_m + 1, cap_style="flat"))
    return kept[1:]


def _take_blocks(
    rng: Generator,
    number: int,
    row: ProjectRow,
    missing: int,
    blocks: ground.Blocks,
    free: NDArray[np.bool_],
    noise: Floats,
    codes: NDArray[np.str_],
    draft: _Draft,
) -> None:
    """Take free blocks, nearest first, until the project has its parcels."""
    start = np.array(draft.lines[number].coords[-1] if number in draft.lines else row.at)
    distance = np.hypot(*(blocks.centres - start).T) * np.exp(noise)
    distance += OTHER_WARD_M * ~np.isin(codes[blocks.ward], row.wards)
    distance[~free] = np.inf
    order = np.argsort(distance, kind="stable")
    if row.code == LARGE_IN:  # begin with the block nearest in size to the large parcel
        sizes = np.abs(shapely.area(blocks.outlines[order[:60]]) - LARGE_M2)
        order[: 1 + np.argmin(sizes)] = np.roll(order[: 1 + np.argmin(sizes)], 1)
    for at in order:
        if missing <= 0:
            return
        cuts = shapes.block(rng, tuple(blocks.rects[at].tolist()), row.texture)
        if row.code == LARGE_IN and not draft.blocks[number]:
            cuts = [_one_large(blocks.rects[at], shapely.area(blocks.outlines[at]))]
        if len(cuts) > missing:  # the last block is taken from one side only
            cuts = sorted(cuts, key=lambda cut: cut.rect)[:missing]
        rings, _ = shapes.rings(rng, cuts)
        for cut, ring in zip(cuts, rings, strict=True):
            _add(draft, number, int(blocks.ward[at]), cut.use, ground.place(ring), None)
        draft.ground[number].append(_around(cuts))
        draft.blocks[number].append(_hull(cuts))
        free[at] = False
        missing -= len(cuts)
    raise ValueError(f"{row.code}: the city has no room left; use a smaller --scale")


def _one_large(rect: Floats, area: float) -> shapes.Cut:
    """Return a block as one parcel, narrowed to LARGE_M2 if it is larger on the ground."""
    x0, y0, x1, y1 = rect.tolist()
    return shapes.Cut((x0, y0, x0 + (x1 - x0) * min(1.0, LARGE_M2 / area), y1), "pond")


def _hull(cuts: list[shapes.Cut]) -> shapes.Rect:
    rects = np.array([cut.rect for cut in cuts])
    (x0, y0), (x1, y1) = rects[:, :2].min(0), rects[:, 2:].max(0)
    return (float(x0), float(y0), float(x1), float(y1))


def _around(cuts: list[shapes.Cut]) -> Polygon:
    x0, y0, x1, y1 = _hull(cuts)
    lane = ground.LANE_M
    ring = shapely.segmentize(shapely.box(x0 - lane, y0 - lane, x1 + lane, y1 + lane), 30.0)
    outline: Polygon = shapely.transform(ring, ground.place)
    return outline


def _middle(rect: shapes.Rect) -> tuple[float, float]:
    return ((rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2)


def _area(ring: Floats) -> float:
    x, y = (ring - ring[0]).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _add(
    draft: _Draft, project: int, ward: int, use: str, ring: Floats, taken: Floats | None
) -> None:
    draft.rings.append(ring)
    draft.taken.append(taken)
    draft.use.append(use)
    draft.project.append(project)
    draft.ward.append(ward)


def _collect(draft: _Draft, projects: list[ProjectRow]) -> Land:
    boundary = _polygons(draft.rings)
    taken = boundary.copy()
    parts = np.array([n for n, ring in enumerate(draft.taken) if ring is not None], dtype=np.int64)
    if len(parts):
        taken[parts] = _polygons([draft.taken[n] for n in parts])
    ward = np.array(draft.ward, dtype=np.int64)
    sheet, number = _numbers(ward)
    return Land(
        project=np.array(draft.project, dtype=np.int64),
        ward=ward,
        use=draft.use,
        sheet=sheet,
        number=number,
        near=np.arange(len(ward)),
        boundary=boundary,
        taken=taken,
        area_m2=np.round(shapely.area(boundary), 1),
        taken_m2=np.round(shapely.area(taken), 1),
        outlines=[_outline(draft.ground[n], row) for n, row in enumerate(projects)],
        alignments=[draft.lines.get(n) for n in range(len(projects))],
        blocks=[draft.blocks[n] for n in range(len(projects))],
    )


def _polygons(rings: list[Floats]) -> NDArray[np.object_]:
    sizes = np.array([len(ring) + 1 for ring in rings])
    points = np.concatenate([np.concatenate([ring, ring[:1]]) for ring in rings])
    made = shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), sizes))
    polygons: NDArray[np.object_] = shapely.polygons(made)
    return polygons


def _numbers(ward: Ints) -> tuple[Ints, Ints]:
    """Number the parcels of each ward in the order they were cut, SHEET_PARCELS on a sheet."""
    seen = np.zeros(int(ward.max()) + 1, dtype=np.int64)
    order = np.empty(len(ward), dtype=np.int64)
    for row, at in enumerate(ward):
        order[row] = seen[at]
        seen[at] += 1
    return FIRST_SHEET + order // SHEET_PARCELS, 1 + order % SHEET_PARCELS


def _outline(parts: list[Polygon], row: ProjectRow) -> Polygon:
    """Return the clearance boundary: the ground of the project, closed over its lanes."""
    if row.code == CLUSTER:
        parts = [*parts, *_cluster(parts)]
    closed = shapely.union_all(parts).buffer(CLOSE_M).buffer(2.0 - CLOSE_M)
    outline = shapely.simplify(shapely.set_precision(closed, 0.01), 1.0)
    if outline.geom_type == "Polygon":
        return Polygon(outline.exterior)
    return outline


def _cluster(parts: list[Polygon]) -> list[Polygon]:
    """Return the rectangle left for real input, and what joins it to the parcels beside it."""
    reserved = shapely.box(*ground.RESERVED)
    near = shapely.union_all([p for p in parts if p.distance(reserved) < CLUSTER_NEAR_M])
    if near.is_empty:
        return [reserved.buffer(40)]
    east, (_, south, _, north) = ground.RESERVED[2], near.bounds
    edge = shapely.box(east - 200, south, east, north)
    return [reserved.buffer(40), shapely.union(near, edge).convex_hull]
