"""How fast what networks bring is proved and understood on one core: invented comments and messages, no database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from otklik.cli.bench.figures import tell
from otklik.connectors.activitypub.connector import ActivityPub, Key
from otklik.connectors.activitypub.signatures import new_key
from otklik.connectors.base import ChannelConfig, Connector
from otklik.connectors.events import Webhook
from otklik.connectors.mail.parsing import FOLDER_HEADER, PLACE_HEADER
from otklik.connectors.reception.connector import SIGNATURE_HEADER, Entry, sign
from otklik.connectors.registry import CONNECTORS
from otklik.simulators.fediverse import payloads as fediverse
from otklik.simulators.fediverse import signing
from otklik.simulators.instagram import payloads as instagram
from otklik.simulators.mail.letters import letter
from otklik.simulators.max import payloads as max_payloads
from otklik.simulators.ok import payloads as ok
from otklik.simulators.site import payloads as site
from otklik.simulators.telegram import payloads as telegram
from otklik.simulators.vk import payloads as vk

_SECRET = "measuredByTheBench"  # noqa: S105 - opens nothing
_INBOX = "https://city.example/hooks/bench"
_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_TEXTS = (
    "Здравствуйте! На Садовой, 12 который день не горит фонарь у остановки, дети идут из школы в темноте.",
    "и у нас тоже!",
    "Спасибо, что починили качели 👍🏽",
    "Когда включат отопление на Лесной, 4? В квартире +14, у соседей маленький ребёнок, звонили трижды.",
)
_LETTER = 8
"""Letters are longer than comments: so many times the words."""


@dataclass(frozen=True, slots=True)
class _Sample:
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    bring: Callable[[int, str], tuple[Mapping[str, str], bytes]]
    """The headers and the body of the request with a number and a text; even numbers are public."""
    is_pushed: bool = True
    ready: Callable[[Connector], Connector] | None = None
    """The connector as it is once it has met those who write: keys that it has asked for."""


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return for each network how many events a second are proved (`verify`) and understood (`parse`)."""
    count, seconds = (50, 0.01) if options["tiny"] else (1000, 0.4) if options["quick"] else (2000, 2.0)
    figures = {}
    for network, sample in sorted(_SAMPLES.items()):
        tell(network)
        config = ChannelConfig("bench", sample.settings, sample.secrets, httpx.Client, hook_url=_INBOX)
        connector = CONNECTORS[network].from_config(config)
        connector = sample.ready(connector) if sample.ready is not None else connector
        hooks = [_hook(sample, number) for number in range(count)]
        rounds = [_pace(connector, hooks, seconds, is_pushed=sample.is_pushed) for _ in range(5)]
        figures[network] = {"events_per_s": round(statistics.median(rounds))}
    return figures


def _hook(sample: _Sample, number: int) -> Webhook:
    headers, body = sample.bring(number, f"{_TEXTS[number // 2 % len(_TEXTS)]} {number}")
    told = {name.lower(): value for name, value in headers.items()}
    return Webhook(told, body, _AT, target=urlsplit(_INBOX).path)


def _pace(connector: Connector, hooks: Sequence[Webhook], seconds: float, *, is_pushed: bool) -> float:
    """Return events a second of processor time. Raises RuntimeError if a request is not one event."""
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for hook in hooks:
            if is_pushed:
                connector.verify(hook)
            done += len(connector.parse(hook))
    if done % len(hooks):
        raise RuntimeError(f"{connector.network}: {done} events of requests by {len(hooks)}")
    return done / spent


