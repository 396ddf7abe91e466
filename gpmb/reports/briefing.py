"""The briefing file: what of the city may leave in a file anyone can carry, and nothing else.

Built from a whitelist: shape, sheet and number, recovered area, stage, project, priority category.
No name, ID number, phone, amount, complaint, obstacle cause, refused payment or enforcement can be
in it, and no restricted project or parcel whoever asks; the footer says how many are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import shapely
from django.contrib.gis.db.models.functions import AsWKB, SnapToGrid, Transform
from django.db.models import OuterRef, QuerySet, Subquery

from gpmb.analysis.selection import stage_on
from gpmb.clearance.models import Deployment, Project, Taking
from gpmb.land.models import ParcelNumber
from gpmb.law.steps import STAGE_LABELS
from gpmb.reference.models import PriorityCategory
from maps import briefing

WGS84 = 4326
WHITELIST = ("project_id", "shown_stage", "label", "recovered_area_m2", "shape")


class NothingToShowError(ValueError):
    """No public taking answers the request."""


def build(*, on: dt.date, today: dt.date, categories: Sequence[str] = ()) -> str:
    """Return the HTML of the briefing map as of `on`; `categories` are codes, all when empty."""
    groups = list(PriorityCategory.objects.order_by("order"))
    if categories:
        groups = [group for group in groups if group.code in categories]
    projects = list(
        Project.objects.filter(restricted=False)
        .with_category(on=on)
        .filter(category_id__in=[group.pk for group in groups])
        .order_by("category_order", "code")
    )
    rows = list(_takings(projects, on, today).values_list(*WHITELIST))
    if not rows:
        raise NothingToShowError("Không có thửa công khai nào để đưa vào tệp trình chiếu.")
    place = {group.pk: at for at, group in enumerate(groups)}
    index = {project.pk: at for at, project in enumerate(projects)}
    left_out = Project.objects.filter(restricted=True).count()
    deployment = Deployment.objects.filter(pk=1).first()
    city = deployment.city if deployment else ""
    return briefing.render(
        briefing.Briefing(
            title=f"Bản đồ giải phóng mặt bằng {city}".strip(),
            as_of=f"Số liệu đến ngày {on:%d/%m/%Y}",
            notice="Dữ liệu minh họa" if deployment and deployment.illustrative else "",
            footer=(
                f"Lập từ số liệu công khai: {len(rows)} thửa của {len(projects)} dự án. "
                f"Không đưa vào tệp này: {left_out} dự án hạn chế; tên, giấy tờ, số tiền của hộ; "
                "đơn thư; vướng mắc."
            ),
            groups=[briefing.Group(group.name) for group in groups],
            project_list=[
                briefing.Project(project.name, place[project.category_id]) for project in projects
            ],
            stage_labels=[STAGE_LABELS[stage] for stage in range(7)],
            shapes=shapely.from_wkb([bytes(row[4]) for row in rows]).tolist(),
            projects=[index[row[0]] for row in rows],
            stages=[row[1] for row in rows],
            labels=[row[2] or "" for row in rows],
            areas_m2=[float(row[3]) for row in rows],
            outlines=_outlines(projects),
        )
    )


def takings_in(html: str) -> int:
    """Return how many takings a rendered file shows."""
    return len(briefing.payload(html)["shapes"])


def _takings(projects: Sequence[Project], on: dt.date, today: dt.date) -> QuerySet[Taking]:
    numbers = ParcelNumber.objects.filter(
        parcel=OuterRef("parcel"), kind="current", valid_to=None
    ).values("key")[:1]
    return (
        Taking.objects.filter(
            project__in=projects,
            project__restricted=False,
            parcel__restricted=False,
            boundary__isnull=False,
        )
        .live(on=on)
        .annotate(shown_stage=stage_on(on, today), label=Subquery(numbers))
        .annotate(shape=AsWKB(Transform(SnapToGrid("boundary", 0.05), WGS84)))
        .order_by("pk")
    )


def _outlines(projects: Sequence[Project]) -> list[Any]:
    shapes = (
        Project.objects.filter(pk__in=[project.pk for project in projects], boundary__isnull=False)
        .annotate(shape=AsWKB(Transform("boundary", WGS84)))
        .values_list("shape", flat=True)
    )
    return [shapely.from_wkb(bytes(shape)) for shape in shapes]
