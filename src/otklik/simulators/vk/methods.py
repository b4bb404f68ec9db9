"""VK's methods, as far as a connector needs them. Source: the API's schema, version 5.199."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from otklik.simulators.vk.delivery import Server
from otklik.simulators.vk.faults import Refusal
from otklik.simulators.vk.photos import MOST_IN_COMMENT, MOST_IN_MESSAGE, MOST_IN_POST
from otklik.simulators.vk.statistics import MOST_POSTS
from otklik.simulators.vk.town import Comment, Post, Town

Params = Mapping[str, str]

PUBLISHING = frozenset({"wall.post", "wall.createComment", "messages.send"})
EDITING = frozenset({"wall.edit", "wall.editComment", "messages.edit"})
DELETING = frozenset({"wall.delete"})
LONG_POLL = "/longpoll"
"""Where a bot asks for events, below the simulator's own address."""
PERSONS_ONLY = frozenset(
    {"stats.get", "stats.getPostReach"}
    | {"wall.post", "wall.get", "wall.getById", "wall.getComment", "wall.getComments", "wall.edit"}
    | {"wall.editComment", "wall.delete"}
    | {"photos.getWallUploadServer", "photos.saveWallPhoto"}
)
"""What VK's schema opens to a person's token (or a service key), not to a community's."""

EVENTS = (
    "audio_new", "board_post_delete", "board_post_edit", "board_post_new", "board_post_restore", "group_change_photo",
    "group_change_settings", "group_join", "group_leave", "group_officers_edit", "lead_forms_new",
    "market_comment_delete", "market_comment_edit", "market_comment_new", "market_comment_restore",
    "market_order_new", "market_order_edit", "message_allow", "message_deny", "message_new", "message_read",
    "message_reply", "message_typing_state", "message_edit", "photo_comment_delete", "photo_comment_edit",
    "photo_comment_new", "photo_comment_restore", "photo_new", "poll_vote_new", "user_block", "user_unblock",
    "video_comment_delete", "video_comment_edit", "video_comment_new", "video_comment_restore", "video_new",
    "message_reaction_event", "wall_post_new", "wall_reply_delete", "wall_reply_edit", "wall_reply_new",
    "wall_reply_restore", "wall_repost", "wall_schedule_post_new", "wall_schedule_post_delete",
    "donut_subscription_create", "donut_subscription_prolonged", "donut_subscription_cancelled",
    "donut_subscription_expired", "donut_subscription_price_changed", "donut_money_withdraw",
    "donut_money_withdraw_error",
)  # fmt: skip
"""The events that VK shows among a server's settings; the likes can be switched on all the same."""


def call(town: Town, method: str, params: Params) -> Any:
    """Return what a method gives. Raises Refusal."""
    does = METHODS.get(method)
    if does is None:
        raise Refusal(3, "Unknown method passed")
    return does(town, params)


def _number(params: Params, name: str, default: int | None = None) -> int:
    value = params.get(name, "")
    if not value and default is not None:
        return default
    try:
        return int(value)
    except ValueError:
        raise Refusal(100, f"One of the parameters specified was missing or invalid: {name} is invalid") from None


def _own_wall(town: Town, params: Params) -> None:
    if _number(params, "owner_id") != town.owner_id:
        raise Refusal(15, "Access denied: the wall is another's")


def _own_group(town: Town, params: Params) -> None:
    if _number(params, "group_id", town.group_id) != town.group_id:
        raise Refusal(15, "Access denied: group admin rights required")


def _groups_get_by_id(town: Town, params: Params) -> Any:
    wanted = params.get("group_id") or params.get("group_ids") or str(town.group_id)
    known = wanted == str(town.group_id)
    about: dict[str, Any] = {"id": town.group_id, "name": town.name, "screen_name": f"club{town.group_id}"}
    if "members_count" in params.get("fields", "") and "members" in town.numbers.account:
        about |= {"members_count": town.numbers.account["members"]}
    return {"groups": [{**about, "is_closed": 0, "type": "page"}] if known else [], "profiles": []}


def _groups_get_token_permissions(_: Town, __: Params) -> Any:
    rights = (("photos", 4), ("messages", 4096), ("wall", 8192), ("manage", 262144))
    mask = sum(setting for _name, setting in rights)
    return {"mask": mask, "permissions": [{"name": name, "setting": setting} for name, setting in rights]}


def _groups_get_callback_confirmation_code(town: Town, params: Params) -> Any:
    _own_group(town, params)
    return {"code": town.deliveries.code}


