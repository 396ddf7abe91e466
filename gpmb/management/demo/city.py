"""The whole demo city as plain rows: the same seed, scale and day give the same city."""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gpmb.management.demo import (
    holders,
    land,
    money,
    parameters,
    resettle,
    steering,
    story,
    troubles,
    wards,
)

SEED = 20230131
HOLIDAYS = parameters.FOLDER.parent / "reference/holidays.csv"
WITHDRAWN = 0.006  # share of takings withdrawn before their plan was approved
PARTLY = 0.25  # share of cases with several parcels that hand some over early


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log. `taking` is an index of the land where the event is of a taking."""

    case: int
    taking: int | None
    kind: str
    step: str
    day: int


@dataclass(slots=True)
class City:
    """Everything make_demo writes, before it has database ids."""

    as_of: date
    wards: list[wards.Ward]
    projects: list[parameters.ProjectRow]
    land: land.Land
    held: holders.Holders
    lives: list[story.Life]
    events: list[Event]
    withdrawn: dict[int, int]  # taking → day
    handed_over: dict[int, int]  # taking → day
    sites: list[resettle.Site]
    allocations: list[resettle.Allocation]
    plans: list[money.Plan]
    payments: list[money.Payment]
    obstacles: list[troubles.Obstacle]
    complaints: list[troubles.Complaint]
    versions: list[steering.Version]
    reviews: list[steering.Review]
    funding: list[steering.Money]

    def digest(self) -> str:
        """Return a hash of the whole city."""
        total = hashlib.sha256()
        for geometries in (self.land.boundary, self.land.taken):
            total.update(b"".join(shapely.to_wkb(geometries)))
        for part in (
            [ward.outline.wkb for ward in self.wards],
            self.held,
            self.events,
            sorted(self.withdrawn.items()),
            [(site.code, [plot.wkb for plot in site.plots]) for site in self.sites],
            self.allocations,
            self.plans,
            self.payments,
            self.obstacles,
            self.complaints,
            self.versions,
            self.reviews,
            self.funding,
        ):
            total.update(repr(part).encode())
        return total.hexdigest()


def build(*, seed: int = SEED, scale: float = 1.0, as_of: date = parameters.DATA_DATE) -> City:
    """Return the city as it stood on a day. Each part has its own stream of chance."""
    streams = iter(np.random.default_rng(seed).spawn(12))
    today = as_of.toordinal()
    units = wards.build(parameters.read("wards"))
    projects = parameters.projects()
    ground = land.build(next(streams), units, projects, scale)
    held = holders.build(next(streams), ground, [unit.kind for unit in units], projects)
    sites = resettle.build(parameters.read("sites")["sites"], ground, held.cases, projects)
    ready = resettle.expectations(next(streams), sites, held.cases)
    days = story.Days(days_off(HOLIDAYS))
    lives = _lives(next(streams), projects, held, ready, days)
    withdrawn = _withdrawn(next(streams), ground, held.cases, lives, today)
    events, handed_over = _events(next(streams), projects, held.cases, lives, withdrawn, today)
    resettled = {
        n: day
        for n, life in enumerate(lives)
        if held.cases[n].need == "plot" and (day := life.day("resettlement")) is not None
    }
    plans = money.plans(next(streams), held.cases, lives, held.parts, today)
    ledger = money.payments(next(streams), plans, lives, today)
    stuck = troubles.obstacles(next(streams), projects, held.cases, lives, today)
    places = _places(ground, held.cases)
    return City(
        as_of=as_of,
        wards=units,
        projects=projects,
        land=ground,
        held=held,
        lives=lives,
        events=events,
        withdrawn=withdrawn,
        handed_over=handed_over,
        sites=sites,
        allocations=resettle.allocate(sites, held.cases, resettled, today),
        plans=plans,
        payments=ledger,
        obstacles=stuck,
        complaints=troubles.complaints(next(streams), projects, held.cases, lives, places, today),
        versions=steering.versions(next(streams), projects, held.cases, lives, plans, today),
        reviews=steering.reviews(next(streams), projects, stuck, days, today),
        funding=steering.funding(projects, plans, ledger, held.cases, today),
    )


def days_off(path: Path) -> frozenset[date]:
    """Read the days off from the reference fixture."""
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(
            date.fromisoformat(row["on"]) for row in csv.DictReader(file) if row["kind"] == "off"
        )


def _lives(
    rng: np.random.Generator,
    projects: list[parameters.ProjectRow],
    held: holders.Holders,
    ready: dict[int, int],
    days: story.Days,
) -> list[story.Life]:
    batches = [
        story.batches(rng, row, count, days)
        for row, count in zip(projects, held.batches, strict=True)
    ]
    luck = story.draws(rng, len(held.cases))
    return [
        story.live(
            projects[case.project],
            case,
            batches[case.project][case.batch - 1],
            draws,
            days,
            plot_ready=ready.get(number),
        )
        for number, (case, draws) in enumerate(zip(held.cases, luck, strict=True))
    ]


def _withdrawn(
    rng: np.random.Generator,
    ground: land.Land,
    cases: list[holders.CaseRow],
    lives: list[story.Life],
    today: int,
) -> dict[int, int]:
    """Choose takings left out by a change of boundary after the inventory: never a case's last."""
    chosen: dict[int, int] = {}
    luck = rng.random(len(cases)).tolist()
    for case, life, draw in zip(cases, lives, luck, strict=True):
        counted, posted = life.day("inventory"), life.day("posting")
        if len(case.takings) < 2 or counted is None or counted + 7 > today:
            continue
        if draw < WITHDRAWN * len(case.takings):
            day = counted + 7 if posted is None else min(counted + 7, posted)
            chosen[case.takings[-1]] = day
    return chosen


