"""The mood about each group of topics over time: how often people scold, how often they thank. From counts only.

Nothing of it is kept, and never anything of a person. A share of few messages says nothing, so it isn't told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Sum

from otklik.pulse.models import Tally

DAYS = 30
SMOOTHED_D = 7
"""Each point is the share of this many days up to it: small towns have few messages a day."""
LEAST = 10
"""A share of fewer messages than this is not shown."""
_CERTAIN = 1.96
"""Standard errors between two shares that are told as a change: chance alone does it once in twenty."""


class Turn(StrEnum):
    """Where the mood of the last week goes, beside the weeks before it."""

    HARSHER = "harsher"
    CALMER = "calmer"
    STEADY = "steady"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was said, and how much of it scolds or thanks."""

    messages: int = 0
    scolding: int = 0
    thanks: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.messages + other.messages, self.scolding + other.scolding, self.thanks + other.thanks)

    @property
    def scolding_percent(self) -> int | None:
        """The share that scolds; None of too few."""
        return round(100 * self.scolding / self.messages) if self.messages >= LEAST else None

    @property
    def thanks_percent(self) -> int | None:
        """The share that thanks; None of too few."""
        return round(100 * self.thanks / self.messages) if self.messages >= LEAST else None


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood about one group of topics."""

    group: str
    week: Counts
    before: Counts
    points: tuple[int | None, ...]
    """The share that scolds in the seven days up to each of the last thirty, in percent."""

    @property
    def messages(self) -> int:
        """How many messages the month had."""
        return self.week.messages + self.before.messages

    @property
    def turn(self) -> Turn:
        """Whether people scold more, or less, than before; only what chance doesn't explain is told."""
        if self.week.messages < LEAST or self.before.messages < LEAST:
            return Turn.UNKNOWN
        distance = _distance(self.week, self.before)
        if abs(distance) < _CERTAIN:
            return Turn.STEADY
        return Turn.HARSHER if distance > 0 else Turn.CALMER


def moods_of(municipality_id: int, groups: Mapping[str, str], *, today: date) -> list[Mood]:
    """Return the mood of each group of topics of which enough was said, those that turned harsher first. One query.

    `groups` gives the group of a topic's code; what has none, such as what nobody could name, is left out.
    """
    first = today - timedelta(days=DAYS + SMOOTHED_D - 2)
    rows = (
        Tally.objects.filter(municipality=municipality_id, street="", day__gte=first, day__lte=today)
        .exclude(topic_code="")
        .values_list("topic_code", "day")
        .annotate(said=Sum("messages"), scolds=Sum("venting") + Sum("abuse"), thanked=Sum("thanks"))
        .order_by()
    )
    days: dict[str, dict[date, Counts]] = {}
    for code, day, said, scolds, thanked in rows:
        if code in groups:
            of_group = days.setdefault(groups[code], {})
            of_group[day] = of_group.get(day, Counts()) + Counts(said, scolds, thanked)
    moods = [_mood(group, of_group, today) for group, of_group in days.items()]
    told = [mood for mood in moods if mood.messages >= LEAST]
    order = list(Turn)
    return sorted(told, key=lambda mood: (order.index(mood.turn), -mood.messages, mood.group))


def _mood(group: str, days: Mapping[date, Counts], today: date) -> Mood:
    def between(first_back: int, last_back: int) -> Counts:
        wanted = (days.get(today - timedelta(days=back), Counts()) for back in range(first_back, last_back))
        return sum(wanted, Counts())

    points = [between(back, back + SMOOTHED_D).scolding_percent for back in range(DAYS - 1, -1, -1)]
    return Mood(group, between(0, SMOOTHED_D), between(SMOOTHED_D, DAYS), tuple(points))


def _distance(now: Counts, before: Counts) -> float:
    """Return how many standard errors two shares of scolding are apart (pooled two-proportion z)."""
    both = now + before
    pooled = both.scolding / both.messages
    error = math.sqrt(pooled * (1 - pooled) * (1 / now.messages + 1 / before.messages))
    apart = now.scolding / now.messages - before.scolding / before.messages
    return apart / error if error else 0.0


def pieces(points: Sequence[int | None]) -> list[list[tuple[int, int]]]:
    """Return the unbroken pieces of a line as (day, percent): a gap where too little was said."""
    found: list[list[tuple[int, int]]] = [[]]
    for day, percent in enumerate(points):
        if percent is None:
            found.append([])
        else:
            found[-1].append((day, percent))
    return [piece for piece in found if piece]
