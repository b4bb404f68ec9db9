"""How many reactions words have: told as totals, or counted from single signs that came in. Never who gave them.

A sign is remembered by a keyed digest only, so that one told twice counts once and a withdrawal is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain

from django.utils.crypto import salted_hmac

from otklik.channels.enums import Network
from otklik.channels.figures import Reaction, ReactionMark
from otklik.channels.models import Channel
from otklik.channels.services.figuring import keep_posts
from otklik.common.text import storable
from otklik.connectors.events import Action, Event, EventKind
from otklik.connectors.figures import Figure

MOST_NAMES = 40
_SHARED = "announce"
"""The sign of the fediverse by which a post is passed on."""
_UNIQUE = ["municipality", "channel", "object_key", "name"]


def note(channel: Channel, events: Sequence[Event], *, now: datetime) -> None:
    """Take reactions in, in the transaction of the deliveries that told them. Safe to repeat, in whatever order.

    A reaction that is EDITED tells how many of each sort there are, in its `extra`; any other is one person's sign.
    Eight statements at most, however many.
    """
    ordered = sorted((one for one in events if one.external_id), key=lambda one: one.occurred_at)
    totals = {_object_key(one): one for one in ordered if one.action is Action.EDITED}
    signs = [one for one in ordered if one.action is not Action.EDITED]
    if totals:
        told = {key: _counts(event.extra) for key, event in totals.items()}
        _keep_totals(channel, told, {key: event.occurred_at for key, event in totals.items()})
    if signs:
        _count_anew(channel, _remember(channel, signs))
    posts = {_object_key(one): one.post.external_id for one in ordered if one.post is not None}
    if posts:
        _keep_of_posts(channel, posts, now=now)


def keep_told(channel: Channel, told: Mapping[str, Mapping[str, int]], *, now: datetime) -> None:
    """Keep what a network told when it was asked: by the words' key, how many of each sort. Two statements."""
    _keep_totals(channel, told, dict.fromkeys(told, now))


def is_reaction(event: Event) -> bool:
    """Return whether an event is a reaction, and nobody's words."""
    return event.kind is EventKind.REACTION


def _object_key(event: Event) -> str:
    """Return the key of what was reacted to: the words named, else the post."""
    thing = event.parent_external_id or (event.post.external_id if event.post is not None else "")
    return f"{event.container}:{thing}"[:240]


def _counts(told: Mapping[str, str]) -> dict[str, int]:
    counts = {storable(name)[:60]: int(count) for name, count in told.items() if count.isdecimal() and len(count) < 16}
    return {name: count for name, count in list(counts.items())[:MOST_NAMES] if name and count > 0}


def _keep_totals(channel: Channel, told: Mapping[str, Mapping[str, int]], at: Mapping[str, datetime]) -> None:
    """Write totals, unless newer ones are there; a sort that isn't told any more has none."""
    there = list(_rows(channel, told))
    overtaken = {row.object_key for row in there if row.told_at is not None and row.told_at > at[row.object_key]}
    names: dict[str, set[str]] = {key: set(counts) for key, counts in told.items() if key not in overtaken}
    for row in there:
        if row.object_key in names:
            names[row.object_key].add(row.name)
    rows = [
        _row(channel, key, name, told=told[key].get(name, 0), told_at=at[key])
        for key, named in names.items()
        for name in sorted(named)
    ]
    Reaction.objects.bulk_create(rows, update_conflicts=True, unique_fields=_UNIQUE, update_fields=["told", "told_at"])


def _remember(channel: Channel, signs: Sequence[Event]) -> set[str]:
    """Keep the newest word of each sign and return what they were given to."""
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    newest = {_mark(channel, event): event for event in signs}
    known = dict(ReactionMark.objects.filter(**scope, mark__in=newest).values_list("mark", "given_at"))
    rows = [
        ReactionMark(
            **scope,
            mark=mark,
            object_key=_object_key(event),
            names="" if event.action is Action.REMOVED_REACTION else storable(event.reaction)[:200],
            given_at=event.occurred_at,
        )
        for mark, event in newest.items()
        if mark not in known or known[mark] <= event.occurred_at
    ]
    ReactionMark.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["municipality", "channel", "mark"],
        update_fields=["names", "given_at"],
    )
    return {row.object_key for row in rows}


def _mark(channel: Channel, event: Event) -> str:
    who = f"{channel.pk}:{event.container}:{event.external_id}"
    return salted_hmac("otklik.channels.reaction", who, algorithm="sha256").hexdigest()[:32]


def _count_anew(channel: Channel, keys: set[str]) -> None:
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    marks = ReactionMark.objects.filter(**scope, object_key__in=keys).exclude(names="")
    given = chain.from_iterable(
        [(key, name[:60]) for name in dict.fromkeys(names.split())]
        for key, names in marks.values_list("object_key", "names")
    )
    counts = Counter(given)
    none_left = {(row.object_key, row.name) for row in _rows(channel, keys)} - counts.keys()
    rows = [
        _row(channel, key, name, counted=count)
        for (key, name), count in [*counts.items(), *((k, 0) for k in none_left)]
    ]
    Reaction.objects.bulk_create(rows, update_conflicts=True, unique_fields=_UNIQUE, update_fields=["counted"])


def _keep_of_posts(channel: Channel, posts: Mapping[str, str], *, now: datetime) -> None:
    """Have the figures of posts follow what is given to them: likes and shares where those are told apart."""
    counts: dict[str, Counter[Figure]] = {post: Counter() for post in posts.values()}
    for row in _rows(channel, posts):
        counts[posts[row.object_key]][_figure(channel, row.name)] += row.count
    keep_posts(channel, counts, now=now)


def _figure(channel: Channel, name: str) -> Figure:
    if channel.network != Network.ACTIVITYPUB:
        return Figure.REACTIONS
    return Figure.SHARES if name == _SHARED else Figure.LIKES


def _rows(channel: Channel, keys: Iterable[str]) -> Iterable[Reaction]:
    return Reaction.objects.filter(municipality=channel.municipality_id, channel=channel, object_key__in=list(keys))


def _row(channel: Channel, key: str, name: str, **counts: object) -> Reaction:
    return Reaction(municipality_id=channel.municipality_id, channel=channel, object_key=key[:240], name=name, **counts)
