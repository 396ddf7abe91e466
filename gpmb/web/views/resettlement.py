"""Resettlement: a site with its plots and draws, and what is arranged for one household."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, refs
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case
from gpmb.law.steps import MoveRefused
from gpmb.resettlement import process
from gpmb.resettlement.models import (
    Allocation,
    AllocationRefused,
    Arrangement,
    ArrangementRefused,
    Draw,
    DrawRefused,
    Plot,
    Site,
    TemporaryHousing,
)
from gpmb.web.city_tables import beside
from gpmb.web.hotspot_forms import document_of
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_into
from gpmb.web.payment_desk import names_of
from gpmb.web.resettlement_forms import (
    AllocateForm,
    ArrangementForm,
    CloseDrawForm,
    DrawForm,
    HandOverForm,
    ReleaseForm,
    ResultsForm,
    SwapForm,
    TemporaryForm,
)
from gpmb.web.views.cases import editable_case

REFUSALS = (AllocationRefused, ArrangementRefused, DrawRefused, MoveRefused)


def find_site(request: Request, ref: int) -> Site:
    return get_object_or_404(Site.objects.visible_to(request.user).select_related("unit"), ref=ref)


def workable_site(request: Request, ref: int) -> Site:
    """A site this officer draws lots for; for everyone else that page doesn't exist."""
    site = find_site(request, ref)
    if not access.can_run_site(request.user, site, on=today()):
        raise Http404
    return site


@require_GET
def site_page(request: Request, ref: int) -> HttpResponse:
    """A site: its plots with their status and price, whom it serves, draws. Households only to
    those who know them."""
    on = today()
    site = find_site(request, ref)
    opened = Case.objects.household_open_to(request.user, on=on)
    given = Allocation.objects.filter(plot__site=site, released_on=None, case__in=opened)
    holders = {row.plot_id: row for row in given.select_related("case")}
    plots = list(site.plots.order_by("number"))
    mine = access.site_projects(request.user, site, on=on).order_by("code").first()
    works = mine is not None
    return render(
        request,
        "resettlement/site.html",
        {
            "site": site,
            "projects": site.projects.visible_to(request.user).order_by("code"),
            "plots": [(plot, holders.get(plot.pk)) for plot in plots],
            "stock": [
                (status.label, sum(plot.status == status for plot in plots))
                for status in Plot.Status
            ],
            "names": names_of([row.case_id for row in holders.values()]),
            "waiting": waiting_for(site, on).count(),
            "works": works,
            "paste_form": mine and paste_into(request.user, on, mine, Kind.PLOTS, site),
            "draws": site.draws.all() if works or request.user.is_administrator else [],
            "moves": [
                s for s in Plot.Status if s in {t for m in process.PLOT_MOVES.values() for t in m}
            ],
        },
    )


def waiting_for(site: Site, on: dt.date) -> Any:
    """Cases of the projects a site serves whose arrangement is approved and not yet allocated."""
    return (
        Case.objects.live(on=on)
        .filter(project__in=site.projects.all(), arrangement__status="approved")
        .filter(resettlement_need__in=process.GIVEN, entitled_plots__gt=0)
        .order_by("code")
    )


@require_POST
def plots_move(request: Request, ref: int) -> HttpResponse:
    """Change the status of the chosen plots; those that can't are named."""
    site = workable_site(request, ref)
    to, done = request.POST.get("to", ""), 0
    if to not in Plot.Status.values:
        raise Http404
    for plot in site.plots.filter(number__in=request.POST.getlist("plot")):
        try:
            plot.move(to)
        except AllocationRefused as refused:
            messages.error(request, str(refused))
        else:
            done += 1
    if done:
        messages.success(request, f"Đã chuyển {done} lô sang “{Plot.Status(to).label}”.")
    return redirect("resettlement_site", site.ref)


@require_http_methods(["GET", "POST"])
def draw_add(request: Request, ref: int) -> HttpResponse:
    """Prepare a draw of lots."""
    site = workable_site(request, ref)
    on = today()
    cases = waiting_for(site, on).filter(
        pk__in=Case.objects.editable_by(request.user, on=on).values("pk")
    )
    form = DrawForm(request.POST or None, today=on, site=site, cases=cases)
    if request.method == "POST" and form.is_valid():
        return redirect("draw", form.save(by=request.user).ref)
    context = {"form": form, "title": "Lập cuộc bốc thăm", "about": site.name}
    context["back"] = reverse("resettlement_site", args=[site.ref])
    return render(request, "resettlement/form.html", context)


def find_draw(request: Request, ref: int) -> Draw:
    draw = get_object_or_404(Draw.objects.select_related("site", "document"), ref=ref)
    if not (
        request.user.is_administrator or access.can_run_site(request.user, draw.site, on=today())
    ):
        raise Http404
    return draw


def draw_context(request: Request, draw: Draw, **forms: Any) -> dict[str, Any]:
    on = today()
    works = access.can_run_site(request.user, draw.site, on=on)
    results = forms.get("results") or ResultsForm(draw=draw)
    known = Case.objects.household_open_to(request.user, on=on).filter(draw_entries__draw=draw)
    context: dict[str, Any] = {
        "draw": draw,
        "results": results,
        "rows": results.rows(),
        "names": names_of(list(known.values_list("pk", flat=True))),
        "plots": draw.plots.order_by("number"),
        "swaps": draw.swaps.select_related(
            "first__case", "second__case", "first_had", "second_had"
        ),
        "works": works,
    }
    if works and draw.status != Draw.Status.CLOSED:
        context |= beside(request.user, Kind.DRAWS, refs.encode(draw.ref))
    if works and draw.status == Draw.Status.HELD:
        day = {"on": f"{draw.on:%d/%m/%Y}"}
        context["swap_form"] = SwapForm(today=on, draw=draw, initial=day, auto_id="swap_%s")
        context["close_form"] = CloseDrawForm(today=on, initial=day, auto_id="close_%s")
    return context | forms


