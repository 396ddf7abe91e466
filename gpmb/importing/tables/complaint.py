"""Letters of the complaint register from a table: a row is a letter, known by its serial number.

A row whose number stands already, with the same kind and day, is left as it is, so the same table
twice changes nothing. Columns are those of the register's own export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pgtrigger

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.complaints import intake
from gpmb.complaints.models import (
    Complaint,
    ComplaintCase,
    ComplaintEvent,
    ComplaintParcel,
    ComplaintParty,
)
from gpmb.importing import cells
from gpmb.importing.columns import fold
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import LETTERS as PLACE
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after
from gpmb.land.models import Parcel, Party
from gpmb.law import steps
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "serial": Field("số tiếp nhận", ("sotiepnhan", "sodon", "so", "sothutudon")),
    "kind": Field("loại đơn", ("loaidon", "phanloai", "loai")),
    "received_on": Field("ngày nhận", ("ngaynhan", "ngaytiepnhan"), cells.day),
    "channel": Field("hình thức", ("hinhthuc", "nguondon")),
    "people_count": Field("số người", ("songuoi", "songuoidungdon"), cells.number),
    "people": Field("người đại diện", ("nguoidaidien", "nguoidungdon", "hoten")),
    "topic": Field("nội dung", ("noidung", "linhvuc")),
    "target": Field(
        "quyết định, hành vi bị khiếu nại", ("quyetdinhhanhvibikhieunai", "bikhieunai")
    ),
    "target_step": Field("bước bị khiếu nại", ("buocbikhieunai",)),
    "project": Field("dự án", ("maduan", "duan")),
    "cases": Field("mã hồ sơ", ("mahoso", "cacmahoso", "hoso")),
    "parcels": Field("thửa đất", ("thuadat", "tothua", "cacthuadat", "sotosothua")),
    "content": Field("tóm tắt", ("tomtat", "trichyeu")),
    "confidential": Field("bảo mật", ("baomat",)),
}
YES = {"x", "co", "dung", "1"}
_LINKS = (ComplaintParty, ComplaintCase, ComplaintParcel)


@dataclass
class Letter:
    """A row read: a letter that is not saved yet, who speaks for it, the land it is about."""

    complaint: Complaint
    names: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Register the letter; one that stands already with the same kind and day changes nothing."""
    letter = _letter(given, where)
    complaint = letter.complaint
    kept = Complaint.objects.filter(serial=complaint.serial).first()
    if kept is not None:
        if (kept.kind, kept.received_on) == (complaint.kind, complaint.received_on):
            return None
        raise RowError(
            "serial", f"Số {kept.serial} đã có trong sổ với loại đơn hoặc ngày nhận khác."
        )
    intake.register(
        complaint, letter.names, by=where.by, cases=letter.cases, parcels=letter.parcels
    )
    shown = {
        "Loại đơn": complaint.get_kind_display(),
        "Ngày nhận": complaint.received_on,
        "Nội dung": complaint.get_topic_display(),
        "Dự án": complaint.project.code if complaint.project else "",
        "Mã hồ sơ": ", ".join(case.code for case in letter.cases),
        "Thửa đất": ", ".join(intake.named(given.get("parcels", ""))),
    }
    fields = [(name, "", in_words(value)) for name, value in shown.items() if value]
    return Outcome(complaint.pk, f"Đơn {complaint.serial}", None, fields, complaint.version)


def _letter(given: Mapping[str, Any], where: Where) -> Letter:
    """Read a row as a letter; the land it names is what who reads it in may know."""
    not_after(given, "received_on", where.today)
    complaint = Complaint(
        serial=given["serial"][:30],
        kind=choice_of(given["kind"], Complaint.Kind.choices, "kind", "loại đơn"),
        received_on=given["received_on"],
        confidential=fold(given.get("confidential", "")) in YES,
    )
    people = _people(given.get("people_count", Decimal(1)))
    if complaint.kind == Complaint.Kind.DENUNCIATION:
        if people > 1 or any(given.get(name) for name in intake.FORBIDDEN):
            raise RowError(
                "kind",
                "Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái: xóa mọi cột khác của dòng này.",
            )
        return Letter(complaint)
    complaint.people_count = people
    for name, choices, what in (
        ("channel", Complaint.Channel.choices, "hình thức"),
        ("topic", Complaint.Topic.choices, "nội dung"),
        ("target_step", steps.choices()[1:], "bước"),
    ):
        if name in given:
            setattr(complaint, name, choice_of(given[name], choices, name, what))
    complaint.target = given.get("target", "")[:200]
    complaint.content = given.get("content", "")
    letter = Letter(complaint)
    _place(letter, given, where)
    letter.names = [part.strip() for part in given.get("people", "").split(";") if part.strip()]
    if len(letter.names) > complaint.most_representatives:
        most = complaint.most_representatives
        raise RowError("people", f"Với {people} người chỉ ghi nhiều nhất {most} đại diện.")
    return letter


def _people(given: Decimal) -> int:
    if given < 1 or given != int(given):
        raise RowError("people_count", f"Số người “{given}” phải là số nguyên từ 1.")
    return int(given)


def _place(letter: Letter, given: Mapping[str, Any], where: Where) -> None:
    complaint, by = letter.complaint, where.by
    cases = Case.objects.counted_for(by) if by else Case.objects.all()
    parcels = Parcel.objects.visible_to(by) if by else Parcel.objects.all()
    if named := given.get("project"):
        complaint.project = where.known_project(named)
    try:
        letter.cases = intake.find_cases(cases, given.get("cases", ""), complaint.project)
    except intake.UnknownCaseError as error:
        raise RowError("cases", str(error)) from error
    if letter.cases:
        complaint.project = letter.cases[0].project
    try:
        letter.parcels = intake.find_parcels(parcels, given.get("parcels", ""), complaint.project)
    except intake.UnknownParcelError as error:
        raise RowError("parcels", str(error)) from error


def put_back(row: ImportRow, by: User) -> str:
    """Take a letter out of the register that nobody has touched since it was read in."""
    letter = Complaint.objects.select_for_update().filter(pk=row.object_id).first()
    if letter is None:
        return "đơn không còn"
    if letter.version != row.version_after or letter.events.count() > 1:
        return "đã xử lý sau khi nhập"
    if held := referred(Complaint, [letter.pk], (ComplaintEvent, *_LINKS)):
        return f"đã có {held[letter.pk]}"
    parties = list(letter.parties.values_list("pk", flat=True))
    # The only line of such a letter's log is the one this import wrote.
    with pgtrigger.ignore("complaints.ComplaintEvent:append_only"):
        ComplaintEvent.objects.filter(complaint=letter).delete()
    for link in _LINKS:
        link.objects.filter(complaint=letter).delete()
    letter.delete()
    Party.objects.filter(pk__in=set(parties) - referred(Party, parties, ()).keys()).delete()
    return ""


LETTERS = Table(
    kind=ImportRun.Kind.COMPLAINTS,
    title="Đơn thư",
    hint="Cần cột Số tiếp nhận, Loại đơn, Ngày nhận; thêm các cột như tệp xuất từ sổ đơn thư. Số "
    "tiếp nhận đã có trong sổ thì bỏ qua.",
    model="complaints.Complaint",
    fields=FIELDS,
    needed=("serial", "kind", "received_on"),
    take_in=take_in,
    put_back=put_back,
    place=PLACE,
)
