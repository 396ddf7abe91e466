"""What a leader reads of a group or a project: curve, wards, obstacles, letters, homes, money."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils.safestring import mark_safe

from gpmb import access, vn
from gpmb.analysis import figures, freeze
from gpmb.analysis.resettling import balance
from gpmb.analysis.standing import Standing
from gpmb.clearance.models import Obstacle, Responsibility
from gpmb.compensation import funds
from gpmb.complaints.models import Complaint
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from gpmb.web.days import Days
from gpmb.web.http import Request
from maps import charts

LEAST = 3  # fewer letters than this are not told to those who don't read the register
AGES = ((30, "đến 30 ngày"), (90, "31–90 ngày"), (10**6, "trên 90 ngày"))


def panels(request: Request, standing: Standing, days: Days, title: str) -> dict[str, Any]:
    """The context of `projects/panels.html` for the projects of `standing`."""
    curves = standing.curves(request.user.cleared)
    wards = by_ward(request, standing)
    money = sum(funds.by_project(standing.keys, on=days.on).values(), funds.Funds())
    return {
        "standing": standing.row(),
        "plan": standing.plan,
        "curve": curve(curves, days, title),
        "curve_table": curves.table(),
        "earned": curves.earned(days.on),
        "wards": wards,
        "ward_chart": ward_chart(wards, title),
        "stage_labels": list(STAGE_LABELS.values()),
        "stuck": stuck(standing.keys, days.on, cleared=request.user.cleared),
        "ages": [label for _, label in AGES],
        "letters": letters(request, standing.keys, days.on),
        "homes": balance(request.user, on=days.on, projects=standing.keys),
        "money": money,
    }


def known_then(standing: Standing, days: Days) -> dict[str, Any]:
    """For a past day: what was frozen then beside today's rebuild, and what was written later."""
    if not days.past:
        return {}
    return {
        "frozen": freeze.beside(days.on, standing.now),
        "later": figures.total(standing.now.values()).unwritten,
    }


def answerable(projects: list[int], on: dt.date) -> dict[int, dict[str, list[str]]]:
    """Who answers for each project on a day: role → names, the leader first by their own name."""
    rows = Responsibility.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), project__in=projects, valid_from__lte=on
    )
    found: dict[int, dict[str, list[str]]] = {}
    for row in rows.select_related("organisation", "user").order_by("pk"):
        leads = row.role == Responsibility.Role.LEADER and row.user is not None
        name = str(row.user) if leads else str(row.organisation)
        names = found.setdefault(row.project_id, {}).setdefault(row.role, [])
        if name not in names:
            names.append(name)
    return found


def curve(curves: Any, days: Days, title: str, size: tuple[int, int] = (430, 168)) -> str:
    """The S-curve in percent of the area, ready for the page."""
    done = curves.share(curves.actual)
    chart = charts.s_curve(
        actual=done,
        plan=curves.share(curves.plan),
        baseline=curves.share(curves.baseline),
        as_of=days.on,
        unit="% diện tích bàn giao",
        title=f"{title}: kế hoạch và thực hiện",
        description=f"Đến {vn.day(days.on)} đã bàn giao "
        f"{vn.num(done[-1][1] or 0, 1) if done else 'chưa có dữ liệu'} % diện tích thu hồi; "
        "số liệu từng tháng ở bảng bên cạnh.",
        size=size,
    )
    return mark_safe(charts.svg(chart))  # noqa: S308  (escaped where it was made: maps.charts)


def by_ward(request: Request, standing: Standing) -> list[dict[str, Any]]:
    """Cases by stage and land by ward; the rows add up to the projects."""
    rows = figures.by_unit(standing.keys, on=standing.on, cleared=request.user.cleared)
    units = AdministrativeUnit.objects.in_bulk([pk for pk in rows if pk is not None])
    named = [
        {
            "label": str(units[pk]) if pk is not None else "chưa rõ địa bàn",
            "code": units[pk].code if pk is not None else "",
            "figures": row,
        }
        for pk, row in rows.items()
        if row.cases or row.takings or row.obstacles
    ]
    return sorted(named, key=lambda row: row["label"])


def ward_chart(wards: list[dict[str, Any]], title: str) -> str:
    if not wards:
        return ""
    chart = charts.stacked_bars(
        [(row["label"], row["figures"].stages) for row in wards],
        charts.stage_segments(list(STAGE_LABELS.values())),
        unit="hồ sơ",
        title=f"{title}: hồ sơ theo xã, phường và giai đoạn",
        description="Số hồ sơ ở từng giai đoạn của mỗi xã, phường; số liệu ở bảng bên cạnh.",
        width=520,
    )
    return mark_safe(charts.svg(chart))  # noqa: S308  (escaped where it was made: maps.charts)


def stuck(projects: list[int], on: dt.date, *, cleared: bool) -> list[dict[str, Any]]:
    """Open obstacles by cause and age."""
    rows = Obstacle.objects.open(on=on).filter(project__in=projects)
    if not cleared:
        rows = rows.exclude(parcel__restricted=True)
    found: dict[str, list[int]] = {}
    for cause, opened in rows.values_list("cause__name", "opened_on"):
        of = found.setdefault(cause, [0] * len(AGES))
        age = (on - opened).days
        of[next(at for at, (days, _) in enumerate(AGES) if age <= days)] += 1
    lines = [{"cause": cause, "ages": of, "n": sum(of)} for cause, of in found.items()]
    return sorted(lines, key=lambda line: (-int(line["n"]), line["cause"]))


def letters(request: Request, projects: list[int], on: dt.date) -> dict[str, str]:
    """Letters of the projects in three figures; fewer than three are not told to everyone.

    Denunciations are in no count below the city.
    """
    rows = Complaint.objects.filter(project__in=projects, received_on__lte=on).exclude(
        kind=Complaint.Kind.DENUNCIATION
    )
    still = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    counts = rows.aggregate(
        received=Count("pk"),
        open=Count("pk", filter=still),
        late=Count("pk", filter=still & Q(due_on__lt=on, answered_on__isnull=True)),
    )
    reads = access.can_read_register(request.user)
    return {
        name: "dưới 3" if 0 < count < LEAST and not reads else vn.num(count)
        for name, count in counts.items()
    }
