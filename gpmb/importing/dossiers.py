"""Rows of a list as dossiers: each cell read, each rule checked, each fault said with its cure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import TypeVar

from django.db import models

from gpmb.clearance.models import Case
from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, Reading, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import Report
from gpmb.importing.list_columns import LABELS, Column, ListField
from gpmb.importing.numbers import vn
from gpmb.importing.parcel_words import parcels_in
from gpmb.importing.sheet import ListSheet, Row
from gpmb.importing.step_words import nearest_step, step_of
from gpmb.land.models import Party
from gpmb.law import steps

T = TypeVar("T")
L = ListField

AREA_TOLERANCE_M2 = Decimal("0.1")
"""A list prints areas to 0.1 m²: a recovered area may exceed the parcel's by rounding only."""
AREA_DIFFERENCE = Decimal("0.02")
"""Stated and known parcel areas further apart than this share are pointed out."""


def _length(model: type[models.Model], name: str) -> int:
    return int(getattr(model._meta.get_field(name), "max_length", 0))


_PLOTS = re.compile(r"(\d+)\s*lô", re.IGNORECASE)
SOONEST = dt.date(1990, 1, 1)
"""A step before this day is a slip in the year."""
_MOST_PLOTS = 99
# What the columns of the database hold.
_LENGTHS: Mapping[ListField, int] = {
    L.CODE: _length(Case, "code"),
    L.HOLDER: _length(Party, "name"),
    L.ID_NUMBER: _length(Party, "id_number"),
    L.ADDRESS: _length(Party, "address"),
}
MAX_NOTE = 2000
_RESETTLED = {fold(need.label): need.value for need in Case.Resettlement} | {
    "khong": "none", "0": "none", "k": "none", "khongco": "none", "chua": "unknown",
}  # fmt: skip


@dataclass(frozen=True)
class KnownParcel:
    """A parcel of the unit as the database knows it; area by document, else by survey."""

    pk: int
    key: str
    area_m2: Decimal | None


@dataclass(frozen=True)
class Dossier:
    """One row accepted: a household's case with its parcels, money and where it stands."""

    row: int
    code: str
    holder: str
    id_number: str
    address: str
    parcels: tuple[KnownParcel, ...]
    areas_m2: tuple[Decimal, ...]
    estimated: bool
    land_class: int | None
    """The class of all its land; None where none is said, or `classes` say several."""
    money: tuple[Decimal, Decimal, Decimal] | None
    step: str
    on: dt.date | None
    resettlement: str
    plots: int
    note: str
    rows: tuple[int, ...] = ()
    """Rows of the sheet it was read from."""
    classes: Mapping[int, Mapping[int, Decimal]] = field(default_factory=dict)
    """Parcel → land class → m², where the rows of a household say several classes."""

    def area_of(self, parcel: KnownParcel) -> Decimal:
        """Return the m² this dossier takes of a parcel."""
        return self.areas_m2[self.parcels.index(parcel)]


_MONEY = (L.LAND_VND, L.ASSETS_VND, L.SUPPORT_VND, L.TOTAL_VND)


class _Faulty(Exception):
    """The row is refused; its findings are in the report."""


