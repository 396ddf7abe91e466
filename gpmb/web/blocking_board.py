"""What the page of blocking land shows: the drawing, the list with rights, the strip, dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.core.cache import cache
from django.db.models import Sum
from numpy.typing import NDArray

from geo.contiguity import MIN_BLOCK_M2, Pick
from gpmb import access
from gpmb.accounts.models import User
from gpmb.analysis import adjacency, durations, forecast
from gpmb.analysis.blocking_models import Backtest
from gpmb.analysis.forecast import Forecast
from gpmb.analysis.project_land import Corridor, ProjectLand, households_in
from gpmb.analysis.survival import EarnedSchedule
from gpmb.clearance.models import Case, Project, ProjectVersion, Taking
from gpmb.complaints.models import Complaint, ComplaintCase, ComplaintParcel
from gpmb.law import steps

LISTED = 30
MARKED = 10
STRIP_WIDTH = 1000
DRAWING_WIDTH = 1000


@dataclass(frozen=True)
class Board:
    """Blocks now and with the chosen takings cleared, for the figures and the drawing.

    `with_lanes`: parcels on both sides of a lane count as one block.
    """

    found: ProjectLand
    chosen: NDArray[np.bool_]
    with_lanes: bool
    order: list[Pick]

    @property
    def chosen_ids(self) -> set[str]:
        return {self.found.land.ids[index] for index in np.flatnonzero(self.chosen).tolist()}

    @property
    def figures(self) -> dict[str, Any]:
        land = self.found.land
        now = land.blocks(with_lanes=self.with_lanes)
        then = land.clearing(self.chosen).blocks(with_lanes=self.with_lanes)
        return {
            "cleared_m2": now.cleared_m2,
            "largest_m2": now.largest_m2,
            "usable_m2": now.usable_m2(),
            "fragmentation": now.fragmentation,
            "with_lanes": self.with_lanes,
            "otherwise_m2": land.blocks(with_lanes=not self.with_lanes).largest_m2,
            "min_block_m2": MIN_BLOCK_M2,
            "then_largest_m2": then.largest_m2,
            "then_usable_m2": then.usable_m2(),
            "added_m2": then.largest_m2 - now.largest_m2,
            "added_usable_m2": then.usable_m2() - now.usable_m2(),
            "chosen": int(self.chosen.sum()),
            "chosen_households": households_in(self.found, self.chosen),
            "chosen_m2": float(land.area_m2[self.chosen].sum()),
            "pending": int((~land.cleared).sum()),
        }

    @property
    def sentence(self) -> dict[str, Any] | None:
        """What the first picks would do together; None when nothing is pending."""
        first = self.order[:MARKED]
        if not first:
            return None
        land = self.found.land
        picked = np.isin(np.arange(len(land.area_m2)), [pick.parcel for pick in first])
        return {
            "takings": len(first),
            "households": households_in(self.found, picked),
            "largest_m2": land.clearing(picked).blocks(with_lanes=self.with_lanes).largest_m2,
            "added_m2": sum(pick.largest_m2 for pick in first),
        }

    @property
    def drawing(self) -> dict[str, Any] | None:
        """The takings as SVG paths: what is clear, in the largest block, chosen, marked."""
        if not len(self.found.takings):
            return None
        land = self.found.land
        ids = self.found.takings.tolist()
        _, shapes = adjacency.boundaries(Taking.objects.filter(pk__in=ids))
        west, south, east, north = shapely.total_bounds(shapes)
        scale = DRAWING_WIDTH / max(east - west, north - south, 1.0)
        flat = shapely.transform(
            shapely.simplify(shapes, 0.5 / scale),
            lambda xy: np.column_stack([xy[:, 0] - west, north - xy[:, 1]]) * scale,
        )
        then = land.clearing(self.chosen).blocks(with_lanes=self.with_lanes)
        largest = int(np.argmax(then.block_m2)) if len(then.block_m2) else -1
        marks = {pick.parcel: place for place, pick in enumerate(self.order[:MARKED], start=1)}
        anchors = shapely.get_coordinates(shapely.point_on_surface(flat)).round(1)
        pieces = [
            {
                "ref": land.ids[index],
                "path": path_of(shape),
                "look": _look(
                    bool(land.cleared[index]),
                    bool(self.chosen[index]),
                    int(then.label[index]) == largest,
                ),
                "pending": not land.cleared[index],
            }
            for index, shape in enumerate(flat)
        ]
        return {
            "pieces": pieces,
            "marks": [
                {"place": place, "x": svg(anchors[index, 0]), "y": svg(anchors[index, 1])}
                for index, place in marks.items()
            ],
            "width": svg((east - west) * scale),
            "height": svg((north - south) * scale),
        }


def board(found: ProjectLand, chosen: Collection[str], *, with_lanes: bool) -> Board:
    """Return the board with the takings `chosen` (public ids) cleared; others are ignored."""
    wanted = np.array([name in chosen for name in found.land.ids], dtype=bool)
    order = found.land.order(with_lanes=with_lanes)
    return Board(found, wanted & ~found.land.cleared, with_lanes, order)


def _look(cleared: bool, chosen: bool, in_largest: bool) -> str:
    if not cleared and not chosen:
        return "pending"
    kind = "chosen" if chosen else "clear"
    return f"{kind} largest" if in_largest else kind


def path_of(shape: shapely.Geometry) -> str:
    """Return a polygon as the `d` of an SVG path."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    return "".join(
        "M" + "L".join(f"{svg(x)} {svg(y)}" for x, y in shapely.get_coordinates(ring)) + "Z"
        for ring in rings
    )


