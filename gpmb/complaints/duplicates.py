"""Letters that may be about the same matter; a person decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from gpmb.clearance.models import Taking
from gpmb.complaints.models import Complaint, ComplaintQuerySet
from gpmb.land.models import Party

SIMILAR_TEXT = 0.4
TEXT_DAYS = 365
NEAR_M = 100
NEAR_DAYS = 60
MOST = 10


@dataclass(frozen=True)
class Proposal:
    """An earlier letter and why it may be the same matter."""

    complaint: Complaint
    reasons: tuple[str, ...]


def proposals(complaint: Complaint, among: ComplaintQuerySet) -> list[Proposal]:
    """Return earlier letters of `among` that may be the same matter, the most reasons first.

    Same people, same case or parcel, similar text within a year of the same project, or within
    100 m, two months and the same topic. Denunciations are never compared.
    """
    if complaint.kind == Complaint.Kind.DENUNCIATION or complaint.repeats_id:
        return []
    earlier = (
        among.exclude(kind=Complaint.Kind.DENUNCIATION)
        .exclude(pk=complaint.pk)
        .filter(repeats__isnull=True)
        .filter(
            Q(received_on__lt=complaint.received_on)
            | Q(received_on=complaint.received_on, pk__lt=complaint.pk)
        )
        .select_related("project")
    )
    reasons: dict[int, list[str]] = {}
    found: dict[int, Complaint] = {}
    for reason, rows in _rules(complaint, earlier):
        for row in rows:
            found[row.pk] = row
            reasons.setdefault(row.pk, []).append(reason)
    ranked = sorted(
        found.values(), key=lambda c: (-len(reasons[c.pk]), -c.received_on.toordinal())
    )
    return [Proposal(row, tuple(reasons[row.pk])) for row in ranked[:MOST]]


def _rules(
    complaint: Complaint, earlier: ComplaintQuerySet
) -> list[tuple[str, ComplaintQuerySet]]:
    cases = list(complaint.complaint_cases.values_list("case", flat=True))
    parcels = list(complaint.complaint_parcels.values_list("parcel", flat=True))
    people = Party.objects.filter(Q(complaint_parties__complaint=complaint) | Q(cases__in=cases))
    rules = [
        (
            "cùng người",
            earlier.filter(Q(parties__in=people) | Q(cases__parties__in=people)).distinct(),
        )
    ]
    if cases:
        rules.append(("cùng hồ sơ", earlier.filter(cases__in=cases).distinct()))
    if parcels:
        same = Q(parcels__in=parcels) | Q(cases__takings__parcel__in=parcels)
        rules.append(("cùng thửa đất", earlier.filter(same).distinct()))
    if complaint.content:
        recent = earlier.filter(
            received_on__gte=complaint.received_on - dt.timedelta(days=TEXT_DAYS),
            project=complaint.project_id,
        )
        alike = recent.annotate(alike=TrigramSimilarity("content", complaint.content))
        rules.append(("nội dung giống nhau", alike.filter(alike__gte=SIMILAR_TEXT)))
    place = place_of(complaint)
    if place is not None and complaint.topic:
        near = earlier.filter(
            topic=complaint.topic,
            received_on__gte=complaint.received_on - dt.timedelta(days=NEAR_DAYS),
        )
        close = Q(location__dwithin=(place, NEAR_M)) | Q(
            location__isnull=True, parcels__boundary__dwithin=(place, NEAR_M)
        )
        rules.append(("gần nhau, cùng nội dung, cùng thời gian", near.filter(close).distinct()))
    return rules


def place_of(complaint: Complaint) -> Any:
    """Return where a letter belongs (a point, or None): its place, first parcel or case's land."""
    if complaint.location:
        return complaint.location
    drawn = complaint.complaint_parcels.filter(parcel__boundary__isnull=False)
    first = drawn.select_related("parcel").first()
    if first:
        return first.parcel.boundary.centroid
    taking = (
        Taking.objects.filter(case__complaint_cases__complaint=complaint, boundary__isnull=False)
        .order_by("case__complaint_cases__pk", "pk")
        .first()
    )
    return taking.boundary.centroid if taking else None
