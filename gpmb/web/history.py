"""The history of a row as people read it: who, when, before, after, why."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from django.db.models import Model, Q, QuerySet

from gpmb.accounts.models import User
from gpmb.clearance.models import PlanEntry, Target, TargetLine, TargetMeasure

# Columns that say nothing to a reader, or that follow from another one.
LEFT_OUT = {
    "id",
    "ref",
    "version",
    "folded",
    "boundary",
    "boundary_web",
    "created_at",
    "area",
    "line",
}
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
    what: str = ""
    why: str = ""
    name: str = ""  # of the field, where it is one


# Kept, but not told to everyone who reads the page: what changed stays hidden, not that it did.
MASKED = {"id_number", "bank_account", "phone", "sensitive_note"}
# What a row's own words name in turn.
NAMED_BY = {"plot": "plot__site"}
SNAPSHOTS = 400  # the latest of one table on one page


def snapshots_of(model: type[Model], about: Q) -> QuerySet[Any]:
    """Return the latest snapshots of the tracked rows that `about` finds, with all they name."""
    history: Any = model.pgh_event_model.objects  # type: ignore[attr-defined]
    names = [NAMED_BY.get(n, n) for n, attribute, _ in _columns(model) if n != attribute]
    rows: QuerySet[Any] = history.filter(about).select_related("pgh_context", *names)
    return rows.order_by("-pgh_id")[:SNAPSHOTS]


def lines_from(tables: Iterable[tuple[str, type[Model], Sequence[Any]]]) -> list[Line]:
    """Return every change of several tables, the latest first; each table with its word.

    A row's first snapshot is its entry, where it wasn't there from the beginning; one query finds
    who did it all.
    """
    tables = list(tables)
    people = _people([row for *_, rows in tables for row in rows])
    lines = []
    for word, model, rows in tables:
        columns = _columns(model)
        ordered = sorted(rows, key=lambda row: (row.pgh_obj_id, row.pgh_id))
        for _, versions in groupby(ordered, key=lambda row: row.pgh_obj_id):
            for old, new in pairwise([None, *versions]):
                lines += _changes(word, columns, old, new, people)
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _changes(word: str, columns: Any, old: Any, new: Any, people: Any) -> list[Line]:
    who, why = people.get(_user_id(new), "hệ thống"), _reason(new)
    what = f"{word} {name_of(new)}".strip()
    if old is None:
        if new.pgh_label != "insert":
            return []
        return [Line(new.pgh_created_at, who, "thêm", "", "", what, why)]
    if new.pgh_label == "delete":
        return [Line(new.pgh_created_at, who, "xóa", "", "", what, why)]
    return [
        Line(
            new.pgh_created_at, who, label, text_of(old, name), text_of(new, name), what, why, name
        )
        for name, attribute, label in columns
        if getattr(old, attribute) != getattr(new, attribute)
    ]


def name_of(snapshot: Any) -> str:
    """What tells a row from its neighbours, by the columns its table has; never a name."""
    for column in ("description", "number", "code", "cause"):
        value = snapshot.__dict__.get(column)
        if value not in (None, ""):
            return f"“{value}”" if column == "description" else str(value)
    return ""


def _reason(snapshot: Any) -> str:
    return snapshot.pgh_context.metadata.get("reason", "") if snapshot.pgh_context else ""


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
            Line(new.pgh_created_at, who, label, text_of(old, name), text_of(new, name), name=name)
            for name, attribute, label in _columns(type(row))
            if getattr(old, attribute) != getattr(new, attribute)
        ]
    return lines


def target_lines(entry: PlanEntry) -> list[Line]:
    """Return every cell of a project's targets that was changed, the latest first.

    What came with the project, copied from another version, is where the history begins.
    """
    history: Any = Target.pgh_event_model.objects.filter(entry_id=entry.pk)  # type: ignore[attr-defined]
    begun: Any = PlanEntry.pgh_event_model.objects.filter(pgh_obj_id=entry.pk)  # type: ignore[attr-defined]
    start = begun.order_by("pgh_id").values_list("pgh_created_at", flat=True).first()
    rows = list(history.select_related("pgh_context").order_by("-pgh_id")[:SNAPSHOTS])
    people = _people(rows)
    lines = []
    ordered = sorted(rows, key=lambda row: (row.pgh_obj_id, row.pgh_id))
    for _, versions in groupby(ordered, key=lambda row: row.pgh_obj_id):
        for old, new in pairwise([None, *versions]):
            if old is None and (new.pgh_label != "insert" or new.pgh_created_at == start):
                continue
            who, why = people.get(_user_id(new), "hệ thống"), _reason(new)
            for measure in TargetMeasure:
                before = getattr(old, measure) if old else None
                after = None if new.pgh_label == "delete" else getattr(new, measure)
                if before != after:
                    line = TargetLine(new.stage, measure)
                    label = f"{line.label}, {new.month:%m/%Y}"
                    texts = line.text(before), line.text(after)
                    lines.append(Line(new.pgh_created_at, who, label, *texts, why=why))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _columns(model: type[Model]) -> list[tuple[str, str, str]]:
    return [
        (field.name, field.attname, str(field.verbose_name))
        for field in model._meta.concrete_fields
        if field.name not in LEFT_OUT and not _derived(field) and not _parent(field)
    ]


def _derived(field: Any) -> bool:
    """Whether a column follows from the log; an obstacle's own due day and next step don't."""
    return field.name in DERIVED and not field.editable


def _parent(field: Any) -> bool:
    """Whether a column says whose row it is, which doesn't change and a reader sees anyway."""
    return field.name in ("case", "plan", "project", "parcel", "party", "taking", "site", "draw")


def _user_id(snapshot: Any) -> int | None:
    return snapshot.pgh_context.metadata.get("user") if snapshot.pgh_context else None


def _people(snapshots: list[Any]) -> dict[int | None, str]:
    ids = {pk for snapshot in snapshots if (pk := _user_id(snapshot)) is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def text_of(snapshot: Any, name: str) -> str:
    """A value as a reader knows it: a choice's label, a date as dd/mm/yyyy, a row by its name."""
    if name in MASKED:
        return "•••" if getattr(snapshot, name) else "không có"
    display = getattr(snapshot, f"get_{name}_display", None)
    value = display() if display else getattr(snapshot, name)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return "không có" if value is None or value == "" else str(value)
