"""Odnoklassniki: what the methods return, as far as we read it."""

from __future__ import annotations

import msgspec


class SentMessage(msgspec.Struct):
    """graph …/messages."""

    message_id: str | None = None
    mid: str | None = None
    success: bool | None = None


class Done(msgspec.Struct):
    """graph me/subscribe."""

    success: bool = True


class Subscription(msgspec.Struct):
    """One address that Odnoklassniki delivers to."""

    url: str = ""


class Subscriptions(msgspec.Struct):
    """graph me/subscriptions."""

    subscriptions: list[Subscription] = []


class Topics(msgspec.Struct):
    """mediatopic.getTopics, newest first."""

    media_topics: list[msgspec.Raw] = []


class Comments(msgspec.Struct):
    """discussions.getComments."""

    comments: list[msgspec.Raw] = []
    anchor: str | None = None
    has_more: bool = False


class AddedComment(msgspec.Struct):
    """discussions.addComment."""

    id: str | int | None = None
    comment_id: str | int | None = None


class Counters(msgspec.Struct):
    """group.getCounters."""

    counters: dict[str, int] = {}
