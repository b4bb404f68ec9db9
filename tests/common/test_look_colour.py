"""The accent's palettes pass AA whatever colour a city chooses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.common import colour

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
TOKENS = Path(colour.__file__).parent / "static/otklik/tokens.css"


def test_contrast_of_black_and_white_is_the_greatest() -> None:
    assert round(colour.contrast("#000", "#ffffff"), 3) == 21.0


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345g", "#1234567", "url(x)", "#fff;}"])
def test_anything_but_a_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        colour.stylesheet(text)


@settings(deadline=None)
@given(COLOURS)
def test_every_accent_becomes_readable(accent: str) -> None:
    made = colour.theme(accent)

    for palette, backgrounds in ((made.light, colour.LIGHT_BACKGROUNDS), (made.dark, colour.DARK_BACKGROUNDS)):
        assert min(colour.contrast(palette.accent, background) for background in backgrounds) >= colour.AA_TEXT
        assert colour.contrast(palette.on_accent, palette.accent) >= colour.AA_TEXT
        assert colour.contrast(palette.on_soft, palette.soft) >= colour.AA_TEXT


def test_readable_accent_is_kept_as_it_is() -> None:
    assert colour.theme("#1F5F66").light.accent == "#1f5f66"


def test_stylesheet_gives_both_modes_the_same_tokens() -> None:
    sheet = colour.stylesheet("#e0a800")

    assert [sheet.count(f"--{name}:") for name in ("accent", "on-accent", "accent-soft", "on-accent-soft")] == [3] * 4


def test_backgrounds_are_those_of_the_tokens() -> None:
    found = re.findall(r"--(?:bg|surface|inset):\s*(#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8"))

    assert tuple(found) == colour.LIGHT_BACKGROUNDS + colour.DARK_BACKGROUNDS * 2


def test_tokens_start_with_the_default_accent() -> None:
    made = colour.theme("#1f6f5c")
    found = re.findall(r"--(?:accent|on-accent|accent-soft|on-accent-soft): (#[0-9a-f]{6});", TOKENS.read_text())

    expected = [
        colour_
        for palette in (made.light, made.dark, made.dark)
        for colour_ in (palette.accent, palette.on_accent, palette.soft, palette.on_soft)
    ]
    assert found == expected
