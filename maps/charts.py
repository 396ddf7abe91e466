"""Charts: one Vega-Lite specification a figure, drawn on the server as SVG or PNG.

The same `Chart` goes into the page (`svg`), the PDF (`svg`) and the Word file (`png`): decision
0007. Lines differ by dash and weight and stages by lightness, so that a grey print still reads;
the numbers stand beside the chart as a table, which is the caller's. Labels come in finished.
"""

import datetime as dt
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert

from maps import escape, fonts, palette

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
VERSION = "5.21"
NUMBERS = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " đ"]}
_DAYS = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"]
DATES = {
    "dateTime": "%H:%M %d/%m/%Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["SA", "CH"],
    "days": _DAYS,
    "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "months": [f"Tháng {month}" for month in range(1, 13)],
    "shortMonths": [f"Th{month}" for month in range(1, 13)],
}
CONFIG: dict[str, Any] = {
    "font": fonts.FAMILY,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": palette.MUTED,
        "titleColor": palette.MUTED,
        "titleFontWeight": 400,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "gridColor": palette.LINE,
        "domainColor": palette.LINE,
        "tickColor": palette.LINE,
    },
    "legend": {
        "labelColor": palette.INK,
        "labelFontSize": 11,
        "title": None,
        "orient": "top",
        "symbolSize": 90,
        "labelLimit": 200,
    },
    "text": {"color": palette.INK, "fontSize": 11},
}

Point = tuple[dt.date, float | None]


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification, with what a reader who can't see it is told."""

    title: str
    description: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class Segment:
    """A class of a stacked bar: its name in the legend and how it is filled."""

    label: str
    fill: palette.Fill


def svg(chart: Chart) -> str:
    """Draw as an SVG element for a page: title and description inside, no style attributes.

    The size in pixels is the viewBox; CSS may scale it. Safe to put in HTML as it is.
    """
    return _svg(chart.title, chart.description, _text(chart.spec))


def png(chart: Chart, *, scale: float = 2.0) -> bytes:
    """Draw as PNG, `scale` pixels a unit (2: sharp at half size in a Word file)."""
    _fonts()
    drawn: bytes = vl_convert.vegalite_to_png(
        _text(chart.spec),
        vl_version=VERSION,
        scale=scale,
        config={**CONFIG, "background": palette.PAPER},
        allowed_base_urls=[],
        format_locale=NUMBERS,
        time_format_locale=DATES,
    )
    return drawn


def s_curve(
    *,
    actual: Sequence[Point],
    plan: Sequence[Point],
    baseline: Sequence[Point] = (),
    as_of: dt.date,
    unit: str,
    title: str,
    description: str,
    size: tuple[int, int] = (420, 200),
) -> Chart:
    """Cumulative plan and actual by day; `baseline` is the first plan where it was revised.

    Values are in `unit` (the axis title); a None breaks the line. Actual stops where it ends.
    """
    series = [("Thực hiện", actual), ("Kế hoạch", plan)]
    if baseline:
        series.append(("Kế hoạch gốc", baseline))
    names = [name for name, _ in series]
    rows = [
        {"line": name, "on": on.isoformat(), "value": value}
        for name, points in series
        for on, value in points
    ]
    look: dict[str, list[Any]] = {
        "color": [palette.STAGES[6].colour, palette.INK, palette.MUTED],
        "dash": [[1, 0], [6, 3], [2, 3]],
        "width": [3, 1.5, 1.5],
    }
    curve = {
        "mark": {"type": "line", "interpolate": "linear", "strokeCap": "butt"},
        "encoding": {
            "x": _days(),
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"zero": True},
                "axis": {
                    "title": unit,
                    "tickCount": 5,
                    "format": ",~f",
                    # Above the axis, to be read without turning one's head.
                    "titleAngle": 0,
                    "titleAlign": "left",
                    "titleX": 2,
                    "titleY": -6,
                },
            },
            "color": _by_line(
                names, look["color"], legend={"symbolStrokeWidth": 2, "symbolSize": 500}
            ),
            "strokeDash": _by_line(names, look["dash"]),
            "strokeWidth": _by_line(names, look["width"], legend=None),
        },
    }
    layers: list[dict[str, Any]] = [_today(as_of), curve]
    known = [(on, value) for on, value in actual if value is not None]
    if known:
        on, value = known[-1]
        layers.append(
            {
                "data": {"values": [{"on": on.isoformat(), "value": value}]},
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
                "encoding": {
                    "x": _days(),
                    "y": {"field": "value", "type": "quantitative"},
                    "color": {"value": palette.STAGES[6].colour},
                },
            }
        )
    return _chart(title, description, rows, size, {"layer": layers})


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[float]]],
    segments: Sequence[Segment],
    *,
    unit: str,
    title: str,
    description: str,
    width: int = 420,
) -> Chart:
    """Horizontal bars, one a row (its label, then a value for each of `segments`, in order).

    >>> chart = stacked_bars([("Hải Hòa", [3, 5])], stage_segments(["chưa", "xong"]),
    ...                      unit="hồ sơ", title="Theo phường", description="…")
    """
    values = [
        {"row": label, "segment": segment.label, "order": place, "value": float(value)}
        for label, numbers in rows
        for place, (segment, value) in enumerate(zip(segments, numbers, strict=True))
    ]
    names = [segment.label for segment in segments]
    edges = [_edge(segment.fill) for segment in segments]
    bars = {
        "mark": {"type": "bar", "strokeWidth": 0.8, "height": {"band": 0.72}},
        "encoding": {
            "y": _bands(),
            "x": _amounts(unit),
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "segment",
                "type": "nominal",
                "scale": {"domain": names, "range": [s.fill.colour for s in segments]},
                "legend": {"columns": 3, "symbolType": "square"},
            },
            "stroke": {
                "field": "segment",
                "type": "nominal",
                "scale": {"domain": names, "range": edges},
                "legend": None,
            },
        },
    }
    return _chart(title, description, values, (width, len(rows) * 24), bars)