def svg(number: float) -> str:
    """A number of an SVG attribute, with a point whatever the language."""
    return f"{float(number):.1f}"


def rows(at: Board, user: User, *, on: dt.date) -> list[dict[str, Any]]:
    """Return the first takings of the list, each with its gains and its household's rights."""
    land, picks = at.found.land, at.order[:LISTED]
    alone = land.gains(with_lanes=at.with_lanes)
    ids = [int(at.found.takings[pick.parcel]) for pick in picks]
    takings = Taking.objects.select_related("case", "parcel").in_bulk(ids)
    numbers = _numbers(ids)
    opened = set(
        Case.objects.visible_to(user, on=on).filter(takings__in=ids).values_list("pk", flat=True)
    )
    complaints = _complaints(at.found.project, user, takings, on)
    found = []
    for place, (pick, key) in enumerate(zip(picks, ids, strict=True), start=1):
        taking = takings[key]
        found.append(
            {
                "place": place,
                "ref": land.ids[pick.parcel],
                "taking": taking,
                "case": taking.case,
                "number": numbers.get(key, ""),
                "opens": taking.case_id in opened,
                "stage": taking.stage,
                "step": steps.STAGE_LABELS[taking.stage],
                "area_m2": land.area_m2[pick.parcel],
                "households": int(land.households[pick.parcel]),
                "alone_m2": alone.largest_m2[pick.parcel],
                "usable_m2": alone.usable_m2[pick.parcel],
                "in_turn_m2": pick.largest_m2,
                "chosen": bool(at.chosen[pick.parcel]),
                "late": bool(taking.case and taking.case.due_on and taking.case.due_on < on),
                "complaint": complaints and complaints.get(key, 0),
                "resettlement": taking.case and _resettlement(taking.case, on),
            }
        )
    return found


def _numbers(takings: Collection[int]) -> dict[int, str]:
    """Return the current sheet and number of the takings' parcels."""
    rows = Taking.objects.filter(pk__in=takings, parcel__numbers__kind="current")
    return dict(rows.values_list("pk", "parcel__numbers__key"))


def _resettlement(case: Case, on: dt.date) -> str:
    if case.resettled_on and case.resettled_on <= on:
        return "đã bố trí"
    if case.resettlement_need in (case.Resettlement.NONE, case.Resettlement.UNKNOWN):
        return str(case.get_resettlement_need_display()).lower()
    return "chờ bố trí"


