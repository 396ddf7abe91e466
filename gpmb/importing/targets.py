"""Targets of the city's plan from a workbook or a pasted block: a row a project, step and unit.

A cell is a month; an empty cell takes its target out, a month without a column stays. Everything
is written into one draft in one transaction, or nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum

from gpmb import access, vn
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import (
    TARGET_LINES,
    NotCumulative,
    PlanEntry,
    PlanFrozen,
    PlanVersion,
    Project,
    Taking,
    TargetLine,
    TargetMeasure,
    falling,
)
from gpmb.importing import cells
from gpmb.importing.attempt import Attempt
from gpmb.importing.cells import CellError
from gpmb.importing.columns import fold
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Progress, Question, Report, Shown
from gpmb.importing.grid import NotAList
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.target_sheet import (
    LABELS,
    MEASURES,
    MONTHS,
    STEPS,
    Column,
    Row,
    TargetField,
    TargetSheet,
    find_targets,
    warn_of_left_out,
)
from gpmb.law.steps import STAGE_LABELS

F = TargetField
KNOWN_LINES = frozenset(TARGET_LINES)
STEP_NAMES = [words for stage, words in STAGE_LABELS.items() if stage]
MOST = {
    TargetMeasure.CASES: Decimal(10**9),
    TargetMeasure.AREA: Decimal(10**11),
    TargetMeasure.AMOUNT: Decimal(10**16),
}
"""What a cell must stay below, in cases, m², đồng: the columns of the table hold no more."""
Values = dict[dt.date, Decimal | None]


@dataclass(frozen=True)
class Line:
    """A row read: the months of a project's line that change, from what to what."""

    row: int
    entry: PlanEntry
    line: TargetLine
    before: Values
    after: Values

    @property
    def label(self) -> str:
        return f"{self.entry.project.code} · {self.line.label}"


class Refused(ValueError):
    """A row that can't be taken in: code, which column, what is wrong and what to do."""

    def __init__(self, code: str, column: str, message: str) -> None:
        super().__init__(message)
        self.code, self.column = code, column


def require_columns(sheet: TargetSheet, version: PlanVersion, line: TargetLine | None) -> None:
    """Ask for the project and a month; step and unit may come from the page instead."""
    missing = None
    if not (sheet.of(F.PROJECT) or sheet.of(F.NAME)):
        missing = LABELS[F.PROJECT]
    elif not any(sheet.of(month) for month in MONTHS):
        missing = f"tháng nào của năm {version.year}"
    elif line is None and not (sheet.of(F.STEP) and sheet.of(F.MEASURE)):
        missing = LABELS[F.MEASURE] if sheet.of(F.STEP) else LABELS[F.STEP]
    if missing:
        titles = [column.title for column in sheet.columns if column.field is None]
        raise Question("column_missing", f"Không thấy cột {missing}.", "--map CỘT=…", titles)


def sheet_of(
    path: Path,
    version: PlanVersion,
    user: User,
    told: Mapping[str, str],
    *,
    hidden: bool = False,
    page: str = "",
) -> TargetSheet:
    """Find the sheet of targets; codes and names of the plan's projects help where no heading is.

    Raises `NotAList`.
    """
    known = Project.objects.visible_to(user).filter(plan_entries__version=version)
    names = {fold(word) for pair in known.values_list("code", "name") for word in pair}
    return find_targets(path, version.year, told, names, hidden=hidden, page=page)


