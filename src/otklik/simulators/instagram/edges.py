"""The edges of Meta's Graph API that a connector needs, for one account.

Source: https://developers.facebook.com/docs/instagram-platform/reference
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from otklik.simulators.instagram import publishing
from otklik.simulators.instagram.faults import Refusal
from otklik.simulators.instagram.payloads import Json
from otklik.simulators.instagram.town import Comment, Post, Town

Params = Mapping[str, str]

PUBLISHING = frozenset({"replies", "comments", "messages", "mentions", "media_publish"})
"""Edges that publish when they are posted to."""

LARGEST_PAGE = 50
NEWEST_MESSAGES = 20
_MENTIONED = re.compile(r"mentioned_(comment|media)\.(?:comment|media)_id\((\d+)\)")


def edge_of(method: str, path: str) -> str:
    """Return by which name faults know a call: the edge that is posted to, `insights`, else `read`."""
    edge = path.rpartition("/")[2]
    return edge if method == "POST" or edge == "insights" else "read"


def call(town: Town, method: str, path: str, params: Params) -> Any:
    """Return what a call gives. Raises Refusal."""
    node, _, edge = path.partition("/")
    node = town.account_id if node == "me" else node
    if method == "POST":
        return _do(town, node, edge, params)
    if node == town.account_id:
        return _of_account(town, edge, params)
    if edge in ("replies", "comments"):
        return _comments(town, node, edge, params)
    if node.startswith("conversation_"):
        return _messages(town, node.removeprefix("conversation_"))
    if node in town.containers:
        return publishing.state_of(town, node)
    if node in town.posts and edge == "insights":
        return town.numbers.of_media(node, params)
    if node in town.posts and not edge:
        return _post(town, town.posts[node])
    if node in town.comments:
        return _shown(town, town.comments[node])
    if node in town.people and town.conversations.get(node):
        who = town.people[node]
        return {"name": who.name, "username": who.username, "id": who.id}
    raise Refusal(100, f"Unsupported get request. Object with ID '{node}' does not exist", 33)


def _do(town: Town, node: str, edge: str, params: Params) -> Json:
    match edge:
        case "replies":
            return {"id": town.reply(node, params.get("message", "")).id}
        case "comments":
            return {"id": town.comment_by_api(node, params.get("message", "")).id}
        case "messages":
            return _send(town, params)
        case "media":
            return publishing.prepare(town, params)
        case "media_publish":
            return publishing.publish(town, params)
        case "mentions":
            made = town.comment_by_api(params.get("media_id", ""), params.get("message", ""))
            return {"id": made.id}
        case "subscribed_apps":
            wanted = {name for name in params.get("subscribed_fields", "").split(",") if name}
            if not wanted:
                raise Refusal(100, "Param subscribed_fields must be an array")
            town.deliveries.fields = wanted
            return {"success": True}
        case _:
            raise Refusal(100, "Unsupported post request", 33)


def _send(town: Town, params: Params) -> Json:
    recipient, message = _json(params, "recipient"), _json(params, "message")
    peer, text = str(recipient.get("id", "")), str(message.get("text", ""))
    if "comment_id" in recipient and text:
        sent = town.reply_privately(str(recipient["comment_id"]), text)
        return {"recipient_id": sent.peer, "message_id": sent.mid}
    if not peer or not text:
        raise Refusal(100, "Invalid parameter: recipient or message")
    sent = town.send(peer, text, tag=params.get("tag", ""))
    return {"recipient_id": peer, "message_id": sent.mid}


def _json(params: Params, name: str) -> Json:
    told = json.loads(params.get(name, "{}"))
    return told if isinstance(told, dict) else {}


def _of_account(town: Town, edge: str, params: Params) -> Json:
    if edge == "subscribed_apps":
        on = sorted(town.deliveries.fields)
        return {"data": [{"id": "1", "subscribed_fields": on}] if on else []}
    if edge == "conversations":
        peer = params.get("user_id", "")
        return {"data": [{"id": f"conversation_{peer}"}] if town.conversations.get(peer) else []}
    if edge == "media":
        own = [_post(town, one) for one in town.posts.values() if one.owner == town.account_id]
        return _page_of(own[::-1], params)
    if edge == "insights":
        return town.numbers.of_account(params)
    if edge == "content_publishing_limit":
        return publishing.limit_of(town)
    mentioned = _MENTIONED.search(params.get("fields", ""))
    if mentioned is not None:
        return _mentioned(town, mentioned[1], mentioned[2])
    counted = {name: town.numbers.account[name] for name in ("followers_count",) if name in town.numbers.account}
    return {"id": town.account_id, "user_id": town.account_id, "username": town.username} | counted


def _post(town: Town, post: Post) -> Json:
    link = publishing.permalink_of(post)
    told = {"id": post.id, "caption": post.caption, "timestamp": _iso(post.at), "permalink": link}
    return told | town.numbers.beside_post(post.id)


def _mentioned(town: Town, kind: str, number: str) -> Json:
    if kind == "comment":
        comment = town.comments.get(number)
        if comment is None:
            raise Refusal(100, "Object does not exist", 33)
        shown = _shown(town, comment) | {"username": _name(town, comment.user), "media": {"id": comment.media}}
        return {"mentioned_comment": shown, "id": town.account_id}
    post = town.posts.get(number)
    if post is None:
        raise Refusal(100, "Object does not exist", 33)
    shown = {"id": post.id, "caption": post.caption, "timestamp": _iso(post.at), "username": _name(town, post.owner)}
    return {"mentioned_media": shown, "id": town.account_id}


def _comments(town: Town, node: str, edge: str, params: Params) -> Json:
    if edge == "replies":
        found = [one for one in town.comments.values() if one.parent == node]
    else:
        found = [one for one in town.comments.values() if one.media == node and not one.parent]
    with_replies = "replies" in params.get("fields", "")
    return _page_of([_with_replies(town, one) if with_replies else _shown(town, one) for one in found], params)


def _page_of(found: list[Json], params: Params) -> Json:
    """Return a page behind `after`: the cursor names the last thing that was shown, so it stays in its place."""
    ids = [one["id"] for one in found]
    start = ids.index(params["after"]) + 1 if params.get("after") in ids else 0
    page = found[start : start + min(int(params.get("limit", "25")), LARGEST_PAGE)]
    if start + len(page) >= len(found):
        return {"data": page}
    return {"data": page, "paging": {"cursors": {"after": page[-1]["id"]}, "next": "https://graph.example/next"}}


def _with_replies(town: Town, comment: Comment) -> Json:
    answers = [_shown(town, one) for one in town.comments.values() if one.parent == comment.id]
    return _shown(town, comment) | ({"replies": _page_of(answers, {"limit": str(LARGEST_PAGE)})} if answers else {})


def _shown(town: Town, comment: Comment) -> Json:
    shown: Json = {
        "id": comment.id,
        "text": comment.text,
        "timestamp": _iso(comment.at),
        "from": {"id": comment.user, "username": _name(town, comment.user)},
    }
    if comment.id in town.numbers.comment_likes:
        shown |= {"like_count": town.numbers.comment_likes[comment.id]}
    return shown | ({"parent_id": comment.parent} if comment.parent else {})


def _messages(town: Town, peer: str) -> Json:
    newest = [one for one in reversed(town.conversations.get(peer, [])) if not one.deleted][:NEWEST_MESSAGES]
    data = [
        {
            "id": one.mid,
            "message": one.text,
            "created_time": _iso(one.at),
            "from": {"id": town.account_id if one.ours else peer, "username": _name(town, peer)},
        }
        for one in newest
    ]
    return {"messages": {"data": data}, "id": f"conversation_{peer}"}


def _name(town: Town, user: str) -> str:
    return town.username if user == town.account_id else town.people[user].username


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
