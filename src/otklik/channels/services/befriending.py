"""Who follows us: let in at once, and let go when they say so; in the transaction of the delivery that told it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from otklik.channels.enums import SignerState
from otklik.channels.fediverse import Follower, Signer
from otklik.channels.models import Channel
from otklik.channels.services.dispatching import hand_out
from otklik.channels.services.proving import account_of
from otklik.connectors.activitypub import objects
from otklik.connectors.events import Action, Event


def note(channel: Channel, asked: Sequence[Event], *, now: datetime) -> None:
    """Write down who follows and who doesn't any more, in order; whoever follows is told yes. Safe to repeat."""
    for event in asked:
        if event.author is None or event.author.external_id is None:
            continue
        if event.action is Action.CREATED:
            _let_in(channel, event.author.external_id, event.extra.get("request", ""), now)
        else:
            _let_go(channel, event.author.external_id, event.extra.get("request", ""))


def _let_in(channel: Channel, external_id: str, request: str, now: datetime) -> None:
    signer = signer_of(channel, external_id)
    if signer is None:
        return
    told = {"actor": signer.actor, "inbox": signer.inbox, "shared_inbox": signer.shared_inbox, "request": request}
    Follower.objects.update_or_create(
        municipality=channel.municipality,
        channel=channel,
        external_id=external_id,
        defaults=told | {"lost_at": None},
        create_defaults=told | {"followed_at": now},
    )
    home = account_of(channel).home
    hand_out(channel, objects.accept(home, follower=signer.actor, request=request), [signer.inbox], now=now)


def _let_go(channel: Channel, external_id: str, request: str) -> None:
    """Some servers name only the request that is taken back, others only the person."""
    mine = Follower.objects.filter(municipality=channel.municipality_id, channel=channel, external_id=external_id)
    follower = mine.first()
    if follower is not None and request in ("", follower.request):
        follower.delete()


def signer_of(channel: Channel, external_id: str) -> Signer | None:
    """Return the newest key of a person, with where their server takes activities. One query."""
    known = Signer.objects.filter(municipality=channel.municipality_id, external_id=external_id)
    return known.filter(state=SignerState.KNOWN).order_by("-fetched_at").first()
