"""The list behind a figure: for each count, area or sum of the pages, its rows as of the day.

Asked from the event log and the rows themselves, never from the stored sums; a test holds the
two against each other for every figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from gpmb.accounts.models import User
from gpmb.analysis import figures
from gpmb.analysis.progress_models import DueSpan
from gpmb.analysis.selection import stage_on
from gpmb.clearance.models import (
    Case,
    CaseEvent,
    CaseParty,
    Obstacle,
    Project,
    SiteHandover,
    Taking,
)
from gpmb.law.steps import STEPS

PEOPLE = ("household", "individual")


@dataclass(frozen=True)
class Scope:
    """Whose figures, on which day: a reader, the projects they may see of those asked for.

    With `since` the rows that came after that day; `today` is the data date.
    """

    user: User
    on: dt.date
    today: dt.date
    projects: frozenset[int]
    stage: int | None = None
    unit: int | None = None
    since: dt.date | None = None


def case_stage_on(on: dt.date, case: str = "pk") -> Any:
    """The stage 0-6 of a case (the row itself, or its column `case`) on a day, from its log."""
    stage = models.Case(
        *(When(step=row.code, then=Value(row.stage)) for row in STEPS),
        default=Value(0),
        output_field=models.SmallIntegerField(),
    )
    furthest = (
        CaseEvent.objects.living()
        .filter(case=OuterRef(case), taking=None)
        .up_to(on)
        .values("case")
        .annotate(furthest=models.Max(stage))
        .values("furthest")
    )
    return Coalesce(
        Subquery(furthest, output_field=models.SmallIntegerField()),
        Value(0),
        output_field=models.SmallIntegerField(),
    )


def projects(scope: Scope) -> Any:
    return Project.objects.filter(pk__in=scope.projects).with_category(on=scope.on)


def cases(scope: Scope) -> Any:
    rows: Any = Case.objects.counted_for(scope.user).live(on=scope.on)
    rows = rows.filter(project__in=scope.projects).annotate(reached=case_stage_on(scope.on))
    if scope.stage is not None:
        rows = rows.filter(reached=scope.stage)
    if scope.unit is not None:
        rows = rows.annotate(home=_home()).filter(home=scope.unit)
    return rows.select_related("project").order_by("project__code", "code")


def _home() -> Any:
    """The ward a case counts in: that of its first taking."""
    first = Taking.objects.filter(case=OuterRef("pk")).order_by("pk")
    return Subquery(first.values("parcel__unit")[:1])


def _broken(on: dt.date) -> Any:
    """The legal ceiling that a case was past on a day, None where it was in time."""
    running = DueSpan.objects.filter(
        Q(until=None) | Q(until__gt=on), case=OuterRef("pk"), since__lte=on, due_on__lt=on
    )
    return Subquery(running.values("due_on")[:1])


def late(scope: Scope) -> Any:
    """Cases past the legal ceiling that ran on the day."""
    return cases(scope).annotate(ceiling=_broken(scope.on)).filter(ceiling__isnull=False)


def late_moved(scope: Scope) -> Any:
    """Cases late on the day and not on the day compared with (`newly`), or the other way round."""
    before = scope.since or scope.on
    rows: Any = Case.objects.counted_for(scope.user).filter(project__in=scope.projects)
    rows = rows.annotate(
        reached=case_stage_on(scope.on), ceiling=_broken(scope.on), ceiling_then=_broken(before)
    )
    gone, gone_then = Q(withdrawn_on__lte=scope.on), Q(withdrawn_on__lte=before)
    now = Q(ceiling__isnull=False) & ~gone
    then = Q(ceiling_then__isnull=False) & ~gone_then
    said: Any = {"output_field": models.BooleanField(), "default": Value(False)}
    rows = rows.annotate(
        newly=models.Case(When(now, then=Value(True)), **said),
        formerly=models.Case(When(then, then=Value(True)), **said),
    ).exclude(newly=F("formerly"))
    return rows.select_related("project").order_by("-newly", "project__code", "code")


def plan_late(scope: Scope) -> Any:
    """Cases not handed over in projects whose planned end is past."""
    return cases(scope).filter(project__planned_to__lt=scope.on, reached__lt=6)


def takings(scope: Scope) -> Any:
    rows: Any = Taking.objects.visible_to(scope.user).live(on=scope.on)
    rows = rows.filter(project__in=scope.projects)
    rows = rows.annotate(reached=stage_on(scope.on, scope.today))
    if scope.stage is not None:
        rows = rows.filter(reached=scope.stage)
    if scope.unit is not None:
        rows = rows.filter(parcel__unit=scope.unit)
    return rows.select_related("project", "case", "parcel__unit").order_by(
        "project__code", "case__code", "pk"
    )


def handed_over(scope: Scope) -> Any:
    """Takings whose households handed them to the centre."""
    rows = takings(scope).filter(reached=6)
    return rows.filter(handed_over_on__gt=scope.since) if scope.since else rows


def to_investor(scope: Scope) -> Any:
    rows = SiteHandover.objects.filter(project__in=scope.projects, on__lte=scope.on)
    if scope.since:
        rows = rows.filter(on__gt=scope.since)
    return rows.select_related("project", "receiver", "document").order_by("project__code", "on")


def holders(scope: Scope, *, people: bool) -> Any:
    """A row for each household (or organisation) in a project, with its cases there."""
    wanted = Q(party__kind__in=PEOPLE)
    rows = (
        CaseParty.objects.current(on=scope.on)
        .filter(
            wanted if people else ~wanted,
            Q(case__withdrawn_on__isnull=True) | Q(case__withdrawn_on__gt=scope.on),
            case__project__in=scope.projects,
        )
        .exclude(role=CaseParty.Role.REPRESENTATIVE)
    )
    return (
        rows.values("party", project=F("case__project"))
        .annotate(
            cases=models.Count("case", distinct=True),
            first_case=models.Min("case"),
            project_code=F("case__project__code"),
        )
        .order_by("project_code", "first_case", "party")
    )


def _finished(scope: Scope, on: dt.date) -> dict[tuple[int, int], dict[str, Any]]:
    """Households whose every case in a project is handed over on a day, by party and project."""
    rows = holders(replace(scope, on=on), people=True)
    rows = rows.annotate(least=models.Min(case_stage_on(on, "case"))).filter(least=6)
    return {(row["party"], row["project"]): row for row in rows}


def households_moved(scope: Scope) -> list[dict[str, Any]]:
    """Households that finished handing over since the day compared with (`newly`), or no longer
    have (a new case of theirs, a step taken back)."""
    now, then = _finished(scope, scope.on), _finished(scope, scope.since or scope.on)
    newly = [row | {"newly": True} for key, row in now.items() if key not in then]
    return newly + [row | {"newly": False} for key, row in then.items() if key not in now]


def obstacles(scope: Scope) -> Any:
    rows = Obstacle.objects.open(on=scope.on).filter(project__in=scope.projects)
    if not scope.user.cleared:
        rows = rows.exclude(parcel__restricted=True)
    return rows.select_related("project", "cause", "owner", "case").order_by(
        F("due_on").asc(nulls_last=True), "opened_on", "pk"
    )


def obstacles_moved(scope: Scope) -> Any:
    """Obstacles that came after the day compared with and are open, or were open and are not."""
    before = scope.since or scope.on
    came = Q(opened_on__gt=before, opened_on__lte=scope.on)
    still = Q(closed_on=None) | Q(closed_on__gt=scope.on)
    ended = Q(opened_on__lte=before, closed_on__gt=before, closed_on__lte=scope.on)
    rows = Obstacle.objects.filter((came & still) | ended, project__in=scope.projects)
    if not scope.user.cleared:
        rows = rows.exclude(parcel__restricted=True)
    return rows.select_related("project", "cause", "owner", "case").order_by(
        F("closed_on").asc(nulls_first=True), "-opened_on", "pk"
    )


def money_moved(scope: Scope) -> Any:
    """Projects in which money was approved or paid since the day compared with."""
    before, keys = scope.since or scope.on, list(scope.projects)
    days = figures.on_days(keys, [before, scope.on], cleared=scope.user.cleared)
    changes = {key: days[scope.on][key] - days[before][key] for key in keys}
    moved = [key for key, change in changes.items() if change.approved_vnd or change.paid_vnd]
    return projects(scope).filter(pk__in=moved).order_by("code")


def recorded_later(scope: Scope) -> Any:
    """Events of up to the day that were written down after it: what was not known then."""
    return (
        CaseEvent.objects.filter(
            case__project__in=scope.projects,
            on__lte=scope.on,
            recorded_at__date__gt=scope.on,
            taking=None,
        )
        .select_related("case__project", "voids")
        .order_by("-on", "case__project__code", "case__code", "pk")
    )


def blocked_cases(scope: Scope) -> Any:
    """Cases with an open obstacle of their own."""
    stuck = Obstacle.objects.open(on=scope.on).filter(case=OuterRef("pk"))
    return cases(scope).filter(Exists(stuck))


LISTS: dict[str, Callable[[Scope], Any]] = {
    "du-an": projects,
    "ho": lambda scope: holders(scope, people=True),
    "to-chuc": lambda scope: holders(scope, people=False),
    "ho-so": cases,
    "thua": takings,
    "tien": projects,
    "ban-giao": handed_over,
    "ban-giao-chu-dau-tu": to_investor,
    "qua-han-luat": late,
    "cham-ke-hoach": plan_late,
    "vuong-mac": obstacles,
    "ghi-sau": recorded_later,
    "ho-thay-doi": households_moved,
    "qua-han-thay-doi": late_moved,
    "vuong-mac-thay-doi": obstacles_moved,
    "tien-thay-doi": money_moved,
}
CHANGES = ("ho-thay-doi", "qua-han-thay-doi", "vuong-mac-thay-doi", "tien-thay-doi")
"""Lists of what moved between two days: these need `Scope.since`."""
