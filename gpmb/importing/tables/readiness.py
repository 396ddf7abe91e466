"""Legal procedures of a project from a table: a row is a procedure, known by its name or code.

What a project of its kind needs stands in the templates; a table adds no procedure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.models import ReadinessItem
from gpmb.importing import cells
from gpmb.importing.columns import fold
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, plain, print_of
from gpmb.land.models import Document
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "name": Field("thủ tục", ("thutuc", "tenthutuc", "thutucconthieu", "hangmuc", "mathutuc")),
    "done_on": Field(
        "hoàn thành ngày", ("hoanthanhngay", "ngayhoanthanh", "ngayxong", "xongngay"), cells.day
    ),
    "number": Field(
        "số, ký hiệu văn bản",
        ("vanban", "sokyhieuvanban", "sokyhieu", "sovanban", "so", "quyetdinh", "soquyetdinh"),
    ),
    "owner": Field("cơ quan chủ trì", ("coquanchutri", "chutri", "coquan", "donvithuchien")),
    "due_on": Field(
        "hạn theo lộ trình",
        ("hantheolotrinh", "han", "hanhoanthanh", "thoihan", "lotrinh", "ngayhan"),
        cells.day,
    ),
    "required": Field("phải có", ("phaico", "batbuoc", "phailam")),
    "note": Field("ghi chú", ("ghichu", "lydo")),
    "project": Field("mã dự án", ("maduan", "duan")),
}
YES_OR_NO = [(True, "có"), (True, "x"), (True, "phải có"), (False, "không")]
KEPT = ("required", "done_on", "document", "owner", "due_on", "note")
SHOWN = {"required": "Phải có", "document": "Văn bản"} | {
    name: FIELDS[name].label.capitalize() for name in ("done_on", "owner", "due_on", "note")
}


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Change the procedure of this name; one the project's kind needs and it lacks is added."""
    if given.get("project", where.project.code) not in (where.project.code, where.project.name):
        raise RowError("project", f"Dòng của dự án khác: khối này vào dự án {where.project.code}.")
    not_after(given, "done_on", where.today)
    item = _item(given["name"], where)
    new = item.pk is None
    old = {name: getattr(item, name) for name in KEPT}
    _fill(item, given, where)
    changed = [name for name in KEPT if new or old[name] != getattr(item, name)]
    if not changed:
        return None
    item.clean_fields(exclude={"project", "document", "owner"})
    item.save()
    shown = [
        (SHOWN[name], "" if new else _words(old[name]) or "chưa có", _words(now))
        for name in changed
        if (now := getattr(item, name)) not in (None, "") and not (new and now is True)
    ]
    before = None if new else {name: plain(old[name]) for name in changed}
    return Outcome(item.pk, item.name, before, shown, _print(item))


def _item(name: str, where: Where) -> ReadinessItem:
    """The project's procedure of this name or code, else the one its kind needs, unsaved."""
    items = where.project.readiness_items.select_for_update(of=("self",))
    rows = list(items.select_related("document", "owner").order_by("pk"))
    known = {row.code for row in rows}
    lacking = [
        ReadinessItem(project=where.project, code=one.code, name=one.name)
        for one in where.procedures
        if one.code not in known
    ]
    rows += lacking
    for row in rows:
        if fold(name) in (fold(row.name), fold(row.code)):
            return row
    names = "; ".join(row.name for row in rows[:8]) or "chưa có mẫu cho loại dự án này"
    raise RowError("name", f"“{name}” không thuộc danh mục thủ tục của dự án. Một trong: {names}.")


def _fill(item: ReadinessItem, given: Mapping[str, Any], where: Where) -> None:
    """Set what the row says; what is done has a paper, what is left out a reason."""
    if "required" in given:
        item.required = choice_of(given["required"], YES_OR_NO, "required", "phải có")
    if "owner" in given:
        item.owner = choice_of(given["owner"], where.organisations, "owner", "cơ quan, đơn vị")
    for name in ("due_on", "note"):
        if name in given:
            setattr(item, name, given[name])
    if not item.required and not item.note:
        raise RowError("note", "Thủ tục không phải làm phải ghi lý do ở cột Ghi chú.")
    had = item.document.number if item.document else ""
    number, done_on = given.get("number", had)[:60], given.get("done_on", item.done_on)
    if number and not done_on:
        raise RowError("done_on", "Có văn bản thì phải có ngày hoàn thành.")
    if done_on and not number and "done_on" in given:
        raise RowError("number", "Hoàn thành phải có số, ký hiệu văn bản làm căn cứ.")
    if number and (number, done_on) != (had, item.done_on):
        item.document = Document.objects.numbered(number, done_on, Document.Kind.DECISION)
    item.done_on = done_on


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    return in_words(value)


def _print(item: ReadinessItem) -> int:
    """What the line says now: tells an undo whether someone changed it since."""
    return print_of(item.name, *(plain(getattr(item, name)) for name in KEPT))


def put_back(row: ImportRow, by: User) -> str:
    """Take a procedure added off the list, give a changed one its values."""
    rows = ReadinessItem.objects.select_for_update(of=("self",))
    item = rows.select_related("document", "owner").filter(pk=row.object_id).first()
    if item is None:
        return "không còn"
    if _print(item) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        if others := referred(ReadinessItem, [item.pk], ()):
            return f"đã có {others[item.pk]}"
        item.delete()
        return ""
    row.give_back(item)
    return ""


READINESS = Table(
    kind=ImportRun.Kind.READINESS,
    title="Thủ tục của dự án",
    hint="Cần cột Thủ tục (tên như trong danh mục); thêm các cột muốn sửa: Hoàn thành ngày, Văn "
    "bản, Cơ quan chủ trì, Hạn theo lộ trình, Phải có, Ghi chú. Hoàn thành phải có cả ngày "
    "và văn bản; ô trống thì giữ như đang có.",
    model="clearance.ReadinessItem",
    fields=FIELDS,
    needed=("name",),
    take_in=take_in,
    put_back=put_back,
    projects=access.readiness_projects,
)
