"""Take an import back: what nobody touched since goes, the rest stays and is named.

A case that the import made is deleted; one with an opening event can't be (its log only grows),
so the opening is voided, the case withdrawn as if it had never been, and its land let go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pghistory
import pgtrigger
from django.db import models, transaction
from django.utils import timezone

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    STATE_FIELDS,
    TARGET_LINE,
    Case,
    CaseEvent,
    CaseParty,
    Law,
    PlanEntry,
    PlanVersion,
    Taking,
    TakingPart,
)
from gpmb.compensation.models import Plan
from gpmb.complaints.models import (
    Complaint,
    ComplaintCase,
    ComplaintEvent,
    ComplaintParcel,
    ComplaintParty,
)
from gpmb.importing import targets, undo_land
from gpmb.importing.case_state import PARTS, states_of
from gpmb.importing.dossier_apply import OPENING_REASON, set_money
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.project_tables import TABLES
from gpmb.importing.tables import projects_of
from gpmb.land.models import Parcel, ParcelNumber, Party
from gpmb.many import update_many
from gpmb.referred import referred

NEVER = dt.date(1900, 1, 1)
"""A case withdrawn before any day that a figure is asked for counts in none."""


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
            _cases(run, done, by, today)
        elif run.kind == ImportRun.Kind.COMPLAINTS:
            _letters(run, done)
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


def _rows(run: ImportRun, done: Undone, by: User, today: dt.date) -> None:
    """Take the rows of a table back, the last first."""
    table, rows = TABLES[run.kind], list(run.rows.order_by("-row"))
    for row in rows:
        if why := table.put_back(row, by):
            done.keep(row.row, (row.after or {}).get("label", ""), why)
        else:
            done.undone += 1
    if table.settle:
        table.settle(projects_of(rows), today)


# Cases


def _cases(run: ImportRun, done: Undone, by: User, today: dt.date) -> None:
    rows = list(run.rows.filter(model="clearance.Case").order_by("-row"))
    ids = [row.object_id for row in rows]
    cases = Case.objects.select_for_update().in_bulk(ids)
    now = states_of(ids)
    made = [row.object_id for row in rows if row.action == ImportRow.Action.CREATED]
    held = referred(Case, made, (CaseParty, Taking, CaseEvent, Plan))
    held |= _held_land(made)
    gone: list[tuple[ImportRow, Case]] = []
    law = Law.read()
    for row in rows:
        case = cases.get(row.object_id)
        label = case.code if case else ""
        if case is None:
            done.keep(row.row, label, "hồ sơ không còn")
        elif changed := _changed(row, now[case.pk]):
            done.keep(row.row, label, f"đã sửa sau khi nhập: {changed}")
        elif case.pk in held:
            done.keep(row.row, label, f"đã có {held[case.pk]}")
        elif row.action == ImportRow.Action.CREATED:
            gone.append((row, case))
        else:
            _put_back(case, row.before or {}, by, today, law)
            done.undone += _lines(row)
    _remove(run, gone, by, today, law)
    done.undone += sum(_lines(row) for row, _ in gone)


def _lines(row: ImportRow) -> int:
    """Rows of the sheet: of a household under one merged name, several."""
    return int((row.before or {}).get("rows", 1))


def _held_land(cases: Sequence[int]) -> dict[int, str]:
    """Cases whose takings others refer to (a handover to the investor, say)."""
    owner = dict(Taking.objects.filter(case__in=cases).values_list("pk", "case_id"))
    return {
        owner[pk]: what for pk, what in referred(Taking, owner, (TakingPart, CaseEvent)).items()
    }


def _changed(row: ImportRow, now: dict[str, Any]) -> str:
    """Name what differs from what the import left, or return nothing."""
    after = row.after or {}
    parts = [label for name, label in PARTS.items() if now[name] != after.get(name)]
    if not parts and now["version"] != row.version_after:
        parts = ["thông tin hồ sơ"]
    return ", ".join(parts)


def _remove(
    run: ImportRun,
    gone: Sequence[tuple[ImportRow, Case]],
    by: User,
    today: dt.date,
    law: Law,
) -> None:
    """Unmake cases: all of them at once, for a list may hold thousands."""
    cases = [case for _, case in gone]
    Plan.objects.filter(case__in=cases).delete()
    waiting = {
        land["taking"]: land
        for row, _ in gone
        for land in (row.before or {}).get("land", ())
        if land["was"] == "waiting"
    }
    takings = Taking.objects.filter(case__in=cases)
    takings.exclude(pk__in=waiting).delete()
    _restore_takings(list(takings.filter(pk__in=waiting)), waiting, free=True)
    openings = list(CaseEvent.objects.living().filter(case__in=cases))
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case_id=event.case_id, kind="void", on=today, by=by, voids=event, reason=_why(run)
        )
        for event in openings
    )
    logged = {event.case_id for event in openings}
    for case in cases:
        if case.pk in logged:
            case.refresh_state(law, [], ())
            case.code = f"{case.code[:22]} · hoàn tác {run.pk}"[:40]
            case.withdrawn_on, case.withdrawn_reason = NEVER, _why(run)
    fields = ["code", "withdrawn_on", "withdrawn_reason", *STATE_FIELDS]
    update_many([case for case in cases if case.pk in logged], fields)
    empty = [case.pk for case in cases if case.pk not in logged]
    parties = list(
        CaseParty.objects.filter(case__in=empty).values_list("party_id", flat=True).distinct()
    )
    CaseParty.objects.filter(case__in=empty).delete()
    Case.objects.filter(pk__in=empty).delete()
    shared = referred(Party, parties, ())
    Party.objects.filter(pk__in=set(parties) - shared.keys()).delete()


def _why(run: ImportRun) -> str:
    return f"Hoàn tác lần nhập {run.file_name}"[:300]


def _put_back(case: Case, before: dict[str, Any], by: User, today: dt.date, law: Law) -> None:
    """Give a changed case the values it had."""
    if party := before.get("party"):
        pk = party.pop("pk")
        for row in Party.objects.filter(pk=pk):
            for name, value in party.items():
                setattr(row, name, value)
            row.save(update_fields=list(party))
    land = before.get("land", ())
    kept = {row["taking"]: row for row in land if row["was"] != "new"}
    added = [row["parcel"] for row in land if row["was"] == "new"]
    if land:
        case.takings.filter(parcel__in=added).delete()
        for free in (False, True):
            was = "waiting" if free else "own"
            mine = {pk: row for pk, row in kept.items() if row["was"] == was}
            _restore_takings(list(Taking.objects.filter(pk__in=mine)), mine, free=free)
    if "money" in before:
        set_money(case, [Decimal(amount) for amount in before["money"]])
    if "resettlement" in before:
        case.resettlement_need, case.entitled_plots = before["resettlement"]
        case.save(update_fields=["resettlement_need", "entitled_plots"])
    if "note" in before:
        case.note = before["note"]
        case.save(update_fields=["note"])
    if "step" in before:
        for event in case.events.living():
            case.void(event, on=today, by=by, reason="Hoàn tác nhập liệu", law=law)
        if before["step"]:
            code, on = before["step"]
            case.open_at(code, on=dt.date.fromisoformat(on), by=by, reason=OPENING_REASON, law=law)
    else:
        case.refresh_state(law)
        case.save(update_fields=STATE_FIELDS)


def _restore_takings(
    takings: list[Taking], before: dict[int, dict[str, Any]], *, free: bool
) -> None:
    for taking in takings:
        taking.recovered_area_m2 = Decimal(before[taking.pk]["area_m2"])
        if free:
            taking.case = None
            taking.handed_over_on = taking.handed_over_area_m2 = None
    fields = ["recovered_area_m2", "case", "handed_over_on", "handed_over_area_m2"]
    update_many(takings, fields)
    TakingPart.objects.filter(taking__in=takings).delete()
    TakingPart.objects.bulk_create(
        TakingPart(taking=taking, land_class_id=int(land_class), area_m2=Decimal(area))
        for taking in takings
        for land_class, area in before[taking.pk]["parts"].items()
    )


# Letters


def _letters(run: ImportRun, done: Undone) -> None:
    """Take letters out of the register that nobody has touched since they were read in."""
    rows = list(run.rows.filter(model="complaints.Complaint"))
    letters = Complaint.objects.select_for_update().in_bulk([row.object_id for row in rows])
    moved = set(
        ComplaintEvent.objects.filter(complaint__in=letters)
        .values("complaint")
        .annotate(n=models.Count("pk"))
        .filter(n__gt=1)
        .values_list("complaint", flat=True)
    )
    links = (ComplaintParty, ComplaintCase, ComplaintParcel)
    held = referred(Complaint, letters, (ComplaintEvent, *links))
    gone = []
    for row in rows:
        letter = letters.get(row.object_id)
        if letter is None:
            done.keep(row.row, "", "đơn không còn")
        elif letter.version != row.version_after or letter.pk in moved:
            done.keep(row.row, f"Đơn {letter.serial}", "đã xử lý sau khi nhập")
        elif letter.pk in held:
            done.keep(row.row, f"Đơn {letter.serial}", f"đã có {held[letter.pk]}")
        else:
            gone.append(letter.pk)
    parties = list(
        ComplaintParty.objects.filter(complaint__in=gone).values_list("party_id", flat=True)
    )
    # The only line of such a letter's log is the one this import wrote.
    with pgtrigger.ignore("complaints.ComplaintEvent:append_only"):
        ComplaintEvent.objects.filter(complaint__in=gone).delete()
    for link in links:
        link.objects.filter(complaint__in=gone).delete()
    Complaint.objects.filter(pk__in=gone).delete()
    Party.objects.filter(pk__in=set(parties) - referred(Party, parties, ()).keys()).delete()
    done.undone += len(gone)


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
