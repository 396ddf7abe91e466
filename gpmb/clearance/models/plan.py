"""The city's plan in versions, and what each version promises month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pgtrigger
from django.db import models, transaction
from django.db.models import Q

from gpmb import vn
from gpmb.clearance.models.project import Project
from gpmb.fields import AreaField, MoneyField
from gpmb.land.models import Document
from gpmb.law.steps import STAGE_LABELS
from gpmb.many import update_many
from gpmb.tracking import tracked

FROZEN = "Phiên bản này đã qua dự thảo: lập phiên bản mới để thay đổi."


class PlanFrozen(ValueError):
    """A version that has left the draft is changed by a new version, never in place."""

    def __init__(self) -> None:
        super().__init__(FROZEN)


class TargetMeasure(models.TextChoices):
    """What a target counts; the label is the unit that people type it in."""

    CASES = "cases", "hồ sơ"
    AREA = "area_m2", "ha"
    AMOUNT = "amount_vnd", "triệu đồng"


@dataclass(frozen=True, order=True)
class TargetLine:
    """A step and what is counted of it: a row of monthly targets.

    >>> TargetLine(6, TargetMeasure.AREA).label
    'Bàn giao mặt bằng, ha'
    """

    stage: int
    measure: TargetMeasure

    @property
    def label(self) -> str:
        return f"{STAGE_LABELS[self.stage]}, {self.measure.label}"

    @property
    def key(self) -> str:
        """As in addresses and form fields: "6-ha"."""
        return f"{self.stage}-{_SLUGS[self.measure]}"

    def stored(self, typed: Decimal) -> Decimal:
        """Turn what people type (cases, ha, million đồng) into cases, m² to 0.01, đồng."""
        step = Decimal("0.01") if self.measure is TargetMeasure.AREA else Decimal(1)
        return (typed * _UNITS[self.measure]).quantize(step)

    def typed(self, stored: Decimal) -> Decimal:
        """Turn m² into ha and đồng into million đồng, exactly."""
        return (stored / _UNITS[self.measure]).normalize()

    def text(self, stored: Decimal | int | None) -> str:
        """Write a target exactly, in the unit it is typed in: "1,25 ha", or "không đặt"."""
        if stored is None:
            return "không đặt"
        typed = self.typed(Decimal(stored))
        exponent = typed.as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        return f"{vn.grouped(typed, places)} {self.measure.label}"


_SLUGS = {TargetMeasure.CASES: "ho-so", TargetMeasure.AREA: "ha", TargetMeasure.AMOUNT: "tien"}
_UNITS = {TargetMeasure.CASES: 1, TargetMeasure.AREA: 10_000, TargetMeasure.AMOUNT: 1_000_000}
MONEY_STAGES = (4, 5)
"""Money is approved, then paid; no other step has an amount."""
TARGET_LINES = tuple(
    TargetLine(stage, measure)
    for stage in STAGE_LABELS
    for measure in TargetMeasure
    if stage and (measure is not TargetMeasure.AMOUNT or stage in MONEY_STAGES)
)
TARGET_LINE = {line.key: line for line in TARGET_LINES}

Values = Mapping[dt.date, Decimal | None]
Cell = tuple[TargetLine, dt.date]


class NotCumulative(ValueError):
    """A later month asks for less than an earlier one: which cells."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        super().__init__("Chỉ tiêu là số lũy kế: tháng sau không được nhỏ hơn tháng trước.")
        self.cells = tuple(cells)


def falling(values: Values) -> list[dt.date]:
    """Return the months that ask for less than a month before them."""
    found, highest = [], Decimal(0)
    for month, value in sorted(values.items()):
        if value is None:
            continue
        if value < highest:
            found.append(month)
        highest = max(highest, value)
    return found


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def known(self, *, on: dt.date) -> PlanVersionQuerySet:
        """The versions of the day's year up to the day, oldest first."""
        return self.filter(year=on.year, on__lte=on).order_by("on", "pk")

    def in_force(self, *, on: dt.date) -> PlanVersionQuerySet:
        """The versions that may be the plan: not drafts, while there is anything else."""
        known = self.known(on=on)
        decided = known.exclude(kind=PlanVersion.Kind.DRAFT)
        return known.filter(
            Q(pk__in=decided.values("pk"))
            | ~models.Exists(
                PlanVersion.objects.filter(year=on.year, on__lte=on).exclude(
                    kind=PlanVersion.Kind.DRAFT
                )
            )
        )


