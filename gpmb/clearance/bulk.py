"""A bulk change from choice to undo: choose → preview → write → receipt → undo.

`write` and `undo` are one transaction each, whatever the number of cases. A big run is carried
out by a thread (`begin`) that tells its progress on a connection of its own, since nobody sees
inside a transaction; a run whose thread died is found by the lock that died with it (`recover`).
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pghistory
from django.db import connection, connections, transaction
from django.utils import timezone

from gpmb import collector
from gpmb.accounts.models import User
from gpmb.clearance.bulk_changes import Change, change_of
from gpmb.clearance.models import BulkRow, BulkRun, Case
from gpmb.clearance.models.case import CaseQuerySet
from gpmb.many import update_many

CHUNK = 5000
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
    mine = Case.objects.editable_by(by, on=on).filter(pk__in=every.values("pk")).order_by("pk")
    chosen = list(mine.values_list("pk", "version")[: MOST + 1])
    if len(chosen) > MOST:
        raise TooMany
    run = BulkRun.objects.create(
        by=by, selected_by=selected_by[:500], total=len(chosen), left_out=asked - len(chosen)
    )
    BulkRow.objects.bulk_create(
        BulkRow(run=run, case_id=case, version_before=version) for case, version in chosen
    )
    return run


@transaction.atomic
def preview(run: BulkRun, kind: str, values: dict[str, Any], *, on: dt.date) -> None:
    """Judge every chosen case by a change, and keep what would become of it."""
    run.kind, run.change, run.state = kind, values, State.PREVIEWED
    change = change_of(run, on)
    run.described = change.describe()[:500]
    mine = set(_mine(run.by, on).filter(bulk_rows__run=run).values_list("pk", flat=True))
    versions = dict(run.rows.values_list("case", "case__version"))
    for rows in _chunks(run, list(Verdict), unread=["undo"]):
        told = change.judge([row.case_id for row in rows if row.case_id in mine])
        for row in rows:
            row.version_before = versions[row.case_id]
            if row.case_id not in mine:
                _refuse(row, "Hồ sơ không còn thuộc dự án bạn phụ trách.")
                continue
            judged = told[row.case_id]
            row.verdict, row.why = judged.verdict, judged.why[:500]
            row.was, row.becomes = judged.was[:200], judged.becomes[:200]
        update_many(rows, ["version_before", "verdict", "was", "becomes", "why"])
    run.save(update_fields=["kind", "change", "state", "described"])


def write(run: BulkRun, *, on: dt.date, tell: Tell = lambda done: None) -> None:
    """Write what the preview said, in one transaction; the run must be claimed (RUNNING).

    A case changed since the preview, or no longer one's own, is refused and said; so is one the
    law refuses now. Anything unforeseen writes nothing.
    """
    with _transaction(run, run.by, run.reason):
        change = change_of(run, on)
        versions = _locked(run, run.by, on)
        done = 0
        for rows in _chunks(run, [Verdict.CHANGES], unread=["was", "becomes", "undo"]):
            _write_chunk(change, rows, versions, run.reason)
            done += len(rows)
            tell(done)
        run.state, run.on, run.finished_at = State.WRITTEN, on, timezone.now()
        run.save(update_fields=["state", "on", "finished_at"])


def undo(run: BulkRun, *, on: dt.date, tell: Tell = lambda done: None) -> None:
    """Take back what the run wrote, in one transaction; the run must be claimed (UNDOING).

    Steps are voided, other values return; a case that changed since is kept as it is, and said.
    """
    by = run.undone_by or run.by
    with _transaction(run, by, run.undo_reason):
        change = change_of(run, on)
        versions = _locked(run, by, on)
        done = 0
        for rows in _chunks(run, [Verdict.WRITTEN], unread=["was", "becomes"]):
            _undo_chunk(change, rows, versions, on, by, run.undo_reason)
            done += len(rows)
            tell(done)
        run.state, run.undone_at = State.UNDONE, timezone.now()
        run.save(update_fields=["state", "undone_at"])


def begin(run: BulkRun, work: Callable[..., None], *, on: dt.date) -> None:
    """Carry out a claimed run: a small one now, a big one by a thread."""
    if run.total <= IN_THE_REQUEST:
        carry_out(run, work, on=on)
        return
    threading.Thread(
        target=_in_thread, args=(run.pk, work, on), name=f"bulk-{run.pk}", daemon=True
    ).start()


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


def _mine(by: User, on: dt.date) -> CaseQuerySet:
    return Case.objects.editable_by(by, on=on).live(on=on)


def _locked(run: BulkRun, by: User, on: dt.date) -> dict[int, int]:
    """Lock every case of the run that `by` may edit, in one order; return their versions.

    All before the first write: two runs over the same cases wait for each other here, where
    neither holds what the other needs.
    """
    mine = _mine(by, on).filter(bulk_rows__run=run).order_by("pk")
    return dict(mine.select_for_update(of=("self",), no_key=True).values_list("pk", "version"))


def _chunks(
    run: BulkRun, verdicts: Sequence[str], *, unread: Sequence[str]
) -> Iterator[list[BulkRow]]:
    """The run's rows of some verdicts, in the order of their cases, without some columns."""
    found = BulkRow.objects.filter(run=run, verdict__in=verdicts).defer(*unread)
    last = 0
    while True:
        with collector.paused():
            rows = list(found.filter(case_id__gt=last).order_by("case_id")[:CHUNK])
            if not rows:
                return
            yield rows
        last = rows[-1].case_id


def _write_chunk(
    change: Change,
    rows: list[BulkRow],
    versions: dict[int, int],
    reason: str,
) -> None:
    fresh = []
    for row in rows:
        if row.case_id not in versions:
            _refuse(row, "Hồ sơ không còn thuộc dự án bạn phụ trách.")
        elif versions[row.case_id] != row.version_before:
            _refuse(
                row, "Có người cập nhật hồ sơ này sau khi bạn xem trước: xem lại rồi ghi riêng."
            )
        else:
            fresh.append(row)
    judged = change.judge([row.case_id for row in fresh])
    changing = [row for row in fresh if judged[row.case_id].verdict == Verdict.CHANGES]
    for row in fresh:
        row.verdict, row.why = judged[row.case_id].verdict, judged[row.case_id].why[:500]
    written = change.write([row.case_id for row in changing], reason)
    for row in changing:
        row.verdict = Verdict.WRITTEN
        row.version_after, row.undo = written[row.case_id].version, written[row.case_id].undo
    update_many(changing, ["verdict", "why", "version_after", "undo"])
    left = [row for row in rows if row.verdict != Verdict.WRITTEN]
    update_many(left, ["verdict", "why"])


def _undo_chunk(
    change: Change,
    rows: list[BulkRow],
    versions: dict[int, int],
    on: dt.date,
    by: User,
    reason: str,
) -> None:
    moved = change.moved_since(rows)
    back = []
    for row in rows:
        if row.case_id not in versions:
            row.why = "Hồ sơ không còn thuộc dự án bạn phụ trách."
        elif change.watches_case and versions[row.case_id] != row.version_after:
            row.why = "Hồ sơ đã thay đổi sau lần ghi này."
        elif row.pk in moved:
            row.why = moved[row.pk]
        else:
            back.append(row)
            continue
        row.verdict = Verdict.KEPT
    change.take_back(back, on, by, reason)
    for row in back:
        row.verdict = Verdict.UNDONE
    update_many(rows, ["verdict", "why"])


def _refuse(row: BulkRow, why: str) -> None:
    row.verdict, row.why = Verdict.REFUSED, why
