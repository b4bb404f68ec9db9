"""Live updates of open screens by server-sent events: ids only, pages fetch what they may see.

One thread listens to the bell and reads the newest changes once for all clients; nothing is read while nobody looks.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import defaultdict
from urllib.parse import parse_qs

from django.core.signing import BadSignature
from django.db import Error, connection

from otklik.common.bell import Bell
from otklik.gate.http import Receive, Scope, Send, respond
from otklik.org.models import LiveChange
from otklik.org.queries import newest_change
from otklik.org.tickets import read_ticket

log = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
MAX_CLIENTS = 2000
_BACKLOG = 100
"""Unread events of one client; a slower one is cut off and comes again."""

Listener = asyncio.Queue[bytes | None]


class Live:
    """The ASGI application of /live."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="live", daemon=True)

    def start(self) -> None:
        """Begin listening; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Send every client away, so that the server can end."""
        self._stopping.set()
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.put_nowait(None)
        self._thread.join(timeout=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream changes to one client until it goes."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            ticket = read_ticket(query.get("ticket", [""])[0])
        except BadSignature:
            return await respond(send, 403, b"the ticket is old or not ours")
        if self._count >= MAX_CLIENTS:
            return await respond(send, 503, b"too many", headers=((b"retry-after", b"30"),))
        listener: Listener = asyncio.Queue(maxsize=_BACKLOG)
        self._listeners[ticket.municipality_id].add(listener)
        self._count += 1
        try:
            await _stream(listener, receive, send)
        finally:
            self._count -= 1
            self._listeners[ticket.municipality_id].discard(listener)
        return None

    def _listen(self) -> None:
        bell, last = Bell(), -1
        while not self._stopping.is_set():
            try:
                last = last if last >= 0 else newest_change()
                bell.wait(1.0)
                if self._count:
                    last = self._publish(last)
                else:
                    # Nobody looks: only remember where we are, five times a second at most.
                    last = newest_change()
                    self._stopping.wait(0.2)
            except Error:
                log.warning("live updates wait for the database")
                connection.close()
                self._stopping.wait(1.0)
        bell.close()
        connection.close()

    def _publish(self, last: int) -> int:
        for change in LiveChange.objects.filter(id__gt=last).order_by("id")[:500]:
            last = change.pk
            event = f"event: {change.kind}\ndata: {json.dumps({'ids': change.refs})}\n\n".encode()
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._deliver, change.municipality_id, event)
        return last

    def _deliver(self, municipality_id: int, event: bytes) -> None:
        for listener in self._listeners.get(municipality_id, ()):
            if listener.full():
                while not listener.empty():
                    listener.get_nowait()
                listener.put_nowait(None)
            else:
                listener.put_nowait(event)


async def _stream(listener: Listener, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
    # Without waiting for the disconnect the server would hang on shutdown as long as somebody looks.
    gone = asyncio.create_task(_wait_for_disconnect(receive))
    try:
        while not gone.done():
            news = asyncio.create_task(listener.get())
            done, _ = await asyncio.wait({news, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if news not in done:
                news.cancel()
                if gone in done:
                    return
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
                continue
            event = news.result()
            if event is None:
                break
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
