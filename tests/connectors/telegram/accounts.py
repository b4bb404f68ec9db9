"""The account, the people and the simulator that Telegram's tests share."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.connectors.telegram.connector import SECRET_HEADER, Telegram
from otklik.simulators.telegram.payloads import Person
from tests.connectors.ground import RECEIVED_AT

TOKEN = "700100200:AAEhBP0av28-TestTestTestTestTestTest00"
SECRET = "s3cret_Webhook-token"
CHANNEL = -1001000000002
GROUP = -1001000000001
BOT_ID = 700100200
RESIDENT = Person(42, "Иван", "Заречный", "ivan_z")
FIXTURES = Path(__file__).parent / "fixtures"
SECONDS = int(RECEIVED_AT.timestamp())


def config(base_url: str, **changes: str) -> ChannelConfig:
    settings = {"channel_chat_id": str(CHANNEL), "discussion_chat_id": str(GROUP), "api_base": base_url}
    return ChannelConfig(
        name="telegram",
        settings=settings | changes,
        secrets={"bot_token": TOKEN, "webhook_secret": SECRET},
        http=lambda: httpx.Client(timeout=0.5, trust_env=False),
    )


def connector() -> Telegram:
    return Telegram.from_config(config("http://127.0.0.1:9"))


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def hook_of(update: Any) -> Webhook:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return Webhook({SECRET_HEADER: SECRET, "content-type": "application/json"}, body, RECEIVED_AT)


def with_secret(hook: Webhook, secret: str) -> Webhook:
    return replace(hook, headers={**hook.headers, SECRET_HEADER: secret})
