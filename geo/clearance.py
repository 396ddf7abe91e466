"""What a clearance boundary takes of each parcel, in the plane of the coordinates given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo import checks
from geo.measure import Floats, Geometries


class Relation(IntEnum):
    """How a parcel lies to the boundary."""

    OUTSIDE = 0
    PARTLY = 1
    INSIDE = 2


@dataclass(frozen=True)
class Cut:
    """Columns of one length; recovered + remainder = the parcel, in square units of the plane."""

    relation: npt.NDArray[np.int8]
    recovered: Geometries
    """MultiPolygon, None outside."""
    recovered_m2: Floats
    remainder_m2: Floats


def cut(parcels: Geometries, boundary: BaseGeometry) -> Cut:
    """Cut valid parcels by a boundary, both in one metric plane.

    A piece below `checks.SLIVER_AREA_M2` or thinner than `checks.SLIVER_WIDTH_M` is the play of
    two drawings against each other: it is given to the other side, so that a parcel along the
    line is wholly in or wholly out.
    """
    count = len(parcels)
    recovered: Geometries = np.full(count, None, dtype=object)
    relation = np.zeros(count, dtype=np.int8)
    area = np.nan_to_num(shapely.area(parcels))
    taken = np.zeros(count)
    shapely.prepare(boundary)
    near = np.flatnonzero(shapely.intersects(boundary, parcels))
    whole = shapely.covers(boundary, parcels[near])
    for index in near[whole]:
        recovered[index] = parcels[index]
    relation[near[whole]] = Relation.INSIDE
    edge = near[~whole]
    inside = _pieces(shapely.intersection(parcels[edge], boundary))
    left = _pieces(shapely.difference(parcels[edge], boundary))
    for index, part, rest in zip(edge, inside, left, strict=True):
        if part is None:
            continue
        relation[index] = Relation.PARTLY if rest is not None else Relation.INSIDE
        recovered[index] = part if rest is not None else parcels[index]
    some = relation != Relation.OUTSIDE
    taken[some] = shapely.area(recovered[some])
    return Cut(relation, recovered, taken, area - taken)


def _pieces(shapes: Geometries) -> Geometries:
    """The areas among the pieces that are no slivers, as MultiPolygons; None where none is."""
    result: Geometries = np.full(len(shapes), None, dtype=object)
    for index, shape in enumerate(shapes):
        parts = np.array(
            [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"],
            dtype=object,
        )
        if len(parts):
            kept = parts[~checks.slivers(parts)]
            if len(kept):
                result[index] = shapely.orient_polygons(shapely.multipolygons(kept))
    return result
