"""What a remote server says, in the shapes that Mastodon documents (https://docs.joinmastodon.org/spec/activitypub/)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape
from typing import Any

import msgspec

Json = dict[str, Any]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = ["https://www.w3.org/ns/activitystreams", {"ostatus": "http://ostatus.org#", "sensitive": "as:sensitive"}]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account on the server at `base`."""

    base: str
    username: str
    name: str = ""

    @property
    def id(self) -> str:
        """The actor's id."""
        return f"{self.base}/users/{self.username}"

    @property
    def key_id(self) -> str:
        """The id of the actor's key."""
        return f"{self.id}#main-key"


def encode(told: Json) -> bytes:
    """Return the bytes that go over the wire."""
    return msgspec.json.encode(told)


def actor(who: Person, pem: str) -> Json:
    """Return a person's document."""
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": who.id,
        "type": "Person",
        "following": f"{who.id}/following",
        "followers": f"{who.id}/followers",
        "inbox": f"{who.id}/inbox",
        "outbox": f"{who.id}/outbox",
        "preferredUsername": who.username,
        "name": who.name,
        "summary": "",
        "url": f"{who.base}/@{who.username}",
        "manuallyApprovesFollowers": False,
        "publicKey": {"id": who.key_id, "owner": who.id, "publicKeyPem": pem},
        "endpoints": {"sharedInbox": f"{who.base}/inbox"},
    }


def html(text: str, mention: str = "", name: str = "") -> str:
    """Return words as Mastodon writes them, after a mention if one is given."""
    parts = [escape(part, quote=False).replace("\n", "<br />") for part in text.split("\n\n")]
    named = f'<span class="h-card"><a href="{mention}" class="u-url mention">@<span>{name}</span></a></span> '
    parts[0] = (named if mention else "") + parts[0]
    return "".join(f"<p>{part}</p>" for part in parts)


def note(
    who: Person,
    number: int,
    content: str,
    *,
    to: list[str],
    cc: list[str] | None = None,
    reply_to: str | None = None,
    mention: str = "",
    at: float | None = None,
    pictures: tuple[str, ...] = (),
) -> Json:
    """Return somebody's words."""
    address = f"{who.id}/statuses/{number}"
    tags = [{"type": "Mention", "href": mention, "name": "@mayor"}] if mention else []
    return {
        "id": address,
        "type": "Note",
        "summary": None,
        "inReplyTo": reply_to,
        "published": stamp(at),
        "url": f"{who.base}/@{who.username}/{number}",
        "attributedTo": who.id,
        "to": to,
        "cc": cc or [],
        "sensitive": False,
        "conversation": f"tag:{who.base.partition('//')[2]},2026:objectId={number}:objectType=Conversation",
        "content": content,
        "contentMap": {"ru": content},
        "attachment": [
            {"type": "Document", "mediaType": "image/jpeg", "url": url, "name": None, "width": 10, "height": 10}
            for url in pictures
        ],
        "tag": tags,
    }


def create(thing: Json) -> Json:
    """Return the activity that tells somebody's new words."""
    return activity("Create", f"{thing['id']}/activity", thing["attributedTo"], thing, like=thing)


def activity(kind: str, address: str, actor_id: str, thing: Any, *, like: Json | None = None) -> Json:
    """Return an activity, addressed as `like` is."""
    told: Json = {"@context": CONTEXT, "id": address, "type": kind, "actor": actor_id, "object": thing}
    return told | ({"to": like["to"], "cc": like["cc"], "published": like["published"]} if like else {})


def stamp(at: float | None = None) -> str:
    """Return an instant."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() if at is None else at))
