"""Unit prices from a table: a row is a price, known by its code, its first day and its project.

A price that plans were computed with is ended, not rewritten: the same code from another day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.compensation.models import Block, UnitPrice
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import PRICES as PLACE
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, plain, print_of, shown
from gpmb.land.models import Document
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "code": Field("mã đơn giá", ("madongia", "magia", "ma", "mahieu", "kyhieu")),
    "block": Field("khoản mục", ("khoanmuc", "khoan", "muc", "nhom")),
    "name": Field("nội dung", ("noidung", "ten", "loaitaisan", "tencaytrong", "danhmuc")),
    "unit": Field("đơn vị tính", ("donvitinh", "donvi", "dvt")),
    "price_vnd": Field(
        "đơn giá (đồng)", ("dongia", "dongiadong", "gia", "giadong", "mucgia"), cells.money
    ),
    "valid_from": Field(
        "có hiệu lực từ", ("cohieuluctu", "hieuluctu", "tungay", "apdungtu"), cells.day
    ),
    "valid_to": Field(
        "đến hết ngày", ("denhetngay", "denngay", "hetngay", "hethieuluc"), cells.day
    ),
    "document": Field(
        "số văn bản", ("sovanban", "vanban", "soquyetdinh", "quyetdinh", "sokyhieu")
    ),
    "signed_on": Field("ngày ký", ("ngayky", "ngayvanban", "ngaybanhanh"), cells.day),
    "place": Field("điều, mục, phụ lục", ("dieumucphuluc", "phuluc", "dieu", "vitri")),
    "project": Field("mã dự án", ("maduan", "duan", "chichoduan", "apdungchoduan")),
}
PLAIN = ("block", "name", "unit", "price_vnd", "valid_to", "place")
WHAT_IT_IS = ("block", "name", "unit", "price_vnd", "document")
"""What a plan's line was computed with."""


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Enter the price, or change the one of this code, first day and project."""
    project = where.known_project(given["project"]) if "project" in given else None
    values = {name: given[name] for name in PLAIN if name in given}
    if "block" in given:
        values["block"] = choice_of(given["block"], Block.choices, "block", "khoản mục")
    rows = UnitPrice.objects.select_for_update(of=("self",)).select_related("document")
    same = {"valid_from": given["valid_from"], "project": project}
    found = rows.filter(code__iexact=given["code"], **same).first()
    if found is None:
        _lacks(given)
    row = found or UnitPrice(code=given["code"], **same)
    if "document" in given and (not found or str(found.document) != given["document"]):
        values["document"] = _paper(given)
    old = {name: getattr(found, name, None) for name in values}
    changed = {name: value for name, value in values.items() if not found or old[name] != value}
    if not changed:
        return None
    if found:
        _unused(found, changed)
    for name, value in changed.items():
        setattr(row, name, value)
    clean(row, known=("document",))  # the project is part of what may not overlap
    row.save()
    before = {name: plain(old[name]) for name in changed} if found else None
    told = shown(FIELDS, _words(old) if found else None, _words(changed))
    label = f"{row} · từ {row.valid_from:%d/%m/%Y}"
    return Outcome(row.pk, label, before, told, _print(row), project)


def _words(values: Mapping[str, Any]) -> dict[str, Any]:
    block = values.get("block")
    return dict(values) | ({"block": Block(block).label} if block else {})


def _lacks(given: Mapping[str, Any]) -> None:
    for name in WHAT_IT_IS:
        if name not in given:
            raise RowError(name, f"Thiếu {FIELDS[name].label}: mã này chưa có giá từ ngày ấy.")


def _unused(row: UnitPrice, changed: Mapping[str, Any]) -> None:
    """RowError where plans stand on what would be rewritten."""
    used = [name for name in WHAT_IT_IS if name in changed]
    if used and referred(UnitPrice, [row.pk], ()):
        raise RowError(
            used[0],
            f"Giá {row.code} từ {row.valid_from:%d/%m/%Y} đã dùng trong phương án: ghi Đến hết "
            "ngày cho giá này, rồi thêm giá mới từ ngày sau.",
        )


def _paper(given: Mapping[str, Any]) -> Document:
    """The paper the price stands in: by number and day, or the only one of this number."""
    number, signed_on = given["document"][:60], given.get("signed_on")
    if signed_on is not None:
        return Document.objects.numbered(number, signed_on, Document.Kind.DECISION)
    found = list(Document.objects.filter(number=number)[:2])
    if len(found) != 1:
        raise RowError("signed_on", f"Thiếu ngày ký của văn bản {number}.")
    return found[0]


def _print(row: UnitPrice) -> int:
    """What the price says now: tells an undo whether someone changed it since."""
    said = UnitPrice.objects.values_list("code", "project", *PLAIN, "document").get(pk=row.pk)
    return print_of(*said)


def put_back(row: ImportRow, by: User) -> str:
    """Delete a price no plan uses, give a changed one its values; what moved since stays."""
    price = UnitPrice.objects.select_for_update().filter(pk=row.object_id).first()
    if price is None:
        return "không còn"
    if _print(price) != row.version_after:
        return "đã sửa sau khi nhập"
    used = referred(UnitPrice, [price.pk], ())
    if row.action == ImportRow.Action.CREATED:
        if used:
            return f"đã có {used[price.pk]}"
        price.delete()
        return ""
    if used and (row.before or {}).keys() & set(WHAT_IT_IS):
        return f"đã có {used[price.pk]}"
    try:
        with transaction.atomic():
            row.give_back(price)
    except IntegrityError:
        return "giá khác của mã này đã nối tiếp"
    return ""


PRICES = Table(
    kind=ImportRun.Kind.PRICES,
    title="Đơn giá",
    hint="Cần cột Mã đơn giá, Có hiệu lực từ; giá mới cần thêm Khoản mục, Nội dung, Đơn vị tính, "
    "Đơn giá, Số văn bản, Ngày ký. Có thể thêm Đến hết ngày, Điều mục phụ lục, Mã dự án (giá chỉ "
    "cho một dự án). Giá đã dùng trong phương án chỉ ghi thêm Đến hết ngày, không ghi đè.",
    model="compensation.UnitPrice",
    fields=FIELDS,
    needed=("code", "valid_from"),
    take_in=take_in,
    put_back=put_back,
    place=PLACE,
)
