"""A bulk change from choice to undo: choose → preview → write → receipt → undo.

`write` and `undo` are one transaction each, whatever the number of cases. A big run is carried
out by a thread (`begin`) that tells its progress on a connection of its own, since nobody sees
inside a transaction; a run whose thread died is found by the lock that died with it (`recover`).
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pghistory
from django.db import connection, connections, transaction
from django.db.models import Value
from django.utils import timezone

from gpmb import collector
from gpmb.accounts.models import User
from gpmb.clearance.bulk_changes import Change, Judgement, Made, change_of
from gpmb.clearance.models import BulkRow, BulkRun, Case
from gpmb.clearance.models.case import CaseQuerySet
from gpmb.many import among, insert_from, update_alike

PORTION = 2000
"""Cases written between two tellings of the progress."""
MOST = 20_000
"""Cases one run may hold."""
IN_THE_REQUEST = 200
"""Up to so many cases are written before the page answers: nothing to wait for."""
_GRACE = dt.timedelta(seconds=5)
_LOCK = 0x6B6C  # a number of our own among PostgreSQL's advisory locks

Verdict = BulkRow.Verdict
State = BulkRun.State
Tell = Callable[[int], None]
"""Called with how many cases are done."""

_NOT_MINE = Judgement(Verdict.REFUSED, why="Hồ sơ không còn thuộc dự án bạn phụ trách.")
_CHANGED = "Có người cập nhật hồ sơ này sau khi bạn xem trước: xem lại rồi ghi riêng."

logger = logging.getLogger(__name__)


class TooMany(ValueError):
    """More cases than one run may hold."""


@transaction.atomic
def choose(
    cases: CaseQuerySet, *, by: User, on: dt.date, selected_by: str, asked: int | None = None
) -> BulkRun:
    """Keep what was chosen: of `cases`, those `by` may edit. `asked`: how many were chosen, else
    as many as `cases` holds; the difference is told as left out.

    Raises `TooMany` above MOST.
    """
    every = cases.live(on=on)
    asked = every.values("pk").distinct().count() if asked is None else asked
    run = BulkRun.objects.create(by=by, selected_by=selected_by[:500])
    mine = Case.objects.editable_by(by, on=on).filter(pk__in=every.values("pk")).order_by("pk")
    rows = mine.annotate(of=Value(run.pk)).values_list("of", "pk", "version")[: MOST + 1]
    run.total = insert_from(BulkRow, ["run", "case", "version_before"], rows)
    if run.total > MOST:
        raise TooMany
    run.left_out = asked - run.total
    run.save(update_fields=["total", "left_out"])
    return run


@transaction.atomic
def preview(run: BulkRun, kind: str, values: dict[str, Any], *, on: dt.date) -> None:
    """Judge every chosen case by a change, and keep what would become of it."""
    run.kind, run.change, run.state = kind, values, State.PREVIEWED
    change = change_of(run, on)
    run.described = change.describe()[:500]
    with collector.paused():
        rows = list(run.rows.order_by("case").values_list("pk", "case", "case__version"))
        mine = set(_mine(run.by, on, [case for _, case, _ in rows]).values_list("pk", flat=True))
        told = change.judge([case for _, case, _ in rows if case in mine])
        said = _Said("version_before", "verdict", "was", "becomes", "why")
        for row, case, version in rows:
            judged = told[case] if case in mine else _NOT_MINE
            said.of(row, version, *judged.as_kept())
        said.save()
    run.save(update_fields=["kind", "change", "state", "described"])


def write(run: BulkRun, *, on: dt.date, tell: Tell = lambda done: None) -> None:
    """Write what the preview said, in one transaction; the run must be claimed (RUNNING).

    A case changed since the preview, or no longer one's own, is refused and said; so is one the
    law refuses now. Anything unforeseen writes nothing.
    """
    with _transaction(run, run.by, run.reason), collector.paused():
        change = change_of(run, on)
        rows = _rows(run)
        versions = _locked(run.by, on, rows)
        refused = _Said("verdict", "why")
        for case, (row, version) in rows.items():
            if case not in versions:
                refused.of(row, Verdict.REFUSED, _NOT_MINE.why)
            elif versions[case] != version:
                refused.of(row, Verdict.REFUSED, _CHANGED)
        judged = change.judge([case for case in rows if versions.get(case) == rows[case][1]])
        ready = [case for case, told in judged.items() if told.verdict == Verdict.CHANGES]
        for case, told in judged.items():
            if told.verdict != Verdict.CHANGES:
                refused.of(rows[case][0], told.verdict, told.why[:500])
        refused.save()
        done = run.total - len(ready)
        for portion in _portions(ready):
            run.receipts.create(made=change.write(portion, run.reason))
            done += len(portion)
            tell(done)
        run.state, run.on, run.finished_at = State.WRITTEN, on, timezone.now()
        run.save(update_fields=["state", "on", "finished_at"])


def undo(run: BulkRun, *, on: dt.date, tell: Tell = lambda done: None) -> None:
    """Take back what the run wrote, in one transaction; the run must be claimed (UNDOING).

    Steps are voided, other values return; a case that changed since is kept as it is, and said.
    """
    by = run.undone_by or run.by
    with _transaction(run, by, run.undo_reason), collector.paused():
        change = change_of(run, on)
        rows = _rows(run)
        versions = _locked(by, on, rows)
        done = run.total - len(rows)
        for receipt in run.receipts.order_by("-pk").iterator(chunk_size=1):
            made = {int(case): undo for case, undo in receipt.made.items()}
            _undo_portion(change, made, rows, versions, on, by, run.undo_reason)
            done += len(made)
            tell(done)
        run.state, run.undone_at = State.UNDONE, timezone.now()
        run.save(update_fields=["state", "undone_at"])


def begin(run: BulkRun, work: Callable[..., None], *, on: dt.date) -> None:
    """Carry out a claimed run: a small one now, a big one by a thread."""
    if run.total <= IN_THE_REQUEST:
        carry_out(run, work, on=on)
        return
    thread = threading.Thread(
        target=_in_thread, args=(run.pk, work, on), name=f"bulk-{run.pk}", daemon=True
    )
    # Not before it can see that the run is claimed.
    transaction.on_commit(thread.start)


def carry_out(
    run: BulkRun, work: Callable[..., None], *, on: dt.date, tell: Tell = lambda done: None
) -> None:
    """Do the work; if it fails, nothing is written and the run says so and can be tried again."""
    try:
        work(run, on=on, tell=tell)
    except Exception:  # whatever it was, the run must not stay busy; the log has the rest
        logger.exception("bulk run %s failed", run.pk)
        _give_back(
            run,
            "Lỗi khi ghi vào cơ sở dữ liệu: chưa ghi gì. Thử lại; nếu vẫn lỗi, báo quản trị viên.",
        )
    run.refresh_from_db()


def recover(run: BulkRun) -> None:
    """Give a busy run back when nobody carries it out: its server was stopped half-way."""
    if not run.busy or run.started_at is None or timezone.now() - run.started_at < _GRACE:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _lock_of(run))
        alone = cursor.fetchone()[0]
        if alone:
            _give_back(run, "Máy chủ dừng giữa chừng: chưa ghi gì. Hãy làm lại.")
    run.refresh_from_db()


def _in_thread(pk: int, work: Callable[..., None], on: dt.date) -> None:
    try:
        run = BulkRun.objects.select_related("by", "undone_by").get(pk=pk)
        with _telling(run) as tell:
            carry_out(run, work, on=on, tell=tell)
    finally:
        connections.close_all()


@contextmanager
def _telling(run: BulkRun) -> Iterator[Tell]:
    """Write progress by a second connection, where the page that polls can see it."""
    with closing(connection.copy()) as aside:

        def tell(done: int) -> None:
            with aside.cursor() as cursor:
                cursor.execute(
                    "UPDATE clearance_bulkrun SET done = %s WHERE id = %s", [done, run.pk]
                )

        yield tell


@contextmanager
def _transaction(run: BulkRun, by: User, reason: str) -> Iterator[None]:
    """One transaction whose history says who, why and by which run; held by the run's lock."""
    with (
        pghistory.context(user=by.pk, reason=reason, bulk_run=run.pk),
        transaction.atomic(),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _lock_of(run))
        yield


