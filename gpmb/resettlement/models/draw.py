"""A draw of lots: which plots, who in which order, what each drew, who was absent, swaps."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.db import models, transaction
from django.db.models import F, Q

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.fields import RefField
from gpmb.land.models import Document
from gpmb.resettlement.models.arrangement import Arrangement
from gpmb.resettlement.models.site import Plot, Site
from gpmb.tracking import tracked


class DrawRefused(ValueError):
    """A draw that can't be recorded this way; says why."""


@tracked()
class Draw(models.Model):
    """Bốc thăm lô: prepared, then held, then closed by its minutes, when the plots are given."""

    class Status(models.TextChoices):
        PREPARED = "prepared", "Đang chuẩn bị"
        HELD = "held", "Đã bốc thăm"
        CLOSED = "closed", "Đã chốt biên bản"

    ref = RefField()
    site = models.ForeignKey(Site, models.PROTECT, related_name="draws")
    on = models.DateField("ngày bốc thăm")
    place = models.CharField("địa điểm", max_length=200)
    witnesses = models.TextField("người chứng kiến")
    status = models.CharField("trạng thái", max_length=10, choices=Status, default="prepared")
    plots = models.ManyToManyField(Plot, related_name="draws", verbose_name="lô đưa vào bốc thăm")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="biên bản"
    )
    note = models.CharField("ghi chú", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người lập")

    class Meta:
        verbose_name = "cuộc bốc thăm"
        verbose_name_plural = "cuộc bốc thăm"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="draw_closed_has_minutes",
                condition=~Q(status="closed") | Q(document__isnull=False),
                violation_error_message="Chốt cuộc bốc thăm phải có biên bản.",
            )
        ]

    def __str__(self) -> str:
        return f"bốc thăm {self.site} ngày {self.on:%d/%m/%Y}"

    @transaction.atomic
    def record(self, results: dict[int, tuple[bool, Plot | None]]) -> None:
        """Write what each entry (by key) drew: present or not, and the plot."""
        self.refresh_from_db(from_queryset=Draw.objects.select_for_update())
        if self.status == self.Status.CLOSED:
            raise DrawRefused("Cuộc bốc thăm đã chốt biên bản, không sửa được.")
        drawn = [plot.pk for _, plot in results.values() if plot is not None]
        if len(drawn) != len(set(drawn)):
            raise DrawRefused("Một lô ghi cho hai hộ: kiểm tra lại kết quả.")
        self.entries.update(plot=None)
        for entry in self.entries.filter(pk__in=results):
            entry.present, entry.plot = results[entry.pk]
            if entry.plot is not None and not entry.present:
                raise DrawRefused(f"Hồ sơ {entry.case} vắng mặt thì không có lô.")
            entry.save(update_fields=["present", "plot"])
        self.status = self.Status.HELD
        self.save(update_fields=["status"])

    @transaction.atomic
    def record_entry(self, entry: DrawEntry, *, present: bool, plot: Plot | None) -> None:
        """Write what one entry drew; the others stay as they are."""
        self.refresh_from_db(from_queryset=Draw.objects.select_for_update())
        if self.status == self.Status.CLOSED:
            raise DrawRefused("Cuộc bốc thăm đã chốt biên bản, không sửa được.")
        if plot is not None and not present:
            raise DrawRefused(f"Hồ sơ {entry.case.code} vắng mặt thì không có lô.")
        others = self.entries.exclude(pk=entry.pk)
        if plot is not None and others.filter(plot=plot).exists():
            raise DrawRefused(f"Lô {plot.number} đã ghi cho hộ khác trong cuộc bốc thăm.")
        entry.present, entry.plot = present, plot
        entry.save(update_fields=["present", "plot"])
        if self.status != self.Status.HELD:
            self.status = self.Status.HELD
            self.save(update_fields=["status"])

    @transaction.atomic
    def swap(self, first: DrawEntry, second: DrawEntry, *, on: dt.date, reason: str) -> DrawSwap:
        """Exchange the plots of two households who agree; the record keeps who had which."""
        self.refresh_from_db(from_queryset=Draw.objects.select_for_update())
        if self.status != self.Status.HELD:
            raise DrawRefused("Chỉ đổi lô sau khi bốc thăm và trước khi chốt biên bản.")
        if first.plot is None or second.plot is None or first.pk == second.pk:
            raise DrawRefused("Đổi lô cần hai hộ đã có lô.")
        if not reason.strip():
            raise DrawRefused("Đổi lô phải ghi lý do, thỏa thuận của hai hộ.")
        swap = DrawSwap.objects.create(
            draw=self,
            first=first,
            second=second,
            first_had=first.plot,
            second_had=second.plot,
            on=on,
            reason=reason.strip(),
        )
        one, other = first.plot, second.plot
        DrawEntry.objects.filter(pk=first.pk).update(plot=None)
        DrawEntry.objects.filter(pk=second.pk).update(plot=one)
        DrawEntry.objects.filter(pk=first.pk).update(plot=other)
        first.plot, second.plot = other, one
        return swap

    @transaction.atomic
    def close(self, *, document: Document, by: User | None) -> int:
        """Close with the minutes: each plot drawn is allocated; return how many."""
        self.refresh_from_db(from_queryset=Draw.objects.select_for_update())
        if self.status != self.Status.HELD:
            raise DrawRefused("Chỉ chốt sau khi ghi kết quả bốc thăm.")
        given = 0
        for entry in self.entries.exclude(plot=None).select_related("plot", "case"):
            assert entry.plot is not None  # noqa: S101  (filtered just above)
            arrangement = Arrangement.objects.get(case=entry.case)
            arrangement.give(entry.plot, on=self.on, by=by, document=document)
            given += 1
        self.status, self.document = self.Status.CLOSED, document
        self.save(update_fields=["status", "document"])
        return given


