"""The money of a case as a ledger: invitations, payments, deposits, what is released."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.db import models, transaction
from django.db.models import F, Q, Sum

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Case, CaseEvent, Law
from gpmb.compensation.models.plan import Plan
from gpmb.fields import MoneyField, RefField
from gpmb.land.models import Document
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    import datetime as dt

    from django.contrib.auth.models import AnonymousUser

SETTLING = ("payment", "deposit")
OF_A_DEPOSIT = ("release", "deposit_interest")


class PaymentRefused(ValueError):
    """A payment that the ledger does not allow; says why."""


@tracked()
class Invitation(models.Model):
    """Mời nhận tiền: a household is asked to come for its money, up to several times."""

    class Result(models.TextChoices):
        PENDING = "", "Chưa đến ngày hẹn"
        CAME = "came", "Đến nhận"
        REFUSED = "refused", "Không nhận"
        ABSENT = "absent", "Vắng mặt"

    ref = RefField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="invitations")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="invitations")
    number = models.PositiveSmallIntegerField("lần mời")
    on = models.DateField("ngày mời")
    pay_on = models.DateField("hẹn nhận ngày")
    place = models.CharField("nơi nhận", max_length=150)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="giấy mời"
    )
    result = models.CharField("kết quả", max_length=10, choices=Result, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người mời")

    class Meta:
        verbose_name = "giấy mời nhận tiền"
        verbose_name_plural = "giấy mời nhận tiền"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"],
                name="invitation_number_once",
                violation_error_message="Lần mời này đã ghi.",
            ),
            models.CheckConstraint(
                name="invitation_before_payment",
                condition=Q(pay_on__gte=F("on")),
                violation_error_message="Ngày hẹn nhận không được trước ngày mời.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"mời lần {self.number}, {self.on:%d/%m/%Y}"

    @classmethod
    @transaction.atomic
    def invite(
        cls,
        plan: Plan,
        *,
        on: dt.date,
        pay_on: dt.date,
        place: str,
        document: Document | None,
        by: User | None,
    ) -> Invitation:
        """Record the next invitation of the plan's case."""
        Case.objects.select_for_update().get(pk=plan.case_id)
        last = cls.objects.filter(case=plan.case_id).order_by("number").last()
        return cls.objects.create(
            case_id=plan.case_id,
            plan=plan,
            number=last.number + 1 if last else 1,
            on=on,
            pay_on=pay_on,
            place=place,
            document=document,
            by=by,
        )


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> PaymentQuerySet:
        """Keep the lines of the households `user` knows: amounts are a household's."""
        return self.filter(case__in=Case.objects.household_open_to(user, on=on))

    def settled(self) -> PaymentQuerySet:
        """Keep what counts as paid: approved payments and deposits (refused money is paid)."""
        return self.filter(approved_by__isnull=False, kind__in=SETTLING)

    def waiting(self) -> PaymentQuerySet:
        """Keep the proposals nobody has approved or returned yet."""
        return self.filter(approved_by__isnull=True, returned_by__isnull=True)

    def total_vnd(self) -> Decimal:
        return self.aggregate(total=Sum("amount_vnd"))["total"] or Decimal(0)


