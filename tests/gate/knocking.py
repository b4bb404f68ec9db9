"""Every network as it stands before the gate: an authentic delivery, a forged one, and how its proof is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from otklik.channels.connections import hook_url, secrets_of
from otklik.channels.models import Channel
from otklik.channels.services.connecting import connect
from otklik.common.clock import now
from otklik.connectors.base import ChannelConfig
from otklik.connectors.max.connector import SECRET_HEADER as MAX_HEADER
from otklik.connectors.reception.connector import SIGNATURE_HEADER, sign
from otklik.connectors.telegram.connector import SECRET_HEADER as TELEGRAM_HEADER
from otklik.simulators.fediverse import payloads, signing
from otklik.simulators.instagram.payloads import signature
from otklik.simulators.mail.letters import letter
from otklik.simulators.site.payloads import comment_submission, headers
from tests.connectors.activitypub.keys import PRIVATE
from tests.connectors.instagram import accounts as instagram
from tests.connectors.mail import accounts as mail
from tests.connectors.max import accounts as max_
from tests.connectors.ok import accounts as ok
from tests.connectors.telegram import accounts as telegram
from tests.connectors.vk import accounts as vk
from tests.stories import Town

NOWHERE = "http://127.0.0.1:9"
ZOYA = payloads.Person("https://mastodon.example", "zoya", "Зоя")
Headers = dict[str, str]


@dataclass(frozen=True)
class Knocker:
    """One network at its channel's door. `stranger`: the same network's channel to which we are nobody."""

    channel: Channel
    saying: Callable[[str], bytes]
    proof: Callable[[bytes], Headers]
    forged_proof: Callable[[bytes], Headers]
    forged_body: Callable[[bytes], bytes] = lambda body: body
    stranger: Channel | None = None

    def knock(self, gate: str, body: bytes, proof: Mapping[str, str] | None = None) -> httpx.Response:
        """Deliver a body with its own proof, or with another."""
        shown = self.proof(body) if proof is None else proof
        return httpx.post(f"{gate}/hooks/{self.channel.hook_token}", content=body, headers=dict(shown), timeout=30)

    def forge(self, gate: str, body: bytes) -> httpx.Response:
        """Deliver as somebody who only looks like the network."""
        door = self.stranger or self.channel
        shown, forged = self.forged_proof(body), self.forged_body(body)
        return httpx.post(f"{gate}/hooks/{door.hook_token}", content=forged, headers=shown, timeout=30)

    def trickle(self, gate: str, body: bytes) -> int:
        """Deliver a body in pieces without telling how long it is; return the status, also where the gate hangs up."""
        pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        url = f"{gate}/hooks/{self.channel.hook_token}"
        return httpx.post(url, content=pieces, headers=self.proof(body), timeout=30).status_code

    @property
    def forged_at(self) -> Channel:
        """The channel at whose door `forge` knocks."""
        return self.stranger or self.channel


def knockers(town: Town) -> dict[str, Knocker]:
    """Return every network, connected to this town."""
    return {
        "site": _site(town),
        "telegram": _telegram(town),
        "vk": _vk(town),
        "max": _max(town),
        "ok": _ok(town),
        "instagram": _instagram(town),
        "reception": _reception(town),
        "activitypub": _fediverse(town),
        "email": _mail(town),
    }


def _connect(town: Town, network: str, config: ChannelConfig, name: str = "") -> Channel:
    return connect(town.city, network, name or network, "", {**config.settings, **config.secrets}, now=now())


def _encoded(thing: Any) -> bytes:
    return json.dumps(thing, ensure_ascii=False).encode()


def _site(town: Town) -> Knocker:
    secret = secrets_of(town.site)["webhook_secret"]
    return Knocker(
        town.site,
        lambda text: comment_submission("k1", text, name="Иван", visitor="v1"),
        lambda body: headers(secret, body),
        lambda body: headers("another-secret", body),
    )


def _telegram(town: Town) -> Knocker:
    def saying(text: str) -> bytes:
        update = telegram.fixture("comment")
        update["message"]["text"] = text
        return _encoded(update)

    channel = _connect(town, "telegram", telegram.config(NOWHERE))
    right, wrong = {TELEGRAM_HEADER: telegram.SECRET}, {TELEGRAM_HEADER: telegram.SECRET[:-1] + "N"}
    return Knocker(channel, saying, lambda _: right, lambda _: wrong)


def _vk(town: Town) -> Knocker:
    def saying(text: str) -> bytes:
        body = vk.fixture("comment")
        body["object"]["text"] = text
        return _encoded(body)

    def forged(body: bytes) -> bytes:
        return _encoded(json.loads(body) | {"secret": vk.SECRET[:-1] + "S"})

    channel = _connect(town, "vk", vk.config(NOWHERE))
    return Knocker(channel, saying, lambda _: {}, lambda _: {}, forged)


def _max(town: Town) -> Knocker:
    def saying(text: str) -> bytes:
        update = max_.fixture("comment")
        update["message"]["body"]["text"] = text
        return _encoded(update)

    channel = _connect(town, "max", max_.config(NOWHERE))
    right, wrong = {MAX_HEADER: max_.SECRET}, {MAX_HEADER: max_.SECRET[:-1] + "S"}
    return Knocker(channel, saying, lambda _: right, lambda _: wrong)


def _ok(town: Town) -> Knocker:
    """Known by where it comes from: our own address is one of its networks, or none of them."""

    def saying(text: str) -> bytes:
        said = ok.fixture("message")
        said["message"]["text"] = text
        return _encoded(said)

    channel = _connect(town, "ok", ok.config(NOWHERE, networks="127.0.0.0/8"))
    stranger = _connect(town, "ok", ok.config(NOWHERE), name="ok-elsewhere")
    told = {"x-forwarded-for": ok.THEIRS, "x-real-ip": ok.THEIRS}
    return Knocker(channel, saying, lambda _: {}, lambda _: told, stranger=stranger)


def _instagram(town: Town) -> Knocker:
    return Knocker(
        _connect(town, "instagram", instagram.config(NOWHERE)),
        lambda text: _encoded(instagram.comment(text=text)),
        lambda body: signature(instagram.APP_SECRET, body),
        lambda body: signature("f" * 32, body),
    )


def _reception(town: Town) -> Knocker:
    def saying(text: str) -> bytes:
        at = "2026-03-02T09:10:00+00:00"
        return _encoded({"entry_id": "b2" * 16, "way": "phone", "text": text, "told_at": at, "taken_by": 7})

    channel = connect(town.city, "reception", "reception", "", {}, now=now())
    secret = secrets_of(channel)["webhook_secret"]
    return Knocker(
        channel,
        saying,
        lambda body: {SIGNATURE_HEADER: sign(secret, body)},
        lambda body: {SIGNATURE_HEADER: sign("another-key", body)},
    )


def _fediverse(town: Town) -> Knocker:
    """Whoever signs is asked for the key later: what the gate itself refuses is a signature over other bytes."""
    channel = connect(town.city, "activitypub", "fedi", "", {"username": "mayor", "private_key": PRIVATE}, now=now())
    inbox = hook_url(channel)
    us = f"{urlsplit(inbox).scheme}://{urlsplit(inbox).netloc}/fediverse/mayor"

    def saying(text: str) -> bytes:
        said = payloads.note(
            ZOYA, 7, payloads.html(text, us, "mayor"), to=[], cc=[us], mention=us, at=now().timestamp()
        )
        return _encoded(payloads.create(said))

    def proof(body: bytes) -> Headers:
        return signing.cavage(inbox, body, ZOYA.key_id, signing.shared_key(), at=now().timestamp())

    return Knocker(channel, saying, proof, lambda body: proof(body + b" "))


def _mail(town: Town) -> Knocker:
    """Letters are fetched: whoever could bring them to the door could write in anybody's name."""
    channel = _connect(town, "email", mail.config(9, 9))
    return Knocker(channel, letter, lambda _: {}, lambda _: {})
