"""A served desk for tests in a browser: people sit down at it, each signed in.

A module that asks for `desk` imports `chromium` beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page

from otklik.org.models import Official
from tests.browsing import visits
from tests.desk.office import Office, furnish, make_office


@dataclass
class Desk:
    """A served desk with a morning's life, and a browser."""

    office: Office
    url: str
    addresses: dict[str, str]
    browser: Browser

    def sit_down(self, who: str, **options: Any) -> BrowserContext:
        """A browser in which this person is signed in."""
        official: Official = getattr(self.office, who)
        context = self.browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en", **options})
        session = self.office.browser(official).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [
                {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url},
                {"name": "lang", "value": options.get("locale", "en"), "url": self.url},
            ]
        )
        return context

    def open(self, who: str, name: str, **options: Any) -> Page:
        """One of the screens, with nothing live to listen to unless a test says so."""
        page = self.sit_down(who, **options).new_page()
        page.route("**/live?*", lambda route: route.fulfill(status=503))
        page.goto(f"{self.url}{self.addresses.get(name, name)}")
        return page


@pytest.fixture
def desk(transactional_db: None, live_server: Any, chromium: Browser) -> Iterator[Desk]:
    """The desk with a morning's life. Its browsers are closed before the rows go."""
    cache.clear()
    office = make_office()
    with visits(live_server, chromium):
        yield Desk(office, live_server.url, furnish(office), chromium)
    cache.clear()
