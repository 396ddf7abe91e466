"""Letters (/van-ban/): composed for one household or a whole list, previewed, written, logged."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseParty, Disclosure
from gpmb.papers.models import LetterKind, LetterRun, LetterTemplate, Scope
from gpmb.reports import background
from gpmb.reports.administrative import DOCX
from gpmb.reports.letters import batch, preview, values
from gpmb.reports.letters.fields import FIELDS, Listed
from gpmb.reports.letters.template import Template, used_fields
from gpmb.web.filters import CaseFilter
from gpmb.web.http import Request
from gpmb.web.letter_forms import ComposeForm, TemplateForm
from gpmb.web.listing import PAGE_SIZE, case_rows

MOST = 1_000
AT_ONCE = 5  # so few Word letters are written while one waits
MIME = {"docx": DOCX, "zip": "application/zip", "pdf": "application/pdf"}
SHOWN_MISSING = 30


def writer(request: Request) -> None:
    """Let those through who may write letters; for everyone else the pages don't exist."""
    if not access.can_write_letters(request.user):
        raise Http404


def current(kind: str) -> LetterTemplate:
    """The newest version of a kind of letter about cases; 404 for an unknown kind."""
    rows = LetterTemplate.objects.current().select_related("file")
    return get_object_or_404(rows, kind=kind)


def chosen_cases(request: Request) -> tuple[list[Case], int]:
    """The cases of the address's filter whose household this user knows, and how many not."""
    on = today()
    rows = CaseFilter(request.GET, case_rows(request.user, on), request=request, on=on).qs
    if codes := request.GET.getlist("hoso"):
        rows = rows.filter(code__in=codes)
    known = Case.objects.household_open_to(request.user, on=on)
    mine = rows.filter(pk__in=known.values("pk")).select_related("project__investor", "officer")
    found = list(mine.order_by("project__code", "code")[: MOST + 1])
    return found, rows.count() - len(found) if len(found) <= MOST else 0


@require_http_methods(["GET", "POST"])
def compose(request: Request) -> HttpResponse:
    """Choose a template for the cases of a filter; see the first letter and what is missing."""
    writer(request)
    on = today()
    kinds = [kind for kind in LetterKind if kind.scope != Scope.COMPLAINT]
    asked = request.GET.get("mau", LetterKind.INVITATION.value)
    if asked not in kinds:
        raise Http404
    row = current(asked)
    template = Template(row.file.read())
    used = used_fields(template, row.scope)
    cases, hidden = chosen_cases(request)
    form = ComposeForm(request.POST or None, used=used, today=on)
    problem = problem_of(cases, row.scope)
    if request.method == "POST" and not problem and form.is_valid():
        return redirect("letter_run", order(request, row, cases, form, used).ref)
    context: dict[str, Any] = {
        "row": row,
        "kinds": kinds,
        "cases": cases,
        "hidden": hidden,
        "form": form,
        "problem": problem,
        "letters": 1 if row.scope == Scope.LIST else len(cases),
        "query": "&".join(
            part for part in request.GET.urlencode().split("&") if not part.startswith("mau=")
        ),
    }
    if not problem:
        rows = rows_of(cases, row.scope, form)
        lacking = [(name, empty) for name, each in rows if (empty := values.missing(each, used))]
        context |= {
            "blocks": preview.blocks(template.write(rows[0][1])),
            "first": rows[0][0],
            "missing": lacking[:SHOWN_MISSING],
            "missing_count": len(lacking),
        }
    return render(request, "letters/compose.html", context)


def problem_of(cases: list[Case], scope: str) -> str:
    """Why no letter can be written for these cases, or ""."""
    if not cases:
        return "Không có hồ sơ nào bạn được soạn văn bản trong bộ lọc này."
    if len(cases) > MOST:
        return f"Nhiều hơn {MOST} hồ sơ: hãy lọc hẹp hơn."
    if scope == Scope.LIST and len({case.project_id for case in cases}) > 1:
        return "Văn bản này lập cho một dự án: hãy lọc theo dự án."
    return ""


def rows_of(cases: list[Case], scope: str, form: ComposeForm) -> list[tuple[str, Any]]:
    """(case or project code, values) of each letter."""
    typed, on = form.typed_values(), today()
    if scope == Scope.LIST:
        return [(cases[0].project.code, values.of_list(cases, on=on, typed=typed))]
    filled = values.of_cases(cases, on=on, typed=typed)
    return [(case.code, each) for case, each in zip(cases, filled, strict=True)]


