"""The map of concentrations: Folium's canvas, the hexagons it draws, and who may see which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.conf import settings

from geo import cells, crs
from gpmb.accounts.models import Role
from maps import palette

if TYPE_CHECKING:
    from gpmb.accounts.models import User
    from gpmb.analysis.hotspot_models import HotspotRun

WGS84 = 4326
LEAST_HOUSEHOLDS = 3
# The verdict of a run → the class of maps.palette, its name on screen, in the legend's order.
CLASSES = {
    "hot": ("concentration", "Khu vực tập trung đơn thư"),
    "watch": ("watch", "Cần theo dõi (chưa đủ căn cứ thống kê)"),
    "none": ("none", "Không phát hiện"),
    "not_enough_data": ("unknown", "Không đủ dữ liệu"),
}


def sees_few(user: User) -> bool:
    """Say whether figures of fewer than three households are open to this user."""
    return user.is_active and user.role == Role.PETITIONS


def shown_cells(record: HotspotRun, user: User) -> list[int]:
    """Return the positions of the run's cells that this user may see at all."""
    least = 1 if sees_few(user) else LEAST_HOUSEHOLDS
    return [i for i, (_, _, at_risk, _) in enumerate(record.cells) if at_risk >= least]


def hexagons(record: HotspotRun, user: User) -> dict[str, Any]:
    """Return the run's cells as GeoJSON (EPSG:4326): place and verdict, no count."""
    shown = shown_cells(record, user)
    if not shown:
        return {"type": "FeatureCollection", "features": []}
    q, r = np.array([record.cells[i][:2] for i in shown], np.int64).T
    shapes = crs.transform(cells.polygon_of(q, r), settings.SRID, WGS84)
    corners = [np.round(shapely.get_coordinates(shape), 6).tolist() for shape in shapes]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"q": int(a), "r": int(b), "verdict": record.outcome[i][0]},
            }
            for i, ring, a, b in zip(shown, corners, q, r, strict=True)
        ],
    }


def legend(record: HotspotRun, user: User) -> list[dict[str, Any]]:
    """Return the legend's rows with the number of cells shown in each class."""
    said = [record.outcome[i][0] for i in shown_cells(record, user)]
    return [
        {"code": code, "label": label, "cells": said.count(code)}
        for code, (_, label) in CLASSES.items()
    ]


def styles() -> dict[str, dict[str, Any]]:
    """Return Leaflet's path options of each verdict; hatches are patterns of the page."""
    answer = {}
    for code, (name, _) in CLASSES.items():
        fill = palette.VERDICTS[name]
        hatch = fill.pattern == "hatch"
        answer[code] = {
            "color": palette.OUTLINE if fill.pattern == "none" else fill.colour,
            "weight": 0.6 if fill.pattern in ("none", "hatch") else 1.2,
            "fillColor": "url(#unknown-hatch)" if hatch else fill.colour,
            "fillOpacity": {"none": 0.0, "hatch": 0.55}.get(fill.pattern, 0.75),
        }
    return answer
