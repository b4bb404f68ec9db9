"""Instagram: comments under the account's posts, and words elsewhere that name it."""

from __future__ import annotations

import msgspec

from otklik.connectors.events import Action, Event, EventKind, PostRef, Visibility
from otklik.connectors.instagram.payloads import Comment, Found, Media, Mention, read
from otklik.connectors.instagram.reading import Doubts, Page, clean, number_of, web, words_of

COMMENTS = "comments"
"""The container of every comment: its number is its own whatever post it is told with, and a boosted post has two."""

MENTIONS = "mentions"


def comment_event(page: Page, raw: msgspec.Raw, *, live: bool = False) -> Event:
    """Return a comment. Webhooks tell of new ones only; the same one told twice (a boosted post) is one."""
    comment = read(raw, Comment, "a comment")
    doubts = Doubts()
    number = number_of(comment.id) or number_of(comment.comment_id)
    if not number:
        doubts.add("no number of the comment")
        number = page.key("comment")
    who = comment.sender
    author_id = number_of(who.id) if who is not None else ""
    author = page.author(author_id, (who.username or "") if who is not None else "")
    if author is None:
        doubts.add("no author")
    ours = author_id != "" and who is not None and author_id in {page.account_id, number_of(who.self_ig_scoped_id)}
    media = post_of(comment.media)
    if not media:
        doubts.add("not said what it is under")
    return Event(
        dedup_key=f"comments:{number}",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=page.when(comment.timestamp, doubts),
        container=COMMENTS,
        external_id=number,
        thread_key=f"media:{media}",
        author=author,
        text=words_of(comment.text, doubts),
        post=PostRef(media) if media else None,
        parent_external_id=number_of(comment.parent_id),
        is_echo=ours,
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(comment.media, live=live),
    )


def post_of(media: Media | None) -> str:
    """Return the post that people know: of a boosted one the original."""
    return (number_of(media.original_media_id) or number_of(media.id)) if media is not None else ""


def mention_event(page: Page, raw: msgspec.Raw) -> Event:
    """Return where somebody named us. The webhook tells numbers only: then the event asks to be looked up.

    What was looked up comes in the same shape with the words beside the numbers (lookups.py), and is a mention.
    """
    mention = read(raw, Mention, "a mention")
    media, comment = number_of(mention.media_id), number_of(mention.comment_id)
    found = mention.mentioned_comment or mention.mentioned_media
    if found is None and mention.unread is None:
        return _to_look_up(page, media, comment)
    doubts = Doubts()
    if found is None:
        doubts.add(f"its words can't be read: {clean(mention.unread, 200)}")
        found = Found()
    number = number_of(f"{media}_{comment}" if comment else media)
    name = clean(found.username, 60)
    author = page.author(number_of(f"@{name.lower()}") if name else "", name)
    if author is None:
        doubts.add("no author")
    return Event(
        dedup_key=f"mentions:{number}",
        kind=EventKind.MENTION,
        action=Action.CREATED,
        occurred_at=page.when(found.timestamp, doubts),
        container=MENTIONS,
        external_id=number,
        thread_key=f"mention:{media}",
        author=author,
        text=words_of(found.text if comment else found.caption, doubts),
        permalink=web(found.permalink)[:500],
        parse_status=doubts.status,
        note=doubts.note,
    )


def _to_look_up(page: Page, media: str, comment: str) -> Event:
    doubts = Doubts()
    number = f"{media}_{comment}" if comment else media
    at = page.when(None, doubts)
    is_known = media.isdecimal() and (not comment or comment.isdecimal())
    if not is_known:
        doubts.add("not said where we are named")
    return Event(
        dedup_key=f"mentions:{number_of(number)}",
        kind=EventKind.SYSTEM if is_known else EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=at,
        container=MENTIONS,
        external_id=number_of(number) or page.key("mention"),
        visibility=Visibility.PRIVATE,
        look_up=number if is_known else "",
        parse_status=doubts.status,
        note=doubts.note,
    )


def _extra(media: Media | None, *, live: bool) -> dict[str, str]:
    extra = {"live": "yes"} if live else {}
    if media is not None and number_of(media.ad_id):
        extra["boosted"] = "yes"
    if media is not None and media.media_product_type:
        extra["product"] = clean(media.media_product_type, 30)
    return extra
