"""Turn whatever a file holds into valid MultiPolygons, and say what was done.

Nothing is dropped in silence: each geometry comes back with the codes of what changed
(`LABELS`), or with the reason it can't be an area (`REFUSALS`) and None.
Repairing a repaired geometry changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Geometries = npt.NDArray[np.object_]

LABELS = {
    "made_valid": "ranh tự cắt hoặc vòng chồng nhau, đã sửa thành vùng hợp lệ",
    "repeated_points": "có đỉnh lặp, đã bỏ đỉnh thừa",
    "parts_dropped": "phần chỉ là điểm hay đường sinh ra khi sửa ranh đã bỏ",
    "height_dropped": "có độ cao, chỉ giữ tọa độ phẳng",
    "unwrapped": "tập hợp hình chỉ gồm vùng, đã gộp thành một thửa",
}

REFUSALS = {
    "no_geometry": "không có ranh giới",
    "not_polygon": "không phải vùng (điểm, đường hoặc hình hỗn hợp)",
    "not_finite": "tọa độ không phải số hữu hạn",
    "collapsed": "vùng suy biến, không có diện tích",
}

MIN_AREA = 1e-4
"""Square units of the CRS (1 cm² in metres): smaller pieces of a repaired shape are noise."""


@dataclass(frozen=True)
class Repaired:
    """Result of `repair`: three columns of the same length."""

    geometry: Geometries
    """MultiPolygon, or None where refused."""
    actions: list[tuple[str, ...]]
    """Codes of `LABELS`."""
    refusal: list[str | None]
    """Code of `REFUSALS`."""


def repair(geometries: Geometries, *, normalize: bool = False) -> Repaired:
    """Repair an array of shapely geometries given in a metric CRS.

    Outer rings run counter-clockwise; with `normalize` each shape comes in GEOS's canonical form
    instead, in which equal shapes are written alike.
    """
    count = len(geometries)
    result: Geometries = np.full(count, None, dtype=object)
    actions: list[tuple[str, ...]] = [()] * count
    refusal: list[str | None] = [None] * count
    simple = _already_good(geometries)
    result[simple] = _as_multi(geometries[simple], normalize)
    for index in np.flatnonzero(~simple):
        shape, done, why = _repair_one(geometries[index])
        if shape is not None and normalize:
            shape = shapely.normalize(shape)
        result[index], actions[index], refusal[index] = shape, done, why
    return Repaired(result, actions, refusal)


def _already_good(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Valid flat areas without repeated points; the way their rings run is set without a word."""
    kind = shapely.get_type_id(geometries)
    good = np.asarray((kind == 3) | (kind == 6), dtype=np.bool_)
    good &= np.isfinite(shapely.bounds(geometries)).all(axis=1)  # also: neither missing nor empty
    good &= ~shapely.has_z(geometries) & shapely.is_valid(geometries)
    some = geometries[good]
    same = shapely.get_num_coordinates(shapely.remove_repeated_points(some))
    fine = same == shapely.get_num_coordinates(some)
    good[good] = fine & (shapely.area(some) > MIN_AREA)
    return good


def _as_multi(polygons: Geometries, normalize: bool) -> Geometries:
    turned = (
        shapely.normalize(polygons)
        if normalize
        else shapely.orient_polygons(polygons, exterior_cw=False)
    )
    multi = np.asarray(turned, dtype=object)
    single = shapely.get_type_id(multi) == 3
    if single.any():
        index = np.arange(int(single.sum()))
        multi[single] = shapely.multipolygons(multi[single], indices=index)
    return multi


def _repair_one(
    shape: BaseGeometry | None,
) -> tuple[BaseGeometry | None, tuple[str, ...], str | None]:
    if shape is None or shape.is_empty:
        return None, (), "no_geometry"
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return None, (), "not_finite"
    leaves = _leaves(shape)
    if any(leaf.geom_type != "Polygon" for leaf in leaves):
        return None, (), "not_polygon"
    actions: list[str] = []
    if shape.geom_type == "GeometryCollection":
        actions.append("unwrapped")
    shape = shapely.MultiPolygon([leaf for leaf in leaves if not leaf.is_empty])
    if shape.has_z:
        actions.append("height_dropped")
        shape = shapely.force_2d(shape)
    shape = _without_repeats(shape, actions)
    if not shape.is_valid:
        actions.append("made_valid")
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=True)
    pieces = _leaves(shape)
    areas = [piece for piece in pieces if piece.area > MIN_AREA]
    if not areas:
        return None, (), "collapsed"
    if len(areas) < len(pieces):
        actions.append("parts_dropped")
    shape = _without_repeats(shapely.MultiPolygon(areas), actions)
    return shapely.orient_polygons(shape, exterior_cw=False), tuple(actions), None


def _without_repeats(shape: BaseGeometry, actions: list[str]) -> BaseGeometry:
    """`shape` without repeated points, unless taking them out would break it."""
    try:
        plain = shapely.remove_repeated_points(shape)
    except shapely.GEOSException:  # a ring of one point repeated: making it valid drops it
        return shape
    if shapely.get_num_coordinates(plain) == shapely.get_num_coordinates(shape):
        return shape
    if "repeated_points" not in actions:
        actions.append("repeated_points")
    return plain


def _leaves(shape: BaseGeometry) -> list[BaseGeometry]:
    """All simple geometries of a possibly nested collection."""
    if hasattr(shape, "geoms"):
        return [leaf for part in shape.geoms for leaf in _leaves(part)]
    return [shape]
