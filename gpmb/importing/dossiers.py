"""Rows of a list as dossiers: each cell read, each rule checked, each fault said with its cure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property
from typing import TypeVar

from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, Reading, text
from gpmb.importing.columns import fold, split_sheet_number
from gpmb.importing.findings import Report
from gpmb.importing.numbers import vn
from gpmb.importing.sheet import LABELS, ListField, ListSheet, Row
from gpmb.land.models import parcel_key
from gpmb.law import steps

T = TypeVar("T")
L = ListField

AREA_TOLERANCE_M2 = Decimal("0.1")
"""A list prints areas to 0.1 m²: a recovered area may exceed the parcel's by rounding only."""
AREA_DIFFERENCE = Decimal("0.02")
"""Stated and known parcel areas further apart than this share are pointed out."""

# How offices write that a step is done; the step's own label is understood too.
STEP_WORDS: Mapping[str, tuple[str, ...]] = {
    "notice": ("thongbaothuhoi", "thongbao", "dathongbao", "rathongbaothuhoidat"),
    "inventory": ("kiemdem", "kiemdemxong", "dakiemdem"),
    "posting": ("niemyet", "niemyetpa", "niemyetphuongan", "niemyetcongkhai", "daniemyet"),
    "consultation": ("layykien", "dalayykien"),
    "dialogue": ("doithoai", "dadoithoai"),
    "appraisal": ("thamdinh", "thamdinhpa", "dathamdinh"),
    "approval": (
        "pheduyet", "pheduyetpa", "dapheduyet", "pheduyetphuongan", "qdpheduyet",
        "qdthuhoipheduyet", "dapheduyetpa",
    ),
    "payment": ("chitra", "dachitra", "danhantien", "nhantien", "chitraxong", "dachitratien"),
    "deposit": ("guitien", "guikhobac", "guitientaikhoan", "taikhoantamgiu"),
    "resettlement": ("botritdc", "botritaidinhcu", "dabotritdc"),
    "recovery": ("quyetdinhthuhoi", "qdthuhoi", "qdthuhoidat"),
    "handover": (
        "bangiao", "bangiaomb", "dabangiao", "dabangiaomb", "bangiaomatbang", "dabangiaomatbang",
    ),
}  # fmt: skip
_STEP_OF = {word: code for code, words in STEP_WORDS.items() for word in words} | {
    fold(row.label): row.code for row in steps.STEPS
}
_NOT_STARTED = {"", "chuathuchien", "chua", "0"}
_PLOTS = re.compile(r"(\d+)\s*lô", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:[+;&,]|\bvà\b)\s*(?![^(]*\))")
_WITH_AREA = re.compile(r"(?P<parcel>[^()]+?)\s*\((?P<area>[^()]+)\)")


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
    money: tuple[Decimal, Decimal, Decimal] | None
    step: str
    on: dt.date | None
    resettlement: str
    plots: int
    note: str

    def area_of(self, parcel: KnownParcel) -> Decimal:
        """Return the m² this dossier takes of a parcel."""
        return self.areas_m2[self.parcels.index(parcel)]


class _Faulty(Exception):
    """The row is refused; its findings are in the report."""


