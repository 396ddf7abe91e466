"""Insert the reference rows of `fixtures/reference`; a row that is there, edited or not, stays."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import models, transaction

from gpmb.reference.models import (
    DecidingAuthority,
    Holiday,
    LandClass,
    Mark,
    ObstacleCause,
    PriorityCategory,
    ReadinessTemplate,
    Rule,
)

FOLDER = settings.BASE_DIR / "fixtures/reference"


@dataclass(frozen=True)
class Table:
    """One file: its model and the columns by which a row is recognised."""

    file: str
    model: type[models.Model]
    key: tuple[str, ...]


TABLES = (
    Table("priority_categories.json", PriorityCategory, ("code",)),
    Table("marks.json", Mark, ("code",)),
    Table("land_classes.csv", LandClass, ("code", "valid_from")),
    Table("obstacle_causes.json", ObstacleCause, ("code",)),
    Table("holidays.csv", Holiday, ("on",)),
    Table("rules.json", Rule, ("code", "valid_from")),
    Table(
        "authorities.json",
        DecidingAuthority,
        ("holder", "public_utility", "delegation", "valid_from"),
    ),
    Table("readiness.json", ReadinessTemplate, ("code", "kind")),
)


@dataclass(frozen=True)
class Loaded:
    file: str
    read: int
    inserted: int


def rows_of(table: Table, folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file as values of the model's fields."""
    with (folder / table.file).open(encoding="utf-8", newline="") as file:
        raw = json.load(file) if table.file.endswith(".json") else csv.DictReader(file)
        for row in raw:
            yield {name: _value(table.model, name, text) for name, text in row.items()}


@transaction.atomic
def load(folder: Path = FOLDER) -> list[Loaded]:
    """Insert what is missing, in one transaction; return what each file gave.

    A row whose validity would overlap an edited one is left out: the edit wins.
    """
    return [_load_table(table, folder) for table in TABLES]


def _load_table(table: Table, folder: Path) -> Loaded:
    manager = table.model._default_manager
    known = set(manager.values_list(*table.key))
    rows = list(rows_of(table, folder))
    missing = [
        table.model(**row) for row in rows if tuple(row[name] for name in table.key) not in known
    ]
    # The database skips a row that breaks a constraint: an edited version covers its days.
    before = manager.count()
    manager.bulk_create(missing, ignore_conflicts=True)
    return Loaded(table.file, len(rows), manager.count() - before)


def _value(model: type[models.Model], name: str, raw: object) -> object:
    field = cast("models.Field[Any, Any]", model._meta.get_field(name))
    if isinstance(field, models.DateField):
        return dt.date.fromisoformat(str(raw)) if raw else None
    if isinstance(field, models.BooleanField):
        return raw in (True, "1")
    return field.to_python(raw)
