"""What a clearance boundary means for a project's land: proposed, applied, taken back.

Nothing signed is overwritten: where a case has been inventoried, approved or handed over, the
difference is shown and the taking stays as its papers say.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pghistory
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import models, transaction
from django.utils import timezone

from geo.clearance import Relation, cut
from gpmb.accounts.models import User
from gpmb.clearance.models import (
    BoundaryRow,
    ClearanceBoundary,
    Project,
    Taking,
    TakingPart,
)
from gpmb.land.models import Parcel, ParcelNumber
from gpmb.many import among, update_many
from gpmb.reference.models import LandClass, MinimumPlot

BATCH = 1000
CENT = Decimal("0.01")
SAME_SHAPE_M2 = 1.0
"""Shapes that differ by less are one drawing rounded twice."""
SIGNED_STAGE = 2
"""From the inventory on, a signed record states the area."""

Action = BoundaryRow.Action
KEPT, SAME, NONE = "kept", "same", "none"
LABELS = {
    Action.NEW: "thêm vào thu hồi",
    Action.CHANGED: "sửa diện tích",
    Action.WITHDRAWN: "rút khỏi thu hồi",
    KEPT: "giữ nguyên, lệch với ranh",
    SAME: "không đổi",
    NONE: "ngoài ranh",
}


class BoundaryRefused(Exception):
    """The boundary can't be applied or undone: why, in words."""


@dataclass(frozen=True)
class Row:
    """One parcel: how it lies, what is recovered and what remains (m²), what would be done."""

    parcel_id: int
    parcel_ref: int
    key: str
    unit: str
    relation: Relation
    parcel_m2: Decimal
    """By document, else by survey."""
    recovered_m2: Decimal
    remainder_m2: Decimal
    action: str
    why: str
    warning: str
    old_m2: Decimal | None
    taking_id: int | None
    taking_version: int
    shape: Any

    @property
    def action_label(self) -> str:
        return LABELS[self.action]

    @property
    def difference_m2(self) -> Decimal:
        return self.recovered_m2 - (self.old_m2 or Decimal(0))


