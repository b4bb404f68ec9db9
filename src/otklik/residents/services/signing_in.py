"""Signing in to the optional account: by a code that came by letter or to a phone, in the browser that asked.

Whoever asks learns nothing of an address: an account is made when a code is entered, not when one is asked for.
"""

from __future__ import annotations

import secrets
import tomllib
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from importlib import resources
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from otklik.channels.enums import Network
from otklik.channels.models import Identity, Resident
from otklik.common import bell
from otklik.org.models import Municipality
from otklik.residents.addresses import digest, is_phone, seal, unseal
from otklik.residents.enums import MailKind, Method
from otklik.residents.models import Account, AccountSession, PasskeyQuestion, ResidentMail, SignInCode

CODE_LIVES = timedelta(minutes=15)
CODE_DIGITS = 8
TRIES = 5
"""Wrong codes in one browser; then a new one is needed."""
_CODES_AN_HOUR, _CODES_A_DAY = 3, 10
"""To one address, whoever asks: fifty guesses a day at a hundred million numbers, and no flood of letters."""
PHONE_CODES_AN_HOUR = 200
"""To all phones together: whoever asks for codes to many numbers costs the city no more than so many messages."""
SESSION_LIVES = timedelta(days=60)


def methods_of(city: Municipality) -> list[Method]:
    """Return by which ways residents may sign in here, as the jurisdiction's pack says; none for an unknown way."""
    known = packs()
    pack = known.get(city.jurisdiction) or known["eu"]
    return [Method(name) for name in pack["methods"] if name in Method.values]


@lru_cache(maxsize=1)
def packs() -> dict[str, dict[str, Any]]:
    """Return what each jurisdiction's pack says, as its file has it."""
    text = resources.files("otklik.residents").joinpath("data", "methods.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@transaction.atomic
def send_code(city: Municipality, address: str, language: str, *, now: datetime) -> str:
    """Queue a code to this (tidied) address and return the browser's own secret, without which the code is nothing.

    Beyond the limits nothing is sent, and nobody is told: the answer is the same for every address.
    """
    browser, who = secrets.token_urlsafe(24), digest("address", city.pk, address)
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    asked = SignInCode.objects.filter(municipality=city, address_digest=who)
    hour = asked.filter(asked_at__gt=now - timedelta(hours=1)).count()
    day = asked.filter(asked_at__gt=now - timedelta(days=1)).count()
    is_sent = hour < _CODES_AN_HOUR and day < _CODES_A_DAY and _may_call(city, address, now)
    if is_sent:
        SignInCode.objects.create(
            municipality=city,
            browser_digest=digest("browser", city.pk, browser),
            address_digest=who,
            sealed_address=seal(address=address),
            code_digest=digest("code", city.pk, f"{browser}:{code}"),
            asked_at=now,
            expires_at=now + CODE_LIVES,
        )
        ResidentMail.objects.create(
            municipality=city,
            kind=MailKind.PHONE if is_phone(address) else MailKind.CODE,
            address_digest=who,
            sealed=seal(address=address, code=f"{code[:4]} {code[4:]}"),
            language=language,
            due_at=now,
            created_at=now,
            expires_at=now + CODE_LIVES,
        )
        bell.ring("mail")
    return browser


def can_call(city: Municipality) -> bool:
    """Return whether codes may go to phones: the jurisdiction allows it, and the city has a gateway."""
    return bool(settings.ENVIRONMENT.sms_url) and Method.PHONE in methods_of(city)


def _may_call(city: Municipality, address: str, now: datetime) -> bool:
    """Whether a code may go there: any e-mail address; of phones those of the city's countries, not too many."""
    if not is_phone(address):
        return True
    if not can_call(city) or not address.startswith(settings.ENVIRONMENT.sms_prefixes):
        return False
    sent = ResidentMail.objects.filter(municipality=city, kind=MailKind.PHONE, created_at__gt=now - timedelta(hours=1))
    return sent.count() < PHONE_CODES_AN_HOUR


def sign_in(city: Municipality, browser: str, code: str, language: str, *, now: datetime) -> tuple[Account, str] | None:
    """Return the account and a new session's token for a right code; None for a wrong, used, late or sixth one.

    A try is counted before the code is looked at, so that many at once have no more of them.
    """
    row = SignInCode.objects.filter(municipality=city, browser_digest=digest("browser", city.pk, browser)).first()
    if row is None:
        return None
    counted = SignInCode.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now, tries__lt=TRIES)
    if counted.update(tries=F("tries") + 1) != 1:
        return None
    entered = "".join(sign for sign in code if sign.isdigit() and sign.isascii())
    if not compare_digest(digest("code", city.pk, f"{browser}:{entered}"), row.code_digest):
        return None
    with transaction.atomic():
        if SignInCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now) != 1:
            return None
        account = account_of(city, unseal(bytes(row.sealed_address))["address"], language, now=now)
        return account, open_session(account, now=now)


def account_of(city: Municipality, address: str, language: str, *, now: datetime) -> Account:
    """Return the account of an address, made where there is none: with a person of its own, joined to nobody yet."""
    who = digest("address", city.pk, address)
    found = Account.objects.filter(municipality=city, address_digest=who).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return _new_account(city, address, who, language, now)
    except IntegrityError:  # the same person in another browser, a moment before
        return Account.objects.get(municipality=city, address_digest=who)


def _new_account(city: Municipality, address: str, who: str, language: str, now: datetime) -> Account:
    resident = Resident.objects.create(municipality=city, created_at=now)
    account = Account.objects.create(
        municipality=city,
        resident=resident,
        address_digest=who,
        sealed_address=seal(address=address),
        visitor=f"account-{secrets.token_hex(12)}",
        language=language,
        created_at=now,
    )
    # What is written while signed in comes in under this name, and is the person's own from the first word.
    Identity.objects.create(
        municipality=city,
        network=Network.SITE,
        external_id=f"visitor:{account.visitor}",
        resident=resident,
        first_seen_at=now,
    )
    return account


def open_session(account: Account, *, now: datetime) -> str:
    """Return the token of a new session; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    AccountSession.objects.create(
        municipality_id=account.municipality_id,
        account=account,
        token_digest=digest("session", account.municipality_id, token),
        created_at=now,
        expires_at=now + SESSION_LIVES,
    )
    return token


def account_by(city: Municipality, token: str, *, now: datetime) -> Account | None:
    """Return whose session a token is; None for a wrong or old one. One query."""
    rows = AccountSession.objects.filter(
        municipality=city, token_digest=digest("session", city.pk, token), expires_at__gt=now
    )
    row = rows.select_related("account__resident").first()
    return row.account if row is not None else None


def sign_out(city: Municipality, token: str) -> None:
    """End one session. Safe to repeat."""
    AccountSession.objects.filter(municipality=city, token_digest=digest("session", city.pk, token)).delete()


def sign_out_everywhere(account: Account) -> int:
    """End every session of an account; returns how many."""
    gone, _ = AccountSession.objects.filter(account=account).delete()
    return gone


def forget_old_sessions(*, now: datetime) -> int:
    """Forget sessions that are over and codes of the day before yesterday; returns how many."""
    over, _ = AccountSession.objects.filter(expires_at__lt=now).delete()
    codes, _ = SignInCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    asked, _ = PasskeyQuestion.objects.filter(expires_at__lt=now).delete()
    return over + codes + asked
