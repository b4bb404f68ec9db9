"""How channels do, for the screen and for /metrics: read in a number of queries that doesn't grow with the channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from otklik.channels.enums import DeliveryState, OutgoingState
from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.legal import Restriction, restrictions_of
from otklik.channels.models import Channel, Delivery, Outgoing
from otklik.channels.networkwords import told
from otklik.channels.polls import Poll
from otklik.channels.services.polling import polls_of
from otklik.connectors.base import Finding
from otklik.connectors.said import unpacked

DAY, WEEK = timedelta(days=1), timedelta(days=7)
TOO_MANY_PERCENT = 10
"""A channel of whose calls more failed within a day needs a look."""
ENDS_SOON_DAYS = 10

CALLS = {
    "send": gettext_lazy("Sending failed"),
    "deliver": gettext_lazy("Sending to other servers failed"),
    "events": gettext_lazy("Asking for new messages failed"),
    "updates": gettext_lazy("Asking for new messages failed"),
    "inbox": gettext_lazy("Asking for new letters failed"),
    "sent": gettext_lazy("Asking for letters that were sent failed"),
    "comments": gettext_lazy("Asking for missed comments failed"),
    "channel": gettext_lazy("Asking for missed posts and comments failed"),
    "subscription": gettext_lazy("Asking whether messages are delivered to us failed"),
    "statistics": gettext_lazy("Asking for numbers of followers and views failed"),
}
"""What is called for, by the call's name: a round of a connector (`rounds`), or one of ours (`CALL`)."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How calls to a network went within some time."""

    made: int = 0
    failed: int = 0

    @property
    def percent(self) -> int:
        """The share that failed, rounded up, so that one failure is never 0 %."""
        return -(-100 * self.failed // self.made) if self.made else 0

    @property
    def too_many(self) -> bool:
        """Whether more failed than happens in a network's ordinary day."""
        return self.percent > TOO_MANY_PERCENT


_NO_CALLS = (Calls(), Calls())


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel with how it does."""

    channel: Channel
    now: datetime
    waiting: int = 0
    not_sent: int = 0
    uncertain: int = 0
    not_understood: int = 0
    day: Calls = Calls()
    week: Calls = Calls()
    health: ChannelHealth | None = None
    polls: Sequence[Poll] = field(default_factory=tuple)

    @property
    def restrictions(self) -> list[Restriction]:
        """What the law restricts there, on or off. No query where the channel came with its city."""
        return restrictions_of(self.channel)

    @property
    def off_by_law(self) -> list[Restriction]:
        """What the law keeps off: nobody has acknowledged it."""
        return [one for one in self.restrictions if one.is_off]

    @property
    def troubles(self) -> list[Finding]:
        """What the last look found that isn't well, with its remedy, in the reader's language."""
        kept = self.health.findings if self.health is not None else []
        found = [Finding(told(unpacked(what)), bool(ok), told(unpacked(advice))) for what, ok, advice in kept]
        return [one for one in found if not one.ok]

    @property
    def failure(self) -> str:
        """What the network said to the last call that failed and wasn't good since; "" if there is none."""
        if self.health is None or not self.health.failed_call:
            return ""
        return told(unpacked(self.health.failure))

    @property
    def failed_at_what(self) -> str:
        """What that call was for, in the reader's language."""
        call = self.health.failed_call if self.health is not None else ""
        return str(CALLS.get(call, call))

    @property
    def token_days(self) -> int | None:
        """Whole days until the access token ends, below 0 when it has; None where it doesn't, or nobody knows."""
        ends_at = self.health.token_ends_at if self.health is not None else None
        return None if ends_at is None else (ends_at - self.now) // DAY

    @property
    def token_ends_soon(self) -> bool:
        """Whether the token should be looked at: it should have been renewed by now."""
        return self.token_days is not None and self.token_days < ENDS_SOON_DAYS

    @property
    def is_deaf(self) -> bool:
        """Whether a network that delivered here says that it doesn't any more."""
        return self.health is not None and self.health.delivers is False and self.health.delivered_at is not None

    @property
    def is_silent(self) -> bool:
        """Whether it is quiet against its own rhythm."""
        return self.health is not None and self.health.silent_since is not None

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at it."""
        failing = bool(self.troubles or self.failure or self.day.too_many or self.not_sent or self.not_understood)
        return failing or self.token_ends_soon or self.is_deaf or self.is_silent


def states_of(channels: Iterable[Channel], *, now: datetime) -> list[ChannelState]:
    """Return how these channels do: six queries, however many they are."""
    found = list(channels)
    ids = [channel.pk for channel in found]
    cities = {channel.municipality_id for channel in found}
    outgoing = _outgoing(cities, ids)
    not_understood = _failed_deliveries(cities, ids)
    calls = _calls(ids, now)
    health = {one.channel_id: one for one in ChannelHealth.objects.filter(channel__in=ids)}
    polls = polls_of(found)
    return [
        ChannelState(
            channel=channel,
            now=now,
            waiting=outgoing.get((channel.pk, OutgoingState.QUEUED.value), 0),
            not_sent=outgoing.get((channel.pk, OutgoingState.FAILED.value), 0),
            uncertain=outgoing.get((channel.pk, OutgoingState.UNKNOWN.value), 0),
            not_understood=not_understood.get(channel.pk, 0),
            day=calls.get(channel.pk, _NO_CALLS)[0],
            week=calls.get(channel.pk, _NO_CALLS)[1],
            health=health.get(channel.pk),
            polls=polls[channel.pk],
        )
        for channel in found
    ]


def _outgoing(cities: Iterable[int], ids: Sequence[int]) -> Mapping[tuple[int, str], int]:
    """Two queries: each state's own index is made of the few rows that are in it."""
    ours = Outgoing.objects.filter(channel__in=ids).order_by().values_list("channel", "state")
    troubled = ours.filter(municipality__in=cities, state__in=[OutgoingState.FAILED, OutgoingState.UNKNOWN])
    rows = [*ours.filter(state=OutgoingState.QUEUED).annotate(n=Count("id")), *troubled.annotate(n=Count("id"))]
    return {(channel, state): n for channel, state, n in rows}


def _failed_deliveries(cities: Iterable[int], ids: Sequence[int]) -> dict[int, int]:
    states = [DeliveryState.FAILED, DeliveryState.PARTIAL]  # as their index has it
    rows = Delivery.objects.filter(municipality__in=cities, channel__in=ids, state__in=states).order_by()
    counted = rows.values_list("channel", "state").annotate(n=Count("id"))
    return {channel: n for channel, state, n in counted if state == DeliveryState.FAILED}


def _calls(ids: Sequence[int], now: datetime) -> dict[int, tuple[Calls, Calls]]:
    """Return the calls of a day and of a week, by whole hours: the one that each begins in doesn't count."""
    rows = ChannelHour.objects.filter(channel__in=ids, hour__gte=now - WEEK).order_by().values_list("channel")
    lately = Q(hour__gte=now - DAY)
    counted = rows.annotate(
        day=Coalesce(Sum("calls", filter=lately), 0),
        day_failed=Coalesce(Sum("failures", filter=lately), 0),
        week=Sum("calls"),
        week_failed=Sum("failures"),
    )
    return {channel: (Calls(day, day_bad), Calls(week, week_bad)) for channel, day, day_bad, week, week_bad in counted}
