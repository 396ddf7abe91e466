"""Reviews (/giao-ban/): an officer prepares, a leader asks and concludes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gpmb import access, refs
from gpmb.analysis import since
from gpmb.analysis.agenda import agenda, completion
from gpmb.clearance.clock import today
from gpmb.clearance.models import Directive, DirectiveNote, Question, Review
from gpmb.clearance.models.review import ConclusionRefused
from gpmb.reports import notice
from gpmb.reports.city_report import sentence
from gpmb.web.city_tables import Kind, beside
from gpmb.web.days import Days
from gpmb.web.http import Request
from gpmb.web.review_forms import (
    DecideForm,
    DirectiveForm,
    IssueForm,
    NoteForm,
    QuestionForm,
    ReviewForm,
)
from gpmb.web.views.hotspots import declared

AGENDA_LINES = 12
PAGE_SIZE = 50
STATES = {"mo": "Chưa xong", "qua-han": "Quá hạn", "xong": "Đã xong", "": "Tất cả"}


def readers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hide a page from those who have no part in the reviews."""

    @wraps(view)
    def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.can_open_reviews(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def directives_of(request: Request, on: dt.date) -> Any:
    """The conclusions this user may know of, with what a row shows."""
    rows = Directive.objects.visible_to(request.user).given(on=on)
    notes = Prefetch("notes", DirectiveNote.objects.select_related("by"))
    return rows.select_related(
        "review", "project", "case", "owner", "owner_user", "question"
    ).prefetch_related(notes)


def shown(request: Request, directives: Any, on: dt.date) -> list[dict[str, Any]]:
    """Rows of conclusions: how late each is, and whether this user reports on it."""
    mine = set(access.reported_projects(request.user, on=on))
    return [
        {
            "d": d,
            "days_late": d.days_late(on=on),
            "notes": list(d.notes.all()),
            "reports": d.done_on is None and d.project_id in mine,
        }
        for d in directives
    ]


@require_GET
@readers_only
def page(request: Request) -> HttpResponse:
    """All reviews, what waits for an answer, how far the conclusions have come."""
    on = today()
    seen = Q(directives__in=Directive.objects.visible_to(request.user))
    reviews = (
        Review.objects.select_related("document")
        .annotate(
            given=Count("directives", filter=seen, distinct=True),
            done=Count("directives", filter=seen & Q(directives__done_on__lte=on), distinct=True),
        )
        .order_by("-on")
    )
    late = directives_of(request, on).open(on=on).order_by("due_on", "pk")
    return render(
        request,
        "reviews/list.html",
        {
            "on": on,
            "reviews": reviews,
            "completion": completion(request.user, on),
            "questions": _waiting(request, on),
            "unfinished": shown(request, late[:8], on),
            "unfinished_count": late.count(),
            "can_prepare": access.can_prepare_reviews(request.user),
        },
    )


def _waiting(request: Request, on: dt.date) -> Any:
    return (
        Question.objects.visible_to(request.user).waiting(on=on).select_related("project", "owner")
    )


@require_GET
def changes(request: Request) -> HttpResponse:
    """What moved since the last review, or another day; every page leads here."""
    days = Days.read(request.GET)
    on = days.on
    found = since.read(request.user, on, since=days.since, today=days.today)
    context = {
        "change": found,
        "sentence": sentence(found.whole, on, found.since),
        "on": on,
        "days": days,
        "at": days.query(),
    }
    if access.can_open_reviews(request.user):
        rows = since.directives(request.user, found.since, on)
        moved = (
            directives_of(request, on).filter(pk__in=rows.values("pk")).order_by("due_on", "pk")
        )
        context |= {
            "sees_reviews": True,
            "directives": shown(request, moved, on),
            "answered": since.answered(request.user, found.since, on),
            "note_form": NoteForm(today=on, auto_id=False),
        }
    return render(request, "reviews/since.html", context)


@require_GET
@readers_only
def directives(request: Request) -> HttpResponse:
    """Conclusions by state, the oldest due first: làm đến đâu dứt điểm đến đó."""
    on = today()
    state = request.GET.get("state", "mo")
    rows = directives_of(request, on).order_by("due_on", "pk")
    rows = {"mo": rows.open, "qua-han": rows.late, "xong": rows.done}.get(state, rows.given)(on=on)
    found = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "reviews/directives.html",
        {
            "on": on,
            "page": found,
            "rows": shown(request, found, on),
            "state": state,
            "states": STATES,
            "note_form": NoteForm(today=on, auto_id=False),
            "completion": completion(request.user, on),
        }
        | beside(request.user, Kind.PROGRESS),
    )


