"""A letter enters the register, by form or workbook: number, people, land, first line of a log."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseParty
from gpmb.complaints.models import Complaint, ComplaintEvent, ComplaintParty
from gpmb.land.models import Parcel, ParcelQuerySet, Party, parcel_key

# The columns that a denunciation may not carry: it is a number, a day and a status.
FORBIDDEN = (
    "channel",
    "topic",
    "target",
    "target_step",
    "project",
    "cases",
    "parcels",
    "location",
    "people",
    "content",
)


class UnknownCaseError(ValueError):
    """A case code that names none, or several; the message says what to do."""


class UnknownParcelError(ValueError):
    """A sheet and number that name no parcel, or several; the message says what to do."""


def named(text: str) -> list[str]:
    """Split what was typed into codes: by line, semicolon or comma, each once.

    >>> named("HS-1; HS-2, HS-1")
    ['HS-1', 'HS-2']
    """
    parts = (part.strip() for part in re.split(r"[;,\n]", text))
    return list(dict.fromkeys(part for part in parts if part))


def find_case(cases: Any, code: str, project: Any = None) -> Case:
    """Return the one case of `cases` with a code, in the project if one is given."""
    rows = cases.filter(code=code, **({"project": project} if project else {}))
    found = list(rows.select_related("project")[:2])
    if len(found) != 1:
        why = "có ở nhiều dự án: hãy chọn dự án" if found else "không có: kiểm tra lại mã"
        raise UnknownCaseError(f"Mã hồ sơ {code} {why}.")
    case: Case = found[0]
    return case


def find_cases(cases: Any, text: str, project: Any = None) -> list[Case]:
    """Return the cases that a text names, all of one project: a letter belongs to one."""
    found = [find_case(cases, code, project) for code in named(text)]
    projects = {case.project_id: case.project.code for case in found}
    if len(projects) > 1:
        codes = ", ".join(projects.values())
        raise UnknownCaseError(
            f"Các hồ sơ thuộc nhiều dự án ({codes}): mỗi đơn ghi hồ sơ của một dự án, "
            "ghi thành nhiều đơn rồi gộp."
        )
    return found


def find_parcels(parcels: ParcelQuerySet, text: str, project: Any = None) -> list[Parcel]:
    """Return the parcels whose "sheet/number" a text names, in the project if one is given."""
    found = []
    for key in named(text):
        sheet, _, number = key.partition("/")
        rows = parcels.filter(numbers__key=parcel_key(sheet, number))
        rows = rows.filter(takings__project=project) if project else rows
        several = list(rows.distinct()[:2])
        if len(several) != 1:
            why = "có ở nhiều nơi: hãy chọn dự án" if several else "không có: kiểm tra lại"
            raise UnknownParcelError(f"Thửa {key} {why}.")
        found += several
    return found


@transaction.atomic
def register(
    complaint: Complaint,
    names: Iterable[str],
    *,
    by: User | None,
    cases: Sequence[Case] = (),
    parcels: Sequence[Parcel] = (),
) -> Complaint:
    """Save a new letter with its serial number, land, representatives and first line of its log.

    A representative who holds land in one of the cases is that holder; others are new parties.
    """
    complaint.serial = complaint.serial or next_serial(complaint.received_on)
    complaint.save()
    complaint.name_land(cases, parcels)
    rows = CaseParty.objects.filter(case__in=cases).select_related("party").order_by("-pk")
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
