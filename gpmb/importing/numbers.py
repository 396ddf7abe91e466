"""Numbers as Vietnamese offices type them: 1.234,5 and 1234.5 and, unclear, 20.000."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(r"\d+")
_GROUPED = re.compile(r"\d{1,3}(?P<sep>[., ])\d{3}(?:(?P=sep)\d{3})+")
_UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")
_BOTH = re.compile(r"(?P<whole>\d{1,3}(?:(?P<sep>[., ])\d{3})+)(?P<point>[.,])(?P<rest>\d+)")
_UNIT = re.compile(r"\s*m(?:2|²)\s*$", re.IGNORECASE)


class Ambiguous(ValueError):
    """Both readings are possible: "20.000" is twenty or twenty thousand."""


def number(text: str) -> Decimal:
    """Read a number not below zero; `Ambiguous` or ValueError where it can't be read.

    >>> number("1.234,5"), number("1,234.5"), number("12,5"), number("1.234.567")
    (Decimal('1234.5'), Decimal('1234.5'), Decimal('12.5'), Decimal('1234567'))
    """
    given = _UNIT.sub("", text.replace("\u00a0", " ").strip())
    if _PLAIN.fullmatch(given):
        return Decimal(given)
    if _GROUPED.fullmatch(given):
        return Decimal(re.sub(r"\D", "", given))
    match = _BOTH.fullmatch(given)
    if match and match["sep"] != match["point"]:
        return Decimal(re.sub(r"\D", "", match["whole"]) + "." + match["rest"])
    if _UNCLEAR.fullmatch(given):
        raise Ambiguous(text)
    if match := _DECIMAL.fullmatch(given):
        return Decimal(f"{match[1]}.{match[2]}")
    raise ValueError(text)


def vn(value: Decimal | int) -> str:
    """1.234,5 as on screen."""
    plain = f"{Decimal(value):,.2f}".rstrip("0").rstrip(".")
    return plain.translate(str.maketrans(",.", ".,"))
