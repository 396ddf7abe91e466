"""Numbers, money, areas and dates as Vietnamese papers write them: on pages and in files alike.

A missing value is said ("chưa có dữ liệu"), never shown as 0.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.text import slugify

NO_DATA = "chưa có dữ liệu"
Number = int | float | Decimal


def grouped(value: Number, places: int = 0) -> str:
    """Write a number the Vietnamese way, rounded half up: 1234567.84, 1 → "1.234.567,8"."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)  # no "-0"
    return f"{rounded:,.{places}f}".translate(str.maketrans(",.", ".,"))


def num(value: Number | None, places: int = 0) -> str:
    """A count or any number with `places` decimals."""
    return NO_DATA if value is None else grouped(value, int(places))


def m2(value: Number | None) -> str:
    """Square metres with one decimal, without the unit (it stands in the heading)."""
    return NO_DATA if value is None else grouped(value, 1)


def ha(value: Number | None, places: int = 1) -> str:
    """Square metres as hectares."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10_000, int(places))


def vnd(value: Number | None) -> str:
    """Whole đồng."""
    return NO_DATA if value is None else grouped(value)


def trieu(value: Number | None) -> str:
    """Đồng as million đồng with one decimal."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10**6, 1)


def ty(value: Number | None) -> str:
    """Đồng as billion đồng with one decimal."""
    return NO_DATA if value is None else grouped(Decimal(str(value)) / 10**9, 1)


def pct(share: Number | None, places: int = 0) -> str:
    """A share 0..1 as a percentage: 0.541 → "54%"."""
    return NO_DATA if share is None else f"{grouped(Decimal(str(share)) * 100, int(places))}%"


def slug(words: str) -> str:
    """Words as a part of a file's name: "Đơn thư" is "don-thu"."""
    return slugify(words.replace("Đ", "D").replace("đ", "d"))


def day(value: dt.date | None) -> str:
    """A date as dd/mm/yyyy; a moment as its day in the deployment's time zone."""
    if value is None:
        return NO_DATA
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%d/%m/%Y}"
