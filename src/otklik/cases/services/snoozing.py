"""Putting cases out of sight for a while, one or many, and taking them back. No clock stops; nothing hot goes away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.cases.enums import BulkKind
from otklik.cases.models import BulkAction, BulkStep, Case
from otklik.cases.queries import is_hot_now, visible_cases
from otklik.cases.services.bulk import MOST, UNDO_FOR, Outcome, TooLate
from otklik.cases.services.journaling import line, record, write
from otklik.cases.snoozes import Snooze
from otklik.org.access import Access, Permission, Refused
from otklik.org.calendar import WorkCalendar
from otklik.org.queries import calendar_of


class SnoozeFor(models.TextChoices):
    """How long a case is out of sight; something new always brings it back before."""

    TOMORROW = "tomorrow", gettext_lazy("Until the next working morning")
    THREE_DAYS = "three_days", gettext_lazy("For three working days")
    WEEK = "week", gettext_lazy("For a week")
    NEWS = "news", gettext_lazy("Until something new comes")


def until(how_long: SnoozeFor, calendar: WorkCalendar, *, now: datetime) -> datetime | None:
    """Return when a case comes back: when work begins on its day; None for "until something new comes"."""
    match how_long:
        case SnoozeFor.NEWS:
            return None
        case SnoozeFor.WEEK:
            day = now.astimezone(calendar.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
            return calendar.next_working(day + timedelta(days=7))
        case _:
            days = 1 if how_long == SnoozeFor.TOMORROW else 3
            last = calendar.add_working_days(now, days).astimezone(calendar.timezone)
            return calendar.next_working(last.replace(hour=0, minute=0, second=0, microsecond=0))


@transaction.atomic
def snooze(access: Access, case: Case, how_long: SnoozeFor, *, now: datetime, for_all: bool = False) -> None:
    """Put a case out of one's own queues, or of everybody's. Raises Refused, ValueError for one that is hot or over."""
    access.require_on(Permission.CASE_VIEW, case)
    if for_all:
        access.require_on(Permission.CASE_ASSIGN, case)
    if not case.is_open:
        raise ValueError(_("nothing is owed here any more: it is in no queue"))
    if is_hot_now(case, now):
        raise ValueError(_("what is urgent, late or under personal control stays in sight"))
    put_away(access, [case], how_long, for_all=for_all, now=now)


@transaction.atomic
def bring_back(access: Access, case: Case, *, now: datetime) -> None:
    """Bring a case back: for oneself, and for everybody if it was put away for all and one may. Raises Refused."""
    access.require_on(Permission.CASE_VIEW, case)
    rows = Snooze.objects.filter(municipality=access.municipality_id, case=case)
    rows.filter(official=access.official).delete()
    if access.allows(Permission.CASE_ASSIGN, case.department_id) and rows.filter(official=None).delete()[0]:
        record(case, "snooze_ended", at=now, actor=access.official)


@transaction.atomic
def snooze_many(access: Access, case_ids: Sequence[int], how_long: SnoozeFor, *, now: datetime) -> Outcome:
    """Put many cases out of one's own queues; what is hot or over is refused and named. Undone like a bulk action.

    Raises Refused without the permission anywhere, ValueError for more than MOST cases.
    """
    if len(set(case_ids)) > MOST:
        raise ValueError(_("%(most)s cases at once are the most: choose fewer") % {"most": MOST})
    cases = list(visible_cases(access).filter(pk__in=set(case_ids)).order_by("pk"))
    detail = {"how_long": how_long.value}
    action = BulkAction.objects.create(
        municipality_id=access.municipality_id, official=access.official, kind=BulkKind.SNOOZE, detail=detail, at=now
    )
    outcome, ready = Outcome(action), list[Case]()
    for case in cases:
        if not case.is_open:
            outcome.refuse("status", case)
        elif is_hot_now(case, now):
            outcome.refuse("hot", case)
        else:
            ready.append(case)
    put_away(access, ready, how_long, now=now)
    city = access.municipality_id
    BulkStep.objects.bulk_create(BulkStep(municipality_id=city, action=action, case=case) for case in ready)
    outcome.done = [case.number for case in ready]
    return outcome


@transaction.atomic
def undo_many(access: Access, action: BulkAction, *, now: datetime) -> Outcome:
    """Bring back what one action put away, unless it was put away again since. Raises Refused, TooLate."""
    if action.official_id != access.official.pk or action.municipality_id != access.municipality_id:
        raise Refused(Permission.CASE_VIEW)
    fresh = BulkAction.objects.filter(pk=action.pk, undone_at=None, at__gt=now - UNDO_FOR)
    if fresh.update(undone_at=now) != 1:
        raise TooLate
    rows = Snooze.objects.filter(
        municipality=access.municipality_id,
        official=access.official,
        at=action.at,
        case__in=action.steps.values("case"),
    )
    outcome = Outcome(action, done=list(rows.order_by("case").values_list("case__number", flat=True)))
    rows.delete()
    return outcome


def put_away(
    access: Access, cases: Sequence[Case], how_long: SnoozeFor, *, now: datetime, for_all: bool = False
) -> None:
    """Put these cases out of sight, as they stand now, for a caller that has asked what may be put away."""
    if not cases:
        return
    comes_back = until(how_long, calendar_of(access.official.municipality), now=now)
    official = None if for_all else access.official
    Snooze.objects.filter(municipality=access.municipality_id, case__in=cases, official=official).delete()
    Snooze.objects.bulk_create(
        Snooze(
            municipality_id=access.municipality_id,
            case=case,
            official=official,
            by=access.official,
            at=now,
            until=comes_back,
            seen_at=case.updated_at,
        )
        for case in cases
    )
    if for_all:
        detail = {"until": comes_back.date().isoformat() if comes_back is not None else ""}
        write([line(case, "snoozed", at=now, actor=access.official, detail=detail) for case in cases])
