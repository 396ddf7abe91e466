"""Temporary housing of households from a table: a row is one stay, known by its first day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import in_words, not_after, plain, print_of, shown
from gpmb.resettlement.models import TemporaryHousing

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "from_on": Field("từ ngày", ("tungay", "ngaybatdau", "batdau", "tamcutungay"), cells.day),
    "to_on": Field("đến ngày", ("denngay", "ngayketthuc", "ketthuc", "tamcudenngay"), cells.day),
    "monthly_vnd": Field(
        "tiền một tháng (đồng)",
        ("tienmotthang", "tienmotthangdong", "motthang", "muchotro", "dongthang", "sotienthang"),
        cells.money,
    ),
    "place": Field("nơi tạm cư", ("noitamcu", "noio", "diachitamcu", "diachi")),
}
PLAIN = ("to_on", "monthly_vnd", "place")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the stay, or change the one of this household that began on this day."""
    not_after(given, "from_on", where.today)
    case = where.case(given["case"])
    rows = TemporaryHousing.objects.select_for_update()
    row = rows.filter(case=case, from_on=given["from_on"]).order_by("pk").first()
    new = row is None
    if row is None:
        if "monthly_vnd" not in given:
            raise RowError("monthly_vnd", "Thiếu tiền một tháng: lần tạm cư này chưa có.")
        row = TemporaryHousing(case=case, from_on=given["from_on"])
    values = {name: given[name] for name in PLAIN if name in given}
    old = {name: getattr(row, name) for name in values}
    changed = [name for name, value in values.items() if new or old[name] != value]
    if not changed:
        return None
    for name in changed:
        setattr(row, name, values[name])
    if row.to_on and row.to_on < row.from_on:
        raise RowError("to_on", "Ngày hết tạm cư phải từ ngày bắt đầu trở đi.")
    if row.monthly_vnd <= 0:
        raise RowError("monthly_vnd", "Tiền tạm cư phải lớn hơn 0.")
    row.clean_fields(exclude={"case", "document"})
    row.save()
    said = [("Từ ngày", "", in_words(row.from_on))] if new else []
    said += shown(FIELDS, None if new else old, {name: values[name] for name in changed})
    before = None if new else {name: plain(old[name]) for name in changed}
    return Outcome(row.pk, case.code, before, said, _print(row))


def _print(row: TemporaryHousing) -> int:
    """What the stay says now: tells an undo whether someone changed it since."""
    fresh = TemporaryHousing.objects.values_list("from_on", *PLAIN, "document")
    return print_of(*fresh.get(pk=row.pk))


def put_back(row: ImportRow, by: User) -> str:
    """Delete a stay recorded, give a changed one its values; what moved since stays."""
    stay = TemporaryHousing.objects.select_for_update().filter(pk=row.object_id).first()
    if stay is None:
        return "không còn"
    if _print(stay) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        stay.delete()
        return ""
    row.give_back(stay)
    return ""


HOUSING = Table(
    kind=ImportRun.Kind.HOUSING,
    title="Tạm cư",
    hint="Cần cột Mã hồ sơ, Từ ngày, Tiền một tháng (đồng); thêm Đến ngày, Nơi tạm cư. Hộ đã có "
    "lần tạm cư từ ngày ấy thì sửa lần đã có.",
    model="resettlement.TemporaryHousing",
    fields=FIELDS,
    needed=("case", "from_on"),
    take_in=take_in,
    put_back=put_back,
)
