"""Runs of the hotspot test as records, and the hot spots that leaders declare."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from gpmb.accounts.models import Organisation, User
from gpmb.clearance.models import Project, Review
from gpmb.fields import LegalPolygonField, RefField
from gpmb.land.models import AdministrativeUnit, Document
from gpmb.tracking import tracked
from gpmb.triggers import bump_version


def comma(value: float, places: int) -> str:
    """Write a number with a decimal comma."""
    return f"{value:.{places}f}".replace(".", ",")


class HotspotRun(models.Model):
    """One test of the whole city for one period: what went in, by which rules, what came out.

    `cells` are rows [q, r, households, with a case] as tested, `outcome` the deciding window of
    each ([verdict, ring, O, n, E, p, ratio by the projects' own rates]), `clusters` the scan's
    circles. The same `fingerprint`, rules and seed give the same outcome again.
    """

    class Verdict(models.TextChoices):
        HOT = "hot", "khu vực tập trung đơn thư"
        WATCH = "watch", "cần theo dõi"
        NONE = "none", "không phát hiện khu vực tập trung"
        NOT_ENOUGH_DATA = "not_enough_data", "không đủ dữ liệu"

    ref = RefField()
    as_of = models.DateField("tính đến ngày")
    period_from = models.DateField("từ ngày")
    kind = models.CharField("loại đơn", max_length=15, blank=True)
    seed = models.BigIntegerField("hạt giống ngẫu nhiên")
    replicates = models.PositiveIntegerField("số lần mô phỏng")
    rules = models.JSONField("tham số")
    households = models.PositiveIntegerField("số hộ có nguy cơ")
    cases = models.PositiveIntegerField("số hộ có vụ việc")
    tested = models.PositiveIntegerField("số cửa sổ kiểm định")
    not_located = models.PositiveIntegerField("vụ việc chưa có vị trí")
    verdict = models.CharField("kết luận", max_length=15, choices=Verdict)
    fingerprint = models.CharField("dấu vân số liệu", max_length=64)
    data_version = models.BigIntegerField("phiên bản số liệu")
    cells = models.JSONField("ô")
    outcome = models.JSONField("kết quả theo ô")
    clusters = models.JSONField("vùng quét")
    created_at = models.DateTimeField("chạy lúc", auto_now_add=True)

    class Meta:
        verbose_name = "lượt phân tích đơn thư"
        verbose_name_plural = "lượt phân tích đơn thư"
        ordering = ["-as_of", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["as_of", "period_from", "kind", "seed", "replicates", "fingerprint"],
                name="hotspotrun_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_from:%d/%m/%Y} - {self.as_of:%d/%m/%Y}"


class HotspotArea(models.Model):
    """Cells that touch and were flagged in a run, with the window that stands for them."""

    class Agreement(models.TextChoices):
        BOTH = "both", "hai phương pháp cùng chỉ ra"
        ONLY_EXACT = "only_exact", "chỉ phép kiểm định chính xác chỉ ra"

    class Trend(models.TextChoices):
        UP = "up", "tăng"
        DOWN = "down", "giảm"
        NOT_PROVEN = "not_proven", "chưa chứng minh được xu hướng"
        NOT_ENOUGH_PERIODS = "not_enough_periods", "chưa đủ số kỳ để nói về xu hướng"

    ref = RefField()
    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="areas")
    order = models.PositiveSmallIntegerField("thứ tự")
    verdict = models.CharField("kết luận", max_length=15, choices=HotspotRun.Verdict)
    q = models.IntegerField()
    r = models.IntegerField()
    ring = models.PositiveSmallIntegerField("bán kính cửa sổ (vòng)")
    observed = models.PositiveIntegerField("số hộ có vụ việc")
    at_risk = models.PositiveIntegerField("số hộ có nguy cơ")
    expected = models.FloatField("số kỳ vọng")
    p = models.FloatField("xác suất ngẫu nhiên")
    own_ratio = models.FloatField("so với mức của chính dự án")
    agreement = models.CharField("đối chiếu", max_length=12, choices=Agreement)
    trend = models.CharField("xu hướng", max_length=20, choices=Trend)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True)
    unit = models.ForeignKey(AdministrativeUnit, models.PROTECT, null=True, blank=True)
    cells = models.JSONField("ô")
    boundary = LegalPolygonField("phạm vi")

    class Meta:
        verbose_name = "khu vực tập trung đơn thư"
        verbose_name_plural = "khu vực tập trung đơn thư"
        ordering = ["run", "order"]

    def __str__(self) -> str:
        return f"{self.run}: {self.order}"

    @property
    def ratio(self) -> float:
        """How many times the city's rate."""
        return self.observed / self.expected

    @property
    def project_wide(self) -> bool:
        """The project complains as a whole: little excess over its own rate."""
        return self.own_ratio < 1.5

    @property
    def place(self) -> str:
        """Where it is, in words: the unit and the project most of its households belong to."""
        return " · ".join(str(part) for part in (self.unit, self.project) if part) or "thành phố"

    def sentence(self) -> str:
        """Return what a leader can read out: the figures, what they rest on, what is unproven."""
        scope = (
            "mức cao chung của cả dự án"
            if self.project_wide
            else "cao hơn hẳn phần còn lại của dự án"
        )
        proof = (
            "khó xảy ra do ngẫu nhiên sau khi đã kiểm soát báo động giả"
            if self.verdict == HotspotRun.Verdict.HOT
            else "chưa đủ căn cứ thống kê, cần theo dõi"
        )
        return (
            f"{self.place}: {self.observed} trong {self.at_risk} hộ có đơn thư, gấp "
            f"{comma(self.ratio, 1)} lần mức chung của thành phố (bình thường khoảng "
            f"{comma(self.expected, 1)} hộ); {proof}; {scope}; "
            f"xu hướng: {self.get_trend_display()}."
        )


class HotspotQuerySet(models.QuerySet["Hotspot"]):
    def open(self, *, on: dt.date) -> HotspotQuerySet:
        """Keep the hot spots opened by that day and not closed yet."""
        return self.filter(opened_on__lte=on).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on)
        )