@tracked()
class PlanVersion(models.Model):
    """The city's yearly plan as drafted, as amended after the meeting, as issued."""

    class Kind(models.TextChoices):
        DRAFT = "draft", "Dự thảo"
        AFTER_MEETING = "after_meeting", "Sau cuộc họp"
        ISSUED = "issued", "Đã ban hành"

    year = models.PositiveSmallIntegerField("năm")
    kind = models.CharField("giai đoạn", max_length=15, choices=Kind, default=Kind.DRAFT)
    name = models.CharField("tên", max_length=200)
    on = models.DateField("ngày")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "phiên bản kế hoạch"
        verbose_name_plural = "phiên bản kế hoạch"
        ordering = ["year", "on"]
        constraints = [
            models.CheckConstraint(
                name="planversion_issued_has_document",
                condition=~Q(kind="issued") | Q(document__isnull=False),
                violation_error_message="Kế hoạch đã ban hành phải có số, ngày văn bản.",
            ),
            models.UniqueConstraint(
                fields=["on"],
                name="planversion_one_a_day",
                violation_error_message="Ngày này đã có một phiên bản; chọn ngày khác.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF OLD.kind <> 'draft' THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{FROZEN}';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def editable(self) -> bool:
        """Targets are typed into drafts alone."""
        return self.kind == self.Kind.DRAFT

    @transaction.atomic
    def copy(self, *, name: str, on: dt.date) -> PlanVersion:
        """Begin a new draft with this version's projects, and its targets if of the same year."""
        made = PlanVersion.objects.create(year=on.year, kind=self.Kind.DRAFT, name=name, on=on)
        for entry in self.entries.prefetch_related("targets"):
            targets = list(entry.targets.all()) if on.year == self.year else []
            entry.pk, entry.version, entry._state.adding = None, made, True
            entry.save()
            for target in targets:
                target.pk, target.entry, target._state.adding = None, entry, True
            Target.objects.bulk_create(targets)
        return made

    @transaction.atomic
    def put_in(self, projects: Iterable[Project]) -> int:
        """Add projects to a draft, without targets yet; return how many were new."""
        self._lock()
        known = set(self.entries.values_list("project", flat=True))
        new = [project for project in projects if project.pk not in known]
        PlanEntry.objects.bulk_create(PlanEntry(version=self, project=p) for p in new)
        return len(new)

    @transaction.atomic
    def take_out(self, project: Project) -> None:
        """Take a project out of a draft, with its targets there."""
        self._lock()
        self.entries.filter(project=project).delete()

    def _lock(self) -> PlanVersion:
        """Hold the version so that it can't leave the draft meanwhile. Raises `PlanFrozen`."""
        row = PlanVersion.objects.select_for_update().get(pk=self.pk)
        if not row.editable:
            raise PlanFrozen
        return row

    @transaction.atomic
    def decide(self, kind: str, *, on: dt.date, document: Document | None) -> None:
        """Leave the draft: after the meeting, or issued with its document; never back."""
        self._lock()
        if kind == self.Kind.DRAFT:
            raise PlanFrozen
        self.kind, self.on, self.document = kind, on, document
        self.full_clean()
        self.save(update_fields=["kind", "on", "document"])


def _only_in_draft(parent: str, versions: str) -> pgtrigger.Trigger:
    """Refuse rows of a version past the draft, whichever door they come through.

    `versions` selects the versions of the `parent` keys in `touched`. They are locked: a version
    can't leave the draft while somebody writes into it.
    """
    return pgtrigger.Trigger(
        name="only_in_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("touched", "bigint[]"), ("kinds", "text[]")],
        func=f"""
            touched := CASE TG_OP
                WHEN 'INSERT' THEN ARRAY[NEW.{parent}]
                WHEN 'DELETE' THEN ARRAY[OLD.{parent}]
                ELSE ARRAY[OLD.{parent}, NEW.{parent}] END;
            SELECT array_agg(kind) INTO kinds FROM ({versions} FOR SHARE OF v) of_rows;
            IF kinds && ARRAY['after_meeting', 'issued'] THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{FROZEN}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608  (constant SQL of the models, no value from outside)
    )


@tracked()
class PlanEntry(models.Model):
    """A project stands in a version of the plan."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="entries")
    project = models.ForeignKey(Project, models.CASCADE, related_name="plan_entries")
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "dự án trong kế hoạch"
        verbose_name_plural = "dự án trong kế hoạch"
        constraints = [models.UniqueConstraint(fields=["version", "project"], name="entry_once")]
        triggers = [
            _only_in_draft(
                "version_id",
                "SELECT v.kind::text FROM clearance_planversion v WHERE v.id = ANY(touched)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.project}"

    def values(self) -> dict[TargetLine, dict[dt.date, Decimal]]:
        """Return the targets by line and month, in m², đồng and cases."""
        return _values(self.targets.all())

    @transaction.atomic
    def set_targets(self, wanted: Mapping[TargetLine, Values]) -> int:
        """Set cumulative targets by line and month (first days); return how many cells changed.

        None takes a month out; months that are not named stay. Raises `PlanFrozen`, or
        `NotCumulative` where a later month would ask for less than an earlier one.
        """
        self.version._lock()
        rows = {(row.stage, row.month): row for row in Target.objects.filter(entry=self)}
        kept = _values(rows.values())
        falls = [
            (line, month)
            for line, values in wanted.items()
            for month in falling({**kept.get(line, {}), **values})
        ]
        if falls:
            raise NotCumulative(falls)
        changed, touched = 0, dict[tuple[int, dt.date], Target]()
        for line, values in wanted.items():
            for month, value in values.items():
                if kept.get(line, {}).get(month) != value:
                    at = line.stage, month
                    row = rows.get(at) or touched.get(at)
                    touched[at] = row or Target(entry=self, stage=line.stage, month=month)
                    setattr(touched[at], line.measure, value)
                    changed += 1
        _write(touched.values())
        return changed


def _values(rows: Iterable[Target]) -> dict[TargetLine, dict[dt.date, Decimal]]:
    found: dict[TargetLine, dict[dt.date, Decimal]] = {}
    for row in rows:
        for measure in TargetMeasure:
            value = getattr(row, measure)
            if value is not None:
                line = found.setdefault(TargetLine(row.stage, measure), {})
                line[row.month] = Decimal(value)
    return found


def _write(rows: Iterable[Target]) -> None:
    """Write rows new, changed, or left without a value."""
    names = list(TargetMeasure.values)
    full = [row for row in rows if any(getattr(row, name) is not None for name in names)]
    gone = [row.pk for row in rows if row.pk and row not in full]
    Target.objects.filter(pk__in=gone).delete()
    update_many([row for row in full if row.pk], names)
    Target.objects.bulk_create([row for row in full if not row.pk])


@tracked()
class Target(models.Model):
    """What a plan version wants reached by the end of a month, cumulative.

    `stage` as in gpmb.law.steps (5 paid, 6 handed over): of so many cases, so much land, so much
    money that step is to be done. `month` is the month's first day.
    """

    entry = models.ForeignKey(PlanEntry, models.CASCADE, related_name="targets")
    stage = models.PositiveSmallIntegerField("giai đoạn")
    month = models.DateField("tháng")
    cases = models.PositiveIntegerField("số hồ sơ lũy kế", null=True, blank=True)
    area_m2 = AreaField("diện tích lũy kế (m²)", null=True, blank=True)
    amount_vnd = MoneyField("số tiền lũy kế (đồng)", null=True, blank=True)

    class Meta:
        verbose_name = "chỉ tiêu"
        verbose_name_plural = "chỉ tiêu"
        ordering = ["entry", "stage", "month"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "stage", "month"], name="target_once"),
            models.CheckConstraint(
                name="target_month_is_first_day",
                condition=Q(month__day=1),
                violation_error_message="Tháng ghi bằng ngày đầu tháng.",
            ),
            models.CheckConstraint(
                name="target_stage_is_a_step",
                condition=Q(stage__range=(1, 6)),
                violation_error_message="Chỉ tiêu đặt cho một bước từ thông báo đến bàn giao.",
            ),
            models.CheckConstraint(
                name="target_says_something",
                condition=Q(cases__isnull=False)
                | Q(area_m2__isnull=False)
                | Q(amount_vnd__isnull=False),
                violation_error_message="Chỉ tiêu phải có số hồ sơ, diện tích hoặc số tiền.",
            ),
            models.CheckConstraint(
                name="target_not_below_zero",
                condition=~Q(area_m2__lt=0) & ~Q(amount_vnd__lt=0),
                violation_error_message="Chỉ tiêu không được âm.",
            ),
            models.CheckConstraint(
                name="target_money_is_approved_or_paid",
                condition=Q(amount_vnd__isnull=True) | Q(stage__in=MONEY_STAGES),
                violation_error_message="Số tiền chỉ đặt cho bước phê duyệt và chi trả.",
            ),
        ]
        triggers = [
            _only_in_draft(
                "entry_id",
                "SELECT v.kind::text FROM clearance_planentry e JOIN clearance_planversion v "
                "ON v.id = e.version_id WHERE e.id = ANY(touched)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry} · {self.month:%m/%Y}"