def bars(
    rows: Sequence[tuple[str, float]],
    *,
    unit: str,
    title: str,
    description: str,
    colour: str = palette.ACCENT,
    decimals: int = 0,
    width: int = 420,
) -> Chart:
    """Horizontal bars with the number written at the end of each."""
    values = [{"row": label, "value": float(value)} for label, value in rows]
    number = {"field": "value", "type": "quantitative", "format": f",.{decimals}f"}
    layers = [
        {"mark": {"type": "bar", "color": colour, "height": {"band": 0.68}}},
        {
            "mark": {"type": "text", "align": "left", "dx": 4},
            "encoding": {"text": number},
        },
    ]
    amounts = _amounts(unit)
    # Room for the number after the longest bar.
    amounts["scale"] = {
        "domainMin": 0,
        "domainMax": (max([v for _, v in rows], default=0) or 1) * 1.2,
    }
    both = {"encoding": {"y": _bands(), "x": amounts}, "layer": layers}
    return _chart(title, description, values, (width, len(rows) * 22), both)


def stage_segments(labels: Sequence[str]) -> list[Segment]:
    """Segments for the stages 0, 1, … in their colours."""
    return [Segment(label, palette.STAGES[stage]) for stage, label in enumerate(labels)]


def _chart(
    title: str,
    description: str,
    rows: Sequence[dict[str, Any]],
    size: tuple[int, int],
    body: dict[str, Any],
) -> Chart:
    width, height = size
    spec = {
        "$schema": SCHEMA,
        "width": width,
        "height": max(height, 24),
        # `fit-x`: labels take from the width, never from the height of a row.
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 14, "top": 2, "bottom": 2},
        "data": {"values": list(rows)},
        **body,
    }
    return Chart(title, description, spec)


def _days() -> dict[str, Any]:
    return {
        "field": "on",
        "type": "temporal",
        # Days without an hour: in the zone of no place, so that none slips to its neighbour.
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%m/%Y", "tickCount": 6, "labelFlush": True},
    }


def _today(as_of: dt.date) -> dict[str, Any]:
    return {
        "data": {"values": [{"on": as_of.isoformat()}]},
        "mark": {"type": "rule", "color": palette.MUTED, "strokeWidth": 1},
        "encoding": {"x": _days()},
    }


def _bands() -> dict[str, Any]:
    return {
        "field": "row",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelLimit": 190,
            "labelColor": palette.INK,
            "ticks": False,
            "domain": False,
        },
    }


def _amounts(unit: str) -> dict[str, Any]:
    return {
        "field": "value",
        "type": "quantitative",
        "axis": {"title": unit, "tickCount": 5, "format": ",~f", "titleAnchor": "end"},
    }


def _by_line(names: Sequence[str], values: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": list(names), "range": list(values[: len(names)])},
        **more,
    }


def _edge(fill: palette.Fill) -> str:
    """A light class needs an outline on paper; a dark one a white gap from its neighbour."""
    return palette.OUTLINE if palette.luminance(fill.colour) > 0.75 else palette.PAPER


def _text(spec: dict[str, Any]) -> str:
    return json.dumps(spec, ensure_ascii=False, sort_keys=True)


@functools.cache
def _fonts() -> None:
    if found := fonts.folder():
        vl_convert.register_font_directory(str(found))


@functools.lru_cache(maxsize=256)
def _svg(title: str, description: str, spec: str) -> str:
    _fonts()
    drawn: str = vl_convert.vegalite_to_svg(
        spec,
        vl_version=VERSION,
        config=CONFIG,
        allowed_base_urls=[],
        format_locale=NUMBERS,
        time_format_locale=DATES,
    )
    # Several charts stand on one page: their ids must not meet.
    own = "c" + hashlib.sha256((title + spec).encode()).hexdigest()[:10]
    drawn = re.sub(r'\bid="([^"]+)"', rf'id="{own}-\1"', drawn)
    drawn = re.sub(r"url\(#([^)]+)\)", rf"url(#{own}-\1)", drawn)
    named = (
        f'<title id="{own}-t">{escape.text(title)}</title>'
        f'<desc id="{own}-d">{escape.text(description)}</desc>'
    )
    opening = f'<svg role="img" aria-labelledby="{own}-t {own}-d" preserveAspectRatio="xMinYMin" '
    return re.sub(r"^<svg ([^>]*)>", lambda m: f"{opening}{m[1]}>{named}", drawn, count=1)
