"""Stored answers: what is too slow or too important to compute anew at each question."""

from __future__ import annotations

from django.db import models

from gpmb.analysis.blocking_models import Adjacency, AdjacencyState, Backtest  # noqa: F401
from gpmb.analysis.hotspot_models import (  # noqa: F401
    Hotspot,
    HotspotArea,
    HotspotMeasure,
    HotspotRun,
)
from gpmb.analysis.tile_models import Piece, PieceState, PieceVersion, TakingCell  # noqa: F401
from gpmb.clearance.models import Project
from gpmb.fields import AreaField, MoneyField
from gpmb.land.models import AdministrativeUnit


class DailyDelta(models.Model):
    """What one day changed in a project, ward and stage; the sum up to D is the state on D.

    A case that moves from stage 2 to 3 subtracts itself from 2 and adds itself to 3 that day.
    Takings and areas follow the taking's stage (6 once handed over), cases and money the case's;
    a case counts in the ward of its first taking. Built by gpmb.analysis.progress.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="daily_deltas")
    unit = models.ForeignKey(AdministrativeUnit, models.CASCADE, null=True)
    stage = models.PositiveSmallIntegerField()
    on = models.DateField()
    takings = models.IntegerField(default=0)
    area_m2 = AreaField(default=0)
    cases = models.IntegerField(default=0)
    households = models.IntegerField(default=0)
    organisations = models.IntegerField(default=0)
    approved_vnd = MoneyField(default=0)
    paid_vnd = MoneyField(default=0)

    class Meta:
        verbose_name = "biến động ngày"
        verbose_name_plural = "biến động ngày"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "unit", "stage", "on"], nulls_distinct=False, name="delta_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["on"],
                include=["project", "unit", "stage", "takings", "area_m2", "cases"],
                name="delta_on",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.on} {self.stage}"


class DeltaState(models.Model):
    """Up to which data version of a project its daily deltas were built."""

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="delta_state"
    )
    number = models.BigIntegerField()

    class Meta:
        verbose_name = "phiên bản biến động"
        verbose_name_plural = "phiên bản biến động"

    def __str__(self) -> str:
        return f"{self.project_id}@{self.number}"
