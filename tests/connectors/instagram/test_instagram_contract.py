from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.connectors.instagram.connector import Instagram
from otklik.connectors.splitting import utf8_bytes
from otklik.simulators.instagram import faults
from otklik.simulators.instagram.simulator import InstagramSimulator
from tests.connectors.contract import (
    FUTURE,
    InboundContract,
    OutboundContract,
    SettingsContract,
    SplittingContract,
    TokenContract,
)
from tests.connectors.ground import WAIT_S, Fault
from tests.connectors.instagram import accounts
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port, serve


class Network:
    """Instagram's simulator in the contract's words."""

    def __init__(self, simulator: InstagramSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        play = self.simulator.fail_next
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                play(faults.Fault.REFUSED, code=10)
            case Fault.TOO_MANY:
                play(faults.Fault.HTTP_ERROR, code=429, retry_after_s=WAIT_S)
            case Fault.TOO_MANY_BARE:
                play(faults.Fault.REFUSED, code=4)
            case Fault.SERVER_ERROR:
                play(faults.Fault.HTTP_ERROR, code=500)
            case Fault.SERVER_ERROR_AFTER:
                play(faults.Fault.HTTP_ERROR_AFTER, code=502)
            case _:
                play(faults.Fault(fault.value))

    def fail_next_edit(self, fault: Fault) -> None:
        raise AssertionError(f"Instagram changes nothing, so {fault} can't be played")

    def shown(self, sent: Receipt) -> str:
        return self.simulator.town.comments[sent.external_id].text

    def close_to(self, draft: Draft) -> None:
        for said in self.simulator.town.conversations[draft.target.peer]:
            said.at -= 8 * 24 * 3600

    def open_to(self, draft: Draft) -> None:
        self.simulator.town.write(accounts.Person(draft.target.peer, "somebody"), "Вы ещё там?")

    def accepted(self) -> list[str]:
        return self.simulator.accepted

    def photos(self) -> list[tuple[bytes, ...]]:
        return []


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = InstagramSimulator(accounts.ACCOUNT, accounts.TOKEN, accounts.APP_SECRET, in_background=False)
    with serve(simulator.asgi) as base_url:
        yield Network(simulator, base_url)


class _Instagram:
    connector_class = Instagram
    measure = staticmethod(utf8_bytes)

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        return server

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Instagram:
        return Instagram.from_config(config)

    @pytest.fixture
    def unreachable(self) -> Instagram:
        return Instagram.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        shown = hook.headers["x-hub-signature-256"]
        forged = shown[:-1] + ("0" if shown[-1] != "0" else "1")
        return Webhook({**hook.headers, "x-hub-signature-256": forged}, hook.body, hook.received_at)


class TestInstagramComments(
    _Instagram, InboundContract, SplittingContract, OutboundContract, SettingsContract, TokenContract
):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("comment"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        town = network.simulator.town
        post = town.publish("Ремонт на Садовой")
        question = town.comment(post.id, accounts.RESIDENT, "Когда?")
        place = f"media:{post.id}"
        target = Target(container="comments", thread_key=place, reply_to_external_id=question.id)
        return Draft(str(uuid4()), DraftKind.COMMENT_REPLY, target, "Яму засыпят в среду.")

    def hook_with_text(self, text: str) -> Webhook:
        return accounts.hook_of(accounts.comment(text=text))

    def odd_hooks(self) -> Mapping[str, Webhook]:
        at = int(FUTURE.timestamp())
        odd: dict[str, Any] = {
            "unknown kind": accounts.changed("story_likes", {"id": "1"}),
            "missing message": accounts.changed("comments", None),
            "null sender": accounts.comment(**{"from": None}),
            "future timestamp": accounts.comment(timestamp=at),
            "absurd timestamp": accounts.comment(timestamp=10**17),
            "no number": accounts.comment(id=""),
            "odd number": accounts.comment(id="ё" * 400),
            "no post": accounts.comment(media=None),
            "another account": accounts.changed("comments", {"id": "1", "text": "Яма"}, id="0"),
            "entry that is none": {"object": "instagram", "entry": [7]},
            "change that is none": {"object": "instagram", "entry": [{"id": accounts.ACCOUNT, "changes": [7]}]},
        }
        return {name: accounts.hook_of(body) for name, body in odd.items()}


class TestInstagramMessages(_Instagram, InboundContract, OutboundContract, WindowContract, TokenContract):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("message"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        who = accounts.Person(str(uuid4().int)[:17], "somebody")
        network.simulator.town.write(who, "Нет света")
        place = f"dm:{who.id}"
        target = Target(container=place, thread_key=place, reply_to_external_id="m_1", peer=who.id)
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала.")

    def hook_with_text(self, text: str) -> Webhook:
        return accounts.hook_of(accounts.passed({"message": {"mid": "m_1", "text": text}}))

    def odd_hooks(self) -> Mapping[str, Webhook]:
        words = {"mid": "m_1", "text": "Нет света"}
        at = int(FUTURE.timestamp() * 1000)
        odd: dict[str, Any] = {
            "unknown kind": accounts.passed({"optin": {"ref": "x"}}),
            "missing message": accounts.passed({"message": {}}),
            "null message": accounts.passed({"message": None}),
            "null sender": accounts.passed({"message": words}, sender=None),
            "future timestamp": accounts.passed({"message": words}, timestamp=at),
            "unsupported": accounts.passed({"message": {"mid": "m_1", "is_unsupported": True}}),
            "odd attachment": accounts.passed({"message": words | {"attachments": [5, {"type": "hologram"}]}}),
            "exchange that is none": {"object": "instagram", "entry": [{"id": accounts.ACCOUNT, "messaging": [7]}]},
        }
        return {name: accounts.hook_of(body) for name, body in odd.items()}


class TestInstagramMentions(_Instagram, InboundContract):
    """A mention once its words were looked up: the webhook tells numbers only."""

    @pytest.fixture
    def hook(self) -> Webhook:
        return self.hook_with_text("@gorod Яма на Садовой, когда засыплют?")

    def hook_with_text(self, text: str) -> Webhook:
        return accounts.hook_of(self._mention(caption=text))

    def odd_hooks(self) -> Mapping[str, Webhook]:
        odd: dict[str, Any] = {
            "unknown kind": accounts.changed("story_mentions", {"media_id": "1"}),
            "missing message": accounts.changed("mentions", {}),
            "null sender": self._mention(username=None),
            "future timestamp": self._mention(timestamp=int(FUTURE.timestamp())),
            "name that no database takes": self._mention(username="u\x00" * 50),
            "number that is none": accounts.changed("mentions", {"media_id": "../me"}),
            "words that can't be read": accounts.changed("mentions", {"media_id": "1", "unread": "gone"}),
        }
        return {name: accounts.hook_of(body) for name, body in odd.items()}

    def _mention(self, **changes: Any) -> dict[str, Any]:
        told = {"id": "179", "caption": "@gorod Яма", "username": "ivan", "timestamp": accounts.SECONDS, **changes}
        return accounts.changed("mentions", {"media_id": "179", "mentioned_media": told})
