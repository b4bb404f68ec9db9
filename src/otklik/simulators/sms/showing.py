"""What the simulated gateway took, as a page of phones: for whoever tries the demo. Everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import islice

from otklik.simulators.answering import Receive, Scope, Send, show_page
from otklik.simulators.sms.simulator import SmsSimulator, Text

SHOWN = 100


class Phones:
    """The ASGI application: what is asked of the gateway at /send, and at / the newest messages, whoever got them."""

    def __init__(self, simulator: SmsSimulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a message, or show what came."""
        if scope["path"] == "/send":
            await self._simulator(scope, receive, send)
            return
        await show_page(scope, send, self._page())

    def _page(self) -> Iterator[str]:
        texts: list[Text] = list(islice(reversed(self._simulator.taken.values()), SHOWN))
        yield "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        yield "<title>Phones</title>"
        yield f"<h1>Messages to phones in the demo: {len(texts)}</h1>"
        if not texts:
            yield "<p>No message yet. On the residents’ site open “My cases” and ask for a code to a phone.</p>"
        for one in texts:
            yield f"<h2>{escape(one.to)}</h2><pre>{escape(one.text)}</pre>"
