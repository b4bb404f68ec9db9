"""A browser maker's push service and the browser behind it, for tests: it checks who sends, and really decrypts.

Sources: RFC 8030 (requests, answers), RFC 8291 (decryption, aes128gcm), RFC 8292 (the sender's signed word).
Written from the receiving side; it shares no code with what it tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections import deque
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otklik.simulators.answering import Receive, Scope, Send, read_body

_DAY_S = 24 * 3600


@dataclass
class Browser:
    """One browser's subscription: its secrets, and what reached it."""

    token: str
    application_key: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    messages: list[bytes] = field(default_factory=list)

    @property
    def p256dh(self) -> str:
        """Its public key, as it gives it to a site."""
        return _text(_point(self.key.public_key()))

    @property
    def secret(self) -> str:
        """Its authentication secret, as it gives it to a site."""
        return _text(self.auth)


class PushSimulator:
    """Takes messages for its browsers. `faults` are status codes played on the next requests."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.headers: list[dict[str, str]] = []
        self.lengths: list[int] = []
        self.faults: deque[int] = deque()
        self.retry_after = ""

    def subscribe(self, application_key: str) -> Browser:
        """Return a new browser that hears only the site with this key."""
        token = _text(os.urandom(12))
        self.browsers[token] = Browser(token, application_key)
        return self.browsers[token]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return None
        body = await read_body(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if self.faults:
            return await self._answer(send, self.faults.popleft())
        await self._answer(send, self._take(scope, headers, body))

    def _take(self, scope: Scope, headers: dict[str, str], body: bytes) -> int:
        browser = self.browsers.get(scope["path"].rpartition("/")[2])
        if browser is None:
            return 404
        if scope["method"] != "POST" or not headers.get("ttl", "").isdecimal():
            return 400
        origin = f"{scope['scheme']}://{headers['host']}"
        if not _is_from(headers.get("authorization", ""), browser.application_key, origin):
            return 403
        if headers.get("content-encoding") != "aes128gcm":
            return 415
        try:
            message = _decrypted(browser, body)
        except (InvalidTag, ValueError, IndexError):
            return 201  # the service can't know; the browser throws it away
        browser.messages.append(message)
        self.headers.append(headers)
        self.lengths.append(len(body))
        return 201

    async def _answer(self, send: Send, status: int) -> None:
        headers = [(b"content-length", b"0")]
        if self.retry_after and status == 429:
            headers.append((b"retry-after", self.retry_after.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _is_from(header: str, application_key: str, origin: str) -> bool:
    """Check the sender's signed word: by the key that the browser subscribed with, for us, not too old or long."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme.lower() != "vapid" or parts.get("k") != application_key:
        return False
    try:
        head, claims, signature = parts["t"].split(".")
        raw = _bytes(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(application_key))
        both = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(both, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        said = json.loads(_bytes(claims))
    except (InvalidSignature, ValueError, KeyError):
        return False
    contact = str(said.get("sub", ""))
    lives = int(said.get("exp", 0)) - time.time()
    return said.get("aud") == origin and 0 < lives <= _DAY_S and contact.startswith(("mailto:", "http"))


def _decrypted(browser: Browser, body: bytes) -> bytes:
    salt, record, length = body[:16], int.from_bytes(body[16:20]), body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    if len(sealed) > record:
        raise ValueError("more than one record")
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    shared = browser.key.exchange(ec.ECDH(), sender)
    info = b"WebPush: info\0" + _point(browser.key.public_key()) + theirs
    secret = _expand(_extract(browser.auth, shared), info, 32)
    mixed = _extract(salt, secret)
    key, nonce = (
        _expand(mixed, b"Content-Encoding: aes128gcm\0", 16),
        _expand(mixed, b"Content-Encoding: nonce\0", 12),
    )
    plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
    if not plain.endswith(b"\x02"):
        raise ValueError("not the last record")
    return plain[:-1]


def _extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.new(salt, secret, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()[:length]


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
