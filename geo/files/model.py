"""What a reader hands on: a layer's description, chunks of features, problems with their codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from geo.tcvn3 import Encoding

Value = str | int | float | bool | None
Severity = Literal["error", "warning"]


class FileError(Exception):
    """A file that can't be read: `code` for programs, `message` in Vietnamese for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LayerChoice(FileError):
    """Several layers and none named."""

    def __init__(self, layers: list[str]) -> None:
        super().__init__(
            "layer_choice",
            f"Tệp có {len(layers)} lớp: {', '.join(layers)}. Lớp nào chứa ranh thửa? "
            "Chọn một lớp bằng --layer.",
        )
        self.layers = layers


@dataclass(frozen=True)
class Problem:
    """Something about one feature that its reader saw."""

    row: int
    """1 is the first feature of the layer."""
    code: str
    message: str
    severity: Severity = "error"
    """An error leaves the feature without geometry or attributes: it can't be taken."""


@dataclass(frozen=True)
class Layer:
    """A layer as its file describes it, after one look through."""

    path: Path
    format: str
    name: str
    columns: tuple[str, ...]
    count: int
    srid: int | None
    """EPSG code declared by the file or by its format."""
    crs_problem: str | None = None
    """Why the declared system can't be trusted (Vietnamese)."""
    encoding: Encoding | None = "utf-8"
    """Of its text; None when the file doesn't say and the bytes don't tell."""
    encoding_guessed: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    """(code, message) of oddities of the whole layer that harm nothing."""
    raw_text: bool = False
    """Whether its text comes as the file's bytes, read as Latin-1."""


@dataclass
class Chunk:
    """Consecutive features, at most `CHUNK` of them."""

    first_row: int
    geometry: npt.NDArray[np.object_]
    """shapely geometries in the layer's own coordinates, None where there is none."""
    columns: dict[str, list[Value]]
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.geometry)


class Reader(Protocol):
    """One format: describe a layer, then stream it."""

    def describe(self, path: Path, layer: str | None) -> Layer: ...

    def chunks(self, layer: Layer, size: int) -> Iterator[Chunk]: ...


CHUNK = 10_000
"""Features held in memory at a time."""
MAX_COLUMNS = 500
