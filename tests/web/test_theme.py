"""The theme's colours: readable as text (WCAG AA, 4.5 : 1), ordered as stages."""

import re
import subprocess
from pathlib import Path

import pytest

import gpmb.web
from maps import palette

THEME = (Path(gpmb.web.__file__).parent / "static/gpmb/theme.css").read_text()
COLOURS = dict(re.findall(r"^\s*--([\w-]+):\s*(#[0-9a-f]{6});", THEME, re.MULTILINE))

# Text colour, what it stands on.
PAIRS = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("muted", "ground"),
    ("muted", "paper"),
    ("bar-ink", "bar"),
    ("bar-ink", "bar-raised"),
    ("bar-muted", "bar"),
    ("bar-muted", "bar-raised"),
    ("accent", "paper"),
    ("accent", "ground"),
    ("paper", "accent"),
    ("paper", "accent-dark"),
    ("ink", "accent-soft"),
    ("danger", "paper"),
    ("danger", "ground"),
    ("danger", "danger-soft"),
    ("paper", "danger"),
    ("warning", "paper"),
    ("warning", "ground"),
    ("warning", "warning-soft"),
    ("good", "paper"),
    ("good", "ground"),
    ("good", "good-soft"),
    ("ink", "danger-soft"),
    ("ink", "warning-soft"),
    ("ink", "good-soft"),
    ("obstacle", "paper"),
    *[("ink", f"stage-{stage}") for stage in range(5)],
    ("paper", "stage-5-label"),
    ("paper", "stage-6"),
]


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable(text, ground):
    assert contrast(COLOURS[text], COLOURS[ground]) >= 4.5


def test_stages_get_darker_in_order_so_that_print_keeps_them_apart():
    shades = [luminance(COLOURS[f"stage-{stage}"]) for stage in range(7)]
    assert shades == sorted(shades, reverse=True)


def test_no_rule_asks_for_a_file_from_elsewhere():
    assert "url(" not in THEME
    assert "@import" not in THEME


def test_a_day_is_typed_the_vietnamese_way_whatever_language_the_browser_speaks():
    pages = (Path(gpmb.web.__file__).parent / "templates").rglob("*.html")
    assert [page.name for page in pages if 'type="date"' in page.read_text()] == []


def test_the_theme_and_the_map_agree_on_the_stages():
    assert tuple(COLOURS[f"stage-{stage}"] for stage in range(7)) == tuple(
        stage.colour for stage in palette.STAGES
    )


def test_what_pages_name_is_in_the_repository() -> None:
    """A file that only lies on one disk works there and nowhere else."""
    root = Path(__file__).parents[2]
    listed = subprocess.run(
        ["git", "ls-files", "gpmb/web/static"], cwd=root, capture_output=True, text=True
    )
    if listed.returncode or not listed.stdout:
        pytest.skip("not a clone")
    kept = {line.removeprefix("gpmb/web/static/") for line in listed.stdout.splitlines()}
    named = {
        name
        for page in (root / "gpmb/web/templates").rglob("*.html")
        for name in re.findall(r"{% static '(gpmb/[^']+)' %}", page.read_text(encoding="utf-8"))
    }
    assert named - kept == set()
