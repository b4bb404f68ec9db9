"""Reads of counts and surges that more than one place needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.queries import with_files
from otklik.org.access import Access, Permission
from otklik.org.models import Municipality
from otklik.pulse import scopes
from otklik.pulse.enums import SurgeKind
from otklik.pulse.models import Surge, SurgeSettings, Tally, Voice

USUAL_DAYS = 14
"""So many days back "the usual" goes: two of each weekday."""
WINDOW = timedelta(hours=1)


def settings_of(municipality_id: int) -> SurgeSettings:
    """Return a city's thresholds; the defaults where it set none."""
    kept = SurgeSettings.objects.filter(municipality=municipality_id).first()
    return kept or SurgeSettings(municipality_id=municipality_id)


def going_on(municipality_id: int) -> QuerySet[Surge]:
    """Return the surges that aren't over, newest first, those that were put aside too."""
    return Surge.objects.filter(municipality=municipality_id, ended_at=None).order_by("-id")


def surges_for(access: Access) -> QuerySet[Surge]:
    """Return what an official is to see on the desk now; nothing for those who don't handle surges."""
    rows = raised_in(access.municipality_id).select_related("taken_by")
    return rows if access.allows(Permission.SURGE_HANDLE) else rows.none()


def raised_in(municipality_id: int) -> QuerySet[Surge]:
    """Return the surges of a city that nobody has put aside, newest first."""
    return going_on(municipality_id).filter(dismissed_at=None)


def voices_in(municipality_id: int, about: Collection[str], *, now: datetime) -> dict[str, tuple[int, datetime]]:
    """Return how many different people spoke in each scope within the last hour, and since when. One query."""
    since = now - WINDOW
    rows = (
        Voice.objects.filter(
            municipality=municipality_id, scope__in=about, hour__gte=_full_hour(since), last_at__gt=since
        )
        .values_list("scope")
        .annotate(people=Count("identity", distinct=True), since=Min("last_at"))
        .order_by()
    )
    return {scope: (people, first) for scope, people, first in rows}


def usual_voices(municipality: Municipality, about: Collection[str], *, now: datetime) -> dict[str, float]:
    """Return how many people speak in each scope in an hour like this of the last two weeks. Three queries at most.

    The hour that slides lies in two hours of the clock: the mean of both. A young city has fewer days to compare with.
    """
    first = Tally.objects.filter(municipality=municipality, street="").aggregate(first=Min("day"))["first"]
    days = min(USUAL_DAYS, max(1, (now.date() - first).days if first is not None else 1))
    hours = [_full_hour(now) - timedelta(days=day, hours=back) for day in range(1, days + 1) for back in (0, 1)]
    read = [scopes.Scope.read(scope) for scope in about]
    found = dict.fromkeys(about, 0.0)
    topics = Tally.objects.filter(municipality=municipality, hour__in=hours, street="")
    places = Tally.objects.filter(municipality=municipality, hour__in=hours)
    for kind, column, rows in ((SurgeKind.TOPIC, "topic_code", topics), (SurgeKind.PLACE, "street", places)):
        wanted = [one.value for one in read if one.kind == kind]
        if wanted:
            sums = rows.filter(**{f"{column}__in": wanted}).values_list(column).annotate(people=Sum("voices"))
            found |= {f"{kind.value}:{value}": people / len(hours) for value, people in sums.order_by()}
    return found


def messages_of(surge: Surge) -> QuerySet[Message]:
    """Return what was said in a surge, newest first; walks no further back than where it began."""
    rows = Message.objects.filter(municipality=surge.municipality_id, id__gte=surge.first_message_id, is_ours=False)
    if surge.ended_at is not None:
        rows = rows.filter(received_at__lte=surge.ended_at)
    scope = scopes.Scope.read(surge.scope)
    wanted: dict[SurgeKind, dict[str, Any]] = {
        SurgeKind.TOPIC: {"topic_code": scope.value},
        SurgeKind.PLACE: {"verdict__street": scope.value},
        SurgeKind.POST: {"thread": surge.thread_id},
    }
    return (
        rows.filter(**wanted[scope.kind])
        .exclude(decision=Decision.SPAM)
        .select_related("identity", "channel", "thread", "case_message__case")
        .prefetch_related(with_files())
        .order_by("-id")
    )


def _full_hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
