"""From the features of a parcel layer to rows ready to be loaded: text read, shapes checked."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import shapely
from django.conf import settings

from geo import checks, measure
from geo.crs import vn
from geo.files import Chunk, Value
from geo.measure import Floats, Geometries
from gpmb.importing.columns import ParcelColumns, ParcelField, split_sheet_number
from gpmb.importing.findings import Report
from gpmb.importing.numbers import Ambiguous, number
from gpmb.importing.survey.spatial import SpatialFile, unit_area
from gpmb.land.models import AdministrativeUnit, parcel_key
from gpmb.reference.models import LandClass

F = ParcelField
_CENT = Decimal("0.01")
_NOTED = (
    ("Chủ sử dụng theo tệp", F.HOLDER),
    ("địa chỉ", F.ADDRESS),
    ("ghi chú", F.NOTE),
)
_MAX_NUMBER = 20
CODE_DIGITS = 5
"""Of a ward's code; a spreadsheet drops the first zero of "06709"."""
_MAX_NOTE = 300
_MAX_AREA = Decimal(10) ** 11


class ParcelRow(NamedTuple):
    """One feature, as it goes into the staging table (column for column)."""

    row: int
    sheet: str | None
    number: str | None
    key: str | None
    boundary: str
    """Hexadecimal EWKB, MultiPolygon in the province's plane, in canonical order."""
    registered_m2: Decimal | None
    measured_m2: Decimal
    recovered_m2: Decimal | None
    land_class: int | None
    note: str
    parcel_ref: int
    taking_ref: int


