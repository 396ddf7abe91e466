"""A batch of letters from a workbook into the complaint register.

The key is the serial number: a row whose number stands already, with the same kind and day, is
left as it is, so importing twice changes nothing. Columns are those of the register's own export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case, Project
from gpmb.complaints import intake
from gpmb.complaints.models import Complaint
from gpmb.importing import cells
from gpmb.importing.attempt import Attempt
from gpmb.importing.cells import Cell, CellError
from gpmb.importing.columns import fold
from gpmb.importing.error_workbook import write_errors
from gpmb.importing.findings import Progress, Report, Shown
from gpmb.importing.grid import NotAList, read_grids
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.sheet import HEADER_WITHIN
from gpmb.land.models import Parcel
from gpmb.law import steps

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
    "cases": ("mahoso", "cacmahoso", "hoso"),
    "parcels": ("thuadat", "tothua", "cacthuadat", "sotosothua"),
    "target_step": ("buocbikhieunai",),
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
    answers: Mapping[str, str] | None = None,
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    errors_to: Path | None = None,
    agreed: Sequence[int] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Register the letters of a workbook's first sheet with the needed headings.

    `answers` say by title which field a column is. All accepted rows in one transaction, or
    nothing: nothing on a dry run, and nothing when a row is refused unless `accept_partial`.
    """
    attempt = Attempt(
        ImportRun.Kind.COMPLAINTS,
        path,
        name=name,
        by=by,
        dry_run=dry_run,
        accept_partial=accept_partial,
        agreed=agreed,
    )
    report = attempt.report
    try:
        sheet = read_register(path, answers or {})
    except NotAList as error:
        return attempt.fail(error.code, error.message)
    with attempt.writing("Nhập đơn thư từ") as run:
        made: list[ImportRow] = []
        for done, row in enumerate(sheet.rows):
            if done % 100 == 0:
                progress("Đọc từng đơn", done, len(sheet.rows))
            _take_in(row, run, report, made)
        ImportRow.objects.bulk_create(made)
        report.applied = attempt.may_write()
    if errors_to is not None and report.refused:
        write_errors(path, sheet.name, sheet.header_row, report, errors_to)
    return attempt.end()


@dataclass(frozen=True)
class Register:
    """A sheet of letters: where its heading is, its columns by title, its data rows by field."""

    name: str
    header_row: int
    columns: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    """Title, field or "", the first values."""
    rows: tuple[tuple[int, dict[str, Cell]], ...]


def read_register(path: Path, answers: Mapping[str, str]) -> Register:
    """Find the first sheet with the needed headings. Raises `NotAList`."""
    for grid in read_grids(path):
        for at, head in enumerate(grid.cells[:HEADER_WITHIN]):
            columns = _columns(head, answers)
            if all(name in columns for name in NEEDED):
                below = grid.cells[at + 1 :]
                fields = {index: name for name, index in columns.items()}
                titled = tuple(
                    (text, fields.get(i, ""), tuple(row[i] for row in below[:3] if i < len(row)))
                    for i, cell in enumerate(head)
                    if (text := cells.text(cell))
                )
                data = tuple(
                    (number, {name: row[i] for name, i in columns.items() if i < len(row)})
                    for number, row in enumerate(below, start=at + 2)
                    if any(cells.text(cell) for cell in row)
                )
                return Register(grid.name, at + 1, titled, data)
    raise NotAList(
        "no_header",
        "Không tìm thấy dòng tiêu đề có các cột Số tiếp nhận, Loại đơn, Ngày nhận. "
        "Dùng tệp xuất từ sổ đơn thư làm mẫu.",
    )


def _columns(head: Sequence[Cell], answers: Mapping[str, str]) -> dict[str, int]:
    """The column of each field: as answered by title, else by its heading."""
    titles = [fold(cells.text(cell)) for cell in head]
    told = {fold(title): name for title, name in answers.items()}
    found = {told[title]: i for i, title in enumerate(titles) if told.get(title) in HEADINGS}
    for name, words in HEADINGS.items():
        for i, title in enumerate(titles):
            if name not in found and title in words and title not in told:
                found[name] = i
    return found


