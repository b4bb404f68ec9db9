"""ActivityPub: the two calls that we make to others' servers: asking who signs by a key, and handing an activity over.

Every call is signed by our key, for some servers show nothing to strangers. No redirect is followed, nothing but
documents of the fediverse is read, and only their first kilobytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import msgspec

from otklik.common.text import storable
from otklik.connectors.activitypub.addresses import Home, host_of, is_address, origin_of
from otklik.connectors.activitypub.markup import words_of
from otklik.connectors.activitypub.signatures import load_public, sign
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.said import said

LARGEST_DOCUMENT = 256_000
LONGEST_S = 15.0
"""A document that trickles longer is left."""
MOST_WAIT_S = 6 * 3600.0
_READ = "application/activity+json, application/ld+json"
_KINDS = ("application/activity+json", "application/ld+json")
_BOTS = frozenset({"Service", "Application"})
_GONE = frozenset({401, 403, 404, 406, 410})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose a key is, as the owner's own document says, and where that person's server takes activities."""

    key_id: str
    actor: str
    pem: str
    inbox: str
    shared_inbox: str = ""
    name: str = ""
    handle: str = ""
    url: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls in our actor's name."""

    home: Home
    private_key: str
    http: Callable[[], httpx.Client]

    def fetch_signer(self, key_id: str, *, now: datetime) -> Signer:
        """Return whose a key is. Raises SendFailed: permanent where the answer itself says no."""
        address = key_id.partition("#")[0]
        told = self._document(address, now)
        if "publicKeyPem" in told:  # the key stands at an address of its own
            address = _own(told.get("owner"), key_id)
            told = self._document(address, now)
        elif told.get("id") != address:
            # Somebody's upload may look like an actor: only the document at the actor's own address counts.
            address = _own(told.get("id"), key_id)
            told = self._document(address, now)
        if told.get("id") != address:
            raise SendFailed(said("the owner of the key isn't at its own address"), permanent=True)
        return _signer(told, key_id)

    def hand_over(self, inbox: str, body: bytes, *, now: datetime) -> None:
        """Bring an activity to an inbox. Raises SendFailed, SendUnknown; again harms nobody: its id is the same."""
        if not is_address(inbox):
            raise SendFailed(said("the address can't be used"), permanent=True)
        headers = sign(self.private_key, self.home.key_id, "POST", inbox, now=now, body=body)
        try:
            with self.http() as client, client.stream("POST", inbox, content=body, headers=headers) as answer:
                _check_taken(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendFailed(said("%(host)s can't be reached", host=host_of(inbox)), permanent=False) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SendUnknown(said("%(host)s didn't say whether it took it", host=host_of(inbox))) from error

    def _document(self, address: str, now: datetime) -> Json:
        headers = sign(self.private_key, self.home.key_id, "GET", address, now=now) | {"accept": _READ}
        parts: list[bytes] = []
        size, until = 0, time.monotonic() + LONGEST_S
        try:
            with self.http() as client, client.stream("GET", address, headers=headers) as answer:
                _check_document(answer)
                for part in answer.iter_bytes():
                    size += len(part)
                    if size > LARGEST_DOCUMENT or time.monotonic() > until:
                        raise SendFailed(said("the document is too large or too slow"), permanent=True)
                    parts.append(part)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SendFailed(said("%(host)s can't be reached", host=host_of(address)), permanent=False) from error
        return _decoded(b"".join(parts))


def _check_document(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in _GONE or answer.is_redirect:
        raise SendFailed(said("the server answered %(status)s", status=status), permanent=True)
    if status != httpx.codes.OK:
        raise SendFailed(said("the server answered %(status)s", status=status), permanent=False)
    if not answer.headers.get("content-type", "").lower().startswith(_KINDS):
        raise SendFailed(said("what stands there is no document of the fediverse"), permanent=True)


def _check_taken(answer: httpx.Response) -> None:
    status = answer.status_code
    if answer.is_success:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = answer.headers.get("retry-after", "")
        wait_s = min(float(wait), MOST_WAIT_S) if wait.isdecimal() and len(wait) < 9 else None
        raise SendFailed(said("the server asks to wait"), permanent=False, retry_after_s=wait_s)
    if status >= 500 or status == httpx.codes.REQUEST_TIMEOUT:
        raise SendUnknown(said("the server answered %(status)s", status=status))
    raise SendFailed(said("the server answered %(status)s", status=status), permanent=True)


def _decoded(body: bytes) -> Json:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SendFailed(said("what stands there is no JSON"), permanent=True) from error
    if not isinstance(told, dict):
        raise SendFailed(said("what stands there is no document of the fediverse"), permanent=True)
    return told


def _own(address: object, key_id: str) -> str:
    if not isinstance(address, str) or not is_address(address) or origin_of(address) != origin_of(key_id):
        raise SendFailed(said("the key's owner is on another server"), permanent=True)
    return address


def _signer(told: Json, key_id: str) -> Signer:
    """Return the signer of an actor's document. Raises SendFailed unless it has this very key and an inbox."""
    actor, inbox = str(told["id"]), told.get("inbox")
    keys = told.get("publicKey")
    key = next((one for one in (keys if isinstance(keys, list) else [keys]) if _is_key(one, key_id, actor)), None)
    if key is None or not isinstance(inbox, str) or not is_address(inbox) or origin_of(inbox) != origin_of(actor):
        raise SendFailed(said("the actor's document has no such key, or no inbox"), permanent=True)
    try:
        load_public(key["publicKeyPem"])
    except ValueError as error:
        raise SendFailed(said("the key is none that we take"), permanent=True) from error
    shared = told["endpoints"].get("sharedInbox") if isinstance(told.get("endpoints"), dict) else None
    username = told.get("preferredUsername")
    page = told.get("url")
    return Signer(
        key_id=key_id,
        actor=actor,
        pem=key["publicKeyPem"],
        inbox=inbox,
        shared_inbox=shared if isinstance(shared, str) and _is_near(shared, actor) else "",
        name=_line(told.get("name"))[:200],
        handle=f"{_line(username)}@{host_of(actor)}"[:120] if isinstance(username, str) else "",
        url=page if isinstance(page, str) and is_address(page) else actor,
        is_bot=told.get("type") in _BOTS,
    )


def _is_key(one: object, key_id: str, actor: str) -> bool:
    if not isinstance(one, dict):
        return False
    is_ours = one.get("id") == key_id and one.get("owner") == actor
    return is_ours and isinstance(one.get("publicKeyPem"), str)


def _is_near(address: str, actor: str) -> bool:
    return is_address(address) and origin_of(address) == origin_of(actor)


def _line(value: object) -> str:
    return " ".join(storable(words_of(value)).split()) if isinstance(value, str) else ""
