"""The household × step matrix of a project: look, move by keys, record a step, take it as XLSX."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import reswap, retarget, trigger_client_event

from gpmb import access
from gpmb.analysis.matrix import LOOK_WORDS, Matrix, matrix
from gpmb.clearance.bulk_changes import step_words
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Obstacle, Project
from gpmb.law import steps
from gpmb.reports.matrix import AGE_WORDS, Sheet, write
from gpmb.reports.models import ExportLog
from gpmb.web.bulk_selection import filter_words
from gpmb.web.drafts import mark_saved
from gpmb.web.filters import ProjectCaseFilter
from gpmb.web.forms import AdvanceForm
from gpmb.web.http import Request
from gpmb.web.import_forms import paste_form
from gpmb.web.listing import case_rows, names_of, regime_of_row
from gpmb.web.views.cases import editable_case
from gpmb.web.views.panel import record

ROWS = 1000
"""Rows of one page: more than nearly every project has."""
COLOURS = {"han": "trễ hạn", "ngay": "ngày ghi"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _project(request: Request, ref: int) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.user), ref=ref)


def _colour(request: Request) -> str:
    asked = request.GET.get("mau", "")
    return asked if asked in COLOURS else "han"


def _filtered(request: Request, project: Project, on: dt.date) -> ProjectCaseFilter:
    rows = case_rows(request.user, on).filter(project=project)
    return ProjectCaseFilter(request.GET, rows, request=request, on=on)


def _context(request: Request, cases: list[Case], on: dt.date) -> dict[str, Any]:
    """The matrix of some cases with what this reader may see and do in it."""
    keys = [case.pk for case in cases]
    opened = Case.objects.visible_to(request.user, on=on).filter(pk__in=keys)
    opens = set(opened.values_list("pk", flat=True))
    stuck = Obstacle.objects.open(on=on).filter(case__in=keys)
    told: Matrix = matrix(cases, on)
    return {
        "matrix": told,
        "opens": opens,
        "names": names_of(request.user, opens, on),
        "show_names": access.sees_names(request.user),
        "stuck": set(stuck.values_list("case_id", flat=True)),
    }


@require_GET
def page(request: Request, ref: int) -> HttpResponse:
    on = today()
    project = _project(request, ref)
    chosen = _filtered(request, project, on)
    page = Paginator(chosen.qs.order_by("code"), ROWS).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "filter": chosen,
        "page": page,
        "on": on,
        "colour": _colour(request),
        "colours": COLOURS,
        "can_advance": access.works_on(request.user, project, on=on),
        "age_words": AGE_WORDS,
        "paste_form": paste_form(request.user, on, project),
        "legend": [(look.value, words) for look, words in LOOK_WORDS.items()],
        **_context(request, list(page), on),
    }
    return render(request, "matrix/page.html", context)


@require_http_methods(["GET", "POST"])
def step(request: Request, ref: int, case: int, code: str) -> HttpResponse:
    """The form of one cell; recorded, the answer is the row as it now stands."""
    on = today()
    row = editable_case(request, case)
    if row.project.ref != ref or code not in dict(steps.choices()):
        raise Http404
    if request.method == "GET":
        form = AdvanceForm(case=row, today=on)
        asked = {name: value for name, value in request.GET.items() if value}
        form.initial = {**form.initial, **asked, "step": code}
        return render(request, "matrix/step.html", _step(row, code, form))
    form = AdvanceForm(request.POST, case=row, today=on)
    outcome = record(form, request)
    if not outcome["saved"]:
        answer = render(request, "matrix/step.html", _step(row, code, form) | outcome)
        return reswap(retarget(answer, "#matrix-form"), "innerHTML")
    row.refresh_from_db()
    context = _context(request, [row], on) | {"can_advance": True, "project": row.project}
    answer = render(request, "matrix/row.html", context | {"row": context["matrix"].rows[0]})
    said = f"{row.code}: đã ghi bước “{step_words(row, on)}”."
    return mark_saved(trigger_client_event(answer, "matrix-recorded", {"text": said}))


def _step(case: Case, code: str, form: AdvanceForm) -> dict[str, Any]:
    regime = regime_of_row(case, form.today)
    return {
        "case": case,
        "project": case.project,
        "code": code,
        "step_label": steps.label(code, regime),
        "now_label": steps.label(case.step, regime),
        "form": form,
    }


@require_GET
def export(request: Request, ref: int) -> HttpResponse:
    """The matrix as seen, as XLSX: filter, colours, frozen panes; that it left is logged."""
    on = today()
    project = _project(request, ref)
    chosen = _filtered(request, project, on)
    cases = list(chosen.qs.order_by("code"))
    context = _context(request, cases, on)
    words = [f"{label}: {value}" for label, value in filter_words(chosen)]
    names = context["names"] if context["show_names"] else None
    content = write(
        Sheet(
            project.name, on, words, _colour(request), context["matrix"], names, context["stuck"]
        )
    )
    ExportLog.objects.create(
        by=request.user,
        source=ExportLog.Source.MATRIX,
        format=ExportLog.Format.LIST,
        filters="; ".join(words)[:1000],
        query=request.get_full_path()[:1000],
        on=on,
        rows=len(cases),
        personal=bool(names),
    )
    name = f"ma-tran-{project.code}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
