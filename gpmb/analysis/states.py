"""States a case may be in, one condition each: the list filters by it, the desk counts by it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from gpmb.analysis.alerts import Alert, condition
from gpmb.clearance.models import Inquiry, Obstacle

if TYPE_CHECKING:
    from gpmb.clearance.models.case import CaseQuerySet


class State(models.TextChoices):
    """Beside the alerts: what else the list of cases can be narrowed to."""

    OPEN = "open", "Chưa bàn giao"
    OBSTACLE = "obstacle", "Đang vướng mắc"
    INQUIRY = "inquiry", "Chờ cơ quan khác trả lời"
    UNPAID = "unpaid", "Đã phê duyệt, chưa chi trả"
    DEPOSITED = "deposited", "Đã gửi tiền"


CHOICES = [*Alert.choices, *State.choices]
# What an officer's desk counts, in this order.
ON_THE_DESK = (
    State.OPEN,
    Alert.LATE,
    Alert.DUE_7,
    Alert.DUE_30,
    State.OBSTACLE,
    State.INQUIRY,
    Alert.LAPSING,
)


def in_state(state: str, on: dt.date) -> Q:
    """Return the condition of a value of CHOICES on a day."""
    if state in Alert.values:
        return ~Q(stage=6) & condition(state, on)
    case = OuterRef("pk")
    return {
        State.OPEN: ~Q(stage=6),
        State.OBSTACLE: Q(Exists(Obstacle.objects.open(on=on).filter(case=case))),
        State.INQUIRY: Q(Exists(Inquiry.objects.open(on=on).filter(case=case))),
        State.UNPAID: Q(approval_on__isnull=False, paid_on__isnull=True),
        State.DEPOSITED: Q(deposited_on__isnull=False),
    }[State(state)]


def counted_by(cases: CaseQuerySet, on: dt.date, *keys: str) -> list[dict[str, Any]]:
    """Return, for each combination of `keys`, how many cases are in each state of the desk.

    Without keys: one row. The figures stand under the values of ON_THE_DESK.
    """
    flags = {f"in_{state}": in_state(state, on) for state in ON_THE_DESK}
    rows: Any = cases.order_by().annotate(
        **{
            name: models.Case(
                models.When(condition, then=1), default=0, output_field=models.IntegerField()
            )
            for name, condition in flags.items()
        }
    )
    sums = {str(state): Count("pk", filter=Q(**{f"in_{state}": 1})) for state in ON_THE_DESK}
    if not keys:
        return [rows.aggregate(**sums)]
    return list(rows.values(*keys).annotate(**sums))
