"""Households invited to come for their money, from a table: a row is one invitation of one day.

What was sent stays as it was sent; whether the household came is said later by the same row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.compensation.models import Invitation
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, print_of, same_words, shown
from gpmb.land.models import Document
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "on": Field("ngày mời", ("ngaymoi", "ngay", "moingay", "ngaygiaymoi"), cells.day),
    "pay_on": Field("hẹn nhận ngày", ("hennhanngay", "henngay", "ngayhen", "hen"), cells.day),
    "place": Field("nơi nhận", ("noinhan", "diadiem", "noinhantien", "noichitra")),
    "number": Field("số giấy mời", ("sogiaymoi", "giaymoi", "so", "sovanban")),
    "result": Field("kết quả", ("ketqua", "ketquamoi")),
    "note": Field("ghi chú", ("ghichu", "lydo")),
}
RESULTS = [pair for pair in Invitation.Result.choices if pair[0]]
SAID_LATER = ("result", "note")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the invitation, or what came of the one of this day."""
    not_after(given, "on", where.today)
    case = where.case(given["case"])
    later = {name: given[name] for name in SAID_LATER if name in given}
    if "result" in later:
        later["result"] = choice_of(later["result"], RESULTS, "result", "kết quả mời")
    row = case.invitations.filter(on=given["on"]).select_related("document").last()
    new = row is None
    if row is None:
        row = _invite(case, given, where)
    else:
        _as_sent(row, given)
    old = {name: getattr(row, name) for name in later}
    was = None if new else {name: _words(name, row) for name in later}
    changed = [name for name, value in later.items() if old[name] != value]
    if not changed and not new:
        return None
    for name in changed:
        setattr(row, name, later[name])
    row.clean_fields(exclude={"case", "plan", "document", "by"})
    row.save(update_fields=changed)
    now = {n: given[n] for n in ("on", "pay_on", "place", "number") if n in given} if new else {}
    now |= {name: _words(name, row) for name in changed}
    before = None if new else {name: old[name] for name in changed}
    label = f"{case.code} · mời lần {row.number}"
    return Outcome(row.pk, label, before, shown(FIELDS, was, now), _print(row))


def _words(name: str, row: Invitation) -> str:
    if name != "result":
        return str(getattr(row, name))
    return row.get_result_display() if row.result else ""


def _invite(case: Case, given: Mapping[str, Any], where: Where) -> Invitation:
    for name in ("pay_on", "place"):
        if name not in given:
            raise RowError(name, f"Thiếu {FIELDS[name].label}: giấy mời ngày này chưa có.")
    if given["pay_on"] < given["on"]:
        raise RowError("pay_on", "Ngày hẹn nhận không được trước ngày mời.")
    if len(given["place"]) > 150:
        raise RowError("place", "Nơi nhận dài quá 150 ký tự.")
    plan = case.plans.in_force().first()
    if plan is None:
        raise RowError("case", f"Hồ sơ {case.code} chưa có phương án được phê duyệt.")
    paper = None
    if number := given.get("number", "")[:60]:
        paper = Document.objects.numbered(number, given["on"], Document.Kind.LETTER)
    return Invitation.invite(
        plan,
        on=given["on"],
        pay_on=given["pay_on"],
        place=given["place"],
        document=paper,
        by=where.by,
    )


def _as_sent(row: Invitation, given: Mapping[str, Any]) -> None:
    """An invitation that went out isn't rewritten."""
    sent: dict[str, Any] = {
        "pay_on": row.pay_on,
        "place": row.place,
        "number": row.document.number if row.document else "",
    }
    for name, value in sent.items():
        said = given.get(name, value)
        if said != value and not (name == "place" and same_words(said, value)):
            raise RowError(
                name,
                f"Giấy mời lần {row.number} ngày {row.on:%d/%m/%Y} đã ghi {FIELDS[name].label} "
                f"“{in_words(value) or 'để trống'}”: mời lại thì ghi ngày mời khác.",
            )


def _print(row: Invitation) -> int:
    """What stands now: tells an undo whether something was said or paid since."""
    fresh = Invitation.objects.get(pk=row.pk)
    return print_of(
        fresh.result, fresh.note, fresh.case.invitations.count(), fresh.case.payments.count()
    )


def put_back(row: ImportRow, by: User) -> str:
    """Take an untouched invitation away, or what was said of it."""
    found = Invitation.objects.select_for_update().filter(pk=row.object_id).first()
    if found is None:
        return "không còn"
    if _print(found) != row.version_after:
        return "đã ghi kết quả, mời lại hoặc chi trả sau khi nhập"
    if row.action == ImportRow.Action.CHANGED:
        row.give_back(found)
        return ""
    if others := referred(Invitation, [found.pk], ()):
        return f"đã có {others[found.pk]}"
    # The last of its case, and nothing came of it: it was never sent.
    with pgtrigger.ignore("compensation.Invitation:kept"):
        found.delete()
    return ""


INVITATIONS = Table(
    kind=ImportRun.Kind.INVITATIONS,
    model="compensation.Invitation",
    fields=FIELDS,
    title="Mời nhận tiền",
    hint="Cần cột Mã hồ sơ, Ngày mời, Hẹn nhận ngày, Nơi nhận; thêm Số giấy mời. Sau ngày hẹn thì "
    "ghi Mã hồ sơ, Ngày mời, Kết quả (đến nhận, không nhận, vắng mặt), Ghi chú.",
    needed=("case", "on"),
    take_in=take_in,
    put_back=put_back,
)
