"""The residents' pages in a real browser: light enough, by keyboard, alive without scripts. Their looks:
`test_screens_browser.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Response, expect

from tests.browsing import chromium, needs_chromium, visits  # noqa: F401 - a fixture
from tests.public.town import furnish, make_town

pytestmark = needs_chromium


@pytest.fixture
def addresses(transactional_db: None, live_server: Any) -> dict[str, str]:
    cache.clear()
    return {name: f"{live_server.url}{path}" for name, path in furnish(make_town()).items()}


@pytest.fixture
def browser(addresses: dict[str, str], live_server: Any, chromium: Browser) -> Iterator[Browser]:  # noqa: F811
    with visits(live_server, chromium):
        yield chromium


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
