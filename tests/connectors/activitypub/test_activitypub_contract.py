"""The common suites. What is sent stands at our own address; the call that carries it is asked by them too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.addresses import PUBLIC
from otklik.connectors.activitypub.connector import ActivityPub, Key
from otklik.connectors.activitypub.markup import as_html
from otklik.connectors.base import ChannelConfig, NotAuthentic, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Receipt, Target, Webhook
from otklik.simulators.fediverse import faults, payloads, signing
from otklik.simulators.fediverse.simulator import FediverseSimulator
from tests.connectors.activitypub.keys import PRIVATE
from tests.connectors.activitypub.keys import PUBLIC as PUBLIC_PEM
from tests.connectors.contract import FUTURE, InboundContract, OutboundContract, SettingsContract, SplittingContract
from tests.connectors.edits_contract import EditsContract
from tests.connectors.ground import OUTCOMES, RECEIVED_AT, Fault, Outcome
from tests.servers import closed_port, serve

INBOX = "https://city.example/hooks/token"
ZOYA = payloads.Person("https://mastodon.example", "zoya", "Зоя")
TLS = httpx.create_ssl_context()
US = "https://city.example/fediverse/mayor"
SENT = OUTCOMES | {Fault.BROKEN_REPLY: Outcome.SENT}
"""Whoever answers 202 has taken it, whatever else is in the answer."""


def config_for(http: httpx.Client | None = None) -> ChannelConfig:
    return ChannelConfig(
        name="fedi",
        settings={"username": "mayor"},
        secrets={"private_key": PRIVATE},
        http=lambda: http or httpx.Client(timeout=0.5, trust_env=False, verify=TLS),
        hook_url=INBOX,
    )


def knowing(config: ChannelConfig) -> ActivityPub:
    keys = {ZOYA.key_id: Key(ZOYA.id, signing.public_pem(signing.shared_key()))}
    return ActivityPub.from_config(config).knowing(keys)


def hook_of(activity: Any, sign: Any = signing.cavage, at: datetime = RECEIVED_AT) -> Webhook:
    body = json.dumps(activity).encode()
    headers = sign(INBOX, body, ZOYA.key_id, signing.shared_key(), at=at.timestamp())
    return Webhook(headers, body, RECEIVED_AT, target="/hooks/token")


def note(text: str = "Когда починят?", **more: Any) -> dict[str, Any]:
    at = RECEIVED_AT.replace(tzinfo=UTC).timestamp()
    said = payloads.note(ZOYA, 7, payloads.html(text, US, "mayor"), to=[PUBLIC], cc=[US], mention=US, at=at)
    return said | more


def create(**more: Any) -> dict[str, Any]:
    return payloads.create(note()) | {"object": note(**more)}


@dataclass(frozen=True, slots=True)
class Carrying(ActivityPub):
    """The connector with the courier's call made at once, so that the common questions reach another server."""

    inbox: str = ""

    def send(self, draft: Draft) -> Receipt:
        receipt = ActivityPub.send(self, draft)
        self._carry(objects.create(self.home, self._note(draft, receipt)))
        return receipt

    def edit(self, draft: Draft, sent: Receipt) -> None:
        ActivityPub.edit(self, draft, sent)
        self._carry(objects.update(self.home, self._note(draft, sent) | {"updated": draft.text}))

    def _note(self, draft: Draft, receipt: Receipt) -> dict[str, Any]:
        said = objects.Note(receipt.external_id, receipt.external_id, as_html(draft.text), RECEIVED_AT, to=(PUBLIC,))
        return objects.note(self.home, said)

    def _carry(self, activity: dict[str, Any]) -> None:
        self.caller.hand_over(self.inbox, msgspec.json.encode(activity), now=datetime.now(UTC))


