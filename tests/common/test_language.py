"""One rule for pages and for the cache's key: they must never differ."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils.translation import get_language_from_request
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.common.language import preferred

ITEMS = st.tuples(
    st.sampled_from(["ru", "en", "en-US", "RU-ru", "de", "fr-CA", "tt"]),
    st.sampled_from(["", ";q=0.9", ";q=0.5", ";q=0.1", ";q=1", ";q=0"]),
).map("".join)


def djangos(cookie: str, accept: str) -> str:
    request = RequestFactory().get("/", headers={"accept-language": accept})
    request.COOKIES["lang"] = cookie
    return get_language_from_request(request)


@settings(deadline=None)
@given(st.sampled_from(["", "ru", "en", "xx"]), st.lists(ITEMS, max_size=4).map(", ".join))
def test_rule_is_that_of_the_pages(cookie: str, accept: str) -> None:
    assert preferred(cookie, accept) == djangos(cookie, accept)


@pytest.mark.parametrize("accept", ["", "*", ";;;", "q=1", "en;q=x", "a" * 5000, "русский", "en,*;q=0.1"])
def test_strange_headers_get_what_the_pages_give(accept: str) -> None:
    assert preferred("", accept) == djangos("", accept)