@tracked()
class DrawEntry(models.Model):
    """A household in a draw; one entry for each plot it is entitled to."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="entries")
    case = models.ForeignKey(Case, models.PROTECT, related_name="draw_entries")
    order = models.PositiveSmallIntegerField("thứ tự")
    present = models.BooleanField("có mặt", default=True)
    plot = models.ForeignKey(
        Plot, models.PROTECT, null=True, blank=True, related_name="drawn", verbose_name="bốc được"
    )

    class Meta:
        verbose_name = "lượt bốc thăm"
        verbose_name_plural = "lượt bốc thăm"
        ordering = ["draw", "order"]
        triggers = [
            pgtrigger.Trigger(
                name="plot_of_the_draw",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__plot_id__isnull=False),
                func="""
                    IF NOT EXISTS (SELECT FROM resettlement_draw_plots
                                    WHERE draw_id = NEW.draw_id AND plot_id = NEW.plot_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            MESSAGE = 'Lô này không có trong cuộc bốc thăm.';
                    END IF;
                    RETURN NULL;
                """,
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["draw", "order"],
                name="drawentry_order_once",
                violation_error_message="Thứ tự này đã có hộ khác.",
            ),
            models.UniqueConstraint(
                fields=["draw", "plot"],
                name="drawentry_plot_once",
                violation_error_message="Lô này đã ghi cho hộ khác trong cuộc bốc thăm.",
            ),
            models.CheckConstraint(
                name="drawentry_absent_draws_nothing",
                condition=Q(plot__isnull=True) | Q(present=True),
                violation_error_message="Hộ vắng mặt thì không có lô.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.case}"


class DrawSwap(models.Model):
    """Two households exchanged what they drew; kept as it was."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="swaps")
    first = models.ForeignKey(DrawEntry, models.PROTECT, related_name="+")
    second = models.ForeignKey(DrawEntry, models.PROTECT, related_name="+")
    first_had = models.ForeignKey(Plot, models.PROTECT, related_name="+")
    second_had = models.ForeignKey(Plot, models.PROTECT, related_name="+")
    on = models.DateField("ngày")
    reason = models.CharField("lý do, thỏa thuận", max_length=300)

    class Meta:
        verbose_name = "đổi lô"
        verbose_name_plural = "đổi lô"
        ordering = ["draw", "on", "id"]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="drawswap_two_households",
                condition=~Q(first=F("second")),
                violation_error_message="Đổi lô cần hai hộ khác nhau.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_had} ↔ {self.second_had}"


@tracked(obj_field=None)
class DrawPlot(Draw.plots.through):  # type: ignore[name-defined]
    """A plot in a draw of lots: the pairs of `Draw.plots`, for their history."""

    class Meta:
        proxy = True
