"""Talking with households (vận động, tuyên truyền) and training those who do it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from gpmb.accounts.models import Organisation, Role, User
from gpmb.clearance.models.act import Act
from gpmb.clearance.models.case import Case, CaseQuerySet
from gpmb.clearance.models.decision import Law
from gpmb.clearance.models.event import CaseEvent
from gpmb.clearance.models.project import Project
from gpmb.fields import RefField
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.tracking import tracked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OutreachQuerySet(models.QuerySet["Outreach"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> OutreachQuerySet:
        """Keep what `user` may read: as the case files of the project."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = self if user.cleared else self.filter(project__restricted=False)
        if user.is_administrator or user.role in (Role.FINANCE, Role.LEADER):
            return rows
        if user.role == Role.OFFICER:
            return rows.filter(project__in=Project.objects.assigned_to(user, on=on))
        return self.none()

    def living(self) -> OutreachQuerySet:
        return self.filter(cancelled_at__isnull=True)

    def let_go(self, events: Collection[int], *, reason: str) -> None:
        """Take households off the talks whose steps go by mistake; a talk left empty is cancelled.

        The steps themselves are the caller's to void. History keeps the rows.
        """
        rows = OutreachHousehold.objects.filter(event__in=events)
        talks = list(rows.values_list("outreach", flat=True).distinct())
        rows.delete()
        empty = self.living().filter(pk__in=talks, households__isnull=True)
        empty.update(cancelled_at=Now(), cancel_reason=reason.strip()[:200])


