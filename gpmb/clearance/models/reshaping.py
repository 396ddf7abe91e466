"""A split or merge of parcels as it was written: enough to take it back."""

from __future__ import annotations

from django.db import models

from gpmb.accounts.models import User
from gpmb.fields import RefField
from gpmb.land.models import Document, Parcel, ParcelLineage
from gpmb.tracking import tracked


class ReshapingQuerySet(models.QuerySet["Reshaping"]):
    def standing(self) -> ReshapingQuerySet:
        """Leave out those taken back."""
        return self.filter(undone_at__isnull=True)

    def about(self, parcel: Parcel) -> ReshapingQuerySet:
        """Keep those that retired or formed a parcel."""
        formed = ParcelLineage.objects.filter(child=parcel).values("parent")
        return self.filter(models.Q(parents=parcel) | models.Q(parents__in=formed)).distinct()


@tracked()
class Reshaping(models.Model):
    """Tách, hợp thửa: what it retired and formed, what was there before, perhaps undone.

    `before` is what an undo puts back, `after` a print of what was left: an undo compares.
    """

    ref = RefField()
    kind = models.CharField("loại", max_length=10, choices=ParcelLineage.Reason)
    parents = models.ManyToManyField(Parcel, related_name="reshapings")
    on = models.DateField("ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người ghi")
    created_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undone_at = models.DateTimeField("hoàn tác lúc", null=True, blank=True)
    undone_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người hoàn tác",
    )
    undo_reason = models.CharField("lý do hoàn tác", max_length=300, blank=True)

    objects = ReshapingQuerySet.as_manager()

    class Meta:
        verbose_name = "tách, hợp thửa"
        verbose_name_plural = "tách, hợp thửa"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="reshaping_undo_has_reason",
                condition=models.Q(undone_at__isnull=True) | ~models.Q(undo_reason=""),
                violation_error_message="Hoàn tác tách, hợp thửa phải ghi lý do.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"

    @property
    def children(self) -> list[int]:
        """Keys of the parcels it formed."""
        return [int(pk) for pk in self.after.get("children", {})]


@tracked(obj_field=None)
class ReshapingParent(Reshaping.parents.through):  # type: ignore[name-defined]
    """A parcel that was split or merged: the pairs of `Reshaping.parents`, for their history."""

    class Meta:
        proxy = True
