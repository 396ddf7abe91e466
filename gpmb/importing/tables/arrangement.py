"""How households are resettled, from a table: a row is one household's next move.

A row that names the form and the ground makes both moves on its day: registered, then eligible.
Plots are given and handed over by a table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseEvent, Law
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, plain, print_of
from gpmb.land.models import Document
from gpmb.law.steps import MoveRefused
from gpmb.resettlement import process
from gpmb.resettlement.models import Arrangement, ArrangementEvent, ArrangementRefused

Status = Arrangement.Status
FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "to": Field(
        "trạng thái", ("trangthai", "viec", "tinhtrang", "trangthaibotri", "tinhtrangbotri")
    ),
    "on": Field("ngày", ("ngay", "ngayghi", "ngaydangky", "ngayxet"), cells.day),
    "form": Field(
        "hình thức",
        ("hinhthuc", "hinhthucbotri", "hinhthuctaidinhcu", "nhucau", "nhucautaidinhcu"),
    ),
    "ground": Field("đủ điều kiện theo", ("dudieukientheo", "dieukien", "truonghop")),
    "plots": Field("số lô", ("solo", "soloduocbotri", "solobotri"), cells.number),
    "number": Field(
        "số văn bản",
        ("sovanban", "sokyhieuvanban", "sokyhieu", "vanban", "quyetdinh", "soquyetdinh"),
    ),
    "note": Field("ghi chú", ("ghichu",)),
}
TARGETS = [
    *((move.target, move.label) for move in process.MOVES if not move.by_allocation),
    *Status.choices,
]
FORMS = [
    *(pair for pair in Case.Resettlement.choices if pair[0] in process.ALL),
    *(("plot", "lô đất"), ("plot", "đất"), ("house", "nhà"), ("self", "tự lo")),
    ("on_site", "tại chỗ"),
]
SHOWN = ("Trạng thái", "Hình thức", "Đủ điều kiện theo", "Số lô")
KEPT = ("status", "ground", "posted_on", "approved_on", "document_id")
OPEN = (Status.REGISTERED, Status.ELIGIBLE, Status.NOT_ELIGIBLE)
"""While it stands so, form and number of plots may be corrected."""


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Move the household's arrangement on; a move recorded before has its facts corrected."""
    not_after(given, "on", where.today)
    case = where.case(given["case"])
    case.lock(None)
    said = _said(given)
    found = Arrangement.objects.filter(case=case).first()
    row = found or Arrangement(case=case)
    old, need = kept_of(row), [case.resettlement_need, case.entitled_plots]
    before = _state(row, case)
    recorded = found and found.events.filter(status=said["to"], on=given["on"]).last()
    step = step_of(case)
    events: list[int] = []
    if recorded:
        _same_log(recorded, row, said, given)
    else:
        if row.status in (Status.REGISTERED, Status.ELIGIBLE) and said["to"] != Status.REGISTERED:
            _correct(row, case, said, where.law)
        row.save()
        events = _walk(row, case, said, given, where)
    _correct(row, case, said, where.law)
    if not events and need == [case.resettlement_need, case.entitled_plots]:
        return None
    shown = [
        (label, was or "chưa có" if found else "", now)
        for label, was, now in zip(SHOWN, before, _state(row, case), strict=True)
        if was != now
    ]
    logged = [name for name in ("on", "number", "note") if events and name in given]
    shown += [(FIELDS[name].label.capitalize(), "", in_words(given[name])) for name in logged]
    made = step_of(case)
    more = {"events": events, "need": need, "step": made if made != step else None}
    return Outcome(row.pk, case.code, old if found else None, shown, _print(row), more=more)


def _state(row: Arrangement, case: Case) -> list[str]:
    """What the preview compares; an arrangement not begun says nothing."""
    return [
        row.get_status_display() if row.pk else "",
        case.get_resettlement_need_display(),
        row.get_ground_display() if row.ground else "",
        in_words(case.entitled_plots) if case.entitled_plots else "",
    ]


def step_of(case: Case) -> int | None:
    """The event by which the case is resettled, if it is."""
    events = case.events.living().filter(step="resettlement")
    return events.order_by("pk").values_list("pk", flat=True).last()


