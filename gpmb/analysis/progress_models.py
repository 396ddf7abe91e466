"""Stored sums of the event log by day, and what a period's figures were when it was closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Coalesce, Now

from gpmb.clearance.models import Case, Project
from gpmb.fields import AreaField, MoneyField
from gpmb.land.models import AdministrativeUnit
from gpmb.triggers import append_only

# What a taking or case without an entry date of its own counts from: the beginning of time.
EVER = dt.date(1900, 1, 1)


class Measured(models.Model):
    """The measures that a day changes in a project, ward and stage, each a signed sum.

    Takings and areas follow the taking's stage (6 once handed over), cases and money the case's;
    a case counts in the ward of its first taking. `late` counts cases past a legal ceiling and
    `obstacles` open obstacles, both in stage 0; `investor_m2` is what the centre handed to the
    investor, in stage 6; `unwritten` counts events that had happened and were not yet recorded, in
    stage 0. `restricted` marks land that only those cleared may count.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    unit = models.ForeignKey(AdministrativeUnit, models.CASCADE, null=True, related_name="+")
    stage = models.PositiveSmallIntegerField()
    restricted = models.BooleanField(default=False)
    takings = models.IntegerField(default=0)
    area_m2 = AreaField(default=0)
    cases = models.IntegerField(default=0)
    households = models.IntegerField(default=0)
    organisations = models.IntegerField(default=0)
    approved_vnd = MoneyField(default=0)
    paid_vnd = MoneyField(default=0)
    late = models.IntegerField(default=0)
    obstacles = models.IntegerField(default=0)
    investor_m2 = AreaField(default=0)
    unwritten = models.IntegerField(default=0)

    class Meta:
        abstract = True


class DailyDelta(Measured):
    """What one day changed; the sum up to D is the state on D.

    A case that moves from stage 2 to 3 subtracts itself from 2 and adds itself to 3 that day.
    Built by gpmb.analysis.progress.
    """

    on = models.DateField()

    class Meta:
        verbose_name = "biến động ngày"
        verbose_name_plural = "biến động ngày"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "unit", "stage", "restricted", "on"],
                nulls_distinct=False,
                name="delta_once",
            )
        ]
        indexes = [models.Index(fields=["on"], name="delta_on")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.on} {self.stage}"


class DayState(Measured):
    """The state at the end of a day on which it changed: the sum of all deltas up to it.

    The state on any day is each key's latest row up to it, one step down an index however long
    the history. Every key of a project, ward and stage has a row on EVER, zeros where nothing
    stood there yet, so that the keys themselves are quickly known.
    """

    on = models.DateField()

    class Meta:
        verbose_name = "trạng thái cuối ngày"
        verbose_name_plural = "trạng thái cuối ngày"
        constraints = [
            models.UniqueConstraint(
                "project",
                "stage",
                "restricted",
                Coalesce("unit", 0),
                "on",
                name="daystate_once",
            )
        ]
        indexes = [
            models.Index(fields=["project"], name="daystate_keys", condition=models.Q(on=EVER))
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.on} {self.stage}"


class DeltaState(models.Model):
    """Up to which data version of a project its sums were built."""

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="delta_state"
    )
    number = models.BigIntegerField()

    class Meta:
        verbose_name = "phiên bản biến động"
        verbose_name_plural = "phiên bản biến động"

    def __str__(self) -> str:
        return f"{self.project_id}@{self.number}"


class DueSpan(models.Model):
    """From `since` until the day before `until`, a case's next legal ceiling was `due_on`.

    The case is late on the days after `due_on` within the span. Derived from the log and the
    rules by gpmb.analysis.lateness; the current span repeats Case.due_on.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="due_spans")
    since = models.DateField()
    until = models.DateField(null=True)
    due_on = models.DateField()

    class Meta:
        verbose_name = "khoảng hạn của hồ sơ"
        verbose_name_plural = "khoảng hạn của hồ sơ"

    def __str__(self) -> str:
        return f"{self.case_id} {self.since}: {self.due_on}"


class DueState(models.Model):
    """The version of a case its spans were derived from."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="due_state")
    version = models.IntegerField()

    class Meta:
        verbose_name = "phiên bản khoảng hạn"
        verbose_name_plural = "phiên bản khoảng hạn"

    def __str__(self) -> str:
        return f"{self.case_id}@{self.version}"


class Freeze(models.Model):
    """The figures of every project as they stood when a day was closed (chốt số liệu).

    Never changed: a later rebuild of the same day that differs is shown beside it.
    """

    on = models.DateField("ngày số liệu", unique=True)
    made_at = models.DateTimeField("chốt lúc", db_default=Now())
    figures: Any = models.JSONField("số liệu", encoder=DjangoJSONEncoder)
    sha256 = models.CharField("mã kiểm tra", max_length=64)

    class Meta:
        verbose_name = "lần chốt số liệu"
        verbose_name_plural = "lần chốt số liệu"
        ordering = ["on"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.sha256[:8]}"