def _complaints(
    project: Project, user: User, takings: dict[int, Taking], on: dt.date
) -> dict[int, int] | None:
    """Return how many matters stand open on each taking; None where the user may not know.

    A letter about several cases or parcels stands on each of them.
    """
    if not access.sees_complaints(user, project, on=on):
        return None
    open_now = Complaint.objects.visible_to(user, on=on).counted().open(on=on)
    open_now = open_now.filter(project=project)
    by_case: dict[int | None, set[int]] = defaultdict(set)
    by_parcel: dict[int, set[int]] = defaultdict(set)
    for letter, case in ComplaintCase.objects.filter(
        complaint__in=open_now, case__in={t.case_id for t in takings.values()}
    ).values_list("complaint", "case"):
        by_case[case].add(letter)
    for letter, parcel in ComplaintParcel.objects.filter(
        complaint__in=open_now, parcel__in={t.parcel_id for t in takings.values()}
    ).values_list("complaint", "parcel"):
        by_parcel[parcel].add(letter)
    return {
        key: len(by_case[taking.case_id] | by_parcel[taking.parcel_id])
        for key, taking in takings.items()
    }


def strip(found: ProjectLand, line: Corridor | None) -> dict[str, Any] | None:
    """Return the corridor as a strip: what is held, the longest clear stretch, the passage."""
    if line is None:
        return None
    scale = STRIP_WIDTH / line.line.length_m
    longest = max(line.line.stretches_m.tolist(), key=lambda s: s[1] - s[0], default=None)
    held = [
        {
            "ref": found.land.ids[index],
            "x": svg(start * scale),
            "width": svg(max(1.0, (end - start) * scale)),
            "from_m": start,
            "to_m": end,
        }
        for index, stretches in zip(line.held, line.stretches, strict=True)
        for start, end in stretches.tolist()
    ]
    gains = sorted(
        zip(line.held, line.marginals, strict=True),
        key=lambda pair: (-pair[1].longest_m, -pair[1].clear_m),
    )[:MARKED]
    numbers = _numbers(found.takings[[index for index, _ in gains]].tolist()) if gains else {}
    passed: list[int] = line.passage.parcels.tolist() if line.passage else []
    return {
        "length_m": line.line.length_m,
        "clear_ratio": line.line.clear_ratio,
        "longest_m": line.line.longest_m,
        "longest": longest
        and {"x": svg(longest[0] * scale), "width": svg((longest[1] - longest[0]) * scale)},
        "held": held,
        "passage": line.passage,
        "passage_households": int(found.land.households[passed].sum()),
        "must": len(line.must),
        "broken": line.broken,
        "gains": [
            {
                "ref": found.land.ids[index],
                "number": numbers.get(int(found.takings[index]), ""),
                "clear_m": each.clear_m,
                "longest_m": each.longest_m,
            }
            for index, each in gains
        ],
    }


@dataclass(frozen=True)
class Dates:
    """The forecast of a project, its cross-check by earned schedule, and the last back-test."""

    forecast: Forecast
    schedule: EarnedSchedule | None
    backtest: Backtest | None

    @property
    def by_share(self) -> list[dict[str, Any]]:
        return [{"share": share, **dates} for share, dates in self.forecast.dates.items()]

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The back-test's rows: share of the area, quantile, coverage, losses."""
        if self.backtest is None:
            return []
        return [
            {"share": int(share) / 100, "name": name.upper(), **row}
            for share, score in self.backtest.result["by_share"].items()
            for name, row in score["quantiles"].items()
        ]


def dates(project: Project, *, on: dt.date) -> Dates:
    """Return the dates; computed once for a state of the city's data and a day."""
    version = ProjectVersion.objects.aggregate(all=Sum("number"))["all"]
    key = f"forecast:{project.pk}:{on:%Y%m%d}:{version}"
    made: tuple[Forecast, EarnedSchedule | None] | None = cache.get(key)
    if made is None:
        log = durations.read(project)
        made = (
            forecast.forecast(project, on=on, log=log),
            forecast.schedule(project, on=on, log=log),
        )
        cache.set(key, made, timeout=24 * 3600)
    return Dates(*made, Backtest.objects.filter(on__lte=on).first())
