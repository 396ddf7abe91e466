"""The map's side: groups, legend with counts, filters, and what moved since the last review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils.safestring import mark_safe

from gpmb.analysis import counting, hexagons
from gpmb.analysis.selection import Colouring, CountUnit, Selection
from gpmb.analysis.since import added
from gpmb.clearance.models import Obstacle, Project, Review
from gpmb.land.models import AdministrativeUnit
from gpmb.vn import grouped
from gpmb.web import map_layers
from gpmb.web.map_filters import Grouping, MapQuery
from maps import palette
from maps.legend import swatch

Rows = list[dict[str, Any]]


def side(query: MapQuery) -> dict[str, Any]:
    """Everything the side template shows."""
    selection = query.selection()
    base_rows = counting.counts(query.base())
    rows = _legend_rows(query, selection, base_rows)
    return {
        "selection": query,
        "groupings": Grouping.choices,
        "groups": query.groups(base_rows),
        "colourings": Colouring.choices,
        "colouring_label": query.colouring.label,
        "changing": query.colouring == Colouring.CHANGE,
        "earlier_days": query.earlier_days(),
        "units": CountUnit.choices,
        "unit_label": query.count.label,
        "by_cell": False,
        "legend_note": _note(query, selection),
        "ground_note": _ground_note(selection),
        "chips": query.chips(),
        "filters": query.filters(),
        "layers": [
            {"code": code, "label": label, "shown": shown}
            for code, label, _, shown in map_layers.OUTLINES
        ],
        "boundary_note": _boundary_note(query),
        "since": since_review(query, selection),
        "project_shares": project_shares(selection, rows),
        **_legend(query, selection, rows),
        **_moves(query, selection),
    }


def _legend_rows(query: MapQuery, selection: Selection, base_rows: Rows) -> Rows:
    if query.in_view and query.box is not None:
        return counting.counts(replace(selection, box=query.box))
    if not query.hidden:
        return base_rows
    return [
        row
        for row in base_rows
        if (selection.projects is None or row["project"] in selection.projects)
        and (selection.units is None or row["parcel__unit"] in selection.units)
    ]


def _legend(query: MapQuery, selection: Selection, rows: Rows) -> dict[str, Any]:
    """Legend rows with their counts: the classes, their total, and the obstacles among them."""
    entries = map_layers.entries(selection)
    if query.colouring == Colouring.COMPLAINT and not selection.sees_complaints:
        counts = Counter(map_layers.hexagon_class(f) for f in hexagons.complaints(selection))
        drawn = [_row(e.code, e.label, e.fill, grouped(counts[e.code])) for e in entries]
        drawn_total = grouped(counts.total())
        return {"legend": drawn, "legend_total": drawn_total, "unit_label": "ô", "by_cell": True}
    by_class: dict[int, Any] = {}
    write: Callable[[Any], str] = grouped
    if query.count == CountUnit.HOUSEHOLDS:
        chosen = replace(selection, box=query.box) if query.in_view else selection
        by_class, total, stuck = counting.households(chosen)
    else:
        of_all, of_stuck = (
            ("area_m2", "obstacle_m2")
            if query.count == CountUnit.AREA
            else ("takings", "obstacles")
        )
        for row in rows:
            by_class[row["c"]] = by_class.get(row["c"], 0) + row[of_all]
        total, stuck = sum(by_class.values()), sum(row[of_stuck] for row in rows)
        if query.count == CountUnit.AREA:
            write = _hectares
    drawn = [_row(e.code, e.label, e.fill, write(by_class.get(int(e.code), 0))) for e in entries]
    drawn.append(_row("o", "trong đó có vướng mắc", palette.OBSTACLE, write(stuck), within=True))
    return {"legend": drawn, "legend_total": write(total)}


def _moves(query: MapQuery, selection: Selection) -> dict[str, Any]:
    """From which stage to which, where the colours tell what changed: takings, or hectares."""
    if query.colouring != Colouring.CHANGE:
        return {}
    chosen = replace(selection, box=query.box if query.in_view else None)
    moves = added(counting.moves(chosen))
    area = query.count == CountUnit.AREA
    write: Callable[[Any], str] = _hectares if area else grouped
    counts = [move.area_m2 if area else move.takings for move in moves]
    return {
        "moves": [(move.words, write(n)) for move, n in zip(moves, counts, strict=True)],
        "moves_total": write(sum(counts)),
        "moves_unit": (CountUnit.AREA if area else CountUnit.TAKINGS).label,
    }


def project_shares(selection: Selection, rows: Rows) -> list[dict[str, Any]]:
    """What the rings of the far view tell: each project's land by class, shares of its area."""
    if selection.colouring == Colouring.COMPLAINT and not selection.sees_complaints:
        return []
    projects = Project.objects.visible_to(selection.user).in_bulk({row["project"] for row in rows})
    areas: dict[int, dict[int, float]] = {}
    takings: Counter[int] = Counter()
    for row in rows:
        by_class = areas.setdefault(row["project"], {})
        by_class[row["c"]] = by_class.get(row["c"], 0.0) + float(row["area_m2"])
        takings[row["project"]] += row["takings"]
    return [
        {
            "ref": projects[key].ref,
            "name": projects[key].name,
            "area": round(sum(by_class.values())),
            "takings": takings[key],
            "shares": [
                [c, round(area / sum(by_class.values()), 4)]
                for c, area in sorted(by_class.items())
            ],
        }
        for key, by_class in areas.items()
    ]


