"""Vietnamese figures, dates and small pieces of pages; built into every template.

A missing value is said ("chưa có dữ liệu"), never shown as 0.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from gpmb import refs
from gpmb.clearance.models import TargetLine, TargetMeasure
from gpmb.vn import NO_DATA, Number, day, grouped, ha, m2, num, pct, trieu, ty, vnd
from gpmb.web.days import day_of

__all__ = ["NO_DATA", "Number", "day", "grouped", "ha", "m2", "num", "pct", "trieu", "ty", "vnd"]

register = template.Library()

for written in (num, m2, ha, vnd, trieu, ty, pct, day):
    register.filter(written.__name__, written)


@register.filter
def days_from(value: dt.date, start: dt.date) -> int:
    """Days from `start` to a day."""
    return (value - start).days


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment as hh:mm dd/mm/yyyy in the deployment's time zone."""
    if value is None:
        return NO_DATA
    return f"{timezone.localtime(value):%H:%M %d/%m/%Y}"


@register.filter
def share(part: Number | None, whole: Number | None) -> Decimal | None:
    """part / whole, None when there is nothing to divide by."""
    if part is None or not whole:
        return None
    return Decimal(str(part)) / Decimal(str(whole))


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key that only the page knows; None when it is missing."""
    return mapping.get(key)


@register.filter
def ref(number: int) -> str:
    """A row's public number as it stands in addresses."""
    return refs.encode(number)


@register.filter
def total(rows: Iterable[Any], name: str) -> Any:
    """Sum one column (key or attribute) of a table's rows."""
    return sum((r[name] if isinstance(r, Mapping) else getattr(r, name)) or 0 for r in rows)


@register.filter
def plus(value: Any) -> Any:
    """A number without its sign, for words that say the direction."""
    return abs(value)


@register.filter
def amount(value: Any) -> str:
    """A quantity with the decimals it has (120,5; 65.000), text as it is, nothing as a dash."""
    if value is None or value == "":
        return "—"
    if not isinstance(value, Decimal):
        return str(value)
    exponent = value.normalize().as_tuple().exponent
    return grouped(value, max(0, -exponent) if isinstance(exponent, int) else 0)


@register.filter
def signed(value: Any) -> str:
    """Whole đồng with its sign: +1.000, −1.000, 0."""
    text = grouped(abs(value))
    return text if not value else f"{'+' if value > 0 else '−'}{text}"


@register.filter
def of_line(value: Decimal | None, line: TargetLine) -> str:
    """A target in the unit of its line: ha, million đồng, cases."""
    if line.measure is TargetMeasure.AREA:
        return ha(value, 2)
    if line.measure is TargetMeasure.AMOUNT and value is not None:
        return num(value / 10**6)
    return num(value)


@register.filter
def nth(items: Any, index: int) -> Any:
    """The item at a position that only the page knows."""
    return items[int(index)]


@register.filter
def percent_of_width(part: Number) -> str:
    """A share 0..1 as an SVG length of 100, with a point whatever the language."""
    return f"{float(part) * 100:.2f}"


@register.simple_tag(takes_context=True)
def kept_filters(context: Mapping[str, Any], page: str) -> Any:
    """The filters the user keeps for a page (a value of SavedFilter.Page)."""
    return context["request"].user.saved_filters.filter(page=page)


@register.filter
def pieces(stages: Iterable[Mapping[str, Any]], whole: int) -> list[dict[str, Any]]:
    """Rows {stage, label, cases} as pieces of a bar 100 wide, left to right."""
    found, left = [], 0.0
    for row in stages:
        width = 100 * row["cases"] / whole if whole else 0.0
        found.append({**row, "x": f"{left:.2f}", "width": f"{width:.2f}"})
        left += width
    return found


@register.filter
def days_to(start: dt.date, end: dt.date) -> int:
    """Days from one date to another."""
    return (end - start).days


@register.filter
def columns_of(errors: Iterable[tuple[str, str]]) -> set[str]:
    """The columns that (column, message) pairs speak of."""
    return {column for column, _ in errors}


@register.simple_tag(takes_context=True)
def past_day(context: Mapping[str, Any]) -> dt.date | None:
    """The past day that the page one comes from stood at, if it did: its links carry `?on=`.

    A fragment asks the address of the page that it is drawn into.
    """
    request = context["request"]
    asked = request.GET.get("on", "")
    if not asked and request.htmx:
        asked = parse_qs(urlsplit(request.htmx.current_url or "").query).get("on", [""])[0]
    day = day_of(asked)
    return day if day and day < context["here"]["as_of"] else None


@register.simple_tag(takes_context=True)
def behind(context: Mapping[str, Any], what: str, text: str, query: str = "", **asked: str) -> str:
    """Return a figure as a link to the list behind it, on the page's own day.

    `query` is what narrows it down, as addresses say it; `asked` adds to it. A figure that is
    missing or none stays plain text.
    """
    if text in (NO_DATA, "0", "0,0", "0,00"):
        return text
    parts = (str(context["at"]), query, urlencode(asked))
    return format_html(
        '<a href="{}?{}">{}</a>',
        reverse("behind", args=[what]),
        "&".join(filter(None, parts)),
        text,
    )
