"""What left the program: every export is a row that stays."""

from __future__ import annotations

import datetime as dt

from django.db import models

from gpmb.accounts.models import User
from gpmb.fields import RefField
from gpmb.papers.models import Run
from gpmb.triggers import append_only


class ExportLog(models.Model):
    """One file taken out: who, when, of what filter, in which form, how many rows."""

    class Format(models.TextChoices):
        LIST = "xlsx", "Excel: danh sách để in"
        TEMPLATE = "mau", "Excel: mẫu nhập lại được"
        GEOPACKAGE = "gpkg", "GeoPackage (QGIS, có sẵn màu)"
        SHAPEFILE = "shp", "Shapefile"
        DXF = "dxf", "DXF (AutoCAD, MicroStation)"
        GEOJSON = "geojson", "GeoJSON"
        KML = "kml", "KML (Google Earth)"

    class Paper(models.TextChoices):
        """What leaves by the page of reports: never a list to be filtered."""

        PDF = "pdf", "Báo cáo PDF"
        WORD = "docx", "Báo cáo Word"
        EXCEL = "xlsx-bc", "Báo cáo Excel"
        BRIEFING = "html", "Bản đồ trình chiếu"
        PACK = "zip", "Tài liệu hội nghị"

    class Source(models.TextChoices):
        CASES = "ho-so", "Danh sách hồ sơ"
        PROJECT = "du-an", "Trang dự án"
        MAP = "ban-do", "Bản đồ"
        MATRIX = "ma-tran", "Ma trận hộ × bước"
        REPORT = "bao-cao", "Báo cáo, tài liệu họp"
        PLAN = "ke-hoach", "Chỉ tiêu kế hoạch"
        LEDGER = "bang-ke", "Bảng kê chi trả"
        COMPLAINTS = "don-thu", "Sổ đơn thư"

    ref = RefField()
    at = models.DateTimeField("lúc", auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, verbose_name="người xuất")
    source = models.CharField("từ", max_length=10, choices=Source)
    format = models.CharField("dạng tệp", max_length=10, choices=[*Format.choices, *Paper.choices])
    filters = models.CharField("bộ lọc", max_length=1000, blank=True)
    query = models.CharField("địa chỉ", max_length=1000, blank=True)
    on = models.DateField("số liệu đến ngày")
    rows = models.PositiveIntegerField("số dòng")
    personal = models.BooleanField("có tên hộ, số tiền", default=False)

    class Meta:
        verbose_name = "lượt xuất dữ liệu"
        verbose_name_plural = "lượt xuất dữ liệu"
        ordering = ["-at"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_format_display()} · {self.at:%d/%m/%Y %H:%M}"

    @classmethod
    def sheet(
        cls,
        source: str,
        *,
        by: User,
        query: str,
        on: dt.date,
        rows: int,
        personal: bool,
        form: str = Format.LIST,
    ) -> ExportLog:
        """Note a ready-made file that left by the page at the address `query`."""
        return cls.objects.create(
            by=by,
            source=source,
            format=form,
            query=query[:1000],
            on=on,
            rows=rows,
            personal=personal,
        )


class PackRunQuerySet(models.QuerySet["PackRun"]):
    def visible_to(self, user: User) -> PackRunQuerySet:
        """Keep one's own: the papers hold what the person who ordered them may see."""
        if not user.is_active:
            return self.none()
        mine = self.filter(by=user)
        return mine if user.cleared else mine.filter(restricted=False)

    def running(self) -> PackRunQuerySet:
        return self.exclude(state__in=[Run.State.DONE, Run.State.FAILED])


class PackRun(Run):
    """The papers of a thematic conference, ordered by somebody; `total` counts pages."""

    ref = RefField()
    restricted = models.BooleanField("gồm dự án hạn chế", default=False)

    objects = PackRunQuerySet.as_manager()

    class Meta:
        verbose_name = "lượt soạn tài liệu hội nghị"
        verbose_name_plural = "lượt soạn tài liệu hội nghị"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"Tài liệu hội nghị đến {self.on:%d/%m/%Y}"

    @property
    def suffix(self) -> str:
        return "zip"
