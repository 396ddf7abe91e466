"""Legends: a swatch for each class, drawn as the map draws it, with its count."""

from collections.abc import Sequence
from dataclasses import dataclass

from maps import escape, palette


@dataclass(frozen=True)
class Entry:
    """One row: what it is called, how it is filled, how many."""

    code: str
    label: str
    fill: palette.Fill
    count: str = ""


def swatch(fill: palette.Fill, size_px: int = 14) -> str:
    """An SVG square filled as the map fills it; no style attributes, so it passes any policy."""
    side = size_px - 1
    colour = escape.text(fill.colour)
    plain = palette.luminance(fill.colour) > 0.05
    edge = palette.OUTLINE if plain else fill.colour
    body = {
        "solid": f'<rect x=".5" y=".5" width="{side}" height="{side}" fill="{colour}"'
        f' stroke="{edge}" stroke-opacity=".7"/>',
        "dashed": f'<rect x=".5" y=".5" width="{side}" height="{side}" fill="{colour}"'
        f' stroke="{palette.OUTLINE}" stroke-dasharray="2.5 2"/>',
        "none": f'<rect x=".5" y=".5" width="{side}" height="{side}" fill="none"'
        f' stroke="{palette.OUTLINE}"/>',
        "hatch": f'<rect x=".5" y=".5" width="{side}" height="{side}" fill="#fff"'
        f' stroke="{colour}"/>'
        + "".join(
            f'<path d="M{at} {side}L{side} {at}" stroke="{colour}" stroke-width="1.3"/>'
            for at in (1, 6)
        )
        + f'<path d="M1 {side - 6}L{side - 6} 1" stroke="{colour}" stroke-width="1.3"/>',
    }[fill.pattern]
    return (
        f'<svg class="swatch" width="{size_px}" height="{size_px}"'
        f' viewBox="0 0 {size_px} {size_px}" aria-hidden="true">{body}</svg>'
    )


def table(entries: Sequence[Entry], caption: str) -> str:
    """The legend as a table: swatch, label, count; for pages that Django does not render."""
    rows = "".join(
        f"<tr><td>{swatch(entry.fill)}</td><td>{escape.text(entry.label)}</td>"
        f'<td class="number">{escape.text(entry.count)}</td></tr>'
        for entry in entries
    )
    return (
        f'<table class="legend"><caption>{escape.text(caption)}</caption>'
        f"<tbody>{rows}</tbody></table>"
    )
