"""Passkeys of residents' accounts (WebAuthn level 2): added by who is signed in, then enough to sign in by themselves.

A browser is asked for any passkey it has for this address, so nothing is said of who has an account. Each question is
good once and for minutes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from otklik.org.models import Municipality
from otklik.residents.addresses import digest
from otklik.residents.models import Account, Passkey, PasskeyQuestion
from otklik.residents.services.signing_in import open_session

QUESTION_LIVES = timedelta(minutes=5)
MOST = 10
"""Passkeys of one account."""
_WRONG = (ValueError, KeyError, TypeError, InvalidSignature)
"""What the library raises at an answer that isn't one, or isn't right."""


class NotProved(Exception):
    """The answer doesn't prove what was asked."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the passkey is asked for: the address as the browser sees it."""

    city: Municipality
    origin: str

    def server(self) -> Fido2Server:
        """Return the relying party of this address; an answer from any other origin is refused."""
        host = self.origin.partition("://")[2].partition(":")[0]
        party = PublicKeyCredentialRpEntity(id=host, name=self.city.name)
        return Fido2Server(party, verify_origin=lambda origin: origin == self.origin)


def ask_to_add(site: Site, account: Account, address: str, *, now: datetime) -> tuple[dict[str, Any], str]:
    """Return what the browser is asked in order to make a passkey, and the browser's secret of this question."""
    user = PublicKeyCredentialUserEntity(id=account.visitor.encode(), name=address, display_name=address)
    have = [AttestedCredentialData(bytes(one.credential)) for one in account.passkeys.all()]
    options, state = site.server().register_begin(
        user,
        have,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), _keep(site.city, state, now)


def add(site: Site, account: Account, browser: str, answer: Mapping[str, Any], name: str, *, now: datetime) -> Passkey:
    """Keep the passkey that a browser made. Raises NotProved."""
    state = _take(site.city, browser, now)
    try:
        made = site.server().register_complete(state, answer)
    except _WRONG as error:
        raise NotProved from error
    if made.credential_data is None or account.passkeys.count() >= MOST:
        raise NotProved
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                municipality=site.city,
                account=account,
                credential_digest=_digest(site.city, made.credential_data.credential_id),
                credential=bytes(made.credential_data),
                sign_count=made.counter,
                name=name[:60],
                created_at=now,
            )
    except IntegrityError as error:  # somebody's passkey already
        raise NotProved from error


def ask_to_sign_in(site: Site, *, now: datetime) -> tuple[dict[str, Any], str]:
    """Return what any browser is asked in order to sign in, and the browser's secret of this question."""
    options, state = site.server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return dict(options), _keep(site.city, state, now)


def sign_in(site: Site, browser: str, answer: Mapping[str, Any], *, now: datetime) -> tuple[Account, str]:
    """Return the account and a new session's token. Raises NotProved, also for a copied passkey that lags behind."""
    state = _take(site.city, browser, now)
    try:
        given = AuthenticationResponse.from_dict(answer)
        row = Passkey.objects.select_related("account").get(
            municipality=site.city, credential_digest=_digest(site.city, given.raw_id)
        )
        site.server().authenticate_complete(state, [AttestedCredentialData(bytes(row.credential))], given)
    except (*_WRONG, Passkey.DoesNotExist) as error:
        raise NotProved from error
    count = given.response.authenticator_data.counter
    # Synchronised passkeys don't count: both are zero.
    if (count or row.sign_count) and count <= row.sign_count:
        raise NotProved
    Passkey.objects.filter(pk=row.pk).update(sign_count=count, used_at=now)
    return row.account, open_session(row.account, now=now)


def remove(account: Account, passkey_id: int) -> bool:
    """Forget a passkey of this account; False if it has no such one."""
    gone, _ = Passkey.objects.filter(account=account, pk=passkey_id).delete()
    return bool(gone)


def _keep(city: Municipality, state: Any, now: datetime) -> str:
    browser = secrets.token_urlsafe(24)
    PasskeyQuestion.objects.create(
        municipality=city,
        browser_digest=digest("passkey", city.pk, browser),
        state=state,
        expires_at=now + QUESTION_LIVES,
    )
    return browser


@transaction.atomic
def _take(city: Municipality, browser: str, now: datetime) -> Any:
    rows = PasskeyQuestion.objects.select_for_update().filter(
        municipality=city, browser_digest=digest("passkey", city.pk, browser), expires_at__gt=now
    )
    row = rows.first()
    if row is None:
        raise NotProved
    row.delete()
    return row.state


def _digest(city: Municipality, credential_id: bytes) -> str:
    return digest("credential", city.pk, credential_id.hex())
