"""ActivityPub: one activity as it came, its few fields that we read, and who may speak of what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from otklik.common.text import storable
from otklik.connectors.activitypub.addresses import is_address, is_everybody, origin_of
from otklik.connectors.base import Malformed, NotAuthentic, body_digest
from otklik.connectors.events import Webhook

_SPEAKS_OF_ITS_OWN = frozenset({"Create", "Update", "Delete"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Activity:
    """One activity. `about`: its object where it is told whole; `about_id`: the object's id in both forms."""

    hook: Webhook
    fields: Json

    @cached_property
    def id(self) -> str:
        """Its own id; empty where it has none, or none that can be one."""
        return _id_of(self.fields.get("id"))

    @cached_property
    def kind(self) -> str:
        """Its type."""
        return _type_of(self.fields)

    @cached_property
    def actor(self) -> str:
        """Who does it."""
        return _id_of(self.fields.get("actor"))

    @cached_property
    def about(self) -> Json:
        """The object, where the activity carries it."""
        told = self.fields.get("object")
        return told if isinstance(told, dict) else {}

    @cached_property
    def about_id(self) -> str:
        """The object's id."""
        return _id_of(self.fields.get("object"))

    @cached_property
    def about_kind(self) -> str:
        """The object's type, where it is told."""
        return _type_of(self.about)

    @property
    def key(self) -> str:
        """Return what names the activity: its id, or a digest of the body where it has none."""
        return f"activity:{self.id}" if 0 < len(self.id) <= 180 else body_digest(self.hook)


def read(hook: Webhook) -> Activity:
    """Return the activity of a body. Raises Malformed if it isn't one."""
    try:
        told = msgspec.json.decode(hook.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"activitypub: not an activity ({type(error).__name__})") from None
    if not isinstance(told, dict) or not isinstance(told.get("type"), str | list):
        raise Malformed("activitypub: not an activity: it has no type")
    return Activity(hook, told)


def check_own(activity: Activity, key_id: str) -> None:
    """Raise NotAuthentic unless the activity, its key and what it creates or changes are of one server.

    Whose the key is, its owner's document says later. An id of another server could keep that one's own activity out.
    """
    actor = activity.actor
    if not actor or not is_address(key_id) or origin_of(key_id) != origin_of(actor):
        raise NotAuthentic("activitypub: the key is of another server than the actor")
    if activity.id and origin_of(activity.id) != origin_of(actor):
        raise NotAuthentic("activitypub: the activity's id is of another server")
    if activity.kind in _SPEAKS_OF_ITS_OWN:
        if activity.about_id and origin_of(activity.about_id) != origin_of(actor):
            raise NotAuthentic("activitypub: it speaks of what is another server's")
        authors = ids_in(activity.about.get("attributedTo"))
        if activity.kind != "Delete" and authors and actor not in authors:
            raise NotAuthentic("activitypub: somebody else's words")
    if activity.kind == "Undo" and activity.about and _id_of(activity.about.get("actor")) not in ("", actor):
        raise NotAuthentic("activitypub: it takes back what somebody else did")


def ids_in(value: object) -> tuple[str, ...]:
    """Return the ids that a field names, which may be one, many, or whole things."""
    return tuple(dict.fromkeys(_ids(value)))


def audience_of(activity: Activity) -> frozenset[str]:
    """Return whom it and its object are addressed to."""
    places = (activity.fields, activity.about)
    return frozenset(one for told in places for name in ("to", "cc") for one in _ids(told.get(name)))


def mentions_in(about: Json) -> frozenset[str]:
    """Return who is named by a Mention."""
    tags = about.get("tag")
    listed = tags if isinstance(tags, list) else [tags]
    return frozenset(
        _id_of(one.get("href")) for one in listed[:200] if isinstance(one, dict) and _type_of(one) == "Mention"
    )


def words_in(value: object) -> str:
    """Return a field's words; anything else than words is none."""
    return value if isinstance(value, str) else ""


def _ids(value: object) -> Iterator[str]:
    listed = value if isinstance(value, list) else [value]
    for one in listed[:500]:
        named = one if isinstance(one, str) and is_everybody(one) else _id_of(one)
        if named:
            yield named


def _id_of(value: object) -> str:
    told = value.get("id") if isinstance(value, dict) else value
    return storable(told) if isinstance(told, str) and is_address(told) else ""


def _type_of(told: Json) -> str:
    kind = told.get("type")
    first = next((one for one in kind if isinstance(one, str)), "") if isinstance(kind, list) else kind
    return storable(first)[:40] if isinstance(first, str) else ""
