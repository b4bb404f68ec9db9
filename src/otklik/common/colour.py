"""The city's accent, made readable: any colour in, a pair of palettes out that pass WCAG AA on our own backgrounds.

Lightness is changed in OKLCH (https://bottosson.github.io/posts/oklab/), where hue stays what the city chose; contrast
is measured as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

AA_TEXT = 4.5
"""The least contrast of text against what is behind it."""

LIGHT_BACKGROUNDS = ("#faf7f2", "#ffffff", "#f3eee6")
"""Page, surface and inset of tokens.css in light; a test keeps the two files equal."""

DARK_BACKGROUNDS = ("#171411", "#201c18", "#2b2620")
"""The same in dark."""

_DARK_TEXT = 6.0
"""On dark we ask for a little more: coloured letters on black tire the eyes at the bare minimum."""

_INK_ON_ACCENT = ("#ffffff", "#171411")

Linear = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """What one mode draws with: `accent` for links and fills, `on_accent` upon it; `soft` behind `on_soft`."""

    accent: str
    on_accent: str
    soft: str
    on_soft: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The two modes of one city."""

    light: Palette
    dark: Palette


def parse(colour: str) -> Linear:
    """Return linear RGB of `#rgb` or `#rrggbb`. Raises ValueError for anything else."""
    if not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", colour):
        raise ValueError(f"not a colour like #0a7d6c: {colour!r}")
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = (_to_linear(int(digits[start : start + 2], 16) / 255) for start in (0, 2, 4))
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio, 1 to 21."""
    darker, lighter = sorted((_luminance(parse(one)), _luminance(parse(other))))
    return (lighter + 0.05) / (darker + 0.05)


def theme(accent: str) -> Theme:
    """Return palettes in which every text passes AA. Keeps the accent itself wherever it already does.

    Raises ValueError if `accent` isn't a colour.
    """
    return Theme(light=_palette(accent, LIGHT_BACKGROUNDS, -1), dark=_palette(accent, DARK_BACKGROUNDS, +1))


def stylesheet(accent: str) -> str:
    """Return the city's /theme.css: the accent's tokens in light, in dark by system, and in each by the switch."""
    both = theme(accent)
    light, dark = _declarations(both.light), _declarations(both.dark)
    return (
        f":root{{{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{{dark}}}\n"
    )


def _declarations(palette: Palette) -> str:
    return (
        f"--accent:{palette.accent};--on-accent:{palette.on_accent};"
        f"--accent-soft:{palette.soft};--on-accent-soft:{palette.on_soft}"
    )


def _palette(accent: str, backgrounds: tuple[str, ...], direction: int) -> Palette:
    _, chroma, hue = _to_oklch(parse(accent))
    readable = _until_readable(accent, backgrounds, direction)
    on_accent = max(_INK_ON_ACCENT, key=lambda ink: contrast(ink, readable))
    soft = _from_oklch(0.945 if direction < 0 else 0.29, min(chroma, 0.02 if direction < 0 else 0.035), hue)
    return Palette(readable, on_accent, soft, _until_readable(readable, (soft,), direction))


def _until_readable(colour: str, backgrounds: tuple[str, ...], direction: int) -> str:
    """Return the colour, moved darker (-1) or lighter (+1) only as far as every background needs."""
    lightness, chroma, hue = _to_oklch(parse(colour))
    found = _normal(colour)
    enough = AA_TEXT if direction < 0 else _DARK_TEXT
    while min(contrast(found, background) for background in backgrounds) < enough:
        lightness = lightness + direction * 0.005
        found = _from_oklch(lightness, chroma, hue)
    return found


def _normal(colour: str) -> str:
    return _to_hex(parse(colour))


def _to_hex(linear: Linear) -> str:
    return "#" + "".join(f"{round(255 * _from_linear(min(1.0, max(0.0, part)))):02x}" for part in linear)


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _from_linear(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(linear: Linear) -> float:
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(linear: Linear) -> tuple[float, float, float]:
    red, green, blue = linear
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour in hex; chroma gives way where the screen cannot show it at this lightness."""
    lightness = min(1.0, max(0.0, lightness))
    linear = _oklch_to_linear(lightness, chroma, hue)
    while chroma > 0.001 and not all(-0.0005 <= part <= 1.0005 for part in linear):
        chroma *= 0.96
        linear = _oklch_to_linear(lightness, chroma, hue)
    return _to_hex(linear)


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> Linear:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