@dataclass
class DossierReader:
    """Reads the rows of one sheet against the parcels and land classes that exist."""

    sheet: ListSheet
    parcels: Mapping[str, KnownParcel]
    land_classes: Mapping[str, int]
    today: dt.date
    report: Report
    _each: tuple[Decimal, ...] = field(default=(), init=False)
    """Areas that stand behind the parcels of the row's cell: "5/85 (120,5) + 5/86 (300)"."""

    def read(self) -> list[Dossier]:
        """Return the accepted dossiers; refused rows are counted and explained."""
        accepted: list[Dossier] = []
        seen: dict[tuple[object, ...], int] = {}
        taken: dict[int, list[Dossier]] = {}
        for row in self.sheet.rows:
            try:
                dossier = self._dossier(row)
                self._refuse_repeated(dossier, seen)
                self._check_shared(dossier, taken)
            except _Faulty:
                self.report.refused += 1
            else:
                accepted.append(dossier)
        return accepted

    def _dossier(self, row: Row) -> Dossier:
        faults, self._each = 0, ()
        code = text(self.sheet.value(row, L.CODE))
        if row.number in self.sheet.no_value:
            cells_named = ", ".join(self.sheet.no_value[row.number])
            self.report.refuse(
                "formula_without_value",
                f"Ô {cells_named} là công thức chưa có giá trị lưu trong tệp. Mở bằng Excel hoặc "
                "LibreOffice, lưu lại rồi nhập.",
                row.number,
            )
            raise _Faulty

        def of(name: ListField, read: Callable[[Cell, Reading], T | None]) -> T | None:
            nonlocal faults
            column = self.sheet.of(name)
            try:
                return read(self.sheet.value(row, name), column.reading if column else "")
            except CellError as error:
                faults += 1
                self._error(row, name, error.code, error.message)
                return None

        holder = text(self.sheet.value(row, L.HOLDER))
        if not holder and (self.sheet.of(L.HOLDER) or not code):
            faults += 1
            self._error(row, L.HOLDER, "no_holder", "Thiếu tên chủ sử dụng đất. Nhập họ tên.")
        parcels: tuple[KnownParcel, ...] = ()
        if self._has_parcels or not code:
            parcels = of(L.NUMBER, lambda cell, _: self.parcels_of(row, cell)) or ()
        land_class = of(L.LAND_CLASS, lambda cell, _: self.land_class_of(cell))
        stated = of(L.PARCEL_AREA, cells.area)
        recovered = of(L.RECOVERED_AREA, cells.area)
        areas: tuple[Decimal, ...] = ()
        if code and not self.sheet.of(L.RECOVERED_AREA):
            pass  # a list by case codes may leave the land as it is
        elif code and not self._has_parcels:
            self._error(
                row,
                L.RECOVERED_AREA,
                "area_without_parcel",
                "Có diện tích thu hồi nhưng không có tờ, thửa. Thêm cột tờ bản đồ và số thửa.",
            )
            faults += 1
        elif not faults or (recovered is not None and parcels):
            try:
                areas = self._areas(row, parcels, stated, recovered)
            except CellError as error:
                faults += 1
                self._error(row, L.RECOVERED_AREA, error.code, error.message)
        before = faults
        money = [of(name, cells.money) for name in (L.LAND_VND, L.ASSETS_VND, L.SUPPORT_VND)]
        total = of(L.TOTAL_VND, cells.money)
        if faults == before:
            faults += self._money_faults(row, money, total)
        step = of(L.STEP, lambda cell, _: self._step(cell)) or steps.PLANNED
        on = of(L.STEP_DATE, cells.day)
        faults += self._step_faults(row, step, on)
        resettlement, plots = self._resettlement(row)
        if faults:
            raise _Faulty
        amounts = _three(money)
        if amounts is None and total is not None:
            self.report.warning(
                "only_total",
                "Chỉ có tổng cộng, không có từng khoản: chưa ghi phương án cho hồ sơ này.",
                row.number,
                self._title(L.TOTAL_VND),
            )
        return Dossier(
            row=row.number,
            code=code,
            holder=holder,
            id_number=text(self.sheet.value(row, L.ID_NUMBER)),
            address=text(self.sheet.value(row, L.ADDRESS)),
            parcels=parcels if areas else (),
            areas_m2=areas,
            estimated=len(areas) > 1
            and any(parcel.area_m2 != area for parcel, area in zip(parcels, areas, strict=True)),
            land_class=land_class,
            money=amounts,
            step=step,
            on=on if step != steps.PLANNED else None,
            resettlement=resettlement,
            plots=plots,
            note=text(self.sheet.value(row, L.NOTE)),
        )

    @cached_property
    def _has_parcels(self) -> bool:
        return any(self.sheet.of(name) for name in (L.SHEET, L.NUMBER, L.SHEET_NUMBER))

    def parcels_of(self, row: Row, number: Cell) -> tuple[KnownParcel, ...]:
        """Find the parcels of "85", "5/85", "17+175", "tờ 5 thửa 85"."""
        sheet = self.sheet.value(row, L.SHEET)
        both = self.sheet.value(row, L.SHEET_NUMBER)
        for cell in (sheet, number, both):
            if isinstance(cell, dt.date | dt.datetime):
                raise CellError(
                    "number_became_date",
                    f"Excel đã đổi số tờ/thửa thành ngày {cell:%d/%m/%Y}. "
                    "Định dạng cột là Văn bản rồi nhập lại.",
                )
        written = text(number) or text(both) or text(sheet)
        given = text(sheet) if text(number) else ""
        if not written:
            raise CellError("no_parcel", "Thiếu số tờ, số thửa. Nhập tờ bản đồ và số thửa.")
        found = []
        areas: list[Decimal] = []
        for part in _SEVERAL.split(written):
            if match := _WITH_AREA.fullmatch(part):
                part = match["parcel"]
                areas.append(cells.area(match["area"]) or Decimal(0))
            pair = split_sheet_number(part) if not part.isalnum() else None
            at = pair or (given, part)
            if not at[0]:
                raise CellError(
                    "no_sheet", f"“{written}” chưa rõ tờ bản đồ. Nhập dạng tờ/thửa, ví dụ 5/85."
                )
            found.append(self._known(parcel_key(*at)))
            given = at[0]
        if len({parcel.pk for parcel in found}) < len(found):
            raise CellError("parcel_twice", f"“{written}” ghi một thửa hai lần. Bỏ bớt.")
        if areas and len(areas) != len(found):
            raise CellError(
                "area_of_each_missing",
                f"“{written}”: có thửa ghi diện tích, có thửa không. Ghi đủ cho từng thửa.",
            )
        self._each = tuple(areas)
        return tuple(found)

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

    def _areas(
        self,
        row: Row,
        parcels: tuple[KnownParcel, ...],
        stated: Decimal | None,
        recovered: Decimal | None,
    ) -> tuple[Decimal, ...]:
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
        if self._each and sum(self._each, Decimal(0)) != recovered:
            raise CellError(
                "areas_do_not_add_up",
                f"Các thửa cộng lại {vn(sum(self._each, Decimal(0)))} m², cột thu hồi ghi "
                f"{vn(recovered)} m². Sửa cho khớp.",
            )
        if self._each:
            return self._each
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

    def _money_faults(
        self, row: Row, money: Sequence[Decimal | None], total: Decimal | None
    ) -> int:
        parts = [amount for amount in money if amount is not None]
        if total is None or not parts or sum(parts) == total:
            return 0
        gap = total - sum(parts, Decimal(0))
        self._error(
            row,
            L.TOTAL_VND,
            "parts_do_not_add_up",
            f"Tổng cộng {vn(total)} đồng khác tổng các khoản {vn(sum(parts, Decimal(0)))} đồng "
            f"(lệch {vn(gap)}). Kiểm tra lại từng khoản.",
        )
        return 1

    def _step(self, cell: Cell) -> str:
        word = fold(text(cell))
        if word in _NOT_STARTED:
            return steps.PLANNED
        if word in _STEP_OF:
            return _STEP_OF[word]
        raise CellError(
            "unknown_step",
            f"Không có bước “{text(cell)}”. Gần nhất: “{nearest_step(text(cell)).label}”. "
            "Ghi tên bước theo quy định.",
        )

    def _step_faults(self, row: Row, step: str, on: dt.date | None) -> int:
        if step == steps.PLANNED:
            return 0
        if on is None:
            if text(self.sheet.value(row, L.STEP_DATE)):
                return 0  # said already
            self._error(
                row, L.STEP_DATE, "no_step_date", "Có bước đã xong nhưng thiếu ngày. Nhập ngày."
            )
            return 1
        if on > self.today:
            self._error(
                row,
                L.STEP_DATE,
                "future_date",
                f"Ngày {on:%d/%m/%Y} sau ngày số liệu {self.today:%d/%m/%Y}. Kiểm tra lại ngày.",
            )
            return 1
        return 0

    def _resettlement(self, row: Row) -> tuple[str, int]:
        given = text(self.sheet.value(row, L.RESETTLEMENT))
        if match := _PLOTS.search(given):
            return "plot", int(match[1])
        return ("none", 0) if fold(given) in ("khong", "0", "k") else ("unknown", 0)

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


def nearest_step(words: str) -> steps.Step:
    """Return the step that shares most words with `words`, then most letters."""
    given = {fold(word) for word in words.split()}

    def likeness(row: steps.Step) -> tuple[int, float]:
        label = {fold(word) for word in row.label.split()}
        return len(given & label), SequenceMatcher(None, fold(words), fold(row.label)).ratio()

    return max(steps.STEPS, key=likeness)


def _three(money: Sequence[Decimal | None]) -> tuple[Decimal, Decimal, Decimal] | None:
    """Land, assets, support; a list with a total alone says nothing about its parts."""
    if not any(amount is not None for amount in money):
        return None
    land, assets, support = (amount or Decimal(0) for amount in money)
    return land, assets, support
