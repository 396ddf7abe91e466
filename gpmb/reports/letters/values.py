"""What the fields say of cases, of a list, of a complaint; a few queries for any number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q

from gpmb import vn
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Deployment, Taking, TakingPart
from gpmb.compensation.models import Payment, Plan, PlanItem
from gpmb.complaints.models import Complaint
from gpmb.land.models import ParcelNumber
from gpmb.law.words import vnd_in_words
from gpmb.reports.letters.fields import LUMP_SUM_LACKS, Field, Listed

Values = dict[str, Any]


def office(on: dt.date) -> Values:
    """The writer's own fields."""
    city = Deployment.objects.filter(pk=1).values_list("city", flat=True).first() or ""
    return {
        "co_quan_tren": f"Ủy ban nhân dân thành phố {city}".strip(),
        "co_quan": "Trung tâm Phát triển quỹ đất",
        "dia_danh": city,
        "ngay": f"{on.day:02}",
        "thang": f"{on.month:02}",
        "nam": str(on.year),
    }


@dataclass
class _Land:
    parcels: list[Values] = field(default_factory=list)
    area_m2: Decimal = Decimal(0)
    units: list[str] = field(default_factory=list)


def of_cases(cases: Sequence[Case], *, on: dt.date, typed: Mapping[str, str]) -> list[Values]:
    """Return the fields of each case (with its project and officer loaded), in their order."""
    ids = [case.pk for case in cases]
    people, land, papers = _people(ids), _land(ids, on), _papers(ids)
    plans, items, settled = _money(ids)
    shared = office(on) | dict(typed)
    rows = []
    for case in cases:
        own, plan = land[case.pk], plans.get(case.pk)
        total = int(plan.total_vnd) if plan else None
        approved = plan is not None and plan.status == "approved"
        left = total - settled[case.pk] if total is not None and approved else None
        notice, decision = papers.get((case.pk, "notice")), papers.get((case.pk, "approval"))
        rows.append(
            shared
            | {
                "ten_du_an": case.project.name,
                "ma_du_an": case.project.code,
                "chu_dau_tu": case.project.investor.name if case.project.investor else "",
                "ma_ho_so": case.code,
                "ten_ho": ", ".join(row.party.name for row in people[case.pk]),
                "so_cccd": ", ".join(
                    row.party.id_number for row in people[case.pk] if row.party.id_number
                ),
                "dia_chi": next((r.party.address for r in people[case.pk] if r.party.address), ""),
                "xa_phuong": ", ".join(own.units),
                "can_bo": str(case.officer) if case.officer else "",
                "so_thua_dat": str(len({(p["to_ban_do"], p["so_thua"]) for p in own.parcels})),
                "tong_dien_tich": vn.grouped(own.area_m2, 1) if own.parcels else "",
                "so_thong_bao": notice.number if notice else "",
                "ngay_thong_bao": vn.day(notice.signed_on) if notice else "",
                "so_quyet_dinh": decision.number if decision else "",
                "ngay_quyet_dinh": vn.day(decision.signed_on) if decision else "",
                **_amount("tong_tien", total),
                **_amount("con_nhan", left),
                "cac_thua": own.parcels,
                "cac_khoan": items[plan.pk] if plan else [],
            }
        )
    return rows


def of_list(cases: Sequence[Case], *, on: dt.date, typed: Mapping[str, str]) -> Values:
    """Return the fields of one paper about all these cases, which are of one project."""
    rows = of_cases(cases, on=on, typed=typed)
    land = _land([case.pk for case in cases], on)
    plans, _, _ = _money([case.pk for case in cases])
    area = sum((each.area_m2 for each in land.values()), Decimal(0))
    total = sum(int(plan.total_vnd) for plan in plans.values())
    households = [
        {
            "stt": str(number),
            **{name: row[name] for name in ("ma_ho_so", "ten_ho", "dia_chi", "tong_tien")},
            "thua_dat": "; ".join(
                dict.fromkeys(f"{p['to_ban_do']}/{p['so_thua']}" for p in row["cac_thua"])
            ),
            "dien_tich": row["tong_dien_tich"],
        }
        for number, row in enumerate(rows, start=1)
    ]
    units = dict.fromkeys(unit for each in land.values() for unit in each.units)
    shared = ("ten_du_an", "ma_du_an", "chu_dau_tu")
    return (
        office(on)
        | dict(typed)
        | {name: rows[0][name] for name in shared}
        | {
            "xa_phuong": ", ".join(units),
            "so_ho": vn.num(len(cases)),
            "so_thua_dat": vn.num(sum(int(row["so_thua_dat"]) for row in rows)),
            "tong_dien_tich": vn.grouped(area, 1),
            "tong_dien_tich_ha": vn.grouped(area / 10_000, 2),
            **_amount("tong_tien", total or None),
            "cac_ho": households,
        }
    )


