"""The list of projects from a table: a row is a project with its place, time and priority group.

Its origin never changes. Another group ends the one before it on the eve of its first day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Project, ProjectCategory, ProjectVersion
from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, Reading
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import PROJECTS as PLACE
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, plain, print_of, shown
from gpmb.land.models import Document
from gpmb.referred import referred

YEARS = range(2000, 2100)


def year(cell: Cell, _: Reading = "") -> int | None:
    """Return a year, None for an empty cell."""
    said = cells.text(cell)
    if not said:
        return None
    if not said.isdigit() or int(said) not in YEARS:
        raise CellError("not_a_year", f"“{said}” không phải là năm. Ghi bốn chữ số, ví dụ 2023.")
    return int(said)


FIELDS: Mapping[str, Field] = {
    "code": Field("mã dự án", ("maduan", "mada", "ma", "maso", "masoduan")),
    "name": Field("tên dự án", ("tenduan", "duan", "congtrinh", "tencongtrinh", "duancongtrinh")),
    "kind": Field("loại dự án", ("loaiduan", "loai", "loaicongtrinh")),
    "origin": Field("nguồn", ("nguon", "chuyentiepmoi", "nguonduan")),
    "plan_year": Field("năm kế hoạch", ("namkehoach", "nam"), year),
    "investor": Field("chủ đầu tư", ("chudautu", "cdt", "donvichudautu")),
    "units": Field("xã, phường", ("xaphuong", "phuongxa", "diadiem", "xa", "phuong")),
    "planned_from": Field("bắt đầu theo kế hoạch", ("batdautheokehoach", "batdau"), cells.day),
    "planned_to": Field(
        "bàn giao theo kế hoạch",
        ("bangiaotheokehoach", "bangiao", "hanbangiao", "han", "thoihan", "hanhoanthanh"),
        cells.day,
    ),
    "category": Field("nhóm ưu tiên", ("nhomuutien", "nhom")),
    "category_on": Field("xếp nhóm từ ngày", ("xepnhomtungay", "tungay"), cells.day),
    "category_paper": Field(
        "văn bản xếp nhóm", ("vanbanxepnhom", "sovanbanxepnhom", "vanban", "sovanban")
    ),
}
NEW_NEEDS = ("name", "kind", "plan_year")
"""What a row of a project that isn't there yet must say beside its code."""
OWN = (ProjectCategory, ProjectVersion, Project.units.through)
"""Rows that come and go with a project."""
PLAIN = ("name", "plan_year", "planned_from", "planned_to")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Begin a project, or change the one of this code; other cells stay as they are."""
    project = _project(given, where)
    new = project.pk is None
    values = {name: given[name] for name in PLAIN if name in given} | _chosen(given, where)
    if new:
        values.setdefault("origin", Project.Origin.NEW)
    elif values.get("origin", project.origin) != project.origin:
        said = project.get_origin_display()
        raise RowError("origin", f"Nguồn của dự án không đổi, đang là {said}.")
    old = {name: getattr(project, name) for name in values}
    changed = {name: value for name, value in values.items() if new or old[name] != value}
    for name, value in changed.items():
        setattr(project, name, value)
    if changed:
        clean(project, known=("investor",))
        project.save()
    fields = shown(FIELDS, None if new else _labels(old), _labels(changed))
    before: dict[str, Any] = {name: plain(old[name]) for name in changed} if not new else {}
    for part in (_units(project, given, where), _category(project, given, where)):
        before |= part[0]
        fields += part[1]
    if not fields:
        return None
    where.named.append(project)
    label = f"{project.code} · {project.name}"
    return Outcome(project.pk, label, None if new else before, fields, _print(project), project)


def _project(given: Mapping[str, Any], where: Where) -> Project:
    """The project of this code, locked; else one not saved yet that says all it needs."""
    known = Project.objects.visible_to(where.by) if where.by else Project.objects.all()
    found = known.select_for_update(of=("self",)).filter(code__iexact=given["code"]).first()
    if found is not None:
        return found
    for name in NEW_NEEDS:
        if name not in given:
            raise RowError(
                name, f"Thiếu {FIELDS[name].label}: dự án mã {given['code']} chưa có, cần để lập."
            )
    return Project(code=given["code"])


def _chosen(given: Mapping[str, Any], where: Where) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "kind" in given:
        values["kind"] = choice_of(given["kind"], Project.Kind.choices, "kind", "loại dự án")
    if "origin" in given:
        origins = Project.Origin.choices
        values["origin"] = choice_of(given["origin"], origins, "origin", "nguồn")
    if "investor" in given:
        values["investor"] = choice_of(
            given["investor"], where.organisations, "investor", "cơ quan, đơn vị"
        )
    return values


def _labels(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the preview shows them."""
    found = dict(values)
    for name, choices in (("kind", Project.Kind), ("origin", Project.Origin)):
        if name in found:
            found[name] = str(choices(found[name]).label) if found[name] else ""
    if "plan_year" in found:
        found["plan_year"] = str(found["plan_year"] or "")
    return found


