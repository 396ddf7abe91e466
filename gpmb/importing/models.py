"""Every import is a row: what file, by whom, with which answers, what it did."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from gpmb.accounts.models import Organisation, Role, User
from gpmb.clearance.models import Project
from gpmb.fields import AreaField, RefField
from gpmb.importing.findings import Report
from gpmb.tracking import tracked

KEPT_DAYS = 7
STALLED_SECONDS = 60
"""Work that has not been heard of for so long has stopped."""


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: User, *, on: dt.date) -> ImportRunQuerySet:
        """Keep the runs of the projects an officer works on; petitions for their officer.

        Tables of the whole city (`OF_THE_CITY`): those one brought in; all of them for the
        administrator, and the procedures of the projects he may know. One that touched a
        restricted project is for the cleared alone.
        """
        if not user.is_active:
            return self.none()
        role = Role.ADMINISTRATOR if user.is_administrator else Role(user.role)
        city = Q(kind__in=OF_THE_CITY.get(role, ()))
        if not user.cleared:
            city &= Q(options__restricted=False)
        if user.is_administrator:
            procedures = Q(kind=ImportRun.Kind.READINESS)
            known = Q(project__in=Project.objects.visible_to(user))
            return self.filter(city | (procedures & known))
        if user.role == Role.PETITIONS:
            return self.filter(kind=ImportRun.Kind.COMPLAINTS)
        if user.role == Role.OFFICER:
            projects = Project.objects.assigned_to(user, on=on)
            if not user.cleared:
                projects = projects.filter(restricted=False)
            return self.filter(Q(project__in=projects) | (city & Q(by=user)))
        return self.filter(city, by=user)


@tracked()
class ImportRun(models.Model):
    """One run of an import, applied or not; its report reconciles: read = saved + refused."""

    class Kind(models.TextChoices):
        PARCELS = "parcels", "Thửa đất từ tệp bản đồ"
        BOUNDARIES = "boundaries", "Địa giới hành chính"
        WORKBOOK = "workbook", "Danh sách Excel"
        COMPLAINTS = "complaints", "Đơn thư từ Excel"
        TAKINGS = "takings", "Phần thu hồi từ Excel"
        TARGETS = "targets", "Chỉ tiêu kế hoạch từ Excel"
        OBSTACLES = "obstacles", "Vướng mắc từ Excel"
        PAYMENTS = "payments", "Đề nghị chi trả từ Excel"
        PLAN_ITEMS = "plan_items", "Khoản của phương án từ Excel"
        OUTREACH = "outreach", "Vận động từ Excel"
        INQUIRIES = "inquiries", "Văn bản chờ trả lời từ Excel"
        PLOTS = "plots", "Lô tái định cư từ Excel"
        ARRANGEMENTS = "arrangements", "Bố trí tái định cư từ Excel"
        HOUSING = "housing", "Tạm cư từ Excel"
        ALLOCATIONS = "allocations", "Giao lô tái định cư từ Excel"
        INVITATIONS = "invitations", "Mời nhận tiền từ Excel"
        PRICES = "prices", "Đơn giá từ Excel"
        DRAWS = "draws", "Kết quả bốc thăm từ Excel"
        SERVICES = "services", "Giao văn bản từ Excel"
        READINESS = "readiness", "Thủ tục của dự án từ Excel"
        TRAININGS = "trainings", "Lớp tập huấn từ Excel"
        FUNDING = "funding", "Kinh phí từ Excel"
        DIRECTIVES = "directives", "Kết luận giao ban từ Excel"
        PROGRESS = "progress", "Tiến độ thực hiện kết luận từ Excel"
        PROJECTS = "projects", "Danh mục dự án từ Excel"
        PLAN_ENTRIES = "plan_entries", "Dự án trong kế hoạch từ Excel"

    ref = RefField()
    kind = models.CharField("loại", max_length=12, choices=Kind)
    file_name = models.CharField("tệp", max_length=250)
    sha256 = models.CharField("mã băm", max_length=64, blank=True)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    options = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    applied = models.BooleanField("đã ghi", default=False)
    undone_at = models.DateTimeField("hoàn tác lúc", null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undo_report = models.JSONField(default=dict, blank=True)
    """Rows taken back, and those left with the reason: {"undone": n, "kept": [[row, why]]}."""

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "lần nhập liệu"
        verbose_name_plural = "lần nhập liệu"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name} · {self.started_at:%d/%m/%Y %H:%M}"

    @property
    def can_be_undone(self) -> bool:
        return self.applied and self.undone_at is None and self.kind != ImportRun.Kind.BOUNDARIES

    def finish(self, report: Report) -> None:
        """Keep what the run came to, and tell the report which run it is."""
        self.applied, self.report, self.finished_at = (
            report.applied,
            report.as_json(),
            timezone.now(),
        )
        report.run_id = self.pk if self.applied else None
        self.save(update_fields=["applied", "report", "finished_at"])

    @property
    def row_name(self) -> str:
        """What the rows of the run are about, as a heading."""
        return row_name(self.kind)


def row_name(kind: str) -> str:
    """What the rows of such an import are about, as a heading."""
    return ROW_NAMES.get(kind, "Hồ sơ, thửa")


ROW_NAMES: dict[str, str] = {
    ImportRun.Kind.TARGETS: "Dự án, chỉ tiêu",
    ImportRun.Kind.OBSTACLES: "Vướng mắc",
    ImportRun.Kind.COMPLAINTS: "Đơn thư",
    ImportRun.Kind.PLAN_ITEMS: "Khoản của phương án",
    ImportRun.Kind.OUTREACH: "Hồ sơ được vận động",
    ImportRun.Kind.INQUIRIES: "Văn bản",
    ImportRun.Kind.PLOTS: "Lô",
    ImportRun.Kind.ARRANGEMENTS: "Hồ sơ",
    ImportRun.Kind.HOUSING: "Hồ sơ",
    ImportRun.Kind.ALLOCATIONS: "Hồ sơ, lô",
    ImportRun.Kind.INVITATIONS: "Hồ sơ được mời",
    ImportRun.Kind.PRICES: "Đơn giá",
    ImportRun.Kind.DRAWS: "Lượt bốc thăm",
    ImportRun.Kind.READINESS: "Thủ tục",
    ImportRun.Kind.TRAININGS: "Lớp tập huấn",
    ImportRun.Kind.FUNDING: "Dự án, kinh phí",
    ImportRun.Kind.DIRECTIVES: "Kết luận",
    ImportRun.Kind.PROGRESS: "Kết luận",
    ImportRun.Kind.PROJECTS: "Dự án",
    ImportRun.Kind.PLAN_ENTRIES: "Dự án",
    ImportRun.Kind.SERVICES: "Hồ sơ, văn bản",
}


OF_THE_CITY: dict[Role, tuple[str, ...]] = {
    Role.OFFICER: (
        ImportRun.Kind.TARGETS,
        ImportRun.Kind.TRAININGS,
        ImportRun.Kind.PROGRESS,
        ImportRun.Kind.DRAWS,
    ),
    Role.FINANCE: (ImportRun.Kind.FUNDING,),
    Role.LEADER: (ImportRun.Kind.DIRECTIVES,),
    Role.ADMINISTRATOR: (
        ImportRun.Kind.TARGETS,
        ImportRun.Kind.TRAININGS,
        ImportRun.Kind.FUNDING,
        ImportRun.Kind.PROJECTS,
        ImportRun.Kind.PLAN_ENTRIES,
        ImportRun.Kind.PRICES,
    ),
}
"""Tables that are not of one project, by who fills them."""


class ImportRow(models.Model):
    """A row that a run wrote: enough to undo it, and to see who moved it since.

    What a layer creates is kept many to a record, in `CreatedRows`.
    """

    class Action(models.TextChoices):
        CREATED = "created", "tạo mới"
        CHANGED = "changed", "thay đổi"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    row = models.PositiveIntegerField("dòng")
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    version_after = models.IntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = "dòng đã nhập"
        verbose_name_plural = "dòng đã nhập"
        indexes = [models.Index(fields=["run", "row"], name="importrow_run_row")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row}"

    def give_back(self, to: models.Model) -> None:
        """Give a changed row the values it had before, and save it."""
        for name, value in (self.before or {}).items():
            field: Any = to._meta.get_field(name)
            setattr(to, field.attname, field.to_python(value))
        to.save()


class CreatedRows(models.Model):
    """Rows of a layer that a run created, some thousands to a record.

    What is new was left at version 0 with one part (`land_classes`, `areas_m2`) or none: a row of
    its own for each would say nothing more and cost as much as the parcel.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="created")
    model = models.CharField(max_length=40)
    rows = ArrayField(models.PositiveIntegerField())
    object_ids = ArrayField(models.BigIntegerField())
    land_classes = ArrayField(models.BigIntegerField(null=True), null=True)
    areas_m2 = ArrayField(AreaField(), null=True)

    class Meta:
        verbose_name = "các dòng đã tạo"
        verbose_name_plural = "các dòng đã tạo"

    def __str__(self) -> str:
        return f"{self.run_id}: {len(self.rows)} × {self.model}"


