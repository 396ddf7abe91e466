"""The rows of an export, read in batches so that memory doesn't grow with them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib.gis.db.models.functions import AsWKB
from django.db import models
from django.db.models import F, OuterRef, Subquery, Sum

from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis.selection import stage_on
from gpmb.clearance.models import Case, CaseParty, TakingPart
from gpmb.compensation.models import Payment, Plan
from gpmb.land.models import ParcelNumber
from gpmb.law import steps
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.many import among

BATCH = 5000


class Shape(models.TextChoices):
    """What is drawn of a taking."""

    PARCEL = "thua", "Ranh thửa đất"
    TAKING = "thu-hoi", "Phần thu hồi"


@dataclass(frozen=True)
class Household:
    """What a list says of a case to those who may see its household."""

    names: str
    address: str
    plan_vnd: Decimal | None
    paid_vnd: Decimal | None


@dataclass(frozen=True)
class Line:
    """One taking as a list shows it, or one parcel of a layer; areas in m²."""

    project: str
    unit_code: str
    unit: str
    sheet: str | None
    number: str | None
    registered_m2: Decimal | None
    measured_m2: Decimal | None
    recovered_m2: Decimal
    classes: dict[str, Decimal]
    case_id: int | None
    case: str
    stage: int
    step: str
    stepped_on: dt.date | None
    due_on: dt.date | None
    handed_over_on: dt.date | None
    boundary: bytes | None = field(default=None, repr=False)
    household: Household | None = field(default=None, repr=False)

    @property
    def land_class(self) -> str | None:
        """The one class of the land; None where there are several or none."""
        return next(iter(self.classes)) if len(self.classes) == 1 else None

    @property
    def class_shares(self) -> str | None:
        """ "LUC 300; ONT 100" of mixed land."""
        if len(self.classes) < 2:
            return None
        return "; ".join(f"{code} {area.normalize():f}" for code, area in self.classes.items())


@dataclass(frozen=True)
class Content:
    """What is exported, for whom, as of which day. `takings` are visible to the user already."""

    user: User
    on: dt.date
    today: dt.date
    takings: models.QuerySet[Any]
    title: str = "Danh sách thu hồi đất"
    filters: tuple[str, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether a list of this reader may hold names and amounts."""
        return access.sees_names(self.user)

    def count(self) -> int:
        return self.takings.count()

    def lines(self) -> Iterator[Line]:
        """The takings by project and case, each with its household where the reader may see it."""
        ordered = self._rows().order_by("project__code", "case__code", "parcel_id", "pk")
        for batch in _batches(ordered):
            parts = _parts(batch)
            households = self._households({row["case_id"] for row in batch} - {None})
            for row in batch:
                yield self._line(row, parts[row["pk"]], households.get(row["case_id"]))

    def layer(self, shape: Shape) -> Iterator[list[Line]]:
        """Batches of what is drawn, without households: a parcel once, or each taking."""
        source = "parcel__boundary" if shape == Shape.PARCEL else "boundary"
        rows = (
            self._rows()
            .filter(**{f"{source}__isnull": False})
            .annotate(shape=AsWKB(source))
            .order_by("project_id", "parcel_id", "pk")
        )
        for batch in _batches(rows, whole_parcels=shape == Shape.PARCEL):
            parts = _parts(batch)
            lines = [self._line(row, parts[row["pk"]], None) for row in batch]
            if shape == Shape.PARCEL:
                keys = [(row["project_id"], row["parcel_id"]) for row in batch]
                pairs = groupby(zip(keys, lines, strict=True), key=lambda pair: pair[0])
                lines = [_one([line for _, line in same]) for _, same in pairs]
            yield lines

    def _rows(self) -> Any:
        current = ParcelNumber.objects.filter(
            parcel=OuterRef("parcel_id"), kind="current", valid_to=None
        )
        takings = self.takings
        if "reached" not in takings.query.annotations:
            takings = takings.annotate(reached=stage_on(self.on, self.today))
        return takings.annotate(
            sheet=Subquery(current.values("sheet")[:1]),
            number=Subquery(current.values("number")[:1]),
            stated_m2=F("parcel__registered_area_m2"),
            surveyed_m2=F("parcel__measured_area_m2"),
        )

    def _line(
        self, row: dict[str, Any], classes: dict[str, Decimal], household: Household | None
    ) -> Line:
        over = row["handed_over_on"]
        return Line(
            project=row["project__code"],
            unit_code=row["parcel__unit__code"],
            unit=row["parcel__unit__name"],
            sheet=row["sheet"],
            number=row["number"],
            registered_m2=row["stated_m2"],
            measured_m2=row["surveyed_m2"],
            recovered_m2=row["recovered_area_m2"],
            classes=classes,
            case_id=row["case_id"],
            case=row["case__code"] or "",
            stage=row["reached"],
            step=self._step(row),
            stepped_on=row["case__stepped_on"] if self.on >= self.today else None,
            due_on=row["case__due_on"] if self.on >= self.today else None,
            handed_over_on=over if over and over <= self.on else None,
            boundary=bytes(row["shape"]) if "shape" in row else None,
            household=household,
        )

    def _step(self, row: dict[str, Any]) -> str:
        if row["case_id"] is None:
            return "Chưa lập hồ sơ"
        if self.on < self.today:
            return steps.STAGE_LABELS[row["reached"]]
        override = row["case__regime_override"]
        facts = Facts(
            notice_on=row["case__notice_on"],
            approval_on=row["case__approval_on"],
            recovery_on=row["case__recovery_on"],
            override=Regime(override) if override else None,
        )
        regime = regime_of(facts, row["case__stepped_on"] or self.on)
        return steps.label(row["case__step"], regime)

    def _households(self, cases: set[int]) -> dict[int, Household]:
        if not self.personal or not cases:
            return {}
        opened = set(
            Case.objects.visible_to(self.user, on=self.today)
            .filter(pk=among(cases))
            .values_list("pk", flat=True)
        )
        names: dict[int, list[str]] = defaultdict(list)
        address: dict[int, str] = {}
        people = (
            CaseParty.objects.current(on=self.on)
            .filter(case=among(opened))
            .exclude(role=CaseParty.Role.REPRESENTATIVE)
        )
        told = people.order_by("pk").values_list("case", "party__name", "party__address")
        for case, name, home in told:
            names[case].append(name)
            address.setdefault(case, home)
        plans = dict(
            Plan.objects.filter(case=among(opened))
            .order_by("number")
            .values_list("case", "total_vnd")
        )
        paid = dict(
            Payment.objects.settled()
            .filter(case=among(opened), on__lte=self.on)
            .order_by()
            .values_list("case")
            .annotate(Sum("amount_vnd"))
        )
        return {
            case: Household(
                ", ".join(names[case]), address.get(case, ""), plans.get(case), paid.get(case)
            )
            for case in opened
        }


