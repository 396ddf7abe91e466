"""What a sheet of any kind may not be passed over in silence: hidden rows, formulas, other sheets.

Words and codes for every reader of cells, so that a list and a table say the same of the same.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from openpyxl.utils import column_index_from_string

from gpmb.importing.findings import Report
from gpmb.importing.grid import Grid, Pages


def of_file(grid: Grid) -> list[tuple[str, str]]:
    """Codes and words of how the sheet itself was read."""
    said = []
    if not grid.visible:
        said.append(("hidden_sheet", f"Trang “{grid.name}” đang ẩn trong tệp mà vẫn đọc."))
    if not grid.tells_hidden and not grid.pasted:
        said.append(
            (
                "hidden_unknown",
                "Tệp .xls, .ods không cho biết dòng nào đang ẩn, ô nào là công thức: đọc cả. "
                "Muốn bỏ dòng ẩn thì lưu thành .xlsx.",
            )
        )
    if grid.old_font_columns:
        said.append(
            (
                "old_font",
                f"{grid.old_font_columns} cột gõ bằng phông .VnTime (mã TCVN3): đã chuyển sang "
                "Unicode. Xem lại tên người, địa chỉ trước khi ghi.",
            )
        )
    return said


def other_pages(name: str, pages: Pages) -> str:
    """Say which sheets of a file are not read; nothing where there is no other."""
    others = ", ".join(f"“{page}” ({rows} dòng)" for page, rows in pages if page != name)
    if not others:
        return ""
    return (
        f"Chỉ đọc trang “{name}”. Tệp còn danh sách ở trang {others}: mỗi lần nhập một trang, "
        "trang khác thì chạy lại với --sheet."
    )


def warn_of_formulas(formulas: int, report: Report) -> None:
    """Say that the values of formulas are those the file keeps."""
    if formulas:
        report.warning(
            "formulas",
            f"Trang có {formulas} ô công thức: đọc theo giá trị lưu trong tệp. "
            "Nếu vừa sửa số liệu thì mở bằng Excel và lưu lại trước khi nhập.",
        )


def warn_of_hidden(rows: Sequence[int], report: Report) -> None:
    """Say which rows were left out because they are hidden."""
    if rows:
        report.warning(
            "hidden_rows",
            f"Bỏ qua {len(rows)} dòng đang ẩn (dòng {spans(rows)}). Muốn nhập thì bỏ lọc, bỏ ẩn "
            "rồi lưu lại, hoặc chọn đọc cả dòng ẩn.",
        )


def of_data(
    cells: Mapping[int, Sequence[str]], rows: Container[int], columns: Container[int]
) -> dict[int, list[str]]:
    """Keep the cells of data rows in columns that mean something: row → addresses."""
    found = dict[int, list[str]]()
    for row, addresses in cells.items():
        if row not in rows:
            continue
        for address in addresses:
            letters = address.split(" ")[0].rstrip("0123456789")
            if column_index_from_string(letters) - 1 in columns:
                found.setdefault(row, []).append(address)
    return found


def refuse_formulas(
    row: int, no_value: Sequence[str], errors: Sequence[str], report: Report
) -> bool:
    """Refuse a row with cells whose value the file doesn't hold, or holds as an error."""
    if no_value:
        report.refuse(
            "formula_without_value",
            f"Ô {', '.join(no_value)} là công thức chưa có giá trị lưu trong tệp. Mở "
            "bằng Excel hoặc LibreOffice, lưu lại rồi nhập.",
            row,
        )
    if errors:
        report.refuse(
            "error_value",
            f"Ô {', '.join(errors)} báo lỗi công thức. Sửa công thức hoặc ghi giá trị.",
            row,
        )
    return bool(no_value or errors)


def spans(rows: Sequence[int], most: int = 8) -> str:
    """Row numbers as "9, 12–15, …"."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    words = [str(a) if a == b else f"{a}–{b}" for a, b in found[:most]]
    return ", ".join([*words, "…"] if len(found) > most else words)
