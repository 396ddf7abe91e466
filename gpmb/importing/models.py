"""Every import is a row: what file, by whom, with which answers, what it did."""

from __future__ import annotations

from django.db import models

from gpmb.accounts.models import User
from gpmb.clearance.models import Project
from gpmb.fields import RefField
from gpmb.tracking import tracked


@tracked()
class ImportRun(models.Model):
    """One run of an import, applied or not; its report reconciles: read = saved + refused."""

    class Kind(models.TextChoices):
        PARCELS = "parcels", "Thửa đất từ tệp bản đồ"
        BOUNDARIES = "boundaries", "Địa giới hành chính"
        WORKBOOK = "workbook", "Danh sách Excel"
        COMPLAINTS = "complaints", "Đơn thư từ Excel"

    ref = RefField()
    kind = models.CharField("loại", max_length=12, choices=Kind)
    file_name = models.CharField("tệp", max_length=250)
    sha256 = models.CharField("mã băm", max_length=64, blank=True)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    options = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    applied = models.BooleanField("đã ghi", default=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "lần nhập liệu"
        verbose_name_plural = "lần nhập liệu"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name} · {self.started_at:%d/%m/%Y %H:%M}"


class ImportRow(models.Model):
    """A row that a run wrote: enough to undo it, and to see who moved it since."""

    class Action(models.TextChoices):
        CREATED = "created", "tạo mới"
        CHANGED = "changed", "thay đổi"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField("dòng")
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    version_after = models.IntegerField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = "dòng đã nhập"
        verbose_name_plural = "dòng đã nhập"
        indexes = [models.Index(fields=["run", "row"], name="importrow_run_row")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row}"


class ColumnMapping(models.Model):
    """How an office's list names its columns, saved from a correction for the next time."""

    header = models.CharField("tiêu đề cột", max_length=200)
    field = models.CharField("trường", max_length=60)
    kind = models.CharField(max_length=12, choices=ImportRun.Kind)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True)

    class Meta:
        verbose_name = "cách hiểu cột"
        verbose_name_plural = "cách hiểu cột"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "project", "header"],
                nulls_distinct=False,
                name="columnmapping_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.header} → {self.field}"
