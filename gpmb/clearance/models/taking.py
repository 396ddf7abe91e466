"""The land a case gives up, and its handover to the investor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from gpmb.accounts.models import Organisation, User
from gpmb.clearance.models.project import Batch, Project
from gpmb.fields import (
    WEB_MERCATOR,
    AreaField,
    LegalPolygonField,
    RefField,
    web_mercator,
)
from gpmb.land.models import Document, Parcel
from gpmb.reference.models import LandClass
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, sums_up, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.gis.geos import Point

    from gpmb.clearance.models.event import CaseEvent


TAKING_SUM, PART_SUM = sums_up(
    whole="clearance_taking",
    stated="recovered_area_m2",
    part="clearance_takingpart",
    counted="area_m2",
    link="taking_id",
    message="Tổng diện tích theo loại đất phải bằng diện tích thu hồi.",
    empty_is_fine=True,
)


class TakingQuerySet(models.QuerySet["Taking"]):
    def visible_to(self, user: User | AnonymousUser) -> TakingQuerySet:
        """Keep the takings whose public facts `user` may see: on map, tile, export, count."""
        if not user.is_authenticated:
            return self.none()
        if user.cleared:
            return self
        return self.filter(project__restricted=False, parcel__restricted=False)

    def live(self, *, on: dt.date) -> TakingQuerySet:
        return self.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on))

    def handed_over(self, *, on: dt.date) -> TakingQuerySet:
        return self.filter(handed_over_on__lte=on)

    def near(self, place: Point, metres: float) -> TakingQuerySet:
        """Keep the land within so many metres of a place in the legal plane."""
        around = place.buffer(metres + 1, 1).envelope  # a metre more: the web's plane is turned
        box = around.transform(WEB_MERCATOR, clone=True)
        return self.filter(boundary_web__bboverlaps=box, boundary__dwithin=(place, metres))

    def of_handovers(self, events: Iterable[CaseEvent]) -> TakingQuerySet:
        """Keep the land whose handover these events recorded: each taking has an event of its
        own; an opening tells of all the land of its case."""
        land: dict[dt.date, list[int]] = {}
        opened: dict[dt.date, list[int]] = {}
        for event in events:
            if event.step != "handover":
                continue
            if event.taking_id:
                land.setdefault(event.on, []).append(event.taking_id)
            elif event.kind == event.Kind.OPENING:
                opened.setdefault(event.on, []).append(event.case_id)
        told = Q(pk__in=[])
        for on, takings in land.items():
            told |= Q(handed_over_on=on, pk__in=takings)
        for on, cases in opened.items():
            told |= Q(handed_over_on=on, case__in=cases)
        return self.filter(told)


@tracked(exclude=["boundary_web"])
class Taking(models.Model):
    """Phần thu hồi: what a project takes of a parcel; without a case until one is opened."""

    ref = RefField()
    project = models.ForeignKey(Project, models.PROTECT, related_name="takings")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="takings")
    # The database ties (case, project) to the case's own (taking_case_same_project).
    case = models.ForeignKey(
        "clearance.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="takings",
        db_constraint=False,
        verbose_name="hồ sơ",
    )
    boundary = LegalPolygonField("ranh giới thu hồi", null=True, blank=True)
    boundary_web = web_mercator("boundary")
    recovered_area_m2 = AreaField("diện tích thu hồi (m²)")
    handed_over_area_m2 = AreaField("diện tích đã bàn giao (m²)", null=True, blank=True)
    handed_over_on = models.DateField("bàn giao ngày", null=True, blank=True)
    withdrawn_on = models.DateField("rút khỏi dự án ngày", null=True, blank=True)
    withdrawn_reason = models.CharField("lý do rút", max_length=300, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = TakingQuerySet.as_manager()

    class Meta:
        verbose_name = "phần thu hồi"
        verbose_name_plural = "phần thu hồi"
        # One index of shapes, for an import fills it row by row: who asks in the legal plane
        # narrows down by the web copy first (`near`).
        indexes = [GistIndex(fields=["boundary_web"], name="taking_boundary_web")]
        triggers = [
            bump_version("boundary_web"),
            *TAKING_SUM,
            *touch_projects("SELECT project_id FROM {rows}"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "parcel", "case"],
                condition=Q(withdrawn_on__isnull=True),
                nulls_distinct=False,
                name="taking_once",
                violation_error_message="Thửa này đã có phần thu hồi trong hồ sơ của dự án.",
            ),
            models.CheckConstraint(
                name="taking_area_positive",
                condition=Q(recovered_area_m2__gt=0),
                violation_error_message="Diện tích thu hồi phải lớn hơn 0.",
            ),
            models.CheckConstraint(
                name="taking_handover_within_recovered",
                condition=Q(handed_over_area_m2__isnull=True, handed_over_on__isnull=True)
                | Q(
                    handed_over_on__isnull=False,
                    handed_over_area_m2__gt=0,
                    handed_over_area_m2__lte=F("recovered_area_m2"),
                ),
                violation_error_message=(
                    "Bàn giao phải có cả ngày và diện tích, không quá diện tích thu hồi."
                ),
            ),
            models.CheckConstraint(
                name="taking_withdrawal_has_reason",
                condition=Q(withdrawn_on__isnull=True) | ~Q(withdrawn_reason=""),
                violation_error_message="Rút phần thu hồi phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"phần thu hồi {self.pk}"

    @property
    def stage(self) -> int:
        """The stage the map shows: the case's, or 6 once this land is handed over."""
        if self.handed_over_on is not None:
            return 6
        return self.case.stage if self.case else 0