@dataclass
class ParcelReader:
    """Reads a settled file into rows; what is wrong goes to the report, its row is refused."""

    file: SpatialFile
    unit: AdministrativeUnit
    columns: ParcelColumns
    land_classes: dict[str, LandClass]
    report: Report
    seen: int = 0
    others: Mapping[str, str] | None = None
    """Every other ward there is or was, by code, where the file says the ward."""

    def __post_init__(self) -> None:
        # Now: while rows are copied into the database it answers nothing else.
        if F.UNIT in self.columns.of:
            rows = AdministrativeUnit.objects.exclude(code=self.unit.code)
            self.others = {unit.code: str(unit) for unit in rows}

    def rows(self) -> Iterator[tuple[list[ParcelRow], Floats]]:
        """Yield per chunk the accepted rows and their (n, 4) boxes."""
        for chunk, shapes in self.file.chunks(self.report):
            self._check_unit(chunk, shapes)
            rows = self._read(chunk, shapes)
            self.seen += len(chunk)
            kept = [row.row - chunk.first_row for row in rows]
            yield rows, measure.bounds(shapes[kept])

    def _read(self, chunk: Chunk, shapes: Geometries) -> list[ParcelRow]:
        area = measure.area_m2(shapes)
        self._check_slivers(chunk, shapes)
        blobs = shapely.to_wkb(
            shapely.set_srid(shapes, settings.SRID), hex=True, include_srid=True
        )
        fields = _Fields(chunk, self.columns, self.report)
        fields.stay_in(self.unit, self.others or {})
        sheets, numbers = fields.sheets_and_numbers()
        registered, recovered = fields.areas(F.AREA), fields.areas(F.RECOVERED_AREA)
        measured = [Decimal(f"{m2:.2f}") for m2 in area.tolist()]
        kept = [
            at
            for at in range(len(chunk))
            if shapes[at] is not None
            and at not in fields.broken
            and self._fits(chunk.first_row + at, measured[at], registered[at], recovered[at])
        ]
        classes, notes = fields.texts(F.LAND_CLASS), fields.notes()
        refs = _refs(len(chunk))
        rows = [
            ParcelRow(
                chunk.first_row + at,
                sheets[at],
                numbers[at],
                parcel_key(sheets[at] or "", numbers[at] or "") if numbers[at] else None,
                blobs[at],
                registered[at],
                measured[at],
                recovered[at],
                self._land_class(chunk.first_row + at, classes[at]) if classes[at] else None,
                notes[at],
                *refs[at],
            )
            for at in kept
        ]
        self._check_areas(rows)
        return rows

    def _fits(
        self, row: int, measured: Decimal, registered: Decimal | None, recovered: Decimal | None
    ) -> bool:
        """Refuse a parcel without area, or one that gives up more than it has."""
        if measured <= 0:
            self.report.error("collapsed", "Diện tích đo dưới 0,01 m²: không nhận.", row)
            return False
        if recovered is None:
            return True
        whole = registered or measured
        if recovered > max(whole, measured):
            self.report.error(
                "recovered_above_parcel",
                f"Diện tích thu hồi {vn(float(recovered))} m² lớn hơn thửa {vn(float(whole))} m². "
                "Sửa một trong hai số.",
                row,
                self.columns.of[F.RECOVERED_AREA],
            )
            return False
        return True

    def _check_areas(self, rows: list[ParcelRow]) -> None:
        declared = np.array([float(row.registered_m2 or "nan") for row in rows])
        measured = np.array([float(row.measured_m2) for row in rows])
        for index in np.flatnonzero(checks.area_differs(declared, measured)):
            self.report.warning(
                "area_differs",
                f"Diện tích ghi {vn(declared[index])} m² khác diện tích đo trên ranh "
                f"{vn(measured[index])} m². Tiền tính theo diện tích trên giấy; xem lại ranh.",
                rows[index].row,
                self.columns.of[F.AREA],
            )

    def _check_slivers(self, chunk: Chunk, shapes: Geometries) -> None:
        for index in np.flatnonzero(checks.slivers(shapes)):
            self.report.warning(
                "sliver",
                f"Mảnh vụn: {vn(shapes[index].area, 2)} m² hoặc rộng dưới "
                f"{vn(checks.SLIVER_WIDTH_M, 1)} m. Xem có phải thừa ra khi chồng ranh không.",
                chunk.first_row + int(index),
            )

    def _check_unit(self, chunk: Chunk, shapes: Geometries) -> None:
        """Refuse what lies a zone away from the unit; warn of what lies outside its outline."""
        area = unit_area(self.unit)
        present = np.flatnonzero([shape is not None for shape in shapes])
        if area is None or self.unit.boundary is None or not len(present):
            return
        away = measure.distance_outside_m(measure.bounds(shapes[present]), area.bounds)
        far = present[away > 0]
        if len(far):
            box = measure.total_bounds(measure.bounds(chunk.geometry[far]))
            cause = (
                checks.cause_outside(box, self.file.srid, area, str(self.unit)) if box else None
            )
            message = cause.message if cause else f"nằm xa {self.unit}"
            for index in far:
                shapes[index] = None
                self.report.error(
                    "far_from_unit",
                    message[:1].upper() + message[1:],
                    chunk.first_row + int(index),
                )
        outline = shapely.from_wkb(bytes(self.unit.boundary.wkb))
        shapely.prepare(outline)
        near = present[away == 0]
        points = shapely.point_on_surface(shapes[near])
        outside = ~shapely.intersects(outline, points)
        for index, metres in zip(
            near[outside], shapely.distance(outline, points[outside]), strict=True
        ):
            self.report.warning(
                "outside_unit",
                f"Thửa nằm ngoài ranh (đã giản lược) của {self.unit} khoảng {vn(metres, 0)} m; "
                "vẫn ghi theo đơn vị đã khai.",
                chunk.first_row + int(index),
            )

    def _land_class(self, row: int, code: str) -> int | None:
        found = self.land_classes.get(code) or self.land_classes.get(code.upper())
        if found is None:
            near = get_close_matches(code.upper(), self.land_classes, n=3)
            hint = f" Gần nhất: {', '.join(near)}." if near else ""
            self.report.warning(
                "unknown_land_class",
                f"Loại đất {code!r} không có trong danh mục; thửa được nhận, chưa ghi loại đất."
                f"{hint}",
                row,
                self.columns.of[F.LAND_CLASS],
            )
            return None
        return int(found.pk)


