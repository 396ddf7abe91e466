"""How far conclusions have come, from a table: a row is a report on one of them.

Notes can only be added; the undo of an import takes its own away while nothing came after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.models import Directive, DirectiveNote
from gpmb.clearance.models.review import ConclusionRefused
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import REPORTS
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import not_after, same_words, shown

FIELDS: Mapping[str, Field] = {
    "review_on": Field("ngày họp", ("ngayhop", "giaoban", "ngaygiaoban", "cuochop"), cells.day),
    "text": Field(
        "kết luận", ("ketluan", "noidungketluan", "noidung", "nhiemvu", "noidungchidao")
    ),
    "project": Field("mã dự án", ("maduan", "mada", "duan", "tenduan")),
    "note": Field(
        "tiến độ, kết quả",
        ("tiendoketqua", "ketquatiendo", "tiendo", "ketqua", "ketquathuchien", "tiendothuchien"),
    ),
    "done_on": Field(
        "hoàn thành ngày", ("hoanthanhngay", "ngayhoanthanh", "xongngay", "ngayxong"), cells.day
    ),
}


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Report on a conclusion, with a day of completion finish it; the same report is passed by."""
    not_after(given, "done_on", where.today)
    found = _directive(given, where)
    note, done_on = given["note"], given.get("done_on")
    if found.done_on == done_on and any(row.text == note for row in found.notes.all()):
        return None
    if found.done_on is not None:
        raise RowError("text", f"Kết luận này đã ghi hoàn thành ngày {found.done_on:%d/%m/%Y}.")
    if where.by is None or not access.can_report_on(where.by, found, on=where.today):
        raise RowError("text", "Bạn không phụ trách dự án của kết luận này: bỏ dòng.")
    if done_on is None:
        DirectiveNote.objects.create(directive=found, on=where.today, by=where.by, text=note)
    else:
        try:
            found.finish(on=done_on, by=where.by, result=note)
        except ConclusionRefused as refused:
            raise RowError("done_on", str(refused)) from refused
        found.refresh_from_db(fields=["version"])
    row = DirectiveNote.objects.filter(directive=found).latest("pk")
    fields = shown(FIELDS, None, {"note": note, "done_on": done_on})
    version = found.version if done_on else 0
    return Outcome(row.pk, str(found), None, fields, version, found.project)


def _directive(given: Mapping[str, Any], where: Where) -> Directive:
    """The conclusion of these words given on that day; one that is hidden doesn't exist."""
    rows = Directive.objects.given(on=where.today).filter(review__on=given["review_on"])
    rows = rows.visible_to(where.by) if where.by else rows
    if "project" in given:
        rows = rows.filter(project=where.known_project(given["project"]))
    rows = rows.select_related("review", "project").prefetch_related("notes").order_by("pk")
    found = [row for row in rows if same_words(row.text, given["text"])]
    if not found:
        raise RowError(
            "text",
            f"Cuộc họp ngày {given['review_on']:%d/%m/%Y} không có kết luận này: chép đúng nội "
            "dung kết luận.",
        )
    if len(found) > 1:
        raise RowError(
            "project", f"Có {len(found)} kết luận cùng nội dung: ghi mã dự án để phân biệt."
        )
    if found[0].project:
        where.named.append(found[0].project)
    return found[0]


def put_back(row: ImportRow, by: User) -> str:
    """Take a report away and open again what it finished, unless something came after."""
    note = DirectiveNote.objects.filter(pk=row.object_id).first()
    if note is None:
        return "không còn"
    directive = Directive.objects.select_for_update().get(pk=note.directive_id)
    if directive.notes.filter(pk__gt=note.pk).exists():
        return "đã có tiến độ mới hơn"
    if row.version_after:
        if directive.version != row.version_after:
            return "đã sửa sau khi nhập"
        directive.done_on, directive.result = None, ""
        directive.save(update_fields=["done_on", "result"])
    elif directive.done_on is not None:
        return "đã ghi hoàn thành"
    with pgtrigger.ignore("clearance.DirectiveNote:append_only"):
        note.delete()
    return ""


PROGRESS = Table(
    kind=ImportRun.Kind.PROGRESS,
    title="Tiến độ thực hiện kết luận",
    hint="Cần cột Ngày họp, Kết luận, Tiến độ; thêm Mã dự án (nếu nhiều kết luận cùng nội dung), "
    "Hoàn thành ngày. Kết luận chép đúng nội dung đã ghi; tiến độ đã ghi thì bỏ qua.",
    model="clearance.DirectiveNote",
    fields=FIELDS,
    needed=("review_on", "text", "note"),
    take_in=take_in,
    put_back=put_back,
    place=REPORTS,
)
