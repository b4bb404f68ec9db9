"""Take the pictures of the documents from the demo: python tools/pictures.py [ADDRESS].

Without an address it starts the demo in a folder of its own and stops it afterwards; with one, it photographs the demo
that answers there. Needs the development packages and Chromium. Everything shown is of the invented city.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CITY = ROOT / "src/otklik/simulators/town/data/city.toml"
CHROMIUM = os.environ.get("OTKLIK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
LARGEST = 300_000
STARTS_WITHIN_S = 180.0
TALK = ".comments > li:has(.replies .official):has(.replies .comment:not(.official))"
"""A comment that the city answered and somebody said something to the answer."""
COMES_ALIVE_S = 45.0
"""How long the town lives before it is photographed, so that new messages wait on the desk."""


@contextmanager
def demo() -> Iterator[str]:
    """Serve the demo from an empty folder and yield its address."""
    with tempfile.TemporaryDirectory(prefix="otklik-pictures-") as folder:
        port = free_port()
        own = {**os.environ, "OTKLIK_DATA": f"{folder}/demo"}
        running = subprocess.Popen([ROOT / "otklik", "demo", "--port", str(port)], env=own)  # noqa: S603 - our own script
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address)
            time.sleep(COMES_ALIVE_S)
            yield address
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(timeout=60)


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def wait_for(address: str) -> None:
    """Return when the residents' site answers. Raises SystemExit if it doesn't in time."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own demo on loopback
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the demo did not start")


def public(browser: Browser, address: str, language: str) -> None:
    """A post with its comments and the city's answers, on a phone."""
    phone = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, locale=language)
    phone.add_cookies([{"name": "lang", "value": language, "url": address}])
    page = phone.new_page()
    page.goto(address)
    addresses = page.eval_on_selector_all("a[href^='/posts/']", "links => links.map(link => link.pathname)")
    page.goto(address + most_talked_of(page, address, list(dict.fromkeys(addresses))))
    page.locator(TALK).first.evaluate("talk => window.scrollTo(0, talk.getBoundingClientRect().top + window.scrollY)")
    page.wait_for_timeout(300)
    save(page, f"public-phone-{language}.png")
    phone.close()


def most_talked_of(page: Page, address: str, posts: list[str]) -> str:
    """Return the post under which people and the city talked most."""

    def talks(path: str) -> int:
        page.goto(address + path)
        return page.locator(TALK).count()

    return max(posts, key=talks)


def desk(browser: Browser, address: str, language: str) -> None:
    """The inbox and a case with an answer that waits for approval, as an approver sees them."""
    city = tomllib.loads(CITY.read_text(encoding="utf-8"))
    clerk = next(one for one in city["officials"] if "approver" in one["roles"] and one.get("signs_in"))
    screen = browser.new_context(viewport={"width": 1440, "height": 900}, locale=language)
    screen.add_cookies([{"name": "lang", "value": language, "url": address}])
    page = screen.new_page()
    page.goto(f"{address}/desk/")
    page.locator("input[name=login]").fill(clerk["email"])
    page.locator("input[name=password]").fill(city["password"])
    page.locator("input[name=password]").press("Enter")
    page.locator("[data-rows]").wait_for()
    page.goto(f"{address}/desk/?view=approval")
    page.goto(address + longest_conversation(page, address))
    page.locator("#case-title").wait_for()
    page.wait_for_timeout(500)
    save(page, f"desk-{language}.png")
    screen.close()


def longest_conversation(page: Page, address: str) -> str:
    """Return the case of the list that is open in which most was said."""

    def words(path: str) -> int:
        page.goto(address + path)
        return len(page.locator(".case-thread").inner_text())

    cases = page.eval_on_selector_all("[data-rows] .row-title", "links => links.map(link => link.getAttribute('href'))")
    return str(max(cases, key=words))


def save(page: Page, name: str) -> None:
    """Write what the page shows. Raises SystemExit if the file is too large for the documents."""
    path = IMAGES / name
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes, more than {LARGEST}")


def take_all(address: str) -> None:
    """Take every picture, in both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in ("en", "ru"):
            public(browser, address, language)
            desk(browser, address, language)
        browser.close()


def main() -> None:
    """Take the pictures of the demo that is named, or of one of our own."""
    if len(sys.argv) > 1:
        take_all(sys.argv[1].rstrip("/"))
        return
    with demo() as address:
        take_all(address)


if __name__ == "__main__":
    main()
