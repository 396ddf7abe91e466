"""One import from file to report: open, read, compare, write or take back, keep the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from geo.files import FileError
from geo.measure import Floats
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project
from gpmb.importing.attempt import Attempt
from gpmb.importing.columns import ParcelColumns, map_columns, parse_answers
from gpmb.importing.findings import Progress, Question, Report
from gpmb.importing.models import ImportRun
from gpmb.importing.survey.apply import ParcelLoader
from gpmb.importing.survey.overlaps import Overlaps
from gpmb.importing.survey.parcels import ParcelReader, ParcelRow, land_classes
from gpmb.importing.survey.spatial import Answers, open_spatial, settle_unit

_MANY = 500
_TABLES = "land_parcel, land_parcelnumber, clearance_taking, clearance_takingpart"


def import_parcels(
    path: Path,
    project: Project,
    answers: Answers,
    *,
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    without_numbers: bool = False,
    name: str = "",
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Bring a parcel layer into a project: parcels, their numbers, takings without a case.

    Either everything accepted is written, in one transaction, or nothing: nothing on a dry run,
    and nothing when a row is refused unless `accept_partial`. Raises `Question` or `WrongUsage`.
    """
    attempt = Attempt(
        ImportRun.Kind.PARCELS,
        path,
        name=name,
        project=project,
        by=by,
        options=answers.as_options(),
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report, told = attempt.report, parse_answers(answers.columns)
    try:
        with (
            open_spatial(path, answers, report) as file,
            Overlaps() as overlaps,
            attempt.writing("Nhập thửa đất từ") as run,
        ):
            columns = map_columns(file.source.layer.columns, told, answers.sheet)
            if columns.lacks_sheet and not columns.has_numbers and not without_numbers:
                _ask_for_numbers(report, file.source.layer.columns, columns)
            unit = settle_unit(project, answers.unit)
            reader = ParcelReader(file, unit, columns, land_classes(today()), report)
            loader = ParcelLoader(project, unit, run, report, overlaps)
            loader.stage(_counted(reader, progress))
            if not reader.seen:
                report.error("no_features", "Lớp không có đối tượng nào.")
            if not columns.has_numbers and not without_numbers:
                _ask_for_numbers(report, file.source.layer.columns, columns)
            if dry_run:
                loader.show()
            if attempt.may_write():
                progress("Ghi vào cơ sở dữ liệu", 0, 0)
                loader.write()
                if report.saved > _MANY:
                    with connection.cursor() as cursor:
                        cursor.execute(f"ANALYZE {_TABLES}")
                report.applied = True
                # By its command: importing and analysis know nothing of each other. If it fails,
                # the project stays marked stale and the import stands.
                transaction.on_commit(
                    lambda: call_command("adjacency", project=project.code, verbosity=0),
                    robust=True,
                )
            loader.warn_of_overlaps()
    except FileError as error:
        return attempt.fail(error.code, error.message)
    return attempt.end()


def _counted(reader: ParcelReader, progress: Progress) -> Iterator[tuple[list[ParcelRow], Floats]]:
    """The reader's batches; each refused row is counted and the bar moved."""
    total = reader.file.source.layer.count
    accepted = 0
    for rows, boxes in reader.rows():
        accepted += len(rows)
        reader.report.refused = reader.seen - accepted
        progress("Đọc và kiểm tra", reader.seen, total)
        yield rows, boxes
    progress("So với số liệu đã có", total, total)


def _ask_for_numbers(report: Report, columns: tuple[str, ...], read: ParcelColumns) -> None:
    """No column for sheet and parcel number: a question, unless the file is refused anyway."""
    message = (
        "Nhãn chỉ có số thửa, không có số tờ bản đồ. Dùng --sheet nếu cả lớp thuộc một tờ, hoặc "
        "--map nếu một cột là số tờ."
        if read.lacks_sheet
        else "Không có cột nào là số tờ và số thửa. Dùng --map, hoặc --without-numbers nếu lớp "
        "này thật sự không có số thửa (khi đó thửa nhận diện bằng hình dạng)."
    )
    if report.has_errors:
        report.error("number_columns_missing", message)
        return
    option = "--sheet TỜ" if read.lacks_sheet else "--map CỘT=sheet --map CỘT=number"
    choices = [] if read.lacks_sheet else list(columns)
    question = Question("number_columns_missing", message, option, choices)
    question.report = report
    raise question
