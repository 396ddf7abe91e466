"""A table of cells in, a verdict in JSON out: hotspots of any counts, without the database."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from geo import hotspots, scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = ("q", "r", "n", "c")
SCAN_SEED = 20230131
SCAN_REPLICATES = 999


class BadTable(ValueError):
    """A table that cannot be read; says where and why in Vietnamese."""


def read(path: Path) -> NDArray[np.int64]:
    """Read a CSV table with the columns q, r, n, c into an array (4, cells)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(
            f"Không đọc được tệp {path}: {error}. "
            "Hãy kiểm tra đường dẫn và lưu tệp dạng CSV UTF-8."
        ) from error
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadTable(
            f"Tệp {path.name} thiếu cột {', '.join(missing)}. Dòng đầu phải có các cột q,r,n,c "
            "(tọa độ ô lục giác, số hộ có nguy cơ, số hộ có vụ việc)."
        )
    seen: dict[tuple[int, int], int] = {}
    table = []
    for line, row in enumerate(rows, start=2):
        q, r, n, c = (_whole(row[name], name, line) for name in COLUMNS)
        if not 0 <= c <= n:
            raise BadTable(
                f"Dòng {line}: cần 0 ≤ c ≤ n nhưng n = {n}, c = {c}. Số hộ có vụ việc không thể "
                "vượt số hộ có nguy cơ; hãy sửa dòng này."
            )
        if (q, r) in seen:
            raise BadTable(
                f"Dòng {line}: ô ({q}, {r}) đã có ở dòng {seen[q, r]}. Mỗi ô chỉ một dòng; "
                "hãy gộp hai dòng."
            )
        seen[q, r] = line
        table.append((q, r, n, c))
    return np.array(table, np.int64).reshape(-1, 4).T


def _whole(text: str | None, column: str, line: int) -> int:
    try:
        return int((text or "").strip())
    except ValueError:
        raise BadTable(
            f"Dòng {line}, cột {column}: “{text or ''}” không phải số nguyên. Hãy sửa ô này."
        ) from None


def as_json(run: hotspots.Run, clusters: Sequence[scan.Cluster]) -> dict[str, Any]:
    """Return the verdict, every window and the scan's clusters; rows of clusters are the run's."""
    windows = run.windows
    return {
        "verdict": run.verdict.value,
        "households": run.households,
        "cases": run.cases,
        "tested": run.tested,
        "windows": [
            {
                "q": int(run.q[cell]),
                "r": int(run.r[cell]),
                "k": int(windows.ring[i]),
                "O": int(windows.observed[i]),
                "n": int(windows.at_risk[i]),
                "E": float(windows.expected[i]),
                "smr": float(windows.ratio[i]),
                "p": float(windows.p[i]),
                "hot": bool(windows.hot[i]),
                "watch": bool(windows.watch[i]),
                "tested": bool(windows.tested[i]),
                "verdict": windows.verdict(i).value,
            }
            for i, cell in enumerate(windows.cell)
        ],
        "scan": [
            {
                "llr": cluster.llr,
                "p": cluster.p,
                "cells": [[int(run.q[i]), int(run.r[i])] for i in cluster.rows],
                "O": cluster.observed,
                "n": cluster.at_risk,
                "E": cluster.expected,
            }
            for cluster in clusters
        ],
    }


def scan_run(
    run: hotspots.Run, *, seed: int = SCAN_SEED, replicates: int = SCAN_REPLICATES
) -> list[scan.Cluster]:
    """Scan the cells of a run; the clusters' rows are the run's."""
    return scan.scan(run.q, run.r, run.at_risk, run.with_case, seed=seed, replicates=replicates)
