"""Complaints on paper: the register and the monthly table as XLSX."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Font

from gpmb.complaints.monthly import COLUMNS, Month, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gpmb.complaints.models import Complaint

REGISTER = (
    "Số tiếp nhận",
    "Loại đơn",
    "Ngày nhận",
    "Hình thức",
    "Số người",
    "Nội dung",
    "Dự án",
    "Mã hồ sơ",
    "Thửa đất",
    "Trạng thái",
    "Ngày thụ lý",
    "Hạn giải quyết",
    "Ngày trả lời",
    "Kết quả",
    "Ngày thực hiện xong",
    "Gộp vào đơn số",
)
RECEPTION = (
    "STT",
    "Ngày tiếp",
    "Số tiếp nhận",
    "Họ tên",
    "Địa chỉ",
    "Số người",
    "Nội dung",
    "Phân loại",
    "Dự án",
    "Mã hồ sơ",
    "Thửa đất",
    "Cán bộ thụ lý",
    "Xử lý",
    "Ngày trả lời",
    "Kết quả",
)


def register(rows: Iterable[Complaint]) -> bytes:
    """Return the register as a workbook: a whitelist of columns, no names, no content.

    `rows` come `with_land` of the reader.
    """
    book, sheet = _sheet("Đơn thư", REGISTER)
    for c in rows:
        sheet.append(
            [
                c.serial,
                c.get_kind_display(),
                c.received_on,
                c.get_channel_display(),
                c.people_count if c.kind != "denunciation" else None,
                c.get_topic_display(),
                c.project.name if c.project else None,
                ", ".join(c.case_codes) or None,
                ", ".join(filter(None, c.parcel_numbers)) or None,
                c.get_status_display(),
                c.accepted_on,
                c.due_on,
                c.answered_on,
                c.get_result_display(),
                c.implemented_on,
                c.repeats.serial if c.repeats else None,
            ]
        )
    for column in ("C", "K", "L", "M", "O"):
        for cell in sheet[column][1:]:
            cell.number_format = "dd/mm/yyyy"
    return _bytes(book)


def reception_book(rows: Iterable[Complaint]) -> bytes:
    """Return the citizens' reception book: who came, about what, and what was done.

    Names and addresses stand in it: the caller gives it to the petition officer alone, with the
    land of the letters (`with_land`).
    """
    book, sheet = _sheet("Sổ tiếp công dân", RECEPTION)
    for number, c in enumerate(rows, start=1):
        people = [row.party for row in c.complaint_parties.all()]
        sheet.append(
            [
                number,
                c.received_on,
                c.serial,
                "; ".join(party.name for party in people),
                "; ".join(party.address for party in people if party.address),
                c.people_count,
                c.content or c.get_topic_display(),
                c.get_kind_display(),
                c.project.name if c.project else None,
                ", ".join(c.case_codes) or None,
                ", ".join(filter(None, c.parcel_numbers)) or None,
                str(c.officer) if c.officer else None,
                c.get_status_display(),
                c.answered_on,
                c.get_result_display(),
            ]
        )
    for column in ("B", "N"):
        for cell in sheet[column][1:]:
            cell.number_format = "dd/mm/yyyy"
    return _bytes(book)


def monthly(months: list[Month], year: int) -> bytes:
    """Return the monthly table as a workbook, each figure beside that of a year before."""
    heading = ["Tháng"]
    for _, label, *_ in COLUMNS:
        heading += [f"{label} {year}", f"{label} {year - 1}"]
    book, sheet = _sheet(f"Năm {year}", heading)
    for row in [*months, total(months)]:
        figures = [value for key, *_ in COLUMNS for value in (row.now[key], row.before[key])]
        sheet.append([row.month or "Cộng", *figures])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    return _bytes(book)


def _sheet(title: str, heading: Iterable[str]) -> tuple[Workbook, Any]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  (a new workbook has a sheet)
    sheet.title = title
    sheet.append(list(heading))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 18
    sheet.freeze_panes = "A2"
    return book, sheet


def _bytes(book: Workbook) -> bytes:
    # Text that begins with "=" is text: what people typed never runs in someone's Excel.
    for row in book.worksheets[0].iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
    out = BytesIO()
    book.save(out)
    return out.getvalue()
