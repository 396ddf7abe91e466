"""Take a split or merge back: all of it, or nothing with every reason.

A split is one act of the land registry, so a half of it can't be undone: whatever was built on
the new parcels since (a step of the land, another split, a new taking) refuses the whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from gpmb.accounts.models import User
from gpmb.clearance.models import Obstacle, Reshaping, SiteHandover, Taking, TakingPart
from gpmb.land.models import Document, Parcel, ParcelLineage, ParcelNumber
from gpmb.referred import referred

if TYPE_CHECKING:
    from gpmb.clearance.lineage import Proposal

State = dict[str, Any]


class UndoRefused(Exception):
    """The split or merge can't be taken back: every reason."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


def remember(parents: Sequence[Parcel]) -> State:
    """Return what an undo will put back: numbers, takings with their classes, obstacles."""
    takings = Taking.objects.filter(parcel__in=parents, withdrawn_on=None).order_by("pk")
    obstacles = Obstacle.objects.filter(parcel__in=parents, closed_on=None)
    numbers = ParcelNumber.objects.filter(parcel__in=parents, kind="current", valid_to=None)
    return {
        "numbers": list(numbers.values_list("pk", flat=True)),
        "takings": [_taking(taking) for taking in takings],
        "obstacles": {str(pk): at for pk, at in obstacles.values_list("pk", "parcel")},
    }


def _taking(taking: Taking) -> State:
    return {
        "pk": taking.pk,
        "ref": taking.ref,
        "project": taking.project_id,
        "case": taking.case_id,
        "parcel": taking.parcel_id,
        "boundary": taking.boundary.hexewkb.decode() if taking.boundary else None,
        "recovered_area_m2": str(taking.recovered_area_m2),
        "handed_over_area_m2": _text(taking.handed_over_area_m2),
        "handed_over_on": taking.handed_over_on and taking.handed_over_on.isoformat(),
        "note": taking.note,
        "parts": _parts(taking),
    }


def _text(area: Decimal | None) -> str | None:
    return None if area is None else str(area)


def _parts(taking: Taking) -> dict[str, str]:
    rows = taking.parts.order_by("land_class").values_list("land_class", "area_m2")
    return {str(pk): str(area) for pk, area in rows}


def keep(
    proposal: Proposal,
    before: State,
    formed: Sequence[Parcel],
    *,
    on: dt.date,
    document: Document | None,
    by: User,
) -> Reshaping:
    """Write down what was done, with a print of what it left."""
    parents = [parcel.pk for parcel in proposal.parents]
    record = Reshaping.objects.create(
        kind=proposal.reason,
        on=on,
        document=document,
        by=by,
        before=before,
        after=_print(parents, [p.pk for p in formed], [int(pk) for pk in before["obstacles"]]),
    )
    record.parents.set(parents)
    return record


def _print(parents: Sequence[int], children: Sequence[int], obstacles: Sequence[int]) -> State:
    """What stands on the parcels now; two prints are equal while nobody touched them."""
    takings = Taking.objects.filter(parcel__in=children).order_by("pk")
    return {
        "parents": _versions(Parcel, parents),
        "children": _versions(Parcel, children),
        "numbers": sorted(
            ParcelNumber.objects.filter(parcel__in=children).values_list("pk", flat=True)
        ),
        "takings": {
            str(taking.pk): {
                "version": taking.version,
                "parts": _parts(taking),
                "handovers": sorted(taking.site_handovers.values_list("pk", flat=True)),
            }
            for taking in takings
        },
        "obstacles": _versions(Obstacle, obstacles),
    }


def _versions(model: Any, ids: Sequence[int]) -> dict[str, int]:
    return {
        str(pk): version
        for pk, version in model.objects.filter(pk__in=ids).values_list("pk", "version")
    }


@transaction.atomic
def undo(record: Reshaping, *, by: User, reason: str) -> list[Parcel]:
    """Take a split or merge back; return the parcels that live again.

    Raises `UndoRefused` with every reason; then nothing is written.
    """
    with pghistory.context(reason=f"Hoàn tác {record}: {reason.strip()}"):
        record = Reshaping.objects.select_for_update().get(pk=record.pk)
        parents = list(record.parents.select_for_update().order_by("pk"))
        if why := _in_the_way(record, parents, reason):
            raise UndoRefused(why)
        _put_back(record, parents)
        record.undone_at, record.undone_by = timezone.now(), by
        record.undo_reason = reason.strip()[:300]
        record.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    return parents


