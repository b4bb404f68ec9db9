"""Make the icon sprite from an unpacked Tabler icons package: python tools/icons.py PACKAGE_FOLDER.

Only what the screens use is taken. To add an icon, name it here, fetch the version that VENDORED.md states
(`npm pack @tabler/icons@VERSION`), run this, and update the sprite's digest there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parents[1] / "src/otklik/common/static/otklik/vendor/icons.svg"

NAMES = re.findall(
    r"\S+",
    """
affiliate alarm alert-circle alert-triangle arrow-back-up arrow-forward-up arrow-left arrow-right ban bell building
building-community bulb calendar camera chart-bar check checks chevron-down chevron-left chevron-right circle
circle-check circle-dot clock copy corner-down-right database dots download external-link eye eye-off filter flag
heart help-circle history hourglass inbox info-circle key keyboard language link list lock logout mail map-pin menu-2
message-2 message-circle minus moon news paperclip pencil phone photo player-pause plug plus point refresh rotate
rubber-stamp search send settings shield-check shield-lock sparkles speakerphone star sun tag target thumb-up tool
trash upload user user-check user-circle users users-group world x
""",
)


def symbol(name: str, source: str) -> str:
    """Return one icon as a <symbol>, without the invisible square that Tabler draws first."""
    shapes = re.findall(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>", source)
    drawn = "".join(shape for shape in shapes if 'stroke="none" d="M0 0h24v24H0z"' not in shape)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>'


def main() -> None:
    """Write the sprite."""
    outline = Path(sys.argv[1]) / "icons/outline"
    symbols = [symbol(name, (outline / f"{name}.svg").read_text()) for name in NAMES]
    licence = "<!-- Tabler icons, MIT licence: tabler-icons.LICENSE.txt -->"
    SPRITE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg">{licence}\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
