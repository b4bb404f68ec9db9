"""VK's other side, for tests and the demo: the API over HTTP, a community with a wall, people who write."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec

from otklik.simulators.answering import Receive, Scope, Send, base_url_of, live, read_body, respond
from otklik.simulators.planning import Plan, show
from otklik.simulators.vk.delivery import Deliveries
from otklik.simulators.vk.faults import Fault, Planned, Refusal
from otklik.simulators.vk.methods import LONG_POLL, PERSONS_ONLY, PUBLISHING, call
from otklik.simulators.vk.town import Comment, Message, Person, Post, Town

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
        self.deliveries = Deliveries(clock, pause_s, client=client, group_id=group_id)
        self.town = Town(group_id, name, clock, self.deliveries)
        self.calls: list[Call] = []
        self._token, self._user_token = token, user_token
        self._faults: Plan[Planned] = Plan()

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
        self._faults.add(Planned(fault, code, retry_after_s), lambda called: called in methods, times)

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
            await live(receive, send, self.deliveries.run if self.in_background else None)
            return
        body = await read_body(receive)
        self.town.base_url = base_url_of(scope)
        if scope["method"] == "POST" and scope["path"] in UPLOADS:
            await self._take_upload(scope, body, receive, send)
            return
        if scope["path"] == LONG_POLL:
            asked = dict(parse_qsl(scope["query_string"].decode()))
            answer = self.deliveries.long_poll.answer(asked.get("key", ""), asked.get("ts", ""))
            await respond(send, 200, msgspec.json.encode(answer))
            return
        method = scope["path"].removeprefix("/method/")
        if scope["method"] != "POST" or method == scope["path"]:
            await respond(send, 404, b"<html>404</html>")
            return
        pairs = [*parse_qsl(scope["query_string"].decode()), *parse_qsl(body.decode())]
        await self._answer(method, dict(pairs), receive, send)

    async def _take_upload(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        planned = self._faults.take("upload")
        if planned is not None:
            await show(planned.fault, b"", receive, send, status=planned.code or 502)
            return
        kind = dict(scope["headers"]).get(b"content-type", b"")
        place = scope["path"].rpartition("/")[2]
        await respond(send, 200, self.town.album.take(place, kind, body))

    async def _answer(self, method: str, params: dict[str, str], receive: Receive, send: Send) -> None:
        planned = self._faults.take(method)
        answer: dict[str, Any] = {}
        if planned is None or planned.fault.is_carried_out:
            answer = self._call(method, params)
        if planned is None:
            await respond(send, 200, msgspec.json.encode(answer))
        elif planned.fault is Fault.REFUSED:
            error = _error(Refusal(planned.code, "Refused to order"), method, params)
            await respond(send, 200, msgspec.json.encode(error))
        else:
            await show(planned.fault, b"", receive, send, status=planned.code or 502, wait_s=planned.retry_after_s)

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


def _error(refusal: Refusal, method: str, params: Mapping[str, str]) -> dict[str, Any]:
    asked = [{"key": "method", "value": method}, *({"key": key, "value": value} for key, value in params.items())]
    shown = [pair for pair in asked if pair["key"] != "access_token"]
    return {"error": {"error_code": refusal.code, "error_msg": refusal.words, "request_params": shown}}
