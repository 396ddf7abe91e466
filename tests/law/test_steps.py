"""Only the listed moves pass, every step can reach the end, a refusal says what comes first."""

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpmb.law import steps
from gpmb.law.calendar import Calendar
from gpmb.law.regimes import Facts, Regime
from gpmb.law.rules import RuleBook
from gpmb.law.steps import Event, MoveRefused, check_move, next_steps

D = dt.date
START = {
    Regime.R1: D(2023, 1, 4),
    Regime.R2: D(2024, 9, 4),
    Regime.R3: D(2025, 7, 4),
    Regime.R4: D(2026, 1, 6),
}
R1_LINE = ["notice", "inventory", "posting", "appraisal", "approval", "payment", "handover"]
R2_LINE = [*R1_LINE[:3], "consultation", *R1_LINE[3:6], "recovery", "handover"]


def log(codes: list[str], start: dt.date, days: int = 1) -> list[Event]:
    return [Event(code, start + dt.timedelta(days=n * days)) for n, code in enumerate(codes)]


def codes(regime: Regime, events: list[Event], facts: Facts | None = None) -> list[str]:
    return [row.code for row in next_steps(regime, events, facts=facts)]


def refused(
    regime: Regime,
    events: list[Event],
    to: str,
    on: dt.date,
    facts: Facts | None = None,
    rules: RuleBook | tuple[()] = (),
    calendar: Calendar | None = None,
) -> MoveRefused:
    with pytest.raises(MoveRefused) as caught:
        check_move(regime, events, to, on, facts=facts or Facts(), rules=rules, calendar=calendar)
    return caught.value


@pytest.mark.parametrize("regime", Regime)
def test_the_main_line_of_each_regime_passes(regime: Regime) -> None:
    line = R1_LINE if regime is Regime.R1 else R2_LINE
    events: list[Event] = []
    for code in line:
        on = START[regime] + dt.timedelta(days=len(events))
        assert steps.required_steps(regime, events, Facts())[0].code == code
        check_move(regime, events, code, on, facts=Facts())
        events.append(Event(code, on))
    assert steps.current(events) == "handover"
    assert steps.required_steps(regime, events, Facts()) == ()
    assert next_steps(regime, events) == ()


def test_the_2013_law_approves_and_recovers_in_one_step() -> None:
    events = log(R1_LINE[:5], START[Regime.R1])
    assert {"approval", "recovery", "consultation"} <= steps.done(Regime.R1, events)
    assert steps.label("approval", Regime.R1) == "QĐ thu hồi, phê duyệt"
    assert steps.label("approval", Regime.R2) == "Phê duyệt phương án"
    assert steps.stage_label(4, Regime.R1) == "QĐ thu hồi, phê duyệt"
    assert steps.stage_label(4, Regime.R4) == "Phê duyệt phương án"
    error = refused(Regime.R1, events, "recovery", START[Regime.R1] + dt.timedelta(days=9))
    assert "không có trong quy trình theo Luật Đất đai 2013" in error.reason
    assert error.first == ""


def test_a_case_that_began_under_the_2013_law_goes_on_under_the_2024_law() -> None:
    """What one step contained when it was taken stays done."""
    events = log(R1_LINE[:3], D(2024, 7, 1))
    assert codes(Regime.R2, events) == ["dialogue", "appraisal"]
    approved = [*events, Event("appraisal", D(2024, 7, 20)), Event("approval", D(2024, 7, 30))]
    assert "recovery" not in codes(Regime.R2, approved)


@given(st.sampled_from(list(Regime)), st.data())
@settings(max_examples=200, deadline=None)
def test_wherever_a_case_stands_it_can_reach_handover(regime: Regime, data: st.DataObject) -> None:
    facts = Facts(resettlement_needed=data.draw(st.booleans()))
    events: list[Event] = []
    on = START[regime]
    while open_ := next_steps(regime, events, facts=facts):
        row = data.draw(st.sampled_from(open_))
        check_move(regime, events, row.code, on, facts=facts)
        events.append(Event(row.code, on))
        assert len(events) <= len(steps.STEPS)
        if steps.current(events) != "handover":
            assert steps.required_steps(regime, events, facts), "no way on"
    assert steps.current(events) == "handover"


@given(st.sampled_from(list(Regime)), st.data())
@settings(max_examples=100, deadline=None)
def test_only_the_listed_moves_pass(regime: Regime, data: st.DataObject) -> None:
    events: list[Event] = []
    for _ in range(data.draw(st.integers(0, 10))):
        if not (open_ := next_steps(regime, events)):
            break
        events.append(Event(data.draw(st.sampled_from(open_)).code, START[regime]))
    listed = set(codes(regime, events))
    for row in steps.STEPS:
        if row.code in listed:
            check_move(regime, events, row.code, START[regime], facts=Facts())
        else:
            assert refused(regime, events, row.code, START[regime]).reason


@pytest.mark.parametrize(
    ("regime", "after", "to", "first"),
    [
        (Regime.R1, ["notice"], "posting", "Kiểm đếm"),
        (Regime.R1, ["notice", "inventory"], "payment", "Niêm yết, lấy ý kiến"),
        (Regime.R1, R1_LINE[:4], "payment", "QĐ thu hồi, phê duyệt"),
        (Regime.R1, R1_LINE[:5], "handover", "Chi trả"),
        (Regime.R1, [], "inventory", "Thông báo thu hồi đất"),
        (Regime.R2, R2_LINE[:3], "appraisal", "Lấy ý kiến về phương án"),
        (Regime.R2, R2_LINE[:7], "handover", "Quyết định thu hồi đất"),
        (Regime.R3, ["notice"], "compulsory_inventory", "Vận động, thuyết phục (kiểm đếm)"),
        (Regime.R4, [*R2_LINE[:-1]], "enforcement", "Vận động, thuyết phục (bàn giao)"),
    ],
)
def test_a_step_out_of_order_says_what_comes_first(
    regime: Regime, after: list[str], to: str, first: str
) -> None:
    error = refused(regime, log(after, START[regime]), to, D(2030, 1, 1))
    assert "Chưa thể ghi bước" in error.reason
    assert first in error.first
    assert first in str(error)


def test_a_step_that_the_case_has_passed_is_refused() -> None:
    events = log(R1_LINE[:4], START[Regime.R1])
    error = refused(Regime.R1, events, "dialogue", D(2023, 6, 1))
    assert "phải làm trước bước “Thẩm định phương án”" in error.reason
    assert "hủy" in error.first


def test_a_repeated_step_is_refused() -> None:
    error = refused(Regime.R1, log(["notice"], D(2023, 1, 4)), "notice", D(2023, 2, 1))
    assert "đã được ghi nhận" in error.reason


def test_an_unknown_step_is_refused() -> None:
    assert "nonsense" in refused(Regime.R1, [], "nonsense", D(2023, 1, 4)).reason


def test_a_date_before_the_previous_step_is_refused() -> None:
    error = refused(Regime.R1, log(["notice"], D(2023, 1, 4)), "inventory", D(2023, 1, 3))
    assert "03/01/2023 trước ngày 04/01/2023" in error.reason
    check_move(
        Regime.R1, log(["notice"], D(2023, 1, 4)), "inventory", D(2023, 1, 4), facts=Facts()
    )


def test_money_deposited_may_be_paid_out_later_but_not_the_other_way() -> None:
    approved = log(R1_LINE[:5], START[Regime.R1])
    on = D(2023, 6, 1)
    assert "payment" in codes(Regime.R1, [*approved, Event("deposit", on)])
    paid = [*approved, Event("payment", on)]
    assert "deposit" not in codes(Regime.R1, paid)
    assert "Chi trả" in refused(Regime.R1, paid, "deposit", on).reason
    handover = [row.code for row in steps.required_steps(Regime.R1, paid, Facts())]
    assert handover == ["handover"]
    deposited = [*approved, Event("deposit", on)]
    assert [row.code for row in steps.required_steps(Regime.R1, deposited, Facts())] == [
        "handover"
    ]


def test_recovery_and_payment_come_in_either_order_under_the_2024_law() -> None:
    approved = log(R2_LINE[:6], START[Regime.R2])
    on = D(2025, 1, 6)
    for first, second in itertools.permutations(["payment", "recovery"]):
        check_move(Regime.R2, approved, first, on, facts=Facts())
        events = [*approved, Event(first, on)]
        check_move(Regime.R2, events, second, on, facts=Facts())
        check_move(Regime.R2, [*events, Event(second, on)], "handover", on, facts=Facts())


def test_resettlement_is_finished_before_the_recovery_decision() -> None:
    """Art. 91.6, less the exceptions of Resolution 254 art. 3.3; in R1 the household may wait."""
    waiting = Facts(resettlement_needed=True)
    approved = log(R2_LINE[:6], START[Regime.R4])
    error = refused(Regime.R4, approved, "recovery", D(2026, 3, 2), waiting)
    assert "Bố trí tái định cư" in error.first
    exception = Facts(resettlement_needed=True, recovery_before_resettlement=True)
    check_move(Regime.R4, approved, "recovery", D(2026, 3, 2), facts=exception)
    settled = [*approved, Event("resettlement", D(2026, 3, 2))]
    check_move(Regime.R4, settled, "recovery", D(2026, 3, 2), facts=waiting)
    old = log(R1_LINE[:6], START[Regime.R1])
    check_move(Regime.R1, old, "handover", D(2023, 6, 1), facts=waiting)
    assert "resettlement" in codes(Regime.R1, old, waiting)
    required = [row.code for row in steps.required_steps(Regime.R1, old, waiting)]
    assert required == ["resettlement", "handover"]


def test_dialogue_is_required_where_someone_disagreed() -> None:
    events = log(R2_LINE[:4], START[Regime.R2])
    rows = steps.required_steps(Regime.R2, events, Facts(disagreement=True))
    assert [row.code for row in rows] == ["dialogue", "appraisal"]
    rows = steps.required_steps(Regime.R2, events, Facts(disagreement=False))
    assert [row.code for row in rows] == ["appraisal"]


def test_an_opening_vouches_for_the_steps_before_it() -> None:
    opened = [Event("appraisal", D(2023, 3, 1), "opening")]
    assert codes(Regime.R1, opened) == ["approval"]
    paid = [Event("payment", D(2023, 3, 1), "opening")]
    assert "handover" in codes(Regime.R1, paid)
    assert steps.current(paid) == "payment"
    assert "handover" not in codes(Regime.R2, [Event("payment", D(2024, 9, 3), "opening")])
    last = [Event("handover", D(2025, 3, 3), "opening")]
    assert codes(Regime.R2, last) == []


# Waits


def test_recovery_before_the_notice_wait_is_refused(rules: RuleBook, calendar: Calendar) -> None:
    events = log(R1_LINE[:4], D(2023, 3, 1))
    error = refused(Regime.R1, events, "approval", D(2023, 5, 29), None, rules, calendar)
    assert error.reason == (
        "Chưa đủ 90 ngày kể từ khi giao, niêm yết thông báo thu hồi đất ngày 01/03/2023 "
        "(khoản 1 Điều 67 Luật Đất đai 2013)."
    )
    assert error.first == "Bước “QĐ thu hồi, phê duyệt” sớm nhất là ngày 30/05/2023."
    ok = {"facts": Facts(), "rules": rules, "calendar": calendar}
    check_move(Regime.R1, events, "approval", D(2023, 5, 30), **ok)  # type: ignore[arg-type]


def test_a_notice_known_apart_from_the_log_still_has_its_wait(
    rules: RuleBook, calendar: Calendar
) -> None:
    opened = [Event("appraisal", D(2023, 4, 3), "opening")]
    facts = Facts(notice_on=D(2023, 3, 1))
    error = refused(Regime.R1, opened, "approval", D(2023, 5, 29), facts, rules, calendar)
    assert "30/05/2023" in error.first


def test_mixed_land_waits_for_the_longer_notice(rules: RuleBook, calendar: Calendar) -> None:
    events = log(R1_LINE[:4], D(2023, 3, 1))
    mixed = Facts(agri=True, non_agri=True)
    error = refused(Regime.R1, events, "approval", D(2023, 8, 27), mixed, rules, calendar)
    assert "180 ngày" in error.reason
    check_move(
        Regime.R1, events, "approval", D(2023, 8, 28), facts=mixed, rules=rules, calendar=calendar
    )


def test_the_notice_wait_is_waived_when_every_holder_agrees(
    rules: RuleBook, calendar: Calendar
) -> None:
    """Art. 85.2."""
    events = log(R1_LINE[:4], D(2023, 3, 1))
    agreed = Facts(all_agree=True)
    check_move(
        Regime.R1,
        events,
        "approval",
        D(2023, 3, 6),
        facts=agreed,
        rules=rules,
        calendar=calendar,
    )


def test_a_notice_issued_again_needs_no_new_wait_since_decree_49(
    rules: RuleBook, calendar: Calendar
) -> None:
    """Decree 102 art. 28.3 as added by Decree 49/2026, in force 31/1/2026."""
    old = log(R2_LINE[:6], D(2024, 9, 2), 40)
    on = D(2026, 3, 2)
    for again, waits in ((D(2026, 1, 30), True), (D(2026, 1, 31), False)):
        events = [*old, Event("notice", again)]
        if waits:
            error = refused(Regime.R3, events, "recovery", on, None, rules, calendar)
            assert "ngày 30/01/2026" in error.reason
        else:
            check_move(
                Regime.R3,
                events,
                "recovery",
                on,
                facts=Facts(),
                rules=rules,
                calendar=calendar,
            )
    known = Facts(notice_reissued=True)
    once = log(R2_LINE[:6], D(2026, 2, 2))
    check_move(
        Regime.R4, once, "recovery", D(2026, 2, 9), facts=known, rules=rules, calendar=calendar
    )
    assert refused(Regime.R4, once, "recovery", D(2026, 2, 9), None, rules, calendar)


def test_consultation_waits_for_the_posting_to_end(rules: RuleBook, calendar: Calendar) -> None:
    events = log(R2_LINE[:3], D(2024, 10, 1))
    error = refused(Regime.R2, events, "consultation", D(2024, 11, 1), None, rules, calendar)
    assert "sớm nhất là ngày 02/11/2024" in error.first


def test_a_rule_never_checked_against_its_text_refuses_nothing(
    rules: RuleBook, calendar: Calendar
) -> None:
    events = log(R1_LINE[:3], D(2023, 3, 1))
    check_move(
        Regime.R1,
        events,
        "appraisal",
        D(2023, 3, 5),
        facts=Facts(),
        rules=rules,
        calendar=calendar,
    )


def test_compulsory_inventory_waits_more_than_ten_days_after_fifteen_of_persuasion(
    rules: RuleBook, calendar: Calendar
) -> None:
    events = log(["notice", "persuasion_inventory"], D(2025, 3, 2))
    to = "compulsory_inventory"
    error = refused(Regime.R2, events, to, D(2025, 3, 28), None, rules, calendar)
    assert "quá 10 ngày kể từ kết thúc vận động (kiểm đếm) ngày 18/03/2025" in error.reason
    assert "29/03/2025" in error.first
    check_move(
        Regime.R2, events, to, D(2025, 3, 29), facts=Facts(), rules=rules, calendar=calendar
    )


def test_enforcement_avoids_tet_and_days_off(rules: RuleBook, calendar: Calendar) -> None:
    line = [*R2_LINE[:8], "persuasion_handover"]
    events = log(line, D(2024, 9, 2), 5)
    tet = refused(Regime.R2, events, "enforcement", D(2025, 1, 14), None, rules, calendar)
    assert "10/01/2025–17/02/2025 quanh kỳ nghỉ Tết" in tet.reason
    off = refused(Regime.R2, events, "enforcement", D(2025, 2, 22), None, rules, calendar)
    assert "là ngày nghỉ" in off.reason
    soon = refused(Regime.R2, events, "enforcement", D(2024, 10, 15), None, rules, calendar)
    assert "Chưa quá 10 ngày" in soon.reason
    for on in (D(2025, 1, 9), D(2025, 2, 18)):
        check_move(
            Regime.R2, events, "enforcement", on, facts=Facts(), rules=rules, calendar=calendar
        )
    old = [*log(R1_LINE[:6], START[Regime.R1], 20), Event("persuasion_handover", D(2023, 6, 1))]
    check_move(
        Regime.R1,
        old,
        "enforcement",
        D(2024, 2, 10),
        facts=Facts(),
        rules=rules,
        calendar=calendar,
    )


# The life of a notice


def test_a_lapsed_notice_stops_the_recovery_decision(rules: RuleBook, calendar: Calendar) -> None:
    events = log(R2_LINE[:6], D(2024, 9, 2), 40)
    error = refused(Regime.R3, events, "recovery", D(2025, 9, 3), None, rules, calendar)
    assert "ngày 02/09/2024 đã hết hiệu lực từ ngày 03/09/2025" in error.reason
    assert "thông báo thu hồi đất mới" in error.first
    check_move(
        Regime.R3,
        events,
        "recovery",
        D(2025, 9, 2),
        facts=Facts(),
        rules=rules,
        calendar=calendar,
    )


def test_a_lapsed_notice_may_be_issued_again_and_keeps_what_was_done(
    rules: RuleBook, calendar: Calendar
) -> None:
    events = log(R1_LINE[:4], D(2023, 3, 1))
    on = D(2026, 1, 5)
    refused(Regime.R3, events, "notice", D(2025, 12, 30), None, rules, calendar)
    check_move(Regime.R4, events, "notice", on, facts=Facts(), rules=rules, calendar=calendar)
    again = [*events, Event("notice", on)]
    assert steps.current(again) == "appraisal"
    assert codes(Regime.R4, again) == ["approval"]
    handed = [*log(R1_LINE, D(2023, 3, 1))]
    refused(Regime.R4, handed, "notice", on, None, rules, calendar)


def test_choices_and_labels_cover_every_step() -> None:
    choices = dict(steps.choices())
    assert choices["planned"] == "Chưa thực hiện"
    assert set(choices) == {"planned", *(row.code for row in steps.STEPS)}
    assert steps.label("planned", Regime.R1) == "Chưa thực hiện"
    assert [row.order for row in steps.STEPS] == sorted(row.order for row in steps.STEPS)
    stages = [row.stage for row in steps.STEPS]
    assert stages == sorted(stages)
    assert steps.current([]) == "planned"