@tracked()
class Hotspot(models.Model):
    """Điểm nóng: a status that a named leader opens and closes with a document and a date.

    A test never makes one; it may stand beside one (`area`).
    """

    ref = RefField()
    name = models.CharField("tên điểm nóng", max_length=200)
    area = models.ForeignKey(
        HotspotArea, models.SET_NULL, null=True, blank=True, verbose_name="căn cứ thống kê"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, verbose_name="dự án"
    )
    boundary = LegalPolygonField("phạm vi", null=True, blank=True)
    reason = models.TextField("lý do mở", blank=True)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="cơ quan chủ trì giải quyết"
    )
    owner_user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người chịu trách nhiệm",
    )
    opened_on = models.DateField("ngày mở")
    opened_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="lãnh đạo quyết định mở"
    )
    open_document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name="văn bản mở"
    )
    closed_on = models.DateField("ngày kết thúc", null=True, blank=True)
    closed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="lãnh đạo quyết định kết thúc",
    )
    close_document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="văn bản kết thúc",
    )
    version = models.IntegerField(default=0, editable=False)

    objects = HotspotQuerySet.as_manager()

    class Meta:
        verbose_name = "điểm nóng"
        verbose_name_plural = "điểm nóng"
        ordering = ["-opened_on"]
        triggers = [bump_version()]
        constraints = [
            models.CheckConstraint(
                name="hotspot_closed_by_document",
                condition=Q(
                    closed_on__isnull=True, closed_by__isnull=True, close_document__isnull=True
                )
                | Q(
                    closed_on__gte=F("opened_on"),
                    closed_by__isnull=False,
                    close_document__isnull=False,
                ),
                violation_error_message=(
                    "Kết thúc điểm nóng phải có ngày (từ ngày mở trở đi), lãnh đạo quyết định "
                    "và văn bản."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def latest_measure(self) -> HotspotMeasure | None:
        """The last thing decided about it."""
        return next(reversed(self.measures.all()), None)


@tracked()
class HotspotMeasure(models.Model):
    """What is done about a hot spot: by whom, until when, what came of it; for the reviews."""

    hotspot = models.ForeignKey(Hotspot, models.CASCADE, related_name="measures")
    on = models.DateField("ngày")
    text = models.TextField("biện pháp")
    owner = models.ForeignKey(Organisation, models.PROTECT, verbose_name="cơ quan thực hiện")
    due_on = models.DateField("hạn", null=True, blank=True)
    done_on = models.DateField("hoàn thành ngày", null=True, blank=True)
    result = models.TextField("kết quả", blank=True)
    review = models.ForeignKey(
        Review, models.SET_NULL, null=True, blank=True, verbose_name="giao ban"
    )

    class Meta:
        verbose_name = "biện pháp"
        verbose_name_plural = "biện pháp"
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return self.text[:80]
