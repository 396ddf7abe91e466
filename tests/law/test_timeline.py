"""What a case's page shows: past, ahead, late, too early, and the next lawful act."""

import datetime as dt
from dataclasses import replace

from gpmb.law.calendar import Calendar
from gpmb.law.regimes import Facts
from gpmb.law.rules import RuleBook
from gpmb.law.steps import Event
from gpmb.law.timeline import Item, Kind, next_lawful_act, timeline
from tests.law.test_deadlines import APPROVED_R1, APPROVED_R2, CONSULTED_R2, walk

D = dt.date


def of_kind(items: list[Item], kind: Kind) -> list[Item]:
    return [item for item in items if item.kind is kind]


def test_a_timeline_tells_what_happened_and_what_is_due_with_its_reason(
    rules: RuleBook, calendar: Calendar
) -> None:
    items = timeline(Facts(), APPROVED_R1, rules, calendar, D(2023, 6, 30))
    happened = of_kind(items, Kind.HAPPENED)
    assert [item.what for item in happened][:3] == [
        "Thông báo thu hồi đất",
        "Kiểm đếm",
        "Niêm yết, lấy ý kiến",
    ]
    assert happened[0].why == ""
    (due,) = of_kind(items, Kind.DUE)
    assert (due.on, due.rule_code, due.late_days) == (D(2023, 7, 3), "PAYMENT", 0)
    assert due.what == "Chi trả: hạn 30 ngày"
    assert due.why == (
        "tính từ ngày quyết định thu hồi đất có hiệu lực ngày 02/06/2023; "
        "khoản 1 Điều 93 Luật Đất đai 2013"
    )
    assert not of_kind(items, Kind.LAPSES)


def test_an_unpaid_case_is_late_by_days(rules: RuleBook, calendar: Calendar) -> None:
    items = timeline(Facts(), APPROVED_R1, rules, calendar, D(2023, 7, 13))
    (due,) = of_kind(items, Kind.DUE)
    assert due.late_days == 10
    assert due.what.endswith("đã quá hạn 10 ngày")


def test_a_late_payment_stays_in_the_past_with_its_days(
    rules: RuleBook, calendar: Calendar
) -> None:
    events = [*APPROVED_R1, Event("payment", D(2023, 7, 10))]
    items = timeline(Facts(), events, rules, calendar, D(2023, 8, 1))
    (late,) = of_kind(items, Kind.LATE)
    assert (late.late_days, late.on) == (7, D(2023, 7, 3))
    assert late.what == "Chi trả chậm 7 ngày so với hạn 30 ngày"


def test_a_payment_in_time_is_not_late(rules: RuleBook, calendar: Calendar) -> None:
    events = [*APPROVED_R1, Event("payment", D(2023, 7, 3))]
    items = timeline(Facts(), events, rules, calendar, D(2023, 8, 1))
    assert not of_kind(items, Kind.LATE)


def test_a_decision_before_the_wait_is_noted_as_too_early(
    rules: RuleBook, calendar: Calendar
) -> None:
    events = walk(notice=D(2023, 3, 1), approval=D(2023, 4, 3))
    items = timeline(Facts(), events, rules, calendar, D(2023, 5, 1))
    (early,) = of_kind(items, Kind.TOO_EARLY)
    assert early.on == D(2023, 5, 30)
    assert early.what == "QĐ thu hồi, phê duyệt sớm hơn quy định: phải đủ 90 ngày"


def test_an_opening_breaks_no_limit(rules: RuleBook, calendar: Calendar) -> None:
    events = [Event("notice", D(2023, 3, 1)), Event("approval", D(2023, 4, 3), "opening")]
    items = timeline(Facts(), events, rules, calendar, D(2023, 4, 10))
    assert not of_kind(items, Kind.TOO_EARLY)
    assert items[1].what == "QĐ thu hồi, phê duyệt (số liệu chuyển tiếp)"


def test_enforcement_at_tet_is_noted(rules: RuleBook, calendar: Calendar) -> None:
    events = [Event("enforcement", D(2025, 2, 3)), Event("handover", D(2025, 2, 20))]
    items = timeline(Facts(), events, rules, calendar, D(2025, 3, 1))
    (early,) = of_kind(items, Kind.TOO_EARLY)
    assert "quanh kỳ nghỉ Tết" in early.what
    assert early.why == "điểm b khoản 1 Điều 89 Luật Đất đai 2024"
    fine = timeline(Facts(), [Event("enforcement", D(2025, 4, 1))], rules, calendar, D(2025, 5, 1))
    assert not of_kind(fine, Kind.TOO_EARLY)


