from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from uuid import uuid4

import pytest

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.connectors.vk.connector import POST_MAX_CHARS, Vk
from otklik.simulators.vk import faults
from otklik.simulators.vk.methods import DELETING, EDITING, PUBLISHING
from otklik.simulators.vk.simulator import VkSimulator
from tests.connectors.contract import (
    FUTURE,
    ConnectorContract,
    InboundContract,
    OutboundContract,
    PhotosContract,
    TokenContract,
)
from tests.connectors.deletions_contract import DeletionsContract
from tests.connectors.edits_contract import EditsContract
from tests.connectors.ground import WAIT_S, Fault
from tests.connectors.vk import accounts
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port, serve


class Network:
    """The VK simulator in the contract's words."""

    def __init__(self, simulator: VkSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        self._play(fault, PUBLISHING)

    def fail_next_edit(self, fault: Fault) -> None:
        self._play(fault, EDITING)

    def fail_next_deletion(self, fault: Fault) -> None:
        self._play(fault, DELETING)

    def is_there(self, sent: Receipt) -> bool:
        return int(sent.external_id.partition("_")[2]) in self.simulator.town.posts

    def shown(self, sent: Receipt) -> str:
        town = self.simulator.town
        if sent.external_id == sent.post_external_id:
            return town.posts[int(sent.external_id.partition("_")[2])].text
        if sent.container.startswith("wall"):
            return town.comments[int(sent.external_id)].text
        said = town.conversations[int(sent.container.removeprefix("dm:"))]
        return next(one.text for one in said if one.number == int(sent.external_id))

    def _play(self, fault: Fault, methods: frozenset[str]) -> None:
        play = partial(self.simulator.fail_next, methods=methods)
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                play(faults.Fault.REFUSED, code=213)
            case Fault.TOO_MANY:
                play(faults.Fault.HTTP_ERROR, code=429, retry_after_s=WAIT_S)
            case Fault.TOO_MANY_BARE:
                play(faults.Fault.REFUSED, code=6)
            case Fault.SERVER_ERROR:
                play(faults.Fault.HTTP_ERROR, code=500)
            case Fault.SERVER_ERROR_AFTER:
                play(faults.Fault.HTTP_ERROR_AFTER, code=502)
            case _:
                play(faults.Fault(fault.value))

    def close_to(self, draft: Draft) -> None:
        self.simulator.town.blacklist.add(int(draft.target.peer))

    def open_to(self, draft: Draft) -> None:
        self.simulator.town.blacklist.discard(int(draft.target.peer))

    def accepted(self) -> list[str]:
        return self.simulator.accepted

    def photos(self) -> list[tuple[bytes, ...]]:
        return self.simulator.accepted_photos


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = VkSimulator(accounts.GROUP, accounts.TOKEN, accounts.USER_TOKEN, in_background=False)
    with serve(simulator.asgi) as base_url:
        yield Network(simulator, base_url)


class _Vk:
    connector_class = Vk

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        server.simulator.town.pictured.clear()
        server.simulator.town.blacklist.clear()
        return server

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url)

    @pytest.fixture
    def connector(self, config: ChannelConfig) -> Vk:
        return Vk.from_config(config)

    @pytest.fixture
    def unreachable(self) -> Vk:
        return Vk.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def unsigned(self, hook: Webhook) -> Webhook:
        return accounts.without_secret(hook)

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return accounts.with_secret(hook, accounts.SECRET[:-1] + "S")

    def other_hooks(self) -> list[Webhook]:
        return [accounts.hook_of(accounts.fixture(one.stem)) for one in sorted(accounts.FIXTURES.glob("*.json"))]


