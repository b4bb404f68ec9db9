"""How often one address may write, say "me too" or try a code: a flood is slowed down, no words are lost by it."""

from __future__ import annotations

import hashlib
import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


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


def may_write(request: HttpRequest) -> bool:
    """Count one more message from this address; False when it has sent too many just now."""
    return may(request, "writes", WRITES, WINDOW_S)


def may_leave_file(request: HttpRequest) -> bool:
    """Count one more file from this address; False when it has sent too many just now."""
    return may(request, "files", FILES, WINDOW_S)


def may(request: HttpRequest, what: str, most: int, window_s: int) -> bool:
    """Count one more deed of this sort from this address; False beyond `most` in a window.

    Kept in each web process's memory, under a digest: the limit holds for each of them. Simulators on this machine
    are let through where the settings allow them.
    """
    address = address_of(request)
    if settings.ENVIRONMENT.allow_loopback and _is_loopback(address):
        return True
    key = _key(what, address)
    cache.add(key, 0, window_s)
    try:
        count: int = cache.incr(key)
    except ValueError:
        return True  # the window ended between the two calls
    return count <= most


def is_stopped(request: HttpRequest, what: str, most: int) -> bool:
    """Whether this address has used up its deeds of this sort; counts nothing."""
    address = address_of(request)
    if settings.ENVIRONMENT.allow_loopback and _is_loopback(address):
        return False
    return int(cache.get(_key(what, address), 0)) >= most


def _key(what: str, address: str) -> str:
    return f"{what}:{hashlib.sha256(address.encode()).hexdigest()[:24]}"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
