"""Bringing data in (/nhap-lieu/): a file or a pasted block, asked about, shown, written, undone.

An upload exists for who sent it alone; a run for those who work on its project.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, vn
from gpmb.clearance.clock import today
from gpmb.importing import undo, wizard, work
from gpmb.importing.lists import template
from gpmb.importing.mappings import save_mapping
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.tables.sample import empty_table
from gpmb.web.city_tables import HOMES, form_for, home_of
from gpmb.web.http import Request
from gpmb.web.import_forms import (
    SAMPLES,
    PasteForm,
    UploadForm,
    answered,
    answers_of,
    chosen_twice,
    keep_chosen,
    kinds_of,
    projects_for,
    turns_page,
)
from gpmb.web.listing import PAGE_SIZE
from gpmb.web.views.complaints import XLSX, download

State = Upload.State
Kind = ImportRun.Kind
CITY = {kind for kind, table in TABLES.items() if table.place}
"""Tables that are not of one project."""
HAS_ERRORS_FILE = (Kind.WORKBOOK, Kind.TAKINGS, Kind.TARGETS, *TABLES)
TABS = {
    "refused": "Từ chối",
    "changed": "Thay đổi",
    "created": "Mới",
    "warnings": "Lưu ý",
}


def allowed(request: Request) -> None:
    """Officers bring in lists and surveys, others what `kinds_of` names; else: 404."""
    if not kinds_of(request.user):
        raise Http404


def find(request: Request, ref: int) -> Upload:
    """Return an upload of this person, while they may still import what it holds."""
    rows = Upload.objects.of(request.user).select_related("project", "run", "by")
    upload = get_object_or_404(rows, ref=ref)
    if upload.kind == Kind.TARGETS:
        may = access.can_bring_in_targets(request.user)
    elif upload.kind in CITY:
        may = form_for(request.user, upload.kind, upload.answers.get("of", "")) is not None
    else:
        may = upload.kind in kinds_of(request.user)
        if may and upload.project:
            mine = projects_for(request.user, [upload.kind], on=today())
            may = mine.filter(pk=upload.project.pk).exists()
    if not may:
        raise Http404
    return upload


@require_http_methods(["GET", "POST"])
def page(request: Request) -> HttpResponse:
    """Choose a file; below, what was brought in before."""
    allowed(request)
    on = today()
    initial = {key: request.GET.get(key, "") for key in ("project", "kind")}
    form = UploadForm(
        request.POST or None, request.FILES or None, user=request.user, on=on, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        throw_away_expired()
        upload = form.save()
        work.start(upload, work.look)
        return redirect("import_step", upload.ref)
    runs = ImportRun.objects.visible_to(request.user, on=on).filter(applied=True)
    rows = runs.select_related("project", "by", "undone_by").order_by("-started_at")
    waiting = Upload.objects.of(request.user).exclude(state=State.DONE)
    return render(
        request,
        "imports/page.html",
        {
            "form": form,
            "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "waiting": waiting.select_related("project")[:10],
            "can_paste": not access.can_register_complaints(request.user),
            "has_lists": Kind.WORKBOOK in kinds_of(request.user),
        },
    )


def throw_away_expired() -> None:
    """Delete files that nobody came back for, and those already used."""
    for upload in Upload.objects.expired(now=timezone.now()):
        upload.file.delete(save=False)
        upload.delete()


@require_http_methods(["GET", "POST"])
def paste(request: Request) -> HttpResponse:
    """A block of cells from Excel, into a table of a project or the register of letters."""
    said = request.POST if request.method == "POST" else request.GET
    if said.get("kind") in CITY:
        return bring_in(request, said["kind"], said.get("of", ""))
    allowed(request)
    initial = {key: request.GET.get(key, "") for key in ("project", "kind")}
    form = PasteForm(request.POST or None, user=request.user, on=today(), initial=initial)
    if request.method == "POST" and form.is_valid():
        throw_away_expired()
        upload = form.save(at=timezone.localtime())
        work.start(upload, work.look)
        return redirect("import_step", upload.ref)
    home = "Nhập liệu", reverse("imports")
    return render(request, "imports/paste.html", {"form": form, "home": home})


def bring_in(request: Request, kind: str, of: str) -> HttpResponse:
    """A block or a file into a table of the whole city, by who may use its page's own form."""
    form = form_for(request.user, kind, of, request.POST or None, request.FILES or None)
    if form is None:
        raise Http404
    if form.is_valid():
        throw_away_expired()
        upload = form.save(request.user, at=timezone.localtime())
        work.start(upload, work.look)
        return redirect("import_step", upload.ref)
    home = HOMES[kind][0], form.back
    return render(request, "imports/paste.html", {"form": form, "home": home})


