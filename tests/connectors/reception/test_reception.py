"""The reception passes what every connector's deliveries must; nothing is ever sent by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from otklik.connectors.base import ChannelConfig, SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, EventKind, Target, Visibility, Webhook
from otklik.connectors.reception.connector import SIGNATURE_HEADER, Reception, contact_in, sign
from tests.connectors.contract import InboundContract
from tests.connectors.ground import RECEIVED_AT

SECRET = "a-signing-key-of-the-reception"


def hook_of(**fields: Any) -> Webhook:
    told = {
        "entry_id": "a1" * 16,
        "way": "phone",
        "text": "Яма на Садовой, 12",
        "told_at": "2026-03-02T09:10:00+00:00",
        "taken_by": 7,
        **fields,
    }
    body = json.dumps(told).encode()
    return Webhook(headers={SIGNATURE_HEADER: sign(SECRET, body)}, body=body, received_at=RECEIVED_AT)


@pytest.fixture
def config() -> ChannelConfig:
    return ChannelConfig("reception", {}, {"webhook_secret": SECRET}, http=httpx.Client)


@pytest.fixture
def connector(config: ChannelConfig) -> Reception:
    return Reception.from_config(config)


@pytest.fixture
def hook() -> Webhook:
    return hook_of()


class TestReceptionContract(InboundContract):
    connector_class = Reception

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return replace(hook, headers={SIGNATURE_HEADER: sign("another-key-altogether", hook.body)})

    def hook_with_text(self, text: str) -> Webhook:
        return hook_of(text=text)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        return {
            "unknown kind": hook_of(way="telepathy"),
            "missing message": hook_of(text=""),
            "null sender": hook_of(name="", contact=""),
            "future timestamp": hook_of(told_at="2027-06-01T00:00:00+00:00"),
        }


def test_what_was_taken_down_is_a_private_report_from_when_it_was_told(connector: Reception) -> None:
    (event,) = connector.parse(hook_of(way="paper", name=" Нина Ручьёва ", may_publish=True))

    assert (event.kind, event.visibility, event.container) == (EventKind.REPORT, Visibility.PRIVATE, "paper")
    assert event.occurred_at == datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    assert event.author is not None
    assert (event.author.display_name, event.author.external_id) == ("Нина Ручьёва", f"paper:{'a1' * 16}")
    assert event.extra == {"may_publish": "1"}


def test_link_it_was_copied_from_is_kept_only_if_it_is_one(connector: Reception) -> None:
    assert connector.parse(hook_of(source="https://example.org/1"))[0].permalink == "https://example.org/1"
    assert connector.parse(hook_of(source="javascript:alert(1)"))[0].permalink == ""


def test_contact_is_read_from_the_body_alone() -> None:
    assert contact_in(hook_of(contact="8 900 000-00-00").body) == "8 900 000-00-00"
    assert contact_in(b"{") == ""


def test_nothing_is_sent_and_nothing_found(connector: Reception) -> None:
    draft = Draft("answer:1", DraftKind.DIRECT_MESSAGE, Target(container="phone"), "Засыпали.")

    with pytest.raises(SendFailed) as refused:
        connector.send(draft)
    with pytest.raises(SendUnknown):
        connector.find_sent(draft)

    assert refused.value.permanent
