"""How often one address may write: a flood is slowed down, and nobody's words are lost by it."""

from __future__ import annotations

import hashlib
import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

WRITES = 10
WINDOW_S = 600
"""So many messages from one address in ten minutes; a household or an office shares one."""


def address_of(request: HttpRequest) -> str:
    """Return whom the request comes from: the gate overwrites the forwarded header, so its word counts."""
    forwarded: str = request.headers.get("X-Forwarded-For", "")
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def may_write(request: HttpRequest) -> bool:
    """Count one more message from this address; False when it has sent too many just now.

    Kept in each web process's memory, under a digest: the limit holds for each of them. Simulators on this machine
    are let through where the settings allow them.
    """
    address = address_of(request)
    if settings.ENVIRONMENT.allow_loopback and _is_loopback(address):
        return True
    key = f"writes:{hashlib.sha256(address.encode()).hexdigest()[:24]}"
    cache.add(key, 0, WINDOW_S)
    try:
        count: int = cache.incr(key)
    except ValueError:
        return True  # the window ended between the two calls
    return count <= WRITES


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