def import_targets(
    path: Path,
    version: PlanVersion,
    *,
    by: User,
    line: TargetLine | None = None,
    told: Mapping[str, str] | None = None,
    hidden: bool = False,
    page: str = "",
    name: str = "",
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Set the targets of a draft from a file; `line` is what a row without step and unit means.

    Nothing is written on a dry run, nor when a row is refused unless `accept_partial`. Raises
    `Question` where a needed column can't be told.
    """
    attempt = Attempt(
        ImportRun.Kind.TARGETS,
        path,
        name=name,
        by=by,
        options={"version": version.pk, "ban": version.on.isoformat(), "restricted": False},
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report = attempt.report
    try:
        sheet = sheet_of(path, version, by, told or {}, hidden=hidden, page=page)
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    require_columns(sheet, version, line)
    warn_of_left_out(sheet, report)
    with attempt.writing("Nhập chỉ tiêu") as run:
        version = PlanVersion.objects.select_for_update().get(pk=version.pk)
        if not version.editable:
            report.error("plan_frozen", str(PlanFrozen()))
        loader = _Loader(version, by, line, sheet, report)
        progress("Kiểm tra từng dòng", 0, len(sheet.rows))
        lines = loader.compare()
        if attempt.may_write():
            progress("Ghi vào cơ sở dữ liệu", 0, 0)
            _write(run, lines)
            run.options["restricted"] = any(line.entry.project.restricted for line in lines)
            run.save(update_fields=["options"])
            report.applied = True
    if errors_to is not None and report.refused:
        titles = [LABELS[c.field] if c.field else c.title for c in sheet.columns]
        head = sheet.header_row
        write_errors(
            path, sheet.name, head, report, errors_to, titles=titles, columns=sheet.columns
        )
    return attempt.end()


class _Loader:
    def __init__(
        self,
        version: PlanVersion,
        by: User,
        line: TargetLine | None,
        sheet: TargetSheet,
        report: Report,
    ) -> None:
        self.default, self.sheet, self.report = line, sheet, report
        self.year = version.year
        entries = PlanEntry.objects.filter(
            version=version, project__in=Project.objects.visible_to(by)
        )
        self.by_name: dict[str, PlanEntry] = {}
        for entry in entries.select_related("project").prefetch_related("targets"):
            self.by_name.setdefault(fold(entry.project.name), entry)
            self.by_name[fold(entry.project.code)] = entry
        self.kept = {entry.pk: entry.values() for entry in self.by_name.values()}
        self.mine = {
            entry.project_id
            for entry in self.by_name.values()
            if access.can_set_targets(by, entry.project, on=today())
        }
        self.elsewhere = {
            fold(code) for code in Project.objects.visible_to(by).values_list("code", flat=True)
        }
        land = Taking.objects.filter(withdrawn_on=None).order_by().values_list("project")
        self.land = dict(land.annotate(Sum("recovered_area_m2")))

    def compare(self) -> list[Line]:
        """Return the rows that change something; all are counted."""
        lines: list[Line] = []
        seen: dict[tuple[int, TargetLine], int] = {}
        for row in self.sheet.rows:
            wrong: list[Refused] = []
            try:
                line = self._line(row, wrong, seen)
            except Refused as refused:
                wrong.append(refused)
            if wrong:
                self.report.refused += 1
                for why in wrong:
                    self.report.refuse(why.code, str(why), row.number, why.column)
            elif line.before == line.after:
                self.report.unchanged += 1
            else:
                self._count(line)
                lines.append(line)
        return lines

    def _line(
        self, row: Row, wrong: list[Refused], seen: dict[tuple[int, TargetLine], int]
    ) -> Line:
        entry = self._entry(row)
        line = self._target_line(row)
        if (first := seen.setdefault((entry.pk, line), row.number)) != row.number:
            raise Refused(
                "duplicate", self._title(F.PROJECT), f"Trùng chỉ tiêu với dòng {first}. Bỏ bớt."
            )
        kept = self.kept[entry.pk].get(line, {})
        said: Values = {}
        for month, column in self._months():
            try:
                said[month] = self._value(row, column, line)
            except CellError as error:
                wrong.append(Refused(error.code, column.title, error.message))
        titles = dict(self._months())
        for month in falling({**kept, **said}) if not wrong else ():
            title = titles[month].title if month in titles else f"{month:%m/%Y}"
            words = "Nhỏ hơn tháng trước: chỉ tiêu là số lũy kế từ đầu năm."
            wrong.append(Refused("not_cumulative", title, words))
        after = {month: value for month, value in said.items() if kept.get(month) != value}
        if after and entry.project_id not in self.mine:
            raise Refused(
                "not_yours",
                self._title(F.PROJECT),
                "Bạn không phụ trách dự án này: để nguyên số của dòng, hoặc bỏ dòng.",
            )
        return Line(row.number, entry, line, {month: kept.get(month) for month in after}, after)

    def _months(self) -> list[tuple[dt.date, Column]]:
        return [
            (dt.date(self.year, number, 1), column)
            for number, month in enumerate(MONTHS, start=1)
            if (column := self.sheet.of(month))
        ]

    def _entry(self, row: Row) -> PlanEntry:
        code = cells.text(self.sheet.value(row, F.PROJECT))
        name = cells.text(self.sheet.value(row, F.NAME))
        found = self.by_name.get(fold(code or name))
        if found is not None:
            return found
        column = self._title(F.PROJECT if code or self.sheet.of(F.PROJECT) else F.NAME)
        if not code and not name:
            raise Refused("no_project", column, "Thiếu mã dự án.")
        if fold(code) in self.elsewhere:
            words = (
                f"Dự án {code} chưa có trong phiên bản này: quản trị viên thêm dự án vào bản dự "
                "thảo rồi nhập lại."
            )
            raise Refused("not_in_plan", column, words)
        raise Refused("unknown_project", column, f"Không có dự án “{code or name}”. Ghi mã dự án.")

    def _target_line(self, row: Row) -> TargetLine:
        """The step and unit of a row: its own words, else the line of the page."""
        stage = self.default.stage if self.default else 0
        measure = self.default.measure if self.default else TargetMeasure.AREA
        if self.sheet.of(F.STEP):
            words = cells.text(self.sheet.value(row, F.STEP))
            stage = STEPS.get(fold(words), 0)
            if not stage:
                raise Refused(
                    "unknown_step",
                    self._title(F.STEP),
                    f"Không có bước “{words}”. Ghi một trong: {'; '.join(STEP_NAMES)}.",
                )
        if self.sheet.of(F.MEASURE):
            words = cells.text(self.sheet.value(row, F.MEASURE))
            known = MEASURES.get(fold(words))
            if known is None:
                units = ", ".join(TargetMeasure.labels)
                raise Refused(
                    "unknown_unit",
                    self._title(F.MEASURE),
                    f"Không có đơn vị “{words}”. Ghi một trong: {units}.",
                )
            measure = known
        line = TargetLine(stage, measure)
        if line not in KNOWN_LINES:
            raise Refused(
                "no_such_line",
                self._title(F.MEASURE),
                "Số tiền chỉ đặt cho bước phê duyệt và chi trả. Sửa đơn vị hoặc bước.",
            )
        return line

    def _value(self, row: Row, column: Column, line: TargetLine) -> Decimal | None:
        counts = line.measure is TargetMeasure.CASES
        reading = column.reading or ("thousands" if counts else "")
        typed = cells.number(row.cells[column.index], reading)
        if typed is None:
            return None
        if counts and typed != typed.to_integral_value():
            raise CellError("fraction_of_case", f"“{typed}” hồ sơ: nhập số nguyên.")
        stored = line.stored(typed)
        if stored >= MOST[line.measure]:
            raise CellError(
                "too_large", f"“{typed}” {line.measure.label} quá lớn. Xem lại đơn vị."
            )
        return stored

    def _count(self, line: Line) -> None:
        self.report.changed += 1
        words = [
            (f"{month:%m/%Y}", line.line.text(line.before[month]), line.line.text(value))
            for month, value in sorted(line.after.items())
        ]
        self.report.show(Shown(line.row, "changed", line.label, words))
        if any(value is None for value in line.after.values()):
            self.report.warning(
                "cleared",
                "Ô trống trong bảng, nơi đang có chỉ tiêu: chỉ tiêu sẽ được bỏ.",
                line.row,
            )
        land = self.land.get(line.entry.project_id)
        if line.line.measure is TargetMeasure.AREA and land:
            most = max((value for value in line.after.values() if value is not None), default=0)
            if most > land:
                self.report.warning(
                    "more_than_the_land",
                    f"Chỉ tiêu lớn hơn diện tích thu hồi của dự án ({vn.ha(land, 2)} ha). Kiểm "
                    "tra đơn vị là ha.",
                    line.row,
                )

    def _title(self, wanted: TargetField) -> str:
        column = self.sheet.of(wanted)
        return column.title if column else LABELS[wanted]


def _write(run: ImportRun, lines: Sequence[Line]) -> None:
    by_entry: dict[int, list[Line]] = {}
    for line in lines:
        by_entry.setdefault(line.entry.pk, []).append(line)
    for mine in by_entry.values():
        mine[0].entry.set_targets({line.line: line.after for line in mine})
    ImportRow.objects.bulk_create(
        ImportRow(
            run=run,
            row=line.row,
            action=ImportRow.Action.CHANGED,
            model="clearance.Target",
            object_id=line.entry.pk,
            before={"line": line.line.key, "values": _plain(line.before)},
            after={"line": line.line.key, "values": _plain(line.after)},
        )
        for line in lines
    )


def _plain(values: Values) -> dict[str, str | None]:
    return {
        month.isoformat(): None if value is None else str(value) for month, value in values.items()
    }


def read_plain(values: Mapping[str, str | None]) -> Values:
    """Read what an `ImportRow` keeps of a line: first days of months, m², đồng, cases."""
    return {
        dt.date.fromisoformat(month): None if value is None else Decimal(value)
        for month, value in values.items()
    }


def put_back(entry: PlanEntry, line: TargetLine, before: Values, after: Values) -> str:
    """Give cells the values they had before an import; return why not, if they moved since."""
    now = entry.values().get(line, {})
    if any(now.get(month) != value for month, value in after.items()):
        return "chỉ tiêu đã sửa sau khi nhập"
    try:
        entry.set_targets({line: before})
    except NotCumulative:
        return "các tháng bên cạnh đã sửa sau khi nhập, trả lại thì không còn lũy kế"
    return ""
