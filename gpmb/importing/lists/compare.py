"""Compare dossiers with what the project holds: new, changed field by field, or the same.

A dossier's key is its case code, else the exact set of its parcels in the project: never a name.
A case that has moved since, a plan past its draft, land handed over are left alone, and said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from django.db import models

from gpmb.clearance.models import Case, CaseEvent, CaseParty, Project, Taking
from gpmb.clearance.models.case import CaseQuerySet
from gpmb.compensation.models import Plan, PlanItem
from gpmb.importing.columns import fold
from gpmb.importing.findings import Report, Shown
from gpmb.importing.lists.columns import ListField
from gpmb.importing.lists.dossiers import Dossier
from gpmb.importing.lists.land import AREA_TOLERANCE_M2
from gpmb.importing.numbers import vn
from gpmb.law import steps
from gpmb.many import among
from gpmb.reference.models import LandClass

ITEMS = (
    (PlanItem.Block.LAND, "Bồi thường về đất theo danh sách"),
    (PlanItem.Block.ASSETS, "Bồi thường tài sản, cây cối theo danh sách"),
    (PlanItem.Block.SUPPORT, "Hỗ trợ theo danh sách"),
)
SHAPES = ("boundary", "boundary_web")
"""Of a taking: lists say nothing of them, and reading them costs most."""
ITEM_WORDS = {words for _, words in ITEMS}
FIELDS = {
    "holder": "Chủ sử dụng",
    "address": "Địa chỉ",
    "id_number": "Số CCCD",
    "areas_m2": "Thu hồi (m²)",
    "land_class": "Loại đất",
    "classes": "Loại đất",
    "money": "Tổng cộng (đồng)",
    "resettlement": "Tái định cư",
    "note": "Ghi chú",
    "step": "Bước",
}


@dataclass
class Change:
    """What a dossier does to the project: a new case, or fields of one that differ."""

    dossier: Dossier
    case: Case | None
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    """What an undo needs to put back: filled while writing."""

    @property
    def is_new(self) -> bool:
        return self.case is None


class _Unclear(Exception):
    """Several cases stand on exactly this land: their codes."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self.codes = codes


