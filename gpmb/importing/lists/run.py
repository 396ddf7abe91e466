"""One list from file to report: understand, read, compare, write or take back, keep the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpmb import collector
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project
from gpmb.importing.attempt import Attempt
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Progress, Report
from gpmb.importing.grid import NotAList
from gpmb.importing.lists.apply import DossierLoader
from gpmb.importing.lists.columns import LABELS, parse_answers
from gpmb.importing.lists.compare import Comparison
from gpmb.importing.lists.dossiers import DossierReader
from gpmb.importing.lists.land import KnownParcel
from gpmb.importing.lists.sheet import read_list
from gpmb.importing.lists.understood import ListSheet, warn_of_left_out
from gpmb.importing.models import ImportRun
from gpmb.importing.survey.parcels import land_classes
from gpmb.importing.survey.spatial import settle_unit
from gpmb.land.models import AdministrativeUnit, ParcelNumber


def import_workbook(
    path: Path,
    project: Project,
    *,
    unit: str = "",
    answers: Sequence[str] = (),
    hidden: bool = False,
    together: bool = False,
    page: str = "",
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Bring a land-recovery list into a project: cases, holders, takings' areas, draft plans.

    `path` is a workbook or a kept paste; `name` is what it is called, `hidden` reads hidden rows,
    `together` takes rows without a name for land of the household right above, `page` is the
    sheet to read where not the one with the longest list,
    `agreed` are the counts that were confirmed.

    All accepted rows are written in one transaction, or nothing: nothing on a dry run, and
    nothing when a row is refused unless `accept_partial`. Raises `Question` or `WrongUsage`.
    """
    attempt = Attempt(
        ImportRun.Kind.WORKBOOK,
        path,
        name=name,
        project=project,
        by=by,
        options={"unit": unit, "map": list(answers), "hidden": hidden, "together": together}
        | ({"page": page} if page else {}),
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report, told = attempt.report, parse_answers(answers)
    home = settle_unit(project, unit)
    progress("Đọc bảng tính", 0, 0)
    try:
        with collector.paused():
            sheet = read_list(path, told, hidden=hidden, together=together, page=page)
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    warn_of_left_out(sheet, report)
    with attempt.writing("Nhập danh sách") as run:
        day = today()
        classes = {code: row.pk for code, row in land_classes(day).items()}
        reader = DossierReader(sheet, report, known_parcels(home), classes, day)
        progress("Kiểm tra từng dòng", 0, len(sheet.rows))
        titles = {name: column.title for name, column in sheet.by_field.items()}
        comparison = Comparison(project, report, day, titles=titles)
        with collector.paused():
            dossiers = reader.read()
            progress("So với số liệu đã có", len(sheet.rows), len(sheet.rows))
            changes = comparison.compare(dossiers)
            if not sheet.rows:
                report.error("no_rows", "Danh sách không có dòng nào dưới tiêu đề.")
            if attempt.may_write():
                report.applied = DossierLoader(comparison, run, day, by, progress).write(changes)
    if errors_to is not None and report.refused:
        send_back(path, sheet, report, errors_to)
    return attempt.end()


def send_back(path: Path, sheet: ListSheet, report: Report, target: Path) -> None:
    """Write the refused rows of a list into a workbook of its own."""
    last = sheet.header_rows[-1] if sheet.header_rows else 0
    titles = [LABELS[column.field] if column.field else column.title for column in sheet.columns]
    write_errors(path, sheet.name, last, report, target, sheet.households, titles, sheet.columns)


def known_parcels(unit: AdministrativeUnit) -> dict[str, KnownParcel]:
    """Return the living parcels of a unit by `parcel_key`."""
    rows = ParcelNumber.objects.filter(
        unit=unit, kind="current", valid_to=None, parcel__retired_on=None
    ).values_list("key", "parcel_id", "parcel__registered_area_m2", "parcel__measured_area_m2")
    return {key: KnownParcel(pk, key, stated or measured) for key, pk, stated, measured in rows}
