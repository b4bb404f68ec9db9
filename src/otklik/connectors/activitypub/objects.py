"""ActivityPub: what we say of ourselves, in ActivityStreams' words.

Sources: https://www.w3.org/TR/activitypub/, https://www.w3.org/TR/activitystreams-vocabulary/,
https://docs.joinmastodon.org/spec/activitypub/ (what Mastodon reads of an actor and a note).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from otklik.connectors.activitypub.addresses import PUBLIC, Home, digest_of

Json = dict[str, Any]
CONTENT_TYPE = "application/activity+json"
CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {"Hashtag": "as:Hashtag", "sensitive": "as:sensitive", "manuallyApprovesFollowers": "as:manuallyApprovesFollowers"},
]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a post: its public address, and in words what it shows."""

    url: str
    mime: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Words of ours. `mentions`: who is named, by address and handle; `hashtags`: by word and address."""

    id: str
    url: str
    html: str
    published: datetime
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    updated: datetime | None = None
    in_reply_to: str = ""
    mentions: tuple[tuple[str, str], ...] = ()
    hashtags: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the actor is, in words."""

    name: str
    summary: str
    public_key: str
    icon: str = ""
    is_person: bool = True


def actor(home: Home, persona: Persona) -> Json:
    """Return the actor's document."""
    told: Json = {
        "@context": CONTEXT,
        "id": home.actor,
        "type": "Person" if persona.is_person else "Organization",
        "preferredUsername": home.username,
        "name": persona.name,
        "summary": persona.summary,
        "url": f"{home.site}/",
        "inbox": home.inbox,
        "outbox": home.outbox,
        "followers": home.followers,
        "following": f"{home.actor}/following",
        "endpoints": {"sharedInbox": home.inbox},
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "publicKey": {"id": home.key_id, "owner": home.actor, "publicKeyPem": persona.public_key},
    }
    if persona.icon:
        told["icon"] = {"type": "Image", "mediaType": "image/png", "url": persona.icon}
    return told


def webfinger(home: Home) -> Json:
    """Return what people's servers find the actor by (RFC 7033)."""
    return {
        "subject": f"acct:{home.handle}",
        "aliases": [home.actor, f"{home.site}/"],
        "links": [
            {"rel": "self", "type": CONTENT_TYPE, "href": home.actor},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": f"{home.site}/"},
        ],
    }


def note(home: Home, said: Note) -> Json:
    """Return a note as it stands at its address."""
    told: Json = {
        "id": said.id,
        "type": "Note",
        "attributedTo": home.actor,
        "content": said.html,
        "contentMap": {said.language: said.html},
        "url": said.url,
        "published": _stamp(said.published),
        "to": list(said.to),
        "cc": list(said.cc),
        "sensitive": False,
        "tag": [
            *({"type": "Mention", "href": address, "name": f"@{handle}"} for address, handle in said.mentions),
            *({"type": "Hashtag", "href": address, "name": f"#{word}"} for word, address in said.hashtags),
        ],
        "attachment": [_picture(one) for one in said.pictures],
    }
    if said.in_reply_to:
        told["inReplyTo"] = said.in_reply_to
    if said.updated is not None:
        told["updated"] = _stamp(said.updated)
    return told


def create(home: Home, thing: Json) -> Json:
    """Return the activity that brings a note to others; its id is the note's, so a repeat is known as one."""
    return _activity(home, "Create", f"{thing['id']}#create", thing, to=thing["to"], cc=thing["cc"]) | {
        "published": thing["published"]
    }


def update(home: Home, thing: Json) -> Json:
    """Return the activity that gives a note other words."""
    stamp = str(thing.get("updated", thing["published"]))
    return _activity(home, "Update", f"{thing['id']}#update-{digest_of(stamp)}", thing, to=thing["to"], cc=thing["cc"])


def delete(home: Home, address: str) -> Json:
    """Return the activity that takes a note back, wherever it went."""
    thing = {"id": address, "type": "Tombstone"}
    return _activity(home, "Delete", f"{address}#delete", thing, to=[PUBLIC], cc=[home.followers])


def update_actor(home: Home, document: Json) -> Json:
    """Return the activity that tells a changed actor, such as a new key."""
    thing = {name: value for name, value in document.items() if name != "@context"}
    stamp = digest_of(str(document["publicKey"]))
    return _activity(home, "Update", f"{home.actor}#update-{stamp}", thing, to=[PUBLIC], cc=[home.followers])


def accept(home: Home, *, follower: str, request: str) -> Json:
    """Return the activity that lets somebody follow us."""
    wanted = {"id": request, "type": "Follow", "actor": follower, "object": home.actor}
    return _activity(
        home, "Accept", f"{home.actor}#accept-{digest_of(follower + request)}", wanted, to=[follower], cc=[]
    )


def collection(address: str, total: int, first: str) -> Json:
    """Return a collection that is read by pages; without a page where only the count is told."""
    told: Json = {"@context": CONTEXT, "id": address, "type": "OrderedCollection", "totalItems": total}
    return told | ({"first": first} if first else {})


def collection_page(address: str, part_of: str, items: Sequence[Json], following: str) -> Json:
    """Return one page of a collection."""
    told: Json = {
        "@context": CONTEXT,
        "id": address,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": list(items),
    }
    return told | ({"next": following} if following else {})


def _activity(home: Home, kind: str, address: str, thing: Json, *, to: list[str], cc: list[str]) -> Json:
    return {
        "@context": CONTEXT,
        "id": address,
        "type": kind,
        "actor": home.actor,
        "to": to,
        "cc": cc,
        "object": thing,
    }


def _picture(one: Picture) -> Json:
    told: Json = {"type": "Image", "mediaType": one.mime, "url": one.url, "name": one.alt}
    return told | ({"width": one.width, "height": one.height} if one.width and one.height else {})


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
