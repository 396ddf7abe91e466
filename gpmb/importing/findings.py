"""What an import has to say: findings row by row, a report that reconciles, exit codes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

KEPT_PER_CODE = 5000
"""Findings of one code kept in full; of the rest only the number, so that memory is bounded."""


KEPT_ROWS = 2000
"""Rows of a preview kept of each kind."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many rows of how many."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Exit(IntEnum):
    """Exit codes of the import commands."""

    DONE = 0
    """Applied, or a clean dry run."""
    REFUSED = 1
    WRONG_USAGE = 2
    ANSWER_NEEDED = 3


@dataclass(frozen=True)
class Finding:
    """One thing found: where, how bad, which kind, and in words what to do."""

    row: int | None
    """1 is the first feature; None concerns the whole file."""
    column: str | None
    severity: Severity
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column,
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
        }

    def __str__(self) -> str:
        where = "Tệp" if self.row is None else f"Dòng {self.row}"
        column = f", cột {self.column}" if self.column else ""
        kind = "LỖI" if self.severity is Severity.ERROR else "lưu ý"
        return f"{where}{column}: {kind} [{self.code}] {self.message}"


def on_screen(words: str) -> str:
    """A finding's words for a page: what is an option of the command is a field to choose.

    >>> on_screen("Nếu đúng, chạy lại với --crs EPSG:9211.")
    'Nếu đúng, chọn hệ tọa độ EPSG:9211.'
    """
    words = words.replace("; hoặc chạy lại với --recover", "")
    words = words.replace("chạy lại với --encoding", "chọn bảng mã khác")
    words = words.replace("đọc theo --crs EPSG:", "đọc theo hệ tọa độ đã chọn EPSG:")
    words = words.replace("chạy lại với --sheet", "chọn ở ô Trang tính")
    return words.replace("chạy lại với --crs EPSG:", "chọn hệ tọa độ EPSG:")


@dataclass(frozen=True)
class Shown:
    """One row of a preview: what it creates, or changes from what to what, in words."""

    row: int
    what: str
    """"created" or "changed"."""
    label: str
    fields: Sequence[tuple[str, str, str]] = ()
    """Name, before, after."""


class Question(Exception):
    """An answer is needed before anything can be read: which option gives it, likely values."""

    def __init__(self, code: str, message: str, option: str, choices: list[str]) -> None:
        likely = f" Giá trị có thể: {', '.join(choices)}." if choices else ""
        super().__init__(f"{message} Trả lời bằng {option}.{likely}")
        self.code = code
        self.words = message
        self.option = option
        self.choices = choices
        self.report: Report | None = None
        """What was found before the question arose."""


class WrongUsage(Exception):
    """An option that names nothing: unknown project, unit, column, coordinate system."""


@dataclass
class Report:
    """The outcome of an import. Rows accepted = created + changed + unchanged, always."""

    refused: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    applied: bool = False
    stale: bool = False
    """What would be written is no longer what was agreed to."""
    findings: list[Finding] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    """What new and changed rows become, the first `KEPT_ROWS` of each; for a preview only."""
    by_row: dict[int, list[str]] = field(default_factory=dict)
    """The errors of every refused row of a list, for the workbook that goes back."""
    run_id: int | None = None
    """Of the `ImportRun` that was applied."""
    errors: int = 0
    """How many errors were said of rows of a list."""
    _count: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def saved(self) -> int:
        return self.created + self.changed + self.unchanged

    @property
    def read(self) -> int:
        return self.saved + self.refused

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.created, self.changed, self.unchanged, self.refused

    def keep_to(self, agreed: Sequence[int] | None) -> None:
        """Refuse to write anything else than what was shown and agreed to."""
        if agreed is not None and tuple(agreed) != self.counts:
            self.went_stale()

    def went_stale(self) -> None:
        """Say that what was shown and agreed to no longer stands: nothing is written."""
        self.error(
            "changed_since_preview",
            "Số liệu trong phần mềm đã đổi từ lúc xem trước, kết quả không còn như đã xem: "
            "chưa ghi gì. Xem lại rồi xác nhận lần nữa.",
        )
        self.stale = True

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def file_refused(self) -> bool:
        """Whether an error concerns the whole file: then no row of it is written."""
        return any(f.row is None and f.severity is Severity.ERROR for f in self.findings)

    def refuse(self, code: str, message: str, row: int, column: str = "") -> None:
        """An error of a list's row, kept however many there are."""
        self.errors += 1
        self.error(code, message, row, column)
        self.by_row.setdefault(row, []).append(f"{column}: {message}" if column else message)

    def refuse_together(self, rows: Sequence[int]) -> None:
        """Count the rows of a refused household; those without a fault of their own say why."""
        self.refused += len(rows)
        faulty = [row for row in rows if row in self.by_row]
        for row in rows:
            if row not in self.by_row:
                self.refuse("household_refused", f"Cùng hộ với dòng {faulty[0]} bị từ chối.", row)

    def add(self, finding: Finding) -> None:
        self._count[finding.code] += 1
        if self._count[finding.code] <= KEPT_PER_CODE:
            self.findings.append(finding)

    def error(self, code: str, message: str, row: int | None = None, column: str = "") -> None:
        self.add(Finding(row, column or None, Severity.ERROR, code, message))

    def warning(self, code: str, message: str, row: int | None = None, column: str = "") -> None:
        self.add(Finding(row, column or None, Severity.WARNING, code, message))

    def has_room(self, what: str) -> bool:
        """Whether the preview still takes a row of this kind."""
        return self._count[f"shown {what}"] < KEPT_ROWS

    def show(self, shown: Shown) -> None:
        """Keep a row for the preview, as far as there is room."""
        if self.has_room(shown.what):
            self._count[f"shown {shown.what}"] += 1
            self.shown.append(shown)

    def close(self) -> None:
        """Sort by row, whole-file findings first, and say how many were left out."""
        for code, count in self._count.items():
            if count > KEPT_PER_CODE and not code.startswith("shown "):
                same = next(finding for finding in self.findings if finding.code == code)
                more = f"Còn {count - KEPT_PER_CODE} dòng nữa: {same.message}"
                self.findings.append(Finding(None, same.column, same.severity, code, more))
        self._count.clear()
        self.findings.sort(key=lambda finding: (finding.row or 0, finding.severity, finding.code))

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "refused": self.refused,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "saved": self.saved,
            "applied": self.applied,
            "findings": [finding.as_json() for finding in self.findings],
        }

    def write(self, path: Path) -> None:
        text = json.dumps(self.as_json(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def __str__(self) -> str:
        outcome = "Đã ghi" if self.applied else "Chưa ghi gì"
        return (
            f"{outcome}: đọc {self.read} = nhận {self.saved} (mới {self.created}, đổi "
            f"{self.changed}, giữ nguyên {self.unchanged}) + từ chối {self.refused}."
        )
