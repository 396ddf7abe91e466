"""Alerts: what is late, due, lapsing or not yet lawful, counted by person, project, group, agency.

Lateness by law and lateness by plan are two figures and are never added. A case may stand in more
than one column (its step due in 7 days, its notice lapsing), so columns have totals and rows have
none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, NullIf

from gpmb.clearance.models import Case, ProjectCategory, Responsibility
from gpmb.law.deadlines import NEAR_DAYS, SOON_DAYS

if TYPE_CHECKING:
    from gpmb.accounts.models import User
    from gpmb.clearance.models.case import CaseQuerySet


class Alert(models.TextChoices):
    """What may need someone's eye; the value is also a filter of the list of cases."""

    LATE = "overdue", "Quá hạn theo luật"
    DUE_7 = "due_7", f"Đến hạn trong {SOON_DAYS} ngày"
    DUE_30 = "due_30", f"Đến hạn sau {SOON_DAYS} đến {NEAR_DAYS} ngày"
    LAPSED = "lapsed", "Thông báo đã hết hiệu lực"
    LAPSING = "lapsing", f"Thông báo hết hiệu lực trong {NEAR_DAYS} ngày"
    WAITING = "waiting", "Chưa đủ thời gian chờ"
    EARLY = "early", "Đã làm sớm hơn quy định"
    PLAN_LATE = "plan_late", "Chậm so với kế hoạch"


class By(models.TextChoices):
    """Whom the counts are laid out by."""

    PROJECT = "project", "Dự án"
    CATEGORY = "category", "Nhóm ưu tiên"
    OFFICER = "officer", "Cán bộ"
    LEADER = "leader", "Lãnh đạo phụ trách"
    AGENCY = "agency", "Cơ quan chủ trì"


@dataclass(frozen=True)
class Row:
    """One project, group, person or agency; `key` is what the list of cases filters by."""

    key: str
    label: str
    counts: dict[str, int]


def condition(alert: str, on: dt.date) -> Q:
    """Return which open cases an alert is about on a day."""
    soon, near = on + dt.timedelta(days=SOON_DAYS), on + dt.timedelta(days=NEAR_DAYS)
    return {
        Alert.LATE: Q(due_on__lt=on),
        Alert.DUE_7: Q(due_on__gte=on, due_on__lte=soon),
        Alert.DUE_30: Q(due_on__gt=soon, due_on__lte=near),
        Alert.LAPSED: Q(lapses_on__lte=on),
        Alert.LAPSING: Q(lapses_on__gt=on, lapses_on__lte=near + dt.timedelta(days=1)),
        Alert.WAITING: Q(earliest_on__gt=on),
        Alert.EARLY: Q(acted_early=True),
        Alert.PLAN_LATE: Q(project__planned_to__lt=on),
    }[Alert(alert)]


def open_cases(user: User, on: dt.date) -> CaseQuerySet:
    """Return the cases that may raise an alert: countable for `user`, living, not handed over."""
    return Case.objects.counted_for(user).live(on=on).exclude(stage=6)


def counts(user: User, on: dt.date, by: str) -> list[Row]:
    """Return a row for each project, group, person or agency with any open alert."""
    key, label = _group(By(by), on)
    rows: Any = (
        open_cases(user, on)
        .annotate(_key=key, _label=label)
        .values("_key", "_label")
        .annotate(**{alert.value: Count("pk", filter=condition(alert, on)) for alert in Alert})
        .order_by("_label", "_key")
    )
    return [
        Row(row["_key"], row["_label"], {alert.value: row[alert.value] for alert in Alert})
        for row in rows
        if any(row[alert.value] for alert in Alert)
    ]


def totals(user: User, on: dt.date) -> dict[str, int]:
    """Return how many open cases stand under each alert."""
    return open_cases(user, on).aggregate(
        **{alert.value: Count("pk", filter=condition(alert, on)) for alert in Alert}
    )


def _group(by: By, on: dt.date) -> tuple[Any, Any]:
    """Return the expressions of a group's key and label; without one both say so."""
    if by is By.PROJECT:
        return models.F("project__code"), models.F("project__name")
    if by is By.OFFICER:
        name = Coalesce(NullIf("officer__display_name", models.Value("")), "officer__username")
        return _or(models.F("officer__username"), ""), _or(name, "Chưa giao cán bộ")
    if by is By.CATEGORY:
        group = _valid(ProjectCategory.objects, on)
        code = Subquery(group.values("category__code")[:1])
        return _or(code, ""), _or(Subquery(group.values("category__name")[:1]), "Chưa xếp nhóm")
    # A case counts once: with the one who has answered for its project longest.
    role = Responsibility.Role.LEADER if by is By.LEADER else Responsibility.Role.LEAD
    answers = _valid(Responsibility.objects.filter(role=role), on).order_by("valid_from", "pk")
    who: Any = models.F("organisation__name")
    if by is By.LEADER:
        who = Coalesce(NullIf("user__display_name", models.Value("")), who)
    first = Subquery(answers.annotate(who=who).values("who")[:1])
    return models.Value(""), _or(first, "Chưa phân công")


def _valid(rows: Any, on: dt.date) -> Any:
    """Keep the rows about the case's project that are in force on a day."""
    return rows.filter(
        Q(valid_to=None) | Q(valid_to__gte=on), project=OuterRef("project"), valid_from__lte=on
    )


def _or(expression: Any, default: str) -> Any:
    return Coalesce(expression, models.Value(default), output_field=models.CharField())
