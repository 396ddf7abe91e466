"""Letters that wait for an answer, from a table: a row is a letter sent, or the reply to one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Inquiry
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, print_of
from gpmb.law.steps import MoveRefused

FIELDS: Mapping[str, Field] = {
    "to": Field("gửi cơ quan", ("guicoquan", "coquannhan", "noinhan", "coquan", "guidi", "gui")),
    "number": Field("số, ký hiệu", ("sokyhieu", "so", "sovanban", "socongvan", "congvanso")),
    "sent_on": Field("ngày gửi", ("ngaygui", "ngay", "ngayvanban", "ngaythang"), cells.day),
    "subject": Field("hỏi về việc", ("hoiveviec", "veviec", "noidung", "trichyeu")),
    "due_on": Field("hạn trả lời", ("hantraloi", "han", "thoihan"), cells.day),
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "reply_number": Field(
        "số văn bản trả lời", ("sovanbantraloi", "sotraloi", "vanbantraloi", "traloiso")
    ),
    "replied_on": Field("ngày trả lời", ("ngaytraloi", "traloingay"), cells.day),
    "reply_note": Field("nội dung trả lời", ("noidungtraloi", "ketqua", "traloi")),
}
PLAIN = ("subject", "due_on")
REPLY = ("reply_number", "replied_on", "reply_note")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record a letter sent, change one not yet answered, or close it by its reply."""
    for name in ("sent_on", "replied_on"):
        not_after(given, name, where.today)
    to = choice_of(given["to"], where.organisations, "to", "cơ quan, đơn vị")
    values = {name: given[name] for name in PLAIN if name in given}
    if "case" in given:
        values["case"] = where.case(given["case"])
    key = {"project": where.project, "to": to, "number": given["number"]}
    row = Inquiry.objects.filter(**key, sent_on=given["sent_on"]).first()
    new = row is None
    if row is None:
        if "subject" not in given:
            raise RowError("subject", "Thiếu nội dung hỏi: văn bản này chưa có trong sổ.")
        if where.by is None:
            raise RowError("number", "Chưa rõ ai gửi.")
        row = Inquiry(**key, sent_on=given["sent_on"], by=where.by)
    names = (*values, *(name for name in REPLY if given.get(name)))
    old = {name: getattr(row, name) for name in names}
    changed = [n for n in names if new or old[n] != values.get(n, given.get(n))]
    if not changed and not new:
        return None
    for name, value in values.items():
        setattr(row, name, value)
    clean(row, known=("project", "to", "case", "by"))
    row.save()
    _reply(row, given, changed)
    row.refresh_from_db()
    shown = [
        (FIELDS[n].label.capitalize(), "" if new else in_words(old[n]) or "chưa có", in_words(now))
        for n in changed
        if (now := getattr(row, n))
    ]
    before = None if new else {name: _plain(old[name]) for name in changed}
    return Outcome(row.pk, f"{row} · {to}", before, shown, _print(row))


def _reply(row: Inquiry, given: Mapping[str, Any], changed: list[str]) -> None:
    """Close the letter; a reply recorded before is corrected on the letter's page."""
    if not set(changed).intersection(REPLY):
        return
    for name in ("reply_number", "replied_on"):
        if name not in given:
            raise RowError(name, "Trả lời cần cả số và ngày của văn bản trả lời.")
    try:
        note = given.get("reply_note", "")[:300]
        row.answer(given["reply_number"][:60], on=given["replied_on"], note=note)
    except MoveRefused as refused:
        raise RowError(
            "replied_on", f"{refused.reason} {refused.first or ''}".strip()
        ) from refused


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return getattr(value, "pk", value)


def _print(letter: Inquiry) -> int:
    """What the letter says now: tells an undo whether someone changed it since."""
    return print_of(
        *(getattr(letter, name) for name in (*PLAIN, "case_id", *REPLY, "withdrawn_on"))
    )


def put_back(row: ImportRow, by: User) -> str:
    """Delete a letter recorded, open again one that was closed; what moved since stays."""
    letter = Inquiry.objects.select_for_update().filter(pk=row.object_id).first()
    if letter is None:
        return "không còn"
    if _print(letter) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        letter.delete()
        return ""
    row.give_back(letter)
    return ""


INQUIRIES = Table(
    kind=ImportRun.Kind.INQUIRIES,
    title="Văn bản chờ trả lời",
    hint="Cần cột Gửi cơ quan, Số ký hiệu, Ngày gửi; thêm Hỏi về việc, Hạn trả lời, Mã hồ sơ. Có "
    "Số văn bản trả lời và Ngày trả lời thì văn bản đã ghi được khép lại.",
    model="clearance.Inquiry",
    fields=FIELDS,
    needed=("to", "number", "sent_on"),
    take_in=take_in,
    put_back=put_back,
)
