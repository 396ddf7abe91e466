"""Search without diacritics: projects, case codes, sheet/parcel, and names for those allowed."""

import datetime as dt
import re
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gpmb import refs
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project, Taking
from gpmb.land.models import AdministrativeUnit, Party, parcel_key
from gpmb.web.filters import contains_folded
from gpmb.web.http import Request
from gpmb.web.listing import sees_names

LIMIT = 8
PARCEL = re.compile(r"^(?:tờ\s*)?(\w+)\s*(?:/|,|\s+thửa\s+|\s*-\s*)\s*(\w+)$", re.IGNORECASE)


def find(user: User, text: str, on: dt.date) -> list[dict[str, Any]]:
    """Return up to LIMIT results of each kind: {kind, label, detail, url, ref}."""
    text = " ".join(text.split())
    if len(text) < 2:
        return []
    return [
        *_parcels(user, text, on),
        *_projects(user, text),
        *_cases(user, text, on),
        *_households(user, text, on),
        *_units(text, on),
    ]


def _parcels(user: User, text: str, on: dt.date) -> list[dict[str, Any]]:
    match = PARCEL.match(text)
    if not match:
        return []
    takings = (
        Taking.objects.visible_to(user)
        .live(on=on)
        .filter(parcel__numbers__key=parcel_key(*match.groups()))
        .select_related("project", "parcel__unit")
        .distinct()[:LIMIT]
    )
    sheet, number = match.groups()
    return [
        {
            "kind": "Thửa đất",
            "label": f"Tờ {sheet} · thửa {number}",
            "detail": f"{taking.project.name} · {taking.parcel.unit}",
            "url": reverse("parcel_map", args=[taking.ref]),
            "ref": refs.encode(taking.ref),
        }
        for taking in takings
    ]


def _projects(user: User, text: str) -> list[dict[str, Any]]:
    found = contains_folded(Project.objects.visible_to(user), text)[:LIMIT]
    return [
        {
            "kind": "Dự án",
            "label": project.name,
            "detail": project.code,
            "url": reverse("project", args=[project.ref]),
            "ref": refs.encode(project.ref),
        }
        for project in found
    ]


def _cases(user: User, text: str, on: dt.date) -> list[dict[str, Any]]:
    """Codes and steps are public facts; the address leads to the file only for those allowed."""
    found = contains_folded(Case.objects.counted_for(user).live(on=on), text)
    rows = list(found.select_related("project").order_by("code")[:LIMIT])
    opened = set(
        Case.objects.visible_to(user, on=on)
        .filter(pk__in=[case.pk for case in rows])
        .values_list("pk", flat=True)
    )
    return [
        {
            "kind": "Hồ sơ",
            "label": case.code,
            "detail": f"{case.project.name} · {case.get_step_display()}",
            "url": reverse("case", args=[case.ref])
            if case.pk in opened
            else f"{reverse('project', args=[case.project.ref])}?q={case.code}",
            "ref": refs.encode(case.ref),
        }
        for case in rows
    ]


def _households(user: User, text: str, on: dt.date) -> list[dict[str, Any]]:
    if not sees_names(user):
        return []
    cases = Case.objects.visible_to(user, on=on).live(on=on).select_related("project")
    parties = contains_folded(Party.objects.all(), text)
    rows = cases.filter(parties__in=parties).values_list(
        "ref", "code", "project__name", "parties__name"
    )[:LIMIT]
    return [
        {
            "kind": "Hộ",
            "label": name,
            "detail": f"{code} · {project}",
            "url": reverse("case", args=[ref]),
            "ref": refs.encode(ref),
        }
        for ref, code, project, name in rows
    ]


def _units(text: str, on: dt.date) -> list[dict[str, Any]]:
    """Old names stay searchable: a unit that is gone says what it became."""
    found = contains_folded(AdministrativeUnit.objects.all(), text).prefetch_related(
        "successions__new"
    )[:LIMIT]
    return [
        {
            "kind": "Xã, phường",
            "label": str(unit),
            "detail": " · ".join(f"nay thuộc {link.new}" for link in unit.successions.all()),
            "url": f"{reverse('cases')}?unit={unit.code}",
            "ref": refs.encode(unit.ref),
        }
        for unit in found
    ]


@require_GET
def search(request: Request) -> HttpResponse:
    """A page; the list alone for the search box; JSON for programs that ask for it."""
    text = request.GET.get("q", "")
    results = find(request.user, text, today())
    wanted = request.get_preferred_type(["text/html", "application/json"])
    if request.GET.get("format") == "json" or wanted == "application/json":
        return JsonResponse({"query": text, "results": results})
    context = {"search_text": text, "results": results}
    if request.htmx:
        return render(request, "parts/search_results.html", context)
    return render(request, "search.html", context)