@tracked()
class TakingPart(models.Model):
    """The part of a taking in one land class; the parts of a taking sum to it (by trigger)."""

    taking = models.ForeignKey(Taking, models.CASCADE, related_name="parts", db_index=False)
    land_class = models.ForeignKey(
        LandClass, models.PROTECT, db_index=False, verbose_name="loại đất"
    )
    area_m2 = AreaField("diện tích (m²)")

    class Meta:
        verbose_name = "diện tích theo loại đất"
        verbose_name_plural = "diện tích theo loại đất"
        triggers = [*PART_SUM]
        constraints = [
            models.UniqueConstraint(fields=["taking", "land_class"], name="takingpart_once"),
            models.CheckConstraint(
                name="takingpart_area_positive",
                condition=Q(area_m2__gt=0),
                violation_error_message="Diện tích theo loại đất phải lớn hơn 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.land_class}: {self.area_m2}"


@tracked()
class SiteHandover(models.Model):
    """The centre hands clear land to the investor: the handover that leaders mean."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="site_handovers")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True)
    on = models.DateField("ngày bàn giao")
    area_m2 = AreaField("diện tích (m²)")
    receiver = models.ForeignKey(Organisation, models.PROTECT, verbose_name="bên nhận")
    document = models.ForeignKey(Document, models.PROTECT, verbose_name="biên bản")
    takings = models.ManyToManyField(Taking, related_name="site_handovers")

    class Meta:
        verbose_name = "bàn giao mặt bằng cho chủ đầu tư"
        verbose_name_plural = "bàn giao mặt bằng cho chủ đầu tư"
        triggers = touch_projects("SELECT project_id FROM {rows}")
        constraints = [
            models.CheckConstraint(
                name="sitehandover_area_positive",
                condition=Q(area_m2__gt=0),
                violation_error_message="Diện tích bàn giao phải lớn hơn 0.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.on:%d/%m/%Y}"


@tracked(obj_field=None)
class SiteHandoverTaking(SiteHandover.takings.through):  # type: ignore[name-defined]
    """A taking of a site handover: the pairs of `SiteHandover.takings`, for their history."""

    class Meta:
        proxy = True
