"""The morning's digest: what hurts, what grew overnight, what is late, whom to thank. Reads and counts only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from otklik.cases.briefing import counts_of, thanked_of
from otklik.cases.enums import ControlState
from otklik.cases.lists import Filters, inbox
from otklik.cases.watching import watched_of
from otklik.insights.models import Digest
from otklik.org.access import Access
from otklik.org.calendar import WorkCalendar
from otklik.pulse.growing import DAY, Grown, grown_topics, hot_topics
from otklik.pulse.queries import surges_for

NAMED = 5
"""Cases that a digest names; the number leads to all of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """How much was said about a topic, and how much in the same span a day earlier."""

    topic_code: str
    messages: int
    before: int


@dataclass(frozen=True, slots=True)
class Content:
    """A digest's figures. `counts` are by the list that each opens; `since` is when work ended last."""

    counts: dict[str, int]
    surges: list[int]
    hurts: list[Told]
    grew: list[Told]
    late: list[int]
    unreported: list[int]
    thanked: list[tuple[int, int]]
    since: str

    def to_json(self) -> dict[str, Any]:
        """Return it as the row keeps it."""
        return asdict(self)

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Content:
        """Return what a row keeps."""
        return cls(
            counts={str(name): int(count) for name, count in kept["counts"].items()},
            surges=[int(one) for one in kept["surges"]],
            hurts=[Told(**one) for one in kept["hurts"]],
            grew=[Told(**one) for one in kept["grew"]],
            late=[int(one) for one in kept["late"]],
            unreported=[int(one) for one in kept["unreported"]],
            thanked=[(int(department), int(count)) for department, count in kept["thanked"]],
            since=str(kept["since"]),
        )


def compose(access: Access, calendar: WorkCalendar, *, now: datetime) -> Content:
    """Return what an official who sees the city should know this morning."""
    since = calendar.end_of(now.astimezone(calendar.timezone).date() - timedelta(days=1))
    watched = watched_of(access, now=now)
    late = inbox(access, Filters(view="overdue"), now=now).order_by("answer_due_at", "id")
    return Content(
        counts=counts_of(access, now=now) | {"surges": surges_for(access).count()},
        surges=list(surges_for(access).values_list("pk", flat=True)[:NAMED]),
        hurts=_told(hot_topics(access.municipality_id, now - DAY, now)),
        grew=_told(grown_topics(access.municipality_id, since, now)),
        late=list(late.values_list("number", flat=True)[:NAMED]),
        unreported=[one.case.number for one in watched if one.state == ControlState.MISSED][:NAMED],
        thanked=[(one.department.pk, one.confirmed) for one in thanked_of(access, now=now)],
        since=since.isoformat(),
    )


def digests_of(access: Access) -> QuerySet[Digest]:
    """Return an official's own digests, newest first."""
    return Digest.objects.filter(municipality=access.municipality_id, official=access.official).order_by("-day")


def digest_before(access: Access, day: date) -> Digest | None:
    """Return the digest of the working morning before, to compare with; None for the first."""
    return digests_of(access).filter(day__lt=day).first()


def _told(grown: list[Grown]) -> list[Told]:
    return [Told(one.topic.code, one.messages, one.before) for one in grown]
