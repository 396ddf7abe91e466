"""Files attached to what they prove. The bytes lie in a private folder under their own hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from gpmb.accounts.models import Role, User
from gpmb.clearance.models import Case, CaseEvent, Obstacle, Outreach
from gpmb.complaints.models import Complaint
from gpmb.fields import RefField
from gpmb.land.models import Document, Service
from gpmb.papers.contents import FileKind, RefusedFile, clean_name, inspect
from gpmb.tracking import tracked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

FOLDER = "attachments"


@tracked()
class StoredFile(models.Model):
    """Bytes kept once, however often they are attached."""

    sha256 = models.CharField("mã băm", max_length=64, unique=True)
    kind = models.CharField("loại tệp", max_length=4, choices=[(k, k.upper()) for k in FileKind])
    size_bytes = models.PositiveIntegerField("cỡ tệp (byte)")
    kept_at = models.DateTimeField("lưu lúc", db_default=Now())

    class Meta:
        verbose_name = "tệp"
        verbose_name_plural = "tệp"

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def path(self) -> Path:
        root = Path(settings.MEDIA_ROOT) / FOLDER
        return root / self.sha256[:2] / f"{self.sha256}.{self.kind}"

    def read(self) -> bytes:
        return self.path.read_bytes()

    @staticmethod
    def kind_of(content: bytes) -> FileKind:
        """Return what `content` is; RefusedFile when it may not be kept."""
        return inspect(content)[0]

    @classmethod
    def keep(cls, content: bytes) -> StoredFile:
        """Keep bytes of an accepted kind and return their row; the same bytes have one row.

        Raises:
            RefusedFile: too large, or see gpmb.papers.contents.inspect.
        """
        if len(content) > settings.UPLOAD_MAX_BYTES:
            raise too_large(len(content))
        kind, kept = inspect(content)
        digest = hashlib.sha256(kept).hexdigest()
        row = StoredFile(sha256=digest, kind=kind, size_bytes=len(kept))
        # The file first: a row without its file would be a promise broken.
        _write(row.path, kept)
        StoredFile.objects.bulk_create([row], ignore_conflicts=True)
        return StoredFile.objects.get(sha256=digest)


def too_large(size: int) -> RefusedFile:
    """Return the refusal of a file above the cap (bytes)."""
    most = settings.UPLOAD_MAX_BYTES // 1024**2
    return RefusedFile(
        f"Tệp {size / 1024**2:.1f} MB, lớn hơn mức {most} MB.".replace(".", ",", 1)
        + " Hãy quét ở 150–200 điểm/inch hoặc tách tệp."
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file that only the program reads, whole or not at all."""
    if path.exists() and path.stat().st_size == len(content):
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


TARGETS: dict[type[models.Model], str] = {
    Case: "case",
    Document: "document",
    Obstacle: "obstacle",
    Outreach: "outreach",
    Complaint: "complaint",
}


def _exactly_one(names: list[str]) -> Q:
    """Return the condition that one of the columns is set and the others are not."""
    found = Q()
    for chosen in names:
        found |= Q(**{f"{name}__isnull": name != chosen for name in names})
    return found


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def living(self) -> AttachmentQuerySet:
        """Leave out what was taken off."""
        return self.filter(removed_at__isnull=True)

    def of(self, target: models.Model) -> AttachmentQuerySet:
        return self.living().filter(**{TARGETS[type(target)]: target})

    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> AttachmentQuerySet:
        """Keep the files `user` may download; for everyone else they don't exist.

        A household's papers: as the household itself. An obstacle without a case: as the
        obstacle. A document's: those who know a household it was issued or delivered to. A
        letter's: as the letter. A talk's: who may read the talk, less leaders.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        households = Case.objects.household_open_to(user, on=on)
        talks = Outreach.objects.visible_to(user, on=on)
        if user.role == Role.LEADER:  # minutes name people
            talks = talks.none()
        papers = CaseEvent.objects.filter(case__in=households, document__isnull=False)
        delivered = Service.objects.filter(party__cases__in=households)
        return self.living().filter(
            Q(case__in=households)
            | Q(obstacle__case__in=households)
            | Q(
                obstacle__case__isnull=True,
                obstacle__in=Obstacle.objects.visible_to(user, on=on),
            )
            | Q(outreach__in=talks)
            | Q(document__in=papers.values("document"))
            | Q(document__in=delivered.values("document"))
            | Q(
                complaint__in=Complaint.objects.visible_to(user, on=on).exclude(
                    kind=Complaint.Kind.DENUNCIATION
                )
            )
        )


@tracked()
class Attachment(models.Model):
    """A file attached to one thing: a case, a document, an obstacle, a talk, or a complaint.

    It is never deleted: taking it off leaves who, when and why.
    """

    ref = RefField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    name = models.CharField("tên tệp", max_length=140)
    note = models.CharField("nội dung", max_length=200, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    obstacle = models.ForeignKey(
        Obstacle, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    outreach = models.ForeignKey(
        Outreach, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    added_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="người đính kèm"
    )
    added_at = models.DateTimeField("đính kèm lúc", db_default=Now())
    removed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người gỡ"
    )
    removed_at = models.DateTimeField("gỡ lúc", null=True, blank=True)
    removed_reason = models.CharField("lý do gỡ", max_length=200, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "tệp đính kèm"
        verbose_name_plural = "tệp đính kèm"
        ordering = ["-added_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="attachment_has_one_target",
                condition=_exactly_one(list(TARGETS.values())),
                violation_error_message="Tệp phải đính vào đúng một nơi.",
            ),
            models.CheckConstraint(
                name="attachment_removal_has_reason",
                condition=Q(removed_at__isnull=True) | ~Q(removed_reason=""),
                violation_error_message="Gỡ tệp phải ghi lý do.",
            ),
            models.UniqueConstraint(
                fields=["file", *TARGETS.values()],
                condition=Q(removed_at__isnull=True),
                nulls_distinct=False,
                name="attachment_once",
                violation_error_message="Tệp này đã được đính kèm ở đây rồi.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> Any:
        """What the file is attached to."""
        return next(row for name in TARGETS.values() if (row := getattr(self, name)) is not None)

    @classmethod
    @transaction.atomic
    def attach(
        cls, content: bytes, name: str, *, to: models.Model, by: User | None, note: str = ""
    ) -> Attachment:
        """Keep `content` and attach it to a row of TARGETS. May this person? gpmb.access.

        Raises:
            RefusedFile: the content is refused, or it is attached there already.
        """
        if isinstance(to, Complaint) and to.kind == Complaint.Kind.DENUNCIATION:
            raise RefusedFile("Tố cáo không lưu tệp: chỉ giữ số tiếp nhận, ngày và trạng thái.")
        file = StoredFile.keep(content)
        if cls.objects.of(to).filter(file=file).exists():
            raise RefusedFile("Tệp này đã được đính kèm ở đây rồi.")
        return cls.objects.create(
            file=file,
            name=clean_name(name, FileKind(file.kind)),
            note=note,
            added_by=by,
            **{TARGETS[type(to)]: to},
        )

    def take_off(self, *, by: User, reason: str) -> None:
        """Hide a file attached by mistake; it stays in the folder and in the history."""
        if not reason.strip():
            raise RefusedFile("Gỡ tệp phải ghi lý do.")
        self.removed_by, self.removed_reason = by, reason.strip()
        self.removed_at = Now()
        self.save(update_fields=["removed_by", "removed_at", "removed_reason"])
        self.refresh_from_db(fields=["removed_at"])
