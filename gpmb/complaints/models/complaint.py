"""Petitions, complaints, denunciations and lawsuits, and what happened to each.

Answered, carried out and settled are three things: a decision; what it orders done; and six
months without the matter coming back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from gpmb.accounts.models import Role, User
from gpmb.clearance.models import Case, Project, Taking
from gpmb.complaints import process
from gpmb.complaints.models.links import ComplaintCase, ComplaintParcel, ComplaintParty
from gpmb.fields import LegalPointField, RefField
from gpmb.land.models import Document, Parcel, Party
from gpmb.law import complaints as law
from gpmb.law import steps
from gpmb.law.calendar import Suspension
from gpmb.reference.models import Holiday, RemoteUnit, Rule
from gpmb.tracking import tracked
from gpmb.triggers import append_only, bump_version, touch_projects

SETTLED_MONTHS = 6

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.gis.geos import Point


class MoveRefusedError(ValueError):
    """A status move the table or the facts don't allow; the message says why and what to do."""


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> ComplaintQuerySet:
        """Petition officers see all; a case's officers see theirs; denunciations: petitions only.

        Everyone else sees counts by hexagon and by kind, never a row.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = (
            self
            if user.cleared
            else self.filter(Q(project__isnull=True) | Q(project__restricted=False))
        )
        if user.role == Role.PETITIONS:
            return rows
        if user.role == Role.OFFICER:
            return rows.exclude(kind="denunciation").filter(
                confidential=False,
                project__in=Project.objects.assigned_to(user, on=on),
            )
        return self.none()

    def open(self, *, on: dt.date) -> ComplaintQuerySet:
        return self.filter(received_on__lte=on).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on)
        )

    def overdue(self, *, on: dt.date) -> ComplaintQuerySet:
        """Keep the open ones whose answer is past its legal day."""
        unanswered = Q(answered_on__isnull=True) | Q(answered_on__gt=on)
        return self.open(on=on).filter(unanswered, due_on__lt=on)

    def answered(self, *, on: dt.date) -> ComplaintQuerySet:
        return self.filter(answered_on__lte=on)

    def carried_out(self, *, on: dt.date) -> ComplaintQuerySet:
        return self.answered(on=on).filter(implemented_on__lte=on)

    def settled(self, *, on: dt.date) -> ComplaintQuerySet:
        """Keep what is over: decision in force, carried out, no repeat for six months since."""
        since = months_before(on, SETTLED_MONTHS)
        again = Complaint.objects.filter(
            repeats=models.OuterRef("pk"),
            received_on__gt=models.OuterRef("answered_on"),
            received_on__lte=on,
        )
        # A paper that tells no day of its effect is in force from its signing.
        signed = Q(document__effective_on__isnull=True, document__signed_on__lte=on)
        in_force = Q(document__effective_on__lte=on) | signed
        return (
            self.carried_out(on=on)
            .filter(in_force, implemented_on__lte=since)
            .exclude(models.Exists(again))
        )

    def collective(self) -> ComplaintQuerySet:
        return self.filter(people_count__gte=COLLECTIVE_PEOPLE)

    def counted(self) -> ComplaintQuerySet:
        """Keep what a hotspot may count: no denunciation, one row a matter."""
        return self.exclude(kind="denunciation").filter(repeats__isnull=True)

    def with_land(self, user: User) -> ComplaintQuerySet:
        """Fetch the cases and parcels that `case_codes` and `parcel_numbers` tell to this user."""
        parcels = ComplaintParcel.objects.select_related("parcel__unit")
        if not user.cleared:
            parcels = parcels.filter(parcel__restricted=False)
        return self.prefetch_related(
            models.Prefetch(
                "complaint_cases", ComplaintCase.objects.select_related("case").order_by("pk")
            ),
            models.Prefetch("complaint_parcels", parcels.order_by("pk")),
            "complaint_parcels__parcel__numbers",
        )

    def about(self, taking: Taking) -> ComplaintQuerySet:
        """Keep the letters that name a taking's case, or its parcel in the same project."""
        by_case = ComplaintCase.objects.filter(case=taking.case_id)
        by_parcel = ComplaintParcel.objects.filter(parcel=taking.parcel_id)
        return self.filter(project=taking.project_id).filter(
            Q(pk__in=by_case.values("complaint")) | Q(pk__in=by_parcel.values("complaint"))
        )

    def about_case(self, code: str) -> ComplaintQuerySet:
        """Keep the letters that name a case whose code holds a text."""
        links = ComplaintCase.objects.filter(case__code__icontains=code)
        return self.filter(pk__in=links.values("complaint"))


