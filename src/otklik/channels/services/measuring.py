"""Asking networks for figures: of accounts a few times a day, of posts often while they are young and rarely later.

A channel is leased, asked outside any transaction, and what it told is written at once with when it is asked next.
Asking again harms nobody: the newest of a day counts, and what wasn't told stays as it was told before, with its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from otklik.channels.connections import connector_of
from otklik.channels.enums import Network
from otklik.channels.fediverse import Follower
from otklik.channels.figures import MeasuredPost, Measuring
from otklik.channels.models import Channel
from otklik.channels.services.counting import note_calls
from otklik.channels.services.figuring import keep_account, keep_posts
from otklik.channels.services.reacting import keep_told
from otklik.common.inserting import insert_new
from otklik.common.vault import WrongKey
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.figures import AccountFigures, Figure, TellsFigures, TellsReactions
from otklik.connectors.registry import CONNECTORS

CALL = "statistics"
"""How these calls are named in a channel's health."""
LEASE = timedelta(minutes=5)
STEP = timedelta(minutes=1)
"""Between two questions to one network: so few that no limit of any of them is near."""
ACCOUNT_EVERY = timedelta(hours=4)
REFUSED_FOR = timedelta(hours=6)
"""What a network refuses for good is asked again seldom: somebody may mend the token."""
MOST_PATIENCE = timedelta(hours=12)
REACTIONS_UNTIL = timedelta(days=3)
"""So long after a post the reactions to its comments are asked for too: a call for each post."""
MOST_REACTIONS = 5
GIVEN_UP_AFTER = 3
"""Times in a row that a network knows nothing of a post: then it is gone."""
_BACKOFF_MINUTES = (2, 10, 30, 120)
_RHYTHM = (
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=14), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
    (timedelta(days=730), timedelta(days=30)),
)
"""How young a post is, and how long until it is asked for again; older ones are asked for no more."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked of a channel's network now: the account, some posts, and the reactions under some of them."""

    measuring: Measuring
    account: bool = False
    posts: tuple[MeasuredPost, ...] = ()


@dataclass(slots=True)
class Answered:
    """What came of it, as far as it came. `posts` None: nothing is known of them now."""

    account: AccountFigures | None = None
    posts: Mapping[str, Mapping[Figure, int]] | None = None
    reactions: dict[str, Mapping[str, int]] = field(default_factory=dict)
    good: int = 0
    refused: SendFailed | None = None
    failure: Exception | None = None


def follow(channel: Channel, posts: Mapping[str, datetime]) -> None:
    """Have posts measured from now on: the network's ids, and when they appeared. One statement; safe to repeat."""
    if not CONNECTORS[channel.network].capabilities.post_figures:
        return
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    MeasuredPost.objects.bulk_create(
        [
            MeasuredPost(**scope, post_external_id=name[:200], published_at=at, due_at=at)
            for name, at in posts.items()
            if name
        ],
        ignore_conflicts=True,
    )


def know_all_channels(*, now: datetime) -> None:
    """Have every channel measured whose network tells anything. One query where all are known."""
    unknown = [
        one for one in Channel.objects.filter(measuring=None) if CONNECTORS[one.network].capabilities.account_figures
    ]
    insert_new(
        [Measuring(municipality_id=one.municipality_id, channel=one, due_at=now, account_due_at=now) for one in unknown]
    )


def claim(*, now: datetime) -> Errand | None:
    """Return what is to be asked now, ours until the lease ends; None if nothing is. Committed before it is asked."""
    due = Measuring.objects.filter(due_at__lte=now, channel__is_enabled=True)
    for one in due.select_related("channel__municipality").order_by("due_at", "pk"):
        mine = Measuring.objects.filter(pk=one.pk, due_at=one.due_at)
        if mine.update(due_at=now + LEASE) == 1:
            one.due_at = now + LEASE
            return Errand(one, account=one.account_due_at <= now, posts=_due_posts(one.channel, now))
    return None


def _due_posts(channel: Channel, now: datetime) -> tuple[MeasuredPost, ...]:
    most = getattr(CONNECTORS[channel.network], "posts_at_once", 0)
    due = MeasuredPost.objects.filter(municipality=channel.municipality_id, channel=channel, due_at__lte=now)
    return tuple(due.order_by("due_at", "pk")[:most]) if most else ()