class Network:
    """The remote server in the contract's words."""

    def __init__(self, simulator: FediverseSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def fail_next(self, fault: Fault) -> None:
        if fault is Fault.REFUSED:
            self.simulator.fail_next(faults.Fault.GONE)
        elif fault is not Fault.NONE:
            self.simulator.fail_next(faults.Fault(fault.value))

    fail_next_edit = fail_next

    def shown(self, sent: Receipt) -> str:
        return self.simulator.shown(sent.external_id)

    def accepted(self) -> list[str]:
        return [one.text for one in self.simulator.accepted]

    def photos(self) -> list[tuple[bytes, ...]]:
        return [() for _ in self.simulator.accepted]


@pytest.fixture(scope="module")
def server() -> Iterator[Network]:
    simulator = FediverseSimulator(in_background=False)
    with serve(simulator.asgi) as base_url:
        simulator.keys[f"{US}#main-key"] = PUBLIC_PEM
        yield Network(simulator, base_url)


class TestActivityPub(InboundContract, SplittingContract, OutboundContract, EditsContract, SettingsContract):
    connector_class = ActivityPub
    outcomes = SENT

    @pytest.fixture
    def network(self, server: Network) -> Network:
        server.simulator.accepted.clear()
        server.simulator.forget_faults()
        return server

    @pytest.fixture
    def config(self) -> ChannelConfig:
        return config_for()

    @pytest.fixture
    def connector(self, config: ChannelConfig, network: Network) -> ActivityPub:
        return self._carrying(config, f"{network.base_url}/inbox")

    @pytest.fixture
    def unreachable(self, config: ChannelConfig) -> ActivityPub:
        return self._carrying(config, f"http://127.0.0.1:{closed_port()}/inbox")

    @staticmethod
    def _carrying(config: ChannelConfig, inbox: str) -> Carrying:
        made = knowing(config)
        return Carrying(made.home, made.persona, made.caller, made.keys, inbox)

    @pytest.fixture
    def hook(self) -> Webhook:
        return hook_of(create())

    @pytest.fixture
    def draft(self) -> Draft:
        target = Target("note", "talk:1", reply_to_external_id=note()["id"], peer=ZOYA.id)
        return Draft(str(uuid4()), DraftKind.COMMENT_REPLY, target, "Яму засыпят в среду.")

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        head, _, _ = hook.headers["signature"].rpartition('signature="')
        return replace(hook, headers={**hook.headers, "signature": f'{head}signature="{"A" * 342}=="'})

    def hook_with_text(self, text: str) -> Webhook:
        return hook_of(create(text=text))

    def odd_hooks(self) -> Mapping[str, Webhook]:
        base = create()
        odd = {
            "unknown kind": base | {"type": "Listen"},
            "missing message": {name: value for name, value in base.items() if name != "object"},
            "null sender": create(attributedTo=None),
            "future timestamp": create(published=FUTURE.isoformat()),
            "absurd timestamp": create(published="vorgestern"),
            "words of no kind": create(type=5),
            "odd tags": create(tag=[5, None, {"type": "Mention"}, "x"]),
            "odd attachments": create(attachment=[5, {"url": 7}, {"url": [{"href": "javascript:1"}]}]),
            "an endless id": create(id=f"{ZOYA.id}/statuses/{'9' * 400}"),
            "no audience": create(to=None, cc=None),
        }
        return {name: hook_of(activity) for name, activity in odd.items()}

    def test_null_sender_leaves_the_words(self, connector: ActivityPub) -> None:
        """Nobody is hidden here: whose key signed it wrote it."""
        [event] = connector.parse(self.odd_hooks()["null sender"])

        assert (event.text, event.author and event.author.external_id) == ("Когда починят?", ZOYA.id)

    def test_fault_of_an_edit_gives_its_error(  # type: ignore[override]  # another server's 202 is always a yes
        self, connector: ActivityPub, network: Network, corrected: Draft, sent: Receipt
    ) -> None:
        found = {}
        for fault in Fault:
            network.fail_next_edit(fault)
            found[fault] = _outcome_of_edit(connector, replace(corrected, text=f"{fault}"), sent)

        assert found == SENT

    def test_no_secret_is_shown_where_an_edit_fails(  # type: ignore[override]  # as above
        self, connector: ActivityPub, network: Network, corrected: Draft, sent: Receipt
    ) -> None:
        network.fail_next_edit(Fault.SERVER_ERROR)

        with pytest.raises(SendUnknown) as failed:
            connector.edit(corrected, sent)

        assert PRIVATE not in repr(failed.value)


def _outcome_of_edit(connector: ActivityPub, draft: Draft, sent: Receipt) -> Outcome:
    from tests.connectors.ground import outcome_of

    def edit() -> Receipt:
        connector.edit(draft, sent)
        return sent

    return outcome_of(edit)


OTHERS = "https://evil.example/users/eve"


@pytest.mark.parametrize(
    "forged",
    {
        "another server's actor": create() | {"actor": OTHERS},
        "another server's words": create(id="https://evil.example/notes/1", attributedTo=ZOYA.id),
        "a neighbour's words": create(attributedTo=f"{ZOYA.base}/users/ivan"),
        "an activity id that keeps another's out": create() | {"id": "https://evil.example/activities/1"},
        "another server's deletion": payloads.activity(
            "Delete", f"{ZOYA.id}#d", ZOYA.id, "https://evil.example/notes/1"
        ),
        "somebody else's like taken back": payloads.activity(
            "Undo", f"{ZOYA.id}#u", ZOYA.id, {"type": "Like", "actor": OTHERS, "object": US}
        ),
        "a neighbour's name": create() | {"actor": f"{ZOYA.base}/users/ivan"},
    }.values(),
)
def test_who_speaks_for_others_is_refused(forged: dict[str, Any]) -> None:
    with pytest.raises(NotAuthentic):
        knowing(config_for()).verify(hook_of(forged))


@pytest.mark.parametrize("sign", [signing.cavage, signing.rfc9421])
@pytest.mark.parametrize("at", [RECEIVED_AT - timedelta(hours=13), RECEIVED_AT + timedelta(hours=2)])
def test_stale_and_future_signatures_are_refused(sign: Any, at: datetime) -> None:
    with pytest.raises(NotAuthentic):
        knowing(config_for()).verify(hook_of(create(), sign, at))


@pytest.mark.parametrize("sign", [signing.cavage, signing.rfc9421])
@pytest.mark.parametrize(
    "change",
    [
        lambda hook: replace(hook, body=hook.body + b" "),
        lambda hook: replace(hook, target="/hooks/another"),
        lambda hook: replace(hook, headers={**hook.headers, "host": "evil.example"}),
        lambda hook: replace(hook, headers={k: v for k, v in hook.headers.items() if "digest" not in k}),
    ],
)
def test_what_the_signature_covers_cannot_be_changed(sign: Any, change: Any) -> None:
    account = knowing(config_for())
    hook = hook_of(create(), sign)
    account.verify(hook)

    with pytest.raises(NotAuthentic):
        account.verify(change(hook))


def test_signature_without_a_digest_or_a_date_is_refused() -> None:
    account = knowing(config_for())
    hook = hook_of(create())
    for left_out in ("digest", "date", "host", "(request-target)"):
        thinner = hook.headers["signature"].replace(f" {left_out}", "").replace(f"{left_out} ", "")
        with pytest.raises(NotAuthentic):
            account.verify(replace(hook, headers={**hook.headers, "signature": thinner}))


def test_signature_over_the_path_alone_is_taken() -> None:
    hook = replace(hook_of(create()), target="/hooks/token?from=relay")

    knowing(config_for()).verify(hook)


def test_key_of_somebody_else_proves_nothing() -> None:
    keys = {ZOYA.key_id: Key(f"{ZOYA.base}/users/ivan", signing.public_pem(signing.shared_key()))}

    with pytest.raises(NotAuthentic):
        knowing(config_for()).knowing(keys).verify(hook_of(create()))
