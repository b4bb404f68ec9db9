"""Asking Telegram for updates, for a city without an address that is reachable from outside.

Source: https://core.telegram.org/bots/api#getupdates. An update is confirmed by asking for the next number, so what
isn't stored yet comes again. After a week of silence the numbers may begin anywhere: then none is named.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from otklik.connectors.base import Round, SendFailed
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.telegram.bot_api import BotApi
from otklik.connectors.telegram.parsing import SUBSCRIBED, number_of

UPDATES = Round("updates", 1.0)
MOST = 100
WAIT_S = 10
"""How long Telegram holds the question open while nothing happens; less than our patience with an answer."""
_NUMBERS_HOLD = timedelta(days=6)


class Cursor(msgspec.Struct):
    """The number of the next update, and when the last one came."""

    next: int
    at: datetime


def ask(api: BotApi, cursor: str, *, now: datetime) -> Polled:
    """Return the updates behind the cursor. A webhook that is still set is removed: whoever set `polling` wants that.

    Raises SendFailed, SendUnknown.
    """
    known = _read(cursor)
    offset = {"offset": known.next} if known is not None and now - known.at < _NUMBERS_HOLD else {}
    try:
        found = _updates(api, offset)
    except SendFailed as error:
        if "webhook is active" not in str(error):
            raise
        forget_webhook(api)
        found = _updates(api, offset)
    numbers = [number for one in found if (number := number_of(bytes(one))) is not None]
    hooks = tuple(Webhook({"content-type": "application/json"}, bytes(one), now) for one in found)
    after = _written(Cursor(max(numbers) + 1, now.astimezone(UTC))) if numbers else cursor
    return Polled(hooks, after, more=len(found) == MOST)


def forget_webhook(api: BotApi) -> None:
    """Have updates wait for us; what waits already stays. Raises SendFailed, SendUnknown."""
    api.call("deleteWebhook", bool, drop_pending_updates=False)


def _updates(api: BotApi, offset: dict[str, int]) -> list[msgspec.Raw]:
    wanted = {"limit": MOST, "timeout": WAIT_S, "allowed_updates": list(SUBSCRIBED)}
    return api.call("getUpdates", list[msgspec.Raw], **wanted, **offset)


def _read(cursor: str) -> Cursor | None:
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.MsgspecError:
        return None


def _written(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
