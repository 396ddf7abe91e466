"""What stands in the way, and what reviews conclude about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from gpmb.accounts.models import Organisation, Role, User
from gpmb.clearance.models.case import Case
from gpmb.clearance.models.project import Project
from gpmb.fields import LegalPolygonField, RefField
from gpmb.land.models import Document, Parcel
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

    def open(self, *, on: dt.date) -> ObstacleQuerySet:
        return self.filter(opened_on__lte=on).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on)
        )


@tracked()
class Obstacle(models.Model):
    """Why work is stuck (vướng mắc): on a case, a parcel, an area, or the whole project."""

    ref = RefField()
    project = models.ForeignKey(Project, models.CASCADE, related_name="obstacles")
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="obstacles")
    parcel = models.ForeignKey(
        Parcel, models.PROTECT, null=True, blank=True, related_name="obstacles"
    )
    area = LegalPolygonField("khu vực", null=True, blank=True)
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
        constraints = [
            models.CheckConstraint(
                name="obstacle_closed_after_opened",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                violation_error_message="Ngày giải quyết xong không được trước ngày phát sinh.",
            )
        ]

    def __str__(self) -> str:
        return str(self.cause)

    def days_stuck(self, *, on: dt.date) -> int:
        return ((self.closed_on or on) - self.opened_on).days


@tracked()
class Review(models.Model):
    """A review meeting (giao ban); its figures and directives are followed to the end."""

    class Kind(models.TextChoices):
        PERIODIC = "periodic", "Giao ban định kỳ"
        THEMATIC = "thematic", "Hội nghị chuyên đề"

    ref = RefField()
    on = models.DateField("ngày họp", unique=True)
    kind = models.CharField("loại", max_length=10, choices=Kind, default=Kind.PERIODIC)
    title = models.CharField("tên cuộc họp", max_length=200)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="thông báo kết luận"
    )

    class Meta:
        verbose_name = "giao ban"
        verbose_name_plural = "giao ban"
        ordering = ["-on"]

    def __str__(self) -> str:
        return self.title


class DirectiveQuerySet(models.QuerySet["Directive"]):
    def open(self, *, on: dt.date) -> DirectiveQuerySet:
        return self.filter(review__on__lte=on).filter(Q(done_on__isnull=True) | Q(done_on__gt=on))


@tracked()
class Directive(models.Model):
    """A conclusion of a review with an owner and a date: "làm đến đâu dứt điểm đến đó"."""

    ref = RefField()
    review = models.ForeignKey(Review, models.CASCADE, related_name="directives")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True)
    text = models.TextField("nội dung")
    owner = models.ForeignKey(Organisation, models.PROTECT, verbose_name="cơ quan thực hiện")
    owner_user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="người thực hiện"
    )
    due_on = models.DateField("hạn")
    done_on = models.DateField("hoàn thành ngày", null=True, blank=True)
    result = models.TextField("kết quả", blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = DirectiveQuerySet.as_manager()

    class Meta:
        verbose_name = "kết luận chỉ đạo"
        verbose_name_plural = "kết luận chỉ đạo"
        ordering = ["due_on"]
        triggers = [bump_version()]

    def __str__(self) -> str:
        return self.text[:80]
