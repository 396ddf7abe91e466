"""The compensation plan of a case in versions: its lines, its moves, the hash that freezes it."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models, transaction
from django.db.models import Case as When_
from django.db.models import F, Q, Value, When
from django.db.models.functions import Coalesce, Now, Round

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseEvent, Law, as_law
from gpmb.compensation import process, seal
from gpmb.compensation.models.price import Block, UnitPrice
from gpmb.fields import MoneyField, RefField
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.law.regimes import regime_of
from gpmb.tracking import tracked
from gpmb.triggers import append_only, bump_version, sums_up, touch_projects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpmb.law.regimes import Facts

PLAN_SUM, ITEM_SUM = sums_up(
    whole="compensation_plan",
    stated="total_vnd",
    part="compensation_planitem",
    counted="amount_vnd",
    link="plan_id",
    message="Tổng phương án phải bằng tổng các khoản.",
    empty_is_fine=False,
)
FROZEN = "Phương án đã chốt không sửa được: lập lần điều chỉnh."


class PlanRefused(ValueError):
    """A move of a plan that its table, its content or its case does not allow; says why."""


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_force(self) -> PlanQuerySet:
        """Keep the approved version of each case (a later approval supersedes an earlier)."""
        return self.filter(status__in=("approved",))

    def with_ledger(self) -> Any:  # the stubs can't follow an annotation
        """Annotate what of the case is settled and what waits for approval, whole đồng."""
        counted = Q(case__payments__kind__in=("payment", "deposit"))

        def total(condition: Q) -> Any:
            return Coalesce(
                models.Sum("case__payments__amount_vnd", filter=counted & condition), Decimal(0)
            )

        return self.annotate(
            settled_vnd=total(Q(case__payments__approved_by__isnull=False)),
            waiting_vnd=total(
                Q(case__payments__approved_by=None, case__payments__returned_by=None)
            ),
        )


@tracked()
class Plan(models.Model):
    """Phương án bồi thường, hỗ trợ, tái định cư of one case; `total_vnd` is the sum of its lines.

    The sum is kept by a deferred trigger; rounding is a line of its own. From posting on the
    version is frozen: `digest` is the hash of its content, and triggers refuse every change of it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Dự thảo"
        POSTED = "posted", "Niêm yết"
        APPRAISED = "appraised", "Đã thẩm định"
        APPROVED = "approved", "Đã phê duyệt"
        REPLACED = "replaced", "Đã thay bằng lần sau"
        AMENDED = "amended", "Đã thay bằng phương án điều chỉnh"

    ref = RefField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField("lần", default=1)
    status = models.CharField("trạng thái", max_length=10, choices=Status, default=Status.DRAFT)
    reason = models.CharField("lý do lập lần này", max_length=300, blank=True)
    total_vnd = MoneyField("tổng (đồng)", default=0)
    approved_on = models.DateField("phê duyệt ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="quyết định"
    )
    digest = models.CharField("mã chốt (SHA-256)", max_length=64, blank=True, editable=False)
    version = models.IntegerField(default=0, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "phương án"
        verbose_name_plural = "phương án"
        ordering = ["case", "number"]
        triggers = [
            bump_version(),
            *PLAN_SUM,
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF OLD.digest <> '' AND (TG_OP = 'DELETE' OR
                        (NEW.case_id, NEW.number, NEW.total_vnd, NEW.digest)
                        IS DISTINCT FROM (OLD.case_id, OLD.number, OLD.total_vnd, OLD.digest))
                    THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{FROZEN}';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
            # A version that takes over may not be worth less than what was paid already.
            pgtrigger.Trigger(
                name="covers_settled",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__status="approved"),
                func="""
                    IF NEW.total_vnd < (
                        SELECT coalesce(sum(amount_vnd), 0) FROM compensation_payment
                         WHERE case_id = NEW.case_id AND kind IN ('payment', 'deposit')
                           AND approved_by_id IS NOT NULL)
                    THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Phương án được duyệt thấp hơn số tiền đã chi trả.';
                    END IF;
                    RETURN NEW;
                """,
            ),
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
            models.CheckConstraint(
                name="plan_frozen_has_digest",
                condition=Q(status="draft", digest="") | (~Q(status="draft") & ~Q(digest="")),
                violation_error_message="Phương án đã niêm yết phải được chốt.",
            ),
        ]

    def __str__(self) -> str:
        return f"Phương án {self.case} lần {self.number}"

    @property
    def frozen(self) -> bool:
        return bool(self.digest)

    def computed_digest(self, lines: Iterable[PlanItem] | None = None) -> str:
        """Return the hash of the content as it stands now."""
        rows = self.items.all() if lines is None else lines
        return seal.digest(
            self.case_id, self.number, [{n: getattr(r, n) for n in seal.FIELDS} for r in rows]
        )

    def lost_steps(
        self, log: Sequence[CaseEvent] | None = None, facts: Facts | None = None
    ) -> list[str]:
        """Return the labels of the case's steps this version stands on that were voided since.

        `log`: the case's living events where they are at hand.
        """
        log = self.case.log() if log is None else log
        own = [event for event in log if event.taking_id is None]
        latest = max((event.on for event in own), default=self.approved_on)
        if latest is None:
            return []
        regime = regime_of(facts or self.case.facts(log), latest)
        held = steps.done(regime, as_law(own))
        return [
            steps.label(code, regime) for code in process.rests_on(self.status) if code not in held
        ]

    # Moves

    @transaction.atomic
    def move(
        self,
        to: str,
        *,
        on: dt.date,
        by: User | None,
        document: Document | None = None,
        note: str = "",
        law: Law | None = None,
    ) -> PlanEvent:
        """Change the status: lock, check against the table, freeze, log, save.

        Posting, appraisal and approval are steps of the case too: the first version records them
        by Case.advance, in the same transaction; where the case has the step already, the day
        must be the same.

        Raises:
            PlanRefused: no such move, an empty plan, a missing decision, a broken seal.
            steps.MoveRefused: the law does not allow the case's step.
        """
        self.refresh_from_db(from_queryset=Plan.objects.select_for_update())
        move = process.find(self.status, to)
        if move is None or move.by_version:
            allowed = process.next_move(self.status)
            raise PlanRefused(
                f"Phương án đang ở trạng thái “{self.get_status_display()}”, "
                f"{'chỉ ' + allowed.label.lower() + ' được' if allowed else 'không còn bước nào'}."
            )
        if move.needs_document and document is None:
            raise PlanRefused(f"“{move.label}” phải có số, ngày quyết định.")
        self._freeze()
        self._record_step(move.step, on, by, document, law)
        earlier = self.case.plans.select_for_update().exclude(pk=self.pk)
        for other in earlier.filter(number__lt=self.number):
            other._give_way(self, to, on, by)
        self.status = to
        if to == self.Status.APPROVED:
            self.approved_on, self.document = on, document
        self.save()
        return self._log(on, by, document, note)

    @transaction.atomic
    def amend(self, *, by: User | None, reason: str) -> Plan:
        """Open the next version as a draft with the same lines; this one stands until it is
        posted (or, approved, until the next one is approved)."""
        if not reason.strip():
            raise PlanRefused("Lập lần điều chỉnh phải ghi lý do.")
        versions = self.case.plans.select_for_update()
        if versions.filter(status=self.Status.DRAFT).exists():
            raise PlanRefused("Hồ sơ đang có một lần dự thảo: sửa ở lần đó.")
        last = versions.order_by("number").last()
        number = last.number + 1 if last else 1
        draft = Plan.objects.create(
            case=self.case, number=number, reason=reason.strip(), total_vnd=self.total_vnd
        )
        for line in self.items.order_by("order"):
            line.pk, line.plan, line._state.adding = None, draft, True
            line.save()
        return draft

    def _freeze(self) -> None:
        lines = list(self.items.all())
        if not lines:
            raise PlanRefused("Phương án chưa có khoản nào.")
        found = self.computed_digest(lines)
        if self.digest and self.digest != found:
            raise PlanRefused(
                "Nội dung không khớp mã chốt: phương án đã bị thay đổi ngoài phần mềm. "
                "Báo quản trị viên, đối chiếu bản in có mã chốt."
            )
        self.digest = found

    def _record_step(
        self,
        step: str,
        on: dt.date,
        by: User | None,
        document: Document | None,
        law: Law | None,
    ) -> None:
        log = self.case.log()
        event = next((e for e in log if e.step == step), None)
        first = not self.case.plans.filter(number__lt=self.number).exists()
        if event is not None:
            if on < event.on or (first and on != event.on):
                raise PlanRefused(
                    f"Hồ sơ đã ghi bước “{event.get_step_display()}” ngày {event.on:%d/%m/%Y}: "
                    + ("ghi đúng ngày đó" if first else "ghi từ ngày đó trở đi")
                    + ", hoặc hủy bước ghi nhầm."
                )
        elif step not in steps.done(regime_of(self.case.facts(log), on), as_law(log)):
            self.case.advance(step, on=on, by=by, document=document, law=law)

    def _give_way(self, later: Plan, to: str, on: dt.date, by: User | None) -> None:
        """Be replaced by a later version, once it stands at least as far as this one."""
        status = process.replaced_as(self.status)
        if status is None or (self.status == "approved" and to != "approved"):
            return
        self.status = status
        self.save(update_fields=["status"])
        self._log(on, by, None, f"Thay bằng lần {later.number}")

    def _log(
        self, on: dt.date, by: User | None, document: Document | None, note: str
    ) -> PlanEvent:
        return PlanEvent.objects.create(
            plan=self,
            status=self.status,
            on=on,
            by=by,
            document=document,
            note=note,
            digest=self.digest,
        )


