"""MAX: calls of the Bot API, and what its refusals mean.

Source: https://dev.max.ru/docs-api: base https://platform-api2.max.ru, the token in the header `Authorization`. Which
statuses and codes are documented and which are general knowledge is said in README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec

from otklik.common.text import shorten, storable
from otklik.connectors.base import Malformed, SendFailed, SendUnknown, WindowClosed
from otklik.connectors.fetching import patient
from otklik.connectors.max.answers import Problem
from otklik.connectors.max.payloads import read
from otklik.connectors.said import said

T = TypeVar("T")

NOT_READY = "attachment.not.ready"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""Failures before the request left us: nothing was done, for certain."""

_TOKEN = said("MAX doesn't accept the bot's token: make a new one in business.max.ru and save it here")
_DENIED = said("the bot may not do this: the person has stopped it, or it lacks a right in the channel")
_STOPPED = said("the person has stopped the bot")
_NEVER_BEGUN = said("a bot can't write first: the person hasn't opened a chat with it")
GONE = said("MAX doesn't find the message, the post or the chat any more")
_TOO_LATE = said("MAX lets a comment be changed for 26 hours only, and they have passed")

BY_CODE = {"comments.timeout_exceeded": _TOO_LATE, "verify.token": _TOKEN, "chat.denied": _DENIED}
CLOSED = {"error.dialog.suspended": _STOPPED, "dialog.not.found": _NEVER_BEGUN}
"""Refusals that are about one person, by the code or by the words; the bot itself is well."""
BY_STATUS = {401: _TOKEN, 403: _DENIED, 404: GONE}


class NotReady(SendFailed):
    """MAX is still working on an uploaded file."""


class Broke(SendUnknown):
    """MAX broke while doing it, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(said("MAX answered %(status)s", status=status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Api:
    """One bot's methods over HTTP. The token goes in a header: addresses end up in logs and in errors."""

    base: str
    token: str = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)

    def call(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Return what the method gave.

        Raises SendFailed where MAX certainly did nothing, SendUnknown where it may have: a timeout, a broken answer, an
        error inside MAX. The words of an error never hold the token.
        """
        url, headers = f"{self.base}{path}", {"authorization": self.token}
        try:
            with self.http() as client:
                response = client.request(method, url, params=query, json=body, headers=headers)
        except NEVER_LEFT as error:
            raise SendFailed(
                said("MAX can't be reached: %(error)s", error=self._shown(error)), permanent=False
            ) from error
        except httpx.HTTPError as error:
            raise SendUnknown(said("no answer from MAX (%(error)s)", error=type(error).__name__)) from error
        self._refuse(response)
        return self._opened(response.content, answer)

    def upload(self, url: str, file: tuple[str, bytes, str], answer: type[T]) -> T:
        """Return what the server that MAX named says of a file; no token goes there.

        Raises SendFailed, SendUnknown (trying again harms nobody: nobody sees a file that no message names).
        """
        if not url.startswith(("https://", "http://")):
            raise SendFailed(said("MAX named no address to upload to"), permanent=False)
        try:
            with self.http() as client:
                response = client.post(url, files={"data": file}, timeout=patient(client.timeout))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = said("the photo can't be uploaded now (%(error)s)", error=type(error).__name__)
            raise SendFailed(words, permanent=False) from error
        self._refuse(response)
        return self._opened(response.content, answer)

    def _refuse(self, response: httpx.Response) -> None:
        """Raise unless the status is 200: 429 and other refusals did nothing, 5xx may have."""
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = response.headers.get("retry-after", "")
            after_s = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
            raise SendFailed(said("MAX asks to wait"), permanent=False, retry_after_s=after_s)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
            raise Broke(status)
        problem = _problem(response.content)
        if problem.code == NOT_READY:
            raise NotReady(said("MAX hasn't taken in the photo yet"), permanent=False)
        closed = CLOSED.get(problem.code) or CLOSED.get(problem.message)
        if closed is not None:
            raise WindowClosed(closed)
        known = BY_CODE.get(problem.code) or BY_STATUS.get(status)
        if known is None:
            words = self._shown(shorten(storable(f"{problem.code} {problem.message}"), 200))
            known = said("MAX refused (%(status)s): %(words)s", status=status, words=words)
        raise SendFailed(known, permanent=True)

    def _opened(self, body: bytes, answer: type[T]) -> T:
        try:
            return read(body, answer, "the answer we expect")
        except Malformed as error:
            raise SendUnknown(said("MAX's answer can't be read")) from error

    def _shown(self, what: object) -> str:
        return str(what).replace(self.token, "…") or type(what).__name__


def _problem(body: bytes) -> Problem:
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem()
