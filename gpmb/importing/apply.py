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
import shapely
from django.db import connection

from geo import checks, measure
from geo.crs import vn
from geo.measure import Floats
from gpmb.clearance.models import Project
from gpmb.importing import statements as sql
from gpmb.importing.findings import KEPT_ROWS, Report, Shown
from gpmb.importing.models import ImportRun
from gpmb.importing.numbers import vn as vn2
from gpmb.importing.parcels import ParcelRow
from gpmb.land.models import AdministrativeUnit
from gpmb.many import QUIET_TRIGGERS

OVERLAP_TILE = 20_000
"""Parcels compared with each other at a time."""
SAME_WITHIN_M = 0.001
"""Boundaries closer than this everywhere are the same: formats round differently."""


@dataclass
class ParcelLoader:
    """One import of parcels into one project; call its steps in order, inside a transaction."""

    project: Project
    unit: AdministrativeUnit
    run: ImportRun
    report: Report

    def stage(self, batches: Iterable[tuple[list[ParcelRow], Floats]]) -> None:
        """Copy the rows into the staging table and settle what they are to each other."""
        boxes = [np.empty((0, 4))]
        numbers = [np.empty(0, dtype=np.int64)]
        with connection.cursor() as cursor:
            cursor.execute(QUIET_TRIGGERS)
            cursor.execute(sql.STAGE)
            copy_in = f"COPY incoming ({sql.COLUMNS}) FROM STDIN"
            with cursor.cursor.copy(copy_in) as copy:
                for rows, box in batches:
                    for row in rows:
                        copy.write_row(row)
                    boxes.append(box)
                    numbers.append(np.array([row.row for row in rows], dtype=np.int64))
            cursor.execute("CREATE UNIQUE INDEX ON incoming (row)")
            cursor.execute(sql.ANALYZE)
        self._refuse_duplicates()
        self._match()
        self._warn_of_overlaps(np.concatenate(numbers), np.concatenate(boxes))
        self._compare()

    def write(self) -> None:
        """Insert what is new, update what differs, note each row for an undo."""
        self._do(sql.ANALYZE)  # the comparison filled its columns
        for statement in sql.WRITE:
            self._do(statement)
        self._do("SET CONSTRAINTS ALL IMMEDIATE")  # what is wrong shows here, not at the commit
        self._do("SET CONSTRAINTS ALL DEFERRED")

    def _refuse_duplicates(self) -> None:
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

    def _match(self) -> None:
        """Find the parcel of each row: by number in its unit, else by the same boundary."""
        self._do(sql.MATCH_BY_NUMBER)
        self._do(sql.MATCH_BY_SHAPE)
        self._do(sql.MATCH_TAKINGS)

    def _warn_of_overlaps(self, numbers: Any, boxes: Floats) -> None:
        """Compare neighbours tile by tile, the parcels already known among them."""
        for tile in measure.tiles(boxes, OVERLAP_TILE):
            area = measure.total_bounds(boxes[tile])
            if area is None:
                continue
            near = (boxes[:, 0] <= area[2]) & (boxes[:, 2] >= area[0])
            near &= (boxes[:, 1] <= area[3]) & (boxes[:, 3] >= area[1])
            own = self._all(
                "SELECT row, key, ST_AsBinary(boundary), true FROM incoming "
                "WHERE row = ANY(%(rows)s)",
                rows=numbers[near].tolist(),
            )
            known = self._all(
                sql.KNOWN_AROUND, west=area[0], south=area[1], east=area[2], north=area[3]
            )
            self._warn_of_pairs([*own, *known], set(numbers[tile].tolist()))

    def _warn_of_pairs(self, rows: list[tuple[Any, ...]], tile: set[int]) -> None:
        if not rows:
            return
        shapes = shapely.from_wkb(np.array([bytes(row[2]) for row in rows], dtype=object))
        for first, second, area in zip(*checks.overlaps(shapes), strict=True):
            number, _, _, ours = rows[first]
            if not ours or number not in tile:  # a pair of known parcels, or another tile's
                continue
            other, key, _, theirs = rows[second]
            where = f"dòng {other}" if theirs else f"thửa {key or '(không số)'} đã có"
            self.report.warning(
                "overlap",
                f"Chồng lên {where} {vn(area)} m². Xem lại ranh hai thửa.",
                number,
            )

    def _compare(self) -> None:
        """Tell new, changed and unchanged rows apart."""
        self._do(sql.COMPARE_PARCELS)
        self._check_shift()
        self._do(sql.COMPARE_TAKINGS)
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
