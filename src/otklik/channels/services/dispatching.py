"""Handing activities over to others' servers: a row for each inbox, each carried and repeated on its own.

A server that is slow or dead holds up nobody else: one call to it at a time, and what waits for it waits together.
Carrying twice harms nobody (an activity's id is its name), so a claim is a lease; it is never done on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q

from otklik.channels.enums import OutgoingState, ParcelState
from otklik.channels.fediverse import Dispatch, Follower, Parcel
from otklik.channels.models import Channel, Outgoing
from otklik.channels.services.counting import note_calls
from otklik.channels.services.proving import account_of
from otklik.common import bell
from otklik.common.text import shorten
from otklik.common.vault import WrongKey
from otklik.connectors.activitypub.addresses import host_of
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import DraftKind
from otklik.connectors.said import said, words_of

LEASE = timedelta(minutes=2)
_BACKOFF_S = (15, 60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds before each next try: two days in all, then the server is given up."""
KEPT = timedelta(days=14)
CALL = "deliver"


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one parcel: there, or why not."""

    parcel: Parcel
    error: SendFailed | SendUnknown | None = None


def hand_out(
    channel: Channel, activity: Mapping[str, Any], inboxes: Iterable[str], *, now: datetime, row: Outgoing | None = None
) -> int:
    """Put an activity on its way to these inboxes, once to each; returns how many. In the caller's transaction.

    Asked again for the same activity it adds only inboxes that it doesn't go to yet.
    """
    wanted = sorted({inbox for inbox in inboxes if inbox})
    if not wanted:
        return 0
    names = {"municipality": channel.municipality, "channel": channel, "activity": activity["id"]}
    fresh = {"body": msgspec.json.encode(activity), "outgoing": row, "created_at": now}
    dispatch, _ = Dispatch.objects.get_or_create(**names, defaults=fresh)
    parcels = [
        Parcel(
            municipality_id=channel.municipality_id,
            dispatch=dispatch,
            channel=channel,
            inbox=inbox,
            host=host_of(inbox)[:260],
            due_at=now,
        )
        for inbox in wanted
    ]
    Parcel.objects.bulk_create(parcels, ignore_conflicts=True, batch_size=500)
    bell.ring("parcels")
    return len(parcels)


def followers_inboxes(channel: Channel) -> set[str]:
    """Return where our posts go: one inbox a server where it has one for all. One query."""
    rows = Follower.objects.filter(municipality=channel.municipality_id, channel=channel, lost_at=None)
    return {shared or inbox for inbox, shared in rows.values_list("inbox", "shared_inbox")}


def claim(*, now: datetime, limit: int, busy: Iterable[str] = ()) -> list[Parcel]:
    """Return parcels to carry now, each ours until its lease ends; to one server one at a time."""
    mine: list[Parcel] = []
    taken = set(busy)
    due = Parcel.objects.filter(state=ParcelState.DUE, due_at__lte=now, channel__is_enabled=True)
    while len(mine) < limit:
        found = due.exclude(host__in=taken).select_related("channel__municipality", "dispatch__outgoing")
        parcel = found.order_by("due_at", "id").first()
        if parcel is None:
            break
        taken.add(parcel.host)
        ours = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.DUE, due_at=parcel.due_at)
        if ours.update(due_at=now + LEASE, attempts=F("attempts") + 1) == 1:
            parcel.attempts += 1
            mine.append(parcel)
    return mine


def carry(parcel: Parcel, *, now: datetime) -> Carried:
    """Carry one parcel; network only, writes nothing."""
    try:
        caller = account_of(parcel.channel).caller
    except (ValueError, WrongKey) as error:
        return Carried(parcel, SendFailed(str(error), permanent=False))
    try:
        caller.hand_over(parcel.inbox, bytes(parcel.dispatch.body), now=now)
    except (SendFailed, SendUnknown) as error:
        return Carried(parcel, error)
    return Carried(parcel)


@transaction.atomic
def record(done: Carried, *, now: datetime) -> Outgoing | None:
    """Write down how it went; returns the answer that will never arrive, if this was its way: people are to see it."""
    parcel, error = done.parcel, done.error
    row = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.DUE)
    if error is None:
        if row.update(state=ParcelState.CARRIED, carried_at=now, trouble=""):
            note_calls(parcel.channel, CALL, failures=[], good=1, now=now)
        return None
    permanent = isinstance(error, SendFailed) and error.permanent
    if not permanent and parcel.attempts <= len(_BACKOFF_S):
        _postpone(parcel, error, now)
        return None
    row.update(state=ParcelState.GIVEN_UP, trouble=_why(error))
    words = said("%(host)s is given up: %(why)s", host=parcel.host, why=words_of(error))
    note_calls(parcel.channel, CALL, failures=[SendFailed(words, permanent=True)], now=now)
    _lose_followers(parcel, now)
    return _failed_answer(parcel, words, now)


def _postpone(parcel: Parcel, error: SendFailed | SendUnknown, now: datetime) -> None:
    """Wait, and let everything else for the same server wait as long: it would fare no better."""
    told_s = error.retry_after_s if isinstance(error, SendFailed) else None
    wait_s = told_s or _BACKOFF_S[min(parcel.attempts, len(_BACKOFF_S)) - 1]
    until = now + timedelta(seconds=wait_s)
    Parcel.objects.filter(pk=parcel.pk, state=ParcelState.DUE).update(due_at=until, trouble=_why(error))
    same = Parcel.objects.filter(host=parcel.host, state=ParcelState.DUE, due_at__lt=until)
    same.exclude(pk=parcel.pk).update(due_at=until)


def _why(error: Exception) -> str:
    return shorten(str(error), 300)


def _lose_followers(parcel: Parcel, now: datetime) -> None:
    """Carry nothing more to an inbox that was given up, until somebody from there is heard of again."""
    there = Follower.objects.filter(municipality=parcel.municipality_id, channel=parcel.channel, lost_at=None)
    there.filter(Q(inbox=parcel.inbox) | Q(shared_inbox=parcel.inbox)).update(lost_at=now)


def _failed_answer(parcel: Parcel, words: str, now: datetime) -> Outgoing | None:
    row = parcel.dispatch.outgoing
    if row is None or row.kind == DraftKind.POST:
        return None
    mine = Outgoing.objects.filter(pk=row.pk, state=OutgoingState.SENT)
    if not mine.update(state=OutgoingState.FAILED, error=words, finished_at=now):
        return None
    return Outgoing.objects.select_related("channel", "thread", "reply_to", "official", "edits").get(pk=row.pk)


def forget_old(*, now: datetime) -> int:
    """Delete what was handed over to everybody a while ago; returns how many rows went."""
    settled = Dispatch.objects.filter(created_at__lt=now - KEPT).exclude(parcels__state=ParcelState.DUE)
    return settled.delete()[0]
