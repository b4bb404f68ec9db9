"""VK: what the API's methods return, as far as we read it."""

from __future__ import annotations

import msgspec

from otklik.connectors.vk.api import ApiError


class CreatedComment(msgspec.Struct):
    """wall.createComment."""

    comment_id: int


class UploadServer(msgspec.Struct):
    """photos.getWallUploadServer and photos.getMessagesUploadServer."""

    upload_url: str


class UploadedPhoto(msgspec.Struct):
    """What the upload's own server answers."""

    server: int
    photo: str
    hash: str


class SavedPhoto(msgspec.Struct):
    """One of photos.saveWallPhoto and photos.saveMessagesPhoto."""

    id: int
    owner_id: int
    access_key: str = ""


class CreatedPost(msgspec.Struct):
    """wall.post."""

    post_id: int


class SentMessage(msgspec.Struct):
    """messages.send with `peer_ids`: one per person, with its own error."""

    message_id: int = 0
    conversation_message_id: int = 0
    error: SentError | None = None


class SentError(msgspec.Struct):
    """Why one of the people didn't get it."""

    code: int
    description: str = ""

    def as_error(self) -> ApiError:
        """The same in the form of an ordinary error."""
        return ApiError(self.code, self.description)


class HistoryMessage(msgspec.Struct):
    """One message of messages.getHistory."""

    conversation_message_id: int = 0
    from_id: int = 0
    random_id: int = 0
    text: str = ""


class History(msgspec.Struct):
    """messages.getHistory, newest first, and messages.getByConversationMessageId."""

    count: int
    items: list[HistoryMessage]


class WallComment(msgspec.Struct):
    """One comment of wall.getComments or wall.getComment."""

    id: int
    from_id: int = 0
    text: str = ""
    reply_to_comment: int | None = None
    parents_stack: list[int] | None = None


class WallComments(msgspec.Struct):
    """wall.getComments and wall.getComment."""

    items: list[WallComment]
    count: int = 0


class WallPost(msgspec.Struct):
    """One post of wall.get and wall.getById."""

    id: int
    from_id: int = 0
    text: str = ""
    is_deleted: bool | int = False


class Wall(msgspec.Struct):
    """wall.get."""

    items: list[WallPost]


class Community(msgspec.Struct):
    """One of groups.getById."""

    id: int
    name: str = ""


class Communities(msgspec.Struct):
    """groups.getById."""

    groups: list[Community] = []


class Permission(msgspec.Struct):
    """One right of a token."""

    name: str


class Permissions(msgspec.Struct):
    """groups.getTokenPermissions."""

    permissions: list[Permission]


class Code(msgspec.Struct):
    """groups.getCallbackConfirmationCode."""

    code: str


class Server(msgspec.Struct):
    """One callback server."""

    id: int
    title: str = ""
    url: str = ""
    secret_key: str = ""
    status: str = ""


class Servers(msgspec.Struct):
    """groups.getCallbackServers."""

    items: list[Server]


class AddedServer(msgspec.Struct):
    """groups.addCallbackServer."""

    server_id: int


class Settings(msgspec.Struct):
    """groups.getCallbackSettings: which events are on."""

    events: dict[str, int | bool | None] = {}
    api_version: str = ""


class Person(msgspec.Struct):
    """One of users.get."""

    id: int
    first_name: str = ""
    last_name: str = ""
    screen_name: str = ""
    photo_100: str = ""


class LongPollServer(msgspec.Struct):
    """groups.getLongPollServer."""

    key: str
    server: str
    ts: str | int


class LongPollAnswer(msgspec.Struct):
    """What the long poll's server answers: events from `ts` on, or why not (`failed`)."""

    ts: str | int | None = None
    updates: list[msgspec.Raw] = []
    failed: int = 0


class LongPollSettings(msgspec.Struct):
    """groups.getLongPollSettings."""

    is_enabled: bool | int = False
    events: dict[str, int | bool | None] = {}


class _Thread(msgspec.Struct):
    count: int = 0
    items: list[msgspec.Raw] = []


class _Told(msgspec.Struct):
    id: int
    date: int = 0
    deleted: bool | int = False
    thread: _Thread | None = None


class WallCommentsAsTold(msgspec.Struct):
    """wall.getComments, each comment as VK wrote it."""

    items: list[msgspec.Raw]


class WallCommentTold(msgspec.Struct):
    """A comment and those answers to it that came along, each as VK wrote it, with its date."""

    id: int
    told: list[tuple[int, msgspec.Raw]]
    has_more_answers: bool

    @classmethod
    def of(cls, raw: msgspec.Raw) -> WallCommentTold:
        """Read one. Raises msgspec.MsgspecError."""
        first = msgspec.json.decode(raw, type=_Told)
        thread = first.thread or _Thread()
        pairs = [(first, raw), *((msgspec.json.decode(one, type=_Told), one) for one in thread.items)]
        there = [(one.date, as_told) for one, as_told in pairs if not one.deleted]
        return cls(first.id, there, thread.count > len(thread.items))

    def since(self, date: int) -> list[msgspec.Raw]:
        """Return what was written then or later, in Unix seconds."""
        return [raw for written, raw in self.told if written >= date]
