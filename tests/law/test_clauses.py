"""One case for every version of every rule, written from the clause and counted by hand.

Each row: the code, the day the clock starts, and the day the clause gives. Days off were read from
the printed calendar of the year. tests/bench/mutate_rules.py changes each value and expects a
failure here.
"""

import datetime as dt
import itertools
from decimal import Decimal

import pytest

from gpmb.law.calendar import Calendar
from gpmb.law.money import late_interest
from gpmb.law.regimes import Regime
from gpmb.law.rules import RuleBook, RuleType, due_on, earliest_on, end_on, lapses_on, pick


def day(text: str) -> dt.date:
    return dt.date(*(int(part) for part in reversed(text.split("/"))))


# A floor: the first lawful day of the act.
FLOORS = [
    # "chậm nhất là 90 ngày đối với đất nông nghiệp và 180 ngày đối với đất phi nông nghiệp" trước
    # khi có quyết định thu hồi: Land Law 2013 art. 67.1, Land Law 2024 art. 85.1
    ("NOTICE_WAIT_AGRI", "01/03/2023", "30/05/2023", "khoản 1 Điều 67", True),
    ("NOTICE_WAIT_NONAGRI", "01/03/2023", "28/08/2023", "khoản 1 Điều 67", True),
    ("NOTICE_WAIT_AGRI", "02/12/2024", "02/03/2025", "khoản 1 Điều 85", True),  # a Sunday: stays
    ("NOTICE_WAIT_NONAGRI", "02/01/2025", "01/07/2025", "khoản 1 Điều 85", True),
    # Resolution 254 art. 3.9a: 60 and 120 days
    ("NOTICE_WAIT_AGRI", "05/01/2026", "06/03/2026", "điểm a khoản 9", True),
    ("NOTICE_WAIT_NONAGRI", "05/01/2026", "05/05/2026", "điểm a khoản 9", True),
    # art. 87.2đ: 15 days of persuasion; "quá 10 ngày kể từ ngày kết thúc"
    ("PERSUADE_INVENTORY", "03/03/2025", "18/03/2025", "điểm đ khoản 2", True),
    ("AFTER_PERSUADE", "18/03/2025", "29/03/2025", "điểm đ khoản 2", True),
    # art. 87.6b, 87.7b: 10 days
    ("PERSUADE_PLAN", "03/03/2025", "13/03/2025", "khoản 6 Điều 87", True),
    ("PERSUADE_HANDOVER", "03/03/2025", "13/03/2025", "khoản 7 Điều 87", True),
    ("PERSUADE_INVENTORY", "01/06/2023", "11/06/2023", "2013", False),
    # Decree 102 art. 36.2, 37: five working days; Saturday 26/4/2025 was worked for Friday 2/5
    ("ENFORCE_INVENTORY_PERSUADE", "25/04/2025", "06/05/2025", "Điều 36", True),
    ("ENFORCE_POLICE", "06/06/2025", "13/06/2025", "Điều 37", True),
    # posting: art. 87.3a 30 days; Resolution 254 art. 3.9b 10 days; the 2013 figure is unread
    ("POSTING", "01/03/2023", "21/03/2023", "2013", False),
    ("POSTING", "01/10/2024", "31/10/2024", "điểm a khoản 3 Điều 87", True),
    ("POSTING", "05/01/2026", "15/01/2026", "điểm b khoản 9", True),
    # art. 111.1: the resettlement arrangement is posted 15 days
    ("RESETTLE_POST", "03/03/2025", "18/03/2025", "Điều 111", True),
]

