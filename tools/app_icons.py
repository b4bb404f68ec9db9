"""Draw the desk's app icons from the project's own mark: python tools/app_icons.py (needs a Chromium; run by hand).

A maskable icon fills its square, because phones cut it to a shape of their own: the mark stands in the inner 60 %.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "src/otklik/common/static/otklik"
ICONS = (("app-192.png", 192, 1.0), ("app-512.png", 512, 1.0), ("app-512-maskable.png", 512, 0.62))


def main() -> None:
    """Write every icon beside the mark."""
    mark = (STATIC / "mark.svg").read_text(encoding="utf-8")
    chromium = os.environ.get("OTKLIK_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, size, share in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = "#1f6f5c" if share < 1 else "transparent"
            drawn = mark.replace("<svg ", f'<svg width="{size * share:.0f}" height="{size * share:.0f}" ', 1)
            page.set_content(
                f'<body style="margin:0;height:100vh;display:grid;place-items:center;background:{ground}">{drawn}'
            )
            page.screenshot(path=STATIC / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
