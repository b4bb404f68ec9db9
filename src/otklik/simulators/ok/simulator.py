"""Odnoklassniki's other side, for tests and the demo: the bot's graph and the signed methods over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Self
from urllib.parse import parse_qsl

import msgspec

from otklik.simulators.ok.faults import REFUSALS, Fault, Refusal
from otklik.simulators.ok.methods import PUBLISHING, REST, send_message, signed, subscribe, subscriptions
from otklik.simulators.ok.payloads import Json, Person
from otklik.simulators.ok.town import Accepted, Town

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_SILENCE_S = 30.0
_MESSAGES = re.compile(r"/graph/(chat:[\w.=-]+)/messages")


class OkSimulator:
    """One group's Odnoklassniki. `asgi` is the app to serve; `town` is what people do there.

    While it is served, webhooks are delivered in the background; with `in_background` off, `town.deliver()` does it.
    """

    def __init__(
        self,
        group_id: int,
        group_key: str,
        *,
        application_key: str = "",
        access_token: str = "",
        application_secret: str = "",
        title: str = "Город",
        in_background: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.group_key = group_key
        self.application_key = application_key
        self.access_token = access_token
        self.application_secret = application_secret
        self.in_background = in_background
        self.town = Town(Person(group_id, title), clock)
        self.calls: list[str] = []
        self._faults: deque[tuple[str, Fault]] = deque()

    @property
    def accepted(self) -> list[Accepted]:
        """What was published through us, oldest first: the proof that nothing was sent twice."""
        return self.town.accepted

    def fail_next(self, fault: Fault, times: int = 1, doing: str = "publish") -> None:
        """Play a fault on the next calls: of those that publish, or on any other ("look")."""
        self._faults.extend([(doing, fault)] * times)

    def forget_faults(self) -> None:
        """Play no more of them."""
        self._faults.clear()

    @property
    def asgi(self) -> Self:
        """Return the app to serve: the simulator itself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve both sorts of methods."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = await _body(receive)
        fault: Fault | None = None
        try:
            doing, does = self._routed(scope, body)
            fault = self._take_fault(doing)
            answer = does() if fault is None or fault.is_carried_out else {}
        except Refusal as refusal:
            problem = {"error_code": refusal.code or None, "error_msg": refusal.words, "error_data": None}
            await _respond(send, refusal.status, msgspec.json.encode(problem), retry_after_s=refusal.retry_after_s)
            return
        await _finish(fault, msgspec.json.encode(answer), receive, send)

    def _routed(self, scope: Scope, body: bytes) -> tuple[str, Callable[[], Any]]:
        if scope["path"] == "/fb.do":
            return self._rest(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        query = dict(parse_qsl(scope["query_string"].decode()))
        if query.get("access_token") != self.group_key:
            raise Refusal(0, "errors.access.token", status=401)
        said: Json = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
        found = _MESSAGES.fullmatch(scope["path"])
        if found is not None and scope["method"] == "POST":
            return "publish", lambda: send_message(self.town, found[1], said)
        if scope["path"] == "/graph/me/subscribe" and scope["method"] == "POST":
            return "look", lambda: subscribe(self.town, said)
        if scope["path"] == "/graph/me/subscriptions":
            return "look", lambda: subscriptions(self.town)
        raise Refusal(3, "METHOD : unknown", status=404)

    def _rest(self, params: dict[str, str]) -> tuple[str, Callable[[], Any]]:
        method = params.get("method", "")
        self.calls.append(method)
        if params.get("application_key") != self.application_key:
            raise Refusal(101, "PARAM_API_KEY : No application key")
        if params.get("access_token") != self.access_token:
            raise Refusal(103, "PARAM_SESSION_KEY : Invalid session key")
        if params.get("sig") != signed(params, self.access_token, self.application_secret):
            raise Refusal(104, "PARAM_SIGNATURE : Invalid signature")
        if method not in REST:
            raise Refusal(3, "METHOD : unknown")
        return "publish" if method in PUBLISHING else "look", lambda: REST[method](self.town, params)

    def _take_fault(self, doing: str) -> Fault | None:
        """Return what is planned for this call. Raises Refusal where the plan is to refuse."""
        for planned in self._faults:
            if planned[0] == doing:
                self._faults.remove(planned)
                if planned[1] in REFUSALS:
                    raise REFUSALS[planned[1]]
                return planned[1]
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        delivering: asyncio.Task[None] | None = None
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                delivering = asyncio.create_task(self.town.run()) if self.in_background else None
                await send({"type": "lifespan.startup.complete"})
            else:
                if delivering is not None:
                    delivering.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await delivering
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _finish(fault: Fault | None, answer: bytes, receive: Receive, send: Send) -> None:
    if fault is None:
        await _respond(send, 200, answer)
    elif fault.is_silence:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SILENCE_S):
                while (await receive())["type"] != "http.disconnect":
                    pass
    elif fault is Fault.BROKEN_REPLY:
        await _respond(send, 200, b"<html>")
    else:
        await _respond(send, 502, b"<html>502 Bad Gateway</html>")


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(chunks)


async def _respond(send: Send, status: int, body: bytes, *, retry_after_s: int | None = None) -> None:
    headers = [(b"content-type", b"application/json;charset=utf-8")]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