def _groups_get_callback_servers(town: Town, params: Params) -> Any:
    _own_group(town, params)
    items = [
        {
            "id": server.id,
            "title": server.title,
            "creator_id": 1,
            "url": server.url,
            "secret_key": server.secret,
            "status": server.status,
        }
        for server in town.deliveries.servers.values()
    ]
    return {"count": len(items), "items": items}


def _described(params: Params) -> tuple[str, str, str]:
    title, url, secret = (params.get(name, "") for name in ("title", "url", "secret_key"))
    if not 0 < len(title) <= 14 or not url.startswith(("http://", "https://")) or len(secret) > 50:
        raise Refusal(100, "One of the parameters specified was missing or invalid: title, url or secret_key")
    return title, url, secret


def _server(town: Town, params: Params) -> Server:
    _own_group(town, params)
    server = town.deliveries.servers.get(_number(params, "server_id"))
    if server is None:
        raise Refusal(100, "One of the parameters specified was missing or invalid: server_id not found")
    return server


def _groups_add_callback_server(town: Town, params: Params) -> Any:
    _own_group(town, params)
    return {"server_id": town.add_server(*_described(params)).id}


def _groups_edit_callback_server(town: Town, params: Params) -> Any:
    server = _server(town, params)
    server.title, server.url, server.secret = _described(params)
    server.status, server.failures = "wait", 0
    return 1


def _groups_set_callback_settings(town: Town, params: Params) -> Any:
    server = _server(town, params)
    for name in params.keys() - {"group_id", "server_id", "api_version", "v"}:
        if params[name] == "1":
            server.events.add(name)
        else:
            server.events.discard(name)
    return 1


def _groups_get_callback_settings(town: Town, params: Params) -> Any:
    server = _server(town, params)
    return {"api_version": "5.199", "events": {name: int(name in server.events) for name in EVENTS}}


def _groups_delete_callback_server(town: Town, params: Params) -> Any:
    server = _server(town, params)
    del town.deliveries.servers[server.id]
    return 1


def _groups_get_long_poll_server(town: Town, params: Params) -> Any:
    _own_group(town, params)
    poll = town.deliveries.long_poll
    if not poll.enabled:
        raise Refusal(100, "One of the parameters specified was missing or invalid: longpoll is not enabled")
    return {"key": poll.key, "server": f"{town.base_url}{LONG_POLL}", "ts": str(len(poll.kept) + 1)}


def _groups_set_long_poll_settings(town: Town, params: Params) -> Any:
    _own_group(town, params)
    poll = town.deliveries.long_poll
    poll.enabled = params.get("enabled", "1" if poll.enabled else "0") == "1"
    for name in params.keys() - {"group_id", "enabled", "api_version", "v"}:
        (poll.events.add if params[name] == "1" else poll.events.discard)(name)
    return 1


def _groups_get_long_poll_settings(town: Town, params: Params) -> Any:
    _own_group(town, params)
    poll = town.deliveries.long_poll
    events = {name: int(name in poll.events) for name in EVENTS}
    return {"api_version": "5.199", "is_enabled": poll.enabled, "events": events}


