"""Did the head really say this? A pasted link, quote or text of a screenshot, and what the record knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Count, Q

from otklik.posts.models import Passage, Post, Publication, Revision
from otklik.posts.prose import as_plain
from otklik.posts.quoting import SHORTEST, Comparison, Likeness, Piece, Word, compare, prints_of, words_of

LONGEST = 6000
"""Characters that are looked at; a screenshot has fewer."""
_CANDIDATES = 6


class Finding(StrEnum):
    """What came of it."""

    GENUINE = "genuine"
    PART = "part"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of the words: the revision they come from, and how they differ from it."""

    finding: Finding
    revision: Revision | None = None
    pieces: Sequence[Piece] = ()
    is_link: bool = False

    @property
    def is_current(self) -> bool:
        """Whether the post says these words today."""
        post = self.revision.post if self.revision is not None else None
        return post is not None and post.withdrawn_at is None and self.revision == newest(post)


def look_up(municipality_id: int, pasted: str) -> Answer:
    """Say what is known of a pasted link or text. Five queries at most."""
    tidy = pasted.strip()
    if len(tidy) > LONGEST:
        tidy = tidy[:LONGEST].rpartition(" ")[0]  # half a word would look like a changed one
    if _is_link(tidy):
        return _by_link(municipality_id, tidy)
    quote = words_of(tidy)
    if len(quote) < SHORTEST:
        return Answer(Finding.TOO_SHORT)
    candidates = _candidates(municipality_id, quote)
    held = [(_held(quote, one), one) for one in candidates]
    held.sort(key=lambda pair: (_RANK[pair[0].likeness], pair[0].kept, pair[1].pk), reverse=True)
    if not held or held[0][0].likeness == Likeness.STRANGE:
        return Answer(Finding.UNKNOWN)
    comparison, revision = held[0]
    return Answer(_FINDINGS[comparison.likeness], revision, comparison.pieces)


def newest(post: Post) -> Revision | None:
    """Return the post's present revision."""
    return post.revisions.order_by("-number").first()


_RANK = {Likeness.SAME: 3, Likeness.PART: 1, Likeness.ALTERED: 1, Likeness.STRANGE: 0}
_FINDINGS = {
    Likeness.SAME: Finding.GENUINE,
    Likeness.PART: Finding.PART,
    Likeness.ALTERED: Finding.ALTERED,
    Likeness.STRANGE: Finding.UNKNOWN,
}


def _candidates(municipality_id: int, quote: Sequence[Word]) -> list[Revision]:
    alike = (
        Passage.objects.filter(municipality=municipality_id, print__in=prints_of(quote))
        .values("revision")
        .annotate(shared=Count("id"))
        .order_by("-shared", "-revision")
        .values_list("revision", flat=True)
    )
    ids = list(alike[:_CANDIDATES])
    found = Revision.objects.filter(pk__in=ids).select_related("post", "author", "entry__key")
    return list(found.prefetch_related("variants"))


def _held(quote: Sequence[Word], revision: Revision) -> Comparison:
    """Compare with the revision, or with what it said in one network only, whichever the quote is nearer to."""
    said = [compare(quote, words_of(revision.title), words_of(as_plain(revision.text)))]
    said += [compare(quote, (), words_of(as_plain(own.text))) for own in revision.variants.all() if own.text]
    return max(said, key=lambda one: (_RANK[one.likeness], one.kept))


def _is_link(text: str) -> bool:
    return text.startswith(("http://", "https://")) and not any(char.isspace() for char in text)


def _by_link(municipality_id: int, link: str) -> Answer:
    try:
        parts = urlsplit(link)
    except ValueError:
        return Answer(Finding.UNKNOWN, is_link=True)
    posts = Post.objects.filter(municipality=municipality_id)
    home = urlsplit(settings.ENVIRONMENT.public_url)
    if parts.netloc.lower() == home.netloc.lower():
        kind, _, slug = unquote(parts.path).strip("/").partition("/")
        post = posts.filter(slug=slug.split("/")[0].removesuffix(".json")).first() if kind == "posts" else None
    else:
        bare = link.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].rstrip("/")
        there = Publication.objects.filter(Q(permalink=link) | Q(permalink=bare), municipality=municipality_id)
        post = posts.filter(pk__in=there.exclude(permalink="").values("post")).first()
    revision = newest(post) if post is not None else None
    if revision is None:
        return Answer(Finding.UNKNOWN, is_link=True)
    return Answer(Finding.GENUINE, revision, is_link=True)
