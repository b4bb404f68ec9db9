"""Proving what came to a fediverse inbox: held apart → its key known → checked → a delivery like all others.

The gate asks nobody: it looks at what needs no key, stores, and says 200. Here keys are asked for, few at a time and
each seldom, so that no flood of forgeries makes us call without bound. What isn't proved goes, counted as forged, and
never becomes a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from otklik.channels.connections import connector_of
from otklik.channels.enums import Network, SecurityEventKind, SignerState
from otklik.channels.fediverse import Follower, Signer, Unproven
from otklik.channels.models import Channel
from otklik.channels.services.receiving import Arrival, count_refusals, store_silently
from otklik.common import bell
from otklik.connectors.activitypub.addresses import host_of, short
from otklik.connectors.activitypub.connector import ActivityPub, Key
from otklik.connectors.activitypub.parsing import AUTHOR_HEADER, Profile
from otklik.connectors.activitypub.reading import read
from otklik.connectors.base import Claim, Malformed
from otklik.connectors.events import Webhook

BATCH = 200
MOST_ASKED_FOR = 200
"""Keys that wait to be asked for; further strangers wait outside that line."""
KEPT_WAITING = timedelta(days=2)
REFRESH_AFTER = timedelta(minutes=10)
"""A known key that proves nothing may have been changed since: it is asked for again, this seldom at most."""
FAILED_FOR = timedelta(hours=1)


def fediverse_channels() -> list[Channel]:
    """Return the accounts that are proved by keys, of all cities. One query."""
    return list(Channel.objects.filter(network=Network.ACTIVITYPUB).select_related("municipality").order_by("id"))


def account_of(channel: Channel) -> ActivityPub:
    """Return a channel's actor. Raises ValueError, WrongKey."""
    connector = connector_of(channel)
    if not isinstance(connector, ActivityPub):
        raise TypeError(f"{channel.name} is not in the fediverse")
    return connector


@transaction.atomic
def prove_batch(channel: Channel, *, now: datetime) -> int:
    """Check what waits and whose key is known, oldest first; returns how many are done. Safe to repeat."""
    account = account_of(channel)
    rows = list(_ripe(channel)[:BATCH])
    if not rows:
        return 0
    signers = _signers_of(channel, rows)
    proven, forged, done = [], [], []
    speakers: set[str] = set()
    for row in rows:
        signer = signers[row.key_id]
        if signer.state == SignerState.KNOWN and _proves(account, row, signer):
            proven.append(_arrival(account, row, signer))
            speakers.add(short(row.speaker))
        elif signer.state == SignerState.KNOWN and _may_have_changed(signer, now):
            _ask_again(signer, now)
            continue
        elif signer.state == SignerState.DUE:  # since a row before this one
            continue
        elif not _is_farewell(row):
            forged.append(row)
        done.append(row.pk)
    Unproven.objects.filter(pk__in=done).delete()
    if proven:
        store_silently(proven)
        _welcome_back(channel, speakers, now)
        bell.ring("delivery")
    _count(forged)
    return len(done)


def _ripe(channel: Channel) -> QuerySet[Unproven]:
    known = Signer.objects.filter(
        municipality=OuterRef("municipality"),
        key_id=OuterRef("key_id"),
        state__in=[SignerState.KNOWN, SignerState.FAILED],
    )
    rows = Unproven.objects.filter(Exists(known), channel=channel).order_by("id")
    return rows.select_for_update(skip_locked=True, of=("self",)) if connection.vendor == "postgresql" else rows


def _signers_of(channel: Channel, rows: Iterable[Unproven]) -> dict[str, Signer]:
    wanted = {row.key_id for row in rows}
    found = Signer.objects.filter(municipality=channel.municipality_id, key_id__in=wanted)
    return {signer.key_id: signer for signer in found}


def _proves(account: ActivityPub, row: Unproven, signer: Signer) -> bool:
    claim = Claim(row.key_id, tuple(one.encode() for one in row.signed), bytes(row.signature), row.speaker)
    return account.proves(claim, Key(signer.actor, signer.pem))


def _may_have_changed(signer: Signer, now: datetime) -> bool:
    return signer.fetched_at is None or now - signer.fetched_at > REFRESH_AFTER


def _ask_again(signer: Signer, now: datetime) -> None:
    signer.state, signer.due_at, signer.attempts = SignerState.DUE, now, 0
    signer.save(update_fields=["state", "due_at", "attempts"])


def _arrival(account: ActivityPub, row: Unproven, signer: Signer) -> Arrival:
    profile = Profile(signer.name, signer.handle, signer.url, signer.is_bot)
    hook = Webhook(headers={}, body=bytes(row.body), received_at=row.received_at)
    return Arrival(
        municipality_id=row.municipality_id,
        channel_id=row.channel_id,
        dedup_key=account.delivery_key(hook),
        body=hook.body,
        received_at=row.received_at,
        headers={AUTHOR_HEADER: msgspec.json.encode(profile).decode()},
    )


def _is_farewell(row: Unproven) -> bool:
    """Return whether somebody whose key nobody gives any more says that the account is gone: common, and no forgery."""
    try:
        activity = read(Webhook(headers={}, body=bytes(row.body), received_at=row.received_at))
    except Malformed:
        return False
    return activity.kind == "Delete" and activity.about_id == activity.actor


def _welcome_back(channel: Channel, speakers: set[str], now: datetime) -> None:
    """Whoever speaks is there again: their posts are carried to them as before."""
    followers = Follower.objects.filter(municipality=channel.municipality_id, channel=channel, lost_at__lt=now)
    followers.filter(external_id__in=speakers).update(lost_at=None)


def _count(forged: Sequence[Unproven]) -> None:
    refusals: Counter[tuple[int, int, SecurityEventKind, datetime]] = Counter()
    for row in forged:
        hour = row.received_at.replace(minute=0, second=0, microsecond=0)
        refusals[row.municipality_id, row.channel_id, SecurityEventKind.FORGED, hour] += 1
    if refusals:
        count_refusals(refusals)


@transaction.atomic
def note_strangers(channel: Channel, *, now: datetime) -> int:
    """Line up the keys that nobody has asked for yet, or that weren't given an hour ago; returns how many."""
    waiting = Unproven.objects.filter(channel=channel)
    seen = Signer.objects.filter(municipality=OuterRef("municipality"), key_id=OuterRef("key_id"))
    room = MOST_ASKED_FOR - Signer.objects.filter(municipality=channel.municipality_id, state=SignerState.DUE).count()
    if room <= 0:
        return 0
    strangers = waiting.exclude(Exists(seen)).order_by("key_id").values_list("key_id", "speaker").distinct()[:room]
    unknown = dict(strangers)
    if not unknown:
        return 0
    rows = [
        Signer(
            municipality_id=channel.municipality_id,
            key_id=key_id,
            host=host_of(key_id)[:260],
            actor=speaker,
            external_id=short(speaker),
            due_at=now,
        )
        for key_id, speaker in unknown.items()
    ]
    Signer.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def forget_hopeless(*, now: datetime) -> int:
    """Let go of what waited too long for its key, and of refusals that are old; returns how many rows went."""
    gone, _ = Unproven.objects.filter(received_at__lt=now - KEPT_WAITING).delete()
    failed, _ = Signer.objects.filter(state=SignerState.FAILED, due_at__lt=now).delete()
    return gone + failed
