"""Delivering papers (/giao-van-ban/): which notice or decision reached whom, when and how."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access
from gpmb.clearance import service
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Project
from gpmb.clearance.service import DELIVERED
from gpmb.land.models import Document, Party, Service
from gpmb.law.steps import MoveRefused
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.listing import PAGE_SIZE
from gpmb.web.outreach_forms import CancelForm
from gpmb.web.service_forms import (
    CaseServeForm,
    DocumentDatesForm,
    ServeForm,
    ServiceFilter,
)
from gpmb.web.views.attachments import document_rows


def papers_to_deliver(request: Request, on: dt.date) -> Any:  # an annotation
    """Events whose paper goes to holders, with how many hold and how many still wait for it.

    One row a document and project: `document`, `held`, `waiting`, `first_on`, `last_on`.
    """
    cases = Case.objects.household_open_to(request.user, on=on).live(on=on)
    events = CaseEvent.objects.living().filter(
        case__in=cases, step__in=DELIVERED, document__isnull=False
    )
    holders = Q(case__case_parties__valid_to__isnull=True)
    delivered = Q(
        case__case_parties__party__services__document=F("document"),
        case__case_parties__party__services__voided_at__isnull=True,
    )
    return (
        events.order_by()
        .values("document", "step", "case__project")
        .annotate(
            held=Count("case__case_parties__party", filter=holders, distinct=True),
            reached=Count("case__case_parties__party", filter=holders & delivered, distinct=True),
            first_on=Min("on"),
        )
        .annotate(waiting=F("held") - F("reached"))
    )


@require_GET
def service_list(request: Request) -> HttpResponse:
    """Notices and decisions, those that haven't reached everyone first."""
    on = today()
    if not access.can_know_households(request.user):
        raise Http404
    chosen = ServiceFilter(request.GET, papers_to_deliver(request, on), request=request, on=on)
    ordered = chosen.qs.order_by("-first_on", "document", "case__project")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    documents = Document.objects.in_bulk({row["document"] for row in page})
    projects = Project.objects.in_bulk({row["case__project"] for row in page})
    steps_ = dict(CaseEvent._meta.get_field("step").choices or [])
    rows = [
        row
        | {
            "paper": documents[row["document"]],
            "project": projects[row["case__project"]],
            "label": steps_[row["step"]],
        }
        for row in page
    ]
    return render(
        request,
        "services/list.html",
        {
            "filter": chosen,
            "page": page,
            "rows": rows,
            "can_serve": access.works_anywhere(request.user, on=on),
            "paste_form": paste_form(
                request.user, on, chosen.form.cleaned_data.get("project"), Kind.SERVICES
            ),
        },
    )


def waiting_for(request: Request, document: Document, on: dt.date) -> QuerySet[Party]:
    """The holders, in cases this officer works on, who haven't had the document yet."""
    cases = Case.objects.visible_to(request.user, on=on).filter(
        events__in=CaseEvent.objects.living().filter(document=document)
    )
    had = Service.objects.living().filter(document=document)
    held = CaseParty.objects.filter(case__in=cases, valid_to__isnull=True)
    return (
        Party.objects.filter(pk__in=held.values("party"))
        .exclude(pk__in=had.values("party"))
        .order_by("name", "pk")
    )


@require_http_methods(["GET", "POST"])
def serve_document(request: Request, ref: int) -> HttpResponse:
    """One document to many holders at once: a posting, a round through the quarter."""
    on = today()
    document = get_object_or_404(document_rows(request, on), ref=ref)
    if not access.works_anywhere(request.user, on=on):
        raise Http404
    waiting = waiting_for(request, document, on)
    form = ServeForm(request.POST or None, document=document, waiting=waiting, today=on)
    if request.method == "POST" and form.is_valid():
        try:
            number = form.save(by=request.user)
        except MoveRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Đã ghi giao văn bản cho {number} người.")
            return redirect("services")
    form.mark_invalid()
    served = Service.objects.living().filter(document=document, party__cases__in=my(request, on))
    return render(
        request,
        "services/serve.html",
        {
            "document": document,
            "form": form,
            "waiting": waiting.count(),
            "served": served.select_related("party", "recorded_by").distinct().order_by("-on"),
        },
    )


def my(request: Request, on: dt.date) -> QuerySet[Case]:
    return Case.objects.household_open_to(request.user, on=on)


@require_POST
def serve_in_case(request: Request, ref: int) -> HttpResponse:
    """A delivery recorded on the case page."""
    case = get_object_or_404(Case.objects.visible_to(request.user, on=today()), ref=ref)
    if not access.can_edit_case(request.user, case, on=today()):
        raise Http404
    form = case_form(case, today(), request.POST)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except MoveRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "Đã ghi giao văn bản.")
    else:
        for errors in form.errors.values():
            messages.error(request, f"Chưa ghi: {errors[0]}")
    return redirect(f"{reverse('case', args=[case.ref])}#giao-van-ban")


def case_form(case: Case, on: dt.date, data: Any) -> CaseServeForm:
    papers = Document.objects.filter(
        pk__in=CaseEvent.objects.living().filter(case=case, step__in=DELIVERED).values("document")
    )
    holders = case.case_parties.filter(valid_to__isnull=True).values("party")
    return CaseServeForm(
        data, papers=list(papers), holders=list(Party.objects.filter(pk__in=holders)), on=on
    )


@require_http_methods(["GET", "POST"])
def service_void(request: Request, ref: int) -> HttpResponse:
    """Take back a delivery recorded by mistake; clocks that ran from it start anew."""
    on = today()
    cases = Case.objects.visible_to(request.user, on=on)
    row = get_object_or_404(
        Service.objects.living()
        .filter(party__cases__in=cases)
        .select_related("document", "party")
        .distinct(),
        ref=ref,
    )
    if not access.works_anywhere(request.user, on=on):
        raise Http404
    form = CancelForm(request.POST or None, today=on)
    if request.method == "POST" and form.is_valid():
        service.void(row, reason=form.cleaned_data["reason"])
        messages.success(request, "Đã hủy lần giao; thời hạn được tính lại.")
        return redirect("services")
    return render(request, "services/void.html", {"row": row, "form": form})


@require_http_methods(["GET", "POST"])
def document_dates(request: Request, ref: int) -> HttpResponse:
    """Correct the signing and effective day of a document; its cases' clocks follow."""
    on = today()
    document = get_object_or_404(document_rows(request, on), ref=ref)
    if not access.works_anywhere(request.user, on=on):
        raise Http404
    form = DocumentDatesForm(request.POST or None, instance=document, today=on)
    if request.method == "POST" and form.is_valid():
        moved = service.redate(form.save(commit=False))
        messages.success(request, f"Đã ghi ngày của văn bản; {moved} hồ sơ tính lại thời hạn.")
        return redirect("serve", document.ref)
    return render(request, "services/dates.html", {"document": document, "form": form})
