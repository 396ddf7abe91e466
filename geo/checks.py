"""Questions to ask of shapes before they are believed: where, how thin, on top of what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo import crs, measure
from geo.crs import Bounds, Province, vn
from geo.measure import Floats, Geometries

SLIVER_AREA_M2 = 1.0
SLIVER_WIDTH_M = 0.2
OVERLAP_AREA_M2 = 0.1
"""Below this an overlap is rounding of coordinates written to the centimetre."""
OVERLAP_WIDTH_M = 0.02
AREA_TOLERANCE = 0.01
AREA_TOLERANCE_M2 = 1.0
"""Declared against measured area: 1 % and at least 1 m² (the project's own choice)."""

_TM3 = (5896, 5897, 5898, 5899, *range(9205, 9219))
_EARTH_M = 2e7
_UTM = (3405, 3406, 32648, 32649)


@dataclass(frozen=True)
class Cause:
    """The likely reason why coordinates lie outside the province."""

    code: str
    """swapped_axes, wrong_zone, metres_as_degrees, degrees_as_metres, or unknown."""
    message: str
    """Vietnamese: what happened, by how far, what to do."""
    srid: int | None = None
    """The system the numbers fit."""


def cause_outside(box: Bounds, srid: int, province: Province, place: str = "") -> Cause:
    """Explain a layer whose box, in the numbers of `srid`, misses the province.

    `place` names a smaller area whose box stands in for the province's (its ``bounds``).

    Each other reading of the same numbers (axes swapped, another VN-2000 zone, UTM, degrees) is
    tried; the first that puts the box into the province is the likely truth.
    """
    for swapped in (False, True):
        for code in (srid, province.srid, *_TM3, crs.WGS84, crs.VN2000, *_UTM, 3857):
            if (code == srid and not swapped) or not _fits(_turned(box, swapped), code, province):
                continue
            return _explain(box, srid, code, swapped, province, place)
    where = distance_text(box, srid, province)
    place = place or f"tỉnh {province.name}"
    return Cause(
        "outside_province",
        f"nằm ngoài {place} {where}; không cách hiểu tọa độ nào (múi khác, đảo trục, độ hay mét) "
        "đưa vào đó. Xem lại tệp có đúng khu vực không.",
    )


def fitting(box: Bounds, province: Province) -> list[int]:
    """Systems in which the numbers of a layer without a declared one lie in the province."""
    return [
        code
        for code in dict.fromkeys((province.srid, crs.WGS84, crs.VN2000, *_TM3, *_UTM, 3857))
        if _fits(box, code, province)
    ]


def _explain(
    box: Bounds, srid: int, code: int, swapped: bool, province: Province, place: str
) -> Cause:
    place = place or f"tỉnh {province.name}"
    where = f"nằm ngoài {place} {_moved_text(box, srid, code, swapped, province)}"
    given, found = crs.is_geographic(srid), crs.is_geographic(code)
    answer = f"chạy lại với --crs EPSG:{code}"
    if found:
        answer += f" (hoặc EPSG:{crs.VN2000} nếu là độ VN-2000: hai hệ lệch nhau 225 m)"
    if swapped:
        kind, what = "swapped_axes", "đảo trục, X và Y đổi chỗ cho nhau"
        answer = "đổi chỗ hai tọa độ, xuất lại tệp"
        answer += f" và chạy lại với --crs EPSG:{code}" if code != srid else ""
    elif given and not found:
        kind, what = "metres_as_degrees", "tọa độ là mét nhưng được hiểu là độ"
    elif found and not given:
        kind, what = "degrees_as_metres", "tọa độ là độ nhưng được hiểu là mét"
    else:
        kind, what = "wrong_zone", "sai múi chiếu (kinh tuyến trục)"
    return Cause(
        kind,
        f"{where}: có thể {what}, vì các con số khớp với EPSG:{code} ({crs.name(code)}). "
        f"Nếu đúng, {answer}.",
        code,
    )


def _moved_text(box: Bounds, srid: int, code: int, swapped: bool, province: Province) -> str:
    """How far the wrong reading puts the layer from the likely one."""
    try:
        wrong = crs.transform_points(_centre(box), srid, province.srid)
        right = crs.transform_points(_centre(_turned(box, swapped)), code, province.srid)
    except crs.CrsError:
        return distance_text(box, srid, province)
    metres = float(np.hypot(*(wrong - right)[0]))
    if not np.isfinite(metres) or metres > _EARTH_M or _not_degrees(box, srid):
        return distance_text(box, srid, province)
    return f"(lệch {vn(metres / 1000)} km)"


def distance_text(box: Bounds, srid: int, province: Province) -> str:
    """How far the centre of the box is from the province's box, in brackets, in Vietnamese."""
    x, y = _centre(box)[0]
    if _not_degrees(box, srid):
        return f"(tọa độ {vn(x)}; {vn(y)} không thể là độ)"
    try:
        x, y = crs.transform_points(_centre(box), srid, province.srid)[0]
    except crs.CrsError:
        return ""
    away = measure.distance_outside_m(np.array([[x, y, x, y]]), province.bounds)[0]
    if not np.isfinite(away) or away > _EARTH_M:
        return "(ngoài phạm vi của hệ tọa độ)"
    return f"(cách ranh khoảng {vn(away / 1000)} km)"


def _centre(box: Bounds) -> Floats:
    return np.array([[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]])


def _not_degrees(box: Bounds, srid: int) -> bool:
    return crs.is_geographic(srid) and bool((np.abs(box) > [180, 90, 180, 90]).any())


def _turned(box: Bounds, swapped: bool) -> Bounds:
    return (box[1], box[0], box[3], box[2]) if swapped else box


def _fits(box: Bounds, srid: int, province: Province) -> bool:
    corners = np.array([[box[0], box[1]], [box[2], box[3]]], dtype=float)
    if crs.is_geographic(srid) and not (np.abs(corners) <= [180, 90]).all():
        return False
    try:
        moved = crs.transform_points(corners, srid, province.srid)
    except crs.CrsError:
        return False
    if not np.isfinite(moved).all():
        return False
    low, high = moved.min(axis=0), moved.max(axis=0)
    found = np.array([[low[0], low[1], high[0], high[1]]])
    return bool(measure.distance_outside_m(found, province.bounds)[0] == 0)


def slivers(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Shapes under 1 m² or narrower than 20 cm on average."""
    area, width = measure.area_m2(geometries), measure.mean_width_m(geometries)
    return np.asarray((area < SLIVER_AREA_M2) | (width < SLIVER_WIDTH_M), dtype=np.bool_)


def area_differs(declared_m2: Floats, measured_m2: Floats) -> npt.NDArray[np.bool_]:
    """Declared and measured area further apart than the tolerance (nan: nothing declared)."""
    with np.errstate(invalid="ignore"):
        limit = np.maximum(AREA_TOLERANCE * measured_m2, AREA_TOLERANCE_M2)
        return np.asarray(np.abs(declared_m2 - measured_m2) > limit, dtype=np.bool_)


def overlaps(geometries: Geometries) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Pairs of valid areas that lie on top of each other: first < second, and m² in common.

    Neighbours that only touch, or overlap by rounding (`OVERLAP_AREA_M2`, `OVERLAP_WIDTH_M`),
    are no pairs. Sharing every vertex with one's neighbours is the common case and is settled
    fast: only pairs with a shape whose edges GEOS's coverage check doubts are intersected.
    """
    empty: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)
    if len(geometries) < 2:
        return empty, empty, np.empty(0)
    doubtful = ~shapely.is_empty(shapely.coverage_invalid_edges(geometries, gap_width=0))
    index = np.flatnonzero(doubtful)
    left, right = shapely.STRtree(geometries).query(geometries[index])
    left = index[left]
    keep = (left < right) | ((left > right) & ~doubtful[right])
    first, second = np.minimum(left, right)[keep], np.maximum(left, right)[keep]
    shared = shapely.intersection(geometries[first], geometries[second])
    area = measure.area_m2(shared)
    real = area > OVERLAP_AREA_M2
    real[real] = measure.mean_width_m(shared[real]) > OVERLAP_WIDTH_M
    order = np.lexsort((second[real], first[real]))
    return first[real][order], second[real][order], area[real][order]


@dataclass(frozen=True)
class Shift:
    """A common displacement of a layer against what is known of the same parcels."""

    metres: float
    cause: str
    """Vietnamese."""


def common_shift(known: Floats, found: Floats) -> Shift | None:
    """The displacement (n, 2) centres `found` share against `known`, when it is one for all.

    A layer that lost its datum shift sits 225 m away from the same parcels; one that used the
    other rotation signs 0.75 m. None with fewer than 5 pairs, or when they moved differently.
    """
    if len(known) < 5:
        return None
    moved = found - known
    middle = np.median(moved, axis=0)
    spread = float(np.median(np.hypot(*(moved - middle).T)))
    metres = float(np.hypot(*middle))
    if metres < 0.3 or spread > 0.2 * metres:
        return None
    if abs(metres - crs.DATUM_SHIFT_M) < 5:
        return Shift(metres, "mất bước chuyển hệ VN-2000 ↔ WGS 84")
    if abs(metres - 0.75) < 0.1:
        return Shift(metres, "tham số chuyển hệ sai dấu góc xoay")
    return Shift(metres, "sai múi chiếu hoặc sai điểm gốc" if metres > 1000 else "lệch đều cả lớp")
