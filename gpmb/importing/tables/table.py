"""What a table is: the columns it knows, what a row does, how it is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.models import Project
from gpmb.clearance.models.project import ProjectQuerySet
from gpmb.importing import cells
from gpmb.importing.cells import Cell, Reading
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import Place
from gpmb.importing.tables.where import Where


@dataclass(frozen=True)
class Field:
    """What a column may say: a label, the headings it is known by (folded), how it is read."""

    label: str
    headings: tuple[str, ...]
    read: Callable[[Cell, Reading], Any] = lambda cell, _: cells.text(cell)


@dataclass
class Outcome:
    """What a row did: the object, what it was before (None: new), what changed in words."""

    object_id: int
    label: str
    before: dict[str, Any] | None
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    version: int = 0
    project: Project | None = None
    """The project a row of a table of the city is about."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else its undo must know: further objects, say."""


@dataclass(frozen=True)
class Table:
    """One kind of rows: its columns, what a row does, how it is taken back."""

    kind: ImportRun.Kind
    title: str
    hint: str
    """Which columns it needs and may have, and what becomes of a row that stands already."""
    model: str
    fields: Mapping[str, Field]
    needed: tuple[str, ...]
    take_in: Callable[[Mapping[str, Any], Where], Outcome | None]
    """Write a row as read (fields that have a value); None where it changes nothing."""
    put_back: Callable[[ImportRow, User], str]
    """Take a row back; return why it stays, or nothing."""
    projects: Callable[..., ProjectQuerySet] = access.importable_projects
    """(user, on=day): into which projects someone may write, as the form of its page asks."""
    either: tuple[str, ...] = ()
    """Fields of which each row says at least one."""
    place: Place | None = None
    """What a table of the city hangs on; a table of one project has none."""
    settle: Callable[[Collection[int], dt.date], object] | None = None
    """What follows once from the rows of some projects, written or taken back."""
