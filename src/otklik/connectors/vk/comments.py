"""VK: comments under posts, photos, videos, products and in discussions."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.connectors.events import Action, Author, Event, EventKind, PostRef
from otklik.connectors.vk.attachments import attachments_of
from otklik.connectors.vk.payloads import Comment, read
from otklik.connectors.vk.reading import Callback, Doubts, read_instant, read_mentions, read_text

ACTIONS = {
    "new": Action.CREATED,
    "edit": Action.EDITED,
    "delete": Action.DELETED,
    "restore": Action.RESTORED,
}


@dataclass(frozen=True, slots=True)
class Family:
    """Where one sort of comments lives: the prefix of VK's address, and the fields that hold owner and object."""

    prefix: str
    owners: tuple[str, ...]
    things: tuple[str, ...]
    reply: str


FAMILIES = {
    "wall_reply": Family("wall", ("owner_id", "post_owner_id"), ("post_id",), "reply"),
    "photo_comment": Family("photo", ("photo_owner_id", "owner_id"), ("photo_id",), "reply"),
    "video_comment": Family("video", ("video_owner_id", "owner_id"), ("video_id",), "reply"),
    "market_comment": Family("market", ("market_owner_id", "owner_id"), ("item_id", "photo_id"), "reply"),
    "board_post": Family("topic", ("topic_owner_id", "owner_id"), ("topic_id",), "post"),
}
_PAGES = {"market": "product"}


def is_comment(kind: str) -> bool:
    """Return whether VK's type is about a comment, whatever it hangs on."""
    family, _, verb = kind.rpartition("_")
    return family in FAMILIES and verb in ACTIONS


def comment_event(callback: Callback) -> Event:
    """Return what was done to a comment. A deletion knows only the ids; its author is whose words went."""
    name, _, verb = callback.kind.rpartition("_")
    family, action = FAMILIES[name], ACTIONS[verb]
    comment = read(callback.envelope.object, Comment, "a comment")
    doubts = Doubts([])
    created, deleted = action is Action.CREATED, action is Action.DELETED
    owner = _first(comment, family.owners) or callback.owner_id
    container, page = _place(family, owner, _first(comment, family.things), doubts)
    author_id = comment.user_id if deleted else comment.from_id
    written_at = callback.hook.received_at if deleted else read_instant(comment.date, callback.hook.received_at, doubts)
    files, understood = attachments_of(comment.attachments)
    if not understood:
        doubts.add("an attachment not understood")
    return Event(
        dedup_key=f"{callback.kind}:{owner}:{comment.id}" if created else callback.key,
        kind=EventKind.COMMENT,
        action=action,
        occurred_at=written_at if created else callback.hook.received_at,
        container=container,
        external_id=str(comment.id),
        external_version=0 if created else callback.version,
        thread_key=container,
        author=_author(callback, author_id, doubts, expected=not deleted),
        text=read_text(comment.text, doubts),
        post=PostRef(f"{owner}_{comment.post_id}", page) if _is_of_post(name, comment) else None,
        parent_external_id=parent_of(comment.reply_to_comment, comment.parents_stack),
        attachments=files,
        permalink=f"{page}?{family.reply}={comment.id}",
        is_echo=callback.is_ours(author_id),
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(callback, comment, created=created),
    )


def parent_of(reply_to_comment: int | None, parents_stack: list[int] | None) -> str:
    """Return the id of the comment that another answers, or nothing for one under the post itself."""
    if reply_to_comment:
        return str(reply_to_comment)
    return str(parents_stack[-1]) if parents_stack else ""


def _place(family: Family, owner: int, thing: int | None, doubts: Doubts) -> tuple[str, str]:
    if thing is None:
        doubts.add("not said what it is under")
    name = f"{owner}" if thing is None else f"{owner}_{thing}"
    return f"{family.prefix}{name}", f"https://vk.com/{_PAGES.get(family.prefix, family.prefix)}{name}"


def _first(comment: Comment, fields: tuple[str, ...]) -> int | None:
    found = (getattr(comment, field) for field in fields)
    value: int | None = next((one for one in found if one is not None), None)
    return value


def _is_of_post(name: str, comment: Comment) -> bool:
    return name == "wall_reply" and comment.post_id is not None


def _author(callback: Callback, vk_id: int | None, doubts: Doubts, *, expected: bool) -> Author | None:
    author = callback.author(vk_id)
    if author is None and expected:
        doubts.add("no author")
    return author


def _extra(callback: Callback, comment: Comment, *, created: bool) -> dict[str, str]:
    extra = read_mentions(comment.text, callback.envelope.group_id)
    if comment.deleter_id:
        extra["deleter_id"] = str(comment.deleter_id)
    if comment.date and not created:
        extra["written_at"] = str(comment.date)
    return extra
