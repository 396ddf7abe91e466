"""A plan that gives each household a block of lines: recognised, and refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from gpmb.importing.cells import text
from gpmb.importing.columns import fold
from gpmb.importing.grid import Grid, NotAList

_HOUSEHOLD = re.compile(
    r"(?:[ivx]+|\d+)?(?:hovaten|hoten|tenchuho|chuho|tenchusudung|chusudung|nguoisudungdat"
    r"|hoong|hoba|hogiadinh).*"
)
_HOUSEHOLD_COLON = re.compile(r"\W*(?:[ivx]+|\d+)?\W*hộ\s*:.*", re.IGNORECASE)
LEAST_ROWS = 3
"""Of a block, its household's line included; lines that follow each other are a list."""


def refuse_blocks(grid: Grid) -> None:
    """Refuse a plan that gives each household a block of lines instead of a row."""
    found = [
        at
        for at, row in enumerate(grid.cells)
        if (filled := [words for cell in row if (words := text(cell))])
        and len(filled) <= 4
        and (_HOUSEHOLD.fullmatch(fold(filled[0])) or _HOUSEHOLD_COLON.fullmatch(filled[0]))
    ]
    apart = [at for before, at in pairwise(found) if at - before >= LEAST_ROWS]
    if apart:
        raise blocks(grid.name, 1 + len(apart))


def blocks(name: str, count: int) -> NotAList:
    return NotAList(
        "block_layout",
        f"Trang “{name}” trình bày mỗi hộ một khối ({count} khối): chưa đọc được. "
        "Lập danh sách mỗi hộ một dòng (tải mẫu ở trang Nhập liệu) rồi nhập lại.",
    )


def is_page_break(headers: Sequence[int], rows: Sequence[object]) -> bool:
    """Headers repeated for print stand many rows of numbered data apart."""
    return len(rows) >= 8 * len(headers)
