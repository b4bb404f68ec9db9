"""Odnoklassniki's other side, for tests and the demo: the bot's graph and the signed methods over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl

import msgspec

from otklik.simulators.answering import Receive, Scope, Send, live, read_body, respond
from otklik.simulators.ok.delivery import Deliveries
from otklik.simulators.ok.faults import REFUSALS, Fault, Refusal
from otklik.simulators.ok.methods import PUBLISHING, REST, send_message, signed, subscribe, subscriptions
from otklik.simulators.ok.payloads import Json, Person
from otklik.simulators.ok.town import Accepted, Town
from otklik.simulators.planning import Plan, show

_MESSAGES = re.compile(r"/graph/(chat:[\w.=-]+)/messages")


class OkSimulator:
    """One group's Odnoklassniki. `asgi` is the app to serve; `town` is what people do there.

    While it is served, webhooks are delivered in the background; with `in_background` off, `deliver()` does it.
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
        self.deliveries = Deliveries(clock)
        self.town = Town(Person(group_id, title), clock, self.deliveries)
        self.calls: list[str] = []
        self._faults: Plan[Fault] = Plan()

    @property
    def accepted(self) -> list[Accepted]:
        """What was published through us, oldest first: the proof that nothing was sent twice."""
        return self.town.accepted

    def fail_next(self, fault: Fault, times: int = 1, doing: str = "publish") -> None:
        """Play a fault on the next calls: of those that publish, or on any other ("look")."""
        self._faults.add(fault, lambda called: called == doing, times)

    def forget_faults(self) -> None:
        """Play no more of them."""
        self._faults.forget()

    async def deliver(self) -> int:
        """Try every waiting webhook once; return how many were taken."""
        return await self.deliveries.deliver()

    @property
    def asgi(self) -> Self:
        """Return the app to serve: the simulator itself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve both sorts of methods."""
        if scope["type"] == "lifespan":
            await live(receive, send, self.deliveries.run if self.in_background else None)
            return
        body = await read_body(receive)
        fault: Fault | None = None
        try:
            doing, does = self._routed(scope, body)
            fault = _not_refused(self._faults.take(doing))
            answer = does() if fault is None or fault.is_carried_out else {}
        except Refusal as refusal:
            problem = {"error_code": refusal.code or None, "error_msg": refusal.words, "error_data": None}
            await respond(send, refusal.status, msgspec.json.encode(problem), retry_after_s=refusal.retry_after_s)
            return
        await show(fault, msgspec.json.encode(answer), receive, send)

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


def _not_refused(fault: Fault | None) -> Fault | None:
    """Return what is planned for a call. Raises Refusal where the plan is to refuse."""
    if fault in REFUSALS:
        raise REFUSALS[fault]
    return fault
