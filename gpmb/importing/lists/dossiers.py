"""Rows of a list as dossiers: each cell read, each rule checked, each fault said with its cure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models

from gpmb.clearance.models import Case
from gpmb.importing import asides, cells
from gpmb.importing.cells import Cell, CellError, text
from gpmb.importing.columns import fold
from gpmb.importing.lists.columns import L, ListField
from gpmb.importing.lists.land import (
    AREA_TOLERANCE_M2,
    KnownParcel,
    LandReader,
    is_estimated,
    land_of,
)
from gpmb.importing.lists.step_words import nearest_step, step_of
from gpmb.importing.lists.understood import Row
from gpmb.importing.numbers import vn
from gpmb.land.models import Party
from gpmb.law import steps


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


@dataclass
class DossierReader(LandReader):
    """Reads the rows of one sheet as dossiers."""

    today: dt.date

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
            self.error(
                row,
                L.HOLDER,
                "no_holder",
                "Thiếu tên chủ sử dụng đất. Nhập họ tên; thửa tiếp theo của hộ ở dòng trên thì "
                "gộp ô họ tên, hoặc trả lời rằng dòng để trống là cùng hộ.",
            )
        lines = self.lines(rows, code)
        said = self.report.errors
        land_vnd, assets_vnd, support_vnd, total = (
            [self.of(row, name, cells.money) for name in _MONEY]
            if len(rows) == 1
            else [self.sum_of(rows, name) for name in _MONEY]
        )
        money = (land_vnd, assets_vnd, support_vnd)
        if self.report.errors == said:
            self._check_money(row, money, total)
        step = self.common(rows, L.STEP, lambda cell, _: self._step(cell)) or steps.PLANNED
        on = self.common(rows, L.STEP_DATE, cells.day)
        self._check_step(row, step, on)
        resettlement, plots = self._resettlement(row)
        note = self._note(rows) if self.columns.get(L.NOTE) else ""
        if self.report.errors != before:
            raise _Faulty
        amounts = _three(money)
        if amounts is None and total:
            self.report.warning(
                "only_total",
                "Chỉ có tổng cộng, không có từng khoản: chưa ghi phương án cho hồ sơ này.",
                row.number,
                self.title(L.TOTAL_VND),
            )
        parcels, areas, classes = land_of(lines)
        whole = len(lines) == 1 or len({line.land_class for line in lines}) == 1
        return Dossier(
            row=row.number,
            code=code,
            holder=holder,
            id_number=id_number,
            address=address,
            parcels=parcels,
            areas_m2=areas,
            estimated=any(map(is_estimated, lines)),
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
        empty, wrong = self.sheet.no_value, self.sheet.errors
        found = [
            asides.refuse_formulas(
                row.number, empty.get(row.number, ()), wrong.get(row.number, ()), self.report
            )
            for row in rows
            if empty or wrong
        ]
        return any(found)

    def _words(self, row: Row, name: ListField) -> str:
        """The text of a cell, as long as there is room for it."""
        words = text(self.sheet.value(row, name))
        if len(words) > _LENGTHS[name]:
            self.error(
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
            self.error(
                rows[0],
                L.NOTE,
                "too_long",
                f"Ghi chú dài {len(note)} ký tự, quá {MAX_NOTE}. Rút gọn.",
            )
        return note

    def _check_money(
        self, row: Row, money: Sequence[Decimal | None], total: Decimal | None
    ) -> None:
        parts = [amount for amount in money if amount is not None]
        if total is None or not parts or sum(parts) == total:
            return
        gap = total - sum(parts, Decimal(0))
        self.error(
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
                self.error(
                    row,
                    L.STEP_DATE,
                    "no_step_date",
                    "Có bước đã xong nhưng thiếu ngày. Nhập ngày.",
                )
        elif on < SOONEST:
            self.error(
                row,
                L.STEP_DATE,
                "date_too_old",
                f"Ngày {on.day:02}/{on.month:02}/{on.year} quá xa. Kiểm tra lại năm.",
            )
        elif on > self.today:
            self.error(
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
                self.error(
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
                self.title(L.RESETTLEMENT),
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
                self.title(L.NUMBER),
            )
        for parcel in dossier.parcels:
            taken.setdefault(parcel.pk, []).append(dossier)

    def _fault(self, dossier: Dossier, name: ListField, code: str, message: str) -> None:
        self.report.refuse(code, message, dossier.row, self.title(name))
        raise _Faulty


def _three(money: Sequence[Decimal | None]) -> tuple[Decimal, Decimal, Decimal] | None:
    """Land, assets, support; a list with a total alone says nothing about its parts."""
    if not any(amount is not None for amount in money):
        return None
    land, assets, support = (amount or Decimal(0) for amount in money)
    return land, assets, support
