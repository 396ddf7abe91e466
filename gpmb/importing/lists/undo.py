"""Take back what a list wrote of cases, all of them by the same few statements.

A case that the list made is deleted; one with an opening event can't be (its log only grows), so
the opening is voided, the case withdrawn as if it had never been, and its land let go. A case that
the list changed gets the values it had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Law, Taking, TakingPart
from gpmb.clearance.moves import derive_states, open_many, void_many
from gpmb.compensation.models import Plan
from gpmb.importing.lists.apply import OF_PARTY, OPENING_REASON, set_money
from gpmb.importing.lists.case_state import PARTS, states_of
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.survey.undo import Keep
from gpmb.land.models import Party
from gpmb.many import among, update_many
from gpmb.referred import referred

NEVER = dt.date(1900, 1, 1)
"""A case withdrawn before any day that a figure is asked for counts in none."""
Written = tuple[ImportRow, Case]


def take_back(run: ImportRun, keep: Keep, *, by: User, today: dt.date) -> int:
    """Take the cases of a list back, except those that were touched since or that others refer
    to; return how many rows of the sheet that were."""
    rows = list(run.rows.filter(model="clearance.Case"))
    ids = [row.object_id for row in rows]
    locked = Case.objects.filter(pk=among(ids)).order_by("pk").select_for_update(no_key=True)
    cases = {case.pk: case for case in locked}
    now = states_of(ids)
    held = _held(rows)
    made, changed = list[Written](), list[Written]()
    for row in rows:
        case = cases.get(row.object_id)
        if case is None:
            keep(row.row, "", "hồ sơ không còn")
        elif parts := _changed(row, now[case.pk]):
            keep(row.row, case.code, f"đã sửa sau khi nhập: {parts}")
        elif case.pk in held:
            keep(row.row, case.code, f"đã có {held[case.pk]}")
        elif row.action == ImportRow.Action.CREATED:
            made.append((row, case))
        else:
            changed.append((row, case))
    law = Law.read()
    _put_back(changed, by, today, law)
    _remove(run, made, by, today, law)
    return sum(_lines(row) for row, _ in [*made, *changed])


def _lines(row: ImportRow) -> int:
    """Rows of the sheet: of a household under one merged name, several."""
    return int((row.before or {}).get("rows", 1))


def _changed(row: ImportRow, now: Mapping[str, Any]) -> str:
    """Name what differs from what the import left, or return nothing."""
    after = row.after or {}
    parts = [label for name, label in PARTS.items() if now[name] != after.get(name)]
    if not parts and now["version"] != row.version_after:
        parts = ["thông tin hồ sơ"]
    return ", ".join(parts)


def _held(rows: Sequence[ImportRow]) -> dict[int, str]:
    """Cases the list made, and cases of land it added, that others refer to by now."""
    made = [row.object_id for row in rows if row.action == ImportRow.Action.CREATED]
    held = referred(Case, made, (CaseParty, Taking, CaseEvent, Plan))
    owner = dict(Taking.objects.filter(case=among(made)).values_list("pk", "case_id"))
    owner |= _added([(row.object_id, row.before or {}) for row in rows])
    land = referred(Taking, owner, (TakingPart, CaseEvent))
    return {owner[taking]: what for taking, what in land.items()} | held


def _added(cases: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[int, int]:
    """Return taking → case of the land a list added to cases, by what was there before."""
    new = {
        (case, land["parcel"])
        for case, before in cases
        for land in before.get("land", ())
        if land["was"] == "new"
    }
    rows = Taking.objects.filter(case=among({case for case, _ in new}))
    return {
        pk: case
        for pk, case, parcel in rows.values_list("pk", "case_id", "parcel_id")
        if case is not None and (case, parcel) in new
    }


# What the list made


def _remove(run: ImportRun, made: Sequence[Written], by: User, today: dt.date, law: Law) -> None:
    """Unmake cases."""
    cases = {case.pk: case for _, case in made}
    why = f"Hoàn tác lần nhập {run.file_name}"[:300]
    Plan.objects.filter(case=among(cases)).delete()
    waiting = _land_that(made, "waiting")
    Taking.objects.filter(case=among(cases)).exclude(pk=among(waiting)).delete()
    _restore_takings(waiting, free=True)
    openings = list(CaseEvent.objects.living().filter(case=among(cases)).order_by("pk"))
    logged = {event.case_id for event in openings}
    if logged:
        void_many(logged, openings, on=today, by=by, reason=why, law=law)
    for pk in logged:
        case = cases[pk]
        case.code = f"{case.code[:22]} · hoàn tác {run.pk}"[:40]
        case.withdrawn_on, case.withdrawn_reason = NEVER, why
    update_many([cases[pk] for pk in logged], ["code", "withdrawn_on", "withdrawn_reason"])
    empty = among(cases.keys() - logged)
    people = CaseParty.objects.filter(case=empty)
    parties = set(people.values_list("party_id", flat=True))
    people.delete()
    Case.objects.filter(pk=empty).delete()
    shared = referred(Party, parties, ())
    Party.objects.filter(pk=among(parties - shared.keys())).delete()


# What the list changed


def _put_back(changed: Sequence[Written], by: User, today: dt.date, law: Law) -> None:
    """Give changed cases the values they had: first the step, for land that is handed over may
    not shrink; what is derived, last."""
    stepped = [(row, case) for row, case in changed if "step" in (row.before or {})]
    _void(stepped, by, today, law)
    _put_back_people(changed)
    Taking.objects.filter(
        pk=among(_added([(case.pk, row.before or {}) for row, case in changed]))
    ).delete()
    _restore_takings(_land_that(changed, "own"), free=False)
    _restore_takings(_land_that(changed, "waiting"), free=True)
    set_money(
        {
            case.pk: [Decimal(amount) for amount in row.before["money"]]
            for row, case in changed
            if row.before and "money" in row.before
        }
    )
    _put_back_columns(changed)
    _open(stepped, by, law)
    others = {case.pk for _, case in changed} - {case.pk for _, case in stepped}
    if others:
        derive_states(others, law)


def _void(stepped: Sequence[Written], by: User, today: dt.date, law: Law) -> None:
    cases = [case.pk for _, case in stepped]
    told = list(CaseEvent.objects.living().filter(case=among(cases)).order_by("pk"))
    if told:
        void_many(cases, told, on=today, by=by, reason="Hoàn tác nhập liệu", law=law)


def _open(stepped: Sequence[Written], by: User, law: Law) -> None:
    openings = []
    for row, case in stepped:
        if row.before and row.before["step"]:
            step, on = row.before["step"]
            openings.append(
                CaseEvent(
                    case=case,
                    kind=CaseEvent.Kind.OPENING,
                    step=step,
                    on=dt.date.fromisoformat(on),
                    by=by,
                    reason=OPENING_REASON,
                )
            )
    if openings:
        open_many(openings, law)


def _put_back_people(changed: Sequence[Written]) -> None:
    told = [row.before["party"] for row, _ in changed if row.before and "party" in row.before]
    before = {party["pk"]: party for party in told}
    parties = list(Party.objects.filter(pk=among(before)))
    for party in parties:
        for name in OF_PARTY.values():
            setattr(party, name, before[party.pk][name])
    update_many(parties, list(OF_PARTY.values()))


def _put_back_columns(changed: Sequence[Written]) -> None:
    cases = []
    for row, case in changed:
        before = row.before or {}
        if "resettlement" in before:
            case.resettlement_need, case.entitled_plots = before["resettlement"]
        if "note" in before:
            case.note = before["note"]
        if before.keys() & {"resettlement", "note"}:
            cases.append(case)
    update_many(cases, ["resettlement_need", "entitled_plots", "note"])


# Land


def _land_that(written: Sequence[Written], was: str) -> dict[int, dict[str, Any]]:
    """What there was of each taking that was the case's own, or waiting for one."""
    return {
        land["taking"]: land
        for row, _ in written
        for land in (row.before or {}).get("land", ())
        if land["was"] == was
    }


def _restore_takings(before: Mapping[int, Mapping[str, Any]], *, free: bool) -> None:
    """Give takings the area and classes they had; let go of them where no case had them."""
    takings = list(Taking.objects.filter(pk=among(before)).defer("boundary", "boundary_web"))
    for taking in takings:
        taking.recovered_area_m2 = Decimal(before[taking.pk]["area_m2"])
        if free:
            taking.case = None
            taking.handed_over_on = taking.handed_over_area_m2 = None
    fields = ["recovered_area_m2", "case", "handed_over_on", "handed_over_area_m2"]
    update_many(takings, fields)
    TakingPart.objects.filter(taking=among(before)).delete()
    TakingPart.objects.bulk_create(
        TakingPart(taking=taking, land_class_id=int(land_class), area_m2=Decimal(area))
        for taking in takings
        for land_class, area in before[taking.pk]["parts"].items()
    )
