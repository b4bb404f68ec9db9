"""From notices to letters: what each official chose, not in their quiet hours, and a flood as one letter.

A notice's way is decided once (`routed_at`), in the transaction that writes its line; a killed worker repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from otklik.notices.enums import LetterState, Matter, Tempo, Way, matter_of
from otklik.notices.letters import Carrier, Choice, Device, Letter, LetterLine, Reach
from otklik.notices.models import Notice
from otklik.notices.services.choosing import after_quiet, next_daily, ways_of
from otklik.org.calendar import WorkCalendar
from otklik.org.models import Municipality, Official
from otklik.org.queries import calendar_of

GATHERS = timedelta(minutes=1)
"""So long a letter waits for more: ten notices of one minute are one letter."""
APART = timedelta(minutes=10)
"""Between two letters to one person by one way, at least."""


@dataclass(slots=True)
class _City:
    """What is read once for a city."""

    calendar: WorkCalendar
    carriers: set[str]
    choices: dict[tuple[int, str], Choice] = field(default_factory=dict)
    reaches: dict[int, Reach] = field(default_factory=dict)
    with_device: set[int] = field(default_factory=set)

    def choice(self, official_id: int, matter: Matter) -> Choice:
        return self.choices.get((official_id, matter)) or Choice(matter=matter)

    def ways(self, official_id: int, matter: Matter) -> list[Way]:
        """By which ways an official is told of a matter outside the desk."""
        choice, reach = self.choice(official_id, matter), self.reach(official_id)
        return ways_of(choice, reach, self.carriers, has_device=official_id in self.with_device)

    def reach(self, official_id: int) -> Reach:
        return self.reaches.get(official_id) or Reach()


@transaction.atomic
def route_notices(*, now: datetime, limit: int = 200) -> int:
    """Decide the way of notices that have none yet; returns how many were looked at."""
    waiting = Notice.objects.filter(routed_at=None).order_by("id").select_for_update(skip_locked=True)
    notices = list(waiting[:limit])
    if not notices:
        return 0
    for city_id in {one.municipality_id for one in notices}:
        mine = [one for one in notices if one.municipality_id == city_id]
        _route(city_id, mine, now)
    Notice.objects.filter(pk__in=[one.pk for one in notices]).update(routed_at=now)
    return len(notices)


def write_letters(
    official: Official, matter: Matter, key: str, content: Mapping[str, Any], *, now: datetime
) -> list[Letter]:
    """Queue a digest or report by the ways that its official chose. Call it in the transaction that prepares it."""
    city = _read(official.municipality, [official.pk])
    reach = city.reach(official.pk)
    return Letter.objects.bulk_create(
        [
            Letter(
                municipality_id=official.municipality_id,
                official=official,
                way=way,
                key=key,
                content={"matter": matter.value, **content},
                due_at=after_quiet(now, reach, city.calendar),
                created_at=now,
            )
            for way in city.ways(official.pk, matter)
        ],
        ignore_conflicts=True,
    )


def _route(city_id: int, notices: list[Notice], now: datetime) -> None:
    city = _read(Municipality.objects.get(pk=city_id), {one.official_id for one in notices})
    silent = []
    groups: dict[tuple[int, Way, Tempo], list[Notice]] = {}
    for notice in notices:
        matter = matter_of(notice.kind)
        choice = city.choice(notice.official_id, matter)
        if not choice.in_desk:
            silent.append(notice.pk)
        for way in city.ways(notice.official_id, matter):
            groups.setdefault((notice.official_id, way, Tempo(choice.tempo)), []).append(notice)
    # Who wants nothing on the bell still finds it in the list, as something seen.
    Notice.objects.filter(pk__in=silent, seen_at=None).update(seen_at=now)
    for (official_id, way, tempo), group in groups.items():
        mine = {"municipality_id": city_id, "official_id": official_id, "way": way, "tempo": tempo}
        due_at = _due(mine, city, now)
        letter = _gathering(mine, f"notices:{group[0].pk}", due_at, now)
        lines = [LetterLine(municipality_id=city_id, letter=letter, notice=notice) for notice in group]
        LetterLine.objects.bulk_create(lines, ignore_conflicts=True)


def _gathering(mine: Mapping[str, Any], key: str, due_at: datetime, now: datetime) -> Letter:
    """Return the letter that notices join now: the one that waits already, else a new one."""
    waiting = Letter.objects.select_for_update().filter(**mine, is_gathering=True, state=LetterState.QUEUED)
    return waiting.first() or Letter.objects.create(**mine, is_gathering=True, key=key, due_at=due_at, created_at=now)


def _due(mine: Mapping[str, Any], city: _City, now: datetime) -> datetime:
    reach = city.reach(mine["official_id"])
    if mine["tempo"] == Tempo.DIGEST:
        return after_quiet(next_daily(now, city.calendar), reach, city.calendar)
    recent = Letter.objects.filter(**mine, finished_at__gt=now - APART).order_by("-finished_at")
    last = recent.values_list("finished_at", flat=True).first()
    soonest = now + GATHERS if last is None else max(now + GATHERS, last + APART)
    return after_quiet(soonest, reach, city.calendar)


def _read(municipality: Municipality, officials: Iterable[int]) -> _City:
    people = set(officials)
    found = _City(
        calendar=calendar_of(municipality),
        carriers=set(Carrier.objects.filter(municipality=municipality, is_on=True).values_list("way", flat=True)),
    )
    for choice in Choice.objects.filter(municipality=municipality, official__in=people):
        found.choices[choice.official_id, choice.matter] = choice
    for reach in Reach.objects.filter(municipality=municipality, official__in=people):
        found.reaches[reach.official_id] = reach
    if Way.PUSH in found.carriers:
        devices = Device.objects.filter(municipality=municipality, official__in=people)
        found.with_device = set(devices.values_list("official", flat=True))
    return found
