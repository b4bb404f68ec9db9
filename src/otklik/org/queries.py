"""Reads of the city's organisation that more than one place needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import lru_cache
from math import cos, hypot, radians
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import get_language

from otklik.common.clock import now
from otklik.common.prepared import Prepared, PreparedObjects
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import DayKind, PlaceKind, Role
from otklik.org.models import (
    CalendarDay,
    Department,
    LiveChange,
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

NEAR_M = 700.0
"""Farther away a place says nothing about where a photo was taken."""


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


class Rule(StrEnum):
    """The line of the table that says who answers, the strongest first."""

    ROUTE = "route"
    OWNER = "owner"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers by the table, the line that says so, and the place it speaks of (none: everywhere)."""

    department_id: int
    rule: Rule
    place: Place | None = None


@dataclass(frozen=True)
class Directory:
    """The city's topics, service levels, places and routes, read once for a batch of messages."""

    municipality: Municipality
    topics: Mapping[str, Topic]
    levels: Mapping[str, ServiceLevel]
    streets: Mapping[str, Place]
    places: Mapping[int, Place]
    routes: Mapping[int, Mapping[int, int]]
    calendar: WorkCalendar

    departments: Mapping[str, Department]
    kept: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What layers above read beside it and keep as long as it: `cases.rulebook` the compiled rules."""

    def answerer(self, topic: Topic | None, place: Place | None) -> Answerer | None:
        """Return who answers, and by which line of the table. None: nobody is known, a curator decides."""
        routes = self.routes.get(topic.pk, {}) if topic is not None else {}
        return answerer(topic, place, routes, lambda one: self.places.get(one.parent_id) if one.parent_id else None)

    def department_for(self, topic: Topic | None, place: Place | None) -> int | None:
        """Return who answers by the table; None where it has nobody."""
        found = self.answerer(topic, place)
        return found.department_id if found is not None else None


def answerer(
    topic: Topic | None, place: Place | None, routes: Mapping[int, int], above: Callable[[Place], Place | None]
) -> Answerer | None:
    """Return who answers: the route of topic and place, else the place's owner, else the topic's default.

    A street inherits its district's route and owner. `routes` are the topic's own, by place; `above` gives what a
    place lies in.
    """
    while place is not None:
        if place.pk in routes:
            return Answerer(routes[place.pk], Rule.ROUTE, place)
        if place.owner_id is not None:
            return Answerer(place.owner_id, Rule.OWNER, place)
        place = above(place)
    if topic is not None and topic.department_id is not None:
        return Answerer(topic.department_id, Rule.TOPIC)
    return None


def answerer_of(topic: Topic | None, place: Place | None) -> Answerer | None:
    """Return who answers for one matter, without the whole directory (one query, and one for each place above)."""
    routes = dict(TopicRoute.objects.filter(topic=topic).values_list("place", "department")) if topic and place else {}
    return answerer(topic, place, routes, lambda one: one.parent)


def street_named(municipality_id: int, name: str) -> Place | None:
    """Return a street by the city's name for it, with what it lies in; None where there is none (one query)."""
    streets = Place.objects.filter(municipality=municipality_id, kind=PlaceKind.STREET, name=name)
    return streets.select_related("parent").first() if name else None


def places_on_the_map(municipality_id: int) -> list[Place]:
    """Return the places whose coordinates are known."""
    return list(Place.objects.filter(municipality=municipality_id, lat__isnull=False, lon__isnull=False))


def nearest(places: Iterable[Place], lat: float, lon: float) -> Place | None:
    """Return the place nearest to a point, none farther than NEAR_M; None where nothing is near."""
    measured = ((_metres(place, lat, lon), place) for place in places)
    near = [(distance, place.pk, place) for distance, place in measured if distance <= NEAR_M]
    return min(near)[2] if near else None


def _metres(place: Place, lat: float, lon: float) -> float:
    """On a city's scale the Earth is flat."""
    north = ((place.lat or 0.0) - lat) * 111_320
    east = ((place.lon or 0.0) - lon) * 111_320 * cos(radians(lat))
    return hypot(north, east)


