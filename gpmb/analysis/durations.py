"""How long every case stood in every stage, read from the event log once, seen from any day.

Days are ordinals (date.toordinal) in float arrays, infinity for "never". Stages 1-6 are those of
gpmb.law.steps; a stage's duration runs from its own move to the first event of a later stage. An
opening (carried-over figure) has no honest beginning: what it opens is not measured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from numpy.typing import NDArray

from gpmb.analysis.survival import Curve, kaplan_meier
from gpmb.clearance.models import Case, CaseEvent, Project, Taking, TakingPart
from gpmb.law import steps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DONE = 6
STAGES = range(1, DONE)  # stages with a duration: 1 … 5
NEVER = np.inf


@dataclass(frozen=True)
class Log:
    """The cases of the city (C,) and their takings (T,), those of visible projects.

    `reached` (C, 7): the day a case first stood at stage k or beyond; `own` (C, 7): it got to
    stage k itself, by a move. `case_of` (T,) is the position of a taking's case, -1 without one.
    """

    case_ids: Ints
    project: Ints
    kind: NDArray[np.str_]
    withdrawn: Floats
    reached: Floats
    own: Bools
    non_agri: Bools
    case_of: Ints
    taking_project: Ints
    area_m2: Floats
    handed_over: Floats
    taking_withdrawn: Floats

    def durations(self, on: dt.date) -> Durations:
        """Return what was known on a day of every stage that a case entered by a move."""
        day = on.toordinal()
        stage, days, finished, case = [], [], [], []
        for k in STAGES:
            rows = np.flatnonzero(
                self.own[:, k] & (self.reached[:, k] <= day) & (self.withdrawn > day)
            )
            ends = self.reached[rows, k + 1]
            case.append(rows)
            stage.append(np.full(len(rows), k - 1, dtype=np.intp))
            days.append(np.minimum(ends, day) - self.reached[rows, k])
            finished.append(ends <= day)
        of = np.concatenate(case)
        return Durations(
            np.concatenate(stage),
            np.concatenate(days),
            np.concatenate(finished),
            self.project[of],
            self.kind[of],
        )

    def stage_on(self, on: dt.date) -> NDArray[np.intp]:
        """Return each case's stage on a day, (C,)."""
        return np.asarray((self.reached[:, 1:] <= on.toordinal()).sum(axis=1), dtype=np.intp)


@dataclass(frozen=True)
class Durations:
    """Stages lived through, ended or not: `step` 0-4 stands for the stages 1-5; arrays (n,)."""

    step: NDArray[np.intp]
    days: Floats
    finished: Bools
    project: Ints
    kind: NDArray[np.str_]

    def of(self, rows: Bools) -> Durations:
        return Durations(
            self.step[rows],
            self.days[rows],
            self.finished[rows],
            self.project[rows],
            self.kind[rows],
        )

    def curves(self) -> list[Curve]:
        """Return the Kaplan-Meier curve of each step."""
        return [
            kaplan_meier(self.days[self.step == k], self.finished[self.step == k])
            for k in range(len(STAGES))
        ]


def read(project: Project | None = None) -> Log:
    """Read the log of every unrestricted project, and of `project` when it is restricted.

    A forecast is the same for every reader; restricted projects teach none but themselves.
    """
    known = Q(restricted=False) | Q(pk=project.pk if project else None)
    projects = Project.objects.filter(known)
    non_agri = TakingPart.objects.filter(taking__case=OuterRef("pk"), land_class__group="non_agri")
    cases = list(
        Case.objects.filter(project__in=projects)
        .order_by("pk")
        .annotate(non_agri=Exists(non_agri))
        .values_list("pk", "project_id", "project__kind", "withdrawn_on", "non_agri")
    )
    ids = np.array([row[0] for row in cases], dtype=np.int64)
    reached, own = _stages(projects, ids)
    takings = list(
        Taking.objects.filter(project__in=projects)
        .order_by("pk")
        .values_list(
            "case_id", "project_id", "recovered_area_m2", "handed_over_on", "withdrawn_on"
        )
    )
    return Log(
        case_ids=ids,
        project=np.array([row[1] for row in cases], dtype=np.int64),
        kind=np.array([row[2] for row in cases], dtype=np.str_),
        withdrawn=_days(row[3] for row in cases),
        reached=reached,
        own=own,
        non_agri=np.array([row[4] for row in cases], dtype=bool),
        case_of=_places(ids, [row[0] for row in takings]),
        taking_project=np.array([row[1] for row in takings], dtype=np.int64),
        area_m2=np.array([row[2] for row in takings], dtype=float),
        handed_over=_days(row[3] for row in takings),
        taking_withdrawn=_days(row[4] for row in takings),
    )


def _stages(projects: QuerySet[Project], ids: Ints) -> tuple[Floats, Bools]:
    """Return `reached` and `own` of Log from the living events of whole cases."""
    events = (
        CaseEvent.objects.living()
        .filter(case__project__in=projects, taking__isnull=True)
        .order_by()
        .values("step", "kind")
        .annotate(of=F("case_id"), first=Min("on"))
        .values_list("of", "step", "kind", "first")
    )
    reached = np.full((len(ids), DONE + 1), NEVER)
    own = np.zeros((len(ids), DONE + 1), dtype=bool)
    rows = list(events)
    place = _places(ids, [row[0] for row in rows])
    stage_of = {row.code: row.stage for row in steps.STEPS}
    stage = np.array([stage_of[row[1]] for row in rows], dtype=np.intp)
    days = _days(row[3] for row in rows)
    moves = np.array([row[2] == CaseEvent.Kind.MOVE for row in rows], dtype=bool)
    np.minimum.at(reached, (place, stage), days)
    # The move must be the stage's first event: an opening at the same stage hides its beginning.
    is_first = days == reached[place, stage]
    own[place[moves & is_first], stage[moves & is_first]] = True
    reached[:, 0] = NEVER
    later = np.minimum.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    own &= reached == later  # a stage entered after a later one was skipped, not lived through
    return later, own


def _days(values: Iterable[dt.date | None]) -> Floats:
    return np.array([value.toordinal() if value else NEVER for value in values], dtype=float)


def _places(ids: Ints, wanted: Sequence[int | None]) -> Ints:
    """Return the position of each id in the sorted `ids`, -1 for None."""
    keys = np.array([-1 if key is None else key for key in wanted], dtype=np.int64)
    return np.where(keys < 0, -1, np.searchsorted(ids, keys))
