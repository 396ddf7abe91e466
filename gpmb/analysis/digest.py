"""The daily digest: what each person should look at today, in plain text, codes only."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q

from gpmb.accounts.models import Role, User
from gpmb.analysis import alerts
from gpmb.analysis.alerts import Alert, By
from gpmb.clearance.models import Case, Project
from gpmb.complaints.models import Complaint
from gpmb.law import steps
from gpmb.law.deadlines import SOON_DAYS
from gpmb.law.regimes import regime_on

if TYPE_CHECKING:
    from django.db.models import QuerySet

SHOWN = 20
LISTED = (Alert.LATE, Alert.DUE_7, Alert.LAPSED, Alert.LAPSING)


def readers() -> QuerySet[User]:
    """Return who gets a digest: active officers, petition officers, leaders, administrators."""
    roles = (Role.OFFICER, Role.PETITIONS, Role.LEADER, Role.ADMINISTRATOR)
    return User.objects.filter(is_active=True, role__in=roles).order_by("role", "username")


def text_for(user: User, on: dt.date) -> str:
    """Return one person's digest of a day; it holds no name, address or amount."""
    head = [f"Số liệu đến ngày {on:%d/%m/%Y}", f"Người nhận: {user} ({user.get_role_display()})"]
    if user.role == Role.PETITIONS:
        body = _petitions(user, on)
    elif user.role == Role.OFFICER:
        body = _officer(user, on)
    else:
        body = _overview(user, on)
    return "\n".join([*head, "", *body, ""])


def _officer(user: User, on: dt.date) -> list[str]:
    projects = Project.objects.assigned_to(user, on=on)
    mine = alerts.open_cases(user, on).filter(project__in=projects)
    lines = []
    for alert in LISTED:
        cases = mine.filter(alerts.condition(alert, on)).select_related("project")
        found = cases.count()
        if found:
            lines.append(f"{alert.label}: {found} hồ sơ")
            lines += [f"  {_line(case, on)}" for case in cases.order_by("due_on", "code")[:SHOWN]]
            if found > SHOWN:
                lines.append(f"  … và {found - SHOWN} hồ sơ khác")
    behind = mine.filter(alerts.condition(Alert.PLAN_LATE, on)).count()
    if behind:
        lines.append(f"{Alert.PLAN_LATE.label}: {behind} hồ sơ (tính riêng, không cộng với luật)")
    return lines or ["Không có hồ sơ nào đến hạn, quá hạn hoặc sắp hết hiệu lực thông báo."]


def _overview(user: User, on: dt.date) -> list[str]:
    whole = alerts.totals(user, on)
    lines = [f"{alert.label}: {whole[alert.value]} hồ sơ" for alert in Alert]
    for by in (By.CATEGORY, By.LEADER):
        lines += ["", f"Theo {by.label.lower()}"]
        for row in alerts.counts(user, on, by):
            late, soon = row.counts[Alert.LATE], row.counts[Alert.DUE_7]
            lines.append(
                f"  {row.label}: quá hạn {late}, đến hạn trong {SOON_DAYS} ngày {soon}, "
                f"chậm kế hoạch {row.counts[Alert.PLAN_LATE]}"
            )
    return lines


def _petitions(user: User, on: dt.date) -> list[str]:
    # A denunciation is in no list and no count.
    letters = Complaint.objects.visible_to(user, on=on).open(on=on).exclude(kind="denunciation")
    soon = on + dt.timedelta(days=SOON_DAYS)
    lines = []
    for label, condition in (
        ("Đơn quá hạn giải quyết", Q(due_on__lt=on)),
        (f"Đơn đến hạn trong {SOON_DAYS} ngày", Q(due_on__gte=on, due_on__lte=soon)),
    ):
        found = letters.filter(condition)
        lines.append(f"{label}: {found.count()}")
        lines += [
            f"  {letter.serial} · {letter.get_kind_display()} · hạn {letter.due_on:%d/%m/%Y}"
            for letter in found.order_by("due_on", "serial")[:SHOWN]
        ]
    return lines


def _line(case: Case, on: dt.date) -> str:
    words = f"{case.code} · {case.project.code}"
    if case.next_step:
        words += f" · {steps.label(case.next_step, regime_on(case.stepped_on or on))}"
    if case.due_on:
        late = (on - case.due_on).days
        words += f", hạn {case.due_on:%d/%m/%Y}" + (f", quá {late} ngày" if late > 0 else "")
    if case.lapses_on:
        words += f", thông báo hết hiệu lực {case.lapses_on:%d/%m/%Y}"
    return words
