"""Payments of a project proposed from a table: one line a row, each still to be approved.

A line of the ledger is never deleted: an undo returns what nobody approved yet, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.compensation.models import Payment, PaymentRefused
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.numbers import vn
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of
from gpmb.land.models import Document

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "amount_vnd": Field(
        "số tiền (đồng)", ("sotien", "sotiendong", "sotienchi", "tien", "thanhtien"), cells.money
    ),
    "on": Field("ngày chi", ("ngay", "ngaychi", "ngaychitra", "ngaynhan"), cells.day),
    "kind": Field("khoản", ("khoan", "loai", "hinhthuc")),
    "account": Field("nơi gửi, tài khoản", ("noiguitaikhoan", "noigui", "taikhoan", "sotaikhoan")),
    "number": Field("số chứng từ", ("sochungtu", "chungtu", "sophieuchi", "sophieu")),
    "note": Field("nội dung", ("noidung", "ghichu", "diengiai")),
}
BY_TABLE = ("payment", "deposit")
"""Kinds a table may propose; what is drawn from a deposit is chosen on the case's page."""


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Propose the payment; the same line proposed or paid before changes nothing."""
    case = where.case(given["case"])
    kinds = [(value, label) for value, label in Payment.Kind.choices if value in BY_TABLE]
    kind = choice_of(given.get("kind", "payment"), kinds, "kind", "khoản")
    if given["on"] > where.today:
        raise RowError("on", f"Ngày {given['on']:%d/%m/%Y} sau ngày số liệu.")
    same = case.payments.filter(
        kind=kind, amount_vnd=given["amount_vnd"], on=given["on"], returned_by=None
    )
    if same.exists():
        return None
    if where.by is None:
        raise RowError("case", "Chưa rõ ai đề nghị chi.")
    payment = Payment(
        case=case,
        kind=kind,
        amount_vnd=given["amount_vnd"],
        on=given["on"],
        account=given.get("account", "")[:150],
        note=given.get("note", "")[:300],
    )
    if number := given.get("number"):
        payment.document = Document.objects.numbered(
            number[:60], given["on"], Document.Kind.RECEIPT
        )
    try:
        payment.propose(by=where.by)
    except PaymentRefused as refused:
        raise RowError("amount_vnd", str(refused)) from refused
    fields = [
        ("Khoản", "", payment.get_kind_display()),
        ("Số tiền (đồng)", "", vn(payment.amount_vnd)),
        ("Ngày chi", "", f"{payment.on:%d/%m/%Y}"),
    ]
    return Outcome(payment.pk, case.code, None, fields, payment.version)


def put_back(row: ImportRow, by: User) -> str:
    """Return a proposal that still waits; what was decided stays."""
    payment = Payment.objects.select_for_update().get(pk=row.object_id)
    if not payment.waits:
        return "đã duyệt" if payment.approved_by_id else "đã trả lại"
    payment.give_back(by=by, reason="Hoàn tác lần nhập đề nghị chi trả")
    return ""


PAYMENTS = Table(
    kind=ImportRun.Kind.PAYMENTS,
    title="Đề nghị chi trả",
    hint="Cần cột Mã hồ sơ, Số tiền, Ngày chi; thêm Khoản, Số chứng từ, Nơi gửi, Nội dung. Mỗi "
    "dòng là một đề nghị chờ duyệt; khoản giống hệt đã đề nghị hoặc đã chi thì bỏ qua.",
    model="compensation.Payment",
    fields=FIELDS,
    needed=("case", "amount_vnd", "on"),
    take_in=take_in,
    put_back=put_back,
)
