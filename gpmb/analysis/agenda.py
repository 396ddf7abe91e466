"""What a review has to talk about: what is late, blocked or waits for a decision, by project."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Min, Q, Sum

from gpmb.analysis import alerts
from gpmb.clearance.models import Case, Directive, Obstacle, Project, Question, Taking

if TYPE_CHECKING:
    from gpmb.accounts.models import User


HOLDERS = ("household", "individual")


@dataclass(frozen=True)
class Line:
    """One project on the agenda. Lateness by law and by plan are two figures, never added."""

    project: Project
    questions: int = 0
    unfinished: int = 0
    unfinished_late: int = 0
    late_by_law: int = 0
    late_by_plan: int = 0
    obstacles: int = 0
    oldest_obstacle_on: dt.date | None = None

    @property
    def weight(self) -> tuple[int, ...]:
        """What comes first: what waits for a decision, then what was promised, then the rest."""
        return (self.questions, self.unfinished_late, self.late_by_law, self.obstacles)


def agenda(user: User, on: dt.date) -> list[Line]:
    """Return the projects a review has to talk about on a day, the gravest first."""
    found: dict[int, dict[str, Any]] = {}
    for rows in (_questions(user, on), _directives(user, on), _obstacles(user, on)):
        for row in rows:
            found.setdefault(row.pop("of"), {}).update(row)
    by_code = {row.key: row.counts for row in alerts.counts(user, on, alerts.By.PROJECT)}
    lines = []
    for project in Project.objects.visible_to(user).order_by("code"):
        counts = by_code.get(project.code, {})
        facts = found.get(project.pk, {}) | {
            "late_by_law": counts.get(alerts.Alert.LATE, 0),
            "late_by_plan": counts.get(alerts.Alert.PLAN_LATE, 0),
        }
        if any(facts.values()):
            lines.append(Line(project, **facts))
    return sorted(lines, key=lambda line: line.weight, reverse=True)


def _questions(user: User, on: dt.date) -> Any:
    return _by_project(Question.objects.visible_to(user).waiting(on=on)).annotate(
        questions=Count("pk")
    )


def _directives(user: User, on: dt.date) -> Any:
    return _by_project(Directive.objects.visible_to(user).open(on=on)).annotate(
        unfinished=Count("pk"), unfinished_late=Count("pk", filter=Q(due_on__lt=on))
    )


def _obstacles(user: User, on: dt.date) -> Any:
    visible = Project.objects.visible_to(user)
    return _by_project(Obstacle.objects.open(on=on).filter(project__in=visible)).annotate(
        obstacles=Count("pk"), oldest_obstacle_on=Min("opened_on")
    )


def _by_project(rows: Any) -> Any:
    return rows.filter(project__isnull=False).order_by().values(of=F("project_id"))


@dataclass(frozen=True)
class Completion:
    """How far the conclusions of all reviews up to a day have come."""

    given: int
    done: int
    in_time: int
    late: int
    oldest: Directive | None

    @property
    def share(self) -> float | None:
        """done / given; None where nothing was concluded."""
        return self.done / self.given if self.given else None


def completion(user: User, on: dt.date) -> Completion:
    """Return how many conclusions were given and carried out, and the oldest unfinished one."""
    given = Directive.objects.visible_to(user).given(on=on)
    done = Q(done_on__lte=on)
    counts = given.aggregate(
        given=Count("pk"),
        done=Count("pk", filter=done),
        in_time=Count("pk", filter=done & Q(done_on__lte=F("due_on"))),
    )
    unfinished = given.open(on=on)
    oldest = unfinished.select_related("review", "owner", "project").order_by("review__on", "pk")
    return Completion(**counts, late=unfinished.late(on=on).count(), oldest=oldest.first())


@dataclass(frozen=True)
class Waiting:
    """What of a project is not handed over yet: what a question may be waiting for."""

    households: int
    area_m2: Decimal


def waiting(user: User, project: Project, on: dt.date) -> Waiting:
    """Return the holders and the land (m²) of a project that are not handed over on a day."""
    cases = Case.objects.counted_for(user).live(on=on).filter(project=project).exclude(stage=6)
    takings = Taking.objects.visible_to(user).live(on=on).filter(project=project)
    pending = takings.filter(Q(handed_over_on__isnull=True) | Q(handed_over_on__gt=on))
    return Waiting(
        cases.aggregate(n=Count("parties", filter=Q(parties__kind__in=HOLDERS), distinct=True))[
            "n"
        ],
        pending.aggregate(area=Sum("recovered_area_m2"))["area"] or Decimal(0),
    )
