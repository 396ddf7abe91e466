"""Colours that can be told apart: in order, in print, and with readable text."""

import pytest

from maps import legend, palette


def test_stages_grow_darker_so_that_print_keeps_their_order() -> None:
    lightness = [palette.luminance(fill.colour) for fill in palette.STAGES]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("fill", palette.STAGES)
def test_text_on_a_stage_reads(fill: palette.Fill) -> None:
    assert palette.contrast(palette.ink_on(fill.colour), fill.colour) >= 4.5


@pytest.mark.parametrize("ground", [palette.PAPER, palette.GROUND])
@pytest.mark.parametrize(
    "text", [palette.INK, palette.MUTED, palette.ACCENT, palette.DANGER, palette.WARNING]
)
def test_text_reads_on_the_ground(text: str, ground: str) -> None:
    assert palette.contrast(text, ground) >= 4.5


def test_contrast_of_black_and_white_is_21() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("fill", [*palette.STAGES, palette.OBSTACLE, *palette.VERDICTS.values()])
def test_a_swatch_has_no_inline_style(fill: palette.Fill) -> None:
    drawn = legend.swatch(fill)
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    if fill.pattern in {"solid", "dashed"}:
        assert f'fill="{fill.colour}"' in drawn
