"""Words that a network still shows of before: the same messages as if they had been delivered, and owed no answer.

What was said lately is not history: it goes the way of every delivery, so that a question which the webhook is about
to bring isn't met first here and left without a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from otklik.channels.enums import Decision
from otklik.channels.models import Channel, Message
from otklik.channels.services.indexing import index_messages
from otklik.channels.services.ingesting import SPOKEN, Batch
from otklik.channels.services.receiving import Arrival, store_silently
from otklik.channels.whys import Why, stored
from otklik.connectors.base import Connector, Malformed
from otklik.connectors.events import Event, EventKind, Webhook


@dataclass(frozen=True, slots=True)
class Remembered:
    """How many words were new, here already, and handed on as fresh; posts aren't counted among them."""

    new: int = 0
    before: int = 0
    fresh: int = 0


def read(connector: Connector, hooks: Sequence[Webhook]) -> list[tuple[Webhook, Event]]:
    """Return what these bodies say, each thing once; what can't be read is left out."""
    told: dict[str, tuple[Webhook, Event]] = {}
    for hook in hooks:
        try:
            events = connector.parse(hook)
        except Malformed:
            continue
        for event in events:
            if event.kind in SPOKEN and event.external_id:
                told.setdefault(event.object_key, (hook, event))
    return list(told.values())


def remember(
    channel: Channel,
    connector: Connector,
    hooks: Sequence[Webhook],
    *,
    fresh_since: datetime,
    started_at: datetime,
    now: datetime,
) -> Remembered:
    """Keep the words of a page; safe to repeat. The caller holds the channel's row, in a transaction.

    What this same reading (since `started_at`) brought already, where its pages overlap, counts as nothing.
    """
    told = read(connector, hooks)
    keys = [event.object_key for _, event in told]
    ours = Message.objects.filter(municipality=channel.municipality_id, channel=channel, object_key__in=keys)
    known = dict(ours.values_list("object_key", "received_at"))
    unknown = [(hook, event) for hook, event in told if event.object_key not in known]
    fresh = [(hook, event) for hook, event in unknown if event.occurred_at >= fresh_since]
    old = [event for _, event in unknown if event.occurred_at < fresh_since]
    if fresh:
        store_silently([_arrival(channel, connector, hook) for hook, _ in fresh])
    if old:
        _keep(channel, old, now)
    words = [event for _, event in told if event.kind is not EventKind.POST]
    return Remembered(
        new=sum(event.kind is not EventKind.POST for event in old),
        before=sum(known.get(event.object_key, now) < started_at for event in words),
        fresh=sum(event.kind is not EventKind.POST for _, event in fresh),
    )


def _keep(channel: Channel, events: Sequence[Event], now: datetime) -> None:
    batch = Batch(channel, now)
    batch.load([(None, event) for event in events])
    for event in events:
        batch.apply(None, event)
    for message in batch.from_residents:
        message.decision, message.decision_reason = Decision.NO_ANSWER, stored(Why.HISTORY)
    batch.write()
    index_messages([message for message in batch.created if not message.is_ours], {})


def _arrival(channel: Channel, connector: Connector, hook: Webhook) -> Arrival:
    return Arrival(
        municipality_id=channel.municipality_id,
        channel_id=channel.pk,
        dedup_key=connector.delivery_key(hook),
        body=hook.body,
        received_at=hook.received_at,
        headers=hook.headers,
    )
