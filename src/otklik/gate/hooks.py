"""The networks' door: verify over the raw bytes, store, commit, 200. Nothing else happens inside the request."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from django.db import Error, connection

from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.enums import SecurityEventKind
from otklik.channels.models import Channel
from otklik.channels.services.holding import Queue, queue_of
from otklik.channels.services.receiving import Arrival
from otklik.common.clock import now
from otklik.common.vault import WrongKey
from otklik.connectors.base import AnswersChallenge, Claim, Connector, NotAuthentic, ProvenByKey
from otklik.connectors.events import Webhook
from otklik.gate.committing import Committer, NotStored, Overloaded
from otklik.gate.http import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    headers_of,
    read_body,
    remote_of,
    respond,
    respond_too_slow,
)

log = logging.getLogger(__name__)

MAX_BODY = 8 * 1024 * 1024
"""The largest payload a network may send; real ones are a few kilobytes."""
REFRESH_S = 2.0
UNKNOWN_REFRESH_S = 0.5
"""A token we don't know makes us look again this often at most: guessing tokens must not load the database."""
MAX_UNPROVEN_BODY = 256 * 1024
"""The largest payload that is kept before anybody is proved to have sent it."""
_KEPT_HEADERS = ("content-type", "user-agent", "x-retry-counter")
"""What a payload keeps of its headers: never the ones that carry a secret."""


@dataclass(frozen=True, slots=True)
class Door:
    """One channel's webhook address, ready to verify."""

    municipality_id: int
    channel_id: int
    revision: int
    connector: Connector
    secrets: tuple[bytes, ...]
    by_key: ProvenByKey | None = None
    """The connector, where whoever signs has to be asked for the key first: the worker does that."""
    queue: Queue = field(default_factory=Queue)
    """What waits there for its proof."""

    def claim(self, hook: Webhook) -> Claim | None:
        """Return whose signature is to be proved later; None where it is proved now. Raises NotAuthentic."""
        if self.by_key is not None:
            return self.by_key.claim(hook)
        self.connector.verify(hook)
        return None

    @property
    def largest(self) -> int:
        """The largest payload that is taken here."""
        return MAX_BODY if self.by_key is None else MAX_UNPROVEN_BODY

    def without_secrets(self, body: bytes) -> bytes:
        """Return the body as it may be kept: some networks put the shared secret into it."""
        for secret in self.secrets:
            if secret in body:
                body = body.replace(secret, b"[secret]")
        return body


class Doors:
    """The channels by their webhook's token; read again every two seconds, and when a token is new."""

    def __init__(self) -> None:
        self._doors: dict[str, Door] = {}
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doors")

    async def find(self, token: str) -> Door | None:
        """Return the door of a token, None if there is none. A new channel's token is known within half a second."""
        age = time.monotonic() - self._read_at
        if age > REFRESH_S or (token not in self._doors and age > UNKNOWN_REFRESH_S):
            await self.refresh()
        return self._doors.get(token)

    async def refresh(self) -> None:
        """Read the channels again, once for all who wait; if the database doesn't answer, all stays as it was."""
        asked_at = time.monotonic()
        async with self._reading:
            if self._read_at < asked_at:
                loop = asyncio.get_running_loop()
                self._doors = await loop.run_in_executor(self._thread, _read_doors, self._doors)
                self._read_at = time.monotonic()

    async def close(self) -> None:
        """Give back the thread and its connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, _give_back_connection)
        self._thread.shutdown()


def _give_back_connection() -> None:
    """Close this thread's own connection: `connection` means another one in every thread."""
    connection.close()


def _read_doors(known: dict[str, Door]) -> dict[str, Door]:
    doors: dict[str, Door] = {}
    try:
        # Those switched off too: what a network tells meanwhile would otherwise be lost.
        for channel in Channel.objects.all():
            door = known.get(channel.hook_token)
            if door is None or door.revision != channel.revision:
                door = _door(channel)
            if door is not None and door.by_key is not None:
                door = replace(door, queue=queue_of(channel.pk))
            if door is not None:
                doors[channel.hook_token] = door
    except Error:
        log.exception("cannot read the channels; going on with those known")
        connection.close()
        return known
    return doors


