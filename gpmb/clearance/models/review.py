"""Reviews (giao ban): what is asked of those who decide, what they conclude, what came of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q

from gpmb.accounts.models import Organisation, User
from gpmb.clearance.models.case import Case
from gpmb.clearance.models.project import Project
from gpmb.fields import AreaField, RefField
from gpmb.land.models import Document
from gpmb.tracking import tracked
from gpmb.triggers import append_only, bump_version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ConclusionRefused(ValueError):
    """A review, a question or a conclusion can't take this step; the message says what to do."""


def _public(user: User | AnonymousUser, prefix: str = "") -> Q:
    """Return what `user` may know to exist of rows about a project, or about the whole city."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    if user.cleared:
        return Q()
    return Q(**{f"{prefix}project__isnull": True}) | Q(**{f"{prefix}project__restricted": False})


class ReviewQuerySet(models.QuerySet["Review"]):
    def before(self, on: dt.date | models.OuterRef) -> ReviewQuerySet:
        """Keep the reviews held before a day, the latest first."""
        return self.filter(on__lt=on).order_by("-on")


@tracked()
class Review(models.Model):
    """A review meeting (giao ban); its figures and directives are followed to the end.

    An officer prepares it, a leader concludes it; the conclusion notice is its `document`.
    """

    class Kind(models.TextChoices):
        PERIODIC = "periodic", "Giao ban định kỳ"
        THEMATIC = "thematic", "Hội nghị chuyên đề"

    ref = RefField()
    on = models.DateField(
        "ngày họp",
        unique=True,
        error_messages={"unique": "Đã có cuộc họp vào ngày này."},
    )
    kind = models.CharField("loại", max_length=10, choices=Kind, default=Kind.PERIODIC)
    title = models.CharField("tên cuộc họp", max_length=200)
    chair = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người chủ trì, kết luận",
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="thông báo kết luận"
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "giao ban"
        verbose_name_plural = "giao ban"
        ordering = ["-on"]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def issue(self, *, document: Document, by: User, on: dt.date) -> None:
        """Say by which notice the conclusions went out; from then on no conclusion is added.

        Raises:
            ConclusionRefused: already issued, not held yet, or signed before the meeting.
        """
        self.refresh_from_db(from_queryset=Review.objects.select_for_update())
        if self.document_id is not None:
            raise ConclusionRefused("Thông báo kết luận của cuộc họp này đã ban hành.")
        if self.on > on:
            raise ConclusionRefused(f"Cuộc họp ngày {self.on:%d/%m/%Y} chưa diễn ra.")
        if document.signed_on < self.on:
            raise ConclusionRefused("Thông báo kết luận không thể ký trước ngày họp.")
        self.document, self.chair = document, by
        self.save(update_fields=["document", "chair"])

    def check_open(self) -> None:
        """Raise ConclusionRefused once the notice is out: conclude at the next review."""
        if self.document_id is not None:
            raise ConclusionRefused(
                "Thông báo kết luận đã ban hành: hãy ghi kết luận mới vào cuộc họp sau."
            )


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User | AnonymousUser) -> QuestionQuerySet:
        return self.filter(_public(user))

    def waiting(self, *, on: dt.date) -> QuestionQuerySet:
        """Keep what was asked by a day and not decided yet."""
        return self.filter(asked_on__lte=on).filter(
            Q(decided_on__isnull=True) | Q(decided_on__gt=on)
        )


@tracked()
class Question(models.Model):
    """Nội dung xin ý kiến: what an officer asks of those who decide, with its options.

    `households` and `area_m2` are what waits for the answer, as stated on the day it was asked.
    """

    class Level(models.TextChoices):
        CITY = "city", "Thành phố"
        PROVINCE = "province", "Tỉnh"
        CENTRE = "centre", "Trung ương"

    ref = RefField()
    title = models.CharField("nội dung xin ý kiến", max_length=250)
    background = models.TextField("tình hình, căn cứ", blank=True)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name="dự án",
    )
    level = models.CharField("cấp quyết định", max_length=10, choices=Level, default=Level.CITY)
    asked_on = models.DateField("ngày trình")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lập")
    owner = models.ForeignKey(Organisation, models.PROTECT, verbose_name="cơ quan trình")
    needed_on = models.DateField("cần có ý kiến trước ngày")
    households = models.PositiveIntegerField("số hộ đang chờ", null=True, blank=True)
    area_m2 = AreaField("diện tích đang chờ (m²)", null=True, blank=True)
    decided_on = models.DateField("có ý kiến ngày", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người cho ý kiến",
    )
    review = models.ForeignKey(
        Review,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name="giao ban",
    )
    decision = models.TextField("ý kiến", blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "nội dung xin ý kiến"
        verbose_name_plural = "nội dung xin ý kiến"
        ordering = ["needed_on", "id"]
        triggers = [bump_version()]
        constraints = [
            models.CheckConstraint(
                name="question_needed_after_asked",
                condition=Q(needed_on__gte=F("asked_on")),
                violation_error_message="Ngày cần có ý kiến không được trước ngày trình.",
            ),
            models.CheckConstraint(
                name="question_decided_in_words",
                condition=Q(decided_on__isnull=True, decided_by__isnull=True, decision="")
                | (Q(decided_on__gte=F("asked_on"), decided_by__isnull=False) & ~Q(decision="")),
                violation_error_message=(
                    "Ý kiến phải có ngày (từ ngày trình trở đi), người cho ý kiến và nội dung."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def late(self, *, on: dt.date) -> bool:
        """Whether an answer was needed before a day and hasn't come."""
        return self.decided_on is None and self.needed_on < on

    @transaction.atomic
    def decide(
        self,
        *,
        on: dt.date,
        by: User,
        decision: str = "",
        option: QuestionOption | None = None,
        review: Review | None = None,
    ) -> None:
        """Answer the question by one of its options, in words, or both.

        Raises:
            ConclusionRefused: answered before, nothing said, or an option of another question.
        """
        self.refresh_from_db(from_queryset=Question.objects.select_for_update())
        if self.decided_on is not None:
            raise ConclusionRefused("Nội dung này đã có ý kiến.")
        if option is not None and option.question_id != self.pk:
            raise ConclusionRefused("Phương án này không thuộc nội dung xin ý kiến.")
        words = decision.strip()
        if option is None and not words:
            raise ConclusionRefused("Hãy chọn một phương án hoặc ghi ý kiến.")
        if on < self.asked_on:
            raise ConclusionRefused("Ngày có ý kiến không được trước ngày trình.")
        if option is not None:
            option.chosen = True
            option.save(update_fields=["chosen"])
            words = f"Chọn phương án {option.order}. {words}".strip()
        self.decided_on, self.decided_by = on, by
        self.decision, self.review = words, review
        self.save(update_fields=["decided_on", "decided_by", "decision", "review"])


