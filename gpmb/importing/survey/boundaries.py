"""Administrative units from a boundary file, dated: replace, create, supersede.

A code is reused (06709 was Ka Long and is Móng Cái 2), so a unit is a code and a period. For each
feature and the day the file is valid from:

- the unit valid that day, of the same name and about the same size: its boundary is replaced;
- otherwise a new unit begins that day, and the one that held the code ends the day before.

Two units can't cover the same ground on one day: a unit that the file doesn't name, but whose
ground its new units cover, ends too, and the succession is kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from geo.files import Chunk, FileError, Value
from geo.measure import Geometries
from gpmb.accounts.models import User
from gpmb.importing.attempt import Attempt
from gpmb.importing.columns import fold
from gpmb.importing.findings import Question, Report, WrongUsage
from gpmb.importing.models import ImportRun
from gpmb.importing.survey.spatial import Answers, open_spatial
from gpmb.importing.survey.successions import read_successions
from gpmb.land.models import AdministrativeUnit, UnitSuccession

Kind = AdministrativeUnit.Kind
Source = AdministrativeUnit.BoundarySource

SAME_SIZE = 1.25
"""A unit whose area changed by more than this factor was merged or split: a new unit."""
COVERED = 0.25
"""Share of an old unit's ground under a new one that makes the new one its successor. Not half:
one source's outlines reach into the sea, another's end at the shore. Neighbours overlap less."""
SAME_WITHIN_M = 0.001

_CODE = ("code", "ma", "maxa", "maphuongxa", "madvhc", "madonvi", "gsocode", "magso", "mahc")
_FULL_NAME = ("fullname", "communevn", "tendaydu", "tenxa", "tenphuongxa", "tendvhc", "tendonvi")
"""Headers of "Phường Hải Hòa"."""
_NAME = ("name", "ten", "tengon")
_KIND = ("kind", "loai", "type", "cap", "loaidvhc")
_PREFIXES = {
    "phường": Kind.WARD, "p.": Kind.WARD, "xã": Kind.COMMUNE, "x.": Kind.COMMUNE,
    "đặc khu": Kind.SPECIAL,
}  # fmt: skip
_KINDS = {"phuong": Kind.WARD, "ward": Kind.WARD, "xa": Kind.COMMUNE, "commune": Kind.COMMUNE}
_KINDS |= {"dackhu": Kind.SPECIAL, "special": Kind.SPECIAL}


@dataclass(frozen=True)
class BoundaryOptions:
    """What the file doesn't say about its units."""

    valid_from: dt.date
    valid_to: dt.date | None = None
    code_column: str = ""
    name_column: str = ""
    kind_column: str = ""
    kind: str = ""
    illustrative: bool = False
    successions: Path | None = None


@dataclass(frozen=True)
class _Unit:
    row: int
    code: str
    name: str
    kind: str
    shape: Any
    """shapely MultiPolygon in the province's plane."""


@dataclass(frozen=True)
class _Columns:
    code: str
    names: tuple[str, ...]
    """The first that isn't empty names the unit; any of them may say its kind."""
    kind: str | None


