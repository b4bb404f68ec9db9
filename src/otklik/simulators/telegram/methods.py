"""The Bot API's methods, over a simulator's state. Refusals use the words of the real thing.

Source: https://core.telegram.org/bots/api#available-methods; the wording of refusals is general knowledge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from otklik.simulators.multipart import File, is_jpeg
from otklik.simulators.telegram.faults import ApiError
from otklik.simulators.telegram.payloads import Json
from otklik.simulators.telegram.town import Accepted, Town

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
LARGEST_PHOTO = 10_000_000
MOST_IN_GROUP = 10
DELETABLE_S = 48 * 3600
SECRET_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")

ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_post_messages", "can_edit_messages", "can_send_welcome_messages",
)  # fmt: skip


def get_me(town: Town, _: Json) -> Json:
    """Return the bot itself."""
    return town.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_webhook(town: Town, parameters: Json) -> bool:
    """Set where updates go. Plain http is taken for loopback only, where the real thing insists on https."""
    url, secret = str(parameters.get("url", "")), str(parameters.get("secret_token", ""))
    address = urlsplit(url)
    is_loopback = address.scheme == "http" and address.hostname in {"127.0.0.1", "localhost", "::1"}
    if url and address.scheme != "https" and not is_loopback:
        raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256 or not set(secret) <= SECRET_ALPHABET:
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    allowed = _maybe_json(parameters.get("allowed_updates"))
    deliveries = town.deliveries
    deliveries.url, deliveries.secret = url, secret
    deliveries.max_connections = int(parameters.get("max_connections") or 40)
    if allowed is not None:
        deliveries.allowed = tuple(allowed)
    if parameters.get("drop_pending_updates"):
        deliveries.pending.clear()
    return True


def delete_webhook(town: Town, parameters: Json) -> bool:
    """Forget where updates go; they wait for getUpdates."""
    return set_webhook(town, {"drop_pending_updates": parameters.get("drop_pending_updates")})


def get_webhook_info(town: Town, _: Json) -> Json:
    """Return where updates go and how that fares."""
    return town.deliveries.describe()


def get_updates(town: Town, parameters: Json) -> list[Json]:
    """Return updates from `offset` on and forget the earlier ones. Answers at once, also when asked to wait."""
    if town.deliveries.url:
        raise ApiError(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
        )
    offset, limit = int(parameters.get("offset") or 0), int(parameters.get("limit") or 100)
    pending = town.deliveries.pending
    while pending and pending[0].update["update_id"] < offset:
        pending.popleft()
    return [one.update for one in list(pending)[:limit]]


def get_chat(town: Town, parameters: Json) -> Json:
    """Return a ChatFullInfo; the channel and its group name each other."""
    found = town.chat(_chat_id(parameters))
    linked = {town.channel["id"]: town.group["id"], town.group["id"]: town.channel["id"]}.get(found["id"])
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = found | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return full | ({"linked_chat_id": linked} if linked else {})


def get_chat_member(town: Town, parameters: Json) -> Json:
    """Return what somebody is in a chat: the bot an administrator unless taken out of `town.bot_is_admin_in`."""
    where, user_id = town.chat(_chat_id(parameters)), int(parameters.get("user_id") or 0)
    if user_id == town.bot["id"]:
        if where["id"] not in town.bot_is_admin_in:
            return {"user": town.bot, "status": "left"}
        rights = dict.fromkeys(ADMIN_RIGHTS, True)
        return {"user": town.bot, "status": "administrator", "can_be_edited": False, "is_anonymous": False, **rights}
    if user_id not in town.people:
        raise ApiError(400, "Bad Request: user not found")
    return {"user": town.people[user_id], "status": "member"}


def get_chat_member_count(town: Town, parameters: Json) -> int:
    """Return how many are in a chat: the people known, and the bot, unless the town says otherwise."""
    town.chat(_chat_id(parameters))
    return len(town.people) + 1 if town.member_count is None else town.member_count


def send_message(town: Town, parameters: Json) -> Json:
    """Publish a text."""
    text = str(parameters.get("text", "")).strip()
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text) > TEXT_LIMIT:
        raise ApiError(400, "Bad Request: message is too long")
    return _publish(town, parameters, "sendMessage", text=text)


def send_photo(town: Town, parameters: Json) -> Json:
    """Publish a photo: the file itself, or the file_id of one that Telegram has."""
    file_id = _photo_id(town, parameters.get("photo", ""))
    caption = _caption(parameters.get("caption"))
    photos = (town.files[file_id],)
    return _publish(town, parameters, "sendPhoto", photos, caption=caption, photo=town.photo(file_id))


def send_media_group(town: Town, parameters: Json) -> list[Json]:
    """Publish an album of 2 to 10 photos: a message for each, known by the same media_group_id."""
    media = _maybe_json(parameters.get("media"))
    if not isinstance(media, list) or not 2 <= len(media) <= MOST_IN_GROUP:
        raise ApiError(400, "Bad Request: wrong number of messages in the album, expected 2-10")
    found: list[tuple[str | None, str]] = []
    for one in media:
        if one.get("type") != "photo":
            raise ApiError(400, "Bad Request: only photos are understood here")
        name = str(one.get("media", ""))
        held = parameters.get(name.removeprefix("attach://")) if name.startswith("attach://") else name
        found.append((_caption(one.get("caption")), _photo_id(town, held)))
    group = f"{len(town.accepted) + 1:017d}"
    sent = []
    photos = tuple(town.files[file_id] for _, file_id in found)
    for number, (caption, file_id) in enumerate(found):
        content = {"caption": caption, "photo": town.photo(file_id), "media_group_id": group}
        sent.append(_publish(town, parameters, "sendMediaGroup", photos, is_counted=number == 0, **content))
    return sent


def _photo_id(town: Town, held: Any) -> str:
    if isinstance(held, File):
        if not is_jpeg(held.content):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if len(held.content) > LARGEST_PHOTO:
            raise ApiError(413, "Request Entity Too Large")
        return town.keep(held.content)
    if held not in town.files:
        raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
    return str(held)


def _caption(said: Any) -> str | None:
    caption = str(said or "").strip()
    if len(caption.encode("utf-16-le")) // 2 > CAPTION_LIMIT:
        raise ApiError(400, "Bad Request: message caption is too long")
    return caption or None


def edit_message_text(town: Town, parameters: Json) -> Json:
    """Change a message of the bot's own."""
    found = _own(town, parameters, "edited")
    text = str(parameters.get("text", "")).strip()
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    return _edited(town, found, "editMessageText", "text", text)


