"""Blocking a person's account in a network for a time: with a reason of a list, taken back in one step, journaled.

What it writes meanwhile is kept and may be read, but opens no case and waits for nobody. What is owed already is
answered as before, danger to life counts as ever, and the way of a formal appeal stays open to everybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.services.journaling import behalf, record
from otklik.channels.blocks import Block, BlockReason
from otklik.channels.models import Identity
from otklik.org.access import Access, Permission
from otklik.residents.services.linking import is_nobody, reporter_of

DAYS = (1, 7, 30)
"""So long a block may be; none is for good."""


@transaction.atomic
def block(access: Access, case: Case, reason: BlockReason, days: int, *, now: datetime) -> Block:
    """Block the account that opened a case, for so many days. Raises Refused, ValueError with the sentence to show."""
    access.require_on(Permission.PERSON_BLOCK, case)
    if days not in DAYS or reason not in BlockReason.values:
        raise ValueError(_("choose a reason and a time from the list"))
    identity = _lock(case)
    live = Block.objects.filter(municipality=case.municipality_id, identity=identity, lifted_at=None)
    live.filter(until__lte=now).update(lifted_at=F("until"))
    if live.exists():
        raise ValueError(_("this account is blocked already"))
    made = Block.objects.create(
        municipality_id=case.municipality_id,
        identity=identity,
        reason=reason,
        blocked_by=access.official,
        blocked_at=now,
        until=now + timedelta(days=days),
    )
    Identity.objects.filter(pk=identity.pk).update(blocked_until=made.until)
    until = made.until.astimezone(ZoneInfo(case.municipality.timezone)).date()
    detail = {"block": BlockReason(reason).value, "until": until.isoformat()}
    told = behalf(access, Permission.PERSON_BLOCK, case)
    record(case, "person_blocked", at=now, actor=access.official, detail=detail | told)
    return made


@transaction.atomic
def unblock(access: Access, case: Case, *, now: datetime) -> None:
    """Take the block of a case's author back; the row and the journal stay. Safe to repeat.

    Raises Refused, ValueError.
    """
    access.require_on(Permission.PERSON_BLOCK, case)
    identity = _lock(case)
    live = Block.objects.filter(municipality=case.municipality_id, identity=identity, lifted_at=None)
    if live.update(lifted_at=now, lifted_by=access.official) != 1:
        return
    Identity.objects.filter(pk=identity.pk).update(blocked_until=None)
    told = behalf(access, Permission.PERSON_BLOCK, case)
    record(case, "person_unblocked", at=now, actor=access.official, detail=told)


def _lock(case: Case) -> Identity:
    found = reporter_of(case)
    if found is None or is_nobody(found):
        raise ValueError(_("who came with № %(number)s is not known") % {"number": case.number})
    return Identity.objects.select_for_update().get(pk=found.pk)
