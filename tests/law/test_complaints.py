"""The clocks of complaints and denunciations, their extensions and their pauses."""

import datetime as dt

import pytest

from gpmb.law.calendar import Calendar
from gpmb.law.complaints import ComplaintClock, Kind, Suspension, clocks
from gpmb.law.rules import RuleBook

D = dt.date
RECEIVED, ACCEPTED = D(2023, 5, 25), D(2023, 6, 5)


def settle(kind: Kind, rules: RuleBook, calendar: Calendar, **options: object) -> ComplaintClock:
    return clocks(
        kind,
        RECEIVED,
        rules,
        calendar,
        accepted_on=ACCEPTED,
        **options,  # type: ignore[arg-type]
    )[1]


def test_an_unaccepted_complaint_has_only_the_acceptance_clock(
    rules: RuleBook, calendar: Calendar
) -> None:
    (clock,) = clocks(Kind.COMPLAINT, RECEIVED, rules, calendar)
    # 10 days from 25/05/2023 end on Sunday 04/06
    assert (clock.what, clock.due_on, clock.verified) == ("Thụ lý", D(2023, 6, 5), True)
    assert clock.late_days(D(2023, 6, 5)) == 0
    assert clock.late_days(D(2023, 6, 8)) == 3


@pytest.mark.parametrize(
    ("kind", "options", "code", "due", "verified"),
    [
        (Kind.COMPLAINT, {}, "COMPLAINT_1", D(2023, 7, 5), True),
        (Kind.COMPLAINT, {"is_complex": True}, "COMPLAINT_1_COMPLEX", D(2023, 7, 20), True),
        (Kind.COMPLAINT, {"remote": True}, "COMPLAINT_1_REMOTE", D(2023, 7, 20), True),
        (
            Kind.COMPLAINT,
            {"is_complex": True, "remote": True},
            "COMPLAINT_1_COMPLEX_REMOTE",
            D(2023, 8, 4),
            True,
        ),
        (Kind.COMPLAINT_2, {}, "COMPLAINT_2", D(2023, 7, 20), True),
        (Kind.COMPLAINT_2, {"remote": True}, "COMPLAINT_2_REMOTE", D(2023, 8, 4), False),
        (Kind.DENUNCIATION, {}, "DENUNCIATION", D(2023, 7, 5), True),
        (Kind.DENUNCIATION, {"extensions": 1}, "DENUNCIATION", D(2023, 8, 4), True),
        (Kind.DENUNCIATION, {"extensions": 2}, "DENUNCIATION", D(2023, 9, 5), True),
        # only a denunciation is extended
        (Kind.COMPLAINT, {"extensions": 2}, "COMPLAINT_1", D(2023, 7, 5), True),
    ],
)
def test_the_settlement_clock(
    kind: Kind,
    options: dict[str, object],
    code: str,
    due: dt.date,
    verified: bool,
    rules: RuleBook,
    calendar: Calendar,
) -> None:
    clock = settle(kind, rules, calendar, **options)
    assert (clock.rule_code, clock.due_on, clock.verified) == (code, due, verified)


def test_a_settled_complaint_keeps_the_days_it_was_late(
    rules: RuleBook, calendar: Calendar
) -> None:
    clock = settle(Kind.COMPLAINT, rules, calendar, settled_on=D(2023, 7, 15))
    assert clock.late_days(D(2030, 1, 1)) == 10


def test_a_pause_moves_the_term_and_an_open_one_stops_it(
    rules: RuleBook, calendar: Calendar
) -> None:
    pause = Suspension(D(2023, 6, 10), D(2023, 6, 15), "chờ kết luận giám định")
    clock = settle(Kind.COMPLAINT, rules, calendar, suspensions=[pause])
    assert clock.due_on == D(2023, 7, 10)
    later = Suspension(D(2023, 9, 1), D(2023, 9, 9), "sau hạn, không tính")
    assert settle(Kind.COMPLAINT, rules, calendar, suspensions=[later]).due_on == D(2023, 7, 5)
    open_ = Suspension(D(2023, 6, 20), None, "chờ tòa án")
    stopped = settle(Kind.COMPLAINT, rules, calendar, suspensions=[pause, open_])
    assert (stopped.due_on, stopped.stopped) == (None, "chờ tòa án")
    assert stopped.late_days(D(2030, 1, 1)) == 0


def test_a_pause_is_never_silent() -> None:
    with pytest.raises(ValueError, match="lý do"):
        Suspension(D(2023, 6, 10), None, " ")
    with pytest.raises(ValueError, match="tiếp tục"):
        Suspension(D(2023, 6, 10), D(2023, 6, 9), "chờ giám định")


def test_a_term_is_extended_twice_at_most(rules: RuleBook, calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="hai lần"):
        settle(Kind.DENUNCIATION, rules, calendar, extensions=3)


def test_a_number_of_the_law_of_july_2026_is_not_verified(
    rules: RuleBook, calendar: Calendar
) -> None:
    (clock,) = clocks(Kind.COMPLAINT, D(2026, 7, 1), rules, calendar)
    assert not clock.verified


def test_before_a_law_there_is_no_clock(rules: RuleBook, calendar: Calendar) -> None:
    assert clocks(Kind.DENUNCIATION, D(2018, 1, 1), rules, calendar) == []
