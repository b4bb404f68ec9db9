"""What the mail simulator took, as a page: for whoever tries the demo. Everything in a letter is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from html import escape

from otklik.simulators.answering import Receive, Scope, Send, show_page
from otklik.simulators.mail.simulator import MailSimulator

SHOWN = 100


class Mailbox:
    """The ASGI application that shows the newest letters, whoever they are for."""

    def __init__(self, simulator: MailSimulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the letters; nothing else is here."""
        await show_page(scope, send, self._page())

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
