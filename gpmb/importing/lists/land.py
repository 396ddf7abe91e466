"""The land of a row: which parcels its cells name, how many m² of each, of which class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property

from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, text
from gpmb.importing.lists.columns import L
from gpmb.importing.lists.parcel_words import parcels_in
from gpmb.importing.lists.reader import RowReader
from gpmb.importing.lists.understood import Row
from gpmb.importing.numbers import vn

UNKNOWN_PARCEL = "unknown_parcel"
AREA_TOLERANCE_M2 = Decimal("0.1")
"""A list prints areas to 0.1 m²: a recovered area may exceed the parcel's by rounding only."""
AREA_DIFFERENCE = Decimal("0.02")
"""Stated and known parcel areas further apart than this share are pointed out."""


@dataclass(frozen=True)
class KnownParcel:
    """A parcel of the unit as the database knows it; area by document, else by survey."""

    pk: int
    key: str
    area_m2: Decimal | None


@dataclass(slots=True)
class Line:
    """The land of one row, or of several whose area is one merged cell."""

    row: Row
    parcels: tuple[KnownParcel, ...] = ()
    each_m2: tuple[Decimal, ...] = ()
    """Areas that stand behind the parcels of the cell: "5/85 (120,5) + 5/86 (300)"."""
    land_class: int | None = None
    stated_m2: Decimal | None = None
    recovered_m2: Decimal | None = None
    areas_m2: tuple[Decimal, ...] = ()


