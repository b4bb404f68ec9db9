"""What is a person's own: by the person's own proof, never by a name. Reversible.

Each tie is a row that stays when it is undone: it says what was joined, by what proof, and how it was before.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from otklik.cases.models import Case, CaseMessage
from otklik.channels.models import Identity, Resident
from otklik.residents.addresses import digest, seal, unseal
from otklik.residents.enums import Proof
from otklik.residents.models import Account, LinkWord, Tie
from otklik.residents.services.relocking import relock

WORD_LIVES = timedelta(minutes=30)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_word(account: Account, *, now: datetime) -> str:
    """Return a fresh one-time word, to be sent from an account in a network; the one before is over."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    word = f"{letters[:4]}-{letters[4:]}"
    LinkWord.objects.update_or_create(
        account=account,
        defaults={
            "municipality_id": account.municipality_id,
            "digest": digest("word", account.municipality_id, word),
            "sealed": seal(word=word),
            "expires_at": now + WORD_LIVES,
        },
    )
    return word


def word_of(account: Account, *, now: datetime) -> str:
    """Return the word that is waited for; empty where there is none."""
    row = LinkWord.objects.filter(account=account, expires_at__gt=now).first()
    return unseal(bytes(row.sealed))["word"] if row is not None else ""


@transaction.atomic
def tie_identity(resident_id: int, identity: Identity, proof: Proof, *, now: datetime) -> Tie | None:
    """Join an account in a network to a person, with the cases it opened. None if it is theirs already.

    Whoever else it was tied to loses it: the newest proof is from who holds that account now.
    """
    current = Identity.objects.select_for_update().get(pk=identity.pk)
    if current.resident_id == resident_id:
        return None
    earlier = Tie.objects.filter(municipality=current.municipality_id, identity=current, untied_at=None).first()
    if earlier is not None:
        untie(earlier, now=now)
        current.refresh_from_db()
    tie = Tie.objects.create(
        municipality_id=current.municipality_id,
        resident_id=resident_id,
        identity=current,
        proof=proof,
        resident_before_id=current.resident_id,
        tied_at=now,
    )
    _move(current, current.resident_id, resident_id)
    return tie


@transaction.atomic
def tie_case(resident: Resident, case: Case, *, now: datetime) -> Tie:
    """Note that somebody has shown a case's private code. Safe to repeat; the case's own person stays who it is."""
    tie, _ = Tie.objects.get_or_create(
        municipality_id=case.municipality_id,
        resident=resident,
        case=case,
        untied_at=None,
        defaults={"proof": Proof.CODE, "tied_at": now},
    )
    return tie


@transaction.atomic
def untie(tie: Tie, *, now: datetime) -> None:
    """Take a tie back: the account in the network and its cases are as they were before. Safe to repeat.

    The private links of those cases change with it (relocking): whoever had the tie has seen them.
    """
    if Tie.objects.filter(pk=tie.pk, untied_at=None).update(untied_at=now) != 1 or tie.identity_id is None:
        return
    identity = Identity.objects.select_for_update().get(pk=tie.identity_id)
    before = tie.resident_before_id
    if before is None:
        before = Resident.objects.create(
            municipality_id=tie.municipality_id, display_name=identity.display_name, created_at=now
        ).pk
    relock(tie, _move(identity, tie.resident_id, before), now=now)


def _move(identity: Identity, source: int, target: int) -> list[int]:
    """Give an identity, and the cases that it opened, from one person to another; returns those cases' ids."""
    Identity.objects.filter(pk=identity.pk).update(resident=target)
    told = CaseMessage.objects.filter(message__identity=identity).values("case")
    opened = list(Case.objects.filter(pk__in=told, resident=source).values_list("pk", flat=True))
    Case.objects.filter(pk__in=opened).update(resident=target)
    return opened
