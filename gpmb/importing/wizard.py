"""What the pages of the wizard do with an upload: check or write by the engine of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpmb.clearance.clock import today
from gpmb.clearance.models import TARGET_LINE
from gpmb.importing import targets
from gpmb.importing.findings import Progress, Report, WrongUsage
from gpmb.importing.lists import run as lists
from gpmb.importing.lists import takings
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.survey import run as survey
from gpmb.importing.tables.engine import import_table
from gpmb.importing.tables.places import Home, NowhereError
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.understanding import spatial_answers, told_of, version_of

Kind = ImportRun.Kind
SHOWS_CELLS = {Kind.WORKBOOK, Kind.TAKINGS, Kind.TARGETS, *TABLES} - {Kind.COMPLAINTS}
"""Kinds whose refused rows are shown with their cells; of a denunciation nothing is kept."""


def run(
    upload: Upload,
    *,
    dry_run: bool,
    accept_partial: bool = False,
    agreed: Sequence[int] | None = None,
    errors_to: Path | None = None,
    progress: Progress,
) -> Report:
    """Check (dry run) or write an upload by the engine of its kind."""
    answers = upload.answers
    page = answers.get("page", "")
    common: dict[str, Any] = {
        "name": upload.file_name,
        "by": upload.by,
        "dry_run": dry_run,
        "accept_partial": accept_partial,
        "agreed": agreed,
        "progress": progress,
    }
    if upload.kind == Kind.TARGETS:
        return targets.import_targets(
            upload.path,
            version_of(upload),
            line=TARGET_LINE.get(answers.get("line", "")),
            told=answers.get("columns", {}),
            hidden=bool(answers.get("hidden")),
            page=page,
            errors_to=errors_to,
            **common,
        )
    if upload.kind in TABLES:
        return import_table(
            upload.path,
            home_of(upload),
            TABLES[upload.kind],
            of=answers.get("of", ""),
            answers=answers.get("columns", {}),
            page=page,
            site=answers.get("site"),
            hidden=bool(answers.get("hidden")),
            errors_to=errors_to,
            **common,
        )
    project = upload.project
    if project is None:
        raise WrongUsage("Chưa chọn dự án.")
    if upload.kind == Kind.PARCELS:
        return survey.import_parcels(
            upload.path,
            project,
            spatial_answers(answers),
            without_numbers=bool(answers.get("without_numbers")),
            **common,
        )
    told: dict[str, Any] = {
        "unit": answers.get("unit", ""),
        "answers": told_of(answers),
        "hidden": bool(answers.get("hidden")),
        "page": page,
    }
    told["errors_to"] = errors_to
    if upload.kind == Kind.TAKINGS:
        return takings.import_takings(upload.path, project, **told, **common)
    told["together"] = bool(answers.get("together"))
    return lists.import_workbook(upload.path, project, **told, **common)


def home_of(upload: Upload) -> Home:
    """What the table of an upload hangs on, while its sender may fill it. Raises `WrongUsage`."""
    place = TABLES[upload.kind].place
    try:
        if place is not None:
            return place.open_to(upload.by, upload.answers.get("of", ""), on=today())
    except NowhereError:
        raise WrongUsage("Bảng này không còn ở đó. Mở lại trang rồi dán lại.") from None
    if upload.project is None:
        raise WrongUsage("Chưa chọn dự án.")
    return upload.project
