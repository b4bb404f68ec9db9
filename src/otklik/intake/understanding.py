"""What messages mean: the triage library, given each comment's post and parent, and the city's own places."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from otklik.channels.models import Channel, Message
from otklik.channels.services.ingesting import SPOKEN
from otklik.connectors.events import Action, Event
from otklik.intake.reading import Read
from otklik.intake.recognising import Memory, Recollection, recall
from otklik.org.models import Municipality
from otklik.org.queries import Directory, directory_of
from otklik.posts.queries import texts_of_posts
from otklik.triage import Gazetteer, Street, Text, Triage, Verdict

_KEPT_S = 10.0
"""How long the worker works from the same directory: a changed department counts a few seconds later."""


class _City(NamedTuple):
    until: float
    directory: Directory
    gazetteer: Gazetteer
    triage: Triage


class Brain:
    """What a worker keeps in memory: the triage library, and each city's directory for a few seconds."""

    def __init__(self) -> None:
        self._shipped = Triage.shipped()
        self._cities: dict[int, _City] = {}
        self._memories: dict[int, Memory] = {}

    def directory(self, municipality: Municipality) -> Directory:
        """Return the city's directory, at most ten seconds old."""
        return self._kept(municipality).directory

    def triage(self, municipality: Municipality) -> Triage:
        """Return the triage that knows this city's streets."""
        return self._kept(municipality).triage

    def memory(self, municipality: Municipality) -> Memory:
        """Return which words are common in the city; learnt from its newest messages at the first call."""
        memory = self._memories.get(municipality.pk)
        if memory is None:
            memory = self._memories[municipality.pk] = Memory()
            memory.learn_newest(municipality.pk)
        memory.gazetteer = self._kept(municipality).gazetteer
        return memory

    def forget(self) -> None:
        """Read everything of the cities anew."""
        self._cities.clear()
        self._memories.clear()

    def _kept(self, municipality: Municipality) -> _City:
        kept = self._cities.get(municipality.pk)
        if kept is None or kept.until < time.monotonic():
            directory = directory_of(municipality)
            gazetteer = Gazetteer([Street(name, tuple(place.aliases)) for name, place in directory.streets.items()])
            kept = _City(time.monotonic() + _KEPT_S, directory, gazetteer, self._shipped.in_city(gazetteer))
            self._cities[municipality.pk] = kept
        return kept


def understand(channel: Channel, heard: Sequence[Read], brain: Brain) -> dict[str, Verdict]:
    """Return a verdict for everything newly said, by the message's key (two queries, whatever the number)."""
    events = [event for one in heard for event in one.events if _is_said(event)]
    if not events:
        return {}
    posts = texts_of_posts(channel.pk, [event.post.external_id for event in events if event.post is not None])
    parents = _parent_texts(channel, events)
    texts = [
        Text(
            text=event.text,
            post_text=posts.get(event.post.external_id, "") if event.post is not None else "",
            parent_text=parents.get(f"{event.container}:{event.parent_external_id}", ""),
        )
        for event in events
    ]
    verdicts = brain.triage(channel.municipality).classify(texts)
    return {event.object_key: verdict for event, verdict in zip(events, verdicts, strict=True)}


def recollect(channel: Channel, heard: Sequence[Read], verdicts: Mapping[str, Verdict], brain: Brain) -> Recollection:
    """Return what the newly said reminds of (two queries, whatever the number)."""
    texts = {event.object_key: event.text for one in heard for event in one.events if event.object_key in verdicts}
    return recall(channel.municipality_id, texts, verdicts, brain.memory(channel.municipality))


def _is_said(event: Event) -> bool:
    ours = event.is_echo or (event.author is not None and event.author.is_self)
    return not ours and event.action is not Action.DELETED and event.kind in SPOKEN and bool(event.external_id)


def _parent_texts(channel: Channel, events: Sequence[Event]) -> dict[str, str]:
    keys = {f"{event.container}:{event.parent_external_id}" for event in events if event.parent_external_id}
    if not keys:
        return {}
    rows = Message.objects.filter(municipality=channel.municipality_id, channel=channel, object_key__in=keys)
    return dict(rows.values_list("object_key", "text"))
