"""From events to people, threads and messages, a batch of one channel at a time.

A repeat changes nothing; an edit adds a version; a deletion leaves a tombstone; what comes in the wrong order ends the
same. The caller holds the channel (worker.taking), so two batches of one channel never run at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from otklik.channels.enums import Decision, MessageKind
from otklik.channels.models import Channel, Delivery, Identity, Message, MessageVersion, Resident, Thread
from otklik.channels.services import befriending, looking_up, reacting
from otklik.channels.services.filing import file_attachments
from otklik.channels.services.indexing import follow_names
from otklik.channels.whys import Why, stored
from otklik.common.inserting import insert, insert_new
from otklik.common.text import storable
from otklik.connectors.events import Action, Author, Event, EventKind

SPOKEN = {
    EventKind.COMMENT: MessageKind.COMMENT,
    EventKind.DIRECT_MESSAGE: MessageKind.DIRECT_MESSAGE,
    EventKind.MENTION: MessageKind.MENTION,
    EventKind.REVIEW: MessageKind.REVIEW,
    EventKind.REPORT: MessageKind.REPORT,
    EventKind.POST: MessageKind.POST,
}
"""The events that are somebody's words."""


def gather(channel: Channel, told: Sequence[tuple[Delivery, Event]], *, now: datetime) -> Batch:
    """Return what these events say as rows, people and threads written, messages not yet: the caller decides first.

    Call it and `Batch.write` in one transaction. The query count doesn't depend on the number of events.
    """
    spoken = [(delivery, event) for delivery, event in told if event.kind in SPOKEN and event.external_id]
    batch = Batch(channel, now)
    if spoken:
        batch.load(spoken)
    for delivery, event in spoken:
        batch.apply(delivery, event)
    if named := [event for _, event in told if event.look_up]:
        looking_up.note(channel, named, now=now)
    if asked := [event for _, event in told if event.kind is EventKind.FOLLOW]:
        befriending.note(channel, asked, now=now)
    if given := [event for _, event in told if reacting.is_reaction(event)]:
        reacting.note(channel, given, now=now)
    return batch


class Batch:
    """The rows that a batch touches, read once and written once."""

    def __init__(self, channel: Channel, now: datetime) -> None:
        self.channel = channel
        self.now = now
        self.identities: dict[str, Identity] = {}
        self.threads: dict[str, Thread] = {}
        self.messages: dict[str, Message] = {}
        self.created: list[Message] = []
        self.changed: dict[int, Message] = {}
        self.edited: dict[int, Message] = {}
        self.deleted: dict[int, Message] = {}
        self.restored: dict[int, Message] = {}
        self.versions: list[MessageVersion] = []
        self.extras: dict[str, Mapping[str, str]] = {}

    def load(self, spoken: Sequence[tuple[Delivery | None, Event]]) -> None:
        """Read, or make, everything these events refer to."""
        events = [event for _, event in spoken]
        self.identities = upsert_identities(
            self.channel, [event.author for event in events if event.author is not None], now=self.now
        )
        self.threads = _upsert_threads(self.channel, events)
        keys = {event.object_key for event in events} | {_parent_key(event) for event in events}
        # Threads apart, not by a join: with a young table's statistics PostgreSQL would walk every thread's messages.
        known = Message.objects.filter(
            municipality=self.channel.municipality_id, channel=self.channel, object_key__in=keys - {""}
        ).prefetch_related("thread")
        self.messages = {message.object_key: message for message in known}

    def apply(self, delivery: Delivery | None, event: Event) -> None:
        """Take one event in, in memory; without a delivery where it was read, not delivered."""
        message = self.messages.get(event.object_key)
        if message is None:
            self._create(delivery, event)
        elif event.action == Action.DELETED:
            self._delete(message)
        elif event.action == Action.RESTORED and message.deleted_at is not None:
            message.deleted_at, message.text = None, storable(event.text)
            self._touch(message)
            self._turn(message, self.deleted, self.restored)
        elif event.external_version > message.external_version and message.deleted_at is None:
            self._rewrite(message, event)

    @property
    def from_residents(self) -> list[Message]:
        """New messages that are due for a decision."""
        return [message for message in self.created if message.decision == Decision.PENDING]

    @property
    def ours(self) -> list[Message]:
        """New words of the city itself, written in the network's app."""
        return [message for message in self.created if message.is_ours and message.kind != MessageKind.POST]

    def told_besides(self, message: Message) -> Mapping[str, str]:
        """Return what the network told besides, by the connector's names."""
        return self.extras.get(message.object_key, {})

    def write(self) -> None:
        """Write the messages."""
        insert(self.created)
        file_attachments(self.created, now=self.now)
        if self.changed:
            Message.objects.bulk_update(
                self.changed.values(), ["text", "external_version", "edited_at", "deleted_at", "attachments"]
            )
        MessageVersion.objects.bulk_create(self.versions, ignore_conflicts=True)

    def _create(self, delivery: Delivery | None, event: Event) -> None:
        parent_key = _parent_key(event)
        parent = self.messages.get(parent_key)
        is_ours = event.is_echo or (event.author is not None and event.author.is_self)
        deleted = event.action == Action.DELETED
        message = Message(
            municipality_id=self.channel.municipality_id,
            channel=self.channel,
            thread=parent.thread if parent is not None else self.threads[event.thread_key],
            identity=None if is_ours or event.author is None else self.identities.get(event.author.external_id or ""),
            object_key=event.object_key,
            external_id=event.external_id,
            external_version=event.external_version,
            parent_key=parent_key,
            root_key=parent.root_key if parent is not None else parent_key or event.object_key,
            kind=SPOKEN[event.kind],
            visibility=event.visibility.value,
            is_ours=is_ours,
            is_automated=event.automated,
            text="" if deleted else storable(event.text),
            attachments=[_attachment(file) for file in event.attachments],
            permalink=event.permalink[:500],
            occurred_at=event.occurred_at,
            received_at=delivery.received_at if delivery is not None else self.now,
            deleted_at=self.now if deleted else None,
            delivery=delivery,
            decision=Decision.OWN if is_ours else Decision.NO_ANSWER if deleted else Decision.PENDING,
            decision_reason=stored(Why.DELETED) if deleted else "",
        )
        self.messages[event.object_key] = message
        self.created.append(message)
        if event.extra:
            self.extras[event.object_key] = event.extra

    def _delete(self, message: Message) -> None:
        if message.deleted_at is None:
            message.deleted_at, message.text, message.attachments = self.now, "", []
            self._touch(message)
            self._turn(message, self.restored, self.deleted)

    def _rewrite(self, message: Message, event: Event) -> None:
        text = storable(event.text)
        if message.pk is not None and text != message.text:
            self.versions.append(
                MessageVersion(
                    municipality_id=message.municipality_id,
                    message=message,
                    external_version=message.external_version,
                    text=message.text,
                    replaced_at=self.now,
                )
            )
            self.edited[message.pk] = message
        message.text, message.external_version, message.edited_at = text, event.external_version, event.occurred_at
        self._touch(message)

    def _turn(self, message: Message, back: dict[int, Message], into: dict[int, Message]) -> None:
        """Note that a message went or came back; both in one batch is neither."""
        if message.pk is not None and back.pop(message.pk, None) is None:
            into[message.pk] = message

    def _touch(self, message: Message) -> None:
        if message.pk is not None:
            self.changed[message.pk] = message