def _door(channel: Channel) -> Door | None:
    try:
        secrets = tuple(value.encode() for value in secrets_of(channel).values() if len(value) >= 8)
        connector = connector_of(channel)
    except (ValueError, WrongKey) as error:
        log.error("channel %s is closed: %s", channel.name, error)
        return None
    by_key = connector if isinstance(connector, ProvenByKey) else None
    return Door(channel.municipality_id, channel.pk, channel.revision, connector, secrets, by_key)


class Hooks:
    """The ASGI application of /hooks/<token>."""

    def __init__(self, committer: Committer, *, behind_proxy: bool) -> None:
        self._committer = committer
        self._behind_proxy = behind_proxy
        self._doors = Doors()

    async def close(self) -> None:
        """Stop reading the channels."""
        await self._doors.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one webhook."""
        door = await self._doors.find(scope["path"][len("/hooks/") :].strip("/"))
        if door is None:
            return await respond(send, 404, b"no such channel")
        if scope["method"] == "GET" and isinstance(door.connector, AnswersChallenge):
            return await self._answer_challenge(door, door.connector, scope, send)
        if scope["method"] != "POST":
            return await respond(send, 405, b"POST only", headers=((b"allow", b"POST"),))
        received_at, headers = now(), headers_of(scope)
        try:
            body = await read_body(headers, receive, door.largest)
        except BodyTooLarge:
            self._committer.refuse(door.municipality_id, door.channel_id, SecurityEventKind.OVERSIZED, received_at)
            return await respond(send, 413, b"too large")
        except BodyTooSlow:
            return await respond_too_slow(send)
        except ClientGone:
            return None
        remote, _ = remote_of(scope, headers, behind_proxy=self._behind_proxy)
        hook = Webhook(headers, body, received_at, remote=remote, target=_target_of(scope))
        try:
            claim = door.claim(hook)
        except NotAuthentic:
            self._committer.refuse(door.municipality_id, door.channel_id, SecurityEventKind.FORGED, received_at)
            return await respond(send, 403, b"not authentic")
        try:
            await self._store(door, hook, claim)
        except (Overloaded, NotStored):
            return await respond(send, 503, b"come again", headers=((b"retry-after", b"5"),))
        reply = door.connector.acknowledge(hook)
        await respond(send, reply.status, reply.body, reply.content_type.encode())
        return None

    async def _store(self, door: Door, hook: Webhook, claim: Claim | None) -> None:
        """Return when it is on disk. Raises Overloaded, NotStored."""
        if claim is not None and door.queue.is_full_for(hook.remote):
            raise Overloaded
        await self._committer.store(_arrival(door, hook, claim))

    async def _answer_challenge(self, door: Door, connector: AnswersChallenge, scope: Scope, send: Send) -> None:
        """Prove to the network that the address is ours; who doesn't show its word is refused and counted."""
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        try:
            reply = connector.challenge(asked)
        except NotAuthentic:
            self._committer.refuse(door.municipality_id, door.channel_id, SecurityEventKind.FORGED, now())
            return await respond(send, 403, b"not authentic")
        kept_plain = ((b"x-content-type-options", b"nosniff"),)
        return await respond(send, reply.status, reply.body, reply.content_type.encode(), headers=kept_plain)


def _target_of(scope: Scope) -> str:
    """Return the path with its query as it stood in the request: signatures cover it so."""
    path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _arrival(door: Door, hook: Webhook, claim: Claim | None = None) -> Arrival:
    return Arrival(
        municipality_id=door.municipality_id,
        channel_id=door.channel_id,
        dedup_key=door.connector.delivery_key(hook),
        body=door.without_secrets(hook.body),
        received_at=hook.received_at,
        headers={name: hook.headers[name] for name in _KEPT_HEADERS if name in hook.headers},
        claim=claim,
        remote=hook.remote,
    )