@dataclass(slots=True)
class _Line:
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
class DossierReader:
    """Reads the rows of one sheet against the parcels and land classes that exist."""

    sheet: ListSheet
    parcels: Mapping[str, KnownParcel]
    land_classes: Mapping[str, int]
    today: dt.date
    report: Report

    def read(self) -> list[Dossier]:
        """Return the accepted dossiers; refused rows are counted and explained."""
        accepted: list[Dossier] = []
        seen: dict[tuple[object, ...], int] = {}
        taken: dict[int, list[Dossier]] = {}
        for rows in self.sheet.by_household():
            try:
                dossier = self._dossier(rows)
                self._refuse_repeated(dossier, seen)
                self._check_shared(dossier, taken)
            except _Faulty:
                self.report.refuse_together([row.number for row in rows])
            else:
                accepted.append(dossier)
        return accepted

    def _dossier(self, rows: Sequence[Row]) -> Dossier:
        """Read a household from its row, or from the rows under its merged name."""
        row = rows[0]
        if self._has_no_value(rows):
            raise _Faulty
        before = self.report.errors
        code, holder = self._words(row, L.CODE), self._words(row, L.HOLDER)
        id_number, address = self._words(row, L.ID_NUMBER), self._words(row, L.ADDRESS)
        if not holder and (self.sheet.of(L.HOLDER) or not code):
            self._error(
                row,
                L.HOLDER,
                "no_holder",
                "Thiếu tên chủ sử dụng đất. Nhập họ tên; thửa tiếp theo của hộ ở dòng trên thì "
                "gộp ô họ tên, hoặc trả lời rằng dòng để trống là cùng hộ.",
            )
        lines = self._lines(rows, code)
        said = self.report.errors
        land_vnd, assets_vnd, support_vnd, total = (
            [self._of(row, name, cells.money) for name in _MONEY]
            if len(rows) == 1
            else [self._sum(rows, name) for name in _MONEY]
        )
        money = (land_vnd, assets_vnd, support_vnd)
        if self.report.errors == said:
            self._check_money(row, money, total)
        step = self._common(rows, L.STEP, lambda cell, _: self._step(cell)) or steps.PLANNED
        on = self._common(rows, L.STEP_DATE, cells.day)
        self._check_step(row, step, on)
        resettlement, plots = self._resettlement(row)
        note = self._note(rows) if self._columns.get(L.NOTE) else ""
        if self.report.errors != before:
            raise _Faulty
        amounts = _three(money)
        if amounts is None and total:
            self.report.warning(
                "only_total",
                "Chỉ có tổng cộng, không có từng khoản: chưa ghi phương án cho hồ sơ này.",
                row.number,
                self._title(L.TOTAL_VND),
            )
        parcels, areas, classes = _land_of(lines)
        whole = len(lines) == 1 or len({line.land_class for line in lines}) == 1
        return Dossier(
            row=row.number,
            code=code,
            holder=holder,
            id_number=id_number,
            address=address,
            parcels=parcels,
            areas_m2=areas,
            estimated=any(map(_is_estimated, lines)),
            land_class=lines[0].land_class if whole else None,
            money=amounts,
            step=step,
            on=on if step != steps.PLANNED else None,
            resettlement=resettlement,
            plots=plots,
            note=note,
            rows=tuple(r.number for r in rows),
            classes={} if whole else classes,
        )

    def _has_no_value(self, rows: Sequence[Row]) -> bool:
        """Refuse cells whose value the file doesn't hold, or holds as an error."""
        before = self.report.errors
        for row in rows if self.sheet.no_value or self.sheet.errors else ():
            if addresses := self.sheet.no_value.get(row.number):
                self.report.refuse(
                    "formula_without_value",
                    f"Ô {', '.join(addresses)} là công thức chưa có giá trị lưu trong tệp. Mở "
                    "bằng Excel hoặc LibreOffice, lưu lại rồi nhập.",
                    row.number,
                )
            if wrong := self.sheet.errors.get(row.number):
                self.report.refuse(
                    "error_value",
                    f"Ô {', '.join(wrong)} báo lỗi công thức. Sửa công thức hoặc ghi giá trị.",
                    row.number,
                )
        return self.report.errors > before

    def _words(self, row: Row, name: ListField) -> str:
        """The text of a cell, as long as there is room for it."""
        words = text(self.sheet.value(row, name))
        if len(words) > _LENGTHS[name]:
            self._error(
                row,
                name,
                "too_long",
                f"“{words[:30]}…” dài {len(words)} ký tự, quá {_LENGTHS[name]}. Rút gọn.",
            )
        return words

    def _note(self, rows: Sequence[Row]) -> str:
        notes = (text(self.sheet.value(row, L.NOTE)) for row in rows)
        note = "; ".join(dict.fromkeys(note for note in notes if note))
        if len(note) > MAX_NOTE:
            self._error(
                rows[0],
                L.NOTE,
                "too_long",
                f"Ghi chú dài {len(note)} ký tự, quá {MAX_NOTE}. Rút gọn.",
            )
        return note

    def _of(
        self, row: Row, name: ListField, read: Callable[[Cell, Reading], T | None]
    ) -> T | None:
        """Read one cell; a fault is said at its row and column."""
        column = self._columns.get(name)
        try:
            if column is None or column.index >= len(row.cells):
                return read(None, "")
            return read(row.cells[column.index], column.reading)
        except CellError as error:
            self._error(row, name, error.code, error.message)
            return None

    @cached_property
    def _columns(self) -> Mapping[ListField, Column]:
        return self.sheet.by_field

    def _sum(self, rows: Sequence[Row], name: ListField) -> Decimal | None:
        """The money of a household: one merged cell, or a sum of each row."""
        amounts = [self._of(row, name, cells.money) for row in rows]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if known else None

    def _common(
        self, rows: Sequence[Row], name: ListField, read: Callable[[Cell, Reading], T | None]
    ) -> T | None:
        """What the rows of a household say once: where two differ, neither is taken."""
        if len(rows) == 1:
            return self._of(rows[0], name, read)
        said = [row for row in rows if text(self.sheet.value(row, name))] or rows[:1]
        first = self._of(said[0], name, read)
        for row in said[1:]:
            if text(self.sheet.value(row, name)) != text(self.sheet.value(said[0], name)):
                self._error(
                    row,
                    name,
                    "household_differs",
                    f"Một hộ gộp nhiều dòng mà {LABELS[name]} khác dòng {said[0].number}. Một hộ "
                    "một hồ sơ thì ghi giống nhau; hai hồ sơ thì tách ô họ tên.",
                )
        return first

    def _lines(self, rows: Sequence[Row], code: str) -> list[_Line]:
        """Read the land of each row; one area merged over several is shared out."""
        lines = [self._line(row, code) for row in rows]
        if code and self.sheet.of(L.RECOVERED_AREA) is None:
            for line in lines:
                line.parcels = ()  # a list by case codes may leave the land as it is
            return lines
        if code and not self._has_parcels:
            self._error(
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

    def _line(self, row: Row, code: str) -> _Line:
        line = _Line(row)
        if self._has_parcels or not code:
            found = self._of(row, L.NUMBER, lambda cell, _: self.parcels_and_areas(row, cell))
            line.parcels, line.each_m2 = found or ((), ())
        line.land_class = self._of(row, L.LAND_CLASS, lambda cell, _: self.land_class_of(cell))
        line.stated_m2 = self._of(row, L.PARCEL_AREA, cells.area)
        line.recovered_m2 = self._of(row, L.RECOVERED_AREA, cells.area)
        return line

    def _measure(self, line: _Line) -> None:
        """Find the m² of each parcel of a line."""
        if not line.parcels:
            return  # said already
        if line.recovered_m2 is None and text(self.sheet.value(line.row, L.RECOVERED_AREA)):
            return
        try:
            line.areas_m2 = self._areas(line)
        except CellError as error:
            self._error(line.row, L.RECOVERED_AREA, error.code, error.message)

    def _together(self, lines: Sequence[_Line]) -> _Line:
        """The land of a household whose recovered area is one merged cell."""
        parcels = [parcel for line in lines for parcel in line.parcels]
        if len({parcel.pk for parcel in parcels}) < len(parcels):
            self._error(
                lines[0].row,
                L.RECOVERED_AREA,
                "area_of_each_missing",
                "Một thửa ghi nhiều dòng mà diện tích thu hồi gộp một ô: ghi diện tích từng dòng.",
            )
            return _Line(lines[0].row)
        stated = [line.stated_m2 for line in lines if line.stated_m2 is not None]
        classes = {line.land_class for line in lines}
        if len(classes) > 1:
            self._error(
                lines[0].row,
                L.RECOVERED_AREA,
                "area_of_each_missing",
                "Các thửa khác loại đất mà diện tích thu hồi gộp một ô: ghi diện tích từng thửa.",
            )
        return _Line(
            row=lines[0].row,
            parcels=tuple(parcels),
            land_class=lines[0].land_class,
            stated_m2=sum(stated, Decimal(0)) if len(stated) == len(lines) else None,
            recovered_m2=lines[0].recovered_m2,
        )

    def _check_sums(self, row: Row, lines: Sequence[_Line]) -> None:
        """A parcel on two rows of its household: one class each, together within the parcel."""
        if not all(line.areas_m2 for line in lines):
            return
        parcels, areas, _ = _land_of(lines)
        for parcel, area in zip(parcels, areas, strict=True):
            limit = parcel.area_m2
            if limit is not None and area > limit + AREA_TOLERANCE_M2:
                self._error(
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
                    self._error(
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
            "unknown_parcel",
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

    def _areas(self, line: _Line) -> tuple[Decimal, ...]:
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
                self._title(L.PARCEL_AREA),
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
                self._title(L.RECOVERED_AREA),
            )
        parts = [(recovered * area / whole).quantize(Decimal("0.01")) for area in shares[:-1]]
        return (*parts, recovered - sum(parts, Decimal(0)))

    def _check_money(
        self, row: Row, money: Sequence[Decimal | None], total: Decimal | None
    ) -> None:
        parts = [amount for amount in money if amount is not None]
        if total is None or not parts or sum(parts) == total:
            return
        gap = total - sum(parts, Decimal(0))
        self._error(
            row,
            L.TOTAL_VND,
            "parts_do_not_add_up",
            f"Tổng cộng {vn(total)} đồng khác tổng các khoản {vn(sum(parts, Decimal(0)))} đồng "
            f"(lệch {vn(gap)}). Kiểm tra lại từng khoản.",
        )

    def _step(self, cell: Cell) -> str:
        given = text(cell)
        if (code := step_of(given)) is None:
            raise CellError(
                "unknown_step",
                f"Không có bước “{given}”. Gần nhất: “{nearest_step(given).label}”. "
                "Ghi tên bước theo quy định.",
            )
        return code

    def _check_step(self, row: Row, step: str, on: dt.date | None) -> None:
        if step == steps.PLANNED:
            return
        if on is None:
            if not text(self.sheet.value(row, L.STEP_DATE)):  # else said already
                self._error(
                    row,
                    L.STEP_DATE,
                    "no_step_date",
                    "Có bước đã xong nhưng thiếu ngày. Nhập ngày.",
                )
        elif on < SOONEST:
            self._error(
                row,
                L.STEP_DATE,
                "date_too_old",
                f"Ngày {on.day:02}/{on.month:02}/{on.year} quá xa. Kiểm tra lại năm.",
            )
        elif on > self.today:
            self._error(
                row,
                L.STEP_DATE,
                "future_date",
                f"Ngày {on:%d/%m/%Y} sau ngày số liệu {self.today:%d/%m/%Y}. Kiểm tra lại ngày.",
            )

    def _resettlement(self, row: Row) -> tuple[str, int]:
        """What the cell says of resettlement; what it doesn't clearly say stays as it was."""
        given = text(self.sheet.value(row, L.RESETTLEMENT))
        if match := _PLOTS.search(given):
            plots = int(match[1])
            if not 0 < plots <= _MOST_PLOTS:
                self._error(
                    row,
                    L.RESETTLEMENT,
                    "impossible_plots",
                    f"“{given}”: số lô phải từ 1 đến {_MOST_PLOTS}. Kiểm tra lại số lô.",
                )
            return "plot", plots
        known = _RESETTLED.get(fold(given))
        if given and known is None and given not in ("-", "–"):
            self.report.warning(
                "unclear_resettlement",
                f"“{given}” chưa rõ: không ghi nhu cầu tái định cư. Ghi “Không”, “1 lô” hoặc một "
                "trong các loại của hồ sơ.",
                row.number,
                self._title(L.RESETTLEMENT),
            )
        return known or "unknown", 0

    def _refuse_repeated(self, dossier: Dossier, seen: dict[tuple[object, ...], int]) -> None:
        parcels = frozenset(parcel.pk for parcel in dossier.parcels)
        keys: list[tuple[object, ...]] = []
        if parcels:
            keys.append(("parcels", parcels, fold(dossier.holder)))
        if dossier.code:
            keys.append(("code", dossier.code))
        for key in keys:
            if key in seen:
                self._fault(
                    dossier,
                    L.CODE if key[0] == "code" else L.NUMBER,
                    "duplicate",
                    f"Trùng với dòng {seen[key]}. Bỏ một trong hai dòng.",
                )
        seen.update(dict.fromkeys(keys, dossier.row))

    def _check_shared(self, dossier: Dossier, taken: dict[int, list[Dossier]]) -> None:
        """Two dossiers on one parcel: fine while they fit in it, and always said.

        A share that was only estimated refuses nobody.
        """
        for parcel in dossier.parcels:
            others = taken.get(parcel.pk, [])
            if not others:
                continue
            rows = ", ".join(str(other.row) for other in others)
            used = sum((other.area_of(parcel) for other in others), Decimal(0))
            known = not dossier.estimated and not any(other.estimated for other in others)
            limit = parcel.area_m2
            if known and limit and used + dossier.area_of(parcel) > limit + AREA_TOLERANCE_M2:
                self._fault(
                    dossier,
                    L.RECOVERED_AREA,
                    "parcel_taken_twice",
                    f"Thửa {parcel.key} đã thu hồi {vn(used)} m² ở dòng {rows}; cộng thêm "
                    f"{vn(dossier.area_of(parcel))} m² thì quá {vn(limit)} m² của thửa. "
                    "Sửa diện tích.",
                )
            self.report.warning(
                "two_dossiers_on_parcel",
                f"Thửa {parcel.key} cũng có ở dòng {rows}.",
                dossier.row,
                self._title(L.NUMBER),
            )
        for parcel in dossier.parcels:
            taken.setdefault(parcel.pk, []).append(dossier)

    def _fault(self, dossier: Dossier, name: ListField, code: str, message: str) -> None:
        self.report.refuse(code, message, dossier.row, self._title(name))
        raise _Faulty

    def _error(self, row: Row, name: ListField, code: str, message: str) -> None:
        self.report.refuse(code, message, row.number, self._title(name))

    def _title(self, name: ListField) -> str:
        column = self.sheet.of(name)
        return column.title if column else LABELS[name]


def _land_of(
    lines: Sequence[_Line],
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


def _is_estimated(line: _Line) -> bool:
    """Whether the area of each parcel was only shared out of a sum."""
    return len(line.areas_m2) > 1 and any(
        parcel.area_m2 != area for parcel, area in zip(line.parcels, line.areas_m2, strict=True)
    )


def _three(money: Sequence[Decimal | None]) -> tuple[Decimal, Decimal, Decimal] | None:
    """Land, assets, support; a list with a total alone says nothing about its parts."""
    if not any(amount is not None for amount in money):
        return None
    land, assets, support = (amount or Decimal(0) for amount in money)
    return land, assets, support
