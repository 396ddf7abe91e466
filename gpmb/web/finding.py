"""What the search box finds: kinds of things, each asked only of what the person may know.

Words match without diacritics, in any order. Every kind says how many there are (up to CAP), and
its own page lists the rest.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.urls import reverse

from gpmb import access, refs
from gpmb.access import sees_names
from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Inquiry, Project, Taking
from gpmb.complaints.models import Complaint, ComplaintCase
from gpmb.fields import Fold
from gpmb.land.models import AdministrativeUnit, Document, ParcelNumber, parcel_key
from gpmb.web.filters import contains_folded

LIMIT = 8  # of a kind in the box
CAP = 99  # "99+": counting further costs more than it tells
SHORTEST = 2
SHORTEST_NAME = 3  # what a trigram needs: two letters would read every household

NUMBER = r"\d+[a-zđ]?"
SHEET = r"t[ờo]\s*(?:b[ảa]n\s*[đd][ồo]\s*)?(?:s[ốo]\s*)?"
PARCEL = r"th[ửu]a\s*(?:[đd][ấa]t\s*)?(?:s[ốo]\s*)?"
SHEET_AND_NUMBER = re.compile(
    rf"^(?:{SHEET})?(\w+)\s*(?:/|,\s*{PARCEL}|,|-|\s+{PARCEL})\s*({NUMBER})$", re.IGNORECASE
)
NUMBER_AND_SHEET = re.compile(rf"^{PARCEL}({NUMBER})\s*,?\s*{SHEET}(\w+)$", re.IGNORECASE)
NUMBER_ALONE = re.compile(rf"^{PARCEL}({NUMBER})$", re.IGNORECASE)
SEVERAL = re.compile(
    rf"^(?:(?:{SHEET})?(\w+)\s*(?:/|\s+{PARCEL})\s*)?({NUMBER}(?:\s*\+\s*{NUMBER})+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parcels:
    """Parcel numbers as somebody wrote them; without a sheet: of any."""

    sheet: str | None
    numbers: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Parcels | None:
        """Read "5/85", "tờ 5 thửa 85", "thửa đất số 85, tờ bản đồ số 5", "thửa 85", "17+175"."""
        text = unicodedata.normalize("NFC", text)
        if match := SEVERAL.match(text):
            return cls(match[1], tuple(re.split(r"\s*\+\s*", match[2])))
        match = SHEET_AND_NUMBER.match(text)
        # "HS-7" is a case's code; "5-85" and "TĐ1/85" are parcels.
        if match and (match[1].isdigit() or "-" not in text):
            return cls(match[1], (match[2],))
        if match := NUMBER_AND_SHEET.match(text):
            return cls(match[2], (match[1],))
        if match := NUMBER_ALONE.match(text):
            return cls(None, (match[1],))
        return None

    def find(self) -> QuerySet[ParcelNumber]:
        rows = ParcelNumber.objects.filter(valid_to=None)
        if self.sheet is not None:
            return rows.filter(key__in=[parcel_key(self.sheet, n) for n in self.numbers])
        return rows.filter(number__in=[n.lstrip("0") for n in self.numbers])


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its rows for a person and a text (None: not for this text), its line."""

    code: str
    label: str
    rows: Callable[[User, str, dt.date], QuerySet[Any] | None]
    line: Callable[[Any, User, str, dt.date], dict[str, Any]]


@dataclass(frozen=True)
class Group:
    """The first results of a kind and how many there are; `more`: more than CAP."""

    code: str
    label: str
    results: list[dict[str, Any]]
    count: int

    @property
    def more(self) -> bool:
        return self.count > CAP

    @property
    def shown(self) -> str:
        return f"{CAP}+" if self.more else str(self.count)


def find_groups(user: User, text: str, on: dt.date) -> list[Group]:
    """Return the kinds that have results, in the order of KINDS."""
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        return []
    groups = []
    for kind in KINDS:
        rows = kind.rows(user, text, on)
        first = list(rows[:LIMIT]) if rows is not None else []
        if rows is not None and first:
            lines = [result(kind, row, user, text, on) for row in first]
            count = rows.order_by()[: CAP + 1].count()
            groups.append(Group(kind.code, kind.label, lines, count))
    return groups


def find(user: User, text: str, on: dt.date) -> list[dict[str, Any]]:
    """Return up to LIMIT results of each kind: {kind, label, detail, url, ref}."""
    return [row for group in find_groups(user, text, on) for row in group.results]


