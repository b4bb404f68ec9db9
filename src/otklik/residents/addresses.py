"""E-mail addresses and secrets of residents: tidied, sealed at rest, found by digests with a key of their own city."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from otklik.notices.services.carrying import vault

_LONGEST = 254


def tidy(address: str) -> str:
    """Return an address as it is kept and compared. Raises ValidationError if it can't be one."""
    found = address.strip().lower()
    if len(found) > _LONGEST:
        raise ValidationError("too long")
    validate_email(found)
    return found


def digest(purpose: str, municipality_id: int, secret: str) -> str:
    """Return by what a secret is found again: of no use without the key, nor for another city or purpose."""
    return salted_hmac(f"otklik.residents.{purpose}", f"{municipality_id}:{secret}", algorithm="sha256").hexdigest()


def seal(**secrets: str) -> bytes:
    """Return secrets sealed with the key that channels' secrets are sealed with."""
    return vault().seal(secrets)


def unseal(sealed: bytes) -> dict[str, str]:
    """Return what was sealed. Raises WrongKey."""
    return vault().unseal(bytes(sealed))


def masked(address: str) -> str:
    """Return as much of an address as lets its owner know it, and nobody else reach it."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}•••@{host}" if at else f"{address[:2]}•••{address[-2:]}"