class TestVkComments(_Vk, ConnectorContract, TokenContract):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("comment"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        town = network.simulator.town
        post = town.publish("Ремонт на Садовой", town.owner_id)
        question = town.comment(post.id, town.meet(accounts.RESIDENT), "Когда?")
        place = f"wall-{accounts.GROUP}_{post.id}"
        target = Target(container=place, thread_key=place, reply_to_external_id=str(question.id))
        return Draft(str(uuid4()), DraftKind.COMMENT_REPLY, target, "Яму засыпят в среду.")

    def hook_with_text(self, text: str) -> Webhook:
        body = accounts.fixture("comment")
        body["object"]["text"] = text
        return accounts.hook_of(body)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        comment = accounts.fixture("comment")["object"]
        odd = {
            "unknown kind": ("donut_subscription_create", {"amount": 100, "user_id": 34}),
            "missing message": ("wall_reply_new", {}),
            "null object": ("wall_reply_new", []),
            "null sender": ("wall_reply_new", comment | {"from_id": None}),
            "future timestamp": ("wall_reply_new", comment | {"date": int(FUTURE.timestamp())}),
            "absurd timestamp": ("wall_reply_new", comment | {"date": 10**17}),
            "endless number": ("wall_reply_new", comment | {"id": 10**5000}),
            "odd attachment": ("wall_reply_new", comment | {"attachments": [{"type": "photo", "photo": 5}, None]}),
            "no post": ("wall_reply_new", comment | {"post_id": None}),
        }
        hooks = {name: accounts.hook_of(_encoded(*what)) for name, what in odd.items()}
        return hooks | {"no object": accounts.hook_of(accounts.callback("wall_reply_new", None))}


class TestVkMessages(_Vk, InboundContract, OutboundContract, WindowContract, PhotosContract, EditsContract):
    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(accounts.fixture("message"))

    @pytest.fixture
    def draft(self, network: Network) -> Draft:
        town = network.simulator.town
        said = town.write(town.meet(accounts.RESIDENT), "Нет света")
        place = f"dm:{accounts.RESIDENT.id}"
        target = Target(container=place, thread_key=place, reply_to_external_id=str(said.number), peer="34")
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала.")

    def hook_with_text(self, text: str) -> Webhook:
        body = accounts.fixture("message")
        body["object"]["message"]["text"] = text
        return accounts.hook_of(body)

    def odd_hooks(self) -> Mapping[str, Webhook]:
        message = accounts.fixture("message")["object"]["message"]
        odd = {
            "unknown kind": ("message_reminded", {"peer_id": 34}),
            "missing message": ("message_new", {"client_info": {}}),
            "null message": ("message_new", {"message": None}),
            "null sender": ("message_new", {"message": message | {"from_id": None}}),
            "future timestamp": ("message_new", {"message": message | {"date": int(FUTURE.timestamp())}}),
            "no number": ("message_new", {"message": message | {"conversation_message_id": None}}),
            "odd place": ("message_new", {"message": message | {"geo": {"coordinates": "nowhere"}}}),
            "no place": ("message_new", {"message": message | {"geo": {"coordinates": {"latitude": 1e300}}}}),
        }
        return {name: accounts.hook_of(_encoded(*what)) for name, what in odd.items()}


class TestVkPosts(_Vk, OutboundContract, PhotosContract, EditsContract, DeletionsContract):
    longest = POST_MAX_CHARS

    @pytest.fixture
    def draft(self) -> Draft:
        return Draft(str(uuid4()), DraftKind.POST, Target(), f"Открываем сквер {uuid4()}")

    @pytest.mark.parametrize("words", ["", " \n"])
    def test_text_that_cannot_be_sent_is_refused_without_asking(
        self, unreachable: Vk, draft: Draft, words: str
    ) -> None:
        super().test_text_that_cannot_be_sent_is_refused_without_asking(unreachable, draft, words)


def _encoded(kind: str, thing: object) -> bytes:
    """Python refuses to write very long numbers, VK's forgers may not."""
    if isinstance(thing, dict) and thing.get("id") == 10**5000:
        body = json.dumps(accounts.callback(kind, thing | {"id": "LONG"}))
        return body.replace('"LONG"', "1" + "0" * 5000).encode()
    return json.dumps(accounts.callback(kind, thing)).encode()
