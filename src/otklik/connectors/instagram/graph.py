"""Instagram: calls of Meta's Graph API, and what its refusals mean.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling and the messaging API's error codes. A
refusal comes with a status of 4xx (sometimes 5xx) and its reason in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from otklik.common.text import shorten, storable
from otklik.connectors.base import Malformed, SendFailed, SendUnknown, WindowClosed
from otklik.connectors.instagram.payloads import read
from otklik.connectors.said import said

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error code means for a person, and whether trying again can help."""

    reason: str
    permanent: bool = True


TOKEN_ENDED = said(
    "Instagram doesn't accept the access token: it ended or was taken back; make a new one, save it here"
)
WINDOW_CLOSED = said("Instagram takes answers for 24 hours after a person's last message, and they are over")
_RIGHTS = said("the access token lacks a right for this: connect the account again with all the rights of the guide")
_NOT_NOW, _NOT_NOW_CODE = said("this person can't be written to now"), 551
_OFTEN = Refusal(said("Instagram asks to wait: too many calls"), permanent=False)

WINDOW_SUBCODES = frozenset({2534022, 2018278})
"""Beside code 10: the message is outside the allowed window."""

REFUSALS: dict[int, Refusal] = {
    3: Refusal(_RIGHTS),
    4: _OFTEN,
    10: Refusal(_RIGHTS),
    17: _OFTEN,
    32: _OFTEN,
    102: Refusal(TOKEN_ENDED),
    190: Refusal(TOKEN_ENDED),
    368: Refusal(said("Meta holds the account back for a while: look for a notice in Instagram")),
    613: _OFTEN,
    80002: _OFTEN,
    80006: _OFTEN,
}
"""Codes that certainly mean that nothing was published."""

UNCERTAIN = frozenset({1, 2})
"""Meta broke while doing it, or was cut off: it may have been done."""

_GONE_SUBCODE = 33
_RIGHTS_FROM, _RIGHTS_TO = 200, 299


class GraphError(msgspec.Struct):
    """Why Meta refused."""

    code: int = 0
    error_subcode: int = 0
    message: str = ""


class Refused(msgspec.Struct):
    """The body of every refusal."""

    error: GraphError


class Gone(SendFailed):
    """What was named isn't there any more, or the account may not see it."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The API of one account. The token goes in a header: addresses end up in logs and in errors."""

    base: str
    version: str
    token: str = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)

    def get(self, path: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Read something. Raises SendFailed, SendUnknown."""
        return self._ask("GET", f"{self.version}/{path}", answer, params=params)

    def post(self, path: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Do something. Raises SendFailed where Meta certainly did nothing, SendUnknown where it may have."""
        return self._ask("POST", f"{self.version}/{path}", answer, form=params)

    def post_json(self, path: str, body: Mapping[str, object], answer: type[T]) -> T:
        """Do something that is told in JSON. Raises SendFailed, SendUnknown."""
        return self._ask("POST", f"{self.version}/{path}", answer, body=body)

    def get_bare(self, path: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Read something that lies outside the API's versions. Raises SendFailed, SendUnknown."""
        return self._ask("GET", path, answer, params=params)

    def _ask(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> T:
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = msgspec.json.encode(body) if body is not None else None
        try:
            with self.http() as client:
                response = client.request(
                    method, f"{self.base}/{path}", params=params, data=form, content=content, headers=headers
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendFailed(said("Instagram can't be reached"), permanent=False) from error
        except httpx.HTTPError as error:
            raise SendUnknown(said("no answer from Instagram (%(error)s)", error=type(error).__name__)) from error
        self._refuse(response)
        try:
            return read(response.content, answer, "the answer we expect")
        except Malformed as error:
            raise SendUnknown(said("Instagram's answer can't be read")) from error

    def _refuse(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = response.headers.get("retry-after", "")
            after_s = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
            raise SendFailed(_OFTEN.reason, permanent=False, retry_after_s=after_s)
        try:
            error = read(response.content, Refused, "a refusal").error
        except Malformed as broken:
            if status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise SendUnknown(said("Instagram answered %(status)s", status=status)) from broken
            refused = said("Instagram answered %(status)s: check the address of the API", status=status)
            raise SendFailed(refused, permanent=True) from broken
        raise refusal_of(error, status, self.token)


def refusal_of(error: GraphError, status: int, token: str) -> SendFailed | SendUnknown:
    """Return the exception that a refusal stands for; one we don't know is permanent and speaks Meta's words."""
    if error.code == 10 and error.error_subcode in WINDOW_SUBCODES:
        return WindowClosed(WINDOW_CLOSED)
    if error.code == _NOT_NOW_CODE:
        return WindowClosed(_NOT_NOW)
    known = REFUSALS.get(error.code)
    if known is None and _RIGHTS_FROM <= error.code <= _RIGHTS_TO:
        known = Refusal(_RIGHTS)
    if known is not None:
        return SendFailed(known.reason, permanent=known.permanent)
    if error.code in UNCERTAIN or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return SendUnknown(said("Instagram broke while doing it (error %(code)s)", code=error.code))
    if error.code == 100 and error.error_subcode == _GONE_SUBCODE:
        return Gone(said("it isn't there any more, or the account may not see it"), permanent=True)
    words = shorten(storable(error.message).replace(token, "…"), 200)
    return SendFailed(said("Instagram refused (%(code)s): %(words)s", code=error.code, words=words), permanent=True)