@dataclass
class LandReader(RowReader):
    """Reads the land of rows against the parcels and land classes that exist."""

    parcels: Mapping[str, KnownParcel]
    land_classes: Mapping[str, int]

    def lines(self, rows: Sequence[Row], code: str) -> list[Line]:
        """Read the land of each row; one area merged over several is shared out."""
        lines = [self._line(row, code) for row in rows]
        if code and self.sheet.of(L.RECOVERED_AREA) is None:
            for line in lines:
                line.parcels = ()  # a list by case codes may leave the land as it is
            return lines
        if code and not self._has_parcels:
            self.error(
                rows[0],
                L.RECOVERED_AREA,
                "area_without_parcel",
                "Có diện tích thu hồi nhưng không có tờ, thửa. Thêm cột tờ bản đồ và số thửa.",
            )
            return lines
        if len(lines) > 1 and not any(
            text(self.sheet.value(row, L.RECOVERED_AREA)) for row in rows[1:]
        ):
            together = self._together(lines)
            self._measure(together)
            return [together]
        for line in lines:
            self._measure(line)
        if len(lines) > 1:
            self._check_sums(rows[0], lines)
        return lines

    def _line(self, row: Row, code: str) -> Line:
        line = Line(row)
        if self._has_parcels or not code:
            found = self.of(row, L.NUMBER, lambda cell, _: self.parcels_and_areas(row, cell))
            line.parcels, line.each_m2 = found or ((), ())
        line.land_class = self.of(row, L.LAND_CLASS, lambda cell, _: self.land_class_of(cell))
        line.stated_m2 = self.of(row, L.PARCEL_AREA, cells.area)
        line.recovered_m2 = self.of(row, L.RECOVERED_AREA, cells.area)
        return line

    def _measure(self, line: Line) -> None:
        """Find the m² of each parcel of a line."""
        if not line.parcels:
            return  # said already
        if line.recovered_m2 is None and text(self.sheet.value(line.row, L.RECOVERED_AREA)):
            return
        try:
            line.areas_m2 = self._areas(line)
        except CellError as error:
            self.error(line.row, L.RECOVERED_AREA, error.code, error.message)

    def _together(self, lines: Sequence[Line]) -> Line:
        """The land of a household whose recovered area is one merged cell."""
        parcels = [parcel for line in lines for parcel in line.parcels]
        if len({parcel.pk for parcel in parcels}) < len(parcels):
            self.error(
                lines[0].row,
                L.RECOVERED_AREA,
                "area_of_each_missing",
                "Một thửa ghi nhiều dòng mà diện tích thu hồi gộp một ô: ghi diện tích từng dòng.",
            )
            return Line(lines[0].row)
        stated = [line.stated_m2 for line in lines if line.stated_m2 is not None]
        classes = {line.land_class for line in lines}
        if len(classes) > 1:
            self.error(
                lines[0].row,
                L.RECOVERED_AREA,
                "area_of_each_missing",
                "Các thửa khác loại đất mà diện tích thu hồi gộp một ô: ghi diện tích từng thửa.",
            )
        return Line(
            row=lines[0].row,
            parcels=tuple(parcels),
            land_class=lines[0].land_class,
            stated_m2=sum(stated, Decimal(0)) if len(stated) == len(lines) else None,
            recovered_m2=lines[0].recovered_m2,
        )

    def _check_sums(self, row: Row, lines: Sequence[Line]) -> None:
        """A parcel on two rows of its household: one class each, together within the parcel."""
        if not all(line.areas_m2 for line in lines):
            return
        parcels, areas, _ = land_of(lines)
        for parcel, area in zip(parcels, areas, strict=True):
            limit = parcel.area_m2
            if limit is not None and area > limit + AREA_TOLERANCE_M2:
                self.error(
                    row,
                    L.RECOVERED_AREA,
                    "recovered_exceeds_parcel",
                    f"Thửa {parcel.key}: các dòng cộng lại {vn(area)} m², lớn hơn diện tích thửa "
                    f"{vn(limit)} m². Kiểm tra lại.",
                )
        seen = set[tuple[int, int | None]]()
        for line in lines:
            for parcel in line.parcels:
                if (parcel.pk, line.land_class) in seen:
                    self.error(
                        line.row,
                        L.NUMBER,
                        "parcel_twice",
                        f"Thửa {parcel.key} ghi hai dòng cùng loại đất trong một hộ. Bỏ bớt.",
                    )
                seen.add((parcel.pk, line.land_class))

    @cached_property
    def _has_parcels(self) -> bool:
        return any(self.sheet.of(name) for name in (L.SHEET, L.NUMBER, L.SHEET_NUMBER))

    def parcels_of(self, row: Row, number: Cell) -> tuple[KnownParcel, ...]:
        """Find the parcels of "85", "5/85", "17+175", "tờ 5 thửa 85"."""
        return self.parcels_and_areas(row, number)[0]

    def parcels_and_areas(
        self, row: Row, number: Cell
    ) -> tuple[tuple[KnownParcel, ...], tuple[Decimal, ...]]:
        """Find the parcels of a cell, and the area behind each where there are some."""
        both, sheet = self.sheet.value(row, L.SHEET_NUMBER), self.sheet.value(row, L.SHEET)
        written = parcels_in(number, both, sheet)
        found = [self._known(one.key) for one in written]
        if len({parcel.pk for parcel in found}) < len(found):
            said = text(number) or text(both) or text(sheet)
            raise CellError("parcel_twice", f"“{said}” ghi một thửa hai lần. Bỏ bớt.")
        return tuple(found), tuple(one.area_m2 for one in written if one.area_m2 is not None)

    def _known(self, key: str) -> KnownParcel:
        if key in self.parcels:
            return self.parcels[key]
        near = get_close_matches(key, self.parcels, 3, 0.6)
        offer = f" Gần nhất: {', '.join(near)}." if near else ""
        raise CellError(
            UNKNOWN_PARCEL,
            f"Không có tờ/thửa {key} trong xã, phường này.{offer} "
            "Sửa số, hoặc nhập bản đồ có thửa này trước.",
        )

    def land_class_of(self, cell: Cell) -> int | None:
        code = text(cell).upper()
        if not code or code in self.land_classes:
            return self.land_classes.get(code)
        near = get_close_matches(code, self.land_classes, 3, 0.3)
        offer = f" Gần nhất: {', '.join(near)}." if near else ""
        raise CellError(
            "unknown_land_class",
            f"“{code}” không phải là mã loại đất.{offer} Ghi mã theo thông tư, ví dụ LUC, ODT.",
        )

    def _areas(self, line: Line) -> tuple[Decimal, ...]:
        row, parcels, stated = line.row, line.parcels, line.stated_m2
        recovered, each = line.recovered_m2, line.each_m2
        if recovered is None or recovered <= 0:
            raise CellError("no_recovered_area", "Thiếu diện tích thu hồi. Nhập số m² lớn hơn 0.")
        known = [parcel.area_m2 for parcel in parcels]
        whole = sum((a for a in known if a is not None), Decimal(0))
        limit = min([a for a in (stated, whole or None) if a is not None], default=None)
        if limit is not None and recovered > limit + AREA_TOLERANCE_M2 * max(1, len(parcels)):
            raise CellError(
                "recovered_exceeds_parcel",
                f"Diện tích thu hồi {vn(recovered)} m² lớn hơn diện tích thửa {vn(limit)} m². "
                "Kiểm tra lại hai số.",
            )
        if (
            stated
            and whole
            and None not in known
            and abs(stated - whole) > AREA_DIFFERENCE * whole
        ):
            self.report.warning(
                "area_differs",
                f"Diện tích thửa ghi {vn(stated)} m², bản đồ có {vn(whole)} m².",
                row.number,
                self.title(L.PARCEL_AREA),
            )
        if each and sum(each, Decimal(0)) != recovered:
            raise CellError(
                "areas_do_not_add_up",
                f"Các thửa cộng lại {vn(sum(each, Decimal(0)))} m², cột thu hồi ghi "
                f"{vn(recovered)} m². Sửa cho khớp.",
            )
        if each:
            return each
        if len(parcels) == 1:
            return (recovered,)
        shares = [area for area in known if area is not None]
        if len(shares) < len(known):
            raise CellError(
                "area_of_each_unknown",
                f"{len(parcels)} thửa chung một ô, có thửa chưa biết diện tích: không rõ thu hồi "
                "mỗi thửa bao nhiêu. Tách mỗi thửa một dòng.",
            )
        if abs(recovered - whole) > AREA_TOLERANCE_M2 * len(parcels):
            self.report.warning(
                "area_split_by_share",
                f"{len(parcels)} thửa chung một ô, thu hồi {vn(recovered)} trong {vn(whole)} m²"
                ": tạm chia theo tỷ lệ diện tích thửa. Tách mỗi thửa một dòng để ghi đúng.",
                row.number,
                self.title(L.RECOVERED_AREA),
            )
        parts = [(recovered * area / whole).quantize(Decimal("0.01")) for area in shares[:-1]]
        return (*parts, recovered - sum(parts, Decimal(0)))


