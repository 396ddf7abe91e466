"""The land of a project as the blocking figures need it, on any day, for one reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Count, Exists, F, OuterRef, Q
from numpy.typing import NDArray

from geo.contiguity import MIN_BLOCK_M2
from geo.corridor import (
    Clearance,
    CorridorBroken,
    Marginal,
    Passage,
    chainage,
    cheapest_passage,
    clearance,
    marginals,
    must_clear,
)
from gpmb import refs
from gpmb.accounts.models import User
from gpmb.analysis import adjacency
from gpmb.analysis.blocking import Land
from gpmb.clearance.models import CaseParty, Project, Taking, TakingPart
from gpmb.land.models import Party

# Parcels of these classes can be driven through before they are handed over: roads.
LANE_CLASSES = ("DGT",)
HOUSEHOLD_KINDS = (Party.Kind.HOUSEHOLD, Party.Kind.INDIVIDUAL)


@dataclass(frozen=True)
class ProjectLand:
    """A project's takings with a boundary (`takings`, primary keys) and their `land`.

    `without_boundary` counts the living takings that no figure here can include.
    """

    project: Project
    on: dt.date
    takings: NDArray[np.int64]
    land: Land
    without_boundary: int

    @property
    def notes(self) -> list[str]:
        """What a reader of the figures must know, in sentences."""
        notes = []
        if self.without_boundary:
            notes.append(
                f"{self.without_boundary} phần thu hồi chưa có ranh giới, chưa tính ở đây: "
                "hãy nhập ranh thửa."
            )
        if adjacency.is_stale(self.project):
            notes.append(
                "Ranh thửa vừa thay đổi, ranh giới chung chưa tính lại: "
                "chờ lượt nhập xong hoặc chạy “manage.py adjacency”."
            )
        return notes


def households_in(found: ProjectLand, picked: NDArray[np.bool_]) -> int:
    """Return how many households hold the picked takings; one with several parcels counts once."""
    held = CaseParty.objects.current(on=found.on).filter(
        case__takings__in=found.takings[picked].tolist(), party__kind__in=HOUSEHOLD_KINDS
    )
    return held.exclude(role="representative").values("party").distinct().count()


def read(project: Project, *, on: dt.date, user: User | None = None) -> ProjectLand:
    """Return the land of a project as it stood on a day; only what `user` may see, if given."""
    takings = Taking.objects.filter(project=project).live(on=on)
    if user is not None:
        takings = takings.visible_to(user)
    with_boundary = takings.filter(Q(boundary__isnull=False) | Q(parcel__boundary__isnull=False))
    parts = TakingPart.objects.filter(taking=OuterRef("pk"))
    rows = list(
        with_boundary.order_by("pk")
        .annotate(
            due=F("case__due_on"),
            homes=Count(
                "case__case_parties__party",
                filter=Q(case__case_parties__party__kind__in=HOUSEHOLD_KINDS)
                & ~Q(case__case_parties__role="representative")
                & (
                    Q(case__case_parties__valid_to__isnull=True)
                    | Q(case__case_parties__valid_to__gt=on)
                ),
                distinct=True,
            ),
            lane=Exists(parts.filter(land_class__code__in=LANE_CLASSES))
            & ~Exists(parts.exclude(land_class__code__in=LANE_CLASSES)),
        )
        .values_list(
            "pk",
            "ref",
            "recovered_area_m2",
            "handed_over_area_m2",
            "handed_over_on",
            "homes",
            "due",
            "lane",
        )
    )
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    cleared = [row[4] is not None and row[4] <= on for row in rows]
    land = Land(
        ids=[refs.encode(row[1]) for row in rows],
        area_m2=np.array(
            [
                float(row[3] if done and row[3] else row[2])
                for row, done in zip(rows, cleared, strict=True)
            ]
        ),
        cleared=np.array(cleared, dtype=bool),
        households=np.array([row[5] for row in rows], dtype=np.intp),
        pairs=adjacency.pairs_of(project, ids.tolist()),
        due=np.array([row[6].toordinal() if row[6] else np.inf for row in rows], dtype=float),
        lanes=np.array([row[7] for row in rows], dtype=bool),
        lane_pairs=adjacency.pairs_of(project, ids.tolist(), lane=True),
    )
    return ProjectLand(project, on, ids, land, takings.count() - len(rows))


@dataclass(frozen=True)
class Corridor:
    """A project along an alignment, by chainage.

    `held` are the positions (in the land) of uncleared takings on the line, with the `stretches`
    each holds and what clearing it alone adds. `passage` and `must` are None where the ends
    aren't connected through the project's parcels (`broken`).
    """

    line: Clearance
    held: list[int]
    stretches: list[NDArray[np.float64]]
    marginals: list[Marginal]
    passage: Passage | None
    must: list[int]
    broken: bool


def corridor(found: ProjectLand) -> Corridor | None:
    """Return the project's corridor; None without an alignment that crosses its land."""
    alignment = found.project.alignment
    if alignment is None or not len(found.takings):
        return None
    line = shapely.line_merge(shapely.from_wkb(bytes(alignment.wkb)))
    _, shapes = adjacency.boundaries(Taking.objects.filter(pk__in=found.takings.tolist()))
    on_line = chainage(line, shapes)
    crossed = [index for index, stretch in enumerate(on_line) if len(stretch)]
    if not crossed:
        return None
    held = [index for index in crossed if not found.land.cleared[index]]
    stretches = [on_line[index] for index in held]
    length_m = float(line.length)
    starts = {index: float(on_line[index][0, 0]) for index in crossed}
    ends = {index: float(on_line[index][-1, 1]) for index in crossed}
    source, target = min(crossed, key=starts.__getitem__), max(crossed, key=ends.__getitem__)
    tips: dict[str, Any] = {"sources": np.array([source]), "targets": np.array([target])}
    passage, must, broken = None, [], False
    try:
        passage = cheapest_passage(
            np.maximum(1.0, found.land.households), found.land.cleared, found.land.pairs, **tips
        )
        must = must_clear(found.land.cleared, found.land.pairs, **tips).tolist()
    except CorridorBroken:
        broken = True
    return Corridor(
        clearance(length_m, stretches),
        held,
        stretches,
        marginals(length_m, stretches),
        passage,
        must,
        broken,
    )


def map_blocks(project: Project, *, on: dt.date, user: User) -> dict[str, int]:
    """Return the block, 0 the largest, that each cleared taking is in, by public id."""
    found = read(project, on=on, user=user)
    blocks = found.land.blocks()
    rank = np.empty(len(blocks.block_m2), dtype=np.intp)
    rank[np.argsort(-blocks.block_m2, kind="stable")] = np.arange(len(rank))
    return {
        found.land.ids[index]: int(rank[blocks.label[index]])
        for index in np.flatnonzero(found.land.cleared).tolist()
    }


def most_unlocking(
    project: Project, *, on: dt.date, user: User, count: int = 10
) -> list[tuple[str, float]]:
    """Return the takings that unlock most, in greedy order: public id and m² added at its turn."""
    land = read(project, on=on, user=user).land
    order = land.order(picks=count, min_block_m2=MIN_BLOCK_M2)[:count]
    return [(land.ids[pick.parcel], pick.largest_m2) for pick in order]
