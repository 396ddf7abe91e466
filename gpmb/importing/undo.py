"""Take an import back: what nobody touched since goes, the rest stays and is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    TARGET_LINE,
    PlanEntry,
    PlanVersion,
    Project,
    Taking,
    TakingPart,
)
from gpmb.importing import targets
from gpmb.importing.lists import undo as undo_cases
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.survey import undo as undo_land
from gpmb.importing.tables.engine import projects_of
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.tables.table import Table
from gpmb.land.models import Parcel, ParcelNumber
from gpmb.law.steps import MoveRefused
from gpmb.referred import referred


class UndoRefused(Exception):
    """The run can't be taken back: why."""


@dataclass
class Undone:
    """What an undo did: rows taken back, rows kept with the reason."""

    undone: int = 0
    kept: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, what, why."""

    def keep(self, row: int, label: str, why: str) -> None:
        self.kept.append((row, label, why))

    def as_json(self) -> dict[str, Any]:
        return {"undone": self.undone, "kept": [list(row) for row in sorted(self.kept)]}


def undo(run: ImportRun, *, by: User, today: dt.date) -> Undone:
    """Take an applied run back in one transaction. Raises `UndoRefused`."""
    with pghistory.context(reason=f"Hoàn tác nhập {run.file_name}"), transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if not run.can_be_undone:
            raise UndoRefused("Lần nhập này đã được hoàn tác trước đó.")
        done = Undone()
        if run.kind == ImportRun.Kind.WORKBOOK:
            done.undone = undo_cases.take_back(run, done.keep, by=by, today=today)
        elif run.kind == ImportRun.Kind.TARGETS:
            _targets(run, done)
        elif run.kind in TABLES:
            _rows(run, done, by, today)
        else:
            _land(run, done)
        run.undone_at, run.undone_by = timezone.now(), by
        run.undo_report = done.as_json()
        run.save(update_fields=["undone_at", "undone_by", "undo_report"])
    return done


def _put_back(table: Table, row: ImportRow, by: User) -> str:
    """Take a row back whole; what refuses it, the database included, says why it stays."""
    try:
        with transaction.atomic():
            if why := table.put_back(row, by):
                transaction.set_rollback(True)
            return why
    except MoveRefused as refused:
        return refused.reason
    except ValidationError as refused:
        return " ".join(refused.messages)
    except IntegrityError as refused:
        return f"không trả về được: {str(refused).partition(chr(10))[0]}"


def _rows(run: ImportRun, done: Undone, by: User, today: dt.date) -> None:
    """Take the rows of a table back, the last first."""
    table, rows = TABLES[run.kind], list(run.rows.order_by("-row"))
    about = projects_of(rows)
    known = Project.objects.visible_to(by).filter(pk__in=about)
    hidden = about - set(known.values_list("pk", flat=True)) if about else set()
    for row in rows:
        if projects_of([row]) & hidden:  # restricted since
            done.keep(row.row, "", "không còn")
        elif why := _put_back(table, row, by):
            done.keep(row.row, (row.after or {}).get("label", ""), why)
        else:
            done.undone += 1
    if table.settle:
        table.settle(about - hidden, today)


# Targets of the plan


def _targets(run: ImportRun, done: Undone) -> None:
    """Give the cells of a draft back; a version past the draft stands as it was decided."""
    version = PlanVersion.objects.select_for_update().filter(pk=run.options["version"]).first()
    if version is None or not version.editable:
        raise UndoRefused(
            "Phiên bản kế hoạch đã qua dự thảo: không hoàn tác được, lập phiên bản mới để sửa."
        )
    rows = list(run.rows.order_by("row"))
    entries = PlanEntry.objects.select_related("project").in_bulk([row.object_id for row in rows])
    for row in rows:
        before, after = row.before or {}, row.after or {}
        line, entry = TARGET_LINE[after["line"]], entries.get(row.object_id)
        if entry is None:
            done.keep(row.row, line.label, "dự án không còn trong phiên bản")
            continue
        was, now = (targets.read_plain(side["values"]) for side in (before, after))
        if why := targets.put_back(entry, line, was, now):
            done.keep(row.row, f"{entry.project.code} · {line.label}", why)
        else:
            done.undone += 1


# Parcels and takings


def _land(run: ImportRun, done: Undone) -> None:
    """Takings first, then the parcels that nothing else stands on."""
    made = undo_land.made_by(run, "clearance.Taking")
    held = referred(Taking, made, (TakingPart,))
    undo_land.takings(run, held, done.keep)
    said = {row for row, _, _ in done.kept}
    made = undo_land.made_by(run, "land.Parcel")
    held = referred(Parcel, made, (ParcelNumber,))
    for row, label, why in undo_land.parcels(run, held):
        if row not in said:
            done.keep(row, label, why)
    rows = undo_land.rows_of(run)
    done.undone = len(rows - {row for row, _, _ in done.kept})
