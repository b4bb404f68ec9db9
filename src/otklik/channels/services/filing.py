"""Files that came with messages: a row for each beside its message; fetched later, outside the message's own way.

A message waits for no file. Whoever dies while fetching leaves a row that is due again; fetching twice keeps one file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from django.db.models import F, Q

from otklik.channels.connections import connector_of
from otklik.channels.enums import OUR_FORMS, FetchState
from otklik.channels.models import Message, MessageFile
from otklik.common import bell
from otklik.common.inserting import insert
from otklik.common.vault import WrongKey
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Fetched
from otklik.media.models import StoredFile
from otklik.media.services.keeping import MEGABYTE, NotTaken, keep

log = logging.getLogger(__name__)

FETCHED_KINDS = frozenset(
    {"photo", "document", "video", "animation", "video_note", "voice", "audio", "picture", "file"}
)
"""Stickers, polls and links stay where they are."""
MOST_FILES = 10
LARGEST = 20 * MEGABYTE
LEASE = timedelta(minutes=5)
_BACKOFF_S = (5, 30, 120, 600, 3600, 3 * 3600)
"""Seconds before each next attempt; then the file stays in the network, and the desk says so."""


@runtime_checkable
class FetchesFiles(Protocol):
    """A connector whose network keeps the files of its messages."""

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file. Raises SendFailed (permanent: it will never come), SendUnknown."""
        ...


def file_attachments(messages: Sequence[Message], *, now: datetime) -> None:
    """Write a row for each file of new messages, in their transaction; nothing at all where there are no files."""
    rows = [row for message in messages if message.attachments for row in _rows(message, now)]
    if not rows:
        return
    _take_uploads(rows)
    insert(rows)
    bell.ring("files")


def _rows(message: Message, now: datetime) -> Iterator[MessageFile]:
    for position, told in enumerate(message.attachments[:MOST_FILES]):
        wanted = told["may_store"] and told["kind"] in FETCHED_KINDS and (told["source_ref"] or told["url"])
        yield MessageFile(
            municipality_id=message.municipality_id,
            message=message,
            position=position,
            kind=told["kind"][:20],
            source_ref=told["source_ref"][:500],
            url=told["url"][:2000],
            filename=told["filename"][:200],
            state=FetchState.DUE if wanted else FetchState.LEFT,
            due_at=now,
        )


def _take_uploads(rows: Sequence[MessageFile]) -> None:
    """What came by a form of ours is with us already: its key is the reference."""
    ours = {row.source_ref: row for row in rows if row.message.channel.network in OUR_FORMS}
    if not ours:
        return
    city = rows[0].municipality_id
    found = {file.key: file for file in StoredFile.objects.filter(municipality=city, key__in=ours)}
    for key, row in ours.items():
        row.file = found.get(key)
        row.state = FetchState.KEPT if key in found else FetchState.FAILED


def fetch_next(*, now: datetime) -> bool:
    """Fetch the file that is due longest; False if none is. Uses HTTP: never call it inside a transaction."""
    row = _claim(now)
    if row is None:
        return False
    message = row.message
    if message.deleted_at is not None:
        MessageFile.objects.filter(pk=row.pk).update(state=FetchState.LEFT)
        return True
    try:
        connector = connector_of(message.channel)
        if not isinstance(connector, FetchesFiles):
            raise SendFailed("this network gives no files", permanent=True)  # noqa: TRY301 - one place decides below
        fetched = connector.fetch_file(row.source_ref, row.url, most=LARGEST)
        kept = keep(row.municipality_id, fetched.filename or row.filename or row.kind, [fetched.content], now=now)
    except (NotTaken, ValueError, WrongKey) as error:
        _give_up(row, str(error))
    except (SendFailed, SendUnknown, OSError) as error:
        _again(row, error, now)
    else:
        MessageFile.objects.filter(pk=row.pk, state=FetchState.DUE).update(
            state=FetchState.KEPT, file=kept, trouble="", url=""
        )
    return True


def _claim(now: datetime) -> MessageFile | None:
    due = Q(state=FetchState.DUE, due_at__lte=now)
    found = MessageFile.objects.filter(due).order_by("due_at", "id").first()
    if found is None:
        return None
    mine = MessageFile.objects.filter(pk=found.pk, state=FetchState.DUE, due_at=found.due_at)
    if mine.update(due_at=now + LEASE, attempts=F("attempts") + 1) != 1:
        return None
    return MessageFile.objects.select_related("message__channel").get(pk=found.pk)


def _give_up(row: MessageFile, why: str) -> None:
    MessageFile.objects.filter(pk=row.pk, state=FetchState.DUE).update(state=FetchState.FAILED, trouble=why[:200])


def _again(row: MessageFile, error: Exception, now: datetime) -> None:
    permanent = isinstance(error, SendFailed) and error.permanent
    if permanent or row.attempts > len(_BACKOFF_S):
        _give_up(row, str(error))
        return
    wait_s = getattr(error, "retry_after_s", None) or _BACKOFF_S[row.attempts - 1]
    log.info("a file of message %s could not be fetched yet: %s", row.message_id, error)
    MessageFile.objects.filter(pk=row.pk, state=FetchState.DUE).update(
        due_at=now + timedelta(seconds=wait_s), trouble=str(error)[:200]
    )


def let_go_of_deleted(limit: int = 200) -> int:
    """Remove the files' rows of messages that their authors deleted; the sweep removes the files. Returns how many."""
    rows = MessageFile.objects.filter(message__deleted_at__isnull=False).values_list("pk", flat=True)[:limit]
    return MessageFile.objects.filter(pk__in=list(rows)).delete()[0]
