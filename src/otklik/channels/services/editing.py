"""Changing what was sent where it stands: a row of its own, with the same states, that names the row it rewrites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from otklik.channels.connections import connector_of
from otklik.channels.models import Message, MessageVersion, Outgoing, OutgoingFile
from otklik.channels.services.parting import parts_of
from otklik.common import bell
from otklik.common.inserting import insert
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.org.models import Official


def can_rewrite(sent: Outgoing, text: str) -> bool:
    """Return whether this text can take the place of what was sent: the network and this account let it, and it comes
    in as many parts as are there."""
    try:
        connector = connector_of(sent.channel)
    except (ValueError, WrongKey):
        return False
    with_photos = bool(sent.files.all())
    if not sent.receipts or not connector.takes_edits(DraftKind(sent.kind), with_photos=with_photos):
        return False
    return len(parts_of(connector, sent, text)) == len(sent.receipts)


def queue_edit(sent: Outgoing, text: str, key: str, *, official: Official | None, now: datetime) -> Outgoing:
    """Queue other words for what was sent; its photos stay. The caller has asked `can_rewrite` and uses a new key."""
    row = Outgoing.objects.create(
        municipality_id=sent.municipality_id,
        channel=sent.channel,
        thread_id=sent.thread_id,
        reply_to_id=sent.reply_to_id,
        idempotency_key=key,
        kind=sent.kind,
        target=sent.target,
        text=text,
        official=official,
        edits=sent,
        due_at=now,
        created_at=now,
    )
    insert([_same_photo(row, one) for one in sent.files.all()])
    bell.ring("outgoing")
    return row


def _same_photo(row: Outgoing, photo: OutgoingFile) -> OutgoingFile:
    return OutgoingFile(
        municipality_id=row.municipality_id, outgoing=row, position=photo.position, file=photo.file, alt=photo.alt
    )


def receipts_of(row: Outgoing) -> list[Receipt]:
    """Return what the network gave for each part."""
    return [Receipt(**{**receipt, "further": tuple(receipt.get("further", ()))}) for receipt in row.receipts]


def rewrite(connector: Connector, drafts: Sequence[Draft], there: Sequence[Receipt], done: list[Receipt]) -> None:
    """Give each part its new words, adding to `done` as they are taken. Raises SendFailed, SendUnknown."""
    for draft, receipt in list(zip(drafts, there, strict=True))[len(done) :]:
        connector.edit(draft, receipt)
        done.append(receipt)


def keep_new_words(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Let our messages in their threads say what they say now; what they said before is kept as a version.

    The network's own word of the change may come before this or after it: the same words are no second version.
    """
    for row in rows:
        parts = parts_of(connector_of(row.channel), row)
        for part, receipt in zip(parts, receipts_of(row), strict=False):
            key = f"{receipt.container}:{receipt.external_id}"
            ours = {"municipality": row.municipality_id, "channel": row.channel_id, "object_key": key}
            message = Message.objects.select_for_update().filter(**ours, deleted_at=None).first()
            if message is None or message.text == part.text:
                continue
            MessageVersion.objects.create(
                municipality_id=row.municipality_id,
                message=message,
                external_version=message.external_version,
                text=message.text,
                replaced_at=now,
            )
            changes = {"text": part.text, "edited_at": now, "external_version": message.external_version + 1}
            Message.objects.filter(pk=message.pk).update(**changes)