def ask(errand: Errand, *, now: datetime) -> Answered:
    """Ask the network; writes nothing. A failure ends it, and what came before it counts."""
    answered = Answered()
    channel = errand.measuring.channel
    if channel.network == Network.ACTIVITYPUB:
        if errand.account:
            answered.account = _counted_here(channel)
        return answered
    try:
        connector = connector_of(channel)
        if not isinstance(connector, TellsFigures):
            return answered
        if errand.account and connector.tells().account:
            _ask_of_account(connector, answered)
        if errand.posts and connector.tells().posts:
            answered.posts = connector.post_figures([one.post_external_id for one in errand.posts])
            answered.good += 1
        if isinstance(connector, TellsReactions) and answered.posts:
            _ask_for_reactions(connector, errand, answered, now)
    except (SendFailed, SendUnknown, ValueError, WrongKey) as error:
        answered.failure = error
    return answered


def _ask_of_account(connector: TellsFigures, answered: Answered) -> None:
    """What is refused of the account, for good, holds up nothing of its posts."""
    try:
        answered.account = connector.account_figures()
        answered.good += 1
        if answered.account.refused:
            answered.refused = SendFailed(answered.account.refused, permanent=True)
    except SendFailed as error:
        if not error.permanent:
            raise
        answered.refused = error


def _ask_for_reactions(connector: TellsReactions, errand: Errand, answered: Answered, now: datetime) -> None:
    """Ask what stands under young posts that have comments, as far as the network says."""
    posts = answered.posts or {}
    young = [
        one.post_external_id
        for one in errand.posts
        if now - one.published_at < REACTIONS_UNTIL and posts.get(one.post_external_id, {}).get(Figure.COMMENTS)
    ]
    for post in young[:MOST_REACTIONS]:
        answered.reactions |= connector.reactions_under(post)
        answered.good += 1


def _counted_here(channel: Channel) -> AccountFigures:
    """Nobody counts for us in the fediverse: who follows us is kept here."""
    followers = Follower.objects.filter(municipality=channel.municipality_id, channel=channel, lost_at=None)
    return AccountFigures({Figure.FOLLOWERS: followers.count()})


@transaction.atomic
def record(errand: Errand, answered: Answered, *, now: datetime) -> None:
    """Keep what was told and when to ask next. Nothing is written for a lease that somebody else has taken over."""
    one, failure = errand.measuring, answered.failure
    failures = min(one.failures + 1, 30_000) if failure is not None else 0
    wait = _patience(failure, failures) if failure is not None else STEP
    fields: dict[str, object] = {"failures": failures, "due_at": now + wait}
    if errand.account and (failure is None or answered.account is not None):
        fields["account_due_at"] = now + (REFUSED_FOR if answered.refused is not None else ACCOUNT_EVERY)
    if Measuring.objects.filter(pk=one.pk, due_at=one.due_at).update(**fields) != 1:
        return
    bad: list[Exception] = [
        error for error in (answered.refused, failure) if isinstance(error, SendFailed | SendUnknown)
    ]
    note_calls(one.channel, CALL, failures=bad, good=answered.good, now=now)
    if answered.account is not None:
        keep_account(one.channel, answered.account, now=now)
    if answered.posts is not None:
        keep_posts(one.channel, answered.posts, now=now)
        _plan(errand.posts, answered.posts, now)
    elif errand.posts and failure is None:
        MeasuredPost.objects.filter(pk__in=[post.pk for post in errand.posts]).update(due_at=now + REFUSED_FOR)
    if answered.reactions:
        keep_told(one.channel, answered.reactions, now=now)


def _plan(posts: tuple[MeasuredPost, ...], told: Mapping[str, Mapping[Figure, int]], now: datetime) -> None:
    for post in posts:
        post.missing = 0 if post.post_external_id in told else min(post.missing + 1, GIVEN_UP_AFTER)
        post.asked_at = now
        post.due_at = None if post.missing >= GIVEN_UP_AFTER else next_time(post.published_at, now=now)
    MeasuredPost.objects.bulk_update(posts, ["missing", "asked_at", "due_at"])


def next_time(published_at: datetime, *, now: datetime) -> datetime | None:
    """Return when a post is asked for again; None for one that is too old."""
    age = now - published_at
    return next((now + every for young, every in _RHYTHM if age < young), None)


def _patience(failure: Exception, failures: int) -> timedelta:
    """Return how long to wait after a failure: as the network says, longer each time, long where it is for good."""
    if isinstance(failure, SendFailed) and failure.permanent:
        return REFUSED_FOR
    told_s = getattr(failure, "retry_after_s", None)
    if told_s:
        return min(max(timedelta(seconds=told_s), STEP), MOST_PATIENCE)
    return timedelta(minutes=_BACKOFF_MINUTES[min(failures, len(_BACKOFF_MINUTES)) - 1])


def measure_next(*, now: datetime) -> bool:
    """Ask one channel's network what is due and keep it; False if nothing was due."""
    know_all_channels(now=now)
    errand = claim(now=now)
    if errand is None:
        return False
    answered = ask(errand, now=now) if errand.account or errand.posts else Answered()
    record(errand, answered, now=now)
    return True
