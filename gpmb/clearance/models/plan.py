"""The city's plan in versions, and what each version promises month by month."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gpmb.clearance.models.project import Project
from gpmb.fields import AreaField, MoneyField
from gpmb.land.models import Document
from gpmb.tracking import tracked


@tracked()
class PlanVersion(models.Model):
    """The city's yearly plan as drafted, as amended after the meeting, as issued."""

    class Kind(models.TextChoices):
        DRAFT = "draft", "Dự thảo"
        AFTER_MEETING = "after_meeting", "Sau cuộc họp"
        ISSUED = "issued", "Đã ban hành"

    year = models.PositiveSmallIntegerField("năm")
    kind = models.CharField("giai đoạn", max_length=15, choices=Kind)
    name = models.CharField("tên", max_length=200)
    on = models.DateField("ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )

    class Meta:
        verbose_name = "phiên bản kế hoạch"
        verbose_name_plural = "phiên bản kế hoạch"
        ordering = ["year", "on"]
        constraints = [
            models.CheckConstraint(
                name="planversion_issued_has_document",
                condition=~Q(kind="issued") | Q(document__isnull=False),
                violation_error_message="Kế hoạch đã ban hành phải có số, ngày văn bản.",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class PlanEntry(models.Model):
    """A project stands in a version of the plan."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="entries")
    project = models.ForeignKey(Project, models.CASCADE, related_name="plan_entries")
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "dự án trong kế hoạch"
        verbose_name_plural = "dự án trong kế hoạch"
        constraints = [models.UniqueConstraint(fields=["version", "project"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.version} · {self.project}"


@tracked()
class Target(models.Model):
    """What a plan version wants reached by the end of a month, cumulative.

    `stage` as in gpmb.law.steps (5 paid, 6 handed over); `month` is the month's first day.
    """

    entry = models.ForeignKey(PlanEntry, models.CASCADE, related_name="targets")
    stage = models.PositiveSmallIntegerField("giai đoạn")
    month = models.DateField("tháng")
    cases = models.PositiveIntegerField("số hồ sơ lũy kế", null=True, blank=True)
    area_m2 = AreaField("diện tích lũy kế (m²)", null=True, blank=True)
    amount_vnd = MoneyField("số tiền lũy kế (đồng)", null=True, blank=True)

    class Meta:
        verbose_name = "chỉ tiêu"
        verbose_name_plural = "chỉ tiêu"
        ordering = ["entry", "stage", "month"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "stage", "month"], name="target_once"),
            models.CheckConstraint(
                name="target_month_is_first_day",
                condition=Q(month__day=1),
                violation_error_message="Tháng ghi bằng ngày đầu tháng.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} · {self.month:%m/%Y}"