def kept_of(row: Arrangement) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in KEPT}


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """The move, form, ground and plots of the row; the move may follow from the others."""
    form = ground = ""
    if "form" in given:
        form = choice_of(given["form"], FORMS, "form", "hình thức")
    if "ground" in given:
        ground = choice_of(
            given["ground"], Arrangement.Ground.choices, "ground", "trường hợp đủ điều kiện"
        )
    to = Status.ELIGIBLE if ground else Status.REGISTERED
    if "to" in given:
        to = Status(choice_of(given["to"], TARGETS, "to", "trạng thái bố trí"))
    elif not form and not ground:
        raise RowError("to", "Thiếu trạng thái, hoặc hình thức, điều kiện của hộ.")
    plots = given.get("plots")
    if plots is not None and (plots != int(plots) or not 0 < plots < 100):
        raise RowError("plots", f"Số lô {in_words(plots)} không hợp lệ: ghi số nguyên từ 1.")
    if plots is not None and form and form not in process.GIVEN:
        raise RowError("plots", "Hộ tự lo chỗ ở hoặc tái định cư tại chỗ thì không được lô.")
    return {"to": to, "form": form, "ground": ground, "plots": plots and int(plots)}


def _same_log(
    event: ArrangementEvent, row: Arrangement, said: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """The log of moves only grows: what it says otherwise is refused."""
    logged = {
        "number": event.document.number if event.document else "",
        "note": event.note,
        "ground": row.ground and row.get_ground_display(),
    }
    wanted = {name: given.get(name, logged[name]) for name in ("number", "note")}
    wanted["ground"] = (
        Arrangement.Ground(said["ground"]).label if said["ground"] else logged["ground"]
    )
    for name, value in logged.items():
        if wanted[name] != value:
            raise RowError(
                name,
                f"“{event.get_status_display()}” đã ghi ngày {event.on:%d/%m/%Y}, "
                f"{FIELDS[name].label} “{value or 'để trống'}”: nhật ký bố trí không sửa lại.",
            )


def _walk(
    row: Arrangement,
    case: Case,
    said: Mapping[str, Any],
    given: Mapping[str, Any],
    where: Where,
) -> list[int]:
    """Make the move of the row, after the registration where the row registers too."""
    form = said["form"] or case.resettlement_need
    path = [said["to"]]
    direct = process.find(row.status, said["to"], form)
    if direct is None and said["form"] and process.find(Status.REGISTERED, said["to"], form):
        path.insert(0, Status.REGISTERED)
    if direct and direct.by_allocation:
        raise RowError("to", f"“{direct.label}” ghi ở bảng Giao lô tái định cư, hoặc trang hồ sơ.")
    _lacks(row, path, said, given, direct)
    number = given.get("number", "")[:60]
    document = (
        Document.objects.numbered(number, given["on"], Document.Kind.DECISION) if number else None
    )
    events = []
    for to in path:
        last = to == said["to"]
        try:
            event = row.move(
                to,
                on=given["on"],
                by=where.by,
                document=document if last else None,
                note=given.get("note", "")[:300] if last else "",
                form=said["form"] if to == Status.REGISTERED else "",
                ground=said["ground"] if to == Status.ELIGIBLE else "",
                plots=said["plots"],
                law=where.law,
            )
        except ArrangementRefused as refused:
            raise RowError("on" if direct else "to", str(refused)) from refused
        except MoveRefused as refused:
            raise RowError("on", f"{refused.reason} {refused.first or ''}".strip()) from refused
        events.append(event.pk)
    case.refresh_from_db()
    return events


def _lacks(
    row: Arrangement,
    path: list[Any],
    said: Mapping[str, Any],
    given: Mapping[str, Any],
    move: process.Move | None,
) -> None:
    """Name the cell of what a move asks for and the row leaves empty."""
    if Status.REGISTERED in path and not said["form"]:
        raise RowError("form", "Đăng ký thì ghi hình thức: lô đất, nhà, tự lo hay tại chỗ.")
    if Status.ELIGIBLE in path and not said["ground"]:
        raise RowError("ground", "Đủ điều kiện thì ghi theo trường hợp nào.")
    if said["ground"] and Status.ELIGIBLE not in path and said["ground"] != row.ground:
        raise RowError("ground", "Điều kiện chỉ ghi khi xét “Đủ điều kiện”.")
    if move and move.needs_document and not given.get("number"):
        raise RowError("number", f"“{move.label}” phải có số quyết định.")


def _correct(row: Arrangement, case: Case, said: Mapping[str, Any], law: Law) -> None:
    """Set form and plots as the case's own form does, while nothing was posted on them."""
    wanted = {"resettlement_need": said["form"], "entitled_plots": said["plots"]}
    changed = {n: value for n, value in wanted.items() if value and getattr(case, n) != value}
    if not changed:
        return
    if row.status not in OPEN:
        name = "form" if "resettlement_need" in changed else "plots"
        raise RowError(
            name,
            f"Phương án bố trí của hộ {row.get_status_display().lower()}: "
            f"{FIELDS[name].label} không sửa bằng bảng.",
        )
    if "entitled_plots" in changed and case.resettlement_need not in process.GIVEN:
        raise RowError("plots", "Hộ tự lo chỗ ở hoặc tái định cư tại chỗ thì không được lô.")
    case.amend(law=law, **changed)


def _print(row: Arrangement) -> int:
    """What stands now: tells an undo whether someone changed or used it since."""
    case = Case.objects.get(pk=row.case_id)
    fresh = Arrangement.objects.get(pk=row.pk)
    return print_of(
        *kept_of(fresh).values(),
        case.resettlement_need,
        case.entitled_plots,
        case.resettled_on,
        fresh.events.order_by("pk").values_list("pk", flat=True).last(),
        case.allocations.count(),
        case.draw_entries.count(),
    )


def put_back(row: ImportRow, by: User) -> str:
    """Give the arrangement back as it stood; the moves that this import logged go with it."""
    found = Arrangement.objects.select_for_update().filter(pk=row.object_id).first()
    if found is None:
        return "không còn"
    if _print(found) != row.version_after:
        return "đã sửa hoặc làm tiếp sau khi nhập"
    left = row.after or {}
    case = Case.objects.select_for_update().get(pk=found.case_id)
    if why := rewind(found, row.before, left, by):
        return why
    need, plots = left["need"]
    case.refresh_from_db()
    case.amend(resettlement_need=need, entitled_plots=plots)
    return ""


def rewind(
    found: Arrangement, kept: Mapping[str, Any] | None, left: Mapping[str, Any], by: User
) -> str:
    """Take out the moves an import logged and nothing was built on; return why not, or nothing.

    `kept` is what the arrangement said before; None: it was not begun, and goes.
    """
    if why := _void_step(found.case, left, by):
        return why
    # The only lines of this log that ever go: no event voids a move of an arrangement.
    with pgtrigger.ignore("resettlement.ArrangementEvent:append_only"):
        ArrangementEvent.objects.filter(pk__in=left["events"]).delete()
    if kept is None:
        found.delete()
        return ""
    for name, value in kept.items():
        field: Any = Arrangement._meta.get_field(name)
        setattr(found, name, field.to_python(value))
    found.save()
    return ""


def _void_step(case: Case, left: Mapping[str, Any], by: User) -> str:
    """Void the case's step of resettlement where the import recorded it."""
    step = CaseEvent.objects.living().filter(pk=left["step"]).first() if left["step"] else None
    if step is None:
        return ""
    if case.events.living().filter(pk__gt=step.pk).exists():
        return "hồ sơ đã làm bước sau"
    case.void(step, on=today(), by=by, reason="Hoàn tác lần nhập")
    return ""


ARRANGEMENTS = Table(
    kind=ImportRun.Kind.ARRANGEMENTS,
    title="Bố trí tái định cư",
    hint="Cần cột Mã hồ sơ, Ngày và việc của hộ: Hình thức (lô đất, nhà, tự lo, tại chỗ), Đủ "
    "điều kiện theo, hoặc Trạng thái (Niêm yết phương án bố trí, Duyệt phương án bố trí…); "
    "thêm Số lô, Số văn bản, Ghi chú. Giao lô, bàn giao lô là bảng khác.",
    model="resettlement.Arrangement",
    fields=FIELDS,
    needed=("case", "on"),
    take_in=take_in,
    put_back=put_back,
)