def edit_message_caption(town: Town, parameters: Json) -> Json:
    """Change the words beside the photos of the bot's own message; the photos stay."""
    found = _own(town, parameters, "edited")
    if "photo" not in found:
        raise ApiError(400, "Bad Request: there is no caption in the message to edit")
    return _edited(town, found, "editMessageCaption", "caption", _caption(parameters.get("caption")) or "")


def _edited(town: Town, found: Json, method: str, name: str, words: str) -> Json:
    if words == (found.get(name) or ""):
        raise ApiError(400, "Bad Request: message is not modified")
    found |= {name: words, "edit_date": town.now()}
    town.accepted.append(Accepted(method, found["chat"]["id"], found["message_id"], words))
    return found


def delete_message(town: Town, parameters: Json) -> bool:
    """Delete a message; an administrator may delete anybody's, without that right for two days only. Nobody is told:
    there is no such update."""
    key = (_chat_id(parameters), int(parameters.get("message_id") or 0))
    if key not in town.messages:
        raise ApiError(400, "Bad Request: message to delete not found")
    if not town.may_delete and town.messages[key]["date"] < town.now() - DELETABLE_S:
        raise ApiError(400, "Bad Request: message can't be deleted")
    del town.messages[key]
    return True


def get_file(town: Town, parameters: Json) -> Json:
    """Return where a file can be fetched: /file/bot<token>/<file_path>."""
    file_id = str(parameters.get("file_id", ""))
    if file_id not in town.files:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(town.files[file_id])
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size, "file_path": f"photos/{file_id}"}


def _publish(
    town: Town,
    parameters: Json,
    method: str,
    photos: tuple[bytes, ...] = (),
    *,
    is_counted: bool = True,
    **content: Any,
) -> Json:
    where = town.chat(_chat_id(parameters))
    if where["type"] == "private":
        _check_may_write(town, where["id"])
    elif where["id"] not in town.bot_is_admin_in:
        kind = "channel" if where["type"] == "channel" else "supergroup"
        raise ApiError(403, f"Forbidden: bot is not a member of the {kind} chat")
    answered = _answered(town, where["id"], _maybe_json(parameters.get("reply_parameters")) or {})
    sent = town.bot_says(where, answered, **content)
    said = str(content.get("text") or content.get("caption") or "")
    if is_counted:
        answers = answered["message_id"] if answered else None
        town.accepted.append(Accepted(method, where["id"], sent["message_id"], said, answers, photos))
    return sent


def _check_may_write(town: Town, user_id: int) -> None:
    if user_id in town.blocked_by:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if user_id not in town.opened_by:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")


def _answered(town: Town, chat_id: int, reply: Json) -> Json | None:
    if "message_id" not in reply:
        return None
    found = town.messages.get((chat_id, int(reply["message_id"])))
    if found is None and not reply.get("allow_sending_without_reply"):
        raise ApiError(400, "Bad Request: message to be replied not found")
    return found


def _own(town: Town, parameters: Json, what: str) -> Json:
    found = town.messages.get((_chat_id(parameters), int(parameters.get("message_id") or 0)))
    if found is None:
        raise ApiError(400, "Bad Request: message to edit not found")
    by_bot = found.get("from", {}).get("id") == town.bot["id"] or found["chat"]["id"] == town.channel["id"]
    if not by_bot:
        raise ApiError(400, f"Bad Request: message can't be {what}")
    return found


def _chat_id(parameters: Json) -> int:
    try:
        return int(parameters.get("chat_id", ""))
    except ValueError as error:
        raise ApiError(400, "Bad Request: chat not found") from error


def _maybe_json(value: Any) -> Any:
    """Objects come as JSON inside a form, and as they are inside JSON."""
    return msgspec.json.decode(value) if isinstance(value, str) else value


METHODS: dict[str, Callable[[Town, Json], Any]] = {
    "getme": get_me,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "getupdates": get_updates,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatmembercount": get_chat_member_count,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "sendmediagroup": send_media_group,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "deletemessage": delete_message,
    "getfile": get_file,
}
"""By lower-case name: the Bot API doesn't mind the case."""
