"""The day a page stands at, and the earlier day it is compared with, both in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from gpmb.clearance.clock import today
from gpmb.clearance.models import Review

SHOWN = 12
FIRST_YEAR = 1900
"""No record of land here is older; a month before the year 1 can't be reckoned."""


@dataclass(frozen=True)
class Days:
    """`on` is never after the data date `today`; `since` is never after `on`."""

    today: dt.date
    on: dt.date
    since: dt.date
    reviews: tuple[Review, ...] = ()

    @classmethod
    def read(cls, values: QueryDict) -> Days:
        """Read `?on=31/05/2023&since=…` (or ISO days); a day nobody understands counts as absent.

        Without `since` the last review before the day, else a month before it.
        """
        now = today()
        on = day_asked(values.get("on", ""))
        reviews = tuple(Review.objects.filter(on__lt=on).order_by("-on")[:SHOWN])
        last = reviews[0].on if reviews else on - dt.timedelta(days=30)
        since = day_of(values.get("since", "")) or last
        return cls(now, on, min(since, on), reviews)

    @property
    def review(self) -> Review | None:
        """The review held on `since`, if one was."""
        return next((review for review in self.reviews if review.on == self.since), None)

    @property
    def past(self) -> bool:
        return self.on < self.today

    def changes(self, **more: str | list[str]) -> str:
        """The address part of the map that tints what changed between the two days."""
        return self.query(colour="change", since=self.since.isoformat(), **more)

    def query(self, **more: str | list[str]) -> str:
        """The address part that keeps a link on the same day."""
        said: dict[str, str | list[str]] = {"on": self.on.isoformat()} if self.past else {}
        return urlencode(said | more, doseq=True)


def day_asked(text: str) -> dt.date:
    """The day an address asks for, never after the data date; that date where it says none."""
    now = today()
    return min(day_of(text) or now, now)


def day_of(text: str) -> dt.date | None:
    """Read a day typed dd/mm/yyyy or written by a date field."""
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = dt.datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
        return day if day.year >= FIRST_YEAR else None
    return None
