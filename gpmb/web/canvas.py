"""Folium's maps on our pages: an empty one for a script to fill, and any one under our policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium
from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from maps.document import Parts, document

if TYPE_CHECKING:
    from geo.crs import Bounds


def chart(name: str, bounds: Bounds, *, zoom: int = 11, max_zoom: int = 21, **more: Any) -> Any:
    """A map under the name `name` about `bounds` (degrees), on the basemap if there is one."""
    west, south, east, north = bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=zoom,
        tiles=None,
        attribution_control=False,
        max_zoom=max_zoom,
        min_zoom=8,
        zoom_snap=0.25,
        **more,
    )
    drawn._id = name
    if settings.BASEMAP_URL:
        folium.TileLayer(settings.BASEMAP_URL, attr=" ", name="Bản đồ nền").add_to(drawn)
    return drawn


def empty(name: str, nonce: str, *, max_zoom: int = 21) -> Parts:
    """A map over the province; the page's script draws on it."""
    return parts(chart(name, settings.PROVINCE.lonlat_bounds, max_zoom=max_zoom), nonce)


def parts(drawn: folium.Map, nonce: str) -> Parts:
    """What a page takes up to show a map under a strict policy."""
    made = document(drawn, lambda path: static(f"vendor/{path}"), nonce)
    # Escaped where it was made (maps.document, maps.escape).
    return Parts(*(mark_safe(part) for part in (made.head, made.body, made.script)))  # noqa: S308
