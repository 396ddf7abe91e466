"""What stands where today, project by project: counts, areas and money that add up.

One query a table, grouped by project, whatever the number of cases; a total is the sum of rows.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, Obstacle, Project, Taking
from gpmb.clearance.models.project import ProjectQuerySet
from gpmb.compensation.models import Payment, Plan

STAGES = range(7)


@dataclass(frozen=True)
class Figures:
    """Counts, square metres and đồng of one project, or of several added together."""

    cases: int = 0
    takings: int = 0
    area_m2: Decimal = Decimal(0)
    handed_over_m2: Decimal = Decimal(0)
    approved_vnd: Decimal = Decimal(0)
    paid_vnd: Decimal = Decimal(0)
    overdue: int = 0
    obstacles: int = 0
    stages: tuple[int, ...] = field(default=(0,) * len(STAGES))

    def __add__(self, other: "Figures") -> "Figures":
        mine, its = _plain(self), _plain(other)
        added = {name: mine[name] + its[name] for name in mine}
        return Figures(
            **added, stages=tuple(a + b for a, b in zip(self.stages, other.stages, strict=True))
        )

    @property
    def handed_over_share(self) -> Decimal | None:
        """Area handed over by households / area recovered; None without land."""
        return self.handed_over_m2 / self.area_m2 if self.area_m2 else None


def _plain(figures: Figures) -> dict[str, Any]:
    return {f.name: getattr(figures, f.name) for f in fields(Figures) if f.name != "stages"}


def total(rows: Iterable[Figures]) -> Figures:
    """Add figures up."""
    return sum(rows, Figures())


def by_project(
    user: User, *, on: dt.date, projects: ProjectQuerySet | None = None
) -> dict[int, Figures]:
    """Return the figures of every project `user` may see, by primary key.

    Cases and takings withdrawn by `on` are left out. Case counts and money follow the case,
    areas follow the taking.
    """
    chosen = (Project.objects.all() if projects is None else projects).visible_to(user)
    found: dict[int, dict[str, Any]] = {pk: {} for pk in chosen.values_list("pk", flat=True)}
    # For all of them a list of ids would only cost time.
    some = {} if projects is None else {"of__in": list(found)}
    for rows in (
        _cases(user, on),
        _takings(user, on),
        _approved(),
        _paid(),
        _obstacles(on),
    ):
        for row in rows.filter(**some):
            if row["of"] in found:
                found[row.pop("of")] |= row
    return {pk: _figures(row) for pk, row in found.items()}


def _figures(row: dict[str, Any]) -> Figures:
    stages = tuple(row.pop(f"stage_{stage}", 0) for stage in STAGES)
    known: dict[str, Any] = {name: value for name, value in row.items() if value is not None}
    return Figures(**known, stages=stages)


def _cases(user: User, on: dt.date) -> Any:
    by_stage = {f"stage_{stage}": Count("pk", filter=Q(stage=stage)) for stage in STAGES}
    return (
        Case.objects.counted_for(user)
        .live(on=on)
        .order_by()
        .values(of=F("project_id"))
        .annotate(cases=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=on)), **by_stage)
    )


def _takings(user: User, on: dt.date) -> Any:
    return (
        Taking.objects.visible_to(user)
        .live(on=on)
        .order_by()
        .values(of=F("project_id"))
        .annotate(
            takings=Count("pk"),
            area_m2=Sum("recovered_area_m2"),
            handed_over_m2=Sum("handed_over_area_m2", filter=Q(handed_over_on__lte=on)),
        )
    )


def _approved() -> Any:
    return (
        Plan.objects.in_force()
        .order_by()
        .values(of=F("case__project_id"))
        .annotate(approved_vnd=Sum("total_vnd"))
    )


def _paid() -> Any:
    return (
        Payment.objects.settled()
        .order_by()
        .values(of=F("case__project_id"))
        .annotate(paid_vnd=Sum("amount_vnd"))
    )


def _obstacles(on: dt.date) -> Any:
    return (
        Obstacle.objects.open(on=on)
        .order_by()
        .values(of=F("project_id"))
        .annotate(obstacles=Count("pk"))
    )