class SavedMapping(models.Model):
    """How someone corrected the columns of a heading: the same heading is read so next time.

    Shared by the people of an organisation; a person without one keeps it alone.
    """

    kind = models.CharField(max_length=12, choices=ImportRun.Kind)
    signature = models.CharField(max_length=64)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True)
    by = models.ForeignKey(User, models.CASCADE)
    answers = models.JSONField(default=dict)
    """Column title → field, or field:reading."""
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "cách hiểu cột"
        verbose_name_plural = "cách hiểu cột"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "signature", "organisation"],
                condition=models.Q(organisation__isnull=False),
                name="mapping_once_for_organisation",
            ),
            models.UniqueConstraint(
                fields=["kind", "signature", "by"],
                condition=models.Q(organisation__isnull=True),
                name="mapping_once_for_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.signature[:8]}"


def private_path(upload: Upload, name: str) -> str:
    """Where a file on its way in is kept: no address serves it, its name is not the given one."""
    return f"nhap-lieu/{secrets.token_hex(16)}{Path(name).suffix.lower()[:10]}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: User) -> UploadQuerySet:
        """Keep what `user` sent: a file on its way in exists for nobody else."""
        return self.filter(by=user)

    def expired(self, *, now: dt.datetime) -> UploadQuerySet:
        return self.filter(created_at__lt=now - dt.timedelta(days=KEPT_DAYS))


class Upload(models.Model):
    """A file or pasted block on its way in: asked about, checked, confirmed, once.

    Private to who sent it; the file is thrown away after `KEPT_DAYS`.
    """

    class State(models.TextChoices):
        ASKING = "asking", "chờ trả lời"
        CHECKING = "checking", "đang kiểm tra"
        CHECKED = "checked", "chờ xác nhận"
        WRITING = "writing", "đang ghi"
        DONE = "done", "đã ghi"
        FAILED = "failed", "không đọc được"

    ref = RefField()
    kind = models.CharField("loại", max_length=12, choices=ImportRun.Kind)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True)
    by = models.ForeignKey(User, models.CASCADE)
    file = models.FileField(upload_to=private_path, max_length=120)
    file_name = models.CharField("tệp", max_length=250)
    pasted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=10, choices=State, default=State.ASKING)
    answers = models.JSONField(default=dict, blank=True)
    understood = models.JSONField(default=dict, blank=True)
    preview = models.JSONField(default=dict, blank=True)
    message = models.TextField(blank=True)
    doing = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "tệp đang nhập"
        verbose_name_plural = "tệp đang nhập"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def row_name(self) -> str:
        return row_name(self.kind)

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    def stalled(self, *, now: dt.datetime) -> bool:
        """Say whether the work stopped without a word: its server was restarted, say."""
        working = self.state in (self.State.CHECKING, self.State.WRITING)
        last = self.beat_at or self.created_at
        return working and last < now - dt.timedelta(seconds=STALLED_SECONDS)

    def claim(self, state: str, *, came_from: Iterable[str]) -> bool:
        """Enter a state from one of others, once: of two clicks the second is told no."""
        now = timezone.now()
        stale = models.Q(
            state__in=[self.State.CHECKING, self.State.WRITING],
            beat_at__lt=now - dt.timedelta(seconds=STALLED_SECONDS),
        )
        rows = Upload.objects.filter(pk=self.pk).filter(
            models.Q(state__in=list(came_from)) | stale
        )
        taken = rows.update(state=state, beat_at=now, doing="", done=0, total=0, message="")
        if taken:
            self.refresh_from_db()
        return bool(taken)
