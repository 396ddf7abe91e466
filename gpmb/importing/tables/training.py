"""Trainings of officials from a table: a row is one class, known by its day and topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Training
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import TRAININGS as PLACE
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import (
    choice_of,
    count,
    not_after,
    plain,
    print_of,
    same_words,
    shown,
)

FIELDS: Mapping[str, Field] = {
    "on": Field("ngày", ("ngay", "ngaytaphuan", "thoigian", "ngaytochuc"), cells.day),
    "topic": Field(
        "nội dung",
        ("noidung", "noidungtaphuan", "chuyende", "tenlop", "loptaphuan", "tenloptaphuan"),
    ),
    "organiser": Field(
        "đơn vị tổ chức", ("donvitochuc", "coquantochuc", "donvichutri", "coquanchutri")
    ),
    "audience": Field("đối tượng", ("doituong", "thanhphan", "doituongthamdu", "doituongduhoc")),
    "people_count": Field(
        "số người dự", ("songuoidu", "songuoi", "sohocvien", "soluong", "soluongnguoi"), count
    ),
    "place": Field("địa điểm", ("diadiem", "noitochuc", "diadiemtochuc")),
}
SAID = tuple(FIELDS)


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the class, or change the one of this day and topic."""
    not_after(given, "on", where.today)
    values = dict(given)
    if "organiser" in given:
        values["organiser"] = choice_of(
            given["organiser"], where.organisations, "organiser", "cơ quan, đơn vị"
        )
    row = _known(given)
    new = row is None
    if row is None:
        if "people_count" not in given:
            raise RowError("people_count", "Thiếu số người dự: lớp này chưa có trong sổ.")
        row = Training()
    else:
        values["topic"] = row.topic  # words alike but for case and spaces are no change
    old = {name: getattr(row, name) for name in values}
    changed = {name: value for name, value in values.items() if new or old[name] != value}
    if not changed:
        return None
    for name, value in changed.items():
        setattr(row, name, value)
    clean(row, known=("organiser",))
    row.save()
    before = None if new else {name: plain(old[name]) for name in changed}
    fields = shown(FIELDS, None if new else old, changed)
    return Outcome(row.pk, f"{row} · {row.on:%d/%m/%Y}", before, fields, _print(row))


def _known(given: Mapping[str, Any]) -> Training | None:
    """The class recorded before: of several on one day with one topic, the one of that place."""
    that_day = Training.objects.filter(on=given["on"]).order_by("pk")
    rows = [row for row in that_day if same_words(row.topic, given["topic"])]
    place = given.get("place")
    if place is None:
        if len(rows) > 1:
            raise RowError("place", f"Ngày này có {len(rows)} lớp cùng nội dung: ghi địa điểm.")
        return next(iter(rows), None)
    there = [row for row in rows if same_words(row.place, place)]
    return next(iter(there or [row for row in rows if not row.place]), None)


def _print(row: Training) -> int:
    """What the class says now: tells an undo whether someone changed it since."""
    return print_of(*(plain(getattr(row, name)) for name in SAID))


def put_back(row: ImportRow, by: User) -> str:
    """Delete a class recorded, give a changed one its values; what moved since stays."""
    training = Training.objects.select_for_update().filter(pk=row.object_id).first()
    if training is None:
        return "không còn"
    if _print(training) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        training.delete()
    else:
        row.give_back(training)
    return ""


TRAININGS = Table(
    kind=ImportRun.Kind.TRAININGS,
    title="Lớp tập huấn",
    hint="Cần cột Ngày, Nội dung, Số người dự; thêm Đơn vị tổ chức, Đối tượng, Địa điểm. Trùng "
    "ngày, nội dung (và địa điểm) thì sửa lớp đã có.",
    model="clearance.Training",
    fields=FIELDS,
    needed=("on", "topic"),
    take_in=take_in,
    put_back=put_back,
    place=PLACE,
)
