"""The hash that freezes a version of a plan: SHA-256 over its content in one canonical form.

The form is JSON with sorted keys and no spaces, UTF-8; quantities with three decimals, percents
with two, money in whole đồng, all as text. Anyone can compute it again from a printed plan.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

# field of a line → decimals, None for text
FIELDS: Mapping[str, int | None] = {
    "order": 0,
    "block": None,
    "description": None,
    "land_code": None,
    "quantity": 3,
    "unit": None,
    "unit_price_vnd": 0,
    "percent": 2,
    "amount_vnd": 0,
    "basis": None,
    "explanation": None,
}


def canonical(case: int, number: int, lines: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the bytes that are hashed: the case (its key), the version, its lines in order."""
    rows = [{name: _text(line[name], FIELDS[name]) for name in FIELDS} for line in lines]
    rows.sort(key=lambda row: (int(row["order"]), json.dumps(row, sort_keys=True)))
    content = {"case": case, "number": number, "lines": rows}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def digest(case: int, number: int, lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 of `canonical` in hexadecimal.

    >>> digest(7, 1, [])[:16]
    'c5ffaf5db1a7308f'
    """
    return hashlib.sha256(canonical(case, number, lines)).hexdigest()


def _text(value: Any, decimals: int | None) -> str:
    if value is None:
        return ""
    return str(value) if decimals is None else f"{Decimal(str(value)):.{decimals}f}"
