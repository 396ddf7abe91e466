"""What changed since the last review, by project and in words: the figures of the overview, and
the takings that reached another stage, the same that the map tints."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from gpmb.analysis.selection import Selection
from gpmb.analysis.standing import Row, Standing
from gpmb.clearance.models import Directive, Project, Question, Review
from gpmb.law.steps import STAGE_LABELS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gpmb.accounts.models import User


@dataclass(frozen=True)
class Move:
    """Takings that stood in stage `before` on the earlier day and in `after` on the later."""

    before: int
    after: int
    takings: int
    area_m2: Decimal

    @property
    def words(self) -> str:
        return f"{STAGE_LABELS[self.before]} → {STAGE_LABELS[self.after]}"


@dataclass(frozen=True)
class Since:
    """`rows` are the projects that moved, the most land first; `whole` is all of them.

    `moves` add up to the takings that the map tints, `moved` says how many of a project.
    """

    review: Review | None
    on: dt.date
    since: dt.date
    whole: Row
    rows: list[tuple[Project, Row]]
    still: int
    moves: list[Move] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)

    @property
    def moved_takings(self) -> int:
        return sum(self.moved.values())

    @property
    def moved_m2(self) -> Decimal:
        return sum((move.area_m2 for move in self.moves), Decimal(0))


def read(user: User, on: dt.date, *, since: dt.date, today: dt.date) -> Since:
    """Compare a day with an earlier one; `today` is the data date."""
    review = Review.objects.filter(on=since).first()
    standing = Standing.read(user, on=on, since=since)
    rows = [(project, standing.row([project])) for project in standing.projects]
    told = Selection(user, on, today, since=since).moves()
    takings: Counter[int] = Counter()
    for row in told:
        takings[row["project"]] += row["takings"]
    moved = [pair for pair in rows if _moved(pair[1]) or pair[0].pk in takings]
    moved.sort(key=lambda pair: (-pair[1].change.handed_over_m2, pair[0].code))
    still = len(rows) - len(moved)
    whole = standing.row()
    return Since(review, on, since, whole, moved, still, added(told), dict(takings))


def added(told: Iterable[Mapping[str, Any]]) -> list[Move]:
    """Add the rows of `Selection.moves` up over the projects, in the order of the stages."""
    takings: Counter[tuple[int, int]] = Counter()
    areas: dict[tuple[int, int], Decimal] = {}
    for row in told:
        pair = row["before"], row["reached"]
        takings[pair] += row["takings"]
        areas[pair] = areas.get(pair, Decimal(0)) + row["area_m2"]
    return [Move(*pair, takings[pair], areas[pair]) for pair in sorted(takings)]


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