@require_GET
@readers_only
def review(request: Request, ref: int) -> HttpResponse:
    """One meeting: its agenda, what earlier ones left, its questions and conclusions."""
    return render(request, "reviews/review.html", _context(request, _find(ref)))


def _find(ref: int) -> Review:
    return get_object_or_404(Review.objects.select_related("document", "chair"), ref=ref)


def _context(request: Request, meeting: Review, **forms: Any) -> dict[str, Any]:
    on = today()
    day = min(on, meeting.on)
    lines = agenda(request.user, day)
    every = directives_of(request, on=max(on, meeting.on))
    questions = Question.objects.visible_to(request.user).select_related("project", "owner")
    opened = meeting.document_id is None
    concludes = opened and access.can_conclude(request.user)
    pasting = beside(request.user, Kind.DIRECTIVES, refs.encode(meeting.ref)) if opened else {}
    return (
        pasting
        | {
            "review": meeting,
            "on": on,
            "day": day,
            "before": Review.objects.before(meeting.on).first(),
            "lines": lines[:AGENDA_LINES],
            "more_lines": lines[AGENDA_LINES:],
            "left": shown(
                request,
                every.filter(review__on__lt=meeting.on).open(on=day).order_by("due_on", "pk"),
                on,
            ),
            "conclusions": shown(request, every.filter(review=meeting).order_by("pk"), on),
            "questions": questions.filter(
                Q(review=meeting)
                | Q(asked_on__lte=meeting.on) & (Q(decided_on=None) | Q(decided_on__gt=meeting.on))
            ),
            "hot": declared(request).open(on=day),
            "completion": completion(request.user, day),
            "concludes": concludes,
            "issues": concludes and meeting.on <= on,
            "directive_form": DirectiveForm(today=on, user=request.user, review=meeting),
            "issue_form": IssueForm(today=on),
            "note_form": NoteForm(today=on, auto_id=False),
        }
        | forms
    )


@require_http_methods(["GET", "POST"])
@readers_only
def add(request: Request) -> HttpResponse:
    """An officer calls a review."""
    if not access.can_prepare_reviews(request.user):
        raise Http404
    form = ReviewForm(request.POST or None, today=today())
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, f"Đã lập cuộc họp “{made}”.")
        return redirect("review", made.ref)
    form.mark_invalid()
    return render(request, "reviews/add.html", {"form": form})


@require_POST
@readers_only
def conclude(request: Request, ref: int) -> HttpResponse:
    """A leader adds a conclusion to a review."""
    meeting = _find(ref)
    if not access.can_conclude(request.user):
        raise Http404
    form = DirectiveForm(request.POST, today=today(), user=request.user, review=meeting)
    if _saved(form, form.save):
        messages.success(request, "Đã ghi kết luận.")
        return redirect("review", meeting.ref)
    return render(request, "reviews/review.html", _context(request, meeting, directive_form=form))


@require_POST
@readers_only
def issue(request: Request, ref: int) -> HttpResponse:
    """A leader says by which notice the conclusions went out."""
    meeting = _find(ref)
    if not access.can_conclude(request.user):
        raise Http404
    form = IssueForm(request.POST, today=today())
    if _saved(form, lambda: form.save(meeting, by=request.user, on=today())):
        messages.success(request, "Đã ghi thông báo kết luận.")
        return redirect("review", meeting.ref)
    return render(request, "reviews/review.html", _context(request, meeting, issue_form=form))


