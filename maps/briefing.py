"""A map in one file: opens from a USB stick, asks nothing of any network, holds what it is given.

Shapes travel as whole numbers (1e-6 degree, each vertex as the step from the last): a city of
6,000 parcels stays below 5 MB with the drawing code and the type in it.
"""

import base64
import json
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import MacroElement, Template

from maps import assets, escape, palette

SCALE = 1_000_000
"""Whole numbers a degree: 1e-6 degree is 11 cm."""

_FONTS = {"400": "normal", "600": "600"}
_SUBSETS = ("latin", "vietnamese")


@dataclass(frozen=True)
class Group:
    """A priority category, in the order of the panel."""

    name: str


@dataclass(frozen=True)
class Project:
    """A project as the file knows it; `group` is the index of its Group."""

    name: str
    group: int


@dataclass(frozen=True)
class Briefing:
    """What the file shows. Parallel sequences, one entry a parcel.

    `shapes` are polygons in EPSG:4326 (longitude, latitude), `projects` and `stages` indices,
    `labels` sheet and number ("5/85"), `areas_m2` the recovered areas.
    """

    title: str
    as_of: str
    notice: str
    footer: str
    groups: Sequence[Group]
    project_list: Sequence[Project]
    stage_labels: Sequence[str]
    shapes: Sequence[Any]
    projects: Sequence[int]
    stages: Sequence[int]
    labels: Sequence[str]
    areas_m2: Sequence[float]
    outlines: Sequence[Any] = ()


class _Parcels(MacroElement):
    """The script that draws the parcels and works the panel."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        const briefing = {{ this.data }};
        {{ this.code }}
        {% endmacro %}
    """)

    def __init__(self, data: str, code: str) -> None:
        super().__init__()
        self._name = "Parcels"
        self.data, self.code = data, code


def encode(shapes: Sequence[Any]) -> list[list[list[int]]]:
    """Return polygons as rings of [x0, y0, dx1, dy1, …] in 1e-6 degree.

    A multipolygon gives all rings of all its parts; even-odd filling draws holes as holes.
    """
    return [[_ring(ring) for ring in _rings(shape)] for shape in shapes]


def _rings(shape: Any) -> list[Any]:
    return [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]


def _ring(ring: Any) -> list[int]:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * SCALE).astype(np.int64)
    steps = np.diff(points, axis=0, prepend=points[:1] * 0)
    return [int(value) for value in steps.ravel()]


def render(what: Briefing, vendor: Path = assets.VENDOR) -> str:
    """Return the whole HTML document. Raises FileNotFoundError where `vendor` isn't installed."""
    data = {
        "groups": [asdict(group) for group in what.groups],
        "projects": [asdict(project) for project in what.project_list],
        "stages": list(what.stage_labels),
        "colours": [fill.colour for fill in palette.STAGES],
        "outline": palette.OUTLINE,
        "accent": palette.PROJECT_OUTLINE,
        "scale": SCALE,
        "shapes": encode(what.shapes),
        "of": list(what.projects),
        "stage": list(what.stages),
        "label": list(what.labels),
        "area": [round(float(area), 1) for area in what.areas_m2],
        "outlines": encode(what.outlines),
    }
    here = files("maps") / "briefing_page"
    canvas = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False)
    script = (here / "briefing.js").read_text(encoding="utf-8")
    _Parcels(escape.script(data), script).add_to(canvas)
    canvas.get_root().render()
    page = (here / "briefing.html").read_text(encoding="utf-8")
    parts = {
        "title": escape.text(what.title),
        "as_of": escape.text(what.as_of),
        "notice": escape.text(what.notice),
        "footer": escape.text(what.footer),
        "style": _styles(vendor, (here / "briefing.css").read_text(encoding="utf-8")),
        "leaflet": (vendor / "leaflet/leaflet.js").read_text(encoding="utf-8"),
        "map": f'<div class="folium-map" id="{escape.text(canvas.get_name())}"></div>',
        "script": canvas.get_root().script.render(),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], page)


def _styles(vendor: Path, own: str) -> str:
    leaflet = (vendor / "leaflet/leaflet.css").read_text(encoding="utf-8")
    inlined = re.sub(
        r"url\(([^)]+)\)",
        lambda match: (
            f"url({_data_uri(vendor / 'leaflet' / match[1].strip(chr(34) + chr(39)))})"
            if not match[1].startswith("#")
            else match[0]
        ),
        leaflet,
    )
    faces = [
        f"@font-face{{font-family:'Be Vietnam Pro';font-weight:{weight};"
        f"src:url({_data_uri(path)}) format('woff2');unicode-range:{_RANGES[subset]}}}"
        for weight in _FONTS
        for subset in _SUBSETS
        for path in [
            vendor / f"be-vietnam-pro/files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
        ]
    ]
    return "\n".join([inlined, *faces, own])


# Which letters each file of the font has, as its publisher splits it.
_RANGES = {
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC",
    "vietnamese": (
        "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,"
        "U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB"
    ),
}


def _data_uri(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "font/woff2"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def payload(html: str) -> dict[str, Any]:
    """Return the data inside a rendered file, for those who want to check what it holds."""
    match = re.search(r"const briefing = (\{.*?\});\n", html, re.DOTALL)
    if match is None:
        raise ValueError("not a briefing file")
    found: dict[str, Any] = json.loads(match[1])
    return found
