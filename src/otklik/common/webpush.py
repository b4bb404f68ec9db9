"""Web push: a few encrypted bytes to a browser, by way of its maker's push service. Knows of no official and no row.

Sources: RFC 8030 (the request and its answers), RFC 8291 and RFC 8188 (encryption, aes128gcm), RFC 8292 (VAPID: who we
are). Tested with the RFCs' own examples. The service sees an address, a length and a time, never what is said.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from otklik.common.vault import create_private_file

RECORD = 4096
"""The record size of RFC 8291: a message is one record."""
PADDED_TO = 256
"""Every message is made this long, so that its length says nothing."""
MOST = 2000
"""Bytes of a message, at most."""
LONGEST_ENDPOINT = 1000
_KEY_LIVES = timedelta(hours=12)  # RFC 8292, 2: no more than a day
_CURVE = ec.SECP256R1()


class BadSubscription(ValueError):
    """A browser's subscription that can't be one."""


class Gone(Exception):
    """The subscription is over: forget it."""


class NotTaken(Exception):
    """The push service didn't take it. `permanent`: another try can't help; `wait_s`: how long it asks us to wait."""

    def __init__(self, words: str, *, permanent: bool, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.permanent = permanent
        self.wait_s = wait_s


class PerhapsTaken(Exception):
    """The push service had all of it and fell silent."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser is reached, and what to encrypt for it with. From the browser, so distrusted."""

    endpoint: str
    public_key: bytes
    auth: bytes = field(repr=False)

    @classmethod
    def read(cls, endpoint: str, p256dh: str, auth: str, *, allow_loopback: bool = False) -> Subscription:
        """Return what a browser gave. Raises BadSubscription for an address that isn't https, or for no keys.

        `allow_loopback` lets plain http to this machine through, for simulators; the guard of outgoing HTTP decides.
        """
        try:
            parts = urlsplit(endpoint)
            parts.port  # noqa: B018 - reading it refuses what is no number
        except ValueError as error:
            raise BadSubscription("this is no address of a push service") from error
        secure = parts.scheme == "https" or (allow_loopback and parts.scheme == "http" and _is_here(parts.hostname))
        if not secure or not parts.hostname or parts.username or parts.fragment or len(endpoint) > LONGEST_ENDPOINT:
            raise BadSubscription("this is no address of a push service")
        key, secret = decoded(p256dh), decoded(auth)
        if len(secret) != 16:
            raise BadSubscription("the subscription's secret is not 16 bytes long")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, key)
        except ValueError as error:
            raise BadSubscription("the subscription's key is not a point of P-256") from error
        return cls(endpoint, key, secret)


class Identity:
    """Who we are to push services: one key of the installation's own. Another key ends all subscriptions."""

    def __init__(self, key_file: Path, contact: str) -> None:
        if not key_file.exists():
            create_private_file(key_file, _pem(ec.generate_private_key(_CURVE)))
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file} holds no key of P-256")
        self._key, self._contact = key, contact

    @property
    def public(self) -> str:
        """What a browser subscribes with (base64url)."""
        return encoded(_point(self._key.public_key()))

    def authorization(self, endpoint: str, *, now: datetime) -> str:
        """Return the header that tells a push service who sends (RFC 8292)."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + _KEY_LIVES).timestamp()),
            "sub": self._contact,
        }
        signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}, k={self.public}"


@dataclass(frozen=True, slots=True)
class Push:
    """One message: what it says, and how long it is worth delivering. A later one with its topic takes its place."""

    message: bytes
    topic: str = ""
    ttl_s: int = 12 * 3600
    urgency: str = "normal"


def send(http: httpx.Client, identity: Identity, to: Subscription, push: Push, *, now: datetime) -> None:
    """Hand a message to a browser's push service. Raises Gone, NotTaken, PerhapsTaken.

    `http` is a guarded client (common.ssrf): the address comes from a browser.
    """
    headers = {
        "Authorization": identity.authorization(to.endpoint, now=now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(push.ttl_s),
        "Urgency": push.urgency,
        **({"Topic": push.topic} if push.topic else {}),
    }
    try:
        answer = http.post(to.endpoint, content=encrypt(push.message, to), headers=headers)
    except (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
        raise PerhapsTaken(f"the push service fell silent: {type(error).__name__}") from error
    except httpx.InvalidURL as error:
        raise NotTaken(f"the push service's address is none: {error}", permanent=True) from error
    except httpx.HTTPError as error:
        raise NotTaken(f"the push service can't be reached: {error}", permanent=False) from error
    _judge(answer)


def _judge(answer: httpx.Response) -> None:
    code = answer.status_code
    if code in (404, 410):
        raise Gone(f"the push service answered {code}")
    if code == 429 or code >= 500:
        raise NotTaken(f"the push service answered {code}", permanent=False, wait_s=_wait_of(answer))
    if not answer.is_success:
        raise NotTaken(f"the push service answered {code}", permanent=True)


def _wait_of(answer: httpx.Response) -> float | None:
    said = answer.headers.get("Retry-After", "")
    return min(float(said), 86400.0) if said.isdecimal() and len(said) < 9 else None


def encrypt(
    message: bytes,
    to: Subscription,
    *,
    salt: bytes = b"",
    ours: ec.EllipticCurvePrivateKey | None = None,
    padded_to: int = PADDED_TO,
) -> bytes:
    """Return a message that only this subscription's browser can read (RFC 8291, one record of aes128gcm).

    Salt and key are made anew for every message; the RFC's example gives its own. Raises ValueError if it is too long.
    """
    if len(message) > MOST:
        raise ValueError(f"a push message is {MOST} bytes at most")
    salt, ours = salt or os.urandom(16), ours or ec.generate_private_key(_CURVE)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, to.public_key)
    public = _point(ours.public_key())
    secret = _derived(ours.exchange(ec.ECDH(), theirs), to.auth, b"WebPush: info\0" + to.public_key + public, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    padding = bytes(max(0, padded_to - len(message)))
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02" + padding, None)
    return salt + RECORD.to_bytes(4) + bytes([len(public)]) + public + sealed


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what base64url says, padded or not. Raises BadSubscription."""
    try:
        return base64.urlsafe_b64decode(text[:200].rstrip("=") + "=" * (-len(text[:200].rstrip("=")) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadSubscription("not base64url") from error


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _is_here(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
