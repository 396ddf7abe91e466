"""Plots of a resettlement site from a table: a row is a plot, known by its site and number.

A site serves several projects; the block belongs to one of them that its officer works on. What
households hold (given, handed over) is moved on their pages, never by this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.importing import cells
from gpmb.importing.columns import fold
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, plain, print_of
from gpmb.referred import referred
from gpmb.resettlement.models import AllocationRefused, Plot, Site

PLOT_NAMES = ("solo", "lo", "lodat", "sohieulo", "kyhieulo", "malo", "tenlo")
SITE_NAMES = ("khutaidinhcu", "khu", "makhu", "tenkhu", "khutdc")
FIELDS: Mapping[str, Field] = {
    "number": Field("số lô", PLOT_NAMES),
    "area_m2": Field(
        "diện tích (m²)", ("dientich", "dientichm", "dientichm2", "dientichlo"), cells.area
    ),
    "price_vnd": Field(
        "giá (đồng)",
        ("gia", "giadong", "giadat", "gialo", "tongia", "giadatdong", "thanhtien", "giatri"),
        cells.money,
    ),
    "status": Field("trạng thái", ("trangthai", "tinhtrang")),
    "site": Field("khu tái định cư", SITE_NAMES),
}
PLAIN = ("area_m2", "price_vnd")
GIVEN = (Plot.Status.ALLOCATED, Plot.Status.HANDED_OVER)
_BY_HOUSEHOLD = "“{}” là việc của một hộ: giao lô, bàn giao ở trang hồ sơ của hộ ấy."


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the plot, or change the one of this number; the status moves as on the page."""
    site = _site(given, where)
    number = number_of(given["number"])
    status = None
    if "status" in given:
        said = choice_of(given["status"], Plot.Status.choices, "status", "trạng thái lô")
        status = Plot.Status(said)
    values = {name: given[name] for name in PLAIN if name in given}
    if given.get("area_m2") == 0:
        raise RowError("area_m2", "Diện tích lô phải lớn hơn 0.")
    plot = site.plots.select_for_update().filter(number__iexact=number).first()
    label = f"{site.name} · lô {number}"
    if plot is None:
        if "area_m2" not in given:
            raise RowError("area_m2", f"Thiếu diện tích: khu chưa có lô {number}.")
        plot = Plot(site=site, number=number, status=status or Plot.Status.PLANNED, **values)
        _add(plot)
        shown = [(FIELDS[n].label.capitalize(), "", in_words(v)) for n, v in values.items()]
        shown.append(("Trạng thái", "", plot.get_status_display()))
        return Outcome(plot.pk, label, None, shown, _print(plot))
    old = {name: getattr(plot, name) for name in values}
    changed = {name: value for name, value in values.items() if old[name] != value}
    before = {name: plain(old[name]) for name in changed}
    shown = [
        (FIELDS[n].label.capitalize(), in_words(old[n]) or "chưa có", in_words(value))
        for n, value in changed.items()
    ]
    if status and status != plot.status:
        before["status"] = plot.status
        shown.append(("Trạng thái", plot.get_status_display(), status.label))
    if not shown:
        return None
    _change(plot, changed, status)
    return Outcome(plot.pk, label, before, shown, _print(plot))


def number_of(text: str) -> str:
    """The number of a plot without the word before it: "lô L02" is L02."""
    return re.sub(r"^lô\s+", "", text, flags=re.IGNORECASE)


def site_named(text: str, where: Where) -> Site:
    """The site of this name or code that serves the project."""
    for site in where.sites:
        if fold(text) in (fold(site.code), fold(site.name)):
            return site
    known = "; ".join(site.name for site in where.sites[:8]) or "chưa có khu nào"
    raise RowError(
        "site", f"“{text}” không phải khu tái định cư phục vụ dự án. Một trong: {known}."
    )


def _site(given: Mapping[str, Any], where: Where) -> Site:
    """The site the row names, else the one of the page, else the project's only one."""
    if text := given.get("site"):
        return site_named(text, where)
    here = [site for site in where.sites if where.site in (None, site.pk)]
    if len(here) != 1:
        why = "có nhiều khu" if here else "chưa có khu nào"
        raise RowError(
            "site", f"Dự án {why} tái định cư phục vụ. Thêm cột Khu, hoặc dán ở trang của khu."
        )
    return here[0]


def _add(plot: Plot) -> None:
    if plot.status in GIVEN:
        raise RowError("status", _BY_HOUSEHOLD.format(plot.get_status_display()))
    plot.clean_fields(exclude={"site", "boundary"})
    plot.save()


def _change(plot: Plot, changed: Mapping[str, Any], status: Plot.Status | None) -> None:
    """Write what changed; a plot that a household holds only gets a price it hasn't had."""
    for name, value in changed.items():
        if plot.status in GIVEN and getattr(plot, name) is not None:
            raise RowError(
                name,
                f"Lô {plot.number} {plot.get_status_display().lower()}: {FIELDS[name].label} theo "
                "quyết định của hộ, không sửa bằng bảng. Báo quản trị viên nếu ghi sai.",
            )
        setattr(plot, name, value)
    if changed:
        plot.clean_fields(exclude={"site", "boundary"})
        plot.save(update_fields=list(changed))
    if status and status != plot.status:
        if status in GIVEN:
            raise RowError("status", _BY_HOUSEHOLD.format(status.label))
        try:
            plot.move(status)
        except AllocationRefused as refused:
            raise RowError("status", str(refused)) from refused


def _print(plot: Plot) -> int:
    """What the plot says now: tells an undo whether someone changed it since."""
    said = Plot.objects.values_list("number", *PLAIN, "status").get(pk=plot.pk)
    return print_of(*said)


def put_back(row: ImportRow, by: User) -> str:
    """Delete a new plot, give a changed one its values; what moved or is used since stays."""
    plot = Plot.objects.select_for_update().filter(pk=row.object_id).first()
    if plot is None:
        return "không còn"
    if not access.can_run_site(by, plot.site, on=today()):
        return "khu này không còn phục vụ dự án của bạn"
    if _print(plot) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        if others := referred(Plot, [plot.pk], ()):
            return f"đã có {others[plot.pk]}"
        plot.delete()
        return ""
    row.give_back(plot)
    return ""


PLOTS = Table(
    kind=ImportRun.Kind.PLOTS,
    title="Lô của khu tái định cư",
    hint="Cần cột Số lô, Diện tích (m²); thêm Giá (đồng), Trạng thái. Lô đã có trong khu thì chỉ "
    "cần cột muốn sửa. Lô đã giao cho hộ không sửa bằng bảng, trừ giá còn trống. Dự án có "
    "nhiều khu thì thêm cột Khu.",
    model="resettlement.Plot",
    fields=FIELDS,
    needed=("number",),
    take_in=take_in,
    put_back=put_back,
)
