"""Instagram's own export of an account ("Download your information", JSON), as posts, words and letters.

What it holds and what not: the account's posts and reels with their captions and files, its own comments, its direct
messages with both sides' names, counts of followers and of what posts brought. Other people's comments under the posts
are not in it; those come by the API. Folders were renamed several times, so files are known by their own names.
Shapes: what "Download your information" has given since 2021, seen in public readers of it [G].
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from otklik.common.text import storable
from otklik.connectors.instagram.box import Box, NotReadable

_POSTS = re.compile(r"(?:posts|reels|igtv_videos)(?:_\d+)?\.json")
_LETTERS = re.compile(r"message_\d+\.json")
_COMMENTS = re.compile(r"(?:post|reels|media)_comments(?:_\d+)?\.json")
_FOLLOWERS = re.compile(r"followers(?:_\d+)?\.json")
_STORIES = re.compile(r"stories(?:_\d+)?\.json")
_HTML = re.compile(r"(?:posts_\d+|message_\d+|start_here)\.html")
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic"})
_COUNTS = {
    "likes": ("Likes", "Нравится", "Отметки «Нравится»", 'Отметки "Нравится"'),
    "comments": ("Comments", "Комментарии"),
    "views": ("Impressions", "Views", "Показы", "Просмотры", "Plays"),
}
_EARLIEST = datetime(2010, 10, 1, tzinfo=UTC)
"""Instagram began then: an earlier moment is a slip."""


@dataclass(frozen=True, slots=True)
class OldPost:
    """One post or reel. `key` is the same in every export of the account; `pictures` are names in the box."""

    key: str
    text: str
    at: datetime
    pictures: tuple[str, ...] = ()
    has_video: bool = False
    missing: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OldWords:
    """One direct message, or one comment of the account itself. `thread` names the conversation within the export."""

    key: str
    thread: str
    author: str
    text: str
    at: datetime
    is_ours: bool = False
    is_comment: bool = False


@dataclass(slots=True)
class Told:
    """What was found besides: followers, and what could not be read, a sentence each."""

    followers: int = 0
    stories: int = 0
    broken: list[str] = field(default_factory=list)


class Archive:
    """An export in an opened box. Its lists are read one file at a time, so memory holds the largest of them."""

    def __init__(self, box: Box) -> None:
        """Look at the names alone. Raises NotReadable where this is no JSON export of an account."""
        self._box, self.told = box, Told()
        names = box.names()
        self._by_base: dict[str, list[str]] = {}
        for name in names:
            self._by_base.setdefault(_base(name), []).append(name)
        self._posts = [name for name in names if _POSTS.fullmatch(_base(name)) and "insights" not in name]
        self._letters = [name for name in names if _LETTERS.fullmatch(_base(name)) and "/inbox/" in f"/{name}"]
        self._comments = [name for name in names if _COMMENTS.fullmatch(_base(name))]
        self._insights = [name for name in names if "insights" in name and name.endswith(".json")]
        self._others = [name for name in names if _FOLLOWERS.fullmatch(_base(name)) or _STORIES.fullmatch(_base(name))]
        if not (self._posts or self._letters):
            raise NotReadable(_why_not(names))

    def posts(self) -> Iterator[OldPost]:
        """Yield posts and reels, as they lie in the files. What can't be read is told in `told.broken`."""
        counts = self._counts()
        for name in self._posts:
            for entry in _entries(self._read(name)):
                post = self._post(entry, counts)
                if post is not None:
                    yield post

    def words(self, owner: str) -> Iterator[OldWords]:
        """Yield direct messages and own comments; `owner` is the account's name, as it signs its messages."""
        for name in self._letters:
            thread = PurePosixPath(name).parent.name
            for entry in _listed(_dict(self._read(name)).get("messages")):
                if (one := _letter(entry, thread, owner)) is not None:
                    yield one
        for name in self._comments:
            yield from _own_comments(self._read(name), owner)

    def owner(self) -> str:
        """Return the name that takes part in most conversations: the account's own; empty where there are none."""
        seen: dict[str, set[str]] = {}
        for name in self._letters[:200]:
            for one in _listed(_dict(self._read(name)).get("participants")):
                seen.setdefault(mended(_dict(one).get("name")), set()).add(PurePosixPath(name).parent.name)
        if not seen:
            return ""
        most = max(len(threads) for threads in seen.values())
        leading = sorted(name for name, threads in seen.items() if len(threads) == most)
        return leading[0] if len(leading) == 1 else ""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file that a post names, in pieces. Raises NotReadable."""
        return self._box.chunks(name)

    def look_at_the_rest(self) -> None:
        """Count followers and stories into `told`."""
        for name in self._others:
            found = self._read(name)
            if _FOLLOWERS.fullmatch(_base(name)):
                self.told.followers += len(_listed(found))
            else:
                self.told.stories += len(_listed(_dict(found).get("ig_stories")))

    def _read(self, name: str) -> Any:
        try:
            return json.loads(self._box.read(name))
        except NotReadable as error:
            self.told.broken.append(str(error))
        except (ValueError, RecursionError):
            self.told.broken.append(f"{name} is no JSON: download the archive again")
        return None

    def _counts(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for name in self._insights:
            for entry in _entries(self._read(name)):
                media = next(iter(_dict(_dict(entry).get("media_map_data")).values()), None)
                at = _dict(media).get("creation_timestamp")
                if isinstance(at, int):
                    found[at] = _figures(_dict(_dict(entry).get("string_map_data")))
        return found

    def _post(self, entry: Any, counts: Mapping[int, Mapping[str, int]]) -> OldPost | None:
        media = [one for one in map(_dict, _listed(_dict(entry).get("media"))) if one]
        first = media[0] if media else {}
        stamp = _dict(entry).get("creation_timestamp") or first.get("creation_timestamp")
        at = _moment(stamp)
        if at is None:
            self.told.broken.append("a post without a day was left out")
            return None
        # An album has its words beside its photos, a single photo on itself.
        text = mended(_dict(entry).get("title")) or mended(first.get("title"))
        uris = [str(one.get("uri", "")) for one in media]
        there = [name for uri in uris if (name := self._found(uri))]
        told = "\0".join([str(stamp), *(PurePosixPath(uri).name for uri in uris)])
        return OldPost(
            key=hashlib.sha256(told.encode()).hexdigest()[:32],
            text=text,
            at=at,
            pictures=tuple(name for name in there if PurePosixPath(name).suffix.lower() in _PICTURES),
            has_video=any(uri.lower().endswith((".mp4", ".mov")) for uri in uris),
            missing=len(uris) - len(there),
            counts=counts.get(int(stamp), {}) if isinstance(stamp, int) else {},
        )

    def _found(self, uri: str) -> str | None:
        """Return the file that a list names; some archives have a folder more around everything."""
        same = self._by_base.get(_base(uri), []) if uri else []
        return next((name for name in same if name == uri or name.endswith(f"/{uri}")), None)


def mended(text: Any) -> str:
    """Return a text of the export as it was written: each byte of its UTF-8 stands there as a letter of Latin-1."""
    if not isinstance(text, str):
        return ""
    with suppress(UnicodeEncodeError, UnicodeDecodeError):  # one that was mended already, or by another tool
        text = text.encode("latin-1").decode()
    return storable(text).strip()


def _why_not(names: Sequence[str]) -> str:
    if any(_HTML.fullmatch(_base(name)) for name in names):
        return "this is the export for reading (HTML): ask Instagram for it again in the format JSON"
    return "no posts and no messages are in it: choose the archive that Instagram gave you, in the format JSON"


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(found: Any) -> list[Any]:
    """Return the list of a file: bare, or under the one name that it has there."""
    if isinstance(found, dict):
        return next((value for value in found.values() if isinstance(value, list)), [])
    return _listed(found)


def _moment(stamp: Any, per_second: int = 1) -> datetime | None:
    if not isinstance(stamp, int) or isinstance(stamp, bool):
        return None
    try:
        at = datetime.fromtimestamp(stamp / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at >= _EARLIEST else None


def _figures(told: Mapping[str, Any]) -> dict[str, int]:
    named = {mended(name): mended(_dict(value).get("value")) for name, value in told.items()}
    found = {}
    for count, labels in _COUNTS.items():
        digits = next((re.sub(r"\D", "", named[label]) for label in labels if label in named), "")
        if digits and len(digits) < 12:
            found[count] = int(digits)
    return found


def _letter(entry: Any, thread: str, owner: str) -> OldWords | None:
    told = _dict(entry)
    author, text, at = (
        mended(told.get("sender_name")),
        mended(told.get("content")),
        _moment(told.get("timestamp_ms"), 1000),
    )
    if at is None:
        return None
    if not text and any(told.get(kind) for kind in ("photos", "videos", "audio_files", "share")):
        text = mended(_dict(told.get("share")).get("link")) or "📎"
    if not text:
        return None
    named = "\0".join([thread, str(told.get("timestamp_ms")), author, text])
    key = hashlib.sha256(named.encode()).hexdigest()[:32]
    return OldWords(key, thread[:100], author, text, at, is_ours=bool(owner) and author == owner)


def _own_comments(found: Any, owner: str) -> Iterator[OldWords]:
    for entry in _entries(found):
        told = _dict(_dict(entry).get("string_map_data"))
        fields = list(map(_dict, told.values()))
        text = mended(_dict(told.get("Comment")).get("value")) or (mended(fields[0].get("value")) if fields else "")
        stamps = [one.get("timestamp") for one in fields if one.get("timestamp")]
        at = _moment(stamps[0]) if stamps else None
        if at is None or not text:
            continue
        whose = mended(_dict(told.get("Media Owner")).get("value")) or "?"
        key = hashlib.sha256(f"comment\0{stamps[0]}\0{text}".encode()).hexdigest()[:32]
        yield OldWords(key, f"comments-{whose}"[:100], owner, text, at, is_ours=True, is_comment=True)
