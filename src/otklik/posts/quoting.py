"""Whether words are the head's: a quote, or the text of a screenshot, held against what was published.

Comparing is by words: case, ё, quotes, dashes between words and line breaks mean nothing, every letter, digit, sign and
the order mean everything. Candidates come from kept prints: hashes of three words in a row, thinned so that any four
equal words share one (winnowing), and a quote of any length costs one indexed query.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_SHINGLE = 3
_WINDOW = 2
SHORTEST = 4
"""Words: anybody might have said three in a row."""
_ENOUGH = 6
"""Words in a row that are hardly met by chance."""
_EDGE = 5
"""So many words at an end of a quote may be a change of it; more are what stands around it."""
_MOST_PAIRS = 200_000
"""Equal words of two texts, each with each: an honest quote of the longest post has some ten thousand."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_WORD = re.compile(
    r"(?<!\w)[+\-−]?(?:\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:[.,:/]\d+)*(?:\s?[%‰°])?|\w+(?:[-'’]\w+)*|[%№$€₽]"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as it is compared, and as it stands there."""

    key: str
    shown: str


class Likeness(StrEnum):
    """How words compare with what was published."""

    SAME = "same"
    PART = "part"
    """What was published is among them, and something else too."""
    ALTERED = "altered"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of a comparison: `same` in both, only in the quote (`added`), or only published (`left_out`)."""

    sort: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of holding words against a text; `kept` counts the words they share."""

    likeness: Likeness
    kept: int
    pieces: Sequence[Piece] = ()


def words_of(text: str) -> list[Word]:
    """Return the words of a text."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return [Word(_key(found.group()), found.group()) for found in _WORD.finditer(plain)]


def prints_of(words: Sequence[Word]) -> set[int]:
    """Return the prints of words: signed 64-bit numbers, none for fewer than three words."""
    shingles = [
        _print(" ".join(word.key for word in words[at : at + _SHINGLE])) for at in range(len(words) - _SHINGLE + 1)
    ]
    return {min(shingles[at : at + _WINDOW]) for at in range(max(1, len(shingles) - _WINDOW + 1)) if shingles}


def compare(quote: Sequence[Word], title: Sequence[Word], text: Sequence[Word]) -> Comparison:
    """Hold a quote against a post. Its headline may stand apart from the text, as it does on a screenshot."""
    before, after = _without(quote, title)
    parts = [part for part in (before, after) if part]
    if not parts:
        return Comparison(Likeness.SAME, len(quote), [Piece("same", _shown(quote))])
    found = [_against(part, text) for part in parts]
    if len(parts) == 1 and len(parts[0]) == len(quote):
        return found[0]
    headline = Piece("same", _shown(title))
    pieces = [*(found[0].pieces if before else ()), headline, *(found[-1].pieces if after else ())]
    kept = len(title) + sum(one.kept for one in found)
    if any(one.likeness == Likeness.ALTERED for one in found):
        return Comparison(Likeness.ALTERED, kept, pieces)
    whole = all(one.likeness == Likeness.SAME for one in found)
    return Comparison(Likeness.SAME if whole else Likeness.PART, kept, pieces)


def differences(old: str, new: str) -> list[Piece]:
    """Return what became of a text, word by word; nothing where only signs between words changed."""
    pieces, _kept = _pieces(words_of(new), words_of(old))
    return pieces if any(piece.sort != "same" for piece in pieces) else []


def _against(quote: Sequence[Word], text: Sequence[Word]) -> Comparison:
    ours, theirs = [word.key for word in text], [word.key for word in quote]
    blocks = [block for block in _matcher(theirs, ours).get_matching_blocks() if block.size]
    solid = [block for block in blocks if block.size >= _SHINGLE]
    if not solid:
        return Comparison(Likeness.STRANGE, 0, [Piece("added", _shown(quote))])
    first, last = solid[0], solid[-1]
    start, end = first.a, last.a + last.size
    if _is_change(theirs[:start], ours[max(0, first.b - start) : first.b]):
        start = 0
    if _is_change(theirs[end:], ours[last.b + last.size : last.b + last.size + len(quote) - end]):
        end = len(quote)
    from_ = max(0, first.b - (first.a - start))
    to = min(len(text), last.b + last.size + (end - last.a - last.size))
    # A word may have been left out beside the edge: then the edge's own word stands a little further out.
    if start < first.a and theirs[start] in (nearby := ours[max(0, from_ - _SHINGLE) : from_]):
        from_ -= len(nearby) - nearby.index(theirs[start])
    if end > last.a + last.size and theirs[end - 1] in (nearby := ours[to : to + _SHINGLE]):
        to += nearby.index(theirs[end - 1]) + 1
    return _judged(quote, text, (start, end), (from_, to))


def _is_change(rest: Sequence[str], published: Sequence[str]) -> bool:
    """Whether words left over at an end of a quote stand in the place of published ones, and not just around them."""
    return bool(published) and (len(rest) <= 2 or (len(rest) <= _EDGE and not set(rest).isdisjoint(published)))


def _judged(quote: Sequence[Word], text: Sequence[Word], core: tuple[int, int], span: tuple[int, int]) -> Comparison:
    inside, published = quote[core[0] : core[1]], text[span[0] : span[1]]
    middle, kept = _pieces(inside, published)
    around = [Piece("added", _shown(part)) for part in (quote[: core[0]], quote[core[1] :])]
    pieces = [piece for piece in (around[0], *middle, around[1]) if piece.text]
    if len(middle) > 1:
        likeness = Likeness.ALTERED if 2 * kept >= len(inside) else Likeness.STRANGE
    elif kept == len(quote):
        likeness = Likeness.SAME
    else:
        enough = kept >= _ENOUGH or (kept >= SHORTEST and 2 * kept >= len(quote))
        likeness = Likeness.PART if enough else Likeness.STRANGE
    return Comparison(likeness, kept, pieces)


def _pieces(quote: Sequence[Word], text: Sequence[Word]) -> tuple[list[Piece], int]:
    """Return the runs of a comparison, and how many words are the same."""
    matcher = _matcher([word.key for word in quote], [word.key for word in text])
    pieces, kept = [], 0
    for step, a, b, c, d in matcher.get_opcodes():
        if step == "equal":
            pieces.append(Piece("same", _shown(quote[a:b])))
            kept += b - a
            continue
        pieces += [Piece("left_out", _shown(text[c:d]))] if d > c else []
        pieces += [Piece("added", _shown(quote[a:b]))] if b > a else []
    return pieces, kept


def _matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """Return the comparer of two texts; what repeats itself without end is compared coarsely, never for minutes."""
    counts = Counter(other)
    pairs = sum(counts[key] for key in one)
    return SequenceMatcher(None, one, other, autojunk=pairs > _MOST_PAIRS)


def _without(quote: Sequence[Word], title: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    """Return what stands before and after the headline; all of it before, if the headline isn't there as a whole."""
    keys, wanted = [word.key for word in quote], [word.key for word in title]
    for at in range(len(keys) - len(wanted) + 1) if wanted else ():
        if keys[at : at + len(wanted)] == wanted:
            return quote[:at], quote[at + len(wanted) :]
    return quote, ()


def _shown(words: Sequence[Word]) -> str:
    return " ".join(word.shown for word in words)


def _key(word: str) -> str:
    return word.casefold().replace("ё", "е").replace("−", "-").replace("’", "'").replace(" ", "")


def _print(shingle: str) -> int:
    return int.from_bytes(hashlib.blake2b(shingle.encode(), digest_size=8).digest(), "big", signed=True)
