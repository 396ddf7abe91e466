"""Compare dossiers with what the project holds, and write what differs, in one transaction.

A dossier's key is its case code, else the exact set of its parcels in the project: never a name.
What a list says of a step becomes an opening state; a case that has moved since is left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models

from gpmb.accounts.models import User
from gpmb.clearance.models import (
    STATE_FIELDS,
    Case,
    CaseEvent,
    CaseParty,
    Law,
    Project,
    Taking,
    TakingPart,
)
from gpmb.compensation.models import Plan, PlanItem
from gpmb.importing.dossiers import Dossier
from gpmb.importing.findings import Report
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.land.models import Parcel, Party
from gpmb.law import steps
from gpmb.reference.models import LandClass

BATCH = 2000
OPENING_REASON = "Số liệu chuyển tiếp từ danh sách"
ITEMS = (
    (PlanItem.Block.LAND, "Bồi thường về đất theo danh sách"),
    (PlanItem.Block.ASSETS, "Bồi thường tài sản, cây cối theo danh sách"),
    (PlanItem.Block.SUPPORT, "Hỗ trợ theo danh sách"),
)


@dataclass
class Change:
    """What a dossier does to the project: a new case, or fields of one that differ."""

    dossier: Dossier
    case: Case | None
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.case is None


@dataclass
class DossierLoader:
    """Loads accepted dossiers into one project; call `compare`, then perhaps `write`."""

    project: Project
    run: ImportRun
    report: Report
    today: dt.date
    by: User | None = None

    def compare(self, dossiers: Sequence[Dossier]) -> list[Change]:
        """Return the changes in the order of the rows; unchanged dossiers are counted only."""
        self._read_project()
        changes = []
        for dossier in dossiers:
            change = Change(dossier, self._case_of(dossier))
            if change.case is not None:
                change.fields = self._differences(dossier, change.case)
            if change.is_new:
                self.report.created += 1
            elif change.fields:
                self.report.changed += 1
            else:
                self.report.unchanged += 1
                continue
            changes.append(change)
        return changes

    def write(self, changes: Sequence[Change]) -> None:
        """Write the changes; the caller holds the transaction and the project's lock."""
        law = Law.read()
        new = [change for change in changes if change.is_new]
        for at in range(0, len(new), BATCH):
            self._create(new[at : at + BATCH], law)
        for change in changes:
            if change.case is not None:
                self._update(change, change.case, law)

    # What is there

    def _read_project(self) -> None:
        cases = (
            Case.objects.filter(project=self.project)
            .live(on=self.today)
            .prefetch_related(
                models.Prefetch(
                    "takings",
                    Taking.objects.filter(withdrawn_on=None).prefetch_related("parts"),
                    to_attr="land",
                ),
                models.Prefetch(
                    "case_parties",
                    CaseParty.objects.current(on=self.today)
                    .filter(role="holder")
                    .select_related("party")
                    .order_by("pk"),
                    to_attr="holders",
                ),
                models.Prefetch("events", CaseEvent.objects.living().in_order(), to_attr="told"),
                models.Prefetch(
                    "plans", Plan.objects.prefetch_related("items"), to_attr="versions"
                ),
            )
        )
        self._by_code: dict[str, Case] = {}
        self._by_land: dict[frozenset[int], Case] = {}
        for case in cases:
            self._by_code[case.code] = case
            self._by_land[frozenset(t.parcel_id for t in case.land)] = case  # type: ignore[attr-defined]
        waiting = Taking.objects.filter(project=self.project, case=None, withdrawn_on=None)
        self._waiting = {t.parcel_id: t for t in waiting.prefetch_related("parts")}
        self._groups: Mapping[int, str] = dict(LandClass.objects.values_list("pk", "group"))

    def _case_of(self, dossier: Dossier) -> Case | None:
        if dossier.code:
            return self._by_code.get(dossier.code)
        return self._by_land.get(frozenset(parcel.pk for parcel in dossier.parcels))

    def _differences(self, dossier: Dossier, case: Any) -> dict[str, tuple[Any, Any]]:
        found: dict[str, tuple[Any, Any]] = {}

        def compare(name: str, old: Any, new: Any) -> None:
            if new not in (None, "") and old != new:
                found[name] = (old, new)

        party = case.holders[0].party if case.holders else None
        compare("holder", party.name if party else "", dossier.holder)
        compare("address", party.address if party else "", dossier.address)
        compare("id_number", party.id_number if party else "", dossier.id_number)
        old_areas = {t.parcel_id: t.recovered_area_m2 for t in case.land}
        wanted = zip(dossier.parcels, dossier.areas_m2, strict=True)
        compare("areas_m2", old_areas, {parcel.pk: area for parcel, area in wanted})
        classes = {part.land_class_id for t in case.land for part in t.parts.all()}
        if dossier.land_class and len(classes) <= 1:
            compare("land_class", next(iter(classes), None), dossier.land_class)
        compare("money", _money_of(case.versions), dossier.money)
        if dossier.resettlement != Case.Resettlement.UNKNOWN:
            compare("resettlement", case.resettlement_need, dossier.resettlement)
        if dossier.step != steps.PLANNED:
            compare("step", _told_step(case.told), (dossier.step, dossier.on))
        return self._without_refused(dossier, case, found)

    def _without_refused(
        self, dossier: Dossier, case: Any, found: dict[str, tuple[Any, Any]]
    ) -> dict[str, tuple[Any, Any]]:
        """Leave alone, and say, what a list may not change."""
        if "step" in found and any(event.kind != "opening" for event in case.told):
            del found["step"]
            self.report.warning(
                "case_moved_on",
                f"Hồ sơ {case.code} đã có diễn biến trong phần mềm: giữ nguyên bước, không ghi đè "
                "bằng danh sách.",
                dossier.row,
            )
        approved = [plan for plan in case.versions if plan.status != Plan.Status.DRAFT]
        if "money" in found and approved:
            del found["money"]
            self.report.warning(
                "plan_not_draft",
                f"Phương án của hồ sơ {case.code} đã {approved[-1].get_status_display().lower()}: "
                "giữ nguyên số tiền. Muốn sửa thì lập phương án điều chỉnh.",
                dossier.row,
            )
        if "areas_m2" in found and case.stage == 6:
            del found["areas_m2"]
            self.report.warning(
                "land_handed_over",
                f"Đất của hồ sơ {case.code} đã bàn giao: giữ nguyên diện tích.",
                dossier.row,
            )
        return found

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
            )
            log = [self._opening(case, dossier)] if dossier.step != steps.PLANNED else []
            group = self._groups.get(dossier.land_class or 0)
            case.refresh_state(law, log, [group] if group else [])
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
        self._note(changes, ImportRow.Action.CREATED)

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
                pk__in={p.pk for c in changes for p in c.dossier.parcels} - self._waiting.keys()
            ).values_list("pk", "boundary")
        )
        new, attached, parts = [], [], []
        for change in changes:
            dossier = change.dossier
            for parcel, area in zip(dossier.parcels, dossier.areas_m2, strict=True):
                taking = self._waiting.pop(parcel.pk, None)
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
                parts.append((taking, dossier.land_class))
        Taking.objects.bulk_create(new)
        Taking.objects.bulk_update(
            attached,
            ["case", "recovered_area_m2", "handed_over_on", "handed_over_area_m2"],
            batch_size=BATCH,
        )
        self._set_parts(parts)

    def _set_parts(self, parts: Sequence[tuple[Taking, int | None]]) -> None:
        """One land class a taking, as the list states it; mixed land stays as it was split."""
        old: dict[int, list[TakingPart]] = {}
        for part in TakingPart.objects.filter(taking__in=[taking for taking, _ in parts]):
            old.setdefault(part.taking_id, []).append(part)
        fresh, changed = [], []
        for taking, land_class in parts:
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
        TakingPart.objects.bulk_update(changed, ["land_class", "area_m2"], batch_size=BATCH)

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

    def _update(self, change: Change, case: Any, law: Law) -> None:
        if not change.fields:
            return
        dossier, fields = change.dossier, change.fields
        if fields.keys() & {"holder", "address", "id_number"} and case.holders:
            party = case.holders[0].party
            party.name = dossier.holder
            party.address = dossier.address or party.address
            party.id_number = dossier.id_number or party.id_number
            party.save()
        if fields.keys() & {"areas_m2", "land_class"}:
            wanted = dict(zip((p.pk for p in dossier.parcels), dossier.areas_m2, strict=True))
            for taking in case.land:
                taking.recovered_area_m2 = wanted.get(taking.parcel_id, taking.recovered_area_m2)
                taking.save(update_fields=["recovered_area_m2"])
            self._set_parts([(taking, dossier.land_class) for taking in case.land])
        if "money" in fields:
            PlanItem.objects.filter(plan__case=case).delete()
            plan, _ = Plan.objects.update_or_create(
                case=case,
                number=1,
                defaults={"total_vnd": sum(dossier.money or (), Decimal(0))},
            )
            PlanItem.objects.bulk_create(_items(plan, dossier.money or ()))
        if "resettlement" in fields:
            case.resettlement_need, case.entitled_plots = dossier.resettlement, dossier.plots
            case.save(update_fields=["resettlement_need", "entitled_plots"])
        if "step" in fields:
            for event in case.told:
                case.void(event, on=self.today, by=self.by, reason="Danh sách mới ghi bước khác")
            case.open_at(
                dossier.step,
                on=dossier.on or self.today,
                by=self.by,
                reason=OPENING_REASON,
                law=law,
            )
        else:
            case.refresh_state(law)
            case.save(update_fields=STATE_FIELDS)
        self._note([change], ImportRow.Action.CHANGED)

    def _note(self, changes: Sequence[Change], action: str) -> None:
        ImportRow.objects.bulk_create(
            ImportRow(
                run=self.run,
                row=change.dossier.row,
                action=action,
                model="clearance.Case",
                object_id=change.case.pk if change.case else 0,
                version_after=change.case.version if change.case else None,
                before={name: str(old) for name, (old, _) in change.fields.items()} or None,
            )
            for change in changes
        )


def _items(plan: Plan, money: Sequence[Decimal]) -> list[PlanItem]:
    return [
        PlanItem(plan=plan, order=order, block=block, description=words, amount_vnd=amount)
        for order, ((block, words), amount) in enumerate(zip(ITEMS, money, strict=False), 1)
        if amount
    ]


def _money_of(versions: Sequence[Plan]) -> tuple[Decimal, ...] | None:
    if not versions:
        return None
    amounts = {block: Decimal(0) for block, _ in ITEMS}
    for item in versions[-1].items.all():
        amounts[PlanItem.Block(item.block)] = (
            amounts.get(PlanItem.Block(item.block), Decimal(0)) + item.amount_vnd
        )
    return tuple(amounts[block] for block, _ in ITEMS)


def _told_step(told: Sequence[CaseEvent]) -> tuple[str, dt.date] | None:
    last = told[-1] if told else None
    return (last.step, last.on) if last else None