def upsert_identities(channel: Channel, authors: Iterable[Author], *, now: datetime) -> dict[str, Identity]:
    """Return the identities of these authors by external id, new ones with a resident of their own.

    Never joined by name: a person is one across networks only by own proof or an operator's link.
    """
    wanted = {author.external_id: author for author in authors if author.external_id and not author.is_self}
    scope: dict[str, Any] = {"municipality_id": channel.municipality_id, "network": channel.network}
    known = {i.external_id: i for i in Identity.objects.filter(**scope, external_id__in=wanted)}
    missing = [wanted[key] for key in sorted(wanted.keys() - known.keys())]
    if missing:
        residents = [
            Resident(municipality_id=channel.municipality_id, display_name=_name(author), created_at=now)
            for author in missing
        ]
        insert(residents)
        fresh = [
            Identity(
                **scope,
                external_id=author.external_id or "",
                resident=resident,
                display_name=_name(author),
                handle=author.handle[:120],
                url=author.url[:500],
                is_bot=author.is_bot,
                first_seen_at=now,
            )
            for author, resident in zip(missing, residents, strict=True)
        ]
        if insert_new(fresh):
            known |= {identity.external_id: identity for identity in fresh}
        else:
            known |= _known_after_all(scope, fresh)
    _refresh_names(known, wanted)
    return known


def _known_after_all(scope: Mapping[str, Any], fresh: Sequence[Identity]) -> dict[str, Identity]:
    """Return identities some of which another channel of the same network met at the same moment: theirs count."""
    keys = [identity.external_id for identity in fresh]
    known = {i.external_id: i for i in Identity.objects.filter(**scope, external_id__in=keys)}
    used = {identity.resident_id for identity in known.values()}
    spare = [identity.resident_id for identity in fresh if identity.resident_id not in used]
    Resident.objects.filter(pk__in=spare).delete()
    return known


def _refresh_names(known: Mapping[str, Identity], wanted: Mapping[str, Author]) -> None:
    renamed = []
    for key, identity in known.items():
        name = _name(wanted[key]) if key in wanted else ""
        if name and name != identity.display_name:
            identity.display_name = name
            renamed.append(identity)
    if renamed:
        Identity.objects.bulk_update(renamed, ["display_name"])
        follow_names(renamed)


def _name(author: Author) -> str:
    return storable(author.display_name)[:200]


def _upsert_threads(channel: Channel, events: Sequence[Event]) -> dict[str, Thread]:
    named = {event.thread_key: event for event in events}
    posts = {event.thread_key: event.post for event in events if event.post is not None}
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    threads = {thread.key: thread for thread in Thread.objects.filter(**scope, key__in=named)}
    fresh = [
        Thread(
            **scope,
            key=key,
            visibility=event.visibility.value,
            post_external_id=posts[key].external_id if key in posts else "",
            permalink=posts[key].permalink[:500] if key in posts else "",
            subject=storable(event.subject)[:200],
        )
        for key, event in named.items()
        if key not in threads
    ]
    Thread.objects.bulk_create(fresh)
    # A comment may come before the post it hangs on is known.
    late = [thread for key, thread in threads.items() if key in posts and not thread.post_external_id]
    for thread in late:
        thread.post_external_id = posts[thread.key].external_id
    if late:
        Thread.objects.bulk_update(late, ["post_external_id"])
    return threads | {thread.key: thread for thread in fresh}


def _parent_key(event: Event) -> str:
    return f"{event.container}:{event.parent_external_id}" if event.parent_external_id else ""


def _attachment(file: Any) -> dict[str, Any]:
    return {
        "kind": file.kind,
        "source_ref": file.source_ref,
        "url": file.url,
        "mime": file.mime,
        "filename": storable(file.filename),
        "may_store": file.may_store,
    }
