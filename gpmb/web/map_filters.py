"""The map's question as it stands in the address: colouring, groups, filters, day, box."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.gis.geos import Polygon
from django.db import models
from django.http import QueryDict

from gpmb.accounts.models import Role, User
from gpmb.analysis.selection import Colouring, CountUnit, Selection
from gpmb.clearance.models import Project, Readiness, Review, with_readiness
from gpmb.fields import WEB_MERCATOR
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from gpmb.reference.models import PriorityCategory
from gpmb.web.days import day_of

if TYPE_CHECKING:
    from gpmb.clearance.models.project import ProjectQuerySet

UNGROUPED = "none"
MONTH_DAYS = 30
EARLIER_REVIEWS = 12
STAGES = {str(stage): label for stage, label in STAGE_LABELS.items()}


class Grouping(models.TextChoices):
    """What the layer control groups projects by."""

    CATEGORY = "category", "ưu tiên"
    ORIGIN = "origin", "nguồn"
    READINESS = "readiness", "thủ tục"
    UNIT = "unit", "phường, xã"


@dataclass(frozen=True)
class Group:
    """One row of the layer control. `share` is the area handed over of the area recovered."""

    code: str
    label: str
    shown: bool
    projects: int
    takings: int = 0
    handed_over: int = 0
    area_m2: Decimal = Decimal(0)
    handed_over_m2: Decimal = Decimal(0)

    @property
    def share(self) -> Decimal | None:
        return self.handed_over_m2 / self.area_m2 if self.area_m2 else None


@dataclass(frozen=True)
class MapQuery:
    """The address parsed; a value nobody knows counts as absent."""

    user: User
    on: dt.date
    today: dt.date
    grouping: Grouping = Grouping.CATEGORY
    hidden: frozenset[str] = frozenset()
    colouring: Colouring = Colouring.STEP
    count: CountUnit = CountUnit.TAKINGS
    project: str = ""
    unit: str = ""
    stage: str = ""
    officer: str = ""
    since: dt.date | None = None
    in_view: bool = False
    box: Polygon | None = None

    @classmethod
    def read(cls, values: QueryDict, user: User, today: dt.date) -> MapQuery:
        on = _day(values.get("on", ""), today)
        colouring = _choice(Colouring, values.get("colour"), Colouring.STEP)
        return cls(
            user=user,
            today=today,
            on=on,
            grouping=_choice(Grouping, values.get("group"), Grouping.CATEGORY),
            hidden=frozenset(values.getlist("hide")),
            colouring=colouring,
            count=_choice(CountUnit, values.get("count"), CountUnit.TAKINGS),
            project=values.get("project", ""),
            unit=values.get("unit", ""),
            stage=values.get("stage", ""),
            officer=values.get("officer", ""),
            since=_since(values.get("since", ""), on) if colouring == Colouring.CHANGE else None,
            in_view=values.get("in_view") == "1",
            box=_box(values.get("box", "")),
        )

    def tile_address(self) -> str:
        """The query string of this view's tiles, written as the page's script writes it."""
        said = {
            "group": self.grouping if self.grouping != Grouping.CATEGORY else "",
            "colour": self.colouring if self.colouring != Colouring.STEP else "",
            "on": self.on.isoformat() if self.on != self.today else "",
            "since": self.since.isoformat() if self.since else "",
        } | {name: getattr(self, name) for name in ("project", "unit", "stage", "officer")}
        pairs = [(name, str(value)) for name, value in said.items() if value]
        pairs += [("hide", code) for code in sorted(self.hidden)]
        return urlencode(sorted(pairs, key=itemgetter(0)))

    def projects(self) -> ProjectQuerySet:
        """The projects the viewer may know, within the project filter."""
        projects = Project.objects.visible_to(self.user)
        return projects.filter(code=self.project) if self.project else projects

    def groups_of_projects(self) -> dict[int, str]:
        """Project → code of its group; empty when wards are the groups."""
        match self.grouping:
            case Grouping.CATEGORY:
                current: Any = self.projects().with_category(on=self.on)
                rows = current.values_list("pk", "category_id")
                codes = dict(PriorityCategory.objects.values_list("pk", "code"))
                return {pk: codes.get(category, UNGROUPED) for pk, category in rows}
            case Grouping.ORIGIN:
                return dict(self.projects().values_list("pk", "origin"))
            case Grouping.READINESS:
                checked: Any = with_readiness(self.projects(), on=self.on)
                return dict(checked.values_list("pk", "readiness"))
        return {}

    def base(self) -> Selection:
        """What the layer control counts: every filter but the hidden groups and the box."""
        officer = None
        if self.officer:
            found = User.objects.filter(username=self.officer).values_list("pk", flat=True)
            officer = found.first() or 0  # an unknown officer has no cases
        return Selection(
            user=self.user,
            on=self.on,
            today=self.today,
            colouring=self.colouring,
            projects=frozenset(self.projects().values_list("pk", flat=True))
            if self.project
            else None,
            units=frozenset(_units_of_code(self.unit)) if self.unit else None,
            stages=frozenset({int(self.stage)}) if self.stage in STAGES else None,
            officer=officer,
            since=self.since,
        )

    def selection(self) -> Selection:
        """What tiles and legend show: the filters, less the hidden groups."""
        base = self.base()
        if not self.hidden:
            return base
        if self.grouping == Grouping.UNIT:
            gone = set(_units_of_code(*self.hidden))
            every = AdministrativeUnit.objects.values_list("pk", flat=True)
            kept = set(every if base.units is None else base.units) - gone
            return replace(base, units=frozenset(kept))
        groups = self.groups_of_projects()
        kept = {project for project, code in groups.items() if code not in self.hidden}
        return replace(base, projects=frozenset(kept))

    def groups(self, rows: list[dict[str, Any]]) -> list[Group]:
        """The layer control's rows from `counting.counts` of the base."""
        if self.grouping == Grouping.UNIT:
            return self._groups_by_unit(rows)
        of_project = self.groups_of_projects()
        labels = dict(self._labels())
        if UNGROUPED in of_project.values():
            labels[UNGROUPED] = "Chưa xếp nhóm"
        added = _add(rows, lambda row: of_project.get(row["project"]))
        members = list(of_project.values())
        return [
            Group(code, label, code not in self.hidden, members.count(code), **added.get(code, {}))
            for code, label in labels.items()
        ]

    def _labels(self) -> list[tuple[str, str]]:
        if self.grouping == Grouping.CATEGORY:
            return list(PriorityCategory.objects.order_by("order").values_list("code", "name"))
        if self.grouping == Grouping.ORIGIN:
            return list(Project.Origin.choices)
        return list(Readiness.choices)

    def _groups_by_unit(self, rows: list[dict[str, Any]]) -> list[Group]:
        units = AdministrativeUnit.objects.in_bulk({row["parcel__unit"] for row in rows})
        added = _add(rows, lambda row: units[row["parcel__unit"]].code)
        projects: dict[str, set[int]] = {}
        for row in rows:
            projects.setdefault(units[row["parcel__unit"]].code, set()).add(row["project"])
        names = {unit.code: str(unit) for unit in units.values()}
        return [
            Group(code, names[code], code not in self.hidden, len(projects[code]), **sums)
            for code, sums in sorted(added.items())
        ]

    def chips(self) -> list[dict[str, str]]:
        """The filters in force, as the page names them."""
        named: dict[str, Callable[[str], Any]] = {
            "project": lambda v: Project.objects.visible_to(self.user).filter(code=v).first(),
            "unit": lambda v: AdministrativeUnit.objects.filter(code=v).first(),
            "stage": STAGES.get,
            "officer": lambda v: User.objects.filter(username=v).first(),
        }
        return [
            {"name": name, "label": str(find(value) or f"{value}: không có")}
            for name, find in named.items()
            if (value := getattr(self, name))
        ]

    def earlier_days(self) -> list[tuple[str, str, bool]]:
        """The days to compare with, as (value, words, chosen): reviews, a month before, its own.

        The last review is chosen until another day is."""
        reviews = list(Review.objects.before(self.on)[:EARLIER_REVIEWS])
        days = {r.on: f"{r.get_kind_display().lower()} {r.on:%d/%m/%Y}" for r in reviews}
        month = self.on - dt.timedelta(days=MONTH_DAYS)
        days.setdefault(month, f"{MONTH_DAYS} ngày trước, {month:%d/%m/%Y}")
        chosen = self.since or next(iter(days))
        days.setdefault(chosen, f"{chosen:%d/%m/%Y}")
        return [(day.isoformat(), words, day == chosen) for day, words in days.items()]

    def filters(self) -> list[dict[str, Any]]:
        """The four lists to choose from."""
        projects = Project.objects.visible_to(self.user).order_by("code")
        units = AdministrativeUnit.objects.valid(on=self.on).order_by("code")
        officers = User.objects.filter(role=Role.OFFICER, is_active=True).order_by("username")
        return [
            _filter("unit", "Phường, xã", "Mọi phường, xã", self.unit, _named(units)),
            _filter("project", "Dự án", "Mọi dự án", self.project, _named(projects)),
            _filter(
                "stage",
                "Bước",
                "Mọi bước",
                self.stage,
                list(STAGES.items()),
            ),
            _filter(
                "officer",
                "Cán bộ thụ lý",
                "Tất cả cán bộ",
                self.officer,
                [(user.username, str(user)) for user in officers],
            ),
        ]


