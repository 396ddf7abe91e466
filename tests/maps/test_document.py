"""What Folium renders, made fit for a strict page: local files, nonces, nothing inline."""

import re

import folium
import pytest
from folium.plugins import HeatMap

from maps import assets
from maps.document import Parts, document
from maps.layers import VectorTiles

STYLE = {"version": 8, "sources": {}, "layers": []}


def rendered(*, nonce: str = "abc", **kwargs: object) -> Parts:
    canvas = folium.Map(location=[21.53, 107.97], zoom_start=12, tiles=None)
    canvas._id = "gpmb"
    layer = VectorTiles(STYLE, name="Thửa đất")
    layer._id = "takings"
    layer.add_to(canvas)
    folium.LayerControl().add_to(canvas)
    return document(canvas, lambda path: f"/static/vendor/{path}", nonce, **kwargs)


def test_no_network_address_is_left() -> None:
    parts = rendered()
    for part in (parts.head, parts.body, parts.script):
        assert "http" not in part
        assert not re.search(r"""["'(]//""", part)


def test_every_script_style_and_link_carries_the_nonce() -> None:
    parts = rendered(nonce="n0nce")
    tags = re.findall(r"<(?:script|style|link)\b[^>]*>", parts.head + parts.body + parts.script)
    assert len(tags) >= 6
    assert all('nonce="n0nce"' in tag for tag in tags)


def test_the_files_of_map_and_vector_layer_load_in_order() -> None:
    files = re.findall(r'(?:src|href)="/static/vendor/([^"]+)"', rendered().head)
    assert files == [
        "leaflet/leaflet.js",
        "leaflet/leaflet.css",
        "maplibre/maplibre-gl.js",
        "maplibre/leaflet-maplibre-gl.js",
        "maplibre/maplibre-gl.css",
    ]


def test_what_the_page_has_already_is_left_out() -> None:
    assert "bootstrap" not in rendered().head
    assert "/static/vendor/bootstrap/bootstrap.min.css" in rendered(without=()).head


def test_the_page_keeps_its_own_meta_elements() -> None:
    assert "<meta" not in rendered().head


def test_the_vector_layer_is_in_the_map_and_in_the_layer_control() -> None:
    script = rendered().script
    assert "L.maplibreGL(" in script
    assert "vector_tiles_takings.addTo(map_gpmb)" in script
    assert re.search(r'"(Thửa đất|Th\\u1eeda \\u0111\\u1ea5t)"\s*:\s*vector_tiles_takings', script)


def test_a_plugin_nobody_serves_is_an_error() -> None:
    canvas = folium.Map(tiles=None)
    HeatMap([[21.5, 107.9]]).add_to(canvas)
    with pytest.raises(assets.UnknownAddressError):
        document(canvas, str, "abc")


def test_an_inline_style_attribute_is_refused() -> None:
    canvas = folium.Map(tiles=None)
    canvas.get_root().html.add_child(folium.Element('<p style="color:red">x</p>'))
    with pytest.raises(ValueError, match="CSP"):
        document(canvas, str, "abc")