class PlanEvent(models.Model):
    """Append-only log of a plan's moves, each with the hash of what was frozen."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="events")
    status = models.CharField("trạng thái", max_length=10, choices=Plan.Status)
    on = models.DateField("ngày")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người ghi")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    note = models.CharField("ghi chú", max_length=300, blank=True)
    digest = models.CharField("mã chốt (SHA-256)", max_length=64)

    class Meta:
        verbose_name = "diễn biến phương án"
        verbose_name_plural = "diễn biến phương án"
        ordering = ["plan", "on", "id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.on:%d/%m/%Y}"


def amount_of(
    block: str, quantity: Decimal, unit_price_vnd: Decimal, percent: Decimal | None
) -> Decimal:
    """Return quantity × price × percent in whole đồng, half up; negative for an obligation.

    The same formula as the constraint planitem_amount_is_computed.
    """
    exact = quantity * unit_price_vnd * (100 if percent is None else percent) / 100
    sign = -1 if block == Block.OBLIGATION else 1
    return sign * exact.quantize(Decimal(1), ROUND_HALF_UP)


@tracked()
class PlanItem(models.Model):
    """One line of a plan: what, how much, at which price, by which basis, in whole đồng.

    With a unit price the amount is quantity × price × percent by constraint; without one it is
    stated, and `explanation` says how it came about.
    """

    Block = Block

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    block = models.CharField("khoản mục", max_length=15, choices=Block)
    description = models.CharField("nội dung", max_length=250)
    land_code = models.CharField("loại đất", max_length=5, blank=True)
    quantity = models.DecimalField("khối lượng", max_digits=14, decimal_places=3, default=1)
    unit = models.CharField("đơn vị tính", max_length=20, blank=True)
    price = models.ForeignKey(
        UnitPrice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name="theo bảng giá",
    )
    unit_price_vnd = MoneyField("đơn giá (đồng)", null=True, blank=True)
    percent = models.DecimalField(
        "tỷ lệ (%)", max_digits=6, decimal_places=2, null=True, blank=True
    )
    amount_vnd = MoneyField("thành tiền (đồng)")
    basis = models.CharField("căn cứ", max_length=250, blank=True)
    explanation = models.CharField("diễn giải", max_length=300, blank=True)

    class Meta:
        verbose_name = "khoản bồi thường"
        verbose_name_plural = "khoản bồi thường"
        ordering = ["plan", "order"]
        triggers = [
            *ITEM_SUM,
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("touched", "bigint[]")],
                func=f"""
                    touched := CASE TG_OP
                        WHEN 'INSERT' THEN ARRAY[NEW.plan_id]
                        WHEN 'DELETE' THEN ARRAY[OLD.plan_id]
                        ELSE ARRAY[OLD.plan_id, NEW.plan_id] END;
                    IF EXISTS (SELECT FROM compensation_plan
                                WHERE id = ANY(touched) AND digest <> '') THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{FROZEN}';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="planitem_land_code_of_land",
                condition=Q(block="land") | Q(land_code=""),
                violation_error_message="Chỉ khoản bồi thường về đất ghi loại đất.",
            ),
            models.CheckConstraint(
                name="planitem_obligation_negative",
                condition=~Q(block="obligation") | Q(amount_vnd__lte=0),
                violation_error_message="Nghĩa vụ tài chính ghi số âm.",
            ),
            models.CheckConstraint(
                name="planitem_amount_is_computed",
                condition=Q(unit_price_vnd__isnull=True)
                | Q(
                    amount_vnd=Round(
                        F("quantity")
                        * F("unit_price_vnd")
                        * Coalesce(F("percent"), Value(Decimal(100)))
                        / Value(Decimal(100))
                    )
                    * When_(
                        When(block="obligation", then=Value(Decimal(-1))),
                        default=Value(Decimal(1)),
                        output_field=models.DecimalField(),
                    )
                ),
                violation_error_message=(
                    "Thành tiền phải bằng khối lượng × đơn giá × tỷ lệ, tính đến đồng; "
                    "làm tròn ghi thành một dòng riêng."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.description
