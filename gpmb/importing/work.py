"""The steps of an upload, in the request when it is small, in a thread when it is long.

The working thread works; a second one, with a connection of its own, writes every second how far
it is: that row is seen while the import's transaction is still open, and its beat tells a work
that is long from one that stopped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from geo.files import FileError
from gpmb.importing import understanding, wizard
from gpmb.importing.attempt import sha256
from gpmb.importing.examples import words_of
from gpmb.importing.findings import (
    KEPT_PER_CODE,
    Progress,
    Question,
    Report,
    Severity,
    WrongUsage,
    on_screen,
)
from gpmb.importing.grid import NotAList
from gpmb.importing.lists.land import UNKNOWN_PARCEL
from gpmb.importing.lists.understood import ListSheet
from gpmb.importing.mappings import saved_for
from gpmb.importing.models import Upload
from gpmb.importing.survey.spatial import settle_unit
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.tables.sheet import TableSheet
from gpmb.importing.target_sheet import TargetSheet

log = logging.getLogger(__name__)
State = Upload.State
AT_ONCE_BYTES = 200_000
"""A file up to this size is worked on within the request."""
AT_ONCE_TABLE_BYTES = 15_000
"""Of a table whose rows are written one by one: some two hundred rows."""
BEAT_SECONDS = 0.7
SHOWN_ROWS = 500
"""Refused rows shown with their cells."""
SHOWN_WARNINGS = 20
"""Rows of a warning that are named."""
_STALE = "Số liệu trong phần mềm vừa đổi: chưa ghi gì. Xem lại bảng dưới rồi xác nhận lần nữa."
_BROKEN = (
    "Gặp lỗi ngoài dự kiến, không ghi gì. Thử lại; nếu vẫn lỗi thì báo quản trị viên kèm tên tệp."
)


def start(upload: Upload, work: Callable[[Upload, Progress], None]) -> None:
    """Do `work` now, or in the background when the file is long. The state is claimed before."""
    one_by_one = upload.kind in TABLES
    if upload.file.size <= (AT_ONCE_TABLE_BYTES if one_by_one else AT_ONCE_BYTES):
        _guarded(upload, work, lambda what, done, total: None)
        return
    threading.Thread(target=_in_background, args=(upload.pk, work), daemon=True).start()


def _in_background(pk: int, work: Callable[[Upload, Progress], None]) -> None:
    try:
        with Pulse(pk) as pulse:
            _guarded(Upload.objects.select_related("project", "by").get(pk=pk), work, pulse.tell)
    finally:
        connection.close()


def _guarded(upload: Upload, work: Callable[[Upload, Progress], None], progress: Progress) -> None:
    try:
        work(upload, progress)
    except Exception:
        log.exception("import %s", upload.pk)
        _settle(upload, State.FAILED, message=_BROKEN)


class Pulse:
    """Tells the page how far the work is, and that it lives."""

    def __init__(self, pk: int) -> None:
        self.pk, self._now, self._stop = pk, ("", 0, 0), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def tell(self, what: str, done: int, total: int) -> None:
        self._now = (what, done, total)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT_SECONDS):
                what, done, total = self._now
                Upload.objects.filter(pk=self.pk).update(
                    doing=what[:60], done=done, total=total, beat_at=timezone.now()
                )
        finally:
            connection.close()


# The steps


def look(upload: Upload, progress: Progress) -> None:
    """Say what the file holds; with nothing left to ask, check it at once."""
    progress("Mở tệp", 0, 0)
    try:
        upload.understood = understanding.understand(upload)
        if not upload.answers.get("columns") and not upload.answers.get("fresh"):
            saved = saved_for(upload.by, upload.kind, upload.understood)
            if saved is not None:
                upload.answers["columns"] = saved.answers
                upload.understood = understanding.understand(upload)
                day = timezone.localtime(saved.saved_at)
                upload.understood["saved"] = [str(saved.by), f"{day:%d/%m/%Y}"]
    except (NotAList, FileError, WrongUsage, Question) as error:
        upload.understood = {"may_recover": "--recover" in str(error)}
        _settle(upload, State.FAILED, message=_reason(error))
        return
    _settle(upload, State.ASKING)


def check(upload: Upload, progress: Progress) -> None:
    """Run the import without writing: the preview, or the question that is still open."""
    try:
        upload.understood = {**understanding.understand(upload), "answered": True}
        if upload.understood["question"]:
            _settle(upload, State.ASKING)
            return
        report = wizard.run(upload, dry_run=True, progress=progress)
    except Question as question:
        upload.understood["question"] = understanding.asked(question)
        _settle(upload, State.ASKING)
        return
    except (NotAList, FileError, WrongUsage) as error:
        _settle(upload, State.FAILED, message=_reason(error))
        return
    upload.preview = preview(upload, report)
    _settle(upload, State.CHECKED)


def write(upload: Upload, progress: Progress, *, partial: bool) -> None:
    """Write what the preview showed; where it no longer holds, show it anew."""
    report = wizard.run(
        upload,
        dry_run=False,
        accept_partial=partial,
        agreed=upload.preview.get("counts"),
        progress=progress,
    )
    if report.applied:
        upload.run_id = report.run_id
        _settle(upload, State.DONE)
        return
    message = ""
    if report.stale:
        message = _STALE
        report = wizard.run(upload, dry_run=True, progress=progress)
    upload.preview = preview(upload, report)
    _settle(upload, State.CHECKED, message=message)


def preview(upload: Upload, report: Report) -> dict[str, Any]:
    """The report as the page shows it: counts, rows that change, refused rows by cell."""
    errors = [f for f in report.findings if f.severity is Severity.ERROR]
    refused: dict[int, list[list[str]]] = {}
    for finding in errors:
        if finding.row is not None:
            refused.setdefault(finding.row, []).append(
                [finding.column or "", on_screen(finding.message)]
            )
    rows = sorted(refused)[:SHOWN_ROWS]
    warnings: dict[str, list[Any]] = {}
    for finding in report.findings:
        if finding.severity is Severity.WARNING:
            warnings.setdefault(finding.code, []).append(finding)
    return {
        **{key: value for key, value in report.as_json().items() if key != "findings"},
        "counts": report.counts,
        "sha256": sha256(upload.path),
        "file_errors": [on_screen(f.message) for f in errors if f.row is None],
        "doubt": _doubt(upload, report),
        "refused_rows": [
            {"row": row, "errors": refused[row], "cells": cells}
            for row, cells in zip(rows, _cells(upload, rows), strict=True)
        ],
        "shown": [[s.row, s.what, s.label, list(map(list, s.fields))] for s in report.shown],
        "warnings": [
            {
                "message": on_screen(found[0].message),
                "count": len(found),
                "rows": [f.row for f in found if f.row is not None][:SHOWN_WARNINGS],
                "each": [[f.row, on_screen(f.message)] for f in found[:SHOWN_WARNINGS]]
                if len({f.message for f in found}) > 1
                else [],
            }
            for found in warnings.values()
        ],
    }


def _doubt(upload: Upload, report: Report) -> str:
    """What a list most of whose parcels are unknown makes one think of; else nothing."""
    unknown = {f.row for f in report.findings if f.code == UNKNOWN_PARCEL}
    if upload.project is None or 2 * len(unknown) <= min(report.read, KEPT_PER_CODE):
        return ""
    unit = settle_unit(upload.project, upload.answers.get("unit", ""))
    return (
        f"Phần lớn thửa của danh sách không có ở {unit} trong phần mềm. Nếu chọn nhầm dự án hoặc "
        "xã, phường thì bỏ tệp rồi chọn lại; nếu chưa có bản đồ thì nhập tệp đo đạc của dự án "
        "trước, rồi nhập danh sách này."
    )


def _cells(upload: Upload, rows: list[int]) -> list[list[list[str]]]:
    """The cells of refused rows by column title, of the columns that mean something."""
    if not rows or upload.kind not in wizard.SHOWS_CELLS:
        return [[] for _ in rows]
    sheet: ListSheet | TargetSheet | TableSheet
    if upload.kind == wizard.Kind.TARGETS:
        sheet = understanding.target_sheet_of(upload)
    elif upload.kind in TABLES:
        sheet = understanding.table_sheet_of(upload)
    else:
        sheet = understanding.list_sheet_of(upload)
    by_row = {row.number: row for row in sheet.rows}
    columns = [column for column in sheet.columns if column.field]
    return [
        [
            [
                column.title,
                words_of(by_row[row].cells[column.index])
                if row in by_row and column.index < len(by_row[row].cells)
                else "",
            ]
            for column in columns
        ]
        for row in rows
    ]


def _settle(upload: Upload, state: str, *, message: str = "") -> None:
    upload.state, upload.message, upload.doing = state, message, ""
    upload.save(
        update_fields=[
            "state", "message", "doing", "answers", "understood", "preview", "run",
        ]
    )  # fmt: skip


def _reason(error: Exception) -> str:
    words = error.words if isinstance(error, Question) else str(getattr(error, "message", error))
    return on_screen(words)