@tracked()
class Payment(models.Model):
    """A line of the money ledger of a case; proposed by one person, approved by another.

    Approved lines never change, no line is ever deleted, and what is paid or deposited never
    exceeds the approved plan: all three by trigger.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Chi trả"
        DEPOSIT = "deposit", "Gửi tài khoản"
        RELEASE = "release", "Chi từ tài khoản gửi"
        DEPOSIT_INTEREST = "deposit_interest", "Lãi tiền gửi"
        LATE_INTEREST = "late_interest", "Tiền chậm trả"

    ref = RefField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="payments")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="payments")
    kind = models.CharField("loại", max_length=16, choices=Kind, default=Kind.PAYMENT)
    amount_vnd = MoneyField("số tiền (đồng)")
    on = models.DateField("ngày")
    refused = models.BooleanField("hộ từ chối nhận", default=False)
    account = models.CharField("nơi gửi, số tài khoản", max_length=150, blank=True)
    interest_percent = models.DecimalField(
        "lãi suất không kỳ hạn (%/năm)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    deposit = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drawn",
        verbose_name="từ khoản gửi",
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="chứng từ"
    )
    note = models.CharField("nội dung", max_length=300, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="payments_proposed")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="payments_approved"
    )
    returned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="payments_returned"
    )
    returned_reason = models.CharField("lý do trả lại", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "chi trả"
        verbose_name_plural = "chi trả"
        ordering = ["case", "on", "id"]
        indexes = [models.Index(fields=["on", "kind"], name="payment_day")]
        triggers = [
            bump_version(),
            pgtrigger.Trigger(
                name="kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'DELETE' THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Sổ chi trả không xóa dòng nào.';
                    ELSIF OLD.approved_by_id IS NOT NULL AND
                        (NEW.case_id, NEW.plan_id, NEW.kind, NEW.amount_vnd, NEW."on",
                         NEW.deposit_id, NEW.proposed_by_id, NEW.approved_by_id)
                        IS DISTINCT FROM
                        (OLD.case_id, OLD.plan_id, OLD.kind, OLD.amount_vnd, OLD."on",
                         OLD.deposit_id, OLD.proposed_by_id, OLD.approved_by_id)
                    THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Khoản chi trả đã duyệt không sửa được.';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # The plan's row is locked: two approvals at once can't both find room.
            pgtrigger.Trigger(
                name="within_plan",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__approved_by_id__isnull=False),
                declare=[("allowed", "numeric"), ("used", "numeric"), ("owner", "bigint")],
                func="""
                    SELECT total_vnd, case_id INTO allowed, owner FROM compensation_plan
                     WHERE id = NEW.plan_id AND status IN ('approved', 'amended') FOR UPDATE;
                    IF owner IS DISTINCT FROM NEW.case_id THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Chỉ chi trả theo phương án đã phê duyệt của hồ sơ.';
                    END IF;
                    IF NEW.kind IN ('payment', 'deposit') THEN
                        SELECT sum(amount_vnd) INTO used FROM compensation_payment
                         WHERE case_id = NEW.case_id AND kind IN ('payment', 'deposit')
                           AND approved_by_id IS NOT NULL;
                    ELSIF NEW.kind = 'release' THEN
                        SELECT sum(amount_vnd) INTO allowed FROM compensation_payment
                         WHERE approved_by_id IS NOT NULL AND (id = NEW.deposit_id
                            OR (deposit_id = NEW.deposit_id AND kind = 'deposit_interest'));
                        SELECT sum(amount_vnd) INTO used FROM compensation_payment
                         WHERE deposit_id = NEW.deposit_id AND kind = 'release'
                           AND approved_by_id IS NOT NULL;
                    END IF;
                    IF used > coalesce(allowed, 0) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Tổng chi trả vượt số tiền được duyệt.',
                            DETAIL = format('%s > %s', used, allowed);
                    END IF;
                    RETURN NULL;
                """,
            ),
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
            models.CheckConstraint(
                name="payment_approved_or_returned",
                condition=Q(approved_by__isnull=True) | Q(returned_by__isnull=True),
                violation_error_message="Khoản đã duyệt thì không trả lại được.",
            ),
            models.CheckConstraint(
                name="payment_return_has_reason",
                condition=Q(returned_by__isnull=True) | ~Q(returned_reason=""),
                violation_error_message="Trả lại đề nghị phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="payment_deposit_has_account",
                condition=~Q(kind="deposit") | ~Q(account=""),
                violation_error_message="Gửi tiền phải ghi nơi gửi, số tài khoản.",
            ),
            models.CheckConstraint(
                name="payment_from_a_deposit",
                condition=Q(kind__in=OF_A_DEPOSIT, deposit__isnull=False)
                | (~Q(kind__in=OF_A_DEPOSIT) & Q(deposit__isnull=True)),
                violation_error_message="Chi từ khoản gửi, lãi tiền gửi phải chỉ ra khoản gửi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_vnd}"

    @property
    def waits(self) -> bool:
        return self.approved_by_id is None and self.returned_by_id is None

    @transaction.atomic
    def propose(self, *, by: User) -> Payment:
        """Put a new line before the one who approves.

        Raises:
            PaymentRefused: no approved plan, more than is left (what waits counts), too early.
        """
        plan = Plan.objects.select_for_update().filter(case=self.case, status="approved").first()
        if plan is None:
            raise PaymentRefused("Hồ sơ chưa có phương án được phê duyệt.")
        plan.case = self.case
        if lost := plan.lost_steps():
            raise PaymentRefused(
                f"Bước “{'”, “'.join(lost)}” của hồ sơ đã bị hủy: ghi lại bước đó, "
                "hoặc lập lần điều chỉnh, trước khi chi."
            )
        if plan.approved_on and self.on < plan.approved_on:
            raise PaymentRefused(
                f"Ngày {self.on:%d/%m/%Y} trước ngày phê duyệt phương án "
                f"({plan.approved_on:%d/%m/%Y})."
            )
        if self.kind in SETTLING:
            lines = self.case.payments.filter(kind__in=SETTLING, returned_by=None)
            left = plan.total_vnd - lines.total_vnd()
            if self.amount_vnd > left:
                raise PaymentRefused(
                    f"Phương án chỉ còn {left:,.0f} đồng chưa chi hoặc chưa đề nghị.".replace(
                        ",", "."
                    )
                )
        self.plan, self.proposed_by = plan, by
        clean(self, known=("case", "plan", "proposed_by", "document"))
        self.save()
        return self

    @transaction.atomic
    def approve(self, *, by: User, law: Law | None = None) -> CaseEvent | None:
        """Approve the line; the last one that completes the plan moves the case to its step.

        Raises:
            PaymentRefused: approved or returned already.
            ValidationError: one's own proposal.
        """
        self.refresh_from_db(from_queryset=Payment.objects.select_for_update())
        if not self.waits:
            raise PaymentRefused("Khoản này đã được duyệt hoặc trả lại.")
        self.approved_by = by
        self.full_clean()
        self.save(update_fields=["approved_by"])
        case = Case.objects.get(pk=self.case_id)
        paid = case.payments.settled().total_vnd()
        if self.kind not in SETTLING or paid < self.plan.total_vnd or case.paid_on:
            return None
        step = "deposit" if self.kind == self.Kind.DEPOSIT else "payment"
        return case.advance(step, on=self.on, by=by, document=self.document, law=law)

    @transaction.atomic
    def give_back(self, *, by: User, reason: str) -> None:
        """Return the proposal to the one who made it, with a reason; it stays in the ledger."""
        self.refresh_from_db(from_queryset=Payment.objects.select_for_update())
        if not self.waits:
            raise PaymentRefused("Khoản này đã được duyệt hoặc trả lại.")
        if not reason.strip():
            raise PaymentRefused("Trả lại đề nghị phải ghi lý do.")
        self.returned_by, self.returned_reason = by, reason.strip()
        self.save(update_fields=["returned_by", "returned_reason"])
