"""The parts of Telegram's updates that we read, as its reference names them.

Source: https://core.telegram.org/bots/api#update. Only what we use is declared, so that a change elsewhere in a
message can't make it unreadable; fields of messages that are not content are looked up by their names.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""Telegram's ids have at most 52 significant bits; a longer number is damage, and JSON's may be of any length."""


class Chat(msgspec.Struct):
    """A private chat, a group or a channel."""

    id: Id
    type: str = ""
    title: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class User(msgspec.Struct):
    """A person or a bot."""

    id: Id
    is_bot: bool = False
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class Origin(msgspec.Struct):
    """Where a forwarded message comes from (MessageOriginChannel is the one we need)."""

    type: str = ""
    chat: Chat | None = None
    message_id: Id | None = None


class File(msgspec.Struct):
    """Any file: photo size, video, voice, document… `file_id` fetches it through getFile, for this bot only."""

    file_id: str
    file_size: int | None = None
    mime_type: str | None = None
    file_name: str | None = None


class GeoPoint(msgspec.Struct):
    """A point: degrees, WGS 84."""

    latitude: float
    longitude: float


class Venue(msgspec.Struct):
    """A point with a name and an address."""

    location: GeoPoint
    title: str = ""
    address: str = ""


class Poll(msgspec.Struct):
    """A poll: only its question is words."""

    question: str = ""


class Dice(msgspec.Struct):
    """A rolled emoji."""

    emoji: str = ""


class Message(msgspec.Struct):
    """A message, comment, channel post or service message; null and missing are the same to us."""

    message_id: Id
    chat: Chat
    date: int | None = None
    edit_date: int | None = None
    message_thread_id: Id | None = None
    from_: User | None = msgspec.field(name="from", default=None)
    sender_chat: Chat | None = None
    author_signature: str | None = None
    is_automatic_forward: bool | None = None
    forward_origin: Origin | None = None
    reply_to_message: Message | None = None
    media_group_id: str | None = None
    text: str | None = None
    caption: str | None = None
    photo: list[File] | None = None
    video: File | None = None
    animation: File | None = None
    audio: File | None = None
    voice: File | None = None
    video_note: File | None = None
    document: File | None = None
    sticker: File | None = None
    location: GeoPoint | None = None
    venue: Venue | None = None
    contact: dict[str, msgspec.Raw] | None = None
    poll: Poll | None = None
    dice: Dice | None = None


class ReactionType(msgspec.Struct):
    """An emoji, a custom emoji or a paid star."""

    type: str = ""
    emoji: str = ""
    custom_emoji_id: str = ""


class MessageReaction(msgspec.Struct):
    """Who changed the reaction to a message, from what, to what."""

    chat: Chat
    message_id: Id
    date: int | None = None
    user: User | None = None
    actor_chat: Chat | None = None
    old_reaction: list[ReactionType] = []
    new_reaction: list[ReactionType] = []


class ReactionCount(msgspec.Struct):
    """How many chose one reaction."""

    type: ReactionType
    total_count: int = 0


class MessageReactionCount(msgspec.Struct):
    """The totals under a message where the people are hidden."""

    chat: Chat
    message_id: Id
    date: int | None = None
    reactions: list[ReactionCount] = []


class Member(msgspec.Struct):
    """The state of somebody in a chat: administrator, member, kicked…"""

    status: str = ""


class MemberChange(msgspec.Struct):
    """A change of somebody's membership (ours in `my_chat_member`)."""

    chat: Chat
    from_: User | None = msgspec.field(name="from", default=None)
    date: int | None = None
    new_chat_member: Member | None = None


SERVICE_FIELDS = frozenset(
    {
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id",
        "migrate_from_chat_id", "pinned_message", "message_auto_delete_timer_changed", "boost_added",
        "chat_background_set", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "chat_owner_left",
        "chat_owner_changed", "connected_website", "write_access_allowed", "users_shared", "chat_shared",
        "direct_message_price_changed", "paid_message_price_changed", "proximity_alert_triggered",
    }
)  # fmt: skip
"""Messages with one of these are Telegram's own notes in a chat, not somebody's words."""
