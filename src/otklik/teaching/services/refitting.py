"""When a city's triage learns anew: at night or when somebody asks, one refit of a city at a time.

Rows are the truth: a refit is due because its row says so. The worker claims it and a child process carries it
(teaching.services.fitting); a worker that dies leaves the row, and the next one begins it again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from otklik.common import bell
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality
from otklik.org.services.auditing import audit
from otklik.teaching.enums import RefitState
from otklik.teaching.models import Label, Learning, Refit

ATTEMPTS = 3
"""A refit that broke off as often is left: something is wrong that the next attempt won't mend."""
_NIGHT = time(3, 0)
_NIGHT_MINUTES = 90
"""Cities take their turns between three and half past four of their own night."""


@transaction.atomic
def ask(access: Access, *, now: datetime) -> Refit:
    """Ask for a refit now. Raises Refused, NotPossible while one waits or runs (a constraint decides)."""
    access.require(Permission.TRIAGE_MANAGE)
    refit = _queue(access.official.municipality, now)
    if refit is None:
        raise NotPossible(_("It is learning already."))
    Refit.objects.filter(pk=refit.pk).update(asked_by=access.official)
    audit(access, "learning.asked", "")
    bell.ring("refit")
    return refit


def queue_nightly(*, now: datetime) -> int:
    """Queue a refit for each city whose night has come and that was taught since; return how many were queued.

    Each city's row says when: restarting a worker brings nothing forward. A city without a row gets one.
    """
    for city in Municipality.objects.filter(~Exists(Learning.objects.filter(municipality=OuterRef("pk")))):
        learning_of(city, now=now)
    queued = 0
    for learning in Learning.objects.filter(refit_due_at__lte=now).select_related("municipality"):
        due = Learning.objects.filter(pk=learning.pk, refit_due_at=learning.refit_due_at)
        with transaction.atomic():
            if due.update(refit_due_at=next_night(learning.municipality, after=now)) != 1:
                continue  # another worker was faster
            if _taught_since_last(learning.municipality_id) and _queue(learning.municipality, now) is not None:
                queued += 1
    return queued


def claim(worker: str, *, now: datetime) -> Refit | None:
    """Take the oldest refit that waits, for this worker alone; None if there is nothing to do."""
    refit = Refit.objects.filter(state=RefitState.QUEUED).order_by("id").first()
    if refit is None:
        return None
    taken = Refit.objects.filter(pk=refit.pk, state=RefitState.QUEUED).update(
        state=RefitState.RUNNING, claimed_by=worker, started_at=now, stage="", attempts=refit.attempts + 1
    )
    if taken != 1:
        return None
    refit.refresh_from_db()
    return refit


def give_back(is_alive: Callable[[str], bool], *, now: datetime) -> None:
    """Put back what dead workers had begun; what broke off too often is left as failed."""
    for refit in Refit.objects.filter(state=RefitState.RUNNING):
        if not is_alive(refit.claimed_by):
            break_off(refit, now=now)


def break_off(refit: Refit, *, now: datetime, trace: str = "") -> None:
    """Queue a refit again that ended without an outcome; after the last attempt leave it as failed. Safe to repeat."""
    running = Refit.objects.filter(pk=refit.pk, state=RefitState.RUNNING, claimed_by=refit.claimed_by)
    if refit.attempts < ATTEMPTS:
        running.update(state=RefitState.QUEUED, claimed_by="", stage="")
    else:
        note = {"code": "broke_off", "trace": trace[-1500:]}
        running.update(state=RefitState.FAILED, finished_at=now, stage="", note=note)


def learning_of(municipality: Municipality, *, now: datetime) -> Learning:
    """Return how this city learns; its row is made with the usual targets if there is none yet."""
    values = {"refit_due_at": next_night(municipality, after=now)}
    return Learning.objects.select_related("in_use").get_or_create(municipality=municipality, defaults=values)[0]


def next_night(municipality: Municipality, *, after: datetime) -> datetime:
    """Return when the city's next turn is: in its own night, each city at a minute of its own."""
    zone = ZoneInfo(municipality.timezone)
    minutes = municipality.pk * 37 % _NIGHT_MINUTES
    local = after.astimezone(zone)
    turn = datetime.combine(local.date(), _NIGHT, tzinfo=zone) + timedelta(minutes=minutes)
    return turn if turn > after else turn + timedelta(days=1)


def _queue(municipality: Municipality, now: datetime) -> Refit | None:
    try:
        with transaction.atomic():
            return Refit.objects.create(municipality=municipality, asked_at=now)
    except IntegrityError:
        return None  # one waits or runs already


def _taught_since_last(municipality_id: int) -> bool:
    labels = Label.objects.filter(municipality=municipality_id)
    last = Refit.objects.filter(municipality=municipality_id).order_by("-id").first()
    return (labels if last is None else labels.filter(at__gt=last.asked_at)).exists()
