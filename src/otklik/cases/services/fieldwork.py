"""Doing what came from a phone exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.cases.fieldwork import FieldDeed
from otklik.cases.models import Case
from otklik.org.access import Access


@dataclass(frozen=True, slots=True)
class Sending:
    """Something a phone sends: its key is its own, made before the first try."""

    key: UUID
    deed: str
    came_to: str = ""


def done_before(access: Access, key: UUID) -> FieldDeed | None:
    """Return what this official did by a key already."""
    return FieldDeed.objects.filter(municipality=access.municipality_id, official=access.official, key=key).first()


def do_once(access: Access, case: Case, sending: Sending, do: Callable[[], object], *, now: datetime) -> FieldDeed:
    """Do it and note its key in one transaction; a key that was used already does nothing and returns what it came to.

    What the deed refuses is not noted: the same key may be sent again. Raises as the deed does, ValueError where the
    key stands for something else.
    """
    known = done_before(access, sending.key)
    if known is None:
        try:
            with transaction.atomic():
                row = FieldDeed.objects.create(
                    municipality_id=access.municipality_id,
                    official=access.official,
                    key=sending.key,
                    case=case,
                    deed=sending.deed,
                    came_to=sending.came_to,
                    at=now,
                )
                do()
                return row
        except IntegrityError:
            # The same sending, twice at one moment: the other one was first, and its transaction has ended by now.
            known = done_before(access, sending.key)
            if known is None:
                raise
    if (known.case_id, known.deed) != (case.pk, sending.deed):
        raise ValueError(_("this key was used for something else"))
    return known
