"""The desk (/viec-cua-toi/): work by what is due, letters waiting, cases passed on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, refs
from gpmb.accounts.models import Role, SavedFilter, User
from gpmb.analysis.alerts import Alert
from gpmb.analysis.states import CHOICES, ON_THE_DESK, counted_by, in_state
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Inquiry, Project, Reassignment
from gpmb.law.steps import MoveRefused
from gpmb.web.desk_forms import (
    AnswerForm,
    HandBackForm,
    InquiryForm,
    ReassignForm,
    SavedFilterForm,
    WithdrawForm,
)
from gpmb.web.desk_rows import inquiry_rows
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.listing import PAGE_SIZE, case_rows, rows_of

FIRST = 12  # rows of a table of the desk; the count above it opens the rest
LISTED = 300  # cases shown to be ticked one by one
LABELS = dict(CHOICES)
COLUMNS = ("open", "overdue", "due_7", "obstacle")


@require_GET
def desk(request: Request) -> HttpResponse:
    """What to do first, for whom one waits, and how the projects one works on stand."""
    if not access.can_use_desk(request.user):
        raise Http404
    on = today()
    user = request.user
    mine: Any = case_rows(user, on).filter(officer=user)
    urgent = mine.filter(
        in_state(Alert.LATE, on) | in_state(Alert.DUE_7, on) | in_state(Alert.DUE_30, on)
    )
    inquiries = waiting(request, on)
    context = {
        "on": on,
        "states": [(str(state), LABELS[state]) for state in ON_THE_DESK],
        "columns": COLUMNS,
        "totals": counted_by(mine, on)[0],
        "urgent": rows_of(user, list(urgent.order_by("due_on", "code")[:FIRST]), on),
        "projects": projects_of(user, on),
        "officers": officers_beside(user, on),
        "inquiries": inquiry_rows(inquiries[:FIRST], on),
        "inquiry_count": inquiries.count(),
        "saved": user.saved_filters.all(),
        "passed": passed_to_or_from(user)[:5],
    }
    return render(request, "desk/desk.html", context)


def projects_of(user: User, on: dt.date) -> list[dict[str, Any]]:
    """The projects one works on, the latest first: one's own cases by state, all open ones."""
    projects = Project.objects.visible_to(user).assigned_to(user, on=on).distinct()
    cases: Any = case_rows(user, on).filter(project__in=projects)
    own = {
        row["project_id"]: row for row in counted_by(cases.filter(officer=user), on, "project_id")
    }
    every = {row["project_id"]: row["open"] for row in counted_by(cases, on, "project_id")}
    rows = [
        {"project": project, "own": own.get(project.pk, {}), "every": every.get(project.pk, 0)}
        for project in projects.order_by("code")
    ]
    return sorted(rows, key=lambda row: [-row["own"].get(state, 0) for state in COLUMNS[1:3]])


def officers_beside(user: User, on: dt.date) -> list[dict[str, Any]]:
    """All open cases of everyone who has some in one's projects, the fullest desk first."""
    projects = Project.objects.visible_to(user).assigned_to(user, on=on)
    people = User.objects.filter(
        pk__in=Case.objects.live(on=on).filter(project__in=projects).values("officer")
    ).in_bulk()
    theirs: Any = case_rows(user, on).filter(officer__in=people)
    rows = counted_by(theirs, on, "officer_id")
    return sorted(
        ({"officer": people[row["officer_id"]], **row} for row in rows if row["open"]),
        key=lambda row: -row["open"],
    )


def waiting(request: Request, on: dt.date) -> Any:
    """The letters still waiting that this user may read, the longest waited for first."""
    rows = Inquiry.objects.visible_to(request.user, on=on).open(on=on)
    return rows.select_related("to", "project", "case", "by").order_by("sent_on", "pk")


@require_GET
def inquiry_list(request: Request) -> HttpResponse:
    """The book of letters: those waiting, those late, those closed."""
    if not access.can_read_inquiries(request.user):
        raise Http404
    on = today()
    rows = Inquiry.objects.visible_to(request.user, on=on).select_related("to", "project", "case")
    kinds = {
        "open": ("Đang chờ", rows.open(on=on)),
        "overdue": ("Quá hạn trả lời", rows.overdue(on=on)),
        "closed": ("Đã xong", rows.exclude(pk__in=rows.open(on=on).values("pk"))),
    }
    kind = request.GET.get("state", "open")
    chosen = kinds.get(kind, kinds["open"])[1].order_by("sent_on", "pk")
    page = Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "on": on,
        "kind": kind if kind in kinds else "open",
        "kinds": [(code, label, found.count()) for code, (label, found) in kinds.items()],
        "page": page,
        "rows": inquiry_rows(page, on),
        "shows_subject": request.user.role != Role.LEADER,
        "can_write": access.can_use_desk(request.user),
        "paste_form": paste_form(request.user, on, kind=Kind.INQUIRIES),
    }
    return render(request, "desk/inquiries.html", context)