def _events(
    rng: np.random.Generator,
    projects: list[parameters.ProjectRow],
    cases: list[holders.CaseRow],
    lives: list[story.Life],
    withdrawn: dict[int, int],
    today: int,
) -> tuple[list[Event], dict[int, int]]:
    """Write the log: a handover is of every living taking, then of the case."""
    opening = {n for n, row in enumerate(projects) if row.origin == "carried_over" and n % 2 == 0}
    early = rng.random((len(cases), 2)).tolist()
    events: list[Event] = []
    handed_over: dict[int, int] = {}
    for number, (case, life) in enumerate(zip(cases, lives, strict=True)):
        moves = story.up_to(life, today)
        if not moves:
            continue
        if case.project in opening:
            rows = story.opened(moves)
        else:
            rows = [(step, day, "move") for step, day in moves]
        living = [at for at in case.takings if at not in withdrawn]
        handover = life.day("handover")
        if handover is not None and early[number][0] < PARTLY and len(living) > 1:
            day = _early(life, handover, early[number][1])
            if not any(kind == "opening" for _, _, kind in rows) and day <= today:
                handed_over[living[0]] = day
                events.append(Event(number, living[0], "move", "handover", day))
        for step, day, kind in rows:
            if step == "handover":
                for at in living:
                    if at not in handed_over:
                        handed_over[at] = day
                        if kind == "move":  # an opening is of the case alone
                            events.append(Event(number, at, kind, step, day))
            events.append(Event(number, None, kind, step, day))
    events.sort(key=lambda row: (row.day, row.case, row.taking is None))
    return events, handed_over


def _early(life: story.Life, handover: int, luck: float) -> int:
    """Return a working day between the last step before handover and the handover."""
    last = max(day for step, day in life.moves if step != "handover")
    day = last + int((handover - last) * luck)
    return day if (day - 1) % 7 < 5 else last


def _places(ground: land.Land, cases: list[holders.CaseRow]) -> NDArray[np.float64]:
    """Return where each case is: a point in its first taking."""
    first = np.array([case.takings[0] for case in cases], dtype=np.int64)
    places: NDArray[np.float64] = shapely.get_coordinates(
        shapely.point_on_surface(ground.taken[first])
    )
    return places
