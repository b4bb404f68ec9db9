"""The community, its people and the callbacks that VK's tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.connectors.vk.connector import Vk
from otklik.simulators.vk.town import Person
from tests.connectors.ground import RECEIVED_AT

GROUP = 123
TOKEN = "vk1.a.community-token-of-the-tests"
USER_TOKEN = "vk1.a.person-token-of-the-tests"
SECRET = "s3cretOfTheTests"
CODE = "a1b2c3d4"
RESIDENT = Person(34, "Иван", "Заречный")
NEIGHBOUR = Person(35, "Мария", "Липкина")
FIXTURES = Path(__file__).parent / "fixtures"
TLS = httpx.create_ssl_context()
SECONDS = int(RECEIVED_AT.timestamp())


def config(base_url: str, user_token: str = USER_TOKEN) -> ChannelConfig:
    return ChannelConfig(
        name="vk",
        settings={"group_id": str(GROUP), "confirmation_code": CODE, "api_base": base_url},
        secrets={"token": TOKEN, "callback_secret": SECRET, "user_token": user_token},
        http=lambda: httpx.Client(timeout=0.5, trust_env=False, verify=TLS),
    )


def connector() -> Vk:
    return Vk.from_config(config("http://127.0.0.1:9"))


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def callback(kind: str, thing: Any, **changes: Any) -> dict[str, Any]:
    """A callback with an `event_id` of its own; a change to None takes the field away."""
    envelope = {"group_id": GROUP, "type": kind, "event_id": f"event-{kind}", "v": "5.199", "secret": SECRET}
    fields = envelope | {"object": thing} | changes
    return {name: value for name, value in fields.items() if value is not None}


def hook_of(body: Any) -> Webhook:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Webhook({"content-type": "application/json"}, raw, RECEIVED_AT)


def without_secret(hook: Webhook) -> Webhook:
    return hook_of({name: value for name, value in json.loads(hook.body).items() if name != "secret"})


def with_secret(hook: Webhook, secret: Any) -> Webhook:
    return hook_of(json.loads(hook.body) | {"secret": secret})
