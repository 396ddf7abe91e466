"""What the import commands share: options, the progress bar, report, exit codes."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpmb.clearance.models import Project
from gpmb.importing.findings import Exit, Finding, Question, Report, Severity, WrongUsage

_SHOWN_PER_CODE = 5


def add_common_arguments(parser: ArgumentParser, *, spatial: bool = True) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    if spatial:
        parser.add_argument("--crs", default="", metavar="EPSG:n", help="hệ tọa độ của tệp")
        parser.add_argument("--encoding", default="", help="bảng mã chữ: tcvn3, utf-8, cp1258")
        parser.add_argument("--layer", default="", help="tên lớp, khi tệp có nhiều lớp")
    parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")
    parser.add_argument(
        "--accept-partial", action="store_true", help="ghi các dòng đúng dù có dòng bị từ chối"
    )
    parser.add_argument("--report", type=Path, metavar="out.json", help="ghi báo cáo JSON")


def add_list_arguments(parser: ArgumentParser) -> None:
    """What every list of cells may be told, and where its refused rows go."""
    add_common_arguments(parser, spatial=False)
    parser.add_argument(
        "--sheet",
        default="",
        metavar="TRANG",
        help="trang tính cần đọc, khi tệp có nhiều danh sách (không chọn: trang dài nhất)",
    )
    parser.add_argument("--with-hidden", action="store_true", help="đọc cả các dòng đang ẩn")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="cột=trường[:cách đọc]",
        help="cột nào là trường gì, số đọc thế nào: thousands, decimal, dmy, mdy",
    )
    parser.add_argument(
        "--errors-to",
        type=Path,
        metavar="fixed.xlsx",
        help="ghi các dòng bị từ chối thành bảng tính có cột “Lỗi”",
    )


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr; silent where stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("Mở tệp", total=None)

        def move(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield move


def project_of(code: str) -> Project:
    """Return the project of a code; a wrong one ends the command and lists the known codes."""
    project = Project.objects.filter(code=code).first()
    if project is None:
        known = ", ".join(Project.objects.values_list("code", flat=True)[:60])
        raise CommandError(
            f"Không có dự án {code!r}. Các mã có: {known or '(chưa có)'}.",
            returncode=Exit.WRONG_USAGE,
        )
    return project


def run_import(
    work: Callable[[Callable[[str, int, int], None]], Report],
    options: dict[str, Any],
    stdout: OutputWrapper,
) -> None:
    """Run an import, print and write its report, end with the documented exit code."""
    path: Path = options["file"]
    if not path.is_file():
        raise CommandError(f"Không có tệp {path}.", returncode=Exit.WRONG_USAGE)
    for name in ("report", "errors_to"):
        _check_target(options.get(name), path)
    try:
        # Coordinates out of all measure end as findings, not as warnings of the arithmetic.
        with progress_bar() as move, np.errstate(over="ignore", invalid="ignore"):
            report = work(move)
    except Question as question:
        asked = question.report or Report()
        asked.error(question.code, str(question))
        asked.close()
        _write(asked, options["report"])
        raise CommandError(str(question), returncode=Exit.ANSWER_NEEDED) from question
    except WrongUsage as error:
        raise CommandError(str(error), returncode=Exit.WRONG_USAGE) from error
    _write(report, options["report"])
    _print(report, stdout)
    clean = not report.refused and not report.has_errors
    if report.applied or (options["dry_run"] and clean):
        return
    raise CommandError(_why(report), returncode=Exit.REFUSED)


def _check_target(target: Path | None, source: Path) -> None:
    """Refuse, before anything is done, a place that can't be written or is the file itself."""
    if target is None:
        return
    why = ""
    if target.exists() and target.samefile(source):
        why = "chính là tệp đang nhập"
    elif target.is_dir():
        why = "là thư mục"
    elif not os.access(target.resolve().parent, os.W_OK):
        why = "thư mục không có hoặc không ghi được"
    if why:
        raise CommandError(
            f"Không ghi được vào {target}: {why}. Chọn tệp khác.", returncode=Exit.WRONG_USAGE
        )


def _why(report: Report) -> str:
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    partly = report.saved and all(finding.row is not None for finding in errors)
    return (
        f"Không ghi gì: {len(errors)} lỗi, {report.refused} dòng bị từ chối. "
        "Sửa tệp rồi nhập lại"
        + (", hoặc thêm --accept-partial để chỉ ghi các dòng đúng." if partly else ".")
    )


def _print(report: Report, stdout: OutputWrapper) -> None:
    ordered: list[Finding] = sorted(
        report.findings, key=lambda finding: finding.severity is not Severity.ERROR
    )
    shown: Counter[str] = Counter()
    for finding in ordered:
        shown[finding.code] += 1
        if shown[finding.code] <= _SHOWN_PER_CODE:
            stdout.write(str(finding))
    for code, count in shown.items():
        if count > _SHOWN_PER_CODE:
            left = count - _SHOWN_PER_CODE
            stdout.write(f"… còn {left} dòng [{code}] nữa: xem đủ bằng --report.")
    stdout.write(str(report))


def _write(report: Report, path: Path | None) -> None:
    if path is None:
        return
    try:
        report.write(path)
    except OSError as error:
        raise CommandError(f"Không ghi được báo cáo {path}: {error}", returncode=1) from error
