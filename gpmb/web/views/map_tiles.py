"""What the map draws: vector tiles, outlines, hexagons, and plain GeoJSON without WebGL."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
)
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET
from isal import igzip

from gpmb.analysis import hexagons, outlines, tiles
from gpmb.analysis.selection import Colouring
from gpmb.clearance.clock import today
from gpmb.web.http import Request
from gpmb.web.map_filters import MapQuery

PLAIN_LIMIT = 1500
TILE_TYPE = "application/vnd.mapbox-vector-tile"
CACHE = tiles.TileCache(limit_bytes=64 * 2**20)
GZIP_LEVEL = 1
"""ISA-L's: zlib's own level 1 packs a tile of zoom 14 to the same size in seven times the time."""


@require_GET
def tile(request: Request, z: int, x: int, y: int) -> HttpResponseBase:
    """One tile of the selection in the address: 304 while nothing it shows has changed."""
    selection = MapQuery.read(request.GET, request.user, today()).selection()
    key = tiles.key(selection)
    etag = f'W/"{key}"'
    if request.headers.get("If-None-Match") == etag:
        return _revalidate(HttpResponseNotModified(), etag)
    name = (key, z, x, y)
    packed = CACHE.get(name)
    if packed is None:
        try:
            packed = igzip.compress(tiles.tile(selection, z, x, y), GZIP_LEVEL, mtime=0)
        except ValueError as error:
            raise Http404 from error
        CACHE.put(name, packed)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(
            packed, content_type=TILE_TYPE, headers={"Content-Encoding": "gzip"}
        )
    else:
        response = HttpResponse(gzip.decompress(packed), content_type=TILE_TYPE)
    return _revalidate(response, etag)


@require_GET
def outlines_around(request: Request) -> HttpResponseBase:
    """Wards, projects, resettlement sites and obstacles on the ground as GeoJSON."""
    query = MapQuery.read(request.GET, request.user, today())
    around = outlines.features(request.user, on=query.on, today=query.today)
    return _geojson(request, around)


@require_GET
def complaint_hexagons(request: Request) -> HttpResponseBase:
    """Hexagons of 3 households or more with complaints; none for those who see the parcels."""
    selection = MapQuery.read(request.GET, request.user, today()).selection()
    shown = selection.colouring == Colouring.COMPLAINT and not selection.sees_complaints
    return _geojson(request, hexagons.complaints(selection) if shown else [])


@require_GET
def plain(request: Request) -> HttpResponseBase:
    """The takings in a box as GeoJSON for browsers without WebGL, PLAIN_LIMIT at most."""
    query = MapQuery.read(request.GET, request.user, today())
    if query.box is None:
        return JsonResponse({"message": "Thiếu khung nhìn (box=tây,nam,đông,bắc)."}, status=400)
    selection = replace(query.selection(), box=query.box)
    rows = (
        selection.takings()
        .order_by("pk")
        .annotate(shape=AsGeoJSON(Transform("boundary_web", 4326), precision=6))
        .values_list("ref", "c", "o", "shape")[: PLAIN_LIMIT + 1]
    )
    features = [
        {
            "type": "Feature",
            "id": ref,
            "geometry": json.loads(shape),
            "properties": {"c": c, "o": o},
        }
        for ref, c, o, shape in rows
    ]
    return _geojson(request, features[:PLAIN_LIMIT], truncated=len(features) > PLAIN_LIMIT)


def _geojson(request: Request, features: list[dict[str, Any]], **more: Any) -> HttpResponseBase:
    content = json.dumps(
        {"type": "FeatureCollection", "features": features, **more},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    etag = f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return _revalidate(HttpResponseNotModified(), etag)
    return _revalidate(HttpResponse(content, content_type="application/geo+json"), etag)


def _revalidate(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Kept by this browser alone, asked about each time: permission and data may change."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response