@tracked()
class Outreach(models.Model):
    """One talk: with one household, or a meeting with many.

    The legal persuasion (art. 87.2đ, 87.6, 87.7) is a kind of it: `record` writes the talk and
    what the deadlines read in one transaction.
    """

    class Kind(models.TextChoices):
        EXPLAIN = "explain", "Tuyên truyền, giải thích"
        PERSUADE_INVENTORY = "persuade_inventory", "Vận động, thuyết phục để kiểm đếm"
        PERSUADE_PLAN = "persuade_plan", "Vận động, thuyết phục về phương án"
        PERSUADE_HANDOVER = "persuade_handover", "Vận động, thuyết phục để bàn giao đất"

    class Form(models.TextChoices):
        VISIT = "visit", "Đến nhà"
        MEETING = "meeting", "Họp dân, họp tổ"
        OFFICE = "office", "Mời đến trụ sở"
        PHONE = "phone", "Điện thoại"
        LETTER = "letter", "Gửi văn bản"
        BROADCAST = "broadcast", "Loa, tờ rơi"

    class Participant(models.TextChoices):
        CENTRE = "centre", "Trung tâm Phát triển quỹ đất"
        WARD = "ward", "UBND phường, xã"
        FRONT = "front", "Mặt trận Tổ quốc"
        GROUP = "group", "Tổ dân phố, thôn"
        UNIONS = "unions", "Hội, đoàn thể"
        CITY = "city", "UBND Thành phố, phòng ban"
        INVESTOR = "investor", "Chủ đầu tư"

    ref = RefField()
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="outreach", verbose_name="dự án"
    )
    kind = models.CharField("loại", max_length=20, choices=Kind, default=Kind.EXPLAIN)
    form = models.CharField("hình thức", max_length=10, choices=Form, default=Form.VISIT)
    on = models.DateField("ngày")
    participants = ArrayField(
        models.CharField(max_length=10, choices=Participant), verbose_name="thành phần"
    )
    people = models.CharField("người tham gia", max_length=300, blank=True)
    explained = models.TextField("nội dung đã giải thích")
    next_step = models.CharField("việc tiếp theo", max_length=300, blank=True)
    next_on = models.DateField("hẹn ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="biên bản, văn bản"
    )
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="người ghi"
    )
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    cancelled_at = models.DateTimeField("hủy lúc", null=True, blank=True)
    cancel_reason = models.CharField("lý do hủy", max_length=200, blank=True)

    objects = OutreachQuerySet.as_manager()

    class Meta:
        verbose_name = "cuộc vận động, tuyên truyền"
        verbose_name_plural = "vận động, tuyên truyền"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["project", "-on"], name="outreach_project_on")]
        constraints = [
            models.CheckConstraint(
                name="outreach_persuasion_in_writing",
                condition=Q(kind="explain") | Q(document__isnull=False),
                violation_error_message="Vận động, thuyết phục theo luật phải có văn bản, biên "
                "bản kèm số, ký hiệu.",
            ),
            models.CheckConstraint(
                name="outreach_has_participants",
                condition=~Q(participants=[]),
                violation_error_message="Hãy chọn ít nhất một thành phần đi vận động.",
            ),
            models.CheckConstraint(
                name="outreach_cancel_has_reason",
                condition=Q(cancelled_at__isnull=True) | ~Q(cancel_reason=""),
                violation_error_message="Hủy một cuộc vận động phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"

    @property
    def participant_labels(self) -> list[str]:
        return [str(Outreach.Participant(each).label) for each in self.participants]

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """How many households gave each answer: (value, label, number), those given only."""
        answers = [row.answer for row in self.households.all()]
        return [
            (value, str(label), answers.count(value))
            for value, label in OutreachHousehold.Answer.choices
            if value in answers
        ]

    @classmethod
    @transaction.atomic
    def record(
        cls,
        talk: Outreach,
        answers: Mapping[Case, tuple[str, str]],
        *,
        by: User | None,
        version: int | None = None,
        law: Law | None = None,
    ) -> Outreach:
        """Save a talk with what each household answered: (value of Answer, note).

        A persuasion is recorded in each case too, by `Case.advance` where the law makes it a step
        of its own, else as the act its ten days run from (art. 87.6). All or nothing. `version`
        is that of the one case the form was opened for.

        Raises:
            steps.MoveRefused: a case is not of the project, or the law doesn't allow the step.
        """
        law = law or Law.read()
        talk.recorded_by = by
        talk.save()
        for case, (answer, note) in answers.items():
            if case.project_id != talk.project_id:
                raise steps.MoveRefused(f"Hồ sơ {case.code} không thuộc dự án này.")
            try:
                event, act = talk._tell(case, by=by, version=version, law=law)
            except steps.MoveRefused as refused:
                reason = f"Hồ sơ {case.code}: {refused.reason}"
                raise steps.MoveRefused(reason, refused.first) from refused
            OutreachHousehold.objects.create(
                outreach=talk, case=case, answer=answer, note=note, event=event, act=act
            )
        return talk

    def _tell(
        self, case: Case, *, by: User | None, version: int | None, law: Law
    ) -> tuple[CaseEvent | None, Act | None]:
        """Let the deadlines of a case know of a persuasion: as a step, or as an act."""
        told: dict[str, Any] = {"on": self.on, "by": by, "document": self.document}
        if self.kind in STEP_OF:
            return case.advance(STEP_OF[self.kind], version=version, law=law, **told), None
        if self.kind == self.Kind.PERSUADE_PLAN:
            try:
                return None, case.note_act(Act.Kind.PERSUASION_PLAN, version=version, **told)
            except ValidationError as error:
                raise steps.MoveRefused(" ".join(error.messages)) from error
        return None, None

    @transaction.atomic
    def cancel(self, *, on: dt.date, by: User, reason: str) -> None:
        """Take back a talk recorded by mistake, and what it told the deadlines."""
        if not reason.strip():
            raise steps.MoveRefused("Hủy một cuộc vận động phải ghi lý do.")
        self.cancelled_at, self.cancel_reason = Now(), reason.strip()
        self.save(update_fields=["cancelled_at", "cancel_reason"])
        for row in self.households.select_related("case", "event", "act"):
            if row.event and CaseEvent.objects.living().filter(pk=row.event.pk).exists():
                row.case.void(row.event, on=on, by=by, reason=reason)
            if row.act and row.act.taken_back_on is None:
                row.case.take_back_act(row.act, on=on, reason=reason)


# The persuasions that are steps of a case (gpmb.law.steps).
STEP_OF: dict[str, str] = {
    Outreach.Kind.PERSUADE_INVENTORY: "persuasion_inventory",
    Outreach.Kind.PERSUADE_HANDOVER: "persuasion_handover",
}
KIND_OF_STEP: dict[str, str] = {step: kind for kind, step in STEP_OF.items()}


class OutreachHouseholdQuerySet(models.QuerySet["OutreachHousehold"]):
    def met(self) -> OutreachHouseholdQuerySet:
        """Keep the talks in which someone of the household is known to have been there."""
        return self.exclude(answer__in=("not_met", "unrecorded")).filter(
            outreach__cancelled_at__isnull=True
        )


@tracked()
class OutreachHousehold(models.Model):
    """A household at a talk, and what it answered."""

    class Answer(models.TextChoices):
        AGREES = "agrees", "Đồng ý"
        CONDITION = "condition", "Đồng ý có điều kiện"
        THINKING = "thinking", "Xin suy nghĩ thêm"
        REFUSES = "refuses", "Không đồng ý"
        NOT_MET = "not_met", "Không gặp được"
        UNRECORDED = "unrecorded", "Chưa ghi ý kiến"

    outreach = models.ForeignKey(Outreach, models.CASCADE, related_name="households")
    case = models.ForeignKey(Case, models.PROTECT, related_name="talks", verbose_name="hồ sơ")
    answer = models.CharField("ý kiến của hộ", max_length=10, choices=Answer)
    note = models.CharField("nội dung ý kiến", max_length=300, blank=True)
    event = models.OneToOneField(
        CaseEvent, models.PROTECT, null=True, blank=True, related_name="talk"
    )
    act = models.OneToOneField(Act, models.PROTECT, null=True, blank=True, related_name="talk")

    objects = OutreachHouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "hộ được vận động"
        verbose_name_plural = "hộ được vận động"
        constraints = [
            models.UniqueConstraint(
                fields=["outreach", "case"],
                name="outreach_household_once",
                violation_error_message="Hộ này đã có trong cuộc vận động.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.get_answer_display()}"


def never_met(cases: CaseQuerySet) -> CaseQuerySet:
    """Keep the cases, not yet handed over, whose household nobody has ever met."""
    met = OutreachHousehold.objects.met().filter(case=OuterRef("pk"))
    return cases.exclude(stage=6).filter(~Exists(met))


@tracked()
class Training(models.Model):
    """A training of officials (tập huấn): law, outreach, measuring."""

    ref = RefField()
    on = models.DateField("ngày")
    topic = models.CharField("nội dung", max_length=300)
    organiser = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="đơn vị tổ chức"
    )
    audience = models.CharField("đối tượng", max_length=200, blank=True)
    people_count = models.PositiveSmallIntegerField("số người dự")
    place = models.CharField("địa điểm", max_length=200, blank=True)

    class Meta:
        verbose_name = "lớp tập huấn"
        verbose_name_plural = "lớp tập huấn"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="training_has_people",
                condition=Q(people_count__gt=0),
                violation_error_message="Số người dự phải lớn hơn 0.",
            )
        ]

    def __str__(self) -> str:
        return self.topic
