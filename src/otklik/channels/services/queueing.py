"""Asking for something to be sent: a row, in the caller's transaction. The worker does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from otklik.channels import legal
from otklik.channels.connections import connector_of
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Message, Outgoing, OutgoingFile, Thread
from otklik.channels.windows import closes_at, is_answered_privately, private_reply_until
from otklik.common import bell
from otklik.common.inserting import insert, insert_new
from otklik.common.vault import WrongKey
from otklik.connectors.events import DraftKind
from otklik.connectors.registry import CONNECTORS
from otklik.media.models import StoredFile
from otklik.org.law import Capability
from otklik.org.models import Official

WINDOW_MARGIN = timedelta(minutes=30)
"""What would be sent so shortly before a network's time for answers is over goes at once."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo that goes along, and what it shows."""

    file: StoredFile
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text for the place where somebody wrote. The key is stable: asking twice queues once."""

    message: Message
    text: str
    key: str
    official: Official | None = None
    automated: bool = False
    under_post: bool = False
    """Under the post itself, not under somebody's comment."""
    privately: bool = False
    """By the one private message that answers a comment (`takes_private_reply`)."""
    photos: tuple[Shown, ...] = ()
    """Ready ones; for a place that takes them (`takes_photos`)."""
    send_at: datetime | None = None
    """Not before; sooner where the network would take no answer any more by then."""


def reply_rows(replies: Sequence[Reply], *, now: datetime) -> list[Outgoing]:
    """Return unsaved rows that answer these messages where they were written (callers save them in batches)."""
    return [_row(reply, now) for reply in replies]


def queue_replies(replies: Sequence[Reply], *, now: datetime) -> list[Outgoing]:
    """Queue replies and return their rows; those whose key is queued already are returned as they are."""
    rows = reply_rows(replies, now=now)
    bell.ring("outgoing")
    if insert_new(rows):
        insert([file for row, reply in zip(rows, replies, strict=True) for file in _files(row, reply)])
        return rows
    keys = [row.idempotency_key for row in rows]
    found = Outgoing.objects.filter(municipality=rows[0].municipality_id, idempotency_key__in=keys)
    by_key = {row.idempotency_key: row for row in found}
    return [by_key[key] for key in keys]


def takes_answer(message: Message) -> bool:
    """Return whether the account, as it is set up, may answer where a message was written, and the law lets it."""
    capabilities = CONNECTORS[message.channel.network].capabilities
    return capabilities.answers(_kind(message), message.channel.settings) and not off_by_law(message)


def off_by_law(message: Message) -> str:
    """Return why the law keeps answers off where a message was written, in a sentence; "" if it doesn't."""
    return legal.why_off(message.channel, legal.CAPABILITY_OF[_kind(message)])


def is_told_by_hand(message: Message) -> bool:
    """Return whether only a person can tell an answer to a message: nobody is told anything automatically there."""
    return CONNECTORS[message.channel.network].capabilities.by_hand


def takes_photos(message: Message) -> bool:
    """Return whether an answer to this message may show photos: whether its network and this account take them."""
    return channel_takes_photos(message.channel, _kind(message))


def channel_takes_photos(channel: Channel, kind: DraftKind) -> bool:
    """Return whether what is sent to a channel may show photos: whether its network and this account take them."""
    try:
        return connector_of(channel).takes_photos(kind)
    except (ValueError, WrongKey):
        return False  # a channel that can't be used: whatever is queued there says so itself


def put_photos(row: Outgoing, photos: Sequence[Shown]) -> None:
    """Have photos go along with a row that was just saved, in their order; in the same transaction."""
    insert(
        [
            OutgoingFile(
                municipality_id=row.municipality_id, outgoing=row, position=number, file=shown.file, alt=shown.alt
            )
            for number, shown in enumerate(photos)
        ]
    )


def takes_private_reply(message: Message, text: str, *, now: datetime) -> bool:
    """Return whether a comment may be answered by one private message with these words: not yet, and not too late.

    One query, only for networks that let that be written.
    """
    until = private_reply_until(message)
    if until is None or until < now or not message.channel.is_enabled:
        return False
    if legal.is_off(message.channel, Capability.DIRECT_MESSAGES):
        return False
    try:
        is_one = len(connector_of(message.channel).split(text)) == 1
    except (ValueError, WrongKey):
        return False
    written = Outgoing.objects.filter(municipality=message.municipality_id, reply_to=message)
    return is_one and not written.filter(kind=DraftKind.DIRECT_MESSAGE).exists()


def _files(row: Outgoing, reply: Reply) -> list[OutgoingFile]:
    return [
        OutgoingFile(municipality_id=row.municipality_id, outgoing=row, position=number, file=shown.file, alt=shown.alt)
        for number, shown in enumerate(reply.photos)
    ]


def _kind(message: Message) -> DraftKind:
    return DraftKind.DIRECT_MESSAGE if is_answered_privately(message) else DraftKind.COMMENT_REPLY


def _row(reply: Reply, now: datetime) -> Outgoing:
    message, thread = reply.message, reply.message.thread
    until = private_reply_until(message) if reply.privately else closes_at(message, automated=reply.automated)
    return Outgoing(
        municipality_id=message.municipality_id,
        channel=message.channel,
        # Where a private reply lies, the network says by its echo; among everybody's comments it has no place.
        thread=None if reply.privately else thread,
        reply_to=None if reply.under_post else message,
        idempotency_key=reply.key,
        kind=(DraftKind.DIRECT_MESSAGE if reply.privately else _kind(message)).value,
        target=_target_of(reply, message, thread),
        text=reply.text,
        official=reply.official,
        is_automated=reply.automated,
        state=OutgoingState.BY_HAND if is_told_by_hand(message) else OutgoingState.QUEUED,
        due_at=_due(reply, until, now),
        window_expires_at=until,
        created_at=now,
    )


def _due(reply: Reply, closes_at: datetime | None, now: datetime) -> datetime:
    if reply.send_at is None or (closes_at is not None and closes_at <= reply.send_at + WINDOW_MARGIN):
        return now
    return max(reply.send_at, now)


def _target_of(reply: Reply, message: Message, thread: Thread) -> dict[str, str]:
    target = _target(message, thread)
    if reply.under_post:
        return target | {"reply_to_external_id": "", "peer": ""}
    if reply.privately:
        return {"peer": target["peer"], "to_author_of": message.external_id}
    return target


def _target(message: Message, thread: Thread) -> dict[str, str]:
    container, _, _ = message.object_key.rpartition(":")
    return {
        "container": container,
        "thread_key": thread.key,
        "post_external_id": thread.post_external_id,
        "reply_to_external_id": message.external_id,
        "peer": message.identity.external_id if message.identity is not None else "",
        **({"subject": thread.subject} if thread.subject else {}),
    }
