"""Tables that a pasted block or a workbook fills: one engine, a `Table` for each.

A table says which columns it knows and what a row does; reading, the question for each column,
the preview, the receipt and the undo are the same for all.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from gpmb import access
from gpmb.accounts.models import Organisation, User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Law, PlanVersion, Project, Review
from gpmb.clearance.models.project import ProjectQuerySet
from gpmb.importing import cells
from gpmb.importing.attempt import Attempt
from gpmb.importing.cells import READINGS, Cell, CellError, Reading
from gpmb.importing.columns import fold
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Progress, Question, Report, Shown, WrongUsage
from gpmb.importing.grid import Grid, NotAList, Pages, choose, read_grids
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.numbers import vn
from gpmb.importing.places import Home, Place
from gpmb.importing.sheet import HEADER_WITHIN
from gpmb.land.models import AdministrativeUnit
from gpmb.reference.models import ObstacleCause, PriorityCategory, ReadinessTemplate
from gpmb.resettlement.models import Site

MOST = 30_000
"""What a count stays below: the columns hold no more."""
LEAST_KNOWN = 2
"""Headings a row must name to be taken for the heading."""


@dataclass(frozen=True)
class Field:
    """What a column may say: a label, the headings it is known by (folded), how it is read."""

    label: str
    headings: tuple[str, ...]
    read: Callable[[Cell, Reading], Any] = lambda cell, _: cells.text(cell)


@dataclass(frozen=True)
class Column:
    """A column as printed, what it was understood as, how its dates or numbers read."""

    index: int
    title: str
    field: str
    reading: Reading = ""


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class TableSheet:
    """A sheet understood: its heading (0: none), columns, data rows."""

    name: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pasted: bool
    pages: Pages = ()
    """All sheets of the file that hold such a table."""


class RowError(ValueError):
    """A row that can't be taken in: the field, what is wrong, what to do."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass
class Outcome:
    """What a row did: the object, what it was before (None: new), what changed in words."""

    object_id: int
    label: str
    before: dict[str, Any] | None
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    version: int = 0
    project: Project | None = None
    """The project a row of a table of the city is about."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else its undo must know: further objects, say."""


@dataclass(frozen=True)
class Where:
    """Into what, by whom, on which day; what rows name is looked up once for all.

    `site` is the resettlement site on whose page a block was pasted.
    """

    home: Home
    by: User | None
    today: dt.date
    site: int | None = None
    named: list[Project] = field(default_factory=list)
    """Projects that rows of a table of the city named."""

    @property
    def project(self) -> Project:
        """The home of a table of one project."""
        return cast(Project, self.home)

    @property
    def review(self) -> Review:
        return cast(Review, self.home)

    @property
    def version(self) -> PlanVersion:
        return cast(PlanVersion, self.home)

    @cached_property
    def _projects(self) -> dict[str, Project]:
        known = Project.objects.visible_to(self.by) if self.by else Project.objects.all()
        rows = list(known.order_by("-code"))
        return {fold(row.name): row for row in rows} | {fold(row.code): row for row in rows}

    def known_project(self, text: str, name: str = "project") -> Project:
        """A project by code or name; to whom it is hidden it doesn't exist: RowError."""
        found = self._projects.get(fold(text))
        if found is None:
            raise RowError(name, f"Không có dự án “{text}”. Ghi mã dự án.")
        self.named.append(found)
        return found

    @cached_property
    def _cases(self) -> dict[str, Case]:
        return {case.code: case for case in self.project.cases.select_related("project")}

    @cached_property
    def causes(self) -> list[tuple[ObstacleCause, str]]:
        return [(cause, cause.name) for cause in ObstacleCause.objects.all()]

    @cached_property
    def categories(self) -> list[tuple[PriorityCategory, str]]:
        """By name, then by number."""
        rows = list(PriorityCategory.objects.all())
        return [(row, row.name) for row in rows] + [(row, str(row.order)) for row in rows]

    @cached_property
    def units(self) -> list[AdministrativeUnit]:
        """The wards and communes in force."""
        return list(AdministrativeUnit.objects.valid(on=self.today).order_by("code"))

    @cached_property
    def organisations(self) -> list[tuple[Organisation, str]]:
        """By full name, then by short name."""
        rows = list(Organisation.objects.all())
        return [(row, row.name) for row in rows] + [
            (row, row.short_name) for row in rows if row.short_name
        ]

    @cached_property
    def law(self) -> Law:
        return Law.read()

    @cached_property
    def written(self) -> set[int]:
        """What rows above wrote, where a row below must not write it again."""
        return set()

    @cached_property
    def procedures(self) -> list[ReadinessTemplate]:
        """The legal procedures that projects of this kind need."""
        rows = ReadinessTemplate.objects.filter(kind__in=("", self.project.kind))
        return list(rows.order_by("order", "code"))

    @cached_property
    def sites(self) -> list[Site]:
        """The resettlement sites that serve the project, locked: others serve from them too."""
        rows = Site.objects.select_for_update(of=("self",)).filter(projects=self.project)
        return list(rows.order_by("code"))

    def case(self, code: str, name: str = "case") -> Case:
        """The project's case with a code; RowError at field `name` where there is none."""
        found = self._cases.get(code)
        if found is None:
            raise RowError(name, f"Mã hồ sơ {code} không có: kiểm tra lại mã.")
        return found