Part = tuple[dict[str, Any], list[tuple[str, str, str]]]
"""What was before, what the preview says."""


def _units(project: Project, given: Mapping[str, Any], where: Where) -> Part:
    """Set the wards and communes a row names, those in force today or already the project's."""
    if "units" not in given:
        return {}, []
    now = list(project.units.order_by("code"))
    known = [*now, *(unit for unit in where.units if unit not in now)]
    names = [(unit, name) for unit in known for name in (unit.name, str(unit), unit.code)]
    words = [word.strip() for word in re.split(r"[;,\n]", given["units"]) if word.strip()]
    wanted = [choice_of(word, names, "units", "xã, phường") for word in words]
    if {unit.pk for unit in wanted} == {unit.pk for unit in now}:
        return {}, []
    project.units.set(wanted)
    said = [", ".join(sorted(map(str, units))) for units in (now, wanted)]
    return {"units": [unit.pk for unit in now]}, [("Xã, phường", said[0], said[1])]


def _category(project: Project, given: Mapping[str, Any], where: Where) -> Part:
    """Put the project into a group from a day on, as a document says."""
    if "category" not in given:
        return {}, []
    wanted = choice_of(given["category"], where.categories, "category", "nhóm ưu tiên")
    day = given.get("category_on", where.today)
    later = project.categories.filter(Q(valid_to=None) | Q(valid_to__gte=day))
    current = later.select_related("category").order_by("valid_from").last()
    if current is not None and current.category_id == wanted.pk:
        return {}, []
    before: dict[str, Any] = {"closed": None}
    if current is not None:
        if day <= current.valid_from:
            raise RowError(
                "category_on",
                f"Đang thuộc nhóm {current.category} từ {current.valid_from:%d/%m/%Y}: ghi Xếp "
                "nhóm từ ngày sau ngày ấy.",
            )
        before["closed"] = [current.pk, plain(current.valid_to)]
        current.valid_to = day - dt.timedelta(days=1)
        current.save(update_fields=["valid_to"])
    made = ProjectCategory(project=project, category=wanted, valid_from=day)
    if number := given.get("category_paper", "")[:60]:
        made.document = Document.objects.numbered(number, day, Document.Kind.DECISION)
    try:
        clean(made, known=("project", "category", "document"))
    except ValidationError as error:
        raise RowError("category_on", " ".join(error.messages)) from error
    made.save()
    before["made"] = made.pk
    was = str(current.category) if current else ""
    return before, [("Nhóm ưu tiên", was, f"{wanted}, từ {day:%d/%m/%Y}")]


def _print(project: Project) -> int:
    """What the project says now: tells an undo whether someone changed it since."""
    version = Project.objects.values_list("version", flat=True).get(pk=project.pk)
    groups = project.categories.order_by("pk").values_list(
        "pk", "category", "valid_from", "valid_to", "document"
    )
    units = project.units.order_by("pk").values_list("pk", flat=True)
    return print_of(version, *(tuple(map(str, row)) for row in groups), *units)


def put_back(row: ImportRow, by: User) -> str:
    """Take a project away, or give it its values, place and group; what moved since stays."""
    project = Project.objects.select_for_update(of=("self",)).filter(pk=row.object_id).first()
    if project is None:
        return "không còn"
    if _print(project) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        if others := referred(Project, [project.pk], OWN):
            return f"đã có {others[project.pk]}"
        project.delete()
        return ""
    before = dict(row.before or {})
    units, made, closed = (before.pop(name, None) for name in ("units", "made", "closed"))
    row.before = before
    if before:
        row.give_back(project)
    if units is not None:
        project.units.set(units)
    if made is not None:
        ProjectCategory.objects.filter(pk=made).delete()
    if closed is not None:
        group = ProjectCategory.objects.get(pk=closed[0])
        group.valid_to = dt.date.fromisoformat(closed[1]) if closed[1] else None
        group.save(update_fields=["valid_to"])
    return ""


PROJECTS = Table(
    kind=ImportRun.Kind.PROJECTS,
    title="Danh mục dự án",
    hint="Cần cột Mã dự án; dự án mới cần thêm Tên dự án, Loại dự án, Năm kế hoạch. Có thể thêm "
    "Nguồn (không ghi là Mới), Chủ đầu tư, Xã phường, Nhóm ưu tiên, Xếp nhóm từ ngày, Văn "
    "bản xếp nhóm, Bắt đầu, Bàn giao theo kế hoạch. Mã đã có thì sửa các ô có ghi.",
    model="clearance.Project",
    fields=FIELDS,
    needed=("code",),
    take_in=take_in,
    put_back=put_back,
    place=PLACE,
)