@require_http_methods(["GET", "POST"])
def inquiry_add(request: Request) -> HttpResponse:
    """Write a letter down that waits for an answer; the address may name its project and case."""
    if not access.can_use_desk(request.user):
        raise Http404
    on = today()
    initial: dict[str, Any] = {"sent_on": on}
    asked = refs.written(request.GET.get("ho-so", ""))
    cases = Case.objects.visible_to(request.user, on=on).select_related("project")
    if asked is not None and (case := cases.filter(ref=asked).first()):
        initial |= {"project": case.project, "case_code": case.code}
    form = InquiryForm(request.POST or None, user=request.user, today=on, initial=initial)
    if request.method == "POST" and form.is_valid():
        inquiry = form.save()
        messages.success(request, f"Đã ghi văn bản {inquiry.number}, chờ {inquiry.to} trả lời.")
        return redirect("case", inquiry.case.ref) if inquiry.case else redirect("desk")
    return render(request, "desk/inquiry_add.html", {"form": form})


def find_inquiry(request: Request, ref: int) -> Inquiry:
    rows = Inquiry.objects.visible_to(request.user, on=today())
    return get_object_or_404(rows.select_related("to", "project", "case", "by"), ref=ref)


def may_close(request: Request, inquiry: Inquiry) -> bool:
    return access.works_on(request.user, inquiry.project, on=today())


@require_http_methods(["GET", "POST"])
def inquiry_page(request: Request, ref: int) -> HttpResponse:
    """One letter; its reply closes it."""
    inquiry = find_inquiry(request, ref)
    on = today()
    form = AnswerForm(request.POST or None, today=on, initial={"replied_on": on})
    if request.method == "POST":
        if not may_close(request, inquiry):
            raise Http404
        if form.is_valid() and closed(
            form,
            lambda: inquiry.answer(
                form.cleaned_data["reply_number"],
                on=form.cleaned_data["replied_on"],
                note=form.cleaned_data["reply_note"],
            ),
        ):
            messages.success(request, f"Đã ghi trả lời của văn bản {inquiry.number}.")
            return redirect("desk")
    return render(request, "desk/inquiry.html", inquiry_context(request, inquiry, form=form))


@require_POST
def inquiry_withdraw(request: Request, ref: int) -> HttpResponse:
    """Stop waiting for an answer, with a reason."""
    inquiry = find_inquiry(request, ref)
    if not may_close(request, inquiry):
        raise Http404
    on = today()
    form = WithdrawForm(request.POST, today=on)
    if form.is_valid() and closed(
        form, lambda: inquiry.withdraw(on=on, reason=form.cleaned_data["reason"])
    ):
        messages.success(request, f"Đã thôi chờ trả lời văn bản {inquiry.number}.")
        return redirect("desk")
    context = inquiry_context(request, inquiry, withdraw_form=form, withdrawing=True)
    return render(request, "desk/inquiry.html", context)


def inquiry_context(request: Request, inquiry: Inquiry, **given: Any) -> dict[str, Any]:
    on = today()
    rows = inquiry_rows([inquiry], on)
    forms = [given[name] for name in ("form", "withdraw_form") if name in given]
    return {
        "on": on,
        "row": rows[0],
        "inquiry": inquiry,
        "shows_subject": request.user.role != Role.LEADER,
        # A form that was sent stays, even when a colleague closed the letter meanwhile.
        "can_close": may_close(request, inquiry)
        and (not rows[0]["closed"] or any(form.is_bound for form in forms)),
        "form": AnswerForm(today=on, initial={"replied_on": on}),
        "withdraw_form": WithdrawForm(today=on),
        **given,
    }


def closed(form: Any, move: Any) -> bool:
    """Make the move; what stands in its way is said on the form."""
    try:
        move()
    except MoveRefused as refused:
        form.add_error(None, f"{refused.reason} {refused.first}".strip())
        return False
    return True


