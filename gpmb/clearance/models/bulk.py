"""One change made to many cases: what was chosen, what became of each, what an undo gives back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Q

from gpmb.accounts.models import User
from gpmb.clearance.models.case import Case
from gpmb.fields import RefField
from gpmb.tracking import tracked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, user: User | AnonymousUser) -> BulkRunQuerySet:
        """Keep one's own runs; an administrator reads everybody's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.is_administrator else self.filter(by=user)

    def written(self) -> BulkRunQuerySet:
        """Leave out what was chosen or previewed and never written."""
        return self.exclude(state__in=[BulkRun.State.CHOSEN, BulkRun.State.PREVIEWED])


@tracked(exclude=["done"])
class BulkRun(models.Model):
    """One bulk change, from the choice of cases to its receipt and its undo.

    The chosen cases are rows from the beginning (`BulkRow`), so that preview, change, receipt and
    undo speak of the same ones. `change` is what gpmb.clearance.bulk_changes reads back.
    """

    class Kind(models.TextChoices):
        STEP = "step", "Ghi bước"
        OFFICER = "officer", "Giao cán bộ thụ lý"
        BATCH = "batch", "Xếp đợt thu hồi"
        OBSTACLE = "obstacle", "Ghi vướng mắc"
        OBSTACLE_CLOSED = "obstacle_closed", "Giải quyết xong vướng mắc"

    class State(models.TextChoices):
        CHOSEN = "chosen", "mới chọn hồ sơ"
        PREVIEWED = "previewed", "đã xem trước"
        RUNNING = "running", "đang ghi"
        WRITTEN = "written", "đã ghi"
        UNDOING = "undoing", "đang hoàn tác"
        UNDONE = "undone", "đã hoàn tác"

    ref = RefField()
    by = models.ForeignKey(
        User, models.PROTECT, related_name="bulk_runs", verbose_name="người ghi"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField("trạng thái", max_length=10, choices=State, default=State.CHOSEN)
    selected_by = models.CharField("chọn theo", max_length=500)
    left_out = models.PositiveIntegerField("không được sửa, không chọn", default=0)
    kind = models.CharField("thay đổi", max_length=16, choices=Kind, blank=True)
    change = models.JSONField(default=dict, blank=True)
    described = models.CharField("nội dung thay đổi", max_length=500, blank=True)
    reason = models.CharField("lý do", max_length=300, blank=True)
    on = models.DateField("ngày số liệu khi ghi", null=True, blank=True)
    total = models.PositiveIntegerField("số hồ sơ", default=0)
    done = models.PositiveIntegerField("đã xử lý", default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người hoàn tác",
    )
    undo_reason = models.CharField("lý do hoàn tác", max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField("lần chạy trước hỏng vì", max_length=300, blank=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = "lần cập nhật hàng loạt"
        verbose_name_plural = "lần cập nhật hàng loạt"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="bulkrun_has_reason",
                condition=Q(state__in=["chosen", "previewed"]) | ~Q(reason=""),
                violation_error_message="Cập nhật hàng loạt phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="bulkrun_undo_has_reason",
                condition=~Q(state__in=["undoing", "undone"]) | ~Q(undo_reason=""),
                violation_error_message="Hoàn tác phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return self.described or f"{self.total} hồ sơ"

    @property
    def busy(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def outcome(self) -> BulkRow.Verdict:
        """What became by now of the rows that change: all of them are written, or none."""
        if self.state == self.State.UNDONE:
            return BulkRow.Verdict.UNDONE
        written = self.state in (self.State.WRITTEN, self.State.UNDOING)
        return BulkRow.Verdict.WRITTEN if written else BulkRow.Verdict.CHANGES

    def counts(self) -> dict[str, int]:
        """Return how many rows have each outcome; they sum to the chosen cases."""
        found = dict(self.rows.order_by().values_list("verdict").annotate(n=Count("pk")))
        found[self.outcome] = found.pop(BulkRow.Verdict.CHANGES, 0)
        return {outcome: found.get(outcome, 0) for outcome in BulkRow.Verdict.values}

    def claim(self, to: str, at: dt.datetime, **fields: Any) -> bool:
        """Move to a busy state once: of two clicks, in whatever process, one gets True.

        RUNNING is reached from PREVIEWED alone, UNDOING from WRITTEN alone.
        """
        start = {"running": self.State.PREVIEWED, "undoing": self.State.WRITTEN}[to]
        fields |= {"state": to, "started_at": at, "done": 0, "trouble": ""}
        won = BulkRun.objects.filter(pk=self.pk, state=start).update(**fields) == 1
        self.refresh_from_db()
        return won


class BulkRow(models.Model):
    """One case of a run: the version it was judged at, and what was said of it.

    A row to change stays so when the run writes it: the run's state says that it is written, or
    undone (`outcome`). Thousands of rows are not written again to repeat it.
    """

    class Verdict(models.TextChoices):
        CHOSEN = "chosen", "đã chọn"
        CHANGES = "changes", "sẽ thay đổi"
        SAME = "same", "không đổi"
        REFUSED = "refused", "không ghi được"
        WRITTEN = "written", "đã ghi"
        UNDONE = "undone", "đã hoàn tác"
        KEPT = "kept", "giữ nguyên khi hoàn tác"

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="bulk_rows")
    version_before = models.IntegerField()
    verdict = models.CharField(
        max_length=8, choices=Verdict, default=Verdict.CHOSEN, db_default=Verdict.CHOSEN
    )
    was = models.CharField("đang là", max_length=200, blank=True, db_default="")
    becomes = models.CharField("sẽ thành", max_length=200, blank=True, db_default="")
    why = models.CharField("vì sao", max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = "hồ sơ trong lần cập nhật"
        verbose_name_plural = "hồ sơ trong lần cập nhật"
        constraints = [
            models.UniqueConstraint(fields=["run", "case"], name="bulkrow_once"),
            models.CheckConstraint(
                name="bulkrow_verdict_of_its_own",
                condition=~Q(verdict__in=["written", "undone"]),
                violation_error_message="“Đã ghi”, “đã hoàn tác” là của cả lần cập nhật.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.case_id}"

    @property
    def outcome(self) -> Verdict:
        verdict = self.Verdict(self.verdict)
        return self.run.outcome if verdict is self.Verdict.CHANGES else verdict


class BulkReceipt(models.Model):
    """What gives a portion of a run's cases back, written with them and read by an undo alone.

    `made`: case → its version after, values before, keys and versions of rows that were made. One
    row for thousands of cases: a value beside each would cost as much as its event.
    """

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="receipts")
    made = models.JSONField()

    class Meta:
        verbose_name = "phiếu hoàn tác"
        verbose_name_plural = "phiếu hoàn tác"

    def __str__(self) -> str:
        return f"{self.run_id}: {len(self.made)} hồ sơ"
