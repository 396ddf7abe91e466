"""Days off, and date arithmetic against a second calculator written another way."""

import datetime as dt
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gpmb.law.calendar import Calendar, DayOff, add_months
from gpmb.law.rules import Bound, Rule, RuleType, Unit, due_on, earliest_on, lapses_on
from tests.law.conftest import read_calendar

CALENDAR = read_calendar()
DAYS = st.dates(dt.date(2014, 7, 1), dt.date(2030, 12, 31))


def rule(type_: RuleType, value: int, unit: Unit, bound: Bound = Bound.GE) -> Rule:
    return Rule("X", Decimal(value), unit, type_, "điều thử", dt.date(2014, 7, 1), bound)


class Walker:
    """The same conventions by walking a printed calendar, one day after the other."""

    def __init__(self, calendar: Calendar) -> None:
        first = dt.date(2014, 1, 1).toordinal()
        self.days = [dt.date.fromordinal(first + n) for n in range(366 * 20)]
        self.index = {day: n for n, day in enumerate(self.days)}
        self.off = {day for day in self.days if calendar.is_off(day)}

    def end(self, start: dt.date, value: int, unit: Unit) -> dt.date:
        if unit is Unit.MONTH:
            year, month = start.year, start.month
            for _ in range(value):
                year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            in_month = [day for day in self.days if (day.year, day.month) == (year, month)]
            return max(day for day in in_month if day.day <= start.day)
        after = self.days[self.index[start] + 1 :]
        if unit is Unit.WORKING_DAY:
            after = [day for day in after[: 5 * value + 60] if day not in self.off]
        return after[value - 1]

    def due(self, start: dt.date, value: int, unit: Unit) -> dt.date:
        end = self.end(start, value, unit)
        return next(day for day in self.days[self.index[end] :] if day not in self.off)


WALKER = Walker(CALENDAR)


@given(DAYS, st.integers(1, 200), st.sampled_from([Unit.DAY, Unit.WORKING_DAY]))
@settings(deadline=None)
def test_two_calculators_agree_on_ceilings(start: dt.date, value: int, unit: Unit) -> None:
    due = due_on(rule(RuleType.MAX, value, unit), start, CALENDAR)
    assert due == WALKER.due(start, value, unit)
    assert due is not None
    assert due > start
    assert not CALENDAR.is_off(due)


@given(DAYS, st.integers(1, 200), st.sampled_from([Unit.DAY, Unit.WORKING_DAY]))
@settings(deadline=None)
def test_two_calculators_agree_on_floors(start: dt.date, value: int, unit: Unit) -> None:
    end = WALKER.end(start, value, unit)
    assert earliest_on(rule(RuleType.MIN_WAIT, value, unit), start, CALENDAR) == end
    more = earliest_on(rule(RuleType.MIN_WAIT, value, unit, Bound.GT), start, CALENDAR)
    assert more == end + dt.timedelta(days=1)


@given(DAYS, st.integers(1, 36))
@settings(deadline=None)
def test_two_calculators_agree_on_months(start: dt.date, value: int) -> None:
    validity = rule(RuleType.VALIDITY, value, Unit.MONTH)
    assert lapses_on(validity, start, CALENDAR) == WALKER.end(start, value, Unit.MONTH)


def test_a_month_ends_on_its_last_day() -> None:
    assert add_months(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)
    assert add_months(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert add_months(dt.date(2024, 12, 15), 1) == dt.date(2025, 1, 15)


def test_a_weekend_day_worked_in_exchange_is_no_day_off() -> None:
    assert CALENDAR.is_off(dt.date(2024, 4, 29))
    assert not CALENDAR.is_off(dt.date(2024, 5, 4))  # a Saturday
    assert CALENDAR.is_off(dt.date(2024, 5, 5))


def test_a_year_is_confirmed_only_when_every_day_and_tet_are() -> None:
    assert CALENDAR.is_confirmed(2023)
    assert not CALENDAR.is_confirmed(2022)  # Tết without the year's announcement
    assert not CALENDAR.is_confirmed(2030)  # nothing entered
    new_year = DayOff(dt.date(2030, 1, 1), "Tết Dương lịch")
    assert not Calendar([new_year]).is_confirmed(2030)  # Tết not entered


def test_the_tet_holiday_is_the_announced_one() -> None:
    assert CALENDAR.tet_holiday(2023) == (dt.date(2023, 1, 20), dt.date(2023, 1, 26))
    assert CALENDAR.tet_holiday(2030) is None


def test_tet_moves_a_ceiling_past_the_whole_holiday() -> None:
    ten = rule(RuleType.MAX, 10, Unit.DAY)
    assert due_on(ten, dt.date(2023, 1, 11), CALENDAR) == dt.date(2023, 1, 27)
    assert due_on(ten, dt.date(2025, 1, 16), CALENDAR) == dt.date(2025, 2, 3)


def test_a_floor_knows_no_due_day_and_a_ceiling_no_earliest_one() -> None:
    start = dt.date(2023, 3, 1)
    ceiling, floor = rule(RuleType.MAX, 5, Unit.DAY), rule(RuleType.MIN_WAIT, 5, Unit.DAY)
    assert earliest_on(ceiling, start, CALENDAR) is None
    assert due_on(floor, start, CALENDAR) is None
    assert lapses_on(floor, start, CALENDAR) is None
