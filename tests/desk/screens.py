"""Every screen of the desk and of administration by the name of its address, and one of everything they show.

An address that answers a browser's GET is a screen and stands in SCREENS, or in OTHER with what it is instead: so no
new one opens unknown to `test_every_screen.py`, or unseen by `test_screens_browser.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import URLPattern, URLResolver

from otklik.cases.jottings import AnswerTemplate
from otklik.cases.macros import Macro
from otklik.cases.models import Case
from otklik.cases.rules import AssignmentRule, Shift
from otklik.channels.models import Channel, Delivery, Message
from otklik.desk import app_urls, signin_urls, urls
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
from otklik.posts.models import Post
from tests.builders import make_official
from tests.desk.administration.test_understanding import put_in_use, stored
from tests.desk.office import Office
from tests.desk.test_briefings import MONDAY, keep, report
from tests.desk.test_files import with_photo
from tests.desk.test_surges import raised

A = "administration:"
SCREENS: dict[str, str] = {
    **dict.fromkeys(
        "inbox templates macros macros_choose views head digest weekly field sort mood notices choices teach "
        "undelivered talk posts post_new appeals absences moves reception reception_new reception_many".split(),
        "",
    ),
    "case": "case",
    "showing": "case",
    "showing_photo": "photo",
    "template": "template",
    "macro": "macro",
    "digest_of": "monday",
    "weekly_of": "monday",
    "field_task": "case",
    "sort_message": "unsorted",
    "surge": "surge",
    "post_edit": "post",
    "post_figures": "post",
    "post_withdraw": "post",
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
    f"{A}understanding_version": "version",
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
    "reception_same": "a part of the reception's form",
    "reception_taken": "what became of one entry: 404 for one that nobody made",
    "draft_photos": "a part of the composer: 404 for a draft that nobody began",
    "field_who": "data for the field's page",
    f"{A}understanding_progress": "a part of the card",
}
"""What a browser may fetch, and why it is no screen."""

OWN = frozenset(
    "account_login mfa_authenticate account_inactive account_reauthenticate mfa_reauthenticate account_logout join "
    "account_change_password mfa_index mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes "
    "mfa_generate_recovery_codes app_offline".split()
)
"""The screens of signing in and of one's own account, which have no door."""
OWN_OTHER = frozenset(("mfa_download_recovery_codes", "app_worker", "app_manifest"))
"""Files."""


def named(patterns: list[Any] = urls.urlpatterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}", pattern


def own_names() -> set[str]:
    return {str(pattern.name) for pattern in (*signin_urls.urlpatterns, *app_urls.urlpatterns)}


def everybody(office: Office) -> Official:
    """Somebody with every role: every door is open to them."""
    return make_official(office.town.city, *Role, full_name="Вера Лугова", language="en")


def rows_of(office: Office, addresses: dict[str, str], reader: Official) -> dict[str, Any]:
    """One of everything that an address names, made where the morning has none; what is one's own is the reader's."""
    city = office.town.city
    roads = Department.objects.get(municipality=city, code="roads")
    topic = Topic.objects.get(municipality=city, code="roads.pothole")
    place = Place.objects.create(municipality=city, kind="street", name="Садовая")
    arrange(office, roads, topic, place)
    body = OutsideBody.objects.create(
        municipality=city, name="Районная больница", answers_for="приём врачей", phone="5-12-12"
    )
    number = int(addresses["case"].split("/")[3])
    manhole = Case.objects.get(number=int(addresses["manhole"].split("/")[3]))
    office.town.show(manhole)
    version = stored(office, 1)
    put_in_use(office, version)
    keep(office, reader, late=[number])
    report(office)
    rule = {"topic": topic, "department": roads, "municipality": city}
    return {
        "case": number,
        "photo": (manhole.number, with_photo(office, manhole).file_id),
        "unsorted": Message.objects.filter(municipality=city, decision="operator").first().pk,
        "monday": MONDAY.isoformat(),
        "template": AnswerTemplate.objects.create(
            municipality=city, name="Яму засыпали", text="{name}, яму засыпали.", topic=topic
        ).pk,
        "macro": Macro.objects.create(municipality=city, name="Яма на дороге", topic=topic).pk,
        "surge": raised(office).pk,
        "post": Post.objects.filter(municipality=city).first().pk,
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
        "version": version.number,
    }


def arrange(office: Office, roads: Department, topic: Topic, place: Place) -> None:
    """A line in every list of administration that the morning leaves empty."""
    city, now = office.town.city, office.town.now
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
    AssignmentRule.objects.create(name="Ямы раньше", position=1, topic=topic, department=roads, municipality=city)


def arguments(rows: dict[str, Any], row: str) -> list[Any]:
    """What stands in a screen's address."""
    if not row:
        return []
    return list(rows[row]) if isinstance(rows[row], tuple) else [rows[row]]
