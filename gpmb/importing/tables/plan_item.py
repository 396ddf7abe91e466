"""Lines of compensation plans from a table: a row is one line of a case's draft."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Case
from gpmb.compensation.models import Block, Plan, PlanItem, UnitPrice
from gpmb.compensation.models.plan import FROZEN, amount_of
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, print_of
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "block": Field("khoản mục", ("khoanmuc", "khoan", "muc", "nhom")),
    "description": Field("nội dung", ("noidung", "noidungboithuong", "hangmuc", "dienngiai")),
    "land_code": Field("loại đất", ("loaidat",)),
    "price": Field("mã đơn giá", ("madongia", "magia", "theobanggia", "banggia")),
    "quantity": Field("khối lượng", ("khoiluong", "soluong", "kl"), cells.number),
    "unit": Field("đơn vị", ("donvi", "donvitinh", "dvt")),
    "unit_price_vnd": Field("đơn giá (đồng)", ("dongia", "dongiadong"), cells.money),
    "percent": Field("tỷ lệ (%)", ("tyle", "tylehotro", "phantram"), cells.number),
    "amount_vnd": Field(
        "thành tiền (đồng)", ("thanhtien", "thanhtiendong", "sotien", "sotiendong"), cells.money
    ),
    "basis": Field("căn cứ", ("cancu",)),
    "explanation": Field("diễn giải", ("diengiai", "cachtinh", "diengiaicachtinh", "ghichu")),
}
KEPT = (
    "quantity",
    "unit",
    "unit_price_vnd",
    "percent",
    "amount_vnd",
    "basis",
    "explanation",
    "price_id",
)


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Add the line to the case's draft, or change the line of this block and description."""
    case = where.case(given["case"])
    block = choice_of(given["block"], Block.choices, "block", "khoản mục")
    code = given.get("land_code", "").upper() if block == Block.LAND else ""
    plan = _draft(case)
    item = plan.items.filter(
        block=block, description=given["description"], land_code=code
    ).first() or PlanItem(
        plan=plan,
        block=block,
        description=given["description"],
        land_code=code,
        order=plan.items.count() + 1,
    )
    new = item.pk is None
    old = {name: getattr(item, name) for name in KEPT}
    _fill(item, given, where)
    changed = [name for name in KEPT if new or old[name] != getattr(item, name)]
    if not changed:
        return None
    clean(item, known=("plan", "price"))
    item.save()
    _settle(plan)
    shown = [
        (FIELDS[n].label.capitalize(), "" if new else in_words(old[n]) or "chưa có", in_words(now))
        for n in changed
        if n in FIELDS and (now := getattr(item, n)) not in (None, "")
    ]
    before = None if new else {name: _plain(old[name]) for name in KEPT}
    return Outcome(item.pk, f"{case.code} · {item}", before, shown, _print(item))


def _draft(case: Case) -> Plan:
    plan = case.plans.select_for_update().order_by("number").last()
    if plan is None:
        return Plan.objects.create(case=case)
    if plan.frozen:
        raise RowError("case", FROZEN)
    return plan


def _fill(item: PlanItem, given: Mapping[str, Any], where: Where) -> None:
    """Set what the row says; a price of the list fills what it leaves empty, as on the page."""
    if code := given.get("price"):
        prices = UnitPrice.objects.serving(where.project, on=where.today).filter(code__iexact=code)
        price = prices.order_by("-project", "-valid_from").first()
        if price is None:
            raise RowError("price", f"Bảng giá đang hiệu lực không có mã {code}.")
        item.price = price
        item.unit_price_vnd, item.unit = price.price_vnd, price.unit
        item.basis = price.source[:250]
    for name in ("quantity", "unit", "unit_price_vnd", "percent", "basis", "explanation"):
        if name in given:
            setattr(item, name, given[name])
    stated = given.get("amount_vnd")
    if stated is not None and item.block == Block.OBLIGATION:
        stated = -abs(stated)
    if item.unit_price_vnd is None:
        if stated is None and item.pk is None:
            raise RowError("amount_vnd", "Ghi đơn giá, hoặc thành tiền kèm diễn giải cách tính.")
        item.amount_vnd = item.amount_vnd if stated is None else stated
        return
    item.amount_vnd = amount_of(item.block, item.quantity, item.unit_price_vnd, item.percent)
    if stated is not None and stated != item.amount_vnd:
        raise RowError(
            "amount_vnd",
            f"Thành tiền {in_words(stated)} khác khối lượng × đơn giá × tỷ lệ = "
            f"{in_words(item.amount_vnd)} đồng.",
        )


def _settle(plan: Plan) -> None:
    plan.total_vnd = plan.items.aggregate(total=Sum("amount_vnd"))["total"] or Decimal(0)
    plan.save(update_fields=["total_vnd"])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _print(item: PlanItem) -> int:
    """What the line says now: tells an undo whether someone changed it since."""
    fresh = PlanItem.objects.get(pk=item.pk)
    return print_of(*(getattr(fresh, name) for name in KEPT), fresh.description, fresh.block)


def put_back(row: ImportRow, by: User) -> str:
    """Take a line away, or give it its values; a draft left empty goes with its last line."""
    item = PlanItem.objects.select_related("plan").filter(pk=row.object_id).first()
    if item is None:
        return "không còn"
    plan = Plan.objects.select_for_update().get(pk=item.plan_id)
    if plan.frozen:
        return "phương án đã chốt"
    if _print(item) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        item.delete()
    else:
        row.give_back(item)
    _settle(plan)
    if not plan.items.exists() and plan.number == 1 and not referred(Plan, [plan.pk], ()):
        plan.delete()
    return ""


PLAN_ITEMS = Table(
    kind=ImportRun.Kind.PLAN_ITEMS,
    title="Khoản của phương án bồi thường",
    hint="Cần cột Mã hồ sơ, Khoản mục, Nội dung; thêm Khối lượng, Đơn vị, Đơn giá, Tỷ lệ (%), "
    "Thành tiền, Mã đơn giá, Loại đất, Căn cứ, Diễn giải. Mỗi dòng là một khoản của phương "
    "án dự thảo; trùng khoản mục và nội dung thì sửa khoản đã có, dòng khác giữ nguyên.",
    model="compensation.PlanItem",
    fields=FIELDS,
    needed=("case", "block", "description"),
    take_in=take_in,
    put_back=put_back,
)
