"""Editing a case beside others who edit it: see gpmb.web.merge."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gpmb.clearance.clock import today
from gpmb.web.forms import CaseForm
from gpmb.web.http import Request
from gpmb.web.merge import MergeForm, said
from gpmb.web.views.cases import editable_case


def saved_beside(request: Request, form: MergeForm, done: str) -> bool:
    """Save a posted form beside what others saved; say what was merged."""
    if request.method != "POST" or not form.is_valid() or not form.merge():
        return False
    messages.success(request, done)
    if form.merged:
        messages.warning(request, f"Đã gộp với thay đổi của người khác: {said(form.merged)}.")
    return True


@require_http_methods(["GET", "POST"])
def case_edit(request: Request, ref: int) -> HttpResponse:
    """Change officer, batch, resettlement need, note of a case one works on."""
    case = editable_case(request, ref)
    form = CaseForm(request.POST or None, instance=case, today=today())
    if saved_beside(request, form, "Đã lưu thông tin hồ sơ."):
        return redirect("case", case.ref)
    return render(request, "cases/edit.html", {"case": case, "form": form})
