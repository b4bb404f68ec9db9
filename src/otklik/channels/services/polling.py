"""Asking networks for what they don't tell: claimed → asked, outside any transaction → stored with the new cursor.

What was brought and the cursor it leads to are written at once. Whoever dies in between has moved no cursor: the next
one asks the same question, and what comes again is recognised by its delivery's key. From there on it goes the way of
every webhook.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from otklik.channels.connections import connector_of
from otklik.channels.models import Channel, Message
from otklik.channels.polls import Poll
from otklik.channels.services.counting import note_calls
from otklik.channels.services.receiving import Arrival, store_silently
from otklik.common import bell
from otklik.common.inserting import insert_new
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector, Malformed, Polls, Round, SendFailed, SendUnknown
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.said import words_of

LEASE = timedelta(minutes=5)
"""How long one question may take; then another worker may ask it."""
_BACKOFF_S = (5, 15, 60, 300, 900)
"""Seconds after the first, second, … failure in a row; a wrong password too is tried again, seldom."""
MOST_PATIENCE_S = 6 * 3600.0
"""We wait as long as a network says, but a slip of its pen silences no channel for days."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one question: what it brought, ready to be stored, or why it failed.

    `known_as`: for a round that fills gaps, the things that each of the arrivals is about, in their order.
    """

    arrivals: tuple[Arrival, ...] = ()
    known_as: tuple[frozenset[str], ...] = ()
    cursor: str = ""
    wait_s: float = 0.0
    error: str = ""
    retry_after_s: float | None = None
    called: bool = True
    """Whether the network was asked; not where we couldn't even begin."""


class TakenOver(Exception):
    """Another worker asks in our place by now; nothing of ours was written."""


def rounds_of(channel: Channel) -> tuple[Round, ...]:
    """Return what a channel is to be asked. Raises ValueError, WrongKey where it can't be used."""
    connector = connector_of(channel)
    return connector.rounds() if isinstance(connector, Polls) else ()


@transaction.atomic
def arrange(channel: Channel, rounds: Iterable[Round], *, now: datetime) -> None:
    """Have a channel asked for exactly these rounds, from now on; where each one stands is kept. Safe to repeat.

    To be called when a channel is new or was changed: whatever made it wait may be mended.
    """
    names = [one.name for one in rounds]
    kept = Poll.objects.filter(municipality=channel.municipality_id, channel=channel)
    kept.exclude(name__in=names).update(due_at=None, claimed_by="")
    kept.filter(name__in=names, claimed_by="").update(due_at=now)
    known = set(kept.values_list("name", flat=True))
    insert_new(
        [
            Poll(municipality_id=channel.municipality_id, channel=channel, name=name, due_at=now)
            for name in names
            if name not in known
        ]
    )


def claim(worker: str, *, now: datetime, limit: int) -> list[Poll]:
    """Return rounds that are due, each ours alone until its lease ends; committed before anything is asked."""
    due = Poll.objects.filter(due_at__lte=now, channel__is_enabled=True).select_related("channel__municipality")
    mine = []
    for poll in due.order_by("due_at", "id")[:limit]:
        if Poll.objects.filter(pk=poll.pk, due_at=poll.due_at).update(due_at=now + LEASE, claimed_by=worker) == 1:
            poll.due_at, poll.claimed_by = now + LEASE, worker
            mine.append(poll)
    return mine


def ask(poll: Poll, *, now: datetime) -> Answered:
    """Ask the network one question; network only, writes nothing and asks nothing of the database."""
    try:
        connector = connector_of(poll.channel)
        found = _found(connector, poll.name)
        if found is None or not isinstance(connector, Polls):
            wait_s = LEASE.total_seconds()
            return Answered(cursor=poll.cursor, error="this is no longer asked", retry_after_s=wait_s, called=False)
        brought = connector.poll(poll.name, poll.cursor, now=now)
    except (SendFailed, SendUnknown) as error:
        wait = getattr(error, "retry_after_s", None)
        return Answered(cursor=poll.cursor, error=words_of(error), retry_after_s=wait)
    except (ValueError, WrongKey) as error:
        return Answered(cursor=poll.cursor, error=str(error), called=False)
    arrivals = tuple(_arrival(poll, connector, hook) for hook in brought.hooks)
    known_as = tuple(_things(connector, hook) for hook in brought.hooks) if found.fills_gaps else ()
    return Answered(arrivals, known_as, brought.cursor, wait_s=_wait_s(brought, found))


