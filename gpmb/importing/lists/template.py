"""An empty list in the shape the program reads without a question."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

# Two tiers: the upper spans the columns whose lower tier follows.
COLUMNS = (
    ("STT", "", 6), ("Mã hồ sơ", "", 14), ("Họ và tên chủ sử dụng đất", "", 28),
    ("Số CCCD", "", 15), ("Địa chỉ", "", 26),
    ("Thửa đất", "Tờ bản đồ", 9), ("Thửa đất", "Số thửa", 9),
    ("Thửa đất", "Diện tích (m2)", 12), ("Thửa đất", "Loại đất", 9),
    ("Diện tích thu hồi (m2)", "", 14),
    ("Bồi thường, hỗ trợ (đồng)", "Về đất", 16),
    ("Bồi thường, hỗ trợ (đồng)", "Tài sản", 16),
    ("Bồi thường, hỗ trợ (đồng)", "Hỗ trợ", 16),
    ("Bồi thường, hỗ trợ (đồng)", "Tổng cộng", 16),
    ("Tiến độ", "Bước đã xong", 18), ("Tiến độ", "Ngày", 12),
    ("Tái định cư", "", 12), ("Ghi chú", "", 24),
)  # fmt: skip


def empty_list() -> bytes:
    """Return the workbook: a title, a heading of two tiers, a row of column numbers."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Danh sách"
    page["A1"] = "DANH SÁCH CÁC HỘ GIA ĐÌNH, CÁ NHÂN CÓ ĐẤT THU HỒI"
    page["A1"].font = Font(bold=True, size=13)
    line = Border(*[Side(style="thin")] * 4)
    for at, (upper, lower, width) in enumerate(COLUMNS, start=1):
        for row, words in ((3, upper), (4, lower), (5, f"({at})")):
            cell = page.cell(row, at, words or None)
            cell.font, cell.border = Font(bold=row < 5, italic=row == 5), line
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(at)].width = width
        if not lower:
            page.merge_cells(start_row=3, end_row=4, start_column=at, end_column=at)
    first = 1
    for at in range(2, len(COLUMNS) + 2):
        same = at <= len(COLUMNS) and COLUMNS[at - 1][0] == COLUMNS[first - 1][0]
        if not same:
            if at - first > 1:
                page.merge_cells(start_row=3, end_row=3, start_column=first, end_column=at - 1)
            first = at
    page.freeze_panes = "A6"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
