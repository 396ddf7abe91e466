"""What the map's far views are cut from: dissolved pieces, and their state on every day.

Everything here is made from takings and the event log by gpmb.analysis.pieces, and can be thrown
away: `manage.py refresh_tiles` makes it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.gis.db import models as gis
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from gpmb.clearance.models import Project, Taking
from gpmb.fields import WEB_MERCATOR
from gpmb.land.models import AdministrativeUnit

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from gpmb.accounts.models import User


class TakingCell(models.Model):
    """The 250 m cell of the legal plane that a taking counts in: one, by its inner point."""

    taking = models.OneToOneField(Taking, models.CASCADE, primary_key=True, related_name="cell")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    unit = models.ForeignKey(AdministrativeUnit, models.CASCADE, related_name="+")
    restricted = models.BooleanField()
    cell_x = models.IntegerField()
    cell_y = models.IntegerField()
    version = models.IntegerField()

    class Meta:
        verbose_name = "ô của phần thu hồi"
        verbose_name_plural = "ô của phần thu hồi"

    def __str__(self) -> str:
        return f"{self.taking_id} → {self.cell_x},{self.cell_y}"


class PieceQuerySet(models.QuerySet["Piece"]):
    def visible_to(self, user: User | AnonymousUser) -> PieceQuerySet:
        """Keep the pieces made of takings whose public facts `user` may see."""
        if not user.is_authenticated:
            return self.none()
        return self if user.cleared else self.filter(restricted=False)


class Piece(models.Model):
    """The takings of a project, ward and cell, dissolved. It has no status: shares are computed.

    `size_m` is the edge of the cell: 250, 1000, or 0 for the whole of a project in a ward.
    Restricted land has pieces of its own, so that a piece never shows what a viewer may not see.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    unit = models.ForeignKey(AdministrativeUnit, models.CASCADE, related_name="+")
    restricted = models.BooleanField()
    size_m = models.PositiveSmallIntegerField()
    cell_x = models.IntegerField()
    cell_y = models.IntegerField()
    web = gis.MultiPolygonField(srid=WEB_MERCATOR, spatial_index=False)
    fingerprint = models.CharField(max_length=32)

    objects = PieceQuerySet.as_manager()

    class Meta:
        verbose_name = "mảng bản đồ"
        verbose_name_plural = "mảng bản đồ"
        indexes = [GistIndex(fields=["web"], name="piece_web")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "size_m", "unit", "restricted", "cell_x", "cell_y"],
                name="piece_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.size_m} m {self.cell_x},{self.cell_y}"


class PieceState(models.Model):
    """How many takings, and m², of a piece stood in each stage 0-6 from a day on."""

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="states")
    on = models.DateField()
    takings = ArrayField(models.IntegerField(), size=7)
    area_m2 = ArrayField(models.FloatField(), size=7)

    class Meta:
        verbose_name = "trạng thái mảng bản đồ"
        verbose_name_plural = "trạng thái mảng bản đồ"
        constraints = [models.UniqueConstraint(fields=["piece", "on"], name="piecestate_once")]

    def __str__(self) -> str:
        return f"{self.piece_id} {self.on}"


class PieceVersion(models.Model):
    """Up to which data version of a project its pieces were made."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    number = models.BigIntegerField()

    class Meta:
        verbose_name = "phiên bản mảng bản đồ"
        verbose_name_plural = "phiên bản mảng bản đồ"

    def __str__(self) -> str:
        return f"{self.project_id}@{self.number}"