def _wall_post(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    photos = town.album.named(params.get("attachments", ""), most=MOST_IN_POST)
    if not params.get("message") and not photos:
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    text, guid = params.get("message", ""), params.get("guid", "")
    made = town.publish(text, town.owner_id, guid, by_api=True, photos=photos)
    return {"post_id": made.id}


def _wall_create_comment(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    photos = town.album.named(params.get("attachments", ""), most=MOST_IN_COMMENT)
    if not params.get("message") and not photos:
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    made = town.comment(
        _number(params, "post_id"),
        town.owner_id,
        params.get("message", ""),
        _number(params, "reply_to_comment", 0) or None,
        params.get("guid", ""),
        by_api=True,
        photos=photos,
    )
    return {"comment_id": made.id, "parents_stack": [] if made.top is None else [made.top]}


def _wall_edit(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    found = town.posts.get(_number(params, "post_id"))
    if found is None:
        raise Refusal(100, "One of the parameters specified was missing or invalid: post_id not found")
    if found.from_id != town.owner_id:
        raise Refusal(15, "Access denied: the post is another's")
    if not params.get("message"):
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    found.text = params["message"]
    found.photos = town.album.named(params.get("attachments", ""), most=MOST_IN_POST)
    return {"post_id": found.id}


def _wall_delete(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    if town.posts.pop(_number(params, "post_id"), None) is None:
        raise Refusal(104, "Not found")
    return 1


def _wall_edit_comment(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    found = town.comments.get(_number(params, "comment_id"))
    if found is None or found.deleted:
        raise Refusal(100, "One of the parameters specified was missing or invalid: comment_id not found")
    if found.from_id != town.owner_id:
        raise Refusal(15, "Access denied: the comment is another's")
    if not params.get("message"):
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    town.edit_comment(found.id, params["message"])
    return 1


def _wall_get(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    newest = sorted(town.posts.values(), key=lambda post: post.id, reverse=True)
    start = _number(params, "offset", 0)
    page = newest[start : start + min(_number(params, "count", 20), 100)]
    return {"count": len(newest), "items": [_with_numbers(town, post) for post in page]}


def _wall_get_by_id(town: Town, params: Params) -> Any:
    wanted = params.get("posts", "").split(",")
    posts = town.posts.values()
    return {"items": [_with_numbers(town, p) for p in posts if f"{town.owner_id}_{p.id}" in wanted]}


def _with_numbers(town: Town, post: Post) -> dict[str, Any]:
    there = sum(one.post_id == post.id and not one.deleted for one in town.comments.values())
    return town.numbers.with_numbers(post.id, town.describe_post(post) | {"comments": {"count": there}})


def _stats_get(town: Town, params: Params) -> Any:
    _own_group(town, params)
    if params.get("interval") not in {"day", "week", "month", "year", "all"}:
        raise Refusal(100, "One of the parameters specified was missing or invalid: interval")
    return [town.numbers.period()]


def _stats_get_post_reach(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    wanted = [int(one) for one in params.get("post_ids", "").split(",") if one]
    if not 0 < len(wanted) <= MOST_POSTS:
        raise Refusal(100, "One of the parameters specified was missing or invalid: post_ids")
    return town.numbers.reach_of(wanted)


def _wall_get_comment(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    found = town.comments.get(_number(params, "comment_id"))
    if found is None or found.deleted:
        raise Refusal(100, "One of the parameters specified was missing or invalid: comment_id not found")
    return {"items": [town.describe_comment(found)]}


def _wall_get_comments(town: Town, params: Params) -> Any:
    _own_wall(town, params)
    post_id, top = _number(params, "post_id"), _number(params, "comment_id", 0) or None
    if post_id not in town.posts:
        raise Refusal(212, "Access to post comments denied")
    under = [one for one in town.comments.values() if one.post_id == post_id and not one.deleted]
    level: list[Comment] = [one for one in under if one.top == top]
    level.sort(key=lambda comment: comment.id, reverse=params.get("sort") == "desc")
    start = _number(params, "offset", 0)
    page = level[start : start + min(_number(params, "count", 10), 100)]
    return {
        "count": len(under),
        "current_level_count": len(level),
        "items": [_with_thread(town, one, under, params) for one in page],
        "can_post": True,
        "show_reply_button": True,
        "groups_can_post": True,
    }


def _with_thread(town: Town, comment: Comment, under: list[Comment], params: Params) -> Any:
    """Return a comment with as many of its answers beside it as were asked for, oldest first; none where it is one."""
    shown, with_likes = _number(params, "thread_items_count", 0), params.get("need_likes") == "1"

    def described(one: Comment) -> dict[str, Any]:
        return town.describe_comment(one) | (town.numbers.beside_comment(one.id) if with_likes else {})

    told = described(comment)
    if comment.top is not None:
        return told
    answers = sorted((one for one in under if one.top == comment.id), key=lambda one: one.id)
    items = [described(one) for one in answers[: min(shown, 10)]]
    return told | {"thread": {"count": len(answers), "items": items, "can_post": True}}


def _messages_send(town: Town, params: Params) -> Any:
    if "random_id" not in params:
        raise Refusal(100, "One of the parameters specified was missing or invalid: random_id is a required parameter")
    photos = town.album.named(params.get("attachment", ""), most=MOST_IN_MESSAGE)
    if not params.get("message") and not photos:
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    if forward := params.get("forward"):
        _check_forward(town, forward)
    random_id, text = _number(params, "random_id"), params.get("message", "")
    if "peer_ids" not in params:
        return town.answer(_number(params, "peer_id"), text, random_id, photos=photos).id
    peers = [_number({"peer_ids": peer}, "peer_ids") for peer in params["peer_ids"].split(",")]
    return [_sent(town, peer, text, random_id, photos) for peer in peers]


def _sent(town: Town, peer: int, text: str, random_id: int, photos: tuple[bytes, ...]) -> Any:
    try:
        message = town.answer(peer, text, random_id, photos=photos)
    except Refusal as refusal:
        error = {"code": refusal.code, "description": refusal.words}
        return {"peer_id": peer, "message_id": 0, "conversation_message_id": 0, "error": error}
    return {"peer_id": peer, "message_id": message.id, "conversation_message_id": message.number}


def _check_forward(town: Town, forward: str) -> None:
    asked = json.loads(forward)
    there = {message.number for message in town.conversations.get(asked["peer_id"], [])}
    if not asked.get("is_reply") or not set(asked["conversation_message_ids"]) <= there:
        raise Refusal(100, "One of the parameters specified was missing or invalid: forward")


def _messages_get_history(town: Town, params: Params) -> Any:
    newest = town.conversations.get(_number(params, "peer_id"), [])[::-1]
    start = _number(params, "offset", 0)
    page = newest[start : start + min(_number(params, "count", 20), 200)]
    return {"count": len(newest), "items": [town.describe_message(message) for message in page]}


def _messages_edit(town: Town, params: Params) -> Any:
    if not params.get("message"):
        raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
    town.edit_message(_number(params, "peer_id"), _number(params, "cmid"), params["message"])
    return 1


def _messages_get_by_conversation_message_id(town: Town, params: Params) -> Any:
    wanted = {int(one) for one in params.get("conversation_message_ids", "").split(",") if one.isdigit()}
    said = town.conversations.get(_number(params, "peer_id"), [])
    found = [town.describe_message(message) for message in said if message.number in wanted]
    return {"count": len(found), "items": found}


def _photos_get_wall_upload_server(town: Town, params: Params) -> Any:
    _own_group(town, params)
    return {"upload_url": f"{town.base_url}/upload/wall", "album_id": -14, "user_id": 1}


def _photos_get_messages_upload_server(town: Town, params: Params) -> Any:
    if _number(params, "peer_id", 0) not in town.conversations:
        raise Refusal(901, "Can't send messages for users without permission")
    return {"upload_url": f"{town.base_url}/upload/messages", "album_id": -64, "group_id": town.group_id}


def _photos_save_wall_photo(town: Town, params: Params) -> Any:
    _own_group(town, params)
    return town.album.save("wall", params)


def _photos_save_messages_photo(town: Town, params: Params) -> Any:
    return town.album.save("messages", params)


def _users_get(town: Town, params: Params) -> Any:
    wanted = [one for one in params.get("user_ids", "").split(",") if one] or ["1"]
    if len(wanted) > 1000:
        raise Refusal(100, "One of the parameters specified was missing or invalid: user_ids is too long")
    people = (town.people.get(int(one)) for one in wanted)
    return [
        {
            "id": person.id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "screen_name": f"id{person.id}",
            "can_access_closed": True,
            "is_closed": False,
        }
        for person in people
        if person is not None
    ]


METHODS: Mapping[str, Callable[[Town, Params], Any]] = {
    "groups.getById": _groups_get_by_id,
    "groups.getTokenPermissions": _groups_get_token_permissions,
    "groups.getCallbackConfirmationCode": _groups_get_callback_confirmation_code,
    "groups.getCallbackServers": _groups_get_callback_servers,
    "groups.addCallbackServer": _groups_add_callback_server,
    "groups.deleteCallbackServer": _groups_delete_callback_server,
    "groups.getLongPollServer": _groups_get_long_poll_server,
    "groups.setLongPollSettings": _groups_set_long_poll_settings,
    "groups.getLongPollSettings": _groups_get_long_poll_settings,
    "groups.editCallbackServer": _groups_edit_callback_server,
    "groups.setCallbackSettings": _groups_set_callback_settings,
    "groups.getCallbackSettings": _groups_get_callback_settings,
    "wall.post": _wall_post,
    "wall.createComment": _wall_create_comment,
    "wall.edit": _wall_edit,
    "wall.delete": _wall_delete,
    "wall.editComment": _wall_edit_comment,
    "wall.get": _wall_get,
    "wall.getById": _wall_get_by_id,
    "wall.getComment": _wall_get_comment,
    "wall.getComments": _wall_get_comments,
    "messages.send": _messages_send,
    "messages.edit": _messages_edit,
    "messages.getByConversationMessageId": _messages_get_by_conversation_message_id,
    "messages.getHistory": _messages_get_history,
    "photos.getWallUploadServer": _photos_get_wall_upload_server,
    "photos.getMessagesUploadServer": _photos_get_messages_upload_server,
    "photos.saveWallPhoto": _photos_save_wall_photo,
    "photos.saveMessagesPhoto": _photos_save_messages_photo,
    "users.get": _users_get,
    "stats.get": _stats_get,
    "stats.getPostReach": _stats_get_post_reach,
}
