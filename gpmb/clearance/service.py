"""Delivering notices and decisions (giao văn bản): the notice's wait runs from here.

Art. 67.1 (2013) and 85.1 (2024) count from the day the notice is sent to the holder, so the rule
rows NOTICE_WAIT_* start at `notice_served`: the day the last holder of the case had it; without
a record of delivery, the day of the notice step itself.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.clearance.deadlines import refresh
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Law
from gpmb.land.models import Document, Party, Service
from gpmb.law.steps import MoveRefused
from gpmb.many import update_many

DELIVERED = ("notice", "compulsory_inventory", "approval", "recovery", "enforcement")
"""Steps whose paper the law wants in each holder's hands (art. 87.2b, 87.4b, 89)."""
NEEDS_EVIDENCE = (Service.Manner.REFUSED, Service.Manner.ABSENT)


@transaction.atomic
def serve(
    document: Document,
    parties: Collection[Party],
    *,
    on: dt.date,
    manner: str,
    evidence: str = "",
    by: User | None,
    law: Law | None = None,
) -> int:
    """Record that `document` was delivered to `parties`; return how many had not had it before.

    A party delivered to already keeps its first delivery. The cases whose notice this is get
    their clocks anew.

    Raises:
        MoveRefused: before the document was signed, or refused or absent without a record.
    """
    if on < document.signed_on:
        raise MoveRefused(
            f"Ngày giao {on:%d/%m/%Y} trước ngày ký {document.signed_on:%d/%m/%Y} "
            f"của văn bản {document.number}.",
            "Kiểm tra lại ngày giao, hoặc sửa ngày ký của văn bản.",
        )
    if manner in NEEDS_EVIDENCE and not evidence.strip():
        raise MoveRefused("Từ chối nhận hoặc vắng mặt phải có biên bản.", "Ghi số biên bản.")
    had = set(Service.objects.living().filter(document=document).values_list("party", flat=True))
    cases = _cases_of_notice(document, [party for party in parties if party.pk not in had])
    new = [
        Service(
            document=document,
            party=party,
            on=on,
            manner=manner,
            evidence=evidence.strip(),
            recorded_by=by,
        )
        for party in parties
        if party.pk not in had
    ]
    Service.objects.bulk_create(new)
    _count_anew(document, cases, law)
    return len(new)


@transaction.atomic
def void(
    service: Service, *, reason: str, law: Law | None = None, served_again: bool = False
) -> None:
    """Take back a delivery recorded by mistake; it stays, marked, and no clock runs from it.

    `served_again`: the caller delivers to the same party at once, which derives the clocks.
    """
    if not reason.strip():
        raise MoveRefused("Hủy một lần giao văn bản phải ghi lý do.")
    cases = [] if served_again else _cases_of_notice(service.document, [service.party])
    service.voided_at, service.void_reason = Now(), reason.strip()
    service.save(update_fields=["voided_at", "void_reason"])
    _count_anew(service.document, cases, law)


@transaction.atomic
def redate(document: Document, law: Law | None = None) -> int:
    """Save a document whose signing or effective day was corrected; return the cases that moved.

    Clocks run from the day a decision takes effect (`Document.in_force_on`).
    """
    document.save()
    return refresh(Case.objects.filter(events__document=document).distinct(), law)


def _cases_of_notice(document: Document, parties: Collection[Party]) -> list[Case]:
    """Return the cases of these holders whose latest notice is this document, locked."""
    told = CaseEvent.objects.living().filter(
        step="notice", document=document, case=OuterRef("pk"), on=OuterRef("notice_on")
    )
    held = CaseParty.objects.filter(case=OuterRef("pk"), party__in=parties, valid_to__isnull=True)
    return list(Case.objects.filter(Exists(held), Exists(told)).order_by("pk").select_for_update())


def _count_anew(document: Document, cases: list[Case], law: Law | None) -> None:
    """Store the day the last holder of each case had the notice, and derive its clocks."""
    if not cases:
        return
    first = dict(
        Service.objects.living()
        .filter(document=document)
        .order_by()
        .values_list("party")
        .annotate(Min("on"))
    )
    holders: dict[int, list[int]] = defaultdict(list)
    held = CaseParty.objects.filter(Q(valid_to__isnull=True), case__in=cases)
    for case_id, party_id in held.values_list("case_id", "party_id"):
        holders[case_id].append(party_id)
    for case in cases:
        days = [first[party] for party in holders[case.pk] if party in first]
        case.notice_served_on = max(days, default=None)
    update_many(cases, ["notice_served_on"])
    refresh(Case.objects.filter(pk__in=[case.pk for case in cases]), law)
