"""Which takings share a boundary, kept so that no request computes it; and the last back-test.

Everything here is derived by gpmb.analysis.adjacency and gpmb.analysis.backtest and can be thrown
away: `manage.py adjacency` and `manage.py backtest` make it anew.
"""

from __future__ import annotations

from django.db import models

from gpmb.clearance.models import Project, Taking


class Adjacency(models.Model):
    """Two takings of a project that share half a metre of boundary, or face over a `lane`.

    No constraint ties the pair to its takings: whoever deletes a taking needn't know this table,
    and readers leave out pairs whose takings are gone.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    first = models.ForeignKey(
        Taking, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    second = models.ForeignKey(
        Taking, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    shared_m = models.FloatField("ranh giới chung (m)")
    lane = models.BooleanField("qua đường đi", default=False)

    class Meta:
        verbose_name = "ranh giới chung"
        verbose_name_plural = "ranh giới chung"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "first", "second"], name="adjacency_once", include=["shared_m"]
            ),
            models.CheckConstraint(
                name="adjacency_in_order", condition=models.Q(first__lt=models.F("second"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} – {self.second_id}"


class AdjacencyState(models.Model):
    """Whether a project's stored pairs still fit its boundaries: triggers mark them stale.

    A project without a row has never been computed.
    """

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="adjacency_state"
    )
    stale = models.BooleanField(default=True)
    computed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "trạng thái ranh giới chung"
        verbose_name_plural = "trạng thái ranh giới chung"

    def __str__(self) -> str:
        return f"{self.project_id}: {'cũ' if self.stale else 'mới'}"


class Backtest(models.Model):
    """How past forecasts fared against what happened, as it was computed on a data date."""

    on = models.DateField("số liệu đến ngày", unique=True)
    made_at = models.DateTimeField(auto_now=True)
    result = models.JSONField()

    class Meta:
        verbose_name = "kiểm nghiệm dự báo"
        verbose_name_plural = "kiểm nghiệm dự báo"
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y}"
