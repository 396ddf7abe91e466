"""Tables that a pasted block or a workbook fills: one engine, a `Table` for each.

A table says which columns it knows and what a row does; reading, the question for each column,
the preview, the receipt and the undo are the same for all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project
from gpmb.importing import asides
from gpmb.importing.attempt import Attempt
from gpmb.importing.cells import CellError
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Progress, Report, Shown
from gpmb.importing.grid import NotAList
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import Home
from gpmb.importing.tables.sheet import (
    Row,
    TableSheet,
    read_table,
    require_columns,
    warn_of_left_out,
)
from gpmb.importing.tables.table import Table
from gpmb.importing.tables.where import RowError, Where


def import_table(
    path: Path,
    home: Home,
    table: Table,
    *,
    of: str = "",
    answers: Mapping[str, str] | None = None,
    site: int | None = None,
    page: str = "",
    hidden: bool = False,
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Fill a table of a project or another home; as `lists.run.import_workbook` otherwise.

    `of` is how the address names the home. Raises `Question`.
    """
    of_city = {"of": of} if table.place else {}
    attempt = Attempt(
        ImportRun.Kind(table.kind),
        path,
        name=name,
        project=home if isinstance(home, Project) and table.place is None else None,
        by=by,
        options={"map": dict(answers or {}), **({"page": page} if page else {}), **of_city},
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report = attempt.report
    try:
        sheet = read_table(path, table, answers or {}, page, hidden=hidden)
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    require_columns(sheet, table)
    warn_of_left_out(sheet, report)
    with attempt.writing("Nhập") as run:
        if table.place:
            _hold(table, home)
        where = Where(home, by, today(), site)
        written: list[ImportRow] = []
        for done, row in enumerate(sheet.rows):
            if done % 100 == 0:
                progress("Đọc từng dòng", done, len(sheet.rows))
            _take_in(sheet, row, table, where, run, report, written)
        ImportRow.objects.bulk_create(written)
        report.applied = bool(sheet.rows) and attempt.may_write()
        if report.applied and table.place:
            _close(table, where, run, written)
    if errors_to is not None and report.refused:
        titles = [table.fields[c.field].label if c.field else c.title for c in sheet.columns]
        head = sheet.header_row
        write_errors(
            path, sheet.name, head, report, errors_to, titles=titles, columns=sheet.columns
        )
    return attempt.end()


def _hold(table: Table, home: Home) -> None:
    """Two imports into one table of the city wait for each other, and so does its home's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import {table.kind}"])
    if home is not None:
        rows: Any = type(home)._base_manager.select_for_update()
        home.refresh_from_db(from_queryset=rows)


def _close(table: Table, where: Where, run: ImportRun, written: list[ImportRow]) -> None:
    """Note whether a restricted project was named, and do what follows from the rows."""
    named = [*where.named, where.home]
    run.options["restricted"] = any(isinstance(p, Project) and p.restricted for p in named)
    run.save(update_fields=["options"])
    if table.settle:
        table.settle(projects_of(written), where.today)


def projects_of(rows: Collection[ImportRow]) -> set[int]:
    """The projects that rows of a table of the city are about."""
    return {key for row in rows if (key := (row.after or {}).get("project"))}


def _take_in(
    sheet: TableSheet,
    row: Row,
    table: Table,
    where: Where,
    run: ImportRun,
    report: Report,
    written: list[ImportRow],
) -> None:
    values, faulty = _read(sheet, row, table, report)
    titles = {column.field: column.title for column in sheet.columns}
    try:
        if faulty:
            report.refused += 1
            return
        with transaction.atomic():
            outcome = table.take_in(values, where)
    except RowError as error:
        report.refused += 1
        report.refuse("refused", str(error), row.number, titles.get(error.name, ""))
        return
    except ValidationError as error:
        report.refused += 1
        said = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in said.items():
            report.refuse("refused", " ".join(messages), row.number, titles.get(name, ""))
        return
    except IntegrityError as error:  # what only a trigger of the database knows
        report.refused += 1
        report.refuse("refused", str(error).partition("\n")[0], row.number)
        return
    if outcome is None:
        report.unchanged += 1
        return
    new = outcome.before is None
    report.created += new
    report.changed += not new
    what = "created" if new else "changed"
    report.show(Shown(row.number, what, outcome.label, outcome.fields))
    about = outcome.project
    written.append(
        ImportRow(
            run=run,
            row=row.number,
            action=what,
            model=table.model,
            object_id=outcome.object_id,
            version_after=outcome.version,
            before=outcome.before,
            after={"label": outcome.label}
            | ({"project": about.pk} if about else {})
            | outcome.more,
        )
    )


def _read(
    sheet: TableSheet, row: Row, table: Table, report: Report
) -> tuple[dict[str, Any], bool]:
    """Read the cells of a row; every fault is said at its column."""
    values: dict[str, Any] = {}
    at = row.number
    faulty = asides.refuse_formulas(
        at, sheet.no_value.get(at, ()), sheet.errors.get(at, ()), report
    )
    if faulty:
        return values, True
    for column in sheet.columns:
        if not column.field or column.index >= len(row.cells):
            continue
        try:
            value = table.fields[column.field].read(row.cells[column.index], column.reading)
        except CellError as error:
            faulty = True
            report.refuse(error.code, error.message, row.number, column.title)
            continue
        if value not in (None, ""):
            values[column.field] = value
    for name in table.needed:
        if name not in values and not faulty:
            faulty = True
            one = table.fields[name]
            title = next((c.title for c in sheet.columns if c.field == name), one.label)
            report.refuse("missing", f"Thiếu {one.label}.", row.number, title)
    return values, faulty
