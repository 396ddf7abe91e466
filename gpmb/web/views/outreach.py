"""Outreach (/van-dong/): talks with households, those never met, trainings of officials."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import (
    Case,
    CaseEvent,
    Outreach,
    OutreachHousehold,
    Training,
    never_met,
)
from gpmb.law.steps import MoveRefused
from gpmb.web.city_tables import beside
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.listing import PAGE_SIZE, page_of
from gpmb.web.outreach_forms import (
    AnswerFormSet,
    CancelForm,
    NeverMetFilter,
    OutreachFilter,
    OutreachForm,
    TrainingForm,
)
from gpmb.web.views.attachments import files_of


def readable(request: Request) -> Any:
    """The talks this user may read; those who may read none have no such page."""
    if not access.can_read_case_files(request.user):
        raise Http404
    voids = CaseEvent.objects.filter(voids=OuterRef("event"))
    households = OutreachHousehold.objects.select_related("case", "event", "act")
    households = households.annotate(step_voided=Exists(voids)).order_by("pk")
    return (
        Outreach.objects.visible_to(request.user, on=today())
        .select_related("project", "document", "recorded_by")
        .prefetch_related(Prefetch("households", households))
    )


def works_somewhere(request: Request) -> bool:
    return access.works_anywhere(request.user, on=today())


@require_GET
def outreach_list(request: Request) -> HttpResponse:
    on = today()
    chosen = OutreachFilter(request.GET, readable(request).living(), request=request, on=on)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "outreach/list.html",
        {
            "filter": chosen,
            "page": page,
            "on": on,
            "can_add": works_somewhere(request),
            "paste_form": paste_form(
                request.user, on, chosen.form.cleaned_data.get("project"), Kind.OUTREACH
            ),
        },
    )


@require_http_methods(["GET", "POST"])
def outreach_new(request: Request) -> HttpResponse:
    """Record a talk; a persuasion moves each case in the same transaction."""
    on = today()
    if not works_somewhere(request):
        raise Http404
    code = request.GET.get("hoso", "")
    case = Case.objects.visible_to(request.user, on=on).filter(code=code).first() if code else None
    initial: dict[str, Any] = {"on": f"{on:%d/%m/%Y}", "participants": ["centre", "ward"]}
    if case is not None:
        initial |= {"project": case.project_id, "codes": case.code}
    form = OutreachForm(request.POST or None, user=request.user, today=on, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            talk = form.save()
        except MoveRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Đã ghi: {talk.get_kind_display().lower()}.")
            return redirect("outreach_page", talk.ref)
    form.mark_invalid()
    return render(request, "outreach/form.html", {"form": form})


@require_GET
def outreach_page(request: Request, ref: int) -> HttpResponse:
    talk = get_object_or_404(readable(request), ref=ref)
    return render(
        request,
        "outreach/page.html",
        {
            "o": talk,
            "on": today(),
            "can_edit": access.works_on(request.user, talk.project, on=today()),
            "unanswered": sum(row.answer == "unrecorded" for row in talk.households.all()),
            "attached": files_of(request, talk),
        },
    )


@require_http_methods(["GET", "POST"])
def outreach_answers(request: Request, ref: int) -> HttpResponse:
    """What each household of a talk answered, as it becomes known."""
    talk = get_object_or_404(readable(request).living(), ref=ref)
    if not access.works_on(request.user, talk.project, on=today()):
        raise Http404
    rows = talk.households.select_related("case").order_by("pk")
    formset = AnswerFormSet(request.POST or None, queryset=rows)
    if request.method == "POST" and formset.is_valid():
        formset.save()
        messages.success(request, "Đã ghi ý kiến của các hộ.")
        return redirect("outreach_page", talk.ref)
    return render(request, "outreach/answers.html", {"o": talk, "formset": formset})


@require_http_methods(["GET", "POST"])
def outreach_cancel(request: Request, ref: int) -> HttpResponse:
    """Take back a talk recorded by mistake; a persuasion leaves the case's log too."""
    on = today()
    talk = get_object_or_404(readable(request).living(), ref=ref)
    if not access.works_on(request.user, talk.project, on=on):
        raise Http404
    form = CancelForm(request.POST or None, today=on)
    if request.method == "POST" and form.is_valid():
        try:
            talk.cancel(on=on, by=request.user, reason=form.cleaned_data["reason"])
        except MoveRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Đã hủy; lịch sử vẫn giữ cuộc vận động và lý do.")
            return redirect("outreach")
    return render(request, "outreach/cancel.html", {"o": talk, "form": form})


@require_GET
def never_met_list(request: Request) -> HttpResponse:
    """Households nobody has met yet, by project; the oldest notice first."""
    on, user = today(), request.user
    if not access.can_read_case_files(user):
        raise Http404
    cases = never_met(Case.objects.visible_to(user, on=on).live(on=on).exclude(stage=0))
    chosen = NeverMetFilter(request.GET, cases, request=request, on=on)
    by_project = (
        cases.order_by().values("project__name", "project__code").annotate(n=Count("pk"))
    ).order_by("-n", "project__name")
    rows = chosen.qs.select_related("project", "officer")
    return render(
        request,
        "outreach/never_met.html",
        {
            "filter": chosen,
            "by_project": by_project,
            "can_add": works_somewhere(request),
            **page_of(request, rows, on),
        },
    )


@require_http_methods(["GET", "POST"])
def trainings(request: Request) -> HttpResponse:
    """The list of trainings, and the form that adds one."""
    on = today()
    if not access.can_read_case_files(request.user):
        raise Http404
    can_add = access.can_record_trainings(request.user, on=on)
    form = TrainingForm(request.POST or None, today=on)
    if request.method == "POST":
        if not can_add:
            raise Http404
        if form.is_valid():
            form.save()
            messages.success(request, "Đã ghi lớp tập huấn.")
            return redirect("trainings")
    rows = Training.objects.select_related("organiser")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "can_add": can_add}
    return render(
        request, "outreach/trainings.html", context | beside(request.user, Kind.TRAININGS)
    )