class _Fields:
    """The attributes of a chunk's features, column by column, read as what they should be."""

    def __init__(self, chunk: Chunk, columns: ParcelColumns, report: Report) -> None:
        self.chunk, self.columns, self.report = chunk, columns, report
        self.given = {field: chunk.columns[column] for field, column in columns.of.items()}
        self.broken: set[int] = set()
        """Features with an attribute that can't be taken, counted within the chunk."""

    def texts(self, field: ParcelField) -> list[str]:
        values = self.given.get(field)
        if values is None:
            return [""] * len(self.chunk)
        return [v if type(v) is str and v.isalnum() else _text(v) for v in values]

    def stay_in(self, unit: AdministrativeUnit, others: Mapping[str, str]) -> None:
        """Refuse parcels of another ward: under this one's numbers they would be new land."""
        if F.UNIT not in self.given:
            return
        for at, text in enumerate(self.texts(F.UNIT)):
            if other := others.get(text.zfill(CODE_DIGITS)):
                message = f"Thửa của {other}, tệp đang nhập cho {unit}. Nhập riêng từng xã."
                self._refuse("other_unit", message, at, F.UNIT)

    def sheets_and_numbers(self) -> tuple[list[str | None], list[str | None]]:
        """Sheet and number of each parcel: both, or None and None."""
        sheets: list[str | None] = []
        numbers: list[str | None] = []
        columns = (self.texts(field) for field in (F.SHEET_NUMBER, F.SHEET, F.NUMBER))
        for at, (pair, sheet, parcel) in enumerate(zip(*columns, strict=True)):
            if pair or not sheet or not parcel or len(sheet) + len(parcel) > _MAX_NUMBER:
                sheet, parcel = self._odd(at, pair, sheet, parcel)
            sheets.append(sheet or None)
            numbers.append(parcel or None)
        return sheets, numbers

    def _odd(self, at: int, pair: str, sheet: str, parcel: str) -> tuple[str, str]:
        """Sheet and number from one column, of one sheet for all, incomplete, long, or none."""
        if pair:
            both = split_sheet_number(pair)
            if both is None:
                message = f"Không đọc được tờ và thửa từ {pair!r}. Ghi dạng 5/85."
                self._refuse("number_invalid", message, at, F.SHEET_NUMBER)
            sheet, parcel = both or ("", "")
        else:
            sheet = sheet or (self.columns.sheet if parcel else "")
        for field, text in ((F.SHEET, sheet), (F.NUMBER, parcel)):
            if len(text) > _MAX_NUMBER:
                message = f"{text[:30]!r} dài quá {_MAX_NUMBER} ký tự, không phải số tờ, số thửa."
                self._refuse("number_invalid", message, at, field)
        if bool(sheet) != bool(parcel) and at not in self.broken:
            missing = "số tờ" if not sheet else "số thửa"
            self._refuse(
                "number_incomplete",
                f"Thiếu {missing}. Ghi đủ cả tờ và thửa, hoặc để trống cả hai.",
                at,
                F.SHEET if not sheet else F.NUMBER,
            )
        if not sheet and not parcel and self.columns.has_numbers and at not in self.broken:
            self.report.warning(
                "no_number",
                "Không có số tờ, số thửa: nhận diện bằng hình dạng ranh.",
                self.chunk.first_row + at,
            )
        return sheet, parcel

    def areas(self, field: ParcelField) -> list[Decimal | None]:
        values = self.given.get(field)
        if values is None:
            return [None] * len(self.chunk)
        return [None if v is None else self._area(at, v, field) for at, v in enumerate(values)]

    def _area(self, at: int, value: Value, field: ParcelField) -> Decimal | None:
        if type(value) is float and 0 < value < _MAX_AREA:
            text = f"{value:.2f}"
            if float(text) == value:  # nothing to round: what nearly every file holds
                return Decimal(text)
        if isinstance(value, str) and not value.strip():
            return None
        column = self.columns.of[field]
        try:
            found = number(value) if isinstance(value, str) else Decimal(str(value))
        except Ambiguous:
            self._refuse(
                "ambiguous_number",
                f"{value!r} có thể là phần nghìn hoặc phần lẻ. Ghi rõ, ví dụ 20000 hoặc 20,0.",
                at,
                field,
            )
            return None
        except (ValueError, ArithmeticError):
            self._refuse("area_invalid", f"{value!r} không phải diện tích (m²).", at, field)
            return None
        if not found.is_finite() or found <= 0 or found >= _MAX_AREA:
            message = f"Diện tích {value!r} phải lớn hơn 0. Sửa ở cột {column}."
            self._refuse("area_invalid", message, at, field)
            return None
        return max(found.quantize(_CENT), _CENT)

    def notes(self) -> list[str]:
        """What the file says of holder and place: a note, never a party."""
        said = [
            [f"{label}: {text}" if text else "" for text in self.texts(field)]
            for label, field in _NOTED
            if field in self.given
        ]
        if not said:
            return [""] * len(self.chunk)
        return ["; ".join(filter(None, parts))[:_MAX_NOTE] for parts in zip(*said, strict=True)]

    def _refuse(self, code: str, message: str, at: int, field: ParcelField) -> None:
        self.broken.add(at)
        row = self.chunk.first_row + at
        self.report.error(code, message, row, self.columns.of.get(field, ""))


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).replace("\0", " ").split())


def land_classes(on: dt.date) -> dict[str, LandClass]:
    """The land class of each code: the one in force on a day, else the latest there was."""
    found: dict[str, LandClass] = {}
    for row in LandClass.objects.order_by("valid_from"):
        best = found.get(row.code)
        if best is None or not _in_force(best, on):
            found[row.code] = row
    return found


def _in_force(row: LandClass, on: dt.date) -> bool:
    return bool(row.valid_from <= on and (row.valid_to is None or on <= row.valid_to))


def _refs(count: int) -> list[tuple[int, int]]:
    """Random public ids for `count` parcels and takings (53 bits, never 0)."""
    bits = np.frombuffer(secrets.token_bytes(16 * count), dtype=np.uint64) >> np.uint64(11)
    numbers = np.maximum(bits, np.uint64(1)).tolist()
    return list(zip(numbers[::2], numbers[1::2], strict=True))
