"""Telegram's other side, for tests and the demo: the Bot API over HTTP, a channel with comments, people who write."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl

import msgspec

from otklik.simulators.answering import Receive, Scope, Send, live, read_body, respond
from otklik.simulators.multipart import is_multipart, read_form
from otklik.simulators.planning import Plan, show
from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.delivery import Deliveries
from otklik.simulators.telegram.faults import REFUSALS, ApiError, Fault
from otklik.simulators.telegram.methods import METHODS
from otklik.simulators.telegram.payloads import Json, Person
from otklik.simulators.telegram.town import Accepted, Town

_METHOD = re.compile(r"/bot([^/]+)/(\w+)")
_FILE = re.compile(r"/file/bot([^/]+)/photos/([^/]+)")


class TelegramSimulator:
    """One bot's Telegram. `asgi` is the app to serve; what people do are coroutines that also deliver the updates.

    While it is served, updates that failed or that the bot caused are delivered in the background, unless
    `in_background` is off: then `deliver()` does it.
    """

    def __init__(
        self,
        bot_token: str,
        channel_id: int,
        group_id: int,
        *,
        channel_title: str = "Город",
        channel_username: str = "",
        in_background: bool = True,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.bot_token = bot_token
        self.in_background = in_background
        self.deliveries = Deliveries(clock, pause_s)
        bot_id = int(bot_token.partition(":")[0])
        self.town = Town(
            bot={"id": bot_id, "is_bot": True, "first_name": "Отклик", "username": "otklik_bot"},
            channel=payloads.chat(channel_id, "channel", channel_title, channel_username),
            group=payloads.chat(group_id, "supergroup", f"{channel_title}: обсуждение"),
            deliveries=self.deliveries,
            clock=clock,
        )
        self._faults: Plan[Fault] = Plan()

    @property
    def accepted(self) -> list[Accepted]:
        """What the bot has published, oldest first: the proof that nothing was sent twice."""
        return self.town.accepted

    def fail_next(self, fault: Fault, times: int = 1, method: str = "") -> None:
        """Play a fault on the next calls, of one method if it is named ("sendMessage")."""
        self._faults.add(fault, lambda called: method.lower() in {"", called}, times)

    async def deliver(self) -> int:
        """Try every waiting update once; return how many were taken."""
        return await self.deliveries.deliver()

    async def post(self, text: str, photo: bytes | None = None) -> Json:
        """Publish in the channel as its owner; return the automatic forward, which `comment` takes."""
        _, forward = self.town.publish(by_bot=False, **self._content(text, photo))
        await self.deliver()
        return forward

    async def comment(
        self, post: Json, who: Person, text: str, reply_to: Json | None = None, photo: bytes | None = None
    ) -> Json:
        """Comment under a post (its automatic forward), or answer another comment there; return the message."""
        place = self.town.answering(reply_to or post) | {"message_thread_id": post["message_id"]}
        return await self._say(self.town.group, sender=self.town.meet(who), **place, **self._content(text, photo))

    async def direct_message(self, who: Person, text: str, photo: bytes | None = None) -> Json:
        """Write to the bot; from now on it may answer."""
        where = self.town.open_private_chat(who)
        return await self._say(where, sender=self.town.people[who.id], **self._content(text, photo))

    async def official_comment(self, post: Json, text: str, reply_to: Json | None = None) -> Json:
        """Answer under a post in Telegram's own application, as the channel (an administrator, anonymously)."""
        place = self.town.answering(reply_to or post) | {"message_thread_id": post["message_id"]}
        channel_bot = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
        return await self._say(self.town.group, sender=channel_bot, sender_chat=self.town.channel, text=text, **place)

    async def edit(self, message: Json, text: str) -> Json:
        """Change the words of a message."""
        message |= {"text": text, "edit_date": self.town.now()}
        is_post = message["chat"]["id"] == self.town.channel["id"]
        self.deliveries.push("edited_channel_post" if is_post else "edited_message", message)
        await self.deliver()
        return message

    async def react(self, message: Json, who: Person, emoji: str, before: str = "") -> None:
        """Put a reaction to a message, or take it away (an empty emoji)."""
        old, new = ([{"type": "emoji", "emoji": one}] if one else [] for one in (before, emoji))
        self.deliveries.push(
            "message_reaction",
            {
                "chat": message["chat"],
                "message_id": message["message_id"],
                "user": self.town.meet(who),
                "date": self.town.now(),
                "old_reaction": old,
                "new_reaction": new,
            },
        )
        await self.deliver()

    def delete(self, message: Json) -> None:
        """Delete a message as its author would: Telegram tells bots nothing."""
        self.town.messages.pop((message["chat"]["id"], message["message_id"]), None)

    def block(self, who: Person) -> None:
        """Have a person block the bot."""
        self.town.blocked_by.add(who.id)

    @property
    def asgi(self) -> Self:
        """Return the app to serve: the simulator itself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the Bot API."""
        if scope["type"] == "lifespan":
            await live(receive, send, self.deliveries.run if self.in_background else None)
            return
        if file := _FILE.fullmatch(scope["path"]):
            found = self.town.files.get(file[2]) if file[1] == self.bot_token else None
            await respond(send, 200 if found is not None else 404, found or b"", kind=b"image/jpeg")
            return
        body = await read_body(receive)
        method = _METHOD.fullmatch(scope["path"])
        if method is None:
            await _refuse(send, ApiError(404, "Not Found"))
        elif method[1] != self.bot_token:
            await _refuse(send, ApiError(401, "Unauthorized"))
        else:
            await self._answer(method[2].lower(), lambda: _parameters(scope, body), receive, send)

    async def _answer(self, method: str, parameters: Callable[[], Json], receive: Receive, send: Send) -> None:
        fault = self._faults.take(method)
        result = None
        try:
            if fault is None or fault.is_carried_out:
                result = _called(self.town, method, parameters)
            elif fault in REFUSALS:
                raise REFUSALS[fault]
        except ApiError as error:
            await _refuse(send, error)
            return
        await show(fault, msgspec.json.encode({"ok": True, "result": result}), receive, send)

    async def _say(self, where: Json, **fields: Any) -> Json:
        message = self.town.add(where, **fields)
        self.deliveries.push("message", message)
        await self.deliver()
        return message

    def _content(self, text: str, photo: bytes | None) -> Json:
        if photo is None:
            return {"text": text}
        return {"caption": text or None, "photo": self.town.photo(self.town.keep(photo))}


def _called(town: Town, method: str, parameters: Callable[[], Json]) -> Any:
    if method not in METHODS:
        raise ApiError(404, "Not Found: method not found")
    try:
        return METHODS[method](town, parameters())
    except (TypeError, ValueError) as error:  # a number that isn't one, JSON that isn't JSON
        raise ApiError(400, "Bad Request: can't parse the parameters") from error


def _parameters(scope: Scope, body: bytes) -> Json:
    """Take parameters from the query, a form or JSON, as Telegram does."""
    found: Json = dict(parse_qsl(scope["query_string"].decode()))
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if is_multipart(kind):
        form = read_form(kind, body)
        return found | form.fields | dict(form.files)
    if kind.startswith(b"application/json"):
        return found | msgspec.json.decode(body, type=dict[str, Any])
    if kind.startswith(b"application/x-www-form-urlencoded"):
        return found | dict(parse_qsl(body.decode()))
    return found


async def _refuse(send: Send, error: ApiError) -> None:
    reply: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        reply["parameters"] = error.parameters
    await respond(send, error.code, msgspec.json.encode(reply))
