"""MAX: what the API's methods return, as far as we read it."""

from __future__ import annotations

import msgspec

from otklik.connectors.max.payloads import Id, Message


class Problem(msgspec.Struct):
    """Why MAX refused."""

    code: str = ""
    message: str = ""


class Done(msgspec.Struct):
    """What a method says that makes nothing."""

    success: bool = False
    message: str | None = None


class Published(msgspec.Struct):
    """A message or comment that was made."""

    message: Message


class Messages(msgspec.Struct):
    """GET /messages, newest first."""

    messages: list[Message]


class Comments(msgspec.Struct):
    """GET /messages/{mid}/comments. MAX's text names the list now so, now otherwise."""

    comments: list[Message] | None = None
    messages: list[Message] | None = None

    @property
    def all(self) -> list[Message]:
        """The comments, however the list was named."""
        return self.comments if self.comments is not None else self.messages or []


class Me(msgspec.Struct):
    """GET /me."""

    user_id: Id
    first_name: str | None = None
    username: str | None = None


class Chat(msgspec.Struct):
    """GET /chats/{id}."""

    chat_id: Id
    type: str = ""
    title: str | None = None


class Membership(msgspec.Struct):
    """GET /chats/{id}/members/me."""

    is_admin: bool = False
    is_owner: bool = False
    permissions: list[str] | None = None


class Subscription(msgspec.Struct):
    """One address that MAX delivers to."""

    url: str = ""
    update_types: list[str] | None = None


class Subscriptions(msgspec.Struct):
    """GET /subscriptions."""

    subscriptions: list[Subscription]


class UploadPlace(msgspec.Struct):
    """POST /uploads: where the file goes."""

    url: str


class UploadedPhoto(msgspec.Struct):
    """One rendition."""

    token: str = ""


class Uploaded(msgspec.Struct):
    """What the upload's own server answers: a token, or one for each rendition of a picture."""

    token: str = ""
    photos: dict[str, UploadedPhoto] | None = None

    @property
    def best(self) -> str:
        """The token by which a message names the file; empty if there is none."""
        return self.token or next((one.token for one in (self.photos or {}).values() if one.token), "")
