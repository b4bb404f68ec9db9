"""Reads of what is a resident's own."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from otklik.cases.corrections import Correction
from otklik.cases.enums import CorrectionState
from otklik.cases.models import Case, CaseMessage
from otklik.channels.legal import is_off
from otklik.channels.models import Channel
from otklik.org.law import Capability
from otklik.residents.addresses import unseal
from otklik.residents.models import Account, Subscription, Tie

MOST_CASES = 200
"""Cases that "My cases" shows; who has more finds the older ones by their codes."""


def cases_of(account: Account) -> list[Case]:
    """Return a person's own cases, newest first: opened from what is tied to them, or by a code they entered."""
    tied = Tie.objects.filter(resident=account.resident_id, case__isnull=False, untied_at=None).values("case")
    opened = Q(pk__in=_cases_told_by(account), resident=account.resident_id)
    rows = Case.objects.filter(opened | Q(pk__in=tied), municipality=account.municipality_id)
    return list(rows.select_related("topic", "department", "channel", "showing").order_by("-id")[:MOST_CASES])


def is_own(account: Account, case: Case) -> bool:
    """Return whether a case is on a person's list already."""
    if case.resident_id == account.resident_id:
        return True
    return Tie.objects.filter(resident=account.resident_id, case=case, untied_at=None).exists()


def cases_joined_by(account: Account) -> list[Case]:
    """Return the public cases of others that a person's words joined, newest first: followed, without their code."""
    rows = Case.objects.filter(
        municipality=account.municipality_id, is_public=True, pk__in=_cases_told_by(account)
    ).exclude(resident=account.resident_id)
    return list(rows.select_related("topic", "department", "showing").order_by("-id")[:MOST_CASES])


def _cases_told_by(account: Account) -> QuerySet[CaseMessage, int]:
    # By a person's identities and their messages, which have indexes: a case has none by its resident.
    told = CaseMessage.objects.filter(message__identity__resident=account.resident_id)
    return told.values_list("case", flat=True)


def ties_of(account: Account) -> list[Tie]:
    """Return what a person has tied to themselves, oldest first."""
    rows = Tie.objects.filter(resident=account.resident_id, untied_at=None)
    return list(rows.select_related("identity", "case", "resident").order_by("id"))


def address_of(account: Account) -> str:
    """Return the account's address. Raises WrongKey."""
    return unseal(bytes(account.sealed_address))["address"]


def networks_to_write_to(account: Account) -> list[Channel]:
    """Return the city's accounts to which a one-time word may be sent, and that the law lets answer it."""
    rows = Channel.objects.filter(municipality=account.municipality_id, is_enabled=True).exclude(network="site")
    found = rows.select_related("municipality").order_by("network", "name")
    return [channel for channel in found if not is_off(channel, Capability.DIRECT_MESSAGES)]


def subscriptions_of(account: Account) -> list[Subscription]:
    """Return the letters that come to the account's address."""
    rows = Subscription.objects.filter(
        municipality=account.municipality_id, address_digest=account.address_digest, confirmed_at__isnull=False
    )
    return list(rows.select_related("case__showing").order_by("-id"))


def is_followed(case: Case) -> bool:
    """Return whether somebody asked for letters about a case and said yes to them (one query)."""
    return Subscription.objects.filter(watched=case, confirmed_at__isnull=False).exists()


def corrected_at(case: Case) -> datetime | None:
    """Return since when an answer of a case says something else than at first; the latest, None where none does."""
    rows = Correction.objects.filter(answer__case=case, state=CorrectionState.APPROVED)
    latest: datetime | None = rows.aggregate(latest=Max("approved_at"))["latest"]
    return latest
