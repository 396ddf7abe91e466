"""The weights of the scorecard, in versions: which one was in force stands beside every score."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import F, Q

from gpmb.analysis.scoring import DEFAULT_WEIGHTS, Criterion
from gpmb.land.models import Document
from gpmb.tracking import tracked


@dataclass(frozen=True)
class Weights:
    """Weights by criterion, and where they come from."""

    by_criterion: dict[Criterion, int]
    source: str


class ScoreWeightsQuerySet(models.QuerySet["ScoreWeights"]):
    def in_force(self, *, on: dt.date) -> Weights:
        """Return the latest version up to a day; the program's own where there is none."""
        row = self.filter(valid_from__lte=on).select_related("document").order_by("-valid_from")
        found = row.first()
        if found is None:
            return Weights(DEFAULT_WEIGHTS, "bộ trọng số mặc định của phần mềm")
        return Weights(found.by_criterion, str(found))


@tracked()
class ScoreWeights(models.Model):
    """One version of the weights: eight whole numbers that sum to 100, from a day on."""

    valid_from = models.DateField(
        "áp dụng từ ngày",
        unique=True,
        error_messages={"unique": "Đã có bộ trọng số áp dụng từ ngày này."},
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    k1 = models.PositiveSmallIntegerField("K1 đúng hạn từng bước", default=20)
    k2 = models.PositiveSmallIntegerField("K2 chi trả trong hạn", default=15)
    k3 = models.PositiveSmallIntegerField("K3 đơn thư giải quyết trong hạn", default=15)
    k4 = models.PositiveSmallIntegerField("K4 đơn lặp lại sau trả lời", default=15)
    k5 = models.PositiveSmallIntegerField("K5 vụ đông người quá hạn", default=10)
    k6 = models.PositiveSmallIntegerField("K6 có chỗ ở trước khi thu hồi", default=10)
    k7 = models.PositiveSmallIntegerField("K7 tiến độ so với kế hoạch", default=10)
    k8 = models.PositiveSmallIntegerField("K8 cập nhật số liệu kịp thời", default=5)

    objects = ScoreWeightsQuerySet.as_manager()

    class Meta:
        verbose_name = "bộ trọng số đánh giá"
        verbose_name_plural = "bộ trọng số đánh giá"
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="scoreweights_sum_100",
                condition=Q(
                    k1=100 - F("k2") - F("k3") - F("k4") - F("k5") - F("k6") - F("k7") - F("k8")
                ),
                violation_error_message="Tổng tám trọng số phải bằng 100.",
            )
        ]

    def __str__(self) -> str:
        paper = f", {self.document.number}" if self.document else ""
        return f"áp dụng từ {self.valid_from:%d/%m/%Y}{paper}"

    @property
    def by_criterion(self) -> dict[Criterion, int]:
        """The weights as the arithmetic takes them."""
        return {each: getattr(self, each.value.lower()) for each in Criterion}
