"""VK's other side, for tests and the demo: the API over HTTP, a community with a wall, people who write."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec

from otklik.simulators.vk.delivery import Deliveries
from otklik.simulators.vk.faults import Fault, Planned, Refusal
from otklik.simulators.vk.methods import LONG_POLL, PERSONS_ONLY, PUBLISHING, call
from otklik.simulators.vk.town import Comment, Message, Person, Post, Town

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_SILENCE_S = 30.0
UPLOADS = frozenset({"/upload/wall", "/upload/messages"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method that was carried out, without its token."""

    method: str
    params: Mapping[str, str]


class VkSimulator:
    """One community's VK. `asgi` is the app to serve; what people do are coroutines that also deliver the callbacks.

    `token` is the community's, `user_token` an administrator's. While it is served, callbacks that were refused or
    that the API caused are delivered in the background, unless `in_background` is off: then `deliver()` does it.
    """

    def __init__(
        self,
        group_id: int,
        token: str,
        user_token: str = "",
        *,
        name: str = "Город",
        in_background: bool = True,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.time,
        client: Callable[[], httpx.AsyncClient] | None = None,
    ) -> None:
        self.in_background = in_background
        self.deliveries = Deliveries(group_id, clock, pause_s, client=client)
        self.town = Town(group_id, name, clock, self.deliveries)
        self.calls: list[Call] = []
        self._token, self._user_token = token, user_token
        self._faults: deque[Planned] = deque()

    @property
    def accepted(self) -> list[str]:
        """The texts that the API has published, oldest first: the proof that nothing was sent twice."""
        return self.town.published

    @property
    def accepted_photos(self) -> list[tuple[bytes, ...]]:
        """The photos that were published with each of those texts; none with most."""
        return [self.town.pictured.get(number, ()) for number in range(len(self.town.published))]

    def fail_next(
        self,
        fault: Fault,
        times: int = 1,
        methods: Collection[str] = PUBLISHING,
        *,
        code: int = 0,
        retry_after_s: int | None = None,
    ) -> None:
        """Play a fault on the next calls of these methods. `code`: VK's own for REFUSED, else the HTTP status."""
        self._faults.extend([Planned(fault, methods, code, retry_after_s)] * times)

    async def deliver(self) -> int:
        """Try every waiting callback once; return how many were taken."""
        return await self.deliveries.deliver()

    async def post(self, text: str) -> Post:
        """Publish a post in the community's name, as in VK's own application."""
        made = self.town.publish(text, self.town.owner_id)
        await self.deliver()
        return made

    async def comment(self, post_id: int, user: Person, text: str, reply_to: int | None = None) -> Comment:
        """Comment under a post, or answer another comment there. Raises Refusal as VK would."""
        made = self.town.comment(post_id, self.town.meet(user), text, reply_to)
        await self.deliver()
        return made

    async def official_comment(self, post_id: int, text: str, reply_to: int | None = None) -> Comment:
        """Answer under a post in VK's own application, as the community."""
        made = self.town.comment(post_id, self.town.owner_id, text, reply_to)
        await self.deliver()
        return made

    async def direct_message(self, user: Person, text: str) -> Message:
        """Write to the community; from now on it may answer."""
        made = self.town.write(self.town.meet(user), text)
        await self.deliver()
        return made

    async def official_message(self, user: Person, text: str, admin_id: int = 1) -> Message:
        """Answer a person in VK's own application, as one of the community's staff."""
        made = self.town.answer(self.town.meet(user), text, admin_id=admin_id)
        await self.deliver()
        return made

    async def edit(self, comment_id: int, text: str) -> None:
        """Change the words of a comment."""
        self.town.edit_comment(comment_id, text)
        await self.deliver()

    async def delete(self, comment_id: int, by: int | None = None) -> None:
        """Delete a comment: its author does, or whoever `by` is."""
        self.town.delete_comment(comment_id, by)
        await self.deliver()

    async def restore(self, comment_id: int) -> None:
        """Bring a deleted comment back."""
        self.town.restore_comment(comment_id)
        await self.deliver()

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve `POST /method/<name>`."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = await _body(receive)
        self.town.base_url = _base_url(scope)
        if scope["method"] == "POST" and scope["path"] in UPLOADS:
            await self._take_upload(scope, body, receive, send)
            return
        if scope["path"] == LONG_POLL:
            asked = dict(parse_qsl(scope["query_string"].decode()))
            answer = self.deliveries.long_poll.answer(asked.get("key", ""), asked.get("ts", ""))
            await _respond(send, 200, msgspec.json.encode(answer))
            return
        method = scope["path"].removeprefix("/method/")
        if scope["method"] != "POST" or method == scope["path"]:
            await _respond(send, 404, b"<html>404</html>")
            return
        pairs = [*parse_qsl(scope["query_string"].decode()), *parse_qsl(body.decode())]
        await self._answer(method, dict(pairs), receive, send)

    async def _take_upload(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        planned = self._take_fault("upload")
        if planned is not None and planned.fault.is_silence:
            await _wait_for_hanging_up(receive)
        elif planned is not None:
            await _respond(send, planned.code or 502, b"<html>502</html>")
        else:
            kind = dict(scope["headers"]).get(b"content-type", b"")
            place = scope["path"].rpartition("/")[2]
            await _respond(send, 200, self.town.album.take(place, kind, body))

    async def _answer(self, method: str, params: dict[str, str], receive: Receive, send: Send) -> None:
        planned = self._take_fault(method)
        answer: dict[str, Any] = {}
        if planned is None or planned.fault.is_carried_out:
            answer = self._call(method, params)
        if planned is None:
            await _respond(send, 200, msgspec.json.encode(answer))
        elif planned.fault.is_silence:
            await _wait_for_hanging_up(receive)
        elif planned.fault is Fault.REFUSED:
            error = _error(Refusal(planned.code, "Refused to order"), method, params)
            await _respond(send, 200, msgspec.json.encode(error))
        elif planned.fault is Fault.BROKEN_REPLY:
            await _respond(send, 200, b"<html>")
        else:
            await _respond(send, planned.code or 502, b"<html>502</html>", retry_after_s=planned.retry_after_s)

    def _call(self, method: str, params: dict[str, str]) -> dict[str, Any]:
        shown = {name: value for name, value in params.items() if name != "access_token"}
        try:
            self._authorise(method, params.get("access_token", ""), shown)
            found = call(self.town, method, shown)
        except Refusal as refusal:
            return _error(refusal, method, shown)
        self.calls.append(Call(method, shown))
        return {"response": found}

    def _authorise(self, method: str, token: str, params: Mapping[str, str]) -> None:
        if not params.get("v"):
            raise Refusal(8, "Invalid request: v (version) is required")
        if token and token == self._user_token:
            return
        if not token or token != self._token:
            raise Refusal(5, "User authorization failed: invalid access_token (4).")
        if method in PERSONS_ONLY:
            raise Refusal(27, "Group authorization failed: method is unavailable with group auth.")

    def _take_fault(self, method: str) -> Planned | None:
        for planned in self._faults:
            if method in planned.methods:
                self._faults.remove(planned)
                return planned
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        delivering: asyncio.Task[None] | None = None
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                delivering = asyncio.create_task(self.deliveries.run()) if self.in_background else None
                await send({"type": "lifespan.startup.complete"})
            else:
                if delivering is not None:
                    delivering.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await delivering
                await send({"type": "lifespan.shutdown.complete"})
                return


def _base_url(scope: Scope) -> str:
    host, port = scope["server"]
    return f"{scope['scheme']}://{host}:{port}"


def _error(refusal: Refusal, method: str, params: Mapping[str, str]) -> dict[str, Any]:
    asked = [{"key": "method", "value": method}, *({"key": key, "value": value} for key, value in params.items())]
    shown = [pair for pair in asked if pair["key"] != "access_token"]
    return {"error": {"error_code": refusal.code, "error_msg": refusal.words, "request_params": shown}}


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(chunks)


async def _wait_for_hanging_up(receive: Receive) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_SILENCE_S):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _respond(send: Send, status: int, body: bytes, *, retry_after_s: int | None = None) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
