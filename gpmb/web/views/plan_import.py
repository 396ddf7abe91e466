"""Targets of a draft by Excel: the sheet to fill, a file or a pasted block on its way in."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import PlanEntry, PlanVersion, Project
from gpmb.importing import work
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.target_sheet import write_targets
from gpmb.reports.models import ExportLog
from gpmb.web.city_plan_forms import TargetBlockForm, TargetFileForm
from gpmb.web.http import Request
from gpmb.web.import_forms import keep, name_of_block
from gpmb.web.views.complaints import XLSX, download
from gpmb.web.views.imports import throw_away_expired
from gpmb.web.views.plan import line_of, version_of


def draft_of(request: Request) -> PlanVersion:
    """Return the version of the address while it is a draft and this person may write into it."""
    version = version_of(request, today())
    if version is None or not version.editable or not access.can_bring_in_targets(request.user):
        raise Http404
    return version


@require_GET
def sheet(request: Request) -> HttpResponse:
    """The workbook of a draft's targets as they are: filled in, it comes back by `bring_in`."""
    version = draft_of(request)
    entries = list(
        PlanEntry.objects.filter(
            version=version, project__in=Project.objects.visible_to(request.user)
        )
        .select_related("project")
        .prefetch_related("targets")
        .order_by("project__code")
    )
    ExportLog.objects.create(
        by=request.user,
        source=ExportLog.Source.PLAN,
        format=ExportLog.Format.TEMPLATE,
        filters=version.name[:1000],
        query=request.get_full_path()[:1000],
        on=today(),
        rows=len(entries),
    )
    name = f"chi-tieu-{version.on:%Y-%m-%d}.xlsx"
    return download(write_targets(version, entries), name, XLSX)


@require_http_methods(["GET", "POST"])
def bring_in(request: Request) -> HttpResponse:
    """A file, or a block copied from Excel, into the draft: looked at, then as every import."""
    version, on = draft_of(request), today()
    pasted = "block" in request.POST
    posted = request.POST if request.method == "POST" else None
    file_form = TargetFileForm(None if pasted else posted, request.FILES or None, today=on)
    block_form = TargetBlockForm(posted if pasted else None, today=on)
    form = block_form if pasted else file_form
    if posted is not None and form.is_valid():
        throw_away_expired()
        answers = {
            "version": version.pk,
            "ban": version.on.isoformat(),
            "about": version.name,
            "line": line_of(request).key,
        }
        upload = Upload(kind=ImportRun.Kind.TARGETS, by=request.user, answers=answers)
        said = form.cleaned_data
        content = ContentFile(said["block"].encode()) if pasted else said["file"]
        name = name_of_block(timezone.localtime()) if pasted else said["file"].name
        keep(upload, content, name, pasted=pasted)
        work.start(upload, work.look)
        return redirect("import_step", upload.ref)
    context = {
        "version": version,
        "line": line_of(request),
        "file_form": file_form,
        "block_form": block_form,
    }
    return render(request, "plan/bring_in.html", context)