@require_GET
def step(request: Request, ref: int) -> HttpResponse:
    """Where an upload stands: the questions, the preview, or how far the work is."""
    upload = find(request, ref)
    if upload.state == State.DONE and upload.run:
        return redirect("import_run", upload.run.ref)
    context: dict[str, Any] = {
        "upload": upload,
        "u": upload.understood,
        "home": home_of(upload),
    }
    if upload.state in (State.CHECKING, State.WRITING):
        context["stalled"] = upload.stalled(now=timezone.now())
        return render(request, "imports/working.html", context)
    if upload.state == State.CHECKED and "sua" not in request.GET:
        return render(request, "imports/preview.html", context | preview_of(request, upload))
    if upload.state == State.FAILED:
        return render(request, "imports/failed.html", context)
    context |= {"answered": answered(upload), "has_titles": has_titles(upload)}
    return render(request, "imports/questions.html", context)


def preview_of(request: Request, upload: Upload) -> dict[str, Any]:
    """The rows of the tab asked for, by pages; the first tab that holds any otherwise."""
    preview = upload.preview
    rows = {
        "refused": preview["refused_rows"],
        "changed": [row for row in preview["shown"] if row[1] == "changed"],
        "created": [row for row in preview["shown"] if row[1] == "created"],
        "warnings": preview["warnings"],
    }
    counts = {name: preview.get(name, len(rows[name])) for name in TABS}
    counts["warnings"] = sum(row["count"] for row in rows["warnings"])
    first = next((name for name in TABS if rows[name]), "created")
    tab = request.GET.get("xem", first)
    tab = tab if tab in TABS else first
    same = ImportRun.objects.filter(
        project=upload.project, kind=upload.kind, applied=True, undone_at=None
    )
    return {
        "p": preview,
        "tab": tab,
        "tabs": [(name, label, counts[name]) for name, label in TABS.items() if counts[name]],
        "page": Paginator(rows[tab], PAGE_SIZE).get_page(request.GET.get("page")),
        "kept": len(rows[tab]),
        "whole": counts[tab],
        "before": same.filter(sha256=preview.get("sha256", "-")).first(),
        "can_write": preview["created"] + preview["changed"] > 0 and not preview["file_errors"],
        "nothing": not preview["refused"] and not preview["created"] + preview["changed"],
        "has_errors_file": upload.kind in HAS_ERRORS_FILE and preview["refused"],
    }


@require_GET
def progress(request: Request, ref: int) -> HttpResponse:
    """How far the work is; when it is over the page is loaded anew."""
    upload = find(request, ref)
    stalled = upload.stalled(now=timezone.now())
    if stalled or upload.state not in (State.CHECKING, State.WRITING):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "imports/progress.html", {"upload": upload})


def has_titles(upload: Upload) -> bool:
    """Whether its columns are called by a heading: "Cột A" of a bare block says nothing."""
    return upload.kind == Kind.PARCELS or bool(upload.understood.get("header_rows"))


