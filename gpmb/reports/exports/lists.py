"""Lists as workbooks: one to print and sign, one that `import_workbook` reads back unchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Prefetch

from gpmb.clearance.models import Case, CaseEvent, CaseParty, Project, Taking
from gpmb.compensation.models import Plan, PlanItem
from gpmb.land.models import AdministrativeUnit
from gpmb.law import steps
from gpmb.reports.exports.content import Content, Line
from gpmb.reports.long_sheet import LongSheet

BATCH = 1000
_DAY, _AREA, _MONEY = "dd/mm/yyyy", "#,##0.00", "#,##0"

# Title, width, number format, total; names and money for those who may see them.
Column = tuple[str, int, str, bool]
PUBLIC: tuple[Column, ...] = (
    ("STT", 6, "", False),
    ("Mã hồ sơ", 16, "", False),
    ("Xã, phường", 16, "", False),
    ("Tờ bản đồ", 8, "", False),
    ("Số thửa", 8, "", False),
    ("Loại đất", 9, "", False),
    ("Diện tích thửa (m²)", 13, _AREA, False),
    ("Diện tích thu hồi (m²)", 13, _AREA, True),
    ("Bước", 26, "", False),
    ("Ngày", 11, _DAY, False),
    ("Hạn bước tiếp", 11, _DAY, False),
    ("Bàn giao ngày", 11, _DAY, False),
)
PERSONAL: tuple[Column, ...] = (
    ("Họ và tên", 26, "", False),
    ("Địa chỉ", 24, "", False),
    ("Giá trị phương án (đồng)", 16, _MONEY, True),
    ("Đã chi trả (đồng)", 16, _MONEY, True),
)
TEMPLATE = (
    ("STT", 6, ""),
    ("Mã hồ sơ", 16, ""),
    ("Họ và tên", 26, ""),
    ("Địa chỉ", 24, ""),
    ("Tờ, thửa", 22, "@"),
    ("Loại đất", 9, ""),
    ("Diện tích thửa (m2)", 14, _AREA),
    ("Diện tích thu hồi (m2)", 14, _AREA),
    ("Về đất", 16, _MONEY),
    ("Tài sản", 16, _MONEY),
    ("Hỗ trợ", 16, _MONEY),
    ("Tổng cộng", 16, _MONEY),
    ("Bước đã xong", 26, ""),
    ("Ngày thực hiện", 12, _DAY),
    ("Tái định cư", 14, ""),
    ("Ghi chú", 20, ""),
)


def write_list(content: Content, path: Path) -> int:
    """Write the list an office prints: one line a parcel, the household's figures on its first.

    So the columns of money add up. Returns the number of lines.
    """
    columns = [*PUBLIC[:2], *PERSONAL[:2], *PUBLIC[2:8], *PERSONAL[2:], *PUBLIC[8:]]
    if not content.personal:
        columns = list(PUBLIC)
    sums = {at: Decimal(0) for at, (*_, total) in enumerate(columns) if total}
    number, before = 0, object()
    with LongSheet(path, "Danh sách", [column[:3] for column in columns]) as sheet:
        sheet.letterhead(
            content.title.upper(),
            f"Số liệu đến ngày {content.on:%d/%m/%Y}",
            "Lọc: " + ("; ".join(content.filters) or "không lọc"),
        )
        sheet.heading(frozen=2)
        begin = sheet.row
        for line in content.lines():
            first = line.case_id is None or line.case_id != before
            before = line.case_id
            number += first
            values = _values(line, number if first else None, first, personal=content.personal)
            for at in sums:
                sums[at] += values[at] or 0
            sheet.add(values)
        count = sheet.row - begin
        totals: list[Any] = [None] * len(columns)
        totals[1] = "Cộng"
        for at, value in sums.items() if count else ():
            totals[at] = sheet.total(at, begin, value)
        sheet.add(totals, bold=True)
        return count


def _values(line: Line, number: int | None, first: bool, *, personal: bool) -> list[Any]:
    classes = line.land_class or line.class_shares
    land = [line.unit, line.sheet, line.number, classes]
    areas = [line.registered_m2 or line.measured_m2, line.recovered_m2]
    when = [line.step, line.stepped_on, line.due_on, line.handed_over_on]
    if not personal:
        return [number, line.case, *land, *areas, *when]
    who: list[Any] = [None, None, None, None]
    h = line.household
    if h is not None and first:
        who[:] = [h.names, h.address, h.plan_vnd, h.paid_vnd]
    return [number, line.case, *who[:2], *land, *areas, *who[2:], *when]


def template_cases(project: Project, unit: AdministrativeUnit, on: dt.date) -> Any:
    """The cases that a template of one unit can hold: their land is there, and numbered there."""
    return (
        Case.objects.filter(project=project, takings__withdrawn_on=None)
        .live(on=on)
        .filter(takings__parcel__numbers__in=_numbers(unit))
        .exclude(pk__in=_cases_elsewhere(project, unit))
        .distinct()
        .order_by("code")
    )


def _numbers(unit: AdministrativeUnit) -> Any:
    return unit.parcelnumber_set.filter(
        kind="current", valid_to=None, parcel__retired_on=None
    ).order_by()


def _cases_elsewhere(project: Project, unit: AdministrativeUnit) -> Any:
    numbered = _numbers(unit).values("parcel")
    outside = Taking.objects.filter(project=project, withdrawn_on=None, case__isnull=False)
    return outside.exclude(parcel__in=numbered).values("case")


def write_template(
    project: Project, unit: AdministrativeUnit, cases: Any, path: Path, *, on: dt.date
) -> int:
    """Write the cases of one ward as a list that imports back unchanged; return how many.

    No ID number is in it: a blank leaves what is known. Where a case takes of several parcels,
    each area stands behind its parcel: "5/85 (120,5) + 5/86 (300)".
    """
    loaded = cases.prefetch_related(
        Prefetch(
            "takings",
            Taking.objects.filter(withdrawn_on=None)
            .select_related("parcel")
            .prefetch_related("parts__land_class", "parcel__numbers")
            .order_by("pk"),
            to_attr="land",
        ),
        Prefetch(
            "case_parties",
            CaseParty.objects.current(on=on)
            .filter(role="holder")
            .select_related("party")
            .order_by("pk"),
            to_attr="holders",
        ),
        Prefetch("events", CaseEvent.objects.living().in_order(), to_attr="told"),
        Prefetch(
            "plans", Plan.objects.order_by("number").prefetch_related("items"), to_attr="versions"
        ),
    )
    rows = 0
    with LongSheet(path, "Mẫu nhập", TEMPLATE) as sheet:
        sheet.heading(frozen=3)
        for rows, case in enumerate(loaded.iterator(chunk_size=BATCH), 1):
            sheet.add(_template_row(case, rows))
    return rows


def _template_row(case: Any, number: int) -> list[Any]:
    land: list[Taking] = case.land
    party = case.holders[0].party if case.holders else None
    areas = [t.parcel.registered_area_m2 or t.parcel.measured_area_m2 for t in land]
    classes = {part.land_class.code for t in land for part in t.parts.all()}
    money = _money(case.versions)
    last = case.told[-1] if case.told else None
    return [
        number,
        case.code,
        party.name if party else "",
        party.address if party else "",
        _parcels(land),
        next(iter(classes)) if len(classes) == 1 else None,
        sum((a for a in areas if a), Decimal(0)) if all(areas) else None,
        sum((t.recovered_area_m2 for t in land), Decimal(0)),
        *money,
        sum(m for m in money if m is not None) if any(money) else None,
        steps.step(last.step).label if last else "Chưa thực hiện",
        last.on if last else None,
        _resettlement(case),
        case.note,
    ]


def _parcels(land: Iterable[Taking]) -> str:
    named = []
    for taking in land:
        number = next(
            n for n in taking.parcel.numbers.all() if n.kind == "current" and not n.valid_to
        )
        named.append((f"{number.sheet}/{number.number}", taking.recovered_area_m2))
    if len(named) == 1:
        return named[0][0]
    return " + ".join(f"{key} ({area.normalize():f})".replace(".", ",") for key, area in named)


def _money(versions: Sequence[Plan]) -> list[Decimal | None]:
    if not versions:
        return [None, None, None]
    blocks = (PlanItem.Block.LAND, PlanItem.Block.ASSETS, PlanItem.Block.SUPPORT)
    items = versions[-1].items.all()
    return [
        sum((item.amount_vnd for item in items if item.block == block), Decimal(0))
        for block in blocks
    ]


def _resettlement(case: Case) -> str:
    if case.resettlement_need == Case.Resettlement.NONE:
        return "Không"
    if case.resettlement_need == Case.Resettlement.PLOT and case.entitled_plots:
        return f"{case.entitled_plots} lô"
    return case.get_resettlement_need_display()