@tracked()
class QuestionOption(models.Model):
    """One way to answer a question, and what it would bring."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField("phương án")
    text = models.TextField("nội dung")
    effect = models.CharField("hệ quả", max_length=300, blank=True)
    proposed = models.BooleanField("cơ quan trình đề xuất", default=False)
    chosen = models.BooleanField("được chọn", default=False)

    class Meta:
        verbose_name = "phương án"
        verbose_name_plural = "phương án"
        ordering = ["question", "order"]
        constraints = [
            models.UniqueConstraint(fields=["question", "order"], name="option_order_once"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(chosen=True), name="option_one_chosen"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class DirectiveQuerySet(models.QuerySet["Directive"]):
    def visible_to(self, user: User | AnonymousUser) -> DirectiveQuerySet:
        return self.filter(_public(user))

    def given(self, *, on: dt.date) -> DirectiveQuerySet:
        return self.filter(review__on__lte=on)

    def open(self, *, on: dt.date) -> DirectiveQuerySet:
        return self.given(on=on).filter(Q(done_on__isnull=True) | Q(done_on__gt=on))

    def done(self, *, on: dt.date) -> DirectiveQuerySet:
        return self.given(on=on).filter(done_on__lte=on)

    def late(self, *, on: dt.date) -> DirectiveQuerySet:
        return self.open(on=on).filter(due_on__lt=on)


@tracked()
class Directive(models.Model):
    """A conclusion of a review with an owner and a date: "làm đến đâu dứt điểm đến đó"."""

    ref = RefField()
    review = models.ForeignKey(Review, models.CASCADE, related_name="directives")
    question = models.ForeignKey(
        Question,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="directives",
        verbose_name="nội dung xin ý kiến",
    )
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True)
    text = models.TextField("nội dung")
    owner = models.ForeignKey(Organisation, models.PROTECT, verbose_name="cơ quan thực hiện")
    owner_user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="người thực hiện"
    )
    due_on = models.DateField("hạn")
    done_on = models.DateField("hoàn thành ngày", null=True, blank=True)
    result = models.TextField("kết quả", blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = DirectiveQuerySet.as_manager()

    class Meta:
        verbose_name = "kết luận chỉ đạo"
        verbose_name_plural = "kết luận chỉ đạo"
        ordering = ["due_on"]
        triggers = [bump_version()]
        constraints = [
            models.CheckConstraint(
                name="directive_done_has_result",
                condition=Q(done_on__isnull=True) | ~Q(result=""),
                violation_error_message="Hoàn thành một kết luận phải ghi kết quả.",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def days_late(self, *, on: dt.date) -> int:
        """Return the days past the due day, until done; 0 when in time."""
        return max(0, ((self.done_on or on) - self.due_on).days)

    @transaction.atomic
    def finish(self, *, on: dt.date, by: User, result: str) -> None:
        """Record that the conclusion is carried out, and with what result.

        Raises:
            ConclusionRefused: finished before, no result, or a day before the review.
        """
        self.refresh_from_db(from_queryset=Directive.objects.select_for_update())
        if self.done_on is not None:
            raise ConclusionRefused("Kết luận này đã ghi hoàn thành.")
        if not result.strip():
            raise ConclusionRefused("Hãy ghi kết quả thực hiện.")
        if on < self.review.on:
            raise ConclusionRefused("Ngày hoàn thành không được trước ngày họp.")
        self.done_on, self.result = on, result.strip()
        self.save(update_fields=["done_on", "result"])
        DirectiveNote.objects.create(directive=self, on=on, by=by, text=self.result)


class DirectiveNote(models.Model):
    """How far a conclusion has come, as reported on a day. Append-only."""

    directive = models.ForeignKey(Directive, models.CASCADE, related_name="notes")
    on = models.DateField("ngày")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người ghi")
    text = models.TextField("tiến độ")

    class Meta:
        verbose_name = "tiến độ thực hiện kết luận"
        verbose_name_plural = "tiến độ thực hiện kết luận"
        ordering = ["on", "id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.text[:80]