def land_of(
    lines: Sequence[Line],
) -> tuple[tuple[KnownParcel, ...], tuple[Decimal, ...], dict[int, dict[int, Decimal]]]:
    """Each parcel once, its m²; and its m² by land class where every row says one."""
    if len(lines) == 1:  # nearly every row: its one class is that of all its land
        (line,) = lines
        return line.parcels if line.areas_m2 else (), line.areas_m2, {}
    areas: dict[KnownParcel, Decimal] = {}
    classes: dict[int, dict[int, Decimal]] = {}
    unknown = set[int]()
    for line in lines:
        for parcel, area in zip(line.parcels, line.areas_m2, strict=False):
            areas[parcel] = areas.get(parcel, Decimal(0)) + area
            if line.land_class is None:
                unknown.add(parcel.pk)
            else:
                parts = classes.setdefault(parcel.pk, {})
                parts[line.land_class] = parts.get(line.land_class, Decimal(0)) + area
    told = {pk: parts for pk, parts in classes.items() if pk not in unknown}
    return tuple(areas), tuple(areas.values()), told


def is_estimated(line: Line) -> bool:
    """Whether the area of each parcel was only shared out of a sum."""
    return len(line.areas_m2) > 1 and any(
        parcel.area_m2 != area for parcel, area in zip(line.parcels, line.areas_m2, strict=True)
    )