def passed_to_or_from(user: User) -> Any:
    """The reassignments a user was part of; the administrator's: all."""
    rows = Reassignment.objects.select_related("giver", "taker", "by", "undone_by", "undoes")
    if not user.is_administrator:
        rows = rows.filter(Q(giver=user) | Q(taker=user))
    return rows.prefetch_related("items")


@require_http_methods(["GET", "POST"])
def reassign(request: Request) -> HttpResponse:
    """Pass cases on to a colleague: all that are listed or those ticked, in one transaction."""
    user, on = request.user, today()
    if not (access.can_use_desk(user) or user.is_administrator):
        raise Http404
    giver = giver_asked(request)
    listed: Any = Case.objects.none()
    if giver is not None:
        listed = case_rows(user, on).filter(officer=giver).exclude(stage=6)
        if project := request.GET.get("project"):
            listed = listed.filter(project__code=project)
    form = ReassignForm(
        request.POST or None, today=on, giver=giver or user, listed=listed, initial={"on": on}
    )
    ticked = request.POST.getlist("case")
    if request.method == "POST" and giver is not None and form.is_valid():
        made: list[Reassignment] = []
        if closed(form, lambda: made.append(form.save(by=user, ticked=ticked))):
            count = made[0].items.count()
            messages.success(request, f"Đã chuyển {count} hồ sơ cho {made[0].taker}.")
            return redirect(f"{reverse('reassign')}?cua={giver.username}")
    context = {
        "form": form,
        "giver": giver,
        "on": on,
        "count": listed.count(),
        "rows": rows_of(user, list(listed.order_by("project__code", "code")[:LISTED]), on),
        "listed": LISTED,
        "ticked": set(ticked),
        "officers": officers_with_cases() if user.is_administrator else None,
        "projects": Project.objects.visible_to(user)
        .filter(cases__officer=giver)
        .distinct()
        .order_by("code"),
        "passed": [
            {"passed": row, "can": access.can_hand_back(user, row), "count": len(row.items.all())}
            for row in passed_to_or_from(user)[:20]
        ],
    }
    return render(request, "desk/reassign.html", context)


def officers_with_cases() -> Any:
    return User.objects.filter(pk__in=Case.objects.exclude(stage=6).values("officer"))


def giver_asked(request: Request) -> User | None:
    """Whose cases: an officer's own; for the administrator those of the officer in the address."""
    if not request.user.is_administrator:
        return request.user
    name = request.GET.get("cua", "")
    found: User | None = officers_with_cases().filter(username=name).first()
    return found


@require_POST
def hand_back(request: Request, ref: int) -> HttpResponse:
    """Undo a reassignment: what is still there goes back, with a reason."""
    passed = get_object_or_404(passed_to_or_from(request.user), ref=ref)
    if not access.can_hand_back(request.user, passed):
        raise Http404
    on = today()
    form = HandBackForm(request.POST, today=on)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["reason"]))
        return redirect("reassign")
    try:
        back = passed.hand_back(on=on, reason=form.cleaned_data["reason"], by=request.user)
    except MoveRefused as refused:
        messages.error(request, f"{refused.reason} {refused.first}".strip())
    else:
        count, left = back.items.count(), passed.items.count() - back.items.count()
        rest = f"; {left} hồ sơ đã sang người khác nên giữ nguyên" if left else ""
        messages.success(request, f"Đã trả lại {count} hồ sơ cho {passed.giver}{rest}.")
    return redirect("reassign")


@require_POST
def filter_save(request: Request) -> HttpResponse:
    """Keep the conditions of a list under a name; the same name again: the new conditions."""
    name = request.POST.get("name", "").strip().replace("\0", "")
    known = SavedFilter.objects.filter(user=request.user, name=name).first()
    form = SavedFilterForm(request.POST, instance=known or SavedFilter(user=request.user))
    if form.is_valid():
        kept = form.save()
        messages.success(request, f"Đã lưu bộ lọc “{kept.name}”.")
        return redirect(f"{reverse(kept.page)}?{kept.query}")
    messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if safe else "overview")


@require_POST
def filter_drop(request: Request, ref: int) -> HttpResponse:
    """Forget a kept filter of one's own."""
    kept = get_object_or_404(SavedFilter, user=request.user, ref=ref)
    kept.delete()
    messages.success(request, f"Đã bỏ bộ lọc “{kept.name}”.")
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if safe else kept.page)
