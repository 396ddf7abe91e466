"""Which cases a bulk change is for: those ticked, those of a list's filters, those of an area."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Polygon
from django.http import QueryDict

from gpmb.clearance.models import Case
from gpmb.clearance.models.case import CaseQuerySet
from gpmb.fields import WEB_MERCATOR
from gpmb.refs import decode
from gpmb.web.filters import CaseFilter
from gpmb.web.http import Request, address
from gpmb.web.listing import case_rows
from gpmb.web.map_filters import MapQuery

MOST_POINTS = 5000


@dataclass(frozen=True)
class Chosen:
    """Cases and the words for how they were chosen; `asked` where it isn't their number."""

    cases: CaseQuerySet
    words: str
    asked: int | None = None


def read(request: Request, on: dt.date) -> Chosen | None:
    """Read a posted choice: `how` is ticked, filter or area; None when there is none in it."""
    query = address(request.POST.get("query", ""))
    match request.POST.get("how"):
        case "ticked":
            return ticked(request.POST.getlist("case"))
        case "filter":
            return filtered(request, query, on)
        case "area":
            area = read_area(request.POST.get("area", ""))
            return in_area(request, query, area, on) if area else None
    return None


def ticked(codes: Iterable[str]) -> Chosen | None:
    """Cases ticked one by one in a list, over all its pages, by public id."""
    refs = {ref for code in codes if (ref := _ref(code)) is not None}
    if not refs:
        return None
    return Chosen(Case.objects.filter(ref__in=refs), "Đánh dấu từng hồ sơ", len(refs))


def _ref(code: str) -> int | None:
    try:
        return decode(code)
    except ValueError:
        return None


def filtered(request: Request, query: QueryDict, on: dt.date) -> Chosen:
    """Every case of a filtered list, on all its pages."""
    chosen = CaseFilter(query, case_rows(request.user, on), request=request, on=on)
    words = "; ".join(f"{label}: {value}" for label, value in filter_words(chosen))
    return Chosen(_plain(chosen.qs), f"Bộ lọc: {words}" if words else "Mọi hồ sơ của danh sách")


def _plain(cases: Any) -> CaseQuerySet:
    return Case.objects.filter(pk__in=cases.order_by().values("pk"))


def filter_words(chosen: CaseFilter) -> list[tuple[str, str]]:
    """The filters in force as the page names them: (label, value)."""
    chosen.form.is_valid()
    words = []
    for name in chosen.active():
        field = chosen.form[name]
        value = chosen.form.cleaned_data.get(name) or field.value()
        labels = {str(code): label for code, label in getattr(field.field, "choices", ())}
        words.append((str(field.label), str(labels.get(str(value), value))))
    return words


def in_area(request: Request, query: QueryDict, area: GEOSGeometry, on: dt.date) -> Chosen:
    """The cases of the takings drawn on the map whose middle lies in an area.

    The middle, not any touch: a neighbour's strip caught by the line would be changed unseen.
    """
    takings = takings_in(request, query, area, on)
    count = takings.count()
    cases = Case.objects.filter(pk__in=takings.filter(case__isnull=False).values("case"))
    return Chosen(cases, f"Vùng chọn trên bản đồ: {count} thửa")


def takings_in(request: Request, query: QueryDict, area: GEOSGeometry, on: dt.date) -> Any:
    """The takings in an area under the map's filters, as they are today (not as of its slider)."""
    values = query.copy()
    values.pop("on", None)
    selection = replace(MapQuery.read(values, request.user, on).selection(), box=area)
    takings = selection.takings().annotate(middle=PointOnSurface("boundary_web"))
    return takings.filter(middle__within=area)


def read_area(text: str) -> GEOSGeometry | None:
    """A ring of [longitude, latitude] pairs as JSON, as a valid shape in EPSG:3857, or None."""
    try:
        ring = [(float(x), float(y)) for x, y in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        return None
    inside = all(-180 <= x <= 180 and -85 <= y <= 85 for x, y in ring)
    if not inside or not 3 <= len(set(ring)) <= MOST_POINTS:
        return None
    try:
        area: GEOSGeometry = Polygon([*ring, ring[0]], srid=4326).make_valid()
    except GEOSException:
        return None
    # A freehand line may cross itself.
    area.srid = 4326
    area.transform(WEB_MERCATOR)
    return area
