"""The changes that can be made to many cases: what each case becomes, writing it, taking it back.

A change judges cases without writing, writes those it said would change, and takes back what it
wrote. gpmb.clearance.bulk gives it locked cases: all to judge, then a portion at a time.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, QuerySet

from gpmb.accounts.models import Assignment, Organisation, User
from gpmb.clearance.models import (
    KIND_OF_STEP,
    Batch,
    BulkRow,
    BulkRun,
    Case,
    CaseEvent,
    Law,
    Move,
    Obstacle,
    Outreach,
    OutreachHousehold,
)
from gpmb.clearance.moves import Alike, alike, void_many, write_moves
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.law.regimes import Facts, Regime, regime_of, regime_on
from gpmb.many import among, update_many
from gpmb.reference.models import ObstacleCause

Verdict = BulkRow.Verdict


@dataclass(frozen=True)
class Judgement:
    """What a change would do to one case, in words."""

    verdict: str
    was: str = ""
    becomes: str = ""
    why: str = ""

    def as_kept(self) -> tuple[str, str, str, str]:
        """Its parts, as long as a `BulkRow` holds them."""
        return self.verdict, self.was[:200], self.becomes[:200], self.why[:500]


Made = Mapping[int, Mapping[str, Any]]
"""Case → its `version` after it was written, and what an undo of it needs."""


@dataclass
class Change(ABC):
    """One kind of change with its values; `on` is the data date, `by` who makes it."""

    values: Mapping[str, Any]
    on: dt.date
    by: User
    watches_case: ClassVar[bool] = True  # whether any change of the case since stops its undo

    @abstractmethod
    def describe(self) -> str:
        """The change in one sentence."""

    @abstractmethod
    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        """Say what becomes of each case, by primary key, those alike together. Nothing is
        written."""

    @abstractmethod
    def write(self, keys: Sequence[int], reason: str) -> Made:
        """Write some of the cases judged `CHANGES`, all locked since."""

    @abstractmethod
    def take_back(self, made: Made, on: dt.date, by: User, reason: str) -> None:
        """Undo what was written of locked cases that didn't change since."""

    def moved_since(self, made: Made) -> dict[int, str]:
        """Return case → why its undo must be skipped, beyond the case's own version."""
        return {}


def step_words(case: Case, on: dt.date) -> str:
    """The step a case stands at, in the words of the law it stands under."""
    return steps.label(case.step, _regime(case, on))


def _regime(case: Case, on: dt.date) -> Regime:
    facts = Facts(
        notice_on=case.notice_on,
        approval_on=case.approval_on,
        recovery_on=case.recovery_on,
        override=Regime(case.regime_override) if case.regime_override else None,
    )
    return regime_of(facts, case.stepped_on or on)


def regimes_of(cases: QuerySet[Case], on: dt.date) -> Counter[Regime]:
    """How many cases stand under each law."""
    dates = ["notice_on", "approval_on", "recovery_on", "stepped_on", "regime_override"]
    found: Counter[Regime] = Counter()
    for row in cases.order_by().values(*dates).annotate(n=Count("pk")):
        count = row.pop("n")
        found[_regime(Case(**row), on)] += count
    return found


# The paper that usually proves a step; a decision for the others.
PAPERS = {
    "notice": Document.Kind.NOTICE,
    "inventory": Document.Kind.MINUTES,
    "posting": Document.Kind.MINUTES,
    "consultation": Document.Kind.MINUTES,
    "dialogue": Document.Kind.MINUTES,
    "appraisal": Document.Kind.SUBMISSION,
    "payment": Document.Kind.RECEIPT,
    "deposit": Document.Kind.RECEIPT,
    "persuasion_inventory": Document.Kind.MINUTES,
    "persuasion_handover": Document.Kind.MINUTES,
    "handover": Document.Kind.MINUTES,
}


