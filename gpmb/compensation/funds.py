"""A project's money as of a day: needed, allocated, moved, spent, on deposit, missing.

Needed, allocated and moved are rows of Funding and add up; spent and on deposit come from the
ledger. A project whose approved compensation exceeds the money allocated has no money to pay
with: it is blocked by the cause `no_funding`, as an obstacle of the whole project that opens on
the day the money ran short and closes on the day it came. Those days follow from dated facts, so
`settle_obstacles` run on any later day says the same of an earlier one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum

from gpmb.clearance.models import Funding, Obstacle, Project
from gpmb.compensation.models import Payment, Plan
from gpmb.reference.models import ObstacleCause

CAUSE = "no_funding"
# What marks the obstacles that follow from the money itself, beside those people enter.
TOLD = "Số tiền đã phê duyệt vượt số kinh phí đã bố trí (chương trình theo dõi)."
ZERO = Decimal(0)


@dataclass(frozen=True)
class Funds:
    """Whole đồng of one project, or of several added together."""

    needed: Decimal = ZERO
    allocated: Decimal = ZERO
    moved: Decimal = ZERO
    approved: Decimal = ZERO
    spent: Decimal = ZERO
    on_deposit: Decimal = ZERO

    def __add__(self, other: Funds) -> Funds:
        return Funds(*(a + b for a, b in zip(self._values(), other._values(), strict=True)))

    def _values(self) -> tuple[Decimal, ...]:
        return (
            self.needed,
            self.allocated,
            self.moved,
            self.approved,
            self.spent,
            self.on_deposit,
        )

    @property
    def known(self) -> bool:
        """Whether anybody said what is needed: else nothing is missing, it is not known."""
        return bool(self.needed or self.allocated or self.moved)

    @property
    def missing(self) -> Decimal:
        """Needed and not allocated."""
        return max(self.needed - self.allocated, ZERO)

    @property
    def at_hand(self) -> Decimal:
        """Moved by the investor and not spent yet."""
        return self.moved - self.spent

    @property
    def short(self) -> Decimal:
        """Approved beyond what is allocated: what can't be paid."""
        return max(self.approved - self.allocated, ZERO) if self.known else ZERO


def by_project(projects: Iterable[int], *, on: dt.date) -> dict[int, Funds]:
    """Return the money of projects (primary keys) as of a day."""
    keys = list(projects)
    sums: dict[int, dict[str, Decimal]] = {key: {} for key in keys}
    names = {"needed": "needed", "allocated": "allocated", "moved": "moved"}
    rows: Any = Funding.objects.filter(project__in=keys, on__lte=on).order_by()
    for project, kind, amount in rows.values_list("project", "kind").annotate(s=Sum("amount_vnd")):
        sums[project][names[kind]] = amount
    plans: Any = Plan.objects.in_force().filter(case__project__in=keys, approved_on__lte=on)
    for project, amount in (
        plans.order_by().values_list("case__project").annotate(s=Sum("total_vnd"))
    ):
        sums[project]["approved"] = amount
    paid: Any = Payment.objects.filter(
        approved_by__isnull=False, case__project__in=keys, on__lte=on
    ).order_by()
    for project, spent, put, out in paid.values_list("case__project").annotate(
        spent=Sum("amount_vnd", filter=Q(kind__in=("payment", "deposit"))),
        put=Sum("amount_vnd", filter=Q(kind="deposit")),
        out=Sum("amount_vnd", filter=Q(kind="release")),
    ):
        sums[project]["spent"] = spent or ZERO
        sums[project]["on_deposit"] = (put or ZERO) - (out or ZERO)
    return {key: Funds(**row) for key, row in sums.items()}


@transaction.atomic
def settle_obstacles(*, on: dt.date, projects: Sequence[int] | None = None) -> int:
    """Open and close the obstacles for want of money up to a day; return how many changed.

    Corrected facts correct the days; an obstacle that never was is closed on its first day.
    """
    cause = ObstacleCause.objects.filter(code=CAUSE).first()
    if cause is None:
        return 0
    chosen = Project.objects.all() if projects is None else Project.objects.filter(pk__in=projects)
    keys = list(chosen.order_by("pk").values_list("pk", flat=True))
    spans = _spans(keys, on)
    kept: dict[int, list[Obstacle]] = {}
    own = Obstacle.objects.filter(project__in=keys, cause=cause, description=TOLD)
    for row in own.select_for_update().order_by("opened_on", "pk"):
        kept.setdefault(row.project_id, []).append(row)
    changed = 0
    for key in keys:
        wanted = dict(spans.get(key, []))
        for row in kept.get(key, []):
            closed = wanted.pop(row.opened_on) if row.opened_on in wanted else row.opened_on
            if row.closed_on != closed:
                row.closed_on = closed
                row.close_note = "Kinh phí đã đủ so với số phê duyệt." if closed else ""
                row.save(update_fields=["closed_on", "close_note"])
                changed += 1
        for opened, closed in wanted.items():
            Obstacle.objects.create(
                project_id=key,
                cause=cause,
                description=TOLD,
                opened_on=opened,
                closed_on=closed,
                close_note="Kinh phí đã đủ so với số phê duyệt." if closed else "",
                next_step="" if closed else "Bố trí đủ kinh phí cho số đã phê duyệt",
            )
            changed += 1
    return changed


def _spans(keys: list[int], on: dt.date) -> dict[int, list[tuple[dt.date, dt.date | None]]]:
    """For each project the days from which and until which approved exceeded allocated."""
    days: dict[int, dict[dt.date, Decimal]] = {}
    plans: Any = Plan.objects.in_force().filter(case__project__in=keys, approved_on__lte=on)
    for key, day, amount in (
        plans.order_by().values_list("case__project", "approved_on").annotate(Sum("total_vnd"))
    ):
        of = days.setdefault(key, {})
        of[day] = of.get(day, ZERO) + amount
    said = Funding.objects.filter(project__in=keys, on__lte=on)
    known = set(said.values_list("project", flat=True))
    given = said.filter(kind=Funding.Kind.ALLOCATED).order_by()
    for key, day, amount in given.annotate(day=F("on")).values_list(
        "project", "day", "amount_vnd"
    ):
        of = days.setdefault(key, {})
        of[day] = of.get(day, ZERO) - amount
    found: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    for key, of in days.items():
        if key not in known:
            continue
        balance, begun = ZERO, None
        for day in sorted(of):
            balance += of[day]
            if balance > 0 and begun is None:
                begun = day
            elif balance <= 0 and begun is not None:
                found.setdefault(key, []).append((begun, day))
                begun = None
        if begun is not None:
            found.setdefault(key, []).append((begun, None))
    return found
