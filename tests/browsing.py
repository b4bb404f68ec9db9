"""A real browser for tests: one for a module, and what every page of ours is judged by.

A module that imports `chromium` marks itself with `needs_chromium`; it is skipped where no Chromium is found
(Debian: apt-get install chromium).
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def visits(live_server: Any, browser: Browser) -> Iterator[None]:
    """Let a test's pages in. At its end they are closed, and nobody is inside any more when the rows go.

    A page says good-bye to the server while it closes: PostgreSQL would find that request and the emptying of its
    tables waiting for each other.
    """
    door = _door_of(live_server.thread.httpd)
    door.open()
    try:
        yield
    finally:
        for context in browser.contexts:
            context.close()
        door.shut()


class _Door:
    """Stands before the served site: counts who is inside, and lets nobody in once it is shut."""

    def __init__(self, site: Any) -> None:
        self._site = site
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self._changed:
            if self._is_shut:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self._inside += 1
        try:
            return _Visit(self._site(environ, start_response), self._leave)
        except BaseException:
            self._leave()
            raise

    def open(self) -> None:
        with self._changed:
            self._is_shut = False

    def shut(self) -> None:
        """Let nobody in any more, and wait until the last one is out."""
        with self._changed:
            self._is_shut = True
            assert self._changed.wait_for(lambda: self._inside == 0, timeout=30)

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


class _Visit:
    """An answer on its way; with its end the visitor is out."""

    def __init__(self, answer: Any, leave: Callable[[], None]) -> None:
        self._answer, self._leave = answer, leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        try:
            self._answer.close()
        finally:
            self._leave()


def _door_of(server: Any) -> _Door:
    site = server.get_app()
    if not isinstance(site, _Door):
        site = _Door(site)
        server.set_app(site)
    return site


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
