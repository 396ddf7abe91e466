"""Talks with households from a table: a row is one talk, with the households its codes name.

A talk is a fact that others may have read: an undo cancels it, with the reason, and so does what
it told the deadlines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Outreach, OutreachHousehold
from gpmb.complaints.intake import named
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, print_of
from gpmb.land.models import Document
from gpmb.law.steps import MoveRefused

Answer = OutreachHousehold.Answer
FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso", "mahosocacho")),
    "on": Field("ngày", ("ngay", "ngayvandong", "ngaygap"), cells.day),
    "explained": Field(
        "nội dung đã giải thích",
        ("noidungdagiaithich", "noidung", "dagiaithich", "giaithich", "noidungvandong"),
    ),
    "participants": Field("thành phần", ("thanhphan", "thanhphanvandong", "donvi")),
    "kind": Field("loại", ("loai", "loaivandong")),
    "form": Field("hình thức", ("hinhthuc",)),
    "number": Field(
        "số biên bản", ("sobienban", "sobienbanvanban", "bienban", "bienbanso", "sovanban")
    ),
    "people": Field("người tham gia", ("nguoithamgia", "nguoivandong", "aidivandong")),
    "answer": Field("ý kiến của hộ", ("ykiencuaho", "ykien", "ketqua", "ykienho")),
    "note": Field("nội dung ý kiến", ("noidungykien", "ghichu")),
    "next_step": Field("việc tiếp theo", ("viectieptheo", "dexuat")),
    "next_on": Field("hẹn ngày", ("henngay", "hen", "ngayhen"), cells.day),
}
TEXTS = ("people", "explained", "next_step")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the talk; the same talk with the same households recorded before changes nothing."""
    not_after(given, "on", where.today)
    kind = choice_of(given.get("kind", "explain"), Outreach.Kind.choices, "kind", "loại")
    form = choice_of(given.get("form", "visit"), Outreach.Form.choices, "form", "hình thức")
    answer = choice_of(
        given.get("answer", "unrecorded"), Answer.choices, "answer", "ý kiến của hộ"
    )
    cases = [where.case(code) for code in named(given["case"])]
    if _recorded(given, where, kind, cases):
        return None
    talk = Outreach(
        project=where.project,
        kind=kind,
        form=form,
        on=given["on"],
        participants=_participants(given["participants"]),
        next_on=given.get("next_on"),
        document=_minutes(given, kind),
        **{name: given.get(name, "") for name in TEXTS},
    )
    clean(talk, known=("project", "document", "recorded_by"))
    note = given.get("note", "")[:300]
    try:
        Outreach.record(talk, dict.fromkeys(cases, (answer, note)), by=where.by, law=where.law)
    except MoveRefused as refused:
        raise RowError("kind", f"{refused.reason} {refused.first or ''}".strip()) from refused
    shown = {
        "Ngày": talk.on,
        "Loại": talk.get_kind_display(),
        "Nội dung": talk.explained,
        "Ý kiến": Answer(answer).label,
        "Hẹn": talk.next_on,
    }
    fields = [(name, "", in_words(value)) for name, value in shown.items() if value]
    codes = ", ".join(case.code for case in cases)
    return Outcome(talk.pk, codes, None, fields, _print(talk))


def _recorded(given: Mapping[str, Any], where: Where, kind: str, cases: list[Case]) -> bool:
    rows = Outreach.objects.living().filter(
        project=where.project, kind=kind, on=given["on"], explained=given["explained"]
    )
    wanted = {case.pk for case in cases}
    return any(
        wanted == {household.case_id for household in talk.households.all()}
        for talk in rows.prefetch_related("households")
    )


def _participants(text: str) -> list[str]:
    words = [word.strip() for word in re.split(r"[;\n]", text) if word.strip()]
    choices = Outreach.Participant.choices
    return [choice_of(word, choices, "participants", "thành phần") for word in words]


def _minutes(given: Mapping[str, Any], kind: str) -> Document | None:
    if number := given.get("number", "")[:60]:
        return Document.objects.numbered(number, given["on"], Document.Kind.MINUTES)
    if kind != Outreach.Kind.EXPLAIN:
        raise RowError("number", "Vận động, thuyết phục theo luật phải có số biên bản.")
    return None


def _print(talk: Outreach) -> int:
    """What the talk says now: tells an undo whether someone changed it since."""
    answers = talk.households.order_by("pk").values_list("case", "answer", "note")
    return print_of(talk.cancelled_at is None, talk.next_step, talk.explained, *answers)


def put_back(row: ImportRow, by: User) -> str:
    """Cancel a talk that nobody touched since."""
    talk = Outreach.objects.select_for_update().get(pk=row.object_id)
    if talk.cancelled_at is not None:
        return "đã hủy"
    if _print(talk) != row.version_after:
        return "đã sửa sau khi nhập"
    try:
        talk.cancel(on=today(), by=by, reason="Hoàn tác lần nhập")
    except MoveRefused as refused:
        return refused.reason
    return ""


TALKS = Table(
    kind=ImportRun.Kind.OUTREACH,
    title="Vận động, tuyên truyền",
    hint="Cần cột Mã hồ sơ, Ngày, Thành phần, Nội dung đã giải thích; thêm Loại, Hình thức, Số "
    "biên bản, Ý kiến của hộ, Nội dung ý kiến, Việc tiếp theo, Hẹn ngày. Nhiều hộ hoặc "
    "nhiều thành phần trong một ô thì cách nhau bằng dấu chấm phẩy.",
    model="clearance.Outreach",
    fields=FIELDS,
    needed=("case", "on", "explained", "participants"),
    take_in=take_in,
    put_back=put_back,
)
