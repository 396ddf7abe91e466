"""Write what everything refers to: agencies, logins, units, projects with their papers."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.contrib.auth.hashers import make_password

from gpmb.accounts.models import Assignment, Organisation, Role, User
from gpmb.clearance.models import (
    Batch,
    Funding,
    Project,
    ProjectCategory,
    ProjectMark,
    ReadinessItem,
    Responsibility,
)
from gpmb.land.models import AdministrativeUnit, UnitSuccession
from gpmb.management.demo import parameters
from gpmb.management.demo.city import City
from gpmb.management.demo.writer import Papers, Writer, lines, polygons
from gpmb.reference.models import Mark, MinimumPlot, PriorityCategory, ReadinessTemplate

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SINCE = date(2020, 1, 2)  # assignments and responsibilities of the demo begin
CATEGORY_FROM = date(2020, 1, 2)
PROMISE = timedelta(days=240)

LOGINS: tuple[tuple[str, str, Role, str], ...] = (
    ("canbo", "Cán bộ bồi thường (minh họa)", Role.OFFICER, "centre"),
    ("canbo2", "Cán bộ bồi thường 2 (minh họa)", Role.OFFICER, "centre"),
    ("ketoan", "Kế toán (minh họa)", Role.FINANCE, "centre"),
    ("donthu", "Cán bộ tiếp dân (minh họa)", Role.PETITIONS, "inspection"),
    ("lanhdao", "Lãnh đạo Thành phố (minh họa)", Role.LEADER, "city"),
    ("quantri", "Quản trị (minh họa)", Role.ADMINISTRATOR, "centre"),
)
CANBO_CATEGORIES = (1, 2)  # and every second project of the others; canbo2 has the rest
SHARED_BY_TWO = "CCN-01"  # Hải Hòa: canbo's, canbo2 helps
INVESTORS = {"port": "investor3", "industrial": "investor2", "urban": "investor4"}


@dataclass(slots=True)
class Loading:
    """What the parts of the loader share: the city, the writer, and the ids given so far."""

    city: City
    writer: Writer
    papers: Papers
    organisations: dict[str, int]
    users: dict[str, int]
    units: list[int] = field(default_factory=list)
    projects: list[int] = field(default_factory=list)
    batches: dict[tuple[int, int], int] = field(default_factory=dict)
    parcels: list[int] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)
    cases: list[int] = field(default_factory=list)
    takings: list[int] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.city.as_of

    def officer(self, project: int) -> int:
        """Return the id of the officer of a project."""
        return self.users[officer_login(self.city, project)]

    def recorded(self, day: int, lag: int) -> datetime:
        """Return when an event of a day was entered: `lag` days later, at work, not in future."""
        on = min(date.fromordinal(day) + timedelta(days=lag), self.today)
        return datetime.combine(on, time(8 + lag % 9, (day * 7) % 60), ZONE)


def day(ordinal: int | None) -> date | None:
    """Return the date of an ordinal, None for None."""
    return None if ordinal is None else date.fromordinal(ordinal)


def officer_login(city: City, project: int) -> str:
    """Return the login of the officer who works on a project."""
    row = city.projects[project]
    mine = row.category in CANBO_CATEGORIES or project % 2 == 0
    return "canbo" if mine else "canbo2"


def organisations() -> dict[str, int]:
    """Return ids of the agencies of fixtures/demo by key, adding those that are missing."""
    parameters_ = parameters.read("organisations")
    rows = list(parameters_["organisations"])
    form = parameters_["ward_committee"]
    for ward in parameters.read("wards")["wards"]:
        unit = f"{'phường' if ward['kind'] == 'ward' else 'xã'} {ward['name']}"
        rows.append(
            {
                "key": f"ward:{ward['code']}",
                "name": form["name"].format(unit=unit),
                "short": form["short"].format(unit=unit),
                "kind": form["kind"],
            }
        )
    found = {}
    for row in rows:
        owner, _ = Organisation.objects.get_or_create(
            name=row["name"], defaults={"short_name": row["short"], "kind": row["kind"]}
        )
        found[row["key"]] = owner.pk
    return found


def users(found: dict[str, int], password: str) -> dict[str, int]:
    """Return ids of the demo logins, made or brought up to date with one common password."""
    secret = make_password(password)
    made = {}
    for login, name, role, owner in LOGINS:
        administrator = role == Role.ADMINISTRATOR
        user, _ = User.objects.update_or_create(
            username=login,
            defaults={
                "display_name": name,
                "role": role,
                "organisation_id": found[owner],
                "password": secret,
                "is_active": True,
                "is_staff": administrator,
                "is_superuser": administrator,
                "cleared": administrator,
            },
        )
        made[login] = user.pk
    return made


def units(load: Loading) -> None:
    """Write the illustrative wards of 2023 and the units that followed on 1/7/2025."""
    fixture = parameters.read("wards")
    first = date.fromisoformat(fixture["valid_from"])
    last = date.fromisoformat(fixture["valid_to"])
    wards = load.city.wards
    old = {}
    for ward in wards:
        old[ward.code] = _unit(ward.code, ward.name, ward.kind, ward.outline, first, last)
    load.units = [old[ward.code].pk for ward in wards]
    outline = {ward.code: ward.outline for ward in wards}
    starts = last + timedelta(days=1)
    for row in fixture["successors"]:
        whole = shapely.union_all([outline[code] for code in row["of"]])
        new = _unit(row["code"], row["name"], row["kind"], whole, starts, None)
        for code in row["of"]:
            UnitSuccession.objects.get_or_create(old=old[code], new=new, defaults={"on": starts})


def _unit(
    code: str, name: str, kind: str, outline: Any, first: date, last: date | None
) -> AdministrativeUnit:
    """Return the unit of that code then; an official boundary is never replaced by ours."""
    unit = AdministrativeUnit.objects.valid(on=last or first).filter(code=code).first()
    if unit is None:
        unit = AdministrativeUnit(code=code, name=name, kind=kind, valid_from=first, valid_to=last)
    if unit.boundary_source != AdministrativeUnit.BoundarySource.OFFICIAL:
        unit.boundary = polygons(np.array([outline]))[0]
        unit.boundary_source = AdministrativeUnit.BoundarySource.ILLUSTRATIVE
        unit.save()
    return unit


def projects(load: Loading) -> None:
    """Write the projects, their batches, groups, marks and the people responsible."""
    city, writer = load.city, load.writer
    rows = city.projects
    load.projects = writer.ids(Project, len(rows))
    outlines = polygons(np.array(city.land.outlines))
    alignments = lines(city.land.alignments)
    names = [
        "code",
        "name",
        "kind",
        "origin",
        "plan_year",
        "investor_id",
        "boundary",
        "alignment",
        "planned_from",
        "planned_to",
        "restricted",
        "illustrative",
    ]
    writer.copy(
        Project,
        names,
        (
            [
                load.projects[n],
                row.code,
                row.name,
                row.kind,
                row.origin,
                parameters.PLAN_YEAR,
                load.organisations[INVESTORS.get(row.kind, "board")],
                outlines[n],
                alignments[n],
                date(2023, 1, 1),
                date(2023, 12, 31) if row.origin == "carried_over" else date(2024, 6, 30),
                row.restricted,
                True,
            ]
            for n, row in enumerate(rows)
        ),
    )
    _units_of_projects(load)
    _batches(load)
    _groups(load)
    _responsibilities(load)
    _readiness(load)


def _units_of_projects(load: Loading) -> None:
    land = load.city.land
    pairs = sorted(set(zip(land.project.tolist(), land.ward.tolist(), strict=True)))
    load.writer.link(
        Project, "units", [(load.projects[project], load.units[ward]) for project, ward in pairs]
    )


def _batches(load: Loading) -> None:
    keys = [
        (project, number)
        for project, count in enumerate(load.city.held.batches)
        for number in range(1, count + 1)
    ]
    load.batches = dict(zip(keys, load.writer.ids(Batch, len(keys)), strict=True))
    load.writer.copy(
        Batch,
        ["project_id", "number"],
        ([at, load.projects[project], number] for (project, number), at in load.batches.items()),
    )


def _groups(load: Loading) -> None:
    writer, rows = load.writer, load.city.projects
    categories = dict(PriorityCategory.objects.values_list("order", "pk"))
    paper = load.papers.of("category", -1, CATEGORY_FROM.toordinal())
    load.papers.write()
    ids = writer.ids(ProjectCategory, len(rows))
    writer.copy(
        ProjectCategory,
        ["project_id", "category_id", "valid_from", "document_id"],
        (
            [ids[n], load.projects[n], categories[row.category], CATEGORY_FROM, paper]
            for n, row in enumerate(rows)
        ),
    )
    marks = dict(Mark.objects.values_list("code", "pk"))
    pairs = [(n, mark) for n, row in enumerate(rows) for mark in row.marks]
    areas = [round(float(outline.area) * 0.9, 2) for outline in load.city.land.outlines]
    writer.copy(
        ProjectMark,
        ["project_id", "mark_id", "promised_area_m2", "promised_on"],
        (
            [
                at,
                load.projects[n],
                marks[mark],
                areas[n] if mark == "strategic_investor" else None,
                date(2023, 6, 30) + PROMISE if mark == "strategic_investor" else None,
            ]
            for at, (n, mark) in zip(writer.ids(ProjectMark, len(pairs)), pairs, strict=True)
        ),
    )


def _responsibilities(load: Loading) -> None:
    writer, owners = load.writer, load.organisations
    rows: list[list[Any]] = []
    assigned: list[list[Any]] = []
    for n, row in enumerate(load.city.projects):
        login = officer_login(load.city, n)
        lead = "military" if row.kind == "defence" else "centre"
        people = [
            ("leader", "city", "lanhdao" if row.category == 2 else None),
            ("investor", INVESTORS.get(row.kind, "board"), None),
            ("lead", lead, None),
            ("cooperating", "resources", None),
            ("cooperating", f"ward:{row.wards[0]}", None),
            ("team", f"team{1 + n % 3}", None),
            ("officer", "centre", login),
        ]
        rows += [
            [load.projects[n], role, owners[owner], load.users[who] if who else None, SINCE]
            for role, owner, who in people
        ]
        assigned.append([load.users[login], load.projects[n], SINCE])
        if row.code == SHARED_BY_TWO:
            assigned.append([load.users["canbo2"], load.projects[n], SINCE])
    names = ["project_id", "role", "organisation_id", "user_id", "valid_from"]
    ids = writer.ids(Responsibility, len(rows))
    writer.copy(Responsibility, names, ([at, *row] for at, row in zip(ids, rows, strict=True)))
    ids = writer.ids(Assignment, len(assigned))
    names = ["user_id", "project_id", "valid_from"]
    writer.copy(Assignment, names, ([at, *row] for at, row in zip(ids, assigned, strict=True)))


def _readiness(load: Loading) -> None:
    """Copy the checklist of a project's kind; what is missing has a date, or none at all."""
    templates = list(ReadinessTemplate.objects.order_by("order", "code"))
    rows: list[list[Any]] = []
    for n, project in enumerate(load.city.projects):
        if project.readiness == "not_reviewed":
            continue
        mine = [t for t in templates if t.kind in ("", project.kind)]
        start = project.notice_on or date(2023, 8, 1)
        for at, template in enumerate(mine):
            missing = project.readiness != "complete" and at >= len(mine) - 2
            done = start - timedelta(days=150 - 18 * at)
            due = None
            if missing:
                done, due = date(2023, 9, 18), date(2023, 9, 30)
                if project.readiness == "no_roadmap":
                    due = None
            known = done <= load.today
            paper = load.papers.of("readiness", n, done.toordinal()) if known else None
            rows.append(
                [
                    load.projects[n],
                    template.code,
                    template.name,
                    done if known else None,
                    paper,
                    load.organisations["finance" if template.code == "funding" else "resources"],
                    due,
                ]
            )
    load.papers.write()
    names = ["project_id", "code", "name", "done_on", "document_id", "owner_id", "due_on"]
    ids = load.writer.ids(ReadinessItem, len(rows))
    load.writer.copy(ReadinessItem, names, ([at, *row] for at, row in zip(ids, rows, strict=True)))


def minimum_plots() -> None:
    """Made-up minima, said to be so: without any, no remainder could be called too small."""
    for use, area_m2 in (("residential", 45), ("agri", 300)):
        MinimumPlot.objects.get_or_create(
            use=use,
            defaults={
                "area_m2": area_m2,
                "valid_from": SINCE,
                "article": "Số minh họa của dữ liệu mẫu, không phải quy định của tỉnh",
            },
        )


def funding(load: Loading) -> None:
    """Write the movements of each project's funding."""
    rows = load.city.funding
    ids = load.writer.ids(Funding, len(rows))
    load.writer.copy(
        Funding,
        ["project_id", "kind", "on", "amount_vnd"],
        (
            [at, load.projects[row.project], row.kind, day(row.day), row.amount_vnd]
            for at, row in zip(ids, rows, strict=True)
        ),
    )
