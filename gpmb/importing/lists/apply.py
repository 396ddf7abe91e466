"""Write compared dossiers into their project, and note what an undo needs.

What a list says of a step becomes an opening state: moves that nobody recorded are not invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    Case,
    CaseEvent,
    CaseParty,
    Law,
    Project,
    Taking,
    TakingPart,
)
from gpmb.clearance.moves import derive_states, open_many, void_many
from gpmb.compensation.models import Plan, PlanItem
from gpmb.importing.findings import Progress
from gpmb.importing.lists.case_state import states_of
from gpmb.importing.lists.compare import ITEMS, Change, Comparison
from gpmb.importing.lists.dossiers import Dossier
from gpmb.importing.lists.land import KnownParcel
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.land.models import Parcel, Party
from gpmb.law import steps
from gpmb.many import among, update_many

BATCH = 2000
WRITING = "Ghi vào cơ sở dữ liệu"
OPENING_REASON = "Số liệu chuyển tiếp từ danh sách"
OF_PARTY = {"holder": "name", "address": "address", "id_number": "id_number"}
"""What a list says of a holder, and the column of `Party` that keeps it."""
_LAND = {"areas_m2", "land_class", "classes"}
PartsOf = tuple[Taking, int | None, Mapping[int, Decimal] | None]
"""A taking, its one land class, or the m² of each of several."""


@dataclass
class DossierLoader:
    """Writes compared dossiers into one project."""

    compared: Comparison
    run: ImportRun
    today: dt.date
    by: User | None = None
    progress: Progress = lambda what, done, total: None

    @property
    def project(self) -> Project:
        return self.compared.project

    def write(self, changes: Sequence[Change]) -> bool:
        """Write the changes, or say that a case moved since it was compared and write nothing.

        The caller holds the transaction and the project's lock.
        """
        if self._moved(changes):
            self.compared.report.went_stale()
            return False
        law = Law.read()
        new = [change for change in changes if change.is_new]
        for at in range(0, len(new), BATCH):
            self.progress(WRITING, at, len(changes))
            self._create(new[at : at + BATCH], law)
        old = [change for change in changes if change.fields]
        for at in range(0, len(old), BATCH):
            self.progress(WRITING, len(new) + at, len(changes))
            self._update(old[at : at + BATCH], law)
        self._note(changes)
        return True

    def _moved(self, changes: Sequence[Change]) -> bool:
        """Lock the cases that change, all before the first write as a bulk run does; say whether
        one of them is no longer the one that was compared."""
        read = {change.case.pk: change.case.version for change in changes if change.case}
        rows = Case.objects.filter(pk=among(read)).order_by("pk")
        locked = rows.select_for_update(of=("self",), no_key=True)
        return dict(locked.values_list("pk", "version")) != read

    # New cases

    def _create(self, changes: Sequence[Change], law: Law) -> None:
        number = self._last_number()
        cases, parties = [], []
        for change in changes:
            dossier = change.dossier
            if not dossier.code:
                number += 1
            case = Case(
                project=self.project,
                code=dossier.code or f"{self.project.code}-{number:04}",
                resettlement_need=dossier.resettlement,
                entitled_plots=dossier.plots,
                note=dossier.note,
            )
            log = [self._opening(case, dossier)] if dossier.step != steps.PLANNED else []
            case.refresh_state(law, log, self._groups(dossier))
            cases.append(case)
            parties.append(
                Party(name=dossier.holder, address=dossier.address, id_number=dossier.id_number)
            )
        Case.objects.bulk_create(cases)
        Party.objects.bulk_create(parties)
        CaseParty.objects.bulk_create(
            CaseParty(case=case, party=party) for case, party in zip(cases, parties, strict=True)
        )
        CaseEvent.objects.bulk_create(
            self._opening(case, change.dossier)
            for case, change in zip(cases, changes, strict=True)
            if change.dossier.step != steps.PLANNED
        )
        for case, change in zip(cases, changes, strict=True):
            change.case = case
        self._attach_land(changes)
        self._create_plans(changes)

    def _groups(self, dossier: Dossier) -> list[str]:
        """Land groups of a dossier: they decide its waits."""
        several = {pk for parts in dossier.classes.values() for pk in parts}
        classes = several or {dossier.land_class or 0}
        known = self.compared.groups
        return sorted({known[pk] for pk in classes if pk in known})

    def _opening(self, case: Case, dossier: Dossier) -> CaseEvent:
        return CaseEvent(
            case=case,
            kind=CaseEvent.Kind.OPENING,
            step=dossier.step,
            on=dossier.on or self.today,
            by=self.by,
            reason=OPENING_REASON,
        )

    def _last_number(self) -> int:
        prefix = f"{self.project.code}-"
        codes = Case.objects.filter(project=self.project, code__startswith=prefix)
        found = codes.values_list("code", flat=True)
        numbers = [code[len(prefix) :] for code in found]
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def _attach_land(self, changes: Sequence[Change]) -> None:
        """Attach takings that wait for a case; make the ones the survey lacked."""
        shapes = dict(
            Parcel.objects.filter(
                pk__in={p.pk for c in changes for p in c.dossier.parcels}
                - self.compared.waiting.keys()
            ).values_list("pk", "boundary")
        )
        new, attached, parts = [], [], list[PartsOf]()
        for change in changes:
            dossier = change.dossier
            for parcel, area in zip(dossier.parcels, dossier.areas_m2, strict=True):
                taking = self.compared.waiting.pop(parcel.pk, None)
                change.before.setdefault("land", []).append(_land_before(parcel, taking))
                if taking is None:
                    taking = Taking(
                        project=self.project, parcel_id=parcel.pk, boundary=shapes.get(parcel.pk)
                    )
                    new.append(taking)
                else:
                    attached.append(taking)
                taking.case = change.case
                taking.recovered_area_m2 = area
                if dossier.step == "handover":
                    taking.handed_over_on, taking.handed_over_area_m2 = dossier.on, area
                parts.append((taking, dossier.land_class, dossier.classes.get(parcel.pk)))
        Taking.objects.bulk_create(new)
        update_many(
            attached, ["case", "recovered_area_m2", "handed_over_on", "handed_over_area_m2"]
        )
        self._set_parts(parts)

    def _set_parts(self, parts: Sequence[PartsOf]) -> None:
        """One land class a taking, or the several its rows state; else it stays as split."""
        stated = [taking.pk for taking, _, classes in parts if classes]
        if stated:
            TakingPart.objects.filter(taking__in=stated).delete()
        old: dict[int, list[TakingPart]] = {}
        for part in TakingPart.objects.filter(taking__in=[taking for taking, _, _ in parts]):
            old.setdefault(part.taking_id, []).append(part)
        fresh, changed = [], []
        for taking, land_class, classes in parts:
            if classes:
                fresh += [
                    TakingPart(taking=taking, land_class_id=pk, area_m2=area)
                    for pk, area in classes.items()
                ]
                continue
            have = old.get(taking.pk, [])
            if len(have) == 1:
                have[0].land_class_id = land_class or have[0].land_class_id
                have[0].area_m2 = taking.recovered_area_m2
                changed.append(have[0])
            elif not have and land_class:
                fresh.append(
                    TakingPart(
                        taking=taking, land_class_id=land_class, area_m2=taking.recovered_area_m2
                    )
                )
        TakingPart.objects.bulk_create(fresh)
        update_many(changed, ["land_class", "area_m2"])

    def _create_plans(self, changes: Sequence[Change]) -> None:
        priced = [change for change in changes if change.dossier.money]
        plans = [
            Plan(case=change.case, total_vnd=sum(change.dossier.money or (), Decimal(0)))
            for change in priced
        ]
        Plan.objects.bulk_create(plans)
        PlanItem.objects.bulk_create(
            item
            for plan, change in zip(plans, priced, strict=True)
            for item in _items(plan, change.dossier.money or ())
        )

    # Changed cases

    def _update(self, changes: Sequence[Change], law: Law) -> None:
        """Write what differs, each kind of field by a few statements for all the cases."""
        self._update_people([c for c in changes if c.fields.keys() & OF_PARTY])
        self._amend([c for c in changes if c.fields.keys() & {"resettlement", "note"}])
        self._update_land([c for c in changes if c.fields.keys() & _LAND])
        self._update_money([c for c in changes if "money" in c.fields])
        self._update_steps([c for c in changes if "step" in c.fields], law)
        # What a step's waits go by; one that is opened anew was derived with it.
        waits = [c for c in changes if c.fields.keys() & {"resettlement", *_LAND}]
        derive_states([c.case.pk for c in waits if c.case and "step" not in c.fields], law)

    def _update_people(self, changes: Sequence[Change]) -> None:
        parties: dict[int, Party] = {}  # one may hold several cases of the list
        for change in changes:
            case: Any = change.case
            if not case.holders:
                continue
            held = case.holders[0].party
            change.before["party"] = {"pk": held.pk} | {
                name: getattr(held, name) for name in OF_PARTY.values()
            }
            party = parties.setdefault(held.pk, held)
            for field, name in OF_PARTY.items():
                if field in change.fields:
                    setattr(party, name, change.fields[field][1])
        update_many(list(parties.values()), list(OF_PARTY.values()))

    def _amend(self, changes: Sequence[Change]) -> None:
        cases = []
        for change in changes:
            case: Any = change.case
            if "resettlement" in change.fields:
                change.before["resettlement"] = list(change.fields["resettlement"][0])
                case.resettlement_need = change.dossier.resettlement
                case.entitled_plots = change.dossier.plots
            if "note" in change.fields:
                change.before["note"], case.note = change.fields["note"][0], change.dossier.note
            cases.append(case)
        update_many(cases, ["resettlement_need", "entitled_plots", "note"])

    def _update_steps(self, changes: Sequence[Change], law: Law) -> None:
        """Void what a list before said, and open the cases where this one says they stand."""
        told: list[CaseEvent] = []
        openings = []
        for change in changes:
            case: Any = change.case
            old = change.fields["step"][0]
            change.before["step"] = [old[0], old[1].isoformat()] if old else None
            told += case.told
            openings.append(self._opening(case, change.dossier))
        if told:
            why = "Danh sách mới ghi bước khác"
            cases = {event.case_id for event in told}
            void_many(cases, told, on=self.today, by=self.by, reason=why, law=law)
        if openings:
            open_many(openings, law)

    def _update_land(self, changes: Sequence[Change]) -> None:
        """Set the areas and classes a list gives; parcels it adds become takings of the case."""
        takings, parts = list[Taking](), list[PartsOf]()
        extras: list[tuple[Change, Change]] = []
        for change in changes:
            dossier, case = change.dossier, change.case
            land: list[Taking] = case.land  # type: ignore[union-attr]
            own = {taking.parcel_id: taking for taking in land}
            added = [
                (parcel, area)
                for parcel, area in zip(dossier.parcels, dossier.areas_m2, strict=True)
                if parcel.pk not in own
            ]
            touched = [own[parcel.pk] for parcel in dossier.parcels if parcel.pk in own] or land
            wanted = dict(zip((p.pk for p in dossier.parcels), dossier.areas_m2, strict=True))
            change.before["land"] = [_land_before(None, taking, own=True) for taking in touched]
            if added:
                parcels, areas = zip(*added, strict=True)
                extra = Change(replace(dossier, parcels=parcels, areas_m2=areas, step=""), case)
                extras.append((change, extra))
            for taking in touched:
                taking.recovered_area_m2 = wanted.get(taking.parcel_id, taking.recovered_area_m2)
            takings += touched
            parts += [(t, dossier.land_class, dossier.classes.get(t.parcel_id)) for t in touched]
        if extras:
            self._attach_land([extra for _, extra in extras])
            for change, extra in extras:
                change.before["land"] += extra.before["land"]
        update_many(takings, ["recovered_area_m2"])
        self._set_parts(parts)

    def _update_money(self, changes: Sequence[Change]) -> None:
        sums: dict[int, Sequence[Decimal]] = {}
        for change in changes:
            change.before["money"] = [str(amount) for amount in change.fields["money"][0] or ()]
            if change.case and change.dossier.money:
                sums[change.case.pk] = change.dossier.money
        set_money(sums)

    def _note(self, changes: Sequence[Change]) -> None:
        """Keep for each row what was there, and a print of what is there now."""
        after = states_of([change.case.pk for change in changes if change.case])
        rows = []
        for change in changes:
            if change.case is None:
                continue
            if len(change.dossier.rows) > 1:
                change.before["rows"] = len(change.dossier.rows)
            rows.append(
                ImportRow(
                    run=self.run,
                    row=change.dossier.row,
                    action="changed" if change.fields else "created",
                    model="clearance.Case",
                    object_id=change.case.pk,
                    version_after=after[change.case.pk].pop("version"),
                    before=change.before,
                    after=after[change.case.pk],
                )
            )
        ImportRow.objects.bulk_create(rows, batch_size=BATCH)


def _land_before(
    parcel: KnownParcel | None, taking: Taking | None, *, own: bool = False
) -> dict[str, Any]:
    """What an undo puts back of one taking: the case's own, one that waited, or none."""
    if taking is None:
        return {"was": "new", "parcel": parcel.pk if parcel else None}
    return {
        "was": "own" if own else "waiting",
        "taking": taking.pk,
        "area_m2": str(taking.recovered_area_m2),
        "parts": {part.land_class_id: str(part.area_m2) for part in taking.parts.all()},
    }


