"""Read parcels and what is cleared among them from any polygon file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from geo import crs
from geo.adjacency import adjacency
from geo.repair import REFUSALS, repair
from gpmb.analysis.blocking import Land

YES = {"1", "true", "t", "yes", "y", "x", "có", "co", "đã", "đã bàn giao", "rồi"}
NO = {"", "0", "false", "f", "no", "n", "không", "khong", "chưa", "chưa bàn giao"}


class BadParcelFile(Exception):
    """The file can't be used; the message, in Vietnamese, says where, why and what to do."""


def read_land(
    path: Path,
    *,
    cleared_field: str,
    srid: int,
    id_field: str | None = None,
    households_field: str | None = None,
    layer: str | None = None,
) -> Land:
    """Return the land of a polygon file; degrees and Web Mercator are converted to `srid`.

    A parcel is named by `id_field`, else by its feature number in the file. Without
    `households_field` each parcel counts as one household.
    """
    columns, fids, shapes, source = _read(path, layer)
    for field in (cleared_field, id_field, households_field):
        if field is not None and field not in columns:
            raise BadParcelFile(
                f"{path.name}: không có cột “{field}”. Các cột có: {', '.join(columns)}."
            )
    where = [f"{path.name}, đối tượng {fid}" for fid in fids]
    polygons = _polygons(shapes, source, srid, where)
    cleared = [
        _cleared(value, at, cleared_field)
        for value, at in zip(columns[cleared_field].tolist(), where, strict=True)
    ]
    ids = [str(value) for value in (columns[id_field] if id_field else fids).tolist()]
    homes = np.ones(len(ids), dtype=np.intp)
    if households_field:
        homes = _counts(columns[households_field], where, households_field)
    return Land(
        ids=ids,
        area_m2=shapely.area(polygons),
        cleared=np.array(cleared, dtype=bool),
        households=homes,
        pairs=adjacency(polygons).pairs,
    )


def _read(
    path: Path, layer: str | None
) -> tuple[dict[str, NDArray[Any]], NDArray[Any], NDArray[np.object_], str | None]:
    if not path.exists():
        raise BadParcelFile(f"Không có tệp {path}. Kiểm tra lại đường dẫn.")
    try:
        layers = pyogrio.list_layers(path)
        names = [name for name, kind in layers if kind is None or "Polygon" in kind]
        if layer is None and len(names) > 1:
            raise BadParcelFile(
                f"{path.name} có {len(names)} lớp vùng ({', '.join(names)}): "
                "chọn một lớp bằng --layer."
            )
        meta, fids, shapes, values = pyogrio.raw.read(
            path, layer=layer or (names[0] if names else None), return_fids=True
        )
    except (DataSourceError, DataLayerError) as error:
        raise BadParcelFile(f"{path.name}: không đọc được tệp ({error}).") from error
    if shapes is None:
        raise BadParcelFile(f"{path.name}: lớp này không có ranh giới. Chọn lớp vùng.")
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    return columns, fids, shapely.from_wkb(shapes), meta["crs"]


def _polygons(
    shapes: NDArray[np.object_], source: str | None, srid: int, where: list[str]
) -> NDArray[np.object_]:
    """Return valid polygons in a metric CRS."""
    try:
        declared = crs.declared(source)
        if declared is None:
            raise BadParcelFile(
                "Tệp không khai hệ tọa độ: khai báo lại khi xuất tệp (Quảng Ninh: EPSG:5899)."
            )
        if crs.is_geographic(declared) or declared == 3857:
            shapes = crs.transform(shapes, declared, srid)
    except crs.CrsError as error:
        raise BadParcelFile(str(error)) from error
    repaired = repair(shapes)
    refused = [
        f"{at}: {REFUSALS[reason]}"
        for at, reason in zip(where, repaired.refusal, strict=True)
        if reason
    ]
    if refused:
        raise BadParcelFile("; ".join(refused[:5]) + ". Sửa hoặc bỏ các đối tượng này.")
    return repaired.geometry


def _cleared(value: Any, where: str, field: str) -> bool:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return False
    if isinstance(value, bool | int | float):
        return bool(value)
    text = str(value).strip().lower()
    if text in YES or text in NO:
        return text in YES
    raise BadParcelFile(
        f"{where}: cột “{field}” ghi {value!r}, không rõ đã bàn giao hay chưa. Ghi 1 hoặc 0."
    )


def _counts(values: NDArray[Any], where: list[str], field: str) -> NDArray[np.intp]:
    counts = []
    for value, at in zip(values.tolist(), where, strict=True):
        number = 0.0 if value is None else float(value) if _is_number(value) else -1.0
        if np.isnan(number):
            number = 0.0
        if number < 0 or number != int(number):
            raise BadParcelFile(f"{at}: cột “{field}” ghi {value!r}, không phải số hộ.")
        counts.append(int(number))
    return np.array(counts, dtype=np.intp)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