def _filter(name: str, label: str, every: str, value: str, choices: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "every": every, "value": value, "choices": choices}


def _named(rows: Any) -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in rows]


def _units_of_code(*codes: str) -> list[int]:
    """A code is reused in time: all units that ever had it, so old parcels stay found."""
    found = AdministrativeUnit.objects.filter(code__in=codes)
    return list(found.values_list("pk", flat=True))


def _add(
    rows: list[dict[str, Any]], group_of: Callable[[dict[str, Any]], Hashable]
) -> dict[Any, dict[str, Any]]:
    """Sum the counts of rows group by group."""
    names = ("takings", "handed_over", "area_m2", "handed_over_m2")
    sums: dict[Any, dict[str, Any]] = {}
    for row in rows:
        total = sums.setdefault(group_of(row), dict.fromkeys(names, 0))
        for name in names:
            total[name] += row[name]
    return sums


def _choice(kind: Any, value: str | None, default: Any) -> Any:
    return kind(value) if value in kind.values else default


def _day(text: str, today: dt.date) -> dt.date:
    """A day of the past, else today: the map doesn't show the future."""
    return min(day_of(text) or today, today)


def _since(text: str, on: dt.date) -> dt.date:
    """The earlier day, not after `on`; unsaid, the last review before it, else a month before."""
    if asked := day_of(text):
        return min(asked, on)
    last = Review.objects.before(on).first()
    return last.on if last else on - dt.timedelta(days=MONTH_DAYS)


def _box(text: str) -> Polygon | None:
    """`west,south,east,north` in degrees as a rectangle in EPSG:3857; None when it isn't one."""
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        return None
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        return None
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    box.transform(WEB_MERCATOR)
    return box
