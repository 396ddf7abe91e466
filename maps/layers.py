"""Layers that Folium lacks."""

from typing import Any

import folium
from branca.element import Template
from folium.elements import JSCSSMixin

from maps import escape

_NPM = "https://cdn.jsdelivr.net/npm"


class VectorTiles(JSCSSMixin, folium.map.Layer):
    """Vector tiles drawn by MapLibre GL inside Folium's map.

    `style` is a MapLibre style (sources, layers); addresses may begin with "/". The layer can be
    switched by LayerControl like any other. Without WebGL it is an empty layer, and the page's
    `data-webgl` says "missing", so that it can draw something plainer.
    """

    default_js = [
        ("maplibre", f"{_NPM}/maplibre-gl@5.24.1/dist/maplibre-gl.js"),
        ("maplibre-leaflet", f"{_NPM}/@maplibre/maplibre-gl-leaflet@0.1.4/leaflet-maplibre-gl.js"),
    ]
    default_css = [
        ("maplibre-css", f"{_NPM}/maplibre-gl@5.24.1/dist/maplibre-gl.css"),
    ]

    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = (() => {
            const probe = document.createElement("canvas");
            const webgl = probe.getContext("webgl2") || probe.getContext("webgl");
            document.documentElement.dataset.webgl = webgl ? "present" : "missing";
            if (!webgl) return L.layerGroup();
            const options = {{ this.options }};
            // MapLibre's worker has no page to resolve an address against.
            const whole = (path) => path.startsWith("/") ? location.origin + path : path;
            for (const source of Object.values(options.style.sources)) {
                if (source.tiles) source.tiles = source.tiles.map(whole);
                if (typeof source.data === "string") source.data = whole(source.data);
            }
            return L.maplibreGL(options);
        })();
        {% endmacro %}
    """)

    def __init__(self, style: dict[str, Any], *, name: str | None = None, **layer: bool) -> None:
        super().__init__(name=name, **{"overlay": True} | layer)
        self._name = "VectorTiles"
        # The drawing buffer is kept for Ctrl+P: a printed map is read back from it.
        self.options = escape.script(
            {"style": style, "canvasContextAttributes": {"preserveDrawingBuffer": True}}
        )
