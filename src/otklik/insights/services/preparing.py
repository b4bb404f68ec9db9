"""Preparing digests and reports when the city's hour comes on a working day, each once, whoever is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from otklik.insights.digest import compose
from otklik.insights.models import DIGEST_AT, BriefingSettings, Digest, WeeklyReport
from otklik.insights.weekly import WEEK, Week, monday_before, week_of
from otklik.notices.enums import Matter
from otklik.notices.services.routing import write_letters
from otklik.org.access import ROLE_PERMISSIONS, Access, Permission, access_of
from otklik.org.calendar import WorkCalendar
from otklik.org.models import Municipality, Official
from otklik.org.queries import calendar_of
from otklik.org.services.auditing import audit


def prepare_due(*, now: datetime) -> int:
    """Prepare what this moment asks for in every city; returns how many rows were made.

    Safe to repeat, by any number of workers: a row is one for a day and person, or for a week (unique constraints).
    """
    return sum(_prepare(city, now) for city in Municipality.objects.all())


def digest_hour(municipality_id: int) -> time:
    """Return when a city's digests are prepared, in its own time."""
    kept = BriefingSettings.objects.filter(municipality=municipality_id).values_list("digest_at", flat=True).first()
    return kept or DIGEST_AT


def set_digest_hour(access: Access, digest_at: time) -> None:
    """Choose when digests are prepared; audited. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    row, _made = BriefingSettings.objects.get_or_create(municipality_id=access.municipality_id)
    before, row.digest_at = row.digest_at, digest_at
    row.save()
    audit(access, "digest.hour_changed", "", before=f"{before:%H:%M}", after=f"{digest_at:%H:%M}")


def mark_read(digest: Digest, *, now: datetime) -> None:
    """Note that its official has opened a digest; the first time counts."""
    Digest.objects.filter(pk=digest.pk, seen_at=None).update(seen_at=now)


def readers_of(municipality: Municipality) -> list[Official]:
    """Return who gets a digest: whoever keeps an eye on the whole city."""
    return _holders(municipality, Permission.CONTROL_SET)


def _holders(municipality: Municipality, permission: Permission) -> list[Official]:
    roles = [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
    people = Official.objects.filter(
        municipality=municipality, is_active=True, grants__role__in=roles, grants__department=None
    )
    return list(people.select_related("municipality").distinct().order_by("id"))


def _prepare(city: Municipality, now: datetime) -> int:
    local = now.astimezone(ZoneInfo(city.timezone))
    if local.time() < digest_hour(city.pk):
        return 0
    calendar, today = calendar_of(city), local.date()
    if not calendar.hours_of(today):
        return 0
    return _weekly(city, monday_before(today), now) + _digests(city, calendar, today, now)


def _weekly(city: Municipality, monday: date, now: datetime) -> int:
    if WeeklyReport.objects.filter(municipality=city, monday=monday).exists():
        return 0
    # What last week's own report said stays said, whatever became of its cases since.
    kept = WeeklyReport.objects.filter(municipality=city, monday=monday - WEEK).first()
    before = Week.read(kept.content["now"]) if kept is not None else week_of(city, monday - WEEK)
    content = {"now": week_of(city, monday).to_json(), "before": before.to_json()}
    report = WeeklyReport(municipality=city, monday=monday, content=content, prepared_at=now)
    counts = asdict(Week.read(content["now"]).total)
    told = {"path": f"/desk/weekly/{monday.isoformat()}/", "counts": counts}
    people = _holders(city, Permission.REPORT_VIEW)
    return _made(report, lambda: _write(people, Matter.WEEKLY, monday, told, now))


def _digests(city: Municipality, calendar: WorkCalendar, today: date, now: datetime) -> int:
    done = set(Digest.objects.filter(municipality=city, day=today).values_list("official", flat=True))
    return sum(_digest(one, calendar, today, now) for one in _without(readers_of(city), done))


def _without(people: Iterable[Official], done: set[int]) -> list[Official]:
    return [one for one in people if one.pk not in done]


def _digest(official: Official, calendar: WorkCalendar, today: date, now: datetime) -> int:
    content = compose(access_of(official), calendar, now=now)
    row = Digest(
        municipality_id=official.municipality_id,
        official=official,
        day=today,
        content=content.to_json(),
        prepared_at=now,
    )
    told = {"path": f"/desk/digest/{today.isoformat()}/", "counts": content.counts}
    return _made(row, lambda: _write([official], Matter.DIGEST, today, told, now))


def _write(people: Iterable[Official], matter: Matter, day: date, content: Mapping[str, Any], now: datetime) -> None:
    for official in people:
        write_letters(official, matter, f"{matter.value}:{day.isoformat()}", content, now=now)


def _made(row: Digest | WeeklyReport, then: Callable[[], object]) -> int:
    """Write a row and its letters in one transaction; 0 if another worker was faster."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            then()
    except IntegrityError:
        return 0
    return 1