# Decree 124/2020 art. 6 counts representatives from five people on.
COLLECTIVE_PEOPLE = 5


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day some months earlier, the month's 28th at most."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, 28))


@tracked()
class Complaint(models.Model):
    """Đơn thư. A denunciation is a serial number, dates and status, nothing else.

    `repeats` points to the first letter on the same matter: a matter counts once.
    """

    class Kind(models.TextChoices):
        PETITION = "petition", "Kiến nghị, phản ánh"
        COMPLAINT = "complaint", "Khiếu nại"
        DENUNCIATION = "denunciation", "Tố cáo"
        LAWSUIT = "lawsuit", "Khởi kiện"

    class Channel(models.TextChoices):
        RECEPTION = "reception", "Tiếp công dân"
        POST = "post", "Bưu điện"
        ONLINE = "online", "Cổng dịch vụ công"
        FORWARDED = "forwarded", "Cơ quan khác chuyển đến"
        POSTING = "posting", "Trong thời gian niêm yết"

    class Topic(models.TextChoices):
        PRICE = "price", "Đơn giá bồi thường"
        AREA = "area", "Diện tích, ranh giới"
        ORIGIN = "origin", "Nguồn gốc, loại đất"
        OWNER = "owner", "Chủ sử dụng"
        ASSET = "asset", "Thiếu tài sản, cây cối"
        RESETTLEMENT = "resettlement", "Tái định cư"
        SUPPORT = "support", "Hỗ trợ"
        PROCEDURE = "procedure", "Trình tự, thủ tục"
        OTHER = "other", "Khác"

    class Status(models.TextChoices):
        RECEIVED = "received", "Đã tiếp nhận"
        CLASSIFIED = "classified", "Đã phân loại"
        FORWARDED = "forwarded", "Đã chuyển đơn"
        RETURNED = "returned", "Trả lại, hướng dẫn"
        NOT_ACCEPTED = "not_accepted", "Không thụ lý"
        ACCEPTED = "accepted", "Đã thụ lý"
        VERIFYING = "verifying", "Đang xác minh"
        DIALOGUE = "dialogue", "Đối thoại"
        DECIDED = "decided", "Đã trả lời, có quyết định"
        IMPLEMENTED = "implemented", "Đã thực hiện quyết định"
        CLOSED = "closed", "Kết thúc"
        WITHDRAWN = "withdrawn", "Rút đơn"
        SUSPENDED = "suspended", "Tạm đình chỉ"

    class Result(models.TextChoices):
        RIGHT = "right", "Đúng"
        PARTLY = "partly", "Đúng một phần"
        WRONG = "wrong", "Sai"

    ref = RefField()
    serial = models.CharField("số tiếp nhận", max_length=30, unique=True)
    kind = models.CharField("loại đơn", max_length=15, choices=Kind)
    received_on = models.DateField("ngày nhận")
    channel = models.CharField("hình thức", max_length=12, choices=Channel, blank=True)
    people_count = models.PositiveIntegerField("số người", default=1)
    topic = models.CharField("nội dung", max_length=15, choices=Topic, blank=True)
    level = models.PositiveSmallIntegerField("lần giải quyết", default=1)
    target = models.CharField("quyết định, hành vi bị khiếu nại", max_length=200, blank=True)
    target_step = models.CharField(
        "bước bị khiếu nại", max_length=30, choices=steps.choices()[1:], blank=True
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    cases = models.ManyToManyField(Case, through=ComplaintCase, related_name="complaints")
    parcels = models.ManyToManyField(Parcel, through=ComplaintParcel, related_name="complaints")
    location = LegalPointField("vị trí", null=True, blank=True)
    confidential = models.BooleanField("bảo mật", default=False)
    content = models.TextField("tóm tắt", blank=True)
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeated_by"
    )
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="cán bộ thụ lý"
    )
    status = models.CharField("trạng thái", max_length=15, choices=Status, default=Status.RECEIVED)
    accepted_on = models.DateField("ngày thụ lý", null=True, blank=True)
    due_on = models.DateField("hạn giải quyết", null=True, blank=True)
    answered_on = models.DateField("ngày trả lời", null=True, blank=True)
    implemented_on = models.DateField("ngày thực hiện xong", null=True, blank=True)
    closed_on = models.DateField("ngày kết thúc", null=True, blank=True)
    result = models.CharField("kết quả", max_length=10, choices=Result, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="quyết định giải quyết"
    )
    is_complex = models.BooleanField("vụ việc phức tạp", default=False)
    extensions = models.PositiveSmallIntegerField("số lần gia hạn", default=0)
    parties = models.ManyToManyField(Party, through=ComplaintParty, related_name="complaints")
    version = models.IntegerField(default=0, editable=False)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "đơn thư"
        verbose_name_plural = "đơn thư"
        ordering = ["-received_on", "-id"]
        indexes = [
            GistIndex(fields=["location"], name="complaint_location"),
            models.Index(fields=["received_on"], name="complaint_received_on"),
        ]
        triggers = [
            bump_version(),
            *touch_projects("SELECT project_id FROM {rows} WHERE project_id IS NOT NULL"),
            pgtrigger.Trigger(
                name="denunciation_forgets",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__kind="denunciation"),
                func="""
                    IF EXISTS (SELECT FROM complaints_complaintparty WHERE complaint_id = NEW.id)
                    OR EXISTS (SELECT FROM complaints_complaintparcel WHERE complaint_id = NEW.id)
                    THEN
                        RAISE EXCEPTION 'a denunciation has no petitioner and no land on record'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="complaint_denunciation_holds_nothing",
                condition=~Q(kind="denunciation")
                | Q(
                    project__isnull=True,
                    location__isnull=True,
                    repeats__isnull=True,
                    content="",
                    target="",
                    target_step="",
                    topic="",
                    channel="",
                    people_count=1,
                ),
                violation_error_message=(
                    "Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái; không lưu người, nội dung, "
                    "thửa đất, hồ sơ."
                ),
            ),
            models.CheckConstraint(
                name="complaint_people_positive",
                condition=Q(people_count__gte=1),
                violation_error_message="Số người phải từ 1.",
            ),
            # Its cases refer to (id, project): they are of the letter's project, and a
            # denunciation, which has none, can't have any.
            models.UniqueConstraint(fields=["id", "project"], name="complaint_id_project"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def collective(self) -> bool:
        """5 people or more with one content (Decree 124/2020 art. 6 counts from 5)."""
        return self.people_count >= COLLECTIVE_PEOPLE

    @property
    def most_representatives(self) -> int:
        """How many people may speak for the others: 2 up to ten people, 5 from eleven."""
        if not self.collective:
            return 1
        return 2 if self.people_count <= 10 else 5

    @property
    def case_codes(self) -> list[str]:
        """The cases it is about, the first named first; fetched by `with_land`."""
        return [link.case.code for link in self.complaint_cases.all()]

    @property
    def parcel_numbers(self) -> list[str]:
        """The parcels it is about ("5/85"), the first named first; fetched by `with_land`."""
        return [link.number for link in self.complaint_parcels.all()]

    def settled(self, *, on: dt.date) -> bool:
        return Complaint.objects.settled(on=on).filter(pk=self.pk).exists()

    # Clocks

    def law_kind(self) -> law.Kind | None:
        """Which clocks run; a petition and a lawsuit have none in the rule rows."""
        if self.kind == self.Kind.DENUNCIATION:
            return law.Kind.DENUNCIATION
        if self.kind == self.Kind.COMPLAINT:
            return law.Kind.COMPLAINT_2 if self.level > 1 else law.Kind.COMPLAINT
        return None

    def clocks(self) -> list[law.ComplaintClock]:
        """Return the acceptance and settlement clocks by the rules of their own days."""
        kind = self.law_kind()
        if kind is None:
            return []
        events = list(self.events.order_by("on", "recorded_at", "id"))
        return law.clocks(
            kind,
            self._clock_start(events),
            Rule.objects.as_law(),
            Holiday.objects.as_law(),
            accepted_on=self.accepted_on,
            settled_on=self.answered_on,
            is_complex=self.is_complex,
            remote=self._remote(),
            extensions=self.extensions,
            suspensions=_suspensions(events),
        )

    def _clock_start(self, events: list[ComplaintEvent]) -> dt.date:
        """The day it came; at the second level, the day the second complaint was taken in."""
        again = [event.on for event in events if event.status == self.Status.ACCEPTED]
        return again[-1] if self.level > 1 and again else self.received_on

    def _remote(self) -> bool:
        """Whether any of the land it is about lies in a unit that was remote that day."""
        land = (
            self.complaint_parcels.all(),
            Taking.objects.filter(case__complaint_cases__complaint=self),
        )
        units = {
            code for rows in land for code in rows.values_list("parcel__unit__code", flat=True)
        }
        remote = RemoteUnit.objects.valid(self.received_on)
        return bool(remote.filter(unit_code__in=units).exists())

    # Moves

    @transaction.atomic
    def move(
        self,
        to: str,
        *,
        on: dt.date,
        by: User | None,
        document: Document | None = None,
        result: str = "",
        note: str = "",
    ) -> ComplaintEvent:
        """Change the status: lock, check against the table, log, save.

        Raises:
            MoveRefusedError: no such move, a missing paper, result or reason, a day before the
                last one; nothing is written.
        """
        self.refresh_from_db(from_queryset=Complaint.objects.select_for_update())
        step = process.find(self.status, self.kind, to)
        last = self.events.order_by("-on").values_list("on", flat=True).first()
        self._check(step, to, on, last or self.received_on, document, result, note)
        assert step is not None  # noqa: S101  (checked just above)
        event = ComplaintEvent.objects.create(
            complaint=self, status=to, on=on, by=by, document=document, note=note
        )
        self._take_over(step, on, document, result)
        self.status = to
        self._set_due()
        self.save()
        return event

    @transaction.atomic
    def handle(self, *, officer: User | None, is_complex: bool, extensions: int) -> None:
        """Assign the letter and say what lengthens its clock."""
        self.refresh_from_db(from_queryset=Complaint.objects.select_for_update())
        self.officer, self.is_complex, self.extensions = officer, is_complex, extensions
        self._set_due()
        self.save()

    def _set_due(self) -> None:
        due = [clock.due_on for clock in self.clocks() if clock.what == "Giải quyết"]
        if due or self.law_kind():
            self.due_on = due[0] if due else None

    def _check(
        self,
        step: process.Move | None,
        to: str,
        on: dt.date,
        last: dt.date,
        document: Document | None,
        result: str,
        note: str,
    ) -> None:
        if step is None:
            allowed = ", ".join(m.label for m in process.moves_from(self.status, self.kind))
            raise MoveRefusedError(
                f"Đơn đang ở trạng thái “{self.get_status_display()}”, không chuyển thẳng sang "
                f"“{self.Status(to).label}” được. Có thể: {allowed or 'không còn việc'}."
            )
        if on < last:
            raise MoveRefusedError(
                f"Ngày {on:%d/%m/%Y} trước ngày của trạng thái hiện tại ({last:%d/%m/%Y})."
            )
        # Of a denunciation nothing is kept but its number, dates and status.
        if self.kind == self.Kind.DENUNCIATION:
            if document or result or note:
                raise MoveRefusedError(
                    "Tố cáo chỉ lưu số, ngày và trạng thái: không ghi văn bản, kết quả, ghi chú."
                )
            return
        if step.needs_document and document is None:
            raise MoveRefusedError(f"“{step.label}” phải có số, ngày văn bản.")
        if step.needs_result and not result:
            raise MoveRefusedError(f"“{step.label}” phải ghi kết quả: đúng, đúng một phần, sai.")
        if step.needs_note and not note.strip():
            raise MoveRefusedError(f"“{step.label}” phải ghi lý do.")

    def _take_over(
        self, step: process.Move, on: dt.date, document: Document | None, result: str
    ) -> None:
        """Repeat in the row what the log says, for fast questions."""
        if step.reopens:
            self.answered_on = self.implemented_on = self.closed_on = None
            self.document, self.result = None, ""
            if step.source == "decided" and step.target == "accepted":
                self.level += 1
        if step.target == "accepted":
            self.accepted_on = on
        elif step.target == "decided":
            self.answered_on, self.document, self.result = on, document, result
        elif step.target == "implemented":
            self.implemented_on = on
        if step.target in process.ENDED:
            self.closed_on = on

    @transaction.atomic
    def concern(
        self,
        *,
        project: Project | None,
        cases: Iterable[Case],
        parcels: Iterable[Parcel],
        location: Point | None,
    ) -> None:
        """Say which land the letter is about; what it no longer names is let go, in history.

        Raises:
            MoveRefusedError: a denunciation keeps no land; nothing is written.
        """
        if self.kind == self.Kind.DENUNCIATION:
            raise MoveRefusedError("Tố cáo không ghi dự án, hồ sơ, thửa đất, vị trí.")
        self.refresh_from_db(from_queryset=Complaint.objects.select_for_update())
        cases, parcels = list(cases), list(parcels)
        self.complaint_cases.exclude(case__in=cases).delete()
        self.complaint_parcels.exclude(parcel__in=parcels).delete()
        self.name_land(cases, parcels)
        self.project, self.location = project, location
        self._set_due()
        self.version += 1  # an undo of the import that made the letter sees that it was touched
        self.save()

    def name_land(self, cases: Iterable[Case], parcels: Iterable[Parcel]) -> None:
        """Link the cases, all of the letter's project, and the parcels not linked yet."""
        have = set(self.complaint_cases.values_list("case", flat=True))
        ComplaintCase.objects.bulk_create(
            ComplaintCase(complaint=self, case=case, project_id=case.project_id)
            for case in cases
            if case.pk not in have
        )
        have = set(self.complaint_parcels.values_list("parcel", flat=True))
        ComplaintParcel.objects.bulk_create(
            ComplaintParcel(complaint=self, parcel=parcel)
            for parcel in parcels
            if parcel.pk not in have
        )

    @transaction.atomic
    def join(self, first: Complaint) -> None:
        """Say that this letter is about the matter of `first`: the matter counts once."""
        first = first.repeats or first
        if first.pk == self.pk:
            raise MoveRefusedError("Một đơn không thể gộp vào chính nó.")
        if Complaint.Kind.DENUNCIATION in (self.kind, first.kind):
            raise MoveRefusedError("Tố cáo không gộp với đơn khác.")
        if (first.received_on, first.pk) > (self.received_on, self.pk):
            raise MoveRefusedError("Hãy gộp đơn đến sau vào đơn đến trước.")
        self.repeated_by.update(repeats=first)
        self.repeats = first
        self.save(update_fields=["repeats"])


def _suspensions(events: list[ComplaintEvent]) -> list[Suspension]:
    """Return the times a clock stood still, from the log."""
    found = []
    for event, after in pairwise([*events, None]):
        if event and event.status == Complaint.Status.SUSPENDED:
            reason = event.note or "tạm đình chỉ"
            found.append(Suspension(event.on, after.on if after else None, reason))
    return found


class ComplaintEvent(models.Model):
    """Append-only log of a complaint's status moves."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="events")
    status = models.CharField("trạng thái", max_length=15, choices=Complaint.Status)
    on = models.DateField("ngày")
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "diễn biến đơn thư"
        verbose_name_plural = "diễn biến đơn thư"
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.on:%d/%m/%Y}"
