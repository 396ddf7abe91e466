"""What stands where on a day, project by project: counts, areas and money that add up.

From the stored sums (gpmb.analysis.progress), so that any day costs the same; a total is the sum
of its rows. Projects, households, cases and takings are four different counts: a household counts
once a project, a case once, a taking once.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from gpmb.accounts.models import User
from gpmb.analysis import progress
from gpmb.clearance.models import Project
from gpmb.clearance.models.project import ProjectQuerySet

STAGES = range(7)
DONE = 6
MOVING = ("stages", "takings", "handed_over_takings", "approved_vnd", "paid_vnd")


@dataclass(frozen=True)
class Figures:
    """Counts, square metres and đồng of one project, or of several added together.

    `handed_over_m2` is what households handed to the centre, `investor_m2` what the centre handed
    to the investor; `stages` counts cases; `done_households` have every parcel handed over;
    `unwritten` counts events of up to the day that nobody had recorded by its end.
    """

    cases: int = 0
    takings: int = 0
    households: int = 0
    organisations: int = 0
    done_households: int = 0
    area_m2: Decimal = Decimal(0)
    handed_over_m2: Decimal = Decimal(0)
    handed_over_takings: int = 0
    investor_m2: Decimal = Decimal(0)
    approved_vnd: Decimal = Decimal(0)
    paid_vnd: Decimal = Decimal(0)
    overdue: int = 0
    obstacles: int = 0
    unwritten: int = 0
    stages: tuple[int, ...] = field(default=(0,) * len(STAGES))

    def __add__(self, other: "Figures") -> "Figures":
        return self._with(other, 1)

    def __sub__(self, other: "Figures") -> "Figures":
        return self._with(other, -1)

    def _with(self, other: "Figures", sign: int) -> "Figures":
        mine, its = _plain(self), _plain(other)
        added = {name: mine[name] + sign * its[name] for name in mine}
        pairs = zip(self.stages, other.stages, strict=True)
        return Figures(**added, stages=tuple(a + sign * b for a, b in pairs))

    def moved_from(self, earlier: "Figures") -> bool:
        """Whether a step, a payment or a change of land lies between; lateness alone doesn't."""
        return any(getattr(self, name) != getattr(earlier, name) for name in MOVING)

    @property
    def handed_over_share(self) -> Decimal | None:
        """Area handed over by households / area recovered; None without land."""
        return self.handed_over_m2 / self.area_m2 if self.area_m2 else None

    @property
    def investor_share(self) -> Decimal | None:
        """Area handed over to the investor / area recovered; None without land."""
        return self.investor_m2 / self.area_m2 if self.area_m2 else None

    @property
    def paid_share(self) -> Decimal | None:
        """Money paid or deposited / money approved; None where nothing is approved."""
        return self.paid_vnd / self.approved_vnd if self.approved_vnd else None

    @property
    def open_cases(self) -> int:
        """Cases not handed over yet."""
        return self.cases - self.stages[DONE]


def _plain(figures: Figures) -> dict[str, Any]:
    return {f.name: getattr(figures, f.name) for f in fields(Figures) if f.name != "stages"}


def total(rows: Iterable[Figures]) -> Figures:
    """Add figures up."""
    return sum(rows, Figures())


def by_project(
    user: User, *, on: dt.date, projects: ProjectQuerySet | None = None
) -> dict[int, Figures]:
    """Return the figures on a day of every project `user` may see, by primary key."""
    chosen = (Project.objects.all() if projects is None else projects).visible_to(user)
    keys = list(chosen.values_list("pk", flat=True))
    progress.refresh_deltas()
    return of_keys(keys, on=on, cleared=user.cleared)


def of_keys(keys: list[int], *, on: dt.date, cleared: bool) -> dict[int, Figures]:
    """Return figures by primary key of projects that were filtered for their reader already."""
    rows = progress.as_of(on, "project", "stage", projects=keys, cleared=cleared)
    return dict.fromkeys(keys, Figures()) | _read(rows, "project")


def on_days(
    keys: list[int], days: list[dt.date], *, cleared: bool
) -> dict[dt.date, dict[int, Figures]]:
    """As `of_keys`, for several days in one question."""
    by_day: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in days}
    for row in progress.as_of(days, "project", "stage", projects=keys, cleared=cleared):
        by_day[row["day"]].append(row)
    empty = dict.fromkeys(keys, Figures())
    return {day: empty | _read(rows, "project") for day, rows in by_day.items()}


def by_unit(keys: list[int], *, on: dt.date, cleared: bool) -> dict[int | None, Figures]:
    """Return the figures of some projects together, by primary key of the ward or commune."""
    return _read(progress.as_of(on, "unit", "stage", projects=keys, cleared=cleared), "unit")


def _read(rows: list[dict[str, Any]], key: str) -> dict[Any, Figures]:
    """Rows a (key, stage) as figures by key."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return {value: _figures(group) for value, group in found.items()}


def _figures(rows: list[dict[str, Any]]) -> Figures:
    def sum_of(name: str) -> Any:
        return sum(row[name] for row in rows)

    done = {name: sum(r[name] for r in rows if r["stage"] == DONE) for name in progress.MEASURES}
    cases = {row["stage"]: row["cases"] for row in rows}
    return Figures(
        cases=sum_of("cases"),
        takings=sum_of("takings"),
        households=sum_of("households"),
        organisations=sum_of("organisations"),
        done_households=done["households"],
        area_m2=Decimal(sum_of("area_m2")),
        handed_over_m2=Decimal(done["area_m2"]),
        handed_over_takings=done["takings"],
        investor_m2=Decimal(sum_of("investor_m2")),
        approved_vnd=Decimal(sum_of("approved_vnd")),
        paid_vnd=Decimal(sum_of("paid_vnd")),
        overdue=sum_of("late"),
        obstacles=sum_of("obstacles"),
        unwritten=sum_of("unwritten"),
        stages=tuple(cases.get(stage, 0) for stage in STAGES),
    )
