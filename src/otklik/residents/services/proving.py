"""Proof that an account in a network is one's own, in three words that its author sends to the city.

A word shown in the account comes from the network: "link 7K3F-92QD". It proves who holds the network's account, not
whose idea it was: somebody may be talked into sending another person's word. So nothing is tied by it. Its author is
asked in the same conversation, told into which account, masked, their cases would go; only "link 482913", with what
the question brought them, ties. "unlink", at any time, takes it back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hmac import compare_digest

from django.db.models import F

from otklik.cases.models import CaseMessage
from otklik.channels.models import Identity, Message
from otklik.channels.services.queueing import Reply, queue_replies, takes_answer
from otklik.residents import wording
from otklik.residents.addresses import digest, masked
from otklik.residents.enums import Proof
from otklik.residents.links import LinkQuestion
from otklik.residents.models import Account, LinkWord, Tie
from otklik.residents.queries import address_of
from otklik.residents.services.tying import tie_identity, untie

ANSWER_WITHIN = timedelta(minutes=30)
TRIES = 5
QUESTIONS_A_DAY = 5
"""To one account in a network, whoever's words it sends."""

_WORD = re.compile(r"(?:link|связать)\s+([2-9A-Z]{4})-([2-9A-Z]{4})\s*[.!]?", re.IGNORECASE)
_YES = re.compile(r"(?:link|связать)\s+([0-9]{3}) ?([0-9]{3})\s*[.!]?", re.IGNORECASE)
_BACK = re.compile(r"(?:unlink|отвязать)\s*[.!]?", re.IGNORECASE)
_LONGEST = 40
_ALIKE = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
"""Letters that look the same on a Russian keyboard."""


class Say(Enum):
    """What somebody says about linking."""

    WORD = "word"
    YES = "yes"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Said:
    """A text that is nothing else than one of the three, and the word or number in it."""

    say: Say
    secret: str
    language: str


def said_in(text: str) -> Said | None:
    """Return what a text says about linking; None for every other. Asks no database."""
    if len(text) > _LONGEST:
        return None
    tidy = text.strip()
    head, _, rest = tidy.partition(" ")
    language = "en" if head.isascii() else "ru"
    if _BACK.fullmatch(tidy):
        return Said(Say.BACK, "", language)
    if found := _WORD.fullmatch(f"{head} {rest.upper().translate(_ALIKE)}"):
        return Said(Say.WORD, f"{found[1]}-{found[2]}", language)
    if found := _YES.fullmatch(f"{head} {rest}"):
        return Said(Say.YES, f"{found[1]}{found[2]}", language)
    return None


def hear(messages: Iterable[Message], *, now: datetime) -> list[Message]:
    """Ask, tie or untie as these private messages say, and answer each; returns those that fit nothing.

    Call it in the transaction that stores the messages; no query where there are none. Late and unknown words are
    answered nothing: a stranger learns nothing by trying. They are returned too, for a person to read.
    """
    left: list[Message] = []
    for message in messages:
        said, identity = said_in(message.text), message.identity
        if said is None or identity is None:
            continue
        # Where the law keeps us silent nobody could be asked, so nothing is tied either.
        words = _HEAR[said.say](identity, said, now) if takes_answer(message) else ""
        if words:
            queue_replies([Reply(message, words, key=f"link:{message.pk}", automated=True)], now=now)
        else:
            left.append(message)
    return left


def _ask(identity: Identity, said: Said, now: datetime) -> str:
    """Return the question for the word's author; the word is used up by it."""
    rows = LinkWord.objects.select_for_update(of=("self",)).filter(
        municipality=identity.municipality_id,
        digest=digest("word", identity.municipality_id, said.secret),
        expires_at__gt=now,
    )
    row = rows.select_related("account").first()
    asked = LinkQuestion.objects.filter(municipality=identity.municipality_id, identity=identity)
    if row is None or asked.filter(asked_at__gt=now - timedelta(days=1)).count() >= QUESTIONS_A_DAY:
        return ""
    row.delete()
    asked.filter(answered_at=None).update(answered_at=now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    LinkQuestion.objects.create(
        municipality_id=identity.municipality_id,
        account=row.account,
        identity=identity,
        code_digest=_digest(identity, code),
        asked_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    told = CaseMessage.objects.filter(message__identity=identity).values("case").distinct().count()
    return wording.link_question(said.language, masked(address_of(row.account)), told, f"{code[:3]} {code[3:]}")


def _tie(identity: Identity, said: Said, now: datetime) -> str:
    """Tie the author's account after their own yes; a try is counted before the number is looked at."""
    rows = LinkQuestion.objects.filter(
        municipality=identity.municipality_id, identity=identity, answered_at=None, expires_at__gt=now
    )
    row = rows.select_related("account").first()
    if row is None or rows.filter(pk=row.pk, tries__lt=TRIES).update(tries=F("tries") + 1) != 1:
        return ""
    if not compare_digest(_digest(identity, said.secret), row.code_digest):
        return ""
    if rows.filter(pk=row.pk).update(answered_at=now) != 1:
        return ""
    tie_identity(row.account.resident_id, identity, Proof.WORD, now=now)
    return wording.linked(said.language, masked(address_of(row.account)))


def _untie(identity: Identity, said: Said, now: datetime) -> str:
    """Take the author's account out of whatever account it was tied to, and end what was asked."""
    LinkQuestion.objects.filter(municipality=identity.municipality_id, identity=identity, answered_at=None).update(
        answered_at=now
    )
    ties = Tie.objects.filter(municipality=identity.municipality_id, identity=identity, untied_at=None)
    tie = ties.first()
    if tie is None:
        return ""
    account = Account.objects.get(resident=tie.resident_id)  # erasing an account undoes its ties
    untie(tie, now=now)
    return wording.unlinked(said.language, masked(address_of(account)))


_HEAR = {Say.WORD: _ask, Say.YES: _tie, Say.BACK: _untie}


def asked_of(account: Account, *, now: datetime) -> list[LinkQuestion]:
    """Return the questions whose authors have not said yes yet; whose they are is nobody's to see before."""
    rows = LinkQuestion.objects.filter(account=account, answered_at=None, expires_at__gt=now)
    return list(rows.select_related("identity").order_by("id"))


def forget_old_questions(*, now: datetime) -> int:
    """Forget the questions of the days before; returns how many."""
    gone, _ = LinkQuestion.objects.filter(asked_at__lt=now - timedelta(days=2)).delete()
    return gone


def _digest(identity: Identity, code: str) -> str:
    return digest("link-code", identity.municipality_id, f"{identity.pk}:{code}")
