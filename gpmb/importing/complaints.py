"""A batch of letters from a workbook into the complaint register.

The key is the serial number: a row whose number stands already, with the same kind and day, is
left as it is, so importing twice changes nothing. Columns are those of the register's own export.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineError, CalamineWorkbook

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project
from gpmb.complaints import intake
from gpmb.complaints.models import Complaint
from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError
from gpmb.importing.columns import fold
from gpmb.importing.findings import Report
from gpmb.importing.models import ImportRun
from gpmb.importing.sheet import HEADER_WITHIN, MAX_BYTES

# Field → headings, folded.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "serial": ("sotiepnhan", "sodon", "so", "sothutudon"),
    "kind": ("loaidon", "phanloai", "loai"),
    "received_on": ("ngaynhan", "ngaytiepnhan"),
    "channel": ("hinhthuc", "nguondon"),
    "people_count": ("songuoi", "songuoidungdon"),
    "people": ("nguoidaidien", "nguoidungdon", "hoten"),
    "topic": ("noidung", "linhvuc"),
    "target": ("quyetdinhhanhvibikhieunai", "bikhieunai"),
    "project": ("maduan", "duan"),
    "case": ("mahoso",),
    "content": ("tomtat", "trichyeu"),
    "confidential": ("baomat",),
}
NEEDED = ("serial", "kind", "received_on")
YES = {"x", "co", "dung", "1"}


class RowError(ValueError):
    """A row that can't be taken in: which column, what is wrong, what to do."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def import_complaints(
    path: Path,
    *,
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
) -> Report:
    """Register the letters of a workbook's first sheet with the needed headings.

    All accepted rows in one transaction, or nothing: nothing on a dry run, and nothing when a row
    is refused unless `accept_partial`.
    """
    report = Report()
    record = {
        "kind": ImportRun.Kind.COMPLAINTS,
        "file_name": path.name[:250],
        "by": by,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    with pghistory.context(reason=f"Nhập đơn thư từ {path.name}"), transaction.atomic():
        run = ImportRun.objects.create(**record)
        for number, row in _rows(path, report):
            _take_in(row, number, by, report)
        wrong_file = any(f.row is None for f in report.findings)
        refused = report.refused and not accept_partial
        report.applied = not (dry_run or wrong_file or refused)
        report.close()
        if report.applied:
            _finish(run, report)
        else:
            transaction.set_rollback(True)
    if not report.applied:
        _finish(ImportRun.objects.create(**record), report)
    return report


def _finish(run: ImportRun, report: Report) -> None:
    run.applied, run.report, run.finished_at = report.applied, report.as_json(), timezone.now()
    run.save(update_fields=["applied", "report", "finished_at"])


def _rows(path: Path, report: Report) -> list[tuple[int, dict[str, Cell]]]:
    """Return the data rows by field, with the sheet's own row numbers."""
    if path.stat().st_size > MAX_BYTES:
        report.error("too_large", f"Tệp lớn hơn {MAX_BYTES // 1_000_000} MB. Chia nhỏ danh sách.")
        return []
    try:
        book = CalamineWorkbook.from_path(str(path))
        grids = [
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        ]
    except (CalamineError, OSError, ValueError, KeyError):
        report.error(
            "unreadable", "Tệp không phải là bảng tính Excel hoặc đã hỏng. Mở bằng Excel, lưu lại."
        )
        return []
    for grid in grids:
        for at, head in enumerate(grid[:HEADER_WITHIN]):
            columns = _columns(head)
            if all(name in columns for name in NEEDED):
                return [
                    (number, {name: row[i] for name, i in columns.items() if i < len(row)})
                    for number, row in enumerate(grid[at + 1 :], start=at + 2)
                    if any(cells.text(cell) for cell in row)
                ]
    report.error(
        "no_header",
        "Không tìm thấy dòng tiêu đề có các cột Số tiếp nhận, Loại đơn, Ngày nhận. "
        "Dùng tệp xuất từ sổ đơn thư làm mẫu.",
    )
    return []


def _columns(head: Sequence[Cell]) -> dict[str, int]:
    titles = [fold(cells.text(cell)) for cell in head]
    return {
        name: next(i for i, title in enumerate(titles) if title in words)
        for name, words in HEADINGS.items()
        if any(title in words for title in titles)
    }


def _take_in(row: dict[str, Cell], number: int, by: User | None, report: Report) -> None:
    try:
        complaint, names = _letter(row)
        kept = Complaint.objects.filter(serial=complaint.serial).first()
        if kept is None:
            intake.register(complaint, names, by=by)
            report.created += 1
        elif (kept.kind, kept.received_on) == (complaint.kind, complaint.received_on):
            report.unchanged += 1
        else:
            raise RowError(
                "Số tiếp nhận",
                f"Số {complaint.serial} đã có trong sổ với loại đơn hoặc ngày nhận khác.",
            )
    except RowError as error:
        report.refused += 1
        report.error("refused", str(error), number, error.column)


def _letter(row: dict[str, Cell]) -> tuple[Complaint, list[str]]:
    """Read a row as a letter that is not saved yet, and the names of its representatives."""
    given = {name: cells.text(cell) for name, cell in row.items()}
    serial = given["serial"]
    if not serial:
        raise RowError(
            "Số tiếp nhận", "Thiếu số tiếp nhận: cần có để nhập lại không ghi thành hai đơn."
        )
    complaint = Complaint(
        serial=serial[:30],
        kind=_choice(given["kind"], Complaint.Kind, "Loại đơn"),
        received_on=_day(row["received_on"]),
        confidential=fold(given.get("confidential", "")) in YES,
    )
    people = _count(row.get("people_count"))
    if complaint.kind == Complaint.Kind.DENUNCIATION:
        filled = [name for name in intake.FORBIDDEN if given.get(name)]
        if filled or people > 1:
            raise RowError(
                "Loại đơn",
                "Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái: xóa mọi cột khác của dòng này.",
            )
        return complaint, []
    complaint.people_count = people
    if given.get("channel"):
        complaint.channel = _choice(given["channel"], Complaint.Channel, "Hình thức")
    if given.get("topic"):
        complaint.topic = _choice(given["topic"], Complaint.Topic, "Nội dung")
    complaint.target = given.get("target", "")[:200]
    complaint.content = given.get("content", "")
    _place(complaint, given)
    names = [part.strip() for part in given.get("people", "").split(";") if part.strip()]
    if len(names) > complaint.most_representatives:
        raise RowError(
            "Người đại diện",
            f"Với {people} người chỉ ghi nhiều nhất {complaint.most_representatives} đại diện.",
        )
    return complaint, names


def _place(complaint: Complaint, given: dict[str, str]) -> None:
    if named := given.get("project"):
        projects = Project.objects.filter(code=named) or Project.objects.filter(name=named)
        complaint.project = projects.first()
        if complaint.project is None:
            raise RowError("Dự án", f"Không có dự án “{named}”. Ghi mã dự án.")
    if code := given.get("case"):
        try:
            complaint.case = intake.find_case(Case.objects.all(), code, complaint.project)
        except intake.UnknownCaseError as error:
            raise RowError("Mã hồ sơ", str(error)) from error
        complaint.project = complaint.case.project


def _choice(text: str, choices: Any, column: str) -> str:
    for value, label in choices.choices:
        if fold(text) in (fold(label), fold(value)):
            return str(value)
    raise RowError(
        column, f"“{text}” không thuộc danh sách. Một trong: {', '.join(choices.labels)}."
    )


def _day(cell: Cell) -> Any:
    try:
        day = cells.day(cell)
    except CellError as error:
        raise RowError("Ngày nhận", error.message) from error
    if day is None:
        raise RowError("Ngày nhận", "Thiếu ngày nhận đơn, dạng dd/mm/yyyy.")
    if day > today():
        raise RowError("Ngày nhận", f"Ngày {day:%d/%m/%Y} sau ngày số liệu {today():%d/%m/%Y}.")
    return day


def _count(cell: Cell) -> int:
    try:
        people = cells.number(cell)
    except CellError as error:
        raise RowError("Số người", error.message) from error
    if people is None:
        return 1
    if people < 1 or people != int(people):
        raise RowError("Số người", f"Số người “{people}” phải là số nguyên từ 1.")
    return int(people)