def _in_the_way(record: Reshaping, parents: Sequence[Parcel], reason: str) -> list[str]:
    """Name everything that happened since and would be lost."""
    if record.undone_at is not None:
        return ["Lần tách, hợp này đã được hoàn tác trước đó."]
    if not reason.strip():
        return ["Hãy ghi lý do hoàn tác."]
    was = record.after
    now = _print(
        [p.pk for p in parents], record.children, [int(pk) for pk in record.before["obstacles"]]
    )
    why = []
    children = Parcel.objects.filter(pk__in=record.children)
    if again := children.exclude(retired_on=None).first():
        why.append(
            f"Thửa {_key(again)} đã tách, hợp tiếp từ {again.retired_on:%d/%m/%Y}: hoàn tác lần "
            "sau trước."
        )
    elif now["children"] != was["children"] or now["numbers"] != was["numbers"]:
        why.append("Thửa mới đã được sửa (ranh, diện tích hoặc số thửa).")
    if now["parents"] != was["parents"]:
        why.append("Thửa cũ đã được sửa sau khi tách, hợp.")
    why += _moved_takings(was["takings"], now["takings"])
    if now["obstacles"] != was["obstacles"]:
        why.append("Vướng mắc của thửa đã được cập nhật.")
    why += _standing_on(record)
    freed = ParcelNumber.objects.filter(pk__in=record.before["numbers"])
    for number in freed:
        again_used = ParcelNumber.objects.filter(
            unit=number.unit_id, key=number.key, kind="current", valid_to=None
        ).exclude(parcel__in=record.children)
        if again_used.exists():
            why.append(f"Số {number.key} đã cấp cho thửa khác.")
    return why


def _moved_takings(was: State, now: State) -> list[str]:
    moved = [pk for pk in was if pk in now and was[pk] != now[pk]]
    why = []
    if was.keys() - now.keys():
        why.append("Có phần thu hồi đã chuyển đi hoặc không còn.")
    if now.keys() - was.keys():
        why.append("Thửa mới đã có thêm phần thu hồi.")
    rows = Taking.objects.filter(pk__in=moved).select_related("case", "parcel")
    for taking in rows.order_by("pk"):
        whose = f" của hồ sơ {taking.case.code}" if taking.case else ""
        did = "đã bàn giao hoặc sửa" if taking.handed_over_on else "đã sửa"
        why.append(f"Phần thu hồi thửa {_key(taking.parcel)}{whose} {did} sau khi tách, hợp.")
    return why


def _standing_on(record: Reshaping) -> list[str]:
    """What refers to rows that the undo would delete."""
    stay = {row["pk"] for row in record.before["takings"]}
    made = [int(pk) for pk in record.after["takings"] if int(pk) not in stay]
    found = referred(Taking, made, (TakingPart, SiteHandover.takings.through))
    known = (ParcelNumber, ParcelLineage, Taking, Obstacle, Reshaping.parents.through)
    on_land = referred(Parcel, record.children, known)
    on_land |= {
        pk: "vướng mắc mới"
        for pk in Obstacle.objects.filter(parcel__in=record.children)
        .exclude(pk__in=record.before["obstacles"])
        .values_list("parcel", flat=True)
        if pk
    }
    words = sorted({*found.values(), *on_land.values()})
    return [f"Trên thửa mới đã có: {', '.join(words)}."] if words else []


def _key(parcel: Parcel) -> str:
    current = parcel.numbers.filter(kind="current").order_by("-valid_to")
    return current.values_list("key", flat=True).first() or "không số"


def _put_back(record: Reshaping, parents: Sequence[Parcel]) -> None:
    """Old parcels live, their takings and obstacles return, the new parcels go."""
    before = record.before
    stay = [row["pk"] for row in before["takings"]]
    ids = [parcel.pk for parcel in parents]
    made = Taking.objects.filter(parcel__in=record.children).exclude(pk__in=stay)
    TakingPart.objects.filter(taking__in=made).delete()
    made.delete()
    for row in before["takings"]:
        _restore(row)
    for pk, parcel in before["obstacles"].items():
        Obstacle.objects.filter(pk=pk).update(parcel=parcel, area=None)
    ParcelLineage.objects.filter(parent__in=ids, child__in=record.children).delete()
    Parcel.objects.filter(pk__in=record.children).delete()
    Parcel.objects.filter(pk__in=ids).update(retired_on=None)
    ParcelNumber.objects.filter(pk__in=before["numbers"]).update(valid_to=None)


def _restore(row: State) -> None:
    """Give a taking its land back; one that a merge folded away returns under its own key."""
    taking = Taking.objects.filter(pk=row["pk"]).first()
    made = taking is None
    taking = taking or Taking(pk=row["pk"], ref=row["ref"], project_id=row["project"])
    taking.case_id, taking.parcel_id, taking.note = row["case"], row["parcel"], row["note"]
    taking.boundary = GEOSGeometry(row["boundary"]) if row["boundary"] else None
    taking.recovered_area_m2 = Decimal(row["recovered_area_m2"])
    area, on = row["handed_over_area_m2"], row["handed_over_on"]
    taking.handed_over_area_m2 = Decimal(area) if area else None
    taking.handed_over_on = dt.date.fromisoformat(on) if on else None
    taking.save(force_insert=made)
    TakingPart.objects.filter(taking=taking).delete()
    TakingPart.objects.bulk_create(
        TakingPart(taking=taking, land_class_id=int(pk), area_m2=Decimal(area))
        for pk, area in row["parts"].items()
    )
