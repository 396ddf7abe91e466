"""The city's plan in versions, and what each version promises month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q

from gpmb.clearance.models.project import Project
from gpmb.fields import AreaField, MoneyField
from gpmb.land.models import Document
from gpmb.tracking import tracked


class PlanFrozen(ValueError):
    """A version that has left the draft is changed by a new version, never in place."""


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def known(self, *, on: dt.date) -> PlanVersionQuerySet:
        """The versions of the day's year up to the day, oldest first."""
        return self.filter(year=on.year, on__lte=on).order_by("on", "pk")

    def in_force(self, *, on: dt.date) -> PlanVersionQuerySet:
        """The versions that may be the plan: not drafts, while there is anything else."""
        known = self.known(on=on)
        decided = known.exclude(kind=PlanVersion.Kind.DRAFT)
        return known.filter(
            Q(pk__in=decided.values("pk"))
            | ~models.Exists(
                PlanVersion.objects.filter(year=on.year, on__lte=on).exclude(
                    kind=PlanVersion.Kind.DRAFT
                )
            )
        )


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

    objects = PlanVersionQuerySet.as_manager()

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

    @property
    def editable(self) -> bool:
        """Targets are typed into drafts alone."""
        return self.kind == self.Kind.DRAFT

    @transaction.atomic
    def copy(self, *, name: str, on: dt.date) -> PlanVersion:
        """Begin a new draft with this version's projects and targets."""
        made = PlanVersion.objects.create(year=self.year, kind=self.Kind.DRAFT, name=name, on=on)
        for entry in self.entries.prefetch_related("targets"):
            targets = list(entry.targets.all())
            entry.pk, entry.version, entry._state.adding = None, made, True
            entry.save()
            for target in targets:
                target.pk, target.entry, target._state.adding = None, entry, True
            Target.objects.bulk_create(targets)
        return made

    @transaction.atomic
    def decide(self, kind: str, *, on: dt.date, document: Document | None) -> None:
        """Leave the draft: after the meeting, or issued with its document; never back."""
        row = PlanVersion.objects.select_for_update().get(pk=self.pk)
        if not row.editable or kind == self.Kind.DRAFT:
            raise PlanFrozen("Phiên bản này đã qua dự thảo: lập phiên bản mới để thay đổi.")
        self.kind, self.on, self.document = kind, on, document
        self.full_clean()
        self.save(update_fields=["kind", "on", "document"])


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

    @transaction.atomic
    def set_areas(self, stage: int, areas: Mapping[dt.date, Decimal | None]) -> int:
        """Set the cumulative areas of a stage by month (first days); return how many changed.

        None takes a month out. A later month may not ask for less than an earlier one.
        """
        version = PlanVersion.objects.select_for_update().get(pk=self.version_id)
        if not version.editable:
            raise PlanFrozen("Phiên bản này đã qua dự thảo: lập phiên bản mới để thay đổi.")
        wanted = [area for _, area in sorted(areas.items()) if area is not None]
        if wanted != sorted(wanted):
            raise ValueError("Chỉ tiêu là số lũy kế: tháng sau không được nhỏ hơn tháng trước.")
        kept = {row.month: row for row in self.targets.filter(stage=stage)}
        changed = 0
        for month, area in areas.items():
            row = kept.get(month)
            if (row.area_m2 if row else None) == area:
                continue
            changed += 1
            if row is None:
                Target.objects.create(entry=self, stage=stage, month=month, area_m2=area)
            elif area is None and row.cases is None and row.amount_vnd is None:
                row.delete()
            else:
                row.area_m2 = area
                row.save(update_fields=["area_m2"])
        return changed


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
