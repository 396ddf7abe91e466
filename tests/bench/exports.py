"""Speed of writing a long list as a workbook, beside openpyxl: python tests/bench/exports.py

The same rows in the same look: openpyxl row by row (write-only, styles looked up once), and
`gpmb.reports.long_sheet`, as exports are written. No database.
Exits 1 when it is not half as fast again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Border, Side

from gpmb.reports.long_sheet import LongSheet

FASTER = 1.5
COLUMNS = 16
BOX = Border(*[Side(style="thin")] * 4)


def lines(count: int) -> Iterator[list[Any]]:
    for at in range(count):
        yield [
            at, f"CCN-{at:05}", f"Hộ minh họa {at}", "Khu 1", "Hải Hòa", "5", str(at), "LUC",
            Decimal("500.50"), Decimal("400.25"), at * 1000, None, "Kiểm đếm",
            dt.date(2023, 6, 30), None, None,
        ]  # fmt: skip


def by_cells(count: int, path: Path) -> None:
    book = Workbook(write_only=True)
    page: Any = book.create_sheet("Danh sách")
    model = WriteOnlyCell(page)
    model.border = BOX
    for values in lines(count):
        cells = []
        for value in values:
            cell = WriteOnlyCell(page, value)
            cell._style = model._style
            cells.append(cell)
        page.append(cells)
    book.save(path)


def by_rows(count: int, path: Path) -> None:
    columns = [("Cột", 12, "")] * COLUMNS
    with LongSheet(path, "Danh sách", columns) as sheet:
        for values in lines(count):
            sheet.add(values)


def seconds(work: Callable[[int, Path], None], count: int) -> float:
    """Processor seconds, the better of two."""
    times = []
    with tempfile.TemporaryDirectory(prefix="gpmb-bench-") as folder:
        for _ in range(2):
            start = time.process_time()
            work(count, Path(folder) / "ds.xlsx")
            times.append(time.process_time() - start)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    cells, long = seconds(by_cells, rows), seconds(by_rows, rows)
    print(f"{rows} dòng × {COLUMNS} cột")
    print(f"{'openpyxl, từng ô':24} {cells:7.2f} s")
    print(f"{'LongSheet':24} {long:7.2f} s, nhanh {cells / long:.1f} lần")
    return 0 if cells >= FASTER * long else 1


if __name__ == "__main__":
    sys.exit(main())
