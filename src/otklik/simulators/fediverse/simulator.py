"""A remote server of the fediverse, for tests and the demo: people who follow, write, like; an inbox that checks us."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Self

import httpx
import msgspec

from otklik.simulators.fediverse import payloads, signing
from otklik.simulators.fediverse.faults import STATUS, WAIT_S, Fault
from otklik.simulators.fediverse.payloads import Json, Person
from otklik.simulators.fediverse.people import People

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_SILENCE_S = 30.0
_MENTION = re.compile(r'<span class="h-card">.*?</span></a></span> ?')


@dataclass(frozen=True, slots=True)
class Accepted:
    """One activity of ours that came, the first time."""

    inbox: str
    activity: Json

    @property
    def id(self) -> str:
        """The activity's id."""
        return str(self.activity["id"])

    @property
    def text(self) -> str:
        """The words as people here see them."""
        return words_of(self.activity["object"])


def words_of(thing: Json) -> str:
    """Return a note's words without its markup and without whom it is for."""
    plain = re.sub(r"</p><p>", "\n\n", _MENTION.sub("", str(thing.get("content", ""))))
    return unescape(re.sub(r"<[^>]+>", "", plain.replace("<br>", "\n")))


@dataclass
class FediverseSimulator:
    """One server. `asgi` is the app to serve; `people` do things, which `deliver()` (or a task) brings to us.

    `pem_of` gives the key that our requests must be signed by, read from our actor's page where it isn't set.
    """

    in_background: bool = True
    pause_s: float = 1.0
    clock: Callable[[], float] = time.time
    base_url: str = "http://127.0.0.1:9"
    accepted: list[Accepted] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    _faults: deque[Fault] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.people = People(self)

    @property
    def asgi(self) -> Self:
        """Return the app to serve: the simulator itself."""
        return self

    def fail_next(self, fault: Fault, times: int = 1) -> None:
        """Play a fault on the next activities that come."""
        self._faults.extend([fault] * times)

    def forget_faults(self) -> None:
        """Play no more of them."""
        self._faults.clear()

    def shown(self, address: str) -> str:
        """Return what people here read at an address of ours: the newest words."""
        told = [one for one in self.accepted if isinstance(one.activity["object"], dict)]
        return [one.text for one in told if one.activity["object"].get("id") == address][-1]

    def taken(self, kind: str) -> list[Json]:
        """Return the activities of one type that came, in order."""
        return [one.activity for one in self.accepted if one.activity["type"] == kind]

    async def deliver(self) -> int:
        """Bring what people did to us, once each; return how many were taken."""
        return await self.people.deliver()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve people's pages and their inboxes."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        host, port = scope["server"]
        root = scope.get("root_path", "")
        self.base_url = f"{scope['scheme']}://{host}:{port}{root}"
        path, method = scope["path"], scope["method"]
        self.calls.append((method, path))
        body = await _body(receive)
        if method == "POST" and path.endswith("/inbox"):
            await self._take(scope, f"{root}{path}", body, receive, send)
        elif (found := self.people.page(path)) is not None:
            await _respond(send, 200, payloads.encode(found), kind=b"application/activity+json; charset=utf-8")
        else:
            await _respond(send, 404, b"")

    async def _take(self, scope: Scope, target: str, body: bytes, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        fault = self._faults.popleft() if self._faults else None
        if fault is None or fault.is_taken:
            pem = await self._pem(signing.key_id_in(headers))
            if not pem or not signing.is_genuine("POST", target, headers, body, pem):
                self.refused += 1
                await _respond(send, 401, b"Request not signed")
                return
            self._keep(target, msgspec.json.decode(body))
        if fault is not None and fault.is_silence:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_SILENCE_S):
                    while (await receive())["type"] != "http.disconnect":
                        pass
            return
        wait = ((b"retry-after", str(WAIT_S).encode()),) if fault is Fault.TOO_MANY else ()
        await _respond(send, STATUS[fault] if fault is not None else 202, b"", headers=wait)

    def _keep(self, inbox: str, activity: Json) -> None:
        """Take an activity once, whatever comes again: by its id, as every server does."""
        if activity["id"] not in {one.id for one in self.accepted}:
            self.accepted.append(Accepted(inbox, activity))

    async def _pem(self, key_id: str) -> str:
        """Return the key of whoever signs, from their own page."""
        if key_id not in self.keys and key_id:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                answer = await client.get(key_id.partition("#")[0], headers={"accept": "application/activity+json"})
            if answer.is_success:
                self.keys[key_id] = answer.json()["publicKey"]["publicKeyPem"]
        return self.keys.get(key_id, "")

    async def _live(self, receive: Receive, send: Send) -> None:
        delivering: asyncio.Task[None] | None = None
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                delivering = asyncio.create_task(self.people.run()) if self.in_background else None
                await send({"type": "lifespan.startup.complete"})
            else:
                if delivering is not None:
                    delivering.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await delivering
                await send({"type": "lifespan.shutdown.complete"})
                return

    def person(self, username: str, name: str = "") -> Person:
        """Return somebody with an account here; they get one if they haven't."""
        return self.people.person(username, name)


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(chunks)


async def _respond(
    send: Send,
    status: int,
    body: bytes,
    *,
    kind: bytes = b"text/plain",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind), *headers]})
    await send({"type": "http.response.body", "body": body})
