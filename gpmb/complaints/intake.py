"""A letter enters the register, by the form or a workbook: number, people, first log line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.complaints.models import Complaint, ComplaintEvent, ComplaintParty
from gpmb.land.models import Party

# The columns that a denunciation may not carry: it is a number, a day and a status.
FORBIDDEN = (
    "channel",
    "topic",
    "target",
    "target_step",
    "project",
    "case",
    "parcel",
    "location",
    "people",
    "content",
)


class UnknownCaseError(ValueError):
    """A case code that names none, or several; the message says what to do."""


def find_case(cases: Any, code: str, project: Any = None) -> Case:
    """Return the one case of `cases` with a code, in the project if one is given."""
    rows = cases.filter(code=code, **({"project": project} if project else {}))
    found = list(rows.select_related("project")[:2])
    if len(found) != 1:
        why = "có ở nhiều dự án: hãy chọn dự án" if found else "không có: kiểm tra lại mã"
        raise UnknownCaseError(f"Mã hồ sơ {code} {why}.")
    case: Case = found[0]
    return case


@transaction.atomic
def register(complaint: Complaint, names: Iterable[str], *, by: User | None) -> Complaint:
    """Save a new letter with a serial number, its representatives and the first line of its log.

    A representative who holds land in the letter's case is that holder; others are new parties.
    """
    complaint.serial = complaint.serial or next_serial(complaint.received_on)
    complaint.save()
    holders = {}
    if complaint.case:
        rows = complaint.case.case_parties.select_related("party")
        holders = {row.party.name: row.party for row in rows}
    for name in names:
        party = holders.get(name) or Party.objects.create(name=name, kind=Party.Kind.INDIVIDUAL)
        ComplaintParty.objects.create(complaint=complaint, party=party, representative=True)
    ComplaintEvent.objects.create(
        complaint=complaint, status=complaint.status, on=complaint.received_on, by=by
    )
    return complaint


def next_serial(on: dt.date) -> str:
    """Return the next free number of the year; two officers at once get two numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [on.year])
    prefix = f"{on.year}-"
    last = (
        Complaint.objects.filter(serial__regex=rf"^{prefix}\d+$")
        .order_by("-serial")
        .values_list("serial", flat=True)
        .first()
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:05}"
