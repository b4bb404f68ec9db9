"""HTTP signatures of the fediverse: Cavage's draft 12, which everybody signs by, and RFC 9421, which some do.

Sources: draft-cavage-http-signatures-12; RFC 9421 (2.5 signature base, 3.2 verifying), RFC 9530 (Content-Digest);
https://docs.joinmastodon.org/spec/security/. What the signature must cover, and how old it may be, is decided here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from otklik.connectors.activitypub import rfc9421
from otklik.connectors.base import Claim, NotAuthentic
from otklik.connectors.events import Webhook

OLDEST = timedelta(hours=12)
AHEAD = timedelta(hours=1)
"""How far a signature's date may be from our clock; servers repeat what we didn't take with a new date."""
_LONGEST_HEADER = 8_192
_PAIR = re.compile(r'([A-Za-z]+)=(?:"([^"]*)"|(\d+))')
_ALGORITHMS = frozenset({"", "rsa-sha256", "hs2019"})
_MIN_BITS, _MAX_BITS = 1024, 8192


def new_key() -> str:
    """Return a new RSA-2048 private key in PEM form: the only sort that every server of the fediverse takes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@lru_cache(maxsize=32)
def load_private(pem: str) -> rsa.RSAPrivateKey:
    """Return a private key. Raises ValueError."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a private key in PEM form") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - a wrong value to whoever entered it
    return key


@lru_cache(maxsize=4096)
def load_public(pem: str) -> rsa.RSAPublicKey:
    """Return a public key. Raises ValueError for anything but RSA of a usual size."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a public key in PEM form") from error
    if not isinstance(key, rsa.RSAPublicKey) or not _MIN_BITS <= key.key_size <= _MAX_BITS:
        raise ValueError("not an RSA key of a usual size")
    return key


@lru_cache(maxsize=32)
def public_of(private_pem: str) -> str:
    """Return the public half in PEM form."""
    public = load_private(private_pem).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def sign(private_pem: str, key_id: str, method: str, url: str, *, now: datetime, body: bytes = b"") -> dict[str, str]:
    """Return the headers that prove a request to be ours (Cavage, rsa-sha256)."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = {"host": parts.netloc, "date": format_datetime(now.astimezone(UTC), usegmt=True)}
    if method == "POST":
        headers["digest"] = f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"
        headers["content-type"] = "application/activity+json"
    covered = ["(request-target)", *headers]
    signed = _lines(covered, headers, f"{method.lower()} {target}").encode()
    signature = load_private(private_pem).sign(signed, padding.PKCS1v15(), hashes.SHA256())
    headers["signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(covered)}",'
        f'signature="{base64.b64encode(signature).decode()}"'
    )
    return headers


def is_signed_by(public_pem: str, claim: Claim) -> bool:
    """Return whether this key made the claim's signature over any of its readings. Raises ValueError for a bad key."""
    key = load_public(public_pem)
    for signed in claim.signed:
        try:
            key.verify(claim.signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            continue
        return True
    return False


def claim_of(hook: Webhook, *, host: str, scheme: str) -> Claim:
    """Return whose signature a POST shows, over what. Raises NotAuthentic for what can't be a good one, whoever's key.

    The body's digest is compared here: whoever checks the signature later needs the body no more.
    """
    headers = hook.headers
    if headers.get("host", "").lower() != host.lower():
        raise NotAuthentic("activitypub: for another host")
    if not hook.target.startswith("/"):
        raise NotAuthentic("activitypub: the request's address is not known")
    if any(len(headers.get(name, "")) > _LONGEST_HEADER for name in ("signature", "signature-input")):
        raise NotAuthentic("activitypub: the signature is longer than any")
    if "signature-input" in headers:
        return rfc9421.claim_of(hook, scheme=scheme, oldest=OLDEST, ahead=AHEAD)
    return _cavage(hook)


def _cavage(hook: Webhook) -> Claim:
    told = {name.lower(): quoted or number for name, quoted, number in _PAIR.findall(hook.headers.get("signature", ""))}
    covered = told.get("headers", "").lower().split()
    if told.get("algorithm", "").lower() not in _ALGORITHMS:
        raise NotAuthentic("activitypub: signed by a method that we don't take")
    if not {"(request-target)", "host", "digest"} <= set(covered):
        raise NotAuthentic("activitypub: the signature leaves out the address, the host or the digest")
    _check_age(told, covered, hook)
    _check_digest(hook)
    values = {**hook.headers, "(created)": told.get("created", ""), "(expires)": told.get("expires", "")}
    missing = [name for name in covered if name != "(request-target)" and name not in values]
    if missing:
        raise NotAuthentic("activitypub: a signed header is not there")
    path = hook.target.partition("?")[0]
    targets = dict.fromkeys((f"post {hook.target}", f"post {path}"))
    signed = tuple(_lines(covered, values, target).encode("utf-8", "surrogatepass") for target in targets)
    return Claim(told.get("keyid", ""), signed, decoded(told.get("signature", "")))


def _check_age(told: Mapping[str, str], covered: list[str], hook: Webhook) -> None:
    if "(created)" in covered and told.get("created", "").isdecimal():
        at = rfc9421.instant(told["created"])
    elif "date" in covered:
        at = _http_date(hook.headers.get("date", ""))
    else:
        raise NotAuthentic("activitypub: the signature has no date")
    check_fresh(at, hook.received_at)
    if "(expires)" in covered and rfc9421.instant(told.get("expires", "")) < hook.received_at:
        raise NotAuthentic("activitypub: the signature has expired")


def check_fresh(at: datetime, now: datetime) -> None:
    """Raise NotAuthentic for a signature too old, or made in our future."""
    if not now - OLDEST <= at <= now + AHEAD:
        raise NotAuthentic("activitypub: the signature is stale, or from the future")


def _http_date(value: str) -> datetime:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise NotAuthentic("activitypub: the date can't be read") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _check_digest(hook: Webhook) -> None:
    for one in hook.headers.get("digest", "").split(","):
        name, _, value = one.strip().partition("=")
        if name.lower() == "sha-256":
            if not hmac.compare_digest(decoded(value), hashlib.sha256(hook.body).digest()):
                raise NotAuthentic("activitypub: the digest is of another body")
            return
    raise NotAuthentic("activitypub: no digest that we know")


def decoded(value: str) -> bytes:
    """Return the bytes of base64. Raises NotAuthentic."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAuthentic("activitypub: not base64") from error


def _lines(covered: list[str], values: Mapping[str, str], target: str) -> str:
    return "\n".join(f"{name}: {target if name == '(request-target)' else values[name].strip()}" for name in covered)