_FIELDS = (
    "pk", "project_id", "parcel_id", "case_id", "project__code", "parcel__unit__code",
    "parcel__unit__name", "sheet", "number", "stated_m2", "surveyed_m2", "recovered_area_m2",
    "handed_over_on", "reached", "case__code", "case__step", "case__stepped_on", "case__due_on",
    "case__regime_override", "case__notice_on", "case__approval_on", "case__recovery_on",
)  # fmt: skip


def _batches(rows: Any, *, whole_parcels: bool = False) -> Iterator[list[dict[str, Any]]]:
    """Rows of at most BATCH; with `whole_parcels` a parcel's takings stay in one batch."""
    fields = [*_FIELDS, "shape"] if "shape" in rows.query.annotations else list(_FIELDS)
    batch: list[dict[str, Any]] = []
    for row in rows.values(*fields).iterator(chunk_size=BATCH):
        same = whole_parcels and batch and batch[-1]["parcel_id"] == row["parcel_id"]
        if len(batch) >= BATCH and not same:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _parts(batch: list[dict[str, Any]]) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    takings = among([row["pk"] for row in batch])
    rows = TakingPart.objects.filter(taking=takings).order_by("pk")
    for taking, code, area in rows.values_list("taking", "land_class__code", "area_m2"):
        found[taking][code] = area
    return found


def _one(lines: list[Line]) -> Line:
    """A parcel whose takings stand in several cases, as one line of a layer."""
    first = lines[0]
    if len(lines) == 1:
        return first
    classes: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        for code, area in line.classes.items():
            classes[code] += area
    least = min(lines, key=lambda line: line.stage)
    return Line(
        **{
            **vars(least),
            "recovered_m2": sum((line.recovered_m2 for line in lines), Decimal(0)),
            "classes": dict(classes),
            "case": ", ".join(dict.fromkeys(line.case for line in lines if line.case)),
            "boundary": first.boundary,
        }
    )
