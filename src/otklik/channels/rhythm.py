"""Whether a channel is quieter than it ever is at such hours: its own week, hour by hour, is the measure.

What counts is in how many of the last weeks anything came in that hour of the week, not how much: one post that brings
five hundred comments doesn't make the next Tuesday suspicious. Hours are those of UTC: where clocks are moved, the
rhythm is an hour off for as long as the weeks it is made of.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

WEEKS = 8
"""So many weeks before the silence make the rhythm."""
FEWEST_WEEKS = 4
"""A channel known for less has no rhythm yet, and no alarm."""
ALARM = math.log(1000)
"""Told when such a silence would come by chance once in a thousand times."""
_WEEK = timedelta(weeks=1)
_HOUR = timedelta(hours=1)
_HOURS = 168


def is_silent(busy_hours: Iterable[datetime], *, first_at: datetime, since: datetime, now: datetime) -> bool:
    """Return whether nothing since `since` is out of rhythm by `now`.

    `busy_hours`: the hours in which anything came; `first_at`: when the channel was first heard of. Pure.
    """
    weeks = min(WEEKS, (since - first_at) // _WEEK)
    return weeks >= FEWEST_WEEKS and surprise(busy_hours, weeks=weeks, since=since, now=now) >= ALARM


def surprise(busy_hours: Iterable[datetime], *, weeks: int, since: datetime, now: datetime) -> float:
    """Return how unlikely silence from `since` to `now` is, as -ln of its chance; hours count by their share.

    An hour of the week in which something came in k of the `weeks` before stays empty with chance 1 - k / (weeks + 1).
    """
    begin, end = since - weeks * _WEEK, _floor(since)
    busy = Counter(_hour_of_week(hour) for hour in {_floor(hour) for hour in busy_hours} if begin <= hour < end)
    per_hour = [-math.log1p(-busy[hour] / (weeks + 1)) for hour in range(_HOURS)]
    whole_weeks = max(now - since, timedelta(0)) // _WEEK
    total, at = whole_weeks * sum(per_hour), since + whole_weeks * _WEEK
    while at < now:
        until = min(_floor(at) + _HOUR, now)
        total += per_hour[_hour_of_week(at)] * ((until - at) / _HOUR)
        at = until
    return total


def _floor(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hour_of_week(at: datetime) -> int:
    utc = at.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour
