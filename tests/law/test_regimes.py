"""The transition table of domain.md §1.1, row by row."""

import datetime as dt

import pytest

from gpmb.law.clocks import notice_lapse
from gpmb.law.regimes import Facts, Regime, regime_of, regime_on, transition_lapse_on
from gpmb.law.rules import RuleBook
from gpmb.law.steps import Event

D = dt.date


@pytest.mark.parametrize(
    ("on", "regime"),
    [
        (D(2014, 7, 1), "R1"),
        (D(2024, 7, 31), "R1"),
        (D(2024, 8, 1), "R2"),
        (D(2025, 6, 30), "R2"),
        (D(2025, 7, 1), "R3"),
        (D(2025, 12, 31), "R3"),
        (D(2026, 1, 1), "R4"),
    ],
)
def test_a_case_without_an_approved_plan_follows_the_day_of_the_step(
    on: dt.date, regime: str
) -> None:
    assert regime_on(on) == regime
    assert regime_of(Facts(), on) == regime


@pytest.mark.parametrize(
    ("facts", "on", "regime", "row"),
    [
        (
            Facts(approval_on=D(2024, 7, 1), recovery_on=D(2024, 7, 1)),
            D(2025, 3, 1),
            "R1",
            "recovered and approved before 1/8/2024: continue (D88 31.2)",
        ),
        (Facts(approval_on=D(2024, 7, 1)), D(2026, 3, 1), "R1", "same day by the 2013 law"),
        (
            Facts(recovery_on=D(2024, 7, 1)),
            D(2024, 9, 1),
            "R2",
            "recovered, no approved plan: compensation under D88 (31.1)",
        ),
        (
            Facts(approval_on=D(2025, 9, 1), recovery_on=D(2025, 10, 1)),
            D(2026, 3, 1),
            "R3",
            "recovered and approved before 1/1/2026: continue (3.13a)",
        ),
        (
            Facts(approval_on=D(2025, 3, 1)),
            D(2026, 3, 1),
            "R3",
            "approved before 1/1/2026: recovery by the 2024 law (3.13a)",
        ),
        (Facts(approval_on=D(2025, 3, 1)), D(2025, 4, 1), "R2", "the chair decides from R3 on"),
        (
            Facts(approval_on=D(2024, 7, 1), recovery_on=D(2024, 9, 1)),
            D(2026, 2, 1),
            "R3",
            "approved under the 2013 law, recovered under the 2024 law",
        ),
        (Facts(), D(2026, 2, 1), "R4", "no approved plan: the 2024 law and R254 (3.13b)"),
        (Facts(approval_on=D(2026, 2, 1)), D(2026, 3, 1), "R4", "approved in 2026"),
        (
            Facts(override=Regime.R3),
            D(2026, 3, 1),
            "R3",
            "the province chose the regime for the remainder (3.13b)",
        ),
    ],
)
def test_transition(facts: Facts, on: dt.date, regime: str, row: str) -> None:
    assert regime_of(facts, on) == regime, row


def test_what_is_not_yet_known_on_a_day_does_not_decide() -> None:
    facts = Facts(approval_on=D(2025, 3, 1))
    assert regime_of(facts, D(2024, 7, 1)) == "R1"


def test_an_old_notice_lapses_on_the_first_of_january_2026() -> None:
    """Resolution 254 art. 3.13c."""
    assert transition_lapse_on(D(2024, 7, 31), None) == D(2026, 1, 1)
    assert transition_lapse_on(D(2024, 7, 31), D(2025, 12, 31)) is None
    assert transition_lapse_on(D(2024, 7, 31), D(2026, 1, 1)) == D(2026, 1, 1)
    assert transition_lapse_on(D(2024, 8, 1), None) is None


def test_every_notice_has_one_lapse(rules: RuleBook, calendar: object) -> None:
    def lapse(events: list[Event], facts: Facts | None = None) -> dt.date | None:
        found = notice_lapse(events, facts or Facts(), rules, calendar)  # type: ignore[arg-type]
        return found.on if found else None

    assert lapse([]) is None
    assert lapse([], Facts(notice_on=D(2023, 3, 1))) == D(2026, 1, 1)
    old, new = Event("notice", D(2023, 3, 1)), Event("notice", D(2025, 2, 10))
    # The first day without a notice: twelve months run through 10/02/2026.
    assert lapse([new]) == D(2026, 2, 11)
    assert lapse([old, new]) == D(2026, 2, 11), "the reissued notice counts"
    assert lapse([new, Event("recovery", D(2025, 9, 1))]) is None
    assert lapse([old, Event("approval", D(2023, 9, 1))]) is None, "approval is recovery in R1"
    assert lapse([new], Facts(recovery_on=D(2025, 9, 1))) is None
    assert lapse([old, Event("handover", D(2023, 9, 1), "opening")]) is None
    assert lapse([old, Event("approval", D(2025, 9, 1))]) == D(2026, 1, 1)


def test_labels_name_the_law() -> None:
    assert Regime.R1.label == "Luật Đất đai 2013"
    assert "254/2025" in Regime.R4.label
