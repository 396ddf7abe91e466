"""A table of parcels and what is taken of each, pasted or from a workbook: one parcel a row.

Takings the project has change; parcels it has not taken yet become takings without a case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import STATE_FIELDS, Case, Law, Project, Taking, TakingPart
from gpmb.importing import cells
from gpmb.importing.attempt import Attempt
from gpmb.importing.cells import CellError
from gpmb.importing.findings import Progress, Question, Report, Shown
from gpmb.importing.grid import NotAList
from gpmb.importing.lists.columns import LABELS, ListField, parse_answers
from gpmb.importing.lists.land import AREA_TOLERANCE_M2, KnownParcel, LandReader
from gpmb.importing.lists.run import known_parcels, send_back
from gpmb.importing.lists.sheet import find_list
from gpmb.importing.lists.understood import ListSheet, Row, warn_of_left_out
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.numbers import vn
from gpmb.importing.survey.parcels import land_classes
from gpmb.importing.survey.spatial import settle_unit
from gpmb.importing.survey.undo import PARTS_OF
from gpmb.land.models import Parcel
from gpmb.reference.models import LandClass

L = ListField
FIELDS = (L.SHEET, L.NUMBER, L.SHEET_NUMBER, L.RECOVERED_AREA, L.LAND_CLASS, L.NOTE, L.SKIP)

_PRINT = f"""
UPDATE importing_importrow r
   SET version_after = t.version, after = jsonb_build_object('parts', {PARTS_OF})
  FROM clearance_taking t WHERE r.run_id = %s AND t.id = r.object_id
