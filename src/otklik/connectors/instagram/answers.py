"""Instagram: what the API's calls return, as far as we read it."""

from __future__ import annotations

import msgspec

from otklik.connectors.instagram.payloads import Id, Stamp


class Made(msgspec.Struct):
    """What was made: a comment or a reply."""

    id: Id


class SentMessage(msgspec.Struct):
    """A direct message that was taken."""

    message_id: str
    recipient_id: Id = ""


class Writer(msgspec.Struct):
    """Who wrote."""

    id: Id = ""
    username: str | None = None


class Written(msgspec.Struct):
    """One comment that is read back."""

    id: Id
    text: str | None = None
    timestamp: Stamp | None = None
    parent_id: Id | None = None
    sender: Writer | None = msgspec.field(name="from", default=None)


class Cursors(msgspec.Struct):
    """Where the next page begins."""

    after: str = ""


class Paging(msgspec.Struct):
    """Whether there is more: `next` is an address, of which only that it is there is read."""

    cursors: Cursors | None = None
    next: str = ""


class ListedComment(msgspec.Struct):
    """One comment of a post's list, with the answers to it."""

    id: Id
    text: str | None = None
    timestamp: Stamp | None = None
    sender: Writer | None = msgspec.field(name="from", default=None)
    replies: ListedComments | None = None


class ListedComments(msgspec.Struct):
    """A page of comments of a post, or of answers of a comment, the newest first."""

    data: list[ListedComment]
    paging: Paging | None = None


class ListedPost(msgspec.Struct):
    """One post of the account."""

    id: Id


class ListedMedia(msgspec.Struct):
    """The newest posts of the account."""

    data: list[ListedPost]


class WrittenPage(msgspec.Struct):
    """One page of comments or replies."""

    data: list[Written]
    paging: Paging | None = None


class Conversation(msgspec.Struct):
    """The number of a conversation."""

    id: str


class Conversations(msgspec.Struct):
    """The conversations with one person: one, or none."""

    data: list[Conversation]


class Sent(msgspec.Struct):
    """One message that is read back."""

    id: str
    message: str | None = None
    created_time: Stamp | None = None
    sender: Writer | None = msgspec.field(name="from", default=None)


class SentList(msgspec.Struct):
    """The newest messages of a conversation."""

    data: list[Sent]


class SentPage(msgspec.Struct):
    """A conversation with its newest messages."""

    messages: SentList | None = None


class Me(msgspec.Struct):
    """The account as it calls itself; under Instagram's own login its number is `user_id`."""

    id: Id = ""
    user_id: Id | None = None
    username: str | None = None


class Subscribed(msgspec.Struct):
    """One app that hears of the account, and of which fields."""

    id: Id = ""
    subscribed_fields: list[str] = []


class SubscribedApps(msgspec.Struct):
    """All of them that the token may see: its own."""

    data: list[Subscribed]


class Success(msgspec.Struct):
    """That it was done."""

    success: bool = False


class RenewedToken(msgspec.Struct):
    """A token with a new end."""

    access_token: str
    expires_in: int


class Profile(msgspec.Struct):
    """A person who has written to the account."""

    name: str | None = None
    username: str | None = None


class Container(msgspec.Struct):
    """What becomes of a photo, or of photos together, that Meta is to fetch."""

    status_code: str = ""
    status: str = ""


class QuotaConfig(msgspec.Struct):
    """How many posts a day."""

    quota_total: int = 0


class Quota(msgspec.Struct):
    """How many of them are used."""

    quota_usage: int = 0
    config: QuotaConfig | None = None


class Quotas(msgspec.Struct):
    """The account's limits of publishing."""

    data: list[Quota]


class PublishedPost(msgspec.Struct):
    """One post of the account, read back."""

    id: Id
    caption: str = ""
    timestamp: Stamp | None = None
    permalink: str = ""


class PublishedPage(msgspec.Struct):
    """The newest posts of the account."""

    data: list[PublishedPost]
