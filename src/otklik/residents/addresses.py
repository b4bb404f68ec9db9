"""Addresses and secrets of residents: tidied, sealed at rest, found by digests with a key of their own city."""

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


def tidy_phone(typed: str) -> str:
    """Return a number as it is kept, compared and called: +79001234567. Raises ValidationError if it can't be one.

    A Russian number may be typed as people do: 8 900 …, or without its first digit.
    """
    digits = "".join(sign for sign in typed if sign.isdigit() and sign.isascii())
    if any(sign not in "+-()/. \u00a0" and not (sign.isdigit() and sign.isascii()) for sign in typed.strip()):
        raise ValidationError("not a number")
    if not typed.strip().startswith("+"):
        if len(digits) == 10 and digits[0] == "9":
            digits = f"7{digits}"
        elif len(digits) == 11 and digits[0] in "78":
            digits = f"7{digits[1:]}"
        else:
            raise ValidationError("without its country")
    if not 8 <= len(digits) <= 15 or digits[0] == "0":
        raise ValidationError("too short or too long")
    return f"+{digits}"


def is_phone(address: str) -> bool:
    """Whether a tidied address is a phone."""
    return address.startswith("+")


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
