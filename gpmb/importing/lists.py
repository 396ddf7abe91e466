"""One list from file to report: understand, read, compare, write or take back, keep the run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project
from gpmb.importing.dossier_apply import DossierLoader
from gpmb.importing.dossiers import DossierReader, KnownParcel
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Report
from gpmb.importing.models import ImportRun
from gpmb.importing.parcels import land_classes
from gpmb.importing.sheet import NotAList, parse_answers, read_list
from gpmb.importing.spatial import settle_unit
from gpmb.land.models import AdministrativeUnit, ParcelNumber


def import_workbook(
    path: Path,
    project: Project,
    *,
    unit: str = "",
    answers: Sequence[str] = (),
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
) -> Report:
    """Bring a land-recovery list into a project: cases, holders, takings' areas, draft plans.

    All accepted rows are written in one transaction, or nothing: nothing on a dry run, and
    nothing when a row is refused unless `accept_partial`. Raises `Question` or `WrongUsage`.
    """
    report = Report()
    record: dict[str, Any] = {
        "kind": ImportRun.Kind.WORKBOOK,
        "file_name": path.name[:250],
        "project": project,
        "by": by,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "options": {"unit": unit, "map": list(answers)},
    }
    told = parse_answers(answers)
    home = settle_unit(project, unit)
    try:
        sheet = read_list(path, told)
        with (
            pghistory.context(reason=f"Nhập danh sách {path.name}"),
            transaction.atomic(),
        ):
            Project.objects.select_for_update().get(pk=project.pk)
            run = ImportRun.objects.create(**record)
            day = today()
            classes = {code: row.pk for code, row in land_classes(day).items()}
            reader = DossierReader(sheet, known_parcels(home), classes, day, report)
            dossiers = reader.read()
            loader = DossierLoader(project, run, report, day, by)
            changes = loader.compare(dossiers)
            if not sheet.rows:
                report.error("no_rows", "Danh sách không có dòng nào dưới tiêu đề.")
            refused = report.refused and not accept_partial
            if not dry_run and not refused and sheet.rows:
                loader.write(changes)
                report.applied = True
            report.close()
            if report.applied:
                _finish(run, report)
            else:
                transaction.set_rollback(True)
        if errors_to is not None and report.refused:
            write_errors(path, sheet, report, errors_to)
    except NotAList as error:
        report.error(error.code, error.message)
        report.close()
    except IntegrityError as error:
        report = Report()
        report.error(
            "conflict",
            "Dữ liệu vi phạm ràng buộc của cơ sở dữ liệu, không ghi gì: "
            f"{str(error).splitlines()[0]}",
        )
    if not report.applied:
        _finish(ImportRun.objects.create(**record), report)
    return report


def known_parcels(unit: AdministrativeUnit) -> dict[str, KnownParcel]:
    """Return the living parcels of a unit by `parcel_key`."""
    rows = ParcelNumber.objects.filter(
        unit=unit, kind="current", valid_to=None, parcel__retired_on=None
    ).values_list("key", "parcel_id", "parcel__registered_area_m2", "parcel__measured_area_m2")
    return {key: KnownParcel(pk, key, stated or measured) for key, pk, stated, measured in rows}


def _finish(run: ImportRun, report: Report) -> None:
    run.applied = report.applied
    run.report = report.as_json()
    run.finished_at = timezone.now()
    run.save(update_fields=["applied", "report", "finished_at"])
