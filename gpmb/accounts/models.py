"""People who use the program, the agencies they belong to, the projects they are assigned to."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.fields import RefField
from gpmb.tracking import tracked


class DateRange(models.Func):
    """`daterange(from, to, '[]')`: both ends included, an empty end is open."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), models.Value("[]"))


def no_overlap(
    name: str, *same: str, start: str = "valid_from", end: str = "valid_to", message: str
) -> ExclusionConstraint:
    """Return the constraint that rows alike in `same` may not overlap in time."""
    return ExclusionConstraint(
        name=name,
        expressions=[(field, RangeOperators.EQUAL) for field in same]
        + [(DateRange(start, end), RangeOperators.OVERLAPS)],
        violation_error_message=message,
    )


def ends_after_start(
    name: str, start: str = "valid_from", end: str = "valid_to"
) -> models.CheckConstraint:
    """Return the constraint that a period doesn't end before it begins."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        violation_error_message="Ngày kết thúc phải từ ngày bắt đầu trở đi.",
    )


@tracked()
class Organisation(models.Model):
    """An agency, investor or other body that owns work: never a land holder's personal data."""

    class Kind(models.TextChoices):
        LAND_FUND_CENTRE = "land_fund_centre", "Trung tâm Phát triển quỹ đất"
        COMMITTEE = "committee", "Ủy ban nhân dân"
        DEPARTMENT = "department", "Phòng, ban chuyên môn"
        INVESTOR = "investor", "Chủ đầu tư"
        UTILITY = "utility", "Đơn vị hạ tầng kỹ thuật"
        MASS = "mass", "Mặt trận, đoàn thể"
        OTHER = "other", "Khác"

    name = models.CharField("tên cơ quan", max_length=200, unique=True)
    short_name = models.CharField("tên gọi tắt", max_length=60, blank=True)
    kind = models.CharField("loại", max_length=20, choices=Kind, default=Kind.OTHER)

    class Meta:
        verbose_name = "cơ quan, đơn vị"
        verbose_name_plural = "cơ quan, đơn vị"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.short_name or self.name


class Role(models.TextChoices):
    OFFICER = "officer", "Cán bộ bồi thường"
    FINANCE = "finance", "Kế toán"
    PETITIONS = "petitions", "Cán bộ tiếp dân, đơn thư"
    LEADER = "leader", "Lãnh đạo"
    VIEWER = "viewer", "Người xem"
    ADMINISTRATOR = "administrator", "Quản trị"


@tracked(exclude=["password", "last_login"])
class User(AbstractUser):
    """One person's account; `cleared` opens restricted (defence) projects."""

    display_name = models.CharField("họ tên", max_length=100, blank=True)
    role = models.CharField("vai trò", max_length=20, choices=Role, default=Role.VIEWER)
    cleared = models.BooleanField("được xem dự án hạn chế", default=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="cơ quan"
    )

    class Meta(AbstractUser.Meta):
        verbose_name = "người dùng"
        verbose_name_plural = "người dùng"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_administrator(self) -> bool:
        return self.is_active and (self.is_superuser or self.role == Role.ADMINISTRATOR)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self, *, on: dt.date) -> AssignmentQuerySet:
        return self.filter(valid_from__lte=on).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        )


@tracked()
class Assignment(models.Model):
    """An officer works on a project from a day to a day: the household files open by this."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name="cán bộ")
    project = models.ForeignKey("clearance.Project", models.CASCADE, verbose_name="dự án")
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "phân công"
        verbose_name_plural = "phân công"
        constraints = [
            ends_after_start("assignment_ends_after_start"),
            no_overlap(
                "assignment_once",
                "user",
                "project",
                message="Cán bộ này đã được phân công dự án trong thời gian đó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.project}"


@tracked()
class SavedFilter(models.Model):
    """A view of a list or the map that one person keeps under a name: its query string."""

    class Page(models.TextChoices):
        """The values are the names of the addresses."""

        CASES = "cases", "Hồ sơ"
        MAP = "map", "Bản đồ"
        PROJECTS = "projects", "Dự án"
        COMPLAINTS = "complaints", "Đơn thư"

    ref = RefField()
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField("tên", max_length=80)
    page = models.CharField("trang", max_length=20, choices=Page)
    query = models.CharField("điều kiện lọc", max_length=1000, blank=True)

    class Meta:
        verbose_name = "bộ lọc đã lưu"
        verbose_name_plural = "bộ lọc đã lưu"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="savedfilter_name_once",
                violation_error_message="Bạn đã có bộ lọc tên này.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """A form that was sent under the key its draft has, and saved: the same key saves once.

    A browser whose connection broke before the answer sends the same form again, and asks by the
    key whether the first one arrived.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.UUIDField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "lượt gửi biểu mẫu"
        verbose_name_plural = "lượt gửi biểu mẫu"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="submission_once")]

    def __str__(self) -> str:
        return str(self.key)
