"""ActivityPub: our own addresses, and which addresses of others we take."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

CONTAINER = "note"
"""Every note is one of the whole fediverse: its address alone names it."""
LONGEST_ID = 120
LONGEST_ADDRESS = 500
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_EVERYBODY = frozenset({PUBLIC, "as:Public", "Public"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][!-~]*)?", re.ASCII)
"""No user before an @, no letters beyond ASCII."""


@dataclass(frozen=True, slots=True)
class Home:
    """Our actor's addresses: `site` is the installation's public address, `inbox` the gate's door."""

    site: str
    username: str
    inbox: str

    @property
    def actor(self) -> str:
        """The actor's id."""
        return f"{self.site}/fediverse/{self.username}"

    @property
    def key_id(self) -> str:
        """The id of the key that we sign with; the same after a rotation, so that others fetch it anew."""
        return f"{self.actor}#main-key"

    @property
    def followers(self) -> str:
        """The collection of followers, also what a post is addressed to."""
        return f"{self.actor}/followers"

    @property
    def outbox(self) -> str:
        """The collection of what was published."""
        return f"{self.actor}/outbox"

    @property
    def host(self) -> str:
        """The host that people write behind the second @."""
        return urlsplit(self.site).netloc

    @property
    def handle(self) -> str:
        """How people find us."""
        return f"{self.username}@{self.host}"

    def post(self, key: str) -> str:
        """Return the address of a post, from the key that it was queued by."""
        return f"{self.actor}/posts/{digest_of(key)}"

    def note(self, key: str) -> str:
        """Return the address of an answer, from the key that it was queued by."""
        return f"{self.actor}/notes/{digest_of(key)}"

    def is_post(self, address: str) -> bool:
        """Return whether this is a post of ours."""
        return address.startswith(f"{self.actor}/posts/")

    def is_ours(self, address: str) -> bool:
        """Return whether this is ours: the actor, a post or an answer."""
        return address == self.actor or address.startswith(f"{self.actor}/")


def digest_of(key: str) -> str:
    """Return a short digest that can stand in an address."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:24]


def is_address(value: object) -> bool:
    """Return whether this can be an id in the fediverse: https, or a test's loopback; nothing else is ever fetched."""
    return isinstance(value, str) and len(value) <= LONGEST_ADDRESS and _can_be_one(value)


@lru_cache(maxsize=4096)
def _can_be_one(value: str) -> bool:
    """Each activity names the same few (who, us, the public) in a dozen places."""
    found = _ADDRESS.fullmatch(value)
    return found is not None and (found[1] == "https" or found[2] in _LOOPBACK)


@lru_cache(maxsize=4096)
def origin_of(address: str) -> str:
    """Return scheme, host and port, as written in lower case."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host_of(address: str) -> str:
    """Return the host and port of an address."""
    return urlsplit(address).netloc.lower()


def short(address: str) -> str:
    """Return an id that our tables take: the address itself, or its digest where it is longer."""
    return address if len(address) <= LONGEST_ID else f"sha256:{hashlib.sha256(address.encode()).hexdigest()}"


def is_everybody(address: str) -> bool:
    """Return whether this names the public."""
    return address in _EVERYBODY
