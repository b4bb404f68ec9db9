"""Being away: who stands in, from when to when. No circles, no chains: one absent official, one who is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import dateformat
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.enums import AbsenceKind
from otklik.org.errors import NotPossible
from otklik.org.models import Absence, Municipality, Official
from otklik.org.services.auditing import audit, ours

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Away:
    """What is to be entered: who is away, from the first to the last day (both included), and who stands in."""

    official: Official
    substitute: Official
    kind: AbsenceKind
    first: date
    last: date


@transaction.atomic
def enter_absence(access: Access, away: Away, *, now: datetime) -> Absence:
    """Say that an official is away and who stands in. One that begins today holds from this moment.

    Everybody enters their own; those of others need `absence.manage`. Raises NotPossible about a field, where it
    would go round or on to a third one with the person's name; Refused.
    """
    _may(access, away.official)
    ours(access, away.official, away.substitute)
    if away.substitute.pk == access.official.pk != away.official.pk:
        # Else whoever keeps the absences could give themselves anybody's rights.
        raise NotPossible(
            _("That you stand in for a colleague is entered by them, or by somebody else."), field="substitute"
        )
    zone = ZoneInfo(access.official.municipality.timezone)
    _check_days(away, now.astimezone(zone).date())
    _check_people(away)
    # The city's row is the queue: two who send each other on leave at once come one after the other.
    Municipality.objects.select_for_update().get(pk=access.municipality_id)
    starts_at = max(datetime.combine(away.first, time(), zone), now)
    ends_at = datetime.combine(away.last + timedelta(days=1), time(), zone)
    _check_others(away.official, away.substitute, starts_at, ends_at)
    absence = Absence.objects.create(
        municipality_id=access.municipality_id,
        official=away.official,
        substitute=away.substitute,
        kind=away.kind,
        starts_at=starts_at,
        ends_at=ends_at,
        entered_by=access.official,
        created_at=now,
    )
    days = {"first": away.first.isoformat(), "last": away.last.isoformat()}
    audit(
        access, "absence.entered", away.official.email, substitute=away.substitute.email, kind=away.kind.value, **days
    )
    return absence


@transaction.atomic
def end_absence(access: Access, absence: Absence, *, now: datetime) -> None:
    """Let somebody be back now, or not go at all. Safe to repeat. Raises Refused."""
    _may(access, absence.official)
    ours(access, absence)
    ends_at = max(now, absence.starts_at)
    if Absence.objects.filter(pk=absence.pk, ends_at__gt=ends_at).update(ends_at=ends_at):
        audit(access, "absence.ended", absence.official.email, substitute=absence.substitute.email)


def _may(access: Access, official: Official) -> None:
    if official.pk != access.official.pk:
        access.require(Permission.ABSENCE_MANAGE)


def _check_days(away: Away, today: date) -> None:
    if away.first < today:
        raise NotPossible(_("An absence begins today or later: what was done is done."), field="first")
    if away.last < away.first:
        raise NotPossible(_("The last day can't be before the first."), field="last")
    if away.last - away.first > LONGEST:
        raise NotPossible(_("An absence lasts a year at most."), field="last")


def _check_people(away: Away) -> None:
    if away.official.pk == away.substitute.pk:
        raise NotPossible(_("Nobody stands in for oneself: choose a colleague."), field="substitute")
    if not away.substitute.is_active or not away.official.is_active:
        raise NotPossible(_("This person doesn't work here any more."), field="substitute")


def _check_others(official: Official, substitute: Official, starts_at: datetime, ends_at: datetime) -> None:
    """Raise NotPossible where the substitute is away too, or somebody counts on the one who goes."""
    same_time = Absence.objects.filter(
        municipality_id=official.municipality_id, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).select_related("official", "substitute")
    for one in same_time.filter(Q(official__in=[official, substitute]) | Q(substitute=official)):
        told = {"who": one.official.full_name, "whom": one.substitute.full_name, "day": _last_day(one)}
        if one.official_id == official.pk:
            words = _("%(who)s is away until %(day)s already: end that first.")
            raise NotPossible(words % told, field="first")
        if one.official_id == substitute.pk and one.substitute_id == official.pk:
            words = _("That would be a circle: %(who)s is away until %(day)s, and %(whom)s stands in.")
            raise NotPossible(words % told, field="substitute")
        if one.official_id == substitute.pk:
            words = _("%(who)s is away then too, until %(day)s: choose somebody who is there.")
            raise NotPossible(words % told, field="substitute")
        words = _("%(whom)s stands in for %(who)s until %(day)s: find somebody else for that first.")
        raise NotPossible(words % told, field="first")


def _last_day(absence: Absence) -> str:
    zone = ZoneInfo(absence.official.municipality.timezone)
    return dateformat.format((absence.ends_at - timedelta(seconds=1)).astimezone(zone), "j E")
