"""One change for many cases: choose, preview, write, receipt, undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from gpmb import access, vn
from gpmb.clearance import bulk
from gpmb.clearance.bulk_changes import step_words
from gpmb.clearance.clock import today
from gpmb.clearance.models import BulkRow, BulkRun, Case
from gpmb.web.bulk_forms import FORMS, BulkForm, BulkReasonForm, RowOrNone
from gpmb.web.bulk_selection import read, read_area, takings_in
from gpmb.web.http import Request, address
from gpmb.web.listing import PAGE_SIZE, names_of

State = BulkRun.State
Verdict = BulkRow.Verdict
MARKED = 3000
"""At most so many takings are outlined on the map; all of them are counted."""


def _officers_alone(request: Request) -> None:
    if not access.can_change_many(request.user):
        raise Http404


def _run(request: Request, ref: int) -> BulkRun:
    runs = BulkRun.objects.visible_to(request.user).select_related("by", "undone_by")
    return get_object_or_404(runs, ref=ref)


def _own(request: Request, ref: int) -> BulkRun:
    """The run, for the officer who made it; everyone else can't move it on: 404."""
    _officers_alone(request)
    return get_object_or_404(BulkRun.objects.select_related("by"), ref=ref, by=request.user)


@require_GET
def runs(request: Request) -> HttpResponse:
    """Earlier bulk changes with their receipts."""
    if not (access.can_change_many(request.user) or request.user.is_administrator):
        raise Http404
    found = BulkRun.objects.visible_to(request.user).written().select_related("by")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "bulk/list.html", {"page": page})


@require_POST
def choose(request: Request) -> HttpResponse:
    """Keep the posted choice of cases and go on to what shall change."""
    _officers_alone(request)
    on = today()
    chosen = read(request, on)
    if chosen is None:
        messages.warning(request, "Chưa chọn hồ sơ nào: đánh dấu hồ sơ, hoặc lọc danh sách.")
        return redirect("cases")
    try:
        run = bulk.choose(
            chosen.cases, by=request.user, on=on, selected_by=chosen.words, asked=chosen.asked
        )
    except bulk.TooMany:
        most = vn.grouped(bulk.MOST)
        messages.error(
            request, f"Mỗi lần cập nhật nhiều nhất {most} hồ sơ: lọc bớt rồi làm từng phần."
        )
        return redirect("cases")
    if not run.total:
        run.delete()
        messages.warning(request, "Không có hồ sơ nào bạn được cập nhật trong lựa chọn này.")
        return redirect("cases")
    return redirect("bulk_run", run.ref)


@require_POST
def area(request: Request) -> JsonResponse:
    """What lies in an area of the map, before anything is chosen: counts, and what to outline."""
    _officers_alone(request)
    on = today()
    shape = read_area(request.POST.get("area", ""))
    if shape is None:
        message = "Vùng chọn không hợp lệ: vẽ lại, ít nhất ba điểm."
        return JsonResponse({"message": message}, status=400)
    takings = takings_in(request, address(request.POST.get("query", "")), shape, on)
    mine = Case.objects.editable_by(request.user, on=on).live(on=on)
    own = takings.filter(case__in=mine.values("pk"))
    return JsonResponse(
        {
            "takings": takings.count(),
            "without_case": takings.filter(case=None).count(),
            "cases": takings.aggregate(n=Count("case", distinct=True))["n"],
            "editable": own.aggregate(n=Count("case", distinct=True))["n"],
            "marked": list(own.order_by("pk").values_list("ref", flat=True)[:MARKED]),
        }
    )


@require_GET
def page(request: Request, ref: int) -> HttpResponse:
    """A run as it stands: what to change, the preview, the progress, the receipt."""
    run = _run(request, ref)
    bulk.recover(run)
    kind = request.GET.get("kind", run.kind)
    return render(request, *_page(request, run, kind=kind))


def _page(
    request: Request, run: BulkRun, *, kind: str = "", **forms: Any
) -> tuple[str, dict[str, Any]]:
    """The template of the run's state and its context; `forms` are posted ones to show again."""
    on = today()
    own = run.by_id == request.user.pk and access.can_change_many(request.user)
    context: dict[str, Any] = {"run": run, "own": own, "today": on, "counts": run.counts()}
    if run.busy:
        return "bulk/running.html", context
    if run.state in (State.CHOSEN, State.PREVIEWED):
        kind = kind if kind in FORMS else BulkRun.Kind.STEP
        cases = Case.objects.filter(bulk_rows__run=run)
        context |= {
            "kinds": BulkRun.Kind.choices,
            "kind": kind,
            "form": forms.get("form") or _form(run, kind, cases, on),
            "projects": _by_project(cases),
            "steps": _by_step(cases, on),
        }
        if run.state == State.CHOSEN:
            return "bulk/change.html", context
    context |= {
        "reasons": _reasons(run),
        "reason_form": forms.get("reason_form") or BulkReasonForm(today=on),
        "verdict": request.GET.get("ket-qua", ""),
        "verdicts": _outcomes(run, context["counts"]),
        **_rows(request, run, on),
    }
    return f"bulk/{'preview' if run.state == State.PREVIEWED else 'receipt'}.html", context


