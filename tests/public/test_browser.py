"""The residents' pages in a real browser: no rule of WCAG AA broken, nothing sideways, light enough, alive without
scripts. Skipped where no Chromium is found (Debian: apt-get install chromium).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.public.town import furnish, make_town

CHROMIUM = os.environ.get("OTKLIK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium, or set OTKLIK_CHROMIUM"),
    pytest.mark.django_db(transaction=True),
]
PAGES = (
    "feed",
    "post",
    "write",
    "comment",
    "cases",
    "public_case",
    "own_new",
    "own_answered",
    "about",
    "find",
    "missing",
    "map",
    "accountability",
    "same_here",
    "gone",
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def addresses(transactional_db: None, live_server: Any) -> dict[str, str]:
    from django.core.cache import cache

    cache.clear()
    return {name: f"{live_server.url}{path}" for name, path in furnish(make_town()).items()}


@pytest.fixture
def browser(addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser that outlives no test: its event loop must be gone before the database is cleaned."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def broken_rules(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url} {rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1440)])
def test_pages_break_no_accessibility_rule_and_fit_the_screen(
    browser: Browser, addresses: dict[str, str], scheme: Any, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="ru")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)

    wrong: list[str] = []
    for name in PAGES:
        page.goto(addresses[name])
        wrong += broken_rules(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{name} is wider than {width}")

    assert wrong + complaints == []


def test_first_page_is_light(browser: Browser, addresses: dict[str, str]) -> None:
    """At most 100 kB without photos, even where nothing compresses on the way."""
    page = browser.new_context(locale="ru").new_page()
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        sizes[response.url] = len(response.body())

    page.on("response", weigh)
    page.goto(addresses["feed"], wait_until="networkidle")

    assert sum(sizes.values()) <= 100_000, sizes


def test_theme_switch_keeps_its_choice(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_context(color_scheme="light", locale="ru").new_page()
    page.goto(addresses["about"])
    switch = page.get_by_role("button", name="Тёмная тема")

    switch.click()
    page.goto(addresses["feed"])

    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(23, 20, 17)"
    assert switch.get_attribute("aria-pressed") == "true"


def test_comment_form_opens_in_place_and_sends(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_context(locale="ru").new_page()
    page.goto(addresses["post"])

    page.get_by_role("link", name="Написать комментарий").click()
    page.get_by_label("Ваш комментарий").fill("Когда откроют?")
    assert page.url == addresses["post"]
    page.get_by_role("button", name="Отправить").click()
    page.wait_for_url("**/sent/**")

    assert page.get_by_role("heading", level=1).inner_text() == "Спасибо, получили"


def test_everything_works_without_scripts(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_context(java_script_enabled=False, locale="ru").new_page()
    page.goto(addresses["post"])

    expect(page.get_by_role("button", name="Тёмная тема")).to_have_count(0)
    page.get_by_role("link", name="Написать комментарий").click()
    page.get_by_label("Ваш комментарий").fill("Когда откроют?")
    page.get_by_role("button", name="Отправить").click()
    page.wait_for_url("**/sent/**")

    page.goto(addresses["own_answered"])
    page.get_by_role("button", name="Да, решено").click()
    expect(page.get_by_text("Решено, житель подтвердил")).to_have_count(1)

    page.goto(addresses["own_new"])
    page.get_by_label("Что нам ещё нужно знать?").fill("Это у остановки")
    page.get_by_role("button", name="Добавить").click()
    expect(page.get_by_text("Это у остановки")).to_have_count(1)

    page.goto(addresses["public_case"])
    page.get_by_role("button", name="У меня тоже").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Вы учтены")
    page.get_by_role("button", name="Взять назад").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("У вас то же самое?")


def test_keyboard_reaches_the_content_first(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_context(locale="ru").new_page()
    page.goto(addresses["feed"])

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "К содержанию"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null") is True
