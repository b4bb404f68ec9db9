"""What people do about rows that weren't sent, or that nobody is certain of."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.editing import receipts_of
from otklik.channels.services.sending import Sent, record
from otklik.common import bell
from otklik.connectors.base import SendFailed
from otklik.connectors.events import Receipt
from otklik.intake.delivered import note_delivered
from otklik.org.access import Access, Permission


class NotInDoubt(Exception):
    """The row was settled in the meantime."""

    def __init__(self) -> None:
        super().__init__("this was settled in the meantime: look again")


@transaction.atomic
def mark_sent(access: Access, outgoing: Outgoing, *, now: datetime) -> None:
    """A person saw it in the network: count it as sent. Raises Refused, NotInDoubt."""
    row = _locked(access, outgoing)
    receipts = [Receipt(external_id=f"seen-{row.pk}", container=str(row.target.get("container", "")))]
    if (changed := row.edits or row.removes) is not None:
        receipts = receipts_of(changed)
    record([Sent(row, receipts=receipts)], now=now, then=note_delivered)


@transaction.atomic
def send_again(access: Access, outgoing: Outgoing, *, now: datetime) -> None:
    """A person saw that it isn't there: queue it once more. Raises Refused, NotInDoubt."""
    row = _locked(access, outgoing)
    values = {"state": OutgoingState.QUEUED, "attempts": 0, "due_at": now, "finished_at": None, "error": ""}
    Outgoing.objects.filter(pk=row.pk).update(**values)
    bell.ring("outgoing")


@transaction.atomic
def give_up(access: Access, outgoing: Outgoing, reason: str, *, now: datetime) -> None:
    """Stop trying, with the reason. Raises Refused, ValueError, NotInDoubt."""
    if not reason.strip():
        raise ValueError("say why it will not be sent")
    row = _locked(access, outgoing)
    record([Sent(row, error=SendFailed(reason.strip(), permanent=True))], now=now, then=note_delivered)
    Outgoing.objects.filter(pk=row.pk).update(due_at=now)


def _locked(access: Access, outgoing: Outgoing) -> Outgoing:
    access.require(Permission.TROUBLE_RESOLVE)
    row = (
        Outgoing.objects.select_for_update(of=("self",))
        .select_related("channel", "thread", "reply_to", "official", "edits", "removes")
        .filter(pk=outgoing.pk, municipality=access.municipality_id)
        .first()
    )
    if row is None or row.state not in (OutgoingState.FAILED, OutgoingState.UNKNOWN):
        raise NotInDoubt
    return row
