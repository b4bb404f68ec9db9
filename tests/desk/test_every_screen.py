"""Every screen of the desk and of administration is known here and opens: none may be forgotten.

An address that answers a browser's GET is a screen and stands in SCREENS, or in OTHER with what it is instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from otklik.cases.rules import AssignmentRule, Shift
from otklik.channels.models import Channel, Delivery, Message
from otklik.org.enums import AbsenceKind, DayKind, Role
from otklik.org.models import (
    Absence,
    CalendarDay,
    Department,
    Official,
    OutsideBody,
    Place,
    ServiceLevel,
    Topic,
    TopicRoute,
)
from otklik.pulse.models import Surge
from tests.builders import make_official
from tests.desk.office import Office, furnish, make_office
from tests.desk.test_doors import urls

A = "administration:"
SCREENS: dict[str, str] = {
    **dict.fromkeys(
        "inbox templates views head digest weekly field sort mood notices choices teach undelivered posts "
        "post_new appeals absences moves".split(),
        "",
    ),
    "case": "case",
    "showing": "case",
    "template": "template",
    "digest_of": "today",
    "weekly_of": "monday",
    "field_task": "case",
    "sort_message": "unsorted",
    "surge": "surge",
    "teach_message": "unsorted",
    **{
        f"{A}{name}": ""
        for name in "home people invite departments department_new bodies body_new topics topic_new levels level_new "
        "calendar places place_new places_import routes rules rule_new shifts ladder channels deliveries answers "
        "appeals surges machine carriers understanding audit".split()
    },
    f"{A}person": "person",
    f"{A}department": "department",
    f"{A}body": "body",
    f"{A}topic": "topic",
    f"{A}level": "level",
    f"{A}place": "place",
    f"{A}rule": "rule",
    f"{A}shift": "shift",
    f"{A}channel": "channel",
    f"{A}channel_new": "network",
    f"{A}delivery": "delivery",
}
"""Each screen by its name, and what stands in its address (a key of `rows_of`; nothing: it has no row)."""

OTHER: dict[str, str] = {
    "start": "the way on to where one's work begins",
    "pulse": "a part of the inbox",
    "others_here": "a part of a case",
    "ticket": "data for the live line",
    "surge_strip": "a part of the inbox",
    "streets": "a part of a case: names for a field",
    "file": "a file",
    "paper": "a file",
    "weekly_csv": "a file",
    "showing_photo": "a page of one photo of a case, and this morning has no files",
    "field_who": "data for the field's page",
    f"{A}understanding_progress": "a part of the card",
    f"{A}understanding_version": "the card again, of another version",
}
"""What a browser may fetch, and why it is no screen."""


def named(patterns: list[Any] = urls.urlpatterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}", pattern


def rows_of(office: Office, addresses: dict[str, str]) -> dict[str, Any]:
    """One of everything that an address names, made where the morning has none."""
    city, now = office.town.city, office.town.now
    roads = Department.objects.get(municipality=city, code="roads")
    topic = Topic.objects.get(municipality=city, code="roads.pothole")
    place = Place.objects.filter(municipality=city).first() or Place.objects.create(
        municipality=city, kind="street", name="Садовая"
    )
    TopicRoute.objects.create(municipality=city, topic=topic, place=place, department=roads)
    CalendarDay.objects.create(municipality=city, date=date(2099, 1, 9), kind=DayKind.OFF)
    Absence.objects.create(
        municipality=city,
        official=office.executor,
        substitute=office.approver,
        kind=AbsenceKind.LEAVE,
        starts_at=now - timedelta(days=1),
        ends_at=datetime.now(now.tzinfo) + timedelta(days=3),
        created_at=now,
    )
    rule = {"topic": topic, "department": roads, "municipality": city}
    AssignmentRule.objects.create(name="Ямы раньше", position=1, **rule)
    surge = Surge.objects.filter(municipality=city).first()
    body = OutsideBody.objects.create(
        municipality=city, name="Районная больница", answers_for="приём врачей", phone="5-12-12"
    )
    return {
        "case": int(addresses["case"].split("/")[3]),
        "unsorted": Message.objects.filter(municipality=city, decision="operator").first().pk,
        "today": None,  # no digest or report is prepared yet: tests/desk/test_briefings.py has them
        "monday": None,
        "template": None,
        "surge": surge.pk if surge is not None else None,
        "person": office.executor.pk,
        "department": roads.pk,
        "body": body.pk,
        "topic": topic.pk,
        "level": ServiceLevel.objects.filter(municipality=city).first().pk,
        "place": place.pk,
        "rule": AssignmentRule.objects.create(name="Ямы потом", position=2, **rule).pk,
        "shift": Shift.objects.create(
            municipality=city, official=office.executor, days="01234", starts=time(9), ends=time(18)
        ).pk,
        "channel": Channel.objects.filter(municipality=city).first().pk,
        "network": "telegram",
        "delivery": Delivery.objects.filter(municipality=city).first().pk,
    }


def everybody(office: Office) -> Official:
    """Somebody with every role: every door is open to them."""
    return make_official(office.town.city, *Role, full_name="Вера Лугова", language="en")


@pytest.mark.django_db
def test_every_address_is_a_screen_here_or_says_what_it_is() -> None:
    cache.clear()
    office = make_office()
    browser = Client()
    browser.force_login(everybody(office))

    unknown = []
    for name, pattern in named():
        if name in SCREENS or name in OTHER:
            continue
        kinds = {key: 1 if "Int" in type(kind).__name__ else "x" for key, kind in pattern.pattern.converters.items()}
        if browser.get(reverse(f"desk:{name}", kwargs=kinds)).status_code != 405:
            unknown.append(name)

    assert unknown == []
    assert {*SCREENS, *OTHER} - {name for name, _pattern in named()} == set()


@pytest.mark.django_db
def test_every_screen_opens_for_whom_every_door_is_open() -> None:
    cache.clear()
    office = make_office()
    rows = rows_of(office, furnish(office))
    browser = Client()
    browser.force_login(everybody(office))

    codes = {
        name: browser.get(reverse(f"desk:{name}", args=[rows[row]] if row else [])).status_code
        for name, row in SCREENS.items()
        if not row or rows[row] is not None
    }

    assert {name: code for name, code in codes.items() if code != 200} == {}
