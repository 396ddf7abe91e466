"""Projects of a draft of the city's plan from a table: a row puts one in, or changes its note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import PlanEntry, PlanFrozen, PlanVersion
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import PLAN
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import print_of, shown

FIELDS: Mapping[str, Field] = {
    "project": Field("mã dự án", ("maduan", "mada", "ma", "maso", "masoduan")),
    "name": Field("tên dự án", ("tenduan", "duan", "congtrinh", "tencongtrinh", "duancongtrinh")),
    "note": Field("ghi chú", ("ghichu", "luuy")),
}


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Put the project into the draft, or change its note there."""
    named = "project" if "project" in given else "name"
    if named not in given:
        raise RowError("project", "Thiếu mã dự án.")
    project = where.known_project(given[named], named)
    entry = PlanEntry.objects.filter(version=where.version, project=project).first()
    new = entry is None
    entry = entry or PlanEntry(version=where.version, project=project)
    old = {"note": entry.note}
    if not new and given.get("note", entry.note) == entry.note:
        return None
    if not where.version.editable:
        raise RowError(named, str(PlanFrozen()))
    entry.note = given.get("note", entry.note)
    clean(entry, known=("version", "project"))
    entry.save()
    fields = shown(FIELDS, None if new else old, {"note": entry.note})
    label = f"{project.code} · {project.name}"
    return Outcome(entry.pk, label, None if new else old, fields, _print(entry, new), project)


def _print(entry: PlanEntry, new: bool) -> int:
    """What stands in the draft now: tells an undo whether someone changed it since."""
    return print_of(entry.note, new and entry.targets.count())


def put_back(row: ImportRow, by: User) -> str:
    """Take a project out of the draft, or give its note back, unless it was worked on since."""
    entry = PlanEntry.objects.filter(pk=row.object_id).first()
    if entry is None:
        return "không còn trong dự thảo"
    version = PlanVersion.objects.select_for_update().get(pk=entry.version_id)
    if not version.editable:
        return "phiên bản kế hoạch đã qua dự thảo"
    new = row.action == ImportRow.Action.CREATED
    if _print(entry, new) != row.version_after:
        return "đã đặt chỉ tiêu hoặc sửa sau khi nhập" if new else "đã sửa sau khi nhập"
    if new:
        entry.delete()
    else:
        row.give_back(entry)
    return ""


PLAN_ENTRIES = Table(
    kind=ImportRun.Kind.PLAN_ENTRIES,
    title="Dự án trong kế hoạch",
    hint="Cần cột Mã dự án hoặc Tên dự án; thêm Ghi chú. Dự án chưa có trong dự thảo thì được "
    "đưa vào; dự án chưa lập thì dán ở trang Dự án trước.",
    model="clearance.PlanEntry",
    fields=FIELDS,
    needed=(),
    either=("project", "name"),
    take_in=take_in,
    put_back=put_back,
    place=PLAN,
)
