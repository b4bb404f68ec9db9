"""Comments as those see them who answer for the conversation: what is said in public, and what of it is hidden."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from otklik.channels.enums import MessageKind, Visibility
from otklik.channels.hidings import Hiding
from otklik.channels.models import Message


def comments(municipality_id: int) -> QuerySet[Message]:
    """Return what people said in public, newest first: all that can be hidden is among it."""
    rows = Message.objects.filter(
        municipality=municipality_id, visibility=Visibility.PUBLIC, kind=MessageKind.COMMENT, is_ours=False
    )
    return rows.filter(deleted_at=None).select_related("identity", "channel", "thread").order_by("-id")


def hidings(municipality_id: int, *, objected: bool = False) -> QuerySet[Hiding]:
    """Return what is hidden now, newest first; only what somebody objected to and nobody has decided."""
    rows = Hiding.objects.filter(municipality=municipality_id, shown_at=None)
    rows = rows.filter(objected_at__isnull=False, decided_at=None) if objected else rows
    return rows.select_related("message__identity", "message__channel", "hidden_by", "decided_by").order_by("-id")


def hidden_among(messages: list[Message]) -> dict[int, Hiding]:
    """Return which of these are hidden now, by the message's id. One query; none for none."""
    if not messages:
        return {}
    rows = Hiding.objects.filter(
        municipality=messages[0].municipality_id, message__in=[one.pk for one in messages], shown_at=None
    )
    return {row.message_id: row for row in rows.select_related("hidden_by", "decided_by")}


def hiding_by_code(municipality_id: int, code: str) -> Hiding:
    """Return the hiding that a code opens, also one that is over. Raises Hiding.DoesNotExist."""
    return Hiding.objects.select_related("message").get(municipality=municipality_id, code=code)


def hidden_between(municipality_id: int, start: datetime, end: datetime) -> list[tuple[datetime, str, bool]]:
    """Return when each comment was hidden within a time, why, and whether it was shown again. One query."""
    rows = Hiding.objects.filter(municipality=municipality_id, hidden_at__gte=start, hidden_at__lt=end)
    return [
        (at, reason, shown is not None) for at, reason, shown in rows.values_list("hidden_at", "reason", "shown_at")
    ]
