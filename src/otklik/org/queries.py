"""Reads of the city's organisation that more than one place needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from django.db.models import Q

from otklik.common.clock import now
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import DayKind, PlaceKind, Role
from otklik.org.models import (
    CalendarDay,
    Department,
    Municipality,
    Official,
    OutsideBody,
    Place,
    RoleGrant,
    ServiceLevel,
    Topic,
    TopicRoute,
    WorkingHours,
)


class NoCity(Exception):
    """No municipality is set up, or none answers to this host."""


def municipality_for(host: str) -> Municipality:
    """Return the city that a public address belongs to; a lone city answers to every host. Raises NoCity."""
    cities = list(Municipality.objects.all()[:50])
    named = [city for city in cities if city.host and city.host.lower() == host.lower()]
    if named:
        return named[0]
    if len(cities) == 1 or (cities and not any(city.host for city in cities)):
        return cities[0]
    raise NoCity("no city is set up here: run ./otklik init")


def calendar_of(municipality: Municipality) -> WorkCalendar:
    """Return the city's working calendar (two queries)."""
    hours: dict[int, list[tuple[time, time]]] = {}
    for row in WorkingHours.objects.filter(municipality=municipality):
        hours.setdefault(row.weekday, []).append((row.starts, row.ends))
    days = CalendarDay.objects.filter(municipality=municipality).values_list("date", "kind")
    return WorkCalendar(
        timezone=ZoneInfo(municipality.timezone),
        country=municipality.country,
        hours={weekday: tuple(sorted(intervals)) for weekday, intervals in hours.items()},
        overrides={date: DayKind(kind) for date, kind in days},
    )


@dataclass(frozen=True)
class Directory:
    """The city's topics, service levels, places and routes, read once for a batch of messages."""

    municipality: Municipality
    topics: Mapping[str, Topic]
    levels: Mapping[str, ServiceLevel]
    streets: Mapping[str, Place]
    places: Mapping[int, Place]
    routes: Mapping[tuple[int, int], int]
    calendar: WorkCalendar

    def department_for(self, topic: Topic | None, place: Place | None) -> int | None:
        """Return who answers: the route of topic and place, else the place's owner, else the topic's default.

        A street inherits its district's route and owner. None: nobody is known, a curator decides.
        """
        while place is not None:
            if topic is not None and (topic.pk, place.pk) in self.routes:
                return self.routes[topic.pk, place.pk]
            if place.owner_id is not None:
                return place.owner_id
            place = self.places.get(place.parent_id) if place.parent_id else None
        return topic.department_id if topic is not None else None


def directory_of(municipality: Municipality) -> Directory:
    """Return the city's directory (six queries); topics that were retired are not in it."""
    today = now().date()
    topics = (
        Topic.objects.filter(municipality=municipality)
        .filter(Q(valid_to=None) | Q(valid_to__gte=today))
        .select_related("service_level", "department")
    )
    places = {place.pk: place for place in Place.objects.filter(municipality=municipality)}
    routes = TopicRoute.objects.filter(municipality=municipality).values_list("topic", "place", "department")
    return Directory(
        municipality=municipality,
        topics={topic.code: topic for topic in topics},
        levels={level.code: level for level in ServiceLevel.objects.filter(municipality=municipality)},
        streets={place.name: place for place in places.values() if place.kind == PlaceKind.STREET},
        places=places,
        routes={(topic, place): department for topic, place, department in routes},
        calendar=calendar_of(municipality),
    )


def heads_of(municipality: Municipality) -> list[Official]:
    """Return the officials with the head's role, oldest first."""
    return list(Official.objects.filter(municipality=municipality, is_active=True, grants__role="head").order_by("id"))


def officials_for(municipality_id: int, role: Role, department_id: int | None) -> list[int]:
    """Return who holds a role for a department: by a grant for it or one above it, else for the whole city.

    Whoever answers for the department itself comes before those who answer for everything (two queries).
    """
    parents = dict(Department.objects.filter(municipality=municipality_id).values_list("id", "parent_id"))
    above: set[int] = set()
    while department_id is not None and department_id not in above:
        above.add(department_id)
        department_id = parents.get(department_id)
    grants = RoleGrant.objects.filter(municipality=municipality_id, role=role, official__is_active=True)
    rows = list(grants.values_list("official_id", "department_id"))
    near = {official for official, where in rows if where in above}
    return sorted(near or {official for official, where in rows if where is None})


def departments_of(municipality_id: int) -> list[Department]:
    """Return the departments that work now, by name."""
    return list(Department.objects.filter(municipality=municipality_id, is_active=True))


def outside_bodies_of(municipality_id: int) -> list[OutsideBody]:
    """Return the bodies outside the city that residents can be sent to, by name."""
    return list(OutsideBody.objects.filter(municipality=municipality_id, is_active=True))


def topics_of(municipality_id: int) -> dict[Topic, list[Topic]]:
    """Return the topics by their group, in the taxonomy's order (one query)."""
    rows = list(Topic.objects.filter(municipality=municipality_id, valid_to=None).order_by("code"))
    groups = {row.pk: row for row in rows if row.parent_id is None}
    tree: dict[Topic, list[Topic]] = {group: [] for group in groups.values()}
    for row in rows:
        if row.parent_id in groups:
            tree[groups[row.parent_id]].append(row)
    return tree
