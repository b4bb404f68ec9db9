"""RFC 9421: whose signature a request shows, over what. Only what the fediverse signs by it: RSA with SHA-256."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from otklik.connectors.base import Claim, NotAuthentic
from otklik.connectors.events import Webhook

_INPUT = re.compile(
    r'([a-z*][a-z0-9_.*-]*)=(\(("[^"()]*"(?: "[^"()]*")*)\)((?:;[a-z*][a-z0-9_.*-]*(?:="[^"]*"|=\d+)?)*))'
)
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):")
_PARAMETER = re.compile(r';([a-z*][a-z0-9_.*-]*)=(?:"([^"]*)"|(\d+))')
_ALGORITHMS = frozenset({"", "rsa-v1_5-sha256"})


def claim_of(hook: Webhook, *, scheme: str, oldest: timedelta, ahead: timedelta) -> Claim:
    """Return the first signature's claim. Raises NotAuthentic unless it covers enough, and is fresh."""
    found = _INPUT.search(hook.headers.get("signature-input", ""))
    signatures = dict(_SIGNATURE.findall(hook.headers.get("signature", "")))
    if found is None or found[1] not in signatures:
        raise NotAuthentic("activitypub: no signature that we can read")
    covered = re.findall(r'"([^"]*)"', found[3])
    told = {name: quoted or number for name, quoted, number in _PARAMETER.findall(found[4])}
    if told.get("alg", "") not in _ALGORITHMS:
        raise NotAuthentic("activitypub: signed by a method that we don't take")
    _check_covered(covered)
    _check_age(told, hook.received_at, oldest, ahead)
    _check_digest(hook)
    lines = [f'"{name}": {_value(name, hook, scheme)}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {found[2]}'])
    return Claim(told.get("keyid", ""), (base.encode("utf-8", "surrogatepass"),), _decoded(signatures[found[1]]))


def instant(seconds: str) -> datetime:
    """Return the instant of Unix seconds. Raises NotAuthentic."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAuthentic("activitypub: the date can't be read") from error


def _check_covered(covered: list[str]) -> None:
    names = set(covered)
    address = "@target-uri" in names or ({"@authority", "host"} & names and {"@path", "@request-target"} & names)
    if "@method" not in names or not address or "content-digest" not in names or len(names) != len(covered):
        raise NotAuthentic("activitypub: the signature leaves out the method, the address or the digest")


def _check_age(told: dict[str, str], now: datetime, oldest: timedelta, ahead: timedelta) -> None:
    at = instant(told.get("created", ""))
    if not now - oldest <= at <= now + ahead:
        raise NotAuthentic("activitypub: the signature is stale, or from the future")
    if "expires" in told and instant(told["expires"]) < now:
        raise NotAuthentic("activitypub: the signature has expired")


def _check_digest(hook: Webhook) -> None:
    digests = dict(re.findall(r"([a-z0-9-]+)=:([A-Za-z0-9+/=]*):", hook.headers.get("content-digest", "")))
    if "sha-256" not in digests:
        raise NotAuthentic("activitypub: no digest that we know")
    if not hmac.compare_digest(_decoded(digests["sha-256"]), hashlib.sha256(hook.body).digest()):
        raise NotAuthentic("activitypub: the digest is of another body")


def _value(name: str, hook: Webhook, scheme: str) -> str:
    path, mark, query = hook.target.partition("?")
    host = hook.headers.get("host", "")
    match name:
        case "@method":
            return "POST"
        case "@target-uri":
            return f"{scheme}://{host}{hook.target}"
        case "@authority":
            return host.lower()
        case "@scheme":
            return scheme
        case "@request-target":
            return hook.target
        case "@path":
            return path
        case "@query":
            return f"?{query}" if mark else "?"
    if name.startswith("@") or name not in hook.headers:
        raise NotAuthentic("activitypub: a signed part is not there")
    return hook.headers[name].strip()


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAuthentic("activitypub: not base64") from error
