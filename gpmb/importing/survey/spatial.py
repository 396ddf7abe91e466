"""Open a spatial file for import: settle what it leaves open, bring its shapes into our plane.

Nothing is guessed in silence. What the file doesn't say and can't be told from it becomes a
`Question`; what was told from it, or overruled by an answer, becomes a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
from django.conf import settings

from geo import checks, crs, files, measure, repair
from geo.crs import Bounds
from geo.files import Chunk, FileError, LayerChoice, Source
from geo.measure import Geometries
from geo.tcvn3 import ENCODINGS
from gpmb.clearance.models import Project
from gpmb.importing.findings import Question, Report, WrongUsage
from gpmb.land.models import AdministrativeUnit

FAR_FROM_UNIT_M = 20_000
"""A unit's outline is thinned by 100-300 m, so a mismatch is a warning; but neighbouring
VN-2000 zones lie 25.9 km apart, so what is this far away is in the wrong zone."""


@dataclass(frozen=True)
class Answers:
    """What the person who imports says about the file."""

    crs: str = ""
    unit: str = ""
    encoding: str = ""
    columns: tuple[str, ...] = ()
    layer: str = ""
    sheet: str = ""
    """Sheet of parcels whose labels hold a number alone, as on a drawing of one map sheet."""
    recover: bool = False
    """Take what can be had of a damaged DXF."""

    def as_options(self) -> dict[str, object]:
        return {key: value for key, value in vars(self).items() if value}


@dataclass
class SpatialFile:
    """A file whose questions are settled; `chunks` come in the province's plane."""

    source: Source
    srid: int
    outside: int = field(default=0)

    def chunks(self, report: Report) -> Iterator[tuple[Chunk, Geometries]]:
        """Yield each chunk with its repaired shapes, None for a feature that is refused."""
        for chunk in self.source.chunks():
            yield chunk, self._legal(chunk, report)

    def _legal(self, chunk: Chunk, report: Report) -> Geometries:
        broken = set()
        for problem in chunk.problems:
            message = f"{_sentence(problem.message)}."
            if problem.severity == "error":
                broken.add(problem.row)
                message += " Sửa trong phần mềm bản đồ rồi xuất lại."
                report.error(problem.code, message, problem.row)
            else:
                report.warning(problem.code, message, problem.row)
        moved = crs.transform(chunk.geometry, self.srid, settings.SRID)
        result = repair.repair(moved, normalize=True)
        shapes = result.geometry
        for index, (actions, refusal) in enumerate(
            zip(result.actions, result.refusal, strict=True)
        ):
            row = chunk.first_row + index
            if row in broken:
                shapes[index] = None
            elif refusal:
                message = _sentence(repair.REFUSALS[refusal])
                report.error(refusal, f"{message}: không nhận. Vẽ lại ranh rồi nhập lại.", row)
            for action in () if row in broken or refusal else actions:
                report.warning(action, f"{_sentence(repair.LABELS[action])}.", row)
        self._refuse_outside(chunk, shapes, report)
        return shapes

    def _refuse_outside(self, chunk: Chunk, shapes: Geometries, report: Report) -> None:
        province = settings.PROVINCE
        boxes = measure.bounds(shapes)
        present = np.array([shape is not None for shape in shapes], dtype=bool)
        away = np.zeros(len(shapes))
        away[present] = measure.distance_outside_m(boxes[present], province.bounds)
        out = np.flatnonzero(away > 0)
        if not len(out):
            return
        given = measure.total_bounds(measure.bounds(chunk.geometry[out]))
        cause = checks.cause_outside(cast("Bounds", given), self.srid, province)
        for index in out:
            shapes[index] = None
            report.error(
                "outside_province", f"{_sentence(cause.message)}", chunk.first_row + int(index)
            )
        self.outside += len(out)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


@contextmanager
def open_spatial(path: Path, answers: Answers, report: Report) -> Iterator[SpatialFile]:
    """Open `path` and settle layer, coordinate system and encoding."""
    try:
        with files.open_layer(path, answers.layer or None, recover=answers.recover) as source:
            for code, message in source.layer.notes:
                report.warning(code, _sentence(message) + ".")
            source = _settle_encoding(source, answers.encoding, report)
            srid = _settle_crs(source, answers.crs, report)
            yield SpatialFile(source, srid)
    except LayerChoice as choice:
        raise Question("layer_choice", str(choice), "--layer", choice.layers) from choice
    except FileError as error:
        if error.code == "layer_unknown":
            raise WrongUsage(error.message) from error
        raise


