"""Parcels as rectangles on a local plane: how a block or a corridor is cut, and their rings.

Rectangles are lists (x0, y0, x1, y1) whose shared sides have equal numbers, so that `rings` can
give neighbours the very same vertices, T-junctions included.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rect = tuple[float, float, float, float]

JITTER_M = 0.95  # most that a vertex leaves its straight line (alleys are 2 m wide)
REFINE_M = 24.0  # sides longer than this bend with the ground
JITTER_SHARE = 0.2  # and never more than this share of the way to the next vertex


@dataclass(frozen=True, slots=True)
class Cut:
    """One parcel on the local plane. `taken` is the part to be recovered, None for all of it.

    `use` is the land's use: rice, crop, tree, home, pond, forest, ditch, road, grave.
    """

    rect: Rect
    use: str
    taken: Rect | None = None


# Typical parcel area in m² and its spread (log-normal) for each texture.
AREAS = {
    "field": (690.0, 0.44),
    "village": (400.0, 0.45),
    "mixed": (640.0, 0.55),
    "pond": (1_500.0, 0.50),
    "forest": (1_450.0, 0.55),
}
PUBLIC = ("ditch", "road", "grave")


def block(rng: Generator, rect: Rect, texture: str) -> list[Cut]:
    """Cut one block by its texture."""
    if texture == "field":
        return _field(rng, rect)
    cuts: list[Cut] = []
    for part, use in _quarters(rng, rect, texture):
        cuts += _pieces(rng, part, use)
    return cuts


def _field(rng: Generator, rect: Rect) -> list[Cut]:
    """Rice fields: rows of long strips, a ditch between two rows, some other crops."""
    x0, y0, x1, y1 = rect
    along = bool(rng.random() < 0.5)  # rows run east or north
    low, high, start, end = (y0, y1, x0, x1) if along else (x0, x1, y0, y1)
    rows = max(2, round((high - low) / float(rng.uniform(38, 58))))
    inner = low + (high - low) * (np.arange(1, rows) + rng.uniform(-0.15, 0.15, rows - 1)) / rows
    edges = [low, *(float(edge) for edge in inner), high]
    cuts: list[Cut] = []
    for number, (bottom, top) in enumerate(pairwise(edges)):
        if number and rng.random() < 0.22:
            ditch = bottom + float(rng.uniform(1.4, 2.4))
            cuts.append(Cut(_turn((start, bottom, end, ditch), along), "ditch"))
            bottom = ditch
        for strip in _strips(rng, (start, bottom, end, top)):
            use = str(rng.choice(["rice", "crop", "tree"], p=[0.93, 0.05, 0.02]))
            cuts.append(Cut(_turn(strip, along), use))
    return cuts


def _turn(rect: Rect, along: bool) -> Rect:
    return rect if along else (rect[1], rect[0], rect[3], rect[2])


def _strips(rng: Generator, rect: Rect) -> list[Rect]:
    x0, y0, x1, y1 = rect
    middle, spread = AREAS["field"]
    strips: list[Rect] = []
    at = x0
    while x1 - at > 0.01:
        width = max(3.6, middle * float(np.exp(rng.normal(0, spread))) / (y1 - y0))
        end = at + width if x1 - at - width > 3.6 else x1
        if end - at > 9 and rng.random() < 0.16:
            half = y0 + (y1 - y0) * float(rng.uniform(0.35, 0.65))
            strips += [(at, y0, end, half), (at, half, end, y1)]
        else:
            strips.append((at, y0, end, y1))
        at = end
    return strips


def _quarters(rng: Generator, rect: Rect, texture: str) -> list[tuple[Rect, str]]:
    """Divide a block by alleys into quarters and give each its use."""
    x0, y0, x1, y1 = rect
    alley = {"village": 2.6, "mixed": 2.0}.get(texture, 0.0)
    x = x0 + (x1 - x0) * float(rng.uniform(0.38, 0.62))
    y = y0 + (y1 - y0) * float(rng.uniform(0.38, 0.62))
    half = alley / 2
    parts = [
        (x0, y0, x - half, y - half),
        (x + half, y0, x1, y - half),
        (x0, y + half, x - half, y1),
        (x + half, y + half, x1, y1),
    ]
    uses = {
        "village": (["home", "tree", "crop"], [0.78, 0.16, 0.06]),
        "mixed": (["rice", "crop", "tree", "home", "pond"], [0.42, 0.18, 0.17, 0.17, 0.06]),
        "pond": (["pond", "rice", "crop"], [0.72, 0.2, 0.08]),
        "forest": (["forest", "tree", "crop"], [0.66, 0.22, 0.12]),
    }[texture]
    return [(part, str(rng.choice(uses[0], p=uses[1]))) for part in parts]


def _pieces(rng: Generator, rect: Rect, use: str) -> list[Cut]:
    """Halve a rectangle across its longer side until pieces are as large as the use wants."""
    texture = {"home": "village", "pond": "pond", "forest": "forest"}.get(use, "mixed")
    middle, spread = AREAS[texture]
    todo, cuts = [rect], []
    while todo:
        x0, y0, x1, y1 = todo.pop()
        area = (x1 - x0) * (y1 - y0)
        if area < 1.45 * middle * float(np.exp(rng.normal(0, spread))) or area < 120:
            own = use
            if use == "home" and rng.random() < 0.18:
                own = "tree"
            elif use == "tree" and rng.random() < 0.04:
                own = "grave"
            cuts.append(Cut((x0, y0, x1, y1), own))
            continue
        share = float(rng.uniform(0.36, 0.64))
        if x1 - x0 > (y1 - y0) * float(rng.uniform(0.8, 1.25)):
            x = x0 + (x1 - x0) * share
            todo += [(x0, y0, x, y1), (x, y0, x1, y1)]
        else:
            y = y0 + (y1 - y0) * share
            todo += [(x0, y0, x1, y), (x0, y, x1, y1)]
    return cuts


def along_corridor(
    rng: Generator, length: float, half_width: float, texture: str, old_road: bool
) -> list[Cut]:
    """Cut the land on both sides of an alignment; the strip within `half_width` is taken.

    The old road or ditch in the middle is public land and taken whole. Local plane: (u, v).
    """
    core = 2.2 if old_road else 1.4
    cuts: list[Cut] = []
    lanes = [0.0]
    while lanes[-1] < length - 260:
        lanes.append(lanes[-1] + float(rng.uniform(110, 190)))
    lanes.append(length)
    width = {"field": 13.0, "village": 7.5}.get(texture, 11.0)
    use = {"village": "home", "field": "rice"}.get(texture, "crop")
    for start, end in pairwise(lanes):
        middle = "road" if old_road else "ditch"
        cuts.append(Cut((start, -core, end, core), middle))
        for side in (1, -1):
            at = start + (0.0 if start == 0 else 2.0)
            last = end - (0.0 if end == length else 2.0)
            while last - at > 0.01:
                wide = max(4.0, width * float(np.exp(rng.normal(0, 0.45))))
                stop = at + wide if last - at - wide > 4.0 else last
                cuts += _frontage(rng, at, stop, core, half_width, side, use)
                at = stop
    return cuts


def _frontage(
    rng: Generator, u0: float, u1: float, core: float, half: float, side: int, use: str
) -> list[Cut]:
    """Cut the parcels behind one stretch of frontage, the near one and perhaps one behind it."""
    depth = core + float(np.clip(half * np.exp(rng.normal(0.55, 0.55)), 7, 66))
    if abs(depth - half) < 2.5:
        depth = half  # no splinter between the parcel's end and the strip's
    own = use
    if use == "home" and rng.random() < 0.3:
        own = "tree"
    elif use == "crop":
        own = str(rng.choice(["rice", "crop", "tree", "home"], p=[0.4, 0.25, 0.2, 0.15]))
    near = (u0, core, u1, depth)
    if depth > half:
        cuts = [Cut(_side(near, side), own, _side((u0, core, u1, half), side))]
    else:
        cuts = [Cut(_side(near, side), own)]
        if half - depth >= 3:
            behind = (u0, depth, u1, half + float(rng.uniform(6, 24)))
            taken = _side((u0, depth, u1, half), side)
            cuts.append(Cut(_side(behind, side), "crop" if use == "home" else own, taken))
    return cuts


def _side(rect: Rect, side: int) -> Rect:
    return rect if side > 0 else (rect[0], -rect[3], rect[2], -rect[1])


def rings(
    rng: Generator, cuts: list[Cut], straight: tuple[float, ...] = ()
) -> tuple[list[Floats], list[Floats | None]]:
    """Return the ring of every parcel and of every part taken, on the local plane.

    Vertices on a common line are shared by all who touch it and jittered once, together; those on
    a line y in `straight` stay where they are.
    """
    rects = [cut.rect for cut in cuts] + [cut.taken for cut in cuts if cut.taken is not None]
    corners = {(x, y) for x0, y0, x1, y1 in rects for x in (x0, x1) for y in (y0, y1)}
    on_x: dict[float, list[float]] = {}
    on_y: dict[float, list[float]] = {}
    for x, y in sorted(corners):
        on_x.setdefault(x, []).append(y)
        on_y.setdefault(y, []).append(x)
    on_x = {x: _refine(line) for x, line in on_x.items()}
    on_y = {y: _refine(sorted(line)) for y, line in on_y.items()}
    thin_x, thin_y = _thinnest(rects)
    order = sorted(
        {(x, y) for x, line in on_x.items() for y in line}
        | {(x, y) for y, line in on_y.items() for x in line}
    )
    shake = rng.uniform(-1, 1, (len(order), 2))
    moved = {
        (x, y): (x + dx * room, y + dy * room)
        for (x, y), (dx, dy) in zip(order, shake, strict=True)
        for side in (min(thin_x.get(x, JITTER_M * 9), thin_y.get(y, JITTER_M * 9)),)
        for room in (_room(x, y, on_x.get(x, [y]), on_y.get(y, [x]), side),)
        if y not in straight
    }
    moved |= {(x, y): (x, y) for x, y in order if y in straight}

    def ring(rect: Rect) -> Floats:
        x0, y0, x1, y1 = rect
        path = [(x, y0) for x in _between(on_y[y0], x0, x1)]
        path += [(x1, y) for y in _between(on_x[x1], y0, y1)[1:]]
        path += [(x, y1) for x in reversed(_between(on_y[y1], x0, x1)[:-1])]
        path += [(x0, y) for y in reversed(_between(on_x[x0], y0, y1)[1:-1])]
        return np.array([moved[point] for point in path])

    return (
        [ring(cut.rect) for cut in cuts],
        [None if cut.taken is None else ring(cut.taken) for cut in cuts],
    )


def _refine(line: list[float]) -> list[float]:
    """Add vertices on a line so that none is farther than REFINE_M from the next."""
    fine = line[:1]
    for before, after in pairwise(line):
        count = int((after - before) // REFINE_M)
        fine += [before + (after - before) * n / (count + 1) for n in range(1, count + 1)]
        fine.append(after)
    return fine


def _thinnest(rects: list[Rect]) -> tuple[dict[float, float], dict[float, float]]:
    """Return, for every line x and every line y, the side of the thinnest rectangle on it."""
    on_x: dict[float, float] = {}
    on_y: dict[float, float] = {}
    for x0, y0, x1, y1 in rects:
        for x in (x0, x1):
            on_x[x] = min(on_x.get(x, 1e9), x1 - x0)
        for y in (y0, y1):
            on_y[y] = min(on_y.get(y, 1e9), y1 - y0)
    return on_x, on_y


def _room(x: float, y: float, on_x: list[float], on_y: list[float], side: float) -> float:
    """Return how far a vertex may move without meeting another or crossing a thin parcel."""
    return min(JITTER_M, JITTER_SHARE * min(_gap(on_x, y), _gap(on_y, x), side))


def _gap(line: list[float], at: float) -> float:
    place = bisect_left(line, at)
    before = at - line[place - 1] if place else 1e9
    after = line[place + 1] - at if place + 1 < len(line) else 1e9
    return min(before, after)


def _between(line: list[float], low: float, high: float) -> list[float]:
    return line[bisect_left(line, low) : bisect_right(line, high)]
