"""What stands in the way of the work."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from gpmb.accounts.models import Organisation, Role, User
from gpmb.clearance.models.case import Case
from gpmb.clearance.models.project import Project
from gpmb.clearance.models.taking import Taking
from gpmb.fields import LegalLineField, LegalPolygonField, RefField
from gpmb.land.models import Parcel
from gpmb.reference.models import ObstacleCause
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ObstacleQuerySet(models.QuerySet["Obstacle"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> ObstacleQuerySet:
        """Keep what `user` may read: officers their projects', leaders, finance and
        administrators all; restricted projects only for those cleared."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = self if user.cleared else self.filter(project__restricted=False)
        if user.is_administrator or user.role in (Role.FINANCE, Role.LEADER):
            return rows
        if user.role == Role.OFFICER:
            return rows.filter(project__in=Project.objects.assigned_to(user, on=on))
        return self.none()

    def holding(self, taking: Taking) -> ObstacleQuerySet:
        """Keep what holds up a taking: on its case, parcel or ground, or on its whole project."""
        where = Q(parcel=taking.parcel_id) | Q(case=None, parcel=None, line=None, area=None)
        if taking.case_id is not None:
            where |= Q(case=taking.case_id)
        if taking.boundary is not None:
            where |= Q(area__intersects=taking.boundary) | Q(line__intersects=taking.boundary)
        return self.filter(where, project=taking.project_id)

    def whole_project(self) -> ObstacleQuerySet:
        """Keep those that hold up a project as a whole."""
        return self.filter(case=None, parcel=None, line=None, area=None)

    def open(self, *, on: dt.date) -> ObstacleQuerySet:
        return self.filter(opened_on__lte=on).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on)
        )


@tracked()
class Obstacle(models.Model):
    """Why work is stuck (vướng mắc): on a case, a parcel, a line, an area, or the whole project.

    `line` is a stretch of a route (a power line, a canal), `area` a place; both in metres of the
    province's plane.
    """

    ref = RefField()
    project = models.ForeignKey(Project, models.CASCADE, related_name="obstacles")
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="obstacles")
    parcel = models.ForeignKey(
        Parcel, models.PROTECT, null=True, blank=True, related_name="obstacles"
    )
    area = LegalPolygonField("khu vực", null=True, blank=True)
    line = LegalLineField("đoạn tuyến", null=True, blank=True)
    cause = models.ForeignKey(ObstacleCause, models.PROTECT, verbose_name="nguyên nhân")
    description = models.TextField("nội dung", blank=True)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="cơ quan chủ trì"
    )
    owner_user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="người chịu trách nhiệm"
    )
    opened_on = models.DateField("phát sinh ngày")
    due_on = models.DateField("hạn xử lý", null=True, blank=True)
    next_step = models.CharField("việc tiếp theo", max_length=300, blank=True)
    closed_on = models.DateField("giải quyết xong ngày", null=True, blank=True)
    close_note = models.CharField("kết quả", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = ObstacleQuerySet.as_manager()

    class Meta:
        verbose_name = "vướng mắc"
        verbose_name_plural = "vướng mắc"
        triggers = [bump_version(), *touch_projects("SELECT project_id FROM {rows}")]
        indexes = [
            # Asked for every taking of a map: those on a case or parcel have indexes of their own.
            models.Index(
                name="obstacle_on_ground",
                fields=["project"],
                condition=Q(area__isnull=False) | Q(line__isnull=False),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="obstacle_closed_after_opened",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                violation_error_message="Ngày giải quyết xong không được trước ngày phát sinh.",
            ),
            models.CheckConstraint(
                name="obstacle_has_one_place",
                condition=Q(case__isnull=True, parcel__isnull=True, area__isnull=True)
                | Q(case__isnull=True, parcel__isnull=True, line__isnull=True)
                | Q(case__isnull=True, area__isnull=True, line__isnull=True)
                | Q(parcel__isnull=True, area__isnull=True, line__isnull=True),
                violation_error_message=(
                    "Vướng mắc ở một nơi: một hồ sơ, một thửa, một đoạn tuyến, một khu vực, "
                    "hoặc cả dự án."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.cause)

    @property
    def place(self) -> str:
        """Where it is, as people say it."""
        if self.case_id is not None:
            return "hồ sơ"
        if self.parcel_id is not None:
            return "thửa đất"
        if self.line:
            return "đoạn tuyến"
        return "khu vực" if self.area else "cả dự án"

    def late(self, *, on: dt.date) -> bool:
        return self.closed_on is None and self.due_on is not None and self.due_on < on

    def days_stuck(self, *, on: dt.date) -> int:
        return ((self.closed_on or on) - self.opened_on).days