def _telegram(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    who = telegram.Person(1000 + number, "Зоя", "Ручьёва")
    if number % 2:
        said = telegram.message(
            number, 1_772_443_800, telegram.private_chat(who), sender=telegram.person(who), text=text
        )
        body = telegram.encode(telegram.update(number, "message", said))
    else:
        body = telegram.comment_update(
            update_id=number,
            message_id=number,
            text=text,
            user_id=who.id,
            user_name="Зоя Ручьёва",
            chat_id=-1001,
            thread_id=7,
            date=1_772_443_800,
        )
    return telegram.headers(_SECRET), body


def _vk(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    common: dict[str, Any] = {"event_id": f"e{number}", "group_id": 5, "secret": _SECRET, "date": 1_772_443_800}
    if number % 2:
        return {}, vk.message_callback(**common, message_id=number, from_id=1000 + number, text=text)
    return {}, vk.comment_callback(**common, comment_id=number + 1, post_id=3, from_id=1000 + number, text=text)


def _site(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    post = "" if number % 2 else "novyy-park"
    body = site.comment_submission(f"s{number}", text, name="Зоя", visitor=f"v{number}", post=post)
    return site.headers(_SECRET, body), body


def _reception(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    entry = Entry(entry_id=f"e{number}", way="phone", text=text, told_at=_AT, taken_by=1, name="Зоя")
    body = msgspec.json.encode(entry)
    return {SIGNATURE_HEADER: sign(_SECRET, body)}, body


def _instagram(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    if number % 2:
        body = instagram.message_webhook(account_id="17", mid=f"m{number}", text=text, user_id="42", at=1_772_443_800)
    else:
        body = instagram.comment_webhook(
            account_id="17",
            comment_id=str(number),
            text=text,
            user_id="42",
            username="zoya",
            media_id="179",
            sent_at=1_772_443_800,
        )
    return instagram.signature(_SECRET, body), body


def _max(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    who = max_payloads.Person(1000 + number, "Зоя")
    mid, at_ms = f"mid.{number:x}", 1_772_443_800_000
    if number % 2:
        where = {"chat_id": who.dialog, "chat_type": "dialog", "user_id": 1}
        said = max_payloads.message(mid, number, at_ms, where, text, sender=max_payloads.user(who))
        body = max_payloads.encode(max_payloads.update("message_created", at_ms, message=said))
    else:
        body = max_payloads.comment_update(
            mid=mid, seq=number, text=text, post="mid.post", chat_id=-773, at_ms=at_ms, who=who
        )
    return max_payloads.headers(_SECRET), body


def _ok(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    who = ok.Person(1000 + number, "Зоя")
    body = ok.message_hook(who, text, number=number, at_ms=1_772_443_800_000, with_kind=number % 2 == 0)
    return ok.HEADERS, ok.encode(body)


def _mail(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    charset = "koi8-r" if number % 4 == 1 else "utf-8"
    body = letter(text * _LETTER, message_id=f"<m{number}@mail.example>", charset=charset)
    return {PLACE_HEADER: f"1:{number + 1}", FOLDER_HEADER: "inbox"}, body


def _activitypub(number: int, text: str) -> tuple[Mapping[str, str], bytes]:
    who = fediverse.Person("https://mastodon.example", "zoya", "Зоя")
    us = "https://city.example/fediverse/mayor"
    public = [fediverse.PUBLIC]
    to, cc = ([us], []) if number % 2 else (public, [f"{who.id}/followers", us])
    said = fediverse.note(who, number, fediverse.html(text, us, "mayor"), to=to, cc=cc, mention=us, at=_AT.timestamp())
    body = fediverse.encode(fediverse.create(said))
    return signing.cavage(_INBOX, body, who.key_id, signing.shared_key(), at=_AT.timestamp()), body


def _knowing(connector: Connector) -> Connector:
    """Let the key be known: it is asked for once, whoever writes a thousand times."""
    who = fediverse.Person("https://mastodon.example", "zoya")
    known = {who.key_id: Key(who.id, signing.public_pem(signing.shared_key()))}
    return connector.knowing(known) if isinstance(connector, ActivityPub) else connector


_MAIL_SETTINGS = {
    "address": "city@yasnogorye.example",
    "imap_host": "127.0.0.1",
    "smtp_host": "127.0.0.1",
    "imap_security": "none",
    "smtp_security": "none",
}
_SAMPLES: Mapping[str, _Sample] = {
    "telegram": _Sample(
        {"channel_chat_id": "-1002", "discussion_chat_id": "-1001"},
        {"bot_token": "123456789:AAEbenchbenchbenchbenchbenchbenchbe", "webhook_secret": _SECRET},
        _telegram,
    ),
    "vk": _Sample({"group_id": "5"}, {"token": _SECRET, "callback_secret": _SECRET}, _vk),
    "site": _Sample({}, {"webhook_secret": _SECRET}, _site),
    "reception": _Sample({}, {"webhook_secret": _SECRET}, _reception),
    "instagram": _Sample(
        {"account_id": "17"}, {"token": _SECRET, "app_secret": _SECRET, "verify_token": _SECRET}, _instagram
    ),
    "max": _Sample({"channel_id": "-773"}, {"access_token": _SECRET, "webhook_secret": _SECRET}, _max),
    "ok": _Sample({"group_id": "5", "source_networks": "off"}, {"group_key": _SECRET}, _ok),
    "activitypub": _Sample({"username": "mayor"}, {"private_key": new_key()}, _activitypub, ready=_knowing),
    "email": _Sample(_MAIL_SETTINGS, {"password": _SECRET}, _mail, is_pushed=False),
}
