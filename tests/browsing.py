"""A real browser for tests: one for a module, and what every page of ours is judged by.

A module that imports `chromium` marks itself with `needs_chromium`; it is skipped where no Chromium is found
(Debian: apt-get install chromium).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("OTKLIK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium, or set OTKLIK_CHROMIUM"),
    pytest.mark.django_db(transaction=True),
]

PHONE, WIDE = 360, 1440
EVERY_RULE = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The only rules that the other colours of the same page can break."""
LOOKS = ((PHONE, "light", EVERY_RULE), (PHONE, "dark", OF_COLOURS), (WIDE, "dark", EVERY_RULE))
UNFOLD = """for (const one of document.querySelectorAll("details:not(.menu)")) {
    one.removeAttribute("name"); one.open = true }"""
ASK = """async ([runOnly, width]) => {
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    await frame();  // a page that asks for no motion has its new colours at once
    const found = await axe.run({runOnly, resultTypes: ["violations"]});
    const wrong = found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
    const wide = document.documentElement.scrollWidth;
    return wide > width ? [...wrong, `${wide} px wide where the screen has ${width}`] : wrong }"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module: each test opens its own contexts in it, and closes them before the rows go.

    No longer than a module: Playwright's event loop stands in this thread, and `asyncio.run` of others would refuse.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Tests read rows between two clicks in the thread of that loop; nothing here is concurrent.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def close_all(browser: Browser) -> None:
    """Close what a test opened, so that no page asks for anything while the rows go."""
    for context in browser.contexts:
        context.close()


def broken_rules(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    return _ask(page, page.viewport_size["width"], EVERY_RULE)


def looked_over(page: Page, address: str, height: int = 800) -> list[str]:
    """Open a page and return what is wrong with it: on a phone and on a wide screen, in light and in dark.

    It is loaded once; what is folded is unfolded. The same page in the other colours is asked only what colours can
    break. Motion is off, or a colour would be met on its way to another. A window as high as the page keeps what floats
    above it, such as the bar at the thumb, from covering what is measured.
    """
    page.set_viewport_size({"width": PHONE, "height": height})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    answer = page.goto(address)
    page.evaluate(UNFOLD)
    wrong = [] if answer is not None and answer.status < 500 else [f"{address} {answer and answer.status}"]
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        wrong += [f"{width} {scheme} {one}" for one in _ask(page, width, rules)]
    return wrong


def note_complaints(page: Page, wrong: list[str]) -> None:
    """Note errors of our scripts, and whatever the content security policy stops."""
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)


def _ask(page: Page, width: int, rules: Iterable[str]) -> list[str]:
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(_axe())
    kind = "rule" if rules is OF_COLOURS else "tag"
    found: list[Any] = page.evaluate(ASK, [{"type": kind, "values": list(rules)}, width])
    return [f"{page.url} {one}" for one in found]


@cache
def _axe() -> str:
    return str(Axe().axe_script)
