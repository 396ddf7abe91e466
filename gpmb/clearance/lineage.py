"""Split and merge of parcels: numbers, lineage and takings follow; cases, events, payments stay.

A taking keeps its row: of a split parcel it moves to the first part that it touches and further
takings are made for the others, so that what was recovered on any past day still adds up. Old
numbers stay, as old, on the new parcels: whoever looks for "5/85" finds what it became.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import pghistory
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.db.models import Q

from geo import checks
from geo.split import NotSplit, check_parts, share_out
from gpmb.accounts.models import User
from gpmb.clearance import lineage_undo
from gpmb.clearance.models import Obstacle, Taking, TakingPart
from gpmb.land.models import Document, Parcel, ParcelLineage, ParcelNumber, parcel_key

CENT = Decimal("0.01")


class LineageRefused(Exception):
    """The split or merge can't be done: why, and what to do."""


@dataclass(frozen=True)
class NewParcel:
    """A parcel to come: its number, its shape in the province's plane, areas in m²."""

    sheet: str
    number: str
    shape: Any
    registered_m2: Decimal | None = None

    @property
    def key(self) -> str:
        return parcel_key(self.sheet, self.number)

    @property
    def measured_m2(self) -> Decimal:
        return Decimal(str(self.shape.area)).quantize(CENT)


@dataclass(frozen=True)
class TakingLine:
    """One taking before and what it becomes."""

    project: str
    case: str
    old_m2: Decimal
    becomes: tuple[tuple[str, Decimal], ...]
    """(parcel, m²)"""


@dataclass(frozen=True)
class Proposal:
    """A split or merge as it would be written."""

    reason: ParcelLineage.Reason
    parents: tuple[Parcel, ...]
    children: tuple[NewParcel, ...]
    takings: tuple[TakingLine, ...]
    parents_m2: Decimal
    children_m2: Decimal


def _shape(geometry: Any) -> Any:
    return shapely.from_wkb(bytes(geometry.wkb))


def _legal(shape: Any, srid: int) -> MultiPolygon:
    multi = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
    found = GEOSGeometry(memoryview(shapely.to_wkb(multi)))
    found.srid = srid
    return cast("MultiPolygon", found)


def _living(parcels: Sequence[Parcel], on: dt.date) -> None:
    for parcel in parcels:
        if parcel.retired_on is not None:
            raise LineageRefused(f"Thửa đã hết tồn tại từ {parcel.retired_on:%d/%m/%Y}.")
        if parcel.boundary is None:
            raise LineageRefused("Thửa chưa có ranh giới: nhập bản đồ có thửa này trước.")
        if parcel.valid_from and on < parcel.valid_from:
            raise LineageRefused(
                f"Thửa có từ {parcel.valid_from:%d/%m/%Y}: ngày tách, hợp không được trước."
            )


def _check_numbers(parents: Sequence[Parcel], children: Sequence[NewParcel]) -> None:
    keys = [child.key for child in children]
    if any(not child.sheet.strip() or not child.number.strip() for child in children):
        raise LineageRefused("Mỗi thửa mới phải có số tờ và số thửa.")
    if len(set(keys)) < len(keys):
        raise LineageRefused("Hai thửa mới trùng số. Mỗi thửa một số.")
    taken = ParcelNumber.objects.filter(
        unit=parents[0].unit, key__in=keys, kind="current", valid_to=None
    ).exclude(parcel__in=parents)
    if found := taken.values_list("key", flat=True).first():
        raise LineageRefused(f"Tờ/thửa {found} đã có ở {parents[0].unit}. Chọn số khác.")


def _areas(parent: Parcel, children: Sequence[NewParcel]) -> list[NewParcel]:
    """Give the children the papers' area of their parent, to the cent, where none is stated."""
    stated = [child.registered_m2 for child in children]
    whole = parent.registered_area_m2
    if all(area is None for area in stated):
        if whole is None:
            return list(children)
        shares = share_out(whole, [child.shape.area for child in children])
        return [
            NewParcel(c.sheet, c.number, c.shape, share)
            for c, share in zip(children, shares, strict=True)
        ]
    if None in stated:
        raise LineageRefused("Có thửa ghi diện tích, có thửa không: ghi đủ hoặc để trống cả.")
    total = sum((area for area in stated if area is not None), Decimal(0))
    reference = whole or parent.measured_area_m2 or Decimal(str(parent.boundary.area))
    limit = max(Decimal(str(checks.AREA_TOLERANCE)) * reference, Decimal(1))
    if abs(total - reference) > limit:
        raise LineageRefused(
            f"Diện tích các thửa mới cộng lại {total:f} m², thửa cũ {reference:f} m²: lệch quá "
            f"{limit.quantize(CENT):f} m². Kiểm tra lại."
        )
    return list(children)


