"""What time and people do with a surge: it grows, is taken, put aside, and ends when it is quiet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from otklik.common import bell
from otklik.org.access import Access, Permission
from otklik.org.models import Official
from otklik.org.services.announcing import announce
from otklik.pulse import queries
from otklik.pulse.enums import SurgeDeed
from otklik.pulse.models import Surge, SurgeEntry, Voice


class SurgeOver(Exception):
    """The surge ended, or somebody handled it, in the meantime."""

    def __init__(self) -> None:
        super().__init__("it is over, or a colleague has dealt with it: look again")


@transaction.atomic
def take(access: Access, surge: Surge, *, now: datetime) -> None:
    """Say that one looks after a surge; colleagues see who. Raises Refused, SurgeOver."""
    access.require(Permission.SURGE_HANDLE)
    _change(access, surge, SurgeDeed.TAKEN, now, {"taken_by": access.official}, taken_by=None)


@transaction.atomic
def dismiss(access: Access, surge: Surge, reason: str, *, now: datetime) -> None:
    """Put a surge aside that is none, saying why: it isn't shown, nor raised again while it lasts.

    Everybody is told again that we have their request. Raises Refused, ValueError without a reason, SurgeOver.
    """
    access.require(Permission.SURGE_HANDLE)
    if not reason.strip():
        raise ValueError("say why it is no surge")
    values = {"dismissed_at": now}
    _change(access, surge, SurgeDeed.DISMISSED, now, values, detail={"reason": reason.strip()[:300]})


def refresh_surges(*, now: datetime) -> int:
    """Count the voices of what goes on anew, end what is quiet, and return how many ended. Safe to repeat."""
    ended = 0
    for surge in Surge.objects.filter(ended_at=None).order_by("id"):
        ended += _refresh(surge, now)
    return ended


@transaction.atomic
def _refresh(surge: Surge, now: datetime) -> bool:
    rows = Voice.objects.filter(municipality=surge.municipality_id, scope=surge.scope)
    heard = rows.filter(last_at__gte=surge.first_voice_at).aggregate(
        people=Count("identity", distinct=True), last=Max("last_at")
    )
    voices = max(surge.voices, heard["people"])
    last = max(surge.last_voice_at, heard["last"] or surge.last_voice_at)
    quiet = timedelta(minutes=queries.settings_of(surge.municipality_id).quiet_minutes)
    over = now - last >= quiet
    if not over and voices == surge.voices:
        if last != surge.last_voice_at:
            Surge.objects.filter(pk=surge.pk).update(last_voice_at=last)
        return False
    going_on = Surge.objects.filter(pk=surge.pk, ended_at=None)
    if going_on.update(voices=voices, last_voice_at=last, ended_at=now if over else None) and over:
        _note([surge], SurgeDeed.ENDED, now, detail={"voices": voices})
    _tell(surge, now)
    return over


def _change(
    access: Access,
    surge: Surge,
    deed: SurgeDeed,
    now: datetime,
    values: dict[str, Any],
    *,
    detail: dict[str, Any] | None = None,
    **only_if: Any,
) -> None:
    rows = Surge.objects.filter(
        pk=surge.pk, municipality=access.municipality_id, ended_at=None, dismissed_at=None, **only_if
    )
    if rows.update(**values) != 1:
        raise SurgeOver
    _note([surge], deed, now, actor=access.official, detail=detail)
    _tell(surge, now)


def note_announced(surges: Iterable[Surge], *, now: datetime, thread_id: int) -> None:
    """Keep in the journal that people were told under a post, once for everybody."""
    _note(surges, SurgeDeed.ANNOUNCED, now, detail={"thread": thread_id})


def _note(
    surges: Iterable[Surge],
    deed: SurgeDeed,
    now: datetime,
    *,
    actor: Official | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    SurgeEntry.objects.bulk_create(
        SurgeEntry(municipality_id=one.municipality_id, surge=one, at=now, actor=actor, deed=deed, detail=detail or {})
        for one in surges
    )


def _tell(surge: Surge, now: datetime) -> None:
    announce(surge.municipality_id, "surge", [surge.pk], at=now)
    bell.ring("live")