def of_complaint(complaint: Complaint, *, on: dt.date) -> Values:
    """Return the fields of a letter of complaint; the caller has checked who may read it.

    `complaint` comes with the land that the reader may know (`with_land`).
    """
    people = [row.party.name for row in complaint.complaint_parties.select_related("party")]
    clock = next((each for each in complaint.clocks() if each.what == "Giải quyết"), None)
    return office(on) | {
        "so_tiep_nhan": complaint.serial,
        "loai_don": complaint.get_kind_display().lower(),
        "nguoi_gui": ", ".join(people),
        "ngay_nhan": vn.day(complaint.received_on),
        "so_nguoi": str(complaint.people_count),
        "ma_ho_so": ", ".join(complaint.case_codes),
        "thua_dat": ", ".join(filter(None, complaint.parcel_numbers)),
        "ve_viec": complaint.get_topic_display().lower() if complaint.topic else "",
        "ngay_thu_ly": vn.day(complaint.accepted_on) if complaint.accepted_on else "",
        "han_giai_quyet": vn.day(complaint.due_on) if complaint.due_on else "",
        "can_cu_han": clock.article if clock else "",
    }


def missing(values: Values, used: Mapping[str, Field | Listed]) -> list[str]:
    """Return the labels of the used fields that say nothing, those of a list's rows once."""
    empty = []
    for name, known in used.items():
        value = values.get(name)
        if not value:
            empty.append(known.label)
        elif isinstance(known, Listed):
            lacking = {key for row in value for key in known.fields if not row.get(key)}
            lacking -= LUMP_SUM_LACKS
            empty += [f"{known.label}: {known.fields[key].label}" for key in sorted(lacking)]
    return empty


def _amount(name: str, amount_vnd: int | None) -> Values:
    if amount_vnd is None:
        return {name: "", f"{name}_chu": ""}
    return {name: vn.grouped(amount_vnd), f"{name}_chu": vnd_in_words(max(amount_vnd, 0))}


def _people(ids: Iterable[int]) -> dict[int, list[CaseParty]]:
    found: dict[int, list[CaseParty]] = defaultdict(list)
    rows = CaseParty.objects.filter(case__in=ids, valid_to__isnull=True).select_related("party")
    for row in rows.order_by("pk"):
        found[row.case_id].append(row)
    return found


def _land(ids: Sequence[int], on: dt.date) -> dict[int, _Land]:
    found: dict[int, _Land] = defaultdict(_Land)
    takings = Taking.objects.live(on=on).filter(case__in=ids).select_related("parcel__unit")
    takings = takings.order_by("case", "pk").defer("boundary", "parcel__boundary")
    numbers: dict[int, ParcelNumber] = {}
    named = ParcelNumber.objects.filter(parcel__takings__case__in=ids, valid_to=None)
    for row in named.filter(Q(kind="current") | Q(kind="extract")).order_by("-kind"):
        numbers[row.parcel_id] = row
    parts: dict[int, list[TakingPart]] = defaultdict(list)
    pieces = TakingPart.objects.filter(taking__case__in=ids).select_related("land_class")
    for part in pieces.order_by("pk"):
        parts[part.taking_id].append(part)
    for taking in takings:
        own = found[taking.case_id or 0]
        own.area_m2 += taking.recovered_area_m2
        unit, number = str(taking.parcel.unit), numbers.get(taking.parcel_id)
        if unit not in own.units:
            own.units.append(unit)
        for part in parts[taking.pk] or [None]:  # type: ignore[list-item]
            area = part.area_m2 if part else taking.recovered_area_m2
            own.parcels.append(
                {
                    "stt": str(len(own.parcels) + 1),
                    "to_ban_do": number.sheet if number else "",
                    "so_thua": number.number if number else "",
                    "loai_dat": part.land_class.code if part else "",
                    "xa_phuong": unit,
                    "dien_tich": vn.grouped(area, 1),
                }
            )
    return found


def _papers(ids: Iterable[int]) -> dict[tuple[int, str], Any]:
    events = CaseEvent.objects.living().filter(
        case__in=ids, step__in=("notice", "approval"), document__isnull=False
    )
    return {
        (event.case_id, event.step): event.document
        for event in events.select_related("document").in_order()
    }


def _money(
    ids: Sequence[int],
) -> tuple[dict[int, Plan], dict[int, list[Values]], dict[int, int]]:
    """Return (plan by case: the approved one, else the latest; its lines; what is settled)."""
    plans: dict[int, Plan] = {}
    for plan in Plan.objects.filter(case__in=ids).order_by("number"):
        known = plans.get(plan.case_id)
        if known is None or known.status != "approved" or plan.status == "approved":
            plans[plan.case_id] = plan
    items: dict[int, list[Values]] = defaultdict(list)
    kept = [plan.pk for plan in plans.values()]
    for item in PlanItem.objects.filter(plan__in=kept).order_by("plan", "order", "pk"):
        lump = item.unit_price_vnd is None
        items[item.plan_id].append(
            {
                "stt": str(len(items[item.plan_id]) + 1),
                "khoan_muc": item.get_block_display(),
                "noi_dung": item.description,
                "khoi_luong": "" if lump else vn.grouped(item.quantity, 1),
                "don_vi": item.unit,
                "don_gia": "" if lump else vn.grouped(item.unit_price_vnd or 0),
                "thanh_tien": vn.grouped(item.amount_vnd),
            }
        )
    settled: dict[int, int] = defaultdict(int)
    paid = Payment.objects.filter(
        case__in=ids, kind__in=("payment", "deposit"), approved_by__isnull=False
    )
    for payment in paid:
        settled[payment.case_id] += int(payment.amount_vnd)
    return plans, items, settled
