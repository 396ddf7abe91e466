"""Plots given to households, from a table: a row is one plot for one household, by a decision.

The arrangement moves as on the household's page: with the last plot of its entitlement, and when
the plot is received on the ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from gpmb.accounts.models import User
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.arrangement import kept_of, rewind, step_of
from gpmb.importing.tables.plot import PLOT_NAMES, SITE_NAMES, number_of, site_named
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import in_words, not_after, print_of
from gpmb.land.models import Document
from gpmb.law.steps import MoveRefused
from gpmb.resettlement.models import (
    Allocation,
    AllocationRefused,
    Arrangement,
    ArrangementRefused,
    Plot,
)

FIELDS: Mapping[str, Field] = {
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "plot": Field("số lô", PLOT_NAMES),
    "site": Field("khu tái định cư", SITE_NAMES),
    "on": Field(
        "bố trí ngày", ("botringay", "ngaybotri", "ngaygiaolo", "giaongay", "ngay"), cells.day
    ),
    "number": Field(
        "số quyết định",
        ("soquyetdinh", "quyetdinh", "sokyhieu", "sokyhieuvanban", "sovanban", "vanban"),
    ),
    "handed_over_on": Field(
        "bàn giao ngày",
        ("bangiaongay", "ngaybangiao", "bangiaothucdia", "bangiaothucdiangay"),
        cells.day,
    ),
    "minutes": Field("số biên bản bàn giao", ("sobienbanbangiao", "sobienban", "bienban")),
}


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Give the plot to the household, hand it over on the ground, or both."""
    for name in ("on", "handed_over_on"):
        not_after(given, name, where.today)
    case = where.case(given["case"])
    plot = _plot(given, where)
    arrangement = Arrangement.objects.select_for_update().filter(case=case).first()
    if arrangement is None:
        raise RowError("case", f"Hồ sơ {case.code} chưa có phương án bố trí tái định cư.")
    kept, step, status = kept_of(arrangement), step_of(case), plot.status
    logged = arrangement.events.order_by("pk").values_list("pk", flat=True).last() or 0
    held = case.allocations.filter(plot=plot, released_on=None).first()
    if held is not None:
        _same(held, given)
    allocation = held or _give(arrangement, plot, given, where)
    handed_over = "handed_over_on" in given and allocation.handed_over_on is None
    if handed_over:
        _hand_over(arrangement, allocation, given, where)
    if held and not handed_over:
        return None
    arrangement.refresh_from_db()
    shown = [] if held else [("Bố trí ngày", "", in_words(given["on"]))]
    shown += [] if held else [("Số quyết định", "", given["number"])]
    if handed_over:
        shown.append(("Bàn giao ngày", "chưa" if held else "", in_words(given["handed_over_on"])))
    shown.append(("Bố trí tái định cư", "", arrangement.get_status_display()))
    made = step_of(case)
    more = {
        "kept": kept,
        "events": list(arrangement.events.filter(pk__gt=logged).values_list("pk", flat=True)),
        "step": made if made != step else None,
        "status": status,
        "handed_over": handed_over,
    }
    before: dict[str, Any] | None = {} if held else None
    label = f"{case.code} · {plot}"
    return Outcome(allocation.pk, label, before, shown, _print(allocation), more=more)


def _plot(given: Mapping[str, Any], where: Where) -> Plot:
    """The plot of this number in the site named, else in whichever site of the project has it."""
    number = number_of(given["plot"])
    sites = [site_named(given["site"], where)] if "site" in given else where.sites
    plots = Plot.objects.select_for_update(of=("self",)).select_related("site")
    found = list(plots.filter(site__in=sites, number__iexact=number))
    if not found:
        raise RowError("plot", f"Không có lô {number} trong các khu phục vụ dự án.")
    if len(found) > 1:
        names = "; ".join(plot.site.name for plot in found)
        raise RowError("site", f"Lô {number} có ở nhiều khu ({names}): thêm cột Khu.")
    return found[0]


