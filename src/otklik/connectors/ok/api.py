"""Odnoklassniki: calls of the bot's graph and of the signed REST methods, and what their refusals mean.

Source: https://apiok.ru/dev/methods/ (the signature: the sorted `k=v` pairs without access_token and session_key, then
the md5 of access_token and the application's secret; md5 of all that), https://apiok.ru/dev/graph_api/bot_api.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec

from otklik.common.text import shorten, storable
from otklik.connectors.base import Malformed, SendFailed, SendUnknown, WindowClosed
from otklik.connectors.hushing import hush
from otklik.connectors.ok.payloads import read
from otklik.connectors.said import said

T = TypeVar("T")

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""Failures before the request left us: nothing was done, for certain."""

_KEY = said("Odnoklassniki doesn't accept the key: get a new one in the group's settings and save it here")
_SESSION = said("Odnoklassniki doesn't accept the person's access token: make a new one and save it here")
_RIGHT = said("the person's access token lacks the right for this: GROUP_CONTENT, and a role in the group")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error code means for a person, and for the one who repeats; `after_s` is our choice."""

    reason: str
    permanent: bool = True
    after_s: float | None = None


REFUSALS: dict[int, Refusal] = {
    4: Refusal(said("Odnoklassniki asks to wait"), permanent=False, after_s=60.0),
    7: Refusal(said("Odnoklassniki doesn't let our address in")),
    8: Refusal(said("Odnoklassniki holds back too many alike actions"), permanent=False, after_s=300.0),
    10: Refusal(_RIGHT),
    11: Refusal(said("Odnoklassniki's limit for this is used up"), permanent=False, after_s=3600.0),
    101: Refusal(said("Odnoklassniki doesn't know the application's key")),
    102: Refusal(_SESSION),
    103: Refusal(_SESSION),
    104: Refusal(said("the signature is wrong: check the application's secret")),
    200: Refusal(_RIGHT),
    300: Refusal(said("Odnoklassniki doesn't find it any more")),
    456: Refusal(said("the group doesn't let this be done")),
}
"""Codes that certainly mean that nothing was done. General knowledge, as is their meaning: unknown ones speak for
themselves."""

OF_THE_PERSON: dict[int, str] = {455: said("the person doesn't let the group write to them")}
"""Codes that are about one person; the group's account is well."""

UNCERTAIN = frozenset({1, 2, 9999})
"""Odnoklassniki broke while doing it: it may have been done."""

hush(r"(access_token=)[^&\s'\"]+", r"\1…")


class Problem(msgspec.Struct):
    """Why Odnoklassniki refused; the graph names the code otherwise than REST."""

    error_code: int | str | None = None
    code: int | str | None = None
    error_msg: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """The bot's methods. The key stands in every address, so addresses never reach an error, a log or a repr."""

    base: str
    key: str = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)

    def call(self, method: str, path: str, answer: type[T], body: Mapping[str, Any] | None = None) -> T:
        """Return what the method gave. Raises SendFailed, SendUnknown."""

        def ask(client: httpx.Client) -> httpx.Response:
            return client.request(method, f"{self.base}/graph/{path}", params={"access_token": self.key}, json=body)

        return _called(self.http, ask, answer, hide=(self.key,), denied=_KEY)


@dataclass(frozen=True, slots=True)
class Rest:
    """The signed methods, as a person who runs the group."""

    base: str
    application_key: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)

    def call(self, method: str, answer: type[T], **params: str) -> T:
        """Return what the method gave. Raises SendFailed, SendUnknown."""
        asked = {**params, "method": method, "application_key": self.application_key, "format": "json"}
        form = {**asked, "sig": signature(asked, self.token, self.secret), "access_token": self.token}

        def ask(client: httpx.Client) -> httpx.Response:
            return client.post(f"{self.base}/fb.do", data=form)

        return _called(self.http, ask, answer, hide=(self.token, self.secret), denied=_SESSION)


def signature(params: Mapping[str, str], token: str, secret: str) -> str:
    """Return `sig`: md5 of the sorted pairs and of the md5 of both secrets, in lower-case hexadecimal.

    The algorithm is theirs; it guards the parameters, our TLS guards the rest.
    """
    inner = _md5(token + secret)
    pairs = "".join(f"{name}={params[name]}" for name in sorted(params) if name not in ("access_token", "session_key"))
    return _md5(pairs + inner)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _called(
    http: Callable[[], httpx.Client],
    ask: Callable[[httpx.Client], httpx.Response],
    answer: type[T],
    *,
    hide: tuple[str, ...],
    denied: str,
) -> T:
    try:
        with http() as client:
            response = ask(client)
    except NEVER_LEFT as error:
        words = said("Odnoklassniki can't be reached: %(error)s", error=_shown(str(error), hide))
        raise SendFailed(words, permanent=False) from error
    except httpx.HTTPError as error:
        raise SendUnknown(said("no answer from Odnoklassniki (%(error)s)", error=type(error).__name__)) from error
    _refuse(response, hide, denied)
    try:
        return read(response.content, answer, "the answer we expect")
    except Malformed as error:
        raise SendUnknown(said("Odnoklassniki's answer can't be read")) from error


def _refuse(response: httpx.Response, hide: tuple[str, ...], denied: str) -> None:
    """Raise unless it was done. REST answers 200 also when it refuses: the reason is in the body."""
    status, problem = response.status_code, _problem(response.content)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = response.headers.get("retry-after", "")
        after_s = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
        raise SendFailed(said("Odnoklassniki asks to wait"), permanent=False, retry_after_s=after_s)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        raise SendUnknown(said("Odnoklassniki answered %(status)s", status=status))
    code = _number(problem)
    if status == httpx.codes.OK and code is None and not problem.error_msg:
        return
    if code in UNCERTAIN:
        raise SendUnknown(said("Odnoklassniki broke while doing it (error %(code)s)", code=code))
    if code in OF_THE_PERSON:
        raise WindowClosed(OF_THE_PERSON[code])
    if code in REFUSALS:
        known = REFUSALS[code]
        raise SendFailed(known.reason, permanent=known.permanent, retry_after_s=known.after_s)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise SendFailed(denied, permanent=True)
    words = _shown(shorten(storable(problem.error_msg or problem.message), 200), hide)
    refused = said("Odnoklassniki refused (%(code)s): %(words)s", code=code or status, words=words)
    raise SendFailed(refused, permanent=True)


def _problem(body: bytes) -> Problem:
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem()


def _number(problem: Problem) -> int | None:
    found = problem.error_code if problem.error_code is not None else problem.code
    text = str(found) if found is not None else ""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _shown(text: str, hide: tuple[str, ...]) -> str:
    for one in hide:
        text = text.replace(one, "…")
    return text