@dataclass(frozen=True)
class Table:
    """One kind of rows: its columns, what a row does, how it is taken back."""

    kind: ImportRun.Kind
    model: str
    fields: Mapping[str, Field]
    needed: tuple[str, ...]
    take_in: Callable[[Mapping[str, Any], Where], Outcome | None]
    """Write a row as read (fields that have a value); None where it changes nothing."""
    put_back: Callable[[ImportRow, User], str]
    """Take a row back; return why it stays, or nothing."""
    projects: Callable[..., ProjectQuerySet] = access.importable_projects
    """(user, on=day): into which projects someone may write, as the form of its page asks."""
    either: tuple[str, ...] = ()
    """Fields of which each row says at least one."""
    place: Place | None = None
    """What a table of the city hangs on; a table of one project has none."""
    settle: Callable[[Collection[int], dt.date], object] | None = None
    """What follows once from the rows of some projects, written or taken back."""


def read_table(path: Path, table: Table, answers: Mapping[str, str], page: str = "") -> TableSheet:
    """Find `page`, or the longest sheet with headings the table knows. Raises `NotAList`.

    `answers` say by title which field a column is ("Cột C" → "opened_on:dmy").
    """
    understood = (_understand(grid, table, answers) for grid in read_grids(path))
    found = [sheet for sheet in understood if sheet]
    if not found:
        labels = ", ".join(table.fields[name].label for name in table.needed)
        raise NotAList("no_header", f"Không tìm thấy dòng tiêu đề có các cột {labels}.")
    sheet, pages = choose(found, page, lambda sheet: len(sheet.rows))
    return replace(sheet, pages=pages)


def _understand(grid: Grid, table: Table, answers: Mapping[str, str]) -> TableSheet | None:
    header, columns = 0, tuple[Column, ...]()
    told = {fold(title) for title in answers}
    for at, head in enumerate(grid.cells[:HEADER_WITHIN], start=1):
        found = _columns([cells.text(cell) for cell in head], table, answers)
        # A heading stays one where its columns were answered to be left out.
        if sum(bool(one.field) or fold(one.title) in told for one in found) >= LEAST_KNOWN:
            header, columns = at, found
            break
    if not header:
        if not grid.pasted:
            return None
        width = max(map(len, grid.cells))
        letters = [f"Cột {chr(65 + at) if at < 26 else at + 1}" for at in range(width)]
        columns = _columns(letters, table, answers)
    rows = tuple(
        Row(at + 1, row)
        for at, row in enumerate(grid.cells)
        if at >= header and any(cells.text(cell) for cell in row)
    )
    return TableSheet(grid.name, header, columns, rows, grid.pasted)


def _columns(
    titles: Sequence[str], table: Table, answers: Mapping[str, str]
) -> tuple[Column, ...]:
    told = {fold(title): said for title, said in answers.items()}
    answered = {said.partition(":")[0] for said in told.values()}
    taken = set[str]()
    columns = []
    for index, title in enumerate(titles):
        if (said := told.get(fold(title))) is not None:
            name, _, reading = said.partition(":")
        else:
            name, reading = _guess(title, table), ""
            name = "" if name in answered else name
        if name not in table.fields or name in taken:
            name = ""
        taken.add(name)
        kept: Any = reading if reading in READINGS else ""
        columns.append(Column(index, title, name, kept))
    return tuple(columns)


