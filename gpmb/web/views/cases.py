"""Cases (hồ sơ): the list, one household's file, and what an officer changes in it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gpmb import access
from gpmb.clearance.bulk_changes import step_words
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Disclosure, Obstacle, StaleCase
from gpmb.law import steps
from gpmb.papers.models import LetterKind, Scope
from gpmb.web import case_file
from gpmb.web.filters import CaseFilter
from gpmb.web.forms import ActForm, AdvanceForm, ObstacleForm, ReasonForm, VoidForm
from gpmb.web.http import Request
from gpmb.web.import_forms import paste_form
from gpmb.web.listing import case_rows, page_of
from gpmb.web.views.panel import record


def find_case(request: Request, ref: int, on: dt.date | None = None) -> Case:
    cases = Case.objects.visible_to(request.user, on=on or today())
    return get_object_or_404(cases.select_related("project", "officer", "batch"), ref=ref)


def editable_case(request: Request, ref: int) -> Case:
    """The case, for an officer of its project; for everyone else it can't be edited: 404."""
    case = find_case(request, ref)
    if not access.can_edit_case(request.user, case, on=today()):
        raise Http404
    return case


@require_GET
def case_list(request: Request) -> HttpResponse:
    on = today()
    chosen = CaseFilter(request.GET, case_rows(request.user, on), request=request, on=on)
    rows = chosen.qs
    project = chosen.form.cleaned_data.get("project")
    return render(
        request,
        "cases/list.html",
        {
            "filter": chosen,
            "can_write_letters": access.can_write_letters(request.user),
            "project": project,
            "paste_form": paste_form(request.user, on, project),
            **page_of(request, rows, on),
        },
    )


def case_context(request: Request, case: Case, on: dt.date | None = None) -> dict[str, Any]:
    """What the case page shows this user; names and amounts only where access opens them."""
    on = on or today()
    context = case_file.read(case, request.user, on)
    rights, log = context["rights"], context["log"]
    context |= {
        "project": case.project,
        "can_edit": rights.edit,
        "can_write_letters": rights.household and access.can_write_letters(request.user),
        "letter_kinds": [kind for kind in LetterKind if kind.scope == Scope.CASE],
        "can_reveal": rights.reveal_name,
        "reveal_form": ReasonForm(today=on),
    }
    if rights.edit:
        context |= {
            "form": AdvanceForm(case=case, today=on, log=log, facts=context["facts"]),
            "void_form": VoidForm(case=case, today=on) if log else None,
            "act_form": ActForm(case=case, today=on),
            "obstacle_form": ObstacleForm(today=on, initial={"opened_on": on}),
        }
    return context


@require_GET
def case_page(request: Request, ref: int) -> HttpResponse:
    on = today()
    case = find_case(request, ref, on)
    return render(request, "cases/page.html", case_context(request, case, on))


@require_POST
def case_advance(request: Request, ref: int) -> HttpResponse:
    """Record a step from the case page."""
    case = editable_case(request, ref)
    form = AdvanceForm(request.POST, case=case, today=today())
    outcome = record(form, request)
    if outcome["saved"]:
        case.refresh_from_db()
        messages.success(request, f"Đã ghi bước “{step_words(case, today())}”.")
        return redirect("case", case.ref)
    context = case_context(request, find_case(request, ref))
    return render(request, "cases/page.html", context | {"form": form} | outcome)


@require_POST
def case_void(request: Request, ref: int) -> HttpResponse:
    """Take back the latest step of a case, with a reason."""
    case = editable_case(request, ref)
    form = VoidForm(request.POST, case=case, today=today())
    if form.is_valid():
        try:
            form.save(by=request.user)
        except StaleCase:
            form.add_error(
                None, "Hồ sơ vừa được người khác cập nhật. Xem lại rồi hủy nếu còn cần."
            )
            form.data = {
                **dict(form.data.items()),
                "version": str(find_case(request, ref).version),
            }
        except steps.MoveRefused as refused:
            form.add_error(None, refused.reason)
        else:
            messages.success(request, "Đã hủy bước gần nhất; diễn biến vẫn giữ cả hai dòng.")
            return redirect("case", case.ref)
    context = case_context(request, find_case(request, ref)) | {"void_form": form}
    return render(request, "cases/page.html", context | {"voiding": True})


@require_POST
def obstacle_add(request: Request, ref: int) -> HttpResponse:
    case = editable_case(request, ref)
    form = ObstacleForm(
        request.POST, today=today(), instance=Obstacle(case=case, project=case.project)
    )
    if form.is_valid():
        form.save()
        messages.success(request, "Đã ghi vướng mắc.")
        return redirect("case", case.ref)
    context = case_context(request, case) | {"obstacle_form": form, "adding_obstacle": True}
    return render(request, "cases/page.html", context)


@require_POST
def reveal(request: Request, ref: int) -> HttpResponse:
    """Show what is masked, once: an ID number to those who know the household, with a reason the
    name to a leader. Who saw what of whom is logged before it is shown."""
    case = find_case(request, ref)
    held = list(case.case_parties.select_related("party"))
    context = case_context(request, case)
    if "parties" in context:
        shown = [row for row in held if str(row.party.ref) == request.POST.get("party")]
        if not shown:
            raise Http404
        Disclosure.log(case, by=request.user, what=Disclosure.What.ID_NUMBER, rows=shown)
        return render(request, "cases/page.html", context | {"revealed": shown[0].party})
    if not context["can_reveal"]:
        raise Http404
    form = ReasonForm(request.POST, today=today())
    if not form.is_valid():
        return render(request, "cases/page.html", context | {"reveal_form": form})
    reason = form.cleaned_data["reason"]
    Disclosure.log(case, by=request.user, what=Disclosure.What.NAME, rows=held, reason=reason)
    return render(
        request,
        "cases/page.html",
        context | {"names": [r.party.name for r in held if r.valid_to is None]},
    )
