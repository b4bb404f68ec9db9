"""MAX's other side, for tests and the demo: the Bot API over HTTP, a channel with comments, people who write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl

import msgspec

from otklik.simulators.answering import Receive, Scope, Send, base_url_of, live, read_body, respond
from otklik.simulators.max.delivery import Deliveries
from otklik.simulators.max.faults import REFUSALS, Fault, Refusal
from otklik.simulators.max.methods import ROUTES, Call
from otklik.simulators.max.payloads import Json, Person
from otklik.simulators.max.town import Accepted, Town
from otklik.simulators.multipart import is_jpeg, is_multipart, read_form
from otklik.simulators.planning import Plan, show

LARGEST_PHOTO = 50_000_000


class MaxSimulator:
    """One bot's MAX. `asgi` is the app to serve; `town` is what people do there.

    While it is served, updates are delivered in the background; with `in_background` off, `deliver()` does it.
    """

    def __init__(
        self,
        token: str,
        channel_id: int,
        *,
        title: str = "Город",
        in_background: bool = True,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.in_background = in_background
        self.deliveries = Deliveries(clock, pause_s)
        bot = Person(900_000_001, "Отклик", username="otklik_bot")
        self.town = Town(bot, channel_id, title, self.deliveries, clock)
        self._faults: Plan[Fault] = Plan()

    @property
    def accepted(self) -> list[Accepted]:
        """What the bot has published, oldest first: the proof that nothing was sent twice."""
        return self.town.accepted

    def fail_next(self, fault: Fault, times: int = 1, doing: str = "publish") -> None:
        """Play a fault on the next calls of one sort: publish, edit, read, upload, subscribe, look, delete."""
        self._faults.add(fault, lambda called: called == doing, times)

    def forget_faults(self) -> None:
        """Play no more of them."""
        self._faults.forget()

    async def deliver(self) -> int:
        """Try every waiting update once; return how many were taken."""
        return await self.deliveries.deliver()

    @property
    def asgi(self) -> Self:
        """Return the app to serve: the simulator itself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the Bot API."""
        if scope["type"] == "lifespan":
            await live(receive, send, self.deliveries.run if self.in_background else None)
            return
        self.town.base_url = base_url_of(scope)
        path, body = scope["path"], await read_body(receive)
        if path == "/uploads/here":
            await self._take_file(scope, body, receive, send)
        elif path.startswith("/i/"):
            found = self.town.files.get(path.removeprefix("/i/"))
            await respond(send, 200 if found is not None else 404, found or b"", kind=b"image/jpeg")
        else:
            await self._answer(scope, body, receive, send)

    async def _answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        fault: Fault | None = None
        try:
            self._authorise(scope)
            doing, does, call = _routed(scope, body)
            fault = _not_refused(self._faults.take(doing))
            answer = does(self.town, call) if fault is None or fault.is_carried_out else {}
        except Refusal as refusal:
            problem = msgspec.json.encode({"code": refusal.code, "message": refusal.words})
            await respond(send, refusal.status, problem, retry_after_s=refusal.retry_after_s)
            return
        await show(fault, msgspec.json.encode(answer), receive, send)

    async def _take_file(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        kind = dict(scope["headers"]).get(b"content-type", b"")
        form = read_form(kind, body) if is_multipart(kind) else None
        file = form.files.get("data") if form is not None else None
        if file is None or not is_jpeg(file.content) or len(file.content) > LARGEST_PHOTO:
            await respond(send, 400, b'{"error_code":4,"error_data":"BAD_REQUEST"}')
            return
        token = self.town.keep(file.content)
        answer = {"photos": {f"p{token}": {"token": token}}}
        await show(self._faults.take("file"), msgspec.json.encode(answer), receive, send)

    def _authorise(self, scope: Scope) -> None:
        if dict(scope["headers"]).get(b"authorization", b"") != self.token.encode():
            raise Refusal(401, "verify.token", "Invalid access_token")


def _routed(scope: Scope, body: bytes) -> tuple[str, Callable[[Town, Call], Json], Call]:
    for method, address, doing, does in ROUTES:
        found = address.fullmatch(scope["path"]) if scope["method"] == method else None
        if found is None:
            continue
        try:
            said = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
        except msgspec.DecodeError as error:
            raise Refusal(400, "proto.payload", "The body is no JSON") from error
        return doing, does, Call(found.groups(), dict(parse_qsl(scope["query_string"].decode())), said)
    raise Refusal(404, "not.found", "Unknown method")


def _not_refused(fault: Fault | None) -> Fault | None:
    """Return what is planned for a call. Raises Refusal where the plan is to refuse."""
    if fault in REFUSALS:
        raise REFUSALS[fault]
    return fault
