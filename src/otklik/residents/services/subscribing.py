"""Asking for letters about a case: none is sent before the address's owner has said yes, and one press ends them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from otklik.cases.models import Case
from otklik.cases.resembling import surviving
from otklik.common import bell
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.residents.addresses import digest, seal, unseal
from otklik.residents.enums import MailKind
from otklik.residents.models import ResidentMail, Subscription
from otklik.residents.stages import stage_of

ANSWER_WITHIN = timedelta(days=2)
"""So long the question whether letters are wanted waits; then the address is forgotten."""
_QUESTIONS_A_DAY = 3
"""To one address, whoever asks: somebody else's letter box is not to be filled by us."""


def can_write(municipality_id: int) -> bool:
    """Return whether the city has a mail server: without one no page offers letters."""
    return Carrier.objects.filter(municipality=municipality_id, way=Way.EMAIL, is_on=True).exists()


@transaction.atomic
def ask_for_letters(case: Case, address: str, language: str, *, is_own: bool, now: datetime) -> None:
    """Send the question to this (tidied) address. The caller learns nothing: neither that it is subscribed already,
    nor that it has had too many questions today. Safe to repeat.
    """
    city, who = case.municipality_id, digest("address", case.municipality_id, address)
    token = secrets.token_urlsafe(24)
    row, is_new = Subscription.objects.get_or_create(
        municipality_id=city,
        case=case,
        address_digest=who,
        is_own=is_own,
        defaults={
            "watched": case,
            "sealed": seal(address=address, token=token),
            "token_digest": digest("letters", city, token),
            "language": language,
            "asked_at": now,
        },
    )
    today = Q(municipality_id=city, address_digest=who, kind=MailKind.CONFIRM, created_at__gt=now - timedelta(days=1))
    if row.confirmed_at is not None or ResidentMail.objects.filter(today).count() >= _QUESTIONS_A_DAY:
        return
    if not is_new:
        Subscription.objects.filter(pk=row.pk, confirmed_at=None).update(asked_at=now)
    ResidentMail.objects.get_or_create(
        municipality_id=city,
        subscription=row,
        kind=MailKind.CONFIRM,
        state="queued",
        defaults={
            "address_digest": who,
            "language": language,
            "due_at": now,
            "created_at": now,
            "expires_at": now + ANSWER_WITHIN,
        },
    )
    bell.ring("mail")


def subscription_by(municipality_id: int, token: str, *, now: datetime) -> Subscription | None:
    """Return the subscription of a letter's link; None once it is ended, or was never answered in time."""
    row = Subscription.objects.select_related("case__showing", "municipality").filter(
        municipality=municipality_id, token_digest=digest("letters", municipality_id, token)
    )
    found = row.first()
    if found is None or (found.confirmed_at is None and found.asked_at < now - ANSWER_WITHIN):
        return None
    return found


@transaction.atomic
def confirm_letters(row: Subscription, *, now: datetime) -> None:
    """The owner of the address says yes: from now on every turn of the case is told. Safe to repeat."""
    watched = surviving(row.case)
    Subscription.objects.filter(pk=row.pk, confirmed_at=None).update(
        confirmed_at=now,
        watched=watched,
        seen_updated_at=watched.updated_at,
        case_seen_at=row.case.updated_at,
        told=stage_of(watched),
    )


def end_letters(municipality_id: int, token: str) -> bool:
    """Forget the subscription with its address and every letter that waits; False if it was gone already."""
    rows = Subscription.objects.filter(
        municipality=municipality_id, token_digest=digest("letters", municipality_id, token)
    )
    gone, _ = rows.delete()
    return bool(gone)


def forget_unanswered(*, now: datetime) -> int:
    """Forget the addresses of questions that nobody answered, and letters sent long ago; returns how many."""
    asked, _ = Subscription.objects.filter(confirmed_at=None, asked_at__lt=now - ANSWER_WITHIN).delete()
    sent, _ = ResidentMail.objects.filter(finished_at__lt=now - timedelta(days=30)).delete()
    return asked + sent


def address_and_token(row: Subscription) -> tuple[str, str]:
    """Return where a subscription's letters go and the token of their links. Raises WrongKey."""
    opened = unseal(bytes(row.sealed))
    return opened["address"], opened["token"]