def _take_in(
    numbered: tuple[int, dict[str, Cell]], run: ImportRun, report: Report, made: list[ImportRow]
) -> None:
    number, row = numbered
    try:
        letter = _letter(row, run.by)
        complaint = letter.complaint
        kept = Complaint.objects.filter(serial=complaint.serial).first()
        if kept is None:
            intake.register(
                complaint, letter.names, by=run.by, cases=letter.cases, parcels=letter.parcels
            )
            report.created += 1
            fields = [
                ("Loại đơn", "", complaint.get_kind_display()),
                ("Ngày nhận", "", f"{complaint.received_on:%d/%m/%Y}"),
                ("Nội dung", "", complaint.get_topic_display()),
                ("Dự án", "", complaint.project.code if complaint.project else ""),
                ("Mã hồ sơ", "", ", ".join(case.code for case in letter.cases)),
                ("Thửa đất", "", ", ".join(intake.named(letter.parcel_text))),
            ]
            label = f"Đơn {complaint.serial}"
            report.show(Shown(number, "created", label, [f for f in fields if f[2]]))
            made.append(
                ImportRow(
                    run=run,
                    row=number,
                    action=ImportRow.Action.CREATED,
                    model="complaints.Complaint",
                    object_id=complaint.pk,
                    version_after=complaint.version,
                )
            )
        elif (kept.kind, kept.received_on) == (complaint.kind, complaint.received_on):
            report.unchanged += 1
        else:
            raise RowError(
                "Số tiếp nhận",
                f"Số {complaint.serial} đã có trong sổ với loại đơn hoặc ngày nhận khác.",
            )
    except RowError as error:
        report.refused += 1
        report.refuse("refused", str(error), number, error.column)


@dataclass
class Letter:
    """A row read: a letter that is not saved yet, who speaks for it, the land it is about."""

    complaint: Complaint
    names: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    parcel_text: str = ""


def _letter(row: dict[str, Cell], by: User | None) -> Letter:
    """Read a row as a letter; the land it names is what `by` may know."""
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
        return Letter(complaint)
    complaint.people_count = people
    if given.get("channel"):
        complaint.channel = _choice(given["channel"], Complaint.Channel, "Hình thức")
    if given.get("topic"):
        complaint.topic = _choice(given["topic"], Complaint.Topic, "Nội dung")
    complaint.target = given.get("target", "")[:200]
    complaint.content = given.get("content", "")
    if given.get("target_step"):
        complaint.target_step = _step(given["target_step"])
    letter = Letter(complaint)
    _place(letter, given, by)
    names = letter.names = [
        part.strip() for part in given.get("people", "").split(";") if part.strip()
    ]
    if len(names) > complaint.most_representatives:
        raise RowError(
            "Người đại diện",
            f"Với {people} người chỉ ghi nhiều nhất {complaint.most_representatives} đại diện.",
        )
    return letter


def _place(letter: Letter, given: dict[str, str], by: User | None) -> None:
    complaint = letter.complaint
    known = Project.objects.visible_to(by) if by else Project.objects.all()
    cases = Case.objects.counted_for(by) if by else Case.objects.all()
    parcels = Parcel.objects.visible_to(by) if by else Parcel.objects.all()
    if named := given.get("project"):
        projects = known.filter(code=named) or known.filter(name=named)
        complaint.project = projects.first()
        if complaint.project is None:
            raise RowError("Dự án", f"Không có dự án “{named}”. Ghi mã dự án.")
    try:
        letter.cases = intake.find_cases(cases, given.get("cases", ""), complaint.project)
    except intake.UnknownCaseError as error:
        raise RowError("Mã hồ sơ", str(error)) from error
    if letter.cases:
        complaint.project = letter.cases[0].project
    letter.parcel_text = given.get("parcels", "")
    try:
        letter.parcels = intake.find_parcels(parcels, letter.parcel_text, complaint.project)
    except intake.UnknownParcelError as error:
        raise RowError("Thửa đất", str(error)) from error


def _step(text: str) -> str:
    for code, label in steps.choices()[1:]:
        if fold(text) in (fold(label), fold(code)):
            return code
    raise RowError("Bước bị khiếu nại", f"“{text}” không phải tên một bước.")


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
