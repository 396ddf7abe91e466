"""How a household is resettled: its need, form, eligibility, and each step of the arrangement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, Law, as_law
from gpmb.fields import MoneyField
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.law.regimes import regime_of
from gpmb.law.rules import floor_on, pick
from gpmb.resettlement import process
from gpmb.resettlement.models.site import Allocation, Plot
from gpmb.tracking import tracked
from gpmb.triggers import append_only, bump_version, touch_projects

POSTING = "RESETTLE_POST"


class ArrangementRefused(ValueError):
    """A move of an arrangement that its table, a rule or what it lacks does not allow."""


@tracked()
class Arrangement(models.Model):
    """Bố trí tái định cư of one case. The form is Case.resettlement_need, the number of plots
    Case.entitled_plots: the law and the map read them there, moves write them there."""

    class Status(models.TextChoices):
        SURVEYED = "surveyed", "Đã khảo sát nhu cầu"
        REGISTERED = "registered", "Đã đăng ký hình thức"
        ELIGIBLE = "eligible", "Đủ điều kiện"
        NOT_ELIGIBLE = "not_eligible", "Không đủ điều kiện"
        POSTED = "posted", "Đang niêm yết phương án bố trí"
        APPROVED = "approved", "Đã duyệt phương án bố trí"
        ALLOCATED = "allocated", "Đã giao đủ lô"
        SETTLED = "settled", "Đã bố trí xong"
        MOVED = "moved", "Đã chuyển đến nơi ở mới"

    class Ground(models.TextChoices):
        RESIDENTIAL = "residential", "Đất ở đủ điều kiện bồi thường"
        HOUSE_ONLY = "house_only", "Nhà ở, không còn chỗ ở nào khác trên địa bàn"
        OTHER_LAND = "other_land", "Đất khác, có nhu cầu và còn quỹ đất"
        STATE_HOUSE = "state_house", "Đang thuê nhà ở thuộc sở hữu nhà nước"

    case = models.OneToOneField(Case, models.PROTECT, related_name="arrangement")
    status = models.CharField("trạng thái", max_length=12, choices=Status, default=Status.SURVEYED)
    ground = models.CharField("điều kiện", max_length=12, choices=Ground, blank=True)
    posted_on = models.DateField("niêm yết ngày", null=True, blank=True)
    approved_on = models.DateField("duyệt ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="quyết định bố trí"
    )
    version = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "phương án bố trí tái định cư"
        verbose_name_plural = "phương án bố trí tái định cư"
        triggers = [
            bump_version(),
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="arrangement_approval_documented",
                condition=~Q(status__in=("approved", "allocated", "settled", "moved"))
                | Q(approved_on__isnull=False, document__isnull=False),
                violation_error_message="Phương án bố trí đã duyệt phải có ngày và quyết định.",
            ),
            models.CheckConstraint(
                name="arrangement_eligibility_has_ground",
                condition=Q(status__in=("surveyed", "registered", "not_eligible")) | ~Q(ground=""),
                violation_error_message="Đủ điều kiện tái định cư phải ghi theo trường hợp nào.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_status_display()}"

    @transaction.atomic
    def move(
        self,
        to: str,
        *,
        on: dt.date,
        by: User | None,
        document: Document | None = None,
        note: str = "",
        form: str = "",
        ground: str = "",
        plots: int | None = None,
        law: Law | None = None,
    ) -> ArrangementEvent:
        """Change the status: lock, check against the table and the rules, log, save.

        `form` goes with the registration, `ground` and `plots` with the eligibility.

        Raises:
            ArrangementRefused: no such move, something missing, posted for too few days.
        """
        self.refresh_from_db(from_queryset=Arrangement.objects.select_for_update())
        case = Case.objects.select_for_update().get(pk=self.case_id)
        law = law or Law.read()
        move = process.find(self.status, to, form or case.resettlement_need)
        if move is None:
            raise ArrangementRefused(
                f"Đang “{self.get_status_display()}”, không chuyển sang "
                f"“{self.Status(to).label}” được."
            )
        self._check(move, on, document, form, ground, law)
        if to == self.Status.REGISTERED and form:
            case.amend(resettlement_need=form, law=law)
        if to == self.Status.ELIGIBLE:
            self.ground = ground
            given = case.resettlement_need in process.GIVEN
            case.entitled_plots = (plots or 1) if given else 0
            case.save(update_fields=["entitled_plots"])
        if to == self.Status.POSTED:
            self.posted_on = on
        if to == self.Status.APPROVED and move.source == self.Status.POSTED:
            self.approved_on, self.document = on, document
        self.status = to
        self.save()
        self.case = case
        if to == self.Status.SETTLED:
            self._record_step(on, by, document or self.document, law)
        return ArrangementEvent.objects.create(
            arrangement=self, status=to, on=on, by=by, document=document, note=note
        )

    def _check(
        self,
        move: process.Move,
        on: dt.date,
        document: Document | None,
        form: str,
        ground: str,
        law: Law,
    ) -> None:
        last = self.events.order_by("-on").values_list("on", flat=True).first()
        if last and on < last:
            raise ArrangementRefused(
                f"Ngày {on:%d/%m/%Y} trước ngày của trạng thái hiện tại ({last:%d/%m/%Y})."
            )
        if move.target == self.Status.REGISTERED and form not in process.ALL:
            raise ArrangementRefused("Chọn hình thức: lô đất, nhà, tự lo hay tại chỗ.")
        if move.target == self.Status.ELIGIBLE and not ground:
            raise ArrangementRefused("Đủ điều kiện phải ghi theo trường hợp nào.")
        if move.needs_document and document is None:
            raise ArrangementRefused(f"“{move.label}” phải có số, ngày quyết định.")
        rule = pick(law.rules, POSTING, self.posted_on) if self.posted_on else None
        if move.source == self.Status.POSTED and rule and self.posted_on:
            first = floor_on(rule, self.posted_on, law.calendar)
            if rule.verified and on < first:
                raise ArrangementRefused(
                    f"Phương án bố trí niêm yết ngày {self.posted_on:%d/%m/%Y} phải "
                    f"{steps.wait_words(rule)} ({rule.article}): sớm nhất {first:%d/%m/%Y}."
                )

    def _record_step(
        self, on: dt.date, by: User | None, document: Document | None, law: Law
    ) -> None:
        """Resettlement is a step of the case; recorded once, whoever recorded it first."""
        log = self.case.log()
        regime = regime_of(self.case.facts(log), on)
        if "resettlement" not in steps.done(regime, as_law(log)):
            self.case.advance("resettlement", on=on, by=by, document=document, law=law)

    # Plots

    @transaction.atomic
    def give(
        self, plot: Plot, *, on: dt.date, by: User | None, document: Document | None
    ) -> Allocation:
        """Allocate a plot; with the last one of the entitlement the arrangement moves on."""
        self.refresh_from_db(from_queryset=Arrangement.objects.select_for_update())
        if self.status != self.Status.APPROVED:
            raise ArrangementRefused(
                "Chỉ giao lô khi phương án bố trí đã duyệt và còn lô được bố trí."
            )
        allocation = plot.allocate(self.case, on=on, document=document)
        held = self.case.allocations.filter(released_on=None).count()
        if held == Case.objects.get(pk=self.case_id).entitled_plots:
            self.move("allocated", on=on, by=by, document=document)
        return allocation

    @transaction.atomic
    def hand_over(
        self, allocation: Allocation, *, on: dt.date, by: User | None, document: Document | None
    ) -> None:
        """Hand a plot over on the ground; the last one settles the arrangement and the case."""
        allocation.hand_over(on=on)
        waiting = self.case.allocations.filter(released_on=None, handed_over_on=None)
        self.refresh_from_db()
        if self.status == self.Status.ALLOCATED and not waiting.exists():
            self.move("settled", on=on, by=by, document=document)

    @transaction.atomic
    def take_back(
        self, allocation: Allocation, *, on: dt.date, by: User | None, reason: str
    ) -> None:
        """Release a plot; the household waits for another one."""
        allocation.release(on=on, reason=reason)
        self.refresh_from_db()
        if self.status == self.Status.ALLOCATED:
            self.move("approved", on=on, by=by, note=reason)


class ArrangementEvent(models.Model):
    """Append-only log of an arrangement's moves."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="events")
    status = models.CharField("trạng thái", max_length=12, choices=Arrangement.Status)
    on = models.DateField("ngày")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người ghi")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "diễn biến bố trí"
        verbose_name_plural = "diễn biến bố trí"
        ordering = ["arrangement", "on", "id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.on:%d/%m/%Y}"


@tracked()
class TemporaryHousing(models.Model):
    """Tạm cư: where a household lives until it has its place, and what is paid for it a month."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="temporary_housing")
    from_on = models.DateField("từ ngày")
    to_on = models.DateField("đến ngày", null=True, blank=True)
    monthly_vnd = MoneyField("tiền một tháng (đồng)")
    place = models.CharField("nơi tạm cư", max_length=200, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )

    class Meta:
        verbose_name = "tạm cư"
        verbose_name_plural = "tạm cư"
        ordering = ["case", "from_on"]
        constraints = [
            models.CheckConstraint(
                name="temporaryhousing_ends_after_start",
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                violation_error_message="Ngày hết tạm cư phải từ ngày bắt đầu trở đi.",
            ),
            models.CheckConstraint(
                name="temporaryhousing_amount_positive",
                condition=Q(monthly_vnd__gt=0),
                violation_error_message="Tiền tạm cư phải lớn hơn 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"tạm cư từ {self.from_on:%d/%m/%Y}"

    def months(self, *, on: dt.date) -> int:
        """Months begun from the first day to the last, or to a day while it lasts."""
        end = min(self.to_on or on, on)
        begun = (end.year - self.from_on.year) * 12 + end.month - self.from_on.month
        return max(0, begun + (1 if end.day >= self.from_on.day else 0))

    def amount_vnd(self, *, on: dt.date) -> Decimal:
        cost: Decimal = self.monthly_vnd * self.months(on=on)
        return cost
