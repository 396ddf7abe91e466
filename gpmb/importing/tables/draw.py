"""What households drew, from a table: a row is one entry of a draw of lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from gpmb.accounts.models import User
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import DRAW
from gpmb.importing.tables.plot import PLOT_NAMES, number_of
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, count, print_of
from gpmb.resettlement.models import Draw, DrawEntry, DrawRefused, Plot

FIELDS: Mapping[str, Field] = {
    "order": Field("lượt", ("luot", "thutu", "stt", "luotbocthamso"), count),
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "plot": Field("lô bốc được", ("lobocduoc", "lotrungtham", "lobocduocso", *PLOT_NAMES)),
    "absent": Field("vắng", ("vang", "vangmat")),
}
ABSENT = [(True, "x"), (True, "có"), (True, "vắng"), (True, "vắng mặt"), (False, "không")]


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Write what the entry drew, or that nobody came; the other entries stay as they are."""
    draw = cast(Draw, where.home)
    entry = _entry(draw, given)
    absent = "absent" in given and choice_of(given["absent"], ABSENT, "absent", "vắng")
    if "plot" not in given and not absent:
        raise RowError("plot", "Ghi lô bốc được, hoặc đánh dấu vắng.")
    plot = _plot(draw, given) if "plot" in given else None
    old = (entry.present, entry.plot)
    if old == (not absent, plot):
        return None
    status = draw.status
    try:
        draw.record_entry(entry, present=not absent, plot=plot)
    except DrawRefused as refused:
        raise RowError("plot", str(refused)) from refused
    before = {"present": old[0], "plot": old[1].pk if old[1] else None}
    fields = [("Lô bốc được", _words(*old), _words(not absent, plot))]
    label = f"Lượt {entry.order} · {entry.case.code}"
    return Outcome(entry.pk, label, before, fields, _print(entry), more={"status": status})


def _words(present: bool, plot: Plot | None) -> str:
    return plot.number if plot else "chưa ghi" if present else "vắng"


def _entry(draw: Draw, given: Mapping[str, Any]) -> DrawEntry:
    """The entry of this turn, of this household, or of both."""
    if not given.keys() & {"order", "case"}:
        raise RowError("order", "Thiếu lượt hoặc mã hồ sơ.")
    rows = draw.entries.select_for_update(of=("self",)).select_related("case", "plot")
    if "order" in given:
        rows = rows.filter(order=given["order"])
    if "case" in given:
        rows = rows.filter(case__code=given["case"])
    found = list(rows.order_by("order")[:2])
    name = "case" if "case" in given else "order"
    if not found:
        raise RowError(name, "Cuộc bốc thăm không có lượt, hồ sơ này: kiểm tra lại.")
    if len(found) > 1:
        raise RowError("order", f"Hồ sơ {given['case']} có nhiều lượt: ghi thêm cột Lượt.")
    return found[0]


def _plot(draw: Draw, given: Mapping[str, Any]) -> Plot:
    number = number_of(given["plot"])
    plot = draw.plots.filter(number__iexact=number).first()
    if plot is None:
        raise RowError("plot", f"Lô {number} không có trong cuộc bốc thăm này.")
    return plot


def _print(entry: DrawEntry) -> int:
    """What the entry says now: tells an undo whether it was changed, swapped or closed since."""
    fresh = DrawEntry.objects.select_related("draw").get(pk=entry.pk)
    closed = fresh.draw.status == Draw.Status.CLOSED
    return print_of(fresh.present, fresh.plot_id, closed, fresh.draw.swaps.count())


def put_back(row: ImportRow, by: User) -> str:
    """Give the entry what it said before, while the draw is open and nobody swapped."""
    entry = DrawEntry.objects.select_related("draw").filter(pk=row.object_id).first()
    if entry is None:
        return "không còn"
    draw = Draw.objects.select_for_update().get(pk=entry.draw_id)
    if _print(entry) != row.version_after:
        return "đã sửa, đổi lô hoặc chốt biên bản sau khi nhập"
    row.give_back(entry)
    before = (row.after or {})["status"]
    if before != draw.status:
        draw.status = before
        draw.save(update_fields=["status"])
    return ""


DRAWS = Table(
    kind=ImportRun.Kind.DRAWS,
    title="Kết quả bốc thăm",
    hint="Cần cột Lượt hoặc Mã hồ sơ, và Lô bốc được; hộ không đến thì đánh x ở cột Vắng. Hồ sơ "
    "có nhiều lượt thì ghi cả Lượt. Sửa được cho đến khi chốt biên bản.",
    model="resettlement.DrawEntry",
    fields=FIELDS,
    needed=(),
    either=("order", "case"),
    take_in=take_in,
    put_back=put_back,
    place=DRAW,
)
