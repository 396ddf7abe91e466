"""The desk of an officer: letters that wait for an answer, notes, cases passed to a colleague."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.accounts.models import Organisation, Role, User
from gpmb.clearance.models.case import Case
from gpmb.clearance.models.project import Project
from gpmb.clearance.models.taking import Taking
from gpmb.fields import RefField
from gpmb.law.steps import MoveRefused
from gpmb.tracking import tracked
from gpmb.triggers import append_only, bump_version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

NAMED = 5  # how many codes or projects a refusal names before it says "and others"


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> InquiryQuerySet:
        """Keep the letters of the projects `user` works on; leaders, administrators: all.

        The subject may name a household: pages show it where gpmb.access opens the household.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = self if user.cleared else self.filter(project__restricted=False)
        if user.is_administrator or user.role == Role.LEADER:
            return rows
        if user.role == Role.OFFICER:
            return rows.filter(project__in=Project.objects.assigned_to(user, on=on))
        return self.none()

    def open(self, *, on: dt.date) -> InquiryQuerySet:
        """Keep those still waiting on that day."""
        return self.filter(
            Q(replied_on__isnull=True) | Q(replied_on__gt=on),
            Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on),
            sent_on__lte=on,
        )

    def overdue(self, *, on: dt.date) -> InquiryQuerySet:
        return self.open(on=on).filter(due_on__lt=on)


