"""The city's own site, by the suite of what comes in: another site of the city may post to its door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from otklik.connectors.base import ChannelConfig, Connector, Malformed
from otklik.connectors.events import Webhook
from otklik.connectors.site.connector import Site
from otklik.simulators.site.payloads import comment_submission, headers
from tests.connectors.contract import InboundContract, SettingsContract, SplittingContract
from tests.connectors.ground import RECEIVED_AT

SECRET = "secret-of-the-tests"


def hook_of(body: bytes) -> Webhook:
    return Webhook(headers(SECRET, body), body, RECEIVED_AT)


class TestSite(InboundContract, SplittingContract, SettingsContract):
    connector_class = Site

    @pytest.fixture
    def config(self) -> ChannelConfig:
        return ChannelConfig("site", {}, {"webhook_secret": SECRET}, http=httpx.Client)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Site:
        return Site.from_config(config)

    @pytest.fixture
    def hook(self) -> Webhook:
        return self.hook_with_text("Когда починят?")

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return Webhook(headers("another-secret", hook.body), hook.body, hook.received_at)

    def hook_with_text(self, text: str) -> Webhook:
        said = json.loads(comment_submission("s1", text, name="Иван", visitor="v1", post="7"))
        return hook_of(json.dumps(said).encode())

    def other_hooks(self) -> list[Webhook]:
        return [hook_of(comment_submission("s2", "Яма", name="", visitor=""))]

    def odd_hooks(self) -> Mapping[str, Webhook]:
        """The form is ours: what is none of its submissions is refused as a whole, and kept as it came."""
        said: dict[str, Any] = json.loads(self.hook_with_text("Яма").body)
        odd = {
            "unknown kind": {"kind": "vote"},
            "missing message": {"submission_id": "s1"},
            "null sender": said | {"visitor": None},
            "future timestamp": said | {"sent_at": "yesterday"},
        }
        return {name: hook_of(json.dumps(body).encode()) for name, body in odd.items()}

    def test_odd_payloads_are_events_not_errors(self, connector: Connector) -> None:
        for hook in self.odd_hooks().values():
            connector.verify(hook)
            with pytest.raises(Malformed):
                connector.parse(hook)

    @pytest.mark.parametrize("name", ["unknown kind", "missing message", "future timestamp"])
    def test_what_is_not_understood_is_marked_partial(self, connector: Connector, name: str) -> None:
        with pytest.raises(Malformed):
            connector.parse(self.odd_hooks()[name])

    def test_null_sender_leaves_the_words(self, connector: Connector) -> None:
        [event] = connector.parse(hook_of(comment_submission("s1", "Яма", name="", visitor="")))

        assert (event.text, event.author and event.author.external_id) == ("Яма", "visitor:s1")

    def test_future_timestamp_is_clamped_to_when_it_reached_us(self, connector: Connector) -> None:
        said = json.loads(self.hook_with_text("Яма").body) | {"sent_at": "2199-01-01T00:00:00Z"}

        [event] = connector.parse(hook_of(json.dumps(said).encode()))

        assert event.occurred_at == RECEIVED_AT
