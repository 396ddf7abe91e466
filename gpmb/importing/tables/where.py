"""Into what a row of a table goes, and what rows name, looked up once for all of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from gpmb.accounts.models import Organisation, User
from gpmb.clearance.models import Case, Law, PlanVersion, Project, Review
from gpmb.importing.columns import fold
from gpmb.importing.tables.places import Home
from gpmb.land.models import AdministrativeUnit
from gpmb.reference.models import ObstacleCause, PriorityCategory, ReadinessTemplate
from gpmb.resettlement.models import Site


class RowError(ValueError):
    """A row that can't be taken in: the field, what is wrong, what to do."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Where:
    """Into what, by whom, on which day; what rows name is looked up once for all.

    `site` is the resettlement site on whose page a block was pasted.
    """

    home: Home
    by: User | None
    today: dt.date
    site: int | None = None
    named: list[Project] = field(default_factory=list)
    """Projects that rows of a table of the city named."""

    @property
    def project(self) -> Project:
        """The home of a table of one project."""
        return cast(Project, self.home)

    @property
    def review(self) -> Review:
        return cast(Review, self.home)

    @property
    def version(self) -> PlanVersion:
        return cast(PlanVersion, self.home)

    @cached_property
    def _projects(self) -> dict[str, Project]:
        known = Project.objects.visible_to(self.by) if self.by else Project.objects.all()
        rows = list(known.order_by("-code"))
        return {fold(row.name): row for row in rows} | {fold(row.code): row for row in rows}

    def known_project(self, text: str, name: str = "project") -> Project:
        """A project by code or name; to whom it is hidden it doesn't exist: RowError."""
        found = self._projects.get(fold(text))
        if found is None:
            raise RowError(name, f"Không có dự án “{text}”. Ghi mã dự án.")
        self.named.append(found)
        return found

    @cached_property
    def _cases(self) -> dict[str, Case]:
        return {case.code: case for case in self.project.cases.select_related("project")}

    @cached_property
    def causes(self) -> list[tuple[ObstacleCause, str]]:
        return [(cause, cause.name) for cause in ObstacleCause.objects.all()]

    @cached_property
    def categories(self) -> list[tuple[PriorityCategory, str]]:
        """By name, then by number."""
        rows = list(PriorityCategory.objects.all())
        return [(row, row.name) for row in rows] + [(row, str(row.order)) for row in rows]

    @cached_property
    def units(self) -> list[AdministrativeUnit]:
        """The wards and communes in force."""
        return list(AdministrativeUnit.objects.valid(on=self.today).order_by("code"))

    @cached_property
    def organisations(self) -> list[tuple[Organisation, str]]:
        """By full name, then by short name."""
        rows = list(Organisation.objects.all())
        return [(row, row.name) for row in rows] + [
            (row, row.short_name) for row in rows if row.short_name
        ]

    @cached_property
    def law(self) -> Law:
        return Law.read()

    @cached_property
    def written(self) -> set[int]:
        """What rows above wrote, where a row below must not write it again."""
        return set()

    @cached_property
    def procedures(self) -> list[ReadinessTemplate]:
        """The legal procedures that projects of this kind need."""
        rows = ReadinessTemplate.objects.filter(kind__in=("", self.project.kind))
        return list(rows.order_by("order", "code"))

    @cached_property
    def sites(self) -> list[Site]:
        """The resettlement sites that serve the project, locked: others serve from them too."""
        rows = Site.objects.select_for_update(of=("self",)).filter(projects=self.project)
        return list(rows.order_by("code"))

    def case(self, code: str, name: str = "case") -> Case:
        """The project's case with a code; RowError at field `name` where there is none."""
        found = self._cases.get(code)
        if found is None:
            raise RowError(name, f"Mã hồ sơ {code} không có: kiểm tra lại mã.")
        return found