@transaction.atomic
def order(
    request: Request,
    row: LetterTemplate,
    cases: list[Case],
    form: ComposeForm,
    used: dict[str, Any],
) -> LetterRun:
    """Log a run and start it; ID numbers that go into letters are logged as shown."""
    run = LetterRun.objects.create(
        template=row,
        format=form.cleaned_data["format"],
        by=request.user,
        on=today(),
        filters=request.GET.urlencode()[:1000],
        typed=form.typed_values(),
        total=1 if row.scope == Scope.LIST else len(cases),
    )
    run.cases.set(cases)
    if "so_cccd" in used:
        reason = f"Soạn {row.get_kind_display().lower()}"
        for case in cases:
            held = list(CaseParty.objects.filter(case=case).select_related("party"))
            Disclosure.log(
                case, by=request.user, what=Disclosure.What.ID_NUMBER, rows=held, reason=reason
            )
    few = run.total <= AT_ONCE and run.format != LetterRun.Format.PDF
    transaction.on_commit(lambda: batch.write(run) if few else batch.start(run))
    return run


def readable(request: Request, ref: int) -> LetterRun:
    """A run this user may read, all of whose households they may still know."""
    on = today()
    rows = LetterRun.objects.visible_to(request.user, on=on).select_related("template", "by")
    run = get_object_or_404(rows, ref=ref)
    known = Case.objects.household_open_to(request.user, on=on)
    if run.cases.exclude(pk__in=known.values("pk")).exists():
        raise Http404
    return run


@require_GET
def run_page(request: Request, ref: int) -> HttpResponse:
    """How far a run is; asked again every second while it runs."""
    run = readable(request, ref)
    context = {"run": run, "died": background.died(run), "ready": run.path.exists()}
    name = "letters/progress.html" if request.htmx else "letters/run.html"
    return render(request, name, context)


@require_GET
def run_file(request: Request, ref: int) -> HttpResponse:
    """The letters of a run, to those who may still know all its households."""
    run = readable(request, ref)
    if run.state != LetterRun.State.DONE or not run.path.exists():
        messages.error(request, "Tệp không còn (giữ 7 ngày). Hãy soạn lại từ danh sách hồ sơ.")
        return redirect("letter_run", run.ref)
    name = f"{run.template.kind}-{run.total}.{run.format}"
    return HttpResponse(
        run.path.read_bytes(),
        content_type=MIME[run.format],
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "",
            "Cache-Control": "private, no-store",
        },
    )


@require_GET
def run_list(request: Request) -> HttpResponse:
    """The log: who wrote what, when, for how many; one's own, all for the administrator."""
    if not (access.can_write_letters(request.user) or request.user.is_administrator):
        raise Http404
    rows = LetterRun.objects.visible_to(request.user, on=today())
    page = Paginator(rows.select_related("template", "by"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "letters/list.html",
        {"page": page, "can_write": access.can_write_letters(request.user)},
    )


@require_GET
def template_list(request: Request) -> HttpResponse:
    """The templates in use."""
    if not access.can_read_templates(request.user):
        raise Http404
    rows = LetterTemplate.objects.current().select_related("file", "added_by")
    there = {row.kind: row for row in rows}
    listed = [(kind, there.get(kind.value)) for kind in LetterKind]
    return render(request, "letters/templates.html", {"rows": listed})


@require_http_methods(["GET", "POST"])
def template_page(request: Request, kind: str) -> HttpResponse:
    """One template: its versions, the fields it may use; the administrator puts in a new one."""
    if kind not in LetterKind or not access.can_read_templates(request.user):
        raise Http404
    can_replace = access.can_replace_templates(request.user)
    known = LetterKind(kind)
    form = TemplateForm(request.POST or None, request.FILES or None, kind=known, today=today())
    if request.method == "POST":
        if not can_replace:
            raise Http404
        if form.is_valid():
            content, note = form.cleaned_data["file"], form.cleaned_data["note"]
            row = LetterTemplate.replace(kind, content, by=request.user, note=note)
            messages.success(request, f"Đã dùng phiên bản {row.number} của mẫu.")
            return redirect("letter_template", kind)
    versions = LetterTemplate.objects.filter(kind=kind).select_related("file", "added_by")
    fields = FIELDS[known.scope].items()
    return render(
        request,
        "letters/template.html",
        {
            "kind": known,
            "versions": versions,
            "fields": [(name, each) for name, each in fields if not isinstance(each, Listed)],
            "lists": [(name, each) for name, each in fields if isinstance(each, Listed)],
            "form": form,
            "can_replace": can_replace,
        },
    )


@require_GET
def template_file(request: Request, ref: int) -> HttpResponse:
    """A version of a template, to edit in Word."""
    if not access.can_read_templates(request.user):
        raise Http404
    row = get_object_or_404(LetterTemplate.objects.select_related("file"), ref=ref)
    name = f"mau-{row.kind}-{row.number}.docx"
    return HttpResponse(
        BytesIO(row.file.read()).getvalue(),
        content_type=DOCX,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )
