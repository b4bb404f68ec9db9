"""Showing a photo to everybody: an operator looks at each one, covers what nobody is to recognise, and clears it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case
from otklik.cases.photos import ShownPhoto
from otklik.cases.publicity import photos_to_clear
from otklik.cases.services.journaling import record
from otklik.cases.services.moving import Overtaken
from otklik.common.text import shorten, storable
from otklik.media.drawing import Area
from otklik.media.models import StoredFile
from otklik.media.services.covering import cover
from otklik.org.access import Access, Permission
from otklik.org.services.announcing import announce

LONGEST_ALT = 300


@dataclass(frozen=True, slots=True)
class Unveiling:
    """A photo as everybody would see it: what it shows in words, and what is covered."""

    source_id: int
    alt: str
    areas: tuple[Area, ...] = ()


def preview(access: Access, case: Case, wanted: Unveiling, *, now: datetime) -> StoredFile:
    """Return the picture as everybody would see it. Never inside a transaction.

    Raises Refused, Overtaken where it may not be shown (any more), ValueError for areas that make no sense.
    """
    _allow(access, case)
    source = _source(case, wanted.source_id)
    return cover(source, wanted.areas, by=access.official, now=now) if wanted.areas else source


def show_photo(access: Access, case: Case, wanted: Unveiling, *, now: datetime) -> ShownPhoto:
    """Clear a photo for everybody; again, to show it otherwise, under a new address. Never inside a transaction.

    It is seen once the case's words are. Raises Refused, Overtaken, ValueError.
    """
    alt = shorten(storable(wanted.alt), LONGEST_ALT)
    if not alt:
        raise ValueError(_("say what the photo shows: not everybody sees it"))
    file = preview(access, case, wanted, now=now)
    with transaction.atomic():
        # Looked at again under the lock: its author may have deleted it, its resident may have taken the word back.
        Case.objects.select_for_update().only("pk").get(pk=case.pk)
        found = next((one for one in photos_to_clear(case) if one.file.pk == wanted.source_id), None)
        if found is None:
            raise Overtaken(case)
        shown, _made = ShownPhoto.objects.update_or_create(
            municipality_id=case.municipality_id,
            case=case,
            source=found.file,
            defaults={
                "key": secrets.token_hex(16),
                "file": file,
                "message": found.message,
                "alt": alt,
                "areas": [list(area) for area in wanted.areas],
                "cleared_by": access.official,
                "cleared_at": now,
                "withdrawn_at": None,
                "withdrawal": "",
            },
        )
        _note(access, case, "photo_shown", {"covered": len(wanted.areas)}, now)
    return shown


@transaction.atomic
def take_off(access: Access, case: Case, source_id: int, why: Withdrawal, *, now: datetime) -> None:
    """Show a photo no longer; its address answers that it is gone. Repeating changes nothing. Raises Refused."""
    _allow(access, case)
    if withdraw(case, why, now, Q(source=source_id)):
        _note(access, case, "photo_taken_off", {"withdrawal": why.value}, now)


def withdraw(case: Case, why: Withdrawal | None, now: datetime, which: Q | None = None) -> int:
    """Take photos of a case off the public pages; returns how many. The covered copies are swept away later."""
    rows = ShownPhoto.objects.filter(which or Q(), case=case, withdrawn_at=None)
    return rows.update(withdrawn_at=now, withdrawal=why or "", file=None, areas=[])


def forget_deleted_shown(*, now: datetime, limit: int = 200) -> int:
    """Take off the photos whose authors have deleted their messages; returns how many. Safe to repeat."""
    rows = ShownPhoto.objects.filter(withdrawn_at=None, message__deleted_at__isnull=False)
    pks: Sequence[int] = list(rows.values_list("pk", flat=True)[:limit])
    return ShownPhoto.objects.filter(pk__in=pks).update(withdrawn_at=now, file=None, areas=[]) if pks else 0


def _allow(access: Access, case: Case) -> None:
    access.require_on(Permission.CASE_PUBLISH, case)


def _source(case: Case, source_id: int) -> StoredFile:
    for one in photos_to_clear(case):
        if one.file.pk == source_id:
            return one.file
    raise Overtaken(case)


def _note(access: Access, case: Case, action: str, detail: dict[str, object], now: datetime) -> None:
    record(case, action, at=now, actor=access.official, detail=detail)
    announce(case.municipality_id, "case", [case.pk], at=now)
