"""Compensation plans of a case in versions, their lines, and the money as a ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models, transaction
from django.db.models import F, Q, Sum

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseEvent, Law
from gpmb.fields import MoneyField, RefField
from gpmb.land.models import Document
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, sums_up, touch_projects

PLAN_SUM, ITEM_SUM = sums_up(
    whole="compensation_plan",
    stated="total_vnd",
    part="compensation_planitem",
    counted="amount_vnd",
    link="plan_id",
    message="Tổng phương án phải bằng tổng các khoản.",
    empty_is_fine=False,
)


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_force(self) -> PlanQuerySet:
        """Keep the approved version of each case (a later approval supersedes an earlier)."""
        return self.filter(status__in=("approved",))


@tracked()
class Plan(models.Model):
    """Phương án bồi thường, hỗ trợ, tái định cư of one case; `total_vnd` is the sum of its lines.

    The sum is kept by a deferred trigger; rounding is a line of its own.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Dự thảo"
        POSTED = "posted", "Niêm yết"
        APPRAISED = "appraised", "Đã thẩm định"
        APPROVED = "approved", "Đã phê duyệt"
        AMENDED = "amended", "Đã thay bằng phương án điều chỉnh"

    ref = RefField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField("lần", default=1)
    status = models.CharField("trạng thái", max_length=10, choices=Status, default=Status.DRAFT)
    total_vnd = MoneyField("tổng (đồng)", default=0)
    approved_on = models.DateField("phê duyệt ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="quyết định"
    )
    version = models.IntegerField(default=0, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "phương án"
        verbose_name_plural = "phương án"
        ordering = ["case", "number"]
        triggers = [
            bump_version(),
            PLAN_SUM,
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="plan_number_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="approved"),
                name="plan_one_approved",
                violation_error_message="Hồ sơ đã có phương án được phê duyệt.",
            ),
            models.CheckConstraint(
                name="plan_approval_is_dated",
                condition=~Q(status__in=("approved", "amended"))
                | Q(approved_on__isnull=False, document__isnull=False),
                violation_error_message="Phương án phê duyệt phải có ngày và quyết định.",
            ),
        ]

    def __str__(self) -> str:
        return f"Phương án {self.case} lần {self.number}"


@tracked()
class PlanItem(models.Model):
    """One line of a plan: what, how much, at which price, by which basis, in whole đồng."""

    class Block(models.TextChoices):
        LAND = "land", "Đất"
        CROPS = "crops", "Cây trồng, vật nuôi"
        ASSETS = "assets", "Nhà, công trình"
        SUPPORT = "support", "Hỗ trợ"
        RESETTLEMENT = "resettlement", "Tái định cư"
        OBLIGATION = "obligation", "Nghĩa vụ tài chính khấu trừ"
        ROUNDING = "rounding", "Làm tròn"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    block = models.CharField("khoản mục", max_length=15, choices=Block)
    description = models.CharField("nội dung", max_length=250)
    quantity = models.DecimalField("khối lượng", max_digits=14, decimal_places=3, default=1)
    unit = models.CharField("đơn vị tính", max_length=20, blank=True)
    unit_price_vnd = MoneyField("đơn giá (đồng)", null=True, blank=True)
    percent = models.DecimalField(
        "tỷ lệ (%)", max_digits=6, decimal_places=2, null=True, blank=True
    )
    amount_vnd = MoneyField("thành tiền (đồng)")
    basis = models.CharField("căn cứ", max_length=250, blank=True)

    class Meta:
        verbose_name = "khoản bồi thường"
        verbose_name_plural = "khoản bồi thường"
        ordering = ["plan", "order"]
        triggers = [ITEM_SUM]
        constraints = [
            models.CheckConstraint(
                name="planitem_obligation_negative",
                condition=~Q(block="obligation") | Q(amount_vnd__lte=0),
                violation_error_message="Nghĩa vụ tài chính ghi số âm.",
            )
        ]

    def __str__(self) -> str:
        return self.description


class PaymentQuerySet(models.QuerySet["Payment"]):
    def settled(self) -> PaymentQuerySet:
        """Keep what counts as paid: approved payments and deposits (refused money is paid)."""
        return self.filter(approved_by__isnull=False, kind__in=("payment", "deposit"))

    def total_vnd(self) -> Decimal:
        return self.aggregate(total=Sum("amount_vnd"))["total"] or Decimal(0)


@tracked()
class Payment(models.Model):
    """A line of the money ledger of a case; proposed by one person, approved by another."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Chi trả"
        DEPOSIT = "deposit", "Gửi tài khoản"
        RELEASE = "release", "Chi từ tài khoản gửi"
        LATE_INTEREST = "late_interest", "Tiền chậm trả"

    ref = RefField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="payments")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="payments")
    kind = models.CharField("loại", max_length=15, choices=Kind, default=Kind.PAYMENT)
    amount_vnd = MoneyField("số tiền (đồng)")
    on = models.DateField("ngày")
    refused = models.BooleanField("hộ từ chối nhận", default=False)
    account = models.CharField("nơi gửi, số tài khoản", max_length=150, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="chứng từ"
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="payments_proposed")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="payments_approved"
    )
    version = models.IntegerField(default=0, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "chi trả"
        verbose_name_plural = "chi trả"
        ordering = ["case", "on", "id"]
        triggers = [
            bump_version(),
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="payment_positive",
                condition=Q(amount_vnd__gt=0),
                violation_error_message="Số tiền phải lớn hơn 0.",
            ),
            models.CheckConstraint(
                name="payment_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                violation_error_message="Người duyệt phải khác người đề nghị.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_vnd}"

    @transaction.atomic
    def approve(self, *, by: User, law: Law | None = None) -> CaseEvent | None:
        """Approve the line; the last one that completes the plan moves the case to its step."""
        self.approved_by = by
        self.full_clean()
        self.save(update_fields=["approved_by"])
        paid = self.case.payments.settled().filter(plan=self.plan).total_vnd()
        if paid < self.plan.total_vnd or self.case.paid_on:
            return None
        step = "deposit" if self.kind == self.Kind.DEPOSIT else "payment"
        return self.case.advance(step, on=self.on, by=by, document=self.document, law=law)


def late_days(payment: Payment, due_on: dt.date) -> int:
    """Return the days a payment came after its legal ceiling, 0 when in time."""
    return max(0, (payment.on - due_on).days)
