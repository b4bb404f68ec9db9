"""Odnoklassniki: asking for comments, of which no webhook tells: the group's latest topics, then what is under each.

The cursor holds, topic by topic, short digests of what was brought already; a comment whose words changed has another.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from otklik.connectors.base import Malformed
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.ok.account import Account
from otklik.connectors.ok.answers import Comments, Topics
from otklik.connectors.ok.api import Rest
from otklik.connectors.ok.parsing import digest_of
from otklik.connectors.ok.payloads import Comment, Topic, named, read
from otklik.connectors.ok.sending import rest_of

EVERY_S = 60.0
TOPICS = 10
"""How many of the latest topics are looked under: each costs a call."""
COMMENTS = 100
PAGES = 3
REMEMBERED = 300
"""How many comments of a topic the cursor remembers: as many as are read."""

Known = dict[str, list[str]]


def ask(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return new topics and comments, and comments whose words changed. Raises SendFailed, SendUnknown."""
    rest, known = rest_of(account), _known(cursor)
    kept: Known = {}
    hooks: list[Webhook] = []
    listed = rest.call(
        "mediatopic.getTopics", Topics, gid=account.group_id, count=str(TOPICS), filter="GROUP_ACTUAL"
    ).media_topics
    for raw in listed[:TOPICS][::-1]:
        topic = _topic_id(raw)
        if not topic:
            continue
        if topic not in known:
            hooks.append(_webhook("topic", account.group_id, topic, raw, now))
        seen = set(known.get(topic, ()))
        marks = list(known.get(topic, ()))
        for comment in _comments(rest, topic):
            mark = _mark(comment)
            if mark not in seen:
                seen.add(mark)
                marks.append(mark)
                hooks.append(_webhook("comment", account.group_id, topic, comment, now))
        kept[topic] = marks[-REMEMBERED:]
    return Polled(tuple(hooks), msgspec.json.encode(kept).decode())


def _comments(rest: Rest, topic: str) -> list[msgspec.Raw]:
    """Return the comments of a topic, the latest few hundred at most, in the order in which they are told."""
    found: list[msgspec.Raw] = []
    anchor: dict[str, str] = {}
    for _ in range(PAGES):
        page = rest.call(
            "discussions.getComments",
            Comments,
            discussionId=topic,
            discussionType="GROUP_TOPIC",
            count=str(COMMENTS),
            **anchor,
        )
        found += page.comments
        if not page.has_more or not page.anchor:
            break
        anchor = {"anchor": page.anchor}
    return found


def _topic_id(raw: msgspec.Raw) -> str:
    try:
        found = named(read(raw, Topic, "a topic").id, "topic")
    except Malformed:
        return ""
    return found if found.isdigit() else ""


def _mark(raw: msgspec.Raw) -> str:
    try:
        comment = read(raw, Comment, "a comment")
    except Malformed:
        return digest_of(bytes(raw).decode(errors="replace"))
    return digest_of(f"{comment.id}:{comment.text}")


def _webhook(polled: str, group: str, topic: str, raw: msgspec.Raw, now: datetime) -> Webhook:
    kept = {"polled": polled, "group_id": group, "topic_id": topic, "thing": raw}
    return Webhook({"content-type": "application/json"}, msgspec.json.encode(kept), now)


def _known(cursor: str) -> Known:
    try:
        return msgspec.json.decode(cursor, type=Known) if cursor else {}
    except msgspec.DecodeError:
        return {}
