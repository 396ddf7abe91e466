"""One cell of an office's list as a number, an amount, a day, a text; or why it can't be."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeGuard

from gpmb.importing import numbers

Cell = str | float | int | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
Reading = Literal["", "thousands", "decimal", "dmy", "mdy"]
READINGS = ("thousands", "decimal", "dmy", "mdy")

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?"
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})" + _TIME)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})" + _TIME)
_IN_WORDS = re.compile(r"(?:ngày )?(\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)
_CURRENCY = re.compile(r"\s*(?:đ|đồng|vnd|vnđ)\.?\s*$", re.IGNORECASE)
# Day numbers of 1954-2064: what a date column holds when Excel lost its format.
_SERIALS = range(20_000, 60_000)
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_YEARS = range(1900, 2100)
# What a column of areas or amounts holds; three amounts together fit their total.
MAX_AREA_M2 = Decimal(10) ** 10
MAX_AMOUNT_VND = Decimal(10) ** 15
# Controls, and marks without width: copied along from web pages, seen by nobody.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff]")


class CellError(ValueError):
    """A cell that can't be read: a code, why, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def text(cell: Cell) -> str:
    """Return a cell as trimmed text in NFC, without what can't be seen; 9.0 is "9"."""
    if isinstance(cell, str):
        if cell.isascii():
            words = " ".join(cell.split()) if cell else ""
        else:
            words = " ".join(unicodedata.normalize("NFC", cell).split())
        return words if words.isprintable() else _UNSEEN.sub("", words).strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def is_day(cell: Cell) -> TypeGuard[dt.date]:
    """Whether the program that wrote the cell took it for a day."""
    return isinstance(cell, dt.date)


def number(cell: Cell, reading: Reading = "") -> Decimal | None:
    """Return a number not below zero, None for an empty cell."""
    if isinstance(cell, bool):
        raise _not_a_number(cell)
    if isinstance(cell, float | int):
        if cell < 0:
            raise CellError("negative", f"“{text(cell)}” là số âm. Nhập số từ 0 trở lên.")
        return Decimal(str(cell))
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise _not_a_number(cell)
    if isinstance(cell, str) and "\n" in cell.strip():
        raise CellError(
            "several_numbers", f"“{text(cell)}”: ô có nhiều dòng số. Ghi một số, hoặc tách dòng."
        )
    given = _CURRENCY.sub("", text(cell))
    if given in ("", "-", "–"):
        return None
    if reading == "thousands":
        given = re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", given)
    try:
        return numbers.number(given)
    except numbers.Ambiguous as error:
        whole, part = re.split(r"[.,]", given)
        if reading == "decimal":
            return Decimal(f"{whole}.{part}")
        raise CellError(
            "ambiguous_number",
            f"“{given}” đọc được hai cách: {whole}{part} hoặc {whole},{part}. "
            "Cho biết cách đọc của cột, hoặc nhập lại không có dấu.",
        ) from error
    except ValueError as error:
        raise CellError(
            "not_a_number", f"“{given}” không phải là số. Nhập lại bằng số, ví dụ 1.234,5."
        ) from error


def _not_a_number(cell: Cell) -> CellError:
    return CellError("not_a_number", f"“{cell}” không phải là số. Nhập lại bằng số.")


def area(cell: Cell, reading: Reading = "") -> Decimal | None:
    """Return square metres to 0.01."""
    value = number(cell, reading)
    if value is None:
        return None
    if value >= MAX_AREA_M2:
        raise _too_large(cell, "m²")
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _too_large(cell: Cell, unit: str) -> CellError:
    return CellError("too_large", f"“{text(cell)}” {unit} lớn quá mức. Kiểm tra lại số.")


def money(cell: Cell, reading: Reading = "") -> Decimal | None:
    """Return whole đồng; a fraction of a đồng is refused.

    A list in đồng writes "25.000" for twenty-five thousand: amounts have no decimals, so the
    point can only group.
    """
    value = number(cell, reading or "thousands")
    if value is not None and value >= MAX_AMOUNT_VND:
        raise _too_large(cell, "đồng")
    if value is not None and value != value.to_integral_value():
        raise CellError(
            "fraction_of_dong", f"“{text(cell)}” có phần lẻ của đồng. Nhập số đồng chẵn."
        )
    # Excel keeps 1000 as 1000.0: a decimal digit that a column of đồng refuses.
    return None if value is None else value.to_integral_value()


def day(cell: Cell, reading: Reading = "") -> dt.date | None:
    """Return a day, typed dd/mm/yyyy or stored as a date; None for an empty cell."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return _EXCEL_EPOCH + dt.timedelta(days=int(cell))
    given = text(cell)
    if not given:
        return None
    if match := _ISO.fullmatch(given):
        year, month, on = (int(part) for part in match.groups())
    elif match := _IN_WORDS.fullmatch(given):
        on, month, year = (int(part) for part in match.groups())
    elif match := _SLASHED.fullmatch(given):
        on, month, year = (int(part) for part in match.groups())
        if len(match[3]) == 2:
            year += 2000
            if on <= 12 and month <= 12 and on != month and not reading:
                raise CellError(
                    "ambiguous_date",
                    f"“{given}” có thể là ngày {on} tháng {month} hoặc ngày {month} tháng {on}. "
                    "Cho biết cách đọc của cột, hoặc nhập đủ dd/mm/yyyy.",
                )
        if reading == "mdy":
            on, month = month, on
    else:
        raise CellError("not_a_date", f"“{given}” không phải là ngày. Nhập dd/mm/yyyy.")
    try:
        if year not in _YEARS:
            raise ValueError(year)
        return dt.date(year, month, on)
    except ValueError as error:
        raise CellError(
            "impossible_date", f"“{given}” là ngày không có thật. Nhập lại dd/mm/yyyy."
        ) from error
