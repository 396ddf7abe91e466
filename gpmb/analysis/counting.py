"""What the map's legend counts: takings and areas by project, ward and class of the colouring.

A project's counts stay what they are until its data version moves, so a worker keeps them and
counts again only the projects that moved: after an edit one of many. On a past day the plain
colouring takes its stages from the stored running totals (gpmb.analysis.progress).
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Count, Q, Sum, When
from django.db.models.expressions import RawSQL

from gpmb.analysis import progress, tiles
from gpmb.analysis.selection import Selection

Rows = list[dict[str, Any]]

KEYS = ("project", "parcel__unit", "c")
MEASURES = {  # number of takings → their area
    "takings": "area_m2",
    "handed_over": "handed_over_m2",
    "obstacles": "obstacle_m2",
}
NOTHING: dict[str, Any] = dict.fromkeys([*MEASURES, *MEASURES.values()], 0)
PARTY = "case__case_parties__party"
# Enough to group a city's takings without sorting them on disk.
MEMORY = "64MB"

# The takings that carry `o` in a selection, found from the obstacles. Shapes have their index in
# the web plane: a box there, two metres wider, comes before the exact test in the legal plane.
_HELD_UP = """
WITH stuck AS (
    SELECT project_id, case_id, parcel_id, coalesce(area, line) AS ground
      FROM clearance_obstacle
     WHERE opened_on <= %s AND (closed_on IS NULL OR closed_on > %s)
       AND (%s::bigint[] IS NULL OR project_id = ANY (%s)))
SELECT t.id FROM stuck JOIN clearance_taking t USING (project_id, case_id)
 UNION
SELECT t.id FROM stuck JOIN clearance_taking t USING (project_id, parcel_id)
 UNION
