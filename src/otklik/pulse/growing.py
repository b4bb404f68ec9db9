"""What people ask and complain about more than before: topics of two spans of the same length, from counts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Sum

from otklik.org.models import Topic
from otklik.pulse.models import Tally

DAY = timedelta(days=1)
LEAST = 2
"""One voice is a person with a question, not something that hurts the city."""


@dataclass(frozen=True, slots=True)
class Grown:
    """How much was asked and complained about a topic in a span, and in the one a day before it."""

    topic: Topic
    messages: int
    before: int

    @property
    def more(self) -> int:
        """How many more than before; negative for fewer."""
        return self.messages - self.before


def hot_topics(municipality_id: int, start: datetime, end: datetime, *, limit: int = 3) -> list[Grown]:
    """Return what was spoken of most in a span (whole hours), each beside the span a day earlier. Three queries."""
    now, before = _told(municipality_id, start, end), _told(municipality_id, start - DAY, end - DAY)
    loudest = sorted((code for code, count in now.items() if count >= LEAST), key=lambda code: (-now[code], code))
    topics = {row.code: row for row in Topic.objects.filter(municipality=municipality_id, code__in=loudest[:limit])}
    return [Grown(topics[code], now[code], before.get(code, 0)) for code in loudest[:limit] if code in topics]


def grown_topics(municipality_id: int, start: datetime, end: datetime, *, limit: int = 3) -> list[Grown]:
    """Return what is spoken of more than in the same span a day earlier, what grew most first. Three queries."""
    now, before = _told(municipality_id, start, end), _told(municipality_id, start - DAY, end - DAY)
    more = {code: count - before.get(code, 0) for code, count in now.items() if count >= LEAST}
    risen = sorted((code for code, rise in more.items() if rise > 0), key=lambda code: (-more[code], code))[:limit]
    topics = {row.code: row for row in Topic.objects.filter(municipality=municipality_id, code__in=risen)}
    return [Grown(topics[code], now[code], before.get(code, 0)) for code in risen if code in topics]


def _told(municipality_id: int, start: datetime, end: datetime) -> dict[str, int]:
    rows = Tally.objects.filter(
        municipality=municipality_id, street="", hour__gte=_hour(start), hour__lt=_hour(end)
    ).exclude(topic_code="")
    told = rows.values_list("topic_code").annotate(told=Sum(F("requests") + F("questions") + F("venting")))
    return dict(told.order_by())


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
