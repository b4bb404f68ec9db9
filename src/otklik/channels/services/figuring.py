"""Writing figures down: one row for each figure and day, the newest of a day over those before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from otklik.channels.figures import AccountFigure, Audience, PostFigure
from otklik.channels.models import Channel
from otklik.connectors.figures import AccountFigures, Figure


def day_of(channel: Channel, now: datetime) -> date:
    """Return the day that it is in a channel's city; the channel comes with its city."""
    return now.astimezone(ZoneInfo(channel.municipality.timezone)).date()


def keep_account(channel: Channel, told: AccountFigures, *, now: datetime) -> None:
    """Write what a network told of an account; what it didn't tell stays as it was. Two statements at most."""
    scope = {"municipality_id": channel.municipality_id, "channel": channel}
    rows = [
        AccountFigure(**scope, day=day_of(channel, now), figure=figure, value=value, read_at=now)
        for figure, value in told.figures.items()
    ]
    unique = ["municipality", "channel", "day", "figure"]
    AccountFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=unique, update_fields=["value", "read_at"]
    )
    if told.audience is not None:
        shares = [[one.trait, one.name, one.percent] for one in told.audience]
        Audience.objects.update_or_create(
            municipality_id=channel.municipality_id, channel=channel, defaults={"shares": shares, "read_at": now}
        )


def keep_posts(channel: Channel, told: Mapping[str, Mapping[Figure, int]], *, now: datetime) -> None:
    """Write what was told of posts, by the network's id; what wasn't stays as it was. One statement."""
    scope = {"municipality_id": channel.municipality_id, "channel": channel, "day": day_of(channel, now)}
    rows = [
        PostFigure(**scope, post_external_id=post[:200], figure=figure, value=value, read_at=now)
        for post, figures in told.items()
        for figure, value in figures.items()
        if post
    ]
    unique = ["municipality", "channel", "post_external_id", "day", "figure"]
    PostFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=unique, update_fields=["value", "read_at"]
    )
