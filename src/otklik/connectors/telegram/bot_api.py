"""Calling Telegram's Bot API so that every failure says what it means for a message we send.

Source: https://core.telegram.org/bots/api#making-requests. There is no idempotency parameter, so after a request has
left us, silence and 5xx mean "unknown", never "again".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec

from otklik.connectors.base import SendFailed, SendUnknown, WindowClosed
from otklik.connectors.events import Fetched
from otklik.connectors.fetching import download, patient
from otklik.connectors.hushing import hush
from otklik.connectors.said import said

T = TypeVar("T")
Upload = tuple[str, bytes, str]
"""A file's name, its bytes and its type."""

NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures before the request left us: nothing was sent, for certain."""

_OF_THE_PERSON = {
    "bot was blocked by the user": said("the person has blocked the bot"),
    "user is deactivated": said("the person's account is gone"),
    "can't initiate conversation": said("a bot can't write first: the person hasn't opened a chat with it"),
}
PLAIN_WORDS = {
    **_OF_THE_PERSON,
    "message to be replied not found": said("the message being answered is no longer there"),
    "bot was kicked": said("the bot was removed from the chat"),
    "bot is not a member": said("the bot isn't in the chat: add it as an administrator"),
    "not enough rights": said("the bot lacks a right in the chat: let it post messages"),
    "have no rights to send": said("the bot lacks a right in the chat: let it post messages"),
    "need administrator rights": said("the bot isn't an administrator of the channel"),
    "chat not found": said("the chat isn't there, or the bot isn't in it"),
    "message to edit not found": said("the message is no longer there"),
    "message can't be deleted": said("Telegram lets a bot delete for two days only, unless it has the right to delete"),
    "message can't be edited": said("Telegram doesn't let this message be changed any more"),
    "message is too long": said("the text is too long"),
    "terminated by other getupdates": said("another program asks for this bot's updates: stop it"),
    "text is empty": said("the text is empty"),
}
"""What Telegram's refusals mean; its own words follow in brackets. The wording on its side isn't promised."""

_FILE_PATH = re.compile(r"[\w./-]{1,300}", re.ASCII)
hush(r"/bot\d+:[\w-]+", "/bot…")


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Reply(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    description: str = ""
    parameters: _Parameters | None = None


class FilePlace(msgspec.Struct):
    """Where a file can be fetched within the next hour."""

    file_path: str = ""
    file_size: int = 0


@dataclass(frozen=True, slots=True)
class BotApi:
    """One bot's methods. The token is in every address, so addresses never reach an error, a log or a repr."""

    base: str
    token: str = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)

    def call(self, method: str, shape: type[T], **parameters: Any) -> T:
        """Return what the method answered.

        Raises SendFailed where it certainly wasn't done (permanent unless waiting or another try can help), and
        SendUnknown where it may have been.
        """
        return self._called(method, shape, lambda client, url: client.post(url, json=parameters))

    def upload(self, method: str, shape: type[T], files: Mapping[str, Upload], **parameters: Any) -> T:
        """Return what a method answered that takes files along; raises as `call`. A slow line gets more time."""
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}

        def post(client: httpx.Client, url: str) -> httpx.Response:
            return client.post(url, data=form, files=files, timeout=patient(client.timeout))

        return self._called(method, shape, post)

    def _called(self, method: str, shape: type[T], post: Callable[[httpx.Client, str], httpx.Response]) -> T:
        try:
            with self.http() as client:
                response = post(client, f"{self.base}/bot{self.token}/{method}")
        except NEVER_LEFT as error:
            raise SendFailed(
                said("Telegram can't be reached: %(error)s", error=self._shown(error)), permanent=False
            ) from error
        except httpx.HTTPError as error:
            raise SendUnknown(said("Telegram didn't answer in full: %(error)s", error=self._shown(error))) from error
        result = self._result(response)
        try:
            return msgspec.json.decode(result, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SendUnknown(said("Telegram took %(method)s, but its answer can't be read", method=method)) from error

    def fetch(self, file_id: str, *, most: int) -> Fetched:
        """Return a file by its id. Raises SendFailed, SendUnknown (trying again harms nobody)."""
        place = self.call("getFile", FilePlace, file_id=file_id)
        if place.file_size > most:
            raise SendFailed(f"the file is larger than {most // 1_000_000} MB", permanent=True)
        if not _FILE_PATH.fullmatch(place.file_path) or ".." in place.file_path:
            raise SendFailed("Telegram gave the file no place to fetch it from", permanent=True)
        content = download(self.http, f"{self.base}/file/bot{self.token}/{place.file_path}", most=most)
        return Fetched(content, place.file_path.rpartition("/")[2])

    def _result(self, response: httpx.Response) -> msgspec.Raw:
        status = response.status_code
        try:
            reply = msgspec.json.decode(response.content, type=_Reply)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            reply = None
        if reply is not None and reply.ok and response.is_success:
            return reply.result
        if status >= 500 or status == 408 or (reply is None and response.is_success):
            raise SendUnknown(
                said("Telegram answered with %(status)s: whether it was done can't be told", status=status)
            )
        if status == 429:
            raise SendFailed(
                said("Telegram asks to wait"), permanent=False, retry_after_s=_wait_s(reply, response.headers)
            )
        is_closed = reply is not None and any(sign in reply.description.lower() for sign in _OF_THE_PERSON)
        kind = WindowClosed if is_closed else SendFailed
        raise kind(self._refusal(status, reply), permanent=True)

    def _refusal(self, status: int, reply: _Reply | None) -> str:
        if reply is None:
            return said(
                "something between us and Telegram answered with %(status)s: check api_base and the proxy",
                status=status,
            )
        words = f"Telegram: {self._shown(reply.description)[:300]}"
        if status in {401, 404}:
            return said(
                "the bot token is wrong or was revoked: take one from @BotFather and save it here (%(words)s)",
                words=words,
            )
        if reply.parameters is not None and reply.parameters.migrate_to_chat_id is not None:
            return said(
                "the group has a new id, %(chat)s: set it in the channel (%(words)s)",
                chat=reply.parameters.migrate_to_chat_id,
                words=words,
            )
        plain = next((meant for sign, meant in PLAIN_WORDS.items() if sign in reply.description.lower()), "")
        return said("%(meant)s (%(words)s)", meant=plain, words=words) if plain else words

    def _shown(self, what: object) -> str:
        return str(what).replace(self.token, "…") or type(what).__name__


def _wait_s(reply: _Reply | None, headers: httpx.Headers) -> float | None:
    if reply is not None and reply.parameters is not None and reply.parameters.retry_after is not None:
        return reply.parameters.retry_after
    told = headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else None
