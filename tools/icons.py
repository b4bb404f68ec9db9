"""Make the icon sprites from an unpacked Tabler icons package: python tools/icons.py PACKAGE_FOLDER.

Only what the screens use is taken. To add an icon, name it here, fetch the version that VENDORED.md states
(`npm pack @tabler/icons@VERSION`), run this, and update the sprite's digest there. Residents load the first sprite
only, so an icon that the desk alone needs goes to the second.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src/otklik/common/static/otklik/vendor"

SPRITES = {
    "icons.svg": """
        alert-circle alert-triangle arrow-back-up arrow-forward-up arrow-left arrow-right ban building-community
        check checks chevron-down circle-check clock copy filter hourglass inbox info-circle key language lock map-pin
        message-circle moon news paperclip pencil player-pause plug point rotate rubber-stamp send sun tag tool user
        user-check users users-group world x
    """,
    "icons-desk.svg": """
        affiliate alarm bell building calendar camera chart-bar chevron-left chevron-right corner-down-right database
        download external-link eye eye-off flag help-circle history keyboard link list logout mail message-2 minus
        phone photo plus refresh search settings shield-check shield-lock sparkles star target trash upload user-circle
    """,
}


def symbol(name: str, source: str) -> str:
    """Return one icon as a <symbol>, without the invisible square that Tabler draws first."""
    shapes = re.findall(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>", source)
    drawn = "".join(shape for shape in shapes if 'stroke="none" d="M0 0h24v24H0z"' not in shape)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawn.replace(" />", "/>")}</symbol>'


def main() -> None:
    """Write the sprites."""
    outline = Path(sys.argv[1]) / "icons/outline"
    licence = "<!-- Tabler icons, MIT licence: tabler-icons.LICENSE.txt -->"
    for sprite, names in SPRITES.items():
        symbols = [symbol(name, (outline / f"{name}.svg").read_text()) for name in names.split()]
        drawn = "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg">{licence}', *symbols, "</svg>", ""])
        (VENDOR / sprite).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
