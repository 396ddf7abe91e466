"""From the features of a parcel layer to rows ready to be loaded: text read, shapes checked."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
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
from gpmb.importing.spatial import SpatialFile, unit_area
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
        canonical = shapely.set_srid(shapely.normalize(shapes), settings.SRID)
        blobs = shapely.to_wkb(canonical, hex=True, include_srid=True)
        values = {field: chunk.columns[column] for field, column in self.columns.of.items()}
        refs = _refs(len(chunk))
        rows = []
        for index in range(len(chunk)):
            given = {field: column[index] for field, column in values.items()}
            found = self._row(chunk.first_row + index, given, shapes[index], area[index])
            if found is not None:
                parcel_ref, taking_ref = refs[index]
                rows.append(
                    found._replace(
                        boundary=blobs[index], parcel_ref=parcel_ref, taking_ref=taking_ref
                    )
                )
        self._check_areas(rows)
        return rows

    def _row(
        self,
        row: int,
        given: dict[ParcelField, Value],
        shape: object,
        area_m2: float,
    ) -> ParcelRow | None:
        fields = _Fields(row, given, self.columns, self.report)
        sheet, parcel = fields.sheet_and_number()
        registered, recovered = fields.area(F.AREA), fields.area(F.RECOVERED_AREA)
        if shape is None or fields.broken:
            return None
        measured = Decimal(float(area_m2)).quantize(_CENT)
        whole = registered or measured
        if measured <= 0:
            self.report.error("collapsed", "Diện tích đo dưới 0,01 m²: không nhận.", row)
            return None
        if recovered is not None and recovered > max(whole, measured):
            self.report.error(
                "recovered_above_parcel",
                f"Diện tích thu hồi {vn(float(recovered))} m² lớn hơn thửa {vn(float(whole))} m². "
                "Sửa một trong hai số.",
                row,
                self.columns.of[F.RECOVERED_AREA],
            )
            return None
        return ParcelRow(
            row,
            sheet,
            parcel,
            parcel_key(sheet, parcel) if sheet and parcel else None,
            "",
            registered,
            measured,
            recovered,
            self._land_class(row, fields.text(F.LAND_CLASS)),
            fields.note(),
            0,
            0,
        )

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
        if not code:
            return None
        found = self.land_classes.get(code.upper())
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
    """The attributes of one feature, read as what they should be."""

    def __init__(
        self, row: int, given: dict[ParcelField, Value], columns: ParcelColumns, report: Report
    ) -> None:
        self.row, self.given, self.columns, self.report = row, given, columns, report
        self.broken = False

    def text(self, field: ParcelField) -> str:
        value = self.given.get(field)
        if value is None:
            return ""
        if isinstance(value, str) and value.isalnum():
            return value
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return " ".join(str(value).replace("\0", "").split())

    def sheet_and_number(self) -> tuple[str | None, str | None]:
        text = self.text(F.SHEET_NUMBER)
        if text:
            pair = split_sheet_number(text)
            if pair is None:
                message = f"Không đọc được tờ và thửa từ {text!r}. Ghi dạng 5/85."
                self._refuse("number_invalid", message, F.SHEET_NUMBER)
            sheet, parcel = pair or ("", "")
        else:
            sheet, parcel = self.text(F.SHEET), self.text(F.NUMBER)
            sheet = sheet or (self.columns.sheet if parcel else "")
        for field, text in ((F.SHEET, sheet), (F.NUMBER, parcel)):
            if len(text) > _MAX_NUMBER:
                message = f"{text[:30]!r} dài quá {_MAX_NUMBER} ký tự, không phải số tờ, số thửa."
                self._refuse("number_invalid", message, field)
        if bool(sheet) != bool(parcel) and not self.broken:
            missing = "số tờ" if not sheet else "số thửa"
            self._refuse(
                "number_incomplete",
                f"Thiếu {missing}. Ghi đủ cả tờ và thửa, hoặc để trống cả hai.",
                F.SHEET if not sheet else F.NUMBER,
            )
        if not sheet and not parcel and self.columns.has_numbers and not self.broken:
            self.report.warning(
                "no_number", "Không có số tờ, số thửa: nhận diện bằng hình dạng ranh.", self.row
            )
        return sheet or None, parcel or None

    def area(self, field: ParcelField) -> Decimal | None:
        value = self.given.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        column = self.columns.of[field]
        try:
            found = number(value) if isinstance(value, str) else Decimal(str(value))
        except Ambiguous:
            self._refuse(
                "ambiguous_number",
                f"{value!r} có thể là phần nghìn hoặc phần lẻ. Ghi rõ, ví dụ 20000 hoặc 20,0.",
                field,
            )
            return None
        except (ValueError, ArithmeticError):
            self._refuse("area_invalid", f"{value!r} không phải diện tích (m²).", field)
            return None
        if not found.is_finite() or found <= 0 or found >= _MAX_AREA:
            message = f"Diện tích {value!r} phải lớn hơn 0. Sửa ở cột {column}."
            self._refuse("area_invalid", message, field)
            return None
        return max(found.quantize(_CENT), _CENT)

    def note(self) -> str:
        """What the file says of holder and place: a note, never a party."""
        parts = [f"{label}: {text}" for label, name in _NOTED if (text := self.text(name))]
        return "; ".join(parts)[:_MAX_NOTE]

    def _refuse(self, code: str, message: str, field: ParcelField) -> None:
        self.broken = True
        self.report.error(code, message, self.row, self.columns.of.get(field, ""))


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