def propose_split(parcel: Parcel, children: Sequence[NewParcel], *, on: dt.date) -> Proposal:
    """Check a split and say what its takings become. Writes nothing; raises `LineageRefused`."""
    _living([parcel], on)
    if len(children) < 2:
        raise LineageRefused("Tách thửa phải ra ít nhất hai thửa mới.")
    _check_numbers([parcel], children)
    try:
        check_parts(_shape(parcel.boundary), [child.shape for child in children])
    except NotSplit as error:
        raise LineageRefused(str(error)) from error
    kept = _areas(parcel, children)
    lines = [
        TakingLine(
            taking.project.code,
            taking.case.code if taking.case else "",
            taking.recovered_area_m2,
            tuple((kept[at].key, area) for at, area in _shares(taking, kept)),
        )
        for taking in _takings([parcel])
    ]
    return Proposal(
        ParcelLineage.Reason.SPLIT,
        (parcel,),
        tuple(kept),
        tuple(lines),
        _area_of([parcel]),
        sum((c.registered_m2 or c.measured_m2 for c in kept), Decimal(0)),
    )


def _takings(parcels: Sequence[Parcel]) -> list[Taking]:
    rows = Taking.objects.filter(parcel__in=parcels, withdrawn_on=None)
    return list(rows.select_related("project", "case").order_by("parcel_id", "pk"))


def _area_of(parcels: Sequence[Parcel]) -> Decimal:
    return sum(
        (p.registered_area_m2 or p.measured_area_m2 or Decimal(0) for p in parcels), Decimal(0)
    )


def _shares(taking: Taking, children: Sequence[NewParcel]) -> list[tuple[int, Decimal]]:
    """(place of the child, m²) of each child the taking touches; the parts sum to the taking."""
    ground = _shape(taking.boundary or taking.parcel.boundary)
    met = [
        (at, area)
        for at, child in enumerate(children)
        if (area := shapely.intersection(ground, child.shape).area) >= checks.SLIVER_AREA_M2
    ]
    if not met:
        raise LineageRefused("Ranh phần thu hồi không nằm trên thửa mới nào. Xem lại bản vẽ.")
    areas = share_out(taking.recovered_area_m2, [area for _, area in met])
    return [(at, area) for (at, _), area in zip(met, areas, strict=True)]


@transaction.atomic
def split(
    parcel: Parcel,
    children: Sequence[NewParcel],
    *,
    on: dt.date,
    document: Document | None,
    by: User,
) -> list[Parcel]:
    """Write a split: retire the parcel, form its parts, let numbers and takings follow."""
    with pghistory.context(reason=f"Tách thửa {on:%d/%m/%Y}"):
        parcel = Parcel.objects.select_for_update().select_related("unit").get(pk=parcel.pk)
        proposal = propose_split(parcel, children, on=on)
        before = lineage_undo.remember(proposal.parents)
        formed = _form(proposal, on, document)
        for taking in _takings([parcel]):
            _follow_split(taking, proposal.children, formed)
        _obstacles([parcel], formed)
        lineage_undo.keep(proposal, before, formed, on=on, document=document, by=by)
    return formed


