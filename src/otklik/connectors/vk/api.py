"""VK: calls of the API, and what its refusals mean.

Source: https://dev.vk.com/reference/errors and errors.json of the API's schema, version 5.199. VK answers 200 also when
it refuses: the reason is in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from otklik.common.text import shorten, storable
from otklik.connectors.base import Malformed, SendFailed, SendUnknown, WindowClosed
from otklik.connectors.fetching import patient
from otklik.connectors.said import said
from otklik.connectors.vk.payloads import read

T = TypeVar("T")
VERSION = "5.199"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error code means for a person, and for the one who repeats.

    VK names no time to wait: `after_s` is our choice where seconds can't be enough.
    """

    reason: str
    permanent: bool = True
    after_s: float | None = None


_CLOSED = Refusal(said("comments under this post are closed, or the community may not write here"))
_TOKEN = Refusal(
    said("VK doesn't accept the access token: make a new one in the community's settings and save it here")
)

REFUSALS: dict[int, Refusal] = {
    5: _TOKEN,
    6: Refusal(said("too many calls in a second"), permanent=False),
    7: Refusal(said("the access token lacks the right for this: make one with messages, wall and manage")),
    9: Refusal(said("VK holds back too many alike actions"), permanent=False, after_s=300.0),
    14: Refusal(said("VK asks for a captcha: publish this one by hand in VK, then try again later")),
    15: Refusal(said("VK denies access: the post or the conversation is closed to the community")),
    17: Refusal(said("VK wants the owner of the token to confirm signing in: open VK and make a new token")),
    18: Refusal(said("the person's page is deleted or blocked")),
    27: Refusal(said("this call needs a person's token: VK doesn't take the community's")),
    28: _TOKEN,
    29: Refusal(said("VK's quota for this call is used up"), permanent=False, after_s=3600.0),
    30: Refusal(said("the person's page is private")),
    37: Refusal(said("the person's page is blocked")),
    43: Refusal(said("this part of VK is switched off for a while"), permanent=False, after_s=600.0),
    203: Refusal(said("the token's owner doesn't run this community")),
    210: Refusal(said("the post isn't there, or the community may not see it")),
    211: _CLOSED,
    212: _CLOSED,
    213: _CLOSED,
    214: Refusal(
        said("VK doesn't let this be published: perhaps too many posts today, or the owner of the token may not post")
    ),
    222: Refusal(said("VK doesn't allow links here")),
    223: Refusal(said("VK holds back too many comments"), permanent=False, after_s=600.0),
    900: Refusal(said("the person is on the community's blacklist")),
    901: Refusal(said("the person hasn't allowed the community to write to them")),
    902: Refusal(said("the person's privacy settings don't let the community write to them")),
    909: Refusal(said("VK doesn't let a message be changed any more: it is too old")),
    914: Refusal(said("the message is too long")),
    920: Refusal(said("VK doesn't let a message of this kind be changed")),
    917: Refusal(said("the community has no access to this conversation")),
    945: Refusal(said("this conversation is switched off")),
}
"""Codes that certainly mean that nothing was published."""

OF_THE_PERSON = frozenset({18, 37, 900, 901, 902})
"""Codes that are about one person; the community's account is well."""

UNCERTAIN = frozenset({1, 10, 13, 36})
"""VK broke while doing it, or was cut off: it may have been done."""


class ApiError(msgspec.Struct):
    """Why VK refused."""

    error_code: int
    error_msg: str = ""


class Answer(msgspec.Struct):
    """Every answer: what was asked for, or why not."""

    response: msgspec.Raw = msgspec.Raw(b"null")
    error: ApiError | None = None


class Refused(SendFailed):
    """A refusal with VK's own code, for those who can do something about one of them."""

    def __init__(self, code: int, reason: str, *, permanent: bool, retry_after_s: float | None = None) -> None:
        super().__init__(reason, permanent=permanent, retry_after_s=retry_after_s)
        self.code = code


class ClosedToUs(Refused, WindowClosed):
    """A refusal about one person."""


@dataclass(frozen=True, slots=True)
class Api:
    """VK's methods over HTTP. The token goes in the body: addresses end up in logs and in errors."""

    base: str
    http: Callable[[], httpx.Client] = field(repr=False)

    def call(self, method: str, token: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Return what the method gave.

        Raises SendFailed where VK certainly did nothing, SendUnknown where it may have: a timeout, a broken answer, an
        error inside VK. The words of an error never hold the token.
        """
        form = {**params, "access_token": token, "v": VERSION}
        try:
            with self.http() as client:
                response = client.post(f"{self.base}/method/{method}", data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendFailed(said("VK can't be reached"), permanent=False) from error
        except httpx.HTTPError as error:
            raise SendUnknown(said("no answer from VK (%(error)s)", error=type(error).__name__)) from error
        refuse_status(response)
        return _open(response.content, token, answer)

    def upload(self, url: str, file: tuple[str, bytes, str], answer: type[T]) -> T:
        """Return what the server that VK named answers to a photo; no token goes there.

        Raises SendFailed, SendUnknown (trying again harms nobody).
        """
        if not url.startswith(("https://", "http://")):
            raise SendFailed("VK named no address to upload to", permanent=False)
        try:
            with self.http() as client:
                response = client.post(url, files={"photo": file}, timeout=patient(client.timeout))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SendFailed(f"the photo can't be uploaded now ({type(error).__name__})", permanent=False) from error
        refuse_status(response)
        try:
            return read(response.content, answer, "the answer to an upload")
        except Malformed as error:
            raise SendUnknown("the answer to an upload can't be read") from error


def refuse_status(response: httpx.Response) -> None:
    """Raise unless the status is 200: 429 and other refusals did nothing, 5xx may have."""
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = response.headers.get("retry-after", "")
        after_s = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
        raise SendFailed(said("VK asks to wait"), permanent=False, retry_after_s=after_s)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise SendUnknown(said("VK answered %(status)s", status=status))
    raise SendFailed(said("VK answered %(status)s: check the address of the API", status=status), permanent=True)


def refusal_of(error: ApiError, token: str) -> SendFailed | SendUnknown:
    """Return the exception that a code stands for; a code we don't know is permanent and speaks VK's words."""
    if error.error_code in UNCERTAIN:
        return SendUnknown(said("VK broke while doing it (error %(code)s)", code=error.error_code))
    known = REFUSALS.get(error.error_code)
    if known is None:
        words = shorten(storable(error.error_msg).replace(token, "…") if token else error.error_msg, 200)
        refused = said("VK refused (%(code)s): %(words)s", code=error.error_code, words=words)
        return Refused(error.error_code, refused, permanent=True)
    kind = ClosedToUs if error.error_code in OF_THE_PERSON else Refused
    return kind(error.error_code, known.reason, permanent=known.permanent, retry_after_s=known.after_s)


def _open(body: bytes, token: str, answer: type[T]) -> T:
    try:
        opened = read(body, Answer, "an answer of the API")
        if opened.error is not None:
            raise refusal_of(opened.error, token)
        return read(opened.response, answer, "the answer we expect")
    except Malformed as error:
        raise SendUnknown(said("VK's answer can't be read")) from error
