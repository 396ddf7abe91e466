"""Which of the four legal regimes of 2014-2026 governs a step of a case.

Sources: Land Law 45/2013 (R1); Land Law 31/2024 with Decree 88/2024 (R2); Decree 151/2025 art. 5
on who decides (R3); National Assembly Resolution 254/2025 (R4). Transition: Decree 88/2024
art. 31 and Resolution 254/2025 art. 3.13.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gpmb.law.calendar import Suspension


class Regime(StrEnum):
    """A set of steps, waits and ceilings; a case's documented override stores the value."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Regime.R1: "Luật Đất đai 2013",
    Regime.R2: "Luật Đất đai 2024",
    Regime.R3: "Luật Đất đai 2024 và Nghị định 151/2025/NĐ-CP",
    Regime.R4: "Luật Đất đai 2024 và Nghị quyết 254/2025/QH15",
}

R1_FROM = date(2014, 7, 1)
R2_FROM = date(2024, 8, 1)
R3_FROM = date(2025, 7, 1)
R4_FROM = date(2026, 1, 1)
# A notice issued again needs no new wait since Decree 49/2026 (Decree 102/2024 art. 28.3).
REISSUE_FROM = date(2026, 1, 31)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the law asks about one case, apart from its event log. Unknown dates are None.

    `*_effective_on` is the day a decision takes effect where that is not the day it was signed;
    `ready_on` is the day of the first trigger of art. 87.5 b-g (land, house or temporary-housing
    money handed to the household); trigger a is the approval itself.
    """

    notice_on: date | None = None
    approval_on: date | None = None
    recovery_on: date | None = None
    agri: bool = True
    non_agri: bool = False
    resettlement_needed: bool = False
    approval_effective_on: date | None = None
    recovery_effective_on: date | None = None
    ready_on: date | None = None
    notice_served_on: date | None = None  # the last holder had the notice; None: not recorded
    all_agree: bool = False  # every right-holder agrees: the notice wait is waived (85.2)
    notice_reissued: bool = False  # an earlier notice is known that the log doesn't hold
    recovery_before_resettlement: bool = False  # one of the exceptions of Resolution 254 art. 3.3
    disagreement: bool | None = None  # consultation counted someone who disagrees; None: unknown
    # Days of acts that are no step of their own, by their name in rule rows: "appraisal_file",
    # "resettlement_posting", "persuasion_plan", "police_asked", "compliance_record" …
    other: Mapping[str, date] = field(default_factory=dict, hash=False)
    # Days that don't count, by the event that stopped the clock (`from_event` of a SUSPEND rule).
    pauses: Mapping[str, tuple[Suspension, ...]] = field(default_factory=dict, hash=False)
    override: Regime | None = None  # decided by a document (e.g. Resolution 254 art. 3.13b)


def regime_on(on: date) -> Regime:
    """Return the regime in force on a day, for something that starts that day."""
    if on < R2_FROM:
        return Regime.R1
    if on < R3_FROM:
        return Regime.R2
    return Regime.R3 if on < R4_FROM else Regime.R4


def regime_of(facts: Facts, on: date) -> Regime:
    """Return the regime that governs a step taken on `on`; only facts known by that day count.

    An approved plan keeps its law: with a recovery decision before 1/8/2024 the case stays under
    the 2013 law (Decree 88 art. 31.2), with an approval before 1/1/2026 under the Land Law 2024
    without Resolution 254 (art. 3.13a). A case without an approved plan follows the day of the
    step (Decree 88 art. 31.1, Resolution 254 art. 3.13b).
    """
    if facts.override is not None:
        return facts.override
    approved = facts.approval_on
    if approved is None or approved > on:
        return regime_on(on)
    # Under the 2013 law approval and recovery are signed the same day (art. 69.3a).
    recovered = facts.recovery_on or approved
    if approved < R2_FROM and recovered < R2_FROM:
        return Regime.R1
    if approved < R4_FROM:
        return min(regime_on(on), Regime.R3)
    return regime_on(on)


def transition_lapse_on(notice_on: date, recovery_on: date | None) -> date | None:
    """Return the day an old notice lapses by transition, or None.

    A notice issued before 1/8/2024 without a recovery decision before 1/1/2026 lapses on 1/1/2026
    and a new one is required (Resolution 254 art. 3.13c).
    """
    if notice_on >= R2_FROM:
        return None
    if recovery_on is not None and recovery_on < R4_FROM:
        return None
    return R4_FROM