def _form(proposal: Proposal, on: dt.date, document: Document | None) -> list[Parcel]:
    first = proposal.parents[0]
    old = list(
        ParcelNumber.objects.filter(
            Q(kind="current", valid_to=None) | Q(kind="old"), parcel__in=proposal.parents
        )
    )
    ParcelNumber.objects.filter(parcel__in=proposal.parents, kind="current", valid_to=None).update(
        valid_to=on
    )
    Parcel.objects.filter(pk__in=[p.pk for p in proposal.parents]).update(retired_on=on)
    formed = []
    for child in proposal.children:
        parcel = Parcel.objects.create(
            unit=first.unit,
            boundary=_legal(child.shape, first.boundary.srid),
            registered_area_m2=child.registered_m2,
            measured_area_m2=child.measured_m2,
            valid_from=on,
            restricted=any(p.restricted for p in proposal.parents),
        )
        ParcelNumber.objects.create(
            parcel=parcel,
            unit=first.unit,
            sheet=child.sheet.strip(),
            number=child.number.strip(),
            valid_from=on,
        )
        for was in {(n.unit_id, n.sheet, n.number): n for n in old}.values():
            ParcelNumber.objects.create(
                parcel=parcel,
                unit_id=was.unit_id,
                sheet=was.sheet,
                number=was.number,
                kind=ParcelNumber.Kind.OLD,
                valid_to=on,
            )
        for parent in proposal.parents:
            ParcelLineage.objects.create(
                parent=parent, child=parcel, on=on, reason=proposal.reason, document=document
            )
        formed.append(parcel)
    return formed


def _follow_split(taking: Taking, children: Sequence[NewParcel], formed: Sequence[Parcel]) -> None:
    """The first share keeps the taking's row, with its events; the others are made like it."""
    ground = _shape(taking.boundary) if taking.boundary else None
    srid = taking.parcel.boundary.srid
    shares = _shares(taking, children)
    parts = list(taking.parts.select_related("land_class").order_by("pk"))
    by_class = [share_out(part.area_m2, [float(a) for _, a in shares]) for part in parts]
    # Shares of classes are rounded each: the first class takes what rounding leaves.
    for at, (_, area) in enumerate(shares):
        if by_class:
            by_class[0][at] += area - sum((row[at] for row in by_class), Decimal(0))
    for at, (child, area) in enumerate(shares):
        row = taking if at == 0 else Taking(project=taking.project, case=taking.case)
        row.parcel = formed[child]
        row.recovered_area_m2 = area
        if ground is not None:
            row.boundary = _areas_only(shapely.intersection(ground, children[child].shape), srid)
        if taking.handed_over_on is not None:
            row.handed_over_on, row.handed_over_area_m2 = taking.handed_over_on, area
        row.note = taking.note
        row.save()
        TakingPart.objects.filter(taking=row).delete()
        TakingPart.objects.bulk_create(
            TakingPart(taking=row, land_class=part.land_class, area_m2=areas[at])
            for part, areas in zip(parts, by_class, strict=True)
            if areas[at] > 0
        )
        if at:
            for handover in taking.site_handovers.all():
                handover.takings.add(row)


def _areas_only(shape: Any, srid: int) -> MultiPolygon:
    polygons = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return _legal(shapely.orient_polygons(shapely.MultiPolygon(polygons)), srid)


def _obstacles(parents: Sequence[Parcel], formed: Sequence[Parcel]) -> None:
    """An open obstacle of a parcel stands on its ground: on the one new parcel, or all of them."""
    ground_of = {parcel.pk: parcel.boundary for parcel in parents}
    for obstacle in Obstacle.objects.filter(parcel__in=parents, closed_on=None):
        boundary = ground_of[obstacle.parcel_id or 0]
        if len(formed) == 1:
            obstacle.parcel = formed[0]
            obstacle.save(update_fields=["parcel"])
        else:  # an obstacle has one place: of several parcels, the ground they share
            ground = shapely.buffer(_shape(boundary), -0.1)
            if not ground.is_empty:
                obstacle.area = _legal(ground, formed[0].boundary.srid)
                obstacle.parcel = None
                obstacle.save(update_fields=["area", "parcel"])


