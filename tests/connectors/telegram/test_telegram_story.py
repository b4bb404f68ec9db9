"""The whole way over HTTP: a resident comments in the simulator, we hear, parse and answer under the comment."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from otklik.common.clock import now
from otklik.connectors.base import NotAuthentic
from otklik.connectors.events import Draft, DraftKind, Event, EventKind, Target, Webhook
from otklik.connectors.telegram.connector import Telegram
from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.connectors.telegram import accounts
from tests.connectors.telegram.accounts import CHANNEL, GROUP, RESIDENT
from tests.servers import serve


class Door:
    """A gate in small: verify, acknowledge, parse."""

    def __init__(self) -> None:
        self.connector: Telegram | None = None
        self.events: list[Event] = []
        self.refused = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        hook = Webhook(headers, (await receive())["body"], now())
        assert self.connector is not None
        status = 200
        try:
            self.connector.verify(hook)
            self.events += self.connector.parse(hook)
        except NotAuthentic:
            self.refused += 1
            status = 403
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_question_is_heard_and_answered_where_it_was_asked():
    simulator, door = TelegramSimulator(accounts.TOKEN, CHANNEL, GROUP, in_background=False), Door()
    with serve(simulator.asgi) as api_base, serve(door) as city:
        telegram = door.connector = Telegram.from_config(accounts.config(api_base))
        telegram.subscribe(f"{city}/hooks/t")
        receipt = telegram.send(Draft("post", DraftKind.POST, Target(), "Ремонт на Садовой"))
        [forward] = [found for found in simulator.town.messages.values() if found.get("is_automatic_forward")]
        asyncio.run(simulator.comment(forward, RESIDENT, "Когда?"))
        heard = {event.kind: event for event in door.events}
        post, comment = heard[EventKind.POST], heard[EventKind.COMMENT]
        target = Target(comment.container, comment.thread_key, "", comment.external_id)
        telegram.send(Draft("answer", DraftKind.COMMENT_REPLY, target, "В среду."))

    assert post.post is not None
    assert (receipt.post_external_id, comment.thread_key) == (post.post.external_id, post.thread_key)
    assert (comment.text, comment.post and comment.post.external_id) == ("Когда?", receipt.post_external_id)
    assert [(sent.text, str(sent.reply_to)) for sent in simulator.accepted[1:]] == [("В среду.", comment.external_id)]


def test_forged_update_is_refused_at_the_door():
    door = Door()
    door.connector = accounts.connector()
    body = payloads.comment_update(
        update_id=1,
        message_id=2,
        text="Ложь",
        user_id=3,
        user_name="Никто",
        chat_id=GROUP,
        thread_id=4,
        date=accounts.SECONDS,
    )
    with serve(door) as city:
        statuses = [
            httpx.post(city, content=body, headers=payloads.headers(secret)).status_code
            for secret in ("", "guess", accounts.SECRET)
        ]

    assert (statuses, door.refused, [event.text for event in door.events]) == ([403, 403, 200], 2, ["Ложь"])
