"""Resettlement sites, their plots, and which case gets which plot."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.db import models, transaction
from django.db.models import Q

from gpmb.clearance.models import Case, Project
from gpmb.fields import AreaField, LegalPolygonField, MoneyField, RefField, web_mercator
from gpmb.land.models import AdministrativeUnit, Document
from gpmb.resettlement import process
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from gpmb.accounts.models import User


class AllocationRefused(ValueError):
    """A plot that can't be given, handed over or taken back this way; says why."""


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

    @transaction.atomic
    def move(self, to: str) -> None:
        """Change the status by hand: the stock is prepared, held back, or declared surplus."""
        self.refresh_from_db(from_queryset=Plot.objects.select_for_update())
        if to not in process.PLOT_MOVES.get(self.status, ()):
            raise AllocationRefused(
                f"Lô {self.number} đang “{self.get_status_display()}”, không chuyển sang "
                f"“{self.Status(to).label}” được."
            )
        self.status = to
        self.save(update_fields=["status"])

    @transaction.atomic
    def allocate(self, case: Case, *, on: dt.date, document: Document | None) -> Allocation:
        """Give the plot to a case; the database refuses a second household, a plot above the
        entitlement and a site that doesn't serve the project."""
        self.refresh_from_db(from_queryset=Plot.objects.select_for_update())
        if self.status not in (self.Status.AVAILABLE, self.Status.RESERVED):
            raise AllocationRefused(
                f"Lô {self.number} đang “{self.get_status_display()}”: chọn lô sẵn sàng."
            )
        self.status = self.Status.ALLOCATED
        self.save(update_fields=["status"])
        return Allocation.objects.create(case=case, plot=self, allocated_on=on, document=document)


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
            # The case's row is locked: two allocations at once can't both be its last plot.
            pgtrigger.Trigger(
                name="within_entitlement",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__released_on__isnull=True),
                declare=[("entitled", "integer"), ("served", "bigint"), ("held", "integer")],
                func="""
                    SELECT entitled_plots, project_id INTO entitled, served
                      FROM clearance_case WHERE id = NEW.case_id FOR NO KEY UPDATE;
                    SELECT count(*) INTO held FROM resettlement_allocation
                     WHERE case_id = NEW.case_id AND released_on IS NULL;
                    IF held > entitled THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Hồ sơ đã đủ số lô được bố trí.',
                            DETAIL = format('%s > %s', held, entitled);
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM resettlement_site_projects s
                          JOIN resettlement_plot p ON p.site_id = s.site_id
                         WHERE p.id = NEW.plot_id AND s.project_id = served)
                    THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Khu tái định cư này không phục vụ dự án của hồ sơ.';
                    END IF;
                    RETURN NULL;
                """,
            ),
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

    @transaction.atomic
    def hand_over(self, *, on: dt.date) -> None:
        """Record that the household received the plot on the ground."""
        self.refresh_from_db(from_queryset=Allocation.objects.select_for_update())
        if self.released_on or self.handed_over_on:
            raise AllocationRefused("Lô này đã bàn giao hoặc đã thôi bố trí.")
        if on < self.allocated_on:
            raise AllocationRefused(
                f"Ngày bàn giao trước ngày bố trí ({self.allocated_on:%d/%m/%Y})."
            )
        self.handed_over_on = on
        self.save(update_fields=["handed_over_on"])
        Plot.objects.filter(pk=self.plot_id).update(status=Plot.Status.HANDED_OVER)

    @transaction.atomic
    def release(self, *, on: dt.date, reason: str) -> None:
        """Take the plot back into the stock, with a reason; the row stays."""
        self.refresh_from_db(from_queryset=Allocation.objects.select_for_update())
        if self.released_on or self.handed_over_on:
            raise AllocationRefused("Lô đã bàn giao thực địa hoặc đã thôi bố trí.")
        if not reason.strip():
            raise AllocationRefused("Thôi bố trí phải ghi lý do.")
        self.released_on, self.released_reason = on, reason.strip()
        self.save(update_fields=["released_on", "released_reason"])
        Plot.objects.filter(pk=self.plot_id).update(status=Plot.Status.AVAILABLE)


@tracked(obj_field=None)
class SiteProject(Site.projects.through):  # type: ignore[name-defined]
    """A project that a site serves: the pairs of `Site.projects`, for their history."""

    class Meta:
        proxy = True
