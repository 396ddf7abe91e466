"""Read the new parcels of a split from a survey file: shapes in our plane, numbers, areas."""

from __future__ import annotations

from pathlib import Path

import shapely

from geo.files import FileError
from gpmb.clearance.lineage import NewParcel
from gpmb.importing.columns import map_columns
from gpmb.importing.findings import Report
from gpmb.importing.survey.parcels import ParcelReader
from gpmb.importing.survey.spatial import Answers, open_spatial
from gpmb.land.models import AdministrativeUnit

MAX_PARTS = 50


def read_parts(
    path: Path, unit: AdministrativeUnit, answers: Answers, report: Report
) -> list[NewParcel]:
    """Return the parcels of a layer; none where the report holds an error.

    Raises `Question` and `WrongUsage` as `import_parcels` does.
    """
    try:
        with open_spatial(path, answers, report) as file:
            count = file.source.layer.count
            if count > MAX_PARTS:
                report.error("too_many_parts", f"Tệp có {count} thửa, quá {MAX_PARTS}.")
                return []
            columns = map_columns(file.source.layer.columns, {}, answers.sheet)
            rows = [
                row
                for batch, _ in ParcelReader(file, unit, columns, {}, report).rows()
                for row in batch
            ]
    except FileError as error:
        report.error(error.code, error.message)
        return []
    if report.has_errors:
        return []
    return [
        NewParcel(
            row.sheet or "", row.number or "", shapely.from_wkb(row.boundary), row.registered_m2
        )
        for row in rows
    ]
