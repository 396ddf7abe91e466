"""Reports (/bao-cao/): the leaders' report, the papers of a conference, the briefing map."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gpmb import vn
from gpmb.analysis import subject
from gpmb.clearance.clock import today
from gpmb.reference.models import PriorityCategory
from gpmb.reports import background, briefing, city_report, conference, report_files
from gpmb.reports.models import ExportLog, PackRun
from gpmb.web.http import Request
from gpmb.web.report_forms import BriefingForm, ReportForm
from gpmb.web.views.reviews import readers_only

Paper = ExportLog.Paper
LOGGED = {"pdf": Paper.PDF, "docx": Paper.WORD, "xlsx": Paper.EXCEL}


@require_GET
@readers_only
def page(request: Request) -> HttpResponse:
    """What can be taken to a meeting, and the buttons for it."""
    return _page(request)


def _page(request: Request, **forms: object) -> HttpResponse:
    on = today()
    choices = subject.choices(request.user, on)
    asked = request.GET.get("scope", subject.CITY)
    initial = {"scope": asked, "on": f"{on:%d/%m/%Y}"}
    context = {
        "report_form": ReportForm(today=on, scopes=choices, initial=initial),
        "briefing_form": BriefingForm(today=on, initial={"on": f"{on:%d/%m/%Y}"}),
        "log": ExportLog.objects.filter(by=request.user, source=ExportLog.Source.REPORT)[:8],
        "packs": PackRun.objects.visible_to(request.user)[:3],
    } | forms
    return render(request, "reports/page.html", context)


@require_POST
@readers_only
def download(request: Request) -> HttpResponse:
    """Write the report that was asked for, and log it."""
    now = today()
    form = ReportForm(request.POST, today=now, scopes=subject.choices(request.user, now))
    if not form.is_valid():
        form.mark_invalid()
        return _page(request, report_form=form)
    on, kind = form.cleaned_data["on"], form.cleaned_data["form"]
    try:
        about = subject.find(form.cleaned_data["scope"], request.user, on)
    except subject.UnknownSubject as error:
        raise Http404 from error
    report = city_report.build(
        request.user, about, on=on, today=now, since=form.cleaned_data["since"]
    )
    made = report_files.write(report, kind)
    _log(request, LOGGED[kind], about.title, on, sum(len(t.rows) for t in report.annexes))
    name = f"bao-cao-{vn.slug(about.title)[:60]}-{on:%Y-%m-%d}"
    return _attachment(made, report_files.TYPES[kind], f"{name}.{kind}")


@require_POST
@readers_only
def briefing_file(request: Request) -> HttpResponse:
    """Write the one-file briefing map: public facts alone, whoever asks; logged."""
    now = today()
    form = BriefingForm(request.POST, today=now)
    if not form.is_valid():
        form.mark_invalid()
        return _page(request, briefing_form=form)
    on, categories = form.cleaned_data["on"], form.cleaned_data["categories"]
    try:
        made = briefing.build(on=on, today=now, categories=categories)
    except briefing.NothingToShowError as error:
        messages.warning(request, str(error))
        return redirect("reports")
    names = PriorityCategory.objects.filter(code__in=categories).values_list("name", flat=True)
    _log(request, Paper.BRIEFING, ", ".join(names) or "Mọi nhóm", on, briefing.takings_in(made))
    return _attachment(made.encode(), "text/html", f"ban-do-{on:%Y-%m-%d}.html")


@require_POST
@readers_only
def conference_order(request: Request) -> HttpResponse:
    """Order the papers of a thematic conference: all projects, a page each, and the map."""
    run, new = conference.order(request.user, on=today())
    if new:
        transaction.on_commit(lambda: conference.start(run))
    return redirect("conference", run.ref)


@require_GET
@readers_only
def conference_page(request: Request, ref: int) -> HttpResponse:
    """How far the papers are; asked again every second while they are written."""
    run = get_object_or_404(PackRun.objects.visible_to(request.user), ref=ref)
    context = {"run": run, "died": background.died(run), "ready": run.path.exists()}
    name = "reports/pack_progress.html" if request.htmx else "reports/pack.html"
    return render(request, name, context)


@require_GET
@readers_only
def conference_file(request: Request, ref: int) -> HttpResponse:
    """The papers that were written, to who ordered them; logged."""
    run = get_object_or_404(PackRun.objects.visible_to(request.user), ref=ref)
    if run.state != run.State.DONE or not run.path.exists():
        messages.error(request, "Tệp không còn (giữ 7 ngày). Hãy soạn lại.")
        return redirect("reports")
    _log(request, Paper.PACK, "Tài liệu hội nghị chuyên đề", run.on, 0)
    name = f"tai-lieu-hoi-nghi-{run.on:%Y-%m-%d}.zip"
    return _attachment(run.path.read_bytes(), conference.ZIP, name)


def _log(request: Request, kind: str, what: str, on: dt.date, rows: int) -> None:
    ExportLog.objects.create(
        by=request.user,
        source=ExportLog.Source.REPORT,
        format=kind,
        filters=what[:1000],
        on=on,
        rows=rows,
    )


def _attachment(made: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
