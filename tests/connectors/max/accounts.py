"""The bot, its people and the updates that MAX's tests share."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.connectors.max.connector import SECRET_HEADER, Max
from otklik.simulators.max.payloads import Person
from tests.connectors.ground import RECEIVED_AT

TOKEN = "f9LHodD0cOKTestTestTestTestTest"
SECRET = "s3cret-of-the-tests"
CHANNEL = -773
HOOK = "http://127.0.0.1:9/hooks/token"
RESIDENT = Person(34, "Иван", "Заречный", "ivan_z")
FIXTURES = Path(__file__).parent / "fixtures"
MILLIS = int(RECEIVED_AT.timestamp() * 1000)
TLS = httpx.create_ssl_context()


def config(base_url: str, **changes: str) -> ChannelConfig:
    return ChannelConfig(
        name="max",
        settings={"channel_id": str(CHANNEL), "api_base": base_url} | changes,
        secrets={"access_token": TOKEN, "webhook_secret": SECRET},
        http=lambda: httpx.Client(timeout=0.5, trust_env=False, verify=TLS),
        hook_url=HOOK,
    )


def connector(**changes: str) -> Max:
    return Max.from_config(config("http://127.0.0.1:9", **changes))


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def hook_of(update: Any) -> Webhook:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return Webhook({SECRET_HEADER: SECRET, "content-type": "application/json"}, body, RECEIVED_AT)


def with_secret(hook: Webhook, secret: str) -> Webhook:
    return replace(hook, headers={**hook.headers, SECRET_HEADER: secret})
