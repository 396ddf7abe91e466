"""Where a case's money stands: due, invited, paid in parts, refused, deposited, released, late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gpmb.clearance.models import Law
from gpmb.compensation.models import Invitation, Payment, Plan
from gpmb.compensation.models.payment import SETTLING
from gpmb.law.clocks import Clock, Event, ceilings
from gpmb.law.deadlines import standing_regime
from gpmb.law.money import RATE, LateInterest, late_interest
from gpmb.law.regimes import Facts
from gpmb.law.rules import Rule, pick


class State(StrEnum):
    """Which word fits a case's money on a day."""

    NOT_DUE = "not_due"
    DUE = "due"
    INVITED = "invited"
    WAITING = "waiting"
    PART = "part"
    REFUSED = "refused"
    PAID = "paid"
    DEPOSITED = "deposited"
    RELEASED = "released"


LABELS = {
    State.NOT_DUE: "chưa có phương án phê duyệt",
    State.DUE: "phải chi trả",
    State.INVITED: "đã mời nhận tiền",
    State.WAITING: "đề nghị chờ duyệt",
    State.PART: "đã chi một phần",
    State.REFUSED: "hộ không nhận, chưa gửi tiền",
    State.PAID: "đã chi trả đủ",
    State.DEPOSITED: "đã gửi tài khoản",
    State.RELEASED: "đã chi từ tài khoản gửi",
}


@dataclass(frozen=True)
class Late:
    """A payment that came after its ceiling, and what the delay costs by the rule."""

    payment: Payment
    interest: LateInterest
    rule: Rule | None


@dataclass(frozen=True)
class Ledger:
    """The sums of a case's ledger in đồng; `due` is the clock of the payment, if one runs."""

    state: State
    total_vnd: Decimal
    settled_vnd: Decimal
    waiting_vnd: Decimal
    deposited_vnd: Decimal
    released_vnd: Decimal
    due: Clock | None
    late: tuple[Late, ...]

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def left_vnd(self) -> Decimal:
        """What of the approved plan is neither paid nor deposited."""
        return max(self.total_vnd - self.settled_vnd, Decimal(0))

    @property
    def proposable_vnd(self) -> Decimal:
        """What may still be proposed: what waits for approval counts."""
        return max(self.left_vnd - self.waiting_vnd, Decimal(0))


def ledger_of(
    plan: Plan | None,
    payments: Sequence[Payment],
    invitations: Sequence[Invitation],
    *,
    facts: Facts,
    events: Sequence[Event],
    law: Law,
) -> Ledger:
    """Return the ledger of a case from its rows; `plan` is the approved one, None without."""

    def total(*kinds: str, approved: bool = True) -> Decimal:
        rows = (p for p in payments if p.kind in kinds and p.returned_by_id is None)
        return sum(
            (p.amount_vnd for p in rows if (p.approved_by_id is not None) is approved), Decimal(0)
        )

    whole = plan.total_vnd if plan else Decimal(0)
    settled, waiting = total(*SETTLING), total(*SETTLING, approved=False)
    deposited, released = total("deposit"), total("release")
    due = payment_due(facts, events, law) if plan else None
    return Ledger(
        state=_state(plan, whole, settled, waiting, deposited, released, invitations),
        total_vnd=whole,
        settled_vnd=settled,
        waiting_vnd=waiting,
        deposited_vnd=deposited,
        released_vnd=released,
        due=due,
        late=_late(payments, due, law.rules),
    )


def payment_due(facts: Facts, events: Sequence[Event], law: Law) -> Clock | None:
    """Return the ceiling of the payment by the law the case stands under, paid or not."""
    regime = standing_regime(facts, events)
    clocks = ceilings(regime, events, "payment", facts, law.rules, law.calendar)
    return min(clocks, key=lambda clock: clock.on, default=None)


def _state(
    plan: Plan | None,
    whole: Decimal,
    settled: Decimal,
    waiting: Decimal,
    deposited: Decimal,
    released: Decimal,
    invitations: Sequence[Invitation],
) -> State:
    if plan is None:
        return State.NOT_DUE
    if settled >= whole:
        if not deposited:
            return State.PAID
        return State.RELEASED if released >= deposited else State.DEPOSITED
    if waiting:
        return State.WAITING
    last = invitations[-1].result if invitations else None
    if last in ("refused", "absent"):
        return State.REFUSED
    if settled:
        return State.PART
    return State.DUE if last is None else State.INVITED


def _late(
    payments: Sequence[Payment], due: Clock | None, rules: Sequence[Rule]
) -> tuple[Late, ...]:
    """Interest runs on money the centre paid late; refused money was deposited, not late."""
    if due is None:
        return ()
    found = []
    for payment in payments:
        if payment.kind != "payment" or not payment.approved_by_id or payment.on <= due.on:
            continue
        try:
            interest = late_interest(payment.amount_vnd, due.on, payment.on, rules)
        except LookupError:
            continue  # no rate in force: the page shows the days by the clock alone
        found.append(Late(payment, interest, pick(rules, RATE, payment.on)))
    return tuple(found)


def days_late(due: Clock | None, on: dt.date) -> int:
    """Return the days past the ceiling on a day, 0 when in time."""
    return max(0, (on - due.on).days) if due else 0