@dataclass(frozen=True)
class Proposal:
    """What a boundary would do, parcel by parcel."""

    rows: tuple[Row, ...]
    limits: Mapping[str, MinimumPlot]

    def count(self, relation: Relation) -> int:
        return sum(row.relation == relation for row in self.rows)

    @property
    def actions(self) -> dict[str, int]:
        return dict(Counter(row.action for row in self.rows))

    @property
    def recovered_m2(self) -> Decimal:
        return sum((row.recovered_m2 for row in self.rows), Decimal(0))

    @property
    def warnings(self) -> int:
        return sum(bool(row.warning) for row in self.rows)

    @property
    def unverified(self) -> bool:
        return any(not limit.verified for limit in self.limits.values())

    @property
    def digest(self) -> str:
        """What was previewed, in short: applied only if it is still so."""
        text = ";".join(
            f"{r.parcel_id},{r.action},{r.recovered_m2},{r.taking_id},{r.taking_version}"
            for r in self.rows
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def summary(self) -> dict[str, Any]:
        return {
            "inside": self.count(Relation.INSIDE),
            "partly": self.count(Relation.PARTLY),
            "outside": self.count(Relation.OUTSIDE),
            "recovered_m2": str(self.recovered_m2),
            "warnings": self.warnings,
            "actions": self.actions,
        }


def propose(project: Project, boundary: GEOSGeometry, *, user: User, on: dt.date) -> Proposal:
    """Cut the parcels that `user` may see and say what each would become. Writes nothing."""
    takings = _takings(project)
    parcels = list(_parcels(boundary, list(takings), user, on))
    shapes = np.array([shapely.from_wkb(bytes(p.boundary.wkb)) for p in parcels], dtype=object)
    found = cut(shapes, shapely.from_wkb(bytes(boundary.wkb)))
    keys = dict(
        ParcelNumber.objects.filter(parcel__in=parcels, kind="current", valid_to=None).values_list(
            "parcel", "key"
        )
    )
    limits = MinimumPlot.objects.limits(on)
    rows = []
    for at, parcel in enumerate(parcels):
        row = _row(
            parcel,
            keys.get(parcel.pk, ""),
            Relation(int(found.relation[at])),
            found.recovered[at],
            takings.get(parcel.pk, []),
        )
        rows.append(replace(row, warning=_warning(row, takings.get(parcel.pk, []), limits)))
    rows.sort(key=lambda r: (-r.relation, not r.warning, _natural(r.key)))
    return Proposal(tuple(rows), limits)


def _takings(project: Project) -> dict[int, list[Taking]]:
    found: dict[int, list[Taking]] = {}
    rows = Taking.objects.filter(project=project, withdrawn_on=None).select_related("case")
    for taking in rows.prefetch_related("parts__land_class").order_by("pk"):
        found.setdefault(taking.parcel_id, []).append(taking)
    return found


def _parcels(boundary: GEOSGeometry, taken: list[int], user: User, on: dt.date) -> Any:
    """Living parcels in the boundary's reach, and those the project takes of already."""
    return (
        Parcel.objects.visible_to(user)
        .live(on=on)
        .filter(boundary__isnull=False)
        .filter(models.Q(boundary__intersects=boundary) | models.Q(pk__in=taken))
        .select_related("unit")
        .order_by("pk")
    )


def _row(parcel: Parcel, key: str, relation: Relation, shape: Any, takings: list[Taking]) -> Row:
    surveyed = parcel.measured_area_m2 or Decimal(str(parcel.boundary.area)).quantize(CENT)
    whole = parcel.registered_area_m2 or surveyed
    recovered = Decimal(0)
    if relation == Relation.INSIDE:
        recovered = whole
    elif relation == Relation.PARTLY:
        recovered = min(Decimal(str(shape.area)).quantize(CENT), whole)
    old = sum((t.recovered_area_m2 for t in takings), Decimal(0)) if takings else None
    action, why = _action(relation, recovered, shape, takings)
    return Row(
        parcel_id=parcel.pk,
        parcel_ref=parcel.ref,
        key=key,
        unit=str(parcel.unit),
        relation=relation,
        parcel_m2=whole,
        recovered_m2=recovered,
        remainder_m2=whole - recovered,
        action=action,
        why=why,
        warning="",
        old_m2=old,
        taking_id=takings[0].pk if takings else None,
        taking_version=takings[0].version if takings else 0,
        shape=shape,
    )


def _action(
    relation: Relation, recovered: Decimal, shape: Any, takings: list[Taking]
) -> tuple[str, str]:
    if not takings:
        return (NONE, "") if relation == Relation.OUTSIDE else (Action.NEW, "")
    taking = takings[0]
    old = sum((t.recovered_area_m2 for t in takings), Decimal(0))
    if relation != Relation.OUTSIDE and abs(old - recovered) < CENT and _same(taking, shape):
        return SAME, ""
    if why := _signed(takings):
        return (SAME if relation != Relation.OUTSIDE and old == recovered else KEPT), why
    if relation == Relation.OUTSIDE:
        if taking.case_id:
            return KEPT, "đã lập hồ sơ: rút phần thu hồi trên trang hồ sơ"
        return Action.WITHDRAWN, ""
    if len(taking.parts.all()) > 1 and old != recovered:
        return KEPT, "đã chia nhiều loại đất: sửa diện tích từng loại trên trang hồ sơ"
    return Action.CHANGED, ""


def _same(taking: Taking, shape: Any) -> bool:
    if taking.boundary is None:
        return False
    known = shapely.from_wkb(bytes(taking.boundary.wkb))
    return bool(shapely.area(shapely.symmetric_difference(known, shape)) < SAME_SHAPE_M2)


def _signed(takings: list[Taking]) -> str:
    """Why the papers of these takings hold their area, or nothing."""
    if len(takings) > 1:
        return "thửa thuộc nhiều hồ sơ: chia diện tích trên trang từng hồ sơ"
    (taking,) = takings
    if taking.handed_over_on:
        return f"đã bàn giao {taking.handed_over_on:%d/%m/%Y}"
    if taking.case and taking.case.approval_on:
        return f"phương án đã phê duyệt {taking.case.approval_on:%d/%m/%Y}"
    if taking.case and taking.case.stage >= SIGNED_STAGE:
        return "đã kiểm đếm, diện tích theo biên bản"
    return ""


def _warning(row: Row, takings: list[Taking], limits: Mapping[str, MinimumPlot]) -> str:
    """Say that what remains is smaller than the smallest plot allowed; by the land's use where it
    is known, else only what is below every limit."""
    if row.relation != Relation.PARTLY or not limits or row.remainder_m2 <= 0:
        return ""
    uses = {_use(part.land_class) for t in takings for part in t.parts.all()} & limits.keys()
    rows = [limits[use] for use in uses] or list(limits.values())
    limit = min(rows, key=lambda r: r.area_m2)
    if row.remainder_m2 >= limit.area_m2:
        return ""
    doubt = "" if limit.verified else ", chưa đối chiếu văn bản"
    return (
        f"còn lại dưới {limit.area_m2.normalize():f} m² ({limit.get_use_display().lower()}, "
        f"{limit.article}{doubt})"
    )


def _use(land_class: LandClass) -> str:
    if land_class.residential:
        return MinimumPlot.Use.RESIDENTIAL
    if land_class.group == LandClass.Group.AGRI:
        return MinimumPlot.Use.AGRI
    return MinimumPlot.Use.OTHER


def _natural(key: str) -> tuple[Any, ...]:
    sheet, _, number = key.partition("/")
    digits = "".join(c for c in number if c.isdigit())
    return (sheet.zfill(6), int(digits or 0), number)


@transaction.atomic
def apply(record: ClearanceBoundary, *, digest: str, by: User, on: dt.date) -> Proposal:
    """Write what the preview with this digest showed, all of it or nothing.

    Raises `BoundaryRefused` where it was applied before, or the land changed since the preview.
    """
    with pghistory.context(reason=f"Ranh giải phóng mặt bằng {record.on:%d/%m/%Y}"):
        project = Project.objects.select_for_update().get(pk=record.project_id)
        record = ClearanceBoundary.objects.select_for_update().get(pk=record.pk)
        if record.applied_at is not None:
            raise BoundaryRefused("Ranh này đã ghi rồi.")
        proposal = propose(project, record.boundary, user=by, on=on)
        if proposal.digest != digest:
            raise BoundaryRefused(
                "Số liệu thửa đất đã đổi từ lúc xem trước. Xem lại bảng dưới đây rồi ghi."
            )
        _write(record, proposal.rows, on)
        record.before, record.applied_at = project.boundary, timezone.now()
        record.summary = proposal.summary()
        record.save(update_fields=["before", "applied_at", "summary"])
        project.boundary = record.boundary
        project.save(update_fields=["boundary"])
    return proposal


def _write(record: ClearanceBoundary, rows: tuple[Row, ...], on: dt.date) -> None:
    """Make, change and withdraw takings, whole sets at a time; remember each for an undo."""
    reason = f"Ngoài ranh giải phóng mặt bằng {record.on:%d/%m/%Y}"
    known = Taking.objects.in_bulk([row.taking_id for row in rows if row.taking_id])
    old_parts = _parts(known)
    new: list[Taking] = []
    moved: list[Taking] = []
    parts: list[TakingPart] = []
    done: list[tuple[Taking, str, dict[str, Any] | None]] = []
    for row in rows:
        before = None
        if row.action == Action.NEW:
            taking = Taking(project_id=record.project_id, parcel_id=row.parcel_id)
            new.append(taking)
        elif row.action in (Action.CHANGED, Action.WITHDRAWN):
            taking = known[row.taking_id or 0]
            moved.append(taking)
        else:
            continue
        if row.action == Action.WITHDRAWN:
            taking.withdrawn_on, taking.withdrawn_reason = on, reason
        else:
            if row.action == Action.CHANGED:
                before = {
                    "boundary": taking.boundary.hexewkb.decode() if taking.boundary else None,
                    "recovered_area_m2": str(taking.recovered_area_m2),
                }
            taking.boundary = GEOSGeometry(memoryview(shapely.to_wkb(row.shape)))
            taking.boundary.srid = record.boundary.srid
            taking.recovered_area_m2 = row.recovered_m2
            if len(old_parts.get(row.taking_id or 0, ())) == 1:
                (part,) = old_parts[row.taking_id or 0]
                part.area_m2 = row.recovered_m2
                parts.append(part)
        done.append((taking, row.action, before))
    Taking.objects.bulk_create(new, batch_size=BATCH)
    fields = ["boundary", "recovered_area_m2", "withdrawn_on", "withdrawn_reason"]
    versions = update_many(moved, fields)
    update_many(parts, ["area_m2"])
    BoundaryRow.objects.bulk_create(
        (
            BoundaryRow(
                boundary=record,
                taking=taking,
                action=action,
                before=before,
                version_after=versions.get(taking.pk) or taking.version,
            )
            for taking, action, before in done
        ),
        batch_size=BATCH,
    )


@transaction.atomic
def undo(record: ClearanceBoundary, *, by: User) -> list[str]:
    """Take an applied boundary back; what moved since stays and is named.

    Only the last one applied: an older one would bring back land that a newer one settled.
    """
    with pghistory.context(reason=f"Hoàn tác ranh giải phóng mặt bằng {record.on:%d/%m/%Y}"):
        project = Project.objects.select_for_update().get(pk=record.project_id)
        record = ClearanceBoundary.objects.select_for_update().get(pk=record.pk)
        if not record.in_force:
            raise BoundaryRefused("Ranh này chưa ghi, hoặc đã hoàn tác.")
        newer = project.clearance_boundaries.filter(
            applied_at__gt=record.applied_at, undone_at__isnull=True
        )
        if newer.exists():
            raise BoundaryRefused("Sau ranh này đã ghi ranh khác: hoàn tác ranh sau trước.")
        kept, back = [], []
        for row in record.rows.select_related("taking").order_by("pk"):
            if why := _moved(row):
                key = row.taking.parcel.numbers.filter(kind="current").values_list(
                    "key", flat=True
                )
                kept.append(f"{key.first() or 'thửa không số'}: {why}")
            else:
                back.append(row)
        _take_back(back)
        project.boundary = record.before
        project.save(update_fields=["boundary"])
        record.undone_at, record.undone_by = timezone.now(), by
        record.summary = record.summary | {"kept": kept}
        record.save(update_fields=["undone_at", "undone_by", "summary"])
    return kept


def _moved(row: BoundaryRow) -> str:
    if row.action == Action.NEW and row.taking.case_id:
        return "đã vào hồ sơ"
    if row.taking.version != row.version_after:
        return "đã sửa sau khi ghi ranh"
    return ""


def _take_back(rows: Sequence[BoundaryRow]) -> None:
    """Give takings back what they were, whole sets at a time."""
    takings: dict[str, list[Taking]] = {action: [] for action in Action.values}
    for row in rows:
        takings[row.action].append(row.taking)
        if row.action == Action.CHANGED:
            before = row.before or {}
            shape = before["boundary"]
            row.taking.boundary = GEOSGeometry(shape) if shape else None
            row.taking.recovered_area_m2 = Decimal(before["recovered_area_m2"])
    new, gone = (
        among([taking.pk for taking in takings[action]])
        for action in (Action.NEW, Action.WITHDRAWN)
    )
    TakingPart.objects.filter(taking=new).delete()
    Taking.objects.filter(pk=new).delete()
    Taking.objects.filter(pk=gone).update(withdrawn_on=None, withdrawn_reason="")
    changed = {taking.pk: taking for taking in takings[Action.CHANGED]}
    update_many(list(changed.values()), ["boundary", "recovered_area_m2"])
    alone = [parts[0] for parts in _parts(changed).values() if len(parts) == 1]
    for part in alone:
        part.area_m2 = changed[part.taking_id].recovered_area_m2
    update_many(alone, ["area_m2"])


def _parts(takings: Collection[int]) -> dict[int, list[TakingPart]]:
    found: dict[int, list[TakingPart]] = {}
    for part in TakingPart.objects.filter(taking=among(takings)):
        found.setdefault(part.taking_id, []).append(part)
    return found