@dataclass
class StepChange(Change):
    """Record one step on one day by one paper: `step`, `on` (ISO), `number`."""

    decided: list[Alike] = field(default_factory=list)
    talks: dict[int, Outreach] = field(default_factory=dict)

    @cached_property
    def law(self) -> Law:
        return Law.read()

    @cached_property
    def move(self) -> Move:
        on = dt.date.fromisoformat(self.values["on"])
        number = self.values["number"]
        known = Document.objects.filter(number=number, signed_on=on).order_by("pk").first()
        kind = PAPERS.get(self.values["step"], Document.Kind.DECISION)
        paper = known or Document(number=number, signed_on=on, kind=kind)
        return Move(self.values["step"], on, self.by, paper)

    def describe(self) -> str:
        label = steps.label(self.move.to, regime_on(self.move.on))
        return f"Ghi bước “{label}” ngày {self.move.on:%d/%m/%Y}, văn bản {self.values['number']}"

    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        handover_on = self.move.on if self.move.to == "handover" else None
        self.decided = alike(keys, handover_on=handover_on)
        told: dict[int, Judgement] = {}
        for group in self.decided:
            was = step_words(group.first, self.on)
            group.decide(self.move, self.law)
            if group.refused is not None:
                why = f"{group.refused.reason} {group.refused.first}".strip()
                judged = Judgement(Verdict.REFUSED, was, why=why)
            else:
                judged = Judgement(Verdict.CHANGES, was, self._becomes(group.first))
            told |= dict.fromkeys(group.keys, judged)
        return told

    def _becomes(self, case: Case) -> str:
        regime = _regime(case, self.on)
        words = f"{steps.label(self.move.to, regime)} {self.move.on:%d/%m/%Y}"
        if self.move.to in KIND_OF_STEP:
            words += "; kèm cuộc vận động, ý kiến từng hộ ghi sau"
        if case.next_step:
            words += f"; tiếp theo {steps.label(case.next_step, regime)}"
            if case.due_on:
                words += f", hạn {case.due_on:%d/%m/%Y}"
        return words

    def write(self, keys: Sequence[int], reason: str) -> Made:
        paper = self.move.document
        if paper is not None and paper.pk is None:
            paper.save()
        for group in self.decided:
            for event in group.events:
                event.document, event.reason = paper, reason
        portion = set(keys)
        versions, made = write_moves([group.within(portion) for group in self.decided])
        if self.move.to in KIND_OF_STEP:
            self._talk(made)
        return {case: {"version": versions[case], "events": made[case]} for case in made}

    def _talk(self, made: Mapping[int, Sequence[int]]) -> None:
        """A persuasion is a talk as well: one for each project, its households with their step."""
        cases = _cases(list(made))
        for project in {case.project_id for case in cases} - self.talks.keys():
            self.talks[project] = Outreach.objects.create(
                project_id=project,
                kind=KIND_OF_STEP[self.move.to],
                on=self.move.on,
                participants=[Outreach.Participant.CENTRE, Outreach.Participant.WARD],
                explained=f"Theo biên bản {self.values['number']}.",
                document=self.move.document,
                recorded_by=self.by,
            )
        OutreachHousehold.objects.bulk_create(
            OutreachHousehold(
                outreach=self.talks[case.project_id],
                case=case,
                answer=OutreachHousehold.Answer.UNRECORDED,
                event_id=made[case.pk][0],
            )
            for case in cases
        )

    def take_back(self, made: Made, on: dt.date, by: User, reason: str) -> None:
        keys = [key for undo in made.values() for key in undo["events"]]
        if self.move.to in KIND_OF_STEP:
            Outreach.objects.let_go(keys, reason=reason)
        events = CaseEvent.objects.living().filter(pk=among(keys)).order_by("pk")
        void_many(list(made), events, on=on, by=by, reason=reason, law=self.law)


@dataclass
class _ColumnChange(Change):
    """Set one foreign key of the cases."""

    column: ClassVar[str]

    def _same(self, case: Case, wanted: int | None) -> bool:
        return bool(getattr(case, self.column) == wanted)

    def write(self, keys: Sequence[int], reason: str) -> Made:
        cases = _cases(keys)
        before = {case.pk: getattr(case, self.column) for case in cases}
        for case in cases:
            setattr(case, self.column, self.values[self.column])
        versions = update_many(cases, [self.column])
        return {
            pk: {"version": version, self.column: before[pk]} for pk, version in versions.items()
        }

    def take_back(self, made: Made, on: dt.date, by: User, reason: str) -> None:
        cases = _cases(list(made))
        for case in cases:
            setattr(case, self.column, made[case.pk][self.column])
        update_many(cases, [self.column])


