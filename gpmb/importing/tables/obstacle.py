"""Obstacles of a project from a table: a row says where, why, since when, who, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Obstacle
from gpmb.importing import cells
from gpmb.importing.columns import split_sheet_number
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of
from gpmb.land.models import Parcel, parcel_key
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "parcel": Field("tờ/thửa", ("tothua", "thua", "thuadat", "sotosothua", "tobandosothua")),
    "cause": Field("nguyên nhân", ("nguyennhan", "vuongmac", "loaivuongmac")),
    "description": Field("nội dung", ("noidung", "mota", "dienbien", "noidungvuongmac")),
    "owner": Field("cơ quan chủ trì", ("coquanchutri", "chutri", "coquan", "donvigiaiquyet")),
    "opened_on": Field(
        "ngày phát sinh", ("phatsinh", "ngayphatsinh", "phatsinhngay", "tungay"), cells.day
    ),
    "due_on": Field("hạn xử lý", ("hanxuly", "han", "thoihan", "hangiaiquyet"), cells.day),
    "next_step": Field("việc tiếp theo", ("viectieptheo", "huongxuly", "giaiphap", "dexuat")),
    "closed_on": Field(
        "giải quyết xong ngày", ("giaiquyetxongngay", "ngayxong", "xongngay"), cells.day
    ),
    "close_note": Field("kết quả", ("ketqua", "ketquagiaiquyet")),
}
LOOKED_UP = ("project", "case", "parcel", "cause", "owner", "owner_user")
PLAIN = ("description", "due_on", "next_step", "closed_on", "close_note")


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the obstacle, or change the one of this place, cause and day."""
    cause = choice_of(given["cause"], where.causes, "cause", "nguyên nhân")
    place = _place(given, where)
    for name in ("opened_on", "closed_on"):
        if given.get(name) and given[name] > where.today:
            raise RowError(name, f"Ngày {given[name]:%d/%m/%Y} sau ngày số liệu.")
    values = {name: given[name] for name in PLAIN if name in given}
    if "owner" in given:
        values["owner"] = choice_of(
            given["owner"], where.organisations, "owner", "cơ quan, đơn vị"
        )
    key = {"project": where.project, "cause": cause, "opened_on": given["opened_on"]} | place
    row = Obstacle.objects.filter(**key, line=None, area=None).order_by("pk").first()
    at = given.get("case") or given.get("parcel") or "cả dự án"
    label = f"{cause} · {at}"
    if row is None:
        row = Obstacle(**key, **values)
        clean(row, known=LOOKED_UP)
        row.save()
        shown = {"Phát sinh": given["opened_on"]} | {FIELDS[n].label: v for n, v in values.items()}
        fields = [(name[:1].upper() + name[1:], "", _words(v)) for name, v in shown.items()]
        return Outcome(row.pk, label, None, fields, row.version)
    old = {name: getattr(row, name) for name in values}
    changed = {name: value for name, value in values.items() if old[name] != value}
    if not changed:
        return None
    for name, value in changed.items():
        setattr(row, name, value)
    clean(row, known=LOOKED_UP)
    row.save(update_fields=list(changed))
    row.refresh_from_db(fields=["version"])
    fields = [
        (FIELDS[name].label.capitalize(), _words(old[name]) or "chưa có", _words(value))
        for name, value in changed.items()
    ]
    before = {name: _plain(old[name]) for name in changed}
    return Outcome(row.pk, label, before, fields, row.version)


def _place(given: Mapping[str, Any], where: Where) -> dict[str, Any]:
    """The case, else the parcel, else the whole project."""
    if code := given.get("case"):
        return {"case": where.case(code), "parcel": None}
    if text := given.get("parcel"):
        pair = split_sheet_number(text)
        if pair is None:
            raise RowError("parcel", f"“{text}” chưa rõ tờ và thửa. Ghi dạng 5/85.")
        found = list(
            Parcel.objects.filter(
                numbers__key=parcel_key(*pair), takings__project=where.project
            ).distinct()[:2]
        )
        if len(found) != 1:
            why = "có ở nhiều nơi trong dự án" if found else "không có trong dự án"
            raise RowError("parcel", f"Thửa {text} {why}: kiểm tra lại số tờ, số thửa.")
        return {"case": None, "parcel": found[0]}
    return {"case": None, "parcel": None}


def _words(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value or "")


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if isinstance(value, dt.date) else value


def put_back(row: ImportRow, by: User) -> str:
    """Delete a new obstacle, give a changed one its values; what moved since stays."""
    obstacle = Obstacle.objects.select_for_update().filter(pk=row.object_id).first()
    if obstacle is None:
        return "không còn"
    if obstacle.version != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        if others := referred(Obstacle, [obstacle.pk], ()):
            return f"đã có {others[obstacle.pk]}"
        obstacle.delete()
        return ""
    row.give_back(obstacle)
    return ""


OBSTACLES = Table(
    kind=ImportRun.Kind.OBSTACLES,
    title="Vướng mắc",
    hint="Cần cột Nguyên nhân, Phát sinh; nơi vướng là Mã hồ sơ hoặc Tờ/thửa, để trống là cả dự "
    "án; thêm Nội dung, Cơ quan chủ trì, Hạn, Việc tiếp theo, Xong ngày, Kết quả. Trùng "
    "nơi, nguyên nhân và ngày phát sinh thì sửa vướng mắc đã có.",
    model="clearance.Obstacle",
    fields=FIELDS,
    needed=("cause", "opened_on"),
    take_in=take_in,
    put_back=put_back,
)
