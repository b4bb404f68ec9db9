"""Keeping words of before: they can be found and read, and nobody is owed an answer to them any more.

Rejected: letting them go the way of a new message. Ten years of letters would be as many cases with deadlines, surges
and labels for triage, all of yesterday's people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from otklik.channels.enums import Decision, MessageKind, Visibility
from otklik.channels.models import Channel, Message, Thread
from otklik.channels.services.indexing import index_messages
from otklik.channels.services.ingesting import upsert_identities
from otklik.channels.whys import Why, stored
from otklik.common.inserting import insert
from otklik.common.text import storable
from otklik.connectors.events import Author

BATCH = 500
"""Words in one transaction: SQLite has one writer, and the gate waits for its turn."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """Something that was said before. `key` is the same in every archive of the account."""

    key: str
    thread: str
    author: str
    text: str
    at: datetime
    is_ours: bool = False
    is_comment: bool = False


@transaction.atomic
def keep_history(channel: Channel, words: Sequence[Recounted], *, now: datetime) -> int:
    """Keep words of before and return how many were new. Four queries and the writes, however many; safe to repeat.

    They open no case, count in no surge and teach triage nothing; search finds them. Whoever is named only by a name
    is a person within that conversation, never one with an account of the same name.
    """
    fresh = _unknown(channel, words)
    if not fresh:
        return 0
    authors = [_author(one) for one in fresh if not one.is_ours]
    people = upsert_identities(channel, authors, now=now)
    threads = _threads(channel, fresh)
    rows = []
    for one in fresh:
        person = None if one.is_ours else people.get(_author(one).external_id or "")
        rows.append(_message(channel, one, threads[_thread_key(one)], now))
        rows[-1].identity = person
    insert(rows)
    index_messages([row for row in rows if not row.is_ours], {})
    return len(rows)


def _unknown(channel: Channel, words: Sequence[Recounted]) -> list[Recounted]:
    wanted = {f"history:{one.key}": one for one in words}
    there = Message.objects.filter(municipality=channel.municipality_id, channel=channel, object_key__in=wanted)
    known = set(there.values_list("object_key", flat=True))
    return [one for key, one in wanted.items() if key not in known]


def _author(one: Recounted) -> Author:
    told = hashlib.sha256(f"{one.thread}\0{one.author}".encode()).hexdigest()[:32]
    return Author(external_id=f"history:{told}", display_name=one.author)


def _thread_key(one: Recounted) -> str:
    return f"history:{one.thread}"[:200]


def _threads(channel: Channel, words: Sequence[Recounted]) -> dict[str, Thread]:
    wanted = {_thread_key(one): one for one in words}
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    known = {thread.key: thread for thread in Thread.objects.filter(**scope, key__in=wanted)}
    fresh = [
        Thread(**scope, key=key, visibility=Visibility.PUBLIC if one.is_comment else Visibility.PRIVATE)
        for key, one in wanted.items()
        if key not in known
    ]
    Thread.objects.bulk_create(fresh)
    return known | {thread.key: thread for thread in fresh}


def _message(channel: Channel, one: Recounted, thread: Thread, now: datetime) -> Message:
    key = f"history:{one.key}"
    private = not one.is_comment
    return Message(
        municipality_id=channel.municipality_id,
        channel=channel,
        thread=thread,
        object_key=key,
        external_id=one.key,
        root_key=_thread_key(one) if private else key,
        kind=MessageKind.DIRECT_MESSAGE if private else MessageKind.COMMENT,
        visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
        is_ours=one.is_ours,
        text=storable(one.text),
        occurred_at=one.at,
        received_at=now,
        decision=Decision.OWN if one.is_ours else Decision.NO_ANSWER,
        decision_reason=stored(Why.HISTORY),
    )