def _lock_of(run: BulkRun) -> list[int]:
    return [_LOCK, run.pk % 2**31]


def _give_back(run: BulkRun, trouble: str) -> None:
    back = {State.RUNNING: State.PREVIEWED, State.UNDOING: State.WRITTEN}
    for busy, before in back.items():
        BulkRun.objects.filter(pk=run.pk, state=busy).update(
            state=before, trouble=trouble, done=0, undo_reason=""
        )


def _mine(by: User, on: dt.date, cases: Collection[int]) -> CaseQuerySet:
    return Case.objects.editable_by(by, on=on).live(on=on).filter(pk=among(cases))


def _locked(by: User, on: dt.date, cases: Collection[int]) -> dict[int, int]:
    """Lock every one of the cases that `by` may edit, in one order; return their versions.

    All before the first write: two runs over the same cases wait for each other here, where
    neither holds what the other needs.
    """
    mine = _mine(by, on, cases).order_by("pk")
    return dict(mine.select_for_update(of=("self",), no_key=True).values_list("pk", "version"))


def _rows(run: BulkRun) -> dict[int, tuple[int, int]]:
    """The run's rows that change: case → (row key, the version it was judged at)."""
    found = run.rows.filter(verdict=Verdict.CHANGES).order_by("case")
    return {case: (row, at) for case, row, at in found.values_list("case", "pk", "version_before")}


class _Said:
    """What is to be written to rows: thousands are told the same few things."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        self.rows: dict[tuple[Any, ...], list[int]] = {}

    def of(self, row: int, *values: Any) -> None:
        self.rows.setdefault(values, []).append(row)

    def save(self) -> None:
        told = (dict(zip(self.fields, values, strict=True)) for values in self.rows)
        update_alike(
            [
                (BulkRow(**values), rows)
                for values, rows in zip(told, self.rows.values(), strict=True)
            ],
            self.fields,
        )


def _portions(cases: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(cases), PORTION):
        yield cases[start : start + PORTION]


def _undo_portion(
    change: Change,
    made: Made,
    rows: dict[int, tuple[int, int]],
    versions: dict[int, int],
    on: dt.date,
    by: User,
    reason: str,
) -> None:
    moved = change.moved_since(made)
    said = _Said("verdict", "why")
    back = {}
    for case, undo in made.items():
        if case not in versions:
            said.of(rows[case][0], Verdict.KEPT, _NOT_MINE.why)
        elif change.watches_case and versions[case] != undo["version"]:
            said.of(rows[case][0], Verdict.KEPT, "Hồ sơ đã thay đổi sau lần ghi này.")
        elif case in moved:
            said.of(rows[case][0], Verdict.KEPT, moved[case])
        else:
            back[case] = undo
    change.take_back(back, on, by, reason)
    said.save()
