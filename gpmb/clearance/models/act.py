"""Acts of a case that are no step but start, stop or waive one of the law's clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from gpmb.accounts.models import User
from gpmb.fields import RefField
from gpmb.land.models import Document
from gpmb.law.calendar import Suspension
from gpmb.tracking import tracked
from gpmb.triggers import bump_version


class ActQuerySet(models.QuerySet["Act"]):
    def standing(self) -> ActQuerySet:
        """Leave out what was taken back."""
        return self.filter(taken_back_on__isnull=True)


@tracked()
class Act(models.Model):
    """Mốc của hồ sơ: a day that a rule counts from, or a fact the law asks about.

    Most kinds carry the name that rule rows use in `from_event`. A row is never removed: one
    recorded by mistake is taken back with a reason. `Case.note_act` and `Case.take_back_act` are
    the only writers: the stored deadlines of the case follow in the same transaction.
    """

    class Kind(models.TextChoices):
        APPRAISAL_FILE = "appraisal_file", "Nhận đủ hồ sơ thẩm định"
        SUPPLEMENT_ASKED = "supplement_asked", "Yêu cầu bổ sung hồ sơ (tạm dừng thẩm định)"
        SUPPLEMENT_DONE = "supplement_done", "Nhận hồ sơ bổ sung (tiếp tục thẩm định)"
        DISAGREED = "disagreed", "Lấy ý kiến: còn ý kiến không đồng ý"
        AGREED = "agreed", "Lấy ý kiến: không còn ý kiến không đồng ý"
        ALL_CONSENT = "all_consent", "Tất cả người có đất đồng ý thu hồi sớm"
        RESETTLEMENT_POSTING = "resettlement_posting", "Niêm yết phương án bố trí tái định cư"
        RECOVER_FIRST = "recover_first", "Được thu hồi đất trước khi bố trí tái định cư"
        PERSUASION_PLAN = "persuasion_plan", "Bắt đầu vận động, thuyết phục về phương án"
        ENFORCE_INVENTORY_PERSUASION = (
            "enforce_inventory_persuasion",
            "Vận động trước cưỡng chế kiểm đếm",
        )
        POLICE_ASKED = "police_asked", "Đề nghị công an bảo vệ cưỡng chế"
        ENFORCEMENT_RECEIVED = "enforcement_received", "Giao quyết định cưỡng chế"
        ENFORCEMENT_EXECUTED = "enforcement_executed", "Thực hiện cưỡng chế"
        COMPLIANCE_RECORD = "compliance_record", "Biên bản chấp hành khi cưỡng chế"

    # What says so must be a document: it shortens a wait or turns the order of the law.
    DOCUMENTED = (Kind.ALL_CONSENT, Kind.RECOVER_FIRST)
    # Stopping a clock is never silent.
    REASONED = (Kind.SUPPLEMENT_ASKED,)

    ref = RefField()
    case = models.ForeignKey("clearance.Case", models.PROTECT, related_name="acts")
    kind = models.CharField("việc", max_length=30, choices=Kind)
    on = models.DateField("ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    note = models.CharField("nội dung, lý do", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    taken_back_on = models.DateField("rút lại ngày", null=True, blank=True)
    taken_back_reason = models.CharField("lý do rút lại", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = "mốc của hồ sơ"
        verbose_name_plural = "mốc của hồ sơ"
        ordering = ["on", "id"]
        triggers = [bump_version()]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "on"],
                condition=Q(taken_back_on__isnull=True),
                name="act_once_a_day",
                violation_error_message="Việc này đã được ghi cho ngày đó.",
            ),
            models.CheckConstraint(
                name="act_documented",
                condition=~Q(kind__in=("all_consent", "recover_first"))
                | Q(document__isnull=False),
                violation_error_message="Việc này phải có số, ngày văn bản.",
            ),
            models.CheckConstraint(
                name="act_suspension_has_reason",
                condition=~Q(kind="supplement_asked") | ~Q(note=""),
                violation_error_message="Tạm dừng tính thời hạn phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="act_taken_back_has_reason",
                condition=Q(taken_back_on__isnull=True) | ~Q(taken_back_reason=""),
                violation_error_message="Rút lại phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"


@dataclass(frozen=True)
class ActFacts:
    """What the acts of one case say to gpmb.law (the fields of law.regimes.Facts they fill)."""

    other: dict[str, dt.date]
    pauses: dict[str, tuple[Suspension, ...]]
    all_agree: bool
    disagreement: bool | None
    recovery_before_resettlement: bool


def facts_of(acts: Iterable[Act]) -> ActFacts:
    """Read the standing acts of one case, in any order; the latest of a kind counts."""
    rows = sorted(acts, key=lambda act: (act.on, act.pk or 0))
    latest = {act.kind: act for act in rows}
    said = [act.kind for act in rows if act.kind in (Act.Kind.DISAGREED, Act.Kind.AGREED)]
    stops = _suspensions(rows)
    return ActFacts(
        other={kind: act.on for kind, act in latest.items()},
        pauses={str(Act.Kind.SUPPLEMENT_ASKED): stops} if stops else {},
        all_agree=Act.Kind.ALL_CONSENT in latest,
        disagreement=(said[-1] == Act.Kind.DISAGREED) if said else None,
        recovery_before_resettlement=Act.Kind.RECOVER_FIRST in latest,
    )


def _suspensions(rows: list[Act]) -> tuple[Suspension, ...]:
    """Pair each request for a supplement with the first receipt after it."""
    asked = [act for act in rows if act.kind == Act.Kind.SUPPLEMENT_ASKED]
    answered = [act.on for act in rows if act.kind == Act.Kind.SUPPLEMENT_DONE]
    return tuple(
        Suspension(act.on, min((on for on in answered if on >= act.on), default=None), act.note)
        for act in asked
    )