SELECT t.id FROM stuck JOIN clearance_taking t USING (project_id)
 WHERE t.boundary_web && ST_Expand(ST_Transform(ground, 3857), 2)
   AND ST_Intersects(ground, t.boundary)"""


def counts(selection: Selection) -> Rows:
    """Rows of KEYS with the MEASURES: takings, those handed over, those with an obstacle."""
    return _kept("counts", selection, _count)


def moves(selection: Selection) -> Rows:
    """`Selection.moves`: from which stage to which, by project."""
    return _kept("moves", selection, Selection.moves)


def handed_over_since(selection: Selection, day: dt.date) -> int:
    """How many takings of the selection were handed over after a day, up to its own."""

    def ask(part: Selection) -> Rows:
        over = part.takings().filter(handed_over_on__gt=day, handed_over_on__lte=part.on)
        return list(over.values("project").annotate(n=Count("pk")).order_by())

    return sum(row["n"] for row in _kept(f"since {day}", selection, ask))


def _kept(what: str, selection: Selection, ask: Callable[[Selection], Rows]) -> Rows:
    """The rows of every project, asked for those whose data moved; a box is always asked."""
    if selection.is_empty:
        return []
    if selection.box is not None:
        return ask(selection)
    view = f"{what} {replace(selection, projects=None).key()}"
    numbers = dict(pair.split(":") for pair in tiles.versions(selection).split(",") if pair)
    held = {project: KEPT.get((view, project), number) for project, number in numbers.items()}
    moved = [project for project, rows in held.items() if rows is None]
    if moved:
        fresh: dict[str, Rows] = {project: [] for project in moved}
        for row in ask(replace(selection, projects=frozenset(map(int, moved)))):
            fresh[str(row["project"])].append(row)
        for project, rows in fresh.items():
            KEPT.put((view, project), numbers[project], rows)
        held |= fresh
    return [dict(row) for rows in held.values() for row in rows or ()]


def households(selection: Selection) -> tuple[dict[int, int], int, int]:
    """Distinct households by class, in all, and with an obstacle.

    One household may stand in two classes by two cases, so the classes may add up to more than
    all; and in two projects, so they are counted again when any project moved.
    """
    if selection.is_empty:
        return {}, 0, 0
    if selection.box is not None:
        return _households(selection)
    name, numbers = (f"households {selection.key()}", ""), tiles.versions(selection)
    found: tuple[dict[int, int], int, int] | None = KEPT.get(name, numbers)
    if found is None:
        KEPT.put(name, numbers, found := _households(selection))
    return found


def _households(selection: Selection) -> tuple[dict[int, int], int, int]:
    people, values = _people(selection).values(PARTY, "c").distinct().query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(
            f"WITH people (party, c) AS ({people})"  # noqa: S608  (the ORM's own statement)
            " SELECT c, count(*) FROM people GROUP BY c"
            " UNION ALL SELECT NULL, count(*) FROM (SELECT DISTINCT party FROM people) one",
            values,
        )
        by_class = dict(cursor.fetchall())
    every = by_class.pop(None)
    stuck = _people(selection).filter(pk__in=_held_up_ids(selection))
    return by_class, every, stuck.aggregate(n=Count(PARTY, distinct=True))["n"]


def _people(selection: Selection) -> Any:
    """The takings of the selection, once for each person or household that holds it that day."""
    holds = "case__case_parties__"
    return (
        selection.takings()
        .filter(
            Q(**{f"{holds}valid_to__isnull": True}) | Q(**{f"{holds}valid_to__gt": selection.on}),
            Q(**{f"{holds}valid_from__isnull": True})
            | Q(**{f"{holds}valid_from__lte": selection.on}),
            **{
                f"{holds}party__kind__in": ("household", "individual"),
                f"{holds}role__in": ("holder", "co_owner"),
            },
        )
        .order_by()
    )


def counted(selection: Selection) -> Rows:
    """The same by asking the takings themselves, nothing kept."""
    return _added(_grouped(selection), _held_up(selection))


def _count(selection: Selection) -> Rows:
    of_past = selection.on < selection.today and selection.by_stage_only
    if not of_past or selection.box is not None:
        return counted(selection)
    return _added(_by_day(selection), _held_up(selection))


def _grouped(selection: Selection, takings: Any = None) -> Rows:
    done = models.Case(When(reached=6, then=True), default=False)
    takings = selection.takings() if takings is None else takings
    rows = takings.annotate(done=done).values(*KEYS, "done")
    rows = rows.annotate(n=Count("pk"), m2=Sum("recovered_area_m2")).order_by()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        return list(rows)


def _held_up(selection: Selection) -> Rows:
    """Those with an obstacle alone: few, so they are not looked for among all."""
    return _grouped(selection, selection.takings().filter(pk__in=_held_up_ids(selection)))


def _held_up_ids(selection: Selection) -> RawSQL:
    projects = None if selection.projects is None else sorted(selection.projects)
    asked = (selection.on, selection.on, projects, projects)
    return RawSQL(_HELD_UP, asked)  # noqa: S611  (our own statement)


def _by_day(selection: Selection) -> Rows:
    """Takings by stage on a past day, from the running totals."""
    progress.refresh_deltas()
    rows = progress.as_of(
        selection.on,
        "project",
        "unit",
        "stage",
        projects=sorted(selection.projects or ()),
        cleared=selection.user.cleared,
        stages=sorted(range(7) if selection.stages is None else selection.stages),
    )
    return [
        {
            **dict(zip(KEYS, (row["project"], row["unit"], row["stage"]), strict=True)),
            "done": row["stage"] == 6,
            "n": row["takings"],
            "m2": row["area_m2"],
        }
        for row in rows
        if row["takings"] and (selection.units is None or row["unit"] in selection.units)
    ]


def _added(every: Rows, held_up: Rows) -> Rows:
    """One row a project, ward and class."""
    sums: dict[tuple[int, int, int], dict[str, Any]] = {}

    def add(row: dict[str, Any], measure: str) -> None:
        key = tuple(row[name] for name in KEYS)
        total = sums.setdefault(key, dict(zip(KEYS, key, strict=True)) | NOTHING)
        total[measure] += row["n"]
        total[MEASURES[measure]] += row["m2"]

    for row in every:
        add(row, "takings")
        if row["done"]:
            add(row, "handed_over")
    for row in held_up:
        add(row, "obstacles")
    return list(sums.values())


class Kept:
    """Counts of this process by view and project, each with the data version it was made at."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._rows: OrderedDict[tuple[str, str], tuple[str, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, name: tuple[str, str], number: str) -> Any:
        with self._lock:
            at, rows = self._rows.get(name, (None, None))
            if at != number:
                return None
            self._rows.move_to_end(name)
            return rows

    def put(self, name: tuple[str, str], number: str, rows: Any) -> None:
        with self._lock:
            self._rows[name] = (number, rows)
            self._rows.move_to_end(name)
            while len(self._rows) > self.limit:
                self._rows.popitem(last=False)


KEPT = Kept(limit=5000)
"""About a hundred views of a city of fifty projects, some 10 MB."""
