"""Lists typed in .VnTime and its kin: their TCVN3 letters become Unicode, column by column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo import tcvn3
from gpmb.importing.cells import Cell

SAMPLE_ROWS = 300
# Signs of Latin-1 that Vietnamese in Unicode never uses and TCVN3 uses for its letters.
_SIGNS = re.compile(
    "[\u00a8\u00a9\u00ab\u00ac\u00ae\u00af\u00b5\u00b6\u00b8-\u00bfÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïñö÷øûüþ]"
)


def decode(cells: Sequence[list[Cell]]) -> int:
    """Rewrite the columns that hold TCVN3 in place; return how many they are.

    A column is rewritten when its words, read as TCVN3, are Vietnamese syllables; cells with
    letters beyond Latin-1 are Unicode already and stay.
    """
    head = cells[:SAMPLE_ROWS]
    found = {
        at
        for row in head
        for at, cell in enumerate(row)
        if isinstance(cell, str) and not cell.isascii() and _SIGNS.search(cell)
    }
    old = [at for at in found if _is_old([row[at] for row in head if at < len(row)])]
    for row in cells if old else ():
        for at in old:
            if at < len(row) and isinstance(cell := row[at], str) and not cell.isascii():
                row[at] = tcvn3.from_latin1(cell, "tcvn3")
    return len(old)


def _is_old(column: Sequence[Cell]) -> bool:
    samples = []
    for cell in column:
        if isinstance(cell, str) and not cell.isascii():
            try:
                samples.append(cell.encode("latin-1"))
            except UnicodeEncodeError:
                continue
    return tcvn3.guess(samples) == "tcvn3"
