"""Coordinate systems: the VN-2000 zone of a province, and conversions never silently wrong.

Only EPSG codes are accepted. A proj string or ``towgs84`` list can be 0.75 m or 225 m off without
a word, and EPSG code 5899 is still reported for a definition whose datum shift was dropped.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # settings import this module: the heavy libraries load on first use
    import numpy as np
    import numpy.typing as npt
    from pyproj import CRS, Transformer

Bounds = tuple[float, float, float, float]
"""min x, min y, max x, max y: east and north, or longitude and latitude."""

_TABLE = Path(__file__).with_name("provinces.csv")


@dataclass(frozen=True)
class Province:
    """A province, the VN-2000 / TM-3 zone its cadastre uses, and where it lies."""

    code: str
    """General Statistics Office code, two digits."""
    name: str
    srid: int
    """EPSG code of the zone."""
    central_meridian: float
    """Of the zone, degrees east."""
    bounds: Bounds
    """Generous box in the zone, metres."""
    lonlat_bounds: Bounds
    """The same box, degrees (VN-2000 and WGS 84 alike: it is rounded outwards by kilometres)."""
    source: str
    """Where zone and box come from."""


@cache
def provinces() -> dict[str, Province]:
    """All provinces of ``provinces.csv`` by code."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _province(row) for row in csv.DictReader(file)}


def _province(row: dict[str, str]) -> Province:
    west, south, east, north = (float(row[key]) for key in ("west", "south", "east", "north"))
    min_e, min_n, max_e, max_n = (float(row[key]) for key in ("min_e", "min_n", "max_e", "max_n"))
    return Province(
        code=row["code"],
        name=row["name"],
        srid=int(row["epsg"]),
        central_meridian=float(row["central_meridian"]),
        bounds=(min_e, min_n, max_e, max_n),
        lonlat_bounds=(west, south, east, north),
        source=row["source"],
    )


def province(code: str) -> Province:
    """The province of a two-digit GSO code; ``LookupError`` with the known codes otherwise."""
    try:
        return provinces()[code]
    except KeyError:
        known = ", ".join(provinces())
        message = f"Không có tỉnh mã {code!r} trong geo/provinces.csv; các mã có: {known}."
        raise LookupError(message) from None


# -- conversions -------------------------------------------------------------------------------

WGS84 = 4326
VN2000 = 4756
"""Geographic VN-2000, degrees."""

CONTROL_POINT_LONLAT = (107.97, 21.53)
CONTROL_POINT_5899 = (522594.356, 2381647.927)
"""The control point in WGS 84 and in EPSG:5899: the same in pyproj, GDAL and PostGIS.

EPSG reads Vietnam's seven parameters as a coordinate-frame rotation (operation 6960, accuracy
1 m). The ``towgs84`` list copied around the web has the other signs and lands 0.75 m away. Which
of the two the office meant is settled by a point known in both systems; if one ever disagrees,
this is the single place to say so.
"""

DATUM_SHIFT_M = 224.7
"""How far Móng Cái moves when VN-2000 coordinates are taken for WGS 84."""


def vn(number: float, digits: int = 1) -> str:
    """A number as Vietnamese readers write it: 1.234,5."""
    return f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))


class CrsError(ValueError):
    """A coordinate system that can't be used; the message, in Vietnamese, says why."""


def epsg(text: str) -> int:
    """The code of "EPSG:5899" or "5899"; anything else raises `CrsError`."""
    match = re.fullmatch(r"(?:epsg:)?(\d{4,5})", text.strip(), re.IGNORECASE)
    if not match:
        raise CrsError(
            f"Hệ tọa độ {text!r} không phải mã EPSG. Ghi dạng EPSG:5899; chuỗi proj hay towgs84 "
            "không được nhận vì sai dấu một tham số đã lệch 0,75 m, thiếu chúng lệch 225 m."
        )
    code = int(match[1])
    name(code)
    return code


@cache
def name(srid: int) -> str:
    """The registry's name of an EPSG code; unknown codes raise `CrsError`."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return str(CRS.from_epsg(srid).name)
    except CRSError:
        raise CrsError(f"EPSG:{srid} không có trong sổ đăng ký EPSG.") from None


@cache
def is_geographic(srid: int) -> bool:
    """Whether coordinates are degrees."""
    from pyproj import CRS

    return bool(CRS.from_epsg(srid).is_geographic)


@cache
def transformer(source: int, target: int) -> Transformer:
    """The best transformation between two EPSG codes, x (east) first.

    ``only_best`` and no ballpark: when the datum shift is not available the result is an error,
    not a point 225 m away.
    """
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(
            source, target, always_xy=True, allow_ballpark=False, only_best=True
        )
    except ProjError:
        raise CrsError(
            f"Không có phép chuyển đủ chính xác từ EPSG:{source} sang EPSG:{target}."
        ) from None


def transform_points(
    xy: npt.NDArray[np.float64], source: int, target: int
) -> npt.NDArray[np.float64]:
    """Convert (n, 2) coordinates; a point the projection can't hold becomes infinite."""
    if source == target or not len(xy):
        return xy
    import numpy as np

    x, y = transformer(source, target).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([x, y])


def transform(
    geometries: npt.NDArray[np.object_], source: int, target: int
) -> npt.NDArray[np.object_]:
    """Convert an array of shapely geometries (None stays None)."""
    if source == target:
        return geometries
    import shapely

    return cast(
        "npt.NDArray[np.object_]",
        shapely.transform(geometries, lambda xy: transform_points(xy, source, target)),
    )


def declared(definition: str | None) -> int | None:
    """The EPSG code a file declares, or None when it declares nothing usable.

    `definition` is what GDAL reports: "EPSG:n" or WKT. Raises `CrsError` for a definition that
    looks like a registered system but lost or changed its datum shift.
    """
    if not definition:
        return None
    if re.fullmatch(r"EPSG:\d+", definition, re.IGNORECASE):
        return epsg(definition)
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(definition)
    except CRSError:
        return None
    authority = crs.to_authority(min_confidence=100)
    if authority and authority[0] == "EPSG" and not crs.is_bound and _known_datum(crs):
        return int(authority[1])
    if crs.is_bound or crs.is_projected:
        raise CrsError(
            f"Tệp ghi hệ tọa độ {crs.name!r} không phải mã EPSG: bước chuyển hệ bị mất (hiểu theo "
            f"WGS 84 thì lệch {vn(DATUM_SHIFT_M)} m) hoặc tự ghi tham số towgs84 (sai dấu lệch "
            "0,75 m)."
        )
    return None


def _known_datum(crs: CRS) -> bool:
    geodetic = crs.geodetic_crs
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum else ""
    plain = re.sub(r"[^a-z0-9]", "", datum.lower())
    return any(word in plain for word in ("vietnam2000", "vn2000", "wgs1984", "wgs84", "worldgeo"))
