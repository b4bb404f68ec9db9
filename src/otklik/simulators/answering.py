"""What every simulator's HTTP side is made of: a request's body, an answer, silence, and work in the background."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_SILENCE_S = 30.0
BAD_GATEWAY = b"<html>502 Bad Gateway</html>"
"""What stands between a network and us answers so where the network doesn't."""
_POLICY = b"default-src 'none'; form-action 'none'; frame-ancestors 'none'"


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    chunks: list[bytes] = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(chunks)


async def stay_silent(receive: Receive) -> None:
    """Answer nothing until the caller hangs up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_SILENCE_S):
            while (await receive())["type"] != "http.disconnect":
                pass


async def respond(
    send: Send, status: int, body: bytes, *, kind: bytes = b"application/json", retry_after_s: int | None = None
) -> None:
    """Answer a request, with `Retry-After` where it is given."""
    headers = [(b"content-type", kind)]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def show_page(scope: Scope, send: Send, page: Iterator[str]) -> None:
    """Show one page for people at `/`, which holds nothing that a browser would run; nothing else is there."""
    found = scope["method"] == "GET" and scope["path"] == "/"
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", _POLICY)]
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
    await send({"type": "http.response.body", "body": "".join(page).encode() if found else b""})


async def live(receive: Receive, send: Send, work: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
    """Serve an application's lifespan: `work` runs beside it from its start to its end."""
    working: asyncio.Task[None] | None = None
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            working = asyncio.create_task(work()) if work is not None else None
            await send({"type": "lifespan.startup.complete"})
        else:
            if working is not None:
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working
            await send({"type": "lifespan.shutdown.complete"})
            return


def base_url_of(scope: Scope) -> str:
    """Return the address that this request's caller knows us by."""
    host, port = scope["server"]
    return f"{scope['scheme']}://{host}:{port}{scope.get('root_path', '')}"
