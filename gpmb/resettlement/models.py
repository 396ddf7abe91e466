"""Resettlement sites, their plots, and which case gets which plot."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from gpmb.clearance.models import Case, Project
from gpmb.fields import AreaField, LegalPolygonField, MoneyField, RefField, web_mercator
from gpmb.land.models import AdministrativeUnit, Document
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from gpmb.accounts.models import User


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, user: User | AnonymousUser) -> SiteQuerySet:
        """Resettlement sites are public facts; their households are not."""
        return self if user.is_authenticated else self.none()

    def with_stock(self) -> SiteQuerySet:
        """Annotate `plots_ready` (can be given now) and `plots_total`."""
        return self.annotate(
            plots_total=models.Count("plots", distinct=True),
            plots_ready=models.Count(
                "plots", filter=Q(plots__status__in=("available", "reserved")), distinct=True
            ),
        )


@tracked(exclude=["boundary_web"])
class Site(models.Model):
    """Khu tái định cư: serves several projects (Land Law 2024 art. 91.5)."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Quy hoạch"
        BUILDING = "building", "Đang xây dựng hạ tầng"
        READY = "ready", "Đã xong hạ tầng"

    ref = RefField()
    code = models.CharField("mã khu", max_length=30, unique=True)
    name = models.CharField("tên khu", max_length=200)
    unit = models.ForeignKey(AdministrativeUnit, models.PROTECT, verbose_name="xã, phường")
    boundary = LegalPolygonField("ranh giới", null=True, blank=True)
    boundary_web = web_mercator("boundary")
    status = models.CharField("trạng thái", max_length=10, choices=Status, default=Status.PLANNED)
    ready_on = models.DateField("xong hạ tầng ngày", null=True, blank=True)
    projects = models.ManyToManyField(
        Project, related_name="resettlement_sites", verbose_name="phục vụ dự án"
    )
    version = models.IntegerField(default=0, editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = "khu tái định cư"
        verbose_name_plural = "khu tái định cư"
        ordering = ["code"]
        indexes = [GistIndex(fields=["boundary_web"], name="site_boundary_web")]
        triggers = [bump_version("boundary_web")]

    def __str__(self) -> str:
        return self.name


@tracked(exclude=["boundary_web"])
class Plot(models.Model):
    """Lô tái định cư."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Quy hoạch"
        AVAILABLE = "available", "Sẵn sàng"
        RESERVED = "reserved", "Đã giữ chỗ"
        ALLOCATED = "allocated", "Đã giao"
        HANDED_OVER = "handed_over", "Đã bàn giao thực địa"
        SURPLUS = "surplus", "Thừa, chuyển đấu giá"

    site = models.ForeignKey(Site, models.PROTECT, related_name="plots")
    number = models.CharField("số lô", max_length=20)
    boundary = LegalPolygonField("ranh giới", null=True, blank=True)
    boundary_web = web_mercator("boundary")
    area_m2 = AreaField("diện tích (m²)")
    price_vnd = MoneyField("giá (đồng)", null=True, blank=True)
    status = models.CharField("trạng thái", max_length=12, choices=Status, default=Status.PLANNED)
    version = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "lô tái định cư"
        verbose_name_plural = "lô tái định cư"
        ordering = ["site", "number"]
        triggers = [bump_version("boundary_web")]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "number"],
                name="plot_number_once",
                violation_error_message="Số lô đã có trong khu.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.site} lô {self.number}"


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def live(self, *, on: dt.date) -> AllocationQuerySet:
        return self.filter(allocated_on__lte=on).filter(
            Q(released_on__isnull=True) | Q(released_on__gt=on)
        )


@tracked()
class Allocation(models.Model):
    """A plot goes to a case; one plot to one case, and never more plots than the entitlement."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="allocations")
    plot = models.ForeignKey(Plot, models.PROTECT, related_name="allocations")
    allocated_on = models.DateField("bố trí ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="quyết định"
    )
    handed_over_on = models.DateField("bàn giao thực địa ngày", null=True, blank=True)
    released_on = models.DateField("thôi bố trí ngày", null=True, blank=True)
    released_reason = models.CharField("lý do thôi bố trí", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = "bố trí tái định cư"
        verbose_name_plural = "bố trí tái định cư"
        triggers = [
            bump_version(),
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN clearance_case c ON c.id = r.case_id"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plot"],
                condition=Q(released_on__isnull=True),
                name="allocation_plot_once",
                violation_error_message="Lô này đã bố trí cho hồ sơ khác.",
            ),
            models.CheckConstraint(
                name="allocation_release_has_reason",
                condition=Q(released_on__isnull=True) | ~Q(released_reason=""),
                violation_error_message="Thôi bố trí phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} → {self.plot}"
