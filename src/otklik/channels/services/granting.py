"""Keys of applications: told once when they are made, known by their digest, taken away for good."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction

from otklik.channels.applications import Application
from otklik.common.codes import url_token
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality


def grant(city: Municipality, name: str, *, now: datetime) -> str:
    """Let an application report, and return its key; nobody can read it again. Raises NotPossible for a taken name."""
    if not name.strip() or len(name.strip()) > 80:
        raise NotPossible("give the application a name of at most 80 characters", field="name")
    key = url_token()
    try:
        with transaction.atomic():
            Application.objects.create(municipality=city, name=name.strip(), key_digest=_digest(key), created_at=now)
    except IntegrityError as error:
        raise NotPossible("an application of this name has a key already", field="name") from error
    return key


def revoke(city: Municipality, name: str, *, now: datetime) -> None:
    """Take an application's key away; what it brought stays. Raises NotPossible where none of that name has one."""
    mine = Application.objects.filter(municipality=city, name=name, revoked_at=None)
    if mine.update(revoked_at=now) != 1:
        raise NotPossible(f"no application is called {name}", field="name")


def application_of(municipality_id: int, key: str) -> Application | None:
    """Return whose key it is; None for anything else. One query, by the digest: no comparison tells how near it was."""
    found = Application.objects.filter(municipality=municipality_id, key_digest=_digest(key), revoked_at=None)
    return found.first() if key else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
