"""The lists of the desk of payments: what waits, what is due, who refused, what lies deposited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, CaseParty
from gpmb.compensation.models import Invitation, Payment, Plan
from gpmb.web.http import Request
from gpmb.web.listing import PAGE_SIZE


@dataclass(frozen=True)
class Tab:
    code: str
    label: str
    empty: str


TABS = (
    Tab("cho-duyet", "Chờ duyệt", "Không có đề nghị nào chờ duyệt."),
    Tab("den-han", "Phải chi trả", "Mọi phương án đã duyệt đều đã chi hoặc đang chờ duyệt."),
    Tab("tu-choi", "Không nhận tiền", "Không có hộ nào từ chối hoặc vắng mặt mà chưa gửi tiền."),
    Tab("dang-gui", "Đang gửi tài khoản", "Không có khoản gửi nào chưa chi hết."),
)


def proposals(user: User, on: dt.date) -> QuerySet[Payment]:
    """Return the lines that wait for approval, the oldest first."""
    rows = Payment.objects.visible_to(user, on=on).waiting()
    return rows.select_related("case__project", "proposed_by", "document").order_by("on", "pk")


def owed(user: User, on: dt.date) -> Any:
    """Return approved plans with something left to pay or propose, by due date."""
    last = Invitation.objects.filter(case=OuterRef("case")).order_by("-number")
    plans = Plan.objects.in_force().filter(case__in=_households(user, on))
    return (
        plans.with_ledger()
        .annotate(
            left_vnd=F("total_vnd") - F("settled_vnd") - F("waiting_vnd"),
            invited_on=Subquery(last.values("on")[:1]),
            invited=Subquery(last.values("number")[:1]),
            result=Subquery(last.values("result")[:1]),
        )
        .filter(left_vnd__gt=0)
        .select_related("case__project", "document")
        .order_by(F("case__due_on").asc(nulls_last=True), "approved_on", "pk")
    )


def refused(user: User, on: dt.date) -> Any:
    return owed(user, on).filter(result__in=("refused", "absent"))


def deposited(user: User, on: dt.date) -> Any:
    """Return deposits not released to the last đồng, with `held_vnd`."""
    drawn = (
        Payment.objects.filter(deposit=OuterRef("pk"), kind="release", approved_by__isnull=False)
        .order_by()
        .values("deposit")
        .annotate(sum=Sum("amount_vnd"))
        .values("sum")
    )
    rows = Payment.objects.visible_to(user, on=on).settled().filter(kind="deposit")
    return (
        rows.annotate(held_vnd=F("amount_vnd") - Coalesce(Subquery(drawn), Decimal(0)))
        .filter(held_vnd__gt=0)
        .select_related("case__project", "document")
        .order_by("on", "pk")
    )


LISTS = {"cho-duyet": proposals, "den-han": owed, "tu-choi": refused, "dang-gui": deposited}


def desk_of(request: Request, on: dt.date) -> dict[str, Any]:
    """One tab's page of rows with the names of its households; the counts of all tabs."""
    codes = [tab.code for tab in TABS]
    asked = request.GET.get("muc", "")
    code = asked if asked in codes else codes[0]
    rows = {name: found(request.user, on) for name, found in LISTS.items()}
    page = Paginator(rows[code], PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "tabs": [(tab, rows[tab.code].count()) for tab in TABS],
        "tab": next(tab for tab in TABS if tab.code == code),
        "page": page,
        "names": names_of([row.case_id for row in page]),
        "today": on,
    }


def names_of(cases: list[int]) -> dict[int, str]:
    """Return the first holder of each case; the caller has asked who may read names."""
    held = CaseParty.objects.filter(case__in=cases).select_related("party").order_by("-pk")
    return {row.case_id: row.party.name for row in held}


def of_day(user: User, day: dt.date, on: dt.date) -> QuerySet[Payment]:
    """Return the approved money lines of a day, in the order of the case codes."""
    rows = Payment.objects.visible_to(user, on=on).filter(on=day, approved_by__isnull=False)
    return (
        rows.exclude(kind="deposit_interest")
        .select_related("case__project", "document", "approved_by")
        .order_by("kind", "case__code", "pk")
    )


def _households(user: User, on: dt.date) -> QuerySet[Case]:
    return Case.objects.household_open_to(user, on=on).live(on=on)
