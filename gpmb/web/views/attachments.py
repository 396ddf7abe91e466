"""Files attached to cases, documents, obstacles and letters: attach, download, take off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseEvent, Obstacle, Outreach
from gpmb.complaints.models import Complaint
from gpmb.land.models import Document, Service
from gpmb.papers.contents import FileKind
from gpmb.papers.models import Attachment, RefusedFile, too_large
from gpmb.web.forms import PageForm
from gpmb.web.http import Request

ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,image/jpeg,image/png"


def document_rows(request: Request, on: dt.date) -> models.QuerySet[Document]:
    """The documents issued or delivered to a household this user knows."""
    households = Case.objects.household_open_to(request.user, on=on)
    issued = CaseEvent.objects.filter(case__in=households, document__isnull=False)
    delivered = Service.objects.filter(party__cases__in=households)
    return Document.objects.filter(
        Q(pk__in=issued.values("document")) | Q(pk__in=delivered.values("document"))
    )


def target_rows(request: Request, kind: str) -> models.QuerySet[Any]:
    """The things of one kind that this user may open."""
    on, user = today(), request.user
    if kind == "ho-so":
        return Case.objects.household_open_to(user, on=on).select_related("project")
    if kind == "van-ban":
        return document_rows(request, on)
    if kind == "vuong-mac":
        return Obstacle.objects.visible_to(user, on=on).select_related("project")
    if kind == "van-dong":
        return Outreach.objects.visible_to(user, on=on).select_related("project")
    if kind == "don-thu":
        return Complaint.objects.visible_to(user, on=on)
    raise Http404


def back(request: Request) -> HttpResponse:
    """Return to the page the form was on; only a page of ours."""
    there = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure())
    return redirect(there if ours and there.startswith("/") else "overview")


@require_POST
def attach(request: Request, kind: str, ref: int) -> HttpResponse:
    """Attach files; each that is refused says why, the others are kept."""
    target = get_object_or_404(target_rows(request, kind), ref=ref)
    if not access.can_attach(request.user, target, on=today()):
        raise Http404
    files = request.FILES.getlist("files")
    note = request.POST.get("note", "").strip()[:200]
    kept = 0
    for file in files:
        try:
            if (size := file.size or 0) > settings.UPLOAD_MAX_BYTES:
                raise too_large(size)
            Attachment.attach(file.read(), file.name or "", to=target, by=request.user, note=note)
        except RefusedFile as refused:
            messages.error(request, f"{file.name}: {refused}")
        else:
            kept += 1
    if kept:
        messages.success(request, f"Đã đính kèm {kept} tệp.")
    elif not files:
        messages.error(request, "Chưa chọn tệp nào. Hãy chọn tệp rồi bấm “Đính kèm”.")
    return back(request)


@require_GET
def download(request: Request, ref: int) -> HttpResponse:
    """The file itself, always as a download, to those who may see what it is attached to."""
    rows = Attachment.objects.visible_to(request.user, on=today()).select_related("file")
    attachment = get_object_or_404(rows, ref=ref)
    return HttpResponse(
        attachment.file.read(),
        content_type=FileKind(attachment.file.kind).mime,
        headers={
            "Content-Disposition": content_disposition_header(True, attachment.name) or "",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


class TakeOffForm(PageForm):
    """Why a file is taken off."""

    reason = forms.CharField(
        label="Lý do gỡ",
        max_length=200,
        error_messages={"required": "Hãy ghi lý do, ví dụ: đính nhầm hồ sơ."},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
def take_off(request: Request, ref: int) -> HttpResponse:
    """Take a file off, with a reason."""
    on = today()
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user, on=on), ref=ref)
    if not access.can_take_off(request.user, attachment, on=on):
        raise Http404
    form = TakeOffForm(
        request.POST or None, today=on, initial={"next": request.GET.get("next", "")}
    )
    if request.method == "POST" and form.is_valid():
        attachment.take_off(by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"Đã gỡ tệp “{attachment.name}”.")
        return back(request)
    return render(request, "attachments/take_off.html", {"attachment": attachment, "form": form})


def files_of(request: Request, target: Obstacle | Outreach | Complaint) -> dict[str, Any]:
    """What parts/attachments.html shows of an obstacle or a letter."""
    rows = Attachment.objects.visible_to(request.user, on=today()).of(target)
    return {
        "files": rows.select_related("file", "added_by"),
        "can_attach": access.can_attach(request.user, target, on=today()),
        "accept": ACCEPT,
    }
