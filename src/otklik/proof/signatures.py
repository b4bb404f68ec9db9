"""Ed25519 keys, and the two forms in which the city signs: envelopes of statements, signed notes of the log's head.

DSSE (Dead Simple Signing Envelope, v1) signs bytes together with what they are, so nothing has to be put into a
canonical form. The head is a checkpoint in a signed note, which independent witnesses of logs understand (C2SP
signed-note, tlog-checkpoint).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from otklik.common.vault import create_private_file

STATEMENT_TYPE = "application/vnd.otklik.statement+json"
_NOTE_ED25519 = b"\x01"


class NoKey(Exception):
    """The city's key for signing isn't where it should be, or can't be read."""


class Forged(Exception):
    """A signature doesn't fit, or what should be signed can't be read; the message says which."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whoever has these 32 bytes can check what the city signed."""

    raw: bytes

    @property
    def fingerprint(self) -> str:
        """The key's name, the first half of its SHA-256: enough to compare by eye, too long to be made to fit."""
        return hashlib.sha256(self.raw).hexdigest()[:32]

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A private key in a file that only its owner reads (PKCS #8, PEM)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """Return the key of a file. Raises NoKey."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError as error:
            raise NoKey(f"there is no key in {path.name}") from error
        except (OSError, ValueError, TypeError) as error:
            raise NoKey(f"the key in {path.name} can't be read") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise NoKey(f"the key in {path.name} isn't an Ed25519 key")
        return cls(private)

    @classmethod
    def make(cls, path: Path) -> SigningKey:
        """Return the key of a file, made now unless it is there already."""
        if not path.exists():
            pem = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            create_private_file(path, pem)
        return cls.read(path)

    @property
    def public(self) -> PublicKey:
        """What checks this key's signatures."""
        return PublicKey(
            self._private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        )

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of a signature."""
        return self._private.sign(data)


def to_sign(payload: bytes, kind: str = STATEMENT_TYPE) -> bytes:
    """Return what DSSE signs: the payload with its type and both lengths (PAE)."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def envelope(payload: bytes, signature: bytes, key_id: str) -> dict[str, object]:
    """Return a DSSE envelope as it is published."""
    return {
        "payloadType": STATEMENT_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
    }


def opened(published: object, keys: Mapping[str, PublicKey]) -> tuple[bytes, str]:
    """Return the payload of an envelope and the key that signed it. Raises Forged."""
    try:
        assert isinstance(published, dict)  # noqa: S101 - as wrong as a missing member
        kind, payload = published["payloadType"], base64.b64decode(published["payload"], validate=True)
        signed = [(one["keyid"], base64.b64decode(one["sig"], validate=True)) for one in published["signatures"]]
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise Forged("this is no signed envelope") from error
    if kind != STATEMENT_TYPE:
        raise Forged("the envelope holds something else than a statement")
    for key_id, signature in signed:
        key = keys.get(str(key_id))
        if key is not None and key.verify(signature, to_sign(payload)):
            return payload, str(key_id)
    raise Forged("no signature fits a key of the city")


def checkpoint(origin: str, size: int, root: bytes) -> str:
    """Return a log's head as text, before it is signed: whose log, how long, which root."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def signed_note(text: str, name: str, key: SigningKey) -> str:
    """Return a note: the text, an empty line, and the line of the signature."""
    mark = _note_key(name, key.public) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(mark).decode()}\n"


@dataclass(frozen=True, slots=True)
class Head:
    """What a signed head says of a log."""

    origin: str
    size: int
    root: bytes


def head_of_note(note: str, name: str, keys: Mapping[str, PublicKey]) -> Head:
    """Return the head that a note signs in this name. Raises Forged."""
    text, gap, marks = note.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3:
        raise Forged("this is no signed head of a log")
    signed = f"{text}\n".encode()
    if not any(_is_signed(line, name, signed, key) for line in marks.splitlines() for key in keys.values()):
        raise Forged("the head of the log isn't signed by a key of the city")
    try:
        return Head(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except ValueError as error:
        raise Forged("the head of the log can't be read") from error


def _is_signed(line: str, name: str, signed: bytes, key: PublicKey) -> bool:
    start = f"— {name} "
    if not line.startswith(start):
        return False
    try:
        mark = base64.b64decode(line.removeprefix(start), validate=True)
    except (ValueError, binascii.Error):
        return False
    return mark[:4] == _note_key(name, key) and key.verify(mark[4:], signed)


def _note_key(name: str, key: PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _NOTE_ED25519 + key.raw).digest()[:4]
