"""What a column shows of itself: a few of its cells, and the two ways they may read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gpmb.importing.cells import Cell, CellError, day, text
from gpmb.importing.numbers import vn

SAMPLES = 3


def samples_of(values: Iterable[Cell]) -> list[str]:
    found: list[str] = []
    for value in values:
        words = words_of(value)
        if words and words not in found:
            found.append(words[:40])
        if len(found) == SAMPLES:
            break
    return found


def words_of(value: Cell) -> str:
    """A cell as a person reads it: dates and figures the Vietnamese way."""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and (not value.is_integer() or abs(value) >= 100_000):
        return vn(Decimal(str(value)))
    return text(value)


def two_readings(cells: Iterable[Cell], read: Callable[..., Any]) -> dict[str, Any] | None:
    found: list[str] = []
    for cell in cells:
        if not isinstance(cell, str) or not cell:
            continue
        try:
            read(cell)
        except CellError as error:
            if error.code.startswith("ambiguous"):
                found.append(text(cell))
    if not found:
        return None
    example = found[0]
    if read is day:
        first, second, year = example.replace(".", "/").replace("-", "/").split("/")
        choices = [
            [
                "dmy",
                f"ngày/tháng: {example} là ngày {int(first)} tháng {int(second)} năm 20{year}",
            ],
            [
                "mdy",
                f"tháng/ngày: {example} là ngày {int(second)} tháng {int(first)} năm 20{year}",
            ],
        ]
    else:
        point = "." if "." in example else ","
        whole, part = example.split(point, 1)
        part = part.split(" ")[0]
        choices = [
            ["thousands", f"dấu phân nhóm nghìn: {example} là {whole}{part}"],
            ["decimal", f"dấu phần lẻ: {example} là {whole},{part}"],
        ]
    return {"count": len(found), "example": example, "choices": choices}
