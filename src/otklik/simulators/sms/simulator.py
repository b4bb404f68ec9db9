"""A city's SMS gateway as our own protocol describes it (docs/how-to/let-residents-follow.md), for tests and the demo.

Written from the receiving side; it shares no code with what it tests.
"""

from __future__ import annotations

import hmac
import json
from collections import deque
from dataclasses import dataclass

from otklik.simulators.answering import Receive, Scope, Send, read_body


@dataclass(frozen=True, slots=True)
class Text:
    """A message that a phone got."""

    to: str
    text: str
    id: str


class SmsSimulator:
    """Takes messages with the right token, each id once. `faults` are status codes played on the next requests."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.taken: dict[str, Text] = {}
        self.faults: deque[int] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        status = self.faults.popleft() if self.faults else self._take(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def _take(self, scope: Scope, body: bytes) -> int:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if not hmac.compare_digest(headers.get("authorization", ""), f"Bearer {self.token}"):
            return 401
        if scope["method"] != "POST" or not headers.get("content-type", "").startswith("application/json"):
            return 415
        try:
            told = Text(**json.loads(body))
        except (ValueError, TypeError):
            return 400
        if not (told.to.startswith("+") and told.to[1:].isdecimal() and 0 < len(told.text) <= 160):
            return 422
        self.taken.setdefault(told.id, told)
        return 202
