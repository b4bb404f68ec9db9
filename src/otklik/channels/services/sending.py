"""Sending what is queued: queued → sending → sent | failed | unknown.

The row says `sending`, on disk, before the network hears a word; a worker that dies leaves it so, and it becomes
`unknown`, which is read up, never blindly sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from otklik.channels.connections import connector_of
from otklik.channels.enums import Decision, FetchState, MessageKind, OutgoingState
from otklik.channels.legal import refusal
from otklik.channels.models import Channel, Message, MessageFile, Outgoing
from otklik.channels.services.counting import note_calls
from otklik.channels.services.editing import keep_new_words, receipts_of, rewrite
from otklik.channels.services.parting import parts_of, with_photos
from otklik.channels.services.removing import is_removed, not_possible, remove
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector, SendFailed, SendUnknown, WindowClosed
from otklik.connectors.events import Draft, DraftKind, Receipt, Target

MAX_ATTEMPTS = 8
_BACKOFF = (5, 15, 60, 180, 600, 1800, 3600)
"""Seconds before the second, third, … attempt: about two hours in all, then people see it as not sent."""


@dataclass
class Sent:
    """What became of one row: receipts of the parts that the network took, and the error that stopped it."""

    outgoing: Outgoing
    receipts: list[Receipt] = field(default_factory=list)
    error: SendFailed | SendUnknown | None = None
    called: bool = False
    """Whether the network was asked to take it: a time that has passed is no failed call."""


def claim(worker: str, *, now: datetime, limit: int) -> list[Outgoing]:
    """Mark due rows as being sent by this worker and return them; committed before anything is sent."""
    with transaction.atomic():
        due = list(
            Outgoing.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("channel__municipality", "thread", "reply_to", "official", "edits", "removes")
            .prefetch_related(with_photos())
            .filter(state=OutgoingState.QUEUED, due_at__lte=now, channel__is_enabled=True)
            .order_by("due_at", "id")[:limit]
        )
        for outgoing in due:
            outgoing.state, outgoing.claimed_by, outgoing.claimed_at = OutgoingState.SENDING, worker, now
            outgoing.attempts += 1
        Outgoing.objects.bulk_update(due, ["state", "claimed_by", "claimed_at", "attempts"])
    return due


def deliver(channel: Channel, rows: Sequence[Outgoing], *, now: datetime) -> list[Sent]:
    """Send the rows of one channel in order; HTTP only, writes nothing."""
    try:
        connector = connector_of(channel)
    except (ValueError, WrongKey) as error:
        return [Sent(row, error=SendFailed(str(error), permanent=True)) for row in rows]
    return [_deliver_one(connector, row, now) for row in rows]


def _deliver_one(connector: Connector, row: Outgoing, now: datetime) -> Sent:
    sent = Sent(row, receipts=receipts_of(row))
    if row.window_expires_at is not None and row.window_expires_at < now:
        sent.error = SendFailed("the network's time for an answer here has passed", permanent=True)
        return sent
    if stopped := off_by_law(row) or not_possible(connector, row):
        sent.error = stopped
        return sent
    sent.called = True
    try:
        if row.removes is not None:
            remove(connector, receipts_of(row.removes), sent.receipts)
        elif row.edits is not None:
            rewrite(connector, drafts_of(connector, row), receipts_of(row.edits), sent.receipts)
        else:
            for draft in drafts_of(connector, row)[len(sent.receipts) :]:
                sent.receipts.append(connector.send(draft))
    except (SendFailed, SendUnknown) as error:
        sent.error = error
    except OSError as error:  # read before anything leaves us
        sent.error = SendFailed(f"a photo can't be read from the disk: {error.strerror}", permanent=False)
        sent.called = False
    return sent


def off_by_law(row: Outgoing) -> SendFailed | None:
    """Return the law's refusal, whoever queued the row; None: it may go. What is taken away again may always be."""
    words = refusal(row.channel, DraftKind(row.kind)) if row.removes_id is None else ""
    return SendFailed(words, permanent=True) if words else None


def drafts_of(connector: Connector, row: Outgoing) -> list[Draft]:
    """Return the parts that a row is sent in, each with a key of its own."""
    return [
        Draft(
            idempotency_key=row.idempotency_key if number == 0 else f"{row.idempotency_key}:{number}",
            kind=DraftKind(row.kind),
            target=Target(**row.target),
            text=part.text,
            photos=part.photos,
            queued_at=row.created_at,
            automated=row.is_automated,
        )
        for number, part in enumerate(parts_of(connector, row))
    ]


