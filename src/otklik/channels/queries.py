"""Reads of messages and outgoing rows that more than one place needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from otklik.channels.enums import OUR_FORMS, Decision, OutgoingState
from otklik.channels.models import Channel, Delivery, Message, MessageFile, Outgoing
from otklik.common.prepared import Prepared, PreparedObjects
from otklik.connectors.events import DraftKind
from otklik.connectors.reception import connector as reception
from otklik.connectors.site import connector as site
from otklik.media.models import StoredFile
from otklik.media.services.sweeping import UNUSED
from otklik.org.models import Official


def channels_of(municipality_id: int) -> list[Channel]:
    """Return a city's channels by name."""
    return _CHANNELS.list(municipality_id)


_CHANNELS = PreparedObjects(lambda city: Channel.objects.filter(municipality=city))


def contacts_left_with(messages: Iterable[Message]) -> list[str]:
    """Return how those who came by a form of ours want to be reached, each once. One query where one did.

    The form promises that only those who answer see it, so it is copied nowhere: it stays in what arrived.
    """
    found = contact_of_each(messages)
    return list(dict.fromkeys(found[number] for number in sorted(found)))


def contact_of_each(messages: Iterable[Message]) -> dict[int, str]:
    """Return the same by the message's id; without those who left none. One query where a form brought any."""
    wanted = {
        message.delivery_id: message.pk
        for message in messages
        if message.channel.network in OUR_FORMS and message.delivery_id and message.deleted_at is None
    }
    if not wanted:
        return {}
    rows = Delivery.objects.filter(pk__in=wanted).order_by("id").values_list("pk", "body")
    return {wanted[pk]: contact for pk, body in rows if (contact := contact_in(bytes(body)))}


def contact_in(body: bytes) -> str:
    """Return the contact in what a form of ours brought, as it was written; nothing for anything else."""
    return site.contact_in(body) or reception.contact_in(body)


def operator_queue(municipality_id: int) -> QuerySet[Message]:
    """Return messages that wait for an operator's decision, newest first."""
    return (
        Message.objects.filter(municipality=municipality_id, decision=Decision.OPERATOR)
        .select_related("channel", "identity", "thread")
        .order_by("-id")
    )


COUNTED = 1000
"""Queues are counted so far; beyond it nobody cares."""


def waiting_for_operator(municipality_id: int) -> int:
    """Return how many messages are in the operator's queue, at most COUNTED: every desk asks, again and again."""
    return len(_OPERATORS.rows(municipality_id))


def waiting_for_delivery(municipality_id: int) -> int:
    """Return how much is undelivered, at most COUNTED."""
    return len(_UNDELIVERED.rows(municipality_id))


_OPERATORS = Prepared(lambda city: operator_queue(city).values_list("pk")[:COUNTED])
_UNDELIVERED = Prepared(lambda city: undelivered(city).order_by().values_list("pk")[:COUNTED])


def conversation(message: Message) -> QuerySet[Message]:
    """Return everything said in a message's conversation (from its first words down), oldest first."""
    return (
        Message.objects.filter(thread=message.thread_id, root_key=message.root_key)
        .select_related("identity", "official__department", "channel")
        .prefetch_related(with_files())
        .order_by("occurred_at", "id")
    )


def with_files() -> Prefetch[str, QuerySet[MessageFile], str]:
    """Return what to prefetch so that each message has its `files` with what is stored of them: one query more."""
    return Prefetch("files", MessageFile.objects.select_related("file").order_by("position"))


def give_files(messages: Sequence[Message]) -> None:
    """Give messages what `with_files` prefetches, by one query that is made once; by none for none."""
    if not messages:
        return
    files: dict[int, list[MessageFile]] = {message.pk: [] for message in messages}
    by_pk = {message.pk: message for message in messages}
    for file in _FILES.list(tuple(files)):
        file.message = by_pk[file.message_id]
        files[file.message_id].append(file)
    for message in messages:
        read = message.files.all()
        read._result_cache = files[message.pk]  # noqa: SLF001 - as prefetching does it
        vars(message).setdefault("_prefetched_objects_cache", {})["files"] = read


_FILES = PreparedObjects(
    lambda messages: MessageFile.objects.filter(message__in=messages).select_related("file").order_by("position")
)


def loose_uploads(
    municipality_id: int, keys: Iterable[str], *, now: datetime, by: Official | None = None
) -> list[StoredFile]:
    """Return files that a form left with us lately and that no message has, in the keys' order.

    A resident's form; the desk's, where `by` is the official who has filled it in.
    """
    wanted = [key for key in keys if key.isascii() and key.isalnum()]
    if not wanted:
        return []
    rows = StoredFile.objects.filter(
        municipality=municipality_id, key__in=wanted, uploaded_by=by, created_at__gt=now - UNUSED
    ).exclude(Exists(MessageFile.objects.filter(file=OuterRef("pk"))))
    found = {file.key: file for file in rows}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def parent_of(message: Message) -> Message | None:
    """Return what a message answers, if we have it."""
    if not message.parent_key:
        return None
    rows = Message.objects.filter(municipality=message.municipality_id, channel=message.channel_id)
    return rows.select_related("identity", "official__department").filter(object_key=message.parent_key).first()


def undelivered(municipality_id: int) -> QuerySet[Outgoing]:
    """Return what was not sent or isn't certain, newest first: people decide about these.

    A refused change of an answer isn't among them: the words follow in a message of their own
    (cases.services.correcting). One of a post is: people change or delete it there by hand.
    """
    return (
        Outgoing.objects.filter(municipality=municipality_id, state__in=[OutgoingState.FAILED, OutgoingState.UNKNOWN])
        .exclude(~Q(kind=DraftKind.POST), state=OutgoingState.FAILED, edits__isnull=False)
        .select_related("channel", "reply_to__identity", "official", "edits", "removes")
        .order_by("-id")
    )


def troubled_deliveries(municipality_id: int) -> QuerySet[Delivery]:
    """Return deliveries that were not, or only in part, understood, newest first; without their bodies."""
    return (
        Delivery.objects.filter(municipality=municipality_id, state__in=["failed", "partial"])
        .select_related("channel")
        .defer("body")
        .order_by("-id")
    )