@require_GET
def draw_page(request: Request, ref: int) -> HttpResponse:
    draw = find_draw(request, ref)
    return render(request, "resettlement/draw.html", draw_context(request, draw))


@require_POST
def draw_record(request: Request, ref: int, act: str) -> HttpResponse:
    """Write the results of a draw, a swap, or its minutes."""
    draw = find_draw(request, ref)
    if not access.can_run_site(request.user, draw.site, on=today()):
        raise Http404
    name, form, save, words = _draw_act(request, draw, act)
    if form.is_valid():
        try:
            with transaction.atomic():
                save(form)
        except REFUSALS as refused:
            form.add_error(None, str(refused))
        except IntegrityError as refused:
            form.add_error(None, _said(refused))
        else:
            messages.success(request, words)
            return redirect("draw", draw.ref)
    draw.refresh_from_db()
    return render(request, "resettlement/draw.html", draw_context(request, draw, **{name: form}))


def _draw_act(
    request: Request, draw: Draw, act: str
) -> tuple[str, Any, Callable[[Any], Any], str]:
    """The form of an act, how it is saved, and what is said then."""
    on = today()
    if act == "ket-qua":
        form: Any = ResultsForm(request.POST, draw=draw)
        return "results", form, lambda f: f.save(), "Đã ghi kết quả bốc thăm."
    if act == "doi":
        form = SwapForm(request.POST, today=on, draw=draw, auto_id="swap_%s")
        return "swap_form", form, lambda f: f.save(), "Đã ghi đổi lô."
    if act == "chot":

        def close(filled: Any) -> None:
            data = filled.cleaned_data
            paper = document_of(data["number"], data["on"])
            draw.close(document=paper, by=request.user)

        form = CloseDrawForm(request.POST, today=on, auto_id="close_%s")
        return "close_form", form, close, "Đã chốt biên bản và bố trí các lô."
    raise Http404


def _said(refused: IntegrityError) -> str:
    """The database's own words; they are written for people."""
    return str(refused).partition("\n")[0]


# One household


def _arrangement(case: Case) -> Arrangement:
    found, _ = Arrangement.objects.get_or_create(case=case)
    return found


@require_http_methods(["GET", "POST"])
def arrange(request: Request, ref: int) -> HttpResponse:
    """The next move of a household's arrangement."""
    case = editable_case(request, ref)
    arrangement = Arrangement.objects.filter(case=case).first() or Arrangement(case=case)
    if request.method == "POST":
        arrangement = _arrangement(case)
    form = ArrangementForm(
        request.POST or None,
        today=today(),
        arrangement=arrangement,
        initial={"on": f"{today():%d/%m/%Y}"},
    )
    return _household_form(
        request, case, form, "Bố trí tái định cư", lambda: form.save(by=request.user)
    )


@require_http_methods(["GET", "POST"])
def allocate(request: Request, ref: int) -> HttpResponse:
    """Give a plot to a household."""
    case = editable_case(request, ref)
    arrangement = get_object_or_404(Arrangement.objects.select_related("case"), case=case)
    form = AllocateForm(
        request.POST or None,
        today=today(),
        arrangement=arrangement,
        initial={"on": f"{today():%d/%m/%Y}"},
    )
    return _household_form(
        request, case, form, "Giao lô tái định cư", lambda: form.save(by=request.user)
    )


@require_http_methods(["GET", "POST"])
def allocation_act(request: Request, ref: int, number: int, act: str) -> HttpResponse:
    """Hand a plot over on the ground, or take it back; `number` counts the case's plots."""
    case = editable_case(request, ref)
    rows = list(case.allocations.filter(released_on=None).select_related("plot").order_by("pk"))
    if not 0 < number <= len(rows) or act not in ("ban-giao", "thoi"):
        raise Http404
    allocation = rows[number - 1]
    arrangement = _arrangement(case)
    day = {"on": f"{today():%d/%m/%Y}"}
    form: Any = (HandOverForm if act == "ban-giao" else ReleaseForm)(
        request.POST or None, today=today(), initial=day
    )

    def save() -> None:
        data = form.cleaned_data
        if act == "thoi":
            arrangement.take_back(
                allocation, on=data["on"], by=request.user, reason=data["reason"]
            )
            return
        paper = document_of(data["number"], data["on"]) if data["number"].strip() else None
        arrangement.hand_over(allocation, on=data["on"], by=request.user, document=paper)

    words = "Bàn giao lô" if act == "ban-giao" else "Thôi bố trí lô"
    return _household_form(request, case, form, f"{words} {allocation.plot.number}", save)


@require_http_methods(["GET", "POST"])
def temporary(request: Request, ref: int) -> HttpResponse:
    """Record temporary housing."""
    case = editable_case(request, ref)
    form = TemporaryForm(request.POST or None, today=today(), instance=TemporaryHousing(case=case))
    return _household_form(request, case, form, "Tạm cư", form.save)


def _household_form(
    request: Request, case: Case, form: Any, title: str, save: Callable[[], Any]
) -> HttpResponse:
    """Show a form about a household's resettlement; what the model refuses is said in it."""
    back = f"{reverse('case', args=[case.ref])}#tai-dinh-cu"
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                save()
        except REFUSALS as refused:
            form.add_error(None, str(refused))
        except IntegrityError as refused:
            form.add_error(None, _said(refused))
        else:
            messages.success(request, "Đã ghi.")
            return redirect(back)
    context = {"form": form, "title": title, "about": case.code, "back": back}
    return render(request, "resettlement/form.html", context)
