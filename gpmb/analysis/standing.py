"""Where the city stands: groups by origin with their figures, plan against actual, what changed.

One `Standing` answers every row of a page from the same few questions, so that rows add up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Subquery

from gpmb.accounts.models import User
from gpmb.analysis import figures, progress, schedule
from gpmb.analysis.figures import Figures
from gpmb.clearance.models import PlanVersion, Project, Target
from gpmb.clearance.models.project import ProjectQuerySet

HANDOVER = 6
ZERO = Decimal(0)

Months = list[tuple[dt.date, Decimal]]


@dataclass(frozen=True)
class CityPlan:
    """The plan in force on a day and the year's first one, as cumulative m² by project."""

    name: str = ""
    on: dt.date | None = None
    current: dict[int, Months] = field(default_factory=dict)
    baseline_name: str = ""
    baseline: dict[int, Months] = field(default_factory=dict)

    def planned(self, project: int, on: dt.date) -> Decimal | None:
        return schedule.planned_on(self.current.get(project, []), on)


def plan_on(on: dt.date, projects: Iterable[int]) -> CityPlan:
    """Read the latest version of the year's plan up to a day, and the first after the draft.

    The draft is the plan only while there is nothing else.
    """
    known = PlanVersion.objects.in_force(on=on)
    latest, first = known.order_by("-on", "-pk"), known.order_by("on", "pk")
    rows = (
        Target.objects.filter(
            Q(entry__version=Subquery(latest.values("pk")[:1]))
            | Q(entry__version=Subquery(first.values("pk")[:1])),
            entry__project__in=list(projects),
            stage=HANDOVER,
            area_m2__isnull=False,
        )
        .order_by("entry__project_id", "month")
        .values_list(
            "entry__version_id",
            "entry__project_id",
            "month",
            "area_m2",
            # The plan may hold none of these projects any more; it is still the plan.
            *(Subquery(latest.values(name)[:1]) for name in ("pk", "name", "on")),
            *(Subquery(first.values(name)[:1]) for name in ("pk", "name")),
        )
    )
    current: dict[int, Months] = {}
    baseline: dict[int, Months] = {}
    names: tuple[Any, ...] = (None, "", None, None, "")
    for version, project, month, area, *names in rows:
        if area is not None:
            months = current if version == names[0] else baseline
            months.setdefault(project, []).append((month, area))
    key, name, day, base, base_name = names
    if key == base:
        return CityPlan(name, day, current)
    return CityPlan(name, day, current, base_name, baseline)


@dataclass(frozen=True)
class Row:
    """A group, a project or the whole city on the day, and what changed since."""

    projects: int
    origins: tuple[int, ...]
    figures: Figures
    change: Figures
    planned_share: Decimal | None
    verdict: schedule.Verdict
    plan_late: int
    without_target: int

    @property
    def change_area_m2(self) -> Decimal:
        return self.change.handed_over_m2


def dated(projects: ProjectQuerySet, *, on: dt.date) -> Any:
    """Annotate what a standing needs of its projects, and leave their shapes behind."""
    return (
        projects.defer("boundary", "boundary_web", "alignment")
        .with_category(on=on)
        .annotate(stale=ExpressionWrapper(progress.STALE, BooleanField()))
    )