def directory_of(municipality: Municipality) -> Directory:
    """Return the city's directory (seven queries); topics that were retired are not in it."""
    today = now().date()
    topics = (
        Topic.objects.filter(municipality=municipality)
        .filter(Q(valid_to=None) | Q(valid_to__gte=today))
        .select_related("service_level", "department")
    )
    places = {place.pk: place for place in Place.objects.filter(municipality=municipality)}
    routes: dict[int, dict[int, int]] = {}
    for row in TopicRoute.objects.filter(municipality=municipality).values_list("topic", "place", "department"):
        routes.setdefault(row[0], {})[row[1]] = row[2]
    return Directory(
        municipality=municipality,
        topics={topic.code: topic for topic in topics},
        levels={level.code: level for level in ServiceLevel.objects.filter(municipality=municipality)},
        streets={place.name: place for place in places.values() if place.kind == PlaceKind.STREET},
        places=places,
        routes=routes,
        calendar=calendar_of(municipality),
        departments={row.code: row for row in departments_of(municipality.pk)},
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
    return _WORKING.list(municipality_id)


_WORKING = PreparedObjects(lambda city: Department.objects.filter(municipality=city, is_active=True))


def streets_of(municipality_id: int) -> list[tuple[str, tuple[str, ...]]]:
    """Return the city's streets: the name and the other names people use (one query)."""
    rows = Place.objects.filter(municipality=municipality_id, kind=PlaceKind.STREET).order_by("name")
    return [(name, tuple(aliases)) for name, aliases in rows.values_list("name", "aliases")]


def newest_change() -> int:
    """Return the number of the newest announced change, of whichever city; 0 before the first."""
    found = _NEWEST_CHANGE.rows()
    return int(found[0][0]) if found else 0


_NEWEST_CHANGE = Prepared(lambda: LiveChange.objects.order_by("-id").values_list("id")[:1])


@dataclass(frozen=True, slots=True)
class Named:
    """A row of a list to choose from: its id and its name in the reader's language; of a topic its code too."""

    pk: int
    name: str
    code: str = ""


TopicNames = Mapping[Named, Sequence[Named]]


def department_names(municipality_id: int) -> list[Named]:
    """Return the departments that work now, by name, as a list to choose from needs them (one query)."""
    english = get_language() == "en"
    return [
        Named(pk, name_en if english and name_en else name)
        for pk, name, name_en in _DEPARTMENT_NAMES.rows(municipality_id)
    ]


def topic_names(municipality_id: int) -> TopicNames:
    """Return the topics by their group, in the taxonomy's order, as a list to choose from needs them (one query)."""
    return _topic_tree(tuple(_TOPIC_NAMES.rows(municipality_id)), is_english=get_language() == "en")


@lru_cache(maxsize=64)
def _topic_tree(rows: tuple[tuple[int, int | None, str, str, str], ...], *, is_english: bool) -> TopicNames:
    """Put rows of topics in order. Remembered by the rows themselves: they change once a year, pages ask all day."""
    named = [
        (parent, Named(pk, english if is_english and english else own, code)) for pk, parent, own, english, code in rows
    ]
    groups = {one.pk: one for parent, one in named if parent is None}
    tree: dict[Named, list[Named]] = {group: [] for group in groups.values()}
    for parent, one in named:
        if parent in groups:
            tree[groups[parent]].append(one)
    return MappingProxyType({group: tuple(members) for group, members in tree.items()})


_DEPARTMENT_NAMES = Prepared(
    lambda city: Department.objects.filter(municipality=city, is_active=True).values_list("pk", "name", "name_en")
)
_TOPIC_NAMES = Prepared(
    lambda city: (
        Topic.objects.filter(municipality=city, valid_to=None)
        .order_by("code")
        .values_list("pk", "parent_id", "title", "title_en", "code")
    )
)


def outside_bodies_of(municipality_id: int) -> list[OutsideBody]:
    """Return the bodies outside the city that residents can be sent to, by name."""
    return list(OutsideBody.objects.filter(municipality=municipality_id, is_active=True))


def topics_of(municipality_id: int) -> dict[Topic, list[Topic]]:
    """Return the topics by their group, in the taxonomy's order (one query)."""
    rows = _TOPICS.list(municipality_id)
    groups = {row.pk: row for row in rows if row.parent_id is None}
    tree: dict[Topic, list[Topic]] = {group: [] for group in groups.values()}
    for row in rows:
        if row.parent_id in groups:
            tree[groups[row.parent_id]].append(row)
    return tree


_TOPICS = PreparedObjects(lambda city: Topic.objects.filter(municipality=city, valid_to=None).order_by("code"))
