"""Vietnamese figures, dates and small pieces of pages; built into every template.

A missing value is said ("chưa có dữ liệu"), never shown as 0.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()

NO_DATA = "chưa có dữ liệu"
Number = int | float | Decimal


def grouped(value: Number, places: int = 0) -> str:
    """Write a number the Vietnamese way, rounded half up: 1234567.84, 1 → "1.234.567,8"."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)  # no "-0"
    return f"{rounded:,.{places}f}".translate(str.maketrans(",.", ".,"))


@register.filter
def num(value: Number | None, places: int = 0) -> str:
    """A count or any number with `places` decimals."""
    return NO_DATA if value is None else grouped(value, int(places))


@register.filter
def m2(value: Number | None) -> str:
    """Square metres with one decimal, without the unit (it stands in the heading)."""
    return NO_DATA if value is None else grouped(value, 1)


@register.filter
def ha(value: Number | None, places: int = 1) -> str:
    """Square metres as hectares."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10_000, int(places))


@register.filter
def vnd(value: Number | None) -> str:
    """Whole đồng."""
    return NO_DATA if value is None else grouped(value)


@register.filter
def trieu(value: Number | None) -> str:
    """Đồng as million đồng with one decimal."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10**6, 1)


@register.filter
def ty(value: Number | None) -> str:
    """Đồng as billion đồng with one decimal."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10**9, 1)


@register.filter
def pct(share: Number | None, places: int = 0) -> str:
    """A share 0..1 as a percentage: 0.541 → "54%"."""
    return NO_DATA if share is None else f"{grouped(Decimal(str(share)) * 100, int(places))}%"


@register.filter
def day(value: dt.date | None) -> str:
    """A date as dd/mm/yyyy; a moment as its day in the deployment's time zone."""
    if value is None:
        return NO_DATA
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%d/%m/%Y}"


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
def total(rows: Iterable[Any], name: str) -> Any:
    """Sum one column (key or attribute) of a table's rows."""
    return sum((r[name] if isinstance(r, Mapping) else getattr(r, name)) or 0 for r in rows)


@register.filter
def nth(items: Any, index: int) -> Any:
    """The item at a position that only the page knows."""
    return items[int(index)]


@register.filter
def percent_of_width(part: Number) -> str:
    """A share 0..1 as an SVG length of 100, with a point whatever the language."""
    return f"{float(part) * 100:.2f}"


@register.filter
def pieces(stages: Iterable[Mapping[str, Any]], whole: int) -> list[dict[str, Any]]:
    """Rows {stage, label, cases} as pieces of a bar 100 wide, left to right."""
    found, left = [], 0.0
    for row in stages:
        width = 100 * row["cases"] / whole if whole else 0.0
        found.append({**row, "x": f"{left:.2f}", "width": f"{width:.2f}"})
        left += width
    return found