@dataclass(frozen=True)
class Standing:
    """Everything a leader's page says of some projects on a day, against an earlier day."""

    on: dt.date
    since: dt.date
    projects: list[Project]
    now: dict[int, Figures]
    then: dict[int, Figures]
    plan: CityPlan
    moving: set[int]

    @classmethod
    def read(
        cls, user: User, *, on: dt.date, since: dt.date, projects: ProjectQuerySet | None = None
    ) -> Standing:
        chosen = (Project.objects.all() if projects is None else projects).visible_to(user)
        return cls.of(user, list(dated(chosen, on=on).order_by("code")), on=on, since=since)

    @classmethod
    def of(cls, user: User, rows: list[Any], *, on: dt.date, since: dt.date) -> Standing:
        """Answer for projects that `dated` annotated and `user` may see."""
        keys = [project.pk for project in rows]
        progress.refresh_deltas([project.pk for project in rows if project.stale])
        long_ago = on - dt.timedelta(days=schedule.STALE_DAYS + 1)
        days = figures.on_days(keys, [on, since, long_ago], cleared=user.cleared)
        return cls(
            on=on,
            since=since,
            projects=rows,
            now=days[on],
            then=days[since],
            plan=plan_on(on, keys),
            moving={pk for pk in keys if days[on][pk].moved_from(days[long_ago][pk])},
        )

    @property
    def keys(self) -> list[int]:
        return [project.pk for project in self.projects]

    def row(self, projects: Sequence[Project] | None = None) -> Row:
        """Add some of the projects up; None: all of them."""
        chosen = self.projects if projects is None else projects
        now = figures.total(self.now[p.pk] for p in chosen)
        planned = {p.pk: self.plan.planned(p.pk, self.on) for p in chosen}
        compared = [pk for pk, area in planned.items() if area is not None]
        area = sum((self.now[pk].area_m2 for pk in compared), ZERO)
        wanted = sum((planned[pk] or ZERO for pk in compared), ZERO)
        done = sum((self.now[pk].handed_over_m2 for pk in compared), ZERO)
        share = min(wanted / area, Decimal(1)) if compared and area else None
        actual = done / area if share is not None else now.handed_over_share
        return Row(
            projects=len(chosen),
            origins=tuple(sum(p.origin == origin for p in chosen) for origin in Project.Origin),
            figures=now,
            change=now - figures.total(self.then[p.pk] for p in chosen),
            planned_share=share,
            verdict=schedule.verdict(actual, share, stale=self._stale(chosen)),
            plan_late=sum(
                self.now[p.pk].open_cases
                for p in chosen
                if p.planned_to is not None and p.planned_to < self.on
            ),
            without_target=len(chosen) - len(compared),
        )

    def _stale(self, projects: Sequence[Project]) -> bool:
        """More than half of the projects still open had no change for STALE_DAYS."""
        open_ = [p.pk for p in projects if self.now[p.pk].open_cases]
        return 2 * sum(pk not in self.moving for pk in open_) > len(open_)

    def curves(self, cleared: bool) -> Curves:
        """Cumulative handed-over area of the year by month end: plan, first plan, actual."""
        return curves(self.keys, self.plan, self.now, self.on, cleared=cleared)


@dataclass(frozen=True)
class Curves:
    """Square metres by month end; `actual` ends on the day itself. `whole_m2` is all the land."""

    whole_m2: Decimal
    actual: Months
    plan: Months
    baseline: Months

    def share(self, months: Months) -> list[tuple[dt.date, float | None]]:
        """A curve in percent of the whole."""
        if not self.whole_m2:
            return []
        return [(day, float(100 * value / self.whole_m2)) for day, value in months]

    def table(self) -> list[dict[str, Any]]:
        """A row a month end: plan, first plan and actual, None where not known."""
        columns = {"plan": self.plan, "baseline": self.baseline, "actual": self.actual}
        known = {name: dict(months) for name, months in columns.items()}
        days = sorted(set().union(*known.values()))
        return [{"on": day} | {name: of.get(day) for name, of in known.items()} for day in days]

    def earned(self, on: dt.date) -> schedule.Earned | None:
        """Earned schedule in months of the year's plan; None before LEAST_PERIODS of it."""
        done = dict(self.actual).get(on)
        start = dict(self.actual).get(dt.date(on.year - 1, 12, 31), ZERO)
        if len(self.plan) < schedule.LEAST_PERIODS or done is None:
            return None
        at = (on - dt.date(on.year - 1, 12, 31)).days / 30.4375
        planned = [
            float(start),
            *(float(value) for day, value in self.plan if day.year == on.year),
        ]
        if at < schedule.LEAST_PERIODS - 0.1 or planned[-1] <= planned[0]:
            return None
        return schedule.earned([p - planned[0] for p in planned], float(done - start), at)


def curves(
    keys: list[int],
    plan: CityPlan,
    now: dict[int, Figures],
    on: dt.date,
    *,
    cleared: bool,
) -> Curves:
    first = dt.date(on.year, 1, 1)
    ends = [dt.date(on.year, month, 1) - dt.timedelta(days=1) for month in range(1, on.month + 1)]
    rows = progress.as_of(ends, projects=keys, cleared=cleared, stages=[HANDOVER])
    done = dict.fromkeys(ends, ZERO) | {row["day"]: Decimal(row["area_m2"]) for row in rows}
    done[on] = sum((f.handed_over_m2 for f in now.values()), ZERO)
    return Curves(
        whole_m2=sum((f.area_m2 for f in now.values()), ZERO),
        actual=list(done.items()),
        plan=_added(plan.current, first),
        baseline=_added(plan.baseline, first),
    )


def _added(targets: dict[int, Months], first: dt.date) -> Months:
    """Sum the projects' plans by month end; a project that names fewer months carries on."""
    days = sorted({month for months in targets.values() for month, _ in months})
    added: Months = []
    for day in days:
        end = schedule.month_end(day)
        values = (schedule.planned_on(months, end) for months in targets.values())
        added.append((end, sum((value for value in values if value is not None), ZERO)))
    return added
