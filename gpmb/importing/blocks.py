"""A plan that gives each household a block of lines: recognised, and refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gpmb.importing.cells import text
from gpmb.importing.columns import fold
from gpmb.importing.grid import Grid, NotAList

_HOUSEHOLD = re.compile(
    r"(i|ii|iii|iv|v|vi|\d+)?(hovaten|hoten|tenchuho|hoong|hoba|hoongba|chuho).*"
)


def refuse_blocks(grid: Grid) -> None:
    """Refuse a plan that gives each household a block of lines instead of a row."""
    found = [
        row
        for row in grid.cells
        if (filled := [text(cell) for cell in row if text(cell)])
        and len(filled) <= 4
        and _HOUSEHOLD.fullmatch(fold(filled[0]))
        and (":" in filled[0] or len(filled) > 1)
    ]
    if len(found) >= 2:
        raise blocks(grid.name, len(found))


def blocks(name: str, count: int) -> NotAList:
    return NotAList(
        "block_layout",
        f"Trang “{name}” trình bày mỗi hộ một khối ({count} khối): chưa đọc được. "
        "Lập danh sách mỗi hộ một dòng (tải mẫu ở trang Nhập liệu) rồi nhập lại.",
    )


def is_page_break(headers: Sequence[int], rows: Sequence[object]) -> bool:
    """Headers repeated for print stand many rows of numbered data apart."""
    return len(rows) >= 8 * len(headers)