@transaction.atomic
def record(results: Sequence[Sent], *, now: datetime, then: Callable[[Sequence[Outgoing], datetime], None]) -> None:
    """Write what became of these rows; `then` hears of the finished ones in the same transaction."""
    for sent in results:
        _settle(sent, now)
    rows = [sent.outgoing for sent in results]
    Outgoing.objects.bulk_update(rows, ["state", "receipts", "error", "due_at", "finished_at", "claimed_by"])
    there = [sent for sent in results if sent.outgoing.state == OutgoingState.SENT]
    _keep_our_words([sent for sent in there if not sent.outgoing.changes_sent], now)
    keep_new_words([sent.outgoing for sent in there if sent.outgoing.edits_id is not None], now=now)
    finished = [row for row in rows if row.finished_at is not None]
    for channel_id in {row.channel_id for row in finished if row.state == OutgoingState.SENT}:
        Channel.objects.filter(pk=channel_id).update(last_sent_at=now, last_error="")
    _note_calls(results, now)
    then(finished, now)


def _note_calls(results: Sequence[Sent], now: datetime) -> None:
    by_channel: dict[int, list[Sent]] = {}
    for sent in results:
        if sent.called:
            by_channel.setdefault(sent.outgoing.channel_id, []).append(sent)
    for calls in by_channel.values():
        # That one person can't be written to is the network's proper answer: the channel does well.
        failures: list[Exception] = [
            sent.error for sent in calls if sent.error is not None and not isinstance(sent.error, WindowClosed)
        ]
        good = len(calls) - len(failures)
        note_calls(calls[0].outgoing.channel, "send", failures=failures, good=good, now=now)


def _settle(sent: Sent, now: datetime) -> None:
    row, error = sent.outgoing, sent.error
    row.receipts = [_receipt_row(receipt) for receipt in sent.receipts]
    row.claimed_by = ""
    row.error = "" if error is None else str(error)
    if error is None:
        row.state, row.finished_at = OutgoingState.SENT, now
    elif isinstance(error, SendUnknown):
        row.state = OutgoingState.UNKNOWN
    elif error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.state, row.finished_at = OutgoingState.FAILED, now
    else:
        wait_s = error.retry_after_s or _BACKOFF[min(row.attempts, len(_BACKOFF)) - 1]
        row.state, row.due_at = OutgoingState.QUEUED, now + timedelta(seconds=wait_s)


def _receipt_row(receipt: Receipt) -> dict[str, object]:
    further = {"further": list(receipt.further)} if receipt.further else {}
    return {
        **further,
        "external_id": receipt.external_id,
        "container": receipt.container,
        "thread_key": receipt.thread_key,
        "permalink": receipt.permalink,
        "post_external_id": receipt.post_external_id,
    }


def _keep_our_words(results: Sequence[Sent], now: datetime) -> None:
    """Put what we sent into its thread. An echo that came first is the same message, not a second one."""
    rows = [
        _our_message(sent.outgoing, receipt, part, now)
        for sent in results
        if sent.outgoing.thread_id is not None
        for part, receipt in enumerate(sent.receipts)
    ]
    if rows:
        Message.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["municipality", "channel", "object_key"],
            update_fields=["official", "is_automated", "parent_key", "root_key"],
        )
    _keep_our_photos(results)


def _keep_our_photos(results: Sequence[Sent]) -> None:
    """Put the photos beside our words in the thread, also where an echo has told of them first."""
    rows = [row for sent in results for row in _our_files(sent)]
    if rows:
        MessageFile.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["municipality", "message", "position"],
            update_fields=["file", "state", "alt"],
        )


def _our_files(sent: Sent) -> Iterator[MessageFile]:
    row = sent.outgoing
    files = list(row.files.all())
    if row.thread_id is None or not files:
        return
    kept = iter(files)
    for receipt, part in zip(sent.receipts, parts_of(connector_of(row.channel), row), strict=False):
        if not part.photos:
            continue
        keys = {"municipality": row.municipality_id, "channel": row.channel_id}
        message = Message.objects.only("pk").get(**keys, object_key=_object_key(receipt))
        for position, file in enumerate(islice(kept, len(part.photos))):
            yield MessageFile(
                municipality_id=row.municipality_id,
                message=message,
                position=position,
                kind="photo",
                state=FetchState.KEPT,
                file=file.file,
                alt=file.alt,
                due_at=row.due_at,
            )


