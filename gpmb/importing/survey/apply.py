"""Load parcel rows: stage by COPY, compare with what is known, write in one transaction.

The file streams into a temporary table, so memory is bounded by a chunk. Everything after that is
a handful of statements over whole sets: duplicates, matches, differences, inserts, updates. The
`ImportRun` is written first, by the ORM: that opens the history's context, which COPY and INSERT
of the same transaction then carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from geo import checks
from geo.crs import Bounds, vn
from geo.measure import Floats
from gpmb.clearance.models import Project
from gpmb.importing.findings import KEPT_ROWS, Report, Shown
from gpmb.importing.models import ImportRun
from gpmb.importing.numbers import vn as vn2
from gpmb.importing.survey import statements as sql
from gpmb.importing.survey.overlaps import Overlaps
from gpmb.importing.survey.parcels import ParcelRow
from gpmb.land.models import AdministrativeUnit

SAME_WITHIN_M = 0.001
"""Boundaries closer than this everywhere are the same: formats round differently."""


@dataclass
class ParcelLoader:
    """One import of parcels into one project; call its steps in order, inside a transaction."""

    project: Project
    unit: AdministrativeUnit
    run: ImportRun
    report: Report
    overlaps: Overlaps

    def stage(self, batches: Iterable[tuple[list[ParcelRow], Floats]]) -> None:
        """Copy the rows into the staging table and settle what they are to each other."""
        with connection.cursor() as cursor:
            cursor.execute(sql.STAGE)
            copy_in = f"COPY incoming ({sql.COLUMNS}) FROM STDIN"
            with cursor.cursor.copy(copy_in) as copy:
                for rows, box in batches:
                    for row in rows:
                        copy.write_row(row)
                    shapes = (bytes.fromhex(row.boundary) for row in rows)
                    self.overlaps.add([row.row for row in rows], box, shapes)
            cursor.execute("CREATE UNIQUE INDEX ON incoming (row)")
            cursor.execute(sql.ANALYZE)
        refused = self._refuse_duplicates()
        self._do(sql.COMPARE)
        for statement in sql.INDEX:
            self._do(statement)
        self._check_shift()
        self.overlaps.begin(refused, self._known_around)
        self._settle()

    def write(self) -> None:
        """Insert what is new, update what differs, note each row for an undo."""
        for statement in sql.WRITE:
            self._do(statement)
        self._do("SET CONSTRAINTS ALL IMMEDIATE")  # what is wrong shows here, not at the commit
        self._do("SET CONSTRAINTS ALL DEFERRED")

    def _refuse_duplicates(self) -> set[int]:
        found = self._all(sql.DUPLICATES)
        for row, first, key, same in found:
            if same:
                self.report.error(
                    "repeated_row",
                    f"Lặp lại nguyên dòng {first}. Bỏ một trong hai dòng.",
                    row,
                )
            else:
                self.report.error(
                    "duplicate_number",
                    f"Tờ/thửa {key} cũng ở dòng {first} với ranh hoặc thuộc tính khác. "
                    "Sửa số thửa hoặc bỏ dòng sai.",
                    row,
                )
        if found:
            self.report.refused += self._do(sql.DROP_DUPLICATES)
        return {row for row, *_ in found}

    def _known_around(self, area: Bounds) -> list[tuple[str, bytes]]:
        """Number and shape of the parcels in a box that the file doesn't speak of."""
        west, south, east, north = area
        rows = self._all(sql.KNOWN_AROUND, west=west, south=south, east=east, north=north)
        return [(key or "(không số)", bytes(shape)) for key, shape in rows]

    def warn_of_overlaps(self) -> None:
        """Say which rows lie on top of others, or of parcels already known."""
        for row, other, key, area_m2 in self.overlaps.found():
            where = f"dòng {other}" if other is not None else f"thửa {key} đã có"
            self.report.warning(
                "overlap", f"Chồng lên {where} {vn(area_m2)} m². Xem lại ranh hai thửa.", row
            )

    def _settle(self) -> None:
        """Refuse what can't be changed by a file, and count the rest."""
        mixed = self._all(sql.MIXED)
        for (row,) in mixed:
            self.report.error(
                "mixed_land",
                "Phần thu hồi đã chia nhiều loại đất nên không đổi diện tích bằng tệp được. "
                "Sửa diện tích từng loại trên trang hồ sơ.",
                row,
            )
        if mixed:
            self.report.refused += self._do(sql.DROP_MIXED)
        for (row,) in self._all(sql.HAS_CASE):
            self.report.warning(
                "taking_has_case",
                "Phần thu hồi đã vào hồ sơ: chỉ cập nhật thửa, không đổi diện tích trong hồ sơ.",
                row,
            )
        counts = self._all(sql.COUNT)[0]
        self.report.created, self.report.changed, self.report.unchanged = map(int, counts)

    def show(self) -> None:
        """Keep what new and changed rows become for the preview."""
        for row, kind, key, old_area, area, old_taken, taken, moved in self._all(
            sql.SHOW, kept=KEPT_ROWS
        ):
            fields = [
                ("Diện tích thửa (m²)", old_area, area if area is not None else old_area),
                ("Thu hồi (m²)", old_taken, taken),
            ]
            words = [
                (name, "" if old is None else vn2(old), "" if new is None else vn2(new))
                for name, old, new in fields
                if old != new
            ]
            if moved:
                words.append(("Ranh thửa", "ranh đã có", "ranh trong tệp"))
            self.report.show(Shown(row, kind, f"Thửa {key}" if key else "Thửa chưa có số", words))

    def _check_shift(self) -> None:
        """Stop when all known parcels would move by the same vector: the layer is displaced."""
        pairs = np.array(self._all(sql.CENTRES), dtype=np.float64).reshape(-1, 4)
        shift = checks.common_shift(pairs[:, :2], pairs[:, 2:])
        if shift is None:
            return
        self.report.error(
            "common_shift",
            f"Cả lớp lệch {vn(shift.metres, 2)} m so với {len(pairs)} thửa đã có cùng số: "
            f"{shift.cause}. Kiểm tra hệ tọa độ của tệp (--crs) trước khi nhập.",
        )

    def _parameters(self) -> dict[str, Any]:
        return {
            "project": self.project.pk,
            "unit": self.unit.pk,
            "run": self.run.pk,
            "same": SAME_WITHIN_M,
        }

    def _do(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters())
            return int(cursor.rowcount)

    def _all(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self._parameters(), **more})
            return list(cursor.fetchall())
