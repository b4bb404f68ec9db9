"""Looking after channels: what the network says of the account, whether it still delivers, whether it went quiet.

A look uses the network and holds no transaction. Looking twice harms nobody, so a look is leased, not locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from otklik.channels.connections import connector_of, hook_url
from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.models import Channel
from otklik.channels.rhythm import WEEKS, is_silent
from otklik.channels.services import connecting
from otklik.channels.services.counting import know_all_channels
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector, Finding, SendFailed, SendUnknown, TellsSubscription, TellsTokenEnd
from otklik.connectors.said import packed, said, words_of
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.queries import officials_for

EVERY = timedelta(minutes=30)
SOONER = timedelta(minutes=5)
"""Until the next look at a channel that isn't well: whoever mends it wants to see it."""
LEASE = timedelta(minutes=5)
RESUBSCRIBE_EVERY = timedelta(hours=1)
_QUIET_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at an account found. `delivers`: None where the network doesn't tell."""

    findings: tuple[Finding, ...]
    delivers: bool | None = None
    resubscribed: bool = False
    token_ends_at: datetime | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing is to be mended."""
        return self.delivers is not False and all(one.ok for one in self.findings)


def claim(*, now: datetime) -> ChannelHealth | None:
    """Return a channel that is to be looked at now, ours until the lease ends; None if there is none."""
    due = ChannelHealth.objects.filter(check_due_at__lte=now, channel__is_enabled=True)
    for one in due.select_related("channel__municipality").order_by("check_due_at", "pk"):
        mine = ChannelHealth.objects.filter(pk=one.pk, check_due_at=one.check_due_at)
        if mine.update(check_due_at=now + LEASE) == 1:
            return one
    return None


def look(health: ChannelHealth, *, now: datetime) -> Looked:
    """Ask the network about the account, and have it deliver again where it has stopped to. Never raises for it.

    We ask for delivery by ourselves only where it has delivered here before: the first time is an administrator's.
    """
    channel = health.channel
    try:
        connector = connector_of(channel)
    except (ValueError, WrongKey) as error:
        return Looked((Finding(said("Settings"), ok=False, advice=str(error)),))
    findings = connector.check()
    ends_at = connector.token_ends_at if isinstance(connector, TellsTokenEnd) else None
    try:
        delivers = _delivers(connector, channel)
        again = delivers is False and _may_ask_again(health, now)
        if again:
            connecting.subscribe(channel)
            delivers = _delivers(connector_of(channel), channel)
            findings = connector_of(channel).check()
    except (SendFailed, SendUnknown, NotPossible, ValueError) as error:
        finding = Finding(said("delivery of events"), ok=False, advice=words_of(error))
        is_told = any(one.what == finding.what and not one.ok for one in findings)
        return Looked(
            (*findings, *(() if is_told else (finding,))), False if health.delivered_at else None, token_ends_at=ends_at
        )
    return Looked(tuple(findings), delivers, resubscribed=again, token_ends_at=ends_at)


def record(health: ChannelHealth, looked: Looked, *, now: datetime) -> None:
    """Keep what a look found, until the next one. Writes only what a look knows: counts go on beside it."""
    fresh: dict[str, object] = {"delivered_at": now} if looked.delivers else {}
    if looked.resubscribed:
        fresh["resubscribed_at"] = now
    ChannelHealth.objects.filter(pk=health.pk).update(
        checked_at=now,
        check_due_at=now + (EVERY if looked.is_well else SOONER),
        findings=packed_findings(looked.findings),
        delivers=looked.delivers,
        token_ends_at=looked.token_ends_at,
        **fresh,
    )


def packed_findings(findings: tuple[Finding, ...]) -> list[object]:
    """Return findings as they are kept, each still in the reader's own language later."""
    return [[packed(one.what), one.ok, packed(one.advice)] for one in findings]


def watch_next(*, now: datetime) -> bool:
    """Look at one channel that is due and keep what was found; False if none was."""
    know_all_channels(now=now)
    health = claim(now=now)
    if health is None:
        return False
    record(health, look(health, now=now), now=now)
    return True


def look_at_all(*, now: datetime) -> None:
    """Look at every channel at once, due or not, and keep what was found: the networks have just been opened."""
    know_all_channels(now=now)
    for health in ChannelHealth.objects.filter(channel__is_enabled=True).select_related("channel__municipality"):
        record(health, look(health, now=now), now=now)


def listen_for_silence(*, now: datetime) -> int:
    """Tell administrators of channels that went quiet against their own rhythm, once each; returns how many are.

    When something comes in again the silence is over, and the next one is told anew. Two queries for each channel
    that has been quiet for an hour.
    """
    silent = 0
    for health in ChannelHealth.objects.filter(channel__is_enabled=True).select_related("channel"):
        since = _silent_since(health.channel, now)
        if since is not None:
            silent += 1
            _tell_of_silence(health.channel, since, now)
        if since != health.silent_since:
            ChannelHealth.objects.filter(pk=health.pk).update(silent_since=since)
    return silent


def _silent_since(channel: Channel, now: datetime) -> datetime | None:
    since = channel.last_delivery_at
    if since is None or now - since < _QUIET_AT_LEAST:
        return None
    hours = ChannelHour.objects.filter(municipality=channel.municipality_id, channel=channel, events__gt=0)
    first_at = hours.aggregate(first=Min("hour"))["first"]
    if first_at is None:
        return None
    busy = hours.filter(hour__gte=since - timedelta(weeks=WEEKS)).values_list("hour", flat=True)
    return since if is_silent(busy, first_at=first_at, since=since, now=now) else None


def _tell_of_silence(channel: Channel, since: datetime, now: datetime) -> None:
    tell(
        channel.municipality_id,
        officials_for(channel.municipality_id, Role.ADMIN, None),
        NoticeKind.CHANNEL_SILENT,
        key=f"silent:{channel.pk}:{since.timestamp():.0f}",
        about=str(channel),
        path=f"/desk/administration/channels/{channel.pk}/",
        at=now,
    )


def _delivers(connector: Connector, channel: Channel) -> bool | None:
    if not isinstance(connector, TellsSubscription):
        return None
    return connector.is_subscribed(hook_url(channel))


def _may_ask_again(health: ChannelHealth, now: datetime) -> bool:
    if health.delivered_at is None or not _is_reachable():
        return False
    return health.resubscribed_at is None or now - health.resubscribed_at >= RESUBSCRIBE_EVERY


def _is_reachable() -> bool:
    environment = settings.ENVIRONMENT
    return environment.public_url.startswith("https://") or environment.allow_loopback
