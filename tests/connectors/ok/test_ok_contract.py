from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.connectors.base import ChannelConfig, Connector, NotAuthentic
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.simulators.ok import faults
from otklik.simulators.ok.simulator import OkSimulator
from tests.connectors.contract import (
    FUTURE,
    InboundContract,
    OutboundContract,
    SettingsContract,
    SplittingContract,
    TokenContract,
)
from tests.connectors.ground import Fault, shared
from tests.connectors.ok import accounts
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port, serve


class Network:
    """Odnoklassniki's simulator in the contract's words."""

    def __init__(self, simulator: OkSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                self.simulator.fail_next(faults.Fault.DENIED)
            case _:
                self.simulator.fail_next(faults.Fault(fault.value))

    def fail_next_edit(self, fault: Fault) -> None:
        raise NotImplementedError

    def shown(self, sent: Receipt) -> str:
        raise NotImplementedError

    def close_to(self, draft: Draft) -> None:
        self.simulator.town.closed_by.add(draft.target.container)

    def open_to(self, draft: Draft) -> None:
        self.simulator.town.closed_by.discard(draft.target.container)

    def accepted(self) -> list[str]:
        return [sent.text for sent in self.simulator.accepted]

    def photos(self) -> list[tuple[bytes, ...]]:
        return []


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = accounts.simulator()
    with serve(simulator.asgi) as base_url:
        yield Network(simulator, base_url)


class _Ok:
    connector_class = Odnoklassniki

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        server.simulator.forget_faults()
        return server

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Odnoklassniki:
        return Odnoklassniki.from_config(config)

    @pytest.fixture
    def unreachable(self) -> Odnoklassniki:
        return Odnoklassniki.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def unsigned(self, hook: Webhook) -> Webhook:
        return replace(hook, remote="")

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return replace(hook, remote="217.20.145.208")


class _Inbound(_Ok, InboundContract):
    @shared
    @given(body=st.binary(max_size=80), values=st.text(max_size=40))
    def test_anything_else_is_refused(self, connector: Connector, hook: Webhook, body: bytes, values: str) -> None:
        """Nothing but the address it comes from is a proof here, whatever the body and the headers say."""
        headers = dict.fromkeys([*hook.headers, "x-forwarded-for", "x-real-ip"], values)
        with pytest.raises(NotAuthentic):
            connector.verify(replace(hook, headers=headers, body=body, remote="203.0.113.7"))


class TestOkMessages(_Inbound, SplittingContract, OutboundContract, WindowContract, SettingsContract, TokenContract):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("message"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        network.simulator.town.write(accounts.RESIDENT, "Нет света")
        chat = accounts.RESIDENT.chat
        target = Target(chat, chat.replace("chat:", "dm:"), peer="574")
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала.")

    def hook_with_text(self, text: str) -> Webhook:
        said = accounts.fixture("message")
        said["message"]["text"] = text
        return accounts.hook_of(said)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = accounts.fixture("message")
        message = base["message"]
        odd: dict[str, Any] = {
            "unknown kind": base | {"webhookType": "MESSAGE_BURNT"},
            "missing message": {"webhookType": "MESSAGE_CREATED", "recipient": base["recipient"]},
            "null message": base | {"message": None},
            "null sender": base | {"sender": None},
            "future timestamp": base | {"timestamp": int(FUTURE.timestamp() * 1000)},
            "endless number": base | {"timestamp": 10**300},
            "no conversation": base | {"recipient": {}},
            "an id that is a path": base | {"message": message | {"mid": "mid:../me"}},
            "odd attachments": base | {"message": message | {"attachments": [5, {"type": "IMAGE", "payload": 7}]}},
        }
        return {name: accounts.hook_of(one) for name, one in odd.items()}


class TestOkOlderMessages(_Inbound):
    """The older documented example has no `webhookType`."""

    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(self._older())

    def hook_with_text(self, text: str) -> Webhook:
        said = self._older()
        said["message"] |= {"text": text}
        return accounts.hook_of(said)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = self._older()
        odd: dict[str, Any] = {
            "unknown kind": {"webhookType": "x"},
            "missing message": {"recipient": base["recipient"], "sender": base["sender"]},
            "null sender": base | {"sender": None},
            "future timestamp": base | {"timestamp": int(FUTURE.timestamp() * 1000)},
        }
        return {name: accounts.hook_of(one) for name, one in odd.items()}

    def _older(self) -> dict[str, Any]:
        return {name: value for name, value in accounts.fixture("message").items() if name != "webhookType"}


class TestOkComments(_Ok, OutboundContract):
    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        town = network.simulator.town
        topic = town.publish("Ремонт на Садовой")
        asked = town.comment(topic, accounts.RESIDENT, "Когда?")
        place = f"topic:{topic}"
        return Draft(str(uuid4()), DraftKind.COMMENT_REPLY, Target(place, place, topic, asked["id"]), "В среду.")


class TestOkPosts(_Ok, OutboundContract):
    @pytest.fixture
    def draft(self) -> Draft:
        return Draft(str(uuid4()), DraftKind.POST, Target(), f"Открываем сквер {uuid4()}")
