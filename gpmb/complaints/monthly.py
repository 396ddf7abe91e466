"""The monthly table: what came in and what was done, beside the same month a year before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q
from django.db.models.functions import ExtractMonth

from gpmb.complaints.models import COLLECTIVE_PEOPLE

if TYPE_CHECKING:
    from gpmb.complaints.models import ComplaintQuerySet

# Key, heading, the date that places a letter in a month, which letters.
COLUMNS: tuple[tuple[str, str, str, Q], ...] = (
    ("received", "Tiếp nhận", "received_on", Q()),
    ("petitions", "Kiến nghị, phản ánh", "received_on", Q(kind="petition")),
    ("complaints", "Khiếu nại", "received_on", Q(kind="complaint")),
    ("denunciations", "Tố cáo", "received_on", Q(kind="denunciation")),
    ("lawsuits", "Khởi kiện", "received_on", Q(kind="lawsuit")),
    ("collective", "Đông người", "received_on", Q(people_count__gte=COLLECTIVE_PEOPLE)),
    ("repeated", "Đơn trùng, lặp", "received_on", Q(repeats__isnull=False)),
    ("accepted", "Thụ lý", "accepted_on", Q()),
    (
        "in_time",
        "Trả lời đúng hạn",
        "answered_on",
        Q(due_on__isnull=True) | Q(answered_on__lte=F("due_on")),
    ),
    ("late", "Trả lời quá hạn", "answered_on", Q(answered_on__gt=F("due_on"))),
    ("implemented", "Thực hiện xong", "implemented_on", Q()),
)


@dataclass(frozen=True)
class Month:
    """The figures of a month and of the same month a year before, by column key."""

    month: int
    now: dict[str, int]
    before: dict[str, int]


def monthly(rows: ComplaintQuerySet, *, year: int, on: dt.date) -> list[Month]:
    """Return the months of a year up to the day `on`.

    A month still running is compared with the same days of a year before, not the whole month.
    """
    last = on.month if on.year == year else 12 if on.year > year else 0
    counts = {y: _count(rows, y, _cut(on, y)) for y in (year - 1, year)}
    return [
        Month(
            month,
            {key: counts[year][key].get(month, 0) for key, *_ in COLUMNS},
            {key: counts[year - 1][key].get(month, 0) for key, *_ in COLUMNS},
        )
        for month in range(1, last + 1)
    ]


def _cut(on: dt.date, year: int) -> dt.date:
    """The last day of a year that counts: the day `on` of that year."""
    if year > on.year:
        return dt.date(year - 1, 12, 31)
    if year < on.year - 1:
        return dt.date(year, 12, 31)
    return dt.date(year, on.month, min(on.day, 28) if on.month == 2 else on.day)


def _count(rows: ComplaintQuerySet, year: int, until: dt.date) -> dict[str, dict[int, int]]:
    answer = {}
    for key, _, field, condition in COLUMNS:
        by_month = (
            rows.filter(condition, **{f"{field}__year": year, f"{field}__lte": until})
            .order_by()
            .annotate(m=ExtractMonth(field))
            .values_list("m")
            .annotate(n=Count("pk"))
        )
        answer[key] = dict(by_month)
    return answer


def total(months: list[Month]) -> Month:
    """Add months up: the period from January."""
    keys = [key for key, *_ in COLUMNS]
    return Month(
        0,
        {key: sum(row.now[key] for row in months) for key in keys},
        {key: sum(row.before[key] for row in months) for key in keys},
    )
