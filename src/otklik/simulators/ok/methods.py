"""Odnoklassniki's methods, as far as a connector needs them: the bot's graph, and the signed ones.

Source: https://apiok.ru/dev/graph_api/bot_api, https://apiok.ru/dev/methods/; listing topics and posting comments are
general knowledge.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from otklik.simulators.ok.faults import Refusal
from otklik.simulators.ok.payloads import Json
from otklik.simulators.ok.town import Accepted, Town

Params = Mapping[str, str]
TEXT_LIMIT = 4000
COMMENTS_MOST = 100


def signed(params: Params, token: str, secret: str) -> str:
    """Return the signature that a call should have."""
    inner = hashlib.md5(f"{token}{secret}".encode(), usedforsecurity=False).hexdigest()
    pairs = sorted(
        (name, value) for name, value in params.items() if name not in {"sig", "access_token", "session_key"}
    )
    text = "".join(f"{name}={value}" for name, value in pairs) + inner
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def subscribe(town: Town, body: Json) -> Json:
    """Add an address."""
    url = str(body.get("url", ""))
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Refusal(100, "PARAM : url must be https", status=400)
    if url not in town.deliveries.urls:
        town.deliveries.urls.append(url)
    return {"success": True}


def subscriptions(town: Town) -> Json:
    """Return where messages go."""
    return {"subscriptions": [{"url": url, "time": town.now_ms()} for url in town.deliveries.urls]}


def send_message(town: Town, chat: str, body: Json) -> Json:
    """Write into a conversation that a person has begun."""
    text = (body.get("message") or {}).get("text", "")
    if (body.get("recipient") or {}).get("chat_id") != chat:
        raise Refusal(100, "PARAM : recipient", status=400)
    if chat not in town.people:
        raise Refusal(300, "NOT_FOUND : chat not found", status=404)
    if chat in town.closed_by:
        raise Refusal(455, "MESSAGING_FORBIDDEN : The user doesn't take messages", status=403)
    _check(text)
    mid = f"mid:{chat.removeprefix('chat:')}.{town.next():x}"
    town.accepted.append(Accepted(mid, text, chat))
    return {"success": True, "message_id": mid}


def post(town: Town, params: Params) -> str:
    """Publish a topic in the group; the answer is its id, a bare string."""
    if params.get("type") != "GROUP_THEME" or params.get("gid") != str(town.group.id):
        raise Refusal(100, "PARAM : type or gid")
    try:
        media = json.loads(params.get("attachment", ""))["media"]
        text = "".join(one["text"] for one in media if one["type"] == "text")
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(100, "PARAM : attachment") from error
    _check(text)
    number = town.publish(text)
    town.accepted.append(Accepted(number, text, "group"))
    return number


def topics(town: Town, params: Params) -> Json:
    """Return the group's topics, newest first."""
    if params.get("gid") != str(town.group.id):
        raise Refusal(100, "PARAM : gid")
    return {"media_topics": list(town.topics.values())[::-1][: _count(params)]}


def comments(town: Town, params: Params) -> Json:
    """Return a page of a topic's comments, oldest first; `anchor` asks for the next."""
    there = town.comments.get(params.get("discussionId", ""))
    if there is None or params.get("discussionType") != "GROUP_TOPIC":
        raise Refusal(300, "NOT_FOUND : Discussion not found")
    start = int(params.get("anchor") or 0)
    end = start + _count(params)
    return {"comments": there[start:end], "has_more": end < len(there), "anchor": str(end)}


def add_comment(town: Town, params: Params) -> Json:
    """Comment in the name of the group."""
    if not town.takes_comments:
        raise Refusal(3, "METHOD : Method discussions.addComment not found")
    text = params.get("comment", "")
    _check(text)
    topic, answers = params.get("discussionId", ""), params.get("reply_to_comment_id", "")
    made = town.comment(topic, town.group, text, answers)
    town.accepted.append(Accepted(made["id"], text, topic, answers))
    return {"id": made["id"]}


def counters(town: Town, _: Params) -> Json:
    """Return how many are in the group."""
    return {"counters": {"members": len(town.people)} | town.counters}


def trends(town: Town, params: Params) -> Json:
    """Return how the group's numbers went, by the name of each; general knowledge."""
    if params.get("gid") != str(town.group.id):
        raise Refusal(100, "PARAM : gid")
    day_ms = 86_400_000
    wanted = [name for name in params.get("fields", "").split(",") if name in town.trends]
    points = {name: [{"time": town.now_ms() - day_ms, "value": 1}] for name in wanted}
    return {name: [*points[name], {"time": town.now_ms(), "value": town.trends[name]}] for name in wanted}


def topics_by_ids(town: Town, params: Params) -> Json:
    """Return topics that are named; what they are told to have is general knowledge."""
    wanted = params.get("topic_ids", "").split(",")
    return {"media_topics": [town.topics[one] | town.summaries.get(one, {}) for one in wanted if one in town.topics]}


def _check(text: str) -> None:
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise Refusal(100, "PARAM : text")


def _count(params: Params) -> int:
    return min(int(params.get("count") or 20), COMMENTS_MOST)


REST: dict[str, Callable[[Town, Params], Any]] = {
    "mediatopic.post": post,
    "mediatopic.getTopics": topics,
    "discussions.getComments": comments,
    "discussions.addComment": add_comment,
    "group.getCounters": counters,
    "group.getStatTrends": trends,
    "mediatopic.getByIds": topics_by_ids,
}
PUBLISHING = frozenset({"mediatopic.post", "discussions.addComment"})
