"""The history of a row as people read it: who, when, before, after."""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Model

from gpmb.accounts.models import User

# Columns that say nothing to a reader, or that follow from another one.
LEFT_OUT = {"id", "ref", "version", "folded", "boundary", "boundary_web", "created_at"}
DERIVED = {
    "stage",
    "notice_on",
    "approval_on",
    "recovery_on",
    "paid_on",
    "deposited_on",
    "resettled_on",
    "next_step",
    "due_on",
    "due_rule",
    "earliest_on",
    "lapses_on",
}


@dataclass(frozen=True)
class Line:
    """One column of one save."""

    at: dt.datetime
    who: str
    label: str
    before: str
    after: str


def lines_of(row: Model, *, since: int | None = None) -> list[Line]:
    """Return what changed in a tracked row, oldest first; `since`: after that version."""
    history: Any = row.pgh_event_model.objects.filter(pgh_obj_id=row.pk)  # type: ignore[attr-defined]
    if since is not None:
        history = history.filter(version__gte=since)
    snapshots = list(history.select_related("pgh_context").order_by("pgh_id"))
    people = _people(snapshots)
    lines = []
    for old, new in pairwise(snapshots):
        who = people.get(_user_id(new), "hệ thống")
        lines += [
            Line(new.pgh_created_at, who, label, _text(old, name), _text(new, name))
            for name, attribute, label in _columns(type(row))
            if getattr(old, attribute) != getattr(new, attribute)
        ]
    return lines


def _columns(model: type[Model]) -> list[tuple[str, str, str]]:
    return [
        (field.name, field.attname, str(field.verbose_name))
        for field in model._meta.concrete_fields
        if field.name not in LEFT_OUT | DERIVED
    ]


def _user_id(snapshot: Any) -> int | None:
    return snapshot.pgh_context.metadata.get("user") if snapshot.pgh_context else None


def _people(snapshots: list[Any]) -> dict[int | None, str]:
    ids = {pk for snapshot in snapshots if (pk := _user_id(snapshot)) is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def _text(snapshot: Any, name: str) -> str:
    """A value as a reader knows it: a choice's label, a date as dd/mm/yyyy, a row by its name."""
    display = getattr(snapshot, f"get_{name}_display", None)
    value = display() if display else getattr(snapshot, name)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return "không có" if value is None or value == "" else str(value)