@require_POST
def answer(request: Request, ref: int) -> HttpResponse:
    """Take the answers about columns, readings, unit, coordinate system; then check."""
    upload = find(request, ref)
    answers = answers_of(request.POST, upload)
    turned = turns_page(request.POST, upload)
    if twice := chosen_twice(upload, answers):
        keep_chosen(upload, answers)
        upload.save(update_fields=["understood"])
        messages.error(request, f"Hai cột cùng là {twice}. Chọn một cột, cột kia để bỏ qua.")
        return redirect(f"{reverse('import_step', args=[upload.ref])}?sua=1")
    if not upload.claim(State.CHECKING, came_from=[State.ASKING, State.CHECKED, State.FAILED]):
        return redirect("import_step", upload.ref)
    upload.answers = answers
    upload.save(update_fields=["answers"])
    if upload.understood.get("columns") and has_titles(upload) and not turned:
        save_mapping(upload)
    work.start(upload, work.look if turned else work.check)
    return redirect("import_step", upload.ref)


@require_POST
def write(request: Request, ref: int) -> HttpResponse:
    """Write what the preview showed, once however often the button is pressed."""
    upload = find(request, ref)
    preview, partly = upload.preview, "partial" in request.POST
    if preview.get("refused") and not partly:
        messages.error(request, "Chưa ghi: hãy đánh dấu đồng ý bỏ lại các dòng bị từ chối.")
    elif upload.claim(State.WRITING, came_from=[State.CHECKED]):
        work.start(upload, partial(work.write, partial=partly))
    return redirect("import_step", upload.ref)


@require_POST
def drop(request: Request, ref: int) -> HttpResponse:
    """Throw an upload away; what was written stays."""
    upload = find(request, ref)
    upload.file.delete(save=False)
    upload.delete()
    messages.success(request, "Đã bỏ tệp. Chưa có gì được ghi.")
    return redirect(home_of(upload)[1])


@require_GET
def errors(request: Request, ref: int) -> HttpResponse:
    """The refused rows as the same workbook with a column “Lỗi”."""
    upload = find(request, ref)
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        target = Path(folder) / "loi.xlsx"
        wizard.run(upload, dry_run=True, errors_to=target, progress=lambda *_: None)
        if not target.exists():
            raise Http404
        of = "khoi-dan" if upload.pasted else Path(upload.file_name).stem
        return download(target.read_bytes(), f"{of}-dong-loi.xlsx", XLSX)


@require_GET
def sample(request: Request) -> HttpResponse:
    """An empty workbook with the headings of a list or a table, for who may bring it in."""
    kind = request.GET.get("kind", Kind.WORKBOOK)
    if kind in CITY:
        may = form_for(request.user, kind, request.GET.get("of", "")) is not None
    else:
        may = kind in kinds_of(request.user)
    if not may or kind not in SAMPLES:
        raise Http404
    if kind in TABLES:
        return download(empty_table(TABLES[kind]), f"mau-{vn.slug(TABLES[kind].title)}.xlsx", XLSX)
    return download(template.empty_list(), "mau-danh-sach.xlsx", XLSX)


def find_run(request: Request, ref: int) -> ImportRun:
    rows = ImportRun.objects.visible_to(request.user, on=today()).filter(applied=True)
    found = get_object_or_404(rows.select_related("project", "by", "undone_by"), ref=ref)
    if found.kind in CITY and not form_for(request.user, found.kind, found.options.get("of", "")):
        raise Http404
    return found


@require_GET
def run(request: Request, ref: int) -> HttpResponse:
    """The receipt of a run: counts that reconcile, what was said, the undo."""
    found = find_run(request, ref)
    upload = Upload.objects.of(request.user).filter(run=found).first()
    return render(
        request,
        "imports/run.html",
        {
            "run": found,
            "home": home_of(found),
            "r": found.report,
            "upload": upload,
            "findings": found.report.get("findings", [])[:200],
            "kept": found.undo_report.get("kept", []),
        },
    )


@require_POST
def take_back(request: Request, ref: int) -> HttpResponse:
    """Undo a run: rows changed since are left, and named on the receipt."""
    found = find_run(request, ref)
    try:
        done = undo.undo(found, by=request.user, today=today())
    except undo.UndoRefused as refused:
        messages.error(request, str(refused))
    else:
        left = f" {len(done.kept)} dòng giữ lại, lý do ở dưới." if done.kept else ""
        messages.success(request, f"Đã hoàn tác {done.undone} dòng.{left}")
    return redirect("import_run", found.ref)
