"""Make our two font files from an unpacked Golos Text package: python tools/fonts.py PACKAGE_FOLDER.

Needs fonttools and brotli, which the project doesn't (`pip install fonttools brotli`). Pages use weights 400 to 600
only, so the axis ends there: that, and leaving letters out that neither language has, saves 23 kB on the first page.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

VENDOR = Path(__file__).parents[1] / "src/otklik/common/static/otklik/vendor"

_SIGNS = "№–—‘’‚“”„†•…‰′″‹›€₽™←↑→↓−≈≠≤≥"
LETTERS = {
    "latin": [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, _SIGNS)],
    "cyrillic": [*range(0x400, 0x460), 0x301, 0x490, 0x491, 0x4B0, 0x4B1, 0x2116],
}


def main() -> None:
    """Write the files."""
    for name, letters in LETTERS.items():
        font = TTFont(Path(sys.argv[1]) / f"files/golos-text-{name}-wght-normal.woff2")
        options = subset.Options(layout_features=["*"], name_IDs=["*"])
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=letters)
        subsetter.subset(font)
        font.flavor = None
        whole = io.BytesIO()
        font.save(whole)
        whole.seek(0)
        narrowed = instancer.instantiateVariableFont(TTFont(whole), {"wght": (400, 600)})
        narrowed.flavor = "woff2"
        narrowed.save(VENDOR / f"golos-text-{name}.woff2")


if __name__ == "__main__":
    main()
