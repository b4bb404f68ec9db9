"""Many people at once, through the site's real payloads and the worker's own steps."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from otklik.channels.models import Message
from otklik.common.clock import now
from tests.stories import Town, store_body

NO_WATER = "Нет холодной воды, улица Садовая, дом {house}. Когда включат воду?"


def crowd(
    town: Town,
    people: int,
    text: str = NO_WATER,
    *,
    post: str = "",
    one_person: bool = False,
    ago_m: float = 5,
    start: int = 0,
) -> list[Message]:
    """So many people write in one batch; `{house}` gets a number of its own each time."""
    at = now() - timedelta(minutes=ago_m)
    keys = []
    for number in range(start, start + people):
        key = f"c{next(town.numbers)}"
        body: dict[str, object] = {
            "submission_id": key,
            "text": text.format(house=number + 1),
            "visitor": "same" if one_person else f"crowd{number}",
            "sent_at": at.isoformat(),
        }
        if post:
            body["post"] = post
        store_body(town.site, json.dumps(body).encode())
        keys.append(key)
    town.work()
    found = {
        message.external_id: message for message in Message.objects.filter(channel=town.site, external_id__in=keys)
    }
    return [found[key] for key in keys]


def full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