def _row(
    code: str, label: str, fill: palette.Fill, count: str, *, within: bool = False
) -> dict[str, Any]:
    # The swatch is our own SVG, put together by maps.legend from escaped colours.
    picture = mark_safe(swatch(fill))  # noqa: S308
    return {"code": code, "label": label, "swatch": picture, "count": count, "within": within}


def _hectares(area_m2: Decimal | int) -> str:
    return grouped(Decimal(area_m2) / 10_000, 2)


def _note(query: MapQuery, selection: Selection) -> str:
    if query.colouring == Colouring.COMPLAINT and not selection.sees_complaints:
        return "Số hộ có đơn theo ô lục giác 100 m; dưới 3 hộ không hiển thị."
    if query.colouring == Colouring.COMPLAINT:
        return "Chỉ gồm đơn thư bạn được xem."
    if query.colouring == Colouring.CHANGE and query.since:
        return (
            f"Thửa đổi bước sau ngày {query.since:%d/%m/%Y}, màu theo bước mới. Nhìn xa, mảng đất "
            "có thửa đổi bước tô theo bước mới lớn nhất."
        )
    if query.count == CountUnit.HOUSEHOLDS:
        return "Hộ có nhiều hồ sơ được đếm ở mỗi bước của mình; tổng đếm mỗi hộ một lần."
    if query.colouring == Colouring.DEADLINE and query.on < query.today:
        return "Hạn của hồ sơ đã đổi bước sau ngày này thì không rõ."
    return ""


def _ground_note(selection: Selection) -> str:
    """How many obstacles are no taking's: on a stretch or an area, or of a project as a whole."""
    rows = Obstacle.objects.open(on=selection.on).filter(
        project__in=Project.objects.visible_to(selection.user)
    )
    if selection.projects is not None:
        rows = rows.filter(project__in=selection.projects)
    counts = rows.aggregate(
        ground=Count("pk", filter=Q(line__isnull=False) | Q(area__isnull=False)),
        projects=Count(
            "project",
            filter=Q(case=None, parcel=None, line=None, area=None),
            distinct=True,
        ),
    )
    told = [
        f"{grouped(count)} {what}"
        for count, what in (
            (counts["ground"], "đoạn tuyến, khu vực vướng"),
            (counts["projects"], "dự án vướng toàn bộ (ô gạch cạnh tên)"),
        )
        if count
    ]
    return f"Ngoài ra: {'; '.join(told)}." if told else ""


def _boundary_note(query: MapQuery) -> str:
    drawn = AdministrativeUnit.objects.valid(on=query.on).filter(boundary__isnull=False)
    illustrative = drawn.filter(boundary_source=AdministrativeUnit.BoundarySource.ILLUSTRATIVE)
    notes = []
    if illustrative.exists():
        notes.append("Ranh giới phường, xã: hình minh họa.")
    left_out = Project.objects.count() - Project.objects.visible_to(query.user).count()
    if left_out:
        notes.append(f"Không gồm {left_out} dự án hạn chế.")
    return " ".join(notes)


def since_review(query: MapQuery, selection: Selection) -> dict[str, Any] | None:
    """Takings handed over since the last review before the day; None when there was none."""
    last = Review.objects.filter(on__lt=query.on).order_by("-on").first()
    if last is None:
        return None
    every = replace(selection, stages=None, colouring=Colouring.STEP)
    return {"on": last.on, "takings": counting.handed_over_since(every, last.on)}
