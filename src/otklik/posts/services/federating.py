"""Posts in the fediverse: handed over to those who follow, changed there when corrected, taken back when withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from otklik.channels.enums import Network, OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.dispatching import followers_inboxes, hand_out
from otklik.channels.services.proving import account_of
from otklik.connectors.activitypub import objects
from otklik.connectors.events import DraftKind
from otklik.posts.federating import post_object
from otklik.posts.models import Publication


def hand_out_posts(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Put posts, corrections and withdrawals among these rows on their way; in the transaction that settles them."""
    for row in rows:
        is_post = row.channel.network == Network.ACTIVITYPUB and row.kind == DraftKind.POST
        if not is_post or row.state != OutgoingState.SENT:
            continue
        activity = _activity(row)
        if activity is not None:
            hand_out(row.channel, activity, followers_inboxes(row.channel), now=now, row=row)


def _activity(row: Outgoing) -> dict[str, Any] | None:
    """Return what a finished row tells; None where it was overtaken by a withdrawal, which tells itself."""
    home = account_of(row.channel).home
    address = row.receipts[0]["external_id"]
    if row.removes_id is not None:
        return objects.delete(home, address)
    found = Publication.objects.filter(outgoing=row.edits_id or row.pk).select_related("post").first()
    if found is None or found.post.withdrawn_at is not None:
        return None
    thing = post_object(row.channel, found.post, address)
    return objects.create(home, thing) if row.edits_id is None else objects.update(home, thing)
