"""VK: what the Callback API sends, as far as we read it.

Source: https://dev.vk.com/api/callback/getting-started and the objects of the API's schema, version 5.199. Fields that
VK documents as optional, or that older versions named differently, are all here: absent is not an error.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from otklik.connectors.base import Malformed

T = TypeVar("T")

Id = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""An id of VK's; communities' are negative among owners. Longer numbers are nobody's."""


class Unexpected(Malformed):
    """Sound JSON, but not what VK documents."""


def read(body: bytes | msgspec.Raw, kind: type[T], what: str) -> T:
    """Return the body as `kind`. Raises Unexpected for other fields, Malformed for what is no JSON at all."""
    # The words of an error quote where and which type, never a resident; a UnicodeDecodeError would carry the body.
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Unexpected(f"vk: not {what}: {error}"[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"vk: not {what} ({type(error).__name__})") from None


class Credentials(msgspec.Struct):
    """The two fields that prove a callback is VK's."""

    secret: str
    group_id: Id


class Envelope(msgspec.Struct):
    """Every callback; `object` is read by `type`."""

    type: str
    group_id: Id
    event_id: str | None = None
    object: msgspec.Raw = msgspec.Raw(b"{}")


class Size(msgspec.Struct):
    """One rendition of a picture."""

    url: str = ""
    width: int = 0
    height: int = 0


class Media(msgspec.Struct):
    """What is inside an attachment of any type: each type fills a part of these."""

    id: Id | None = None
    owner_id: Id | None = None
    access_key: str = ""
    url: str = ""
    title: str = ""
    ext: str = ""
    size: Id | None = None
    sizes: list[Size] = []
    images: list[Size] = []
    link_ogg: str = ""
    link_mp3: str = ""
    sticker_id: Id | None = None
    photo_586: str = ""


class Attached(msgspec.Struct):
    """An attachment: its type, and under the key of the same name what it is."""

    type: str
    photo: Media | None = None
    doc: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    audio_message: Media | None = None
    sticker: Media | None = None
    link: Media | None = None
    graffiti: Media | None = None
    wall: Media | None = None


class Coordinates(msgspec.Struct):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


class Place(msgspec.Struct):
    """A named place."""

    title: str | None = None
    city: str | None = None
    address: str | None = None


class Geo(msgspec.Struct):
    """Where it was written from: messages carry an object, posts a string of two numbers."""

    coordinates: Coordinates | str | None = None
    place: Place | None = None


class Comment(msgspec.Struct):
    """A comment under a post, photo, video, product or in a discussion; a deletion fills only the ids."""

    id: Id
    from_id: Id | None = None
    user_id: Id | None = None
    deleter_id: Id | None = None
    date: Id | None = None
    text: str | None = None
    owner_id: Id | None = None
    post_id: Id | None = None
    post_owner_id: Id | None = None
    photo_id: Id | None = None
    photo_owner_id: Id | None = None
    video_id: Id | None = None
    video_owner_id: Id | None = None
    item_id: Id | None = None
    market_owner_id: Id | None = None
    topic_id: Id | None = None
    topic_owner_id: Id | None = None
    reply_to_comment: Id | None = None
    parents_stack: list[Id] | None = None
    attachments: list[msgspec.Raw] | None = None


class Quoted(msgspec.Struct):
    """A message that another one answers or forwards."""

    text: str | None = None
    conversation_message_id: Id | None = None
    attachments: list[msgspec.Raw] | None = None


class Message(msgspec.Struct):
    """A direct message, theirs or ours."""

    peer_id: Id
    id: Id = 0
    from_id: Id | None = None
    date: Id | None = None
    update_time: Id | None = None
    text: str | None = None
    conversation_message_id: Id | None = None
    random_id: Id | None = None
    admin_author_id: Id | None = None
    attachments: list[msgspec.Raw] | None = None
    fwd_messages: list[Quoted] | None = None
    reply_message: Quoted | None = None
    geo: Geo | None = None
    action: dict[str, object] | None = None


class NewMessage(msgspec.Struct):
    """`message_new` since 5.103."""

    message: Message


class Post(msgspec.Struct):
    """A post on a wall: ours, a resident's, suggested or reposted."""

    id: Id
    owner_id: Id | None = None
    from_id: Id | None = None
    date: Id | None = None
    text: str | None = None
    post_type: str = "post"
    signer_id: Id | None = None
    attachments: list[msgspec.Raw] | None = None
    geo: Geo | None = None
    copy_history: list[Post] | None = None


class Like(msgspec.Struct):
    """`like_add` and `like_remove`."""

    liker_id: Id
    object_type: str
    object_owner_id: Id
    object_id: Id
    post_id: Id | None = None


class MessageReaction(msgspec.Struct):
    """`message_reaction_event`; without `reaction_id` the reaction was taken back."""

    reacted_id: Id
    peer_id: Id
    cmid: Id
    reaction_id: Id | None = None


class Happening(msgspec.Struct):
    """What the remaining events share: whom it is about, and in which conversation."""

    user_id: Id | None = None
    from_id: Id | None = None
    peer_id: Id | None = None
    admin_id: Id | None = None
    join_type: str | None = None


class Thing(msgspec.Struct):
    """The ids that name most objects of a callback."""

    id: Id | None = None
    owner_id: Id | None = None
    post_owner_id: Id | None = None
