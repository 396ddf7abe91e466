"""Which parcels of a file lie on top of others: compared by a thread beside the database's work.

The shapes wait in a temporary file, so that memory holds one tile of neighbours at a time however
many there are. GEOS lets go of the interpreter while it compares, and an overlap is a warning
that decides nothing: the rows are written meanwhile.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo import checks, measure
from geo.measure import Floats

TILE = 20_000
"""Parcels compared with each other at a time."""

Known = Callable[[tuple[float, float, float, float]], Iterable[tuple[str, bytes]]]
"""Asked for the parcels known in a box: number and WKB of each."""


class Overlap(NamedTuple):
    """A row of the file on top of a later one, or of a known parcel."""

    row: int
    other: int | None
    """The other row, None for a known parcel."""
    key: str
    """The known parcel's sheet and number, if it has one."""
    area_m2: float


class _Spilled(NamedTuple):
    """Shapes in the temporary file: where each begins, how long it is."""

    start: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]


class _Own(NamedTuple):
    """The rows of the file: numbers (n,), boxes (n, 4), shapes."""

    rows: npt.NDArray[np.int64]
    boxes: Floats
    shapes: _Spilled


class _Tile(NamedTuple):
    """Rows compared together, by position, and the known parcels around them."""

    members: npt.NDArray[np.intp]
    area: tuple[float, float, float, float]
    keys: list[str]
    known: _Spilled


class Overlaps:
    """Collects the shapes of a file, compares them in a thread; use as a context manager."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="gpmb-")  # noqa: SIM115  (__exit__ closes it)
        self._left = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="overlaps")
        self._end = 0
        self._rows = [np.empty(0, dtype=np.int64)]
        self._boxes = [np.empty((0, 4))]
        self._shapes = [_Spilled(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
        self._found: Future[list[Overlap]] | None = None

    def __enter__(self) -> Overlaps:
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._thread.shutdown()
        self._file.close()

    def add(self, rows: Sequence[int], boxes: Floats, shapes: Iterable[bytes]) -> None:
        """Keep the next rows: numbers, boxes (n, 4) and WKB."""
        self._rows.append(np.array(rows, dtype=np.int64))
        self._boxes.append(boxes)
        self._shapes.append(self._spill(shapes))

    def _spill(self, shapes: Iterable[bytes]) -> _Spilled:
        blobs = list(shapes)
        length = np.array([len(blob) for blob in blobs], dtype=np.int64)
        start = self._end + np.cumsum(length) - length
        self._end += int(length.sum())
        self._file.write(b"".join(blobs))
        return _Spilled(start, length)

    def begin(self, without: Collection[int], known: Known) -> None:
        """Begin to compare all rows but some, and those with what is known around each tile."""
        rows, boxes = np.concatenate(self._rows), np.concatenate(self._boxes)
        start, length = (np.concatenate(column) for column in zip(*self._shapes, strict=True))
        if without:
            kept = ~np.isin(rows, list(without))
            rows, boxes, start, length = rows[kept], boxes[kept], start[kept], length[kept]
        own = _Own(rows, boxes, _Spilled(start, length))
        tiles = []
        for tile in measure.tiles(boxes, TILE):
            area = measure.total_bounds(boxes[tile])
            if area is not None:
                about = list(known(area))
                keys = [key for key, _ in about]
                tiles.append(_Tile(tile, area, keys, self._spill(shape for _, shape in about)))
        self._file.flush()
        self._found = self._thread.submit(self._compare, own, tiles)

    def found(self) -> list[Overlap]:
        """Wait for the comparison that was begun."""
        return self._found.result() if self._found else []

    def _compare(self, own: _Own, tiles: Iterable[_Tile]) -> list[Overlap]:
        found: list[Overlap] = []
        for tile in tiles:
            if self._left:
                break
            found += self._of_tile(own, tile)
        return found

    def _of_tile(self, own: _Own, tile: _Tile) -> Iterator[Overlap]:
        """Compare the neighbours of one tile; a pair belongs to the tile of its first row."""
        west, south, east, north = tile.area
        inside = (own.boxes[:, 0] <= east) & (own.boxes[:, 2] >= west)
        inside &= (own.boxes[:, 1] <= north) & (own.boxes[:, 3] >= south)
        near, mine = np.flatnonzero(inside), set(tile.members.tolist())
        ours = _Spilled(own.shapes.start[near], own.shapes.length[near])
        blobs = [*self._read(ours), *self._read(tile.known)]
        shapes = shapely.from_wkb(np.array(blobs, dtype=object))
        for first, second, area_m2 in zip(*checks.overlaps(shapes), strict=True):
            if first >= len(near) or int(near[first]) not in mine:
                continue  # a pair of known parcels, or another tile's
            row = int(own.rows[near[first]])
            if second < len(near):
                yield Overlap(row, int(own.rows[near[second]]), "", float(area_m2))
            else:
                yield Overlap(row, None, tile.keys[second - len(near)], float(area_m2))

    def _read(self, spilled: _Spilled) -> Iterator[bytes]:
        file = self._file.fileno()
        for start, length in zip(spilled.start.tolist(), spilled.length.tolist(), strict=True):
            yield os.pread(file, length, start)
