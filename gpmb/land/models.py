"""Land and its holders in time: units, parcels and their numbers, parties, documents."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gpmb.accounts.models import Organisation, ends_after_start, no_overlap
from gpmb.fields import (
    AreaField,
    Fold,
    LegalPolygonField,
    RefField,
    folded,
    web_mercator,
)
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from gpmb.accounts.models import User


def trigram_index(name: str, field: str = "folded") -> GinIndex:
    return GinIndex(OpClass(F(field), name="gin_trgm_ops"), name=name)


class AdministrativeUnitQuerySet(models.QuerySet["AdministrativeUnit"]):
    def valid(self, *, on: dt.date) -> AdministrativeUnitQuerySet:
        return self.filter(valid_from__lte=on).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        )


@tracked(exclude=["boundary_web", "folded"])
class AdministrativeUnit(models.Model):
    """A ward or commune while it existed: a code is reused, so a unit is code + validity."""

    class Kind(models.TextChoices):
        WARD = "ward", "phường"
        COMMUNE = "commune", "xã"
        SPECIAL = "special", "đặc khu"

    class BoundarySource(models.TextChoices):
        ILLUSTRATIVE = "illustrative", "minh họa"
        OFFICIAL = "official", "chính thức"

    ref = RefField()
    code = models.CharField("mã đơn vị", max_length=10)
    name = models.CharField("tên", max_length=100)
    kind = models.CharField("loại", max_length=10, choices=Kind)
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    boundary = LegalPolygonField("ranh giới", null=True, blank=True)
    boundary_web = web_mercator("boundary")
    boundary_source = models.CharField(
        "nguồn ranh giới", max_length=15, choices=BoundarySource, blank=True
    )
    folded = folded("name")

    objects = AdministrativeUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "đơn vị hành chính"
        verbose_name_plural = "đơn vị hành chính"
        ordering = ["code", "valid_from"]
        indexes = [
            GistIndex(fields=["boundary"], name="unit_boundary"),
            trigram_index("unit_folded"),
        ]
        constraints = [
            ends_after_start("unit_ends_after_start"),
            no_overlap(
                "unit_code_once",
                "code",
                message="Mã đơn vị này đã có đơn vị khác trong thời gian đó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


@tracked()
class UnitSuccession(models.Model):
    """`old` became (part of) `new` on a day: answers "now in Móng Cái 1"."""

    old = models.ForeignKey(AdministrativeUnit, models.PROTECT, related_name="successions")
    new = models.ForeignKey(AdministrativeUnit, models.PROTECT, related_name="predecessions")
    on = models.DateField("từ ngày")

    class Meta:
        verbose_name = "sáp nhập, chia tách đơn vị"
        verbose_name_plural = "sáp nhập, chia tách đơn vị"
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="succession_once")]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def numbered(self, number: str, signed_on: dt.date, kind: str) -> Document:
        """Return the document of this number and day, recorded now if it is new.

        Papers of two kinds may share them: the one of this kind, else the first.
        """
        known = list(self.filter(number=number, signed_on=signed_on).order_by("pk"))
        alike = [document for document in known if document.kind == kind]
        for document in alike or known:
            return document
        return self.create(number=number, signed_on=signed_on, kind=kind)


@tracked()
class Document(models.Model):
    """A paper with a number: signed on one day, in force on another."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "Thông báo thu hồi đất"
        DECISION = "decision", "Quyết định"
        MINUTES = "minutes", "Biên bản"
        PLAN = "plan", "Kế hoạch"
        LETTER = "letter", "Công văn"
        SUBMISSION = "submission", "Tờ trình"
        RECEIPT = "receipt", "Chứng từ"
        OTHER = "other", "Khác"

    ref = RefField()
    kind = models.CharField("loại", max_length=12, choices=Kind, default=Kind.OTHER)
    number = models.CharField("số, ký hiệu", max_length=60)
    title = models.CharField("trích yếu", max_length=300, blank=True)
    issued_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="cơ quan ban hành"
    )
    signed_on = models.DateField("ngày ký")
    effective_on = models.DateField("ngày có hiệu lực", null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "văn bản"
        verbose_name_plural = "văn bản"
        indexes = [
            models.Index(fields=["number", "signed_on"], name="document_number"),
            GinIndex(OpClass(Fold("number"), name="gin_trgm_ops"), name="document_folded"),
        ]
        constraints = [
            models.CheckConstraint(
                name="document_effective_after_signed",
                condition=Q(effective_on__isnull=True) | Q(effective_on__gte=F("signed_on")),
                violation_error_message="Ngày có hiệu lực không được trước ngày ký.",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def in_force_on(self) -> dt.date:
        """The day clocks run from."""
        return self.effective_on or self.signed_on


_, TOUCHED_BY_PARCEL, _ = touch_projects(
    "SELECT t.project_id FROM {rows} r JOIN clearance_taking t ON t.parcel_id = r.id"
)


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def visible_to(self, user: User) -> ParcelQuerySet:
        return self if user.cleared else self.filter(restricted=False)

    def live(self, *, on: dt.date) -> ParcelQuerySet:
        return self.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=on))


@tracked()
class Parcel(models.Model):
    """A piece of land with a boundary, from the day it was formed to the day it was retired.

    Areas in m²: `registered_area_m2` as the certificate or cadastral book says,
    `measured_area_m2` as the survey says. The unit is declared, never derived.
    """

    ref = RefField()
    unit = models.ForeignKey(AdministrativeUnit, models.PROTECT, verbose_name="xã, phường")
    boundary = LegalPolygonField("ranh giới", null=True, blank=True)
    registered_area_m2 = AreaField("diện tích theo hồ sơ (m²)", null=True, blank=True)
    measured_area_m2 = AreaField("diện tích đo đạc (m²)", null=True, blank=True)
    valid_from = models.DateField("có từ ngày", null=True, blank=True)
    retired_on = models.DateField("hết tồn tại ngày", null=True, blank=True)
    restricted = models.BooleanField("hạn chế", default=False)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = "thửa đất"
        verbose_name_plural = "thửa đất"
        indexes = [GistIndex(fields=["boundary"], name="parcel_boundary")]
        triggers = [
            bump_version(),
            # A parcel that becomes restricted leaves every cached tile at once.
            TOUCHED_BY_PARCEL,
        ]
        constraints = [
            ends_after_start("parcel_retired_after_formed", end="retired_on"),
            models.CheckConstraint(
                name="parcel_areas_positive",
                condition=(Q(registered_area_m2__isnull=True) | Q(registered_area_m2__gt=0))
                & (Q(measured_area_m2__isnull=True) | Q(measured_area_m2__gt=0)),
                violation_error_message="Diện tích thửa phải lớn hơn 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"thửa {self.pk}"


def parcel_key(sheet: str, number: str) -> str:
    """Return the form under which a parcel number is searched: no leading zeros, lower case.

    >>> parcel_key("05", "085A")
    '5/85a'
    """
    return f"{sheet.strip().lstrip('0')}/{number.strip().lstrip('0')}".lower()


class _Key(models.Func):
    """`parcel_key` in SQL, for the stored column."""

    template = "lower(ltrim(%(expressions)s, '0'))"
    output_field = models.TextField()


@tracked(exclude=["key"])
class ParcelNumber(models.Model):
    """Sheet and parcel number of a parcel, as the unit of that time numbered it."""

    class Kind(models.TextChoices):
        CURRENT = "current", "hiện hành"
        CERTIFICATE = "certificate", "theo giấy chứng nhận"
        EXTRACT = "extract", "theo trích đo"
        OLD = "old", "cũ"

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="numbers")
    unit = models.ForeignKey(
        AdministrativeUnit, models.PROTECT, db_index=False, verbose_name="đơn vị đánh số"
    )
    sheet = models.CharField("tờ bản đồ", max_length=20)
    number = models.CharField("số thửa", max_length=20)
    kind = models.CharField("loại số", max_length=12, choices=Kind, default=Kind.CURRENT)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    key = models.GeneratedField(
        expression=models.functions.Concat(
            _Key("sheet"), models.Value("/"), _Key("number"), output_field=models.TextField()
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "số tờ, số thửa"
        verbose_name_plural = "số tờ, số thửa"
        indexes = [
            models.Index(fields=["key"], name="parcelnumber_key"),
            models.Index(fields=["number"], name="parcelnumber_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "sheet", "number"],
                condition=Q(kind="current", valid_to__isnull=True),
                name="parcelnumber_current_once",
                violation_error_message="Tờ, thửa này đã có ở đơn vị đó.",
            ),
            models.UniqueConstraint(
                fields=["parcel", "kind"],
                condition=Q(kind="current", valid_to__isnull=True),
                name="parcelnumber_one_current",
                violation_error_message="Thửa đất đã có số tờ, số thửa hiện hành.",
            ),
            ends_after_start("parcelnumber_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"tờ {self.sheet} thửa {self.number}"


@tracked()
class ParcelLineage(models.Model):
    """A split or merge: `child` came out of `parent`."""

    class Reason(models.TextChoices):
        SPLIT = "split", "tách thửa"
        MERGE = "merge", "hợp thửa"
        SURVEY = "survey", "đo đạc lại"

    parent = models.ForeignKey(Parcel, models.PROTECT, related_name="children_links")
    child = models.ForeignKey(Parcel, models.PROTECT, related_name="parent_links")
    on = models.DateField("ngày")
    reason = models.CharField("lý do", max_length=10, choices=Reason)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = "nguồn gốc thửa"
        verbose_name_plural = "nguồn gốc thửa"
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="lineage_once"),
            models.CheckConstraint(
                name="lineage_not_itself",
                condition=~Q(parent=F("child")),
                violation_error_message="Một thửa không thể sinh ra chính nó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} → {self.child_id}"


@tracked(exclude=["folded"])
class Party(models.Model):
    """A land holder. All personal data of the program is here, so that one filter guards it."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", "Hộ gia đình"
        INDIVIDUAL = "individual", "Cá nhân"
        ORGANISATION = "organisation", "Tổ chức"
        COMMUNITY = "community", "Cộng đồng dân cư"

    ref = RefField()
    kind = models.CharField("loại", max_length=12, choices=Kind, default=Kind.HOUSEHOLD)
    name = models.CharField("họ tên, tên tổ chức", max_length=150)
    id_number = models.CharField("số CCCD, mã số", max_length=20, blank=True)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    bank_name = models.CharField("ngân hàng", max_length=100, blank=True)
    bank_account = models.CharField("số tài khoản", max_length=30, blank=True)
    members = models.PositiveSmallIntegerField("số nhân khẩu", null=True, blank=True)
    sensitive_note = models.TextField("thông tin hạn chế (diện chính sách…)", blank=True)
    folded = folded("name")
    version = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "người sử dụng đất"
        verbose_name_plural = "người sử dụng đất"
        indexes = [trigram_index("party_folded")]
        triggers = [bump_version("folded")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def masked_id(self) -> str:
        """The ID number with all but its last four characters hidden."""
        return f"•••• {self.id_number[-4:]}" if self.id_number else ""


class ServiceQuerySet(models.QuerySet["Service"]):
    def living(self) -> ServiceQuerySet:
        """Leave out deliveries recorded by mistake."""
        return self.filter(voided_at__isnull=True)


@tracked()
class Service(models.Model):
    """A notice or decision was delivered to a party: how, when, with what evidence."""

    class Manner(models.TextChoices):
        SIGNED = "signed", "ký nhận"
        REFUSED = "refused", "từ chối nhận, có biên bản"
        ABSENT = "absent", "vắng mặt, có biên bản"
        POSTED = "posted", "niêm yết"
        MAILED = "mailed", "gửi bưu điện"

    ref = RefField()
    document = models.ForeignKey(Document, models.PROTECT, related_name="services")
    party = models.ForeignKey(Party, models.PROTECT, related_name="services")
    on = models.DateField("ngày giao")
    manner = models.CharField("cách giao", max_length=10, choices=Manner)
    evidence = models.CharField("minh chứng", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="người ghi"
    )
    recorded_at = models.DateTimeField("ghi lúc", db_default=Now())
    voided_at = models.DateTimeField("hủy lúc", null=True, blank=True)
    void_reason = models.CharField("lý do hủy", max_length=200, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "giao văn bản"
        verbose_name_plural = "giao văn bản"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "party"],
                condition=Q(voided_at__isnull=True),
                name="service_once",
                violation_error_message="Văn bản này đã được ghi là giao cho người đó.",
            ),
            models.CheckConstraint(
                name="service_refusal_has_evidence",
                condition=~Q(manner__in=["refused", "absent"]) | ~Q(evidence=""),
                violation_error_message="Từ chối nhận hoặc vắng mặt phải có biên bản.",
            ),
            models.CheckConstraint(
                name="service_void_has_reason",
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
                violation_error_message="Hủy một lần giao văn bản phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.on}"
