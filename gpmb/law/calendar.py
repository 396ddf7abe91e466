"""Days off and date arithmetic.

Day 1 is the day after the event (Civil Code 2015 art. 147.2), so n days from D end on D + n.
A year whose holidays were not entered from an official document is "not confirmed".
"""

import calendar as civil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayOff:
    """One row of the holiday table: a day off, or a weekend day worked to make up for one."""

    on: date
    name: str
    makeup: bool = False
    tet: bool = False
    confirmed: bool = True


class Calendar:
    """Official days off. Saturdays and Sundays are off unless a make-up day says otherwise."""

    def __init__(self, days: Iterable[DayOff] = ()) -> None:
        rows = tuple(days)
        self._off = {row.on for row in rows if not row.makeup}
        self._worked = {row.on for row in rows if row.makeup}
        self._tet: dict[int, list[date]] = {}
        for row in rows:
            if row.tet and not row.makeup:
                self._tet.setdefault(row.on.year, []).append(row.on)
        years = {row.on.year for row in rows}
        self._confirmed = years - {row.on.year for row in rows if not row.confirmed}

    def is_off(self, on: date) -> bool:
        """Say whether a day is a day off: weekend or holiday, and not a make-up day."""
        if on in self._worked:
            return False
        return on in self._off or on.weekday() >= SATURDAY

    def is_confirmed(self, year: int) -> bool:
        """Say whether the year's days off, Tết among them, all come from official documents."""
        return year in self._confirmed and year in self._tet

    def next_working_day(self, on: date) -> date:
        """Return `on`, or the first working day after it."""
        while self.is_off(on):
            on += timedelta(days=1)
        return on

    def add_working_days(self, on: date, count: int) -> date:
        """Return the last of `count` working days that follow `on`."""
        for _ in range(count):
            on = self.next_working_day(on + timedelta(days=1))
        return on

    def tet_holiday(self, year: int) -> tuple[date, date] | None:
        """Return first and last day of the Tết holiday that falls in a civil year, if entered."""
        days = self._tet.get(year)
        return (min(days), max(days)) if days else None


def add_months(on: date, count: int) -> date:
    """Return the same day of the month `count` months later, or that month's last day."""
    month = on.month - 1 + count
    year, month = on.year + month // 12, month % 12 + 1
    return date(year, month, min(on.day, civil.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days that don't count, until the day before the clock resumes; never without a reason."""

    start: date
    end: date | None
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("Tạm dừng tính thời hạn phải ghi lý do.")
        if self.end is not None and self.end < self.start:
            raise ValueError("Ngày tiếp tục phải từ ngày tạm dừng trở đi.")


def extended(last: date, start: date, pauses: Iterable[Suspension]) -> tuple[date, str]:
    """Return the last day of a period that began on `start`, lengthened by its pauses, and why it
    stands still ("" when it runs). A pause that begins after the last day changes nothing.
    """
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.start > last:
            continue
        if pause.end is None:
            return last, pause.reason
        last += max(pause.end - max(pause.start, start), timedelta(0))
    return last, ""
