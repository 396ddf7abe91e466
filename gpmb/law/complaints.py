"""The clocks of complaints and denunciations. A complaint never stops the clearance procedure.

Sources: Law on Complaints 02/2011 art. 27, 28, 36, 37; Law on Denunciations 25/2018 art. 24, 30.
From 1/7/2026 an amending law may change the numbers: those versions are not verified.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gpmb.law.calendar import Calendar, Suspension, extended
from gpmb.law.rules import Rule, end_on, pick


class Kind(StrEnum):
    COMPLAINT = "complaint"
    COMPLAINT_2 = "complaint_2"
    DENUNCIATION = "denunciation"


@dataclass(frozen=True, slots=True)
class ComplaintClock:
    """One ceiling: what must be done by which day. `due_on` None: stopped, `stopped` says why."""

    what: str
    rule_code: str
    article: str
    start: date
    due_on: date | None
    verified: bool
    done_on: date | None = None
    stopped: str = ""

    def late_days(self, on: date) -> int:
        """Return the days past the due day, until it was done or until `on`."""
        if self.due_on is None:
            return 0
        return max(((self.done_on or on) - self.due_on).days, 0)


def clocks(
    kind: Kind,
    received_on: date,
    rules: Sequence[Rule],
    calendar: Calendar,
    *,
    accepted_on: date | None = None,
    settled_on: date | None = None,
    is_complex: bool = False,
    remote: bool = False,
    extensions: int = 0,
    suspensions: Sequence[Suspension] = (),
) -> list[ComplaintClock]:
    """Return the acceptance clock and, once accepted, the settlement clock.

    `extensions` (0-2) lengthens a denunciation's term: once when complex, twice when especially
    complex (art. 30). `is_complex` and `remote` lengthen a complaint's (art. 28, 37).
    """
    prefix = {
        Kind.COMPLAINT: ("COMPLAINT_ACCEPT", "COMPLAINT_1"),
        Kind.COMPLAINT_2: ("COMPLAINT_2_ACCEPT", "COMPLAINT_2"),
        Kind.DENUNCIATION: ("DENUNCIATION_ACCEPT", "DENUNCIATION"),
    }[kind]
    if not 0 <= extensions <= 2:
        raise ValueError("Thời hạn giải quyết tố cáo gia hạn nhiều nhất hai lần.")
    found = [_clock("Thụ lý", prefix[0], received_on, accepted_on, rules, calendar)]
    if accepted_on is not None:
        code = prefix[1]
        if kind is not Kind.DENUNCIATION:
            code += "_COMPLEX" * is_complex + "_REMOTE" * remote
            extensions = 0
        found.append(
            _clock(
                "Giải quyết",
                code,
                accepted_on,
                settled_on,
                rules,
                calendar,
                extensions=extensions,
                suspensions=suspensions,
            )
        )
    return [clock for clock in found if clock is not None]


def _clock(
    what: str,
    code: str,
    start: date,
    done_on: date | None,
    rules: Sequence[Rule],
    calendar: Calendar,
    *,
    extensions: int = 0,
    suspensions: Sequence[Suspension] = (),
) -> ComplaintClock | None:
    rule = pick(rules, code, start)
    if rule is None:
        return None
    last, verified = end_on(rule, start, calendar), rule.verified
    extension = pick(rules, f"{code}_EXTEND", start)
    if extension is not None:
        for _ in range(extensions):
            last = end_on(extension, last, calendar)
        verified = verified and (extensions == 0 or extension.verified)
    last, stopped = extended(last, start, suspensions)
    return ComplaintClock(
        what=what,
        rule_code=code,
        article=rule.article,
        start=start,
        due_on=None if stopped else calendar.next_working_day(last),
        verified=verified,
        done_on=done_on,
        stopped=stopped,
    )
