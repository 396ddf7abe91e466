"""Which units became which: a table of old and new codes, as CSV or the merges of dvhcvn."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from gpmb.importing.columns import fold
from gpmb.importing.findings import WrongUsage


def read_successions(path: Path) -> dict[str, list[str]]:
    """New code → sorted old codes.

    CSV: the first column of codes is the old ones, the last the new ones (headers with "code",
    "ma", "old" or "new"). JSON: ``level2s`` of ``level2_id`` and ``merges`` of ``old_id``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        pairs = _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise WrongUsage(f"--successions {path.name}: không đọc được ({error}).") from error
    found: dict[str, set[str]] = {}
    for old, new in pairs:
        found.setdefault(new, set()).add(old)
    return {new: sorted(old) for new, old in found.items()}


def _from_csv(text: str) -> list[tuple[str, str]]:
    rows = list(csv.DictReader(text.splitlines()))
    headers = list(rows[0]) if rows else []
    codes = [
        name
        for name in headers
        if any(word in fold(name) for word in ("code", "ma", "old", "new"))
    ]
    codes = [name for name in codes if "name" not in fold(name)]
    if len(codes) < 2:
        raise WrongUsage(f"--successions cần cột mã cũ và cột mã mới; tệp có: {headers}.")
    return [(row[codes[0]].strip(), row[codes[-1]].strip()) for row in rows if row[codes[-1]]]


def _from_json(text: str) -> list[tuple[str, str]]:
    content: dict[str, Any] = json.loads(text)
    return [
        (str(merge["old_id"]), str(unit["level2_id"]))
        for unit in content["level2s"]
        for merge in unit["merges"]
    ]
