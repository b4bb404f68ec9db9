"""Taking away what was sent: through the same queue, with the same states and the same reading of doubts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from otklik.channels.connections import connector_of
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.editing import receipts_of
from otklik.channels.services.parting import parts_of
from otklik.common import bell
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.events import DraftKind, Receipt
from otklik.connectors.posting import DeletesPosts
from otklik.connectors.said import said
from otklik.org.models import Official

NO_DELETING = said("this network doesn't let a program delete posts, or the account lacks the right: delete it by hand")
NO_EDITING = said("this network doesn't let these words be changed by a program: change them there by hand")

OTHER_PHOTOS = said("no network lets a program change a post's photos safely: change photos and words there by hand")


def can_remove(sent: Outgoing) -> bool:
    """Return whether the network and this account let a program take away what was sent. Asks nobody."""
    try:
        connector = connector_of(sent.channel)
    except (ValueError, WrongKey):
        return False
    return isinstance(connector, DeletesPosts) and connector.takes_deletion()


def queue_removal(sent: Outgoing, key: str, *, official: Official | None, now: datetime) -> Outgoing:
    """Queue that what was sent goes away again; its words are kept on the row, for people. The key must be new.

    Where the network doesn't let it be done, the row fails with what to do by hand: people see it like everything else
    that wasn't done.
    """
    row = Outgoing.objects.create(
        municipality_id=sent.municipality_id,
        channel=sent.channel,
        idempotency_key=key,
        kind=sent.kind,
        target=sent.target,
        text=sent.text,
        official=official,
        removes=sent,
        due_at=now,
        created_at=now,
    )
    bell.ring("outgoing")
    return row


def refuse(row: Outgoing, why: str, *, now: datetime) -> None:
    """Let a row that was just queued fail at once: people do by hand what it asks for."""
    row.state, row.error, row.finished_at = OutgoingState.FAILED, why, now
    row.save(update_fields=["state", "error", "finished_at"])


def not_possible(connector: Connector, row: Outgoing) -> SendFailed | None:
    """Return why a change of what was sent can't even be tried; None: it can, or the row changes nothing."""
    if row.removes is not None:
        if not isinstance(connector, DeletesPosts) or not connector.takes_deletion():
            return SendFailed(NO_DELETING, permanent=True)
    elif row.edits is not None and not _fits(connector, row, receipts_of(row.edits)):
        return SendFailed(NO_EDITING, permanent=True)
    return None


def _fits(connector: Connector, row: Outgoing, there: Sequence[Receipt]) -> bool:
    """Return whether new words can take the place of the old ones. Asks nobody: it is called between two networks."""
    takes = connector.takes_edits(DraftKind(row.kind), with_photos=bool(row.files.all()))
    return takes and len(parts_of(connector, row)) == len(there) > 0


def remove(connector: Connector, there: Sequence[Receipt], done: list[Receipt]) -> None:
    """Take each part away, adding to `done` as they go. Raises SendFailed, SendUnknown."""
    if isinstance(connector, DeletesPosts):
        for receipt in there[len(done) :]:
            connector.delete(receipt)
            done.append(receipt)


def is_removed(connector: Connector, there: Sequence[Receipt]) -> bool:
    """Read whether every part is gone. Raises SendFailed, SendUnknown."""
    if not isinstance(connector, DeletesPosts):
        raise SendUnknown(NO_DELETING)
    return all(connector.find_deletion(receipt) for receipt in there)
