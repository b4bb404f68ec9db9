"""How often one address may write, say "me too" or try a code: a flood is slowed down, no words are lost by it."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from otklik.common import clock
from otklik.org.models import Municipality
from otklik.residents.services import limiting


class TooManyGuesses(Exception):
    """This address has tried too many codes that open nothing."""


GUESSES, GUESSES_WINDOW_S = 20, 3600
"""So many wrong codes from one address in an hour: a code has 79 bits, a person types it wrong twice."""

WRITES = 10
FILES = 40
WINDOW_S = 600
"""So many messages from one address in ten minutes; a household or an office shares one."""


def address_of(request: HttpRequest) -> str:
    """Return whom the request comes from: the gate overwrites the forwarded header, so its word counts."""
    forwarded: str = request.headers.get("X-Forwarded-For", "")
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def may_write(request: HttpRequest, city: Municipality) -> bool:
    """Count one more message from this address; False when it has sent too many just now."""
    return may(request, city, "writes", WRITES, WINDOW_S)


def may_leave_file(request: HttpRequest, city: Municipality) -> bool:
    """Count one more file from this address; False when it has sent too many just now."""
    return may(request, city, "files", FILES, WINDOW_S)


def may(request: HttpRequest, city: Municipality, what: str, most: int, window_s: int) -> bool:
    """Count one more deed of this sort from this address; False beyond `most` in a window, whichever process is asked.

    Simulators on this machine are let through where the settings allow them.
    """
    address = address_of(request)
    if settings.ENVIRONMENT.allow_loopback and _is_loopback(address):
        return True
    return limiting.may(city.pk, what, address, most=most, within=timedelta(seconds=window_s), now=clock.now())


def is_stopped(request: HttpRequest, city: Municipality, what: str, most: int) -> bool:
    """Whether this address has used up its deeds of this sort; counts nothing."""
    address = address_of(request)
    if settings.ENVIRONMENT.allow_loopback and _is_loopback(address):
        return False
    return limiting.done(city.pk, what, address, now=clock.now()) >= most


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
