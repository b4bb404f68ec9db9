"""What messages mean: the triage library, given each comment's post and parent, and the city's own places."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from otklik.channels.models import Channel, Message
from otklik.channels.services.ingesting import SPOKEN
from otklik.connectors.events import Action, Event
from otklik.intake.reading import Read
from otklik.intake.recognising import Memory, Recollection, recall
from otklik.org.models import Municipality
from otklik.org.queries import Directory, directory_of
from otklik.posts.queries import texts_of_posts
from otklik.pulse.models import SurgeSettings
from otklik.pulse.queries import settings_of
from otklik.teaching.models import Learning
from otklik.teaching.services.using import learnt_in_use, precision_of
from otklik.triage import Gazetteer, Street, Text, Triage, Understood

_KEPT_S = 10.0
"""How long the worker works from the same directory: a changed department counts a few seconds later."""


@dataclass(frozen=True, slots=True)
class Mind:
    """What a worker knows of a city until it looks again; `version` 0 is the knowledge that came with the product."""

    until: float
    directory: Directory
    gazetteer: Gazetteer
    triage: Triage
    version: int
    thresholds: SurgeSettings


@dataclass(frozen=True, slots=True)
class _Taught:
    """Triage with what a city taught it, and what it was asked for: the version and how sure it must be."""

    wanted: tuple[float, ...]
    triage: Triage
    version: int


class Brain:
    """What a worker keeps in memory: the triage library, what each city taught it, and its directory for seconds."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._shipped = Triage.shipped()
        self._taught: dict[int, _Taught] = {}
        self._unpacking: set[int] = set()
        self._cities: dict[int, tuple[_Taught, Mind]] = {}
        self._memories: dict[int, Memory] = {}

    def directory(self, municipality: Municipality) -> Directory:
        """Return the city's directory, at most ten seconds old."""
        return self.mind(municipality).directory

    def triage(self, municipality: Municipality) -> Triage:
        """Return the triage that knows this city's streets and what its people taught."""
        return self.mind(municipality).triage

    def memory(self, municipality: Municipality) -> Memory:
        """Return which words are common in the city; learnt from its newest messages at the first call."""
        memory = self._memories.get(municipality.pk)
        if memory is None:
            memory = self._memories[municipality.pk] = Memory()
            memory.learn_newest(municipality.pk)
        memory.gazetteer = self.mind(municipality).gazetteer
        return memory

    @property
    def is_unpacking(self) -> bool:
        """Whether a version that a city put in use is still being unpacked beside the work."""
        return bool(self._unpacking)

    def forget(self) -> None:
        """Read everything of the cities anew."""
        self._cities.clear()
        self._memories.clear()
        self._taught.clear()

    def mind(self, municipality: Municipality) -> Mind:
        """Return what is known of the city: take it once for a batch, so that all of the batch is decided alike.

        A version that has been unpacked meanwhile is taken up at once, whatever is left of the ten seconds.
        """
        taught, kept = self._cities.get(municipality.pk, (None, None))
        if kept is None or kept.until < self._seconds() or taught is not self._taught.get(municipality.pk):
            directory = directory_of(municipality)
            gazetteer = Gazetteer([Street(name, tuple(place.aliases)) for name, place in directory.streets.items()])
            taught = self._taught_by(municipality)
            triage = taught.triage.in_city(gazetteer)
            thresholds = settings_of(municipality.pk)
            kept = Mind(self._seconds() + _KEPT_S, directory, gazetteer, triage, taught.version, thresholds)
            self._cities[municipality.pk] = (taught, kept)
        return kept

    def _taught_by(self, municipality: Municipality) -> _Taught:
        """Return the triage with the city's version in use; its bytes are read only when it is another than before.

        A version that changes while messages come is unpacked beside the work: until then the one before decides.
        """
        rows = Learning.objects.filter(municipality=municipality.pk).select_related("in_use")
        learning = rows.defer("in_use__learnt", "in_use__card").first()
        kept = self._taught.get(municipality.pk)
        if learning is None or learning.in_use is None:
            kept = _Taught((), self._shipped, 0)
            self._taught[municipality.pk] = kept
            return kept
        wanted = (learning.in_use.pk, learning.group_precision, learning.topic_precision)
        if kept is None:
            kept = self._unpack(learning, wanted)
            self._taught[municipality.pk] = kept
        elif kept.wanted != wanted and municipality.pk not in self._unpacking:
            learning.in_use.refresh_from_db(fields=["learnt"])  # here: the thread has no connection of its own
            self._unpacking.add(municipality.pk)
            threading.Thread(target=self._unpack_beside, args=(learning, wanted), daemon=True).start()
        return kept

    def _unpack_beside(self, learning: Learning, wanted: tuple[float, ...]) -> None:
        try:
            self._taught[learning.municipality_id] = self._unpack(learning, wanted)
        finally:
            self._unpacking.discard(learning.municipality_id)

    def _unpack(self, learning: Learning, wanted: tuple[float, ...]) -> _Taught:
        learnt = learnt_in_use(learning)
        if learnt is None or learning.in_use is None:
            return _Taught(wanted, self._shipped, 0)
        wiser = self._shipped.with_learnt(learnt, precision=precision_of(learning))
        return _Taught(wanted, wiser, learning.in_use.number)


def understand(channel: Channel, heard: Sequence[Read], triage: Triage) -> dict[str, Understood]:
    """Return what everything newly said means, and what was read of it, by the message's key (two queries at most)."""
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
    understood = triage.classify_read(texts)
    return {event.object_key: one for event, one in zip(events, understood, strict=True)}


def recollect(channel: Channel, understood: Mapping[str, Understood], brain: Brain) -> Recollection:
    """Return what the newly said reminds of (three queries, whatever the number)."""
    return recall(channel.municipality_id, understood, brain.memory(channel.municipality))


def _is_said(event: Event) -> bool:
    ours = event.is_echo or (event.author is not None and event.author.is_self)
    return not ours and event.action is not Action.DELETED and event.kind in SPOKEN and bool(event.external_id)


def _parent_texts(channel: Channel, events: Sequence[Event]) -> dict[str, str]:
    keys = {f"{event.container}:{event.parent_external_id}" for event in events if event.parent_external_id}
    if not keys:
        return {}
    rows = Message.objects.filter(municipality=channel.municipality_id, channel=channel, object_key__in=keys)
    return dict(rows.values_list("object_key", "text"))