def _outcomes(run: BulkRun, counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """(code, words, count) of the outcomes there are, what changes first."""
    ordered = sorted(Verdict, key=lambda outcome: outcome != run.outcome)
    return [(each.value, each.label, counts[each]) for each in ordered if counts[each]]


def _form(run: BulkRun, kind: str, cases: Any, on: dt.date) -> BulkForm:
    """The form of a kind, filled with what was asked before where the kind is the same."""
    initial = {}
    if kind == run.kind:
        initial = {
            name: vn.day(dt.date.fromisoformat(value))
            if value and (name == "on" or name.endswith("_on"))
            else value
            for name, value in run.change.items()
        }
        if kind in (BulkRun.Kind.OFFICER, BulkRun.Kind.BATCH):
            initial = {name: value or RowOrNone.NONE for name, value in initial.items()}
    return FORMS[kind](cases=cases, today=on, initial=initial)


def _by_project(cases: Any) -> list[dict[str, Any]]:
    return list(
        cases.order_by("project__code")
        .values("project__ref", "project__code", "project__name")
        .annotate(n=Count("pk"))
    )


def _by_step(cases: Any, on: dt.date) -> list[tuple[str, int, int]]:
    """How many of the chosen cases stand at each step: (label, stage, count)."""
    rows = cases.order_by("stage", "step").values("stage", "step").annotate(n=Count("pk"))
    return [
        (step_words(Case(step=row["step"], stepped_on=on), on), row["stage"], row["n"])
        for row in rows
    ]


def _reasons(run: BulkRun) -> list[Any]:
    """Why cases don't change, the most frequent reason first."""
    stopped = run.rows.filter(verdict__in=[Verdict.REFUSED, Verdict.SAME, Verdict.KEPT])
    found: Any = stopped.order_by().values("verdict", "why").annotate(n=Count("pk"))
    return list(found.order_by("-n")[:12])


def _rows(request: Request, run: BulkRun, on: dt.date) -> dict[str, Any]:
    """One page of the run's rows, those the reader may open."""
    opened = Case.objects.visible_to(request.user, on=on)
    rows = run.rows.filter(case__in=opened.values("pk")).select_related("case__project")
    hidden = run.total - rows.count()
    if (wanted := request.GET.get("ket-qua", "")) in Verdict.values:
        rows = rows.filter(verdict=Verdict.CHANGES if wanted == run.outcome else wanted)
    ordered = rows.order_by("case__project__code", "case__code")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    names = names_of(request.user, [row.case_id for row in page], on)
    return {
        "page": page,
        "hidden": hidden,
        "rows": [(row, names.get(row.case_id, ())) for row in page],
        "show_names": access.sees_names(request.user),
        "many_projects": rows.order_by().values("case__project").distinct()[1:2].exists(),
    }


@require_POST
def preview(request: Request, ref: int) -> HttpResponse:
    """Judge the chosen cases by the posted change."""
    run = _own(request, ref)
    kind = request.POST.get("kind", "")
    if run.state not in (State.CHOSEN, State.PREVIEWED) or kind not in FORMS:
        return redirect("bulk_run", run.ref)
    on = today()
    cases = Case.objects.filter(bulk_rows__run=run)
    form = FORMS[kind](request.POST, cases=cases, today=on)
    if not form.is_valid():
        form.mark_invalid()
        return render(request, *_page(request, run, kind=kind, form=form))
    bulk.preview(run, kind, form.values(), on=on)
    return redirect("bulk_run", run.ref)


@require_POST
def write(request: Request, ref: int) -> HttpResponse:
    """Write what was previewed, once; the page then shows progress or the receipt."""
    run = _own(request, ref)
    on = today()
    form = BulkReasonForm(request.POST, today=on)
    if run.state == State.PREVIEWED and not form.is_valid():
        form.mark_invalid()
        return render(request, *_page(request, run, reason_form=form))
    if form.is_valid() and run.claim(
        "running", timezone.now(), reason=form.cleaned_data["reason"]
    ):
        bulk.begin(run, bulk.write, on=on)
    return redirect("bulk_run", run.ref)


@require_POST
def undo(request: Request, ref: int) -> HttpResponse:
    """Take back what a run wrote, once."""
    run = _own(request, ref)
    on = today()
    form = BulkReasonForm(request.POST, today=on)
    if run.state == State.WRITTEN and not form.is_valid():
        form.mark_invalid()
        return render(request, *_page(request, run, reason_form=form))
    if form.is_valid() and run.claim(
        "undoing",
        timezone.now(),
        undo_reason=form.cleaned_data["reason"],
        undone_by=request.user,
    ):
        bulk.begin(run, bulk.undo, on=on)
    return redirect("bulk_run", run.ref)


@require_GET
def progress(request: Request, ref: int) -> HttpResponse:
    """How far a run is; once it is through, the page shows itself anew."""
    run = _run(request, ref)
    bulk.recover(run)
    if not run.busy:
        return HttpResponseClientRefresh()
    return render(request, "bulk/progress.html", {"run": run})