"""  # noqa: S608  (constants of this module)


@dataclass
class Line:
    """A row read: its parcel, and what it says of the taking."""

    row: int
    parcel: KnownParcel
    area_m2: Decimal | None
    land_class: int | None
    note: str
    taking: Taking | None = None
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)


def require_columns(sheet: ListSheet) -> None:
    """Ask for the parcel, and for one thing to say of it."""
    if not any(sheet.of(name) for name in (L.SHEET_NUMBER, L.NUMBER, L.SHEET)):
        missing = L.NUMBER
    elif not any(sheet.of(name) for name in (L.RECOVERED_AREA, L.LAND_CLASS, L.NOTE)):
        missing = L.RECOVERED_AREA
    else:
        return
    titles = [column.title for column in sheet.columns if column.field is None]
    raise Question(
        "column_missing", f"Không thấy cột {LABELS[missing]}.", f"--map CỘT={missing}", titles
    )


def import_takings(
    path: Path,
    project: Project,
    *,
    unit: str = "",
    answers: Sequence[str] = (),
    hidden: bool = False,
    page: str = "",
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Change the takings of a project by a table; as `lists.run.import_workbook` otherwise."""
    attempt = Attempt(
        ImportRun.Kind.TAKINGS,
        path,
        name=name,
        project=project,
        by=by,
        options={"unit": unit, "map": list(answers)},
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report = attempt.report
    home = settle_unit(project, unit)
    try:
        sheet = find_list(path, parse_answers(answers), hidden=hidden, page=page)
        require_columns(sheet)
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    warn_of_left_out(sheet, report)
    with attempt.writing("Nhập phần thu hồi") as run:
        day = today()
        classes = {code: row.pk for code, row in land_classes(day).items()}
        reader = LandReader(sheet, report, known_parcels(home), classes)
        loader = _Loader(project, run, report, reader, day)
        progress("Kiểm tra từng dòng", 0, len(sheet.rows))
        lines = loader.compare()
        if attempt.may_write():
            progress("Ghi vào cơ sở dữ liệu", 0, 0)
            loader.write(lines)
            report.applied = True
    if errors_to is not None and report.refused:
        send_back(path, sheet, report, errors_to)
    return attempt.end()


@dataclass
class _Loader:
    project: Project
    run: ImportRun
    report: Report
    reader: LandReader
    today: dt.date

    def compare(self) -> list[Line]:
        """Return the rows that create or change a taking; the others are counted."""
        takings: dict[int, list[Taking]] = {}
        rows = Taking.objects.filter(project=self.project, withdrawn_on=None)
        for taking in rows.select_related("case").prefetch_related("parts"):
            takings.setdefault(taking.parcel_id, []).append(taking)
        self.codes = dict(LandClass.objects.values_list("pk", "code"))
        lines: list[Line] = []
        seen: dict[int, int] = {}
        for row in self.reader.sheet.rows:
            line = self._line(row, takings, seen)
            if line is None:
                self.report.refused += 1
            elif line.taking is not None and not line.changes:
                self.report.unchanged += 1
            else:
                self._count(line)
                lines.append(line)
        return lines

    def _count(self, line: Line) -> None:
        if line.taking is None:
            self.report.created += 1
        else:
            self.report.changed += 1
        words = [(name, *pair) for name, pair in line.changes.items()]
        kind = "changed" if line.taking else "created"
        self.report.show(Shown(line.row, kind, f"Thửa {line.parcel.key}", words))

    def _line(
        self, row: Row, takings: dict[int, list[Taking]], seen: dict[int, int]
    ) -> Line | None:
        sheet, faulty = self.reader.sheet, False

        def read(name: ListField, reader: Any) -> Any:
            nonlocal faulty
            column = sheet.of(name)
            try:
                return reader(sheet.value(row, name), column.reading if column else "")
            except CellError as error:
                faulty = True
                self._refuse(row, name, error.code, error.message)
                return None

        parcels = read(L.NUMBER, lambda cell, _: self.reader.parcels_of(row, cell)) or ()
        area = read(L.RECOVERED_AREA, cells.area)
        land_class = read(L.LAND_CLASS, lambda cell, _: self.reader.land_class_of(cell))
        if faulty:
            return None
        if len(parcels) > 1:
            self._refuse(row, L.NUMBER, "several_parcels", "Mỗi dòng một thửa: tách ra từng dòng.")
            return None
        note = cells.text(sheet.value(row, L.NOTE))
        for parcel in parcels:
            line = Line(row.number, parcel, area, land_class, note)
            return line if self._fits(row, line, takings, seen) else None
        return None

    def _fits(
        self, row: Row, line: Line, takings: dict[int, list[Taking]], seen: dict[int, int]
    ) -> bool:
        """Match the row with its taking; say why where the project can't follow it."""
        parcel, found = line.parcel, takings.get(line.parcel.pk, [])
        limit = parcel.area_m2
        problem: tuple[ListField, str, str] | None = None
        if parcel.pk in seen:
            problem = (L.NUMBER, "duplicate", f"Trùng thửa với dòng {seen[parcel.pk]}. Bỏ bớt.")
        elif len(found) > 1:
            codes = ", ".join(t.case.code if t.case else "chưa lập hồ sơ" for t in found)
            problem = (
                L.NUMBER,
                "several_takings",
                f"Thửa {parcel.key} thuộc {len(found)} phần thu hồi ({codes}): sửa trên trang "
                "hồ sơ.",
            )
        elif not found and not line.area_m2:
            problem = (
                L.RECOVERED_AREA,
                "no_recovered_area",
                "Dự án chưa thu hồi thửa này: nhập diện tích thu hồi lớn hơn 0.",
            )
        elif line.area_m2 is not None and line.area_m2 <= 0:
            problem = (L.RECOVERED_AREA, "no_recovered_area", "Nhập số m² lớn hơn 0.")
        elif limit and line.area_m2 and line.area_m2 > limit + AREA_TOLERANCE_M2:
            problem = (
                L.RECOVERED_AREA,
                "recovered_exceeds_parcel",
                f"Diện tích thu hồi {vn(line.area_m2)} m² lớn hơn diện tích thửa {vn(limit)} m².",
            )
        else:
            problem = self._differences(line, found[0] if found else None)
        if problem:
            self._refuse(row, *problem)
            return False
        seen[parcel.pk] = line.row
        return True

    def _differences(self, line: Line, taking: Taking | None) -> tuple[ListField, str, str] | None:
        """Fill what the row changes; return why it may not."""
        line.taking = taking
        parts = list(taking.parts.all()) if taking else []
        old_area = taking.recovered_area_m2 if taking else None
        if line.area_m2 is not None and line.area_m2 != old_area:
            line.changes["Thu hồi (m²)"] = (vn(old_area) if old_area else "", vn(line.area_m2))
        old_class = parts[0].land_class_id if len(parts) == 1 else None
        if line.land_class and line.land_class != old_class:
            line.changes["Loại đất"] = (
                ", ".join(self.codes[part.land_class_id] for part in parts),
                self.codes[line.land_class],
            )
        if line.note and line.note != (taking.note if taking else ""):
            line.changes["Ghi chú"] = (taking.note if taking else "", line.note)
        if not taking or not line.changes:
            return None
        if taking.handed_over_on and line.changes.keys() != {"Ghi chú"}:
            return (
                L.RECOVERED_AREA,
                "land_handed_over",
                f"Đất đã bàn giao ngày {taking.handed_over_on:%d/%m/%Y}: không đổi diện tích, "
                "loại đất bằng bảng.",
            )
        if len(parts) > 1 and line.changes.keys() != {"Ghi chú"}:
            return (
                L.RECOVERED_AREA,
                "mixed_land",
                "Phần thu hồi đã chia nhiều loại đất: sửa diện tích từng loại trên trang hồ sơ.",
            )
        return None

    def write(self, lines: Sequence[Line]) -> None:
        """Write the lines; the caller holds the transaction and the project's lock."""
        shapes = dict(
            Parcel.objects.filter(pk__in=[line.parcel.pk for line in lines]).values_list(
                "pk", "boundary"
            )
        )
        rows = []
        for line in lines:
            taking, made = line.taking, line.taking is None
            before = None if taking is None else _before(taking)
            if taking is None:
                taking = Taking(
                    project=self.project,
                    parcel_id=line.parcel.pk,
                    boundary=shapes.get(line.parcel.pk),
                )
            taking.recovered_area_m2 = line.area_m2 or taking.recovered_area_m2
            taking.note = line.note or taking.note
            taking.save()
            _set_part(taking, line.land_class)
            rows.append(
                ImportRow(
                    run=self.run,
                    row=line.row,
                    action="created" if made else "changed",
                    model="clearance.Taking",
                    object_id=taking.pk,
                    before=before,
                )
            )
        ImportRow.objects.bulk_create(rows)
        touched = {line.taking.case_id for line in lines if line.taking and line.taking.case_id}
        law = Law.read()
        for case in Case.objects.filter(pk__in=touched):
            case.refresh_state(law)
            case.save(update_fields=STATE_FIELDS)
        with connection.cursor() as cursor:
            cursor.execute(_PRINT, [self.run.pk])

    def _refuse(self, row: Row, name: ListField, code: str, message: str) -> None:
        column = self.reader.sheet.of(name)
        self.report.refuse(code, message, row.number, column.title if column else LABELS[name])


def _before(taking: Taking) -> dict[str, Any]:
    """What an undo puts back, as `survey.statements.REMEMBER` keeps it."""
    return {
        "boundary": taking.boundary.hexewkb.decode() if taking.boundary else None,
        "recovered_area_m2": str(taking.recovered_area_m2),
        "note": taking.note,
        "parts": {part.land_class_id: str(part.area_m2) for part in taking.parts.all()} or None,
    }


def _set_part(taking: Taking, land_class: int | None) -> None:
    """One land class a taking; mixed land was refused before."""
    part = TakingPart.objects.filter(taking=taking).first()
    if part is None and land_class:
        part = TakingPart(taking=taking)
    if part is not None:
        part.land_class_id = land_class or part.land_class_id
        part.area_m2 = taking.recovered_area_m2
        part.save()
