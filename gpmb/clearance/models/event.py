"""The log of a case: what happened when, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.clearance.models.taking import Taking
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.triggers import append_only, touch_projects


class CaseEventQuerySet(models.QuerySet["CaseEvent"]):
    def living(self) -> CaseEventQuerySet:
        """Leave out voided events and the voids themselves."""
        return self.exclude(kind="void").filter(voided_by__isnull=True)

    def in_order(self) -> CaseEventQuerySet:
        return self.order_by("on", "recorded_at", "id")

    def up_to(self, on: dt.date) -> CaseEventQuerySet:
        return self.filter(on__lte=on)


class CaseEvent(models.Model):
    """The append-only truth of when: an opening state, a move, or the voiding of either.

    "As it was on D" uses `on`; "as we knew it on D" uses `recorded_at`. With `taking` set the
    event concerns that taking alone (handover).
    """

    class Kind(models.TextChoices):
        OPENING = "opening", "số liệu chuyển tiếp"
        MOVE = "move", "thực hiện"
        VOID = "void", "hủy"

    case = models.ForeignKey(
        "clearance.Case", models.PROTECT, related_name="events", db_index=False
    )
    taking = models.ForeignKey(
        Taking, models.PROTECT, null=True, blank=True, related_name="events"
    )
    kind = models.CharField("loại", max_length=10, choices=Kind)
    step = models.CharField("bước", max_length=30, choices=steps.choices(), blank=True)
    on = models.DateField("ngày")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người ghi")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    reason = models.CharField("lý do, ghi chú", max_length=300, blank=True)
    voids = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="voided_by"
    )

    objects = CaseEventQuerySet.as_manager()

    class Meta:
        verbose_name = "diễn biến hồ sơ"
        verbose_name_plural = "diễn biến hồ sơ"
        indexes = [
            models.Index(fields=["case", "on", "recorded_at", "id"], name="event_case_order")
        ]
        triggers = [
            append_only(),
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
            )[:1],
        ]
        constraints = [
            models.CheckConstraint(
                name="event_kind_fits",
                condition=(Q(kind="void") & Q(voids__isnull=False) & Q(step="") & ~Q(reason=""))
                | (~Q(kind="void") & Q(voids__isnull=True) & ~Q(step="")),
                violation_error_message="Hủy phải chỉ ra bước bị hủy và lý do.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display() or 'hủy'} {self.on:%d/%m/%Y}"

    @property
    def in_force_on(self) -> dt.date | None:
        """The day its paper takes effect, None without a paper."""
        return self.document.in_force_on if self.document else None

    def voiding(self, *, on: dt.date, by: User | None, reason: str) -> CaseEvent:
        """Return the event, unsaved, that takes this one back."""
        return CaseEvent(
            case_id=self.case_id, kind=self.Kind.VOID, on=on, by=by, reason=reason, voids=self
        )


class Logged(NamedTuple):
    """A living event with what the law asks of it: many logs are read this way, without models."""

    step: str
    on: dt.date
    kind: str
    taking_id: int | None
    in_force_on: dt.date | None


def as_law(log: Sequence[CaseEvent | Logged]) -> list[steps.Event]:
    """Return the events as gpmb.law reads them."""
    return [
        steps.Event(event.step, event.on, "opening" if event.kind == "opening" else "move")
        for event in log
    ]