def test_what_lies_ahead_is_in_the_order_of_days(rules: RuleBook, calendar: Calendar) -> None:
    items = timeline(Facts(), APPROVED_R2, rules, calendar, D(2025, 1, 8))
    ahead = [(item.kind, item.step, item.on) for item in items if item.kind is not Kind.HAPPENED]
    assert ahead == [
        (Kind.EARLIEST, "recovery", D(2024, 12, 3)),
        (Kind.DUE, "recovery", D(2025, 1, 16)),
        (Kind.DUE, "payment", D(2025, 2, 5)),
        (Kind.LAPSES, "notice", D(2025, 9, 5)),
    ]
    assert items[-1].why == (
        "tính từ bước “Thông báo thu hồi đất” ngày 04/09/2024; khoản 5 Điều 85 Luật Đất đai 2024"
    )
    # The year's days off are not confirmed: a ceiling says so, a floor doesn't ask.
    assert [item.calendar_confirmed for item in items[-4:]] == [True, False, False, True]
    assert "lịch nghỉ năm 2025 chưa được xác nhận" in items[-3].why


def test_the_timeline_of_a_past_day_knows_nothing_later(
    rules: RuleBook, calendar: Calendar
) -> None:
    items = timeline(Facts(), APPROVED_R2, rules, calendar, D(2024, 10, 10))
    assert [item.step for item in of_kind(items, Kind.HAPPENED)] == [
        "notice",
        "inventory",
        "posting",
    ]
    assert (Kind.EARLIEST, D(2024, 10, 31)) in [(item.kind, item.on) for item in items]


def test_an_unverified_wait_is_shown_with_its_mark(rules: RuleBook, calendar: Calendar) -> None:
    items = timeline(Facts(), APPROVED_R1[:3], rules, calendar, D(2023, 3, 5))
    (wait,) = of_kind(items, Kind.EARLIEST)
    assert (wait.on, wait.verified) == (D(2023, 3, 21), False)
    assert "chưa đối chiếu văn bản" in wait.why


def test_a_lapse_by_transition_is_on_the_timeline(rules: RuleBook, calendar: Calendar) -> None:
    items = timeline(Facts(), APPROVED_R1[:2], rules, calendar, D(2025, 6, 30))
    (lapse,) = of_kind(items, Kind.LAPSES)
    assert lapse.on == D(2026, 1, 1)
    assert "Nghị quyết 254/2025/QH15" in lapse.why


# One sentence


def sentence(
    events: list[Event],
    on: dt.date,
    rules: RuleBook,
    calendar: Calendar,
    facts: Facts | None = None,
) -> str:
    return next_lawful_act(facts or Facts(), events, rules, calendar, on)


def test_the_next_act_of_a_new_case(rules: RuleBook, calendar: Calendar) -> None:
    assert sentence([], D(2023, 6, 30), rules, calendar) == (
        "Bước tiếp theo: Thông báo thu hồi đất."
    )


def test_the_next_act_names_its_term_and_article(rules: RuleBook, calendar: Calendar) -> None:
    assert sentence(APPROVED_R1, D(2023, 6, 30), rules, calendar) == (
        "Bước tiếp theo: Chi trả; hạn ngày 03/07/2023 (khoản 1 Điều 93 Luật Đất đai 2013)."
    )
    assert "đã quá hạn 10 ngày" in sentence(APPROVED_R1, D(2023, 7, 13), rules, calendar)


def test_the_next_act_names_its_first_lawful_day(rules: RuleBook, calendar: Calendar) -> None:
    events = walk(
        notice=D(2023, 5, 2),
        inventory=D(2023, 5, 8),
        posting=D(2023, 5, 12),
        appraisal=D(2023, 6, 12),
    )
    assert sentence(events, D(2023, 6, 30), rules, calendar) == (
        "Bước tiếp theo: QĐ thu hồi, phê duyệt; sớm nhất ngày 31/07/2023 (đủ 90 ngày, khoản 1 "
        "Điều 67 Luật Đất đai 2013); thông báo thu hồi đất hết hiệu lực từ ngày 01/01/2026."
    )


def test_after_a_lapse_the_next_act_is_a_new_notice(rules: RuleBook, calendar: Calendar) -> None:
    text = sentence(APPROVED_R1[:2], D(2026, 1, 1), rules, calendar)
    assert text.startswith("Ban hành thông báo thu hồi đất mới: thông báo ngày 04/01/2023")
    assert "từ ngày 01/01/2026 (điểm c khoản 13" in text
    alive = sentence(CONSULTED_R2, D(2025, 9, 4), rules, calendar)
    assert alive.endswith("thông báo thu hồi đất hết hiệu lực từ ngày 05/09/2025.")


def test_after_handover_there_is_no_next_act(rules: RuleBook, calendar: Calendar) -> None:
    events = [*APPROVED_R1, *walk(payment=D(2023, 6, 20), handover=D(2023, 6, 28))]
    assert "không còn bước nào" in sentence(events, D(2023, 6, 30), rules, calendar)


def test_an_unverified_term_says_so_in_the_sentence(rules: RuleBook, calendar: Calendar) -> None:
    doubtful = RuleBook(
        replace(rule, verified=False) if rule.code == "PAYMENT" else rule for rule in rules
    )
    text = sentence(APPROVED_R1, D(2023, 6, 30), doubtful, calendar)
    assert "Điều 93 Luật Đất đai 2013, chưa đối chiếu văn bản)" in text