def _guess(title: str, table: Table) -> str:
    folded = fold(title)
    return next((name for name, one in table.fields.items() if folded in one.headings), "")


def parse_answers(given: Sequence[str], table: Table) -> dict[str, str]:
    """Read ``CỘT=field[:reading]`` answers of a command as `read_table` takes them.

    Raises `WrongUsage` for a field or a reading that the table doesn't know.
    """
    answers: dict[str, str] = {}
    for answer in given:
        title, _, said = answer.rpartition("=")
        name, _, reading = said.partition(":")
        if not title or name not in (*table.fields, "skip") or reading not in ("", *READINGS):
            known = ", ".join(f"{name} ({one.label})" for name, one in table.fields.items())
            raise WrongUsage(
                f"--map {answer!r} không hiểu được. Ghi CỘT=trường hoặc CỘT=trường:cách đọc; "
                f"trường là {known}, skip (bỏ qua); cách đọc là {', '.join(READINGS)}."
            )
        answers[title] = said
    return answers


def require_columns(sheet: TableSheet, table: Table) -> None:
    """Ask for what every row needs."""
    have = {column.field for column in sheet.columns}
    missing = [[name] for name in table.needed if name not in have]
    if table.either and not have.intersection(table.either):
        missing.append([*table.either])
    if missing:
        labels = [[table.fields[name].label for name in names] for names in missing]
        words = ", ".join(" hoặc ".join(of) for of in labels)
        titles = [column.title for column in sheet.columns if not column.field and column.title]
        raise Question(
            "column_missing", f"Không thấy cột {words}.", f"--map CỘT={missing[0][0]}", titles
        )


def import_table(
    path: Path,
    home: Home,
    table: Table,
    *,
    of: str = "",
    answers: Mapping[str, str] | None = None,
    site: int | None = None,
    page: str = "",
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Fill a table of a project or another home; as `lists.import_workbook` otherwise.

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
        sheet = read_table(path, table, answers or {}, page)
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    require_columns(sheet, table)
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
        write_errors(path, sheet.name, sheet.header_row, report, errors_to, titles=titles)
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
    faulty = False
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


def choice_of(text: str, choices: Sequence[tuple[Any, str]], name: str, what: str) -> Any:
    """The value whose label is `text` without diacritics; RowError offers what there is."""
    for value, label in choices:
        if fold(text) in (fold(label), fold(str(value))):
            return value
    near = "; ".join(label for _, label in choices[:8])
    raise RowError(name, f"“{text}” không thuộc danh sách {what}. Một trong: {near}.")


def count(cell: Cell, reading: Reading = "") -> int | None:
    """Return how many: a whole number from 1, None for an empty cell; "1.200" is 1200."""
    value = cells.number(cell, reading or "thousands")
    if value is None:
        return None
    if value < 1 or value != value.to_integral_value() or value > MOST:
        raise CellError("not_a_count", f"“{cells.text(cell)}” phải là số nguyên từ 1 đến {MOST}.")
    return int(value)


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, diacritics, spaces and signs."""
    return fold(one) == fold(other)


def not_after(given: Mapping[str, Any], name: str, today: dt.date) -> None:
    """RowError where a day that has to be past lies after the data date."""
    if given.get(name) and given[name] > today:
        raise RowError(name, f"Ngày {given[name]:%d/%m/%Y} sau ngày số liệu.")


def in_words(value: Any) -> str:
    """A value as the preview shows it."""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return vn(value) if isinstance(value, Decimal) else str(value or "")


def print_of(*values: Any) -> int:
    """A checksum of what a row without a version says: an undo compares it."""
    return zlib.crc32(repr(values).encode()) & 0x7FFFFFFF


def plain(value: Any) -> Any:
    """A value as `ImportRow.before` keeps it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else getattr(value, "pk", value)


def shown(
    fields: Mapping[str, Field], old: Mapping[str, Any] | None, new: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """What the preview says of a row: label, before ("" where the row is new), after."""
    return [
        (
            fields[name].label.capitalize(),
            "" if old is None else in_words(old[name]) or "chưa có",
            in_words(value),
        )
        for name, value in new.items()
        if old is not None or value not in (None, "")
    ]
