"""What the lists share: pages, sorting, and which case rows show a household's name."""

import datetime as dt
from collections.abc import Collection, Container, Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Min, QuerySet, Sum

from gpmb.access import can_change_many, sees_names
from gpmb.accounts.models import User
from gpmb.analysis.past_cases import put_back
from gpmb.clearance.models import Case, CaseParty, Obstacle, Taking
from gpmb.law import steps
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.web.http import Request

PAGE_SIZE = 50
LABELS = dict(steps.choices())


def sort_key(request: Request, columns: Container[str]) -> tuple[str, bool]:
    """Read `?sort=area` or `?sort=-area`; an unknown column sorts nothing."""
    asked = request.GET.get("sort", "")
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in columns else ("", False)


def case_rows(user: User, on: dt.date) -> QuerySet[Case]:
    """The cases a list may show: public facts of everything `user` may count."""
    return Case.objects.counted_for(user).live(on=on).select_related("project", "officer")


def land_of(cases: Iterable[int], on: dt.date) -> dict[int, dict[str, Any]]:
    """Parcels, area and first parcel number of the cases of one page, by primary key."""
    rows = (
        Taking.objects.live(on=on)
        .filter(case__in=cases)
        .order_by()
        .values("case_id")
        .annotate(
            parcels=Count("pk", distinct=True),
            area_m2=Sum("recovered_area_m2"),
        )
    )
    first = (
        Taking.objects.live(on=on)
        .filter(case__in=cases, parcel__numbers__kind="current")
        .order_by()
        .values_list("case_id")
        .annotate(Min("parcel__numbers__key"))
    )
    keys = dict(first)
    return {row["case_id"]: row | {"key": keys.get(row["case_id"], "")} for row in rows}


def regime_of_row(case: Case, on: dt.date) -> Regime:
    """The law whose words a row uses, from its columns alone."""
    facts = Facts(
        notice_on=case.notice_on,
        approval_on=case.approval_on,
        recovery_on=case.recovery_on,
        override=Regime(case.regime_override) if case.regime_override else None,
    )
    return regime_of(facts, case.stepped_on or on)


def names_of(user: User, opened: Collection[int], on: dt.date) -> dict[int, list[str]]:
    """The households of cases that `visible_to` opens for this user, where they may be named."""
    names: dict[int, list[str]] = {}
    if sees_names(user):
        held = CaseParty.objects.current(on=on).filter(case__in=opened)
        for row in held.select_related("party").order_by("pk"):
            names.setdefault(row.case_id, []).append(row.party.name)
    return names


def page_of(
    request: Request,
    cases: QuerySet[Case],
    on: dt.date,
    *,
    today: dt.date | None = None,
    editable: bool | None = None,
) -> dict[str, Any]:
    """One page of cases: which of them open, the names this user may read, open obstacles.

    With a `today` after `on` the rows are those of the past day: read, not chosen or changed.
    `editable` says that the user may change all of them, or none; unsaid, it is asked.
    """
    page = Paginator(cases.order_by("project__code", "code"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    past = today is not None and on < today
    listed = list(page)
    known_then = put_back(listed, on) if past else {}
    rows = rows_of(request.user, listed, on, today=today)
    for row in rows:
        row["known_then"] = LABELS.get(known_then.get(row["case"].pk, ""), "")
    context = {"page": page, "rows": rows, "show_names": sees_names(request.user)}
    if can_change_many(request.user) and not past:
        context["bulk_query"] = request.GET.urlencode()
        if editable is None:
            mine = Case.objects.editable_by(request.user, on=on)
            context["editable"] = cases.order_by().filter(pk__in=mine.values("pk")).count()
        else:
            context["editable"] = page.paginator.count if editable else 0
    return context


def rows_of(
    user: User, cases: list[Case], on: dt.date, *, today: dt.date | None = None
) -> list[dict[str, Any]]:
    """What a list shows of each case, in their order; as many queries for one as for fifty.

    What opens for the user is asked of `today`, else of the day itself."""
    ids = [case.pk for case in cases]
    opened = set(
        Case.objects.visible_to(user, on=today or on)
        .filter(pk__in=ids)
        .values_list("pk", flat=True)
    )
    names = names_of(user, opened, on)
    land = land_of(ids, on)
    stuck = set(
        Obstacle.objects.open(on=on).filter(case__in=ids).values_list("case_id", flat=True)
    )
    return [
        {
            "case": case,
            "opens": case.pk in opened,
            "names": names.get(case.pk),
            "stuck": case.pk in stuck,
            "land": land.get(case.pk),
            "days_late": (on - case.due_on).days if case.due_on and case.due_on < on else 0,
            "step_label": steps.label(case.step, regime := regime_of_row(case, on)),
            "next_label": steps.label(case.next_step, regime) if case.next_step else "",
        }
        for case in cases
    ]