def propose_merge(parcels: Sequence[Parcel], sheet: str, number: str, *, on: dt.date) -> Proposal:
    """Check a merge of neighbours and say what its takings become. Raises `LineageRefused`."""
    _living(parcels, on)
    if len({parcel.pk for parcel in parcels}) < 2:
        raise LineageRefused("Hợp thửa cần ít nhất hai thửa khác nhau.")
    if len({parcel.unit_id for parcel in parcels}) > 1:
        raise LineageRefused("Các thửa thuộc các xã, phường khác nhau: không hợp được.")
    whole = shapely.union_all([_shape(p.boundary) for p in parcels], grid_size=0.001)
    if len(shapely.get_parts(whole)) > 1:
        raise LineageRefused("Các thửa không liền nhau: chỉ hợp những thửa chung cạnh.")
    total = sum((_shape(p.boundary).area for p in parcels), 0.0)
    limit = max(checks.AREA_TOLERANCE * total, checks.AREA_TOLERANCE_M2)
    if abs(total - whole.area) > limit:
        raise LineageRefused("Các thửa chồng lên nhau: sửa ranh trước khi hợp.")
    stated = [p.registered_area_m2 for p in parcels]
    registered = sum((a for a in stated if a is not None), Decimal(0)) if all(stated) else None
    child = NewParcel(sheet, number, whole, registered)
    _check_numbers(parcels, [child])
    takings = _takings(parcels)
    _check_fold(takings)
    lines = [
        TakingLine(
            t.project.code,
            t.case.code if t.case else "",
            t.recovered_area_m2,
            ((child.key, t.recovered_area_m2),),
        )
        for t in takings
    ]
    return Proposal(
        ParcelLineage.Reason.MERGE,
        tuple(parcels),
        (child,),
        tuple(lines),
        _area_of(parcels),
        child.registered_m2 or child.measured_m2,
    )


def _check_fold(takings: Sequence[Taking]) -> None:
    """Takings of one case become one: only while nothing happened to each by itself."""
    for group in _folds(takings):
        if len(group) > 1 and any(
            t.handed_over_on or t.events.exists() or t.site_handovers.exists() for t in group
        ):
            raise LineageRefused(
                "Một hồ sơ có nhiều thửa trong số này và đã bàn giao: giữ nguyên các thửa, không "
                "hợp sau bàn giao."
            )
        if sum(t.notes.exists() for t in group) > 1:
            raise LineageRefused(
                "Một hồ sơ có nhiều thửa trong số này và nhiều thửa đã có ghi chú hiện trường: "
                "ghi chú không chuyển thửa được, giữ nguyên các thửa."
            )


def _folds(takings: Sequence[Taking]) -> list[list[Taking]]:
    groups: dict[tuple[int, int | None], list[Taking]] = {}
    for taking in takings:
        groups.setdefault((taking.project_id, taking.case_id), []).append(taking)
    return list(groups.values())


@transaction.atomic
def merge(
    parcels: Sequence[Parcel],
    sheet: str,
    number: str,
    *,
    on: dt.date,
    document: Document | None,
    by: User,
) -> Parcel:
    """Write a merge: one new parcel, its parents retired, takings of one case added up."""
    with pghistory.context(reason=f"Hợp thửa {on:%d/%m/%Y}"):
        ids = [parcel.pk for parcel in parcels]
        locked = Parcel.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        rows = list(locked)
        proposal = propose_merge(rows, sheet, number, on=on)
        before = lineage_undo.remember(proposal.parents)
        (formed,) = _form(proposal, on, document)
        for group in _folds(_takings(rows)):
            _fold(group, formed)
        _obstacles(rows, [formed])
        lineage_undo.keep(proposal, before, [formed], on=on, document=document, by=by)
    return formed


def _fold(group: list[Taking], formed: Parcel) -> None:
    # A note stays where it was written: the row that has some is the one that stays.
    first, *others = sorted(group, key=lambda taking: not taking.notes.exists())
    classes: dict[int, Decimal] = {}
    for part in TakingPart.objects.filter(taking__in=group):
        classes[part.land_class_id] = classes.get(part.land_class_id, Decimal(0)) + part.area_m2
    shapes = [_shape(t.boundary) for t in group if t.boundary is not None]
    if others:
        # A part of the sum may be unknown: then the sum's classes are, too.
        stated = sum(classes.values(), Decimal(0))
        total = sum((t.recovered_area_m2 for t in group), Decimal(0))
        first.recovered_area_m2 = total
        if stated != total:
            classes = {}
        TakingPart.objects.filter(taking__in=group).delete()
        Taking.objects.filter(pk__in=[t.pk for t in others]).delete()
        TakingPart.objects.bulk_create(
            TakingPart(taking=first, land_class_id=pk, area_m2=area)
            for pk, area in classes.items()
        )
    if shapes:
        union = shapely.union_all(shapes, grid_size=0.001)
        first.boundary = _areas_only(union, formed.boundary.srid)
    first.parcel = formed
    first.save()
