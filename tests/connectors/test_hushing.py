"""Keys in addresses: every network's, whichever connectors are loaded beside it."""

from __future__ import annotations

import logging

import httpx
import pytest

from otklik.connectors.registry import CONNECTORS


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://api.telegram.org/bot7:AAE-x_1/sendMessage", "https://api.telegram.org/bot…/sendMessage"),
        ("https://api.ok.ru/graph/me?access_token=tkn1:2&x=1", "https://api.ok.ru/graph/me?access_token=…&x=1"),
        ("https://lp.vk.ru/wh1?act=a_check&key=0af&ts=5", "https://lp.vk.ru/wh1?act=a_check&key=…&ts=5"),
        ("https://api.max.ru/messages?count=5", "https://api.max.ru/messages?count=5"),
    ],
)
def test_key_in_an_address_is_never_logged(caplog: pytest.LogCaptureFixture, address: str, shown: str) -> None:
    assert {"telegram", "ok", "vk", "max"} <= set(CONNECTORS)
    caplog.set_level(logging.INFO, logger="httpx")

    logging.getLogger("httpx").info("HTTP Request: %s %s", "POST", httpx.URL(address))

    assert caplog.messages == [f"HTTP Request: POST {shown}"]
