from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import uuid4

import pytest

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.connectors.splitting import utf16_units
from otklik.connectors.telegram.connector import Telegram
from otklik.simulators.telegram import faults
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.connectors.contract import FUTURE, ConnectorContract, OutboundContract, PhotosContract, TokenContract
from tests.connectors.deletions_contract import DeletionsContract
from tests.connectors.edits_contract import EditsContract
from tests.connectors.ground import Fault
from tests.connectors.telegram import accounts
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port, serve


class Network:
    """The Telegram simulator in the contract's words."""

    def __init__(self, simulator: TelegramSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                self.simulator.fail_next(faults.Fault.BLOCKED)
            case _:
                self.simulator.fail_next(faults.Fault(fault.value))

    def fail_next_edit(self, fault: Fault) -> None:
        self._play(fault, "editMessageText")

    def fail_next_deletion(self, fault: Fault) -> None:
        self._play(fault, "deleteMessage")

    def is_there(self, sent: Receipt) -> bool:
        shown = self.simulator.town.messages
        numbers = [int(one) for one in (sent.external_id, *sent.further)]
        return any((int(sent.container), number) in shown for number in numbers)

    def _play(self, fault: Fault, method: str) -> None:
        if fault is Fault.REFUSED:
            fault_there = faults.Fault.BLOCKED
        elif fault is Fault.NONE:
            return
        else:
            fault_there = faults.Fault(fault.value)
        self.simulator.fail_next(fault_there, method=method)

    def shown(self, sent: Receipt) -> str:
        return str(self.simulator.town.messages[int(sent.container), int(sent.external_id)]["text"])

    def close_to(self, draft: Draft) -> None:
        self.simulator.town.blocked_by.add(int(draft.target.peer))

    def open_to(self, draft: Draft) -> None:
        self.simulator.town.blocked_by.discard(int(draft.target.peer))

    def accepted(self) -> list[str]:
        return [sent.text for sent in self.simulator.accepted]

    def photos(self) -> list[tuple[bytes, ...]]:
        return [sent.photos for sent in self.simulator.accepted]


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = TelegramSimulator(accounts.TOKEN, accounts.CHANNEL, accounts.GROUP, in_background=False)
    with serve(simulator.asgi) as base_url:
        yield Network(simulator, base_url)


class _Telegram:
    connector_class = Telegram
    measure = staticmethod(utf16_units)

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        return server

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Telegram:
        return Telegram.from_config(config)

    @pytest.fixture
    def unreachable(self) -> Telegram:
        return Telegram.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def other_hooks(self) -> list[Webhook]:
        return [accounts.hook_of(accounts.fixture(one.stem)) for one in sorted(accounts.FIXTURES.glob("*.json"))]


class TestTelegram(_Telegram, ConnectorContract, TokenContract):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("comment"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        _, forward = network.simulator.town.publish(by_bot=False, text="Ремонт на Садовой")
        target = Target(container=str(accounts.GROUP), thread_key=f"{accounts.GROUP}:{forward['message_id']}")
        return Draft("key-1", DraftKind.COMMENT_REPLY, target, "Яму засыпят в среду.")

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return accounts.with_secret(hook, accounts.SECRET[:-1] + "N")

    def hook_with_text(self, text: str) -> Webhook:
        update = accounts.fixture("comment")
        update["message"]["text"] = text
        return accounts.hook_of(update)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = accounts.fixture("comment")
        message = base["message"]
        odd = {
            "unknown kind": {
                "update_id": 1,
                "purchased_paid_media": {"from": message["from"], "paid_media_payload": "x"},
            },
            "missing message": {"update_id": 2},
            "null message": {"update_id": 3, "message": None},
            "null sender": {"update_id": 4, "message": message | {"from": None}},
            "future timestamp": {"update_id": 5, "message": message | {"date": int(FUTURE.timestamp())}},
            "message of a wrong type": {"update_id": 6, "message": "яма"},
            "chat of a wrong type": {"update_id": 7, "message": message | {"chat": {"id": "x"}}},
            "absurd timestamp": {"update_id": 8, "message": message | {"date": 10**17}},
            "endless number": {"update_id": 10, "message": message | {"message_id": 10**300}},
            "endless thread": {"update_id": 11, "message": message | {"message_thread_id": 10**300}},
            "no timestamp": {"update_id": 9, "message": message | {"date": 0}},
        }
        return {name: accounts.hook_of(update) for name, update in odd.items()}


class TestTelegramMessages(_Telegram, OutboundContract, WindowContract, PhotosContract, EditsContract):
    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        who = accounts.RESIDENT
        network.simulator.town.open_private_chat(who)
        target = Target(container=str(who.id), thread_key=f"dm:{who.id}", peer=str(who.id))
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала.")


class TestTelegramPosts(_Telegram, OutboundContract, PhotosContract, EditsContract, DeletionsContract):
    @pytest.fixture
    def draft(self) -> Draft:
        return Draft(str(uuid4()), DraftKind.POST, Target(), f"Открываем сквер {uuid4()}")
