"""What a report or a scorecard is about: the city, a category, a lead agency or a project."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from gpmb.accounts.models import Organisation
from gpmb.clearance.models import Project, Responsibility
from gpmb.reference.models import PriorityCategory

if TYPE_CHECKING:
    from gpmb.accounts.models import User
    from gpmb.clearance.models.project import ProjectQuerySet

CITY = "city"


class UnknownSubject(ValueError):
    """No such category, agency or project for this reader; the message says what there is."""


@dataclass(frozen=True)
class Subject:
    """`key` is what addresses and commands say, `title` what papers say."""

    key: str
    title: str
    projects: ProjectQuerySet
    project: Project | None = None


def find(key: str, user: User, on: dt.date) -> Subject:
    """Read "city", "category:CODE", "agency:NAME" or "project:CODE".

    Raises UnknownSubject; a restricted project is unknown to those not cleared.
    """
    visible = Project.objects.visible_to(user)
    kind, _, value = key.partition(":")
    if key in ("", CITY):
        return Subject(CITY, "Toàn thành phố", visible)
    if kind == "category":
        group = PriorityCategory.objects.filter(code=value).first()
        if group is None:
            codes = ", ".join(PriorityCategory.objects.values_list("code", flat=True))
            raise UnknownSubject(f"Không có nhóm ưu tiên “{value}”. Các mã có: {codes}.")
        mine = visible.with_category(on=on).filter(category_id=group.pk).values("pk")
        return Subject(key, f"Nhóm {group.name}", visible.filter(pk__in=mine))
    if kind == "agency":
        agency = Organisation.objects.filter(name=value).first()
        if agency is None:
            raise UnknownSubject(f"Không có cơ quan “{value}”.")
        leads = Responsibility.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=on),
            role=Responsibility.Role.LEAD,
            organisation=agency,
            valid_from__lte=on,
        ).values("project")
        return Subject(key, agency.name, visible.filter(pk__in=leads))
    if kind == "project" and (project := visible.filter(code=value).first()):
        return Subject(key, project.name, visible.filter(pk=project.pk), project)
    raise UnknownSubject(
        f"Không hiểu phạm vi “{key}”: ghi city, category:MÃ, agency:TÊN hoặc project:MÃ."
    )


def choices(user: User, on: dt.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what may be asked for, grouped for a select box."""
    visible = Project.objects.visible_to(user).order_by("code")
    agencies = Organisation.objects.filter(
        responsibility__role=Responsibility.Role.LEAD, responsibility__valid_from__lte=on
    ).distinct()
    return [
        ("", [(CITY, "Toàn thành phố")]),
        (
            "Nhóm ưu tiên",
            [(f"category:{g.code}", g.name) for g in PriorityCategory.objects.order_by("order")],
        ),
        ("Cơ quan chủ trì", [(f"agency:{a.name}", a.name) for a in agencies.order_by("name")]),
        ("Dự án", [(f"project:{p.code}", p.name) for p in visible]),
    ]
