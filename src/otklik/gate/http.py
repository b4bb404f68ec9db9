"""The little of ASGI that the gate's own answers need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class BodyTooLarge(Exception):
    """The request's body is larger than this door takes."""


class BodyTooSlow(Exception):
    """The client began a body and didn't send the rest in time."""


class ClientGone(Exception):
    """The client left before its body was complete: there is nobody to answer."""


_IN_MEMORY = 1_000_000
BODY_S = 20.0
SLOWEST_BYTES_PER_S = 20_000
"""How long a body may take: BODY_S, and its size at the pace of a poor phone. A slower one could stay for ever."""


def remote_of(scope: Scope, headers: Mapping[str, str], *, behind_proxy: bool) -> tuple[str, bool]:
    """Return the address that a request came from, and whether it is a proxy on this machine that says so.

    The proxy appends the address it saw to X-Forwarded-For; only that last one is proven.
    """
    peer: str = scope["client"][0] if scope.get("client") else "127.0.0.1"
    if behind_proxy and peer in ("127.0.0.1", "::1"):
        return headers.get("x-forwarded-for", peer).rsplit(",", maxsplit=1)[-1].strip(), True
    return peer, False


def announces_body(headers: Mapping[str, str]) -> bool:
    """Return whether a request says that a body follows; a GET may, and may then never send it."""
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip() != "0"


async def read_body(headers: Mapping[str, str], receive: Receive, limit: int, within_s: float = BODY_S) -> bytes:
    """Return the whole body. Raises BodyTooLarge past `limit` bytes, BodyTooSlow, ClientGone."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge
    try:
        async with asyncio.timeout(within_s) as patience:
            return await _gather(receive, limit, patience)
    except TimeoutError:
        raise BodyTooSlow from None


async def _gather(receive: Receive, limit: int, patience: asyncio.Timeout) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body") and len(body) <= limit:
        return body
    parts: list[bytes] = []
    await _pour(message, receive, limit, patience, parts.append)
    return b"".join(parts)


async def _pour(
    message: Message, receive: Receive, limit: int, patience: asyncio.Timeout, into: Callable[[bytes], object]
) -> None:
    """Hand on a body from its first message on, part by part, as long as it comes at a pace."""
    size, until = 0, patience.when() or 0.0
    while message["type"] == "http.request":
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        into(part)
        if not message.get("more_body"):
            return
        patience.reschedule(until + size / SLOWEST_BYTES_PER_S)
        message = await receive()
    raise ClientGone


def brings_files(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Return whether a request is a form with files in it."""
    return scope["method"] == "POST" and headers.get("content-type", "").startswith("multipart/form-data")


async def spool_body(receive: Receive, limit: int, within_s: float = BODY_S) -> SpooledTemporaryFile[bytes]:
    """Return a large body as a file, at its beginning; on the disk where it is large. The caller closes it.

    Past `limit` nothing more is kept, but as much again is heard out: a browser that is cut off in the middle of
    sending shows its own error, not our sentence. Raises BodyTooLarge, BodyTooSlow, ClientGone.
    """
    file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller's
    kept = 0

    def keep(part: bytes) -> None:
        nonlocal kept
        kept += len(part)
        if kept <= limit:
            file.write(part)

    with ExitStack() as unless_whole:
        unless_whole.callback(file.close)
        try:
            async with asyncio.timeout(within_s) as patience:
                await _pour(await receive(), receive, 2 * limit, patience, keep)
        except TimeoutError:
            raise BodyTooSlow from None
        if kept > limit:
            raise BodyTooLarge
        unless_whole.pop_all()
    file.seek(0)
    return file


async def respond_too_slow(send: Send) -> None:
    """Tell a client that its body didn't come in time, and hang up: what still trickles in belongs to nothing."""
    await respond(send, 408, b"too slow", headers=((b"connection", b"close"),))


async def respond(
    send: Send,
    status: int,
    body: bytes = b"",
    content_type: bytes = b"text/plain; charset=utf-8",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send a whole answer."""
    fixed = ((b"content-type", content_type), (b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; of repeated ones the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