def result(kind: Kind, row: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {"kind": kind.label, **kind.line(row, user, text, on)}


def _parcels(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    asked = Parcels.read(text)
    if asked is None:
        return None
    takings = Taking.objects.visible_to(user).live(on=on)
    takings = takings.filter(parcel__in=asked.find().values("parcel"))
    if len(asked.numbers) > 1:
        # "17+175": one case that gives up all of them.
        whole = asked.find().filter(parcel__takings__case__isnull=False)
        cases = (
            whole.values("parcel__takings__case")
            .annotate(n=Count("number", distinct=True))
            .filter(n=len(set(asked.numbers)))
        )
        takings = takings.filter(case__in=cases.values("parcel__takings__case"))
    return (
        takings.select_related("project", "parcel__unit")
        .prefetch_related("parcel__numbers")
        .order_by("pk")
    )


def _parcel_line(taking: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    numbers = sorted(taking.parcel.numbers.all(), key=lambda n: (n.kind != "current", n.pk))
    name = f"Tờ {numbers[0].sheet} · thửa {numbers[0].number}" if numbers else "Thửa chưa có số"
    return {
        "label": name,
        "detail": f"{taking.project.name} · {taking.parcel.unit}",
        "url": reverse("parcel_map", args=[taking.ref]),
        "ref": refs.encode(taking.ref),
    }


def _projects(user: User, text: str, on: dt.date) -> QuerySet[Any]:
    return contains_folded(Project.objects.visible_to(user), text).order_by("code")


def _project_line(project: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {
        "label": project.name,
        "detail": project.code,
        "url": reverse("project", args=[project.ref]),
        "ref": refs.encode(project.ref),
    }


def _cases(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    """Codes and steps are public facts; the address leads to the file only for those allowed."""
    if len(text) < SHORTEST_NAME:
        return None
    opens = Case.objects.visible_to(user, on=on).filter(pk=OuterRef("pk"))
    cases = contains_folded(Case.objects.counted_for(user).live(on=on), text)
    found: QuerySet[Any] = cases.select_related("project").annotate(opens=Exists(opens))
    return found.order_by("code")


def _case_line(case: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    page = reverse("case", args=[case.ref])
    return {
        "label": case.code,
        "detail": f"{case.project.name} · {case.get_step_display()}",
        "url": page
        if case.opens
        else f"{reverse('project', args=[case.project.ref])}?q={case.code}",
        "ref": refs.encode(case.ref),
    }


def _households(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    if not sees_names(user) or len(text) < SHORTEST_NAME:
        return None
    held = CaseParty.objects.current(on=on)
    for word in text.split():
        folded = Fold(Value(word, output_field=TextField()))
        held = held.filter(party__folded__contains=folded)
    cases = Case.objects.visible_to(user, on=on).live(on=on)
    return held.filter(case__in=cases).select_related("party", "case__project").order_by("pk")


def _household_line(held: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {
        "label": held.party.name,
        "detail": f"{held.case.code} · {held.case.project.name}",
        "url": reverse("case", args=[held.case.ref]),
        "ref": refs.encode(held.case.ref),
    }


def _numbered(text: str) -> QuerySet[Document]:
    folded = Fold(Value(text, output_field=TextField()))
    return Document.objects.annotate(folded_number=Fold("number")).filter(
        folded_number__contains=folded
    )


def _documents(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    """Documents by number, where they stand in the log of a case the person may open."""
    if len(text) < SHORTEST_NAME or not any(letter.isdigit() for letter in text):
        return None
    cases = Case.objects.visible_to(user, on=on)
    used = CaseEvent.objects.filter(document=OuterRef("pk"), case__in=cases)
    return _numbered(text).filter(Exists(used)).order_by("-signed_on", "pk")


def _document_line(document: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    what = document.title or document.get_kind_display()
    return {
        "label": document.number,
        "detail": f"{what} · {document.signed_on:%d/%m/%Y}",
        "url": f"{reverse('cases')}?document={refs.encode(document.ref)}",
        "ref": refs.encode(document.ref),
    }


def _inquiries(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    if len(text) < SHORTEST_NAME or not any(letter.isdigit() for letter in text):
        return None
    rows = Inquiry.objects.visible_to(user, on=on).select_related("to", "project")
    found = Q(number__icontains=text) | Q(reply_number__icontains=text)
    return rows.filter(found).order_by("-sent_on", "pk")


def _inquiry_line(inquiry: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {
        "label": inquiry.number,
        "detail": f"gửi {inquiry.to} {inquiry.sent_on:%d/%m/%Y} · {inquiry.project.name}",
        "url": reverse("inquiry", args=[inquiry.ref]),
        "ref": refs.encode(inquiry.ref),
    }


def _complaints(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    """Letters of the register by serial number, or by the code of a case they are about."""
    if not access.can_read_register(user):
        return None
    rows = Complaint.objects.visible_to(user, on=on).select_related("project")
    # The cases first, by their index: a join of every letter to its case would read them all.
    named = Case.objects.filter(folded=Fold(Value(text, output_field=TextField())))
    about = ComplaintCase.objects.filter(case__in=named.values("pk")).values("complaint")
    return rows.filter(Q(serial__istartswith=text) | Q(pk__in=about)).order_by(
        "-received_on", "pk"
    )


def _complaint_line(letter: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    where = f" · {letter.project.name}" if letter.project else ""
    return {
        "label": letter.serial,
        "detail": f"{letter.get_kind_display()} · nhận {letter.received_on:%d/%m/%Y}{where}",
        "url": reverse("complaint", args=[letter.ref]),
        "ref": refs.encode(letter.ref),
    }


def _units(user: User, text: str, on: dt.date) -> QuerySet[Any]:
    """Old names stay searchable: a unit that is gone says what it became."""
    units = contains_folded(AdministrativeUnit.objects.all(), text)
    return units.prefetch_related("successions__new").order_by("code", "valid_from")


def _unit_line(unit: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {
        "label": str(unit),
        "detail": " · ".join(f"nay thuộc {link.new}" for link in unit.successions.all()),
        "url": f"{reverse('cases')}?unit={unit.code}",
        "ref": refs.encode(unit.ref),
    }


KINDS = (
    Kind("thua", "Thửa đất", _parcels, _parcel_line),
    Kind("du-an", "Dự án", _projects, _project_line),
    Kind("ho-so", "Hồ sơ", _cases, _case_line),
    Kind("ho", "Hộ", _households, _household_line),
    Kind("van-ban", "Văn bản", _documents, _document_line),
    Kind("cho-tra-loi", "Văn bản chờ trả lời", _inquiries, _inquiry_line),
    Kind("don-thu", "Đơn thư", _complaints, _complaint_line),
    Kind("phuong", "Xã, phường", _units, _unit_line),
)
