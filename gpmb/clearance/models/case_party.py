"""Who stands in a case, from when to when; a change of holder and its undo."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.clearance.models.case import Case
from gpmb.land.models import Document, Party
from gpmb.law import steps
from gpmb.referred import referred
from gpmb.tracking import tracked
from gpmb.triggers import touch_projects


class CasePartyQuerySet(models.QuerySet["CaseParty"]):
    def current(self, *, on: dt.date) -> CasePartyQuerySet:
        """Keep who stands in the case on a day: the day of a change belongs to the new holder."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        )


@tracked()
class CaseParty(models.Model):
    """A party in a case: holder, co-owner with a share, representative; from when to when.

    A change of holder ends one row and begins another, with the paper and the reason of it.
    """

    class Role(models.TextChoices):
        HOLDER = "holder", "Chủ sử dụng"
        CO_OWNER = "co_owner", "Đồng sử dụng"
        REPRESENTATIVE = "representative", "Đại diện"

    case = models.ForeignKey(Case, models.CASCADE, related_name="case_parties")
    party = models.ForeignKey(Party, models.PROTECT, related_name="case_parties")
    role = models.CharField("vai trò", max_length=15, choices=Role, default=Role.HOLDER)
    share_percent = models.DecimalField(
        "tỷ lệ (%)", max_digits=6, decimal_places=3, null=True, blank=True
    )
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="văn bản thay đổi",
    )
    reason = models.CharField("lý do thay đổi", max_length=300, blank=True)
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name="thay cho",
    )
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())

    objects = CasePartyQuerySet.as_manager()

    class Meta:
        verbose_name = "người có đất trong hồ sơ"
        verbose_name_plural = "người có đất trong hồ sơ"
        triggers = touch_projects(
            "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
        )
        constraints = [
            models.UniqueConstraint(fields=["case", "party", "role"], name="caseparty_once"),
            models.CheckConstraint(
                name="caseparty_share_is_percent",
                condition=Q(share_percent__isnull=True)
                | Q(share_percent__gt=0, share_percent__lte=100),
                violation_error_message="Tỷ lệ phải lớn hơn 0 và không quá 100.",
            ),
            models.CheckConstraint(
                name="caseparty_ends_after_start",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                violation_error_message="Ngày thôi đứng tên không được trước ngày bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}:{self.party_id}"

    @transaction.atomic
    def change_to(
        self,
        new: Party,
        *,
        on: dt.date,
        document: Document,
        reason: str,
        version: int | None = None,
    ) -> CaseParty:
        """Put `new` in the place of this one from a day: the case, its log and payments stay.

        Raises:
            StaleCase: the case changed since `version`; nothing is written.
            steps.MoveRefused: this one no longer stands in the case, or the day is before it did.
        """
        self.case.lock(version)
        row = CaseParty.objects.select_for_update().get(pk=self.pk)
        if row.valid_to is not None:
            raise steps.MoveRefused(f"Người này đã thôi đứng tên từ {row.valid_to:%d/%m/%Y}.")
        if row.valid_from is not None and on < row.valid_from:
            raise steps.MoveRefused(
                f"Người này đứng tên từ {row.valid_from:%d/%m/%Y}: ngày thay đổi không được trước."
            )
        if not reason.strip():
            raise steps.MoveRefused("Thay đổi người đứng tên phải ghi lý do.")
        row.valid_to = on
        row.save(update_fields=["valid_to"])
        return CaseParty.objects.create(
            case=self.case,
            party=new,
            role=row.role,
            share_percent=row.share_percent,
            valid_from=on,
            document=document,
            reason=reason.strip(),
            follows=row,
        )

    @transaction.atomic
    def undo_change(self, *, reason: str) -> CaseParty:
        """Take back that this one took another's place; return the row of who stands again.

        What was done since with the new holder stays true: then nothing is written, and the way
        back is another change of holder.

        Raises:
            steps.MoveRefused: no change, or steps, papers, a later change stand on it.
        """
        self.case.lock(None)
        row = CaseParty.objects.select_for_update().select_related("party").get(pk=self.pk)
        old = row.follows
        if old is None:
            raise steps.MoveRefused(
                "Người này đứng tên từ khi lập hồ sơ: không có gì để hoàn tác."
            )
        if not reason.strip():
            raise steps.MoveRefused("Hoàn tác đổi người đứng tên phải ghi lý do.")
        if row.valid_to is not None:
            raise steps.MoveRefused("Sau đó đã đổi người lần nữa: hoàn tác lần sau trước.")
        # Who looked at a name stays known; it is no work done with the new holder.
        looks = Party._meta.get_field("disclosures").related_model
        others = referred(Party, [row.party_id], (CaseParty, looks))
        since = (
            self.case.events.filter(recorded_at__gt=row.recorded_at)
            .order_by("recorded_at")
            .first()
        )
        if others or since:
            done = others.get(row.party_id) or f"“{since}”"
            raise steps.MoveRefused(
                f"Sau khi đổi đã ghi {done}: không hoàn tác được. Đổi người đứng tên lần nữa, "
                "với văn bản của lần đó."
            )
        with pghistory.context(reason=f"Hoàn tác đổi người đứng tên: {reason.strip()}"):
            party = row.party
            row.delete()
            if not referred(Party, [party.pk], ()):
                party.delete()
            old.valid_to = None
            old.save(update_fields=["valid_to"])
        return old