# A ceiling: the last lawful day of the act.
CEILINGS = [
    ("RECOVERY_PLAN", "02/06/2025", "12/06/2025", "Điều 28", True),
    # art. 87.3a: dialogue within 60 days of the consultation; Resolution 254 art. 3.9b: 30 days
    ("DIALOGUE", "06/12/2024", "04/02/2025", "Điều 87", True),
    ("DIALOGUE", "02/12/2024", "03/02/2025", "Điều 87", True),  # 31/01/2025 is Tết
    ("DIALOGUE", "05/01/2026", "04/02/2026", "điểm b khoản 9", True),
    # Decree 88 art. 3.3: appraisal in 30 days of the complete file
    ("APPRAISAL", "03/06/2025", "03/07/2025", "khoản 3 Điều 3", True),
    # art. 87.5: 10 days from the trigger
    ("RECOVERY_DECISION", "03/06/2025", "13/06/2025", "khoản 5 Điều 87", True),
    # 2013 art. 93.1: 30 days from the recovery decision; 02/07/2023 is a Sunday
    ("PAYMENT", "02/06/2023", "03/07/2023", "khoản 1 Điều 93", True),
    ("PAYMENT", "05/06/2023", "05/07/2023", "khoản 1 Điều 93", True),
    # 2024 art. 94.3a: 30 days from the approval taking effect
    ("PAYMENT", "03/06/2025", "03/07/2025", "điểm a khoản 3 Điều 94", True),
    # art. 89.3: enforcement carried out in 10 days; 89.4b: handover in 30 days of the record
    ("ENFORCE_EXECUTE", "03/06/2025", "13/06/2025", "khoản 3 Điều 89", True),
    ("ENFORCE_HANDOVER", "03/06/2025", "03/07/2025", "điểm b khoản 4 Điều 89", True),
    # Law on Complaints
    ("COMPLAINT_FILE", "03/05/2023", "01/08/2023", "Điều 9", True),
    ("COMPLAINT_ACCEPT", "05/06/2023", "15/06/2023", "Điều 27", True),
    ("COMPLAINT_1", "05/06/2023", "05/07/2023", "Điều 28", True),
    ("COMPLAINT_1_COMPLEX", "05/06/2023", "20/07/2023", "Điều 28", True),
    ("COMPLAINT_1", "01/06/2023", "03/07/2023", "Điều 28", True),  # 01/07 is a Saturday
    ("COMPLAINT_1_COMPLEX", "01/06/2023", "17/07/2023", "Điều 28", True),  # 16/07 a Sunday
    ("COMPLAINT_1_REMOTE", "05/06/2023", "20/07/2023", "Điều 28", True),
    ("COMPLAINT_1_COMPLEX_REMOTE", "05/06/2023", "04/08/2023", "Điều 28", True),
    ("COMPLAINT_2_FILE", "05/06/2023", "05/07/2023", "Điều 33", True),
    ("COMPLAINT_2_FILE_REMOTE", "05/06/2023", "20/07/2023", "Điều 33", False),
    ("COMPLAINT_2_ACCEPT", "05/06/2023", "15/06/2023", "Điều 36", False),
    ("COMPLAINT_2", "05/06/2023", "20/07/2023", "Điều 37", True),
    ("COMPLAINT_2_COMPLEX", "05/06/2023", "04/08/2023", "Điều 37", True),
    ("COMPLAINT_2_REMOTE", "05/06/2023", "04/08/2023", "Điều 37", False),
    ("COMPLAINT_2_COMPLEX_REMOTE", "06/06/2023", "15/08/2023", "Điều 37", False),
    ("COMPLAINT_2_PUBLISH", "05/06/2023", "20/06/2023", "124/2020", True),
    # Law on Denunciations: 7 (at most 10) working days, then 30 days, each extension 30
    ("DENUNCIATION_ACCEPT", "05/06/2023", "14/06/2023", "Điều 24", False),
    ("DENUNCIATION_ACCEPT_MAX", "05/06/2023", "19/06/2023", "Điều 24", False),
    ("DENUNCIATION", "05/06/2023", "05/07/2023", "Điều 30", True),
    ("DENUNCIATION_EXTEND", "05/07/2023", "04/08/2023", "Điều 30", True),
    # the same numbers under the laws of 1/7/2026, not read yet
    ("COMPLAINT_FILE", "01/07/2026", "29/09/2026", "Điều 9", False),
    ("COMPLAINT_ACCEPT", "06/07/2026", "16/07/2026", "Điều 27", False),
    ("COMPLAINT_1", "06/07/2026", "05/08/2026", "Điều 28", False),
    ("COMPLAINT_1_COMPLEX", "06/07/2026", "20/08/2026", "Điều 28", False),
    ("COMPLAINT_1_REMOTE", "06/07/2026", "20/08/2026", "Điều 28", False),
    ("COMPLAINT_1_COMPLEX_REMOTE", "06/07/2026", "04/09/2026", "Điều 28", False),
    ("COMPLAINT_2_FILE", "06/07/2026", "05/08/2026", "Điều 33", False),
    ("COMPLAINT_2_FILE_REMOTE", "06/07/2026", "20/08/2026", "Điều 33", False),
    ("COMPLAINT_2_ACCEPT", "06/07/2026", "16/07/2026", "Điều 36", False),
    ("COMPLAINT_2", "06/07/2026", "20/08/2026", "Điều 37", False),
    ("COMPLAINT_2_COMPLEX", "06/07/2026", "04/09/2026", "Điều 37", False),
    ("COMPLAINT_2_REMOTE", "06/07/2026", "04/09/2026", "Điều 37", False),
    ("COMPLAINT_2_COMPLEX_REMOTE", "07/07/2026", "15/09/2026", "Điều 37", False),
    ("COMPLAINT_2_PUBLISH", "06/07/2026", "21/07/2026", "124/2020", False),
    ("DENUNCIATION_ACCEPT", "06/07/2026", "15/07/2026", "Điều 24", False),
    ("DENUNCIATION_ACCEPT_MAX", "06/07/2026", "20/07/2026", "Điều 24", False),
    ("DENUNCIATION", "06/07/2026", "05/08/2026", "Điều 30", False),
    ("DENUNCIATION_EXTEND", "05/08/2026", "04/09/2026", "Điều 30", False),
]