def _settle_crs(source: Source, answer: str, report: Report) -> int:
    layer = source.layer
    if answer:
        try:
            told = crs.epsg(answer)
            crs.transformer(told, settings.SRID)
        except crs.CrsError as error:
            raise WrongUsage(f"--crs: {error}") from error
        if layer.srid not in (None, told):
            report.warning(
                "crs_overruled",
                f"Tệp ghi EPSG:{layer.srid} nhưng được đọc theo --crs EPSG:{told}.",
            )
        return told
    if layer.srid is not None:
        try:
            crs.transformer(layer.srid, settings.SRID)
        except crs.CrsError as error:
            raise Question(
                "crs_unusable", str(error), "--crs EPSG:n", _likely_crs(source)
            ) from error
        return layer.srid
    reason = layer.crs_problem or "Tệp không ghi hệ tọa độ."
    raise Question("crs_missing", reason, "--crs EPSG:n", _likely_crs(source))


def _likely_crs(source: Source) -> list[str]:
    """The systems in which the first features lie in the province."""
    if source.layer.encoding is None:
        source = source.with_encoding("utf-8")
    chunk = next(source.chunks(200), None)
    box = measure.total_bounds(measure.bounds(chunk.geometry)) if chunk else None
    codes = checks.fitting(box, settings.PROVINCE) if box else []
    return [f"EPSG:{code} ({crs.name(code)})" for code in codes or [settings.SRID]]


def _settle_encoding(source: Source, answer: str, report: Report) -> Source:
    layer = source.layer
    if answer:
        if answer not in ENCODINGS:
            raise WrongUsage(f"--encoding nhận: {', '.join(ENCODINGS)}.")
        return source.with_encoding(answer)
    if layer.encoding is None:
        raise Question(
            "encoding_missing",
            "Tệp không ghi bảng mã chữ và không nhận ra được từ nội dung.",
            "--encoding",
            list(ENCODINGS),
        )
    if layer.encoding_guessed:
        report.warning(
            "encoding_detected",
            f"Tệp không ghi bảng mã; nhận ra {layer.encoding} từ nội dung và đã đổi sang Unicode. "
            "Nếu chữ sai, chạy lại với --encoding.",
        )
    return source


def parse_day(text: str) -> dt.date:
    """Read 30/06/2023 or 2023-06-30."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007  (a day, no moment)
        except ValueError:
            continue
    raise WrongUsage(f"Ngày {text!r} không đọc được. Ghi dạng 2023-06-30 hoặc 30/06/2023.")


def settle_unit(project: Project, answer: str) -> AdministrativeUnit:
    """The unit that numbered the parcels: the project's only one, or as answered."""
    if not answer:
        units = list(project.units.all())
        if len(units) == 1:
            return units[0]
        nearby = units or list(AdministrativeUnit.objects.order_by("code", "valid_from")[:30])
        why = f"gồm {len(units)} xã, phường" if units else "chưa gắn với xã, phường nào"
        raise Question(
            "unit_missing",
            f"Dự án {project.code} {why}; tệp không nói thửa thuộc đơn vị nào.",
            "--unit MÃ[@NGÀY]",
            [_unit_answer(unit) for unit in nearby],
        )
    code, _, day = answer.partition("@")
    units = list(AdministrativeUnit.objects.filter(code=code).order_by("valid_from"))
    if day:
        on = parse_day(day)
        units = [
            unit
            for unit in units
            if unit.valid_from <= on and (unit.valid_to is None or on <= unit.valid_to)
        ]
    if not units:
        known = AdministrativeUnit.objects.values_list("code", flat=True).distinct()[:30]
        raise WrongUsage(
            f"--unit {answer}: không có đơn vị này. Các mã có: {', '.join(known) or '(chưa có)'}."
        )
    if len(units) > 1:
        raise Question(
            "unit_ambiguous",
            f"Mã {code} từng là {len(units)} đơn vị khác nhau.",
            "--unit MÃ@NGÀY",
            [_unit_answer(unit) for unit in units],
        )
    return units[0]


def _unit_answer(unit: AdministrativeUnit) -> str:
    return f"{unit.code}@{unit.valid_from:%Y-%m-%d} ({unit})"


def unit_area(unit: AdministrativeUnit) -> crs.Province | None:
    """The province narrowed to `FAR_FROM_UNIT_M` around the unit, or None without a boundary."""
    if unit.boundary is None:
        return None
    west, south, east, north = unit.boundary.extent
    far = FAR_FROM_UNIT_M
    return replace(settings.PROVINCE, bounds=(west - far, south - far, east + far, north + far))
