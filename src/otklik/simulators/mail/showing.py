"""What the mail simulator took, as a page: for whoever tries the demo. Everything in a letter is escaped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from email.message import EmailMessage
from html import escape
from typing import Any

from otklik.simulators.mail.simulator import MailSimulator

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SHOWN = 100
_POLICY = b"default-src 'none'; form-action 'none'; frame-ancestors 'none'"


class Mailbox:
    """The ASGI application that shows the newest letters, whoever they are for."""

    def __init__(self, simulator: MailSimulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the letters; nothing else is here."""
        found = scope["method"] == "GET" and scope["path"] == "/"
        body = "".join(self._page()).encode() if found else b""
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", _POLICY)]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self) -> Iterator[str]:
        with self._simulator.lock:
            letters = list(self._simulator.taken[-SHOWN:])
        yield "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Mail</title>"
        yield f"<h1>Mail of the demo: {len(letters)}</h1>"
        if not letters:
            yield "<p>No letter yet. In the desk choose “What you are told”, “E-mail”, and wait a minute.</p>"
        for letter in reversed(letters):
            yield from _shown(letter)


def _shown(letter: EmailMessage) -> Iterator[str]:
    body = letter.get_body(("plain", "html"))
    text = body.get_content() if body is not None else ""
    yield f"<h2>{escape(str(letter['Subject'] or ''))}</h2>"
    yield f"<p>{escape(str(letter['Date'] or ''))} &middot; {escape(str(letter['To'] or ''))}</p>"
    yield f"<pre>{escape(text)}</pre>"