def words(case: tuple[object, ...]) -> str:
    return f"{case[0]} {case[1]}"


@pytest.mark.parametrize("case", FLOORS, ids=words)
def test_a_floor_is_lawful_from_the_day_the_clause_gives(
    case: tuple[str, str, str, str, bool], rules: RuleBook, calendar: Calendar
) -> None:
    code, start, expected, article, verified = case
    rule = pick(rules, code, day(start))
    assert rule is not None
    assert earliest_on(rule, day(start), calendar) == day(expected)
    assert due_on(rule, day(start), calendar) is None
    assert article in rule.article
    assert rule.verified is verified


@pytest.mark.parametrize("case", CEILINGS, ids=words)
def test_a_ceiling_ends_on_the_day_the_clause_gives(
    case: tuple[str, str, str, str, bool], rules: RuleBook, calendar: Calendar
) -> None:
    code, start, expected, article, verified = case
    rule = pick(rules, code, day(start))
    assert rule is not None
    assert due_on(rule, day(start), calendar) == day(expected)
    assert earliest_on(rule, day(start), calendar) is None
    assert lapses_on(rule, day(start), calendar) is None
    assert article in rule.article
    assert rule.verified is verified


def test_a_notice_of_the_2024_law_lives_twelve_months(rules: RuleBook, calendar: Calendar) -> None:
    """Art. 85.5; months keep the day of the month."""
    rule = pick(rules, "NOTICE_VALIDITY", day("29/02/2028"))
    assert rule is not None
    assert rule.verified
    assert lapses_on(rule, day("10/02/2025"), calendar) == day("10/02/2026")
    assert lapses_on(rule, day("29/02/2028"), calendar) == day("28/02/2029")
    assert pick(rules, "NOTICE_VALIDITY", day("31/07/2024")) is None


def test_late_payment_costs_three_hundredths_of_a_percent_a_day(rules: RuleBook) -> None:
    """Tax Administration Law 2019 art. 59.2a: 0.03 % a day."""
    owed = late_interest(Decimal(100_000_000), day("03/07/2023"), day("13/07/2023"), rules)
    assert (owed.days, owed.amount_vnd, owed.verified) == (10, Decimal(300_000), True)
    later = late_interest(Decimal(100_000_000), day("01/07/2026"), day("11/07/2026"), rules)
    assert (later.amount_vnd, later.verified) == (Decimal(300_000), False)


def test_enforcement_is_forbidden_fifteen_days_around_tet(rules: RuleBook) -> None:
    """Art. 89.1b."""
    rule = pick(rules, "TET_BLACKOUT", day("01/01/2025"))
    assert rule is not None
    assert rule.value == 15
    assert rule.verified


def test_waiting_for_a_supplement_is_not_counted_and_needs_no_number(rules: RuleBook) -> None:
    """Handbooks, not law: the row holds no period and is not verified."""
    rule = pick(rules, "APPRAISAL_SUPPLEMENT", day("01/01/2025"))
    assert rule is not None
    assert (rule.type, rule.value, rule.verified) == (RuleType.SUSPEND, 0, False)


def test_every_version_of_every_rule_has_a_case_here(rules: RuleBook) -> None:
    cases = {(case[0], day(case[1])) for case in FLOORS + CEILINGS}
    asked = {pick(rules, code, on) for code, on in cases}
    apart = {RuleType.VALIDITY, RuleType.RATE, RuleType.BLACKOUT, RuleType.SUSPEND}
    assert [rule for rule in rules if rule.type not in apart and rule not in asked] == []


def test_versions_of_a_code_never_overlap(rules: RuleBook) -> None:
    for rows in rules.by_code.values():
        for earlier, later in itertools.pairwise(rows):
            assert earlier.valid_to is not None
            assert earlier.valid_to < later.valid_from


def test_a_case_that_keeps_its_old_law_keeps_its_numbers(
    rules: RuleBook, calendar: Calendar
) -> None:
    """Resolution 254 art. 3.13a: approved under the 2024 law, the wait stays 90 days."""
    old = pick(rules, "NOTICE_WAIT_AGRI", day("01/02/2026"), regime=Regime.R3)
    new = pick(rules, "NOTICE_WAIT_AGRI", day("01/02/2026"), regime=Regime.R4)
    assert old is not None
    assert new is not None
    assert (old.value, new.value) == (90, 60)
    assert pick(rules, "NOTICE_WAIT_AGRI", day("01/02/2013"), regime=Regime.R1) is None
    assert end_on(new, day("01/01/2026"), calendar) == day("02/03/2026")