@dataclass
class Comparison:
    """What dossiers would do to one project."""

    project: Project
    report: Report
    today: dt.date
    groups: Mapping[int, str] = field(default_factory=dict)
    """Land group of each land class."""
    titles: Mapping[ListField, str] = field(default_factory=dict)
    """What the sheet calls a field: the cell that is at fault."""

    def compare(self, dossiers: Sequence[Dossier]) -> list[Change]:
        """Return the changes in the order of the rows; unchanged dossiers are counted only."""
        self._read(dossiers)
        changes = []
        pairs = []
        for dossier in dossiers:
            try:
                pairs.append((dossier, self._case_of(dossier)))
            except _Unclear as error:
                self.report.refuse(
                    "several_cases_on_land",
                    f"Cùng các thửa này có {len(error.codes)} hồ sơ ({', '.join(error.codes)}) và "
                    "tên chủ không nói rõ hồ sơ nào. Ghi mã hồ sơ vào dòng.",
                    dossier.row,
                )
                self.report.refuse_together(dossier.rows)
        named = {case.pk for _, case in pairs if case is not None}
        for dossier, case in pairs:
            if self._refused(dossier, case, named):
                self.report.refuse_together(dossier.rows)
                continue
            change = Change(dossier, case)
            if case is not None:
                change.fields = self._differences(dossier, case)
            if change.is_new:
                self.report.created += len(dossier.rows)
            elif change.fields:
                self.report.changed += len(dossier.rows)
            else:
                self.report.unchanged += len(dossier.rows)
                continue
            if self.report.has_room("created" if change.is_new else "changed"):
                self.report.show(self._shown(change))
            changes.append(change)
        return changes

    def _refused(self, dossier: Dossier, case: Case | None, named: set[int]) -> bool:
        """Refuse a new case without land or holder, and land that other cases have taken."""
        if case is None and not (dossier.holder and dossier.parcels and dossier.areas_m2):
            near = get_close_matches(dossier.code.upper(), self._all_codes, 3, 0.7)
            offer = f" Gần nhất: {', '.join(near)}." if near else ""
            self.report.refuse(
                "unknown_case",
                f"Không có hồ sơ mã {dossier.code} trong dự án này.{offer} Sửa mã, hoặc ghi đủ "
                "chủ sử dụng, tờ, thửa, diện tích thu hồi để lập hồ sơ mới.",
                dossier.row,
                self.titles.get(ListField.CODE, ""),
            )
            return True
        refused = False
        for parcel, area in zip(dossier.parcels, dossier.areas_m2, strict=True):
            held = [
                taking
                for taking in self._held.get(parcel.pk, ())
                if taking.case_id not in named and taking.case_id != getattr(case, "pk", None)
            ]
            if not held:
                continue
            used = sum((taking.recovered_area_m2 for taking in held), Decimal(0))
            others = ", ".join(self._codes[taking.case_id or 0] for taking in held)
            full = parcel.area_m2 and used + area > parcel.area_m2 + AREA_TOLERANCE_M2
            if full and not dossier.estimated:
                refused = True
                self.report.refuse(
                    "parcel_taken_twice",
                    f"Thửa {parcel.key} đã thu hồi {vn(used)} m² ở hồ sơ {others}; cộng thêm "
                    f"{vn(area)} m² thì quá {vn(parcel.area_m2 or 0)} m² của thửa.",
                    dossier.row,
                    self.titles.get(ListField.RECOVERED_AREA, ""),
                )
            else:
                self.report.warning(
                    "two_dossiers_on_parcel",
                    f"Thửa {parcel.key} cũng có ở hồ sơ {others}.",
                    dossier.row,
                )
        return refused

    def _shown(self, change: Change) -> Shown:
        dossier, case = change.dossier, change.case
        if case is None:
            land = ", ".join(parcel.key for parcel in dossier.parcels)
            fields = [
                ("Tờ/thửa", "", land),
                ("Thu hồi (m²)", "", vn(sum(dossier.areas_m2, Decimal(0)))),
                ("Tổng cộng (đồng)", "", vn(sum(dossier.money)) if dossier.money else ""),
                ("Bước", "", _step_words((dossier.step, dossier.on))),
                ("Ghi chú", "", dossier.note),
            ]
            label = " · ".join(filter(None, [dossier.code, dossier.holder]))
            return Shown(dossier.row, "created", label, tuple(f for f in fields if f[2]))
        words = [
            (FIELDS[name], self._words(name, old), self._words(name, new))
            for name, (old, new) in change.fields.items()
        ]
        label = " · ".join(filter(None, [case.code, dossier.holder]))
        return Shown(dossier.row, "changed", label, tuple(words))

    def _words(self, name: str, value: Any) -> str:
        """A compared value as a person reads it."""
        if value in (None, "", {}):
            return "chưa có"
        if name == "areas_m2":
            return ", ".join(
                f"{self._keys.get(pk, '')}: {'chưa có' if m2 is None else vn(m2)}"
                for pk, m2 in value.items()
            )
        if name == "land_class":
            return self._class_codes.get(value, "")
        if name == "classes":
            pairs = [pair for parts in value.values() for pair in parts.items()]
            sums = {pk: sum((m2 for at, m2 in pairs if at == pk), Decimal(0)) for pk, _ in pairs}
            return ", ".join(
                f"{self._class_codes.get(pk, '')} {vn(m2)} m²" for pk, m2 in sums.items()
            )
        if name == "money":
            return vn(sum(value, Decimal(0)))
        if name == "resettlement":
            need, plots = value
            return f"{Case.Resettlement(need).label}{f', {plots} lô' if plots else ''}"
        return _step_words(value) if name == "step" else str(value)

    def _read(self, dossiers: Sequence[Dossier]) -> None:
        """Read the cases that dossiers may mean, by code or by land: reading follows the list,
        not the project."""
        self._parcels = {parcel.pk for dossier in dossiers for parcel in dossier.parcels}
        taken = Taking.objects.filter(
            project=self.project, withdrawn_on=None, parcel=among(self._parcels)
        )
        on_land = taken.exclude(case=None).values_list("case_id", flat=True)
        codes = {dossier.code for dossier in dossiers if dossier.code}
        cases = (
            self._live_cases()
            .filter(models.Q(code__in=codes) | models.Q(pk=among(set(on_land))))
            .prefetch_related(
                models.Prefetch(
                    "takings",
                    Taking.objects.filter(withdrawn_on=None)
                    .defer(*SHAPES)
                    .prefetch_related("parts"),
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
        self._by_land: dict[frozenset[int], list[Any]] = {}
        for case in cases:
            self._by_code[case.code] = case
            land = frozenset(t.parcel_id for t in case.land)  # type: ignore[attr-defined]
            self._by_land.setdefault(land, []).append(case)
        self._codes = {case.pk: case.code for case in self._by_code.values()}
        self._held: dict[int, list[Taking]] = {}
        for case in self._by_code.values():
            for taking in case.land:  # type: ignore[attr-defined]
                self._held.setdefault(taking.parcel_id, []).append(taking)
        classes = list(LandClass.objects.values_list("pk", "group", "code"))
        self.groups = {pk: group for pk, group, _ in classes}
        self._class_codes = {pk: code for pk, _, code in classes}
        self._keys: dict[int, str] = {}

    def _live_cases(self) -> CaseQuerySet:
        return Case.objects.filter(project=self.project).live(on=self.today)

    @cached_property
    def _all_codes(self) -> list[str]:
        return list(self._live_cases().values_list("code", flat=True))

    @cached_property
    def waiting(self) -> dict[int, Taking]:
        """Takings of the list's parcels that have no case: for writing, no preview needs them."""
        waiting = Taking.objects.filter(
            project=self.project, case=None, withdrawn_on=None, parcel=among(self._parcels)
        )
        return {t.parcel_id: t for t in waiting.defer(*SHAPES).prefetch_related("parts")}

    def _case_of(self, dossier: Dossier) -> Case | None:
        """Find a case by its code, else by its land; several on the same land by their holders.

        Raises `_Unclear` where the holder doesn't tell them apart.
        """
        if dossier.code:
            return self._by_code.get(dossier.code)
        cases = self._by_land.get(frozenset(parcel.pk for parcel in dossier.parcels), [])
        if len(cases) <= 1:
            return cases[0] if cases else None
        named = [
            case
            for case in cases
            if any(fold(held.party.name) == fold(dossier.holder) for held in case.holders)
        ]
        if len(named) == 1:
            return named[0]  # type: ignore[no-any-return]
        raise _Unclear([case.code for case in cases])

    def _differences(self, dossier: Dossier, case: Any) -> dict[str, tuple[Any, Any]]:
        found: dict[str, tuple[Any, Any]] = {}

        def compare(name: str, old: Any, new: Any) -> None:
            if new not in (None, "") and old != new:
                found[name] = (old, new)

        party = case.holders[0].party if case.holders else None
        compare("holder", party.name if party else "", dossier.holder)
        compare("address", party.address if party else "", dossier.address)
        compare("id_number", party.id_number if party else "", dossier.id_number)
        compare("note", case.note, dossier.note)
        own = {t.parcel_id: t.recovered_area_m2 for t in case.land}
        wanted = {p.pk: area for p, area in zip(dossier.parcels, dossier.areas_m2, strict=True)}
        differ = {pk: area for pk, area in wanted.items() if own.get(pk) != area}
        if differ:
            self._keys |= {parcel.pk: parcel.key for parcel in dossier.parcels}
            found["areas_m2"] = ({pk: own.get(pk) for pk in differ}, differ)
        if wanted and own.keys() - wanted.keys():
            self.report.warning(
                "parcels_not_in_list",
                f"Hồ sơ {case.code} còn {len(own.keys() - wanted.keys())} thửa không có trong "
                "danh sách: giữ nguyên. Muốn bỏ thì rút thửa trên trang hồ sơ.",
                dossier.row,
            )
        classes = {part.land_class_id for t in case.land for part in t.parts.all()}
        if dossier.land_class and len(classes) <= 1:
            compare("land_class", next(iter(classes), None), dossier.land_class)
        if dossier.classes:
            parts = {
                t.parcel_id: {p.land_class_id: p.area_m2 for p in t.parts.all()} for t in case.land
            }
            said = {pk: dict(areas) for pk, areas in dossier.classes.items()}
            compare("classes", {pk: parts.get(pk, {}) for pk in said}, said)
        compare("money", _money_of(case.versions), dossier.money)
        if dossier.resettlement != Case.Resettlement.UNKNOWN:
            compare(
                "resettlement",
                (case.resettlement_need, case.entitled_plots),
                (dossier.resettlement, dossier.plots),
            )
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
        detailed = [
            item
            for plan in case.versions[-1:]
            for item in plan.items.all()
            if item.description not in ITEM_WORDS
        ]
        if "money" in found and detailed:
            del found["money"]
            self.report.warning(
                "plan_detailed",
                f"Phương án của hồ sơ {case.code} đã lập chi tiết từng khoản: giữ nguyên, không "
                "thay bằng số tổng hợp của danh sách.",
                dossier.row,
            )
        if found.keys() & {"areas_m2", "classes"} and case.stage == 6:
            found = {k: v for k, v in found.items() if k not in ("areas_m2", "classes")}
            self.report.warning(
                "land_handed_over",
                f"Đất của hồ sơ {case.code} đã bàn giao: giữ nguyên diện tích.",
                dossier.row,
            )
        return found


def _step_words(value: Any) -> str:
    if not value or value[0] == steps.PLANNED:
        return ""
    code, on = value
    return f"{steps.step(code).label}{f' {on:%d/%m/%Y}' if on else ''}"


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
