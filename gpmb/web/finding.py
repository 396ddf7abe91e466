"""What the search box finds: kinds of things, each asked only of what the person may know.

Words match without diacritics, in any order. Every kind says how many there are (up to CAP), and
its own page lists the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.urls import reverse

from gpmb import access, refs
from gpmb.access import sees_names
from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Inquiry, Project, Taking
from gpmb.complaints.models import Complaint, ComplaintCase
from gpmb.fields import Fold
from gpmb.land.models import AdministrativeUnit, Document
from gpmb.web.filters import contains_folded
from gpmb.web.search_words import Parcels, Reading, readings

LIMIT = 8  # of a kind in the box
CAP = 99  # "99+": counting further costs more than it tells
SHORTEST_NAME = 3  # what a trigram needs: two letters would read every household

# A line shows names: the shapes beside them are most of a row's bytes.
GROUND = ("boundary", "boundary_web", "alignment")
OF_PROJECT = tuple(f"project__{name}" for name in GROUND)


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
    """Return the kinds that have results, in the order of KINDS, by the first reading that has."""
    tried = Reading("")
    for reading in readings(text):
        again = tried.kinds if tried.text == reading.text else ()
        kinds = [k for k in KINDS if reading.asks(k.code) and k.code not in again]
        if reading.is_enough and (groups := _groups(kinds, user, reading.text, on)):
            return groups
        tried = reading
    return []


def _groups(kinds: Sequence[Kind], user: User, text: str, on: dt.date) -> list[Group]:
    groups = []
    for kind in kinds:
        rows = kind.rows(user, text, on)
        first = list(rows[:LIMIT]) if rows is not None else []
        if rows is not None and first:
            lines = [result(kind, row, user, text, on) for row in first]
            whole = len(first) < LIMIT
            count = len(first) if whole else rows.order_by()[: CAP + 1].count()
            groups.append(Group(kind.code, kind.label, lines, count))
    return groups


def rows_of(kind: Kind, user: User, text: str, on: dt.date) -> tuple[QuerySet[Any] | None, str]:
    """Return the rows of one kind, by the first reading that has any, and what was sought."""
    found: tuple[QuerySet[Any] | None, str] = (None, text)
    for reading in readings(text):
        if reading.asks(kind.code) and reading.is_enough:
            found = kind.rows(user, reading.text, on), reading.text
            if found[0] is not None and found[0].exists():
                break
    return found


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
    if len(asked.numbers) > 1:
        takings = takings.filter(case__in=_cases_with(asked))
    takings = takings.filter(parcel__in=asked.find().values("parcel"))
    return (
        takings.select_related("project", "parcel__unit")
        .defer("boundary", "boundary_web", "parcel__boundary", *OF_PROJECT)
        .defer("parcel__unit__boundary", "parcel__unit__boundary_web")
        .prefetch_related("parcel__numbers")
        .order_by("pk")
    )


def _cases_with(asked: Parcels) -> set[int]:
    """The cases that give up all of the parcels: asked number by number, each by its index."""
    cases: list[set[int]] = []
    for number in asked.numbers:
        parcels = Parcels(asked.sheet, (number,)).find().values("parcel")
        rows = Taking.objects.filter(case__isnull=False, parcel__in=parcels)
        cases.append(set(rows.values_list("case", flat=True)))
    return set.intersection(*cases)


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
    found = contains_folded(Project.objects.visible_to(user), text)
    return found.defer(*GROUND).order_by("code")


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
    return found.defer(*OF_PROJECT).order_by("code")


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
    held = held.filter(case__in=cases).select_related("party", "case__project")
    return held.defer(*(f"case__{name}" for name in OF_PROJECT)).order_by("pk")


def _household_line(held: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    return {
        "label": held.party.name,
        "detail": f"{held.case.code} · {held.case.project.name}",
        "url": reverse("case", args=[held.case.ref]),
        "ref": refs.encode(held.case.ref),
    }


def _numbered(text: str) -> QuerySet[Document]:
    """Documents whose number holds the text; of two figures alone, those of that very number."""
    rows = Document.objects.annotate(folded_number=Fold("number"))
    if len(text) < SHORTEST_NAME:
        return rows.filter(folded_number__startswith=f"{text}/")
    folded = Fold(Value(text, output_field=TextField()))
    return rows.filter(folded_number__contains=folded)


def _first(**begins: str) -> Any:
    """Order rows that begin so before those that only hold it: 12/QĐ-UBND before 112/QĐ-UBND."""
    return ExpressionWrapper(Q(**begins), output_field=BooleanField()).desc()


def _documents(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    """Documents by number, where they stand in the log of a case the person may open."""
    if not any(letter.isdigit() for letter in text) or not _whole_number(text):
        return None
    cases = Case.objects.visible_to(user, on=on)
    used = CaseEvent.objects.filter(document=OuterRef("pk"), case__in=cases)
    found = _numbered(text).filter(Exists(used))
    return found.order_by(_first(number__istartswith=text), "-signed_on", "pk")


def _whole_number(text: str) -> bool:
    """Enough for a trigram, or figures that are a number by themselves."""
    return len(text) >= SHORTEST_NAME or text.isdigit()


def _document_line(document: Any, user: User, text: str, on: dt.date) -> dict[str, Any]:
    what = document.title or document.get_kind_display()
    return {
        "label": document.number,
        "detail": f"{what} · {document.signed_on:%d/%m/%Y}",
        "url": f"{reverse('cases')}?document={refs.encode(document.ref)}",
        "ref": refs.encode(document.ref),
    }


def _inquiries(user: User, text: str, on: dt.date) -> QuerySet[Any] | None:
    if not any(letter.isdigit() for letter in text) or not _whole_number(text):
        return None
    rows = Inquiry.objects.visible_to(user, on=on).select_related("to", "project")
    rows = rows.defer(*OF_PROJECT)
    asked = f"{text}/" if len(text) < SHORTEST_NAME else text
    found = Q(number__icontains=asked) | Q(reply_number__icontains=asked)
    return rows.filter(found).order_by(_first(number__istartswith=text), "-sent_on", "pk")


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
    rows = rows.defer(*OF_PROJECT)
    # The cases first, by their index: a join of every letter to its case would read them all.
    named = Case.objects.filter(folded=Fold(Value(text, output_field=TextField())))
    about = ComplaintCase.objects.filter(case__in=named.values("pk")).values("complaint")
    found = rows.filter(Q(serial__istartswith=text) | Q(pk__in=about))
    return found.order_by(_first(serial__startswith=f"{text}/"), "-received_on", "pk")


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
    units = contains_folded(AdministrativeUnit.objects.defer("boundary", "boundary_web"), text)
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
