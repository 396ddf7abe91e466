"""A project's clearance boundary as it was given, and what each one did to the takings."""

from __future__ import annotations

from django.db import models

from gpmb.accounts.models import User
from gpmb.clearance.models.project import Project
from gpmb.clearance.models.taking import Taking
from gpmb.fields import LegalPolygonField, RefField
from gpmb.land.models import Document
from gpmb.tracking import tracked


@tracked()
class ClearanceBoundary(models.Model):
    """Ranh giải phóng mặt bằng: drawn or loaded, previewed, applied, perhaps undone.

    The land inside is taken; `summary` keeps the counts of its preview as applied.
    """

    class Source(models.TextChoices):
        FILE = "file", "nạp từ tệp"
        DRAWN = "drawn", "vẽ trên bản đồ"

    ref = RefField()
    project = models.ForeignKey(Project, models.PROTECT, related_name="clearance_boundaries")
    boundary = LegalPolygonField("ranh giới")
    before = LegalPolygonField("ranh giới trước đó", null=True, blank=True)
    source = models.CharField("nguồn", max_length=6, choices=Source)
    file_name = models.CharField("tệp", max_length=250, blank=True)
    on = models.DateField("có từ ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người nạp")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField("ghi lúc", null=True, blank=True)
    undone_at = models.DateTimeField("hoàn tác lúc", null=True, blank=True)
    undone_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người hoàn tác",
    )
    summary = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "ranh giải phóng mặt bằng"
        verbose_name_plural = "ranh giải phóng mặt bằng"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="boundary_undone_after_applied",
                condition=models.Q(undone_at__isnull=True) | models.Q(applied_at__isnull=False),
                violation_error_message="Chỉ hoàn tác ranh đã ghi.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.on:%d/%m/%Y}"

    @property
    def in_force(self) -> bool:
        return self.applied_at is not None and self.undone_at is None


class BoundaryRow(models.Model):
    """A taking that a boundary made, changed or withdrew: enough to take it back."""

    class Action(models.TextChoices):
        NEW = "new", "tạo mới"
        CHANGED = "changed", "thay đổi"
        WITHDRAWN = "withdrawn", "rút"

    boundary = models.ForeignKey(ClearanceBoundary, models.CASCADE, related_name="rows")
    taking = models.ForeignKey(Taking, models.CASCADE, related_name="boundary_rows")
    action = models.CharField(max_length=10, choices=Action)
    version_after = models.IntegerField()
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = "phần thu hồi theo ranh"
        verbose_name_plural = "phần thu hồi theo ranh"
        constraints = [
            models.UniqueConstraint(fields=["boundary", "taking"], name="boundaryrow_once")
        ]

    def __str__(self) -> str:
        return f"{self.boundary_id}:{self.taking_id}"
