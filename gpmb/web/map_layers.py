"""What the map's colours mean: labels of the domain, fills of maps.palette, MapLibre's style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from gpmb.analysis.selection import DEADLINES, Colouring, Selection
from gpmb.analysis.tiles import MAX_ZOOM, TAKINGS_FROM
from gpmb.clearance.deadlines import STATE_LABELS
from gpmb.law.deadlines import State
from gpmb.law.steps import STAGE_LABELS
from maps import palette
from maps.legend import Entry
from maps.palette import Fill

NOTHING: dict[str, Any] = {"type": "FeatureCollection", "features": []}
_QUIET = palette.SEQUENCE[0]
_LIGHT = palette.LIGHTS

DEADLINE_FILLS = {
    State.NONE: _QUIET,
    State.IN_TIME: palette.STAGES[3],
    State.DUE_30: Fill("#f7dfb0"),
    State.DUE_7: _LIGHT["warning"],
    State.LATE: _LIGHT["danger"],
    State.LAPSED: Fill("#4a1410"),
}
CLASSES: dict[Colouring, tuple[tuple[str, Fill], ...]] = {
    Colouring.STEP: tuple(
        (STAGE_LABELS[stage], fill) for stage, fill in enumerate(palette.STAGES)
    ),
    Colouring.PAYMENT: (
        ("Chưa phê duyệt phương án", Fill("#ffffff", "dashed")),
        ("Đã phê duyệt, chưa chi trả", palette.STAGES[1]),
        ("Đã chi trả (gồm tiền gửi)", palette.STAGES[5]),
    ),
    Colouring.RESETTLEMENT: (
        ("Không thuộc diện, tự lo chỗ ở", _QUIET),
        ("Chưa xác định", Fill("#ffffff", "dashed")),
        ("Chờ bố trí tái định cư", palette.STAGES[1]),
        ("Đã bố trí tái định cư", palette.STAGES[5]),
    ),
    Colouring.COMPLAINT: (
        ("Không có đơn", _QUIET),
        ("Có đơn, đã kết thúc", palette.STAGES[3]),
        ("Có đơn đang giải quyết", _LIGHT["danger"]),
    ),
    Colouring.DEADLINE: (
        *((STATE_LABELS[state], DEADLINE_FILLS[state]) for state in DEADLINES),
        ("Chưa rõ vào ngày này", _LIGHT["unknown"]),
    ),
    Colouring.CHANGE: (
        ("Không đổi bước", _QUIET),
        *(
            (f"→ {STAGE_LABELS[stage]}", palette.STAGES[stage])
            for stage in range(1, len(palette.STAGES))
        ),
    ),
}
# Households with a complaint in a hexagon, from → fill; fewer than 3 are withheld.
HEXAGONS = (
    (3, "3–4 hộ", Fill("#fbd5c5")),
    (5, "5–9 hộ", Fill("#f0906b")),
    (10, "từ 10 hộ", Fill("#b3261e")),
)

OUTLINES = (
    ("units", "Phường, xã", ("ward-fill", "ward-line"), True),
    ("projects", "Dự án", ("project-line",), True),
    ("sites", "Khu tái định cư", ("site-fill", "site-line"), True),
    (
        "obstacles",
        "Nơi vướng mắc",
        ("ground-fill", "ground-casing", "ground-line"),
        True,
    ),
    ("names", "Tên gọi", (), True),
)


@dataclass(frozen=True)
class Tool:
    """A button beside the map; `path` is drawn in a 20 × 20 box."""

    code: str
    label: str
    path: str
    toggle: bool = False


TOOLS = (
    Tool("in", "Phóng to (+)", "M10 4v12M4 10h12"),
    Tool("out", "Thu nhỏ (−)", "M4 10h12"),
    Tool("home", "Toàn thành phố", "M3 10l7-6 7 6M5 9v7h10V9"),
    Tool("measure", "Đo độ dài, diện tích", "M3 13L13 3l4 4L7 17zM6 10l2 2M9 7l2 2", toggle=True),
    Tool("full", "Toàn màn hình", "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4", toggle=True),
    Tool("print", "In bản đồ", "M6 8V3h8v5M6 14H4V8h12v6h-2M6 12h8v5H6z"),
    Tool(
        "link",
        "Chép liên kết tới khung nhìn này",
        "M8 12l4-4M9 6l2-2a3.5 3.5 0 015 5l-2 2M11 14l-2 2a3.5 3.5 0 01-5-5l2-2",
    ),
)

# For those who may change many cases.
CHOOSING = (
    Tool(  # dashes and a cross: not to be taken for the corners of "full"
        "box",
        "Chọn hồ sơ bằng khung",
        "M3 6V3h3M9 3h2M14 3h3v3M17 9v1M3 9v2M3 14v3h3M9 17h1M13 15h5M15.5 12.5v5",
        toggle=True,
    ),
    Tool(
        "lasso",
        "Chọn hồ sơ bằng vòng vẽ tay",
        "M10 4c4 0 7 2 7 4.5S14 13 10 13s-7-2-7-4.5S6 4 10 4zM6 12.5c-1.5 1-1.5 3 0 3.5s1 1.5 0 2",
        toggle=True,
    ),
)


def tile_path() -> str:
    """The address of tiles with {z}, {x}, {y} to fill in."""
    return reverse("map_tile", args=[0, 0, 0]).replace("0/0/0", "{z}/{x}/{y}")


def entries(selection: Selection) -> list[Entry]:
    """The rows of the legend without counts: as the map of this selection is filled."""
    if selection.colouring == Colouring.COMPLAINT and not selection.sees_complaints:
        return [Entry(f"h{least}", label, fill) for least, label, fill in HEXAGONS]
    return [
        Entry(str(code), label, fill)
        for code, (label, fill) in enumerate(CLASSES[selection.colouring])
    ]


def fill_colour() -> list[Any]:
    """A MapLibre expression: a feature's colour by its class, under whichever colouring's name.

    One expression for all colourings: changing it would redraw the old tiles with new colours.
    """
    expression: list[Any] = ["case"]
    for colouring, classes in CLASSES.items():
        match: list[Any] = ["match", ["get", colouring.value]]
        for code, (_, fill) in enumerate(classes):
            match += [code, fill.colour]
        expression += [["has", colouring.value], [*match, palette.PAPER]]
    return [*expression, palette.PAPER]


def dashed_classes() -> list[Any]:
    """A MapLibre filter: the features drawn with a dashed outline."""
    return [
        "any",
        *(
            ["==", ["get", colouring.value], code]
            for colouring, classes in CLASSES.items()
            for code, (_, fill) in enumerate(classes)
            if fill.pattern == "dashed"
        ),
    ]


def dashed(colouring: Colouring) -> int:
    """The class drawn with a dashed outline, -1 when there is none."""
    fills = [fill for _, fill in CLASSES[colouring]]
    return next((code for code, fill in enumerate(fills) if fill.pattern == "dashed"), -1)


def style(shown: str) -> dict[str, Any]:
    """The style of the vector layer; `shown` is the query string of the tiles."""
    on_taking = {"source": "takings", "source-layer": "taking"}
    on_piece = {"source": "takings", "source-layer": "piece"}
    stuck = ["==", ["get", "o"], 1]
    selected = ["boolean", ["feature-state", "selected"], False]
    near = ["interpolate", ["linear"], ["zoom"], 13, 0.4, 16, 1.0]
    classes = fill_colour()
    kind = ["get", "kind"]

    def outline(name: str, of: str, paint: dict[str, Any], kind_: str = "line") -> dict[str, Any]:
        return {
            "id": name,
            "type": kind_,
            "source": "outlines",
            "filter": ["==", kind, of],
            "paint": paint,
        }

    def taking(name: str, type_: str, paint: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"id": name, "type": type_, **on_taking, "paint": paint, **more}

    def when_selected(width: float) -> list[Any]:
        return ["case", selected, width, 0]

    return {
        "version": 8,
        "sources": {
            "takings": {
                "type": "vector",
                "tiles": [f"{tile_path()}?{shown}"],
                "minzoom": 6,
                "maxzoom": MAX_ZOOM,
            },
            # Given by the page's script, which needs the outlines for the names too.
            "outlines": {"type": "geojson", "data": NOTHING},
            "hexagons": {"type": "geojson", "data": NOTHING},
        },
        "layers": [
            outline("ward-fill", "ward", {"fill-color": "#fafbfc"}, "fill"),
            outline("ward-line", "ward", {"line-color": palette.WARD_OUTLINE, "line-width": 0.8}),
            outline(
                "site-fill",
                "site",
                {"fill-color": palette.SITE.colour, "fill-opacity": 0.12},
                "fill",
            ),
            {
                "id": "piece-fill",
                "type": "fill",
                **on_piece,
                "maxzoom": TAKINGS_FROM,
                "paint": {"fill-color": classes},
            },
            {
                "id": "piece-line",
                "type": "line",
                **on_piece,
                "maxzoom": TAKINGS_FROM,
                "paint": {
                    "line-color": palette.OUTLINE,
                    "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.2, 13, 0.6],
                },
            },
            taking("taking-fill", "fill", {"fill-color": classes}),
            taking(
                "taking-line",
                "line",
                {"line-color": palette.OUTLINE, "line-width": near},
                filter=["!", dashed_classes()],
            ),
            taking(
                "taking-dash",
                "line",
                {"line-color": palette.OUTLINE, "line-width": near, "line-dasharray": [3, 2]},
                filter=dashed_classes(),
            ),
            taking(
                "obstacle-casing",
                "line",
                {"line-color": palette.PAPER, "line-width": 4},
                filter=stuck,
            ),
            taking("obstacle-hatch", "fill", {"fill-pattern": "hatch-obstacle"}, filter=stuck),
            taking(
                "obstacle-line",
                "line",
                {"line-color": palette.OBSTACLE.colour, "line-width": 1.6},
                filter=stuck,
            ),
            {
                "id": "hexagon-fill",
                "type": "fill",
                "source": "hexagons",
                "paint": {
                    "fill-color": _hexagon_colour(),
                    "fill-opacity": 0.75,
                    "fill-outline-color": palette.DANGER,
                },
            },
            {
                "id": "ground-fill",
                "type": "fill",
                "source": "outlines",
                "filter": ["all", ["==", kind, "obstacle"], ["==", ["geometry-type"], "Polygon"]],
                "paint": {"fill-pattern": "hatch-obstacle", "fill-opacity": 0.55},
            },
            outline("ground-casing", "obstacle", {"line-color": palette.PAPER, "line-width": 7}),
            outline(
                "ground-line",
                "obstacle",
                {"line-color": palette.OBSTACLE.colour, "line-width": 3.2},
            ),
            outline("site-line", "site", {"line-color": palette.SITE.colour, "line-width": 1.6}),
            outline(
                "project-line",
                "project",
                {
                    "line-color": palette.PROJECT_OUTLINE,
                    "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 15, 2.2],
                    "line-opacity": ["interpolate", ["linear"], ["zoom"], 11, 0, 12, 1],
                    "line-dasharray": [4, 2],
                },
            ),
            taking(
                "selected-halo",
                "line",
                {"line-color": palette.PAPER, "line-width": when_selected(7)},
                layout={"line-join": "round"},
            ),
            taking(
                "selected-line",
                "line",
                {"line-color": palette.INK, "line-width": when_selected(3)},
                layout={"line-join": "round"},
            ),
        ],
    }


def _hexagon_colour() -> list[Any]:
    first, *later = HEXAGONS
    expression: list[Any] = ["step", ["get", "n"], first[2].colour]
    for least, _, fill in later:
        expression += [least, fill.colour]
    return expression


def drawing() -> dict[str, Any]:
    """What the page's script needs to recolour the map."""
    return {
        "plain": {
            colouring.value: [fill.colour for _, fill in CLASSES[colouring]]
            for colouring in Colouring
        },
        "labels": {
            colouring.value: [label for label, _ in CLASSES[colouring]] for colouring in Colouring
        },
        "dashed": {colouring.value: dashed(colouring) for colouring in Colouring},
        "hatches": {"obstacle": palette.OBSTACLE.colour},
        "hexagonColouring": Colouring.COMPLAINT.value,
        "layers": {code: names for code, _, names, _ in OUTLINES},
        "parcelZoom": TAKINGS_FROM + 1,  # Leaflet counts 256 px tiles, MapLibre 512
        "baseMap": settings.BASEMAP_URL,
    }


def hexagon_class(feature: dict[str, Any]) -> str:
    """The legend code of a hexagon by its number of households."""
    households = feature["properties"]["n"]
    return f"h{max(least for least, _, _ in HEXAGONS if households >= least)}"
