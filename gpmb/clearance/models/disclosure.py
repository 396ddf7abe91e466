"""Who was shown masked personal data, whose, when and why."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.clearance.models.case import Case
from gpmb.clearance.models.case_party import CaseParty
from gpmb.land.models import Party
from gpmb.triggers import append_only


class Disclosure(models.Model):
    """An ID number, or to a leader a name, was shown to someone. Append-only."""

    class What(models.TextChoices):
        ID_NUMBER = "id_number", "số CCCD, mã số"
        NAME = "name", "họ tên"

    case = models.ForeignKey(Case, models.PROTECT, related_name="disclosures")
    party = models.ForeignKey(Party, models.PROTECT, related_name="disclosures")
    what = models.CharField("nội dung", max_length=10, choices=What)
    by = models.ForeignKey(User, models.PROTECT, verbose_name="người xem")
    at = models.DateTimeField("lúc", db_default=Now())
    reason = models.CharField("lý do", max_length=300, blank=True)

    class Meta:
        verbose_name = "lượt xem thông tin hạn chế"
        verbose_name_plural = "lượt xem thông tin hạn chế"
        ordering = ["-at", "-id"]
        triggers = [append_only()]
        constraints = [
            models.CheckConstraint(
                name="disclosure_of_name_has_reason",
                condition=~Q(what="name") | ~Q(reason=""),
                violation_error_message="Xem họ tên phải ghi lý do.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} · {self.get_what_display()} · {self.case}"

    @staticmethod
    def log(
        case: Case, *, by: User, what: str, rows: Iterable[CaseParty], reason: str = ""
    ) -> None:
        """Write one line for each party, before it is shown."""
        Disclosure.objects.bulk_create(
            Disclosure(case=case, party_id=row.party_id, what=what, by=by, reason=reason)
            for row in rows
        )