def set_money(sums: Mapping[int, Sequence[Decimal]]) -> None:
    """Make the draft plan of each case (primary key) say the sums of a list; none at all takes
    the draft away."""
    first = Plan.objects.filter(number=1)
    bare = [case for case, money in sums.items() if not money]
    if bare:
        first.filter(case=among(bare), status=Plan.Status.DRAFT).delete()
    said = {case: money for case, money in sums.items() if money}
    known = {plan.case_id: plan for plan in first.filter(case=among(said))}
    fresh, plans = list[Plan](), list[Plan]()
    for case, money in said.items():
        plan = known.get(case)
        if plan is None:
            plan = Plan(case_id=case)
            fresh.append(plan)
        plan.total_vnd = sum(money, Decimal(0))
        plans.append(plan)
    PlanItem.objects.filter(plan=among([plan.pk for plan in known.values()])).delete()
    update_many(list(known.values()), ["total_vnd"])
    Plan.objects.bulk_create(fresh)
    PlanItem.objects.bulk_create(
        item
        for plan, money in zip(plans, said.values(), strict=True)
        for item in _items(plan, money)
    )


def _items(plan: Plan, money: Sequence[Decimal]) -> list[PlanItem]:
    return [
        PlanItem(plan=plan, order=order, block=block, description=words, amount_vnd=amount)
        for order, ((block, words), amount) in enumerate(zip(ITEMS, money, strict=False), 1)
        if amount
    ]