@dataclass
class OfficerChange(_ColumnChange):
    """Give the cases to one officer, or to nobody: `officer_id`."""

    column: ClassVar[str] = "officer_id"

    @cached_property
    def officer(self) -> User | None:
        key = self.values["officer_id"]
        return User.objects.get(pk=key) if key else None

    @cached_property
    def assigned(self) -> set[int]:
        """The projects the officer works on."""
        if self.officer is None:
            return set()
        return set(
            Assignment.objects.current(on=self.on)
            .filter(user=self.officer)
            .values_list("project_id", flat=True)
        )

    def describe(self) -> str:
        return f"Giao cho {self.officer}" if self.officer else "Bỏ cán bộ thụ lý"

    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        cases = _cases(keys)
        names = User.objects.in_bulk({case.officer_id for case in cases if case.officer_id})
        told = {}
        for case in cases:
            was = str(names[case.officer_id]) if case.officer_id else "chưa giao"
            becomes = str(self.officer) if self.officer else "chưa giao"
            if self._same(case, self.values["officer_id"]):
                told[case.pk] = Judgement(Verdict.SAME, was, why="Đã giao như vậy.")
            elif self.officer and case.project_id not in self.assigned:
                why = (
                    f"{self.officer} chưa được phân công dự án của hồ sơ này. "
                    "Đề nghị quản trị viên phân công trước."
                )
                told[case.pk] = Judgement(Verdict.REFUSED, was, why=why)
            else:
                told[case.pk] = Judgement(Verdict.CHANGES, was, becomes)
        return told


@dataclass
class BatchChange(_ColumnChange):
    """Put the cases into one batch of their project, or into none: `batch_id`."""

    column: ClassVar[str] = "batch_id"

    @cached_property
    def batch(self) -> Batch | None:
        key = self.values["batch_id"]
        return Batch.objects.select_related("project").get(pk=key) if key else None

    def describe(self) -> str:
        if self.batch is None:
            return "Bỏ khỏi đợt thu hồi"
        return f"Xếp vào {self.batch} của dự án {self.batch.project.code}"

    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        cases = _cases(keys)
        batches = Batch.objects.in_bulk({case.batch_id for case in cases if case.batch_id})
        told = {}
        for case in cases:
            was = str(batches[case.batch_id]) if case.batch_id else "chưa xếp đợt"
            becomes = str(self.batch) if self.batch else "chưa xếp đợt"
            if self._same(case, self.values["batch_id"]):
                told[case.pk] = Judgement(Verdict.SAME, was, why="Đã ở đợt này.")
            elif self.batch and case.project_id != self.batch.project_id:
                code = self.batch.project.code
                why = f"{self.batch} là đợt của dự án {code}, hồ sơ thuộc dự án khác."
                told[case.pk] = Judgement(Verdict.REFUSED, was, why=why)
            else:
                told[case.pk] = Judgement(Verdict.CHANGES, was, becomes)
        return told


def _cases(keys: Sequence[int]) -> list[Case]:
    """The cases with what a change of one column judges them by, in the order of their keys."""
    rows = Case.objects.filter(pk=among(keys)).order_by("pk")
    return list(rows.only("project_id", "officer_id", "batch_id", "version"))


def _stuck(keys: Sequence[int], cause: int, on: dt.date) -> dict[int, list[Obstacle]]:
    """Open obstacles of one cause by case."""
    found: dict[int, list[Obstacle]] = {}
    rows = Obstacle.objects.open(on=on).filter(case=among(keys), cause=cause).order_by("pk")
    for row in rows.defer("area").select_for_update(of=("self",)):
        found.setdefault(row.case_id or 0, []).append(row)
    return found


@dataclass
class ObstacleChange(Change):
    """Record the same obstacle on each case: `cause_id`, `opened_on`, `due_on` (ISO or ""),
    `owner_id`, `description`. A case already stuck for that cause stays as it is."""

    watches_case: ClassVar[bool] = False

    @cached_property
    def cause(self) -> ObstacleCause:
        return ObstacleCause.objects.get(pk=self.values["cause_id"])

    @cached_property
    def owner(self) -> Organisation | None:
        key = self.values.get("owner_id")
        return Organisation.objects.get(pk=key) if key else None

    @cached_property
    def opened_on(self) -> dt.date:
        return dt.date.fromisoformat(self.values["opened_on"])

    def describe(self) -> str:
        return f"Ghi vướng mắc “{self.cause}” từ ngày {self.opened_on:%d/%m/%Y}"

    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        stuck = _stuck(keys, self.cause.pk, self.on)
        told = {}
        for key in keys:
            if key in stuck:
                since = f"{stuck[key][0].opened_on:%d/%m/%Y}"
                why = f"Đã có vướng mắc này từ ngày {since}."
                told[key] = Judgement(Verdict.SAME, str(self.cause), why=why)
            else:
                told[key] = Judgement(Verdict.CHANGES, "", f"vướng: {self.cause}")
        return told

    def write(self, keys: Sequence[int], reason: str) -> Made:
        cases = _cases(keys)
        due = self.values.get("due_on")
        made = Obstacle.objects.bulk_create(
            Obstacle(
                project_id=case.project_id,
                case=case,
                cause=self.cause,
                description=self.values.get("description") or reason,
                owner=self.owner,
                opened_on=self.opened_on,
                due_on=dt.date.fromisoformat(due) if due else None,
            )
            for case in cases
        )
        return {
            case.pk: {"version": case.version, "obstacles": [[row.pk, row.version]]}
            for case, row in zip(cases, made, strict=True)
        }

    def moved_since(self, made: Made) -> dict[int, str]:
        return _obstacles_moved(made)

    def take_back(self, made: Made, on: dt.date, by: User, reason: str) -> None:
        """A wrongly recorded obstacle goes: nothing hangs on it, and its history stays."""
        Obstacle.objects.filter(pk=among(_obstacles(made))).delete()