def _saved(form: Any, save: Callable[[], Any]) -> bool:
    """Save a valid form; what the model refuses stands on the form, and nothing is written."""
    if form.is_valid():
        try:
            save()
        except ConclusionRefused as error:
            form.add_error(None, str(error))
        else:
            return True
    form.mark_invalid()
    return False


@require_POST
@readers_only
def report(request: Request, ref: int) -> HttpResponse:
    """An officer says how far a conclusion has come, or that it is done."""
    on = today()
    directive = get_object_or_404(directives_of(request, on), ref=ref)
    if not access.can_report_on(request.user, directive, on=on):
        raise Http404
    form = NoteForm(request.POST, today=on)
    if _saved(form, lambda: form.save(directive, by=request.user)):
        messages.success(request, "Đã ghi tiến độ thực hiện kết luận.")
        return redirect("review", directive.review.ref)
    rows = shown(request, [directive], on)
    context = {"rows": rows, "note_form": form, "on": on, "states": STATES}
    return render(request, "reviews/directives.html", context)


@require_http_methods(["GET", "POST"])
@readers_only
def ask(request: Request) -> HttpResponse:
    """An officer puts a question with its options."""
    if not access.can_prepare_reviews(request.user):
        raise Http404
    initial = {"project": request.GET.get("project")}
    form = QuestionForm(request.POST or None, today=today(), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, "Đã trình nội dung xin ý kiến.")
        return redirect("question", made.ref)
    form.mark_invalid()
    return render(request, "reviews/ask.html", {"form": form})


@require_GET
@readers_only
def questions(request: Request) -> HttpResponse:
    """Every question, those that wait first."""
    rows = Question.objects.visible_to(request.user).select_related("project", "owner")
    found = Paginator(rows.order_by("-decided_on", "needed_on", "pk"), PAGE_SIZE)
    return render(
        request,
        "reviews/questions.html",
        {
            "page": found.get_page(request.GET.get("page")),
            "on": today(),
            "can_prepare": access.can_prepare_reviews(request.user),
        },
    )


@require_http_methods(["GET", "POST"])
@readers_only
def question(request: Request, ref: int) -> HttpResponse:
    """One question with its options; a leader answers it here."""
    rows = Question.objects.visible_to(request.user)
    found = get_object_or_404(
        rows.select_related("project", "owner", "review", "asked_by", "decided_by"), ref=ref
    )
    decides = access.can_conclude(request.user) and found.decided_on is None
    if request.method == "POST" and not access.can_conclude(request.user):
        raise Http404
    on = today()
    form = DecideForm(
        request.POST or None, today=on, question=found, initial={"on": f"{on:%d/%m/%Y}"}
    )
    if request.method == "POST" and _saved(form, lambda: form.save(by=request.user)):
        messages.success(request, "Đã ghi ý kiến.")
        return redirect("question", found.ref)
    context = {
        "question": found,
        "options": found.options.all(),
        "directives": shown(request, directives_of(request, on).filter(question=found), on),
        "decides": decides,
        "form": form,
        "on": on,
    }
    return render(request, "reviews/question.html", context)


@require_GET
@readers_only
def notice_file(request: Request, ref: int) -> HttpResponse:
    """The draft of the conclusion notice as DOCX: who asked sees only what they may know."""
    meeting = _find(ref)
    asked = Question.objects.visible_to(request.user).filter(review=meeting)
    given = Directive.objects.visible_to(request.user).filter(review=meeting)
    paper = notice.build(
        meeting,
        directives=given.select_related("project", "owner").order_by("pk"),
        questions=asked.select_related("project").order_by("pk"),
        completion=completion(request.user, min(meeting.on, today())),
    )
    answer = HttpResponse(paper, content_type=notice.DOCX)
    name = f"thong-bao-ket-luan-{meeting.on:%Y-%m-%d}.docx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
