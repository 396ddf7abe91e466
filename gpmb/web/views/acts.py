"""Acts of a case that start, stop or waive the law's clocks: its officer notes them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gpmb.clearance.clock import today
from gpmb.clearance.models import Act, Case, StaleCase
from gpmb.web.forms import ActForm, ReasonForm
from gpmb.web.http import Request
from gpmb.web.views import cases


@require_POST
def act_note(request: Request, ref: int) -> HttpResponse:
    """Record an act; what is refused comes back with what was typed."""
    case = cases.editable_case(request, ref)
    form = ActForm(request.POST, case=case, today=today())
    if form.is_valid():
        try:
            act = form.save(by=request.user)
        except StaleCase:
            _ask_again(form, cases.find_case(request, ref))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"Đã ghi: {act.get_kind_display()}. Thời hạn đã tính lại.")
            return redirect("case", case.ref)
    form.mark_invalid()
    context = cases.case_context(request, cases.find_case(request, ref))
    return render(request, "cases/page.html", context | {"act_form": form, "noting": True})


def _ask_again(form: ActForm, case: Case) -> None:
    form.add_error(None, "Hồ sơ vừa được người khác cập nhật. Xem lại rồi lưu nếu còn cần.")
    form.data = {**_single(form.data), "version": str(case.version)}


def _single(data: Any) -> dict[str, Any]:
    return {name: data[name] for name in data}


@require_POST
def act_take_back(request: Request, ref: int) -> HttpResponse:
    """Take back an act recorded by mistake, with a reason; the row stays."""
    act = get_object_or_404(Act.objects.select_related("case"), ref=ref)
    case = cases.editable_case(request, act.case.ref)
    form = ReasonForm(request.POST, today=today())
    if not form.is_valid():
        messages.error(request, "Chưa rút lại: hãy ghi rõ lý do (từ 5 ký tự).")
        return redirect("case", case.ref)
    try:
        case.take_back_act(act, on=today(), reason=form.cleaned_data["reason"])
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, "Đã rút lại; dòng cũ và lý do vẫn được giữ.")
    return redirect("case", case.ref)
