"""A project's clearance boundary (/du-an/…/ranh-gpmb/): load or draw, preview, write, undo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geo.clearance import Relation
from gpmb import access
from gpmb.analysis import adjacency
from gpmb.clearance import boundary as land
from gpmb.clearance.clock import today
from gpmb.clearance.models import ClearanceBoundary, Project
from gpmb.importing.findings import Question, Report, WrongUsage, on_screen
from gpmb.importing.survey.clearance import read_drawn, read_file
from gpmb.importing.survey.spatial import Answers
from gpmb.web import boundary_map
from gpmb.web.boundary_forms import BoundaryForm
from gpmb.web.http import Request

SHOWN = 300
CALM = 2


def workable(request: Request, ref: int) -> Project:
    """The project, for an officer who works on it; for everyone else this page is not there."""
    project = get_object_or_404(Project.objects.visible_to(request.user), ref=ref)
    if not access.works_on(request.user, project, on=today()):
        raise Http404
    return project


@require_http_methods(["GET", "POST"])
def page(request: Request, ref: int) -> HttpResponse:
    """Load a file or draw; what was read is kept unapplied, and its preview opens."""
    project = workable(request, ref)
    form = BoundaryForm(request.POST or None, request.FILES or None, today=today())
    if request.method == "POST" and form.is_valid():
        record = _read(form, project, request)
        if record is not None:
            return redirect("boundary_preview", project.ref, record.ref)
    form.mark_invalid()
    context = {
        "project": project,
        "form": form,
        "records": project.clearance_boundaries.exclude(applied_at=None).select_related(
            "by", "document", "undone_by"
        ),
        **boundary_map.page(request, project),
    }
    return render(request, "boundary/page.html", context)


def _read(form: BoundaryForm, project: Project, request: Request) -> ClearanceBoundary | None:
    """Keep the boundary that was given; what is wrong with it goes to the form."""
    report = Report()
    data = form.cleaned_data
    file = data["file"]
    try:
        found = _from_file(file, data, report) if file else read_drawn(data["drawn"], report)
    except (Question, WrongUsage) as asked:
        form.add_error("file", f"{form.words(asked)} Chọn lại tệp sau khi trả lời.")
        return None
    for finding in [f for f in report.findings if f.severity == "error"][:10]:
        form.add_error("file" if file else None, on_screen(finding.message))
    if found is None or report.has_errors:
        return None
    for finding in report.findings[:5]:
        messages.warning(request, on_screen(finding.message))
    return ClearanceBoundary.objects.create(
        project=project,
        boundary=found,
        source="file" if file else "drawn",
        file_name=file.name[:250] if file else "",
        on=data["on"],
        document=form.document(),
        by=request.user,
    )


def _from_file(file: Any, data: dict[str, Any], report: Report) -> Any:
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        path = Path(folder) / f"ranh{Path(file.name).suffix.lower()[:10]}"
        with path.open("wb") as target:
            for block in file.chunks():
                target.write(block)
        answers = Answers(layer=data["layer"])
        try:
            return read_file(path, answers, report)
        except Question as asked:
            # The form says which system counts where the file says none: that is its answer.
            if asked.code != "crs_missing" or not data["crs"]:
                raise
            return read_file(path, Answers(layer=data["layer"], crs=data["crs"]), Report())


def find(request: Request, ref: int, record: int) -> tuple[Project, ClearanceBoundary]:
    project = workable(request, ref)
    rows = project.clearance_boundaries.select_related("by", "document", "undone_by")
    return project, get_object_or_404(rows, ref=record)


@require_GET
def preview(request: Request, ref: int, record: int) -> HttpResponse:
    """Each parcel: inside, partly, outside; recovered, remainder, warnings; nothing is written."""
    project, found = find(request, ref, record)
    return render(request, "boundary/preview.html", _preview(request, project, found))


def _preview(request: Request, project: Project, found: ClearanceBoundary) -> dict[str, Any]:
    context: dict[str, Any] = {"project": project, "record": found}
    if found.applied_at is None:
        proposal = land.propose(project, found.boundary, user=request.user, on=today())
        rows = sorted(proposal.rows, key=_attention)
        calm = [row for row in rows if _attention(row) == CALM]
        shown = rows if "tat-ca" in request.GET else [r for r in rows if _attention(r) < CALM]
        context |= {
            "proposal": proposal,
            "rows": shown[:SHOWN],
            "more": max(0, len(shown) - SHOWN),
            "calm": len(calm) if "tat-ca" not in request.GET else 0,
            "actions": [(land.LABELS[a], n) for a, n in proposal.actions.items()],
            "inside": proposal.count(Relation.INSIDE),
            "partly": proposal.count(Relation.PARTLY),
            "outside": proposal.count(Relation.OUTSIDE),
        }
    return context | boundary_map.page(request, project, found)


def _attention(row: land.Row) -> int:
    """What asks for a look comes first, then what would be written, then what stays."""
    if row.warning or row.action == land.KEPT:
        return 0
    return 1 if row.action in land.Action.values else CALM


@require_GET
def shapes(request: Request, ref: int, record: int) -> HttpResponseBase:
    """Recovered parts, remainders and the line itself, as GeoJSON for the preview's map."""
    project, found = find(request, ref, record)
    proposal = land.propose(project, found.boundary, user=request.user, on=today())
    return boundary_map.pieces(found, proposal)


@require_GET
def around(request: Request, ref: int) -> HttpResponseBase:
    """The parcels in a view's box, to draw against."""
    workable(request, ref)
    return boundary_map.parcels(request.user, request.GET.get("box", ""), today())


@require_POST
def apply(request: Request, ref: int, record: int) -> HttpResponse:
    """Write what was previewed."""
    project, found = find(request, ref, record)
    try:
        proposal = land.apply(
            found, digest=request.POST.get("digest", ""), by=request.user, on=today()
        )
    except land.BoundaryRefused as refused:
        messages.error(request, str(refused))
        return redirect("boundary_preview", project.ref, found.ref)
    adjacency.refresh(project)
    done = sum(n for action, n in proposal.actions.items() if action in land.Action.values)
    messages.success(request, f"Đã ghi ranh: {done} phần thu hồi được tạo, sửa hoặc rút.")
    return redirect("boundary_preview", project.ref, found.ref)


@require_POST
def undo(request: Request, ref: int, record: int) -> HttpResponse:
    """Take the last boundary back; what moved since stays and is named."""
    project, found = find(request, ref, record)
    try:
        kept = land.undo(found, by=request.user)
    except land.BoundaryRefused as refused:
        messages.error(request, str(refused))
    else:
        adjacency.refresh(project)
        words = f" Giữ nguyên {len(kept)} thửa đã đổi sau đó." if kept else ""
        messages.success(request, f"Đã hoàn tác ranh giải phóng mặt bằng.{words}")
    return redirect("boundary", project.ref)
