"""What an official chose to be told, how, and when they are left in peace. Everybody chooses for oneself only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from otklik.common.codes import private_code
from otklik.notices.enums import Matter, Tempo, Way
from otklik.notices.letters import Choice, Letter, Reach
from otklik.org.access import Access
from otklik.org.calendar import WorkCalendar

CODE_LIVES = timedelta(minutes=15)
DAILY_AT = time(9, 0)
"""When what was gathered over a day is sent, in the city's own time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody chose about one matter."""

    in_desk: bool = True
    by_email: bool = False
    by_telegram: bool = False
    by_push: bool = False
    tempo: Tempo = Tempo.NOW


def choices_of(access: Access) -> dict[Matter, Choice]:
    """Return an official's choices about every matter, the defaults where none was made. One query."""
    kept = {row.matter: row for row in Choice.objects.filter(official=access.official)}
    plain = {"municipality_id": access.municipality_id, "official": access.official}
    return {matter: kept.get(matter) or Choice(matter=matter, **plain) for matter in Matter}


@transaction.atomic
def choose(access: Access, wanted: Mapping[Matter, Wanted], quiet: tuple[time, time]) -> None:
    """Keep what an official chose for oneself."""
    for matter, one in wanted.items():
        values = asdict(one)
        Choice.objects.update_or_create(
            municipality_id=access.municipality_id, official=access.official, matter=matter, defaults=values
        )
    reach = reach_of(access)
    reach.quiet_from, reach.quiet_to = quiet
    reach.save()


def reach_of(access: Access) -> Reach:
    """Return how an official is reached; unsaved where nothing was chosen yet."""
    found = Reach.objects.filter(municipality=access.municipality_id, official=access.official).first()
    return found or Reach(municipality_id=access.municipality_id, official=access.official)


def make_code(access: Access, *, now: datetime) -> str:
    """Return a code that links the official's Telegram, once, within a quarter of an hour. An earlier one is void."""
    code = private_code()
    reach = reach_of(access)
    reach.code_sha256, reach.code_expires_at = _imprint(code), now + CODE_LIVES
    reach.save()
    return code


def use_code(municipality_id: int, code: str, chat: int, *, now: datetime) -> bool:
    """Link a Telegram chat by a code; False for a wrong, used or old one. A code works once."""
    live = Reach.objects.filter(
        municipality=municipality_id, code_sha256=_imprint(code.strip().lower()), code_expires_at__gt=now
    )
    return live.update(telegram_chat=chat, code_sha256="", code_expires_at=None) == 1


def unlink_telegram(access: Access) -> None:
    """Forget the official's Telegram; nothing goes there any more."""
    Reach.objects.filter(municipality=access.municipality_id, official=access.official).update(
        telegram_chat=None, code_sha256="", code_expires_at=None
    )


def codes_wait(*, now: datetime) -> set[int]:
    """Return the cities where somebody is about to link Telegram: their bots are read meanwhile."""
    waiting = Reach.objects.filter(~Q(code_sha256=""), code_expires_at__gt=now)
    return set(waiting.values_list("municipality", flat=True))


def letters_of(access: Access) -> Iterable[Letter]:
    """Return an official's own newest letters."""
    return Letter.objects.filter(municipality=access.municipality_id, official=access.official).order_by("-id")[:20]


def after_quiet(at: datetime, reach: Reach, calendar: WorkCalendar) -> datetime:
    """Return the instant itself, or when the official's quiet hours end (in UTC)."""
    local = at.astimezone(calendar.timezone)
    begins, ends, moment = reach.quiet_from, reach.quiet_to, local.time()
    if begins == ends:
        return at
    is_quiet = begins <= moment < ends if begins < ends else moment >= begins or moment < ends
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1) if moment >= ends else local.date()
    return datetime.combine(day, ends, calendar.timezone).astimezone(UTC)


def next_daily(at: datetime, calendar: WorkCalendar) -> datetime:
    """Return when what is gathered over a day is sent next: on a working day (in UTC)."""
    local = at.astimezone(calendar.timezone)
    for ahead in range(60):
        day = local.date() + timedelta(days=ahead)
        moment = datetime.combine(day, DAILY_AT, calendar.timezone)
        if moment > local and calendar.hours_of(day):
            return moment.astimezone(UTC)
    return at


def ways_of(choice: Choice, reach: Reach, carriers: set[str], *, has_device: bool) -> list[Way]:
    """Return by which of the chosen ways a letter can leave now."""
    can = {Way.EMAIL: True, Way.TELEGRAM: reach.telegram_chat is not None, Way.PUSH: has_device}
    return [way for way in choice.ways if way in carriers and can[way]]


def _imprint(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
