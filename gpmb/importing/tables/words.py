"""What rows of every table are read and told by: a choice, a count, before and after."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, Reading
from gpmb.importing.columns import fold
from gpmb.importing.numbers import vn
from gpmb.importing.tables.table import Field
from gpmb.importing.tables.where import RowError

MOST = 30_000
"""What a count stays below: the columns hold no more."""


def choice_of(text: str, choices: Sequence[tuple[Any, str]], name: str, what: str) -> Any:
    """The value whose label is `text` without diacritics; RowError offers what there is."""
    for value, label in choices:
        if fold(text) in (fold(label), fold(str(value))):
            return value
    near = "; ".join(label for _, label in choices[:8])
    raise RowError(name, f"“{text}” không thuộc danh sách {what}. Một trong: {near}.")


def count(cell: Cell, reading: Reading = "") -> int | None:
    """Return how many: a whole number from 1, None for an empty cell; "1.200" is 1200."""
    value = cells.number(cell, reading or "thousands")
    if value is None:
        return None
    if value < 1 or value != value.to_integral_value() or value > MOST:
        raise CellError("not_a_count", f"“{cells.text(cell)}” phải là số nguyên từ 1 đến {MOST}.")
    return int(value)


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, diacritics, spaces and signs."""
    return fold(one) == fold(other)


def not_after(given: Mapping[str, Any], name: str, today: dt.date) -> None:
    """RowError where a day that has to be past lies after the data date."""
    if given.get(name) and given[name] > today:
        raise RowError(name, f"Ngày {given[name]:%d/%m/%Y} sau ngày số liệu.")


def in_words(value: Any) -> str:
    """A value as the preview shows it."""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return vn(value) if isinstance(value, Decimal) else str(value or "")


def print_of(*values: Any) -> int:
    """A checksum of what a row without a version says: an undo compares it."""
    return zlib.crc32(repr(values).encode()) & 0x7FFFFFFF


def plain(value: Any) -> Any:
    """A value as `ImportRow.before` keeps it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else getattr(value, "pk", value)


def shown(
    fields: Mapping[str, Field], old: Mapping[str, Any] | None, new: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """What the preview says of a row: label, before ("" where the row is new), after."""
    return [
        (
            fields[name].label.capitalize(),
            "" if old is None else in_words(old[name]) or "chưa có",
            in_words(value),
        )
        for name, value in new.items()
        if old is not None or value not in (None, "")
    ]
