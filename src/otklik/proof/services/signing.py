"""Making the city's keys, and signing what it states."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from otklik.org.models import Municipality
from otklik.proof.checking import SALT_BYTES, commitment
from otklik.proof.models import Entry, Key, Log
from otklik.proof.signatures import NoKey, SigningKey, to_sign


@transaction.atomic
def make_key(city: Municipality, *, now: datetime) -> Key:
    """Make a new key for the city and retire the one in use; what was signed stays signed.

    The new key is stated in the log under the old one's signature, so a reader who trusts the old key may trust the
    new. Where the old key's file is gone the new key states itself, and readers must compare its fingerprint.
    """
    draft = folder() / f"new-{secrets.token_hex(8)}.pem"
    private = SigningKey.make(draft)
    fingerprint = private.public.fingerprint
    draft.rename(_file(fingerprint))
    log_of(city)
    old = Key.objects.select_for_update().filter(municipality=city, until=None).first()
    signer = _private_or_none(old)
    if old is not None:
        old.until = now
        old.save(update_fields=["until"])
    new = Key.objects.create(municipality=city, fingerprint=fingerprint, public=private.public.raw, since=now)
    stated = {"kind": "key", "key": fingerprint, "x": private.public.raw.hex(), "at": now.isoformat()}
    if old is not None and signer is not None:
        _record(city, stated, old, signer, now=now)
    else:
        _record(city, stated, new, private, now=now)
    return new


def record(city: Municipality, statement: Mapping[str, Any], *, now: datetime) -> Entry:
    """Sign a statement and queue it for the log, in the caller's transaction. Raises NoKey."""
    key = Key.objects.filter(municipality=city, until=None).first()
    if key is None:
        raise NoKey(f"{city.slug} has no key to sign with: make one with `otklik keys make`")
    return _record(city, statement, key, private_key(key), now=now)


def private_key(key: Key) -> SigningKey:
    """Return a key's private half. Raises NoKey with what to do."""
    try:
        return _read(_file(key.fingerprint))
    except NoKey as error:
        raise NoKey(
            f"{error}: put the file back from your safe copy, or make a new key with `otklik keys make`"
        ) from error


def log_of(city: Municipality) -> Log:
    """Return the city's log; the first asking names it for ever, unlike any other: a log begun anew is another log."""
    name = f"{urlsplit(settings.ENVIRONMENT.public_url).netloc}/{city.slug}/{secrets.token_hex(4)}"
    made, _is_new = Log.objects.get_or_create(municipality=city, defaults={"origin": name})
    return made


def folder() -> Path:
    """Return where the private keys and the newest heads are: outside the database and its backups."""
    place: Path = settings.ENVIRONMENT.keys / "statements"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def _record(city: Municipality, statement: Mapping[str, Any], key: Key, private: SigningKey, *, now: datetime) -> Entry:
    whole = {"log": log_of(city).origin, **statement}
    payload = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    salt = secrets.token_bytes(SALT_BYTES)
    return Entry.objects.create(
        municipality=city,
        payload=payload,
        salt=salt,
        leaf=commitment(salt, payload),
        key=key,
        signature=private.sign(to_sign(payload)),
        created_at=now,
    )


def _private_or_none(key: Key | None) -> SigningKey | None:
    try:
        return _read(_file(key.fingerprint)) if key is not None else None
    except NoKey:
        return None


def _file(fingerprint: str) -> Path:
    return folder() / f"{fingerprint}.pem"


def _read(path: Path) -> SigningKey:
    """Return the key of a file; read once while the file stays the same."""
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise NoKey(f"there is no key in {path.name}") from error


@lru_cache(maxsize=64)
def _read_once(path: Path, _changed: int) -> SigningKey:
    return SigningKey.read(path)
