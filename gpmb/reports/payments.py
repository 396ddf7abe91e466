"""The day's list of payments for the treasury or the bank, as rows and as a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from gpmb.compensation.models import Payment
from gpmb.land.models import Party

HEADING = (
    "STT",
    "Loại",
    "Mã hồ sơ",
    "Họ tên",
    "Dự án",
    "Ngân hàng, nơi gửi",
    "Số tài khoản",
    "Chứng từ",
    "Số tiền (đồng)",
)
WIDTHS = (6, 18, 16, 28, 34, 30, 20, 18, 18)


@dataclass(frozen=True)
class DayLine:
    """One line of the list: who gets how much, where to."""

    payment: Payment
    name: str
    bank: str
    account: str


def day_lines(payments: Iterable[Payment], holders: Mapping[int, Party]) -> list[DayLine]:
    """Return the lines of approved payments; a deposit goes to its account, not the person's."""
    found = []
    for payment in payments:
        party = holders.get(payment.case_id)
        name = party.name if party else ""
        if payment.kind == Payment.Kind.DEPOSIT or party is None:
            found.append(DayLine(payment, name, payment.account, ""))
        else:
            found.append(DayLine(payment, name, party.bank_name, party.bank_account))
    return found


def day_workbook(lines: Sequence[DayLine], day: dt.date) -> bytes:
    """Return the list as XLSX: text stays text, the total is a formula over the amounts."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  (a new workbook has a sheet)
    sheet.title = f"{day:%d-%m-%Y}"
    sheet.append([f"BẢNG KÊ CHI TRẢ NGÀY {day:%d/%m/%Y}"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(list(HEADING))
    for number, line in enumerate(lines, 1):
        payment = line.payment
        sheet.append(
            [
                number,
                payment.get_kind_display(),
                payment.case.code,
                line.name,
                payment.case.project.name,
                line.bank,
                line.account,
                payment.document.number if payment.document else "",
                payment.amount_vnd,
            ]
        )
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":  # what people typed never runs in someone's Excel
                cell.data_type = "s"
    last = sheet.max_row
    total = f"=SUM(I3:I{last})" if lines else Decimal(0)
    sheet.append(["", "Tổng cộng", *[""] * 6, total])
    for cell in (*sheet[2], *sheet[sheet.max_row]):
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=3, min_col=9, max_col=9):
        row[0].number_format = "#,##0"
    for at, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDEFGHI"[at]].width = width
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()
