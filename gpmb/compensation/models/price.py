"""Unit prices: data with a validity and the document they stand in."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from gpmb.accounts.models import DateRange, User, ends_after_start
from gpmb.clearance.models import Project
from gpmb.fields import MoneyField
from gpmb.land.models import Document
from gpmb.reference.models import Dated, DatedQuerySet
from gpmb.tracking import tracked


class Block(models.TextChoices):
    """The blocks of a plan, in the order they are printed."""

    LAND = "land", "Đất"
    CROPS = "crops", "Cây trồng, vật nuôi"
    ASSETS = "assets", "Nhà, công trình"
    SUPPORT = "support", "Hỗ trợ"
    RESETTLEMENT = "resettlement", "Tái định cư"
    OBLIGATION = "obligation", "Nghĩa vụ tài chính khấu trừ"
    ROUNDING = "rounding", "Làm tròn"


class UnitPriceQuerySet(DatedQuerySet):
    def visible_to(self, user: User) -> UnitPriceQuerySet:
        """Leave out prices of projects this person doesn't know of."""
        return self.filter(Q(project=None) | Q(project__in=Project.objects.visible_to(user)))

    def serving(self, project: Project, *, on: dt.date) -> UnitPriceQuerySet:
        """Keep the prices a plan of the project may use on a day: the general ones and its own."""
        mine: UnitPriceQuerySet = self.valid(on)  # type: ignore[assignment]
        return mine.filter(Q(project=None) | Q(project=project))


@tracked()
class UnitPrice(Dated):
    """Đơn giá: what a unit of something is compensated with, by which document, from when.

    With `project`, a specific price (giá đất cụ thể) decided for that project alone.
    """

    code = models.CharField("mã đơn giá", max_length=30)
    block = models.CharField("khoản mục", max_length=15, choices=Block)
    name = models.CharField("nội dung", max_length=200)
    unit = models.CharField("đơn vị tính", max_length=20)
    price_vnd = MoneyField("đơn giá (đồng)")
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prices",
        verbose_name="chỉ cho dự án",
        help_text="Giá đất cụ thể của một dự án; để trống là áp dụng chung.",
    )
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, verbose_name="văn bản")
    place = models.CharField("điều, mục, phụ lục", max_length=120, blank=True)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)

    objects = UnitPriceQuerySet.as_manager()

    class Meta:
        verbose_name = "đơn giá"
        verbose_name_plural = "đơn giá"
        ordering = ("block", "code", "valid_from")
        constraints = [
            ends_after_start("unitprice_ends_after_start"),
            ExclusionConstraint(
                name="unitprice_one_at_a_time",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (Coalesce(F("project"), Value(0)), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Mã đơn giá này đã có giá trong thời gian đó: "
                "kết thúc giá cũ trước.",
            ),
            models.CheckConstraint(
                name="unitprice_not_negative",
                condition=Q(price_vnd__gte=0),
                violation_error_message="Đơn giá không được âm.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} – {self.name}"

    @property
    def source(self) -> str:
        """The document and the place in it, as a plan's line cites them."""
        return ", ".join(text for text in (self.place, str(self.document)) if text)
