"""The colours of the product, in one place: stages, verdicts, lights, marks on the map.

Stages are ordered from light to dark, so that they keep their order in print and for colour-blind
readers; what they are called on screen is the caller's business.
"""

from dataclasses import dataclass
from typing import Literal

INK, MUTED, LINE, GROUND, PAPER = "#1c2430", "#5b6675", "#dde2e8", "#f4f6f8", "#ffffff"
BAR, ACCENT = "#0b3c49", "#0b5f6b"
DANGER, WARNING, GOOD = "#b3261e", "#8f5500", "#1b7f4d"
UNKNOWN = "#8a94a1"

Pattern = Literal["solid", "dashed", "hatch", "none"]


@dataclass(frozen=True)
class Fill:
    """How a class is filled: a colour, and `dashed` for what has not begun, `hatch` for doubt."""

    colour: str
    pattern: Pattern = "solid"


# Index = stage 0-6: not begun, notified, inventoried, posted, approved, paid, handed over.
STAGES: tuple[Fill, ...] = (
    Fill("#ffffff", "dashed"),
    Fill("#fbe88a"),
    Fill("#b5dfa6"),
    Fill("#7fcdbb"),
    Fill("#41b6c4"),
    Fill("#2c7fb8"),
    Fill("#0c2c84"),
)

# Hatch and outline on a white casing, over the stage, never a stage colour.
OBSTACLE = Fill("#c2410c", "hatch")

VERDICTS: dict[str, Fill] = {
    "concentration": Fill("#b3261e"),
    "watch": Fill("#e6a23c"),
    "none": Fill("#ffffff", "none"),
    "unknown": Fill(UNKNOWN, "hatch"),
}

LIGHTS: dict[str, Fill] = {
    "good": Fill(GOOD),
    "warning": Fill("#e6a23c"),
    "danger": Fill(DANGER),
    "unknown": Fill(UNKNOWN),
}

# Three steps for a facet that is not the stage: nothing due, waiting, done.
SEQUENCE: tuple[Fill, ...] = (Fill("#eef1f4"), Fill("#cfe5e8"), Fill("#7fb8c0"), Fill("#0b5f6b"))
OUTLINE = "#5b6675"
PROJECT_OUTLINE = ACCENT
WARD_OUTLINE = "#9aa4b0"
SITE = Fill("#6d3fa0")


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """The text colour that reads on `colour`: ink, paper, or black where both fall short of AA."""
    best = max((INK, PAPER), key=lambda ink: contrast(ink, colour))
    return best if contrast(best, colour) >= 4.5 else "#000000"