def _same(held: Allocation, given: Mapping[str, Any]) -> None:
    """A plot held already is not given anew by another day or decision."""
    number = held.document.number if held.document else ""
    said = {"on": held.allocated_on, "number": number}
    if held.handed_over_on:
        said["handed_over_on"] = held.handed_over_on
    for name, value in said.items():
        if given.get(name, value) != value:
            raise RowError(
                name,
                f"Lô đã ghi {FIELDS[name].label} “{in_words(value) or 'để trống'}”. Ghi sai thì "
                "thôi bố trí ở trang hồ sơ rồi giao lại.",
            )


def _give(
    arrangement: Arrangement, plot: Plot, given: Mapping[str, Any], where: Where
) -> Allocation:
    for name in ("on", "number"):
        if name not in given:
            raise RowError(name, f"Giao lô phải có {FIELDS[name].label}.")
    paper = Document.objects.numbered(given["number"][:60], given["on"], Document.Kind.DECISION)
    try:
        with transaction.atomic():
            return arrangement.give(plot, on=given["on"], by=where.by, document=paper)
    except AllocationRefused as refused:
        raise RowError("plot", str(refused)) from refused
    except ArrangementRefused as refused:
        raise RowError("case", str(refused)) from refused
    except IntegrityError as refused:  # the entitlement, said by the database
        raise RowError("case", str(refused).partition("\n")[0]) from refused


def _hand_over(
    arrangement: Arrangement,
    allocation: Allocation,
    given: Mapping[str, Any],
    where: Where,
) -> None:
    on, paper = given["handed_over_on"], None
    if number := given.get("minutes", "")[:60]:
        paper = Document.objects.numbered(number, on, Document.Kind.MINUTES)
    try:
        arrangement.hand_over(allocation, on=on, by=where.by, document=paper)
    except (AllocationRefused, ArrangementRefused) as refused:
        raise RowError("handed_over_on", str(refused)) from refused
    except MoveRefused as refused:
        why = f"{refused.reason} {refused.first or ''}".strip()
        raise RowError("handed_over_on", why) from refused


def _print(allocation: Allocation) -> int:
    """What stands now: tells an undo whether someone moved the plot or the household since."""
    fresh = Allocation.objects.select_related("plot", "case").get(pk=allocation.pk)
    arrangement = Arrangement.objects.get(case=fresh.case)
    return print_of(
        fresh.released_on,
        fresh.handed_over_on,
        fresh.plot.status,
        *kept_of(arrangement).values(),
        arrangement.events.order_by("pk").values_list("pk", flat=True).last(),
        fresh.case.resettled_on,
    )


def put_back(row: ImportRow, by: User) -> str:
    """Take the plot back as if it had not been given, or not handed over."""
    rows = Allocation.objects.select_for_update(of=("self",)).select_related("plot", "case")
    allocation = rows.filter(pk=row.object_id).first()
    if allocation is None:
        return "không còn"
    if _print(allocation) != row.version_after:
        return "đã sửa hoặc làm tiếp sau khi nhập"
    left = row.after or {}
    arrangement = Arrangement.objects.select_for_update().get(case=allocation.case)
    if why := rewind(arrangement, left["kept"], left, by):
        return why
    if row.action == ImportRow.Action.CREATED:
        allocation.delete()
    else:
        allocation.handed_over_on = None
        allocation.save(update_fields=["handed_over_on"])
    Plot.objects.filter(pk=allocation.plot_id).update(status=left["status"])
    return ""


ALLOCATIONS = Table(
    kind=ImportRun.Kind.ALLOCATIONS,
    title="Giao lô tái định cư cho hộ",
    hint="Cần cột Mã hồ sơ, Lô, Bố trí ngày, Số quyết định; đã bàn giao thực địa thì thêm Bàn "
    "giao ngày, Số biên bản bàn giao. Hộ phải có phương án bố trí đã duyệt; lô trùng số ở nhiều "
    "khu thì thêm cột Khu. Lô đã giao thì chỉ cần Mã hồ sơ, Lô, Bàn giao ngày.",
    model="resettlement.Allocation",
    fields=FIELDS,
    needed=("case", "plot"),
    take_in=take_in,
    put_back=put_back,
)
