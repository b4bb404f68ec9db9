"""The account, its people and the webhooks that Instagram's tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Event, Webhook
from otklik.connectors.instagram.connector import Instagram
from otklik.simulators.instagram import payloads
from otklik.simulators.instagram.town import Person
from tests.connectors.ground import RECEIVED_AT

ACCOUNT = "17841400000000001"
TOKEN = "IGAA-token-of-the-tests"
APP_SECRET = "0123456789abcdef0123456789abcdef"
WORD = "a word of the tests"
RESIDENT = Person("34000000000000034", "ivan.zarechny", "Иван Заречный")
NEIGHBOUR = Person("35000000000000035", "maria_lipkina", "Мария Липкина")
FIXTURES = Path(__file__).parent / "fixtures"
TLS = httpx.create_ssl_context()
SECONDS = int(RECEIVED_AT.timestamp())


def config(base_url: str, **settings: str) -> ChannelConfig:
    return ChannelConfig(
        name="instagram",
        settings={"account_id": ACCOUNT, "api_base": base_url, **settings},
        secrets={"token": TOKEN, "app_secret": APP_SECRET, "verify_token": WORD},
        http=lambda: httpx.Client(timeout=0.5, trust_env=False, verify=TLS),
    )


def connector(**settings: str) -> Instagram:
    return Instagram.from_config(config("http://127.0.0.1:9", **settings))


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def hook_of(body: Any) -> Webhook:
    """An authentic request: signed over exactly these bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {name.lower(): value for name, value in payloads.signature(APP_SECRET, raw).items()}
    return Webhook(headers, raw, RECEIVED_AT)


def comment(**changes: Any) -> dict[str, Any]:
    """The comment's webhook with some fields changed; a change to None makes the field null."""
    body = fixture("comment")
    body["entry"][0]["changes"][0]["value"] |= changes
    return body


def changed(field: str, value: Any, **entry: Any) -> dict[str, Any]:
    """A webhook about one change."""
    told = {"id": ACCOUNT, "time": SECONDS, "changes": [{"field": field, "value": value}]}
    return {"object": "instagram", "entry": [told | entry]}


def passed(what: dict[str, Any], *, by: str = RESIDENT.id, room: str = "messaging", **more: Any) -> dict[str, Any]:
    """A webhook about one message between a resident and the account; `by` whom."""
    other = ACCOUNT if by != ACCOUNT else RESIDENT.id
    exchange = {"sender": {"id": by}, "recipient": {"id": other}, "timestamp": SECONDS * 1000, **what, **more}
    return {"object": "instagram", "entry": [{"id": ACCOUNT, "time": SECONDS * 1000, room: [exchange]}]}


def events(body: Any) -> list[Event]:
    return connector().parse(hook_of(body))


def only(body: Any) -> Event:
    [event] = events(body)
    return event
