"""The group, its people and the deliveries that Odnoklassniki's tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.simulators.ok.payloads import Person
from otklik.simulators.ok.simulator import OkSimulator
from tests.connectors.ground import RECEIVED_AT

GROUP = 53038939046008
GROUP_KEY = "tkn1GroupKeyOfTheTests:CBAtest"
APPLICATION_KEY = "CBAPUBLICKEYTEST"
APPLICATION_SECRET = "SECRETOFTHEAPPLICATIONTEST"
ACCESS_TOKEN = "tkn1PersonTokenOfTheTests"
HOOK = "http://127.0.0.1:9/hooks/token"
RESIDENT = Person(574, "Иван Заречный")
THEIRS = "217.20.145.200"
FIXTURES = Path(__file__).parent / "fixtures"
MILLIS = int(RECEIVED_AT.timestamp() * 1000)
TLS = httpx.create_ssl_context()


def config(
    base_url: str, *, answers: str = "on", networks: str = "", with_person: bool = True, statistics: str = ""
) -> ChannelConfig:
    keys = {"application_secret": APPLICATION_SECRET, "access_token": ACCESS_TOKEN} if with_person else {}
    return ChannelConfig(
        name="ok",
        settings={
            "group_id": str(GROUP),
            "api_base": base_url,
            "answers_comments": answers,
            "statistics": statistics,
            "source_networks": networks,
            "application_key": APPLICATION_KEY if with_person else "",
        },
        secrets={"group_key": GROUP_KEY, **keys},
        http=lambda: httpx.Client(timeout=0.5, trust_env=False, verify=TLS),
        hook_url=HOOK,
    )


def connector(**changes: Any) -> Odnoklassniki:
    return Odnoklassniki.from_config(config("http://127.0.0.1:9", **changes))


def simulator(**changes: Any) -> OkSimulator:
    return OkSimulator(
        GROUP,
        GROUP_KEY,
        application_key=APPLICATION_KEY,
        access_token=ACCESS_TOKEN,
        application_secret=APPLICATION_SECRET,
        in_background=False,
        **changes,
    )


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def hook_of(thing: Any, remote: str = THEIRS) -> Webhook:
    body = thing if isinstance(thing, bytes) else json.dumps(thing).encode()
    return Webhook({"content-type": "application/json;charset=utf-8"}, body, RECEIVED_AT, remote)


def polled(thing: Any, kind: str = "comment") -> dict[str, Any]:
    return {"polled": kind, "group_id": str(GROUP), "topic_id": "6001", "thing": thing}