def import_boundaries(
    path: Path,
    answers: Answers,
    options: BoundaryOptions,
    *,
    by: User | None = None,
    dry_run: bool = False,
    accept_partial: bool = False,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Report:
    """Bring the units of a file in, valid from a day. Raises `Question` or `WrongUsage`."""
    attempt = Attempt(
        ImportRun.Kind.BOUNDARIES,
        path,
        by=by,
        options=answers.as_options() | {"valid_from": options.valid_from.isoformat()},
        dry_run=dry_run,
        accept_partial=accept_partial,
    )
    report = attempt.report
    try:
        with (
            open_spatial(path, answers, report) as file,
            attempt.writing("Nhập địa giới từ"),
        ):
            columns = _map_columns(file.source.layer.columns, options)
            successors = read_successions(options.successions) if options.successions else None
            units: dict[str, _Unit] = {}
            for chunk, shapes in file.chunks(report):
                _read(chunk, shapes, columns, options, units, report)
                progress(
                    "Đọc và kiểm tra", chunk.first_row + len(chunk) - 1, file.source.layer.count
                )
            if not file.source.layer.count:
                report.error("no_features", "Lớp không có đối tượng nào.")
            writer = _Writer(options, report, successors)
            writer.write(list(units.values()))
            report.applied = attempt.may_write()
    except FileError as error:
        return attempt.fail(error.code, error.message)
    return attempt.end()


def _map_columns(columns: tuple[str, ...], options: BoundaryOptions) -> _Columns:
    """The columns told, else the first synonym; a year at the end of a header doesn't count."""
    for told in (options.code_column, options.name_column, options.kind_column):
        if told and told not in columns:
            raise WrongUsage(f"Không có cột {told!r}; tệp có: {', '.join(columns)}.")
    folded = {re.sub(r"\d+$", "", fold(name)): name for name in reversed(columns)}

    def find(told: str, synonyms: tuple[str, ...]) -> str | None:
        return told or next((folded[word] for word in synonyms if word in folded), None)

    code = find(options.code_column, _CODE)
    names = [find(options.name_column, _NAME), find("", _FULL_NAME)]
    given = tuple(dict.fromkeys(name for name in names if name))
    if code is None or not given:
        what, option = ("mã", "--code-column") if code is None else ("tên", "--name-column")
        message = f"Không nhận ra cột {what} đơn vị hành chính."
        raise Question("column_missing", message, option, list(columns))
    return _Columns(code, given, find(options.kind_column, _KIND))


def _read(
    chunk: Chunk,
    shapes: Geometries,
    columns: _Columns,
    options: BoundaryOptions,
    units: dict[str, _Unit],
    report: Report,
) -> None:
    for index, shape in enumerate(shapes):
        row = chunk.first_row + index
        code = _code(chunk.columns[columns.code][index])
        names = [_name_and_kind(chunk.columns[column][index]) for column in columns.names]
        name = next((name for name, _ in names if name), "")
        kind = next((kind for _, kind in names if kind), None)
        if columns.kind and kind is None:
            kind = _KINDS.get(fold(str(chunk.columns[columns.kind][index] or "")))
        kind = options.kind or kind
        if code is None or not name:
            report.refused += 1
            if shape is not None or not name:
                what, column = ("mã", columns.code) if code is None else ("tên", columns.names[0])
                report.error("unit_incomplete", f"Thiếu {what} đơn vị hành chính.", row, column)
        elif kind is None:
            report.refused += 1
            report.error(
                "kind_unknown",
                f"Không rõ {name!r} là phường, xã hay đặc khu. Thêm --kind hoặc --kind-column.",
                row,
                columns.names[0],
            )
        elif shape is None:
            report.refused += 1
        elif code in units:
            report.refused += 1
            report.error(
                "duplicate_code", f"Mã {code} cũng ở dòng {units[code].row}.", row, columns.code
            )
        else:
            units[code] = _Unit(row, code, name, kind, shapely.normalize(shape))


def _code(value: Value) -> str | None:
    """A GSO code as text: 6709 and 6709.0 are "06709"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value).strip()
    return text.zfill(5)[:10] if text else None


def _name_and_kind(value: Value) -> tuple[str, str | None]:
    """The name without "Phường", "Xã", "Đặc khu", and the kind they say."""
    text = " ".join(str(value or "").split())
    for prefix, kind in _PREFIXES.items():
        if text.lower().startswith(prefix) and len(text) > len(prefix):
            return text[len(prefix) :].strip()[:100], kind
    return text[:100], None


class _Writer:
    """Compares the file's units with the known ones of its day and writes the difference."""

    def __init__(
        self,
        options: BoundaryOptions,
        report: Report,
        successors: Mapping[str, list[str]] | None,
    ) -> None:
        self.options, self.report, self.successors = options, report, successors
        self.listed = {old for olds in (successors or {}).values() for old in olds}
        self.source = Source.ILLUSTRATIVE if options.illustrative else Source.OFFICIAL

    def write(self, units: list[_Unit]) -> None:
        day = self.options.valid_from
        valid = {unit.code: unit for unit in AdministrativeUnit.objects.valid(on=day)}
        ended: list[AdministrativeUnit] = []
        begun: dict[str, AdministrativeUnit] = {}
        for unit in units:
            known = valid.pop(unit.code, None)
            if known is not None and self._is_same(known, unit):
                self._replace(known, unit)
                continue
            if known is not None:
                self._end(known)
                ended.append(known)
            begun[unit.code] = self._begin(unit)
        ended += self._superseded(valid, begun)
        self._link(ended, begun)

    def _is_same(self, known: AdministrativeUnit, unit: _Unit) -> bool:
        if known.valid_from == self.options.valid_from:
            return True
        if fold(known.name) != fold(unit.name) or known.kind != unit.kind:
            return False
        if self.successors is not None:
            return self.successors.get(unit.code, [unit.code]) == [unit.code]
        if known.boundary is None or known.boundary_source == Source.ILLUSTRATIVE:
            return True  # an outline we drew says nothing of how large the unit was
        ratio = unit.shape.area / known.boundary.area
        return bool(1 / SAME_SIZE <= ratio <= SAME_SIZE)

    def _replace(self, known: AdministrativeUnit, unit: _Unit) -> None:
        boundary = _geos(unit.shape)
        valid_to = self.options.valid_to or known.valid_to
        same_shape = known.boundary is not None and shapely.equals_exact(
            shapely.normalize(_shape(known)), unit.shape, tolerance=SAME_WITHIN_M
        )
        name = known.name if fold(known.name) == fold(unit.name) else unit.name
        wanted = (name, unit.kind, self.source, valid_to)
        if same_shape and wanted == (
            known.name, known.kind, known.boundary_source, known.valid_to,
        ):  # fmt: skip
            self.report.unchanged += 1
            return
        known.name, known.kind, known.boundary_source, known.valid_to = wanted
        if not same_shape:
            known.boundary = boundary
        known.save()
        self.report.changed += 1

    def _begin(self, unit: _Unit) -> AdministrativeUnit:
        valid_to = self.options.valid_to
        later = (
            AdministrativeUnit.objects.filter(
                code=unit.code, valid_from__gt=self.options.valid_from
            )
            .order_by("valid_from")
            .first()
        )
        if later is not None and (valid_to is None or valid_to >= later.valid_from):
            valid_to = later.valid_from - dt.timedelta(days=1)
            self.report.warning(
                "ends_before_next",
                f"Mã {unit.code} là {later} từ {later.valid_from:%d/%m/%Y}: {unit.name} được ghi "
                f"hiệu lực đến {valid_to:%d/%m/%Y}.",
                unit.row,
            )
        self.report.created += 1
        return AdministrativeUnit.objects.create(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            valid_from=self.options.valid_from,
            valid_to=valid_to,
            boundary=_geos(unit.shape),
            boundary_source=self.source,
        )

    def _end(self, unit: AdministrativeUnit) -> None:
        unit.valid_to = self.options.valid_from - dt.timedelta(days=1)
        unit.save(update_fields=["valid_to"])
        self.report.warning(
            "unit_ended",
            f"{unit} (mã {unit.code}) kết thúc ngày {unit.valid_to:%d/%m/%Y}: từ hôm sau thay "
            "bằng đơn vị trong tệp.",
        )

    def _superseded(
        self, others: dict[str, AdministrativeUnit], begun: dict[str, AdministrativeUnit]
    ) -> list[AdministrativeUnit]:
        """End the units the file doesn't name, whose ground (or list) its new units take."""
        gone = [unit for unit in others.values() if self._successors_of(unit, begun)]
        for unit in gone:
            self._end(unit)
        return gone

    def _successors_of(
        self, old: AdministrativeUnit, begun: dict[str, AdministrativeUnit]
    ) -> list[AdministrativeUnit]:
        if self.successors is not None:
            return [
                new for code, new in begun.items() if old.code in self.successors.get(code, ())
            ]
        if old.boundary is None:
            return []
        ground = _shape(old)
        candidates = [new for new in begun.values() if new.boundary is not None]
        shapes = np.array([_shape(new) for new in candidates], dtype=object)
        shares = shapely.area(shapely.intersection(shapes, ground)) / ground.area
        return [candidates[index] for index in np.flatnonzero(shares >= COVERED)]

    def _link(self, ended: list[AdministrativeUnit], begun: dict[str, AdministrativeUnit]) -> None:
        for old in ended:
            for new in self._successors_of(old, begun):
                UnitSuccession.objects.get_or_create(
                    old=old, new=new, defaults={"on": self.options.valid_from}
                )


def _shape(unit: AdministrativeUnit) -> Any:
    return shapely.from_wkb(bytes(unit.boundary.wkb))


def _geos(shape: Any) -> MultiPolygon:
    return cast(
        "MultiPolygon", GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=settings.SRID)
    )