def _found(connector: Connector, name: str) -> Round | None:
    rounds = connector.rounds() if isinstance(connector, Polls) else ()
    return next((one for one in rounds if one.name == name), None)


def _wait_s(brought: Polled, found: Round) -> float:
    return 0.0 if brought.more else found.every_s


def _things(connector: Connector, hook: Webhook) -> frozenset[str]:
    try:
        return frozenset(event.object_key for event in connector.parse(hook))
    except Malformed:
        return frozenset()  # stored and marked, as everything that we don't understand


def _missed(poll: Poll, answered: Answered) -> list[Arrival]:
    """Return what we don't have yet: all of it, unless the round fills gaps (one query)."""
    if not answered.known_as:
        return list(answered.arrivals)
    wanted = frozenset().union(*answered.known_as)
    ours = Message.objects.filter(municipality=poll.municipality_id, channel=poll.channel_id, object_key__in=wanted)
    there = set(ours.values_list("object_key", flat=True))
    pairs = zip(answered.arrivals, answered.known_as, strict=True)
    return [arrival for arrival, things in pairs if not (things and things <= there)]


def _arrival(poll: Poll, connector: Connector, hook: Webhook) -> Arrival:
    return Arrival(
        municipality_id=poll.municipality_id,
        channel_id=poll.channel_id,
        dedup_key=connector.delivery_key(hook),
        body=hook.body,
        received_at=hook.received_at,
        headers=hook.headers,
    )


def record(poll: Poll, answered: Answered, *, now: datetime) -> None:
    """Store what a question brought together with its cursor. Raises TakenOver if the lease has ended meanwhile."""
    arrivals = _missed(poll, answered)
    with transaction.atomic():
        if answered.error:
            _settle(poll, _failed(poll, answered, now))
            if answered.called:
                note_calls(poll.channel, poll.name, failures=[SendFailed(answered.error, permanent=False)], now=now)
            return
        news = {"last_news_at": now} if arrivals else {}
        _settle(poll, {**_succeeded(answered, now), **news})
        note_calls(poll.channel, poll.name, failures=[], good=1, now=now)
        if arrivals:
            store_silently(arrivals)
    if arrivals:
        bell.ring_at_once("delivery")


def _settle(poll: Poll, fields: dict[str, object]) -> None:
    """The row is written before what it brought, so that of two who asked only one stores."""
    mine = Poll.objects.filter(pk=poll.pk, due_at=poll.due_at, claimed_by=poll.claimed_by)
    if mine.update(claimed_by="", **fields) != 1:
        raise TakenOver


def _succeeded(answered: Answered, now: datetime) -> dict[str, object]:
    due_at = now + timedelta(seconds=answered.wait_s)
    return {"cursor": answered.cursor, "due_at": due_at, "last_success_at": now, "failures": 0, "error": ""}


def _failed(poll: Poll, answered: Answered, now: datetime) -> dict[str, object]:
    failures = min(poll.failures + 1, 30_000)
    wait_s = min(answered.retry_after_s or _BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1], MOST_PATIENCE_S)
    due_at = now + timedelta(seconds=wait_s)
    return {"due_at": due_at, "last_failure_at": now, "failures": failures, "error": answered.error[:2000]}


def give_back(is_alive: Callable[[str], bool], *, now: datetime, worker: str = "", asking: Collection[int] = ()) -> int:
    """Make due what workers were asking that are gone, and what `worker` has forgotten; returns how many.

    `asking`: the rounds that `worker` knows it is asking. Every cursor stands where it stood.
    """
    claimed = Poll.objects.exclude(claimed_by="").exclude(due_at=None).exclude(claimed_by=worker, pk__in=asking)
    names = claimed.order_by().values_list("claimed_by", flat=True).distinct()
    gone = [name for name in names if name == worker or not is_alive(name)]
    return claimed.filter(claimed_by__in=gone).update(claimed_by="", due_at=now) if gone else 0


def polls_of(channels: Sequence[Channel]) -> dict[int, list[Poll]]:
    """Return the rounds of these channels by channel, as they stand: one query."""
    found: dict[int, list[Poll]] = {channel.pk: [] for channel in channels}
    for poll in Poll.objects.filter(channel__in=found).order_by("channel", "name"):
        found[poll.channel_id].append(poll)
    return found
