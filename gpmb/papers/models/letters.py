"""Letter templates in versions, and each run that wrote letters: who, when, which cases."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.fields import RefField
from gpmb.papers.models.files import StoredFile
from gpmb.papers.models.run import Run
from gpmb.tracking import tracked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Scope(models.TextChoices):
    CASE = "case", "Mỗi hộ một bản"
    LIST = "list", "Một bản cho cả danh sách"
    COMPLAINT = "complaint", "Một đơn thư"


class LetterKind(models.TextChoices):
    """The papers the program writes; the value is part of their address."""

    NOTICE = "thong-bao", "Thông báo thu hồi đất"
    INVITATION = "giay-moi", "Giấy mời"
    INVENTORY = "kiem-dem", "Biên bản kiểm đếm"
    POSTING = "niem-yet", "Danh sách niêm yết phương án"
    SUBMISSION = "to-trinh", "Tờ trình phê duyệt phương án"
    DECISION = "quyet-dinh", "Quyết định phê duyệt phương án"
    MONEY = "moi-nhan-tien", "Giấy mời nhận tiền"
    HANDOVER = "ban-giao-dat", "Biên bản bàn giao đất"
    SITE_HANDOVER = "ban-giao-mat-bang", "Biên bản bàn giao mặt bằng cho chủ đầu tư"
    RECEIPT = "bien-nhan", "Giấy biên nhận đơn"
    ACCEPTANCE = "thu-ly", "Thông báo thụ lý"
    FORWARDING = "chuyen-don", "Phiếu chuyển đơn"
    GUIDANCE = "huong-dan", "Phiếu hướng dẫn"

    @property
    def scope(self) -> Scope:
        if self in (LetterKind.POSTING, LetterKind.SUBMISSION, LetterKind.SITE_HANDOVER):
            return Scope.LIST
        return Scope.COMPLAINT if self in COMPLAINT_KINDS else Scope.CASE


COMPLAINT_KINDS = (
    LetterKind.RECEIPT,
    LetterKind.ACCEPTANCE,
    LetterKind.FORWARDING,
    LetterKind.GUIDANCE,
)


class LetterTemplateQuerySet(models.QuerySet["LetterTemplate"]):
    def current(self) -> LetterTemplateQuerySet:
        """Keep the newest version of each kind."""
        newest = LetterTemplate.objects.filter(kind=models.OuterRef("kind")).order_by("-number")
        return self.filter(number=models.Subquery(newest.values("number")[:1]))


@tracked()
class LetterTemplate(models.Model):
    """One version of a template; the newest of its kind is used, the others stay."""

    ref = RefField()
    kind = models.CharField("loại văn bản", max_length=20, choices=LetterKind)
    number = models.PositiveSmallIntegerField("phiên bản")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    note = models.CharField("thay đổi", max_length=200, blank=True)
    added_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="người thay"
    )
    added_at = models.DateTimeField("lúc", db_default=Now())

    objects = LetterTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "mẫu văn bản"
        verbose_name_plural = "mẫu văn bản"
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, phiên bản {self.number}"

    @property
    def scope(self) -> Scope:
        return LetterKind(self.kind).scope

    @classmethod
    @transaction.atomic
    def replace(
        cls, kind: str, content: bytes, *, by: User | None, note: str = ""
    ) -> LetterTemplate:
        """Keep a new version; the caller has checked it (gpmb.reports.letters.template.check)."""
        rows = cls.objects.filter(kind=kind).select_for_update()
        last = max((row.number for row in rows), default=0)
        return cls.objects.create(
            kind=kind, number=last + 1, file=StoredFile.keep(content), note=note, added_by=by
        )


class LetterRunQuerySet(models.QuerySet["LetterRun"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> LetterRunQuerySet:
        """Keep one's own runs; administrators read the whole log."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.is_administrator else self.filter(by=user)


class LetterRun(Run):
    """Letters written from one template for some cases; the row stays, the files for a week."""

    class Format(models.TextChoices):
        DOCX = "docx", "Word, một tệp để in"
        ZIP = "zip", "Word, mỗi hộ một tệp (nén)"
        PDF = "pdf", "PDF, một tệp để in"

    ref = RefField()
    template = models.ForeignKey(LetterTemplate, models.PROTECT, related_name="runs")
    cases = models.ManyToManyField(Case, related_name="letter_runs")
    format = models.CharField("dạng tệp", max_length=5, choices=Format)
    filters = models.CharField("bộ lọc", max_length=1000, blank=True)
    typed = models.JSONField("nội dung gõ khi soạn", default=dict)

    objects = LetterRunQuerySet.as_manager()

    class Meta:
        verbose_name = "lượt soạn văn bản"
        verbose_name_plural = "lượt soạn văn bản"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="letterrun_done_within_total",
                condition=Q(done__lte=F("total"), total__gt=0),
                violation_error_message="Lượt soạn phải có ít nhất một văn bản.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.template.get_kind_display()} · {self.total}"

    @property
    def suffix(self) -> str:
        return self.format
