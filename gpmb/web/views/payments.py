"""The ledger: the desk of payments, the day's list, and what an officer proposes for a case."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, CaseParty
from gpmb.compensation.models import Invitation, Payment, PaymentRefused
from gpmb.law.steps import MoveRefused
from gpmb.reports import payments as papers
from gpmb.reports.models import ExportLog
from gpmb.web import case_file
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.payment_desk import desk_of, of_day
from gpmb.web.payment_forms import InviteForm, ProposeForm, ResultForm, ReturnForm
from gpmb.web.views.cases import editable_case
from gpmb.web.views.complaints import XLSX, download


@require_GET
def desk(request: Request) -> HttpResponse:
    """What waits for approval, what is due, who refused, what lies deposited."""
    if not access.can_read_ledger(request.user):
        raise Http404
    on = today()
    context = desk_of(request, on)
    context["paste_form"] = paste_form(request.user, on, kind=Kind.PAYMENTS)
    context["can_approve"] = access.approves_payments(request.user)
    return render(request, "payments/desk.html", context)


def _day(request: Request, on: dt.date) -> dt.date:
    """The day asked for as dd/mm/yyyy; the data date where there is none or it makes no sense."""
    try:
        return dt.datetime.strptime(request.GET.get("ngay", ""), "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        return on


def day_rows(request: Request) -> dict[str, Any]:
    if not access.can_read_ledger(request.user):
        raise Http404
    on = today()
    day = _day(request, on)
    payments = list(of_day(request.user, day, on))
    held = CaseParty.objects.filter(case__in=[p.case_id for p in payments])
    holders = {row.case_id: row.party for row in held.select_related("party").order_by("-pk")}
    return {
        "day": day,
        "today": on,
        "rows": papers.day_lines(payments, holders),
        "total_vnd": sum(p.amount_vnd for p in payments),
    }


@require_GET
def day_list(request: Request) -> HttpResponse:
    """What was paid and deposited on a day, for the treasury or the bank."""
    return render(request, "payments/day.html", day_rows(request))


@require_GET
def day_list_export(request: Request) -> HttpResponse:
    """The day's list as a workbook with names and accounts: what leaves is noted."""
    found = day_rows(request)
    content = papers.day_workbook(found["rows"], found["day"])
    ExportLog.sheet(
        ExportLog.Source.LEDGER,
        by=request.user,
        query=request.get_full_path(),
        on=found["day"],
        rows=len(found["rows"]),
        personal=True,
    )
    return download(content, f"bang-ke-chi-tra-{found['day']:%Y-%m-%d}.xlsx", XLSX)


def approvable(request: Request, ref: int) -> Payment:
    """A line this user may approve or return; for everyone else it doesn't exist."""
    rows = Payment.objects.visible_to(request.user, on=today()).select_related("case__project")
    payment = get_object_or_404(rows, ref=ref)
    if not access.can_approve_payment(request.user, payment.case):
        raise Http404
    return payment


@require_POST
def approve(request: Request, ref: int) -> HttpResponse:
    payment = approvable(request, ref)
    try:
        event = payment.approve(by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except (PaymentRefused, MoveRefused) as refused:
        messages.error(request, str(refused))
    else:
        done = f" Hồ sơ sang bước “{event.get_step_display()}”." if event else ""
        messages.success(request, f"Đã duyệt khoản chi của {payment.case.code}.{done}")
    return redirect("payments")


@require_http_methods(["GET", "POST"])
def give_back(request: Request, ref: int) -> HttpResponse:
    """Return a proposal with a reason."""
    payment = approvable(request, ref)
    form = ReturnForm(request.POST or None, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            payment.give_back(by=request.user, reason=form.cleaned_data["reason"])
        except PaymentRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Đã trả lại đề nghị của {payment.case.code}.")
            return redirect("payments")
    title = f"Trả lại đề nghị chi {payment.case.code}"
    return _form_page(request, payment.case, form, title, reverse("payments"))


@require_http_methods(["GET", "POST"])
def propose(request: Request, ref: int) -> HttpResponse:
    """Propose a line of the ledger; finance approves it."""
    on = today()
    case = editable_case(request, ref)
    ledger = case_file.read(case, request.user, on)["ledger"]
    initial = {"on": f"{on:%d/%m/%Y}", "amount_vnd": ledger.proposable_vnd or None}
    if not ledger.proposable_vnd and ledger.late:
        owed = sum(line.interest.amount_vnd for line in ledger.late)
        initial |= {"kind": Payment.Kind.LATE_INTEREST, "amount_vnd": owed}
    form = ProposeForm(request.POST or None, today=on, case=case, ledger=ledger, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            form.save(by=request.user)
        except PaymentRefused as refused:
            form.add_error(None, str(refused))
        except ValidationError as refused:
            form.add_error(None, list(refused.messages))
        else:
            messages.success(request, "Đã gửi đề nghị; kế toán duyệt thì khoản chi mới tính.")
            return redirect(f"{reverse('case', args=[case.ref])}#chi-tra")
    return _form_page(request, case, form, "Đề nghị chi", back=None, ledger=ledger)


@require_http_methods(["GET", "POST"])
def invite(request: Request, ref: int) -> HttpResponse:
    """Record that the household was invited to come for its money."""
    on = today()
    case = editable_case(request, ref)
    plan = case.plans.in_force().first()
    if plan is None:
        messages.error(request, "Hồ sơ chưa có phương án được phê duyệt.")
        return redirect(f"{reverse('case', args=[case.ref])}#chi-tra")
    form = InviteForm(request.POST or None, today=on, initial={"on": f"{on:%d/%m/%Y}"})
    if request.method == "POST" and form.is_valid():
        invitation = form.save(plan, by=request.user)
        messages.success(request, f"Đã ghi giấy mời lần {invitation.number}.")
        return redirect(f"{reverse('case', args=[case.ref])}#chi-tra")
    return _form_page(request, case, form, "Mời nhận tiền", back=None)


@require_http_methods(["GET", "POST"])
def invitation_result(request: Request, ref: int) -> HttpResponse:
    """Say whether the household came."""
    invitation = get_object_or_404(Invitation.objects.select_related("case"), ref=ref)
    case = editable_case(request, invitation.case.ref)
    initial = {"result": invitation.result, "note": invitation.note}
    form = ResultForm(request.POST or None, today=today(), initial=initial)
    if request.method == "POST" and form.is_valid():
        invitation.result = form.cleaned_data["result"]
        invitation.note = form.cleaned_data["note"]
        invitation.save(update_fields=["result", "note"])
        messages.success(request, "Đã ghi kết quả mời nhận tiền.")
        return redirect(f"{reverse('case', args=[case.ref])}#chi-tra")
    return _form_page(request, case, form, f"Kết quả mời lần {invitation.number}", back=None)


def _form_page(
    request: Request, case: Case, form: Any, title: str, back: str | None, **more: Any
) -> HttpResponse:
    context = {"case": case, "form": form, "title": title, **more}
    context["back"] = back or f"{reverse('case', args=[case.ref])}#chi-tra"
    return render(request, "payments/form.html", context)
