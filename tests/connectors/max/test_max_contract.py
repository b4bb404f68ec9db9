from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from uuid import uuid4

import pytest

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.connectors.max.connector import Max
from otklik.simulators.max import faults
from otklik.simulators.max.simulator import MaxSimulator
from tests.connectors.contract import (
    FUTURE,
    InboundContract,
    OutboundContract,
    PhotosContract,
    SettingsContract,
    SplittingContract,
    TokenContract,
)
from tests.connectors.deletions_contract import DeletionsContract
from tests.connectors.edits_contract import EditsContract
from tests.connectors.ground import Fault
from tests.connectors.max import accounts
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port, serve


class Network:
    """The MAX simulator in the contract's words."""

    def __init__(self, simulator: MaxSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        self._play(fault, "publish")

    def fail_next_edit(self, fault: Fault) -> None:
        self._play(fault, "edit")

    def fail_next_deletion(self, fault: Fault) -> None:
        self._play(fault, "delete")

    def is_there(self, sent: Receipt) -> bool:
        return sent.external_id in self.simulator.town.messages

    def _play(self, fault: Fault, doing: str) -> None:
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                self.simulator.fail_next(faults.Fault.DENIED, doing=doing)
            case _:
                self.simulator.fail_next(faults.Fault(fault.value), doing=doing)

    def shown(self, sent: Receipt) -> str:
        return str(self.simulator.town.messages[sent.external_id]["body"]["text"])

    def close_to(self, draft: Draft) -> None:
        self.simulator.town.stopped_by.add(int(draft.target.peer))

    def open_to(self, draft: Draft) -> None:
        self.simulator.town.stopped_by.discard(int(draft.target.peer))

    def accepted(self) -> list[str]:
        return [sent.text for sent in self.simulator.accepted]

    def photos(self) -> list[tuple[bytes, ...]]:
        return [sent.photos for sent in self.simulator.accepted]


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = MaxSimulator(accounts.TOKEN, accounts.CHANNEL, in_background=False)
    with serve(simulator.asgi) as base_url:
        yield Network(simulator, base_url)


class _Max:
    connector_class = Max

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        server.simulator.forget_faults()
        return server

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Max:
        return Max.from_config(config)

    @pytest.fixture
    def unreachable(self) -> Max:
        return Max.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return accounts.with_secret(hook, accounts.SECRET[:-1] + "S")

    def hook_with_text(self, text: str) -> Webhook:
        update = accounts.fixture(self.fixture_name)
        update["message"]["body"]["text"] = text
        return accounts.hook_of(update)

    fixture_name = "comment"


class TestMaxComments(
    _Max, InboundContract, SplittingContract, OutboundContract, EditsContract, SettingsContract, TokenContract
):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("comment"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        town = network.simulator.town
        post = town.publish("Ремонт на Садовой")["body"]["mid"]
        question = town.comment(post, accounts.RESIDENT, "Когда?")
        place = f"post:{post}"
        target = Target(place, place, post, question["body"]["mid"])
        return Draft(str(uuid4()), DraftKind.COMMENT_REPLY, target, "Яму засыпят в среду.")

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = accounts.fixture("comment")
        message = base["message"]
        odd = {
            "unknown kind": {"update_type": "story_created", "timestamp": 1},
            "missing message": {"update_type": "comment_created", "timestamp": accounts.MILLIS},
            "null message": base | {"message": None},
            "null sender": base | {"message": message | {"sender": None}},
            "future timestamp": base | {"message": message | {"timestamp": int(FUTURE.timestamp() * 1000)}},
            "absurd timestamp": base | {"message": message | {"timestamp": 10**17}},
            "endless number": base | {"timestamp": 10**300},
            "endless seq": base | {"message": message | {"body": message["body"] | {"seq": 10**300}}},
            "no post": base | {"message": message | {"recipient": {"chat_id": -773, "chat_type": "channel"}}},
            "an id that is a path": base | {"message": message | {"body": {"mid": "../me", "text": "яма"}}},
        }
        return {name: accounts.hook_of(update) for name, update in odd.items()}


class TestMaxMessages(
    _Max, InboundContract, OutboundContract, WindowContract, PhotosContract, EditsContract, TokenContract
):
    fixture_name = "message"

    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("message"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        said = network.simulator.town.write(accounts.RESIDENT, "Нет света")
        dialog = accounts.RESIDENT.dialog
        target = Target(f"chat:{dialog}", f"dm:{dialog}", reply_to_external_id=said["body"]["mid"], peer="34")
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала.")

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = accounts.fixture("message")
        message = base["message"]
        body = message["body"]
        odd = {
            "unknown kind": {"update_type": "message_pinned", "timestamp": 1},
            "missing message": {"update_type": "message_created", "timestamp": accounts.MILLIS},
            "null sender": base | {"message": message | {"sender": None}},
            "future timestamp": base | {"message": message | {"timestamp": int(FUTURE.timestamp() * 1000)}},
            "no chat": base | {"message": message | {"recipient": {}}},
            "no id": base | {"message": message | {"body": {"text": "яма"}}},
            "no body": base | {"message": message | {"body": None}},
            "odd attachments": base | {"message": message | {"body": body | {"attachments": [5, {"type": "image"}]}}},
            "nowhere": base
            | {"message": message | {"body": body | {"attachments": [{"type": "location", "latitude": 1e300}]}}},
        }
        return {name: accounts.hook_of(json.loads(json.dumps(update))) for name, update in odd.items()}


class TestMaxPosts(_Max, OutboundContract, PhotosContract, EditsContract, DeletionsContract):
    @pytest.fixture
    def draft(self) -> Draft:
        return Draft(str(uuid4()), DraftKind.POST, Target(), f"Открываем сквер {uuid4()}")