@dataclass
class ObstacleClosedChange(Change):
    """Settle the open obstacles of one cause: `cause_id`, `closed_on` (ISO), `close_note`."""

    watches_case: ClassVar[bool] = False
    found: dict[int, list[Obstacle]] = field(default_factory=dict)

    @cached_property
    def cause(self) -> ObstacleCause:
        return ObstacleCause.objects.get(pk=self.values["cause_id"])

    @cached_property
    def closed_on(self) -> dt.date:
        return dt.date.fromisoformat(self.values["closed_on"])

    def describe(self) -> str:
        return f"Giải quyết xong vướng mắc “{self.cause}” ngày {self.closed_on:%d/%m/%Y}"

    def judge(self, keys: Sequence[int]) -> dict[int, Judgement]:
        self.found = _stuck(keys, self.cause.pk, self.on)
        told = {}
        for key in keys:
            rows = self.found.get(key)
            was = f"vướng: {self.cause}"
            if not rows:
                why = "Không có vướng mắc này đang mở."
                told[key] = Judgement(Verdict.SAME, why=why)
            elif max(row.opened_on for row in rows) > self.closed_on:
                since = max(row.opened_on for row in rows)
                why = f"Vướng mắc phát sinh ngày {since:%d/%m/%Y}, sau ngày giải quyết xong đã gõ."
                told[key] = Judgement(Verdict.REFUSED, was, why=why)
            else:
                becomes = f"xong ngày {self.closed_on:%d/%m/%Y}"
                told[key] = Judgement(Verdict.CHANGES, was, becomes)
        return told

    def write(self, keys: Sequence[int], reason: str) -> Made:
        rows = [row for key in keys for row in self.found[key]]
        for row in rows:
            row.closed_on = self.closed_on
            row.close_note = self.values.get("close_note") or reason
        versions = update_many(rows, ["closed_on", "close_note"])
        return {
            case.pk: {
                "version": case.version,
                "obstacles": [[row.pk, versions[row.pk]] for row in self.found[case.pk]],
            }
            for case in _cases(keys)
        }

    def moved_since(self, made: Made) -> dict[int, str]:
        return _obstacles_moved(made)

    def take_back(self, made: Made, on: dt.date, by: User, reason: str) -> None:
        closed = Obstacle.objects.filter(pk=among(_obstacles(made)))
        closed.update(closed_on=None, close_note="")


def _obstacles(made: Made) -> dict[int, int]:
    """The obstacles a run wrote, with the version it left them at."""
    return {key: version for undo in made.values() for key, version in undo["obstacles"]}


def _obstacles_moved(made: Made) -> dict[int, str]:
    """Cases whose obstacles were edited or removed since the run wrote them."""
    rows = Obstacle.objects.filter(pk=among(_obstacles(made)))
    now = dict(rows.select_for_update(of=("self",)).values_list("pk", "version"))
    return {
        case: "Vướng mắc đã được sửa sau lần ghi này."
        for case, undo in made.items()
        if any(now.get(key) != version for key, version in undo["obstacles"])
    }


CHANGES: dict[str, type[Change]] = {
    BulkRun.Kind.STEP: StepChange,
    BulkRun.Kind.OFFICER: OfficerChange,
    BulkRun.Kind.BATCH: BatchChange,
    BulkRun.Kind.OBSTACLE: ObstacleChange,
    BulkRun.Kind.OBSTACLE_CLOSED: ObstacleClosedChange,
}


def change_of(run: BulkRun, on: dt.date) -> Change:
    """The change of a run, as its maker asked for it."""
    return CHANGES[run.kind](run.change, on, run.by)
