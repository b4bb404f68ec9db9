"""Instagram's other side, for tests and the demo: the Graph API over HTTP, an account with posts, people who write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec

from otklik.simulators.answering import Receive, Scope, Send, live, read_body, respond
from otklik.simulators.instagram.delivery import Deliveries
from otklik.simulators.instagram.edges import PUBLISHING, call, edge_of
from otklik.simulators.instagram.faults import Fault, Planned, Refusal
from otklik.simulators.instagram.town import Town
from otklik.simulators.planning import Plan, show

TOKEN_LIVES_S = 60 * 24 * 3600
RENEWED_AFTER_S = 24 * 3600
"""A younger token isn't renewed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was carried out, without its token."""

    method: str
    path: str
    params: Mapping[str, str]


class InstagramSimulator:
    """One account's Instagram. `asgi` is the app to serve.

    While it is served, webhooks are delivered in the background, unless `in_background` is off: then `deliver()` does.
    """

    def __init__(
        self,
        account_id: str,
        token: str,
        app_secret: str,
        *,
        username: str = "city",
        in_background: bool = True,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.time,
        client: Callable[[], httpx.AsyncClient] | None = None,
    ) -> None:
        self.in_background = in_background
        self.deliveries = Deliveries(clock, pause_s, client=client, app_secret=app_secret)
        self.town = Town(account_id, username, clock, self.deliveries)
        self.calls: list[Call] = []
        self.token, self.token_made_at = token, clock()
        self.token_ended = False
        self._faults: Plan[Planned] = Plan()

    @property
    def accepted(self) -> list[str]:
        """The texts that the API has published, oldest first: the proof that nothing was sent twice."""
        return self.town.published

    def fail_next(
        self,
        fault: Fault,
        times: int = 1,
        edges: Collection[str] = PUBLISHING,
        *,
        code: int = 0,
        subcode: int = 0,
        retry_after_s: int | None = None,
    ) -> None:
        """Play a fault on the next calls of these edges. `code`: Meta's own for REFUSED, else the HTTP status."""
        self._faults.add(Planned(fault, code, subcode, retry_after_s), lambda called: called in edges, times)

    async def deliver(self) -> int:
        """Try every waiting webhook once; return how many were taken."""
        return await self.deliveries.deliver()

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the Graph API: `/v24.0/<node>/<edge>`, and the renewal of tokens beside it."""
        if scope["type"] == "lifespan":
            await live(receive, send, self.deliveries.run if self.in_background else None)
            return
        body = await read_body(receive)
        params = _params(scope, body)
        token = params.pop("access_token", "") or _bearer(scope)
        path = scope["path"].strip("/")
        head, _, rest = path.partition("/")
        if path != "refresh_access_token" and not (head.startswith("v") and rest):
            await respond(send, 404, b"<html>404</html>")
            return
        await self._answer(Call(scope["method"], rest or path, params), token, receive, send)

    async def _answer(self, asked: Call, token: str, receive: Receive, send: Send) -> None:
        planned = self._faults.take(edge_of(asked.method, asked.path))
        status, answer = 200, None
        if planned is None or planned.fault.is_carried_out:
            status, answer = self._call(asked, token)
        if planned is None:
            await respond(send, status, msgspec.json.encode(answer))
        elif planned.fault is Fault.REFUSED:
            error = _error(Refusal(planned.code, "Refused to order", planned.subcode))
            await respond(send, 400, msgspec.json.encode(error))
        else:
            await show(planned.fault, b"", receive, send, status=planned.code or 502, wait_s=planned.retry_after_s)

    def _call(self, asked: Call, token: str) -> tuple[int, Any]:
        try:
            self._authorise(token)
            if asked.path == "refresh_access_token":
                found = self._renew(asked.params)
            else:
                found = call(self.town, asked.method, asked.path, asked.params)
        except Refusal as refusal:
            return refusal.status, _error(refusal)
        self.calls.append(asked)
        return 200, found

    def _authorise(self, token: str) -> None:
        if self.token_ended or token != self.token:
            raise Refusal(190, "Error validating access token: Session has expired", 463, 401)

    def _renew(self, params: Mapping[str, str]) -> dict[str, Any]:
        now = self.town.clock()
        if params.get("grant_type") != "ig_refresh_token" or now - self.token_made_at < RENEWED_AFTER_S:
            raise Refusal(100, "Invalid parameter: the token is too young or the grant is unknown")
        self.token, self.token_made_at = f"{self.token.partition('.')[0]}.{int(now)}", now
        return {"access_token": self.token, "token_type": "bearer", "expires_in": TOKEN_LIVES_S}


def _params(scope: Scope, body: bytes) -> dict[str, str]:
    params = dict(parse_qsl(scope["query_string"].decode()))
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if kind.startswith(b"application/json"):
        told = msgspec.json.decode(body, type=dict[str, Any])
        return params | {name: one if isinstance(one, str) else json.dumps(one) for name, one in told.items()}
    return params | dict(parse_qsl(body.decode()))


def _bearer(scope: Scope) -> str:
    shown: str = dict(scope["headers"]).get(b"authorization", b"").decode()
    return shown.removeprefix("Bearer ")


def _error(refusal: Refusal) -> dict[str, Any]:
    error = {
        "message": refusal.words,
        "type": "OAuthException",
        "code": refusal.code,
        "error_subcode": refusal.subcode,
        "fbtrace_id": "Atest",
    }
    return {"error": error}