@tracked()
class Inquiry(models.Model):
    """A letter the office sent that waits for another body's answer, which closes it."""

    ref = RefField()
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="inquiries", verbose_name="dự án"
    )
    case = models.ForeignKey(
        Case,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name="hồ sơ",
    )
    to = models.ForeignKey(Organisation, models.PROTECT, verbose_name="gửi cơ quan")
    number = models.CharField("số, ký hiệu", max_length=60)
    sent_on = models.DateField("ngày gửi")
    subject = models.CharField("hỏi về việc", max_length=300)
    due_on = models.DateField("hạn trả lời", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người gửi")
    reply_number = models.CharField("số văn bản trả lời", max_length=60, blank=True)
    replied_on = models.DateField("ngày trả lời", null=True, blank=True)
    reply_note = models.CharField("nội dung trả lời", max_length=300, blank=True)
    withdrawn_on = models.DateField("thôi chờ từ ngày", null=True, blank=True)
    withdrawn_reason = models.CharField("lý do thôi chờ", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "văn bản chờ trả lời"
        verbose_name_plural = "văn bản chờ trả lời"
        ordering = ["sent_on", "pk"]
        indexes = [models.Index(fields=["project", "replied_on"], name="inquiry_project")]
        triggers = [bump_version()]
        constraints = [
            models.UniqueConstraint(
                fields=["to", "number", "sent_on"],
                name="inquiry_once",
                violation_error_message="Văn bản này gửi cơ quan đó đã được ghi.",
            ),
            models.CheckConstraint(
                name="inquiry_due_after_sent",
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("sent_on")),
                violation_error_message="Hạn trả lời không được trước ngày gửi.",
            ),
            models.CheckConstraint(
                name="inquiry_reply_has_number_and_day",
                condition=Q(replied_on__isnull=True, reply_number="")
                | (Q(replied_on__gte=F("sent_on")) & ~Q(reply_number="")),
                violation_error_message=(
                    "Văn bản trả lời phải có số và ngày, không trước ngày gửi."
                ),
            ),
            models.CheckConstraint(
                name="inquiry_withdrawal_has_reason",
                condition=Q(withdrawn_on__isnull=True) | ~Q(withdrawn_reason=""),
                violation_error_message="Thôi chờ trả lời phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="inquiry_ends_once",
                condition=Q(replied_on__isnull=True) | Q(withdrawn_on__isnull=True),
                violation_error_message="Văn bản đã có trả lời thì không ghi thôi chờ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ngày {self.sent_on:%d/%m/%Y}"

    def days_waiting(self, *, on: dt.date) -> int:
        """Days from the sending to the answer, or to `on` while there is none."""
        return ((self.replied_on or self.withdrawn_on or on) - self.sent_on).days

    @transaction.atomic
    def answer(self, number: str, *, on: dt.date, note: str = "") -> None:
        """Close the letter by the reply's number and date.

        Raises:
            MoveRefused: it is closed already, or the reply is older than the letter.
        """
        self._lock_open()
        if on < self.sent_on:
            raise MoveRefused(
                f"Ngày trả lời {on:%d/%m/%Y} trước ngày gửi {self.sent_on:%d/%m/%Y}.",
                "Xem lại ngày ghi trên văn bản trả lời.",
            )
        self.reply_number, self.replied_on, self.reply_note = number, on, note
        self.save(update_fields=["reply_number", "replied_on", "reply_note"])

    @transaction.atomic
    def withdraw(self, *, on: dt.date, reason: str) -> None:
        """Stop waiting: the question fell away. The letter stays in the book with the reason."""
        self._lock_open()
        self.withdrawn_on, self.withdrawn_reason = max(on, self.sent_on), reason
        self.save(update_fields=["withdrawn_on", "withdrawn_reason"])

    def _lock_open(self) -> None:
        now = Inquiry.objects.select_for_update().get(pk=self.pk)
        if now.replied_on:
            raise MoveRefused(
                f"Văn bản này đã có trả lời {now.reply_number} ngày {now.replied_on:%d/%m/%Y}."
            )
        if now.withdrawn_on:
            raise MoveRefused(f"Đã ghi thôi chờ trả lời từ {now.withdrawn_on:%d/%m/%Y}.")


class FieldNoteQuerySet(models.QuerySet["FieldNote"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> FieldNoteQuerySet:
        """Keep the notes of the projects whose households `user` may see."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = self if user.cleared else self.filter(taking__project__restricted=False)
        if user.is_administrator or user.role == Role.FINANCE:
            return rows
        if user.role == Role.OFFICER:
            return rows.filter(taking__project__in=Project.objects.assigned_to(user, on=on))
        return self.none()


class FieldNote(models.Model):
    """What an officer saw or agreed at a parcel on a day. Append-only, like the case's log."""

    taking = models.ForeignKey(Taking, models.PROTECT, related_name="notes")
    on = models.DateField("ngày")
    text = models.TextField("ghi chú", max_length=2000)
    by = models.ForeignKey(User, models.PROTECT, verbose_name="người ghi")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())

    objects = FieldNoteQuerySet.as_manager()

    class Meta:
        verbose_name = "ghi chú hiện trường"
        verbose_name_plural = "ghi chú hiện trường"
        ordering = ["-on", "-recorded_at", "-id"]
        triggers = [append_only()]
        constraints = [
            models.CheckConstraint(
                name="fieldnote_says_something",
                condition=~Q(text=""),
                violation_error_message="Ghi chú không được để trống.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.taking_id} {self.on:%d/%m/%Y}"


class Reassignment(models.Model):
    """Cases passed from one officer to another on a day, for a reason. Append-only.

    Undone by handing back: a new row that names the one it `undoes`.
    """

    ref = RefField()
    giver = models.ForeignKey(
        User, models.PROTECT, related_name="given_cases", verbose_name="cán bộ giao"
    )
    taker = models.ForeignKey(
        User, models.PROTECT, related_name="taken_cases", verbose_name="cán bộ nhận"
    )
    on = models.DateField("ngày chuyển")
    reason = models.CharField("lý do", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người ghi")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    cases = models.ManyToManyField(Case, through="ReassignmentItem", related_name="reassignments")

    class Meta:
        verbose_name = "chuyển hồ sơ giữa cán bộ"
        verbose_name_plural = "chuyển hồ sơ giữa cán bộ"
        ordering = ["-recorded_at", "-id"]
        triggers = [append_only()]
        constraints = [
            models.CheckConstraint(
                name="reassignment_between_two",
                condition=~Q(giver=F("taker")),
                violation_error_message="Cán bộ nhận phải khác cán bộ giao.",
            ),
            models.CheckConstraint(
                name="reassignment_has_reason",
                condition=~Q(reason=""),
                violation_error_message="Chuyển hồ sơ phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker} {self.on:%d/%m/%Y}"

    @classmethod
    @transaction.atomic
    def hand(
        cls,
        cases: Iterable[int],
        *,
        giver: User,
        taker: User,
        on: dt.date,
        reason: str,
        by: User,
        undoes: Reassignment | None = None,
    ) -> Reassignment:
        """Pass the cases with these primary keys on: lock, check, log, save. All or nothing.

        Raises:
            MoveRefused: a case is no longer the giver's, or the taker may not open its project.
        """
        locked = list(Case.objects.select_for_update().filter(pk__in=list(cases)).order_by("pk"))
        _check(locked, giver, taker, on, reason)
        row = cls.objects.create(
            giver=giver, taker=taker, on=on, reason=reason.strip(), by=by, undoes=undoes
        )
        ReassignmentItem.objects.bulk_create(
            ReassignmentItem(reassignment=row, case=case) for case in locked
        )
        Case.objects.filter(pk__in=[case.pk for case in locked]).update(officer=taker)
        return row

    @transaction.atomic
    def hand_back(self, *, on: dt.date, reason: str, by: User) -> Reassignment:
        """Give the cases back; those that went on to somebody else since stay there.

        Raises:
            MoveRefused: it was handed back already, or none of its cases is still there.
        """
        Reassignment.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if Reassignment.objects.filter(undoes=self).exists():
            raise MoveRefused("Lần chuyển này đã được trả lại.")
        still = list(self.cases.filter(officer=self.taker).values_list("pk", flat=True))
        if not still:
            raise MoveRefused(f"Không còn hồ sơ nào của lần chuyển này ở {self.taker}.")
        return Reassignment.hand(
            still, giver=self.taker, taker=self.giver, on=on, reason=reason, by=by, undoes=self
        )


class ReassignmentItem(models.Model):
    """One case of a reassignment."""

    reassignment = models.ForeignKey(Reassignment, models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, models.PROTECT)

    class Meta:
        verbose_name = "hồ sơ được chuyển"
        verbose_name_plural = "hồ sơ được chuyển"
        triggers = [append_only()]
        constraints = [
            models.UniqueConstraint(fields=["reassignment", "case"], name="reassigned_case_once")
        ]

    def __str__(self) -> str:
        return f"{self.reassignment_id}:{self.case_id}"


def _check(cases: list[Case], giver: User, taker: User, on: dt.date, reason: str) -> None:
    if not cases:
        raise MoveRefused("Chưa chọn hồ sơ nào.", "Đánh dấu ít nhất một hồ sơ để chuyển.")
    if not reason.strip():
        raise MoveRefused("Chuyển hồ sơ phải ghi lý do.")
    if giver == taker:
        raise MoveRefused("Cán bộ nhận phải khác cán bộ giao.")
    if taker.role != Role.OFFICER or not taker.is_active:
        raise MoveRefused(f"{taker} không phải cán bộ bồi thường đang làm việc.")
    gone = [case.code for case in cases if case.officer_id != giver.pk]
    if gone:
        raise MoveRefused(
            f"{len(gone)} hồ sơ không còn do {giver} thụ lý: {_named(gone)}.",
            "Tải lại trang để xem danh sách hiện nay rồi chọn lại.",
        )
    opened = set(
        Project.objects.visible_to(taker).assigned_to(taker, on=on).values_list("pk", flat=True)
    )
    closed = Project.objects.filter(pk__in={case.project_id for case in cases} - opened)
    if names := list(closed.values_list("name", flat=True)):
        raise MoveRefused(
            f"{taker} chưa được phân công {len(names)} dự án: {_named(names)}.",
            "Nhờ quản trị phân công dự án cho cán bộ nhận, hoặc bỏ chọn hồ sơ các dự án đó.",
        )


def _named(words: list[str]) -> str:
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" và {more} nữa" if more > 0 else "")
