"""Checking a published proof with nothing but the city's public keys: no database, no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from otklik.proof import merkle
from otklik.proof.signatures import Forged, PublicKey, head_of_note, opened

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """What a proof shows: the statement, by which key, and its place in the log (None: not in it yet)."""

    statement: Mapping[str, Any]
    key_id: str
    position: int | None
    size: int


def check(bundle: object, keys: Mapping[str, PublicKey]) -> Checked:
    """Return what a published proof shows. Raises Forged with what doesn't fit."""
    if not isinstance(bundle, dict):
        raise Forged("this is no proof of a post")
    payload, key_id = opened(bundle.get("envelope"), keys)
    try:
        statement = json.loads(payload)
    except ValueError as error:
        raise Forged("the signed statement can't be read") from error
    if not isinstance(statement, dict) or bundle.get("statement", statement) != statement:
        raise Forged("the words beside the signature are not the signed ones")
    log = bundle.get("log")
    if log is None:
        return Checked(statement, key_id, None, 0)
    return Checked(statement, key_id, *_place(log, payload, str(statement.get("log", "")), keys))


def _place(log: object, payload: bytes, origin: str, keys: Mapping[str, PublicKey]) -> tuple[int, int]:
    try:
        assert isinstance(log, dict)  # noqa: S101 - as wrong as a missing member
        position, note = int(log["position"]), str(log["checkpoint"])
        salt = base64.b64decode(log["salt"], validate=True)
        path = [base64.b64decode(one, validate=True) for one in log["path"]]
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise Forged("the place in the log can't be read") from error
    head = head_of_note(note, origin, keys)
    if head.origin != origin:
        raise Forged("the head is of another log")
    if len(salt) != SALT_BYTES:
        raise Forged("the place in the log can't be read")
    leaf = merkle.leaf_hash(commitment(salt, payload))
    if not merkle.is_included(leaf, position, head.size, path, head.root):
        raise Forged("the statement isn't in the log at this place")
    return position, head.size


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Return what the log holds of a statement: nobody can guess the words from it, or put others in their place."""
    return hashlib.sha256(salt + payload).digest()


def keys_of(document: object) -> dict[str, PublicKey]:
    """Return the keys of a city's key document (JSON Web Keys, Ed25519) by fingerprint. Raises Forged."""
    try:
        assert isinstance(document, dict)  # noqa: S101 - as wrong as a missing member
        found = [PublicKey(base64.urlsafe_b64decode(f"{one['x']}==")) for one in document["keys"]]
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise Forged("this is no document of a city's keys") from error
    return {key.fingerprint: key for key in found if len(key.raw) == 32}
