"""What changed since the last review, by project and in words: the figures of the overview."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from gpmb.analysis.standing import Row, Standing
from gpmb.clearance.models import Directive, Project, Question, Review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gpmb.accounts.models import User


@dataclass(frozen=True)
class Since:
    """`rows` are the projects that moved, the most land first; `whole` is all of them."""

    review: Review | None
    on: dt.date
    since: dt.date
    whole: Row
    rows: list[tuple[Project, Row]]
    still: int


def last_review(on: dt.date) -> Review | None:
    """Return the latest review before a day."""
    return Review.objects.before(on).first()


def read(user: User, on: dt.date) -> Since:
    """Compare a day with the last review before it; without one, with a month before."""
    review = last_review(on)
    since = review.on if review else on - dt.timedelta(days=30)
    standing = Standing.read(user, on=on, since=since)
    rows = [(project, standing.row([project])) for project in standing.projects]
    moved = [pair for pair in rows if _moved(pair[1])]
    moved.sort(key=lambda pair: (-pair[1].change.handed_over_m2, pair[0].code))
    return Since(review, on, since, standing.row(), moved, len(rows) - len(moved))


def _moved(row: Row) -> bool:
    change = row.change
    return bool(
        change.handed_over_m2
        or change.investor_m2
        or change.paid_vnd
        or change.approved_vnd
        or change.overdue
        or change.obstacles
        or any(change.stages)
    )


def answered(user: User, since: dt.date, on: dt.date) -> QuerySet[Question]:
    """Return the questions answered after an earlier day."""
    rows = Question.objects.visible_to(user).filter(decided_on__gt=since, decided_on__lte=on)
    return rows.select_related("project", "owner")


def directives(user: User, since: dt.date, on: dt.date) -> QuerySet[Directive]:
    """Return the conclusions carried out or fallen overdue after an earlier day."""
    done = Q(done_on__gt=since, done_on__lte=on)
    fell = Q(due_on__gte=since, due_on__lt=on) & (Q(done_on=None) | Q(done_on__gt=on))
    rows = Directive.objects.visible_to(user).given(on=on).filter(done | fell)
    return rows.order_by("due_on", "pk")