def _object_key(receipt: Receipt) -> str:
    return f"{receipt.container}:{receipt.external_id}"


def _our_message(row: Outgoing, receipt: Receipt, part: int, now: datetime) -> Message:
    parent = row.reply_to
    private = row.kind == DraftKind.DIRECT_MESSAGE.value
    key = _object_key(receipt)
    return Message(
        municipality_id=row.municipality_id,
        channel_id=row.channel_id,
        thread=row.thread,
        object_key=key,
        external_id=receipt.external_id,
        parent_key=parent.object_key if parent is not None else "",
        root_key=parent.root_key if parent is not None else key,
        kind=MessageKind.DIRECT_MESSAGE if private else MessageKind.COMMENT,
        visibility="private" if private else "public",
        is_ours=True,
        is_automated=row.is_automated,
        official=row.official,
        text=row.text if part == 0 and len(row.receipts) == 1 else parts_of(connector_of(row.channel), row)[part].text,
        permalink=receipt.permalink[:500],
        occurred_at=now,
        received_at=now,
        decision=Decision.OWN,
    )


def doubt_rows_of_dead_workers(is_alive: Callable[[str], bool], *, now: datetime) -> int:
    """Mark rows whose worker died while sending as unknown; returns how many."""
    sending = Outgoing.objects.filter(state=OutgoingState.SENDING)
    dead = [name for name in sending.values_list("claimed_by", flat=True).distinct() if not is_alive(name)]
    return sending.filter(claimed_by__in=dead).update(
        state=OutgoingState.UNKNOWN, claimed_by="", error="the worker stopped while sending", claimed_at=now
    )


def reconcile(row: Outgoing) -> Sent | None:
    """Read whether an unknown row was sent. None: certainly not, or safe to repeat by its key: queue it again.

    Returns a Sent with SendUnknown where nobody can tell but people.
    """
    try:
        connector = connector_of(row.channel)
    except (ValueError, WrongKey) as error:
        return Sent(row, error=SendUnknown(str(error)))
    if row.changes_sent:
        return _reconcile_change(connector, row)
    found: list[Receipt] = []
    try:
        for draft in drafts_of(connector, row):
            receipt = connector.find_sent(draft)
            if receipt is None:
                break
            found.append(receipt)
        else:
            return Sent(row, receipts=found)
    except SendUnknown as error:
        if not connector.capabilities.idempotent_send:
            return Sent(row, error=error)
    except SendFailed as error:
        return Sent(row, error=SendUnknown(str(error)))
    row.receipts = [_receipt_row(receipt) for receipt in found]
    return None


def _reconcile_change(connector: Connector, row: Outgoing) -> Sent | None:
    """Read whether the new words stand there, or whether it is gone. Where nobody can read that, the same once more
    changes nothing, so a few more tries are safe; then people look."""
    changed = row.removes or row.edits
    there = receipts_of(changed) if changed is not None else []
    try:
        if row.removes is not None:
            is_done = is_removed(connector, there)
        else:
            pairs = zip(drafts_of(connector, row), there, strict=True)
            is_done = all(connector.find_edit(draft, receipt) for draft, receipt in pairs)
        if is_done:
            return Sent(row, receipts=there)
    except (SendUnknown, SendFailed) as error:
        if row.attempts >= MAX_ATTEMPTS:
            return Sent(row, error=SendUnknown(str(error)))
    row.receipts = []
    return None


def given_up(row: Outgoing) -> Sent | None:
    """Return a row as failed if it has been tried often enough; None: it may be tried again."""
    if row.attempts < MAX_ATTEMPTS:
        return None
    why = row.error or "it was tried often enough"
    return Sent(row, receipts=receipts_of(row), error=SendFailed(why, permanent=True))


@transaction.atomic
def queue_again(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Put rows that were certainly not sent (or that their key protects) back into the queue: at once after the first
    try, then later and later, as after a refusal."""
    for row in rows:
        wait_s = _BACKOFF[min(row.attempts - 2, len(_BACKOFF) - 1)] if row.attempts > 1 else 0
        row.state, row.due_at, row.finished_at = OutgoingState.QUEUED, now + timedelta(seconds=wait_s), None
    Outgoing.objects.bulk_update(rows, ["state", "due_at", "receipts", "finished_at"])
